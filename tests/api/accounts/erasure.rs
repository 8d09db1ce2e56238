//! Erasing a person: nothing of them is left in any table, and the record still proves itself.

mod appointments;
mod remains;

use gcm_api::{
    auth::{Action, Role, Subject},
    entity::{account, focal_point},
    features::access::erase::{self, Erasure},
    kind::Kind,
    problem::Problem,
    store::{Engine, ExternalIdChange, Intent, Origin, Stamp, Tracked, Tx},
    text::fold,
};
use sea_orm::ColumnTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ACCOUNTS, account, everything, patch, refusal, refused, transition};
use crate::{
    harness::{Bench, Client, PASSWORD, Who, both},
    rows::{assert_whole, audited, log_after},
};

const USERNAME: &str = "zz.marked-person";
/// With a letter that nothing else in the record holds, so that pieces of it are found, too.
const NAME: &str = "Ʌʘʘʘʘɮ Markedsdotter";
const POSITION: &str = "Director of Markedness";
const EMAIL: &str = "marked@person.example";
const PHONE: &str = "+856 20 5550 0199";
const REASON: &str = "Markedsdotter left for the dam";
const AGENT: &str = "MarkedBrowser/1.0";
const EXTERNAL: &str = "MARKED-17";

/// How each of it may stand somewhere: as it was written, folded for search, as bytes, and inside JSON.
fn markers() -> Vec<String> {
    let all = [USERNAME, NAME, POSITION, EMAIL, PHONE, REASON, AGENT, EXTERNAL, "Markedsdotter", "ʘʘ"];
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    all.iter()
        .flat_map(|text| {
            [(*text).to_owned(), fold(text), hex(text), hex(&fold(text)), hex(text).to_lowercase(), hex(&fold(text)).to_lowercase()]
        })
        .collect()
}

/// A person with all that the record can hold of one.
struct Person {
    client: Client,
    id: Uuid,
    appointment: Uuid,
}

/// Carries out a write as the operator does.
async fn operate<R>(bench: &Bench, work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<R, Problem>) -> Result<R, Problem> {
    let (intent, mut made) = (Intent::system(Origin::CommandLine), None);
    let write = bench.parts.store.write(&intent, async |tx| {
        made = Some(work(tx).await?);
        Ok(())
    });
    Box::pin(write).await.map(|_answer| made.expect("the work was done"))
}

fn key(bench: &Bench, id: Uuid) -> String {
    match bench.engine {
        Engine::Sqlite => format!("x'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'"),
    }
}

impl Person {
    async fn new(bench: &Bench) -> Self {
        let administrator = bench.sign_in(Who::Administrator).await;
        let client = bench.person(USERNAME, Role::FocalPoint, Some("moh")).await;
        let id = client.account_id();
        let renamed =
            administrator.patch(format!("{ACCOUNTS}/{id}"), "\"1\"", json!({"display_name": NAME})).header("Idempotency-Key", "of-admin");
        renamed.expect(200).await;
        let lock = json!({"to": "locked", "reason": REASON});
        administrator.post(format!("{ACCOUNTS}/{id}/transitions"), &lock).header("If-Match", "\"2\"").expect(200).await;
        assert_eq!(transition(&administrator, &id.to_string(), "active").await.status, 200);
        administrator.request("POST", format!("{ACCOUNTS}/{id}/password-link")).expect(201).await;
        let appointment = appointment(bench, Some(id)).await;
        Self::sign_in(bench, id, appointment).await;
        Self { client, id, appointment }
    }

    /// What other parts of the service keep: a session, a way to reach them, and answers to what they sent.
    async fn sign_in(bench: &Bench, id: Uuid, appointment: Uuid) {
        let (session, now, later) = (Uuid::now_v7(), bench.clock().now(), bench.clock().now().plus_hours(9));
        let (id, session, appointment) = (key(bench, id), key(bench, session), key(bench, appointment));
        for statement in [
            format!(
                "INSERT INTO session (id, account_id, created_at, last_used_at, expires_at, user_agent) VALUES ({session}, {id}, '{now}', '{now}', '{later}', '{AGENT}')"
            ),
            format!("INSERT INTO known_network (account_id, digest, last_used_at) VALUES ({id}, 'd1', '{now}')"),
            format!("INSERT INTO refresh_token (digest, session_id, created_at) VALUES ('0f', {session}, '{now}')"),
            format!(
                "INSERT INTO focal_point_contact (focal_point_id, email, phone, revision, updated_at) VALUES ({appointment}, '{EMAIL}', '{PHONE}', 1, '{now}')"
            ),
            format!(
                "INSERT INTO idempotency (account_id, key, fingerprint, status, headers, body, created_at) VALUES ({id}, 'k', 'f', 200, '[]', '{EMAIL}', '{now}')"
            ),
        ] {
            assert_eq!(bench.sql(&statement).await, 1, "{statement}");
        }
    }

