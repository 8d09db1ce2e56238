use sea_orm::{Select, entity::prelude::*};

use crate::{clock::Timestamp, store::Private};

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub password_hash: String,
    pub changed_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {
    const HOLDER: Option<Column> = Some(Column::AccountId);
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "credential of {}", self.account_id)
    }
}

impl Entity {
    pub fn of(account: Uuid) -> Select<Self> {
        Self::find_by_id(account)
    }
}
