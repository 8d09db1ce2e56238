//! Moves from state to state, on accounts: invited, active, locked, archived.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{assert_whole, etag, faults, id, set},
};

const ACCOUNTS: &str = "/v1/accounts";

/// An account that has no password yet, as the operator's command line makes it.
async fn invite(bench: &Bench, username: &str) -> String {
    use gcm_api::{
        auth::Role,
        features::access::enrol::{NewAccount, put_person},
        store::{Intent, Origin},
    };

    let mut made = Uuid::nil();
    let intent = Intent::system(Origin::CommandLine);
    let work = bench.parts.store.write(&intent, async |tx| {
        let new = NewAccount {
            username: username.to_owned(),
            display_name: username.to_owned(),
            role: Role::Reader,
            organization_code: None,
            locale: "lo".to_owned(),
            password_hash: None,
            demo: false,
        };
        made = put_person(tx, new).await?.id;
        Ok(())
    });
    Box::pin(work).await.unwrap();
    made.to_string()
}

async fn account(administrator: &Client, id: &str) -> Value {
    administrator.get(format!("{ACCOUNTS}/{id}")).expect(200).await.json()
}

/// Moves an account as it is now.
async fn transition(administrator: &Client, id: &str, body: Value) -> Reply {
    let seen = account(administrator, id).await;
    administrator.post(format!("{ACCOUNTS}/{id}/transitions"), body).header("If-Match", etag(&seen)).send().await
}

#[actix_web::test]
async fn nobody_becomes_active_without_a_password() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let invited = invite(&bench, "new.person").await;
        let refused = transition(&administrator, &invited, json!({"to": "active"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "transition_incomplete"));
        assert_eq!(faults(&refused), set([("#/password", "field_missing_for_move")]));
        assert_eq!(account(&administrator, &invited).await["state"], "invited");
        let reader = bench.sign_in(Who::Reader).await;
        let hash = bench.rows("SELECT password_hash AS hash FROM credential").await[0]["hash"].as_str().unwrap().to_owned();
        let key = bench.rows("SELECT count(*) AS n FROM credential").await[0]["n"].clone();
        assert_eq!((key, hash.is_empty()), (json!(2), false));
        // With a password (here that of the reader) the move is open.
        let copy = format!(
            "INSERT INTO credential (account_id, password_hash, changed_at) SELECT a.id, c.password_hash, c.changed_at FROM account a, credential c, account r \
             WHERE a.username = 'new.person' AND r.username = '{}' AND c.account_id = r.id",
            reader.name()
        );
        assert_eq!(bench.sql(&copy).await, 1);
        let moved = transition(&administrator, &invited, json!({"to": "active"})).await;
        assert_eq!((moved.status, &moved.json()["state"], moved.etag().as_str()), (200, &json!("active"), "\"2\""));
    })
    .await;
}

