//! Which databases are opened, which are migrated first, and which are refused untouched.

use gcm_api::{
    clock::Clock,
    store::{Access, Engine, OpenError, Options, Store, sqlite_url},
};
use migration::{Migrator, MigratorTrait as _, steps::number};
use tempfile::TempDir;

use crate::{
    empty::{Empty, both, engines},
    postgres,
};

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
