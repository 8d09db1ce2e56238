use sea_orm::{Select, entity::prelude::*};

use crate::{clock::Timestamp, store::Private};

/// An access token of a machine account that was revoked before its time; kept until it would have expired.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revoked_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub jti: String,
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {}

impl Entity {
    pub fn by_jti(jti: &str) -> Select<Self> {
        Self::find_by_id(jti)
    }
}
