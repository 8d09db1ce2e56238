//! Rows that a list's rows point at: `include=organizations,objectives`.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, QueryFilter, Value};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    consultation::consultations::ConsultationView,
    framework::objectives::ObjectiveView,
    institutions::{coordination_bodies::CoordinationBodyView, organizations::OrganizationView},
    prioritization::{priorities::PriorityView, rounds::PrioritizationView},
    review::cycles::ReviewCycleView,
    workplan::{activities::ActivityView, workplans::WorkplanView},
};
use crate::{
    auth::Actor,
    entity::{activity, consultation, coordination_body, objective, organization, prioritization, priority, review_cycle, workplan},
    http::listing::{self, Computed},
    kind::Kind,
    problem::Problem,
    store::{Store, Tracked, visible},
};

/// The rows that those of the page point at, one list for each kind, and what was computed of the rows of the page; what was not asked for is empty.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Included {
    /// Activities of workplans.
    activities: Vec<ActivityView>,
    /// What follows from today's date and from other rows, by the id of the row; empty unless `include=computed` asked for it.
    computed: BTreeMap<String, Computed>,
    /// Workshops and meetings.
    consultations: Vec<ConsultationView>,
    /// The bodies in which institutions coordinate.
    coordination_bodies: Vec<CoordinationBodyView>,
    /// Objectives of the Compact.
    objectives: Vec<ObjectiveView>,
    /// Institutions: ministries, agencies, members of the UN Network and others.
    organizations: Vec<OrganizationView>,
    /// Rounds of review of the Compact.
    review_cycles: Vec<ReviewCycleView>,
    /// Rounds of prioritization.
    prioritizations: Vec<PrioritizationView>,
    /// Objectives that the country chose to work on first.
    priorities: Vec<PriorityView>,
    /// National workplans.
    workplans: Vec<WorkplanView>,
}

impl listing::Included for Included {
    async fn load(store: &Store, actor: &Actor, wanted: &[Kind], refers: &listing::References) -> Result<Self, Problem> {
        let ids = |kind: Kind| of(kind, wanted, &refers.ids);
        let numbers = |kind: Kind| of(kind, wanted, &refers.numbers);
        Ok(Self {
            activities: rows::<activity::Entity, _, _>(store, actor, activity::Column::Id, ids(Kind::Activity)).await?,
            computed: BTreeMap::new(),
            consultations: rows::<consultation::Entity, _, _>(store, actor, consultation::Column::Id, ids(Kind::Consultation)).await?,
            coordination_bodies: rows::<coordination_body::Entity, _, _>(
                store,
                actor,
                coordination_body::Column::Id,
                ids(Kind::CoordinationBody),
            )
            .await?,
            objectives: rows::<objective::Entity, _, _>(store, actor, objective::Column::Number, numbers(Kind::Objective)).await?,
            organizations: rows::<organization::Entity, _, _>(store, actor, organization::Column::Id, ids(Kind::Organization)).await?,
            review_cycles: rows::<review_cycle::Entity, _, _>(store, actor, review_cycle::Column::Id, ids(Kind::ReviewCycle)).await?,
            prioritizations: rows::<prioritization::Entity, _, _>(store, actor, prioritization::Column::Id, ids(Kind::Prioritization))
                .await?,
            priorities: rows::<priority::Entity, _, _>(store, actor, priority::Column::Id, ids(Kind::Priority)).await?,
            workplans: rows::<workplan::Entity, _, _>(store, actor, workplan::Column::Id, ids(Kind::Workplan)).await?,
        })
    }

    fn put_computed(&mut self, computed: BTreeMap<String, Computed>) {
        self.computed = computed;
    }
}

/// The keys of this kind, if it was asked for, each once.
fn of<K: Copy + Ord>(kind: Kind, wanted: &[Kind], refers: &[(Kind, K)]) -> Vec<K> {
    let keys = refers.iter().filter(|(of, _)| *of == kind && wanted.contains(&kind)).map(|(_, key)| *key);
    keys.collect::<BTreeSet<_>>().into_iter().collect()
}

async fn rows<E: Tracked, V: From<E::Model>, K: Into<Value>>(
    store: &Store,
    actor: &Actor,
    column: E::Column,
    keys: Vec<K>,
) -> Result<Vec<V>, Problem> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = store.all(visible::<E>(actor)?.filter(column.is_in(keys))).await?;
    Ok(rows.into_iter().map(V::from).collect())
}
