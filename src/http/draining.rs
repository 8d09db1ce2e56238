//! The time between the word to stop and the end: requests are answered, and nobody new is sent here.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::problem::{Code, Problem};

/// Whether the process was told to stop.
#[derive(Debug, Default)]
pub struct Draining(AtomicBool);

impl Draining {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// 503 `shutting_down` from then on.
    pub fn check(&self) -> Result<(), Problem> {
        if self.0.load(Ordering::Relaxed) { Err(Problem::new(Code::ShuttingDown)) } else { Ok(()) }
    }
}
