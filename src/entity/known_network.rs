use sea_orm::{QueryOrder, QuerySelect, Select, entity::prelude::*};

use crate::{clock::Timestamp, entity::account, store::Private};

/// A network from which a person signed in, by its keyed digest: whoever reads the database learns no address from it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_network")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub last_used_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "account::Entity", from = "Column::AccountId", to = "account::Column::Id")]
    Account,
}

impl Related<account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Account.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {
    const HOLDER: Option<Column> = Some(Column::AccountId);
}

impl Entity {
    /// One query for every user name, known or not, so that its time tells nothing.
    pub fn of_username(username: &str, digest: &str) -> Select<Self> {
        Self::find().inner_join(account::Entity).filter(account::Column::Username.eq(username)).filter(Column::Digest.eq(digest))
    }

    /// Those of an account beyond the so many that were used last.
    pub fn beyond(account: Uuid, most: u64) -> Select<Self> {
        // SQLite has no OFFSET without a LIMIT.
        Self::find()
            .filter(Column::AccountId.eq(account))
            .order_by_desc(Column::LastUsedAt)
            .order_by_asc(Column::Digest)
            .offset(most)
            .limit(100)
    }
}
