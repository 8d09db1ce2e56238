//! The ids that other systems have for rows.

use uuid::Uuid;

use super::{
    change_log::Op,
    search,
    tracked::{ExternalId, Stamp, Tracked, put},
    tx::{Tx, require},
};
use crate::{
    auth::{Action, Grant, Subject},
    kind::Kind,
    problem::{Code, Problem},
    text::Items,
};

/// What became of an external id.
#[derive(Debug)]
pub enum ExternalIdChange {
    Set(String),
    Removed,
}

impl Tx<'_> {
    /// The row that another system knows by this id, seen or not.
    pub async fn external_row(&self, kind: Kind, system: &str, id: &str) -> Result<Option<Uuid>, Problem> {
        search::external_row(&self.db, kind, system, id).await
    }

    /// Sets or removes the id that another system has for this row.
    pub async fn set_external_id<E: Tracked>(
        &mut self,
        grant: &Grant,
        row: E::Model,
        system: &str,
        change: ExternalIdChange,
    ) -> Result<E::Model, Problem> {
        require(grant, Action::SetExternalId, &E::subject(&row))?;
        let stamp = Stamp::of::<E>(&row)?;
        let mut ids = stamp.external_ids.0.clone();
        ids.retain(|known| known.system != system);
        if let ExternalIdChange::Set(id) = change {
            match self.external_row(E::KIND, system, &id).await? {
                Some(other) if other != stamp.id => return Err(Problem::new(Code::ExternalIdTaken).with("system", system)),
                _ => ids.push(ExternalId { system: system.to_owned(), id }),
            }
        }
        ids.sort();
        let mut after = row.clone();
        put::<E>(&mut after, "external_ids", Items(ids.clone()))?;
        let saved = self.keep::<E>(row, after, Op::Update, None).await?;
        search::write_external_ids(&self.db, E::KIND, stamp.id, &ids).await?;
        Ok(saved)
    }

    /// Writes a new row that another system knows by this id already.
    pub async fn insert_known_as<E: Tracked>(&mut self, grant: &Grant, row: E::Model, known_as: ExternalId) -> Result<E::Model, Problem> {
        self.may(Action::SetExternalId, &Subject::new(E::KIND))?;
        if self.external_row(E::KIND, &known_as.system, &known_as.id).await?.is_some() {
            return Err(Problem::new(Code::ExternalIdTaken).with("system", known_as.system));
        }
        self.enter::<E>(grant, row, vec![known_as]).await
    }
}
