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
CREATE TABLE effort ($STAMPS,
    organization_id $UUID NOT NULL REFERENCES organization (id),
    partner_ids $TEXT NOT NULL,
    title $KEY NOT NULL,
    sort_title $KEY NOT NULL,
    description $KEY,
    kind $KEY NOT NULL,
    objective_numbers $TEXT NOT NULL,
    action_codes $TEXT NOT NULL,
    sdg_target_codes $TEXT NOT NULL,
    implementation $KEY NOT NULL CHECK (implementation IN ('planned', 'ongoing', 'completed', 'discontinued')),
    starts_on $DATE,
    ends_on $DATE,
    provinces $TEXT NOT NULL,
    challenges $KEY,
    support_needed $KEY,
    budget_minor $BIG CHECK (budget_minor >= 0),
    budget_currency $KEY,
    funder_ids $TEXT NOT NULL,
    links $TEXT NOT NULL,
    state $KEY NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'accepted')),
    CHECK (starts_on <= ends_on),
    CHECK ((budget_minor IS NULL) = (budget_currency IS NULL))
) $STRICT;
CREATE INDEX effort_sort_title ON effort (sort_title, id);
CREATE INDEX effort_created_at ON effort (created_at, id);
CREATE INDEX effort_updated_at ON effort (updated_at, id);
CREATE INDEX effort_organization_sort_title ON effort (organization_id, sort_title, id);
CREATE INDEX effort_organization_created_at ON effort (organization_id, created_at, id);
CREATE INDEX effort_organization_updated_at ON effort (organization_id, updated_at, id);
CREATE INDEX effort_state_sort_title ON effort (state, sort_title, id);
CREATE INDEX effort_state_created_at ON effort (state, created_at, id);
CREATE INDEX effort_state_updated_at ON effort (state, updated_at, id);

CREATE TABLE effort_party (
    effort_id $UUID NOT NULL REFERENCES effort (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    role $KEY NOT NULL CHECK (role IN ('partner', 'funder')),
    PRIMARY KEY (effort_id, organization_id, role)
) $STRICT;
CREATE INDEX effort_party_of ON effort_party (organization_id, effort_id);

CREATE TABLE effort_objective (
    effort_id $UUID NOT NULL REFERENCES effort (id),
    number $SMALL NOT NULL,
    PRIMARY KEY (effort_id, number)
) $STRICT;
CREATE INDEX effort_objective_of ON effort_objective (number, effort_id);

CREATE TABLE effort_action (
    effort_id $UUID NOT NULL REFERENCES effort (id),
    code $KEY NOT NULL,
    PRIMARY KEY (effort_id, code)
) $STRICT;
CREATE INDEX effort_action_of ON effort_action (code, effort_id);

CREATE TABLE effort_sdg_target (
    effort_id $UUID NOT NULL REFERENCES effort (id),
    code $KEY NOT NULL,
    PRIMARY KEY (effort_id, code)
) $STRICT;
CREATE INDEX effort_sdg_target_of ON effort_sdg_target (code, effort_id);

CREATE TABLE effort_province (
    effort_id $UUID NOT NULL REFERENCES effort (id),
    code $KEY NOT NULL,
    PRIMARY KEY (effort_id, code)
) $STRICT;
CREATE INDEX effort_province_of ON effort_province (code, effort_id);
";
