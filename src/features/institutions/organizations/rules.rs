//! What must hold of an institution, whichever way it is written.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    entity::organization::{Entity, Model},
    features::{
        framework::vocabularies,
        institutions::{
            duties::{self, DutyKind},
            successions::rules::ended_by,
        },
        lifecycle, references,
        writing::{Written, reversed},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

/// Refused while others depend on it: rows that name it as their parent, and whatever it has on its hands today.
pub async fn no_dependants(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let mut counted = BTreeMap::from([(DutyKind::Parent, tx.count(Entity::children_of(row.id)).await?)]);
    for duty in duties::find(tx, row.id, here.today()).await?.iter().filter(|duty| duty.kind != DutyKind::Parent) {
        *counted.entry(duty.kind).or_default() += 1;
    }
    lifecycle::refuse_dependants(counted.iter().map(|(kind, count)| (kind.name(), *count)))
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("organization_kinds", &row.kind, "/kind"));
        faults.extend(reversed(row.valid_from, row.valid_to, "/valid_to"));
        if let Some(parent) = row.parent_id
            && before.and_then(|before| before.parent_id) != Some(parent)
        {
            faults.extend(references::organization(tx, here, parent, "/parent_id").await?);
            faults.extend(cycle(tx, row.id, parent).await?);
        }
        if let Some(before) = before.filter(|before| before.valid_to != row.valid_to) {
            faults.extend(set_by_succession(tx, before).await?);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        // The settings name the lead ministry by its code: whoever writes institutions does not choose who leads.
        if before.is_some_and(|before| before.code != row.code && before.code.as_str() == here.instance.lead_ministry) {
            lifecycle::refuse_dependants([("GCM_INSTANCE__LEAD_MINISTRY in the settings", 1)])?;
        }
        if before.is_some_and(|before| before.code == row.code) {
            return Ok(());
        }
        match tx.first(Entity::by_code(&row.code)).await? {
            Some(other) if other.id != row.id => Err(Problem::new(Code::CodeTaken).with("field", "code").with("value", row.code.as_str())),
            _ => Ok(()),
        }
    }
}

/// The day on which an institution ended by a succession is history.
async fn set_by_succession(tx: &Tx<'_>, before: &Model) -> Result<Option<Fault>, Problem> {
    let act = ended_by(tx, before.id).await?.filter(|act| act.effective_on == before.valid_to);
    Ok(act.map(|act| Fault::at("/valid_to", FaultCode::SetBySuccession).with("id", act.id.to_string())))
}

/// Whether the row would become its own ancestor.
async fn cycle(tx: &Tx<'_>, id: Uuid, parent: Uuid) -> Result<Option<Fault>, Problem> {
    Ok(is_ancestor(tx, id, parent).await?.then(|| Fault::at("/parent_id", FaultCode::ParentCycle)))
}

/// Whether `of` is this institution, or belongs to it through however many others.
pub async fn is_ancestor(tx: &Tx<'_>, id: Uuid, of: Uuid) -> Result<bool, Problem> {
    references::is_ancestor(tx, id, of, |id| Entity::by_ids([id]), |row| row.parent_id).await
}
