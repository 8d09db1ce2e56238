//! Reads that somebody stopped waiting for.
//!
//! The driver asks each connection that comes back whether it still stands, and waits for the answer for as long as it takes: behind a network that loses
//! everything in silence that is for ever, and the place in the pool is lost with it. To ask first, and to wait only so long, costs as much as a small
//! read; so it is done only while there was somebody lately who did not get an answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// For so long after somebody gave up, connections are asked before they are trusted.
const LATELY: Duration = Duration::from_secs(60);

/// When a read was last given up.
#[derive(Clone, Debug)]
pub(super) struct GivenUp {
    began: Instant,
    /// Milliseconds since `began`, and one more; 0: never.
    last: Arc<AtomicU64>,
}

impl Default for GivenUp {
    fn default() -> Self {
        Self { began: Instant::now(), last: Arc::default() }
    }
}

impl GivenUp {
    /// Waits for a read; notes when nobody does any more.
    pub(super) async fn watch<T>(&self, read: impl Future<Output = T>) -> T {
        let mut noted = Noted { by: self, done: false };
        let answer = read.await;
        noted.done = true;
        answer
    }

    pub(super) fn lately(&self) -> bool {
        match self.last.load(Ordering::Acquire) {
            0 => false,
            last => self.now().saturating_sub(last) < u64::try_from(LATELY.as_millis()).unwrap_or(u64::MAX),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }
}

struct Noted<'a> {
    by: &'a GivenUp,
    done: bool,
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.by.last.store(self.by.now(), Ordering::Release);
        }
    }
}
