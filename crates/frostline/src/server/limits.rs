//! How many requests one account and one address may make. Counted in the memory of one server, so each instance counts for
//! itself, and nobody can fill the database by asking.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::problem::{Kind, Problem};

/// So many at once, and so many more with every second.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// At once.
    pub at_once: i64,
    /// Unit: 1/s.
    pub per_s: i64,
}

/// What everybody has left. Copies share one count.
#[derive(Clone, Default)]
pub struct Limits(Arc<Mutex<HashMap<String, Left>>>);

/// What somebody has left, in thousandths of a request, so that a millisecond at one request per second counts.
#[derive(Clone, Copy)]
struct Left {
    thousandths: i64,
    at_ms: i64,
    rate: Rate,
}

const THOUSANDTHS: i64 = 1000;

/// Beyond so many, those who have everything left are forgotten: at some hundred bytes each that is a few megabytes.
const MOST_KEPT: usize = 10_000;

impl Limits {
    /// Takes one request; refuses where nothing is left.
    ///
    /// # Errors
    /// 429 with the time after which one is left again.
    pub fn take(&self, who: &str, rate: Rate, now_ms: i64) -> Result<(), Problem> {
        // A count is never left half-written, so it is good even after a panic elsewhere.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, left| left.at(now_ms) < left.rate.at_once * THOUSANDTHS);
        }
        let full = Left { thousandths: rate.at_once * THOUSANDTHS, at_ms: now_ms, rate };
        let left = kept.entry(who.to_owned()).or_insert(full);
        *left = Left { thousandths: left.at(now_ms), at_ms: now_ms, rate };
        if left.thousandths >= THOUSANDTHS {
            left.thousandths -= THOUSANDTHS;
            return Ok(());
        }
        // Nobody is told to come back too early: rounded up.
        let missing = THOUSANDTHS - left.thousandths;
        let wait_s = 1 + (missing - 1) / (rate.per_s * THOUSANDTHS);
        let detail = format!(
            "more than {} requests at once and {} a second from one account or one address; wait {wait_s} s, then go on",
            rate.at_once, rate.per_s
        );
        Err(Problem::new(Kind::TooManyRequests, detail).retry_after_s(wait_s))
    }
}

impl Left {
    /// What is left some time later.
    fn at(&self, now_ms: i64) -> i64 {
        // A clock that was set back gives nothing.
        let gained = (now_ms - self.at_ms).max(0).saturating_mul(self.rate.per_s);
        self.thousandths.saturating_add(gained).min(self.rate.at_once * THOUSANDTHS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { at_once: 3, per_s: 2 };

    #[test]
    fn three_at_once_are_borne_the_fourth_waits_and_a_second_later_there_are_two_more() {
        let limits = Limits::default();
        let passed = |at_ms: i64| (0..5).filter(|_| limits.take("nurse", RATE, at_ms).is_ok()).count();
        assert_eq!((passed(0), passed(999), passed(1000), passed(100_000)), (3, 1, 1, 3));
    }

    #[test]
    fn one_s_requests_are_not_taken_from_another() {
        let limits = Limits::default();
        (0..3).for_each(|_| limits.take("nurse", RATE, 0).unwrap());
        assert!(limits.take("nurse", RATE, 0).is_err());
        assert!(limits.take("coder", RATE, 0).is_ok());
    }

    #[test]
    fn those_who_asked_long_ago_are_forgotten() {
        let limits = Limits::default();
        for address in 0..MOST_KEPT {
            limits.take(&address.to_string(), RATE, 0).unwrap();
        }
        limits.take("late", RATE, 60_000).unwrap();
        assert_eq!(limits.0.lock().unwrap().len(), 1);
    }
}
