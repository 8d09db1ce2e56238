//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::{
        activity::figures as activity_figures,
        activity::{self, ActivityImplementation, ActivityRole, Column, Entity, Rating},
    },
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which activities are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActivityFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only activities of these workplans.
    #[serde(default)]
    workplan_id: Vec<Uuid>,
    /// Only these codes.
    #[serde(default)]
    code: Vec<String>,
    /// Only activities that carry out one of these priorities.
    #[serde(default)]
    priority_id: Vec<Uuid>,
    /// Only activities that serve one of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only activities that serve one of these actions, such as `6.c`.
    #[serde(default)]
    action_code: Vec<String>,
    /// Only activities that serve one of these SDG targets, such as `10.7`.
    #[serde(default)]
    sdg_target_code: Vec<String>,
    /// Only activities in which one of these organizations takes part, in whatever role or in one of `party_role`.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only activities in which somebody has one of these roles: one of `organization_id`, where it is sent.
    #[serde(default)]
    party_role: Vec<ActivityRole>,
    /// Only activities that one of these organizations leads.
    #[serde(default)]
    lead_id: Vec<Uuid>,
    /// Only activities in one of these provinces, by code.
    #[serde(default)]
    province: Vec<String>,
    /// Only activities with one of these values of `implementation`.
    #[serde(default)]
    implementation: Vec<ActivityImplementation>,
    /// Only activities with one of these values of `rating`.
    #[serde(default)]
    rating: Vec<Rating>,
    /// Only activities that wait for one of these by their plan.
    #[serde(default)]
    depends_on_id: Vec<Uuid>,
    /// Only activities that came into the plan with one of these versions.
    #[serde(default)]
    added_in_version: Vec<i32>,
    /// `true`: only activities that are in an approved version of their plan; `false`: only drafts.
    in_version: Option<bool>,
    /// `true`: only activities past their last day that are neither completed nor cancelled; `false`: only the others.
    overdue: Option<bool>,
    /// `true`: only activities that wait for one that is not completed, and are not over themselves; `false`: only the others.
    blocked: Option<bool>,
    /// `true`: only activities of which more is required than committed, in one currency or another; `false`: only the others.
    has_funding_gap: Option<bool>,
    /// Only activities that begin on this day or later.
    starts_on_from: Option<NaiveDate>,
    /// Only activities that begin on this day or earlier.
    starts_on_to: Option<NaiveDate>,
    /// Only activities whose last day (`ends_on`, or `recurrence.until`) is this day or later.
    ends_on_from: Option<NaiveDate>,
    /// Only activities whose last day (`ends_on`, or `recurrence.until`) is this day or earlier.
    ends_on_to: Option<NaiveDate>,
    /// Only activities with a budget line of one of these kinds, of `GET /v1/vocabularies/budget_line_kinds`; with `budget_currency` one that is of both.
    #[serde(default)]
    budget_kind: Vec<String>,
    /// Only activities with a budget line in one of these currencies.
    #[serde(default)]
    budget_currency: Vec<String>,
    /// Only activities with a milestone that is due on this day or later; all filters of milestones hold for one and the same milestone.
    milestone_due_on_from: Option<NaiveDate>,
    /// Only activities with a milestone that is due on this day or earlier.
    milestone_due_on_to: Option<NaiveDate>,
    /// `true`: only activities with a milestone that is reached; `false`: only activities with one that is not.
    milestone_done: Option<bool>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
}

impl Filter for ActivityFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "code", column: Column::Code },
        Sort { name: "ends_on", column: Column::SortEndsOn },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective, Kind::Priority, Kind::Activity, Kind::Workplan];
    const COMPUTES: bool = true;

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::WorkplanId, self.workplan_id);
        query = any_of(query, Column::Code, self.code);
        query = any_of(query, Column::PriorityId, self.priority_id);
        query = any_of(query, Column::Implementation, self.implementation);
        query = any_of(query, Column::Rating, self.rating);
        query = any_of(query, Column::AddedInVersion, self.added_in_version);
        query = any_of(query, Column::Provenance, self.provenance);
        query = between(query, Column::StartsOn, self.starts_on_from, self.starts_on_to);
        query = between(query, Column::SortEndsOn, self.ends_on_from, self.ends_on_to);
        query = whether(query, self.in_version, Column::AddedInVersion.is_not_null());
        query = whether(query, self.overdue, activity::overdue_on(here.today()));
        query = whether(query, self.blocked, activity::blocked());
        query = whether(query, self.has_funding_gap, activity::with_funding_gap());
        let lines = !self.budget_kind.is_empty() || !self.budget_currency.is_empty();
        let due = self.milestone_due_on_from.is_some() || self.milestone_due_on_to.is_some();
        let milestones = due || self.milestone_done.is_some();
        let takes_part = !self.organization_id.is_empty() || !self.party_role.is_empty();
        let conditions = [
            takes_part.then(|| activity::with_party(self.organization_id, self.party_role)),
            named(self.lead_id, |ids| activity::with_party(ids, vec![ActivityRole::Lead])),
            named(self.objective_number, activity::with_objective),
            named(self.action_code, activity::with_action),
            named(self.sdg_target_code, activity::with_sdg_target),
            named(self.province, activity::in_province),
            named(self.depends_on_id, activity::depending_on),
            lines.then(|| activity_figures::with_line(self.budget_kind, self.budget_currency)),
            milestones
                .then(|| activity_figures::with_milestone((self.milestone_due_on_from, self.milestone_due_on_to), self.milestone_done)),
        ];
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}

/// The condition on these values, if there are any.
fn named<T>(values: Vec<T>, condition: impl FnOnce(Vec<T>) -> Condition) -> Option<Condition> {
    (!values.is_empty()).then(|| condition(values))
}
