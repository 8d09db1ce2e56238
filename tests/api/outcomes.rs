//! What consultations left to be done: who says that it is done, and who else must see that it is.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Call, Client, Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

const OUTCOMES: &str = "/v1/outcomes";

/// A workshop to which the outcomes of a test belong.
async fn workshop(coordinator: &Client) -> Value {
    let body = json!({
        "title": {"en": "Workshop"}, "kind": "national_workshop", "status": "held", "starts_on": "2026-06-03", "ends_on": "2026-06-03",
        "date_precision": "day",
    });
    create(coordinator, "/v1/consultations", body).await
}

fn outcome(workshop: &Value, text: &str, responsible: &Value) -> Value {
    json!({"consultation_id": workshop["id"], "kind": "action_point", "text": {"en": text}, "responsible_id": responsible})
}

async fn organization_id(bench: &Bench, code: &str) -> Value {
    bench.organization(code).await["id"].clone()
}

/// A move of the outcome as it was seen.
fn moved(client: &Client, row: &Value, to: &str, reason: Option<&str>) -> Call {
    client.post(format!("{}/transitions", at(OUTCOMES, row)), json!({"to": to, "reason": reason})).header("If-Match", etag(row))
}

#[actix_web::test]
async fn an_outcome_is_done_by_who_is_responsible_and_verified_by_another() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (moh, mps) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mps")).await);
        let (machine, reader) = (
            bench.sign_in(Who::Machine {
                role: gcm_api::auth::Role::FocalPoint,
                organization: Some("moh"),
                scopes: &[gcm_api::auth::Scope::Read],
                external_systems: &[],
            }),
            bench.sign_in(Who::Reader),
        );
        let (machine, reader) = (machine.await, reader.await);
        let workshop = workshop(&coordinator).await;
        let made = coordinator.post(OUTCOMES, outcome(&workshop, "Train nurses", &organization_id(&bench, "moh").await)).expect(201).await;
        let row = made.json();
        assert_eq!((&row["state"], &row["objective_numbers"], &row["due_on"]), (&json!("open"), &json!([]), &Value::Null));
        assert_eq!(made.header("location"), Some(at(OUTCOMES, &row).as_str()));

        // Nobody else says that it is done, and it is not verified before it is.
        assert_eq!(moved(&mps, &row, "done", None).expect(403).await.json()["params"]["rule"], "responsible_outcome");
        assert_eq!(moved(&reader, &row, "done", None).expect(403).await.json()["params"]["rule"], "reader_reads");
        assert_eq!(moved(&machine, &row, "done", None).expect(403).await.code(), "insufficient_scope");
        let early = moved(&coordinator, &row, "verified", None).expect(409).await.json();
        assert_eq!((&early["code"], &early["params"]["possible"]), (&json!("transition_not_allowed"), &json!(["done", "dropped"])));
        let row = moved(&moh, &row, "done", None).expect(200).await.json();
        assert_eq!((&row["state"], &row["revision"]), (&json!("done"), &json!(2)));
        // Moving to where it is, is no move.
        assert_eq!(moved(&moh, &row, "done", None).expect(200).await.json(), row);
        for (to, reason) in [("verified", None), ("dropped", Some("Not needed"))] {
            assert_eq!(moved(&moh, &row, to, reason).expect(403).await.json()["params"]["rule"], "coordinator_outcomes", "{to}");
        }
        let next = moh.get(format!("{}/transitions", at(OUTCOMES, &row))).expect(200).await.json();
        let told: Vec<_> = next["next"].as_array().unwrap().iter().map(|step| (step["to"].clone(), step["allowed"].clone())).collect();
        assert_eq!(told, [(json!("verified"), json!(false)), (json!("dropped"), json!(false))]);
        let row = moved(&coordinator, &row, "verified", Some("Certificates seen")).expect(200).await.json();
        let past = reader.get(format!("{}/transitions", at(OUTCOMES, &row))).expect(200).await.json();
        assert_eq!(column(&past, "to"), ["verified", "done"]);
        assert_eq!(
            (&past["data"][0]["reason"], &past["data"][1]["actor"]["organization_id"]),
            (&json!("Certificates seen"), &row["responsible_id"])
        );
        assert_eq!(past["next"], json!([]));
        assert_whole(&bench).await;
    })
    .await;
}

