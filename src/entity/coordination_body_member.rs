use sea_orm::{Condition, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::coordination_body;
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::Items,
};

/// What an organization does in a body besides chairing it: `member` decides with the others, `secretariat` prepares and records,
/// `observer` listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BodyRole {
    #[default]
    Member,
    Secretariat,
    Observer,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "coordination_body_member")]
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
    pub body_id: Uuid,
    pub organization_id: Uuid,
    pub role: BodyRole,
    pub joined_on: Option<Date>,
    /// The first day on which it was a member no more.
    pub left_on: Option<Date>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::CoordinationBodyMember;
    const KEY: Column = Column::Id;

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn search_text(_row: &Model) -> String {
        String::new()
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Memberships of a body that are not archived and not over on this day.
    pub fn open_in(body: Uuid, day: Date) -> Select<Self> {
        Self::find().filter(Column::BodyId.eq(body)).filter(Column::ArchivedAt.is_null()).filter(not_over_on(day))
    }

    /// Memberships of an organization that are not archived and not over on this day, in bodies that exist on it.
    pub fn open_of(organization: Uuid, day: Date) -> Select<Self> {
        Self::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::ArchivedAt.is_null())
            .filter(not_over_on(day))
            .filter(Column::BodyId.in_subquery(coordination_body::ids_open_on(day)))
    }
}

/// A member on this day.
pub fn current_on(day: Date) -> Condition {
    Condition::all().add(Condition::any().add(Column::JoinedOn.is_null()).add(Column::JoinedOn.lte(day))).add(not_over_on(day))
}

fn not_over_on(day: Date) -> Condition {
    Condition::any().add(Column::LeftOn.is_null()).add(Column::LeftOn.gt(day))
}
