//! Machine accounts: let in, given secrets, and kept out.

use std::time::Duration;

use gcm_api::{
    auth::{Role, Scope},
    clock::Timestamp,
};
use serde_json::{Value, json};

use super::{everything, refusal, refused};
use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{assert_whole, at, change, column, create, etag, faults, id, set, with},
};

const MACHINES: &str = "/v1/service-accounts";

fn machine(name: &str) -> Value {
    json!({"name": name, "role": "reader", "scopes": ["read"]})
}

/// Gives a machine account a secret, and returns the answer.
async fn secret(administrator: &Client, row: &Value, expires_at: Option<Timestamp>) -> Reply {
    administrator.post(format!("{}/secrets", at(MACHINES, row)), json!({"expires_at": expires_at})).expect(201).await
}

/// Tries to sign in; the access token, if one is given.
async fn sign_in(bench: &Bench, shown: &Value) -> Option<String> {
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", shown["client_id"].as_str().unwrap()),
        ("client_secret", shown["client_secret"].as_str().unwrap()),
    ];
    let form = serde_html_form::to_string(pairs).unwrap();
    let reply = bench.nobody().request("POST", "/v1/auth/token").body(form, "application/x-www-form-urlencoded").send().await;
    reply.json()["access_token"].as_str().map(str::to_owned)
}

async fn read(administrator: &Client, row: &Value) -> Value {
    administrator.get(at(MACHINES, row)).expect(200).await.json()
}

