//! What `--demo` enters to try things out on: invented, marked as such, and by the rules that hold for everybody.

mod workplan;

use std::collections::{BTreeMap, BTreeSet};

use gcm_api::seed::demo::DemoAccounts;
use serde_json::{Value, json};

use crate::{
    comments::COMMENTS,
    harness::{Bench, Client, both_with},
    nominations::NOMINATIONS,
    priorities::{ENDORSEMENTS, PRIORITIES},
    prioritizations::{ROUNDS, moved, now},
    rows::{assert_whole, at, change, id, merge_as},
    tasks::subjects,
};

const STATES: [&str; 5] = ["cancelled", "closed", "draft", "finalized", "open"];

/// Enters what `--demo` enters.
pub async fn demo(bench: &Bench) -> DemoAccounts {
    let Bench { parts, settings, .. } = bench;
    gcm_api::seed::demo::demo(&parts.store, &parts.here, &settings.data_dir, "https://gcm.example").await.unwrap().0
}

/// One of the accounts of the demo, signed in as its users sign in.
async fn sign_in(bench: &Bench, known: &DemoAccounts, username: &str) -> Client {
    let account = known.accounts.iter().find(|account| account.username == username).unwrap();
    let pairs = [("grant_type", "password"), ("username", &account.username), ("password", &account.password)];
    let body = serde_html_form::to_string(pairs).unwrap();
    let asked = bench.nobody().request("POST", "/v1/auth/token").body(body, "application/x-www-form-urlencoded");
    bench.with_token(asked.expect(200).await.json()["access_token"].as_str().unwrap())
}

/// Runs the test on both engines, where `--demo` has entered what it enters.
async fn tried<F: AsyncFn(Bench, DemoAccounts)>(test: F) {
    let with_demo = async |bench: Bench| {
        let known = demo(&bench).await;
        test(bench, known).await;
    };
    both_with(|settings| settings.demo = true, with_demo).await;
}

/// The rows of a list that is not longer than a page.
async fn listed(client: &Client, path: impl AsRef<str>) -> Vec<Value> {
    let path = path.as_ref();
    let sign = if path.contains('?') { '&' } else { '?' };
    let page = client.get(format!("{path}{sign}limit=200")).expect(200).await.json();
    assert_eq!(page["page"]["has_more"], false, "{path}");
    page["data"].as_array().unwrap().clone()
}

fn sorted<'v>(rows: &'v [Value], property: &str) -> Vec<&'v str> {
    let mut words: Vec<_> = rows.iter().map(|row| row[property].as_str().unwrap()).collect();
    words.sort_unstable();
    words
}

async fn round_in(client: &Client, state: &str) -> Value {
    let rows = listed(client, format!("{ROUNDS}?state={state}")).await;
    assert_eq!(rows.len(), 1, "{state}");
    rows[0].clone()
}

/// Every text of a row that a person wrote, wherever it stands.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if ["en", "lo", "body", "reason", "on_behalf_note", "agreed_against"].contains(&name.as_str()) => {
                        found.push(text.clone());
                    }
                    value => texts(value, found),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| texts(entry, found)),
        _ => {}
    }
}

#[actix_web::test]
async fn there_is_a_round_in_each_state_and_a_priority_at_each_stage() {
    tried(async |bench, known| {
        let coordinator = sign_in(&bench, &known, "mofa.coordinator").await;
        let rounds = listed(&coordinator, ROUNDS).await;
        assert_eq!(sorted(&rounds, "state"), STATES);
        assert!(rounds.iter().all(|row| row["title"]["en"].is_string() && row["title"]["lo"].is_string()), "{rounds:?}");
        let open = round_in(&coordinator, "open").await;
        assert_eq!(open["electorate_ids"].as_array().unwrap().len(), 13);

        let priorities = listed(&coordinator, PRIORITIES).await;
        assert_eq!(sorted(&priorities, "state"), ["adopted", "agreed", "agreed", "proposed", "proposed", "withdrawn"]);
        let act = &priorities.iter().find(|row| row["state"] == "adopted").unwrap()["adoption_act"];
        assert_eq!((&act["number"], &act["authority"]), (&json!("Illustrative act No. 1"), &json!({"en": "Illustrative authority"})));

        let mut found = Vec::new();
        for path in [ROUNDS, NOMINATIONS, PRIORITIES, ENDORSEMENTS, COMMENTS] {
            let rows = listed(&coordinator, path).await;
            assert!(!rows.is_empty() && rows.iter().all(|row| row["provenance"] == "illustrative"), "{path}");
            rows.iter().for_each(|row| texts(row, &mut found));
        }
        let marked = |text: &String| ["Example: ", "ຕົວຢ່າງ: ", "Illustrative "].iter().any(|mark| text.starts_with(mark));
        assert!(found.len() > 40 && found.iter().all(marked), "{found:#?}");
        assert_whole(&bench).await;
    })
    .await;
}

