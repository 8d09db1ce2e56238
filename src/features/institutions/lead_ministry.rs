//! The ministry that leads the implementation.

use uuid::Uuid;

use super::successions::rules::ended_by;
use crate::{
    auth::Role,
    entity::organization::{Entity, Model},
    http::context::Here,
    problem::{Fault, FaultCode, Problem},
    store::{Reads, Tx},
    text::Code,
};

/// The one that the settings name; once it has ended, the one that goes on in its place. None, when no single one does: then the settings are to
/// name another.
pub async fn lead_ministry(rows: &impl Reads, here: &Here) -> Result<Option<Model>, Problem> {
    let Ok(code) = here.instance.lead_ministry.parse::<Code>() else { return Ok(None) };
    let mut lead = rows.all(Entity::by_code(&code)).await?.pop();
    // Nothing succeeds itself, so this ends; bounded all the same.
    for _step in 0..50 {
        let Some(over) = lead.as_ref().filter(|row| row.valid_to.is_some_and(|to| to <= here.today())) else { break };
        let Some(act) = ended_by(rows, over.id).await? else { break };
        let [heir] = act.successor_ids.0.as_slice() else { break };
        lead = rows.all(Entity::by_ids([*heir])).await?.pop();
    }
    Ok(lead.filter(|row| row.archived_at.is_none() && row.valid_to.is_none_or(|to| here.today() < to)))
}

/// For whom an account speaks, and as what.
pub type Seat = (Role, Option<Uuid>);

/// What is wrong with the seat that an account is given: coordinators sit in the lead ministry. One that it had before stands.
pub async fn wrong_seat(tx: &Tx<'_>, here: &Here, before: Option<Seat>, now: Seat) -> Result<Option<Fault>, Problem> {
    let (Role::Coordinator, Some(organization)) = now else { return Ok(None) };
    if before == Some(now) {
        return Ok(None);
    }
    let lead = lead_ministry(tx, here).await?.filter(|lead| lead.id != organization);
    Ok(lead.map(|lead| Fault::at("/organization_id", FaultCode::NotLeadMinistry).with("id", lead.id.to_string())))
}
