//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::workplan::{Column, Entity, WorkplanState, with_priority},
    http::{
        context::Here,
        listing::{Filter, any_of, between},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
    text::Interval,
};

/// Which workplans are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkplanFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only workplans in these states.
    #[serde(default)]
    state: Vec<WorkplanState>,
    /// Only workplans that carry out one of these priorities.
    #[serde(default)]
    priority_id: Vec<Uuid>,
    /// Only workplans with one of these reporting intervals.
    #[serde(default)]
    reporting_interval: Vec<Interval>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only workplans that begin on this day or later.
    starts_on_from: Option<NaiveDate>,
    /// Only workplans that begin on this day or earlier.
    starts_on_to: Option<NaiveDate>,
    /// Only workplans that end on this day or later.
    ends_on_from: Option<NaiveDate>,
    /// Only workplans that end on this day or earlier.
    ends_on_to: Option<NaiveDate>,
    /// Only workplans whose `approval_act` is of this day or later; those without one are left out.
    approval_act_on_from: Option<NaiveDate>,
    /// Only workplans whose `approval_act` is of this day or earlier; those without one are left out.
    approval_act_on_to: Option<NaiveDate>,
}

impl Filter for WorkplanFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "starts_on", column: Column::StartsOn },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Priority];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        use sea_orm::QueryFilter as _;

        let Self {
            id,
            state,
            priority_id,
            reporting_interval,
            provenance,
            starts_on_from,
            starts_on_to,
            ends_on_from,
            ends_on_to,
            approval_act_on_from,
            approval_act_on_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::State, state);
        if !priority_id.is_empty() {
            query = query.filter(with_priority(priority_id));
        }
        query = any_of(query, Column::ReportingInterval, reporting_interval);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::StartsOn, starts_on_from, starts_on_to);
        query = between(query, Column::EndsOn, ends_on_from, ends_on_to);
        Ok(between(query, Column::ApprovalDate, approval_act_on_from, approval_act_on_to))
    }
}
