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
CREATE TABLE session (
    id $UUID PRIMARY KEY,
    account_id $UUID NOT NULL REFERENCES account (id),
    created_at $TIME NOT NULL,
    last_used_at $TIME NOT NULL,
    expires_at $TIME NOT NULL,
    user_agent $TEXT,
    network $TEXT,
    ended_at $TIME
) $STRICT;
CREATE INDEX session_of_account ON session (account_id, last_used_at);

CREATE TABLE refresh_token (
    digest $KEY PRIMARY KEY,
    session_id $UUID NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    parent_digest $KEY,
    created_at $TIME NOT NULL,
    used_at $TIME
) $STRICT;
CREATE INDEX refresh_token_of_session ON refresh_token (session_id, created_at);
CREATE INDEX refresh_token_of_parent ON refresh_token (parent_digest);

CREATE TABLE revoked_token (
    jti $KEY PRIMARY KEY,
    expires_at $TIME NOT NULL
) $STRICT;
CREATE INDEX revoked_token_expires ON revoked_token (expires_at);

CREATE TABLE password_link (
    digest $KEY PRIMARY KEY,
    account_id $UUID NOT NULL REFERENCES account (id),
    purpose $KEY NOT NULL CHECK (purpose IN ('invitation', 'reset')),
    created_at $TIME NOT NULL,
    expires_at $TIME NOT NULL,
    used_at $TIME,
    created_by $UUID
) $STRICT;
CREATE INDEX password_link_of_account ON password_link (account_id);
";
