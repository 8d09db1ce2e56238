//! A contact that can be recognized is written, tried out, refused and sent again; then it is looked for everywhere.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use gcm_api::store::Engine;
use serde_json::{Value, json};

use super::{FOCAL_POINTS, appointed};
use crate::{
    harness::{Bench, Client, Reply, Who, both, log::Log, promise::operations, walk::parameter},
    rows::{at, change, id},
};

const EMAIL: &str = "kqwv.zzmarker@example.org";
const PHONE: &str = "+999 73918264 05";
/// What is looked for: a piece of each.
const PIECES: [&str; 2] = ["kqwv", "73918264"];

fn holds(text: &str) -> bool {
    PIECES.iter().any(|piece| text.contains(piece))
}

/// Says that an answer is clean, and gives it back.
fn clean(reply: Reply) -> Reply {
    let headers = reply.headers.iter().any(|(_, value)| holds(&String::from_utf8_lossy(value.as_bytes())));
    assert!(!headers && !holds(&String::from_utf8_lossy(&reply.body)), "the contact stands in\n{reply}");
    reply
}

/// Every way in which a contact comes in: taken, tried out, sent again, refused for each reason.
async fn write_everywhere(bench: &Bench, row: &Value, path: &str) {
    let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
    let body = json!({"email": EMAIL, "phone": PHONE});
    let send = |query: &str| coordinator.patch(format!("{path}{query}"), "\"0\"", &body);
    clean(send("?dry_run=true").expect(204).await);
    clean(send("").header("idempotency-key", "marker").expect(204).await);
    clean(send("").header("idempotency-key", "marker").expect(204).await);
    clean(send("").expect(412).await);
    clean(coordinator.request("PATCH", path).json(&body).expect(428).await);
    clean(reader.patch(path, "*", &body).expect(403).await);
    clean(bench.nobody().patch(path, "*", &body).expect(401).await);
    for wrong in [
        json!({"email": format!("{EMAIL} "), "phone": PHONE.replace('+', "00")}),
        json!({"email": [EMAIL], "phone": {"number": PHONE}}),
        json!({"email": EMAIL, "phone": 73_918_264}),
        json!([EMAIL, PHONE]),
    ] {
        clean(coordinator.patch(path, "\"1\"", &wrong).expect(422).await);
    }
    for broken in [format!("{{\"email\": \"{EMAIL}\", {PHONE}}}"), format!("\"{EMAIL}"), PHONE.to_owned()] {
        clean(coordinator.request("PATCH", path).header("if-match", "\"1\"").body(broken, "application/json").expect(400).await);
    }
    clean(coordinator.request("PATCH", path).header("if-match", "\"1\"").body(EMAIL.to_owned(), "text/plain").expect(415).await);
    // The contact is no part of the row, by whatever way.
    for call in [
        coordinator.patch(at(FOCAL_POINTS, row), "\"1\"", json!({"phone": PHONE})),
        coordinator.put(format!("{FOCAL_POINTS}/by-external-id/hr/1"), json!({"name": "X", "email": EMAIL})),
    ] {
        clean(call.expect(422).await);
    }
    // The row changes after it, so that a body is written when the contact is there.
    change(&coordinator, FOCAL_POINTS, row, json!({"position": "Clerk"})).await;
}

/// Every GET of the contract but that of the contact itself, by whoever sees most of it.
async fn read_everywhere(bench: &Bench, row: &Value) -> usize {
    let mut read = 0;
    for who in [Who::Coordinator, Who::Administrator] {
        let client = bench.sign_in(who).await;
        client.put(format!("{}/external-ids/hr", at(FOCAL_POINTS, row)), json!({"id": "1"})).send().await;
        for operation in operations().iter().filter(|operation| operation.method == "GET" && operation.id != "getFocalPointContact") {
            let Some(path) = address(&client, row, &operation.path).await else { continue };
            let mut queries = vec![String::new()];
            if parameter(operation, "sort").is_some() {
                let include = parameter(operation, "include").and_then(|include| include["schema"]["items"]["enum"].as_array());
                let names: Vec<_> = include.into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
                let include = if names.is_empty() { String::new() } else { format!("&include={}", names.join(",")) };
                queries = vec![
                    format!("?limit=200&archived=include{include}"),
                    "?format=csv&archived=include".to_owned(),
                    "?q=kqwv&with_total=true".to_owned(),
                    "?q=73918264&with_total=true".to_owned(),
                ];
            }
            let takes = |query: &String, name: &str| !query.contains(&format!("{name}=")) || parameter(operation, name).is_some();
            for query in queries.into_iter().filter(|query| takes(query, "q") && takes(query, "archived")) {
                let reply = clean(client.get(format!("{path}{query}")).send().await);
                assert!(reply.status == 200 || reply.status == 404, "{path}{query}\n{reply}");
                assert!(!query.starts_with("?q=") || reply.json()["data"] == json!([]), "{path}{query} finds a row\n{reply}");
                read += 1;
            }
        }
    }
    read
}

/// An address of the path: for parts of a focal point that of the one whose contact it is, else of whichever row there is.
async fn address(client: &Client, row: &Value, path: &str) -> Option<String> {
    let path = path.replace("{number}", "6").replace("{code}", "stale_revision");
    if path.contains("{system}") {
        return (path.starts_with(FOCAL_POINTS)).then(|| path.replace("{system}", "hr").replace("{id}", "1"));
    }
    if !path.contains('{') {
        return Some(path);
    }
    let (list, _) = path.split_once("/{id}")?;
    let key =
        if list == FOCAL_POINTS { id(row).to_owned() } else { client.get(list).send().await.json()["data"][0]["id"].as_str()?.to_owned() };
    let path = path.replace("{id}", &key);
    (!path.contains('{')).then_some(path)
}

