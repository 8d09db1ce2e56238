use sea_orm::{Select, entity::prelude::*};

use crate::{clock::Timestamp, store::Private};

/// How to reach a focal point: in no list, history, export, log or change row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "focal_point_contact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub focal_point_id: Uuid,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub revision: i64,
    pub updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Private for Entity {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "contact of {}", self.focal_point_id)
    }
}

impl Entity {
    pub fn of(focal_point: Uuid) -> Select<Self> {
        Self::find_by_id(focal_point)
    }
}
