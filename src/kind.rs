//! Every tracked resource by name.

use std::{fmt, str::FromStr};

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The name of a kind of tracked row, as it stands in the change log, in permissions and in includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    Objective,
    Organization,
    Account,
    ServiceAccount,
}

impl Kind {
    pub const ALL: &[Self] = &[Self::Objective, Self::Organization, Self::Account, Self::ServiceAccount];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Objective => "objective",
            Self::Organization => "organization",
            Self::Account => "account",
            Self::ServiceAccount => "service_account",
        }
    }

    /// The path of the collection, below which a row stands under its public id.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Objective => "/v1/objectives",
            Self::Organization => "/v1/organizations",
            Self::Account => "/v1/accounts",
            Self::ServiceAccount => "/v1/service-accounts",
        }
    }

    /// A change of such a row may change what someone is allowed to do.
    pub const fn decides_access(self) -> bool {
        match self {
            Self::Account | Self::ServiceAccount => true,
            Self::Objective | Self::Organization => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no kind of row.
#[derive(Debug, thiserror::Error)]
#[error("no kind of row is named so")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.iter().copied().find(|kind| kind.name() == text).ok_or(UnknownKind)
    }
}
