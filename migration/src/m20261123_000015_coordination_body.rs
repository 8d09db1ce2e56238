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
CREATE TABLE coordination_body ($STAMPS,
    name $KEY NOT NULL,
    sort_name $KEY NOT NULL,
    level $KEY NOT NULL,
    chair_ids $TEXT NOT NULL,
    established_on $DATE,
    dissolved_on $DATE,
    terms_of_reference $KEY,
    parent_id $UUID REFERENCES coordination_body (id),
    CHECK (established_on <= dissolved_on)
) $STRICT;
CREATE INDEX coordination_body_sort_name ON coordination_body (sort_name, id);
CREATE INDEX coordination_body_created_at ON coordination_body (created_at, id);
CREATE INDEX coordination_body_updated_at ON coordination_body (updated_at, id);
CREATE INDEX coordination_body_parent ON coordination_body (parent_id, id);

CREATE TABLE coordination_body_chair (
    body_id $UUID NOT NULL REFERENCES coordination_body (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    PRIMARY KEY (body_id, organization_id)
) $STRICT;
CREATE INDEX coordination_body_chair_of ON coordination_body_chair (organization_id, body_id);

CREATE TABLE coordination_body_member ($STAMPS,
    body_id $UUID NOT NULL REFERENCES coordination_body (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    role $KEY NOT NULL CHECK (role IN ('member', 'secretariat', 'observer')),
    joined_on $DATE,
    left_on $DATE,
    CHECK (joined_on <= left_on)
) $STRICT;
CREATE INDEX coordination_body_member_created_at ON coordination_body_member (body_id, created_at, id);
CREATE INDEX coordination_body_member_updated_at ON coordination_body_member (body_id, updated_at, id);
CREATE INDEX coordination_body_member_organization ON coordination_body_member (organization_id, id);
";
