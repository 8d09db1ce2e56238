use sea_orm::{Select, entity::prelude::*};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::{Audience, Role, Scope},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, Text},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "service_account")]
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
    pub name: Text<100>,
    pub client_id: String,
    pub role: Role,
    pub organization_id: Option<Uuid>,
    pub scopes: Items<Scope>,
    pub external_systems: Items<String>,
    pub secrets: Items<SecretNote>,
    /// Made by `--demo`, and refused without it.
    pub demo: bool,
}

/// What may be known of a secret of a machine account: never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretNote {
    /// Its first characters: the name by which it is deleted.
    #[schema(examples("Zm9yIHRo"))]
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing any more; `null`: not before it is deleted.
    pub expires_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::ServiceAccount;
    const KEY: Column = Column::Id;

    fn owner(row: &Model) -> Option<Uuid> {
        row.organization_id
    }

    fn holder(row: &Model) -> Option<Uuid> {
        Some(row.id)
    }

    fn search_text(row: &Model) -> String {
        format!("{}\n{}", row.name, row.client_id)
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find()
    }

    pub fn by_client_id(client_id: &str) -> Select<Self> {
        Self::find().filter(Column::ClientId.eq(client_id))
    }

    pub fn by_name(name: &str) -> Select<Self> {
        Self::find().filter(Column::Name.eq(name))
    }

    /// Machine accounts of an organization that may be used.
    pub fn open_of(organization: Uuid) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization)).filter(Column::ArchivedAt.is_null())
    }

    /// Whoever may be signed in under this id, seen or not: only for finding out who is calling.
    pub fn to_authenticate(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }
}
