//! The word of each institution: whose it is to give, and who answers for one that ended.

mod voices;

use serde_json::{Value, json};

use crate::{
    harness::{Client, Who, both, round::finalized},
    priorities::{Asked, ENDORSEMENTS, PRIORITIES, asked},
    rows::{ORGANIZATIONS, assert_whole, at, change, create, etag, faults, id, set, with},
};

const SUCCESSIONS: &str = "/v1/successions";

/// What the institution has on its hands, by kind and id.
async fn duties(client: &Client, organization: &Value) -> Vec<(String, String)> {
    let told = client.get(format!("{}/duties", at(ORGANIZATIONS, organization))).expect(200).await.json();
    let pair = |duty: &Value| (duty["kind"].as_str().unwrap().to_owned(), duty["id"].as_str().unwrap().to_owned());
    told["data"].as_array().unwrap().iter().map(pair).collect()
}

/// The addresses of the priorities on which this person's institution owes a word.
async fn owed(person: &Client) -> Vec<String> {
    let told = person.get("/v1/me/tasks").expect(200).await.json();
    let open = told["data"].as_array().unwrap().iter().filter(|task| task["task"] == "endorsement_open");
    open.map(|task| task["subject"]["href"].as_str().unwrap().to_owned()).collect()
}

/// Merges a member into an heir; the duty to endorse goes to `voice`.
async fn merged(asked: &Asked, member: usize, heir: &Value, voice: Option<&Value>) -> Value {
    let ending = &asked.members[member];
    let told = asked.coordinator.get(format!("{}/duties", at(ORGANIZATIONS, ending))).expect(200).await.json();
    let word = |duty: &Value| {
        let to = if duty["kind"] == "endorsement" { voice.map(id) } else { Some(id(heir)) };
        json!({"kind": duty["kind"], "id": duty["id"], "field": duty["field"], "to_id": to})
    };
    let reassignments: Vec<_> = told["data"].as_array().unwrap().iter().map(word).collect();
    let plan = json!({
        "kind": "merge", "predecessor_ids": [id(ending)], "successor_ids": [id(heir)], "effective_on": "2026-11-01",
        "reassignments": reassignments,
    });
    let planned = create(&asked.coordinator, SUCCESSIONS, plan).await;
    let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
    asked.coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(200).await.json()
}

#[actix_web::test]
async fn each_gives_its_own_word_once() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let given = asked.says(0, "endorsed").await;
        assert_eq!((&given["substance"], &given["decision"], &given["comment"]), (&json!(1), &json!("endorsed"), &Value::Null));
        let twice = asked.people[0].post(ENDORSEMENTS, asked.word(0, "abstained").await).expect(409).await;
        assert_eq!((twice.code().as_str(), &twice.json()["params"]["id"]), ("word_given", &given["id"]));
        let for_another = asked.people[0].post(ENDORSEMENTS, asked.word(1, "endorsed").await).expect(403).await;
        assert_eq!(for_another.json()["params"]["rule"], "own_endorsement");
        for who in [Who::NetworkMember("iom"), Who::Administrator, Who::Reader, Who::Coordinator] {
            bench.sign_in(who).await.post(ENDORSEMENTS, asked.word(1, "endorsed").await).expect(403).await;
        }
        for client in [&asked.people[1], &asked.coordinator] {
            client.patch(at(ENDORSEMENTS, &given), etag(&given), json!({"decision": "objected"})).expect(403).await;
            client.post_if(format!("{}/archive", at(ENDORSEMENTS, &given)), etag(&given)).expect(403).await;
        }
        // What it is about stays: another row, another substance, another institution is another word.
        for field in ["subject_id", "organization_id"] {
            let patch = json!({field: id(&asked.members[1])});
            let refused = asked.people[0].patch(at(ENDORSEMENTS, &given), etag(&given), patch).expect(422).await;
            assert_eq!(faults(&refused), set([(&format!("#/{field}"), "read_only_field")]));
        }
        // Taken back, it counts no more, and another one can be given; then the first cannot come back.
        let back = asked.people[0].post_if(format!("{}/archive", at(ENDORSEMENTS, &given)), etag(&given)).expect(200).await.json();
        assert_eq!(owed(&asked.people[0]).await, [at(PRIORITIES, &asked.priority)]);
        let other = asked.says(0, "abstained").await;
        let refused = asked.people[0].post_if(format!("{}/restore", at(ENDORSEMENTS, &back)), etag(&back)).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["id"]), ("word_given", &other["id"]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn who_did_not_decide_is_not_asked() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let strange = bench.sign_in(Who::FocalPoint("moh")).await;
        let word = with(asked.word(0, "endorsed").await, json!({"organization_id": bench.organization("moh").await["id"]}));
        let refused = strange.post(ENDORSEMENTS, &word).expect(403).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["rule"]), ("forbidden", &json!("voters_endorse")));
        let unknown = with(word, json!({"subject_id": id(&asked.round)}));
        assert_eq!(faults(&strange.post(ENDORSEMENTS, unknown).expect(422).await), set([("#/subject_id", "reference_unknown")]));
        // The lead ministry is asked where it decided, too, and then speaks for itself.
        let mofa = bench.organization("mofa").await;
        let round = finalized(&bench, &[&mofa], json!([{"objective_number": 2, "rank": 1}])).await;
        let own = asked.coordinator.get(format!("{PRIORITIES}?prioritization_id={}", id(&round))).expect(200).await.json()["data"][0].clone();
        let word = json!({"subject_kind": "priority", "subject_id": own["id"], "substance": 1, "organization_id": mofa["id"], "decision": "endorsed"});
        create(&asked.coordinator, ENDORSEMENTS, word).await;
    })
    .await;
}

