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
CREATE TABLE progress_report ($STAMPS,
    activity_id $UUID NOT NULL REFERENCES activity (id),
    organization_id $UUID NOT NULL REFERENCES organization (id),
    period_start $DATE NOT NULL,
    period_end $DATE NOT NULL,
    due_on $DATE NOT NULL,
    progress_percent $SMALL NOT NULL CHECK (progress_percent BETWEEN 0 AND 100),
    rating $KEY NOT NULL CHECK (rating IN ('on_track', 'at_risk', 'off_track', 'not_rated')),
    implementation $KEY NOT NULL CHECK (implementation IN ('planned', 'in_progress', 'completed', 'suspended', 'cancelled')),
    achievements $KEY,
    challenges $KEY,
    next_steps $KEY,
    spent_minor $BIG CHECK (spent_minor >= 0),
    spent_currency $KEY,
    submitted_at $TIME,
    submitted_on $DATE,
    parties $TEXT NOT NULL,
    state $KEY NOT NULL CHECK (state IN ('draft', 'submitted', 'returned', 'accepted', 'superseded'))
) $STRICT;
CREATE INDEX progress_report_due_on ON progress_report (due_on, id);
CREATE INDEX progress_report_created_at ON progress_report (created_at, id);
CREATE INDEX progress_report_updated_at ON progress_report (updated_at, id);
CREATE INDEX progress_report_activity ON progress_report (activity_id, period_end, id);
CREATE INDEX progress_report_organization ON progress_report (organization_id, id);
CREATE INDEX progress_report_state ON progress_report (state, id);
";
