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
CREATE TABLE known_network (
    account_id $UUID NOT NULL REFERENCES account (id),
    digest $KEY NOT NULL,
    last_used_at $TIME NOT NULL,
    PRIMARY KEY (account_id, digest)
) $STRICT;
CREATE INDEX known_network_of_account ON known_network (account_id, last_used_at);
";
