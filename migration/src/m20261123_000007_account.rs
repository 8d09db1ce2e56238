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
CREATE TABLE account ($STAMPS,
    username $KEY NOT NULL UNIQUE,
    display_name $KEY NOT NULL,
    role $KEY NOT NULL CHECK (role IN ('administrator', 'coordinator', 'focal_point', 'network_member', 'reader')),
    organization_id $UUID REFERENCES organization (id),
    locale $KEY NOT NULL,
    demo $BOOL NOT NULL,
    state $KEY NOT NULL CHECK (state IN ('invited', 'active', 'locked', 'archived'))
) $STRICT;
CREATE INDEX account_username ON account (username, id);
CREATE INDEX account_created_at ON account (created_at, id);
CREATE INDEX account_organization ON account (organization_id, id);

CREATE TABLE credential (
    account_id $UUID PRIMARY KEY REFERENCES account (id),
    password_hash $TEXT NOT NULL,
    changed_at $TIME NOT NULL
) $STRICT;
";
