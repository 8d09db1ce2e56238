use sea_orm::{Condition, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, Text, fold},
};

/// What a focal point does for the organization: `lead` speaks for it, `alternate` stands in, `technical` advises, `data` supplies figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum FocalPointRole {
    #[default]
    Lead,
    Alternate,
    Technical,
    Data,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "focal_point")]
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
    pub organization_id: Uuid,
    pub name: Text<100>,
    pub sort_name: String,
    pub position: Option<Text<200>>,
    pub role: FocalPointRole,
    pub account_id: Option<Uuid>,
    pub starts_on: Date,
    /// The last day of the appointment.
    pub ends_on: Option<Date>,
    /// When what the record said of the person was emptied.
    pub erased_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::FocalPoint;
    const KEY: Column = Column::Id;

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn search_text(row: &Model) -> String {
        let position = row.position.as_ref().map(Text::as_str);
        std::iter::once(row.name.as_str()).chain(position).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    /// The key that lists are sorted by.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.sort_name = fold(self.name.as_str());
        self
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn by_ids(ids: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::Id.is_in(ids))
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Appointments by this organization that are not over before this day.
    pub fn open_of(organization: Uuid, day: Date) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization)).filter(Column::ArchivedAt.is_null()).filter(not_over_on(day))
    }

    /// Appointments of the holder of this account.
    pub fn of_account(account: Uuid) -> Select<Self> {
        Self::find().filter(Column::AccountId.eq(account))
    }
}

/// Not archived, over or not.
pub fn in_use() -> Condition {
    Condition::all().add(Column::ArchivedAt.is_null())
}

fn not_over_on(day: Date) -> Condition {
    Condition::any().add(Column::EndsOn.is_null()).add(Column::EndsOn.gte(day))
}

/// In office on this day.
pub fn current_on(day: Date) -> Condition {
    Condition::all().add(Column::StartsOn.lte(day)).add(not_over_on(day))
}
