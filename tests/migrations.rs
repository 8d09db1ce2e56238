//! The schema: made on both engines, told apart from what is not ours, and the same as the entities say.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it stands; what it stands on is part of it"
)]

#[path = "api/harness/postgres.rs"]
mod postgres;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::Path,
};

use gcm_api::{
    clock::Clock,
    entity::{
        account, coordination_body, coordination_body_chair, coordination_body_member, credential, focal_point, focal_point_contact,
        known_network, objective, objective_cluster, objective_sdg_target, organization, password_link, refresh_token, review_cycle,
        revoked_token, service_account, service_secret, session, signing_key, succession, succession_party, un_network_member,
        un_network_member_objective, un_network_member_role,
    },
    store::{Access, Engine, OpenError, Options, OwnedRows, Private, Store, Tracked, change_log, sqlite_url},
};
use migration::{
    Migrator, MigratorTrait as _,
    steps::{needed, number},
};
use sea_orm::{ColumnTrait, ConnectionTrait as _, Database, DatabaseConnection, EntityTrait, IdenStatic as _, Iterable as _, Statement};
use tempfile::TempDir;

/// A database without a table.
struct Empty {
    engine: Engine,
    url: String,
    name: Option<String>,
    _folder: TempDir,
}

impl Empty {
    async fn new(engine: Engine, how: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let (url, name) = match engine {
            Engine::Sqlite => (sqlite_url(&folder.path().join("empty.sqlite")), None),
            Engine::Postgres => {
                let server = postgres::server().unwrap();
                let name = server.fresh_name();
                server.create(&name, how).await;
                (server.url(&name), Some(name))
            }
        };
        Self { engine, url, name, _folder: folder }
    }

    async fn open(&self, migrate: bool) -> Result<Store, OpenError> {
        Store::open(
            &Options { url: self.url.clone(), readers: 2, access: if migrate { Access::Migrate } else { Access::Write } },
            Clock::system(),
        )
        .await
    }

    async fn migrated(&self) {
        self.open(true).await.unwrap().close().await.unwrap();
    }

    async fn connect(&self) -> DatabaseConnection {
        let url = if self.engine == Engine::Sqlite { format!("{}?mode=rwc", self.url) } else { self.url.clone() };
        Database::connect(url).await.unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "tests tamper with the schema")]
    async fn sql(&self, statement: &str) {
        let db = self.connect().await;
        db.execute_unprepared(statement).await.unwrap();
        db.close().await.unwrap();
    }

    /// Notes a migration that this program does not know.
    async fn applied(&self, name: &str) {
        self.sql(&format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 0)")).await;
    }

    /// The texts of a query with these columns.
    #[expect(clippy::disallowed_methods, reason = "tests look at the schema")]
    async fn texts<const N: usize>(&self, query: &str) -> Vec<[String; N]> {
        let db = self.connect().await;
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
        db.close().await.unwrap();
        rows.iter().map(|row| std::array::from_fn(|at| row.try_get_by_index::<Option<String>>(at).unwrap().unwrap_or_default())).collect()
    }

    /// Every table with its columns, and whether each may be null.
    async fn columns(&self) -> BTreeMap<String, BTreeMap<String, bool>> {
        let query = match self.engine {
            Engine::Sqlite => {
                "SELECT t.name, c.name, CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 'NO' ELSE 'YES' END FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
            }
            Engine::Postgres => {
                "SELECT table_name::text, column_name::text, is_nullable::text FROM information_schema.columns WHERE table_schema = current_schema()"
            }
        };
        let mut tables = BTreeMap::<String, BTreeMap<String, bool>>::new();
        for [table, column, nullable] in self.texts(query).await {
            tables.entry(table).or_default().insert(column, nullable == "YES");
        }
        tables
    }

    /// Everything that a migration could change.
    async fn schema(&self) -> Vec<[String; 2]> {
        let query = match self.engine {
            Engine::Sqlite => "SELECT name, sql FROM sqlite_master UNION ALL SELECT version, CAST(applied_at AS TEXT) FROM seaql_migrations ORDER BY 1, 2",
            Engine::Postgres => {
                "SELECT table_name || '.' || column_name, data_type || coalesce(collation_name, '') || is_nullable || coalesce(column_default, '')
                 FROM information_schema.columns WHERE table_schema = current_schema()
                 UNION ALL SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = current_schema()
                 UNION ALL SELECT conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
                 UNION ALL SELECT version, applied_at::text FROM seaql_migrations ORDER BY 1, 2"
            }
        };
        self.texts(query).await
    }

    async fn gone(self) {
        if let Some(name) = &self.name {
            postgres::server().unwrap().drop(name).await;
        }
    }
}

