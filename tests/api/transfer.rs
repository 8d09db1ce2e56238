//! From the SQLite file of a beginning to the PostgreSQL of production, with everything.

use std::{collections::BTreeSet, path::Path, time::Duration};

use gcm_api::{
    clock::Clock,
    features::operations::transfer::transfer,
    store::{Access, Engine, Options, Store},
};
use serde_json::Value;

use crate::harness::{
    both, engines, postgres,
    process::{Answer, PASSWORD, Process, bearer, cluster},
    stoppable::Stoppable,
};

/// Every table of the file is carried over; what an engine derives is made anew.
#[actix_web::test]
async fn every_table_goes_along() {
    both(async |bench| {
        if bench.engine != Engine::Sqlite || !engines().contains(&Engine::Postgres) {
            return;
        }
        let server = postgres::server().unwrap();
        let name = server.fresh_name();
        server.create(&name, "TEMPLATE template0").await;
        let target = Options { url: server.url(&name), readers: 2, access: Access::Migrate };
        let target = Store::open(&target, Clock::system()).await.unwrap();
        let carried = transfer(&bench.parts.store, &target, &mut |_, _| {}).await.unwrap();
        target.close().await.unwrap();
        server.drop(&name).await;
        let there = bench.rows("SELECT name FROM sqlite_master WHERE type = 'table'").await;
        let there: BTreeSet<_> = there.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
        let derived = |name: &&String| name.starts_with("sqlite_") || name.starts_with("search_index") || *name == "seaql_migrations";
        let left: Vec<_> = there.iter().filter(|name| !derived(name) && !carried.contains(name)).collect();
        assert!(left.is_empty(), "features/operations/transfer.rs leaves these behind: {left:?}");
    })
    .await;
}

/// What a client keeps from before.
struct Before {
    refresh_token: String,
    child: String,
    answers: Vec<(String, Value)>,
}

const BODY: &str = r#"{"kind": "academia", "code": "nuol", "acronym": "NUOL", "name": {"en": "National University", "lo": "ມະຫາວິທະຍາໄລແຫ່ງຊາດ"}, "country": "LA"}"#;

fn write(process: &Process, bearer: &str, method: &str, path: &str, more: &[&str], body: &str) -> Answer {
    let arguments = ["-X", method, "-H", bearer, "-H", "Content-Type: application/json", "-d", body];
    process.ask(path, &[arguments.as_slice(), more].concat())
}

