//! Who moves an effort from where to where, and what can still be changed there.

use serde_json::{Value, json};

use super::{EFFORTS, in_state, moved, reasoned};
use crate::{
    harness::{Client, Who, both},
    rows::{assert_whole, at, change, column, etag, faults, id, set},
};

const STATES: [&str; 4] = ["draft", "submitted", "returned", "accepted"];

/// Tries a move out; its status.
async fn tried(client: &Client, row: &Value, to: &str) -> u16 {
    let path = format!("{}/transitions?dry_run=true", at(EFFORTS, row));
    client.post(path, reasoned(to)).header("If-Match", etag(row)).send().await.status
}

/// DOMAIN 3 and 5, by hand: from, to, and what comes of it for its own organization and for the lead ministry.
const MOVES: [(&str, &str, u16, u16); 16] = [
    ("draft", "draft", 200, 200),
    ("draft", "submitted", 200, 200),
    ("draft", "returned", 409, 409),
    ("draft", "accepted", 409, 409),
    ("submitted", "draft", 200, 200),
    ("submitted", "submitted", 200, 200),
    ("submitted", "returned", 403, 200),
    ("submitted", "accepted", 403, 200),
    ("returned", "draft", 409, 409),
    ("returned", "submitted", 200, 200),
    ("returned", "returned", 200, 200),
    ("returned", "accepted", 409, 409),
    ("accepted", "draft", 200, 200),
    ("accepted", "submitted", 409, 409),
    ("accepted", "returned", 409, 409),
    ("accepted", "accepted", 200, 200),
];