/// The words on a priority by what they say, and how many of the thirteen are missing.
async fn words(client: &Client, priority: &Value) -> BTreeMap<String, usize> {
    let mut many = BTreeMap::from([("missing".to_owned(), 13)]);
    for word in listed(client, format!("{ENDORSEMENTS}?subject_id={}", id(priority))).await {
        *many.entry(word["decision"].as_str().unwrap().to_owned()).or_default() += 1;
        *many.get_mut("missing").unwrap() -= 1;
        assert!(word["decision"] != "objected" || word["comment"].is_object(), "{word}");
    }
    many.retain(|_, many| *many > 0);
    many
}

#[actix_web::test]
async fn the_words_on_each_priority_are_what_its_state_needs() {
    tried(async |bench, known| {
        let moh = sign_in(&bench, &known, "moh.focal").await;
        let mut seen = BTreeSet::new();
        for row in listed(&moh, PRIORITIES).await {
            let words = words(&moh, &row).await;
            let (missing, objected) = (words.contains_key("missing"), words.contains_key("objected"));
            let standing = (row["state"].as_str().unwrap(), row["agreed_against"].is_string(), missing, objected);
            seen.insert(format!("{standing:?}"));
        }
        let expected = [
            ("adopted", false, false, false),
            ("agreed", false, false, false),
            ("agreed", true, false, true),
            ("proposed", false, true, true),
            ("proposed", false, true, false),
            ("withdrawn", false, true, false),
        ];
        assert_eq!(seen, expected.iter().map(|standing| format!("{standing:?}")).collect());

        let withdrawn = &listed(&moh, format!("{PRIORITIES}?state=withdrawn")).await[0];
        let moves = moh.get(format!("{}/transitions", at(PRIORITIES, withdrawn))).expect(200).await.json();
        assert!(moves["data"][0]["reason"].as_str().unwrap().starts_with("Example: "), "{moves}");
        let comments = listed(&moh, COMMENTS).await;
        assert!(comments.iter().any(|row| row["parent_id"].is_string()));
        assert!(comments.iter().any(|row| row["state"] == "resolved" && row["resolved_at"].is_string()));
        // Something is left to do for whoever tries it out.
        assert_eq!((subjects(&moh, "nomination_missing").await.len(), subjects(&moh, "endorsement_open").await.len()), (1, 1));
    })
    .await;
}

#[actix_web::test]
async fn the_results_are_what_the_nominations_come_to() {
    tried(async |bench, known| {
        let moh = sign_in(&bench, &known, "moh.focal").await;
        let round = round_in(&moh, "finalized").await;
        let results = moh.get(format!("{}/results", at(ROUNDS, &round))).expect(200).await.json();
        assert_eq!((&results["frozen"], results["missing_organization_ids"].as_array().unwrap().len()), (&json!(true), 1));
        let mut given: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for row in listed(&moh, format!("{NOMINATIONS}?prioritization_id={}", id(&round))).await {
            let score = |criterion: &Value| {
                let code = criterion["code"].as_str().unwrap();
                criterion["weight_share"].as_f64().unwrap() * row["scores"][code].as_f64().unwrap()
            };
            let score = round["criteria"].as_array().unwrap().iter().map(score).sum();
            given.entry(row["objective_number"].as_i64().unwrap()).or_default().push(score);
        }
        let ranked = results["data"].as_array().unwrap();
        assert_eq!(ranked.len(), given.len());
        for row in ranked {
            let scores = &given[&row["objective_number"].as_i64().unwrap()];
            let many = scores.len() as f64;
            let near = |shown: &Value, exact: f64| (shown.as_f64().unwrap() - exact).abs() < 1e-5;
            assert!(near(&row["weighted_mean"], scores.iter().sum::<f64>() / many) && near(&row["support"], many / 13.0), "{row}");
        }
        // What was chosen came first in the ranking, and is what was proposed.
        let chosen = |rows: &[Value]| rows.iter().map(|row| row["objective_number"].as_i64().unwrap()).collect::<Vec<_>>();
        let selection = chosen(round["selection"].as_array().unwrap());
        assert_eq!(selection, chosen(&ranked[..selection.len()]));
        assert_eq!(selection, chosen(&listed(&moh, PRIORITIES).await));
        let closed = round_in(&moh, "closed").await;
        moh.get(format!("{}/results", at(ROUNDS, &closed))).expect(200).await;
        let paper = listed(&moh, format!("{NOMINATIONS}?prioritization_id={}", id(&closed))).await;
        assert_eq!(paper.iter().filter(|row| row["on_behalf_note"].is_string()).count(), 1);
    })
    .await;
}