/// Nobody checks on themselves, neither with the move of one nor of many, nor by giving it away for the moment.
#[actix_web::test]
async fn the_lead_ministry_does_not_verify_what_it_did_itself() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let workshop = workshop(&coordinator).await;
        let (mofa, moh) = (organization_id(&bench, "mofa").await, organization_id(&bench, "moh").await);
        let row = create(&coordinator, OUTCOMES, outcome(&workshop, "Draft a workplan", &mofa)).await;
        let row = moved(&coordinator, &row, "done", None).expect(200).await.json();
        let refused = moved(&coordinator, &row, "verified", None).expect(403).await.json();
        assert_eq!((&refused["code"], &refused["params"]["rule"]), (&json!("forbidden"), &json!("verified_by_another")));
        let many = json!({"to": "verified", "items": [{"id": row["id"], "revision": row["revision"]}], "atomic": "row"});
        let told = coordinator.post(format!("{OUTCOMES}/transitions"), many).expect(200).await.json();
        assert_eq!((&told["data"][0]["outcome"], &told["data"][0]["problem"]["code"]), (&json!("failed"), &json!("forbidden")));
        let next = coordinator.get(format!("{}/transitions", at(OUTCOMES, &row))).expect(200).await.json();
        assert_eq!((&next["next"][0]["allowed"], &next["next"][0]["rule"]), (&json!(false), &json!("verified_by_another")));
        let refused = coordinator.patch(at(OUTCOMES, &row), etag(&row), json!({"responsible_id": moh})).expect(409).await.json();
        assert_eq!((&refused["code"], &refused["params"]), (&json!("not_editable_in_state"), &json!({"state": "done", "fields": "text"})));
        // What nobody is responsible for, the lead ministry may close.
        let row = create(&coordinator, OUTCOMES, outcome(&workshop, "Nobody's", &Value::Null)).await;
        let row = moved(&coordinator, &row, "done", None).expect(200).await.json();
        assert_eq!(moved(&coordinator, &row, "verified", None).expect(200).await.json()["state"], "verified");
    })
    .await;
}

#[actix_web::test]
async fn an_outcome_is_dropped_with_a_reason_from_open_or_done() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let workshop = workshop(&coordinator).await;
        let moh = organization_id(&bench, "moh").await;
        for done in [false, true] {
            let mut row = create(&coordinator, OUTCOMES, outcome(&workshop, "Given up", &moh)).await;
            if done {
                row = moved(&coordinator, &row, "done", None).expect(200).await.json();
            }
            let refused = moved(&coordinator, &row, "dropped", None).expect(422).await;
            assert_eq!(faults(&refused), set([("#/reason", "required")]));
            let row = moved(&coordinator, &row, "dropped", Some("No money")).expect(200).await.json();
            for to in ["open", "done", "verified"] {
                assert_eq!(moved(&coordinator, &row, to, Some("x")).expect(409).await.code(), "transition_not_allowed", "{to}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_done_is_settled_but_for_its_words() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (workshop, other) = (workshop(&coordinator).await, workshop(&coordinator).await);
        let moh = organization_id(&bench, "moh").await;
        let row = create(&coordinator, OUTCOMES, outcome(&workshop, "Train nurses", &moh)).await;
        let row = change(&coordinator, OUTCOMES, &row, json!({"objective_numbers": [6, 2], "due_on": "2027-01-31"})).await;
        assert_eq!(row["objective_numbers"], json!([2, 6]));
        let row = moved(&coordinator, &row, "done", None).expect(200).await.json();
        for field in [
            json!({"consultation_id": other["id"]}),
            json!({"kind": "decision"}),
            json!({"objective_numbers": [2]}),
            json!({"responsible_id": null}),
            json!({"due_on": null, "text": {"en": "Train all nurses"}}),
        ] {
            let refused = coordinator.patch(at(OUTCOMES, &row), etag(&row), &field).expect(409).await;
            assert_eq!(refused.code(), "not_editable_in_state", "{field}");
        }
        // A translation, and the rest sent back as it was read.
        let same = with(row.clone(), json!({"text": {"lo": "ຝຶກອົບຮົມ"}, "objective_numbers": [6, 2]}));
        let row = coordinator.patch(at(OUTCOMES, &row), etag(&row), same).expect(200).await.json();
        assert_eq!(row["text"], json!({"en": "Train nurses", "lo": "ຝຶກອົບຮົມ"}));
        // Another system that sends it again in every state changes nothing.
        let key = format!("{OUTCOMES}/by-external-id/mims/O-1");
        let sent = outcome(&workshop, "Synced", &moh);
        let synced = coordinator.put(&key, &sent).expect(201).await.json();
        moved(&coordinator, &synced, "dropped", Some("Given up")).expect(200).await;
        assert_eq!(coordinator.put(&key, &sent).expect(200).await.header("x-changed"), Some("false"));
        assert_eq!(coordinator.put(&key, with(sent, json!({"kind": "decision"}))).expect(409).await.code(), "not_editable_in_state");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_wrong_with_an_outcome_is_told_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let unknown = json!(uuid::Uuid::now_v7());
        let body = json!({
            "consultation_id": unknown, "kind": "hope", "text": {"en": "x"}, "objective_numbers": [1, 1],
            "responsible_id": organization_id(&bench, "mpi").await,
        });
        let refused = coordinator.post(OUTCOMES, body).expect(422).await;
        assert_eq!(
            faults(&refused),
            set([
                ("#/consultation_id", "reference_unknown"),
                ("#/kind", "unknown_value"),
                ("#/objective_numbers", "not_unique"),
                // Whoever sees to it must still be there: what is to be done lies ahead.
                ("#/responsible_id", "reference_archived"),
            ])
        );
    })
    .await;
}

