//! Numbers that fill a cube evenly: a scrambled Sobol sequence, the same for the same seed on every machine.
//!
//! Direction numbers: Joe and Kuo, new-joe-kuo-6.21201. Scrambling: nested and uniform by hashing (Owen; Laine and Karras
//! 2011, constants of Burley 2020), so that every point alone is uniform and no stratum is lost.

/// A sequence, told from others by its seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sobol {
    seed: u64,
}

/// Degree and inner coefficients of the primitive polynomial, and the first direction numbers, of dimensions after the first.
const POLYNOMIALS: [(u32, u32, &[u32]); 20] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];
/// Dimensions that fill evenly; those beyond are drawn independently.
pub(crate) const EVEN_DIMENSIONS: usize = POLYNOMIALS.len() + 1;
const BITS: u32 = 32;

impl Sobol {
    /// The sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// One coordinate of one point. Range: above 0, below 1.
    pub(crate) fn uniform(&self, point: u32, dimension: usize) -> f64 {
        let seed = mixed(self.seed ^ mixed(dimension as u64 + 1));
        let bits = if dimension < EVEN_DIMENSIONS {
            scrambled(plain(point, dimension), seed as u32)
        } else {
            mixed(seed ^ u64::from(point)) as u32
        };
        (f64::from(bits) + 0.5) / 2f64.powi(BITS as i32)
    }

    /// The same coordinate as a standard normal number.
    pub(crate) fn normal(&self, point: u32, dimension: usize) -> f64 {
        normal_quantile(self.uniform(point, dimension))
    }
}

/// The unscrambled coordinate.
fn plain(point: u32, dimension: usize) -> u32 {
    (0..BITS).filter(|bit| point >> bit & 1 == 1).fold(0, |x, bit| x ^ direction(dimension, bit as usize))
}

/// Direction number of a bit of the point's number, from its most significant end.
fn direction(dimension: usize, bit: usize) -> u32 {
    let Some((degree, inner, first)) = dimension.checked_sub(1).map(|n| POLYNOMIALS[n]) else {
        return 1 << (BITS as usize - 1 - bit);
    };
    if let Some(&m) = first.get(bit) {
        return m << (BITS as usize - 1 - bit);
    }
    let degree = degree as usize;
    let far = direction(dimension, bit - degree);
    let taken = (1..degree).filter(|k| inner >> (degree - 1 - k) & 1 == 1);
    taken.fold(far ^ (far >> degree), |v, k| v ^ direction(dimension, bit - k))
}

/// Nested uniform scrambling: a bit is flipped by a hash of the bits above it.
fn scrambled(x: u32, seed: u32) -> u32 {
    let mut x = x.reverse_bits().wrapping_add(seed);
    for multiplier in [0x6c50_b47c_u32, 0xb82f_1e52, 0xc7af_e638, 0x8d22_f6e6] {
        x ^= x.wrapping_mul(multiplier);
    }
    x.reverse_bits()
}

/// A hash of 64 bits (the finaliser of splitmix64).
pub(crate) fn mixed(x: u64) -> u64 {
    let mut x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The standard normal number below which a share `p` lies; relative error under 1.2e-9 (Acklam's rational approximation).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    const TAIL: f64 = 0.02425;
    let polynomial = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(&C, q) / (polynomial(&D, q) * q + 1.0)
    };
    if p < TAIL {
        tail(p)
    } else if p > 1.0 - TAIL {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        polynomial(&A, q * q) * q / (polynomial(&B, q * q) * q * q + 1.0)
    }
}

/// The share of standard normal numbers below one, by halving: the inverse of [`normal_quantile`] to a millionth.
pub(crate) fn normal_share(z: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if normal_quantile(middle) < z { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Of the range from 0 to 1, to a millionth.
const HALVINGS: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sixteenth_of_every_dimension_holds_one_of_sixteen_points() {
        for seed in [0, 7] {
            for dimension in 0..EVEN_DIMENSIONS {
                let mut found: Vec<usize> =
                    (0..16).map(|n| (Sobol::new(seed).uniform(n, dimension) * 16.0) as usize).collect();
                found.sort_unstable();
                assert_eq!(found, (0..16).collect::<Vec<_>>(), "dimension {dimension}, seed {seed}");
            }
        }
    }

    #[test]
    fn the_first_points_before_scrambling_are_those_of_the_published_sequence() {
        // By the recurrence: m3 = 2 x 3 + 3 = 5 (bits, without carry) in the second dimension gives 5/8, m3 = 2 x 3 + 4 + 1 = 3
        // in the third gives 3/8.
        let share = |point, dimension| f64::from(plain(point, dimension)) / 2f64.powi(32);
        assert_eq!([1, 2, 3, 4].map(|n| share(n, 0)), [0.5, 0.25, 0.75, 0.125]);
        assert_eq!([1, 2, 3, 4].map(|n| share(n, 1)), [0.5, 0.75, 0.25, 0.625]);
        assert_eq!([1, 2, 3, 4].map(|n| share(n, 2)), [0.5, 0.75, 0.25, 0.375]);
    }

    #[test]
    fn an_even_pair_of_dimensions_fills_the_square_better_than_chance() {
        // 1024 points in 32 x 32 squares: chance leaves a share of 1/e = 37 % empty.
        for second in 1..EVEN_DIMENSIONS {
            let sobol = Sobol::new(3);
            let cell = |n, d| (sobol.uniform(n, d) * 32.0) as usize;
            let mut seen = vec![false; 1024];
            (0..1024).for_each(|n| seen[cell(n, second - 1) * 32 + cell(n, second)] = true);
            let empty = seen.iter().filter(|s| !**s).count();
            assert!(empty <= 512, "dimensions {} and {second}: {empty}", second - 1);
        }
    }

    #[test]
    fn another_seed_gives_other_numbers_and_the_same_seed_the_same() {
        let of = |seed| (0..32).map(|n| Sobol::new(seed).uniform(n, 4)).collect::<Vec<_>>();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn a_share_of_975_in_1000_lies_below_1_96() {
        assert!((normal_quantile(0.975) - 1.959963985).abs() < 1e-8);
        assert!((normal_quantile(0.001) + 3.090232306).abs() < 1e-8);
        assert_eq!(normal_quantile(0.5), 0.0);
        assert!((normal_share(1.959963985) - 0.975).abs() < 2e-6 && (normal_share(-9.0)).abs() < 2e-6);
    }
}
