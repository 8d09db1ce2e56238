//! Rounds of prioritization: what they need, what is frozen when, who sees them, and what their moves do.

use futures_util::future::join_all;
use gcm_api::store::change_log::Op;
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Reply, Who, both, walk::SYSTEM},
    rows::{archive, assert_whole, at, change, column, create, etag, faults, id, log_after, set, with},
};

pub const ROUNDS: &str = "/v1/prioritizations";

/// The ministries with these codes, as an electorate.
pub async fn electorate(bench: &Bench, codes: &[&str]) -> Vec<Value> {
    let mut rows = Vec::new();
    for code in codes {
        rows.push(bench.organization(code).await);
    }
    rows
}

/// A draft that asks these organizations by two criteria, of which the first counts twice as much.
pub async fn draft(coordinator: &Client, electorate: &[Value]) -> Value {
    let ids: Vec<_> = electorate.iter().map(id).collect();
    let criteria = json!([{"code": "urgency", "weight": 2}, {"code": "feasibility", "weight": 1}]);
    create(coordinator, ROUNDS, json!({"title": {"en": "Round of autumn"}, "electorate_ids": ids, "criteria": criteria})).await
}

pub async fn open(coordinator: &Client, electorate: &[Value]) -> Value {
    moved(coordinator, &draft(coordinator, electorate).await, "open").await
}

/// The round as it is now, whoever moved it since.
pub async fn now(client: &Client, round: &Value) -> Value {
    client.get(at(ROUNDS, round)).expect(200).await.json()
}

pub async fn move_to(coordinator: &Client, round: &Value, to: &str) -> Reply {
    let body = json!({"to": to, "reason": "As was decided"});
    coordinator.post(format!("{}/transitions", at(ROUNDS, round)), body).header("If-Match", etag(round)).send().await
}

pub async fn moved(coordinator: &Client, round: &Value, to: &str) -> Value {
    let reply = move_to(coordinator, round, to).await;
    assert_eq!(reply.status, 200, "{to}\n{reply}");
    reply.json()
}

pub fn chosen(objective: i64, rank: i64) -> Value {
    json!({"objective_number": objective, "rank": rank, "rationale": null, "cluster": null, "lead_id": null, "supporting_ids": []})
}

