//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::{
        activity::{ActivityImplementation, Rating},
        progress_report::{Column, Entity, ReportState, late_on, of_workplans},
    },
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which progress reports are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProgressReportFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only reports on these activities.
    #[serde(default)]
    activity_id: Vec<Uuid>,
    /// Only reports on activities of these workplans.
    #[serde(default)]
    workplan_id: Vec<Uuid>,
    /// Only reports of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only reports in these states.
    #[serde(default)]
    state: Vec<ReportState>,
    /// Only reports with one of these values of `rating`.
    #[serde(default)]
    rating: Vec<Rating>,
    /// Only reports with one of these values of `implementation`.
    #[serde(default)]
    implementation: Vec<ActivityImplementation>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// `true`: only reports that were submitted after `due_on`, and drafts and returned ones whose `due_on` is before today; `false`: only the others.
    late: Option<bool>,
    /// Only reports on periods that begin on this day or later.
    period_start_from: Option<NaiveDate>,
    /// Only reports on periods that begin on this day or earlier.
    period_start_to: Option<NaiveDate>,
    /// Only reports on periods that end on this day or later.
    period_end_from: Option<NaiveDate>,
    /// Only reports on periods that end on this day or earlier.
    period_end_to: Option<NaiveDate>,
    /// Only reports that are due on this day or later.
    due_on_from: Option<NaiveDate>,
    /// Only reports that are due on this day or earlier.
    due_on_to: Option<NaiveDate>,
}

impl Filter for ProgressReportFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "due_on", column: Column::DueOn },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Activity];

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::ActivityId, self.activity_id);
        if !self.workplan_id.is_empty() {
            query = query.filter(of_workplans(self.workplan_id));
        }
        query = any_of(query, Column::OrganizationId, self.organization_id);
        query = any_of(query, Column::State, self.state);
        query = any_of(query, Column::Rating, self.rating);
        query = any_of(query, Column::Implementation, self.implementation);
        query = any_of(query, Column::Provenance, self.provenance);
        query = between(query, Column::PeriodStart, self.period_start_from, self.period_start_to);
        query = between(query, Column::PeriodEnd, self.period_end_from, self.period_end_to);
        query = between(query, Column::DueOn, self.due_on_from, self.due_on_to);
        Ok(whether(query, self.late, late_on(here.today())))
    }
}
