//! Rounds that wait for a nomination.

use super::*;
use crate::{
    harness::Bench,
    rows::{merge, step},
};

const ROUNDS: &str = "/v1/prioritizations";

async fn round(bench: &Bench, coordinator: &Client, electorate: &[&Value]) -> Value {
    let body = json!({
        "title": {"en": "Round"}, "closes_on": "2026-12-31", "electorate_ids": electorate,
        "criteria": [{"code": "urgency", "weight": 1}],
    });
    let draft = create(coordinator, ROUNDS, body).await;
    bench.clock().advance(Duration::from_secs(60));
    draft
}

async fn nominate(client: &Client, round: &Value, organization: &Value) -> Value {
    let body = json!({
        "prioritization_id": round["id"], "organization_id": organization, "objective_number": 6, "scores": {"urgency": 4},
    });
    create(client, "/v1/nominations", body).await
}

#[actix_web::test]
async fn an_open_round_waits_for_each_voter_that_gave_nothing() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (moh, mps) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mps")).await);
        let (of_moh, of_mps) = (bench.organization("moh").await["id"].clone(), bench.organization("mps").await["id"].clone());
        let draft = round(&bench, &coordinator, &[&of_moh, &of_mps]).await;
        assert_eq!(subjects(&moh, "nomination_missing").await, [""; 0], "a draft asks nobody");
        let open = step(&coordinator, ROUNDS, &draft, "open").await;
        let told = tasks(&moh, "nomination_missing").await;
        assert_eq!(
            told,
            [json!({
                "task": "nomination_missing", "subject": {"kind": "prioritization", "id": open["id"], "href": at(ROUNDS, &open)},
                "title": {"en": "Round"}, "due_on": "2026-12-31", "since": open["updated_at"], "reason": null,
            })]
        );
        for who in [Who::FocalPoint("moes"), Who::NetworkMember("iom"), Who::Administrator, Who::Reader, Who::Coordinator] {
            assert_eq!(subjects(&bench.sign_in(who).await, "nomination_missing").await, [""; 0], "{who:?}");
        }
        let given = nominate(&moh, &open, &of_moh).await;
        assert_eq!((subjects(&moh, "nomination_missing").await.len(), subjects(&mps, "nomination_missing").await.len()), (0, 1));
        // Taken back, it is missing again.
        moh.delete(at("/v1/nominations", &given), etag(&given)).expect(204).await;
        assert_eq!(subjects(&moh, "nomination_missing").await, [id(&open)]);
        // Past its closing date nothing is taken any more, until the date is moved.
        let over = change(&coordinator, ROUNDS, &open, json!({"closes_on": "2026-11-22"})).await;
        assert_eq!(subjects(&moh, "nomination_missing").await, [""; 0]);
        let open = change(&coordinator, ROUNDS, &over, json!({"closes_on": "2026-11-23"})).await;
        assert_eq!(subjects(&mps, "nomination_missing").await, [id(&open)]);
        step(&coordinator, ROUNDS, &open, "closed").await;
        for client in [&moh, &mps] {
            assert_eq!(subjects(client, "nomination_missing").await, [""; 0]);
        }
    })
    .await;
}

/// A member merges while the round is open: its heir answers for it, and what it gave counts.
#[actix_web::test]
async fn the_heir_of_a_voter_is_asked_in_its_place_and_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut rows = Vec::new();
        for name in ["giving", "silent", "heir-of-giving", "heir-of-silent"] {
            rows.push(create(&coordinator, ORGANIZATIONS, organization(name)).await);
        }
        let giver = bench.person("of.giving", Role::FocalPoint, Some("giving")).await;
        let heirs = [
            bench.person("of.heir.one", Role::FocalPoint, Some("heir-of-giving")).await,
            bench.person("of.heir.two", Role::FocalPoint, Some("heir-of-silent")).await,
        ];
        let draft = round(&bench, &coordinator, &[&rows[0]["id"], &rows[1]["id"]]).await;
        let open = step(&coordinator, ROUNDS, &draft, "open").await;
        nominate(&giver, &open, &rows[0]["id"]).await;
        for client in &heirs {
            assert_eq!(subjects(client, "nomination_missing").await, [""; 0], "who has no voice is not asked");
        }
        for (ending, heir) in [(&rows[0], &rows[2]), (&rows[1], &rows[3])] {
            merge(&bench, ending, heir).await;
        }
        assert_eq!(subjects(&heirs[0], "nomination_missing").await, [""; 0], "its predecessor answered");
        assert_eq!(subjects(&heirs[1], "nomination_missing").await, [id(&open)]);
        nominate(&heirs[1], &open, &rows[3]["id"]).await;
        assert_eq!(subjects(&heirs[1], "nomination_missing").await, [""; 0]);
    })
    .await;
}

/// Members of the network nominate nothing, whatever their organization is.
#[actix_web::test]
async fn nobody_is_asked_for_what_they_may_not_give() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let society = create(&coordinator, ORGANIZATIONS, with(organization("society"), json!({"kind": "civil_society"}))).await;
        let member = bench.person("society.member", Role::NetworkMember, Some("society")).await;
        let draft = round(&bench, &coordinator, &[&society["id"]]).await;
        step(&coordinator, ROUNDS, &draft, "open").await;
        assert_eq!(subjects(&member, "nomination_missing").await, [""; 0]);
    })
    .await;
}
