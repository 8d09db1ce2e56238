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
CREATE TABLE signing_key (
    kid $KEY PRIMARY KEY,
    state $KEY NOT NULL CHECK (state IN ('next', 'current', 'retired')),
    public_key $TEXT NOT NULL,
    sealed $TEXT NOT NULL,
    created_at $TIME NOT NULL,
    retired_at $TIME
) $STRICT;
";
