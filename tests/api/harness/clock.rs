//! Time that stands still until a test moves it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeZone as _, Utc};
use gcm_api::clock::{Clock, Timestamp};

/// The clock of one bench. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<DateTime<Utc>>>);

impl TestClock {
    /// 2026-11-23T09:00:00Z, four in the afternoon in Vientiane.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap())))
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::new(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// As the service takes it.
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::from_fn(move || this.now().0)
    }
}