#[actix_web::test]
async fn a_round_goes_its_way_once() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let round = draft(&coordinator, &electorate(&bench, &["moh", "mof"]).await).await;
        assert_eq!((&round["state"], &round["selection"]), (&json!("draft"), &json!([])));
        let shares: Vec<_> = round["criteria"].as_array().unwrap().iter().map(|row| (&row["weight"], &row["weight_share"])).collect();
        assert_eq!(shares, [(&json!(2), &json!(0.666_667)), (&json!(1), &json!(0.333_333))]);
        for to in ["closed", "finalized"] {
            assert_eq!(move_to(&coordinator, &round, to).await.code(), "transition_not_allowed", "draft to {to}");
        }
        let round = moved(&coordinator, &round, "open").await;
        let closed = moved(&coordinator, &round, "closed").await;
        let reason = json!({"to": "open"});
        let bare =
            coordinator.post(format!("{}/transitions", at(ROUNDS, &closed)), reason).header("If-Match", etag(&closed)).expect(422).await;
        assert_eq!(faults(&bare), set([("#/reason", "required")]));
        let round = moved(&coordinator, &moved(&coordinator, &closed, "open").await, "closed").await;
        let incomplete = move_to(&coordinator, &round, "finalized").await;
        assert_eq!((incomplete.status, incomplete.code().as_str()), (409, "transition_incomplete"));
        assert_eq!(faults(&incomplete), set([("#/selection", "field_missing_for_move")]));
        let round = change(&coordinator, ROUNDS, &round, json!({"selection": [chosen(6, 1)]})).await;
        let round = moved(&coordinator, &round, "finalized").await;
        for to in ["draft", "open", "closed", "cancelled"] {
            assert_eq!(move_to(&coordinator, &round, to).await.code(), "transition_not_allowed", "finalized to {to}");
        }
        let told = reader.get(format!("{}/transitions", at(ROUNDS, &round))).expect(200).await.json();
        let went: Vec<_> = told["data"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
        assert_eq!(went, ["finalized", "closed", "open", "closed", "open"]);
        assert_eq!(told["next"], json!([]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_round_is_opened_with_somebody_to_ask_and_something_to_ask_them() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let round = create(&coordinator, ROUNDS, json!({"title": {"en": "Empty"}})).await;
        let refused = move_to(&coordinator, &round, "open").await;
        assert_eq!(refused.code(), "transition_incomplete");
        let missing = ["#/electorate_ids", "#/criteria"].map(|pointer| (pointer, "field_missing_for_move"));
        assert_eq!(faults(&refused), set(missing));
    })
    .await;
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_round_is_said_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let [moh, iom, gone] = [bench.organization("moh").await, bench.organization("iom").await, bench.organization("mpi").await];
        let nobody = uuid::Uuid::now_v7();
        let body = json!({
            "title": {"en": "Wrong"}, "cycle_id": nobody, "consultation_id": nobody, "opens_on": "2026-09-02", "closes_on": "2026-09-01",
            "electorate_ids": [moh["id"], iom["id"], moh["id"], gone["id"], nobody],
            "criteria": [{"code": "urgency", "weight": 1}, {"code": "luck", "weight": 1}, {"code": "urgency", "weight": 1}],
        });
        let refused = coordinator.post(ROUNDS, body).expect(422).await;
        let expected = [
            ("#/cycle_id", "reference_unknown"),
            ("#/consultation_id", "reference_unknown"),
            ("#/closes_on", "ends_before_start"),
            ("#/electorate_ids/1", "un_entity"),
            ("#/electorate_ids/2", "not_unique"),
            ("#/electorate_ids/3", "reference_archived"),
            ("#/electorate_ids/4", "reference_unknown"),
            ("#/criteria/1/code", "unknown_value"),
            ("#/criteria/2/code", "not_unique"),
        ];
        assert_eq!(faults(&refused), set(expected));
        for (weight, code) in
            [(json!(0), "out_of_range"), (json!(-1), "out_of_range"), (json!(1000.1), "out_of_range"), (json!(1.234_567_8), "unreadable")]
        {
            let body = json!({"title": {"en": "Weights"}, "criteria": [{"code": "urgency", "weight": weight}]});
            assert_eq!(faults(&coordinator.post(ROUNDS, body).expect(422).await), set([("#/criteria/0/weight", code)]), "{weight}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_was_asked_of_whom_is_frozen_when_it_is_asked() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let others = electorate(&bench, &["moj"]).await;
        let values = [
            ("title", json!({"en": "Renamed"})),
            ("cycle_id", json!(coordinator.get("/v1/review-cycles?limit=1").expect(200).await.json()["data"][0]["id"])),
            ("opens_on", json!("2026-01-02")),
            ("closes_on", json!("2031-01-01")),
            ("electorate_ids", json!([id(&others[0])])),
            ("criteria", json!([{"code": "data", "weight": 1}])),
            ("selection", json!([chosen(6, 1)])),
        ];
        let expected = [
            ("draft", "title cycle_id opens_on closes_on electorate_ids criteria"),
            ("open", "title cycle_id closes_on"),
            ("closed", "title cycle_id selection"),
            ("finalized", "title"),
            ("cancelled", "title"),
        ];
        for (state, fields) in expected {
            for (field, value) in &values {
                let mut round = draft(&coordinator, &electorate(&bench, &["moh", "mof"]).await).await;
                let way: &[&str] = match state {
                    "draft" => &[],
                    "open" => &["open"],
                    "closed" => &["open", "closed"],
                    "finalized" => &["open", "closed", "finalized"],
                    _ => &["open", "cancelled"],
                };
                for to in way {
                    if *to == "finalized" {
                        round = change(&coordinator, ROUNDS, &round, json!({"selection": [chosen(7, 1)]})).await;
                    }
                    round = moved(&coordinator, &round, to).await;
                }
                let reply = coordinator.patch(at(ROUNDS, &round), etag(&round), json!({*field: value})).send().await;
                if fields.split(' ').any(|known| known == *field) {
                    assert_eq!(reply.status, 200, "{field} in {state}\n{reply}");
                } else {
                    assert_eq!((reply.status, reply.code().as_str()), (409, "not_editable_in_state"), "{field} in {state}\n{reply}");
                    assert_eq!(reply.json()["params"]["state"], state);
                }
                let same = coordinator.patch(at(ROUNDS, &round), etag(&now(&coordinator, &round).await), now(&coordinator, &round).await);
                same.expect(200).await;
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_chosen_is_checked_when_it_is_written_and_again_in_the_end() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let round = moved(&coordinator, &open(&coordinator, &electorate(&bench, &["moh"]).await).await, "closed").await;
        let heir = create(&coordinator, "/v1/organizations", crate::rows::organization("leaving")).await;
        let mof = bench.organization("mof").await;
        let nobody = uuid::Uuid::now_v7();
        let selection = json!([
            with(chosen(6, 1), json!({"lead_id": nobody})),
            with(chosen(6, 1), json!({"lead_id": mof["id"], "supporting_ids": [heir["id"], heir["id"], mof["id"]]})),
        ]);
        let refused = coordinator.patch(at(ROUNDS, &round), etag(&round), json!({"selection": selection})).expect(422).await;
        let expected = [
            ("#/selection/0/lead_id", "reference_unknown"),
            ("#/selection/1/objective_number", "not_unique"),
            ("#/selection/1/rank", "not_unique"),
            ("#/selection/1/supporting_ids/1", "not_unique"),
            ("#/selection/1/supporting_ids/2", "not_unique"),
        ];
        assert_eq!(faults(&refused), set(expected));
        let selection = json!([with(chosen(6, 1), json!({"lead_id": heir["id"], "supporting_ids": [mof["id"]]}))]);
        let round = change(&coordinator, ROUNDS, &round, json!({"selection": selection})).await;
        coordinator.patch(at("/v1/organizations", &heir), etag(&heir), json!({"valid_to": "2026-01-01"})).expect(200).await;
        let round = change(&coordinator, ROUNDS, &round, json!({"title": {"lo": "ຮອບ"}})).await;
        let refused = move_to(&coordinator, &round, "finalized").await;
        assert_eq!(faults(&refused), set([("#/selection/0/lead_id", "reference_archived")]));
    })
    .await;
}

/// Every door behind which a draft could be met.
async fn met(client: &Client, round: &Value) -> Vec<bool> {
    let mut found = Vec::new();
    for query in ["limit=200", "q=autumn", "state=draft,cancelled", "sort=-updated_at", "archived=include"] {
        let page = client.get(format!("{ROUNDS}?with_total=true&{query}")).expect(200).await.json();
        assert_eq!(page["page"]["total"], page["data"].as_array().unwrap().len());
        found.push(column(&page, "id").contains(&id(round)));
    }
    let sheet = client.get(format!("{ROUNDS}?format=csv")).expect(200).await;
    found.push(sheet.text().contains(id(round)));
    for below in ["", "/history", "/transitions"] {
        found.push(client.get(format!("{}{below}", at(ROUNDS, round))).send().await.status == 200);
    }
    found.push(client.get(format!("{ROUNDS}/by-external-id/{SYSTEM}/secret-round")).send().await.status == 200);
    found.push(client.get(format!("/v1/me/permissions?kind=prioritization&id={}", id(round))).send().await.status == 200);
    found
}

#[actix_web::test]
async fn a_draft_is_told_to_the_country_and_stays_there_when_it_is_given_up() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh"]).await;
        let round = draft(&coordinator, &members).await;
        coordinator.put(format!("{}/external-ids/{SYSTEM}", at(ROUNDS, &round)), json!({"id": "secret-round"})).expect(200).await;
        let others = [Who::Administrator, Who::Reader];
        let country = [Who::Coordinator, Who::FocalPoint("molsw"), Who::NetworkMember("iom")];
        let unseen = async |round: &Value| {
            for who in others {
                assert_eq!(met(&bench.sign_in(who).await, round).await, [false; 11], "{who:?}");
                let told = bench.sign_in(who).await.get(format!("{}/duties", at("/v1/organizations", &members[0]))).expect(200).await;
                assert!(!told.text().contains(id(round)), "{who:?} hears of it by a duty\n{told}");
            }
            for who in country {
                assert_eq!(met(&bench.sign_in(who).await, round).await, [true; 11], "{who:?}");
            }
        };
        unseen(&round).await;
        // Whom a draft will ask can still be changed: it is nobody's duty yet.
        let duties = async || coordinator.get(format!("{}/duties", at("/v1/organizations", &members[0]))).expect(200).await.json();
        assert!(!duties().await["data"].as_array().unwrap().iter().any(|duty| duty["kind"] == "nomination"));
        let cancelled = moved(&coordinator, &now(&coordinator, &round).await, "cancelled").await;
        unseen(&cancelled).await;
        archive(&coordinator, ROUNDS, &cancelled).await;

        let seen = open(&coordinator, &members).await;
        let duty = json!({
            "kind": "nomination", "id": seen["id"], "field": "electorate_ids", "href": at(ROUNDS, &seen), "suggested_heir_id": null,
        });
        assert!(duties().await["data"].as_array().unwrap().contains(&duty));
        let reader = bench.sign_in(Who::Reader).await;
        reader.get(at(ROUNDS, &seen)).expect(200).await;
        let history = reader.get(format!("{}/history", at(ROUNDS, &seen))).expect(200).await.json();
        assert_eq!(column(&history, "op"), ["transition", "create"]);
        assert_eq!(
            (&history["data"][0]["withheld"], &history["data"][1]["withheld"]),
            (&json!(false), &json!(true)),
            "what it was as a draft"
        );
        let seen = moved(&coordinator, &seen, "cancelled").await;
        reader.get(at(ROUNDS, &seen)).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn each_filter_finds_what_it_says() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "mof"]).await;
        let cycle = coordinator.get("/v1/review-cycles?limit=1").expect(200).await.json()["data"][0]["id"].clone();
        let round = draft(&coordinator, &members).await;
        let patch = json!({"cycle_id": cycle, "opens_on": "2026-09-01", "closes_on": "2026-12-31"});
        let round = change(&coordinator, ROUNDS, &round, patch).await;
        let round = moved(&coordinator, &moved(&coordinator, &round, "open").await, "closed").await;
        let selection = json!([with(chosen(6, 1), json!({"lead_id": members[1]["id"]})), chosen(16, 2)]);
        let round = change(&coordinator, ROUNDS, &round, json!({"selection": selection})).await;
        let other = draft(&coordinator, &electorate(&bench, &["moj"]).await).await;
        change(&coordinator, ROUNDS, &other, json!({"criteria": [{"code": "data", "weight": 1}]})).await;
        for query in [
            "state=closed".to_owned(),
            format!("cycle_id={}", cycle.as_str().unwrap()),
            format!("elector_id={}", id(&members[0])),
            "criterion=urgency".to_owned(),
            "objective_number=6".to_owned(),
            "objective_number=16,23".to_owned(),
            format!("lead_id={}", id(&members[1])),
            "opens_on_from=2026-09-01&opens_on_to=2026-09-01".to_owned(),
            "closes_on_from=2026-12-31&closes_on_to=2026-12-31".to_owned(),
        ] {
            let page = coordinator.get(format!("{ROUNDS}?{query}&include=organizations,objectives")).expect(200).await.json();
            assert_eq!(column(&page, "id"), [id(&round)], "{query}");
            assert_eq!(page["included"]["objectives"].as_array().unwrap().len(), 2);
        }
        for query in ["objective_number=1", "criterion=sdg", "closes_on_from=2027-01-01"] {
            assert_eq!(coordinator.get(format!("{ROUNDS}?{query}")).expect(200).await.json()["data"], json!([]), "{query}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_under_way_or_history_stays_in_use() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh"]).await;
        let mut round = open(&coordinator, &members).await;
        for to in ["closed", "finalized"] {
            let path = format!("{}/archive", at(ROUNDS, &round));
            assert_eq!(coordinator.post_if(path, etag(&round)).expect(409).await.code(), "not_editable_in_state");
            if to == "finalized" {
                round = change(&coordinator, ROUNDS, &round, json!({"selection": [chosen(6, 1)]})).await;
            }
            round = moved(&coordinator, &round, to).await;
        }
        assert_eq!(
            coordinator.post_if(format!("{}/archive", at(ROUNDS, &round)), etag(&round)).expect(409).await.code(),
            "not_editable_in_state"
        );
        let archived = archive(&coordinator, ROUNDS, &draft(&coordinator, &members).await).await;
        assert_eq!(move_to(&coordinator, &archived, "open").await.code(), "archived");
        coordinator.post_if(format!("{}/restore", at(ROUNDS, &archived)), etag(&archived)).expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn of_two_who_finalize_at_once_one_does() {
    both(async |bench| {
        let first = bench.sign_in(Who::Coordinator).await;
        let second = bench.person("second.coordinator", gcm_api::auth::Role::Coordinator, Some("mofa")).await;
        for _round in 0..10 {
            let round = moved(&first, &open(&first, &electorate(&bench, &["moh"]).await).await, "closed").await;
            let round = change(&first, ROUNDS, &round, json!({"selection": [chosen(6, 1), chosen(7, 2)]})).await;
            let replies = join_all([&first, &second].map(|coordinator| move_to(coordinator, &round, "finalized"))).await;
            let mut told: Vec<_> = replies.iter().map(|reply| reply.status).collect();
            told.sort_unstable();
            assert_eq!(told, [200, 412]);
            let log = log_after(&bench.parts.store, 0).await;
            let finalized = log.iter().filter(|change| change.resource_id == id(&round) && change.op == Op::Transition).count();
            assert_eq!(finalized, 3, "opened, closed, finalized");
        }
        assert_whole(&bench).await;
    })
    .await;
}