/// A voice is there for as long as there is something to say, said or not, and everybody may know who has it; what is owed is told to who owes it.
#[actix_web::test]
async fn a_voice_is_a_duty_and_a_word_that_is_missing_a_task() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let voice = ("endorsement".to_owned(), id(&asked.round).to_owned());
        let has = async |member: usize| duties(&asked.coordinator, &asked.members[member]).await.contains(&voice);
        for client in [&asked.coordinator, &asked.people[1], &bench.sign_in(Who::Reader).await] {
            assert!(duties(client, &asked.members[0]).await.contains(&voice), "{}", client.name());
        }
        assert_eq!(owed(&asked.people[0]).await, [at(PRIORITIES, &asked.priority)]);
        asked.says(0, "abstained").await;
        assert_eq!((owed(&asked.people[0]).await.len(), owed(&asked.people[1]).await.len()), (0, 1));
        assert_eq!((has(0).await, has(1).await), (true, true));
        // Another question is owed by all again; once agreed, by nobody, until it says something else.
        asked.change(json!({"objective_number": 12})).await;
        assert_eq!((owed(&asked.people[0]).await.len(), owed(&asked.people[1]).await.len()), (1, 1));
        asked.to(json!({"to": "agreed", "reason": "Outvoted"})).await;
        assert_eq!((owed(&asked.people[0]).await.len(), owed(&asked.people[1]).await.len(), has(0).await), (0, 0, true));
        // Whoever decided in the round may be asked about another priority of it, whatever became of this one.
        asked.to(json!({"to": "withdrawn", "reason": "Not now"})).await;
        assert_eq!((has(0).await, has(1).await), (true, true));
    })
    .await;
}

