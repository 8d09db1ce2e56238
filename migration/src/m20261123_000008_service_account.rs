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
CREATE TABLE service_account ($STAMPS,
    name $KEY NOT NULL UNIQUE,
    client_id $KEY NOT NULL UNIQUE,
    role $KEY NOT NULL CHECK (role IN ('administrator', 'coordinator', 'focal_point', 'network_member', 'reader')),
    organization_id $UUID REFERENCES organization (id),
    scopes $TEXT NOT NULL,
    external_systems $TEXT NOT NULL,
    secrets $TEXT NOT NULL,
    demo $BOOL NOT NULL
) $STRICT;

CREATE TABLE service_secret (
    digest $KEY PRIMARY KEY,
    service_account_id $UUID NOT NULL REFERENCES service_account (id),
    prefix $KEY NOT NULL,
    created_at $TIME NOT NULL,
    expires_at $TIME
) $STRICT;
CREATE INDEX service_secret_of_account ON service_secret (service_account_id);
";
