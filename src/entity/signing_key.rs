use chrono::TimeDelta;
use sea_orm::{QueryOrder, Select, entity::prelude::*};

use crate::{
    auth::token::{ACCESS_TOKEN_SECONDS, LEEWAY_SECONDS},
    clock::Timestamp,
    store::Private,
};

/// `next` is published before it signs, `current` signs, `retired` verifies what it signed: tokens until they expire, heads of the log for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum KeyState {
    Next,
    Current,
    Retired,
}

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    pub state: KeyState,
    pub public_key: String,
    pub sealed: String,
    pub created_at: Timestamp,
    pub retired_at: Option<Timestamp>,
    /// When it was given up because somebody else may have it: no token of it is taken any more.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// Until when tokens that it signed are taken; none: for as long as it is not retired. Those of one that was given up never are, whatever the clock
    /// of whoever gave it up said.
    pub fn taken_until(&self) -> Option<Timestamp> {
        let life = TimeDelta::seconds(ACCESS_TOKEN_SECONDS + LEEWAY_SECONDS);
        let over = self.revoked_at.map(|_at| Timestamp::default());
        over.or_else(|| self.retired_at.map(|at| Timestamp(at.0 + life)))
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "signing key {}", self.kid)
    }
}

impl Entity {
    pub fn all() -> Select<Self> {
        Self::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Kid)
    }
}
