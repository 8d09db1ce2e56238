use sea_orm::{QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use super::prioritization::{Rationale, RoundState};
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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Nomination;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Rationale];
    const FOLLOWS: &'static [Column] = &[Column::RoundState];

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn on_behalf(row: &Model) -> bool {
        row.on_behalf_note.is_some()
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

/// In the order in which they were given.
pub fn in_order(query: Select<Entity>) -> Select<Entity> {
    query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id)
}
