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
CREATE TABLE outcome ($STAMPS,
    consultation_id $UUID NOT NULL REFERENCES consultation (id),
    kind $KEY NOT NULL,
    text $KEY NOT NULL,
    objective_numbers $TEXT NOT NULL,
    responsible_id $UUID REFERENCES organization (id),
    due_on $DATE,
    state $KEY NOT NULL CHECK (state IN ('open', 'done', 'verified', 'dropped'))
) $STRICT;
CREATE INDEX outcome_created_at ON outcome (created_at, id);
CREATE INDEX outcome_updated_at ON outcome (updated_at, id);
CREATE INDEX outcome_consultation ON outcome (consultation_id, created_at, id);
CREATE INDEX outcome_responsible ON outcome (responsible_id, state, created_at, id);

CREATE TABLE outcome_objective (
    outcome_id $UUID NOT NULL REFERENCES outcome (id),
    number $SMALL NOT NULL,
    PRIMARY KEY (outcome_id, number)
) $STRICT;
CREATE INDEX outcome_objective_of ON outcome_objective (number, outcome_id);
";
