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
CREATE TABLE nomination ($STAMPS,
    prioritization_id $UUID NOT NULL REFERENCES prioritization (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    objective_number $SMALL NOT NULL,
    scores $TEXT NOT NULL,
    rationale $TEXT,
    action_codes $TEXT NOT NULL,
    on_behalf_note $TEXT,
    taken_over $BOOL NOT NULL,
    round_state $KEY NOT NULL CHECK (round_state IN ('draft', 'open', 'closed', 'finalized', 'cancelled'))
) $STRICT;
CREATE UNIQUE INDEX nomination_once ON nomination (prioritization_id, organization_id, objective_number);
CREATE INDEX nomination_created_at ON nomination (created_at, id);
CREATE INDEX nomination_updated_at ON nomination (updated_at, id);
CREATE INDEX nomination_objective ON nomination (objective_number, id);
CREATE INDEX nomination_organization ON nomination (organization_id, id);
CREATE INDEX nomination_round_created_at ON nomination (prioritization_id, created_at, id);
";
