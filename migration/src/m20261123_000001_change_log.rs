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
CREATE TABLE change_head (
    id $SMALL PRIMARY KEY CHECK (id = 1),
    seq $BIG NOT NULL,
    hash $KEY NOT NULL,
    access_seq $BIG NOT NULL
) $STRICT;
INSERT INTO change_head (id, seq, hash, access_seq) VALUES (1, 0, '', 0);

CREATE TABLE change (
    seq $BIG PRIMARY KEY CHECK (seq >= 1),
    at $TIME NOT NULL,
    actor_id $UUID,
    actor_kind $KEY NOT NULL,
    actor_role $KEY,
    actor_org $UUID,
    origin $KEY NOT NULL,
    request_id $KEY,
    kind $KEY NOT NULL,
    resource_id $KEY NOT NULL,
    revision $BIG NOT NULL,
    op $KEY NOT NULL,
    audience $KEY NOT NULL,
    owner_id $UUID,
    body $TEXT,
    reason $TEXT,
    salt $KEY,
    body_digest $KEY NOT NULL,
    hash $KEY NOT NULL
) $STRICT;
CREATE INDEX change_of_row ON change (kind, resource_id, seq);
";
