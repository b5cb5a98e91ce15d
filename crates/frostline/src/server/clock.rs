//! The clock as a value, so that a test or a played case can say what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Seconds since 1970 that somebody sets; for tests and for playing a fictional case, never for patients.
    #[allow(dead_code, reason = "made by tests and by the played case only")]
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still until it is moved.
    #[allow(dead_code, reason = "made by tests and by the played case only")]
    pub fn set_at(now: Timestamp) -> Clock {
        Clock::Set(Arc::new(AtomicI64::new(now.as_second())))
    }

    /// Moves a clock that can be set; the machine's clock is left alone.
    #[allow(dead_code, reason = "made by tests and by the played case only")]
    pub fn move_on_s(&self, by_s: i64) {
        if let Clock::Set(seconds) = self {
            seconds.fetch_add(by_s, Ordering::SeqCst);
        }
    }

    /// Sets a clock that can be set; the machine's clock is left alone.
    pub fn set(&self, now: Timestamp) {
        if let Clock::Set(seconds) = self {
            seconds.store(now.as_second(), Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match self {
            Clock::System => Timestamp::now(),
            // Only times that a `Timestamp` once held are put in, and what is out of range stands for 1970.
            Clock::Set(seconds) => {
                Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// Now. Unit: seconds since 1970.
    pub fn now_s(&self) -> i64 {
        self.now().as_second()
    }
}
