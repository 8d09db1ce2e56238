//! The queue before the writer lock.

use std::{sync::Arc, time::Instant};

use super::Metrics;

/// A write that waits for the lock, until this is dropped or [`Waiting::over`].
#[derive(Debug)]
pub struct Waiting {
    metrics: Arc<Metrics>,
    since: Instant,
}

/// A write that holds the lock, until this is dropped.
#[derive(Debug)]
pub struct Holding {
    metrics: Arc<Metrics>,
    since: Instant,
}

impl Metrics {
    pub fn waiting_to_write(self: &Arc<Self>) -> Waiting {
        self.writers_waiting.inc();
        Waiting { metrics: Arc::clone(self), since: Instant::now() }
    }
}

impl Waiting {
    /// It has the lock.
    pub fn over(self) -> Holding {
        Holding { metrics: Arc::clone(&self.metrics), since: Instant::now() }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.metrics.writers_waiting.dec();
        self.metrics.writer_wait.observe(self.since.elapsed().as_secs_f64());
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.metrics.writer_held.observe(self.since.elapsed().as_secs_f64());
    }
}
