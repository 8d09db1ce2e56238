//! From a workshop to an adopted priority, as a country lives through it: an electorate of eight, IOM, and the lead ministry, each with an account of
//! their own.

mod reckoned;

use std::{collections::BTreeMap, time::Duration};

use gcm_api::auth::Role;
use reckoned::{Given, reckoned};
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    priorities::{ENDORSEMENTS, PRIORITIES, act},
    rows::{assert_whole, at, change, create, faults, id, merge, ministry, set, step, with},
};

const ROUNDS: &str = "/v1/prioritizations";
const NOMINATIONS: &str = "/v1/nominations";
const EFFORTS: &str = "/v1/efforts";
const OUTCOMES: &str = "/v1/outcomes";
const COMMENTS: &str = "/v1/comments";

/// What nominations are scored by, and how much it counts.
const CRITERIA: [(&str, i64); 3] = [("urgency", 3), ("feasibility", 2), ("vulnerability", 2)];

/// Who takes part.
struct Cast {
    coordinator: Client,
    iom: Client,
    /// Eight ministries, with somebody who speaks for each; the last two never say anything.
    ministries: Vec<Value>,
    people: Vec<Client>,
    /// The one into which the fifth ministry merges.
    heir: Value,
    of_heir: Client,
}

async fn cast(bench: &Bench) -> Cast {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (mut ministries, mut people) = (Vec::new(), Vec::new());
    for n in 0..8 {
        let code = format!("story-{n}");
        ministries.push(create(&coordinator, "/v1/ministries", ministry(&code)).await);
        people.push(bench.person(&format!("{code}.focal"), Role::FocalPoint, Some(&code)).await);
    }
    let heir = create(&coordinator, "/v1/ministries", ministry("story-heir")).await;
    let of_heir = bench.person("story-heir.focal", Role::FocalPoint, Some("story-heir")).await;
    Cast { coordinator, iom: bench.sign_in(Who::NetworkMember("iom")).await, ministries, people, heir, of_heir }
}

/// How many tasks of this kind wait for somebody.
async fn waits(client: &Client, task: &str) -> usize {
    let told = client.get("/v1/me/tasks").expect(200).await.json();
    told["data"].as_array().unwrap().iter().filter(|told| told["task"] == task).count()
}

/// The stock-taking: one effort is returned and mended, one is IOM's, one stays a draft.
async fn stock(cast: &Cast) {
    let effort = |of: &Value, title: &str, objectives: Value| {
        json!({
            "organization_id": of["id"], "title": {"en": title}, "kind": "service", "objective_numbers": objectives, "implementation": "ongoing",
        })
    };
    let row = create(&cast.people[1], EFFORTS, effort(&cast.ministries[1], "Counselling", json!([6]))).await;
    step(&cast.people[1], EFFORTS, &row, "submitted").await;
    let row = step(&cast.coordinator, EFFORTS, &row, "returned").await;
    assert_eq!(waits(&cast.people[1], "effort_returned").await, 1);
    change(&cast.people[1], EFFORTS, &row, json!({"provinces": ["LA-SV"]})).await;
    step(&cast.people[1], EFFORTS, &row, "submitted").await;
    step(&cast.coordinator, EFFORTS, &row, "accepted").await;
    assert_eq!(waits(&cast.people[1], "effort_returned").await, 0);
    let iom = cast.iom.get("/v1/me").expect(200).await.json()["organization_id"].clone();
    let row = create(&cast.iom, EFFORTS, effort(&json!({"id": iom}), "Pre-departure orientation", json!([6, 18]))).await;
    step(&cast.iom, EFFORTS, &row, "submitted").await;
    step(&cast.coordinator, EFFORTS, &row, "accepted").await;
    create(&cast.people[2], EFFORTS, effort(&cast.ministries[2], "Not yet", json!([6, 21]))).await;
    let coverage = cast.people[7].get("/v1/insights/coverage?by=cluster").expect(200).await.json();
    let cell = |number: i64| coverage["data"].as_array().unwrap().iter().find(|cell| cell["objective_number"] == number).unwrap().clone();
    assert_eq!([6, 18, 21].map(|number| cell(number)["efforts"].clone()), [json!(2), json!(1), json!(0)]);
}

