//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::milestone::{Column, Entity},
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which milestones are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// `true`: only milestones that were reached; `false`: only those that were not.
    done: Option<bool>,
    /// Only milestones that are to be reached on this day or later.
    due_on_from: Option<NaiveDate>,
    /// Only milestones that are to be reached on this day or earlier.
    due_on_to: Option<NaiveDate>,
    /// Only milestones that were reached on this day or later.
    done_on_from: Option<NaiveDate>,
    /// Only milestones that were reached on this day or earlier.
    done_on_to: Option<NaiveDate>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for MilestoneFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "due_on", column: Column::DueOn },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, done, due_on_from, due_on_to, done_on_from, done_on_to, provenance } = self;
        query = any_of(query, Column::Id, id);
        query = whether(query, done, Column::DoneOn.is_not_null());
        query = between(query, Column::DueOn, due_on_from, due_on_to);
        query = between(query, Column::DoneOn, done_on_from, done_on_to);
        Ok(any_of(query, Column::Provenance, provenance))
    }
}
