//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::consultation::{self, Column, Entity, Part},
    http::{
        context::Here,
        listing::{Filter, any_of, between},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
    text::DatePrecision,
};

/// Which consultations are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConsultationFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only these kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Only those held in one of these ways, of `GET /v1/vocabularies/consultation_modes`.
    #[serde(default)]
    mode: Vec<String>,
    /// Only those that were `planned`, `held` or `cancelled`.
    #[serde(default)]
    status: Vec<String>,
    /// Only those with one of these numbers in their series.
    #[serde(default)]
    series_number: Vec<i16>,
    /// Only those whose dates are known so exactly.
    #[serde(default)]
    date_precision: Vec<DatePrecision>,
    /// Only those of these review cycles.
    #[serde(default)]
    cycle_id: Vec<Uuid>,
    /// Only those that name one of these organizations, in whatever part.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only those that one of these organizations called.
    #[serde(default)]
    convenor_id: Vec<Uuid>,
    /// Only those with somebody of one of these organizations in the chair.
    #[serde(default)]
    chair_id: Vec<Uuid>,
    /// Only those to which one of these organizations sent somebody.
    #[serde(default)]
    participant_id: Vec<Uuid>,
    /// Only those with a participant in one of these roles, of `GET /v1/vocabularies/participant_roles`.
    #[serde(default)]
    participant_role: Vec<String>,
    /// Only those that one of these organizations paid for.
    #[serde(default)]
    funder_id: Vec<Uuid>,
    /// Only those of which one of these organizations led a group.
    #[serde(default)]
    facilitator_id: Vec<Uuid>,
    /// Only those of which a group discussed one of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only those that were linked with one of these Sustainable Development Goals.
    #[serde(default)]
    sdg_goal_number: Vec<i16>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only those that start on this day or later.
    starts_on_from: Option<NaiveDate>,
    /// Only those that start on this day or earlier.
    starts_on_to: Option<NaiveDate>,
    /// Only those that end on this day or later.
    ends_on_from: Option<NaiveDate>,
    /// Only those that end on this day or earlier.
    ends_on_to: Option<NaiveDate>,
}

impl Filter for ConsultationFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "starts_on", column: Column::StartsOn },
        Sort { name: "title", column: Column::SortTitle },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective, Kind::ReviewCycle];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::Kind, self.kind);
        query = any_of(query, Column::Mode, self.mode);
        query = any_of(query, Column::Status, self.status);
        query = any_of(query, Column::SeriesNumber, self.series_number);
        query = any_of(query, Column::DatePrecision, self.date_precision);
        query = any_of(query, Column::CycleId, self.cycle_id);
        query = any_of(query, Column::Provenance, self.provenance);
        query = between(query, Column::StartsOn, self.starts_on_from, self.starts_on_to);
        query = between(query, Column::EndsOn, self.ends_on_from, self.ends_on_to);
        let naming = |ids: Vec<Uuid>, part: Option<Part>| (!ids.is_empty()).then(|| consultation::naming(ids, part));
        let conditions = [
            naming(self.organization_id, None),
            naming(self.convenor_id, Some(Part::Convenor)),
            naming(self.chair_id, Some(Part::Chair)),
            naming(self.participant_id, Some(Part::Participant)),
            naming(self.funder_id, Some(Part::Funder)),
            naming(self.facilitator_id, Some(Part::Facilitator)),
            (!self.participant_role.is_empty()).then(|| consultation::with_participant_role(self.participant_role)),
            (!self.objective_number.is_empty()).then(|| consultation::with_objective(self.objective_number)),
            (!self.sdg_goal_number.is_empty()).then(|| consultation::with_sdg_goal(self.sdg_goal_number)),
        ];
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}
