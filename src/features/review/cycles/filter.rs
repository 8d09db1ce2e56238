//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::Select;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::review_cycle::{Column, DateStatus, Entity, current_on},
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    problem::Problem,
    store::{Provenance, Sort},
    text::DatePrecision,
};

/// Which cycles are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReviewCycleFilter {
    /// Only these ids.
    #[serde(default)]
    pub id: Vec<Uuid>,
    /// Only these codes.
    #[serde(default)]
    pub code: Vec<String>,
    /// Only these kinds.
    #[serde(default)]
    pub kind: Vec<String>,
    /// Only cycles whose dates are known so exactly.
    #[serde(default)]
    pub date_precision: Vec<DatePrecision>,
    /// Only cycles whose dates are settled, or only those where they are not.
    #[serde(default)]
    pub date_status: Vec<DateStatus>,
    /// Only rows of this provenance.
    #[serde(default)]
    pub provenance: Vec<Provenance>,
    /// `true`: only cycles that run today, from `starts_on` to `ends_on`, both included; `false`: only those that do not.
    pub current: Option<bool>,
    /// Only cycles that start on this day or later.
    pub starts_on_from: Option<NaiveDate>,
    /// Only cycles that start on this day or earlier.
    pub starts_on_to: Option<NaiveDate>,
    /// Only cycles that end on this day or later.
    pub ends_on_from: Option<NaiveDate>,
    /// Only cycles that end on this day or earlier.
    pub ends_on_to: Option<NaiveDate>,
    /// Only cycles for which the country's review is due on this day or later.
    pub submission_due_on_from: Option<NaiveDate>,
    /// Only cycles for which the country's review is due on this day or earlier.
    pub submission_due_on_to: Option<NaiveDate>,
}

impl Filter for ReviewCycleFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "starts_on", column: Column::StartsOn },
        Sort { name: "ends_on", column: Column::EndsOn },
        Sort { name: "code", column: Column::Code },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const COMPUTES: bool = true;

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        let Self {
            id,
            code,
            kind,
            date_precision,
            date_status,
            provenance,
            current,
            starts_on_from,
            starts_on_to,
            ends_on_from,
            ends_on_to,
            submission_due_on_from,
            submission_due_on_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::Code, code);
        query = any_of(query, Column::Kind, kind);
        query = any_of(query, Column::DatePrecision, date_precision);
        query = any_of(query, Column::DateStatus, date_status);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::StartsOn, starts_on_from, starts_on_to);
        query = between(query, Column::EndsOn, ends_on_from, ends_on_to);
        query = between(query, Column::SubmissionDueOn, submission_due_on_from, submission_due_on_to);
        Ok(whether(query, current, current_on(here.today())))
    }
}
