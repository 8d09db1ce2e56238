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
CREATE TABLE activity ($STAMPS,
    workplan_id $UUID NOT NULL REFERENCES workplan (id),
    code $KEY NOT NULL,
    title $KEY NOT NULL,
    description $KEY,
    priority_id $UUID REFERENCES priority (id),
    objective_numbers $TEXT NOT NULL,
    action_codes $TEXT NOT NULL,
    sdg_target_codes $TEXT NOT NULL,
    parties $TEXT NOT NULL,
    starts_on $DATE NOT NULL,
    ends_on $DATE,
    recurrence_every $KEY CHECK (recurrence_every IN ('month', 'quarter', 'half_year', 'year')),
    recurrence_until $DATE,
    sort_ends_on $DATE NOT NULL,
    outside_period_reason $KEY,
    depends_on $TEXT NOT NULL,
    provinces $TEXT NOT NULL,
    implementation $KEY NOT NULL CHECK (implementation IN ('planned', 'in_progress', 'completed', 'suspended', 'cancelled')),
    progress_percent $SMALL NOT NULL CHECK (progress_percent BETWEEN 0 AND 100),
    rating $KEY NOT NULL CHECK (rating IN ('on_track', 'at_risk', 'off_track', 'not_rated')),
    tracking_reason $TEXT,
    tracking_report_id $UUID,
    added_in_version $BIG CHECK (added_in_version >= 1)
) $STRICT;
CREATE INDEX activity_code ON activity (code, id);
CREATE INDEX activity_ends_on ON activity (sort_ends_on, id);
CREATE INDEX activity_created_at ON activity (created_at, id);
CREATE INDEX activity_updated_at ON activity (updated_at, id);
CREATE INDEX activity_workplan_code ON activity (workplan_id, code, id);
CREATE INDEX activity_workplan_ends_on ON activity (workplan_id, sort_ends_on, id);
CREATE INDEX activity_priority ON activity (priority_id, code, id);
CREATE INDEX activity_implementation ON activity (implementation, code, id);
CREATE INDEX activity_rating ON activity (rating, code, id);

CREATE TABLE activity_party (
    activity_id $UUID NOT NULL REFERENCES activity (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    role $KEY NOT NULL CHECK (role IN ('lead', 'co_lead', 'implementing', 'supporting', 'funding')),
    PRIMARY KEY (activity_id, organization_id, role)
) $STRICT;
CREATE INDEX activity_party_of ON activity_party (organization_id, role, activity_id);

CREATE TABLE activity_objective (
    activity_id $UUID NOT NULL REFERENCES activity (id),
    number $SMALL NOT NULL CHECK (number BETWEEN 1 AND 23),
    PRIMARY KEY (activity_id, number)
) $STRICT;
CREATE INDEX activity_objective_of ON activity_objective (number, activity_id);

CREATE TABLE activity_action (
    activity_id $UUID NOT NULL REFERENCES activity (id),
    code $KEY NOT NULL,
    PRIMARY KEY (activity_id, code)
) $STRICT;
CREATE INDEX activity_action_of ON activity_action (code, activity_id);

CREATE TABLE activity_sdg_target (
    activity_id $UUID NOT NULL REFERENCES activity (id),
    code $KEY NOT NULL,
    PRIMARY KEY (activity_id, code)
) $STRICT;
CREATE INDEX activity_sdg_target_of ON activity_sdg_target (code, activity_id);

CREATE TABLE activity_province (
    activity_id $UUID NOT NULL REFERENCES activity (id),
    code $KEY NOT NULL,
    PRIMARY KEY (activity_id, code)
) $STRICT;
CREATE INDEX activity_province_of ON activity_province (code, activity_id);

CREATE TABLE activity_dependency (
    activity_id $UUID NOT NULL REFERENCES activity (id),
    on_id $UUID NOT NULL REFERENCES activity (id),
    PRIMARY KEY (activity_id, on_id)
) $STRICT;
CREATE INDEX activity_dependency_on ON activity_dependency (on_id, activity_id);

CREATE TABLE milestone ($STAMPS,
    activity_id $UUID NOT NULL REFERENCES activity (id),
    title $KEY NOT NULL,
    due_on $DATE NOT NULL,
    done_on $DATE,
    parties $TEXT NOT NULL
) $STRICT;
CREATE INDEX milestone_due_on ON milestone (due_on, id);
CREATE INDEX milestone_activity_due_on ON milestone (activity_id, due_on, id);
CREATE INDEX milestone_activity_created_at ON milestone (activity_id, created_at, id);
CREATE INDEX milestone_activity_updated_at ON milestone (activity_id, updated_at, id);

CREATE TABLE budget_line ($STAMPS,
    activity_id $UUID NOT NULL REFERENCES activity (id),
    kind $KEY NOT NULL,
    amount_minor $BIG NOT NULL CHECK (amount_minor >= 0),
    amount_currency $KEY NOT NULL,
    funder_id $UUID REFERENCES organization (id),
    note $KEY
) $STRICT;
CREATE INDEX budget_line_activity_created_at ON budget_line (activity_id, created_at, id);
CREATE INDEX budget_line_activity_updated_at ON budget_line (activity_id, updated_at, id);
CREATE INDEX budget_line_funder ON budget_line (funder_id, id);

CREATE TABLE activity_proposal ($STAMPS,
    workplan_revision_id $UUID NOT NULL REFERENCES workplan_revision (id),
    activity_id $UUID NOT NULL REFERENCES activity (id),
    removes $BOOL NOT NULL,
    plan $TEXT NOT NULL,
    milestones $TEXT NOT NULL,
    budget_lines $TEXT NOT NULL
) $STRICT;
CREATE UNIQUE INDEX activity_proposal_once ON activity_proposal (workplan_revision_id, activity_id);
CREATE INDEX activity_proposal_activity ON activity_proposal (activity_id, id);
CREATE INDEX activity_proposal_created_at ON activity_proposal (created_at, id);
CREATE INDEX activity_proposal_updated_at ON activity_proposal (updated_at, id);
";
