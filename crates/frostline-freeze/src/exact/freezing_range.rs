//! V4: freezing over a range of temperatures, in a half-space and around a line sink.
//!
//! With `eta = x / (2 sqrt t)` (x the depth, m = 0, or the distance from the line, m = 1) heat obeys
//! `(eta^m k T')' = -2 C eta^{m+1} T'`. Frozen and unfrozen medium have the closed solutions in erf or E1. Within the range
//! `q = eta^m k T'` and `eta` are found as functions of the temperature, `d eta/dT = eta^m k/q`, `dq/dT = -2 C eta^{m+1}`,
//! by Runge and Kutta's method; then the conductivity may be any function of temperature. The closed form of the constant
//! mean conductivity (after Cho and Sunderland for the half-space; Ozisik and Uzzell, J. Heat Transfer 101 (1979) 331, for
//! the line) is met to ten digits, which is how the integration is tested.

use std::f64::consts::PI;

use super::half_space::TwoPhase;
use super::special::{e1, erf, erfc, root};

/// How the conductivity goes from frozen to unfrozen within the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeConductivity {
    /// The mean of both throughout, as in the textbooks.
    Mean,
    /// Linear in temperature from one to the other.
    Linear,
}

/// A medium that freezes from `medium.freezing_c` down to `ends_c`; the share of ice is linear in temperature and the
/// sensible heat capacity within the range the mean of both. SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangeMedium {
    /// What it is made of; freezing starts at its `freezing_c`.
    pub medium: TwoPhase,
    /// Where freezing ends. Unit: °C.
    pub ends_c: f64,
    /// Between the two.
    pub conductivity: RangeConductivity,
}

impl RangeMedium {
    /// Heat capacity within the range, latent heat included. Unit: J/(m3 K).
    pub(super) fn capacity(&self) -> f64 {
        let m = &self.medium;
        0.5 * (m.frozen_j_per_m3_k + m.liquid_j_per_m3_k) + m.latent_j_per_m3 / (m.freezing_c - self.ends_c)
    }

    fn w_per_m_k(&self, celsius: f64) -> f64 {
        let (frozen, liquid) = (self.medium.frozen_w_per_m_k, self.medium.liquid_w_per_m_k);
        let share = match self.conductivity {
            RangeConductivity::Mean => 0.5,
            RangeConductivity::Linear => (celsius - self.ends_c) / (self.medium.freezing_c - self.ends_c),
        };
        frozen + (liquid - frozen) * share
    }
}

/// Half-space or line: the power of eta in the heat equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    HalfSpace,
    Line,
}

impl Form {
    fn power(self, eta: f64) -> f64 {
        match self {
            Form::HalfSpace => 1.0,
            Form::Line => eta,
        }
    }

    /// `q` of the unfrozen medium at the surface where freezing starts.
    fn unfrozen_q(self, m: &TwoPhase, eta: f64) -> f64 {
        let (a, over_k) = (m.liquid_m2_per_s(), m.start_c - m.freezing_c);
        let z = eta * eta / a;
        match self {
            Form::HalfSpace => m.liquid_w_per_m_k * over_k * 2.0 / (PI * a).sqrt() * (-z).exp() / erfc(z.sqrt()),
            Form::Line => 2.0 * m.liquid_w_per_m_k * over_k * (-z).exp() / e1(z),
        }
    }
}

/// One place of the range: temperature, eta and q.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    celsius: f64,
    eta: f64,
    q: f64,
}

/// Steps through the range; the error of fourth order is far below the last digit printed anywhere.
const STEPS: usize = 400;

