//! A curve as a few cubic pieces, which a processor can follow for many cells at once where it can look up a table only for one.

use pulp::Simd;

/// One piece: `c0 + t (c1 + t (c2 + t c3))` with `t = u - from`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Its cold and its warm end. Unit: K of u.
    from: f32,
    to: f32,
    c: [f32; 4],
}

/// The heat potential by state below the straight part, from warm to cold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segments {
    pieces: Vec<Piece>,
}

/// Choosing among more would cost more than it saves; a choice, not measured.
const MOST_PIECES: usize = 10;
/// Largest distance from the curve: as good as the table, which bends by up to 2e-2 K of psi where capacity steps. Unit: K.
const TOLERANCE_K: f64 = 5e-3;
/// Places at which a piece is compared with the curve.
const COMPARED_AT: usize = 24;

impl Segments {
    /// Follows `psi` through places from warm to cold, with a piece from one of them to another, as long as it stays close.
    /// `None` where that takes too many pieces.
    pub(crate) fn follow(psi: &dyn Fn(f64) -> f64, places_u: &[f64]) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut top = 0;
        while top + 1 < places_u.len() {
            let below = |end: usize| cubic(psi, places_u[end], places_u[top]);
            let is_close = |end: &usize| is_close(psi, &below(*end), places_u[*end], places_u[top]);
            let end = (top + 1..places_u.len()).take_while(is_close).last()?;
            if pieces.len() == MOST_PIECES {
                return None;
            }
            pieces.push(below(end));
            top = end;
        }
        (!pieces.is_empty()).then_some(Self { pieces })
    }

    /// psi of many cells that are all below the straight part. Colder than its end the last piece goes on.
    #[inline(always)]
    pub(crate) fn psi<S: Simd>(&self, simd: S, u: S::f32s) -> S::f32s {
        let splat = |x: f32| simd.splat_f32s(x);
        let Some((warmest, colder_pieces)) = self.pieces.split_first() else { return u };
        let mut from = splat(warmest.from);
        // One by one, so that each stays in a register.
        let [mut c0, mut c1, mut c2, mut c3] = warmest.c.map(splat);
        for piece in colder_pieces {
            let is_colder = simd.less_than_f32s(u, splat(piece.to));
            let choose = |is: f32, was| simd.select_f32s(is_colder, splat(is), was);
            from = choose(piece.from, from);
            (c0, c1) = (choose(piece.c[0], c0), choose(piece.c[1], c1));
            (c2, c3) = (choose(piece.c[2], c2), choose(piece.c[3], c3));
        }
        let t = simd.sub_f32s(u, from);
        let mut psi = simd.mul_add_e_f32s(c3, t, c2);
        psi = simd.mul_add_e_f32s(psi, t, c1);
        simd.mul_add_e_f32s(psi, t, c0)
    }
}

/// Through both ends and two places between, so that pieces meet.
fn cubic(psi: &dyn Fn(f64) -> f64, from: f64, to: f64) -> Piece {
    let length = to - from;
    let [p0, p1, p2, p3] = [0.0, 1.0, 2.0, 3.0].map(|n| psi(from + length * n / 3.0));
    // Newton's forward differences on thirds of the length, expanded by powers of t.
    let (d1, d2, d3) = (p1 - p0, p2 - 2.0 * p1 + p0, p3 - 3.0 * p2 + 3.0 * p1 - p0);
    let per = 3.0 / length;
    let c = [p0, per * (d1 - d2 / 2.0 + d3 / 3.0), per * per * (d2 / 2.0 - d3 / 2.0), per.powi(3) * d3 / 6.0];
    Piece { from: from as f32, to: to as f32, c: c.map(|c| c as f32) }
}

fn is_close(psi: &dyn Fn(f64) -> f64, piece: &Piece, from: f64, to: f64) -> bool {
    (0..=COMPARED_AT).all(|n| {
        let u = from + (to - from) * n as f64 / COMPARED_AT as f64;
        let t = u - f64::from(piece.from);
        let [c0, c1, c2, c3] = piece.c.map(f64::from);
        (c0 + t * (c1 + t * (c2 + t * c3)) - psi(u)).abs() < TOLERANCE_K
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ask<'a>(&'a Segments, f32);

    impl pulp::WithSimd for Ask<'_> {
        type Output = f32;
        fn with_simd<S: Simd>(self, simd: S) -> f32 {
            simd.reduce_max_f32s(self.0.psi(simd, simd.splat_f32s(self.1)))
        }
    }

    #[test]
    fn pieces_follow_a_curve_with_two_bends_and_meet() {
        // Slope 1/4 above -70, 8 below, curved below -100.
        let psi = |u: f64| match u {
            u if u > -70.0 => 0.25 * u,
            u if u > -100.0 => -17.5 + 8.0 * (u + 70.0),
            u => -257.5 + 8.0 * (u + 100.0) + 0.01 * (u + 100.0).powi(2),
        };
        let segments = Segments::follow(&psi, &[0.0, -35.0, -70.0, -100.0, -150.0]).unwrap();
        assert_eq!(segments.pieces.len(), 3);
        for n in 0..1500 {
            let u = -0.1 * f64::from(n);
            let found = pulp::Arch::new().dispatch(Ask(&segments, u as f32));
            // The tolerance, and single precision of 600 K.
            assert!((f64::from(found) - psi(u)).abs() < TOLERANCE_K + 1e-3, "{u}: {found} {}", psi(u));
        }
    }

    #[test]
    fn a_curve_with_too_many_bends_is_left_to_the_table() {
        let places: Vec<_> = (0..100).map(|n| -1.5 * f64::from(n)).collect();
        assert!(Segments::follow(&|u| 10.0 * u.sin(), &places).is_none());
    }
}
