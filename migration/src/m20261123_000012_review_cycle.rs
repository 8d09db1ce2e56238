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
CREATE TABLE review_cycle ($STAMPS,
    code $KEY NOT NULL UNIQUE,
    title $KEY NOT NULL,
    kind $KEY NOT NULL,
    starts_on $DATE NOT NULL,
    ends_on $DATE NOT NULL,
    date_precision $KEY NOT NULL CHECK (date_precision IN ('day', 'month', 'year')),
    date_status $KEY NOT NULL CHECK (date_status IN ('confirmed', 'tentative')),
    submission_due_on $DATE,
    CHECK (starts_on <= ends_on)
) $STRICT;
CREATE INDEX review_cycle_starts_on ON review_cycle (starts_on, id);
CREATE INDEX review_cycle_ends_on ON review_cycle (ends_on, id);
CREATE INDEX review_cycle_code ON review_cycle (code, id);
CREATE INDEX review_cycle_updated_at ON review_cycle (updated_at, id);
";
