//! Copies of an SQLite database: making one while others write, and telling whether one is whole.

use std::path::Path;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, EntityTrait, Statement, sqlx::sqlite::SqliteJournalMode,
};

use super::{
    change_log::{Head, head},
    connect::{Access, Engine, OpenError, sqlite_url},
    schema,
};

/// Writes the database of this address, as it is at one moment, into an empty file. Writers go on meanwhile.
#[expect(clippy::disallowed_methods, reason = "asks the engine for a copy")]
pub async fn copy(url: &str, target: &Path) -> Result<(), OpenError> {
    let db = alone(url, false).await?;
    let path = target.to_str().ok_or_else(|| OpenError::Away(format!("{}: is no UTF-8", target.display())))?;
    let done = db.execute_raw(Statement::from_sql_and_values(DatabaseBackend::Sqlite, "VACUUM INTO ?", [path.into()])).await;
    db.close().await?;
    done?;
    Ok(())
}

/// Checks that a file is whole, a database of ours, and not too new; tells where its record stands.
pub async fn inspect(file: &Path) -> Result<Head, OpenError> {
    let db = alone(&sqlite_url(file), true).await?;
    let found = look(&db, file).await;
    db.close().await?;
    found
}

/// Brings what stands in the write-ahead log into the file itself.
#[expect(clippy::disallowed_methods, reason = "asks the engine to rewrite its file")]
pub async fn settle(file: &Path) -> Result<(), OpenError> {
    let db = alone(&sqlite_url(file), false).await?;
    let done = db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await;
    db.close().await?;
    done?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "asks the engine whether its file is whole, and reads the head as it stands")]
async fn look(db: &DatabaseConnection, file: &Path) -> Result<Head, OpenError> {
    let whole = Statement::from_string(DatabaseBackend::Sqlite, "PRAGMA integrity_check(5)");
    let damage = |told: String| OpenError::Damaged { file: file.to_owned(), told };
    let rows = db.query_all_raw(whole).await.map_err(|error| damage(error.to_string()))?;
    let told = rows.iter().map(|row| row.try_get_by_index::<String>(0)).collect::<Result<Vec<_>, _>>()?;
    if told != ["ok"] {
        return Err(damage(told.join("; ")));
    }
    match schema::check(db, Engine::Sqlite, Access::Read).await {
        // An older one is brought to this version when it is used.
        Ok(()) | Err(OpenError::Behind(_)) => {}
        Err(error) => return Err(error),
    }
    let head = head::Entity::find().one(db).await?;
    head.ok_or_else(|| OpenError::NotOurs("no head of a change log".to_owned()))
}

async fn alone(url: &str, read_only: bool) -> Result<DatabaseConnection, OpenError> {
    let mut connect = ConnectOptions::new(url);
    connect.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |sqlite| {
        // A copy stays one file: opening it must not make it one with a log beside it.
        let sqlite = if read_only { sqlite.read_only(true) } else { sqlite.journal_mode(SqliteJournalMode::Wal) };
        sqlite.create_if_missing(false)
    });
    Ok(Database::connect(connect).await?)
}
