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
CREATE TABLE consultation ($STAMPS,
    title $KEY NOT NULL,
    sort_title $KEY NOT NULL,
    series_number $SMALL,
    kind $KEY NOT NULL,
    mode $KEY,
    status $KEY NOT NULL,
    starts_on $DATE NOT NULL,
    ends_on $DATE NOT NULL,
    date_precision $KEY NOT NULL CHECK (date_precision IN ('day', 'month', 'year')),
    place $KEY,
    convenor_ids $TEXT NOT NULL,
    chairs $TEXT NOT NULL,
    participants $TEXT NOT NULL,
    participant_total $BIG,
    participant_total_at_least $BOOL NOT NULL,
    funder_ids $TEXT NOT NULL,
    programme $KEY,
    sdg_goal_numbers $TEXT NOT NULL,
    agenda $TEXT NOT NULL,
    groups $TEXT NOT NULL,
    cycle_id $UUID REFERENCES review_cycle (id),
    names_erased_at $TIME,
    CHECK (starts_on <= ends_on)
) $STRICT;
CREATE INDEX consultation_starts_on ON consultation (starts_on, id);
CREATE INDEX consultation_sort_title ON consultation (sort_title, id);
CREATE INDEX consultation_created_at ON consultation (created_at, id);
CREATE INDEX consultation_updated_at ON consultation (updated_at, id);
CREATE INDEX consultation_kind ON consultation (kind, starts_on, id);
CREATE INDEX consultation_cycle ON consultation (cycle_id, starts_on, id);

CREATE TABLE consultation_party (
    consultation_id $UUID NOT NULL REFERENCES consultation (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    part $KEY NOT NULL CHECK (part IN ('convenor', 'chair', 'participant', 'funder', 'facilitator')),
    PRIMARY KEY (consultation_id, organization_id, part)
) $STRICT;
CREATE INDEX consultation_party_of ON consultation_party (organization_id, consultation_id);

CREATE TABLE consultation_objective (
    consultation_id $UUID NOT NULL REFERENCES consultation (id),
    number $SMALL NOT NULL,
    PRIMARY KEY (consultation_id, number)
) $STRICT;
CREATE INDEX consultation_objective_of ON consultation_objective (number, consultation_id);

CREATE TABLE consultation_sdg_goal (
    consultation_id $UUID NOT NULL REFERENCES consultation (id),
    number $SMALL NOT NULL,
    PRIMARY KEY (consultation_id, number)
) $STRICT;
CREATE INDEX consultation_sdg_goal_of ON consultation_sdg_goal (number, consultation_id);
";