#[actix_web::test]
async fn a_locked_account_is_out_with_its_next_request_and_may_come_back() {
    both(async |bench| {
        let (administrator, focal_point) = (bench.sign_in(Who::Administrator).await, bench.sign_in(Who::FocalPoint("moh")).await);
        let id = focal_point.account_id().to_string();
        let refused = transition(&administrator, &id, json!({"to": "locked"})).await;
        assert_eq!((refused.status, faults(&refused)), (422, set([("#/reason", "required")])));
        focal_point.get("/v1/me").expect(200).await;
        assert_eq!(transition(&administrator, &id, json!({"to": "locked", "reason": "Left the ministry"})).await.status, 200);
        assert_eq!(focal_point.get("/v1/me").expect(401).await.code(), "unauthenticated");
        let form = format!("grant_type=password&username={}&password={}", focal_point.name(), crate::harness::PASSWORD);
        let refused =
            bench.nobody().request("POST", "/v1/auth/token").body(form.clone(), "application/x-www-form-urlencoded").expect(400).await;
        assert_eq!(refused.json()["error"], "invalid_grant");
        assert_eq!(transition(&administrator, &id, json!({"to": "active"})).await.status, 422);
        assert_eq!(transition(&administrator, &id, json!({"to": "active", "reason": "Came back"})).await.status, 200);
        // It may come back by signing in again; what was ended stays ended.
        focal_point.get("/v1/me").expect(401).await;
        bench.again(&focal_point).await.get("/v1/me").expect(200).await;
        bench.nobody().request("POST", "/v1/auth/token").body(form, "application/x-www-form-urlencoded").expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn archived_is_for_ever() {
    both(async |bench| {
        let (administrator, reader) = (bench.sign_in(Who::Administrator).await, bench.sign_in(Who::Reader).await);
        let id = reader.account_id().to_string();
        let archived = transition(&administrator, &id, json!({"to": "archived", "reason": "Retired"})).await;
        assert_eq!((archived.status, archived.json()["archived_at"].is_string()), (200, true));
        reader.get("/v1/me").expect(401).await;
        for to in ["active", "invited", "locked"] {
            let refused = transition(&administrator, &id, json!({"to": to, "reason": "Wanted back"})).await;
            assert_eq!((refused.status, refused.code().as_str()), (409, "transition_not_allowed"), "{to}");
            assert_eq!(refused.json()["params"], json!({"from": "archived", "to": to, "possible": []}));
        }
        let next = administrator.get(format!("{ACCOUNTS}/{id}/transitions")).expect(200).await.json();
        assert_eq!((&next["state"], &next["next"]), (&json!("archived"), &json!([])));
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_move_is_told_the_possible_ones() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let invited = invite(&bench, "new.person").await;
        for to in ["locked", "flying", "", "Active"] {
            let refused = transition(&administrator, &invited, json!({"to": to, "reason": "Why not"})).await;
            assert_eq!((refused.status, refused.code().as_str()), (409, "transition_not_allowed"), "{to}");
            assert_eq!(refused.json()["params"]["possible"], json!(["active", "archived"]));
        }
        let wrong = transition(&administrator, &invited, json!({"reason": " ", "state": "active"})).await;
        assert_eq!(faults(&wrong), set([("#/to", "required"), ("#/reason", "wrong_form"), ("#/state", "unknown_field")]));
    })
    .await;
}

#[actix_web::test]
async fn a_move_to_where_one_is_changes_nothing() {
    both(async |bench| {
        let (administrator, reader) = (bench.sign_in(Who::Administrator).await, bench.sign_in(Who::Reader).await);
        let before = bench.parts.store.head().await.unwrap();
        let same = transition(&administrator, &reader.account_id().to_string(), json!({"to": "active"})).await;
        assert_eq!((same.status, same.etag().as_str(), bench.parts.store.head().await.unwrap()), (200, "\"1\"", before));
    })
    .await;
}

#[actix_web::test]
async fn the_moves_that_were_and_those_that_may_be_are_told() {
    both(async |bench| {
        let (administrator, reader) = (bench.sign_in(Who::Administrator).await, bench.sign_in(Who::Reader).await);
        let id = reader.account_id().to_string();
        transition(&administrator, &id, json!({"to": "locked", "reason": "Holiday"})).await;
        let told = administrator.get(format!("{ACCOUNTS}/{id}/transitions")).expect(200).await.json();
        assert_eq!(told["state"], "locked");
        let past = &told["data"][0];
        assert_eq!(
            (&past["from"], &past["to"], &past["reason"], &past["revision"]),
            (&json!("active"), &json!("locked"), &json!("Holiday"), &json!(2))
        );
        assert_eq!((&past["actor"]["account_id"], told["data"].as_array().unwrap().len()), (&json!(administrator.account_id()), 1));
        let next: Vec<_> = told["next"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| {
                (step["to"].as_str().unwrap(), step["allowed"] == true, step["rule"].as_str().unwrap(), step["reason_required"] == true)
            })
            .collect();
        assert_eq!(next, [("active", true, "administrator_accounts", true), ("archived", true, "administrator_accounts", true)]);
        let history = administrator.get(format!("{ACCOUNTS}/{id}/history")).expect(200).await.json();
        let entry = &history["data"][0];
        assert_eq!((&entry["op"], &entry["reason"], &entry["changed"]), (&json!("transition"), &json!("Holiday"), &json!(["/state"])));
        // Whoever does not see accounts does not see their moves.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for call in [coordinator.get(format!("{ACCOUNTS}/{id}/transitions")), coordinator.get(format!("{ACCOUNTS}/{id}/history"))] {
            call.expect(404).await;
        }
        let call = coordinator.post(format!("{ACCOUNTS}/{id}/transitions"), json!({"to": "active", "reason": "Please"}));
        call.header("If-Match", "\"2\"").expect(404).await;
    })
    .await;
}

/// Three accounts as the administrator sees them, the last of them locked already.
async fn three(bench: &Bench, administrator: &Client) -> Vec<Value> {
    for who in [Who::FocalPoint("moh"), Who::FocalPoint("moj"), Who::FocalPoint("mps")] {
        bench.sign_in(who).await;
    }
    let page = administrator.get(format!("{ACCOUNTS}?role=focal_point&sort=username")).expect(200).await.json();
    let mut rows = page["data"].as_array().unwrap().clone();
    rows[2] = transition(administrator, id(&rows[2]), json!({"to": "locked", "reason": "Before"})).await.json();
    rows
}

fn items(rows: &[Value]) -> Vec<Value> {
    rows.iter().map(|row| json!({"id": row["id"], "revision": row["revision"]})).collect()
}

#[actix_web::test]
async fn many_move_together_or_not_at_all() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let rows = three(&bench, &administrator).await;
        let before = bench.parts.store.head().await.unwrap();
        let mut stale = items(&rows);
        stale[1]["revision"] = json!(9);
        let path = format!("{ACCOUNTS}/transitions");
        let body = |items: Vec<Value>| json!({"to": "locked", "reason": "Ministry closed", "items": items});
        let refused = administrator.post(&path, body(stale)).expect(409).await;
        let params = &refused.json()["params"];
        assert_eq!(
            (refused.code().as_str(), &params["ids"], &params["first"]),
            ("transitions_refused", &json!([rows[1]["id"]]), &json!("stale_revision"))
        );
        assert!(refused.json()["detail"].as_str().unwrap().contains("was refused with stale_revision."));
        assert_eq!(bench.parts.store.head().await.unwrap(), before);
        let tried = administrator.post(format!("{path}?dry_run=true"), body(items(&rows))).expect(200).await;
        assert_eq!((tried.header("dry-run"), bench.parts.store.head().await.unwrap()), (Some("true"), before));
        let moved = administrator.post(&path, body(items(&rows))).header("Idempotency-Key", "k").expect(200).await;
        let outcomes: Vec<_> =
            moved.json()["data"].as_array().unwrap().iter().map(|result| (result["outcome"].clone(), result["revision"].clone())).collect();
        let (did, stayed) = ((json!("moved"), json!(2)), (json!("unchanged"), json!(2)));
        assert_eq!(outcomes, [did.clone(), did, stayed]);
        assert_eq!(administrator.post(&path, body(items(&rows))).header("Idempotency-Key", "k").expect(200).await.body, moved.body);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn many_may_move_each_for_itself() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let rows = three(&bench, &administrator).await;
        let mut wishes = items(&rows);
        wishes[0]["revision"] = json!(9);
        wishes.push(json!({"id": "01920000-0000-7000-8000-000000000001", "revision": 1}));
        wishes.push(wishes[1].clone());
        let body = json!({"to": "locked", "reason": "Ministry closed", "atomic": "row", "items": wishes});
        let reply = administrator.post(format!("{ACCOUNTS}/transitions"), body).expect(200).await.json();
        let results = reply["data"].as_array().unwrap();
        let codes: Vec<_> =
            results.iter().map(|result| (result["outcome"].as_str().unwrap(), result["problem"]["code"].as_str())).collect();
        let wanted = [
            ("failed", Some("stale_revision")),
            ("moved", None),
            ("unchanged", None),
            ("failed", Some("not_found")),
            ("failed", Some("stale_revision")),
        ];
        assert_eq!(codes, wanted);
        assert_eq!(results[0]["problem"]["revision"], 1);
        assert_eq!(account(&administrator, id(&rows[0])).await["state"], "active");
        assert_eq!(account(&administrator, id(&rows[1])).await["state"], "locked");
        for (items, fault) in [(json!([]), "too_few"), (json!([{"id": "x", "revision": 0}]), "wrong_form")] {
            let refused = administrator.post(format!("{ACCOUNTS}/transitions"), json!({"to": "locked", "items": items})).expect(422).await;
            assert!(refused.faults().iter().any(|(_, code)| code == fault), "{refused}");
        }
    })
    .await;
}
