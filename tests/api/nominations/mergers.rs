//! Members that end while the round is open: who speaks for them, and that nobody speaks twice.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{NOMINATIONS, nominated};
use crate::{
    harness::{Bench, Client, Who, both},
    prioritizations::{ROUNDS, chosen, moved, now, open},
    rows::{ORGANIZATIONS, assert_whole, at, change, create, etag, faults, id, organization, set, with},
};

const SUCCESSIONS: &str = "/v1/successions";

async fn institutions(coordinator: &Client, codes: &[&str]) -> Vec<Value> {
    let mut rows = Vec::new();
    for code in codes {
        rows.push(create(coordinator, ORGANIZATIONS, organization(code)).await);
    }
    rows
}

/// Entered by the lead ministry, as these have no accounts.
async fn on_paper(bench: &Bench, round: &Value, organization: &Value, objective: i64, scores: [i64; 2]) -> Value {
    // Which is the newest is asked later.
    bench.clock().advance(std::time::Duration::from_millis(1));
    let body = with(nominated(round, organization, objective, scores), json!({"on_behalf_note": "On paper"}));
    create(&bench.sign_in(Who::Coordinator).await, NOMINATIONS, body).await
}

/// The institution ends, and its voice in the round goes to this heir, or to nobody.
async fn ends(coordinator: &Client, ending: &Value, round: &Value, successors: &[&Value], heir: Option<&Value>) -> Value {
    let duties = coordinator.get(format!("{}/duties", at(ORGANIZATIONS, ending))).expect(200).await.json();
    let duties: Vec<_> = duties["data"].as_array().unwrap().iter().map(|duty| (duty["kind"].clone(), duty["id"].clone())).collect();
    assert_eq!(duties, [(json!("nomination"), round["id"].clone())]);
    let kind = if successors.is_empty() { "dissolve" } else { "split" };
    let body = json!({
        "kind": kind, "predecessor_ids": [ending["id"]], "successor_ids": successors.iter().map(|row| id(row)).collect::<Vec<_>>(),
        "effective_on": "2026-11-01",
    });
    let planned = create(coordinator, SUCCESSIONS, body).await;
    let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
    let unsaid = coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
    assert_eq!(faults(&unsaid), set([("#/reassignments", "duty_open")]), "a voice is a duty like others");
    let word = json!([{"kind": "nomination", "id": round["id"], "field": "electorate_ids", "to_id": heir.map(id)}]);
    let planned = change(coordinator, SUCCESSIONS, &planned, json!({"reassignments": word})).await;
    coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(200).await.json()
}

async fn results(client: &Client, round: &Value) -> Value {
    client.get(format!("{}/results", at(ROUNDS, round))).expect(200).await.json()
}

/// Who gave, whose voice it is, and whether it counts, of one objective.
fn ballots(results: &Value, objective: i64) -> Vec<(Value, Value, bool)> {
    let row = results["data"].as_array().unwrap().iter().find(|row| row["objective_number"] == objective).unwrap();
    let ballots = row["by_organization"].as_array().unwrap().iter();
    ballots.map(|one| (one["organization_id"].clone(), one["voter_id"].clone(), one["counted"].as_bool().unwrap())).collect()
}