#[actix_web::test]
async fn readers_of_the_demo_see_what_was_decided_and_no_more() {
    tried(async |bench, known| {
        let reader = sign_in(&bench, &known, "reader").await;
        assert_eq!(sorted(&listed(&reader, ROUNDS).await, "state"), ["cancelled", "closed", "finalized", "open"]);
        let priorities = listed(&reader, PRIORITIES).await;
        assert_eq!(sorted(&priorities, "state"), ["adopted", "agreed", "agreed"]);
        for path in [NOMINATIONS, ENDORSEMENTS] {
            assert_eq!(listed(&reader, path).await, Vec::<Value>::new(), "{path}");
        }
        let round = round_in(&reader, "finalized").await;
        reader.get(format!("{}/results", at(ROUNDS, &round))).expect(404).await;
        let about: BTreeSet<_> = priorities.iter().map(id).collect();
        assert!(listed(&reader, COMMENTS).await.iter().all(|row| about.contains(row["subject_id"].as_str().unwrap())));
        // What others gave in a round that is open is nobody's to see.
        let (moh, molsw) = (sign_in(&bench, &known, "moh.focal").await, sign_in(&bench, &known, "molsw.focal").await);
        let open = format!("{NOMINATIONS}?prioritization_id={}", id(&round_in(&moh, "open").await));
        assert_eq!((listed(&moh, &open).await.len(), listed(&molsw, &open).await.len()), (0, 2));
    })
    .await;
}

#[actix_web::test]
async fn the_demo_is_entered_once_whatever_became_of_it() {
    tried(async |bench, known| {
        let coordinator = sign_in(&bench, &known, "mofa.coordinator").await;
        let again = async || {
            let head = bench.parts.store.head().await.unwrap();
            demo(&bench).await;
            assert_eq!(bench.parts.store.head().await.unwrap(), head);
        };
        again().await;
        let draft = round_in(&coordinator, "draft").await;
        change(&coordinator, ROUNDS, &draft, json!({"title": {"en": "Ours by now", "lo": null}})).await;
        moved(&coordinator, &now(&coordinator, &draft).await, "open").await;
        moved(&coordinator, &round_in(&coordinator, "closed").await, "finalized").await;
        again().await;
        assert_whole(&bench).await;
    })
    .await;
}

/// An instance of a former version has its accounts and efforts, and no round. What the country did since is no reason to go without one.
#[actix_web::test]
async fn a_demo_of_before_gets_its_rounds_without_a_ministry_that_ended() {
    tried(async |bench, known| {
        let of_the_plan = [
            "progress_report",
            "activity_proposal",
            "workplan_revision",
            "workplan_version",
            "budget_line",
            "milestone",
            "activity_party",
            "activity_objective",
            "activity_action",
            "activity_sdg_target",
            "activity_province",
            "activity_dependency",
            "activity",
            "workplan_priority",
            "workplan",
        ];
        let of_the_rounds =
            ["comment", "endorsement", "priority_supporter", "priority", "nomination", "prioritization_elector", "prioritization"];
        for table in of_the_plan.into_iter().chain(of_the_rounds) {
            bench.sql(&format!("DELETE FROM {table}")).await;
        }
        let (coordinator, administrator) = (sign_in(&bench, &known, "mofa.coordinator").await, sign_in(&bench, &known, "admin").await);
        let ended = bench.organization("moj").await;
        merge_as([&coordinator, &administrator], &ended, &bench.organization("moh").await).await;
        demo(&bench).await;
        let rounds = listed(&coordinator, ROUNDS).await;
        assert_eq!(sorted(&rounds, "state"), STATES);
        assert!(rounds.iter().all(|row| !row["electorate_ids"].as_array().unwrap().contains(&ended["id"])));
        let priorities = listed(&coordinator, PRIORITIES).await;
        assert_eq!(sorted(&priorities, "state"), ["adopted", "agreed", "agreed", "proposed", "proposed", "withdrawn"]);
    })
    .await;
}
