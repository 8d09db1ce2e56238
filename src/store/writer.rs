//! The one writer of this process. Writers that wait are committed together: each carries out its work in turn, in a savepoint of its own, and is
//! answered only after the one COMMIT; what one of them is refused takes nothing from the others.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use super::{
    Engine, change_log,
    change_log::{Head, Tail},
    pulse::{Heard, Pulse},
};
use crate::problem::{Code, Problem};

/// How many writers are committed together at most.
const MOST_TOGETHER: usize = 256;
/// After so long nobody else joins those who are committed together, so that the first of them is not kept waiting.
const LONGEST_TOGETHER: Duration = Duration::from_millis(50);
/// For so long a writer waits for its turn: a little longer than the pool tries to reach the database, so that it hears that this is why.
const PATIENCE: Duration = Duration::from_secs(7);

/// For so long the writer waits for one answer of a server: a little longer than that lets a statement run. A network that loses everything in silence
/// would keep it for ever, and all who write with it.
const LONGEST_ANSWER: Duration = Duration::from_secs(12);

/// The queue before the writer.
#[derive(Clone, Debug)]
pub(super) struct Queue(mpsc::UnboundedSender<Waiting>);

#[derive(Debug)]
struct Waiting {
    turn: oneshot::Sender<Result<Turn, Problem>>,
    /// Joins nobody who wrote before it.
    alone: bool,
}

/// The turn of one writer: nobody else writes until it ends. Dropped at any point, also in the middle of a statement, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Turn {
    // Before `end`, so that it has rolled back when the writer hears that the turn is over.
    pub(super) db: DatabaseTransaction,
    pub(super) end: End,
}

/// How a turn is ended.
#[derive(Debug)]
pub(super) struct End {
    /// What this turn adds to the change log.
    pub(super) tail: Tail,
    back: oneshot::Sender<Over>,
}

/// How a turn ended; one that was dropped says nothing.
#[derive(Debug)]
enum Over {
    Kept(DatabaseTransaction, Tail, Committed),
    /// What it wrote is taken back.
    Refused(Committed),
}

/// Tells a writer what became of the commit.
type Committed = oneshot::Sender<Result<(), Problem>>;

impl Queue {
    /// Starts the writer; it ends with the last clone of its queue.
    pub(super) fn start(db: DatabaseConnection, engine: Engine, heard: Arc<Heard>) -> Self {
        let (queue, waiting) = mpsc::unbounded_channel();
        tokio::spawn(Writer { db, engine, heard }.run(waiting));
        Self(queue)
    }

    /// Waits for a turn.
    pub(super) async fn turn(&self, alone: bool) -> Result<Turn, Problem> {
        let (turn, mine) = oneshot::channel();
        self.0.send(Waiting { turn, alone }).map_err(|_waiting| gone())?;
        match tokio::time::timeout(PATIENCE, mine).await {
            Ok(turn) => turn.map_err(|_dropped| gone())?,
            Err(elapsed) => Err(Problem::new(Code::WriterBusy).because(elapsed)),
        }
    }
}

/// The service is stopping, or the writer broke down and begins anew.
fn gone() -> Problem {
    Problem::new(Code::DatabaseUnavailable).because("the writer has ended")
}

impl End {
    /// Waits until what was written in this turn is committed.
    pub(super) async fn keep(self, db: DatabaseTransaction) -> Result<(), Problem> {
        let (kept, committed) = oneshot::channel();
        self.back.send(Over::Kept(db, self.tail, kept)).map_err(|_over| gone())?;
        committed.await.map_err(|_dropped| gone())?
    }

    /// Takes back what was written in this turn. Where that fails, the writer finds out by itself.
    ///
    /// Why it was refused may be what others of the batch wrote: nobody is told of that before it is committed.
    pub(super) async fn give_up(self, db: DatabaseTransaction) -> Result<(), Problem> {
        if db.rollback().await.is_err() {
            return Ok(());
        }
        let (refused, others) = oneshot::channel();
        let _ended = self.back.send(Over::Refused(refused));
        // Dropped: it was the first, and saw nothing of others.
        others.await.unwrap_or(Ok(()))
    }
}

struct Writer {
    db: DatabaseConnection,
    engine: Engine,
    heard: Arc<Heard>,
}

/// What is to be committed together.
struct Batch {
    whole: DatabaseTransaction,
    engine: Engine,
    tail: Tail,
    kept: Vec<Committed>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::UnboundedReceiver<Waiting>) {
        let mut held = None;
        loop {
            let next = match held.take() {
                Some(next) => Some(next),
                None => queue.recv().await,
            };
            let Some(first) = next else { return };
            // A driver that breaks down takes its batch with it, and not all who come later.
            match AssertUnwindSafe(self.serve(first, &mut queue)).catch_unwind().await {
                Ok(waiting) => held = waiting,
                Err(_panic) => error!("the writer broke down; its batch is lost, and it begins anew"),
            }
        }
    }

    /// One batch; gives back who waits and joins nobody.
    async fn serve(&self, first: Waiting, queue: &mut mpsc::UnboundedReceiver<Waiting>) -> Option<Waiting> {
        if first.turn.is_closed() {
            return None;
        }
        match answered(self.engine, self.begin()).await {
            Ok((whole, head)) => self.together(first, whole, head, queue).await,
            Err(problem) => {
                // What keeps one from beginning keeps all from it that are there already.
                let others = std::iter::from_fn(|| queue.try_recv().ok());
                for waiting in std::iter::once(first).chain(others) {
                    let _gone = waiting.turn.send(Err(problem.again()));
                }
                None
            }
        }
    }

    /// Takes the lock first: so numbers follow commits, and a rule that looks at other rows is still true at the commit.
    #[expect(clippy::disallowed_methods, reason = "the one place where a tracked write begins")]
    async fn begin(&self) -> Result<(DatabaseTransaction, Head), Problem> {
        let options =
            TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
        let whole = self.db.begin_with_options(options).await.map_err(|error| not_begun(error, self.engine))?;
        let head = change_log::lock_head(&whole).await?;
        Ok((whole, head))
    }

    /// The first one works in the transaction itself: who is alone pays for no savepoint.
    async fn together(
        &self,
        first: Waiting,
        whole: DatabaseTransaction,
        head: Head,
        queue: &mut mpsc::UnboundedReceiver<Waiting>,
    ) -> Option<Waiting> {
        let began = Instant::now();
        let before = Pulse::from(&head);
        let Some(Over::Kept(whole, tail, kept)) = first.work(whole, head).await else { return None };
        let mut batch = Batch { whole, engine: self.engine, tail, kept: vec![kept] };
        let mut held = None;
        while batch.kept.len() < MOST_TOGETHER && began.elapsed() < LONGEST_TOGETHER {
            let Ok(next) = queue.try_recv() else { break };
            if next.alone {
                held = Some(next);
                break;
            }
            if let Err(problem) = batch.add(next).await {
                batch.fail(problem).await;
                return None;
            }
        }
        batch.commit(&self.heard, before).await;
        held
    }
}

