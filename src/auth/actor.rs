//! Who is calling.

use std::{fmt, str::FromStr};

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What an account is for; it decides what its holder may see and do.
///
/// `administrator`: accounts and settings, no content. `coordinator`: the lead ministry. `focal_point`: a ministry or agency.
/// `network_member`: a member of the UN Network on Migration. `reader`: reads what everyone may.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    Administrator,
    Coordinator,
    FocalPoint,
    NetworkMember,
    #[default]
    Reader,
}

impl Role {
    pub const ALL: &[Self] = &[Self::Administrator, Self::Coordinator, Self::FocalPoint, Self::NetworkMember, Self::Reader];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Coordinator => "coordinator",
            Self::FocalPoint => "focal_point",
            Self::NetworkMember => "network_member",
            Self::Reader => "reader",
        }
    }

    /// Whether an account of this role speaks for one organization.
    pub const fn needs_organization(self) -> bool {
        matches!(self, Self::Coordinator | Self::FocalPoint | Self::NetworkMember)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no role.
#[derive(Debug, thiserror::Error)]
#[error("the roles are administrator, coordinator, focal_point, network_member and reader")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.iter().copied().find(|role| role.name() == text).ok_or(UnknownRole)
    }
}

/// What a machine account was let in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// GET.
    Read,
    /// Every other method.
    Write,
    /// GET of reviews, snapshots and exports; alone it opens nothing else.
    Review,
}

impl Scope {
    pub const ALL: &[Self] = &[Self::Read, Self::Write, Self::Review];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Review => "review",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.iter().copied().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}

/// The text names no scope.
#[derive(Debug, thiserror::Error)]
#[error("the scopes are read, write and review")]
pub struct UnknownScope;

/// A person, a machine, or the system itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ActorKind {
    Person,
    Machine,
    #[default]
    System,
}

impl ActorKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Machine => "machine",
            Self::System => "system",
        }
    }
}

/// Who is calling, as the account's row says at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub account_id: Option<Uuid>,
    pub kind: ActorKind,
    pub role: Role,
    pub organization_id: Option<Uuid>,
    /// Of machine accounts; people have all.
    pub scopes: Vec<Scope>,
    /// The systems whose external ids a machine account may write.
    pub external_systems: Vec<String>,
    pub name: String,
    pub display_name: Option<String>,
    pub locale: String,
}

impl Actor {
    /// The operator at the command line, and the seed.
    pub fn system() -> Self {
        Self {
            account_id: None,
            kind: ActorKind::System,
            role: Role::Administrator,
            organization_id: None,
            scopes: Vec::new(),
            external_systems: Vec::new(),
            name: "system".to_owned(),
            display_name: None,
            locale: "en".to_owned(),
        }
    }

    pub fn has(&self, scope: Scope) -> bool {
        self.kind != ActorKind::Machine || self.scopes.contains(&scope)
    }

    /// Speaks for this organization.
    pub fn speaks_for(&self, organization: Option<Uuid>) -> bool {
        organization.is_some() && self.organization_id == organization
    }
}
