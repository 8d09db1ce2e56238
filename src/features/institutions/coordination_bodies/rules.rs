//! What must hold of a coordination body, whichever way it is written.

use sea_orm::ActiveValue::Set;

use crate::{
    entity::{
        coordination_body::{Entity, Model},
        coordination_body_chair, coordination_body_member,
    },
    features::{
        framework::vocabularies,
        lifecycle, references,
        writing::{Written, reversed},
    },
    http::context::Here,
    problem::{Fault, FaultCode, Problem},
    store::Tx,
};

/// Refused while other bodies stand below it, or organizations are members of it.
pub async fn no_dependants(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    lifecycle::refuse_dependants([
        ("parent_id of coordination bodies", tx.count(Entity::children_of(row.id)).await?),
        ("open members", tx.count(coordination_body_member::Entity::open_in(row.id, here.today())).await?),
    ])
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("coordination_levels", &row.level, "/level"));
        faults.extend(reversed(row.established_on, row.dissolved_on, "/dissolved_on"));
        let chairs = before.map(|before| before.chair_ids.0.as_slice()).unwrap_or_default();
        faults.extend(references::organizations(tx, here, chairs, &row.chair_ids.0, "/chair_ids").await?);
        if let Some(parent) = row.parent_id
            && before.and_then(|before| before.parent_id) != Some(parent)
        {
            faults.extend(references::coordination_body(tx, here, parent, "/parent_id").await?);
            if references::is_ancestor(tx, row.id, parent, Self::by_id, |row| row.parent_id).await? {
                faults.push(Fault::at("/parent_id", FaultCode::ParentCycle));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        let chair = |id: &_| coordination_body_chair::ActiveModel { body_id: Set(row.id), organization_id: Set(*id) };
        let chairs = row.chair_ids.0.iter().map(chair).collect();
        tx.replace_owned::<coordination_body_chair::Entity>(coordination_body_chair::Column::BodyId, row.id, chairs).await
    }
}
