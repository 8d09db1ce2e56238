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
CREATE TABLE focal_point ($STAMPS,
    organization_id $UUID NOT NULL REFERENCES organization (id),
    name $KEY NOT NULL,
    sort_name $KEY NOT NULL,
    position $KEY,
    role $KEY NOT NULL CHECK (role IN ('lead', 'alternate', 'technical', 'data')),
    account_id $UUID REFERENCES account (id),
    starts_on $DATE NOT NULL,
    ends_on $DATE,
    erased_at $TIME,
    CHECK (starts_on <= ends_on)
) $STRICT;
CREATE INDEX focal_point_sort_name ON focal_point (sort_name, id);
CREATE INDEX focal_point_starts_on ON focal_point (starts_on, id);
CREATE INDEX focal_point_created_at ON focal_point (created_at, id);
CREATE INDEX focal_point_updated_at ON focal_point (updated_at, id);
CREATE INDEX focal_point_organization ON focal_point (organization_id, sort_name, id);
CREATE INDEX focal_point_account ON focal_point (account_id, id);

CREATE TABLE focal_point_contact (
    focal_point_id $UUID PRIMARY KEY REFERENCES focal_point (id),
    email $TEXT,
    phone $TEXT,
    revision $BIG NOT NULL CHECK (revision >= 1),
    updated_at $TIME NOT NULL
) $STRICT;
";
