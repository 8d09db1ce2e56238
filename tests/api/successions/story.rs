//! The merger of two institutions with a focal point, an account, a led objective and a membership.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{SUCCESSIONS, duties, effective, merge, pair, pointing_at, words};
use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, assert_whole, at, change, create, etag, faults, id, set, with},
};

/// An institution with one duty of each of four kinds, and its heir.
struct Story {
    coordinator: Client,
    ending: Value,
    heir: Value,
    focal_point: Value,
    membership: Value,
    person: Client,
}

async fn begin(bench: &Bench) -> Story {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (ending, heir) = pair(&coordinator, "story").await;
    let appointment = json!({"organization_id": id(&ending), "name": "Demo person", "role": "lead", "starts_on": "2024-01-01"});
    let focal_point = create(&coordinator, "/v1/focal-points", appointment).await;
    let membership = json!({"organization_id": id(&ending), "roles": ["member"], "joined_on": "2024-07-01"});
    let membership = create(&coordinator, "/v1/un-network-members", membership).await;
    coordinator.patch("/v1/objectives/9", "\"1\"", json!({"national_lead_id": id(&ending)})).expect(200).await;
    let person = bench.person("story.focal", Role::FocalPoint, Some("story-old")).await;
    Story { coordinator, ending, heir, focal_point, membership, person }
}

