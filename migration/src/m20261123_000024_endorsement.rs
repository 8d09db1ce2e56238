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

/// What is endorsed may be of more kinds later: the kind is not checked here, since a check cannot be widened without making the table anew.
const SQL: &str = "
CREATE TABLE endorsement ($STAMPS,
    subject_kind $KEY NOT NULL,
    subject_id $UUID NOT NULL,
    substance $BIG NOT NULL CHECK (substance >= 1),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    decision $KEY NOT NULL CHECK (decision IN ('endorsed', 'objected', 'abstained')),
    comment $KEY
) $STRICT;
CREATE INDEX endorsement_created_at ON endorsement (created_at, id);
CREATE INDEX endorsement_updated_at ON endorsement (updated_at, id);
CREATE INDEX endorsement_organization ON endorsement (organization_id, id);
CREATE INDEX endorsement_subject ON endorsement (subject_id, created_at, id);
CREATE UNIQUE INDEX endorsement_once ON endorsement (subject_kind, subject_id, substance, organization_id) WHERE archived_at IS NULL;
";
