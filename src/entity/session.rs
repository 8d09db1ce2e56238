use sea_orm::{Condition, QueryOrder, QuerySelect, Select, entity::prelude::*};

use crate::{clock::Timestamp, store::Private};

/// One sign-in of a person, for as long as its refresh tokens are renewed.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
    pub user_agent: Option<String>,
    pub network: Option<String>,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {
    const HOLDER: Option<Column> = Some(Column::AccountId);
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "session {} of {}", self.id, self.account_id)
    }
}

impl Model {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    /// The open ones of an account, the newest first.
    pub fn open_of(account: Uuid, now: Timestamp) -> Select<Self> {
        Self::find().filter(Column::AccountId.eq(account)).filter(open(now)).order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
    }

    /// The open ones of an account but those that were used last, at most 20.
    pub fn longest_unused_of(account: Uuid, now: Timestamp, but: u64) -> Select<Self> {
        let open = Self::find().filter(Column::AccountId.eq(account)).filter(open(now));
        open.order_by_desc(Column::LastUsedAt).order_by_desc(Column::Id).offset(but).limit(20)
    }
}

/// Expired or ended at this moment or before.
pub fn over_since(moment: Timestamp) -> Condition {
    Condition::any().add(Column::ExpiresAt.lte(moment)).add(Column::EndedAt.lte(moment))
}

/// Neither ended nor expired.
pub fn open(now: Timestamp) -> Condition {
    Condition::all().add(Column::EndedAt.is_null()).add(Column::ExpiresAt.gt(now))
}
