//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::focal_point::{self, Column, Entity, FocalPointRole},
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which focal points are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FocalPointFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only focal points of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only these roles.
    #[serde(default)]
    role: Vec<FocalPointRole>,
    /// Only appointments of the holders of these accounts.
    #[serde(default)]
    account_id: Vec<Uuid>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// `true`: only those in office today; `false`: only those who are not yet, or no more.
    current: Option<bool>,
    /// Only appointments that began on this day or later.
    starts_on_from: Option<NaiveDate>,
    /// Only appointments that began on this day or earlier.
    starts_on_to: Option<NaiveDate>,
    /// Only appointments whose last day is this one or later; those without an end are left out.
    ends_on_from: Option<NaiveDate>,
    /// Only appointments whose last day is this one or earlier; those without an end are left out.
    ends_on_to: Option<NaiveDate>,
}

impl Filter for FocalPointFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "name", column: Column::SortName },
        Sort { name: "starts_on", column: Column::StartsOn },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];
    const COMPUTES: bool = true;

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        let Self { id, organization_id, role, account_id, provenance, current, starts_on_from, starts_on_to, ends_on_from, ends_on_to } =
            self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::OrganizationId, organization_id);
        query = any_of(query, Column::Role, role);
        query = any_of(query, Column::AccountId, account_id);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::StartsOn, starts_on_from, starts_on_to);
        query = between(query, Column::EndsOn, ends_on_from, ends_on_to);
        Ok(whether(query, current, focal_point::current_on(here.today())))
    }
}
