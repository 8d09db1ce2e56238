use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

use crate::ddl;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLE).await?;
        match manager.get_database_backend() {
            DatabaseBackend::Sqlite => ddl::run(manager, SQLITE_INDEX).await,
            _ => ddl::run(manager, POSTGRES_INDEX).await,
        }
    }
}

const TABLE: &str = "
CREATE TABLE search_text (
    doc $SERIAL,
    kind $KEY NOT NULL,
    row_id $UUID NOT NULL,
    folded $TEXT NOT NULL,
    UNIQUE (kind, row_id)
) $STRICT;
";

const SQLITE_INDEX: &str = "
CREATE VIRTUAL TABLE search_index USING fts5 (
    folded, content='', contentless_delete=1, tokenize='trigram case_sensitive 1'
);
";

const POSTGRES_INDEX: &str = "
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX search_text_folded ON search_text USING gin (folded gin_trgm_ops);
";