#[actix_web::test]
async fn a_merger_hands_on_every_duty() {
    both(async |bench| {
        let Story { coordinator, ending, heir, focal_point, membership, person } = begin(&bench).await;
        let planned = create(&coordinator, SUCCESSIONS, merge(&[&ending], &heir)).await;
        let open = duties(&coordinator, &ending).await;
        let kinds: Vec<_> = open.iter().map(|duty| duty["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["objective_lead", "focal_point", "account", "membership"]);
        assert!(open.iter().all(|duty| duty["suggested_heir_id"] == heir["id"]));
        for duty in open.iter().filter(|duty| duty["kind"] != "account") {
            coordinator.get(duty["href"].as_str().unwrap()).expect(200).await;
        }

        // Refused until each is named or left; each that is missing is named.
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let mut planned = planned;
        for said in 0..open.len() {
            planned = change(&coordinator, SUCCESSIONS, &planned, json!({"reassignments": words(&open[..said], Some(&heir))})).await;
            let refused = coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
            assert_eq!(faults(&refused), set([("#/reassignments", "duty_open")]));
            let missing: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(|error| error["params"]["id"].clone()).collect();
            assert_eq!(missing, open[said..].iter().map(|duty| duty["id"].clone()).collect::<Vec<_>>());
        }
        planned = change(&coordinator, SUCCESSIONS, &planned, json!({"reassignments": words(&open, Some(&heir))})).await;
        let done = effective(&coordinator, &planned).await;
        assert_eq!((&done["state"], &done["unassigned"]), (&json!("effective"), &json!(0)));
        // The day is history now: nobody lets the institution rise again, or end on another day.
        let ended = coordinator.get(at(ORGANIZATIONS, &ending)).expect(200).await.json();
        for day in [Value::Null, json!("2026-11-01")] {
            let refused = coordinator.patch(at(ORGANIZATIONS, &ending), etag(&ended), json!({"valid_to": day})).expect(422).await;
            assert_eq!(faults(&refused), set([("#/valid_to", "set_by_succession")]));
            assert_eq!(refused.json()["errors"][0]["params"]["id"], done["id"]);
        }
        change(&coordinator, ORGANIZATIONS, &ended, json!({"website": "https://old.example"})).await;

        // Afterwards nothing points at the old one but the past.
        assert_eq!(duties(&coordinator, &ending).await, Vec::<Value>::new());
        assert_eq!(pointing_at(&bench, &ending).await, Vec::<String>::new());
        assert_eq!(duties(&coordinator, &heir).await.len(), 4);
        let now = person.get("/v1/me").expect(200).await.json();
        assert_eq!(now["organization_id"], heir["id"]);
        let history = coordinator.get(format!("{}/history", at("/v1/focal-points", &focal_point))).expect(200).await.json();
        let past: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["body"]["organization_id"].clone()).collect();
        assert_eq!(past, [heir["id"].clone(), ending["id"].clone()]);
        // Their own acts of before are still done in the name of the old one, and they go on under the heir.
        let member = coordinator.get(at("/v1/un-network-members", &membership)).expect(200).await.json();
        assert_eq!((&member["organization_id"], &member["left_on"]), (&heir["id"], &Value::Null));
        let own = coordinator.get(at(ORGANIZATIONS, &heir)).expect(200).await.json();
        person.patch(at(ORGANIZATIONS, &heir), etag(&own), json!({"website": "https://story.example"})).expect(200).await;
        person.patch(at(ORGANIZATIONS, &ending), "*", json!({"website": "https://story.example"})).expect(403).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_left_is_left_openly() {
    both(async |bench| {
        let Story { coordinator, ending, heir, focal_point, membership, person } = begin(&bench).await;
        let open = duties(&coordinator, &ending).await;
        let plan = with(merge(&[&ending], &heir), json!({"reassignments": words(&open, None)}));
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        let done = effective(&coordinator, &planned).await;
        assert_eq!(done["unassigned"], 4);
        let listed = coordinator.get(format!("{SUCCESSIONS}?has_unassigned=true")).expect(200).await.json();
        assert_eq!(listed["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&done)]);
        assert_eq!(coordinator.get("/v1/objectives/9").expect(200).await.json()["national_lead_id"], Value::Null);
        // An appointment and a membership cannot be without an institution: they are over.
        let over = coordinator.get(at("/v1/focal-points", &focal_point)).expect(200).await.json();
        assert_eq!((&over["organization_id"], &over["ends_on"]), (&ending["id"], &json!("2026-05-31")));
        let left = coordinator.get(at("/v1/un-network-members", &membership)).expect(200).await.json();
        assert_eq!((&left["organization_id"], &left["left_on"]), (&ending["id"], &json!("2026-06-01")));
        // An account without an institution lets nobody in until it has one.
        person.get("/v1/me").expect(401).await;
        assert_eq!(duties(&coordinator, &ending).await, Vec::<Value>::new());
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn an_heir_who_is_a_member_already_cannot_be_one_twice() {
    both(async |bench| {
        let Story { coordinator, ending, heir, .. } = begin(&bench).await;
        create(&coordinator, "/v1/un-network-members", json!({"organization_id": id(&heir), "roles": ["observer"]})).await;
        let open = duties(&coordinator, &ending).await;
        let plan = with(merge(&[&ending], &heir), json!({"reassignments": words(&open, Some(&heir))}));
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let refused = coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/reassignments/3/to_id", "heir_has_one")]));
        // All of it or nothing.
        assert_eq!(words(&duties(&coordinator, &ending).await, None), words(&open, None));
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &ending)).expect(200).await.json()["valid_to"], Value::Null);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn accounts_among_the_duties_are_for_those_who_may_know() {
    both(async |bench| {
        let Story { ending, person, .. } = begin(&bench).await;
        for (client, told) in [
            (bench.sign_in(Who::Administrator).await, true),
            (bench.sign_in(Who::Coordinator).await, true),
            (person, true),
            (bench.sign_in(Who::FocalPoint("molsw")).await, false),
            (bench.sign_in(Who::NetworkMember("iom")).await, false),
            (bench.sign_in(Who::Reader).await, false),
        ] {
            let kinds: Vec<_> = duties(&client, &ending).await.iter().map(|duty| duty["kind"].clone()).collect();
            assert_eq!(kinds.contains(&json!("account")), told, "{}", client.name());
            assert_eq!(kinds.len(), if told { 4 } else { 3 });
        }
    })
    .await;
}

/// Somebody is appointed while the institution ends: either the appointment is a duty that was not said, or it comes too late.
#[actix_web::test]
async fn nobody_is_appointed_by_what_ends() {
    const ROUNDS: usize = 40;
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for round in 0..ROUNDS {
            let (ending, heir) = pair(&coordinator, &format!("race-{round}")).await;
            let planned = create(&coordinator, SUCCESSIONS, merge(&[&ending], &heir)).await;
            let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
            let appointment = json!({"organization_id": id(&ending), "name": "Late person", "role": "lead", "starts_on": "2024-01-01"});
            let end = coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&planned));
            let appoint = coordinator.post("/v1/focal-points", appointment);
            let (end, appoint) = match round % 2 {
                0 => futures_util::future::join(end.send(), appoint.send()).await,
                _ => {
                    let (appoint, end) = futures_util::future::join(appoint.send(), end.send()).await;
                    (end, appoint)
                }
            };
            assert!(matches!((end.status, appoint.status), (200, 422) | (409, 201)), "{} and {}", end.status, appoint.status);
            if end.status == 200 {
                assert_eq!(pointing_at(&bench, &ending).await, Vec::<String>::new());
            }
        }
    })
    .await;
}