fn prefixes(row: &Value) -> Vec<&str> {
    row["secrets"].as_array().unwrap().iter().map(|note| note["prefix"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_machine_is_let_in_with_a_secret_that_is_shown_once() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let iom = bench.organization("iom").await;
        let new = json!({
            "name": "IOM case management", "role": "network_member", "organization_id": iom["id"], "scopes": ["read", "write"],
            "external_systems": ["iom-mims", "iom-midas"],
        });
        let made = administrator.post(MACHINES, &new).expect(201).await;
        let row = made.json();
        for (field, value) in new.as_object().unwrap() {
            assert_eq!(&row[field], value, "{field}");
        }
        assert_eq!((&row["secrets"], row["client_id"].as_str().unwrap().starts_with("gcm-")), (&json!([]), true));
        assert_eq!(administrator.get(made.header("location").unwrap()).expect(200).await.json(), row);

        let shown = secret(&administrator, &row, None).await;
        assert_eq!(shown.header("cache-control"), Some("no-store"));
        let shown = shown.json();
        let text = shown["client_secret"].as_str().unwrap().to_owned();
        assert_eq!((&shown["client_id"], &shown["expires_at"]), (&row["client_id"], &Value::Null));
        assert!(text.starts_with(&format!("gcm_{}", shown["prefix"].as_str().unwrap())));
        let now = read(&administrator, &row).await;
        assert_eq!(now["secrets"], json!([{"prefix": shown["prefix"], "created_at": shown["created_at"], "expires_at": null}]));
        let token = sign_in(&bench, &shown).await.unwrap();
        let me = bench.with_token(&token).get("/v1/me").expect(200).await.json();
        assert_eq!((&me["role"], &me["organization_id"], &me["scopes"]), (&json!("network_member"), &iom["id"], &json!(["read", "write"])));
        let path = format!("/v1/organizations/{}/external-ids", id(&iom));
        bench.with_token(&token).put(format!("{path}/iom-midas?dry_run=true"), json!({"id": "1"})).expect(200).await;
        bench.with_token(&token).put(format!("{path}/undp?dry_run=true"), json!({"id": "1"})).expect(403).await;

        let history = administrator.get(format!("{}/history", at(MACHINES, &row))).expect(200).await;
        let ops: Vec<_> =
            history.json()["data"].as_array().unwrap().iter().map(|entry| (entry["op"].clone(), entry["changed"].clone())).collect();
        assert_eq!(ops, [(json!("credential"), json!([])), (json!("update"), json!(["/secrets"])), (json!("create"), json!([]))]);
        assert!(!history.text().contains(&text) && !everything(&bench).await.contains(&text));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn it_can_be_asked_which_machines_may_write_what() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        for (name, scopes, systems) in [
            ("One", json!(["read"]), json!(["hr", "iom-mims"])),
            ("Two", json!(["read", "write"]), json!(["hr2"])),
            ("Three", json!(["review"]), json!([])),
        ] {
            create(&administrator, MACHINES, json!({"name": name, "role": "reader", "scopes": scopes, "external_systems": systems})).await;
        }
        for (query, expected) in [
            ("scope=read", vec!["One", "Two"]),
            ("scope=write,review", vec!["Three", "Two"]),
            ("external_system=hr", vec!["One"]),
            ("external_system=hr2,iom-mims", vec!["One", "Two"]),
            ("external_system=h_", vec![]),
            ("external_system=%25", vec![]),
            ("external_system=HR", vec![]),
            ("external_system=hr%22,%22iom", vec![]),
            ("external_system=hr&scope=write", vec![]),
        ] {
            let page = administrator.get(format!("{MACHINES}?sort=name&{query}")).expect(200).await.json();
            assert_eq!(column(&page, "name"), expected, "{query}");
        }
        administrator.get(format!("{MACHINES}?external_system={}", "_".repeat(30_000))).expect(200).await;
        administrator.get(format!("{MACHINES}?scope=all")).expect(400).await;
        // Nobody else learns by a filter what they may not see.
        for who in [Who::Coordinator, Who::FocalPoint("moh"), Who::Reader] {
            let page = bench.sign_in(who).await.get(format!("{MACHINES}?external_system=hr&with_total=true")).expect(200).await.json();
            assert_eq!((&page["data"], &page["page"]["total"]), (&json!([]), &json!(0)), "{who:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_secret_sent_again_or_tried_out_is_not_shown() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let row = create(&administrator, MACHINES, machine("Sync")).await;
        let path = format!("{}/secrets", at(MACHINES, &row));
        let tried = administrator.post(format!("{path}?dry_run=true"), json!({})).expect(201).await.json();
        assert_eq!((&tried["client_secret"], prefixes(&read(&administrator, &row).await).len()), (&Value::Null, 0));
        let first = administrator.post(&path, json!({})).header("Idempotency-Key", "one").expect(201).await.json();
        let again = administrator.post(&path, json!({})).header("Idempotency-Key", "one").expect(201).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.json(), with(first.clone(), json!({"client_secret": null})));
        assert_eq!(prefixes(&read(&administrator, &row).await), [first["prefix"].as_str().unwrap()]);
        assert!(!everything(&bench).await.contains(first["client_secret"].as_str().unwrap()));
    })
    .await;
}

#[actix_web::test]
async fn two_secrets_are_good_at_a_time() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let row = create(&administrator, MACHINES, machine("Sync")).await;
        let path = format!("{}/secrets", at(MACHINES, &row));
        let (old, new) = (secret(&administrator, &row, None).await.json(), secret(&administrator, &row, None).await.json());
        for shown in [&old, &new] {
            assert!(sign_in(&bench, shown).await.is_some());
        }
        let third = administrator.post(&path, json!({})).expect(409).await;
        assert_eq!(
            (third.code().as_str(), &third.json()["params"]["prefixes"]),
            ("two_live_secrets", &json!([old["prefix"], new["prefix"]]))
        );

        let token = sign_in(&bench, &old).await.unwrap();
        let now = read(&administrator, &row).await;
        let gone = format!("{path}/{}", old["prefix"].as_str().unwrap());
        administrator.request("DELETE", &gone).expect(428).await;
        administrator.delete(&gone, "\"1\"").expect(412).await;
        let left = administrator.delete(&gone, etag(&now)).expect(200).await.json();
        assert_eq!((prefixes(&left), &left["revision"]), (vec![new["prefix"].as_str().unwrap()], &json!(4)));
        administrator.delete(&gone, etag(&left)).expect(404).await;
        administrator.delete(format!("{path}/nothing"), etag(&left)).expect(404).await;
        assert_eq!((sign_in(&bench, &old).await, sign_in(&bench, &new).await.is_some()), (None, true));
        let history = administrator.get(format!("{}/history?limit=2", at(MACHINES, &row))).expect(200).await.json();
        let ops: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["op"].as_str().unwrap()).collect();
        assert_eq!(ops, ["credential", "update"]);
        assert_eq!(bench.rows("SELECT prefix FROM service_secret").await, [json!({"prefix": new["prefix"]})]);
        // What was signed in with it is out as well.
        bench.with_token(&token).get("/v1/me").expect(401).await;
        secret(&administrator, &row, None).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn an_expired_secret_opens_nothing_and_makes_room() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let row = create(&administrator, MACHINES, machine("Sync")).await;
        let path = format!("{}/secrets", at(MACHINES, &row));
        for past in [bench.clock().now(), bench.clock().now().minus_hours(1)] {
            let reply = administrator.post(&path, json!({"expires_at": past})).expect(422).await;
            assert_eq!(faults(&reply), set([("#/expires_at", "not_in_future")]));
        }
        let soon = bench.clock().now().plus_hours(1);
        let (short, long) = (secret(&administrator, &row, Some(soon)).await.json(), secret(&administrator, &row, None).await.json());
        assert_eq!((&short["expires_at"], sign_in(&bench, &short).await.is_some()), (&json!(soon), true));
        bench.clock().advance(Duration::from_secs(3600));
        assert_eq!((sign_in(&bench, &short).await, sign_in(&bench, &long).await.is_some()), (None, true));
        let administrator = bench.sign_in(Who::Administrator).await;
        assert_eq!(prefixes(&read(&administrator, &row).await).len(), 2, "it is shown until it makes room");
        let third = secret(&administrator, &row, None).await.json();
        let now = read(&administrator, &row).await;
        assert_eq!(prefixes(&now), [&long, &third].map(|shown| shown["prefix"].as_str().unwrap()));
        assert_eq!(bench.rows("SELECT prefix FROM service_secret").await.len(), 2);
    })
    .await;
}