/// Every value of every table, as bytes written in hex.
async fn tables(bench: &Bench) -> Vec<(String, String)> {
    let (names, columns, hex) = match bench.engine {
        Engine::Sqlite => {
            ("SELECT name FROM sqlite_master WHERE type = 'table'", "SELECT name FROM pragma_table_info('{}')", "hex(CAST(\"{}\" AS BLOB))")
        }
        Engine::Postgres => (
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'",
            "SELECT column_name::text AS name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{}'",
            "upper(encode(convert_to(\"{}\"::text, 'UTF8'), 'hex'))",
        ),
    };
    let named = |rows: Vec<Value>| rows.into_iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut found = Vec::new();
    for table in named(bench.rows(names).await) {
        let columns = named(bench.rows(&columns.replace("{}", &table)).await);
        let values: Vec<_> = columns.iter().map(|column| format!("COALESCE({}, '')", hex.replace("{}", column))).collect();
        let query = format!("SELECT {} AS line FROM \"{table}\"", values.join(" || ' ' || "));
        let lines = bench.rows(&query).await;
        found.push((table, lines.iter().map(|line| line["line"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("\n")));
    }
    found
}

#[actix_web::test]
async fn a_contact_stands_in_its_own_table_and_nowhere_else() {
    both(async |bench| {
        let (row, path) = appointed(&bench, "moh").await;
        let log = Log::listen();
        write_everywhere(&bench, &row, &path).await;
        // Who may read it does, with and without an ETag.
        let own = bench.sign_in(Who::FocalPoint("moh")).await;
        let known = own.get(&path).expect(200).await;
        assert_eq!((&known.json()["email"], &known.json()["phone"]), (&json!(EMAIL), &json!(PHONE)));
        assert!(read_everywhere(&bench, &row).await > 40);
        let logged = log.end();
        assert!(logged.contains("answered") && logged.contains("refused"), "the log was heard: {logged:.2000}");
        let told: Vec<_> = logged.lines().filter(|line| holds(line)).collect();
        assert!(told.is_empty(), "the log tells the contact:\n{}", told.join("\n"));

        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
        let holding: Vec<_> = tables(&bench)
            .await
            .into_iter()
            .filter(|(_, lines)| PIECES.iter().any(|piece| lines.contains(&hex(piece))))
            .map(|(table, _)| table)
            .collect();
        assert_eq!(holding, ["focal_point_contact"]);
    })
    .await;
}

struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The real binary with every thread of it, and everything it writes down but the database.
#[test]
fn nothing_that_the_binary_prints_holds_a_contact() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let mut process = Command::new(env!("CARGO_BIN_EXE_gcm-api"))
        .args(["serve", "--demo"])
        .env("GCM_DATA_DIR", &data)
        .env("GCM_LISTEN", "127.0.0.1:0")
        .env("GCM_LOG", "trace")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    let service = Service(process);
    let base = first.split_whitespace().find(|word| word.starts_with("http://")).unwrap().to_owned();
    let curl = |arguments: &[&str], path: &str| -> String {
        let output = Command::new("curl")
            .args(["-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1"])
            .args(arguments)
            .arg(format!("{base}{path}"))
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let json = |text: String| -> Value { serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")) };
    json(curl(&[], "/v1/instance"));
    let accounts = json(std::fs::read_to_string(data.join("demo-accounts.json")).unwrap());
    let coordinator = accounts["accounts"].as_array().unwrap().iter().find(|account| account["role"] == "coordinator").unwrap();
    let (username, password) = (coordinator["username"].as_str().unwrap(), coordinator["password"].as_str().unwrap());
    let fields = [format!("username={username}"), format!("password={password}")];
    let token = json(curl(&["-d", "grant_type=password", "-d", &fields[0], "-d", &fields[1]], "/v1/auth/token"));
    let bearer = format!("Authorization: Bearer {}", token["access_token"].as_str().unwrap());
    let rows = json(curl(&["-H", &bearer], "/v1/focal-points?limit=200"))["data"].as_array().unwrap().clone();
    // The example is of people who are nobody, and can be reached nowhere.
    assert!(
        rows.len() > 5 && rows.iter().any(|row| row["ends_on"] == "2024-12-31") && rows.iter().any(|row| row["account_id"].is_string())
    );
    for row in &rows {
        assert!(row["provenance"] == "illustrative" && row["name"].as_str().unwrap().starts_with("Demo focal point "), "{row}");
        let contact = json(curl(&["-H", &bearer], &format!("{}/contact", at(FOCAL_POINTS, row))));
        assert!(contact["email"].as_str().is_none_or(|email| email.ends_with("@example.org")) && contact["phone"].is_null(), "{contact}");
    }
    let row = rows[0].clone();
    let path = format!("{}/contact", at(FOCAL_POINTS, &row));
    let body = json!({"email": EMAIL, "phone": PHONE}).to_string();
    let write = ["-X", "PATCH", "-H", &bearer, "-H", "If-Match: *", "-H", "Content-Type: application/merge-patch+json", "-d", &body];
    assert_eq!(curl(&write, &path), "");
    assert_eq!(json(curl(&["-H", &bearer], &path))["email"], EMAIL);
    let refused = json(curl(&[&write[..8], &["-d", &body.replace('@', " ")]].concat(), &path));
    assert_eq!(refused["code"], "validation_failed");
    drop(service);
    let lines = std::fs::read_to_string(&log).unwrap();
    assert!(lines.contains(&path), "the log tells of the request");
    let told: Vec<_> = lines.lines().filter(|line| holds(line)).collect();
    assert!(told.is_empty(), "the log tells the contact:\n{}", told.join("\n"));
}
