//! Which rows a list holds.

use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::activity_proposal::{Column, Entity},
    http::{
        context::Here,
        listing::{Filter, any_of, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which activity proposals are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActivityProposalFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only proposals of these revisions of workplans.
    #[serde(default)]
    workplan_revision_id: Vec<Uuid>,
    /// Only proposals for these activities.
    #[serde(default)]
    activity_id: Vec<Uuid>,
    /// `true`: only those that would take the activity out of the plan; `false`: only those that would change it.
    removes: Option<bool>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for ActivityProposalFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        use sea_orm::ColumnTrait as _;

        let Self { id, workplan_revision_id, activity_id, removes, provenance } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::WorkplanRevisionId, workplan_revision_id);
        query = any_of(query, Column::ActivityId, activity_id);
        query = any_of(query, Column::Provenance, provenance);
        Ok(whether(query, removes, Column::Removes.eq(true)))
    }
}
