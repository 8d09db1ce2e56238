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
CREATE TABLE priority ($STAMPS,
    cycle_id $UUID REFERENCES review_cycle (id),
    prioritization_id $UUID NOT NULL REFERENCES prioritization (id),
    objective_number $SMALL NOT NULL CHECK (objective_number BETWEEN 1 AND 23),
    rank $SMALL NOT NULL CHECK (rank >= 1),
    rationale $KEY,
    cluster $KEY,
    lead_id $UUID REFERENCES organization (id),
    supporting_ids $TEXT NOT NULL,
    substance $BIG NOT NULL CHECK (substance >= 1),
    asked_at $TIME,
    agreed_against $TEXT,
    adoption_number $TEXT,
    adoption_date $DATE,
    adoption_authority $TEXT,
    state $KEY NOT NULL CHECK (state IN ('proposed', 'agreed', 'adopted', 'withdrawn'))
) $STRICT;
CREATE INDEX priority_rank ON priority (rank, id);
CREATE INDEX priority_objective ON priority (objective_number, id);
CREATE INDEX priority_created_at ON priority (created_at, id);
CREATE INDEX priority_updated_at ON priority (updated_at, id);
CREATE INDEX priority_cycle ON priority (cycle_id, id);
CREATE INDEX priority_prioritization ON priority (prioritization_id, id);
CREATE INDEX priority_lead ON priority (lead_id, id);
CREATE INDEX priority_state ON priority (state, id);

CREATE TABLE priority_supporter (
    priority_id $UUID NOT NULL REFERENCES priority (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    PRIMARY KEY (priority_id, organization_id)
) $STRICT;
CREATE INDEX priority_supporter_of ON priority_supporter (organization_id, priority_id);
";
