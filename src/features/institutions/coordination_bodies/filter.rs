//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::coordination_body::{Column, Entity, chaired_by, existing_on},
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which bodies are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CoordinationBodyFilter {
    /// Only these ids.
    #[serde(default)]
    pub id: Vec<Uuid>,
    /// Only these levels.
    #[serde(default)]
    pub level: Vec<String>,
    /// Only bodies that one of these organizations chairs.
    #[serde(default)]
    pub chair_id: Vec<Uuid>,
    /// Only bodies that stand directly below one of these.
    #[serde(default)]
    pub parent_id: Vec<Uuid>,
    /// Only rows of this provenance.
    #[serde(default)]
    pub provenance: Vec<Provenance>,
    /// `true`: only bodies that exist today; `false`: only those that do not.
    pub current: Option<bool>,
    /// Only bodies that were established on this day or later.
    pub established_on_from: Option<NaiveDate>,
    /// Only bodies that were established on this day or earlier.
    pub established_on_to: Option<NaiveDate>,
    /// Only bodies that were dissolved on this day or later.
    pub dissolved_on_from: Option<NaiveDate>,
    /// Only bodies that were dissolved on this day or earlier.
    pub dissolved_on_to: Option<NaiveDate>,
}

impl Filter for CoordinationBodyFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "name", column: Column::SortName },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::CoordinationBody];
    const COMPUTES: bool = true;

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        let Self {
            id,
            level,
            chair_id,
            parent_id,
            provenance,
            current,
            established_on_from,
            established_on_to,
            dissolved_on_from,
            dissolved_on_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::Level, level);
        if !chair_id.is_empty() {
            query = query.filter(chaired_by(chair_id));
        }
        query = any_of(query, Column::ParentId, parent_id);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::EstablishedOn, established_on_from, established_on_to);
        query = between(query, Column::DissolvedOn, dissolved_on_from, dissolved_on_to);
        Ok(whether(query, current, existing_on(here.today())))
    }
}
