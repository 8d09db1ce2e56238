use sea_orm::{Select, entity::prelude::*};

use crate::{auth::password::secret_id, clock::Timestamp, store::Private};

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_secret")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub service_account_id: Uuid,
    pub prefix: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {
    const HOLDER: Option<Column> = Some(Column::ServiceAccountId);
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "secret {} of {}", self.prefix, self.service_account_id)
    }
}

impl Model {
    /// Whether it opens the door, and which tokens were given for it.
    pub fn opens(&self, session: Uuid, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now) && secret_id(&self.digest) == Some(session)
    }
}

impl Entity {
    pub fn of(service_account: Uuid) -> Select<Self> {
        Self::find().filter(Column::ServiceAccountId.eq(service_account))
    }
}
