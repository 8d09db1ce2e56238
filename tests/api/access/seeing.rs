//! Every door shows a caller the same rows.

use std::collections::BTreeSet;

use gcm_api::auth::{Role, Scope};
use serde_json::json;

use crate::harness::{Bench, Client, Who, both};

/// The rows of the grid, one for each audience: code, audience, number of an objective that it leads on. By DOMAIN 4:
const ROWS: [(&str, &str, u8); 4] = [("moes", "everyone", 1), ("moh", "country", 2), ("molsw", "organization", 3), ("moj", "private", 4)];

const READS: &[Scope] = &[Scope::Read];

/// The callers of the grid, and which of the rows each sees, by DOMAIN 4.
const CALLERS: [(Who, &[&str]); 9] = [
    (Who::Administrator, &["moes", "moj"]),
    (Who::Coordinator, &["moes", "moh", "molsw"]),
    (Who::FocalPoint("molsw"), &["moes", "moh", "molsw"]),
    (Who::FocalPoint("mps"), &["moes", "moh"]),
    (Who::NetworkMember("iom"), &["moes", "moh"]),
    (Who::Reader, &["moes"]),
    (Who::Machine { role: Role::FocalPoint, organization: Some("molsw"), scopes: READS, external_systems: &[] }, &["moes", "moh", "molsw"]),
    (Who::Machine { role: Role::NetworkMember, organization: Some("iom"), scopes: READS, external_systems: &[] }, &["moes", "moh"]),
    (Who::Machine { role: Role::Reader, organization: None, scopes: READS, external_systems: &[] }, &["moes"]),
];

#[actix_web::test]
async fn list_count_get_include_history_search_and_sheet_agree() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut ids = Vec::new();
        for (code, _, objective) in ROWS {
            let id = bench.organization(code).await["id"].as_str().unwrap().to_owned();
            coordinator.put(format!("/v1/organizations/{id}/external-ids/grid"), json!({"id": format!("grid {code}")})).expect(200).await;
            let lead = json!({"national_lead_id": id});
            coordinator.patch(format!("/v1/objectives/{objective}"), "\"1\"", lead).expect(200).await;
            ids.push(id);
        }
        // Organizations are seen by everyone; the other audiences are written past the service, to try all doors with each of them.
        for (code, audience, _) in ROWS {
            assert_eq!(bench.sql(&format!("UPDATE organization SET audience = '{audience}' WHERE code = '{code}'")).await, 1);
        }
        for (who, sees) in CALLERS {
            let client = bench.sign_in(who).await;
            for ((code, audience, objective), id) in ROWS.into_iter().zip(&ids) {
                let expected = sees.contains(&code);
                for (door, seen) in Box::pin(doors(&client, code, id, objective)).await {
                    assert_eq!(seen, expected, "{who:?}: {door} of a row seen by {audience}");
                }
            }
        }
    })
    .await;
}

/// Every way to a row, and whether it was there.
async fn doors(client: &Client, code: &str, id: &str, objective: u8) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for base in ["/v1/organizations", "/v1/ministries"] {
        for path in [format!("{base}/{id}"), format!("{base}/{id}/history"), format!("{base}/by-external-id/grid/grid%20{code}")] {
            let reply = client.get(&path).send().await;
            assert!(matches!(reply.status, 200 | 404), "{path}\n{reply}");
            found.push((path, reply.status == 200));
        }
        for path in [
            format!("{base}?limit=200"),
            format!("{base}?id={id}"),
            format!("{base}?code={code}"),
            format!("{base}?q={code}&limit=200"),
            format!("{base}?archived=include&sort=-code&limit=200"),
        ] {
            let page = client.get(format!("{path}&with_total=true")).expect(200).await.json();
            let rows = page["data"].as_array().unwrap();
            assert_eq!(page["page"]["total"], rows.len(), "{path}: the count is that of the rows");
            found.push((path, rows.iter().any(|row| row["id"] == id)));
        }
        let path = format!("{base}?format=csv");
        let sheet = client.get(&path).expect(200).await;
        let mut lines = csv::Reader::from_reader(sheet.body.as_ref());
        let column = lines.headers().unwrap().iter().position(|name| name == "id").unwrap();
        found.push((path, lines.into_records().any(|line| &line.unwrap()[column] == id)));
        // A write finds no other row than a read.
        let path = format!("{base}/{id}?dry_run=true");
        let reply = client.patch(&path, "*", json!({"website": "https://grid.example"})).send().await;
        assert!(matches!(reply.status, 200 | 403 | 404), "{path}\n{reply}");
        found.push((format!("PATCH {path}"), reply.status != 404));
    }
    let path = format!("/v1/objectives?number={objective}&include=organizations");
    let page = client.get(&path).expect(200).await.json();
    found.push((path, page["included"]["organizations"].as_array().unwrap().iter().any(|row| row["id"] == id)));
    let path = format!("/v1/me/permissions?kind=organization&id={id}");
    found.push((path.clone(), client.get(&path).send().await.status == 200));
    found
}