    async fn erase(&self, bench: &Bench) -> Result<Erasure, Problem> {
        erase_account(bench, self.id).await
    }
}

async fn erase_account(bench: &Bench, id: Uuid) -> Result<Erasure, Problem> {
    operate(bench, async |tx| {
        let row = tx.find::<account::Entity>(account::Column::Id.eq(id)).await?.expect("the account is there");
        erase::account(tx, row).await
    })
    .await
}

/// An appointment that was changed since, with an id of another system.
async fn appointment(bench: &Bench, account_id: Option<Uuid>) -> Uuid {
    let organization_id: Uuid = bench.organization("moh").await["id"].as_str().unwrap().parse().unwrap();
    let starts_on = "2025-01-02".parse().unwrap();
    operate(bench, async |tx| {
        let name = NAME.parse().unwrap();
        let row = focal_point::Model { organization_id, name, account_id, starts_on, ..focal_point::Model::default() }.sorted();
        let grant = tx.may(Action::Create, &Subject::new(Kind::FocalPoint))?;
        let row = tx.insert::<focal_point::Entity>(&grant, row).await?;
        let grant = tx.may(Action::Update, &focal_point::Entity::subject(&row))?;
        let after = focal_point::Model { position: Some(POSITION.parse().unwrap()), ..row.clone() };
        let row = tx.update::<focal_point::Entity>(&grant, row, after).await?;
        let grant = tx.may(Action::SetExternalId, &focal_point::Entity::subject(&row))?;
        let row = tx
            .set_external_id::<focal_point::Entity>(&grant, row, "mims", ExternalIdChange::Set(format!("{EXTERNAL} {}", Uuid::now_v7())))
            .await?;
        Ok(Stamp::of::<focal_point::Entity>(&row)?.id)
    })
    .await
    .unwrap()
}

/// Which of the markers stand in this text.
fn found(text: &str) -> Vec<String> {
    markers().into_iter().filter(|marker| text.contains(marker.as_str())).collect()
}

/// The lines of the dump with a marker in them.
async fn traces(bench: &Bench) -> Vec<String> {
    let all = everything(bench).await;
    all.lines().filter(|line| !found(line).is_empty()).map(|line| line.chars().take(300).collect()).collect()
}