#[actix_web::test]
async fn a_member_that_ended_is_answered_for_once_by_its_heir() {
    both(async |bench: Bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let rows = institutions(&coordinator, &["v-one", "v-two", "v-gone", "v-heir", "v-other"]).await;
        let [one, two, gone, heir, other] = [&rows[0], &rows[1], &rows[2], &rows[3], &rows[4]];
        let round = open(&coordinator, &[one.clone(), two.clone(), gone.clone()]).await;
        on_paper(&bench, &round, one, 6, [5, 5]).await;
        on_paper(&bench, &round, gone, 6, [1, 1]).await;
        on_paper(&bench, &round, gone, 7, [3, 3]).await;
        let not_yet = with(nominated(&round, heir, 6, [2, 2]), json!({"on_behalf_note": "On paper"}));
        let refused = coordinator.post(NOMINATIONS, &not_yet).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "not_a_voter")]));

        // One of two successors is named; nothing else would say whose the voice is.
        ends(&coordinator, gone, &round, &[heir, other], Some(heir)).await;
        let refused = coordinator.post(NOMINATIONS, with(not_yet.clone(), json!({"organization_id": other["id"]}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "not_a_voter")]));
        let refused = coordinator.post(NOMINATIONS, with(not_yet.clone(), json!({"organization_id": gone["id"]}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "reference_archived")]));
        let own = bench.person("heir.focal", Role::FocalPoint, Some("v-heir")).await;
        bench.clock().advance(std::time::Duration::from_millis(1));
        create(&own, NOMINATIONS, nominated(&round, heir, 6, [4, 4])).await;

        let round = moved(&coordinator, &now(&coordinator, &round).await, "closed").await;
        let told = results(&coordinator, &round).await;
        assert_eq!(
            ballots(&told, 6),
            [
                (one["id"].clone(), one["id"].clone(), true),
                (gone["id"].clone(), heir["id"].clone(), false),
                (heir["id"].clone(), heir["id"].clone(), true),
            ]
        );
        assert_eq!(ballots(&told, 7), [(gone["id"].clone(), heir["id"].clone(), true)], "what it gave stays given");
        let of = |objective: i64| told["data"].as_array().unwrap().iter().find(|row| row["objective_number"] == objective).unwrap();
        assert_eq!((&of(6)["nominations"], &of(6)["support"], &of(6)["weighted_mean"]), (&json!(2), &json!(0.666_667), &json!(4.5)));
        assert_eq!(told["missing_organization_ids"], json!([two["id"]]));

        let round = change(&coordinator, ROUNDS, &round, json!({"selection": [chosen(6, 1)]})).await;
        let round = moved(&coordinator, &round, "finalized").await;
        let frozen = results(&coordinator, &round).await;
        assert_eq!(with(frozen.clone(), json!({"frozen": false})), told);
        // What happens later changes nothing of it.
        coordinator.patch(at(ORGANIZATIONS, one), etag(one), json!({"valid_to": "2026-11-01"})).expect(200).await;
        assert_eq!(results(&coordinator, &round).await, frozen);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn two_voices_that_come_together_are_one_and_a_voice_that_is_left_is_none() {
    both(async |bench: Bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let rows = institutions(&coordinator, &["w-one", "w-two", "w-three", "w-left"]).await;
        let [one, two, three, left] = [&rows[0], &rows[1], &rows[2], &rows[3]];
        let round = open(&coordinator, &rows).await;
        on_paper(&bench, &round, two, 6, [2, 2]).await;
        on_paper(&bench, &round, three, 6, [3, 3]).await;
        on_paper(&bench, &round, left, 6, [5, 5]).await;
        // Two into three, three into one: the line goes on, and the newest of both counts.
        ends(&coordinator, two, &round, &[three], Some(three)).await;
        ends(&coordinator, three, &round, &[one], Some(one)).await;
        ends(&coordinator, left, &round, &[], None).await;
        let round = moved(&coordinator, &now(&coordinator, &round).await, "closed").await;
        let told = results(&coordinator, &round).await;
        assert_eq!(
            ballots(&told, 6),
            [
                (two["id"].clone(), one["id"].clone(), false),
                (three["id"].clone(), one["id"].clone(), true),
                (left["id"].clone(), Value::Null, false),
            ]
        );
        assert_eq!((&told["data"][0]["support"], &told["missing_organization_ids"]), (&json!(1.0), &json!([])));
        assert_eq!((&told["data"][0]["weighted_mean"], &told["data"][0]["agreement"]), (&json!(3.0), &Value::Null));
        assert_whole(&bench).await;
    })
    .await;
}

