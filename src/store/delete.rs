//! Taking a row away for good.

use sea_orm::{ColumnTrait, QueryFilter};

use super::{
    change_log::Op,
    search,
    tracked::{Stamp, Tracked},
    tx::{Tx, require},
};
use crate::{
    auth::{Action, Grant},
    problem::{Code, Problem},
};

impl Tx<'_> {
    /// Takes the row away, and with it what `q` found it by and the ids that other systems have for it: both are free again. Lists of it in tables
    /// of their own go with it, since their keys say `ON DELETE CASCADE`. What stays is the log, with a last change that says who took it
    /// away and shows the row as it was.
    #[expect(clippy::disallowed_methods, reason = "the store writes")]
    pub async fn delete<E: Tracked>(&mut self, grant: &Grant, row: E::Model) -> Result<(), Problem> {
        require(grant, Action::Delete, &E::subject(&row))?;
        let mut stamp = Stamp::of::<E>(&row)?;
        if stamp.archived_at.is_some() {
            return Err(Problem::new(Code::Archived));
        }
        let this = E::delete_many().filter(E::column("id")?.eq(stamp.id)).filter(E::column("revision")?.eq(stamp.revision));
        if this.exec(&self.db).await?.rows_affected != 1 {
            return Err(Problem::internal("a row changed behind the writer lock"));
        }
        search::forget(&self.db, self.engine, E::KIND, stamp.id).await?;
        search::write_external_ids(&self.db, E::KIND, stamp.id, &[]).await?;
        stamp.revision += 1;
        self.log::<E>(&row, &stamp, Op::Delete, None)
    }
}