#[actix_web::test]
async fn nothing_of_an_erased_person_is_left_in_any_table() {
    both(async |bench| {
        let person = Person::new(&bench).await;
        let before = everything(&bench).await;
        for marker in [USERNAME, NAME, POSITION, EMAIL, PHONE, REASON, AGENT, EXTERNAL] {
            assert!(before.contains(marker), "{marker} was there before");
        }
        assert!(before.contains(&fold(NAME)));
        let held = before.lines().filter(|line| !found(line).is_empty()).filter_map(|line| line.split(':').next());
        let tables: std::collections::BTreeSet<_> = held.collect();
        for table in ["account", "change", "external_id", "focal_point", "focal_point_contact", "idempotency", "search_text", "session"] {
            assert!(tables.contains(table), "{table}: {tables:?}");
        }
        if bench.engine == Engine::Sqlite {
            assert!(tables.contains("search_index_data"), "the pieces that the index keeps are looked at: {tables:?}");
        }

        assert_eq!(person.erase(&bench).await.unwrap(), Erasure::Done { appointments: 1 });
        assert_eq!(traces(&bench).await, Vec::<String>::new());
        for table in ["credential", "session", "refresh_token", "password_link", "known_network", "focal_point_contact", "external_id"] {
            let column = match table {
                "focal_point_contact" => "focal_point_id",
                "refresh_token" => "session_id",
                "external_id" => "row_id",
                _ => "account_id",
            };
            let owner = if table == "focal_point_contact" || table == "external_id" { person.appointment } else { person.id };
            let rows = match table {
                "refresh_token" => bench.rows("SELECT digest FROM refresh_token WHERE digest = '0f'").await,
                _ => bench.rows(&format!("SELECT 1 AS one FROM {table} WHERE {column} = {}", key(&bench, owner))).await,
            };
            assert!(rows.is_empty(), "{table}");
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_was_done_stays_under_an_id_that_says_nothing() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let person = Person::new(&bench).await;
        // Something that the person did, and that stays.
        let moh = bench.organization("moh").await;
        let path = format!("/v1/organizations/{}", moh["id"].as_str().unwrap());
        let signed_in = bench.again(&person.client).await;
        signed_in.patch(&path, "\"1\"", json!({"website": "https://moh.example"})).expect(200).await;
        person.erase(&bench).await.unwrap();

        let (row, _) = account(&administrator, &person.id.to_string()).await;
        let digits = person.id.simple().to_string();
        assert_eq!(row["username"], format!("erased-{}", &digits[20..]));
        assert_eq!(
            (&row["display_name"], &row["state"], &row["role"], &row["organization_id"]),
            (&json!("(erased)"), &json!("archived"), &json!("focal_point"), &moh["id"])
        );
        assert!(row["archived_at"].is_string());
        let history = administrator.get(format!("{ACCOUNTS}/{}/history", person.id)).expect(200).await.json();
        let entries = history["data"].as_array().unwrap();
        assert_eq!((&entries[0]["op"], &entries[0]["body"], &entries[0]["changed"]), (&json!("erase"), &row, &json!([])));
        assert_eq!(entries[0]["actor"]["kind"], "system");
        let ops: Vec<_> = entries[1..].iter().map(|entry| entry["op"].as_str().unwrap()).collect();
        assert_eq!(ops, ["credential", "transition", "transition", "update", "credential", "create"]);
        for entry in &entries[1..] {
            assert_eq!(
                (&entry["body"], &entry["reason"], &entry["changed"], &entry["withheld"]),
                (&Value::Null, &Value::Null, &json!([]), &json!(false))
            );
        }
        assert_eq!(entries[4]["actor"]["account_id"], json!(administrator.account_id()));
        let moves = administrator.get(format!("{ACCOUNTS}/{}/transitions", person.id)).expect(200).await.json();
        assert_eq!((&moves["state"], &moves["data"], &moves["next"]), (&json!("archived"), &json!([]), &json!([])));
        let done = administrator.get(format!("{path}/history?limit=1")).expect(200).await.json();
        assert_eq!((&done["data"][0]["actor"]["account_id"], &done["data"][0]["changed"]), (&json!(person.id), &json!(["/website"])));

        // Nobody is let in as them, finds them, or is told their name.
        person.client.get("/v1/me").expect(401).await;
        for username in [USERNAME.to_owned(), row["username"].as_str().unwrap().to_owned()] {
            let form = format!("grant_type=password&username={username}&password={PASSWORD}");
            bench.nobody().request("POST", "/v1/auth/token").body(form, "application/x-www-form-urlencoded").expect(400).await;
        }
        for q in ["marked", "ʘʘʘ", "ʘʘ"] {
            let page = administrator.get(format!("{ACCOUNTS}?archived=include&q={}", urlencoded(q))).expect(200).await.json();
            assert!(page["data"].as_array().unwrap().is_empty(), "{q}");
        }
        let names = administrator.get(format!("/v1/account-names?archived=include&id={}", person.id)).expect(200).await.json();
        assert_eq!(names["data"][0]["display_name"], "(erased)");
        assert_eq!(refusal(&patch(&administrator, &person.id.to_string(), json!({"display_name": NAME})).await), refused(409, "archived"));
        assert_eq!(refusal(&transition(&administrator, &person.id.to_string(), "active").await), refused(409, "transition_not_allowed"));
        // The user name is free for another person, under another id.
        let again = json!({"username": USERNAME, "display_name": "Somebody else", "role": "reader", "locale": "en"});
        assert_ne!(administrator.post(ACCOUNTS, again).expect(201).await.json()["id"], json!(person.id));
        assert_whole(&bench).await;
    })
    .await;
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[actix_web::test]
async fn an_answer_that_was_kept_of_them_is_gone_and_nothing_is_done_twice() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let person = Person::new(&bench).await;
        let path = format!("{ACCOUNTS}/{}", person.id);
        let again = || administrator.patch(&path, "\"1\"", json!({"display_name": NAME})).header("Idempotency-Key", "of-admin");
        assert_eq!(again().expect(200).await.header("idempotency-replayed"), Some("true"));
        person.erase(&bench).await.unwrap();
        let head = bench.parts.store.head().await.unwrap();
        assert_eq!(again().expect(409).await.code(), "answer_erased");
        // Nor does another request learn whether the key was used for it.
        let other = administrator.patch(&path, "\"1\"", json!({"display_name": "x"})).header("Idempotency-Key", "of-admin");
        assert_eq!(other.expect(409).await.code(), "answer_erased");
        assert_eq!(bench.parts.store.head().await.unwrap(), head);
        let lao = again().header("Accept-Language", "lo").expect(409).await;
        assert!(lao.json()["title"].as_str().unwrap().contains("ຄຳຕອບ"));
        bench.clock().advance(std::time::Duration::from_secs(25 * 3600));
        let administrator = bench.sign_in(Who::Administrator).await;
        administrator.patch(&path, "\"1\"", json!({"display_name": "x"})).header("Idempotency-Key", "of-admin").expect(412).await;
    })
    .await;
}

