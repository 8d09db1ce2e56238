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
CREATE TABLE idempotency (
    account_id $UUID NOT NULL,
    key $KEY NOT NULL,
    fingerprint $KEY NOT NULL,
    status $SMALL NOT NULL,
    headers $TEXT NOT NULL,
    body $TEXT,
    created_at $TIME NOT NULL,
    PRIMARY KEY (account_id, key)
) $STRICT;
CREATE INDEX idempotency_created_at ON idempotency (created_at);
";
