use sea_orm::{QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use super::{
    activity::{self, ActivityParty},
    effort::Title,
};
use crate::{
    auth::{Audience, Party},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::Items,
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "milestone")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    /// That of its activity.
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub activity_id: Uuid,
    pub title: Title,
    pub due_on: Date,
    pub done_on: Option<Date>,
    /// Those of its activity, on which depends who may say that it is reached.
    pub parties: Items<ActivityParty>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Milestone;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title];
    const FOLLOWS: &'static [Column] = &[Column::Parties];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn parties(row: &Model) -> Vec<Party> {
        activity::as_parties(&row.parties)
    }

    /// Whoever sees the activity sees it, and nobody else; it follows that row.
    fn audience(row: &Model) -> Audience {
        row.audience
    }

    fn search_text(row: &Model) -> String {
        row.title.values().collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every milestone of these activities, archived ones among them, in the order in which they were entered.
    pub fn of(activities: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::ActivityId.is_in(activities)).order_by_asc(Column::Id)
    }
}
