//! The kernel: two engines behind one door. Every write goes through [`Store::write`], every read of tracked rows through [`visible()`].

mod aside;
mod audit;
pub mod backup;
pub mod canonical;
pub mod change_log;
mod connect;
mod delete;
mod erase;
mod external;
mod follow;
mod former;
mod given_up;
mod idempotency;
mod list;
mod listen;
mod lock;
mod overrun;
mod packed;
mod pools;
mod private;
mod pulse;
mod savepoint;
mod schema;
mod search;
mod tracked;
mod transfer;
mod tx;
mod verify;
mod visible;
mod writer;

use std::{collections::HashMap, sync::Arc};

pub use aside::Aside;
pub use audit::{Audit, LastChanges};
pub use connect::{Access, Engine, OpenError, Options, sqlite_file, sqlite_url};
pub use erase::Remains;
pub use external::ExternalIdChange;
pub use idempotency::{Answer, Keepable, Kept, Repeat};
pub use list::{Archived, Key, ListAsk, Page, Several, Sort, read_cursor, scope as list_scope, write_cursor};
pub use lock::FileLock;
pub use private::{Holder, Private};
pub use pulse::Pulse;
pub use savepoint::Savepoint;
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseConnection, EntityTrait, FromQueryResult, IsolationLevel, PaginatorTrait, QueryFilter, Select,
    SelectModel, SqliteTransactionMode, TransactionOptions, TransactionTrait, sea_query::IntoCondition,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
pub use tracked::{ExternalId, Provenance, Stamp, Tracked};
pub use transfer::{Plan, Transfer, TransferError};
pub use tx::{OwnedRows, Seen, Tx};
use uuid::Uuid;
pub use verify::{Verified, Walk};
pub use visible::visible;

use crate::{
    auth::Actor,
    clock::{Clock, Timestamp},
    kind::Kind,
    metrics::Metrics,
    problem::Problem,
};

/// Where a write comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Api,
    CommandLine,
    Seed,
}

impl Origin {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::CommandLine => "command_line",
            Self::Seed => "seed",
        }
    }
}

/// One wish to write: who, from where, and how it may be repeated or only tried out.
#[derive(Clone, Debug)]
pub struct Intent {
    pub actor: Actor,
    pub origin: Origin,
    pub request_id: Option<String>,
    pub repeat: Option<Repeat>,
    pub dry_run: bool,
    /// A long write, or one that reads the change log: nobody who came before is committed together with it.
    pub alone: bool,
    pub provenance: Provenance,
}

impl Intent {
    /// A write by the operator or the seed, which may read the change log, or one of the service itself.
    pub fn system(origin: Origin) -> Self {
        Self {
            actor: Actor::system(),
            origin,
            request_id: None,
            repeat: None,
            dry_run: false,
            alone: origin != Origin::Api,
            provenance: Provenance::Entered,
        }
    }
}

/// The database, behind a pool of readers and one serial writer.
#[derive(Clone, Debug)]
pub struct Store {
    readers: DatabaseConnection,
    given_up: given_up::GivenUp,
    /// For long reads.
    snapshots: DatabaseConnection,
    writer: DatabaseConnection,
    queue: writer::Queue,
    heard: Arc<pulse::Heard>,
    /// For what is written outside the change log.
    aside: DatabaseConnection,
    engine: Engine,
    clock: Clock,
    exports: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    /// Keeps other processes from writing to an SQLite file for as long as any copy of this lives.
    _lock: Option<Arc<FileLock>>,
}

/// One moment of the record, read page by page.
pub struct Export {
    db: sea_orm::DatabaseTransaction,
    engine: Engine,
    head: i64,
    _turn: OwnedSemaphorePermit,
}

impl Export {
    /// The number of the last change before it.
    pub fn head(&self) -> i64 {
        self.head
    }

    pub async fn page<E: Tracked>(&self, query: Select<E>, ask: &ListAsk<E>) -> Result<Page<E::Model>, Problem> {
        list::page(&self.db, self.engine, query, ask, self.head).await
    }
}

