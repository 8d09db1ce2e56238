//! Whether a row may be pointed at.

use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    entity::organization::{Column, Entity},
    http::context::Here,
    problem::{Fault, FaultCode, Problem},
    store::Tx,
};

/// What is wrong with a new reference to this organization: unknown to the caller, archived, or no longer valid. Old references stand.
pub async fn organization(tx: &Tx<'_>, here: &Here, id: Uuid, pointer: &str) -> Result<Option<Fault>, Problem> {
    let code = match tx.find::<Entity>(Column::Id.eq(id)).await? {
        None => FaultCode::ReferenceUnknown,
        Some(row) if row.archived_at.is_some() || row.valid_to.is_some_and(|to| to <= here.today()) => FaultCode::ReferenceArchived,
        Some(_) => return Ok(None),
    };
    Ok(Some(Fault::at(pointer, code)))
}
