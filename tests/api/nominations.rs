//! Nominations: who gives them, until when, and who sees them meanwhile.

mod closing;
mod mergers;
mod sight;

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    prioritizations::{ROUNDS, chosen, draft, electorate, move_to, moved, now, open},
    rows::{archive, assert_whole, at, change, create, etag, faults, id, set, with},
};

pub const NOMINATIONS: &str = "/v1/nominations";

/// What this organization nominates, scored by both criteria of the round.
pub fn nominated(round: &Value, organization: &Value, objective: i64, scores: [i64; 2]) -> Value {
    json!({
        "prioritization_id": round["id"], "organization_id": organization["id"], "objective_number": objective,
        "scores": {"urgency": scores[0], "feasibility": scores[1]},
    })
}

/// As it is given by the organization itself.
pub async fn give(bench: &Bench, code: &'static str, round: &Value, objective: i64, scores: [i64; 2]) -> Value {
    let organization = bench.organization(code).await;
    create(&bench.sign_in(Who::FocalPoint(code)).await, NOMINATIONS, nominated(round, &organization, objective, scores)).await
}

#[actix_web::test]
async fn an_institution_nominates_each_objective_once_and_can_take_it_back() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "molsw"]).await;
        let round = open(&coordinator, &members).await;
        let moh = bench.sign_in(Who::FocalPoint("moh")).await;
        let body = with(nominated(&round, &members[0], 6, [5, 3]), json!({"rationale": {"en": "Recruiters"}, "action_codes": ["6.c"]}));
        let row = create(&moh, NOMINATIONS, body.clone()).await;
        assert_eq!((&row["scores"], &row["on_behalf_note"]), (&json!({"urgency": 5, "feasibility": 3}), &Value::Null));
        let again = moh.post(NOMINATIONS, &body).expect(409).await;
        assert_eq!((again.code().as_str(), &again.json()["params"]["id"]), ("nomination_given", &row["id"]));
        create(&moh, NOMINATIONS, nominated(&round, &members[0], 7, [1, 1])).await;

        let row = change(&moh, NOMINATIONS, &row, json!({"scores": {"urgency": 1, "feasibility": 2}, "rationale": {"lo": "ຍ້ອນ"}})).await;
        assert_eq!((&row["scores"]["urgency"], &row["rationale"]), (&json!(1), &json!({"en": "Recruiters", "lo": "ຍ້ອນ"})));
        let same = moh.patch(at(NOMINATIONS, &row), etag(&row), &row).expect(200).await;
        assert_eq!(same.json(), row, "what was read can be sent back whole");
        let moved = with(row.clone(), json!({"objective_number": 8}));
        let refused = moh.patch(at(NOMINATIONS, &row), etag(&row), moved).expect(422).await;
        assert_eq!(faults(&refused), set([("#/objective_number", "read_only_field")]));

        let archived = archive(&moh, NOMINATIONS, &row).await;
        assert_eq!(moh.post(NOMINATIONS, &body).expect(409).await.code(), "nomination_given", "an archived one keeps its place");
        assert_eq!(moh.delete(at(NOMINATIONS, &row), etag(&archived)).expect(409).await.code(), "archived");
        let row = moh.post_if(format!("{}/restore", at(NOMINATIONS, &row)), etag(&archived)).expect(200).await.json();
        assert_eq!(moh.delete(at(NOMINATIONS, &row), "\"1\"").expect(412).await.code(), "stale_revision");
        moh.delete(at(NOMINATIONS, &row), etag(&row)).expect(204).await;
        moh.get(at(NOMINATIONS, &row)).expect(404).await;
        create(&moh, NOMINATIONS, body).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_nomination_is_said_at_its_place() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh"]).await;
        let round = open(&coordinator, &members).await;
        let moh = bench.sign_in(Who::FocalPoint("moh")).await;
        let body = nominated(&round, &members[0], 6, [1, 1]);
        for (wrong, expected) in [
            (json!({"scores": {}}), set([("#/scores/urgency", "required"), ("#/scores/feasibility", "required")])),
            (json!({"scores": {"urgency": 3}}), set([("#/scores/feasibility", "required")])),
            (json!({"scores": {"urgency": 3, "feasibility": 3, "sdg": 3}}), set([("#/scores/sdg", "unknown_field")])),
            (json!({"scores": {"urgency": 0, "feasibility": 3}}), set([("#/scores/urgency", "out_of_range")])),
            (json!({"scores": {"urgency": 6, "feasibility": 3}}), set([("#/scores/urgency", "out_of_range")])),
            (json!({"scores": {"urgency": 2.5, "feasibility": 3}}), set([("#/scores/urgency", "wrong_type")])),
            (json!({"objective_number": 24}), set([("#/objective_number", "out_of_range")])),
            (
                json!({"action_codes": ["6.c", "7.a", "6.c"]}),
                set([("#/action_codes/1", "unknown_value"), ("#/action_codes/2", "not_unique")]),
            ),
            (json!({"prioritization_id": uuid::Uuid::now_v7()}), set([("#/prioritization_id", "reference_unknown")])),
        ] {
            assert_eq!(faults(&moh.post(NOMINATIONS, with(body.clone(), wrong.clone())).expect(422).await), expected, "{wrong}");
        }
        let row = create(&moh, NOMINATIONS, body).await;
        let refused = moh.patch(at(NOMINATIONS, &row), etag(&row), json!({"scores": {"urgency": 3}})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/scores/feasibility", "required")]));
    })
    .await;
}

