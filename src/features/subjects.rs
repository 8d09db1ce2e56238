//! Rows that others are about: what is endorsed, what is commented on.

use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    auth::Audience,
    entity::{activity, effort, nomination, priority, workplan, workplan_revision},
    kind::Kind,
    problem::{Fault, FaultCode, Problem},
    store::{Stamp, Tracked, Tx},
};

/// What a row has to know of the one that it is about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub owner: Option<Uuid>,
    pub audience: Audience,
}

/// The row of this kind, or what is wrong with pointing at it: unknown to the caller, or archived.
pub async fn about(tx: &Tx<'_>, kind: Kind, id: Uuid, pointer: &str) -> Result<Result<About, Fault>, Problem> {
    let stamp = match kind {
        Kind::Effort => stamp::<effort::Entity>(tx, id).await?,
        Kind::Nomination => stamp::<nomination::Entity>(tx, id).await?,
        Kind::Priority => stamp::<priority::Entity>(tx, id).await?,
        Kind::Workplan => stamp::<workplan::Entity>(tx, id).await?,
        Kind::WorkplanRevision => stamp::<workplan_revision::Entity>(tx, id).await?,
        Kind::Activity => stamp::<activity::Entity>(tx, id).await?,
        other => return Err(Problem::internal(format!("no row is about a row of {other}"))),
    };
    Ok(match stamp {
        None => Err(Fault::at(pointer, FaultCode::ReferenceUnknown)),
        Some(stamp) if stamp.archived_at.is_some() => Err(Fault::at(pointer, FaultCode::ReferenceArchived)),
        Some(stamp) => Ok(About { owner: stamp.owner_id, audience: stamp.audience }),
    })
}

async fn stamp<E: Tracked>(tx: &Tx<'_>, id: Uuid) -> Result<Option<Stamp>, Problem> {
    let row = tx.find::<E>(E::column("id")?.eq(id)).await?;
    row.map(|row| Stamp::of::<E>(&row)).transpose()
}