#[actix_web::test]
async fn each_filter_and_sort_keeps_what_it_says() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let (one, two) = (workshop(&coordinator).await, workshop(&coordinator).await);
        let (moh, mps) = (organization_id(&bench, "moh").await, organization_id(&bench, "mps").await);
        let mut rows = Vec::new();
        for (text, at, responsible, more) in [
            ("Alpha", &one, &moh, json!({"due_on": "2027-01-31", "objective_numbers": [6]})),
            ("Beta", &one, &Value::Null, json!({"kind": "decision", "text": {"en": "Beta", "lo": "ຕົກລົງ"}})),
            ("Gamma", &two, &mps, json!({"kind": "recommendation", "due_on": "2027-02-01", "objective_numbers": [5, 7]})),
        ] {
            bench.clock().advance(Duration::from_secs(1));
            rows.push(create(&coordinator, OUTCOMES, with(outcome(at, text, responsible), more)).await);
        }
        bench.clock().advance(Duration::from_secs(1));
        moved(&coordinator, &rows[0], "done", None).expect(200).await;
        let (moh, mps) = (moh.as_str().unwrap(), mps.as_str().unwrap());
        let cases: Vec<(String, &[&str])> = vec![
            ("sort=-created_at".into(), &["Gamma", "Beta", "Alpha"]),
            ("sort=updated_at".into(), &["Beta", "Gamma", "Alpha"]),
            (format!("id={},{}", id(&rows[0]), id(&rows[2])), &["Alpha", "Gamma"]),
            (format!("consultation_id={}", id(&one)), &["Alpha", "Beta"]),
            ("kind=decision,recommendation".into(), &["Beta", "Gamma"]),
            ("state=done".into(), &["Alpha"]),
            (format!("responsible_id={mps}"), &["Gamma"]),
            (format!("responsible_id={moh}&state=open"), &[]),
            ("has_responsible=false".into(), &["Beta"]),
            ("has_responsible=true".into(), &["Alpha", "Gamma"]),
            ("objective_number=6,7".into(), &["Alpha", "Gamma"]),
            ("due_on_to=2027-01-31".into(), &["Alpha"]),
            ("due_on_from=2027-02-01".into(), &["Gamma"]),
            ("missing_language=lo".into(), &["Alpha", "Gamma"]),
            ("q=gamm".into(), &["Gamma"]),
        ];
        for (query, expected) in cases {
            let page = reader.get(format!("{OUTCOMES}?provenance=entered&{query}")).expect(200).await.json();
            let found: Vec<_> = page["data"].as_array().unwrap().iter().map(|row| row["text"]["en"].as_str().unwrap()).collect();
            assert_eq!(found, expected, "{query}");
        }
        let page = reader.get(format!("{OUTCOMES}?id={}&include=consultations,organizations,objectives", id(&rows[2]))).expect(200).await;
        let included = page.json()["included"].clone();
        assert_eq!((&included["consultations"][0]["id"], &included["organizations"][0]["code"]), (&two["id"], &json!("mps")));
        assert_eq!(included["objectives"].as_array().unwrap().len(), 2);
    })
    .await;
}

