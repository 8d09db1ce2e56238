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
CREATE TABLE un_network_member ($STAMPS,
    organization_id $UUID NOT NULL REFERENCES organization (id),
    roles $TEXT NOT NULL,
    joined_on $DATE,
    left_on $DATE,
    working_groups $TEXT NOT NULL,
    objective_numbers $TEXT NOT NULL,
    offers $TEXT NOT NULL,
    CHECK (joined_on <= left_on)
) $STRICT;
CREATE INDEX un_network_member_created_at ON un_network_member (created_at, id);
CREATE INDEX un_network_member_updated_at ON un_network_member (updated_at, id);
CREATE INDEX un_network_member_organization ON un_network_member (organization_id, id);

CREATE TABLE un_network_member_role (
    member_id $UUID NOT NULL REFERENCES un_network_member (id),
    role $KEY NOT NULL,
    PRIMARY KEY (member_id, role)
) $STRICT;
CREATE INDEX un_network_member_role_of ON un_network_member_role (role, member_id);

CREATE TABLE un_network_member_objective (
    member_id $UUID NOT NULL REFERENCES un_network_member (id),
    number $SMALL NOT NULL,
    PRIMARY KEY (member_id, number)
) $STRICT;
CREATE INDEX un_network_member_objective_of ON un_network_member_objective (number, member_id);
";