impl Waiting {
    /// Gives the turn, and waits until it is over.
    async fn work(self, db: DatabaseTransaction, head: Head) -> Option<Over> {
        let (back, over) = oneshot::channel();
        self.turn.send(Ok(Turn { db, end: End { tail: Tail::after(head), back } })).ok()?;
        over.await.ok()
    }
}

impl Batch {
    /// One more turn, in a savepoint. A problem here is one of the whole batch.
    #[expect(clippy::disallowed_methods, reason = "a savepoint within the one transaction")]
    async fn add(&mut self, next: Waiting) -> Result<(), Problem> {
        if next.turn.is_closed() {
            return Ok(());
        }
        let part = answered(self.engine, async { Ok(self.whole.begin().await?) }).await?;
        match next.work(part, self.tail.head.clone()).await {
            Some(Over::Kept(part, tail, kept)) => {
                answered(self.engine, async { Ok(part.commit().await?) }).await?;
                self.tail.join(tail);
                self.kept.push(kept);
            }
            Some(Over::Refused(told)) => self.kept.push(told),
            None => answered(self.engine, self.still_there()).await?,
        }
        Ok(())
    }

    /// Whether the transaction stands, after a turn that was dropped: the engine may have taken back all of it. Whoever rolled back to a savepoint knows
    /// that it has not.
    async fn still_there(&self) -> Result<(), Problem> {
        let there = match self.engine {
            // After some errors (no space, no memory) it has. What is written next would stand alone, and only a BEGIN tells.
            Engine::Sqlite => {
                let alone = self.say("BEGIN").await.is_ok();
                if alone {
                    self.say("ROLLBACK").await?;
                }
                !alone
            }
            // Twice: the first answer may be that of the statement that was dropped.
            Engine::Postgres => self.say("SAVEPOINT there").await.is_ok() || self.say("SAVEPOINT there").await.is_ok(),
        };
        if there { Ok(()) } else { Err(Problem::new(Code::DatabaseUnavailable).because("the engine took the transaction back")) }
    }

    #[expect(clippy::disallowed_methods, reason = "asks the engine whether a transaction is open")]
    async fn say(&self, statement: &str) -> Result<(), DbErr> {
        self.whole.execute_unprepared(statement).await.map(drop)
    }

    async fn commit(self, heard: &Heard, before: Pulse) {
        let Self { whole, engine, tail, kept } = self;
        let pulse = Pulse::from(&tail.head);
        let committed = async {
            if pulse != before {
                tail.write(&whole, engine).await?;
            }
            Ok(whole.commit().await?)
        };
        let outcome = answered(engine, committed).await.map_err(unavailable);
        if outcome.is_ok() {
            heard.raise(pulse);
        }
        tell(kept, &outcome);
    }

    async fn fail(self, problem: Problem) {
        // The connection may be lost; then there is nothing left to roll back.
        let _lost = answered(self.engine, async { Ok(self.whole.rollback().await?) }).await;
        tell(self.kept, &Err(unavailable(problem)));
    }
}

/// What a server answers in time. A file always answers, and what it was told is carried out.
async fn answered<T>(engine: Engine, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    match engine {
        Engine::Sqlite => work.await,
        Engine::Postgres => match tokio::time::timeout(LONGEST_ANSWER, work).await {
            Ok(done) => done,
            Err(elapsed) => Err(Problem::new(Code::DatabaseUnavailable).because(elapsed)),
        },
    }
}

/// What fails between the writers' own statements is never a fault of what one of them wrote.
fn unavailable(problem: Problem) -> Problem {
    if problem.status() == 503 { problem } else { Problem::new(Code::DatabaseUnavailable).because(problem.cause().unwrap_or_default()) }
}

fn tell(kept: Vec<Committed>, outcome: &Result<(), Problem>) {
    for writer in kept {
        let _gone = writer.send(outcome.as_ref().map_err(Problem::again).copied());
    }
}

/// SQLite has one writer connection: not getting it means that somebody else is writing.
pub(super) fn not_begun(error: DbErr, engine: Engine) -> Problem {
    match (&error, engine) {
        (DbErr::ConnectionAcquire(_), Engine::Sqlite) => Problem::new(Code::WriterBusy).because(error),
        _ => Problem::from(error),
    }
}
