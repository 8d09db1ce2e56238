use sea_orm::{Condition, Select, entity::prelude::*};

use crate::{clock::Timestamp, store::Private};

/// What the holder of a one-time link may do with it: take up an invitation, or set a forgotten password anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Purpose {
    Invitation,
    Reset,
}

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub account_id: Uuid,
    pub purpose: Purpose,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// The account that made it; none: the operator.
    pub created_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {
    const HOLDER: Option<Column> = Some(Column::AccountId);
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} link of {}", self.purpose, self.account_id)
    }
}

impl Entity {
    pub fn by_digest(digest: &str) -> Select<Self> {
        Self::find_by_id(digest)
    }
}

impl Model {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }
}

/// Not used, and not too old.
pub fn live(now: Timestamp) -> Condition {
    Condition::all().add(Column::UsedAt.is_null()).add(Column::ExpiresAt.gt(now))
}
