//! What reviewers broke once.

use serde_json::{Value, json};

use super::{SUCCESSIONS, duties, effective, merge, pair, words};
use crate::{
    harness::{Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, create, etag, faults, id, organization, set, with},
};

/// A refused row of a bulk move takes back what it did before it was refused.
#[actix_web::test]
async fn a_refused_row_of_many_leaves_nothing_behind() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "half").await;
        let child = create(&coordinator, ORGANIZATIONS, with(organization("half-child"), json!({"parent_id": id(&ending)}))).await;
        for member in [&ending, &heir] {
            create(&coordinator, "/v1/un-network-members", json!({"organization_id": id(member), "roles": ["member"]})).await;
        }
        let open = duties(&coordinator, &ending).await;
        let plan = with(merge(&[&ending], &heir), json!({"reassignments": words(&open, Some(&heir))}));
        let half = create(&coordinator, SUCCESSIONS, plan).await;
        let (one, other) = pair(&coordinator, "given-up-too").await;
        let given_up = create(&coordinator, SUCCESSIONS, merge(&[&one], &other)).await;
        let given_up = archive(&coordinator, SUCCESSIONS, &given_up).await;
        let (two, third) = pair(&coordinator, "whole").await;
        let whole = create(&coordinator, SUCCESSIONS, merge(&[&two], &third)).await;
        let items: Vec<_> = [&half, &given_up, &whole].map(|row| json!({"id": id(row), "revision": row["revision"]})).into();
        let body = json!({"to": "effective", "atomic": "row", "items": items});
        let told = coordinator.post(format!("{SUCCESSIONS}/transitions"), body).expect(200).await.json();
        let outcomes: Vec<_> = told["data"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
        assert_eq!(outcomes, ["failed", "failed", "moved"]);
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &child)).expect(200).await.json(), child);
        assert_eq!(words(&duties(&coordinator, &ending).await, None), words(&open, None));
        for row in [&ending, &one] {
            assert_eq!(coordinator.get(at(ORGANIZATIONS, row)).expect(200).await.json()["valid_to"], Value::Null);
        }
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &two)).expect(200).await.json()["valid_to"], "2026-06-01");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn two_children_cannot_be_given_to_each_other() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "ring").await;
        let below = |code: &str| with(organization(code), json!({"parent_id": id(&ending)}));
        let one = create(&coordinator, ORGANIZATIONS, below("ring-one")).await;
        let other = create(&coordinator, ORGANIZATIONS, below("ring-other")).await;
        let to = |child: &Value, heir: &Value| json!({"kind": "parent", "id": id(child), "field": "parent_id", "to_id": id(heir)});
        let words = json!([to(&one, &other), to(&other, &one)]);
        let planned = create(&coordinator, SUCCESSIONS, with(merge(&[&ending], &heir), json!({"reassignments": words}))).await;
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let refused = coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert!(refused.faults().iter().all(|(_, code)| code == "parent_cycle"), "{refused}");
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &one)).expect(200).await.json(), one);
    })
    .await;
}

/// A membership that ends later is held today; one that is over is not.
#[actix_web::test]
async fn what_ends_later_is_a_duty_today() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "later").await;
        let member =
            |left_on: &str| json!({"organization_id": id(&ending), "roles": ["member"], "joined_on": "2020-01-01", "left_on": left_on});
        create(&coordinator, "/v1/un-network-members", member("2021-01-01")).await;
        assert_eq!(duties(&coordinator, &ending).await, Vec::<Value>::new());
        let held = create(&coordinator, "/v1/un-network-members", member("2099-01-01")).await;
        let open = duties(&coordinator, &ending).await;
        assert_eq!(open.iter().map(|duty| duty["id"].clone()).collect::<Vec<_>>(), [held["id"].clone()]);
        let again = coordinator.post("/v1/un-network-members", member("2098-01-01")).expect(409).await;
        assert_eq!(again.code(), "membership_open");
        let plan = with(merge(&[&ending], &heir), json!({"reassignments": words(&open, None)}));
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        effective(&coordinator, &planned).await;
        let left = coordinator.get(at("/v1/un-network-members", &held)).expect(200).await.json();
        assert_eq!(left["left_on"], "2026-06-01");
    })
    .await;
}

#[actix_web::test]
async fn what_belongs_to_an_ended_institution_stays_out_of_use() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "over").await;
        let child = create(&coordinator, ORGANIZATIONS, with(organization("over-child"), json!({"parent_id": id(&ending)}))).await;
        let child = archive(&coordinator, ORGANIZATIONS, &child).await;
        let planned = create(&coordinator, SUCCESSIONS, merge(&[&ending], &heir)).await;
        effective(&coordinator, &planned).await;
        let refused = coordinator.post_if(format!("{}/restore", at(ORGANIZATIONS, &child)), etag(&child)).expect(409).await;
        assert_eq!(refused.code(), "institution_ended");
        // It ends once.
        let twice =
            create(&coordinator, SUCCESSIONS, json!({"kind": "dissolve", "predecessor_ids": [id(&ending)], "effective_on": "2026-06-01"}))
                .await;
        let path = format!("{}/transitions", at(SUCCESSIONS, &twice));
        let refused = coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&twice)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/predecessor_ids/0", "reference_archived")]));
        // An heir who is not there yet on the day inherits nothing.
        let (late, _) = pair(&coordinator, "late").await;
        let unborn = create(&coordinator, ORGANIZATIONS, with(organization("unborn"), json!({"valid_from": "2030-01-01"}))).await;
        let planned = create(&coordinator, SUCCESSIONS, merge(&[&late], &unborn)).await;
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let refused = coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/successor_ids/0", "reference_begins_later")]));
        change(&coordinator, SUCCESSIONS, &planned, json!({"note": {"en": "Too early"}})).await;
    })
    .await;
}
