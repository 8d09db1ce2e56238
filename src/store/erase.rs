//! Erasing what the record says of a person: from rows, from the change log, from kept answers, and from the file.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, ModelTrait, QueryFilter, Statement, sea_query::IntoCondition};

use super::{
    Engine, Store, change_log,
    change_log::Op,
    idempotency,
    private::{Holder, Private},
    search,
    tracked::{Stamp, Tracked, put, stamp_sight},
    tx::{Tx, differing, require, update_row},
};
use crate::{
    auth::{Action, Grant},
    problem::Problem,
};

impl Tx<'_> {
    /// Empties what the record says of a person: `after` is the row without it, and without the ids that other systems have for them, if it is their
    /// row. Every earlier body, reason and salt of the row goes, and kept answers that name it. That it was done is a change of its own; the chain stays whole. Says whether
    /// there was something left to erase.
    pub async fn erase<E: Tracked>(&mut self, grant: &Grant, before: E::Model, mut after: E::Model) -> Result<bool, Problem> {
        require(grant, Action::Erase, &E::subject(&before))?;
        self.reads_log()?;
        let id = E::public_id(&before)?;
        if self.drafts.iter().any(|draft| draft.kind == E::KIND && draft.resource_id == id) {
            return Err(Problem::internal("a row was changed and erased in one write: its change would keep what is to be erased"));
        }
        let stamp = Stamp::of::<E>(&before)?;
        for name in ["id", "created_at", "provenance"] {
            put::<E>(&mut after, name, before.get(E::column(name)?))?;
        }
        stamp_sight::<E>(&mut after)?;
        if differing::<E>(&before, &after).next().is_none() && change_log::ends_with_erasure(&self.db, E::KIND, &id).await? {
            return Ok(false);
        }
        put::<E>(&mut after, "revision", stamp.revision + 1)?;
        put::<E>(&mut after, "updated_at", self.now)?;
        update_row::<E>(&self.db, &stamp, &before, &after).await?;
        change_log::empty(&self.db, E::KIND, &id).await?;
        idempotency::forget(&self.db, &id).await?;
        search::write_external_ids(&self.db, E::KIND, stamp.id, &Stamp::of::<E>(&after)?.external_ids.0).await?;
        self.changed::<E>(&after, Op::Erase, None).await?;
        search::forget_old_texts(&self.db, self.engine).await?;
        Ok(true)
    }

    /// Lets go of every answer that was kept for an account, which signs in no more.
    pub async fn forget_answers_to(&mut self, holder: Holder) -> Result<(), Problem> {
        idempotency::forget_caller(&self.db, holder.account()).await
    }

    /// Takes the private row of a tracked row away, with what is to be erased of it; says whether there was one.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn erase_private<E: Tracked, P: Private>(
        &mut self,
        grant: &Grant,
        of: &E::Model,
        which: impl IntoCondition,
    ) -> Result<bool, Problem> {
        require(grant, Action::Erase, &E::subject(of))?;
        Ok(P::delete_many().filter(which.into_condition()).exec(&self.db).await?.rows_affected > 0)
    }
}

/// Where old text of what was erased may still lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// Neither in the file nor beside it.
    Nowhere,
    /// In the file or its write-ahead log, since others use them.
    InUse,
    /// In dead tuples and the write-ahead log of the server, until it clears them.
    OnServer,
}

impl Store {
    /// Rewrites an SQLite file without what was deleted from it, and empties its write-ahead log. A server clears its files itself.
    pub async fn scrub(&self) -> Result<Remains, Problem> {
        match self.engine {
            Engine::Postgres => Ok(Remains::OnServer),
            Engine::Sqlite => scrub_file(&self.writer).await,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "asks the engine to rewrite its file")]
async fn scrub_file(db: &DatabaseConnection) -> Result<Remains, Problem> {
    if let Err(problem) = db.execute_unprepared("VACUUM").await.map_err(Problem::from) {
        return if problem.status() == 503 { Ok(Remains::InUse) } else { Err(problem) };
    }
    // A reader holds the write-ahead log for as long as its statement takes; each try waits for five seconds.
    for _try in 0..3 {
        let emptied = Statement::from_string(db.get_database_backend(), "PRAGMA wal_checkpoint(TRUNCATE)");
        let row = db.query_one_raw(emptied).await?.ok_or_else(|| Problem::internal("the write-ahead log did not answer"))?;
        if row.try_get::<i64>("", "busy")? == 0 {
            return Ok(Remains::Nowhere);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(Remains::InUse)
}