const PLAIN: &str = "TEMPLATE template0";

async fn both(test: impl AsyncFn(&Empty)) {
    for engine in engines().await {
        let empty = Empty::new(engine, PLAIN).await;
        Box::pin(test(&empty)).await;
        empty.gone().await;
    }
}

async fn engines() -> Vec<Engine> {
    match postgres::server() {
        Ok(server) => {
            server.clear_stale().await;
            vec![Engine::Sqlite, Engine::Postgres]
        }
        Err(why) => {
            assert!(!postgres::required(), "GCM_REQUIRE_POSTGRES=1, but {why}");
            let _unheard =
                writeln!(std::io::stderr(), "\nNOT COVERED: no migration was tried on PostgreSQL, the engine of production: {why}.\n");
            vec![Engine::Sqlite]
        }
    }
}

#[test]
fn an_interrupted_migration_leaves_nothing_behind() {
    // Without this, SQLite keeps the tables of half a migration and the next start fails on them.
    for migration in Migrator::migrations() {
        assert_eq!(migration.use_transaction(), Some(true), "{}", migration.name());
    }
}

#[tokio::test]
async fn several_processes_may_start_on_one_empty_database() {
    both(async |empty| {
        let started = futures_util::future::join_all((0..4).map(|_process| empty.open(true))).await;
        let refused: Vec<_> = started.iter().filter_map(|store| store.as_ref().err()).collect();
        // SQLite is for one process; there the others may hear that it is busy.
        assert!(refused.is_empty() || empty.engine == Engine::Sqlite, "{refused:?}");
        assert!(started.iter().any(Result::is_ok));
        for store in started.into_iter().flatten() {
            store.close().await.unwrap();
        }
        empty.migrated().await;
    })
    .await;
}

