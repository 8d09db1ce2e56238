//! Whether a row may be pointed at.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Select};
use uuid::Uuid;

use crate::{
    entity::{
        coordination_body, objective,
        organization::{Column, Entity, Model},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Stamp, Tracked, Tx},
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

/// As [`organization`], for something that took place on these days: what counts is whether the organization was there then.
pub async fn organization_then(tx: &Tx<'_>, days: [NaiveDate; 2], id: Uuid, pointer: &str) -> Result<Option<Fault>, Problem> {
    let [first, last] = days;
    let fault = |code| Ok(Some(Fault::at(pointer, code)));
    let Some(row) = tx.find::<Entity>(Column::Id.eq(id)).await? else { return fault(FaultCode::ReferenceUnknown) };
    if row.archived_at.is_some() || row.valid_to.is_some_and(|to| to <= first) {
        return fault(FaultCode::ReferenceArchived);
    }
    let begins = row.valid_from.filter(|from| last < *from);
    Ok(begins.map(|from| Fault::at(pointer, FaultCode::ReferenceBeginsLater).with("day", from.to_string())))
}

/// What is wrong with a new reference to this row: unknown to the caller, or archived. Old references stand.
pub async fn row<E: Tracked>(tx: &Tx<'_>, id: Uuid, pointer: &str) -> Result<Option<Fault>, Problem> {
    let code = match tx.find::<E>(E::column("id")?.eq(id)).await? {
        None => FaultCode::ReferenceUnknown,
        Some(row) if Stamp::of::<E>(&row)?.archived_at.is_some() => FaultCode::ReferenceArchived,
        Some(_) => return Ok(None),
    };
    Ok(Some(Fault::at(pointer, code)))
}

/// What is wrong with a list of organizations: an entry that stands twice, and a new one that may not be pointed at.
pub async fn organizations(tx: &Tx<'_>, here: &Here, before: &[Uuid], ids: &[Uuid], pointer: &str) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let place = format!("{pointer}/{at}");
        if ids.iter().take(at).any(|earlier| earlier == id) {
            faults.push(Fault::at(place, FaultCode::NotUnique));
        } else if !before.contains(id) {
            faults.extend(organization(tx, here, *id, &place).await?);
        }
    }
    Ok(faults)
}

/// What is wrong with `action_codes`: actions that there are not, and those of an objective that is not named.
pub async fn actions(tx: &Tx<'_>, numbers: &[i16], codes: &[String]) -> Result<Vec<Fault>, Problem> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let known = tx.all(objective::Entity::all()).await?;
    let mut faults = Vec::new();
    for (at, code) in codes.iter().enumerate() {
        let pointer = format!("/action_codes/{at}");
        match known.iter().find(|objective| objective.actions.0.iter().any(|action| action.code == *code)) {
            None => faults.push(Fault::at(pointer, FaultCode::ReferenceUnknown)),
            Some(objective) if !numbers.contains(&objective.number) => {
                faults.push(Fault::at(pointer, FaultCode::ObjectiveNotNamed).with("number", objective.number));
            }
            Some(_) => {}
        }
    }
    Ok(faults)
}

/// What is wrong with a new reference to this coordination body: unknown to the caller, archived, or dissolved. Old references stand.
pub async fn coordination_body(tx: &Tx<'_>, here: &Here, id: Uuid, pointer: &str) -> Result<Option<Fault>, Problem> {
    let code = match tx.find::<coordination_body::Entity>(coordination_body::Column::Id.eq(id)).await? {
        None => FaultCode::ReferenceUnknown,
        Some(row) if row.archived_at.is_some() || row.dissolved_on.is_some_and(|day| day <= here.today()) => FaultCode::ReferenceArchived,
        Some(_) => return Ok(None),
    };
    Ok(Some(Fault::at(pointer, code)))
}

/// Whether `of` is this row, or stands below it through however many others.
pub async fn is_ancestor<E: Tracked>(
    tx: &Tx<'_>,
    id: Uuid,
    of: Uuid,
    by_id: impl Fn(Uuid) -> Select<E>,
    parent_of: impl Fn(&E::Model) -> Option<Uuid>,
) -> Result<bool, Problem> {
    let mut next = Some(of);
    let mut met = std::collections::HashSet::new();
    while let Some(ancestor) = next {
        if ancestor == id || !met.insert(ancestor) {
            return Ok(true);
        }
        next = tx.first(by_id(ancestor)).await?.as_ref().and_then(&parent_of);
    }
    Ok(false)
}

/// Refuses to take a row back into use when an institution that it points at has ended meanwhile.
pub async fn go_on(tx: &Tx<'_>, here: &Here, organizations: impl IntoIterator<Item = Uuid>) -> Result<(), Problem> {
    let ended = |row: &Model| row.valid_to.is_some_and(|to| to <= here.today());
    match tx.all(Entity::by_ids(organizations)).await?.into_iter().find(ended) {
        Some(row) => Err(Problem::new(Code::InstitutionEnded).with("organization_id", row.id.to_string())),
        None => Ok(()),
    }
}
