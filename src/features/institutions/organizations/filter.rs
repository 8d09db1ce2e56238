//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, QueryFilter, Select, sea_query::IntoCondition};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::organization::{self, Column, Entity},
    http::{
        context::Here,
        listing::{Filter, any_of, taken, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Several, Sort},
};

/// Which institutions are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganizationFilter {
    /// Only these ids.
    #[serde(default)]
    pub id: Vec<Uuid>,
    /// Only these kinds.
    #[serde(default)]
    pub kind: Vec<String>,
    /// Only these codes.
    #[serde(default)]
    pub code: Vec<String>,
    /// Only institutions that belong to one of these.
    #[serde(default)]
    pub parent_id: Vec<Uuid>,
    /// Only institutions of these countries.
    #[serde(default)]
    pub country: Vec<String>,
    /// Only rows of this provenance.
    #[serde(default)]
    pub provenance: Vec<Provenance>,
    /// `true`: only institutions that exist today; `false`: only those that do not.
    pub active: Option<bool>,
    /// Only institutions that existed on this day.
    pub valid_on: Option<NaiveDate>,
    /// Only institutions that began to exist on this day or later.
    pub valid_from_from: Option<NaiveDate>,
    /// Only institutions that began to exist on this day or earlier.
    pub valid_from_to: Option<NaiveDate>,
    /// Only institutions that ceased to exist on this day or later.
    pub valid_to_from: Option<NaiveDate>,
    /// Only institutions that ceased to exist on this day or earlier.
    pub valid_to_to: Option<NaiveDate>,
}

impl Filter for OrganizationFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "name", column: Column::SortName },
        Sort { name: "code", column: Column::Code },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];
    const COMPUTES: bool = true;

    fn several(&mut self) -> Option<Several<Column>> {
        taken(Column::Kind, &mut self.kind)
    }

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        let Self {
            id,
            kind,
            code,
            parent_id,
            country,
            provenance,
            active,
            valid_on,
            valid_from_from,
            valid_from_to,
            valid_to_from,
            valid_to_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::Kind, kind);
        query = any_of(query, Column::Code, code);
        query = any_of(query, Column::ParentId, parent_id);
        query = any_of(query, Column::Country, country);
        query = any_of(query, Column::Provenance, provenance);
        query = whether(query, active, organization::valid_on(here.today()));
        let conditions = [
            valid_on.map(organization::valid_on),
            valid_from_from.map(|day| Column::ValidFrom.gte(day).into_condition()),
            valid_from_to.map(|day| Column::ValidFrom.lte(day).into_condition()),
            valid_to_from.map(|day| Column::ValidTo.gte(day).into_condition()),
            valid_to_to.map(|day| Column::ValidTo.lte(day).into_condition()),
        ];
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}
