//! What must hold of an institution, whichever way it is written.

use uuid::Uuid;

use crate::{
    entity::{
        account, objective,
        organization::{Entity, Model},
        service_account,
    },
    features::{framework::vocabularies, references, writing::Written},
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

/// Refused while others depend on it.
pub async fn no_dependants(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let id = row.id;
    let counted = [
        ("parent_id of organizations", tx.count(Entity::children_of(id)).await?),
        ("national_lead_id of objectives", tx.count(objective::Entity::led_by(id)).await?),
        ("organization_id of accounts", tx.count(account::Entity::open_of(id)).await?),
        ("organization_id of service accounts", tx.count(service_account::Entity::open_of(id)).await?),
    ];
    let count: u64 = counted.iter().map(|(_, count)| count).sum();
    if count == 0 {
        return Ok(());
    }
    let what: Vec<_> = counted.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{what}: {count}")).collect();
    Err(Problem::new(Code::HasDependants).with("count", count).with("what", what.join("; ")))
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("organization_kinds", &row.kind, "/kind"));
        if let (Some(from), Some(to)) = (row.valid_from, row.valid_to)
            && to <= from
        {
            faults.push(Fault::at("/valid_to", FaultCode::PeriodReversed).with("start", from.to_string()));
        }
        if let Some(parent) = row.parent_id
            && before.and_then(|before| before.parent_id) != Some(parent)
        {
            faults.extend(references::organization(tx, here, parent, "/parent_id").await?);
            faults.extend(cycle(tx, row.id, parent).await?);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        match tx.first(Entity::by_code(&row.code)).await? {
            Some(other) if other.id != row.id => Err(Problem::new(Code::CodeTaken).with("field", "code").with("value", row.code.as_str())),
            _ => Ok(()),
        }
    }
}

/// Whether the row would become its own ancestor.
async fn cycle(tx: &Tx<'_>, id: Uuid, parent: Uuid) -> Result<Option<Fault>, Problem> {
    let mut next = Some(parent);
    let mut met = std::collections::HashSet::new();
    while let Some(ancestor) = next {
        if ancestor == id || !met.insert(ancestor) {
            return Ok(Some(Fault::at("/parent_id", FaultCode::ParentCycle)));
        }
        next = tx.first(Entity::by_ids([ancestor])).await?.and_then(|row| row.parent_id);
    }
    Ok(None)
}
