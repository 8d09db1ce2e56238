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
CREATE TABLE prioritization ($STAMPS,
    title $TEXT NOT NULL,
    cycle_id $UUID REFERENCES review_cycle (id),
    consultation_id $UUID REFERENCES consultation (id),
    opens_on $DATE,
    closes_on $DATE,
    electorate_ids $TEXT NOT NULL,
    criteria $TEXT NOT NULL,
    selection $TEXT NOT NULL,
    state $KEY NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'finalized', 'cancelled')),
    opened $BOOL NOT NULL,
    ranking $TEXT NOT NULL,
    missing_organization_ids $TEXT NOT NULL
) $STRICT;
CREATE INDEX prioritization_created_at ON prioritization (created_at, id);
CREATE INDEX prioritization_updated_at ON prioritization (updated_at, id);

CREATE TABLE prioritization_elector (
    prioritization_id $UUID NOT NULL REFERENCES prioritization (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    PRIMARY KEY (prioritization_id, organization_id)
) $STRICT;
CREATE INDEX prioritization_elector_of ON prioritization_elector (organization_id, prioritization_id);
";