#[actix_web::test]
async fn only_the_electorate_has_a_voice_and_each_speaks_for_itself() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "mofa"]).await;
        let round = open(&coordinator, &members).await;
        let (moh, molsw) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("molsw")).await);
        let stranger = bench.organization("molsw").await;
        let refused = molsw.post(NOMINATIONS, nominated(&round, &stranger, 6, [1, 1])).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "not_a_voter")]));
        let paper = json!({"on_behalf_note": "Letter No. 142"});
        let refused = coordinator.post(NOMINATIONS, with(nominated(&round, &stranger, 6, [1, 1]), paper.clone())).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "not_a_voter")]));
        assert_eq!(molsw.post(NOMINATIONS, nominated(&round, &members[0], 6, [1, 1])).expect(403).await.code(), "forbidden");

        // On paper: with a note by the lead ministry for another, and without one by whoever gives it.
        let refused = coordinator.post(NOMINATIONS, nominated(&round, &members[0], 6, [1, 1])).expect(422).await;
        assert_eq!(faults(&refused), set([("#/on_behalf_note", "required")]));
        for (client, organization) in [(&moh, &members[0]), (&coordinator, &members[1])] {
            let refused = client.post(NOMINATIONS, with(nominated(&round, organization, 6, [1, 1]), paper.clone())).expect(403).await;
            assert_eq!((refused.code().as_str(), faults(&refused)), ("field_not_writable", set([("#/on_behalf_note", "not_writable")])));
        }
        create(&coordinator, NOMINATIONS, nominated(&round, &members[1], 6, [1, 1])).await;
        let entered = create(&coordinator, NOMINATIONS, with(nominated(&round, &members[0], 6, [1, 1]), paper)).await;
        assert_eq!(entered["on_behalf_note"], "Letter No. 142");
        let entered = change(
            &coordinator,
            NOMINATIONS,
            &entered,
            json!({"on_behalf_note": "Letter No. 143", "scores": {"urgency": 2, "feasibility": 2}}),
        )
        .await;
        let entered = change(&moh, NOMINATIONS, &entered, json!({"rationale": {"en": "Ours"}})).await;
        assert_eq!(entered["on_behalf_note"], "Letter No. 143", "shown for ever");
        // From then on it is its own, and nobody else's to write.
        let refused = coordinator.patch(at(NOMINATIONS, &entered), etag(&entered), json!({"scores": {"urgency": 1, "feasibility": 1}}));
        assert_eq!(refused.expect(403).await.json()["params"]["rule"], "own_nominations");
        for (query, rows) in [("on_behalf=true", 1), ("on_behalf=false", 1)] {
            let page = coordinator.get(format!("{NOMINATIONS}?{query}")).expect(200).await.json();
            assert_eq!(page["data"].as_array().unwrap().len(), rows, "{query}");
        }

        // What an institution gave itself is nobody else's to write, however it is tried.
        let own = create(&moh, NOMINATIONS, nominated(&round, &members[0], 7, [5, 5])).await;
        let path = at(NOMINATIONS, &own);
        for reply in [
            coordinator.patch(&path, etag(&own), json!({"scores": {"urgency": 1, "feasibility": 1}})).send().await,
            coordinator.post_if(format!("{path}/archive"), etag(&own)).send().await,
            coordinator.delete(&path, etag(&own)).send().await,
        ] {
            assert_eq!((reply.status, &reply.json()["params"]["rule"]), (403, &json!("own_nominations")), "{reply}");
        }
        let told = coordinator.get(format!("/v1/me/permissions?kind=nomination&id={}", id(&own))).expect(200).await.json();
        let may = |action: &str| told["data"].as_array().unwrap().iter().find(|line| line["action"] == action).unwrap()["allowed"].clone();
        assert_eq!((may("update"), may("delete")), (json!(false), json!(false)));
    })
    .await;
}

