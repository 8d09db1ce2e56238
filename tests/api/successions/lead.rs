//! The lead ministry: where coordinators sit, and what happens when it ends.

use serde_json::{Value, json};

use super::{SUCCESSIONS, duties, effective, merge, words};
use crate::{
    harness::{Client, Who, both},
    rows::{ORGANIZATIONS, assert_whole, at, create, faults, id, set, with},
};

async fn lead(client: &Client) -> Value {
    client.get("/v1/instance").expect(200).await.json()["lead_ministry_id"].clone()
}

fn person(organization: &Value, username: &str) -> Value {
    json!({"username": username, "display_name": "Somebody", "role": "coordinator", "organization_id": id(organization), "locale": "en"})
}

#[actix_web::test]
async fn coordinators_sit_in_the_lead_ministry() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let (mofa, iom) = (bench.organization("mofa").await, bench.organization("iom").await);
        let elsewhere = set([("#/organization_id", "not_lead_ministry")]);
        let refused = administrator.post("/v1/accounts", person(&iom, "iom.coordinator")).expect(422).await;
        assert_eq!(faults(&refused), elsewhere);
        assert_eq!(refused.json()["errors"][0]["params"]["id"], mofa["id"]);
        let machine = json!({"name": "Sync", "role": "coordinator", "organization_id": id(&iom), "scopes": ["read"]});
        assert_eq!(faults(&administrator.post("/v1/service-accounts", &machine).expect(422).await), elsewhere);
        // Nor by a change: of the role, or of the institution.
        let member = with(person(&iom, "iom.member"), json!({"role": "network_member"}));
        let member = administrator.post("/v1/accounts", member).expect(201).await;
        let path = member.header("location").unwrap();
        let refused = administrator.patch(path, member.etag(), json!({"role": "coordinator"})).expect(422).await;
        assert_eq!(faults(&refused), elsewhere);
        let both = json!({"role": "coordinator", "organization_id": mofa["id"]});
        let moved = administrator.patch(path, member.etag(), both).expect(200).await;
        let refused = administrator.patch(path, moved.etag(), json!({"organization_id": iom["id"]})).expect(422).await;
        assert_eq!(faults(&refused), elsewhere);
        administrator.post("/v1/service-accounts", with(machine, json!({"organization_id": id(&mofa)}))).expect(201).await;
    })
    .await;
}

/// Whoever writes institutions does not choose who leads: the settings do.
#[actix_web::test]
async fn the_code_of_the_lead_ministry_stays() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mofa = bench.organization("mofa").await;
        let path = at(ORGANIZATIONS, &mofa);
        let refused = coordinator.patch(&path, "*", json!({"code": "mfa", "acronym": "MFA"})).expect(409).await;
        assert_eq!(refused.code(), "has_dependants");
        assert!(refused.json()["detail"].as_str().unwrap().contains("GCM_INSTANCE__LEAD_MINISTRY"), "{refused}");
        coordinator.patch(&path, "*", json!({"code": "mofa", "acronym": "MFA"})).expect(200).await;
    })
    .await;
}

/// Without a single heir nobody leads until the operator says who does; until then coordinators can be let in for any institution.
#[actix_web::test]
async fn a_lead_ministry_that_ends_without_an_heir_leaves_the_place_open() {
    both(async |bench| {
        let (coordinator, administrator) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Administrator).await);
        let mofa = bench.organization("mofa").await;
        let day = |day: &'static str| coordinator.patch(at(ORGANIZATIONS, &mofa), "*", json!({"valid_to": day})).expect(200);
        day("2026-11-24").await;
        assert_eq!(lead(&coordinator).await, mofa["id"], "it leads to its last day");
        day("2026-11-23").await;
        assert_eq!(lead(&coordinator).await, Value::Null);
        let refused = administrator.post("/v1/accounts", person(&mofa, "mofa.two")).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "reference_archived")]));
        administrator.post("/v1/accounts", person(&bench.organization("mof").await, "mof.coordinator")).expect(201).await;
    })
    .await;
}

#[actix_web::test]
async fn the_heir_of_the_lead_ministry_leads() {
    both(async |bench| {
        let (coordinator, administrator) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Administrator).await);
        let (mofa, mof) = (bench.organization("mofa").await, bench.organization("mof").await);
        assert_eq!(lead(&coordinator).await, mofa["id"]);
        let open = duties(&coordinator, &mofa).await;
        assert!(open.iter().any(|duty| duty["kind"] == "account"));
        let plan = with(merge(&[&mofa], &mof), json!({"reassignments": words(&open, Some(&mof))}));
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        assert_eq!(lead(&coordinator).await, mofa["id"], "a plan changes nothing");
        effective(&coordinator, &planned).await;
        assert_eq!(lead(&coordinator).await, mof["id"]);
        assert_eq!(coordinator.get("/v1/me").expect(200).await.json()["organization_id"], mof["id"]);
        coordinator.patch("/v1/objectives/9", "*", json!({"national_lead_id": mof["id"]})).expect(200).await;
        administrator.post("/v1/accounts", person(&mof, "mof.coordinator")).expect(201).await;
        let refused = administrator.post("/v1/accounts", person(&mofa, "mofa.two")).expect(422).await;
        assert!(faults(&refused).contains(&("#/organization_id".to_owned(), "not_lead_ministry".to_owned())), "{refused}");
        assert_whole(&bench).await;
    })
    .await;
}