#[actix_web::test]
async fn everything_wrong_with_a_machine_account_is_told() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let row = create(&administrator, MACHINES, machine("Sync")).await;
        let twice = set([("#/scopes", "not_unique"), ("#/external_systems", "not_unique")]);
        for (change, expected) in [
            (json!({"scopes": []}), set([("#/scopes", "too_few")])),
            (json!({"scopes": ["everything"]}), set([("#/scopes/0", "unknown_value")])),
            (json!({"scopes": ["read", "read"], "external_systems": ["iom-mims", "undp", "iom-mims"]}), twice),
            (json!({"external_systems": ["iom mims"]}), set([("#/external_systems/0", "wrong_form")])),
            (json!({"role": "coordinator"}), set([("#/organization_id", "required")])),
            (json!({"organization_id": bench.organization("mpi").await["id"]}), set([("#/organization_id", "reference_archived")])),
            (json!({"client_id": "mine"}), set([("#/client_id", "read_only_field")])),
            (json!({"secrets": [{"prefix": "x"}]}), set([("#/secrets", "read_only_field")])),
        ] {
            let patched = administrator.patch(at(MACHINES, &row), etag(&row), &change).expect(422).await;
            assert_eq!(faults(&patched), expected, "{change}");
            if change.get("client_id").or(change.get("secrets")).is_none() {
                let made = administrator.post(MACHINES, with(machine("Another"), change.clone())).expect(422).await;
                assert_eq!(faults(&made), expected, "{change}");
            }
        }
        assert_eq!(refusal(&administrator.post(MACHINES, machine("Sync")).send().await), refused(409, "code_taken"));
        let other = create(&administrator, MACHINES, machine("Other")).await;
        let renamed = administrator.patch(at(MACHINES, &other), etag(&other), json!({"name": "Sync"})).send().await;
        assert_eq!(refusal(&renamed), refused(409, "code_taken"));
    })
    .await;
}

