//! What a token opens: scopes of machines, and permissions that are as good as their word.

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{Client, Who, both},
    rows::{ORGANIZATIONS, at, etag, id, organization},
};

const fn machine(scopes: &'static [Scope]) -> Who {
    Who::Machine { role: Role::Coordinator, organization: Some("mofa"), scopes, external_systems: &["mims"] }
}

#[actix_web::test]
async fn a_machine_does_what_its_scopes_reach() {
    both(async |bench| {
        let (reads, writes) = (bench.sign_in(machine(&[Scope::Read])).await, bench.sign_in(machine(&[Scope::Write])).await);
        let reviews = bench.sign_in(machine(&[Scope::Review])).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        let scope = async |call: crate::harness::Call| {
            let reply = call.expect(403).await;
            (reply.code(), reply.json()["params"]["scope"].as_str().unwrap().to_owned())
        };
        let lacking = |scope: &str| ("insufficient_scope".to_owned(), scope.to_owned());
        reads.get(&path).expect(200).await;
        for call in [
            reads.post(ORGANIZATIONS, organization("x")),
            reads.patch(&path, "\"1\"", json!({"acronym": "X"})),
            reads.post_if(format!("{path}/archive"), "\"1\""),
            reads.put(format!("{path}/external-ids/mims"), json!({"id": "1"})),
            reads.delete(format!("{path}/external-ids/mims"), "\"1\""),
            reads.put(format!("{ORGANIZATIONS}/by-external-id/mims/1"), organization("x")),
        ] {
            assert_eq!(scope(call).await, lacking("write"));
        }
        for client in [&writes, &reviews] {
            for path in [&path, ORGANIZATIONS, "/v1/objectives/6", "/v1/audit/head", &format!("{path}/history")] {
                assert_eq!(scope(client.get(path)).await, lacking("read"));
                client.head(path).expect(403).await;
            }
            assert_eq!(client.get("/v1/me").expect(200).await.json()["role"], "coordinator");
            client.get("/v1/me/permissions").expect(200).await;
        }
        let changed = writes.patch(&path, "\"1\"", json!({"acronym": "X"})).expect(200).await;
        assert_eq!(changed.json()["acronym"], "X");
        assert_eq!(scope(reviews.patch(&path, "\"2\"", json!({"acronym": "Y"}))).await, lacking("write"));
        assert_eq!(writes.get("/v1/me").expect(200).await.json()["scopes"], json!(["write"]));
    })
    .await;
}

/// What the permissions of one row say: action, allowed, fields.
async fn told(client: &Client, row: &Value) -> Vec<(String, bool, Value)> {
    let reply = client.get(format!("/v1/me/permissions?kind=organization&id={}", id(row))).expect(200).await.json();
    let data = reply["data"].as_array().unwrap().iter();
    data.map(|told| (told["action"].as_str().unwrap().to_owned(), told["allowed"] == true, told["fields"].clone())).collect()
}

/// Whether this caller writes for the lead ministry.
fn leads(who: Who) -> bool {
    match who {
        Who::Coordinator => true,
        Who::Machine { role: Role::Coordinator, scopes, .. } => scopes.contains(&Scope::Write),
        _ => false,
    }
}

#[actix_web::test]
async fn the_permissions_that_are_told_are_those_that_hold() {
    both(async |bench| {
        let callers = [
            Who::Administrator,
            Who::Coordinator,
            Who::FocalPoint("moh"),
            Who::FocalPoint("moj"),
            Who::NetworkMember("iom"),
            Who::Reader,
            machine(&[Scope::Read]),
            machine(&[Scope::Read, Scope::Write]),
        ];
        let row = bench.organization("moh").await;
        let path = at(ORGANIZATIONS, &row);
        for who in callers {
            let client = bench.sign_in(who).await;
            for (action, allowed, fields) in told(&client, &row).await {
                let call = |path: String| match action.as_str() {
                    "update" => client.patch(path, etag(&row), json!({"website": "https://x.example"})),
                    "archive" => client.post_if(path.replace('?', "/archive?"), etag(&row)),
                    "restore" => client.post_if(path.replace('?', "/restore?"), etag(&row)),
                    "set_external_id" => client.put(path.replace('?', "/external-ids/mims?"), json!({"id": "1"})),
                    _ => client.post(format!("{ORGANIZATIONS}?dry_run=true"), organization("x")),
                };
                if !matches!(action.as_str(), "create" | "update" | "archive" | "restore" | "set_external_id") {
                    // Duties are handed on by successions; the others organizations do not have.
                    assert_eq!(allowed, action == "reassign" && leads(who), "{who:?} {action}");
                    continue;
                }
                let happened = call(format!("{path}?dry_run=true")).send().await;
                // 409: the rules of the row (it has dependants, it is not archived) come after the right to do it.
                assert_eq!(happened.status != 403, allowed, "{who:?} {action}: {happened}");
                if action == "update" && fields.is_array() && allowed {
                    for field in ["code", "acronym", "country", "mandate", "website"] {
                        let value = if field == "mandate" {
                            json!({"lo": "x"})
                        } else if field == "country" {
                            json!("TH")
                        } else {
                            json!("http://x")
                        };
                        let value = if field == "code" { json!("x") } else { value };
                        let reply = client.patch(format!("{path}?dry_run=true"), etag(&row), json!({field: value})).send().await;
                        let reaches = fields.as_array().unwrap().contains(&json!(field));
                        assert_eq!(reply.status, if reaches { 200 } else { 403 }, "{who:?} {field}");
                    }
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn permissions_are_asked_of_every_kind_of_one_kind_or_of_one_row() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let all = coordinator.get("/v1/me/permissions").expect(200).await.json();
        assert_eq!((&all["kind"], &all["id"]), (&Value::Null, &Value::Null));
        let kinds: std::collections::BTreeSet<_> =
            all["data"].as_array().unwrap().iter().map(|told| told["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, gcm_api::kind::Kind::ALL.iter().map(|kind| kind.name()).collect());
        let one = coordinator.get("/v1/me/permissions?kind=objective&id=6").expect(200).await.json();
        let update = one["data"].as_array().unwrap().iter().find(|told| told["action"] == "update").unwrap();
        assert_eq!((&one["id"], &update["allowed"], &update["rule"]), (&json!("6"), &json!(true), &json!("coordinator_objectives")));
        assert!(update["fields"].as_array().unwrap().contains(&json!("national_note")));
        for (query, status, code) in [
            ("kind=kingdom", 400, "invalid_query"),
            ("id=6", 400, "invalid_query"),
            ("kind=objective&id=24", 404, "not_found"),
            ("kind=organization&id=6", 404, "not_found"),
            ("kind=objective&id=six", 404, "not_found"),
            ("action=update", 400, "invalid_query"),
        ] {
            let reply = reader.get(format!("/v1/me/permissions?{query}")).send().await;
            assert_eq!((reply.status, reply.code().as_str()), (status, code), "{query}");
        }
        // An account that the caller may not see is none.
        let query = format!("/v1/me/permissions?kind=account&id={}", reader.account_id());
        reader.get(&query).expect(404).await;
        bench.sign_in(Who::Administrator).await.get(&query).expect(200).await;
    })
    .await;
}
