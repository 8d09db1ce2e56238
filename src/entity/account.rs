use sea_orm::{QuerySelect, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{Audience, Role},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, Text},
};

/// Where an account stands: `invited` has no password yet, `active` may sign in, `locked` may not for now, `archived` never again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum AccountState {
    #[default]
    Invited,
    Active,
    Locked,
    Archived,
}

impl AccountState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Archived => "archived",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "account")]
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
    pub username: String,
    pub display_name: Text<100>,
    pub role: Role,
    pub organization_id: Option<Uuid>,
    pub locale: String,
    /// Made by `--demo`, and refused without it.
    pub demo: bool,
    pub state: AccountState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Account;
    const KEY: Column = Column::Id;

    fn owner(row: &Model) -> Option<Uuid> {
        row.organization_id
    }

    fn holder(row: &Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        format!("{}\n{}", row.username, row.display_name)
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_username(username: &str) -> Select<Self> {
        Self::find().filter(Column::Username.eq(username))
    }

    /// Accounts of an organization that may be used now or later.
    pub fn open_of(organization: Uuid) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization)).filter(Column::State.ne(AccountState::Archived))
    }

    /// Whoever may be signed in under this id, seen or not: only for finding out who is calling.
    pub fn to_authenticate(id: Uuid) -> Select<Self> {
        Self::find_by_id(id).limit(1)
    }
}
