//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{Condition, QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::effort::{self, Column, EffortState, Entity, Implementation, PartyRole},
    http::{
        context::Here,
        listing::{Filter, any_of, between, taken, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Several, Sort},
};

/// Which efforts are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EffortFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only efforts of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only efforts that one of these organizations carries out as a partner.
    #[serde(default)]
    partner_id: Vec<Uuid>,
    /// Only efforts that one of these organizations pays for.
    #[serde(default)]
    funder_id: Vec<Uuid>,
    /// Only these kinds, of `GET /v1/vocabularies/effort_kinds`.
    #[serde(default)]
    kind: Vec<String>,
    /// Only efforts that serve one of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only efforts that serve one of these actions, such as `6.c`.
    #[serde(default)]
    action_code: Vec<String>,
    /// Only efforts that serve one of these SDG targets, such as `10.7`.
    #[serde(default)]
    sdg_target_code: Vec<String>,
    /// Only efforts that have come so far: not begun, running, at their end, or given up.
    #[serde(default)]
    implementation: Vec<Implementation>,
    /// Only efforts in one of these provinces, by code.
    #[serde(default)]
    province: Vec<String>,
    /// Only efforts with a budget in one of these currencies.
    #[serde(default)]
    budget_currency: Vec<String>,
    /// Only efforts in these states.
    #[serde(default)]
    state: Vec<EffortState>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only efforts whose dates overlap those of one of these review cycles; without an end they go on. Those without any date are in no cycle.
    #[serde(default)]
    cycle_id: Vec<Uuid>,
    /// `true`: only efforts of which neither the first nor the last day is known; `false`: only those of which one is.
    undated: Option<bool>,
    /// Only efforts that begin on this day or later.
    starts_on_from: Option<NaiveDate>,
    /// Only efforts that begin on this day or earlier.
    starts_on_to: Option<NaiveDate>,
    /// Only efforts that end on this day or later.
    ends_on_from: Option<NaiveDate>,
    /// Only efforts that end on this day or earlier.
    ends_on_to: Option<NaiveDate>,
}

impl Filter for EffortFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] = &[
        Sort { name: "title", column: Column::SortTitle },
        Sort { name: "created_at", column: Column::CreatedAt },
        Sort { name: "updated_at", column: Column::UpdatedAt },
    ];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective];

    fn several(&mut self) -> Option<Several<Column>> {
        taken(Column::OrganizationId, &mut self.organization_id)
    }

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::OrganizationId, self.organization_id);
        query = any_of(query, Column::Kind, self.kind);
        query = any_of(query, Column::Implementation, self.implementation);
        query = any_of(query, Column::BudgetCurrency, self.budget_currency);
        query = any_of(query, Column::State, self.state);
        query = any_of(query, Column::Provenance, self.provenance);
        query = between(query, Column::StartsOn, self.starts_on_from, self.starts_on_to);
        query = between(query, Column::EndsOn, self.ends_on_from, self.ends_on_to);
        query = whether(query, self.undated, effort::undated());
        let conditions = [
            named(self.partner_id, |ids| effort::with_party(ids, PartyRole::Partner)),
            named(self.funder_id, |ids| effort::with_party(ids, PartyRole::Funder)),
            named(self.objective_number, effort::with_objective),
            named(self.action_code, effort::with_action),
            named(self.sdg_target_code, effort::with_sdg_target),
            named(self.province, effort::in_province),
            named(self.cycle_id, effort::in_cycles),
        ];
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}

/// The condition on these values, if there are any.
fn named<T>(values: Vec<T>, condition: impl FnOnce(Vec<T>) -> Condition) -> Option<Condition> {
    (!values.is_empty()).then(|| condition(values))
}
