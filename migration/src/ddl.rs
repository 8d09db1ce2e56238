//! One text of SQL for both engines: the words in capitals with a `$` stand for what each engine calls the type.

use sea_orm_migration::prelude::*;

/// The columns that every tracked table begins with.
pub const STAMPS: &str = "
    id $UUID PRIMARY KEY,
    revision $BIG NOT NULL CHECK (revision >= 1),
    audience $KEY NOT NULL CHECK (audience IN ('everyone', 'country', 'organization', 'private')),
    owner_id $UUID,
    created_at $TIME NOT NULL,
    updated_at $TIME NOT NULL,
    archived_at $TIME,
    provenance $KEY NOT NULL CHECK (provenance IN ('entered', 'public_source', 'illustrative')),
    external_ids $TEXT NOT NULL";

/// Runs the statements; `$STAMPS` and the type words are filled in for the engine.
///
/// `$KEY` is text that is compared or sorted: by bytes on both engines, whatever the server's locale.
#[expect(clippy::disallowed_methods, reason = "migrations are SQL")]
pub async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let words: &[(&str, &str)] = match manager.get_database_backend() {
        sea_orm::DatabaseBackend::Sqlite => &[
            ("$UUID", "BLOB"),
            ("$BIG", "INTEGER"),
            ("$SMALL", "INTEGER"),
            ("$BOOL", "INTEGER"),
            ("$KEY", "TEXT"),
            ("$TEXT", "TEXT"),
            ("$TIME", "TEXT"),
            ("$DATE", "TEXT"),
            ("$SERIAL", "INTEGER PRIMARY KEY"),
            ("$STRICT", "STRICT"),
        ],
        _ => &[
            ("$UUID", "uuid"),
            ("$BIG", "bigint"),
            ("$SMALL", "smallint"),
            ("$BOOL", "boolean"),
            ("$KEY", "text COLLATE \"C\""),
            ("$TEXT", "text"),
            ("$TIME", "timestamptz"),
            ("$DATE", "date"),
            ("$SERIAL", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
            ("$STRICT", ""),
        ],
    };
    let filled = words.iter().fold(sql.replace("$STAMPS", STAMPS), |sql, (word, meaning)| sql.replace(word, meaning));
    manager.get_connection().execute_unprepared(&filled).await.map(drop)
}
