use sea_orm::{QueryOrder, QuerySelect, Select, entity::prelude::*};

use crate::{clock::Timestamp, store::OwnedRows};

/// A version of a workplan as it was approved, for ever. It is written together with the plan and belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workplan_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workplan_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    pub approved_at: Timestamp,
    pub approved_on: Date,
    /// SHA-256 of the content, in hexadecimal digits.
    pub sha256: String,
    /// Canonical JSON (RFC 8785).
    pub content: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OwnedRows for Entity {}

/// A version without what it holds.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Head {
    pub version: i64,
    pub approved_at: Timestamp,
    pub approved_on: Date,
    pub sha256: String,
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn one(workplan: Uuid, version: i64) -> Select<Self> {
        Self::find_by_id((workplan, version))
    }

    /// [`Head`] of each version, the newest first.
    pub fn heads(workplan: Uuid) -> Select<Self> {
        let heads = Self::find().filter(Column::WorkplanId.eq(workplan)).order_by_desc(Column::Version);
        heads.select_only().columns([Column::Version, Column::ApprovedAt, Column::ApprovedOn, Column::Sha256])
    }
}
