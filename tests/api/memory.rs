//! What is kept in memory: it stands until anything is written, for those who see the same, and for nobody else.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, at, etag},
};

/// The acronym of the ministry of health as this caller is told it in lists, at its own address, and under ministries.
async fn told(client: &Client, row: &Value) -> Vec<Value> {
    let list = client.get(format!("{ORGANIZATIONS}?code=moh")).expect(200).await.json()["data"][0]["acronym"].clone();
    let single = client.get(at(ORGANIZATIONS, row)).expect(200).await.json()["acronym"].clone();
    let ministry = client.get(at("/v1/ministries", row)).expect(200).await.json()["acronym"].clone();
    vec![list, single, ministry]
}

/// A reader was told of the ministry of health, and since then the table says something else.
struct Kept {
    coordinator: Client,
    reader: Client,
    moh: Value,
    before: Vec<Value>,
}

impl Kept {
    async fn of(bench: &Bench) -> Self {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let moh = bench.organization("moh").await;
        let before = told(&reader, &moh).await;
        assert_eq!(bench.behind("UPDATE organization SET acronym = 'PAST' WHERE code = 'moh'").await, 1);
        Self { coordinator, reader, moh, before }
    }
}

#[actix_web::test]
async fn an_answer_stands_until_anything_is_written() {
    both(async |bench| {
        let Kept { coordinator, reader, moh, before } = Kept::of(&bench).await;
        assert_eq!(told(&reader, &moh).await, before, "kept: the table was not asked");
        let other = bench.organization("moes").await;
        coordinator.patch(at(ORGANIZATIONS, &other), etag(&other), json!({"acronym": "OTHER"})).expect(200).await;
        assert_eq!(told(&reader, &moh).await, vec![json!("PAST"); 3], "any write ends it");
        for n in 0..20 {
            let now = coordinator.get(at(ORGANIZATIONS, &moh)).expect(200).await;
            let acronym = format!("M{n}");
            coordinator.patch(at(ORGANIZATIONS, &moh), now.etag(), json!({"acronym": acronym})).expect(200).await;
            assert_eq!(told(&reader, &moh).await, vec![json!(acronym); 3], "no answer is older than a write that was answered");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_write_that_keeps_nothing_ends_nothing() {
    both(async |bench| {
        let Kept { coordinator, reader, moh, before } = Kept::of(&bench).await;
        coordinator.patch(format!("{}?dry_run=true", at(ORGANIZATIONS, &moh)), etag(&moh), json!({"acronym": "TRIED"})).expect(200).await;
        coordinator.patch(at(ORGANIZATIONS, &moh), "\"99\"", json!({"acronym": "STALE"})).expect(412).await;
        assert_eq!(told(&reader, &moh).await, before);
    })
    .await;
}

#[actix_web::test]
async fn bytes_of_one_are_never_given_to_another_who_sees_something_else() {
    both(async |bench| {
        let who =
            [Who::Reader, Who::FocalPoint("moh"), Who::FocalPoint("moes"), Who::NetworkMember("iom"), Who::Coordinator, Who::Administrator];
        // As rows of workplans and reviews will be: for one organization, for the country, for everybody.
        let owner = bench.organization("moh").await["id"].as_str().unwrap().replace('-', "");
        let owner = if bench.engine == gcm_api::store::Engine::Sqlite { format!("X'{owner}'") } else { format!("'{owner}'") };
        bench.sql(&format!("UPDATE organization SET audience = 'organization', owner_id = {owner} WHERE code = 'moes'")).await;
        bench.sql("UPDATE organization SET audience = 'country' WHERE code = 'mpi' OR code = 'mof'").await;
        let mut clients = Vec::new();
        for who in who {
            clients.push((who, bench.sign_in(who).await));
        }
        let moes = bench.rows("SELECT id FROM organization WHERE code = 'moes'").await[0]["id"].as_str().map(str::to_owned);
        let codes = async |client: &Client| {
            let list = client.get(format!("{ORGANIZATIONS}?code=moes,mof,moh&sort=code")).expect(200).await.json();
            list["data"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for _round in 0..3 {
            for (who, client) in &clients {
                let seen: &[&str] = match who {
                    Who::Reader | Who::Administrator => &["moh"],
                    Who::FocalPoint("moh") | Who::Coordinator => &["moes", "mof", "moh"],
                    _ => &["mof", "moh"],
                };
                assert_eq!(codes(client).await, seen, "{who:?}");
                if let Some(id) = &moes {
                    let status = client.get(format!("{ORGANIZATIONS}/{id}")).send().await.status;
                    assert_eq!(status, if seen.contains(&"moes") { 200 } else { 404 }, "{who:?}");
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_kept_is_the_answer_with_its_headers() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let target = format!("{ORGANIZATIONS}?limit=2&sort=code");
        let first = reader.get(&target).expect(200).await;
        let again = reader.get(&target).expect(200).await;
        assert_eq!(first.body, again.body);
        for name in ["etag", "link", "content-type", "vary", "cache-control"] {
            assert_eq!(first.header(name), again.header(name), "{name}");
        }
        assert_ne!(first.header("x-request-id"), again.header("x-request-id"), "what is of the request is not of the answer");
        let unchanged = reader.get(&target).header("if-none-match", first.etag()).expect(304).await;
        assert_eq!((unchanged.etag(), unchanged.body.len()), (first.etag(), 0));
        let zipped = reader.get(&target).header("accept-encoding", "gzip").expect(200).await;
        assert_eq!((zipped.header("content-encoding"), zipped.etag()), (Some("gzip"), first.etag()));
        assert_eq!(reader.get(&target).header("accept-encoding", "gzip").send().await.body, zipped.body);
        assert_eq!(reader.get(&target).expect(200).await.body, first.body);
        assert!(reader.head(&target).expect(200).await.body.is_empty());
        // Who asks with a tag only has it looked at anew after a write, and helps to fill what others are given.
        let mofa = bench.organization("mofa").await;
        coordinator.patch(at(ORGANIZATIONS, &mofa), etag(&mofa), json!({"acronym": "MOFA2"})).expect(200).await;
        let other = reader.get(&target).header("if-none-match", first.etag()).expect(200).await;
        assert_ne!(other.etag(), first.etag());
        reader.get(&target).header("if-none-match", format!("\"x\", {}", other.etag())).expect(304).await;
    })
    .await;
}

#[actix_web::test]
async fn another_day_is_another_answer() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let moh = bench.organization("moh").await;
        let tomorrow = (bench.parts.here.today() + chrono::Days::new(1)).to_string();
        coordinator.patch(at(ORGANIZATIONS, &moh), etag(&moh), json!({"valid_to": tomorrow})).expect(200).await;
        let active = async |client: &Client| {
            let list = client.get(format!("{ORGANIZATIONS}?code=moh&active=true&with_total=true")).expect(200).await;
            (list.json()["page"]["total"].clone(), list.etag())
        };
        let (today, tag) = active(&coordinator).await;
        assert_eq!(today, json!(1));
        bench.clock().advance(Duration::from_secs(24 * 3600));
        let coordinator = bench.again(&coordinator).await;
        let (later, other) = active(&coordinator).await;
        assert_eq!(later, json!(0));
        assert_ne!(tag, other);
    })
    .await;
}

/// Addresses of GET whose answers are never kept: each was thought about.
const NEVER: &[&str] = &[
    "/v1/account-names",
    "/v1/accounts",
    "/v1/accounts/{id}",
    "/v1/audit/head",
    "/v1/focal-points/{id}/contact",
    "/v1/me",
    "/v1/me/permissions",
    "/v1/me/sessions",
    "/v1/me/tasks",
    "/v1/organizations/{id}/duties",
    // Who made a change stands in it.
    "/v1/priorities/{id}/origin",
    "/v1/service-accounts",
    "/v1/service-accounts/{id}",
    // Facts that come with the program: they are in memory anyway.
    "/v1/cluster-schemes",
    "/v1/cluster-schemes/{code}",
    "/v1/guiding-principles",
    "/v1/guiding-principles/{letter}",
    "/v1/sdg-goals",
    "/v1/sdg-goals/{number}",
    "/v1/vocabularies",
    "/v1/vocabularies/{name}",
];

#[actix_web::test]
async fn of_every_address_somebody_decided_whether_its_answers_are_kept() {
    let contract = gcm_api::openapi::contract();
    let mut undecided = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        let public = item["get"]["security"].as_array().is_some_and(|ways| ways.iter().all(|way| way == &json!({})));
        let of_itself = ["/history", "/transitions"].iter().any(|end| path.ends_with(end)) || path.contains("/by-external-id/");
        if item.get("get").is_some() && !public && !of_itself {
            let decided = [gcm_api::features::SHARED, NEVER].iter().filter(|list| list.contains(&path.as_str())).count();
            if decided != 1 {
                undecided.push(path.clone());
            }
        }
    }
    assert_eq!(undecided, Vec::<String>::new(), "stand neither, or in both, of features::SHARED and this list");
    assert!(gcm_api::features::SHARED.iter().all(|path| contract["paths"][path].is_object()));
}
