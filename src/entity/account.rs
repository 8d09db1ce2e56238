use sea_orm::{Condition, QuerySelect, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{Acquaintance, Actor, Audience, Role},
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

    fn role(row: &Model) -> Option<Role> {
        Some(row.role)
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        format!("{}\n{}", row.username, row.display_name)
    }
}

/// What stands for the name of a person whose data were erased.
pub const ERASED_NAME: &str = "(erased)";
/// What the user names of erased accounts begin with.
pub const ERASED_PREFIX: &str = "erased-";

impl Model {
    /// The account without what it says of the person; its role and its organization stay, for reading what was done under it.
    #[must_use]
    pub fn erased(self, at: Timestamp) -> Self {
        // The end of the id: its beginning is the time, which accounts that were made together share.
        let id = self.id.simple().to_string();
        let username = format!("{ERASED_PREFIX}{}", id.get(20..).unwrap_or(&id));
        let display_name = ERASED_NAME.parse().unwrap_or_default();
        let external_ids = Items::default();
        Self { username, display_name, state: AccountState::Archived, archived_at: self.archived_at.or(Some(at)), external_ids, ..self }
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

    /// Those whose name and role this caller may know, also without seeing the account itself.
    pub fn known_to(actor: &Actor) -> Select<Self> {
        match actor.acquaintance() {
            Acquaintance::Everybody => Self::find(),
            Acquaintance::Colleagues(own) => Self::find().filter(Column::OrganizationId.eq(own)),
            Acquaintance::Nobody => Self::find().filter(Column::Id.is_null()),
        }
    }

    /// Administrators other than this one who can sign in, wherever this one can: those of `--demo` only with it.
    pub fn administrators_beside(row: &Model) -> Select<Self> {
        let active = Condition::all().add(Column::State.eq(AccountState::Active)).add(Column::ArchivedAt.is_null());
        let beside = Self::find().filter(Column::Role.eq(Role::Administrator)).filter(active).filter(Column::Id.ne(row.id));
        if row.demo { beside } else { beside.filter(Column::Demo.eq(false)) }
    }

    /// Whoever may be signed in under this id, seen or not: only for finding out who is calling.
    pub fn to_authenticate(id: Uuid) -> Select<Self> {
        Self::find_by_id(id).limit(1)
    }
}