/// The workshop in which the round is prepared, and what it left to do.
async fn workshop(cast: &Cast) -> Value {
    let body = json!({
        "title": {"en": "Consultation workshop"}, "kind": "national_workshop", "status": "held", "starts_on": "2026-06-03",
        "ends_on": "2026-06-04", "date_precision": "day", "participant_total": 60, "participant_total_at_least": true,
    });
    let workshop = create(&cast.coordinator, "/v1/consultations", body).await;
    let body = json!({
        "consultation_id": workshop["id"], "kind": "action_point", "text": {"en": "Gather the figures"}, "responsible_id": cast.ministries[0]["id"],
    });
    let outcome = create(&cast.coordinator, OUTCOMES, body).await;
    assert_eq!(waits(&cast.people[0], "outcome_due").await, 1);
    step(&cast.people[0], OUTCOMES, &outcome, "done").await;
    step(&cast.coordinator, OUTCOMES, &outcome, "verified").await;
    assert_eq!(waits(&cast.people[0], "outcome_due").await, 0);
    workshop
}

/// A round of the eight that takes nominations until the end of November.
async fn opened(cast: &Cast, workshop: &Value) -> Value {
    let criteria: Vec<_> = CRITERIA.iter().map(|(code, weight)| json!({"code": code, "weight": weight})).collect();
    let electorate: Vec<_> = cast.ministries.iter().map(|row| &row["id"]).collect();
    let body = json!({
        "title": {"en": "Priorities"}, "consultation_id": workshop["id"], "closes_on": "2026-11-30", "electorate_ids": electorate, "criteria": criteria,
    });
    let round = create(&cast.coordinator, ROUNDS, body).await;
    step(&cast.coordinator, ROUNDS, &round, "open").await
}

fn nomination(round: &Value, of: &Value, objective: i16, scores: [i64; 3]) -> Value {
    let scores: BTreeMap<_, _> = CRITERIA.iter().map(|(code, _)| *code).zip(scores).collect();
    json!({"prioritization_id": round["id"], "organization_id": of["id"], "objective_number": objective, "scores": scores})
}

/// What each ministry gives, by its place in the electorate.
const GIVEN: [(usize, i16, [i64; 3]); 8] = [
    (0, 6, [5, 4, 4]),
    (0, 15, [3, 3, 5]),
    (1, 6, [4, 4, 2]),
    (1, 9, [2, 1, 2]),
    (3, 15, [4, 2, 5]),
    (4, 6, [1, 1, 1]),
    (4, 21, [4, 4, 4]),
    (5, 9, [1, 2, 2]),
];
const ON_PAPER: (usize, i16, [i64; 3]) = (2, 6, [4, 5, 3]);
const OF_HEIR: (i16, [i64; 3]) = (6, [5, 5, 4]);

/// Everybody nominates, one on paper; the fifth merges, and its heir goes on in its place; one comes too late.
async fn nominated(bench: &Bench, cast: &Cast, round: &Value) {
    assert_eq!((waits(&cast.people[3], "nomination_missing").await, waits(&cast.of_heir, "nomination_missing").await), (1, 0));
    for (member, objective, scores) in GIVEN {
        bench.clock().advance(Duration::from_secs(1));
        create(&cast.people[member], NOMINATIONS, nomination(round, &cast.ministries[member], objective, scores)).await;
    }
    let (member, objective, scores) = ON_PAPER;
    let paper = with(nomination(round, &cast.ministries[member], objective, scores), json!({"on_behalf_note": "Letter of 12 November"}));
    create(&cast.coordinator, NOMINATIONS, paper).await;
    let unscored = with(nomination(round, &cast.ministries[3], 2, [1, 1, 1]), json!({"scores": {"urgency": 1}}));
    let refused = cast.people[3].post(NOMINATIONS, unscored).expect(422).await;
    assert_eq!(faults(&refused), set([("#/scores/feasibility", "required"), ("#/scores/vulnerability", "required")]));
    merge(bench, &cast.ministries[4], &cast.heir).await;
    assert_eq!(waits(&cast.of_heir, "nomination_missing").await, 0, "its predecessor gave something");
    bench.clock().advance(Duration::from_secs(1));
    create(&cast.of_heir, NOMINATIONS, nomination(round, &cast.heir, OF_HEIR.0, OF_HEIR.1)).await;
    assert_eq!(waits(&cast.people[6], "nomination_missing").await, 1);
    // The lead ministry brings the last day forward, and whoever comes after it is late.
    let now = cast.coordinator.get(at(ROUNDS, round)).expect(200).await.json();
    change(&cast.coordinator, ROUNDS, &now, json!({"closes_on": "2026-11-22"})).await;
    let late = cast.people[6].post(NOMINATIONS, nomination(round, &cast.ministries[6], 6, [1, 1, 1])).expect(409).await;
    assert_eq!((late.code().as_str(), waits(&cast.people[6], "nomination_missing").await), ("round_past_closing_date", 0));
}

