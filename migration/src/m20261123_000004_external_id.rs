use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, SQL).await
    }
}

const SQL: &str = "
CREATE TABLE external_id (
    kind $KEY NOT NULL,
    system $KEY NOT NULL,
    external_id $KEY NOT NULL,
    row_id $UUID NOT NULL,
    PRIMARY KEY (kind, system, external_id),
    UNIQUE (kind, row_id, system)
) $STRICT;
";