#[actix_web::test]
async fn a_machine_of_an_institution_gives_its_nominations_under_its_own_ids() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "molsw"]).await;
        let round = open(&coordinator, &members).await;
        let machine = |code, systems| Who::Machine {
            role: Role::FocalPoint,
            organization: Some(code),
            scopes: &[Scope::Read, Scope::Write],
            external_systems: systems,
        };
        let moh = bench.sign_in(machine("moh", &["forms"])).await;
        let path = format!("{NOMINATIONS}/by-external-id/forms/sheet-1");
        let body = nominated(&round, &members[0], 6, [4, 4]);
        moh.put(&path, &body).expect(201).await;
        assert_eq!(moh.put(&path, &body).expect(200).await.header("x-changed"), Some("false"));
        moh.put(&path, with(body.clone(), json!({"scores": {"urgency": 5, "feasibility": 5}}))).expect(200).await;
        let refused = moh.put(&path, with(body, json!({"objective_number": 8}))).expect(403).await;
        assert_eq!(faults(&refused), set([("#/objective_number", "not_writable")]));
        // An id that is taken by a row that one does not see says nothing of it.
        let molsw = bench.sign_in(machine("molsw", &["forms"])).await;
        let refused = molsw.put(&path, nominated(&round, &members[1], 6, [1, 1])).expect(403).await;
        assert_eq!(refused.code(), "external_id_taken");
        assert!(!refused.text().contains("moh"), "{refused}");
        // Whoever could not take a free one is not told that this is taken.
        let reads =
            Who::Machine { role: Role::FocalPoint, organization: Some("molsw"), scopes: &[Scope::Read], external_systems: &["forms"] };
        for who in [Who::Reader, Who::Administrator, Who::NetworkMember("iom"), Who::FocalPoint("molsw"), reads] {
            let client = bench.sign_in(who).await;
            let mut told = Vec::new();
            for sheet in ["sheet-1", "sheet-2"] {
                let path = format!("{NOMINATIONS}/by-external-id/forms/{sheet}");
                let refused = client.put(path, nominated(&round, &members[1], 6, [1, 1])).expect(403).await.json();
                told.push((refused["code"].clone(), refused["params"].clone(), refused["detail"].clone()));
            }
            assert_eq!(told[0], told[1], "{who:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn nominations_are_taken_while_the_round_is_open_and_its_date_has_not_passed() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "mofa"]).await;
        let round = draft(&coordinator, &members).await;
        let moh = bench.sign_in(Who::FocalPoint("moh")).await;
        let early = moh.post(NOMINATIONS, nominated(&round, &members[0], 6, [1, 1])).expect(409).await;
        assert_eq!((early.code().as_str(), &early.json()["params"]["state"]), ("round_not_open", &json!("draft")));
        // Today is the last day.
        let round = change(&coordinator, ROUNDS, &round, json!({"closes_on": "2026-11-23"})).await;
        let round = moved(&coordinator, &round, "open").await;
        let row = create(&moh, NOMINATIONS, nominated(&round, &members[0], 6, [1, 1])).await;
        bench.clock().advance(std::time::Duration::from_secs(24 * 3600));
        let (moh, coordinator) = (bench.again(&moh).await, bench.again(&coordinator).await);
        late(&moh, &coordinator, &round, &members, &row, "round_past_closing_date").await;
        let round = change(&coordinator, ROUNDS, &round, json!({"closes_on": "2026-11-24"})).await;
        let row = change(&moh, NOMINATIONS, &row, json!({"rationale": {"en": "In time"}})).await;
        let round = moved(&coordinator, &round, "closed").await;
        late(&moh, &coordinator, &round, &members, &row, "round_not_open").await;
        let round = change(&coordinator, ROUNDS, &round, json!({"selection": [chosen(6, 1)]})).await;
        let round = moved(&coordinator, &round, "finalized").await;
        late(&moh, &coordinator, &round, &members, &row, "round_not_open").await;
    })
    .await;
}

/// Nothing of a nomination can be written any more, by its giver or by the lead ministry.
async fn late(moh: &Client, coordinator: &Client, round: &Value, members: &[Value], row: &Value, code: &str) {
    let path = at(NOMINATIONS, row);
    let paper = with(nominated(round, &members[0], 9, [1, 1]), json!({"on_behalf_note": "Found in a drawer"}));
    for reply in [
        moh.post(NOMINATIONS, nominated(round, &members[0], 8, [1, 1])).send().await,
        coordinator.post(NOMINATIONS, nominated(round, &members[1], 8, [1, 1])).send().await,
        coordinator.post(NOMINATIONS, paper).send().await,
        moh.patch(&path, etag(row), json!({"scores": {"urgency": 5, "feasibility": 5}})).send().await,
        moh.delete(&path, etag(row)).send().await,
        moh.post_if(format!("{path}/archive"), etag(row)).send().await,
    ] {
        assert_eq!((reply.status, reply.code().as_str()), (409, code), "{reply}");
    }
    assert_eq!(moh.get(&path).expect(200).await.json(), *row);
    assert_eq!(now(coordinator, round).await["id"], round["id"]);
    assert_eq!(move_to(coordinator, &json!({"id": round["id"], "revision": 999}), "open").await.status, 412);
}
