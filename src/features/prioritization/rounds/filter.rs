//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::prioritization::{self, Column, Entity, RoundState},
    http::{
        context::Here,
        listing::{Filter, any_of, between},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which rounds are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PrioritizationFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only rounds in these states.
    #[serde(default)]
    state: Vec<RoundState>,
    /// Only rounds that prepare one of these review cycles.
    #[serde(default)]
    cycle_id: Vec<Uuid>,
    /// Only rounds of one of these consultations.
    #[serde(default)]
    consultation_id: Vec<Uuid>,
    /// Only rounds with one of these organizations in the electorate.
    #[serde(default)]
    elector_id: Vec<Uuid>,
    /// Only rounds with one of these criteria, by code.
    #[serde(default)]
    criterion: Vec<String>,
    /// Only rounds in which one of these objectives was chosen.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only rounds in which one of these organizations was chosen to lead.
    #[serde(default)]
    lead_id: Vec<Uuid>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only rounds that open on this day or later.
    opens_on_from: Option<NaiveDate>,
    /// Only rounds that open on this day or earlier.
    opens_on_to: Option<NaiveDate>,
    /// Only rounds that close on this day or later.
    closes_on_from: Option<NaiveDate>,
    /// Only rounds that close on this day or earlier.
    closes_on_to: Option<NaiveDate>,
}

impl Filter for PrioritizationFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective, Kind::ReviewCycle];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::State, self.state);
        query = any_of(query, Column::CycleId, self.cycle_id);
        query = any_of(query, Column::ConsultationId, self.consultation_id);
        query = any_of(query, Column::Provenance, self.provenance);
        query = between(query, Column::OpensOn, self.opens_on_from, self.opens_on_to);
        query = between(query, Column::ClosesOn, self.closes_on_from, self.closes_on_to);
        let conditions = [
            (!self.elector_id.is_empty()).then(|| prioritization::with_elector(self.elector_id)),
            (!self.criterion.is_empty()).then(|| prioritization::judged_by(self.criterion)),
            (!self.objective_number.is_empty()).then(|| prioritization::choosing(self.objective_number)),
            (!self.lead_id.is_empty()).then(|| prioritization::led_by(self.lead_id)),
        ];
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}
