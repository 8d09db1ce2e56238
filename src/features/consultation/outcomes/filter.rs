//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::outcome::{self, Column, Entity, OutcomeState},
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which outcomes are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OutcomeFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only outcomes of these consultations.
    #[serde(default)]
    consultation_id: Vec<Uuid>,
    /// Only these kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Only outcomes in these states.
    #[serde(default)]
    state: Vec<OutcomeState>,
    /// Only outcomes that these organizations see to.
    #[serde(default)]
    responsible_id: Vec<Uuid>,
    /// `true`: only outcomes that an organization sees to; `false`: only those that nobody does.
    has_responsible: Option<bool>,
    /// Only outcomes about one of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only outcomes that are due on this day or later; those without a day are left out.
    due_on_from: Option<NaiveDate>,
    /// Only outcomes that are due on this day or earlier; those without a day are left out.
    due_on_to: Option<NaiveDate>,
}

impl Filter for OutcomeFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Consultation, Kind::Organization, Kind::Objective];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self {
            id,
            consultation_id,
            kind,
            state,
            responsible_id,
            has_responsible,
            objective_number,
            provenance,
            due_on_from,
            due_on_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::ConsultationId, consultation_id);
        query = any_of(query, Column::Kind, kind);
        query = any_of(query, Column::State, state);
        query = any_of(query, Column::ResponsibleId, responsible_id);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::DueOn, due_on_from, due_on_to);
        if !objective_number.is_empty() {
            query = query.filter(outcome::with_objective(objective_number));
        }
        Ok(whether(query, has_responsible, Column::ResponsibleId.is_not_null()))
    }
}