/// The places of the range from its frozen end; ends early, with a `q` that is not positive, when the heat runs out.
fn through_range(form: Form, range: &RangeMedium, first: Place) -> Vec<Place> {
    let step_k = (range.medium.freezing_c - range.ends_c) / STEPS as f64;
    let capacity = range.capacity();
    let slope = |p: Place| {
        let power = form.power(p.eta);
        (power * range.w_per_m_k(p.celsius) / p.q, -2.0 * capacity * p.eta * power)
    };
    let moved = |p: Place, (eta, q): (f64, f64), by_k: f64| Place {
        celsius: p.celsius + by_k,
        eta: p.eta + by_k * eta,
        q: p.q + by_k * q,
    };
    let mut places = vec![first];
    let mut p = first;
    for n in 1..=STEPS {
        let a = slope(p);
        let b = slope(moved(p, a, 0.5 * step_k));
        let c = slope(moved(p, b, 0.5 * step_k));
        let d = slope(moved(p, c, step_k));
        let mean = ((a.0 + 2.0 * (b.0 + c.0) + d.0) / 6.0, (a.1 + 2.0 * (b.1 + c.1) + d.1) / 6.0);
        p = Place { celsius: range.ends_c + step_k * n as f64, ..moved(p, mean, step_k) };
        places.push(p);
        if !(p.q > 0.0 && p.eta.is_finite()) {
            break;
        }
    }
    places
}

/// Freezing over a range, similar in `x / (2 sqrt t)`.
#[derive(Clone, Debug, PartialEq)]
pub struct FreezingRange {
    range: RangeMedium,
    form: Form,
    /// Wall temperature (°C) of the half-space, strength (W/m) of the line.
    driven_by: f64,
    places: Vec<Place>,
}

impl FreezingRange {
    /// The half-space whose wall is held at `wall_c`, below the range, from time zero.
    pub fn half_space(range: RangeMedium, wall_c: f64) -> Self {
        let m = range.medium;
        let a = m.frozen_m2_per_s();
        let frozen_q = |eta: f64| {
            let z = eta / a.sqrt();
            m.frozen_w_per_m_k * (range.ends_c - wall_c) * 2.0 / (PI * a).sqrt() * (-z * z).exp() / erf(z)
        };
        Self::solved(range, Form::HalfSpace, wall_c, 3.0 * a.sqrt(), frozen_q)
    }

    /// A line that takes `watt_per_m` from time zero.
    pub fn line(range: RangeMedium, watt_per_m: f64) -> Self {
        let a = range.medium.frozen_m2_per_s();
        let frozen_q = |eta: f64| watt_per_m / (2.0 * PI) * (-eta * eta / a).exp();
        Self::solved(range, Form::Line, watt_per_m, 2.0 * a.sqrt(), frozen_q)
    }

    /// Finds where freezing ends so that the heat that leaves the range at its warm end is what the unfrozen medium gives.
    fn solved(range: RangeMedium, form: Form, driven_by: f64, most: f64, frozen_q: impl Fn(f64) -> f64) -> Self {
        let from = |eta: f64| through_range(form, &range, Place { celsius: range.ends_c, eta, q: frozen_q(eta) });
        let surplus = |eta: f64| {
            // The first place is always there.
            let last = *from(eta).last().expect("a first place");
            if last.q > 0.0 { last.q - form.unfrozen_q(&range.medium, last.eta) } else { -1.0 }
        };
        let ends = root(1e-3 * most, most, surplus);
        Self { range, form, driven_by, places: from(ends) }
    }

    fn first(&self) -> Place {
        self.places[0]
    }

    fn last(&self) -> Place {
        self.places[self.places.len() - 1]
    }

    /// Where freezing has ended: `x = 2 e1 sqrt t`. Unit: m.
    pub fn ended_m(&self, time_s: f64) -> f64 {
        2.0 * self.first().eta * time_s.sqrt()
    }

    /// Where freezing starts: `x = 2 e2 sqrt t`. Unit: m.
    pub fn started_m(&self, time_s: f64) -> f64 {
        2.0 * self.last().eta * time_s.sqrt()
    }

