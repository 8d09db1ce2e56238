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
CREATE TABLE organization ($STAMPS,
    kind $KEY NOT NULL,
    code $KEY NOT NULL UNIQUE,
    acronym $KEY,
    name $KEY NOT NULL,
    sort_name $KEY NOT NULL,
    mandate $KEY,
    parent_id $UUID REFERENCES organization (id),
    country $KEY,
    website $KEY,
    valid_from $DATE,
    valid_to $DATE
) $STRICT;
CREATE INDEX organization_sort_name ON organization (sort_name, id);
CREATE INDEX organization_code ON organization (code, id);
CREATE INDEX organization_created_at ON organization (created_at, id);
CREATE INDEX organization_updated_at ON organization (updated_at, id);
CREATE INDEX organization_kind_sort_name ON organization (kind, sort_name, id);
CREATE INDEX organization_kind_code ON organization (kind, code, id);
CREATE INDEX organization_kind_created_at ON organization (kind, created_at, id);
CREATE INDEX organization_kind_updated_at ON organization (kind, updated_at, id);
CREATE INDEX organization_parent ON organization (parent_id, id);
";
