//! What must hold of an institution, whichever way it is written.

use sea_orm::{ColumnTrait, sea_query::IntoCondition};
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;

use super::inputs::{NewOrganization, OrganizationPatch};
use crate::{
    auth::{Action, Grant, Subject},
    entity::{
        account, objective,
        organization::{Column, Entity, Model},
        service_account,
    },
    features::{
        framework::vocabularies::ORGANIZATION_KINDS,
        references,
        sync::external_ids::{self, ExternalKey},
    },
    http::{
        Api,
        context::Here,
        extract::{Ask, Json},
        reply::{Upserted, View},
    },
    kind::Kind,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Answer, ExternalId, Seen, Store, Tx},
};

/// Enters or changes the institution that another system knows by this id: `N` read as a new row, or the same body read as the patch `P`.
pub async fn upsert<N, P, V>(
    store: &Store,
    here: &Here,
    ask: &Ask,
    key: &ExternalKey,
    seen: &Seen,
    among: impl IntoCondition,
    body: &Json<N>,
) -> Api<Answer<Upserted<V>>>
where
    N: DeserializeOwned + ToSchema + Into<NewOrganization>,
    P: DeserializeOwned + Into<OrganizationPatch>,
    V: View<Entity = Entity>,
{
    let (system, id) = external_ids::check_key(key)?;
    let among = among.into_condition();
    store
        .write(ask, async |tx| {
            let Some(known) = external_ids::upserted::<Entity>(tx, system, id, among).await? else {
                let grant = tx.may(Action::Create, &Subject::new(Kind::Organization))?;
                if *seen != Seen::Nothing {
                    return Err(Problem::new(Code::NothingToMatch));
                }
                let row = Model::from(body.read()?.into());
                rules(tx, here, None, &row, Vec::new()).await?;
                let known_as = ExternalId { system: system.to_owned(), id: id.to_owned() };
                let row = tx.insert_known_as::<Entity>(&grant, row, known_as).await?;
                return Ok(Upserted { view: V::from(row), created: true, changed: true });
            };
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(known.id), &seen.or_any(), Action::Update).await?;
            body.within(&grant, &V::from(row.clone()))?;
            let patch: OrganizationPatch = body.read_as::<P>()?.into();
            // Nothing differs: said so in every state, archived ones included.
            if patch.clone().apply(&row) == (row.clone(), Vec::new()) {
                return Ok(Upserted { created: false, changed: false, view: V::from(row) });
            }
            let row = change(tx, here, &grant, row, patch).await?;
            Ok(Upserted { created: false, changed: true, view: V::from(row) })
        })
        .await
}

/// Enters an institution, if the rules let it.
pub async fn enter(tx: &mut Tx<'_>, here: &Here, grant: &Grant, new: NewOrganization) -> Result<Model, Problem> {
    let row = Model::from(new);
    rules(tx, here, None, &row, Vec::new()).await?;
    tx.insert::<Entity>(grant, row).await
}

/// Changes an institution, if the rules let it.
pub async fn change(tx: &mut Tx<'_>, here: &Here, grant: &Grant, row: Model, patch: OrganizationPatch) -> Result<Model, Problem> {
    let (after, faults) = patch.apply(&row);
    rules(tx, here, Some(&row), &after, faults).await?;
    tx.update::<Entity>(grant, row, after).await
}

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

/// 422 for everything that is wrong with the row, then 409 for what others have.
async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
    if !ORGANIZATION_KINDS.iter().any(|(kind, _)| *kind == row.kind.as_str()) {
        let allowed: Vec<_> = ORGANIZATION_KINDS.iter().map(|(kind, _)| *kind).collect();
        faults.push(Fault::at("/kind", FaultCode::UnknownValue).with("allowed", allowed));
    }
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