    /// Temperature at a depth or a distance from the line. Unit: °C.
    pub fn celsius(&self, away_m: f64, time_s: f64) -> f64 {
        let eta = away_m / (2.0 * time_s.sqrt());
        if eta < self.first().eta {
            self.frozen_c(eta)
        } else if eta < self.last().eta {
            self.within_c(eta)
        } else {
            let m = &self.range.medium;
            let z = |eta: f64| eta * eta / m.liquid_m2_per_s();
            let far = match self.form {
                Form::HalfSpace => erfc(z(eta).sqrt()) / erfc(z(self.last().eta).sqrt()),
                Form::Line => e1(z(eta)) / e1(z(self.last().eta)),
            };
            m.start_c - (m.start_c - m.freezing_c) * far
        }
    }

    fn frozen_c(&self, eta: f64) -> f64 {
        let (m, ends_c) = (&self.range.medium, self.range.ends_c);
        let z = |eta: f64| eta * eta / m.frozen_m2_per_s();
        match self.form {
            Form::HalfSpace => {
                let share = erf(z(eta).sqrt()) / erf(z(self.first().eta).sqrt());
                self.driven_by + (ends_c - self.driven_by) * share
            }
            Form::Line => {
                ends_c + self.driven_by / (4.0 * PI * m.frozen_w_per_m_k) * (e1(z(self.first().eta)) - e1(z(eta)))
            }
        }
    }

