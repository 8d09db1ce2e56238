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

/// What is wrong with an account that is given this role for this organization: coordinators sit in the lead ministry.
pub async fn sits_there(tx: &Tx<'_>, here: &Here, role: Role, organization: Option<Uuid>) -> Result<Option<Fault>, Problem> {
    let (Role::Coordinator, Some(organization)) = (role, organization) else { return Ok(None) };
    let lead = lead_ministry(tx, here).await?.filter(|lead| lead.id != organization);
    Ok(lead.map(|lead| Fault::at("/organization_id", FaultCode::NotLeadMinistry).with("id", lead.id.to_string())))
}
