//! Which rows a list holds.

use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::budget_line::{Column, Entity},
    http::{
        context::Here,
        listing::{Filter, any_of},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which budget lines are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BudgetLineFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only these kinds, of `GET /v1/vocabularies/budget_line_kinds`.
    #[serde(default)]
    kind: Vec<String>,
    /// Only amounts in one of these currencies.
    #[serde(default)]
    currency: Vec<String>,
    /// Only lines that one of these organizations pays.
    #[serde(default)]
    funder_id: Vec<Uuid>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for BudgetLineFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, kind, currency, funder_id, provenance } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::Kind, kind);
        query = any_of(query, Column::AmountCurrency, currency);
        query = any_of(query, Column::FunderId, funder_id);
        Ok(any_of(query, Column::Provenance, provenance))
    }
}