/// An open outcome goes to the heir or is openly left; what was done stays with who did it.
#[actix_web::test]
async fn open_outcomes_are_a_duty_that_is_handed_on() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let workshop = workshop(&coordinator).await;
        let ending = create(&coordinator, ORGANIZATIONS, organization("ending")).await;
        let heir = create(&coordinator, ORGANIZATIONS, organization("heir")).await;
        let mut made = Vec::new();
        for text in ["Goes on", "Left", "Done", "Archived"] {
            made.push(create(&coordinator, OUTCOMES, outcome(&workshop, text, &ending["id"])).await);
        }
        let done = moved(&coordinator, &made[2], "done", None).expect(200).await.json();
        let archived = archive(&coordinator, OUTCOMES, &made[3]).await;
        let duties = coordinator.get(format!("{}/duties", at(ORGANIZATIONS, &ending))).expect(200).await.json();
        let named: Vec<_> =
            duties["data"].as_array().unwrap().iter().map(|duty| (&duty["kind"], &duty["id"], &duty["field"], &duty["href"])).collect();
        let mut expected: Vec<_> = made[..2].iter().map(|row| (row["id"].clone(), json!(at(OUTCOMES, row)))).collect();
        expected.sort_by_key(|(id, _)| id.to_string());
        let (kind, field) = (json!("outcome"), json!("responsible_id"));
        assert_eq!(named, expected.iter().map(|(id, href)| (&kind, id, &field, href)).collect::<Vec<_>>());
        // While it has them, it stays in use.
        let path = format!("{}/archive", at(ORGANIZATIONS, &ending));
        assert_eq!(coordinator.post_if(&path, etag(&ending)).expect(409).await.json()["params"]["what"], "outcome: 2");

        let word = |row: &Value, to: &Value| json!({"kind": "outcome", "id": row["id"], "field": "responsible_id", "to_id": to});
        let merger = json!({
            "kind": "merge", "predecessor_ids": [ending["id"]], "successor_ids": [heir["id"]], "effective_on": "2026-06-01",
            "reassignments": [word(&made[0], &heir["id"])],
        });
        let planned = create(&coordinator, "/v1/successions", merger).await;
        let effective = |planned: &Value| {
            let path = format!("{}/transitions", at("/v1/successions", planned));
            coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(planned))
        };
        assert_eq!(faults(&effective(&planned).expect(409).await), set([("#/reassignments", "duty_open")]));
        let said = json!({"reassignments": [word(&made[0], &heir["id"]), word(&made[1], &Value::Null)]});
        let planned = change(&coordinator, "/v1/successions", &planned, said).await;
        effective(&planned).expect(200).await;
        let now = async |row: &Value| coordinator.get(at(OUTCOMES, row)).expect(200).await.json();
        assert_eq!((&now(&made[0]).await["responsible_id"], &now(&made[1]).await["responsible_id"]), (&heir["id"], &Value::Null));
        assert_eq!((now(&done).await, now(&archived).await), (done, archived.clone()));
        let history = coordinator.get(format!("{}/history", at(OUTCOMES, &made[0]))).expect(200).await.json();
        assert_eq!((&history["data"][0]["op"], &history["data"][0]["changed"]), (&json!("update"), &json!(["/responsible_id"])));
        // An open one does not come back to an institution that is no more.
        let restore = coordinator.post_if(format!("{}/restore", at(OUTCOMES, &archived)), etag(&archived)).expect(409).await;
        assert_eq!(restore.code(), "institution_ended");
        assert_whole(&bench).await;
    })
    .await;
}
