//! Which rows a list holds.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::{
        lists_any,
        nomination::{Column, Entity, in_cycles},
        prioritization::RoundState,
    },
    http::{
        context::Here,
        listing::{Filter, any_of, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which nominations are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NominationFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only nominations of these rounds.
    #[serde(default)]
    prioritization_id: Vec<Uuid>,
    /// Only nominations of rounds in these states.
    #[serde(default)]
    prioritization_state: Vec<RoundState>,
    /// Only nominations of rounds that prepare these review cycles.
    #[serde(default)]
    cycle_id: Vec<Uuid>,
    /// Only nominations that these organizations gave.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only nominations of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only nominations that name one of these actions.
    #[serde(default)]
    action_code: Vec<String>,
    /// `true`: only those that the lead ministry entered for another institution; `false`: only those that an institution gave itself.
    on_behalf: Option<bool>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for NominationFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
        Sort { name: "objective_number", column: Column::ObjectiveNumber },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective, Kind::Prioritization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::PrioritizationId, self.prioritization_id);
        query = any_of(query, Column::RoundState, self.prioritization_state);
        if !self.cycle_id.is_empty() {
            query = query.filter(in_cycles(self.cycle_id));
        }
        query = any_of(query, Column::OrganizationId, self.organization_id);
        query = any_of(query, Column::ObjectiveNumber, self.objective_number);
        query = any_of(query, Column::Provenance, self.provenance);
        let names_action = (!self.action_code.is_empty()).then_some(true);
        query = whether(query, names_action, lists_any(Column::ActionCodes, self.action_code));
        Ok(whether(query, self.on_behalf, Column::OnBehalfNote.is_not_null()))
    }
}
