//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::workplan_revision::{Column, Entity, RevisionState},
    http::{
        context::Here,
        listing::{Filter, any_of, between},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which revisions of workplans are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkplanRevisionFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only revisions of these workplans.
    #[serde(default)]
    workplan_id: Vec<Uuid>,
    /// Only revisions in these states.
    #[serde(default)]
    state: Vec<RevisionState>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only revisions whose `approval_act` is of this day or later; those without one are left out.
    approval_act_on_from: Option<NaiveDate>,
    /// Only revisions whose `approval_act` is of this day or earlier; those without one are left out.
    approval_act_on_to: Option<NaiveDate>,
}

impl Filter for WorkplanRevisionFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Priority, Kind::Workplan];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, workplan_id, state, provenance, approval_act_on_from, approval_act_on_to } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::WorkplanId, workplan_id);
        query = any_of(query, Column::State, state);
        query = any_of(query, Column::Provenance, provenance);
        Ok(between(query, Column::ApprovalDate, approval_act_on_from, approval_act_on_to))
    }
}
