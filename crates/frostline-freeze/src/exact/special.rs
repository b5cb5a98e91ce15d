//! Special functions that the exact solutions need, to about 1e-13 relative.

/// Error function.
pub(crate) fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Complementary error function.
pub(crate) fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// Exponential integral `E1(x) = int_x^inf e^-t / t dt`, x > 0 (Abramowitz and Stegun 5.1.11 and 5.1.22).
pub(crate) fn e1(x: f64) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    if x <= 1.0 {
        let (mut sum, mut term) = (-EULER - x.ln(), 1.0);
        for n in 1..60 {
            let n = f64::from(n);
            term *= -x / n;
            sum -= term / n;
            if term.abs() < 1e-18 {
                break;
            }
        }
        return sum;
    }
    // Continued fraction in the even form, by the modified Lentz method.
    let mut b = x + 1.0;
    let mut c = 1.0 / f64::MIN_POSITIVE;
    let mut d = 1.0 / b;
    let mut h = d;
    for n in 1..500 {
        let n = f64::from(n);
        let a = -n * n;
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h * (-x).exp()
}

/// Modified Bessel function `K_order(x) = int_0^inf e^{-x cosh t} cosh(order t) dt`, x > 0, times `e^x`.
///
/// The trapezoidal rule converges exponentially on this integrand (Abramowitz and Stegun 9.6.24).
pub(crate) fn bessel_k_scaled(order: u32, x: f64) -> f64 {
    const STEP: f64 = 1.0 / 64.0;
    let mut sum = 0.5;
    for n in 1..4096 {
        let t = STEP * f64::from(n);
        let term = (-x * (t.cosh() - 1.0)).exp() * (f64::from(order) * t).cosh();
        sum += term;
        if term < 1e-18 * sum {
            break;
        }
    }
    STEP * sum
}

/// The root of a function that changes sign between two places, by bisection to the last bits.
pub(crate) fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rises = f(high) > f(low);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if (f(middle) > 0.0) == rises {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} for {expected}");
    }

    #[test]
    fn the_exponential_integral_has_its_tabulated_values() {
        // Abramowitz and Stegun table 5.1, with further digits from scipy.special.exp1.
        close(e1(0.01), 4.037_929_576_538_113);
        close(e1(0.5), 0.559_773_594_776_160_8);
        close(e1(1.0), 0.219_383_934_395_520_3);
        close(e1(2.0), 0.048_900_510_708_061_12);
        close(e1(10.0), 4.156_968_929_685_324e-6);
    }

    #[test]
    fn the_bessel_functions_have_their_tabulated_values() {
        // Abramowitz and Stegun table 9.8, with further digits from scipy.special.k0e and k1e.
        close(bessel_k_scaled(0, 0.1), 2.682_326_102_262_895);
        close(bessel_k_scaled(0, 1.0), 1.144_463_079_806_894_6);
        close(bessel_k_scaled(1, 1.0), 1.636_153_486_263_258);
        close(bessel_k_scaled(1, 5.0), 0.600_273_858_788_312_5);
    }

    #[test]
    fn the_error_functions_have_their_tabulated_values() {
        close(erf(0.5), 0.520_499_877_813_046_5);
        close(erfc(2.0), 0.004_677_734_981_047_266);
    }

    #[test]
    fn a_root_is_found_to_the_last_bits() {
        close(root(0.0, 2.0, |x| x * x - 2.0), 2.0_f64.sqrt());
        close(root(0.0, 2.0, |x| 2.0 - x * x), 2.0_f64.sqrt());
    }
}
