//! Parts of a write that may fail without taking the rest with them.

use sea_orm::{DatabaseTransaction, TransactionTrait};

use super::tx::Tx;
use crate::problem::Problem;

/// Where a part of a write began that may be taken back.
pub struct Savepoint {
    whole: DatabaseTransaction,
    drafts: usize,
    access: bool,
}

impl Tx<'_> {
    /// Begins a part of the write that may fail without taking the rest with it; [`Tx::settle`] ends it.
    #[expect(clippy::disallowed_methods, reason = "a savepoint within the one transaction")]
    pub async fn savepoint(&mut self) -> Result<Savepoint, Problem> {
        let part = self.db.begin().await?;
        Ok(Savepoint { whole: std::mem::replace(&mut self.db, part), drafts: self.drafts.len(), access: self.access })
    }

    /// Keeps what was written since the savepoint, or takes it back: rows and changes, and nothing before them.
    pub async fn settle<R>(&mut self, since: Savepoint, done: Result<R, Problem>) -> Result<R, Problem> {
        let Savepoint { whole, drafts, access } = since;
        let part = std::mem::replace(&mut self.db, whole);
        if done.is_ok() {
            part.commit().await?;
        } else {
            part.rollback().await?;
            self.drafts.truncate(drafts);
            self.access = access;
        }
        done
    }
}
