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
CREATE TABLE succession ($STAMPS,
    kind $KEY NOT NULL,
    predecessor_ids $TEXT NOT NULL,
    successor_ids $TEXT NOT NULL,
    decided_on $DATE,
    effective_on $DATE,
    functions $TEXT NOT NULL,
    note $KEY,
    reassignments $TEXT NOT NULL,
    unassigned $SMALL NOT NULL,
    state $KEY NOT NULL CHECK (state IN ('planned', 'effective'))
) $STRICT;
CREATE INDEX succession_created_at ON succession (created_at, id);
CREATE INDEX succession_updated_at ON succession (updated_at, id);

CREATE TABLE succession_party (
    succession_id $UUID NOT NULL REFERENCES succession (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    side $KEY NOT NULL CHECK (side IN ('predecessor', 'successor', 'receiver')),
    PRIMARY KEY (succession_id, organization_id, side)
) $STRICT;
CREATE INDEX succession_party_of ON succession_party (organization_id, succession_id);
";
