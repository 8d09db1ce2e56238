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
CREATE TABLE objective ($STAMPS,
    number $SMALL NOT NULL UNIQUE CHECK (number BETWEEN 1 AND 23),
    title $KEY NOT NULL,
    short_title $KEY NOT NULL,
    summary $KEY NOT NULL,
    actions $TEXT NOT NULL,
    clusters $TEXT NOT NULL,
    sdg_target_codes $TEXT NOT NULL,
    national_lead_id $UUID REFERENCES organization (id),
    national_note $KEY
) $STRICT;
CREATE INDEX objective_number ON objective (number, id);
CREATE INDEX objective_updated_at ON objective (updated_at, id);
CREATE INDEX objective_national_lead ON objective (national_lead_id, id);

CREATE TABLE objective_cluster (
    objective_id $UUID NOT NULL REFERENCES objective (id),
    scheme $KEY NOT NULL,
    number $SMALL NOT NULL,
    PRIMARY KEY (objective_id, scheme)
) $STRICT;
CREATE INDEX objective_cluster_of_scheme ON objective_cluster (scheme, number, objective_id);

CREATE TABLE objective_sdg_target (
    objective_id $UUID NOT NULL REFERENCES objective (id),
    code $KEY NOT NULL,
    PRIMARY KEY (objective_id, code)
) $STRICT;
CREATE INDEX objective_sdg_target_of_code ON objective_sdg_target (code, objective_id);
";
