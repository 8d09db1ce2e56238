//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::priority::{Column, Entity, PriorityState, supported_by},
    http::{
        context::Here,
        listing::{Filter, any_of, between},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which priorities are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PriorityFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only priorities in these states.
    #[serde(default)]
    state: Vec<PriorityState>,
    /// Only priorities of these review cycles.
    #[serde(default)]
    cycle_id: Vec<Uuid>,
    /// Only priorities that come from these rounds.
    #[serde(default)]
    prioritization_id: Vec<Uuid>,
    /// Only priorities of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only priorities that one of these organizations leads.
    #[serde(default)]
    lead_id: Vec<Uuid>,
    /// Only priorities that one of these organizations supports.
    #[serde(default)]
    supporting_id: Vec<Uuid>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only priorities whose act of adoption is of this day or later; those without one are left out.
    adopted_on_from: Option<NaiveDate>,
    /// Only priorities whose act of adoption is of this day or earlier; those without one are left out.
    adopted_on_to: Option<NaiveDate>,
}

impl Filter for PriorityFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "rank", column: Column::Rank },
        Sort { name: "objective_number", column: Column::ObjectiveNumber },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective, Kind::Prioritization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        use sea_orm::QueryFilter as _;

        let Self {
            id,
            state,
            cycle_id,
            prioritization_id,
            objective_number,
            lead_id,
            supporting_id,
            provenance,
            adopted_on_from,
            adopted_on_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::State, state);
        query = any_of(query, Column::CycleId, cycle_id);
        query = any_of(query, Column::PrioritizationId, prioritization_id);
        query = any_of(query, Column::ObjectiveNumber, objective_number);
        query = any_of(query, Column::LeadId, lead_id);
        if !supporting_id.is_empty() {
            query = query.filter(supported_by(supporting_id));
        }
        query = any_of(query, Column::Provenance, provenance);
        Ok(between(query, Column::AdoptionDate, adopted_on_from, adopted_on_to))
    }
}
