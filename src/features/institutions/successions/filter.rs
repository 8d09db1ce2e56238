//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, QueryFilter, Select, sea_query::IntoCondition};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::succession::{self, Column, Entity, Side, SuccessionState},
    http::{
        context::Here,
        listing::{Filter, any_of},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which successions are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SuccessionFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only these kinds.
    #[serde(default)]
    kind: Vec<String>,
    /// Only successions in these states.
    #[serde(default)]
    state: Vec<SuccessionState>,
    /// Only successions that name one of these organizations: one that ends, goes on, or takes over a function.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only successions in which one of these organizations ends or gives a function away.
    #[serde(default)]
    predecessor_id: Vec<Uuid>,
    /// Only successions in which one of these organizations goes on.
    #[serde(default)]
    successor_id: Vec<Uuid>,
    /// Only successions in which one of these organizations takes over a function.
    #[serde(default)]
    receiver_id: Vec<Uuid>,
    /// `true`: only successions that left a duty without an heir; `false`: only those that did not.
    has_unassigned: Option<bool>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// Only successions decided on this day or later.
    decided_on_from: Option<NaiveDate>,
    /// Only successions decided on this day or earlier.
    decided_on_to: Option<NaiveDate>,
    /// Only successions effective on this day or later.
    effective_on_from: Option<NaiveDate>,
    /// Only successions effective on this day or earlier.
    effective_on_to: Option<NaiveDate>,
}

impl Filter for SuccessionFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization];

    fn apply(self, mut query: Select<Entity>, _here: &Here) -> Result<Select<Entity>, Problem> {
        query = any_of(query, Column::Id, self.id);
        query = any_of(query, Column::Kind, self.kind);
        query = any_of(query, Column::State, self.state);
        query = any_of(query, Column::Provenance, self.provenance);
        let naming = |ids: Vec<Uuid>, side: Option<Side>| (!ids.is_empty()).then(|| succession::involving(ids, side));
        let conditions = [
            naming(self.organization_id, None),
            naming(self.predecessor_id, Some(Side::Predecessor)),
            naming(self.successor_id, Some(Side::Successor)),
            naming(self.receiver_id, Some(Side::Receiver)),
            self.has_unassigned.map(|left| if left { Column::Unassigned.gt(0) } else { Column::Unassigned.eq(0) }.into_condition()),
            self.decided_on_from.map(|day| Column::DecidedOn.gte(day).into_condition()),
            self.decided_on_to.map(|day| Column::DecidedOn.lte(day).into_condition()),
            self.effective_on_from.map(|day| Column::EffectiveOn.gte(day).into_condition()),
            self.effective_on_to.map(|day| Column::EffectiveOn.lte(day).into_condition()),
        ];
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}
