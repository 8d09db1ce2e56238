//! What must hold of a membership, whichever way it is written.

use sea_orm::{ColumnTrait, QueryFilter};

use crate::{
    entity::{
        coordination_body,
        coordination_body_member::{Column, Entity, Model},
    },
    features::{
        references,
        writing::{Written, reversed},
    },
    http::context::Here,
    problem::{Code, Fault, Problem},
    store::Tx,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        // A membership that ended with its organization on the day on which it began stays as it is.
        if before.map(|before| (before.joined_on, before.left_on)) != Some((row.joined_on, row.left_on)) {
            faults.extend(reversed(row.joined_on, row.left_on, "/left_on"));
        }
        if before.map(|before| before.organization_id) != Some(row.organization_id) {
            faults.extend(references::organization(tx, here, row.organization_id, "/organization_id").await?);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        // Of an archived membership the store says so itself.
        if row.archived_at.is_none() { has_its_place(tx, here, row).await } else { Ok(()) }
    }
}

/// 409 when the body is archived, or when the organization has another open membership in it.
pub async fn has_its_place(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let body = tx.first(coordination_body::Entity::by_id(row.body_id)).await?.ok_or_else(Problem::not_found)?;
    if body.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    let today = here.today();
    if row.left_on.is_some_and(|left| left <= today) {
        return Ok(());
    }
    let others = Entity::open_in(row.body_id, today).filter(Column::OrganizationId.eq(row.organization_id)).filter(Column::Id.ne(row.id));
    match tx.first(others).await? {
        Some(other) => {
            let problem = Problem::new(Code::MembershipOpen).with("organization_id", other.organization_id.to_string());
            Err(problem.with("id", other.id.to_string()))
        }
        None => Ok(()),
    }
}