impl Store {
    pub fn engine(&self) -> Engine {
        self.engine
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Runs `work` as the only writer; what it changed is kept together with its change rows, or not at all.
    ///
    /// The lock comes first: so numbers follow commits, and a rule that looks at other rows is still true at the commit.
    pub async fn write<R: Keepable>(
        &self,
        intent: &Intent,
        work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<R, Problem>,
    ) -> Result<Answer<R>, Problem> {
        let waiting = self.metrics.waiting_to_write();
        let turn = self.queue.turn(intent.alone).await?;
        let _held = waiting.over();
        // In this order: what is declared last is dropped first, and a turn is over only when it has rolled back.
        let mut end = turn.end;
        let db = turn.db;
        let now = self.clock.now();
        match idempotency::recall(&db, intent, now).await {
            Ok(None) => {}
            Ok(Some(kept)) => {
                // The first one may be waiting for the very commit that this turn belongs to.
                end.keep(db).await?;
                // Nor may the first one have been answered: then others may still take for granted what it took away.
                self.settle().await;
                return Ok(Answer::Replayed(kept));
            }
            Err(problem) => {
                end.give_up(db).await?;
                return Err(problem);
            }
        }
        let before = end.tail.head.access_seq;
        let mut tx = Tx::new(db, intent, now, self.engine);
        let outcome = match work(&mut tx).await {
            Ok(reply) => tx.finish(&mut end.tail, &reply).await.map(|()| reply),
            Err(problem) => Err(problem),
        };
        let db = tx.into_inner();
        let access = end.tail.head.access_seq != before;
        match outcome {
            Ok(reply) if !intent.dry_run => {
                end.keep(db).await?;
                if access {
                    self.settle().await;
                }
                Ok(Answer::Fresh { reply, dry_run: false })
            }
            outcome => {
                end.give_up(db).await?;
                outcome.map(|reply| Answer::Fresh { reply, dry_run: true })
            }
        }
    }

    /// A transaction that writes outside the change log.
    #[expect(clippy::disallowed_methods, reason = "the one place where a private write begins")]
    async fn begin_aside(&self) -> Result<sea_orm::DatabaseTransaction, Problem> {
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        self.aside.begin_with_options(options).await.map_err(|error| writer::not_begun(error, self.engine))
    }

    /// A read of several statements that all see the same moment.
    #[expect(clippy::disallowed_methods, reason = "a read-only transaction, for one consistent view")]
    pub(crate) async fn snapshot(&self) -> Result<sea_orm::DatabaseTransaction, Problem> {
        let options = match self.engine {
            Engine::Sqlite => {
                TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred), ..TransactionOptions::default() }
            }
            Engine::Postgres => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        Ok(self.snapshots.begin_with_options(options).await?)
    }

    /// The row that this condition names, if the caller may see it.
    pub async fn find<E: Tracked>(&self, actor: &Actor, which: impl IntoCondition) -> Result<E::Model, Problem> {
        let query = visible::<E>(actor)?.filter(which);
        self.given_up.watch(query.one(&self.readers)).await?.ok_or_else(Problem::not_found)
    }

    pub async fn first<E: EntityTrait>(&self, query: Select<E>) -> Result<Option<E::Model>, Problem> {
        Ok(self.given_up.watch(query.one(&self.readers)).await?)
    }

    pub async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Problem> {
        Ok(self.given_up.watch(query.all(&self.readers)).await?)
    }

    pub async fn count<E: EntityTrait<Model: Send + Sync>>(&self, query: Select<E>) -> Result<u64, Problem>
    where
        Select<E>: for<'db> PaginatorTrait<'db, DatabaseConnection, Selector = SelectModel<E::Model>>,
    {
        Ok(self.given_up.watch(query.count(&self.readers)).await?)
    }

    /// What a query counts of the rows that it begins with, group by group.
    pub async fn tally<E: EntityTrait, T: FromQueryResult + Send + Sync>(&self, query: Select<E>) -> Result<Vec<T>, Problem> {
        Ok(query.into_model::<T>().all(&self.readers).await?)
    }