#[actix_web::test]
async fn erasing_twice_changes_nothing_more() {
    both(async |bench| {
        let person = Person::new(&bench).await;
        assert_eq!(person.erase(&bench).await.unwrap(), Erasure::Done { appointments: 1 });
        let (head, all) = (bench.parts.store.head().await.unwrap(), everything(&bench).await);
        assert_eq!(person.erase(&bench).await.unwrap(), Erasure::Nothing);
        assert_eq!((bench.parts.store.head().await.unwrap(), everything(&bench).await), (head, all));
        // What came back meanwhile is found.
        bench
            .sql(&format!(
                "INSERT INTO focal_point_contact (focal_point_id, email, revision, updated_at) VALUES ({}, '{EMAIL}', 1, '{}')",
                key(&bench, person.appointment),
                bench.clock().now()
            ))
            .await;
        assert_eq!(erase_appointment(&bench, person.appointment).await, Erasure::Done { appointments: 1 });
        assert_eq!((traces(&bench).await, bench.parts.store.head().await.unwrap()), (Vec::new(), head));
        assert_whole(&bench).await;
    })
    .await;
}

async fn erase_appointment(bench: &Bench, id: Uuid) -> Erasure {
    operate(bench, async |tx| {
        let row = tx.find::<focal_point::Entity>(focal_point::Column::Id.eq(id)).await?.expect("the appointment is there");
        erase::focal_point(tx, row).await
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn the_last_administrator_is_not_erased() {
    both(async |bench| {
        let chief = bench.sign_in(Who::Administrator).await;
        let id = chief.account_id();
        let head = bench.parts.store.head().await.unwrap();
        let refused = erase_account(&bench, id).await.unwrap_err();
        assert_eq!((refused.code().row().slug, bench.parts.store.head().await.unwrap()), ("last_administrator", head));
        chief.get("/v1/me").expect(200).await;
        bench.person("second.administrator", Role::Administrator, None).await;
        assert_eq!(erase_account(&bench, id).await.unwrap(), Erasure::Done { appointments: 0 });
        chief.get("/v1/me").expect(401).await;
    })
    .await;
}

/// Only the operator erases: nobody holds the right over the API, whatever their role.
#[actix_web::test]
async fn nobody_erases_over_the_api() {
    both(async |bench| {
        for who in [Who::Administrator, Who::Coordinator, Who::FocalPoint("moh"), Who::Reader] {
            let client = bench.sign_in(who).await;
            let told = client.get("/v1/me/permissions").expect(200).await.json();
            for right in told["data"].as_array().unwrap().iter().filter(|right| right["action"] == "erase") {
                assert_eq!((&right["allowed"], &right["rule"]), (&json!(false), &json!("operator_erases")), "{who:?}");
            }
        }
    })
    .await;
}

/// Every private table whose rows belong to a person is emptied: one that comes later is named here.
#[test]
fn every_table_about_a_person_is_erased() {
    let erase = std::fs::read_to_string("src/features/access/erase.rs").unwrap();
    let mut missing = Vec::new();
    for entry in std::fs::read_dir("src/entity").unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let (name, text) = (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap());
        // Machine accounts are nobody's person.
        let holds_people = text.contains("const HOLDER") && name != "service_secret";
        if holds_people && !erase.contains(&format!("{name}::Entity")) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "src/features/access/erase.rs leaves the rows of an erased account in {missing:?}");
}