/// A record with a history, and what is asked of it afterwards.
fn live(process: &Process) -> Before {
    let password = format!("password={PASSWORD}");
    let tokens = process.ask("/v1/auth/token", &["-d", "grant_type=password", "-d", "username=chief", "-d", &password]).json();
    let token = bearer(&tokens);
    let made = write(process, &token, "POST", "/v1/organizations", &["-H", "Idempotency-Key: once"], BODY);
    assert_eq!(made.status, 201, "{}", made.body);
    let parent = made.json()["id"].as_str().unwrap().to_owned();
    let child = BODY.replace("nuol", "nuol-law").replace("NUOL", "FLP").replacen('{', &format!("{{\"parent_id\": \"{parent}\", "), 1);
    let made = write(process, &token, "POST", "/v1/organizations", &[], &child);
    assert_eq!(made.status, 201, "{}", made.body);
    let child = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/organizations/{child}");
    let changed = write(process, &token, "PATCH", &path, &["-H", "If-Match: \"1\""], r#"{"acronym": "FOL"}"#);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let paths = [
        "/v1/organizations?limit=200&with_total=true&sort=code".to_owned(),
        "/v1/organizations?q=%E0%BA%A1%E0%BA%B0%E0%BA%AB%E0%BA%B2".to_owned(),
        "/v1/objectives?limit=200".to_owned(),
        "/v1/successions?limit=200".to_owned(),
        "/v1/coordination-bodies?limit=200".to_owned(),
        format!("{path}/history"),
        "/v1/me".to_owned(),
    ];
    let answers = paths.map(|path| {
        let answer = process.ask(&path, &["-H", &token]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        (path, answer.json())
    });
    assert!(answers[1].1["data"].as_array().unwrap().len() >= 2, "{}", answers[1].1);
    Before { refresh_token: tokens["refresh_token"].as_str().unwrap().to_owned(), child, answers: answers.to_vec() }
}

fn run(target: &Process, file: &Path) -> (i32, String) {
    target.run(&["transfer", "--from", file.to_str().unwrap()])
}

/// A transfer that is killed half-way leaves the target empty.
fn killed(target: &Process, cluster: &Stoppable, file: &Path) {
    // It has carried tables over by then, and waits for this one.
    let mut holder = cluster.hold("gcm", "BEGIN; LOCK TABLE focal_point; SELECT pg_sleep(60)");
    while cluster.ask("gcm", "SELECT count(*) FROM pg_locks WHERE relation = 'focal_point'::regclass AND granted") == "0" {
        std::thread::sleep(Duration::from_millis(25));
    }
    let mut transfer = target.command(&["transfer", "--from", file.to_str().unwrap()]).spawn().unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'gcm-api'";
    let mut tries = 0;
    while cluster.ask("gcm", waits) == "0" {
        tries += 1;
        assert!(tries < 200 && transfer.try_wait().unwrap().is_none(), "it never waited");
        std::thread::sleep(Duration::from_millis(25));
    }
    transfer.kill().unwrap();
    transfer.wait().unwrap();
    holder.kill().unwrap();
    holder.wait().unwrap();
    cluster.ask("gcm", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'gcm'");
    for table in ["organization", "account", "change", "search_text", "signing_key"] {
        assert_eq!(cluster.ask("gcm", &format!("SELECT count(*) FROM {table}")), "0", "{table}");
    }
    assert_eq!(cluster.ask("gcm", "SELECT seq FROM change_head"), "0");
}

#[test]
fn a_record_goes_to_postgresql_and_answers_as_before() {
    let Some(cluster) = cluster() else { return };
    let mut old = Process::on("");
    assert_eq!(old.run(&["migrate"]).0, 0);
    old.enrol();
    old.serve();
    old.ready();
    let before = live(&old);
    let file = old.folder.path().join("gcm.sqlite");
    let mut new = Process::on(&cluster.url("gcm"));

    let (code, said) = run(&new, &file);
    assert!(code == 3 && said.contains("stop the server"), "{code} {said}");
    old.told_to_stop();
    let (code, said) = run(&new, Path::new("nowhere.sqlite"));
    assert!(code == 3 && said.contains("no SQLite file"), "{code} {said}");
    let (code, said) = run(&old, &file);
    assert!(code == 2 && said.contains("goes to PostgreSQL"), "{code} {said}");
    let other = ["transfer", "--from", file.to_str().unwrap()];
    let other =
        new.command(&other).env("GCM_SECRET_KEY", "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").output().unwrap();
    let said = String::from_utf8(other.stderr).unwrap();
    assert!(other.status.code() == Some(2) && said.contains("both ends need the same"), "{said}");
    assert_eq!(cluster.ask("gcm", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0", "nothing was made there yet");

    assert_eq!(new.run(&["migrate"]).0, 0);
    killed(&new, &cluster, &file);
    let (code, said) = run(&new, &file);
    assert!(code == 0 && said.contains("the chain is whole") && said.contains("organization"), "{code} {said}");
    let (code, said) = run(&new, &file);
    assert!(code == 5 && said.contains("is not empty"), "{code} {said}");

    new.serve();
    new.ready();
    let token = new.sign_in();
    for (path, answer) in &before.answers {
        assert_eq!(&new.ask(path, &["-H", &token]).json(), answer, "{path}");
    }
    let refresh = format!("refresh_token={}", before.refresh_token);
    let tokens = new.ask("/v1/auth/token", &["-d", "grant_type=refresh_token", "-d", &refresh]);
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let again = write(&new, &token, "POST", "/v1/organizations", &["-H", "Idempotency-Key: once"], BODY);
    assert!(again.status == 201 && again.head.contains("idempotency-replayed: true"), "{}{}", again.head, again.body);
    let path = format!("/v1/organizations/{}", before.child);
    let changed = write(&new, &token, "PATCH", &path, &["-H", "If-Match: \"2\""], r#"{"acronym": "LAW"}"#);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let verified = new.run(&["audit", "verify", "--bodies"]);
    assert!(verified.0 == 0, "{verified:?}");

    // PostgreSQL's own tools, as the guide for operators says.
    let dump = cluster.file("gcm.dump");
    let dump = dump.to_str().unwrap();
    cluster.tool("pg_dump", &["--format=custom", "--dbname=gcm", "--file", dump]).expect("it can be dumped");
    new.told_to_stop();
    cluster.tool("createdb", &["--template=template0", "--encoding=UTF8", "--locale=C.UTF-8", "restored"]).expect("it can be made");
    cluster
        .tool("pg_restore", &["--exit-on-error", "--single-transaction", "--no-owner", "--dbname=restored", dump])
        .expect("it can be restored");
    let mut restored = Process::on(&cluster.url("restored"));
    let verified = restored.run(&["audit", "verify", "--bodies"]);
    assert!(verified.0 == 0 && verified.1.contains("The chain is whole"), "{verified:?}");
    restored.serve();
    restored.ready();
    let token = restored.sign_in();
    assert_eq!(restored.ask(&path, &["-H", &token]).json()["acronym"], "LAW");
}
