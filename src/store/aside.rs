//! Writes outside the change log: sign-ins, refreshes, counters. On PostgreSQL they take no writer lock and have connections of their own, so
//! that nobody who signs in waits for an import.

use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, Iterable, PrimaryKeyToColumn, QueryFilter, Select,
    sea_query::{IntoCondition, OnConflict},
};

use super::{Store, private::Private};
use crate::{clock::Timestamp, problem::Problem};

/// One transaction that writes private tables and nothing else.
///
/// Transactions like this run beside each other and beside the tracked writer on PostgreSQL (READ COMMITTED): what must hold between two of them is
/// said by one conditional UPDATE and the number of rows that it met, never by a read before a write. Rows are taken in one order, so that none
/// waits for another in a ring: credential, session, refresh token.
pub struct Aside {
    db: DatabaseTransaction,
    now: Timestamp,
}

impl Store {
    /// Runs `work` in one transaction outside the change log. A problem takes everything back.
    pub async fn aside<R>(&self, work: impl AsyncFnOnce(&mut Aside) -> Result<R, Problem>) -> Result<R, Problem> {
        let mut aside = Aside { db: self.begin_aside().await?, now: self.clock().now() };
        match work(&mut aside).await {
            Ok(reply) => {
                aside.db.commit().await?;
                Ok(reply)
            }
            Err(problem) => {
                aside.db.rollback().await?;
                Err(problem)
            }
        }
    }
}

impl Aside {
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub async fn first<E: EntityTrait>(&self, query: Select<E>) -> Result<Option<E::Model>, Problem> {
        Ok(query.one(&self.db).await?)
    }

    pub async fn all<E: EntityTrait>(&self, query: Select<E>) -> Result<Vec<E::Model>, Problem> {
        Ok(query.all(&self.db).await?)
    }

    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn insert<P: Private>(&mut self, row: P::ActiveModel) -> Result<(), Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        P::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Writes a row, unless there is one under its key.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn insert_unless_known<P: Private>(&mut self, row: P::ActiveModel) -> Result<(), Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        let keys = P::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
        let conflict = OnConflict::columns(keys).do_nothing().to_owned();
        P::insert(row).on_conflict(conflict).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// One conditional UPDATE; says how many rows it met.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn update<P: Private>(&mut self, values: P::ActiveModel, which: impl IntoCondition) -> Result<u64, Problem>
    where
        P::ActiveModel: ActiveModelTrait<Entity = P> + Send,
    {
        Ok(P::update_many().set(values).filter(which.into_condition()).exec(&self.db).await?.rows_affected)
    }

    /// One conditional DELETE; says how many rows it met.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn delete<P: Private>(&mut self, which: impl IntoCondition) -> Result<u64, Problem> {
        Ok(P::delete_many().filter(which.into_condition()).exec(&self.db).await?.rows_affected)
    }
}
