//! Parts of a write that may fail without taking the rest with them.

use sea_orm::ConnectionTrait;

use super::tx::Tx;
use crate::problem::Problem;

/// Where a part of a write began that may be taken back.
pub struct Savepoint {
    drafts: usize,
    access: bool,
}

impl Tx<'_> {
    /// Begins a part of the write that may fail without taking the rest with it; [`Tx::settle`] ends it.
    ///
    /// In words and not as a transaction within the transaction: one of those that is dropped while it begins would take back more than itself, and
    /// the driver would not know. What stands in words goes with the turn that is dropped.
    pub async fn savepoint(&mut self) -> Result<Savepoint, Problem> {
        self.say("SAVEPOINT part").await?;
        Ok(Savepoint { drafts: self.drafts.len(), access: self.access })
    }

    /// Keeps what was written since the savepoint, or takes it back: rows and changes, and nothing before them.
    pub async fn settle<R>(&mut self, since: Savepoint, done: Result<R, Problem>) -> Result<R, Problem> {
        if done.is_err() {
            self.say("ROLLBACK TO SAVEPOINT part").await?;
            self.drafts.truncate(since.drafts);
            self.access = since.access;
        }
        self.say("RELEASE SAVEPOINT part").await?;
        done
    }

    #[expect(clippy::disallowed_methods, reason = "a savepoint within the one transaction")]
    async fn say(&self, statement: &str) -> Result<(), Problem> {
        self.db.execute_unprepared(statement).await?;
        Ok(())
    }
}