    /// One page of a list, as it was at the moment `head` or later.
    pub async fn page<E: Tracked>(&self, query: Select<E>, ask: &ListAsk<E>, head: i64) -> Result<Page<E::Model>, Problem> {
        self.given_up.watch(list::page(&self.readers, self.engine, query, ask, head)).await
    }

    /// A long read of which every page shows the same moment. Two at a time: each holds a connection for as long as its reader takes.
    pub async fn export(&self) -> Result<Export, Problem> {
        let turn = Arc::clone(&self.exports).acquire_owned().await.map_err(Problem::internal)?;
        let db = self.snapshot().await?;
        let head = change_log::head(&db).await?.seq;
        Ok(Export { db, engine: self.engine, head, _turn: turn })
    }

    /// The row among these that another system knows by this id, if the caller may see it.
    pub async fn find_by_external_id<E: Tracked>(
        &self,
        actor: &Actor,
        system: &str,
        id: &str,
        among: impl IntoCondition,
    ) -> Result<E::Model, Problem> {
        let named = search::external_row(&self.readers, E::KIND, system, id);
        let row_id = self.given_up.watch(named).await?.ok_or_else(Problem::not_found)?;
        self.find::<E>(actor, among.into_condition().add(E::column("id")?.eq(row_id))).await
    }

    /// From now on this process hears what others write. SQLite has no others.
    pub fn listen(&self) {
        if self.engine == Engine::Postgres {
            listen::start(&self.readers, &self.heard);
        }
    }

    /// Where the record stands: never older than a write that was answered before.
    pub async fn pulse(&self) -> Result<Pulse, Problem> {
        self.given_up.watch(self.heard.pulse(&self.readers)).await
    }

    /// Waits until no other process takes for granted what stood before the last write that may take access away.
    pub async fn settle(&self) {
        self.given_up.watch(self.heard.settle(&self.readers)).await;
    }

    /// The number of the last change that was committed, as the database has it.
    pub async fn head(&self) -> Result<i64, Problem> {
        Ok(self.change_head().await?.seq)
    }

    pub async fn change_head(&self) -> Result<change_log::Head, Problem> {
        self.given_up.watch(change_log::head(&self.readers)).await
    }

    pub async fn history(&self, ask: &change_log::HistoryAsk<'_>) -> Result<Vec<change_log::change::Model>, Problem> {
        self.given_up.watch(change_log::history(&self.readers, ask)).await
    }

    /// The newest move of each of these rows of one kind; rows that never moved are left out.
    pub async fn newest_moves(&self, kind: Kind, ids: &[String]) -> Result<HashMap<String, change_log::Moved>, Problem> {
        change_log::newest_moves(&self.readers, kind, ids).await
    }

    /// The change that made a row.
    pub async fn first_change(&self, kind: Kind, resource_id: &str) -> Result<Option<change_log::change::Model>, Problem> {
        change_log::first(&self.readers, kind, resource_id).await
    }

    /// The whole record at one moment, for verifying it.
    pub async fn audit(&self) -> Result<Audit, Problem> {
        Audit::new(self.snapshot().await?, self.engine).await
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Problem> {
        Ok(self.given_up.watch(self.readers.ping()).await?)
    }

    pub async fn close(self) -> Result<(), Problem> {
        self.readers.close().await?;
        self.snapshots.close().await?;
        self.aside.clone().close().await?;
        Ok(self.writer.close().await?)
    }
}

/// Named queries, inside a write or outside.
pub trait Reads {
    fn all<E: EntityTrait>(&self, query: Select<E>) -> impl Future<Output = Result<Vec<E::Model>, Problem>>;
}

impl Reads for Store {
    async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Problem> {
        Self::all(self, query).await
    }
}

impl Reads for Tx<'_> {
    async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Problem> {
        Self::all(self, query).await
    }
}

/// A fresh id: time-ordered, so that rows made one after another lie side by side in an index.
pub(crate) fn fresh_id(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.seconds()).unwrap_or_default();
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::ContextV7::new(), seconds, now.0.timestamp_subsec_nanos()))
}
