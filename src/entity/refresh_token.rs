use sea_orm::{Select, entity::prelude::*};

use crate::{clock::Timestamp, store::Private};

/// A token that renews a session, by its digest; the one that it was given for is its parent.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub session_id: Uuid,
    pub parent_digest: Option<String>,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refresh token of session {}", self.session_id)
    }
}

impl Entity {
    pub fn by_digest(digest: &str) -> Select<Self> {
        Self::find_by_id(digest)
    }

    /// Those that were given for this token.
    pub fn children_of(digest: &str) -> Select<Self> {
        Self::find().filter(Column::ParentDigest.eq(digest))
    }
}
