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
CREATE TABLE workplan ($STAMPS,
    title $KEY NOT NULL,
    starts_on $DATE NOT NULL,
    ends_on $DATE NOT NULL,
    reporting_interval $KEY NOT NULL CHECK (reporting_interval IN ('month', 'quarter', 'half_year', 'year')),
    priority_ids $TEXT NOT NULL,
    approval_number $TEXT,
    approval_date $DATE,
    approval_authority $TEXT,
    version $BIG CHECK (version >= 1),
    version_sha256 $TEXT,
    substance $BIG NOT NULL CHECK (substance >= 1),
    asked_at $TIME,
    agreed_against $TEXT,
    state $KEY NOT NULL CHECK (state IN ('draft', 'in_review', 'returned', 'approved', 'active', 'closed')),
    CHECK (ends_on >= starts_on)
) $STRICT;
CREATE INDEX workplan_starts_on ON workplan (starts_on, id);
CREATE INDEX workplan_created_at ON workplan (created_at, id);
CREATE INDEX workplan_updated_at ON workplan (updated_at, id);
CREATE INDEX workplan_state ON workplan (state, id);

CREATE TABLE workplan_priority (
    workplan_id $UUID NOT NULL REFERENCES workplan (id),
    priority_id $UUID NOT NULL REFERENCES priority (id),
    PRIMARY KEY (workplan_id, priority_id)
) $STRICT;
CREATE INDEX workplan_priority_of ON workplan_priority (priority_id, workplan_id);

CREATE TABLE workplan_version (
    workplan_id $UUID NOT NULL REFERENCES workplan (id),
    version $BIG NOT NULL CHECK (version >= 1),
    approved_at $TIME NOT NULL,
    approved_on $DATE NOT NULL,
    sha256 $TEXT NOT NULL,
    content $TEXT NOT NULL,
    PRIMARY KEY (workplan_id, version)
) $STRICT;

CREATE TABLE workplan_revision ($STAMPS,
    workplan_id $UUID NOT NULL REFERENCES workplan (id),
    version $BIG NOT NULL CHECK (version >= 2),
    note $KEY,
    title $KEY NOT NULL,
    starts_on $DATE NOT NULL,
    ends_on $DATE NOT NULL,
    reporting_interval $KEY NOT NULL CHECK (reporting_interval IN ('month', 'quarter', 'half_year', 'year')),
    priority_ids $TEXT NOT NULL,
    approval_number $TEXT,
    approval_date $DATE,
    approval_authority $TEXT,
    substance $BIG NOT NULL CHECK (substance >= 1),
    asked_at $TIME,
    agreed_against $TEXT,
    state $KEY NOT NULL CHECK (state IN ('draft', 'in_review', 'returned', 'approved', 'withdrawn')),
    CHECK (ends_on >= starts_on)
) $STRICT;
CREATE INDEX workplan_revision_created_at ON workplan_revision (created_at, id);
CREATE INDEX workplan_revision_updated_at ON workplan_revision (updated_at, id);
CREATE INDEX workplan_revision_workplan ON workplan_revision (workplan_id, id);
CREATE UNIQUE INDEX workplan_revision_open ON workplan_revision (workplan_id)
    WHERE state IN ('draft', 'in_review', 'returned') AND archived_at IS NULL;
";