#[actix_web::test]
async fn what_changes_counts_from_the_next_request() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let twin = bench.twin().await;
        let row = create(&administrator, MACHINES, machine("Sync")).await;
        let shown = secret(&administrator, &row, None).await.json();
        let token = sign_in(&bench, &shown).await.unwrap();
        let clients = [bench.with_token(&token), twin.with_token(&token)];
        let row = read(&administrator, &row).await;
        for client in &clients {
            client.get("/v1/organizations").expect(200).await;
        }
        // `review` alone opens nothing of what there is.
        let row = change(&administrator, MACHINES, &row, json!({"scopes": ["review"]})).await;
        for client in &clients {
            for path in ["/v1/organizations", "/v1/objectives/6", "/v1/account-names", "/v1/audit/head"] {
                assert_eq!(client.get(path).expect(403).await.code(), "insufficient_scope", "{path}");
            }
            assert_eq!(client.post("/v1/organizations", json!({})).expect(403).await.code(), "insufficient_scope");
            client.get("/v1/me").expect(200).await;
        }
        let mofa = bench.organization("mofa").await["id"].clone();
        let row =
            change(&administrator, MACHINES, &row, json!({"scopes": ["read", "write"], "role": "coordinator", "organization_id": mofa}))
                .await;
        let new = json!({"kind": "other", "code": "x", "name": {"en": "X"}});
        for client in &clients {
            client.post("/v1/organizations?dry_run=true", &new).expect(201).await;
        }
        let archived = administrator.post_if(format!("{}/archive", at(MACHINES, &row)), etag(&row)).expect(200).await.json();
        for client in &clients {
            client.get("/v1/me").expect(401).await;
        }
        assert_eq!(sign_in(&bench, &shown).await, None);
        assert_eq!(
            refusal(&administrator.post(format!("{}/secrets", at(MACHINES, &row)), json!({})).send().await),
            refused(409, "archived")
        );
        let path = format!("{}/secrets/{}", at(MACHINES, &row), prefixes(&archived)[0]);
        assert_eq!(refusal(&administrator.delete(path, etag(&archived)).send().await), refused(409, "archived"));
        administrator.post_if(format!("{}/restore", at(MACHINES, &row)), etag(&archived)).expect(200).await;
        assert!(sign_in(&bench, &shown).await.is_some());
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn machine_accounts_are_for_administrators() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let moh = bench.organization("moh").await["id"].clone();
        let row = create(&administrator, MACHINES, with(machine("MoH"), json!({"role": "focal_point", "organization_id": moh}))).await;
        let shown = secret(&administrator, &row, None).await.json();
        let itself = bench.with_token(&sign_in(&bench, &shown).await.unwrap());
        let mut others = vec![itself];
        for who in [Who::Coordinator, Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader] {
            others.push(bench.sign_in(who).await);
        }
        let path = at(MACHINES, &row);
        for client in &others {
            let page = client.get(format!("{MACHINES}?archived=include&with_total=true")).expect(200).await.json();
            assert_eq!(page["page"]["total"], 0);
            for path in [path.clone(), format!("{path}/history")] {
                client.get(path).expect(404).await;
            }
            client.patch(&path, "*", json!({"name": "Mine"})).send().await;
        }
        let reader = &others[4];
        reader.post(format!("{path}/secrets"), json!({})).expect(404).await;
        reader.delete(format!("{path}/secrets/{}", shown["prefix"].as_str().unwrap()), "*").expect(404).await;
        reader.post_if(format!("{path}/archive"), "*").expect(404).await;
        reader.post(MACHINES, machine("Mine")).expect(403).await;
        assert_eq!(read(&administrator, &row).await["name"], "MoH");
        // A machine that is an administrator keeps machines, within its scopes.
        let keeper =
            Who::Machine { role: Role::Administrator, organization: None, scopes: &[Scope::Read, Scope::Write], external_systems: &[] };
        let keeper = bench.sign_in(keeper).await;
        assert_eq!(keeper.get(&path).expect(200).await.json()["name"], "MoH");
        keeper.post(format!("{path}/secrets"), json!({})).expect(201).await;
    })
    .await;
}

#[actix_web::test]
async fn machine_accounts_are_found_by_what_they_are() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let moh = bench.organization("moh").await["id"].clone();
        let one = create(&administrator, MACHINES, machine("Alpha")).await;
        let two = create(&administrator, MACHINES, with(machine("Beta"), json!({"role": "focal_point", "organization_id": moh}))).await;
        let found = async |query: &str| {
            let page = administrator.get(format!("{MACHINES}?{query}")).expect(200).await.json();
            page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("sort=-name").await, ["Beta", "Alpha"]);
        assert_eq!(found("role=focal_point").await, ["Beta"]);
        assert_eq!(found(&format!("client_id={}", one["client_id"].as_str().unwrap())).await, ["Alpha"]);
        assert_eq!(found(&format!("organization_id={}", moh.as_str().unwrap())).await, ["Beta"]);
        assert_eq!(found("has_organization=false").await, ["Alpha"]);
        assert_eq!(found(&format!("id={}&id={}", id(&one), id(&two))).await, ["Alpha", "Beta"]);
        assert_eq!(found("q=alph").await, ["Alpha"]);
        assert_eq!(found("provenance=illustrative").await, Vec::<String>::new());
        let sheet = administrator.get(format!("{MACHINES}?format=csv")).expect(200).await;
        assert_eq!(csv::Reader::from_reader(sheet.body.as_ref()).into_records().count(), 2);
    })
    .await;
}