/// A closed round has no ranking yet that would keep what a member gave: its voice goes on like that in an open one.
#[actix_web::test]
async fn a_member_that_ends_before_the_ranking_is_frozen_still_counts() {
    both(async |bench: Bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let rows = institutions(&coordinator, &["c-one", "c-gone", "c-heir", "c-other"]).await;
        let [one, gone, heir, other] = [&rows[0], &rows[1], &rows[2], &rows[3]];
        let round = open(&coordinator, &[one.clone(), gone.clone()]).await;
        on_paper(&bench, &round, gone, 6, [4, 4]).await;
        let round = moved(&coordinator, &now(&coordinator, &round).await, "closed").await;
        let refused = coordinator.post_if(format!("{}/archive", at(ORGANIZATIONS, gone)), etag(gone)).expect(409).await;
        assert_eq!(refused.code(), "has_dependants");
        // That it is over may be known before it is known who takes over.
        change(&coordinator, ORGANIZATIONS, gone, json!({"valid_to": "2026-11-01"})).await;
        ends(&coordinator, gone, &round, &[heir, other], Some(heir)).await;
        let told = results(&coordinator, &round).await;
        assert_eq!(ballots(&told, 6), [(gone["id"].clone(), heir["id"].clone(), true)]);
        assert_eq!((&told["data"][0]["support"], &told["missing_organization_ids"]), (&json!(0.5), &json!([one["id"]])));
    })
    .await;
}

/// Once it is open it is frozen, so whoever has ended by then is found before.
#[actix_web::test]
async fn a_round_is_not_opened_with_a_member_for_which_nobody_answers() {
    both(async |bench: Bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let rows = institutions(&coordinator, &["d-one", "d-gone"]).await;
        let round = crate::prioritizations::draft(&coordinator, &rows).await;
        change(&coordinator, ORGANIZATIONS, &rows[1], json!({"valid_to": "2026-11-01"})).await;
        let path = format!("{}/transitions", at(ROUNDS, &round));
        let refused = coordinator.post(&path, json!({"to": "open"})).header("If-Match", etag(&round)).expect(409).await;
        assert_eq!(
            (refused.code().as_str(), faults(&refused)),
            ("transition_incomplete", set([("#/electorate_ids/1", "reference_archived")]))
        );
        let later = create(&coordinator, ORGANIZATIONS, with(organization("d-later"), json!({"valid_from": "2027-01-01"}))).await;
        let round = change(&coordinator, ROUNDS, &round, json!({"electorate_ids": [id(&later), id(&rows[0])]})).await;
        let refused = coordinator.post(&path, json!({"to": "open"})).header("If-Match", etag(&round)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/electorate_ids/0", "reference_begins_later")]));
        let round = change(&coordinator, ROUNDS, &round, json!({"electorate_ids": [id(&rows[0])]})).await;
        moved(&coordinator, &round, "open").await;
    })
    .await;
}

/// A voice that was left to nobody stands in the way of nothing: the others are asked again.
#[actix_web::test]
async fn a_round_is_opened_again_also_when_a_member_is_answered_for_by_nobody() {
    both(async |bench: Bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let rows = institutions(&coordinator, &["e-one", "e-left", "e-over"]).await;
        let round = open(&coordinator, &rows).await;
        ends(&coordinator, &rows[1], &round, &[], None).await;
        change(&coordinator, ORGANIZATIONS, &rows[2], json!({"valid_to": "2026-11-01"})).await;
        let round = moved(&coordinator, &now(&coordinator, &round).await, "closed").await;
        let round = moved(&coordinator, &round, "open").await;
        on_paper(&bench, &round, &rows[0], 6, [3, 3]).await;
    })
    .await;
}

/// An electorate has no UN entity, and gets none by an act.
#[actix_web::test]
async fn no_voice_goes_to_a_un_entity() {
    both(async |bench: Bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let rows = institutions(&coordinator, &["u-one", "u-ending"]).await;
        let round = open(&coordinator, &rows).await;
        let (iom, ending) = (bench.organization("iom").await, &rows[1]);
        let plan = json!({
            "kind": "merge", "predecessor_ids": [ending["id"]], "successor_ids": [id(&rows[0])], "effective_on": "2026-11-01",
            "reassignments": [{"kind": "nomination", "id": round["id"], "field": "electorate_ids", "to_id": id(&iom)}],
        });
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let refused = coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/reassignments/0/to_id", "un_entity")]));
    })
    .await;
}
