//! Whether a database is ours and of a version that this binary can work with, and bringing it to this version.

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, Statement, TransactionTrait};

use super::connect::{Access, Engine, OpenError};

/// Names the lock under which one process migrates while others wait.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7416273)";

/// Checks, and migrates when asked to: on PostgreSQL under a lock, since several processes may start at once.
#[expect(clippy::disallowed_methods, reason = "holds a lock while the migrations run on another connection")]
pub async fn check(db: &DatabaseConnection, engine: Engine, access: Access) -> Result<(), OpenError> {
    if engine == Engine::Sqlite || access != Access::Migrate {
        return check_alone(db, engine, access).await;
    }
    let turn = db.begin().await?;
    turn.execute_unprepared(
        "SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
    )
    .await?;
    turn.execute_unprepared(MIGRATION_LOCK).await?;
    let done = check_alone(db, engine, access).await;
    turn.rollback().await?;
    done
}

async fn check_alone(db: &DatabaseConnection, engine: Engine, access: Access) -> Result<(), OpenError> {
    let tables = tables(db, engine).await?;
    let ours = tables.iter().any(|table| table == "change_head");
    if !ours && !tables.is_empty() {
        return Err(OpenError::NotOurs(tables.into_iter().take(5).collect::<Vec<_>>().join(", ")));
    }
    let applied = if ours { applied(db).await? } else { Vec::new() };
    if let Some(newer) = migration::steps::beyond(&applied) {
        return Err(OpenError::Newer(newer.to_owned()));
    }
    let migrations = Migrator::migrations();
    let pending = migrations.iter().filter(|migration| !applied.iter().any(|name| name == migration.name())).count();
    if access != Access::Migrate && pending > 0 {
        return Err(OpenError::Behind(pending));
    }
    if engine == Engine::Postgres {
        check_lao_trigrams(db, access).await?;
    }
    match pending {
        0 => Ok(()),
        _ => Migrator::up(db, None).await.map_err(|error| OpenError::Migration(error.to_string())),
    }
}

#[expect(clippy::disallowed_methods, reason = "asks the engine for its tables")]
async fn tables(db: &DatabaseConnection, engine: Engine) -> Result<Vec<String>, OpenError> {
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations' ORDER BY name"
        }
        Engine::Postgres => {
            "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname <> 'seaql_migrations'
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?)
}

#[expect(clippy::disallowed_methods, reason = "reads the migration table, which has no entity")]
async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, OpenError> {
    let sql = "SELECT version AS name FROM seaql_migrations ORDER BY version";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "name")).collect::<Result<_, _>>()?)
}

#[expect(clippy::disallowed_methods, reason = "asks the extension itself")]
async fn check_lao_trigrams(db: &DatabaseConnection, access: Access) -> Result<(), OpenError> {
    if access == Access::Migrate {
        db.execute_unprepared("CREATE EXTENSION IF NOT EXISTS pg_trgm").await?;
    }
    let sql = "SELECT cardinality(show_trgm('ແຮງງານ')) AS trigrams";
    let row = db.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
    match row.map(|row| row.try_get::<i32>("", "trigrams")).transpose()? {
        Some(trigrams) if trigrams > 0 => Ok(()),
        _ => Err(OpenError::NoLaoTrigrams),
    }
}