/// What was just given, by the voice that gives it; of the fifth ministry and its heir the heir's own comes first.
fn ballots(cast: &Cast) -> Vec<Given> {
    let heir = |member: usize| if member == 4 { &cast.heir } else { &cast.ministries[member] };
    let all = GIVEN.iter().chain([&ON_PAPER]).filter(|(member, objective, _)| (*member, *objective) != (4, OF_HEIR.0));
    let mut ballots: Vec<_> = all.map(|(member, objective, scores)| (id(heir(*member)).to_owned(), *objective, *scores)).collect();
    ballots.push((id(&cast.heir).to_owned(), OF_HEIR.0, OF_HEIR.1));
    ballots
}

/// The ranking as it is told, without what stands behind it.
fn ranking(results: &Value) -> Vec<Value> {
    let told = results["data"].as_array().unwrap().iter();
    told.map(|row| {
        let mut row = row.clone();
        row.as_object_mut().unwrap().remove("by_organization");
        row
    })
    .collect()
}

/// Closed, ranked, decided; returns the round and the priority that came first.
async fn decided(bench: &Bench, cast: &Cast, round: &Value) -> (Value, Value) {
    let results = format!("{}/results", at(ROUNDS, round));
    assert_eq!(cast.people[0].get(&results).expect(409).await.code(), "results_not_ready");
    let round = step(&cast.coordinator, ROUNDS, round, "closed").await;
    let voters: Vec<_> =
        [0, 1, 2, 3, 5, 6, 7].map(|n: usize| id(&cast.ministries[n]).to_owned()).into_iter().chain([id(&cast.heir).to_owned()]).collect();
    let expected = reckoned(CRITERIA.map(|(_, weight)| weight), voters.len(), &ballots(cast));
    let told = cast.people[3].get(&results).expect(200).await.json();
    assert_eq!(ranking(&told), expected);
    let silent: std::collections::BTreeSet<_> =
        told["missing_organization_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(silent, [6, 7].map(|n: usize| id(&cast.ministries[n])).into());
    bench.sign_in(Who::Reader).await.get(&results).expect(404).await;

    let first = expected[0]["objective_number"].clone();
    let chosen = |number: &Value, rank: i64, lead: &Value| json!({"objective_number": number, "rank": rank, "lead_id": lead["id"], "rationale": {"en": "It came first"}});
    let selection = json!([chosen(&first, 1, &cast.ministries[0]), chosen(&json!(9), 2, &cast.ministries[1])]);
    let round = change(&cast.coordinator, ROUNDS, &round, json!({"selection": selection})).await;
    let round = step(&cast.coordinator, ROUNDS, &round, "finalized").await;
    assert_eq!(ranking(&cast.people[3].get(&results).expect(200).await.json()), expected, "frozen as it was");
    let listed = format!("{PRIORITIES}?prioritization_id={}&objective_number={first}", id(&round));
    (round.clone(), cast.people[5].get(listed).expect(200).await.json()["data"][0].clone())
}

/// The word of an institution on the priority as it reads now.
async fn word(cast: &Cast, priority: &Value, of: &Value, decision: &str, comment: Value) -> Value {
    let now = cast.coordinator.get(at(PRIORITIES, priority)).expect(200).await.json();
    json!({
        "subject_kind": "priority", "subject_id": id(priority), "substance": now["substance"], "organization_id": id(of), "decision": decision,
        "comment": comment,
    })
}

/// What stands in the way of agreement, with the institutions that it names.
async fn obstacles(cast: &Cast, priority: &Value) -> Vec<(String, Vec<String>)> {
    let now = cast.coordinator.get(at(PRIORITIES, priority)).expect(200).await;
    let path = format!("{}/transitions", at(PRIORITIES, priority));
    let refused = cast.coordinator.post(path, json!({"to": "agreed"})).header("If-Match", now.etag()).expect(409).await.json();
    let named =
        |fault: &Value| fault["params"]["organization_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    refused["errors"].as_array().unwrap().iter().map(|fault| (fault["code"].as_str().unwrap().to_owned(), named(fault))).collect()
}

/// Words on the first wording, of which one is an objection; it is answered, and the wording changes.
async fn discussed(bench: &Bench, cast: &Cast, priority: &Value) {
    assert_eq!(waits(&cast.people[1], "endorsement_open").await, 2);
    for member in [0, 2] {
        bench.clock().advance(Duration::from_secs(1));
        create(&cast.people[member], ENDORSEMENTS, word(cast, priority, &cast.ministries[member], "endorsed", Value::Null).await).await;
    }
    bench.clock().advance(Duration::from_secs(1));
    let against = word(cast, priority, &cast.ministries[1], "objected", json!({"en": "Not without us"})).await;
    let objection = create(&cast.people[1], ENDORSEMENTS, against).await;
    let question =
        json!({"subject_kind": "priority", "subject_id": id(priority), "body": "Would it help if you supported it?", "language": "en"});
    let question = create(&cast.coordinator, COMMENTS, question).await;
    let about_it =
        json!({"subject_kind": "priority", "subject_id": id(priority), "parent_id": id(&question), "body": "It would", "language": "en"});
    create(&cast.people[1], COMMENTS, about_it).await;
    step(&cast.coordinator, COMMENTS, &question, "resolved").await;
    let answered = json!({"decision": "endorsed", "comment": {"en": "With us as a supporter"}});
    change(&cast.people[1], ENDORSEMENTS, &objection, answered).await;
    let waiting = [3, 5, 6, 7].map(|n: usize| id(&cast.ministries[n]).to_owned()).into_iter().chain([id(&cast.heir).to_owned()]);
    let found = obstacles(cast, priority).await;
    assert_eq!((found.len(), found[0].0.as_str()), (1, "word_missing"));
    assert_eq!(found[0].1.iter().cloned().collect::<std::collections::BTreeSet<_>>(), waiting.collect());
    // What everybody is asked is another thing now, and nobody has answered it.
    let now = cast.coordinator.get(at(PRIORITIES, priority)).expect(200).await.json();
    let edited = change(&cast.coordinator, PRIORITIES, &now, json!({"supporting_ids": [id(&cast.ministries[1])]})).await;
    assert_eq!((&edited["substance"], &edited["state"]), (&json!(2), &json!("proposed")));
    assert_eq!(obstacles(cast, priority).await[0].1.len(), 8);
}

/// The second wording: two never answer, one is against it, and it is agreed all the same, with the reason on record; then it is adopted.
async fn adopted(bench: &Bench, cast: &Cast, priority: &Value) {
    let electorate = [0, 1, 2, 5].map(|n: usize| (&cast.people[n], &cast.ministries[n]));
    for (person, of) in electorate.into_iter().chain([(&cast.of_heir, &cast.heir)]) {
        bench.clock().advance(Duration::from_secs(1));
        create(person, ENDORSEMENTS, word(cast, priority, of, "endorsed", Value::Null).await).await;
    }
    bench.clock().advance(Duration::from_secs(1));
    let against = word(cast, priority, &cast.ministries[3], "objected", json!({"en": "Ours should come first"})).await;
    create(&cast.people[3], ENDORSEMENTS, against).await;
    let silent = [6, 7].map(|n: usize| id(&cast.ministries[n]).to_owned()).to_vec();
    assert_eq!(
        obstacles(cast, priority).await,
        [("word_missing".to_owned(), silent), ("objection_stands".to_owned(), vec![id(&cast.ministries[3]).to_owned()])]
    );
    let reader = bench.sign_in(Who::Reader).await;
    reader.get(at(PRIORITIES, priority)).expect(404).await;
    let now = cast.coordinator.get(at(PRIORITIES, priority)).expect(200).await;
    let outvoted = json!({"to": "agreed", "reason": "Decided by the committee on 20 November"});
    let path = format!("{}/transitions", at(PRIORITIES, priority));
    let agreed = cast.coordinator.post(path, outvoted).header("If-Match", now.etag()).expect(200).await.json();
    assert_eq!(agreed["agreed_against"], "Decided by the committee on 20 November");
    change(&cast.coordinator, PRIORITIES, &agreed, json!({"adoption_act": act()})).await;
    step(&cast.coordinator, PRIORITIES, priority, "adopted").await;
    assert_eq!(reader.get(at(PRIORITIES, priority)).expect(200).await.json()["state"], "adopted");
}

/// Who proposed it, when, with which scores, and who agreed.
fn told_whole(cast: &Cast, round: &Value, priority: &Value, workshop: &Value, origin: &Value) {
    assert_eq!((&origin["round"]["id"], &origin["consultation"]["id"]), (&round["id"], &workshop["id"]));
    assert_eq!(
        (&origin["proposed"]["at"], &origin["proposed"]["actor"]["account_id"]),
        (&priority["created_at"], &json!(cast.coordinator.account_id()))
    );
    let first = reckoned(CRITERIA.map(|(_, weight)| weight), 8, &ballots(cast))[0].clone();
    let mut ranking = origin["ranking"].clone();
    ranking.as_object_mut().unwrap().remove("by_organization");
    assert_eq!(ranking, first);
    let of_first = |objective: i16| json!(objective) == first["objective_number"];
    let scores = |row: &Value| CRITERIA.map(|(code, _)| row["scores"][code].as_i64().unwrap());
    let told: BTreeMap<_, _> = origin["nominations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["organization_id"].as_str().unwrap().to_owned(), scores(row)))
        .collect();
    let given = GIVEN.iter().chain([&ON_PAPER]).filter(|(_, objective, _)| of_first(*objective));
    let mut expected: BTreeMap<_, _> = given.map(|(member, _, scores)| (id(&cast.ministries[*member]).to_owned(), *scores)).collect();
    expected.extend(of_first(OF_HEIR.0).then(|| (id(&cast.heir).to_owned(), OF_HEIR.1)));
    assert_eq!(told, expected, "as it was given, also by who has ended since");
    let decisions = |at: usize| {
        let words = origin["endorsements"][at]["data"].as_array().unwrap().iter();
        words
            .map(|word| (word["organization_id"].as_str().unwrap().to_owned(), word["decision"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let by = |n: usize, decision: &str| (id(&cast.ministries[n]).to_owned(), decision.to_owned());
    let heir = (id(&cast.heir).to_owned(), "endorsed".to_owned());
    assert_eq!((&origin["endorsements"][0]["substance"], &origin["endorsements"][1]["substance"]), (&json!(2), &json!(1)));
    assert_eq!(decisions(0), [by(0, "endorsed"), by(1, "endorsed"), by(2, "endorsed"), by(5, "endorsed"), heir, by(3, "objected")]);
    assert_eq!(decisions(1), [by(0, "endorsed"), by(2, "endorsed"), by(1, "endorsed")]);
    let moves: Vec<_> = origin["moves"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(moves, ["adopted", "agreed"]);
}

#[actix_web::test]
async fn from_a_workshop_to_a_priority_that_was_adopted() {
    both(async |bench| {
        let cast = cast(&bench).await;
        stock(&cast).await;
        let workshop = workshop(&cast).await;
        let round = opened(&cast, &workshop).await;
        nominated(&bench, &cast, &round).await;
        let (round, priority) = decided(&bench, &cast, &round).await;
        discussed(&bench, &cast, &priority).await;
        adopted(&bench, &cast, &priority).await;
        let path = format!("{}/origin", at(PRIORITIES, &priority));
        let origin = cast.people[2].get(&path).expect(200).await.json();
        told_whole(&cast, &round, &priority, &workshop, &origin);
        // One of those who proposed it and agreed merges, too; what happened has happened.
        merge(&bench, &cast.ministries[0], &cast.heir).await;
        assert_eq!(cast.people[2].get(&path).expect(200).await.json(), origin);
        assert_whole(&bench).await;
    })
    .await;
}