/// Accounts are private: administrators see them, to everybody else none is there, not even their own.
#[actix_web::test]
async fn accounts_are_seen_by_administrators_only() {
    both(async |bench| {
        let everybody = [
            Who::Administrator,
            Who::Coordinator,
            Who::FocalPoint("molsw"),
            Who::FocalPoint("mps"),
            Who::NetworkMember("iom"),
            Who::Reader,
        ];
        let mut ids = BTreeSet::new();
        for who in everybody {
            ids.insert(bench.sign_in(who).await.account_id().to_string());
        }
        for who in everybody {
            let sees = who == Who::Administrator;
            assert_eq!(listed(&bench, who).await, if sees { ids.clone() } else { BTreeSet::new() }, "{who:?}");
            let client = bench.sign_in(who).await;
            for id in &ids {
                for path in [
                    format!("/v1/accounts/{id}"),
                    format!("/v1/accounts/{id}/history"),
                    format!("/v1/accounts/{id}/transitions"),
                    format!("/v1/me/permissions?kind=account&id={id}"),
                ] {
                    client.get(&path).expect(if sees { 200 } else { 404 }).await;
                }
            }
        }
    })
    .await;
}

async fn listed(bench: &Bench, who: Who) -> BTreeSet<String> {
    let client = bench.sign_in(who).await;
    let page = client.get("/v1/accounts?with_total=true&limit=200").expect(200).await.json();
    let ids: BTreeSet<String> = page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(page["page"]["total"], ids.len());
    let search = client.get("/v1/accounts?q=test&limit=200").expect(200).await.json();
    assert_eq!(search["data"].as_array().unwrap().len(), ids.len(), "q finds what the list shows");
    let sheet = client.get("/v1/accounts?format=csv").expect(200).await;
    assert_eq!(csv::Reader::from_reader(sheet.body.as_ref()).into_records().count(), ids.len(), "the sheet holds what the list shows");
    ids
}

/// A machine account reads with `read`, writes with `write`, and writes the ids of its own systems only.
#[actix_web::test]
async fn machines_keep_to_their_scopes_and_systems() {
    both(async |bench| {
        let machine =
            |scopes| Who::Machine { role: Role::NetworkMember, organization: Some("iom"), scopes, external_systems: &["iom-mims"] };
        let iom = bench.organization("iom").await;
        let path = format!("/v1/organizations/{}", iom["id"].as_str().unwrap());
        let change = json!({"website": "https://laos.iom.example"});

        let review = bench.sign_in(machine(&[Scope::Review])).await;
        assert_eq!(review.get(&path).expect(403).await.code(), "insufficient_scope");
        review.get("/v1/me").expect(200).await;
        let reads = bench.sign_in(machine(&[Scope::Read])).await;
        let etag = reads.get(&path).expect(200).await.etag();
        assert_eq!(reads.patch(&path, &etag, &change).expect(403).await.code(), "insufficient_scope");
        let writes = bench.sign_in(machine(&[Scope::Write])).await;
        assert_eq!(writes.get(&path).expect(403).await.code(), "insufficient_scope");
        writes.patch(&path, &etag, &change).expect(200).await;

        let id = json!({"id": "LAO-1"});
        writes.put(format!("{path}/external-ids/iom-mims"), &id).expect(200).await;
        assert_eq!(writes.put(format!("{path}/external-ids/undp"), &id).expect(403).await.code(), "external_system_not_yours");
        let etag = bench.sign_in(Who::Reader).await.get(&path).expect(200).await.etag();
        assert_eq!(writes.delete(format!("{path}/external-ids/undp"), &etag).expect(403).await.code(), "external_system_not_yours");
        writes.delete(format!("{path}/external-ids/iom-mims"), &etag).expect(200).await;
    })
    .await;
}
