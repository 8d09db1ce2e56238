//! What is sent to let a machine in, or to change its account.

use std::borrow::Cow;

use serde::Deserialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};
use uuid::Uuid;

use crate::{
    auth::{Role, Scope},
    entity::service_account::{Entity, Model},
    features::{
        sync::external_ids::SYSTEM,
        writing::{Changes, set},
    },
    http::extract::sent,
    problem::Fault,
    text::{Items, Text},
};

/// A new machine account.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewServiceAccount {
    /// What machine it is; no other machine account has this name.
    #[schema(examples("IOM case management"))]
    name: Text<100>,
    /// What the account is for.
    role: Role,
    /// The organization that it speaks for; a `coordinator`, `focal_point` or `network_member` needs one.
    organization_id: Option<Uuid>,
    /// What it is let in for, each once: `read` opens GET, `write` every other method, `review` the reading of reviews, snapshots and exports, and alone nothing else.
    #[schema(min_items = 1, max_items = 3)]
    scopes: Vec<Scope>,
    /// The other systems whose ids of rows it may write, each once.
    #[serde(default)]
    #[schema(value_type = Vec<SystemName>, required = false, max_items = 50)]
    external_systems: Vec<String>,
}

/// Changes to a machine account: absent stays, `null` clears, a value sets; lists are replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ServiceAccountPatch {
    /// What machine it is; no other machine account has this name.
    #[schema(value_type = Text<100>, required = false, examples("IOM case management"))]
    name: Option<Text<100>>,
    /// What the account is for.
    #[schema(value_type = Role, required = false)]
    role: Option<Role>,
    /// The organization that it speaks for; a `coordinator`, `focal_point` or `network_member` needs one.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    organization_id: Option<Option<Uuid>>,
    /// What it is let in for, each once. `null` changes nothing: an account without a scope could do nothing.
    #[schema(value_type = Option<Vec<Scope>>, min_items = 1, max_items = 3)]
    scopes: Option<Vec<Scope>>,
    /// The other systems whose ids of rows it may write, each once; `null` empties the list.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Vec<SystemName>>, max_items = 50)]
    external_systems: Option<Option<Vec<String>>>,
}

/// The name of another system, as the contract says it.
pub struct SystemName;

impl PartialSchema for SystemName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(2))
            .max_length(Some(32))
            .pattern(Some(SYSTEM))
            .examples(["iom-mims"])
            .into()
    }
}

impl ToSchema for SystemName {
    fn name() -> Cow<'static, str> {
        "SystemName".into()
    }
}

impl From<NewServiceAccount> for Model {
    fn from(new: NewServiceAccount) -> Self {
        let NewServiceAccount { name, role, organization_id, scopes, external_systems } = new;
        Self { name, role, organization_id, scopes: Items(scopes), external_systems: Items(external_systems), ..Self::default() }
    }
}

impl Changes<Entity> for ServiceAccountPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { name, role, organization_id, scopes, external_systems } = self;
        let mut row = row.clone();
        set(&mut row.name, name);
        set(&mut row.role, role);
        set(&mut row.organization_id, organization_id);
        set(&mut row.scopes, scopes.map(Items));
        set(&mut row.external_systems, external_systems.map(|systems| Items(systems.unwrap_or_default())));
        (row, Vec::new())
    }
}
