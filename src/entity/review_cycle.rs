use sea_orm::{Condition, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Code, DatePrecision, Items, LocalizedText, Term},
};

pub type Title = LocalizedText<300>;

/// Whether dates are settled: `confirmed` by whoever sets them, or `tentative`, expected by the pattern of earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum DateStatus {
    #[default]
    Confirmed,
    Tentative,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "review_cycle")]
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
    pub code: Code,
    pub title: Title,
    pub kind: Term,
    pub starts_on: Date,
    pub ends_on: Date,
    pub date_precision: DatePrecision,
    pub date_status: DateStatus,
    pub submission_due_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::ReviewCycle;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn search_text(row: &Model) -> String {
        std::iter::once(row.code.as_str()).chain(row.title.values()).collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_code(code: &Code) -> Select<Self> {
        Self::find().filter(Column::Code.eq(code.clone()))
    }
}

/// Whose period holds this day; the last day belongs to it.
pub fn current_on(day: Date) -> Condition {
    Condition::all().add(Column::StartsOn.lte(day)).add(Column::EndsOn.gte(day))
}
