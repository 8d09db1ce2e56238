//! Stops an SQLite statement that reads for too long. PostgreSQL does so by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::sqlx::{self, SqliteConnection};

/// How long a statement may read for one answer.
pub(super) const LONGEST_READ: Duration = Duration::from_secs(2);

/// How many steps SQLite takes between two questions whether it may go on: tens of milliseconds, and hundreds of usual reads.
const STEPS: i32 = 500_000;

/// The connections of a pool, each with the moment since when its statement has been running.
///
/// SQLite tells nobody that a statement begins. So a connection that comes back after it was asked about gets a new answer, and the first question
/// thereafter is about another statement.
#[derive(Clone, Default)]
pub(super) struct Overruns {
    /// How many connections have been asked about since they were given their answer.
    asked: Arc<AtomicUsize>,
}

struct Running {
    since: Option<Instant>,
    asked: Arc<AtomicUsize>,
}

impl Overruns {
    /// From here on the next statement of this connection is a new one.
    pub(super) async fn watch(&self, sqlite: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let mut running = Running { since: None, asked: Arc::clone(&self.asked) };
        sqlite.lock_handle().await?.set_progress_handler(STEPS, move || running.may_go_on());
        Ok(())
    }

    /// For a connection that comes back: asking its thread costs as much as a small read, and mostly nothing is to be done.
    pub(super) async fn over(&self, sqlite: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if self.asked.load(Ordering::Acquire) == 0 { Ok(()) } else { self.watch(sqlite).await }
    }
}

impl Running {
    fn may_go_on(&mut self) -> bool {
        let since = *self.since.get_or_insert_with(|| {
            self.asked.fetch_add(1, Ordering::AcqRel);
            Instant::now()
        });
        since.elapsed() < LONGEST_READ
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.since.is_some() {
            self.asked.fetch_sub(1, Ordering::AcqRel);
        }
    }
}
