use sea_orm::{Condition, ExprTrait, FromQueryResult, QueryOrder, QuerySelect, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};

use super::prioritization::{self, Rationale, RoundState};
use crate::{
    auth::{Audience, audience},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText, Term, Text},
};

/// What one criterion was scored with, from 1 to 5.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    pub criterion: Term,
    pub score: i16,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "nomination")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub prioritization_id: Uuid,
    pub organization_id: Uuid,
    pub objective_number: i16,
    pub scores: Items<Score>,
    pub rationale: Option<Rationale>,
    pub action_codes: Items<String>,
    pub on_behalf_note: Option<Text<1000>>,
    /// The state of its round, which decides who sees it.
    pub round_state: RoundState,
    /// The institution changed what the lead ministry had entered for it.
    pub taken_over: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Nomination;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Rationale];
    const FOLLOWS: &'static [Column] = &[Column::RoundState];
    const SETTLED: &'static [Column] = &[Column::TakenOver];

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn on_behalf(row: &Model) -> bool {
        row.on_behalf_note.is_some() && !row.taken_over
    }

    fn audience(row: &Model) -> Audience {
        audience(Kind::Nomination, Some(row.round_state.name()))
    }

    fn search_text(row: &Model) -> String {
        let rationale = row.rationale.iter().flat_map(LocalizedText::values);
        rationale.chain(row.on_behalf_note.as_ref().map(Text::as_str)).collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every nomination of a round, archived ones included, in the order in which they were given.
    pub fn of_round(round: Uuid) -> Select<Self> {
        in_order(Self::find().filter(Column::PrioritizationId.eq(round)))
    }

    /// What this organization gave in a round for one objective, archived or not.
    pub fn given(round: Uuid, organization: Uuid, objective: i16) -> Select<Self> {
        Self::of_round(round).filter(Column::OrganizationId.eq(organization)).filter(Column::ObjectiveNumber.eq(objective))
    }
}

/// Given in a round that prepares one of these review cycles.
pub fn in_cycles(cycles: Vec<Uuid>) -> Condition {
    use prioritization::{Column as Round, Entity as Rounds};

    let rounds = Query::select().column(Round::Id).from(Rounds).and_where(Expr::col((Rounds, Round::CycleId)).is_in(cycles)).to_owned();
    Condition::all().add(Column::PrioritizationId.in_subquery(rounds))
}

/// In the order in which they were given.
pub fn in_order(query: Select<Entity>) -> Select<Entity> {
    query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)
}

/// How many nominations an organization gave for an objective.
#[derive(Debug, FromQueryResult)]
pub struct Given {
    pub objective_number: i16,
    pub organization_id: Uuid,
    pub many: i64,
}

/// Counts these for each objective and organization: [`Given`].
pub fn counted(query: Select<Entity>) -> Select<Entity> {
    let groups = query.select_only().column(Column::ObjectiveNumber).column(Column::OrganizationId).column_as(Column::Id.count(), "many");
    groups.group_by(Column::ObjectiveNumber).group_by(Column::OrganizationId)
}
