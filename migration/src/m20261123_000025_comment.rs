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

/// Comments may be about rows of more kinds later: the kind is not checked here, since a check cannot be widened without making the table anew.
const SQL: &str = "
CREATE TABLE comment ($STAMPS,
    subject_kind $KEY NOT NULL,
    subject_id $UUID NOT NULL,
    parent_id $UUID REFERENCES comment (id),
    author_id $UUID,
    organization_id $UUID REFERENCES organization (id),
    body $TEXT NOT NULL,
    language $KEY NOT NULL,
    edited_at $TIME,
    resolved_at $TIME,
    state $KEY NOT NULL CHECK (state IN ('open', 'resolved'))
) $STRICT;
CREATE INDEX comment_created_at ON comment (created_at, id);
CREATE INDEX comment_updated_at ON comment (updated_at, id);
CREATE INDEX comment_subject ON comment (subject_id, created_at, id);
CREATE INDEX comment_parent ON comment (parent_id, id);
";