#[tokio::test]
async fn an_empty_database_is_migrated_once() {
    both(async |empty| {
        let behind = empty.open(false).await.unwrap_err();
        // Looking at a database makes none: without a file there is nothing that could be behind.
        let nothing = matches!(behind, OpenError::Away(_)) && empty.engine == Engine::Sqlite;
        assert!(nothing || matches!(behind, OpenError::Behind(count) if count > 0), "{behind}");
        empty.migrated().await;
        let first = empty.schema().await;
        empty.migrated().await;
        assert_eq!(empty.schema().await, first, "migrating again changes nothing");
        empty.open(false).await.unwrap().close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_behind_says_so() {
    both(async |empty| {
        empty.migrated().await;
        empty.sql("DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)").await;
        let refused = empty.open(false).await.unwrap_err();
        assert!(matches!(refused, OpenError::Behind(1)), "{refused}");
        assert!(refused.to_string().contains("gcm-api migrate"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_newer_database_that_only_has_more_is_used_as_it_is() {
    both(async |empty| {
        empty.migrated().await;
        empty.sql("ALTER TABLE organization ADD COLUMN from_the_future text").await;
        empty.sql("CREATE TABLE from_the_future (id integer)").await;
        empty.applied("m20990101_900001_from_the_future").await;
        let before = empty.schema().await;
        for migrate in [true, false] {
            let store = empty.open(migrate).await.unwrap();
            assert_eq!(store.head().await.unwrap(), 0);
            store.close().await.unwrap();
        }
        assert_eq!(empty.schema().await, before);
        // What is missing of ours is entered all the same.
        empty.sql("DELETE FROM seaql_migrations WHERE version = 'm20261123_000017_account_lists'").await;
        let behind = empty.open(false).await.unwrap_err();
        assert!(matches!(behind, OpenError::Behind(1)), "{behind}");
    })
    .await;
}

#[tokio::test]
async fn a_newer_database_that_lacks_what_is_needed_is_refused() {
    let last = Migrator::migrations().iter().filter_map(|migration| number(migration.name())).max().unwrap();
    for (needed, accepted) in [(format!("{last:06}"), true), (format!("{:06}", last + 1), false), ("name".to_owned(), false)] {
        both(async |empty| {
            empty.migrated().await;
            let name = format!("m20990101_900002_contract_{needed}_something");
            empty.applied(&name).await;
            let before = empty.schema().await;
            for migrate in [true, false] {
                match empty.open(migrate).await {
                    Ok(store) if accepted => store.close().await.unwrap(),
                    Err(OpenError::Newer(told)) if !accepted => assert_eq!(told, name),
                    other => panic!("{name}: {other:?}"),
                }
            }
            assert_eq!(empty.schema().await, before);
        })
        .await;
    }
}

/// Expand first, contract one release later (docs/adr/0010): what a migration does is in its name.
#[test]
fn a_migration_only_adds_unless_its_name_says_otherwise() {
    let mut last = 0;
    for migration in Migrator::migrations() {
        let name = migration.name();
        let text = std::fs::read_to_string(format!("migration/src/{name}.rs")).unwrap().to_uppercase();
        let number = number(name).unwrap_or_else(|| panic!("{name} has no number"));
        assert!(number >= last, "{name}: numbers count up");
        last = number;
        match needed(name) {
            Some(needed) => {
                assert!(needed.is_ok_and(|needed| needed < number), "{name} names the migration that must be known, an older one")
            }
            None => {
                for word in ["DROP ", "RENAME ", "SET NOT NULL", "ALTER COLUMN", "DELETE FROM"] {
                    assert!(!text.contains(word), "{name}: {word}takes away what an older program may need");
                }
                for line in text.lines().filter(|line| line.contains("ADD COLUMN") && line.contains("NOT NULL")) {
                    assert!(line.contains("DEFAULT"), "{name}: an older program enters rows without this column: {line}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() {
    both(async |empty| {
        empty.sql("CREATE TABLE invoices (id integer)").await;
        for migrate in [true, false] {
            let refused = empty.open(migrate).await.unwrap_err();
            assert!(matches!(&refused, OpenError::NotOurs(tables) if tables == "invoices"), "{refused}");
        }
        assert_eq!(empty.columns().await.keys().collect::<Vec<_>>(), ["invoices"], "nothing was made in it");
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused() {
    let nowhere = TempDir::new().unwrap().path().join("no/such/folder");
    let mut urls = vec![sqlite_url(&nowhere.join("gcm.sqlite")), format!("postgres://postgres@localhost/gcm?host={}", nowhere.display())];
    if let Ok(server) = postgres::server() {
        urls.push(server.url("gcm_test_no_such_database"));
    }
    for url in urls {
        let refused = Store::open(&Options { url: url.clone(), readers: 2, access: Access::Migrate }, Clock::system()).await.unwrap_err();
        assert!(matches!(refused, OpenError::Away(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn a_postgresql_without_lao_trigrams_is_refused() {
    if !engines().await.contains(&Engine::Postgres) {
        return;
    }
    let empty = Empty::new(Engine::Postgres, "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0").await;
    let refused = empty.open(true).await.unwrap_err();
    assert!(matches!(refused, OpenError::NoLaoTrigrams), "{refused}");
    assert!(empty.columns().await.is_empty(), "nothing was made in it");
    empty.gone().await;
}

/// Columns of an entity, and whether each may be null.
fn columns_of<E: EntityTrait>() -> BTreeMap<String, bool> {
    E::Column::iter().map(|column| (column.as_str().to_owned(), column.def().is_null())).collect()
}

const STAMPS: [&str; 9] =
    ["id", "revision", "audience", "owner_id", "created_at", "updated_at", "archived_at", "provenance", "external_ids"];

type Tables = BTreeMap<String, BTreeMap<String, bool>>;

/// Tables that carry an audience and a history.
fn tracked<E: Tracked>(tables: &mut Tables) {
    let columns = columns_of::<E>();
    let lacking: Vec<_> = STAMPS.iter().filter(|stamp| !columns.contains_key(**stamp)).collect();
    assert!(lacking.is_empty(), "{} lacks {lacking:?}", E::default().table_name());
    tables.insert(E::default().table_name().to_owned(), columns);
}

/// Tables that no shared operation reads.
fn private<E: Private>(tables: &mut Tables) {
    tables.insert(E::default().table_name().to_owned(), columns_of::<E>());
}

/// Lists of tracked rows once more, for filtering.
fn owned<E: OwnedRows>(tables: &mut Tables) {
    tables.insert(E::default().table_name().to_owned(), columns_of::<E>());
}

/// The tables of the store itself: the log, what finds a row, and what is kept for sending again. `search_index…` is FTS5's on SQLite.
const OF_THE_STORE: [&str; 6] = ["change", "change_head", "idempotency", "search_text", "external_id", "seaql_migrations"];

#[tokio::test]
async fn every_table_is_tracked_private_or_owned_and_as_its_entity_says() {
    let mut known = Tables::new();
    tracked::<objective::Entity>(&mut known);
    tracked::<organization::Entity>(&mut known);
    tracked::<account::Entity>(&mut known);
    tracked::<service_account::Entity>(&mut known);
    tracked::<focal_point::Entity>(&mut known);
    tracked::<un_network_member::Entity>(&mut known);
    tracked::<coordination_body::Entity>(&mut known);
    tracked::<coordination_body_member::Entity>(&mut known);
    tracked::<review_cycle::Entity>(&mut known);
    tracked::<succession::Entity>(&mut known);
    private::<credential::Entity>(&mut known);
    private::<service_secret::Entity>(&mut known);
    private::<focal_point_contact::Entity>(&mut known);
    private::<signing_key::Entity>(&mut known);
    private::<known_network::Entity>(&mut known);
    private::<session::Entity>(&mut known);
    private::<refresh_token::Entity>(&mut known);
    private::<revoked_token::Entity>(&mut known);
    private::<password_link::Entity>(&mut known);
    owned::<objective_cluster::Entity>(&mut known);
    owned::<objective_sdg_target::Entity>(&mut known);
    owned::<un_network_member_role::Entity>(&mut known);
    owned::<un_network_member_objective::Entity>(&mut known);
    owned::<coordination_body_chair::Entity>(&mut known);
    owned::<succession_party::Entity>(&mut known);
    both(async |empty| {
        empty.migrated().await;
        let there = empty.columns().await;
        for (table, columns) in &known {
            assert_eq!(there.get(table), Some(columns), "{:?}: the columns of {table}, and whether they may be null", empty.engine);
        }
        assert_eq!(there.get("change"), Some(&columns_of::<change_log::change::Entity>()), "{:?}: change", empty.engine);
        let strange: Vec<_> = there
            .keys()
            .filter(|table| !known.contains_key(*table) && !OF_THE_STORE.contains(&table.as_str()))
            .filter(|table| !table.starts_with("search_index") && !table.starts_with("sqlite_"))
            .collect();
        assert!(strange.is_empty(), "{strange:?}: say in this test whether it is tracked, private or owned");
    })
    .await;
}

/// A new entity is taken up in the test above.
#[test]
fn every_entity_file_is_known_here() {
    let here = std::fs::read_to_string(Path::new("tests/migrations.rs")).unwrap();
    let files: BTreeSet<String> = std::fs::read_dir("src/entity")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let missing: Vec<_> = files.iter().filter(|file| *file != "mod" && !here.contains(&format!("<{file}::Entity>"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// On PostgreSQL text that is compared or sorted goes by bytes, as on SQLite, whatever the server's locale.
#[tokio::test]
async fn keys_are_compared_by_bytes() {
    if !engines().await.contains(&Engine::Postgres) {
        return;
    }
    let empty = Empty::new(Engine::Postgres, PLAIN).await;
    empty.migrated().await;
    let query = "SELECT DISTINCT c.relname::text || '.' || a.attname::text
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
         JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
         WHERE c.relnamespace = current_schema()::regnamespace AND m.amname = 'btree' AND a.atttypid = 'text'::regtype
           AND a.attcollation <> (SELECT oid FROM pg_collation WHERE collname = 'C')";
    let wrong = empty.texts::<1>(query).await;
    assert!(wrong.is_empty(), "indexed, but not COLLATE \"C\": {wrong:?}");
    empty.gone().await;
}
