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
CREATE INDEX account_display_name ON account (display_name, id);
CREATE INDEX account_of_organization_by_name ON account (organization_id, display_name, id);
CREATE INDEX service_account_name ON service_account (name, id);
CREATE INDEX service_account_created_at ON service_account (created_at, id);
CREATE INDEX service_account_organization ON service_account (organization_id, id);
";