#[actix_web::test]
async fn each_move_is_made_by_whom_the_design_says_and_by_nobody_else() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let (other, member) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::NetworkMember("iom")).await);
        let (reader, administrator) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Administrator).await);
        for state in STATES {
            let row = in_state(&bench, "molsw", state, state).await;
            for (_, to, own, lead) in MOVES.into_iter().filter(|(from, ..)| *from == state) {
                assert_eq!((tried(&owner, &row, to).await, tried(&coordinator, &row, to).await), (own, lead), "{state} to {to}");
                let country = if matches!(state, "submitted" | "accepted") { 403 } else { 404 };
                let everyone = if state == "accepted" { 403 } else { 404 };
                for (client, expected) in [(&other, country), (&member, country), (&reader, everyone), (&administrator, everyone)] {
                    assert_eq!(tried(client, &row, to).await, expected, "{state} to {to} by {}", client.name());
                }
            }
            // What a menu shows is what can be done.
            for (client, lead) in [(&owner, false), (&coordinator, true)] {
                let menu = client.get(format!("{}/transitions", at(EFFORTS, &row))).expect(200).await.json();
                let shown = menu["next"].as_array().unwrap().iter().map(|next| (next["to"].as_str().unwrap(), next["allowed"] == true));
                let known = MOVES.into_iter().filter(|(from, to, ..)| *from == state && from != to);
                let possible =
                    known.map(|(_, to, own, by_lead)| (to, if lead { by_lead } else { own })).filter(|(_, status)| *status != 409);
                let expected: std::collections::BTreeMap<_, _> = possible.map(|(to, status)| (to, status == 200)).collect();
                assert_eq!(shown.collect::<std::collections::BTreeMap<_, _>>(), expected, "{state}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn an_effort_goes_its_way_and_the_reasons_stay() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let row = in_state(&bench, "molsw", "Way", "submitted").await;
        let path = format!("{}/transitions", at(EFFORTS, &row));
        let refused = coordinator.post(&path, json!({"to": "returned"})).header("If-Match", etag(&row)).expect(422).await;
        assert_eq!(faults(&refused), set([("#/reason", "required")]));
        let sent = json!({"to": "returned", "reason": "Which provinces?"});
        let row = coordinator.post(&path, sent).header("If-Match", etag(&row)).expect(200).await.json();
        let row = change(&owner, EFFORTS, &row, json!({"provinces": ["LA-SV"]})).await;
        let row = moved(&owner, &row, "submitted").await;
        let row = moved(&owner, &row, "draft").await;
        let row = moved(&owner, &row, "submitted").await;
        let row = moved(&coordinator, &row, "accepted").await;
        let refused = owner.post(&path, json!({"to": "draft"})).header("If-Match", etag(&row)).expect(422).await;
        assert_eq!(faults(&refused), set([("#/reason", "required")]));
        moved(&owner, &row, "draft").await;
        let told = owner.get(&path).expect(200).await.json();
        assert_eq!(told["state"], "draft");
        assert_eq!(column(&told, "to"), ["draft", "accepted", "submitted", "draft", "submitted", "returned", "submitted"]);
        assert_eq!(column(&told, "from"), ["accepted", "submitted", "draft", "submitted", "returned", "submitted", "draft"]);
        assert_eq!(told["data"][5]["reason"], "Which provinces?");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_was_submitted_stands_but_a_language_that_is_missing_can_be_added() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        for (state, lead_mends) in [("submitted", false), ("accepted", true)] {
            let row = in_state(&bench, "molsw", state, state).await;
            let patch = |client: &Client, row: &Value, fields: Value| client.patch(at(EFFORTS, row), etag(row), fields).send();
            for fields in [
                json!({"kind": "law"}),
                json!({"title": {"en": "Another"}}),
                json!({"title": {"en": null, "lo": "ຊື່"}}),
                json!({"title": {"lo": "ຊື່"}, "starts_on": "2020-01-01"}),
                // A text that was not there at all is no translation.
                json!({"description": {"lo": "ໃໝ່"}}),
                json!({"budget": {"amount": "1", "currency": "LAK"}}),
            ] {
                let refused = patch(&owner, &row, fields.clone()).await;
                assert_eq!((refused.status, refused.code().as_str()), (409, "not_editable_in_state"), "{state} {fields}");
                assert_eq!(refused.json()["params"]["state"], state);
                let path = format!("{}?dry_run=true", at(EFFORTS, &row));
                let mended = coordinator.patch(&path, etag(&row), fields.clone()).send().await;
                assert_eq!(mended.status, if lead_mends { 200 } else { 409 }, "{state} {fields}");
            }
            // What is wrong is told before what is closed.
            assert_eq!(patch(&owner, &row, json!({"kind": "wish"})).await.status, 422);
            let row = change(&owner, EFFORTS, &row, json!({"title": {"lo": "ຊື່"}})).await;
            assert_eq!(row["title"], json!({"en": state, "lo": "ຊື່"}));
            assert_eq!(patch(&owner, &row, json!({"title": {"lo": "ອື່ນ"}})).await.status, 409);
            // Nothing changes, so nothing is refused.
            assert_eq!(patch(&owner, &row, json!({"title": row["title"], "kind": "programme"})).await.etag(), etag(&row));
        }
        // Mended by the lead ministry it stays accepted, and the history says who did it.
        let row = in_state(&bench, "molsw", "Mended", "accepted").await;
        let mended = change(&coordinator, EFFORTS, &row, json!({"kind": "law"})).await;
        assert_eq!((&mended["state"], &mended["kind"]), (&json!("accepted"), &json!("law")));
        let reader = bench.sign_in(Who::Reader).await;
        let latest = reader.get(format!("{}/history?limit=1", at(EFFORTS, &row))).expect(200).await.json()["data"][0].clone();
        assert_eq!((&latest["actor"]["role"], &latest["changed"]), (&json!("coordinator"), &json!(["/kind"])));
        // A draft and a returned one are open to their organization and to the lead ministry.
        for state in ["draft", "returned"] {
            let row = in_state(&bench, "molsw", state, state).await;
            let row = change(&owner, EFFORTS, &row, json!({"title": {"en": "Another"}, "kind": "law"})).await;
            change(&coordinator, EFFORTS, &row, json!({"kind": "data"})).await;
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn many_are_accepted_at_once_and_nothing_is_told_of_those_that_are_not_seen() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let (one, other) = (in_state(&bench, "molsw", "One", "submitted").await, in_state(&bench, "moh", "Two", "submitted").await);
        let draft = in_state(&bench, "moh", "Hidden", "draft").await;
        let item = |row: &Value| json!({"id": id(row), "revision": row["revision"]});
        let path = format!("{EFFORTS}/transitions");
        // Its own is called back, another's is not its to move, and a draft of others is not there.
        let body = json!({"to": "draft", "atomic": "row", "items": [item(&one), item(&other), item(&draft)]});
        let told = owner.post(format!("{path}?dry_run=true"), body).expect(200).await.json();
        assert_eq!(column(&told, "outcome"), ["moved", "failed", "failed"]);
        assert_eq!(told["data"][1]["problem"]["code"], "forbidden");
        let missing = json!({"id": "01920000-0000-7000-8000-000000000001", "revision": 1});
        let nowhere = owner.post(&path, json!({"to": "draft", "atomic": "row", "items": [missing]})).expect(200).await.json();
        let without_id = |problem: &Value| {
            let mut problem = problem.clone();
            for name in ["instance", "request_id"] {
                problem.as_object_mut().unwrap().remove(name);
            }
            problem
        };
        assert_eq!(without_id(&told["data"][2]["problem"]), without_id(&nowhere["data"][0]["problem"]));
        let body = json!({"to": "accepted", "items": [item(&one), item(&other), item(&draft)]});
        assert_eq!(coordinator.post(&path, body).expect(409).await.code(), "transitions_refused");
        let body = json!({"to": "accepted", "items": [item(&one), item(&other)]});
        let told = coordinator.post(&path, body).expect(200).await.json();
        assert_eq!(column(&told, "outcome"), ["moved", "moved"]);
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(reader.get(format!("{EFFORTS}?with_total=true")).expect(200).await.json()["page"]["total"], 2);
        assert_whole(&bench).await;
    })
    .await;
}
