//! Where the record stands, as this process knows it: the version of everything that is kept in memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, AtomicI64, AtomicU64, Ordering},
    },
    time::Instant,
};

use sea_orm::{DatabaseConnection, EntityTrait, QuerySelect};

use super::{
    Engine,
    change_log::{Head, head},
    listen,
};
use crate::problem::Problem;

/// The record at one moment: the number of the last change, and of the last one that may alter who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    pub seq: i64,
    pub access_seq: i64,
    /// How often the server may have been replaced by one that knows less: numbers of different epochs say nothing about each other.
    pub epoch: u64,
}

impl From<&Head> for Pulse {
    fn from(head: &Head) -> Self {
        Self { seq: head.seq, access_seq: head.access_seq, epoch: 0 }
    }
}

/// What this process last heard of the record.
///
/// On SQLite it is the only writer, and raises these numbers after each COMMIT and before it answers: they are exact. On PostgreSQL others write,
/// too: there they are trusted while somebody listens, and otherwise the database is asked.
#[derive(Debug)]
pub(super) struct Heard {
    engine: Engine,
    seq: AtomicI64,
    access_seq: AtomicI64,
    epoch: AtomicU64,
    began: Instant,
    /// Until when what was heard of others is trusted, in microseconds since `began`.
    trusted: AtomicU64,
    /// The server process of the connection that listens.
    listener: AtomicI32,
}

impl Heard {
    pub(super) fn new(engine: Engine, head: &Head) -> Arc<Self> {
        Arc::new(Self {
            engine,
            seq: AtomicI64::new(head.seq),
            access_seq: AtomicI64::new(head.access_seq),
            epoch: AtomicU64::new(0),
            began: Instant::now(),
            trusted: AtomicU64::new(0),
            listener: AtomicI32::new(0),
        })
    }

    /// To be called after COMMIT and before anybody is told of it.
    pub(super) fn raise(&self, pulse: Pulse) {
        self.seq.fetch_max(pulse.seq, Ordering::AcqRel);
        self.access_seq.fetch_max(pulse.access_seq, Ordering::AcqRel);
    }

    /// What is heard of others stands until then.
    pub(super) fn trust(&self, until: Instant, listener: i32) {
        self.listener.store(listener, Ordering::Release);
        self.trusted.store(self.micros(until), Ordering::Release);
    }

    /// Nobody listens any more. The next server may be another one, which lacks the last writes of this: what was heard and remembered is of no use there.
    pub(super) fn distrust(&self) {
        self.trusted.store(0, Ordering::Release);
        self.listener.store(0, Ordering::Release);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Hears of the record from its beginning, before anything is trusted.
    pub(super) fn begin_anew(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.seq.store(0, Ordering::Release);
        self.access_seq.store(0, Ordering::Release);
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.began).as_micros()).unwrap_or_default()
    }

    /// Never older than a write that this process answered before it was asked for; than one of another process, by what `listen` allows.
    pub(super) async fn pulse(&self, readers: &DatabaseConnection) -> Result<Pulse, Problem> {
        if self.engine == Engine::Sqlite || self.micros(Instant::now()) < self.trusted.load(Ordering::Acquire) {
            let epoch = self.epoch.load(Ordering::Acquire);
            return Ok(Pulse { seq: self.seq.load(Ordering::Acquire), access_seq: self.access_seq.load(Ordering::Acquire), epoch });
        }
        let epoch = self.epoch.load(Ordering::Acquire);
        Ok(Pulse { epoch, ..asked(readers).await? })
    }

    /// After something was written that may take access away: waits until no process takes for granted what stood before.
    pub(super) async fn settle(&self, readers: &DatabaseConnection) {
        if self.engine == Engine::Postgres {
            listen::settle(readers, self.listener.load(Ordering::Acquire)).await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the head of the change log is the store's own")]
async fn asked(readers: &DatabaseConnection) -> Result<Pulse, Problem> {
    let columns = [head::Column::Seq, head::Column::AccessSeq];
    let found: Option<(i64, i64)> = head::Entity::find_by_id(1i16).select_only().columns(columns).into_tuple().one(readers).await?;
    let (seq, access_seq) = found.ok_or_else(|| Problem::internal("the change log has no head"))?;
    Ok(Pulse { seq, access_seq, epoch: 0 })
}
