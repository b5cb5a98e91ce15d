//! Runge-Kutta-Legendre steps of second order: many cheap explicit stages make one long stable step.
//!
//! With s stages the step may be `(s^2 + s - 2) / 4` times the explicit limit (Meyer, Balsara and Aslam, J. Comput. Phys.
//! 257 (2014) 594, eqs. 16-19):
//! `Y_1 = Y_0 + m1 dt L(Y_0)`, `Y_j = mu Y_{j-1} + nu Y_{j-2} + (1 - mu - nu) Y_0 + m dt L(Y_{j-1}) + gamma dt L(Y_0)`.

/// The numbers of one stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Stage {
    pub(super) mu: f64,
    pub(super) nu: f64,
    /// Weight of the newest rate times the step. Unit: s.
    pub(super) rate_s: f64,
    /// Weight of the first rate times the step. Unit: s.
    pub(super) first_rate_s: f64,
    /// Share of the step at which the newest rate is taken.
    pub(super) taken_at: f64,
}

impl Stage {
    /// The same combination for a quantity that is zero at the beginning of the step.
    pub(super) fn sum(&self, newest: f64, before: f64, rate: f64, first_rate: f64) -> f64 {
        self.mu * newest + self.nu * before + self.rate_s * rate + self.first_rate_s * first_rate
    }
}

/// Part of the stable step that is used; the bound on the fastest mode is itself on the safe side.
const SAFETY: f64 = 0.95;

/// Stages needed for a step; odd, at least 3. `fastest_per_s` is the largest eigenvalue of the diffusion.
pub(super) fn stage_count(step_s: f64, fastest_per_s: f64) -> usize {
    // Explicit limit 2 / lambda; step <= SAFETY limit (s^2 + s - 2) / 4.
    let ratio = step_s * fastest_per_s / (2.0 * SAFETY);
    let s = (0.5 * ((9.0 + 16.0 * ratio).sqrt() - 1.0)).ceil().max(3.0) as usize;
    s | 1
}

/// The stages of one step.
pub(super) fn stages(count: usize, step_s: f64) -> Vec<Stage> {
    let s = count as f64;
    let w = 4.0 / (s * s + s - 2.0);
    let b = |j: usize| {
        if j < 2 {
            return 1.0 / 3.0;
        }
        let j = j as f64;
        (j * j + j - 2.0) / (2.0 * j * (j + 1.0))
    };
    let first = Stage { mu: 1.0, nu: 0.0, rate_s: b(1) * w * step_s, first_rate_s: 0.0, taken_at: 0.0 };
    let mut list = vec![first];
    let (mut before, mut at) = (0.0, b(1) * w);
    for j in 2..=count {
        let n = j as f64;
        let mu = (2.0 * n - 1.0) / n * b(j) / b(j - 1);
        let nu = -(n - 1.0) / n * b(j) / b(j - 2);
        let rate = mu * w;
        let first_rate = -(1.0 - b(j - 1)) * rate;
        list.push(Stage { mu, nu, rate_s: rate * step_s, first_rate_s: first_rate * step_s, taken_at: at });
        (before, at) = (at, mu * at + nu * before + rate + first_rate);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One step of dy/dt = -lambda y from 1.
    fn decay(count: usize, lambda_step: f64) -> f64 {
        let list = stages(count, 1.0);
        let rate0 = -lambda_step;
        let (mut before, mut y) = (1.0, 1.0 + list[0].rate_s * rate0);
        for stage in &list[1..] {
            let rest = 1.0 - stage.mu - stage.nu;
            let next = rest + stage.sum(y, before, -lambda_step * y, rate0);
            (before, y) = (y, next);
        }
        y
    }

    #[test]
    fn a_step_is_of_second_order() {
        let error = |step: f64| (decay(5, step) - (-step).exp()).abs();
        // Halving the step divides a third-order local error by about 8.
        let ratio = error(0.2) / error(0.1);
        assert!((6.0..10.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_step_damps_every_mode_up_to_the_limit() {
        for count in [3, 5, 9, 21] {
            let s = count as f64;
            let limit = 0.5 * (s * s + s - 2.0);
            for n in 1..=200 {
                let y = decay(count, limit * f64::from(n) / 200.0);
                assert!(y.abs() <= 1.0 + 1e-12, "{count} stages, mode {n}: {y}");
            }
        }
    }

    #[test]
    fn stages_are_as_many_as_the_step_needs() {
        assert_eq!(stage_count(0.001, 1.0), 3);
        // 100 s at 1 per s: s^2 + s - 2 >= 4 x 100 / (2 x 0.95) = 210.5, s = 14.1, so 15.
        assert_eq!(stage_count(100.0, 1.0), 15);
    }

    #[test]
    fn the_last_stage_ends_at_the_end_of_the_step() {
        let list = stages(9, 1.0);
        // dy/dt = 1 from 0 reaches the length of the step.
        let (mut before, mut y) = (0.0, list[0].rate_s);
        for stage in &list[1..] {
            (before, y) = (y, stage.sum(y, before, 1.0, 1.0));
        }
        assert!((y - 1.0).abs() < 1e-12);
        assert!(list.iter().all(|s| (0.0..1.0).contains(&s.taken_at)));
    }
}