#[actix_web::test]
async fn the_heir_of_a_member_answers_for_it() {
    both(async |bench| {
        let asked = asked(&bench, 3).await;
        let (heir, voice) = (asked.other("heir").await, asked.other("voice").await);
        let person = bench.person("voice.focal", gcm_api::auth::Role::FocalPoint, Some("voice")).await;
        asked.says(0, "endorsed").await;
        asked.says(1, "endorsed").await;
        // Not one duty without a word: the act names who answers.
        let plan = json!({"kind": "merge", "predecessor_ids": [id(&asked.members[2])], "successor_ids": [id(&heir)], "effective_on": "2026-11-01"});
        let silent = create(&asked.coordinator, SUCCESSIONS, plan).await;
        let refused = asked.coordinator.post(format!("{}/transitions", at(SUCCESSIONS, &silent)), json!({"to": "effective"}));
        let refused = refused.header("If-Match", etag(&silent)).expect(409).await.json();
        let kinds: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|error| error["params"]["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"endorsement"), "{kinds:?}");

        let before = bench.parts.store.head().await.unwrap();
        merged(&asked, 2, &heir, Some(&voice)).await;
        let handed = crate::rows::log_after(&bench.parts.store, before).await;
        assert!(handed.iter().all(|change| change.kind != "priority" && change.kind != "endorsement"), "the act is the record");
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!(refused.json()["errors"][0]["params"]["organization_ids"], json!([id(&voice)]));
        let word = with(asked.word(0, "objected").await, json!({"organization_id": id(&voice)}));
        let objection = create(&person, ENDORSEMENTS, word).await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["errors"][0]["code"], "objection_stands");
        change(&person, ENDORSEMENTS, &objection, json!({"decision": "endorsed"})).await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["state"], "agreed");
        assert_whole(&bench).await;
    })
    .await;
}

/// Two members become one: one voice. What each said before counts once, the heir's own word first.
#[actix_web::test]
async fn members_that_become_one_count_once() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let objection = asked.says(0, "objected").await;
        let word = merged(&asked, 0, &asked.members[1], Some(&asked.members[1])).await;
        assert_eq!(word["state"], "effective");
        // Given by the one that ended, it is the voice's word until the voice gives its own.
        let refused = asked.to(json!({"to": "agreed"})).await.json();
        assert_eq!(
            (&refused["errors"][0]["code"], &refused["errors"][0]["params"]["organization_ids"]),
            (&json!("objection_stands"), &json!([id(&asked.members[1])]))
        );
        assert_eq!(duties(&asked.coordinator, &asked.members[1]).await.iter().filter(|(kind, _)| kind == "endorsement").count(), 1);
        asked.says(1, "endorsed").await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["state"], "agreed");
        let kept = asked.coordinator.get(at(ENDORSEMENTS, &objection)).expect(200).await.json();
        assert_eq!((&kept["organization_id"], &kept["decision"]), (&asked.members[0]["id"], &json!("objected")));
    })
    .await;
}

/// A voice that was left with nobody is waited for by nobody.
#[actix_web::test]
async fn a_voice_without_an_heir_is_not_waited_for() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        asked.says(0, "endorsed").await;
        let heir = asked.other("no-voice").await;
        merged(&asked, 1, &heir, None).await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["state"], "agreed");
    })
    .await;
}

#[actix_web::test]
async fn a_system_sends_a_word_again() {
    both(async |bench| {
        use gcm_api::auth::{Role, Scope};

        let asked = asked(&bench, 1).await;
        let machine = Who::Machine {
            role: Role::FocalPoint,
            organization: Some("asked-0"),
            scopes: &[Scope::Read, Scope::Write],
            external_systems: &["mims"],
        };
        let machine = bench.sign_in(machine).await;
        let path = format!("{ENDORSEMENTS}/by-external-id/mims/E-1");
        let word = asked.word(0, "objected").await;
        let made = machine.put(&path, &word).expect(201).await.json();
        assert_eq!(machine.put(&path, &word).expect(200).await.header("x-changed"), Some("false"));
        let told = with(word.clone(), json!({"decision": "endorsed", "comment": null}));
        assert_eq!(machine.put(&path, told).expect(200).await.json()["revision"], 2);
        // What it is about is not another one by sending it again.
        let refused = machine.put(&path, with(word, json!({"substance": 2}))).expect(403).await;
        assert_eq!(faults(&refused), set([("#/substance", "not_writable")]));
        let listed =
            machine.get(format!("{ENDORSEMENTS}?decision=endorsed&organization_id={}&include=organizations", id(&asked.members[0])));
        let listed = listed.expect(200).await.json();
        assert_eq!((&listed["data"][0]["id"], &listed["included"]["organizations"][0]["id"]), (&made["id"], &asked.members[0]["id"]));
    })
    .await;
}