    /// Cubic between two places of the range, by their slopes.
    fn within_c(&self, eta: f64) -> f64 {
        let after = self.places.partition_point(|p| p.eta <= eta).clamp(1, self.places.len() - 1);
        let (a, b) = (self.places[after - 1], self.places[after]);
        let slope = |p: Place| p.q / (self.form.power(p.eta) * self.range.w_per_m_k(p.celsius));
        let width = b.eta - a.eta;
        let s = (eta - a.eta) / width;
        let (rise, sa, sb) = (b.celsius - a.celsius, slope(a) * width, slope(b) * width);
        a.celsius + s * (sa + s * (3.0 * rise - 2.0 * sa - sb + s * (sa + sb - 2.0 * rise)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUSCLE_LIKE: TwoPhase = TwoPhase {
        frozen_w_per_m_k: 1.60,
        liquid_w_per_m_k: 0.49,
        frozen_j_per_m3_k: 1090.0 * 2000.0,
        liquid_j_per_m3_k: 1090.0 * 3421.0,
        latent_j_per_m3: 1090.0 * 247e3,
        freezing_c: -1.0,
        start_c: 37.0,
    };

    fn range(ends_c: f64, conductivity: RangeConductivity) -> RangeMedium {
        RangeMedium { medium: MUSCLE_LIKE, ends_c, conductivity }
    }

    /// One row of the table: constants of both fronts, fronts in mm at 60, 180 and 600 s, temperatures at 180 s.
    struct Row<'a> {
        exact: FreezingRange,
        constants: (f64, f64),
        fronts_mm: [(f64, f64); 3],
        celsius: &'a [(f64, f64)],
    }

    impl Row<'_> {
        fn holds(&self) {
            // The table has nine digits of the constants and four decimals of the rest: half of the last one and no more.
            let near = |found: f64, expected: f64, half: f64| {
                assert!((found - expected).abs() <= half, "{found} for {expected}")
            };
            near(self.exact.first().eta, self.constants.0, 0.51e-12);
            near(self.exact.last().eta, self.constants.1, 0.51e-12);
            for ((ended, started), time_s) in self.fronts_mm.into_iter().zip([60.0, 180.0, 600.0]) {
                near(self.exact.ended_m(time_s) * 1e3, ended, 0.51e-4);
                near(self.exact.started_m(time_s) * 1e3, started, 0.51e-4);
            }
            for &(at_mm, celsius) in self.celsius {
                near(self.exact.celsius(at_mm * 1e-3, 180.0), celsius, 0.51e-4);
            }
        }
    }

    #[test]
    fn a_half_space_freezes_over_a_range_as_tabulated() {
        // physics notes V4: wall at -70 °C, freezing from -1 to -2, -8 and -20 °C.
        let depths = |t: [f64; 5]| [1.0, 2.0, 4.0, 8.0, 16.0].into_iter().zip(t).collect::<Vec<_>>();
        let slab = |ends_c| FreezingRange::half_space(range(ends_c, RangeConductivity::Mean), -70.0);
        let row = |exact, constants, fronts_mm, t| {
            let celsius = &depths(t)[..];
            Row { exact, constants, fronts_mm, celsius }.holds();
        };
        row(
            slab(-2.0),
            (3.238_858_78e-4, 3.290_120_47e-4),
            [(5.0176, 5.0970), (8.6908, 8.8283), (15.8671, 16.1182)],
            [-61.8064, -53.6437, -37.5327, -6.9639, 33.1858],
        );
        row(
            slab(-8.0),
            (2.963_776_12e-4, 3.316_886_72e-4),
            [(4.5915, 5.1385), (7.9526, 8.9001), (14.5195, 16.2494)],
            [-61.8968, -53.8242, -37.8911, -7.4891, 33.1150],
        );
        row(
            slab(-20.0),
            (2.423_349_51e-4, 3.357_168_16e-4),
            [(3.7542, 5.2009), (6.5025, 9.0082), (11.8719, 16.4467)],
            [-62.1101, -54.2499, -38.7361, -6.7039, 33.0053],
        );
    }

    #[test]
    fn a_line_sink_freezes_over_a_range_as_tabulated() {
        // physics notes V4: 300 and 1000 W/m, freezing from -1 to -8 °C.
        let line = |w| FreezingRange::line(range(-8.0, RangeConductivity::Mean), w);
        Row {
            exact: line(300.0),
            constants: (1.563_313_53e-4, 1.899_576_37e-4),
            fronts_mm: [(2.4219, 2.9428), (4.1948, 5.0971), (7.6586, 9.3060)],
            celsius: &[(3.0, -17.7643), (5.0, -1.5506), (8.0, 21.7163), (12.0, 33.2157)],
        }
        .holds();
        Row {
            exact: line(1000.0),
            constants: (3.409_740_44e-4, 3.679_185_62e-4),
            fronts_mm: [(5.2823, 5.6998), (9.1493, 9.8723), (16.7042, 18.0243)],
            celsius: &[(3.0, -112.1837), (5.0, -62.8529), (8.0, -19.6213), (12.0, 19.3675)],
        }
        .holds();
    }

    #[test]
    fn equal_conductivities_make_both_laws_the_same_problem() {
        let equal = TwoPhase { liquid_w_per_m_k: 1.60, ..MUSCLE_LIKE };
        let of =
            |conductivity| FreezingRange::half_space(RangeMedium { medium: equal, ends_c: -8.0, conductivity }, -70.0);
        let (mean, linear) = (of(RangeConductivity::Mean), of(RangeConductivity::Linear));
        // A conductivity that is the same number throughout differs by rounding alone.
        assert!((mean.started_m(180.0) - linear.started_m(180.0)).abs() < 1e-12);
    }

    #[test]
    fn a_linear_conductivity_obeys_the_heat_equation_within_the_range() {
        let exact = FreezingRange::line(range(-20.0, RangeConductivity::Linear), 600.0);
        let (time_s, r) = (180.0, 0.5 * (exact.ended_m(180.0) + exact.started_m(180.0)));
        let at = |dr: f64, dt: f64| exact.celsius(r + dr, time_s + dt);
        let (dr, dt) = (2e-5, 0.05);
        let storage = exact.range.capacity() * (at(0.0, dt) - at(0.0, -dt)) / (2.0 * dt);
        let k = |a: f64, b: f64| exact.range.w_per_m_k(0.5 * (a + b));
        let inward = (r - 0.5 * dr) * k(at(0.0, 0.0), at(-dr, 0.0)) * (at(0.0, 0.0) - at(-dr, 0.0));
        let outward = (r + 0.5 * dr) * k(at(dr, 0.0), at(0.0, 0.0)) * (at(dr, 0.0) - at(0.0, 0.0));
        let conduction = (outward - inward) / (r * dr * dr);
        // Second differences over 0.02 mm of a field that bends over millimetres: (0.02/5)^2 and rounding.
        assert!((storage / conduction - 1.0).abs() < 1e-4, "{storage} {conduction}");
    }
}
