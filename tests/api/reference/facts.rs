//! The facts themselves, held against what objectives say and against what is known by other ways.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{GOALS, PRINCIPLES, SCHEMES, data, numbers, texts};
use crate::harness::{Client, Who, both, both_with};

async fn objectives(client: &Client, query: &str) -> Vec<i64> {
    let page = client.get(format!("/v1/objectives?limit=200&{query}")).expect(200).await.json();
    page["data"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()).collect()
}

#[actix_web::test]
async fn clusters_are_those_that_objectives_show() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let mut shown = BTreeMap::new();
        for row in reader.get("/v1/objectives?limit=200").expect(200).await.json()["data"].as_array().unwrap() {
            for cluster in row["clusters"].as_array().unwrap() {
                let key = (cluster["scheme"].as_str().unwrap().to_owned(), cluster["number"].as_i64().unwrap());
                let what = (cluster["title"].clone(), cluster["verified"].clone());
                let entry = shown.entry(key).or_insert_with(|| (what.clone(), Vec::new()));
                assert_eq!(entry.0, what, "one cluster has one title");
                entry.1.push(row["number"].as_i64().unwrap());
            }
        }
        let mut listed = BTreeMap::new();
        for scheme in data(&reader, SCHEMES).await {
            let code = scheme["code"].as_str().unwrap();
            assert_eq!(reader.get(format!("{SCHEMES}/{code}")).expect(200).await.json(), scheme);
            for cluster in scheme["clusters"].as_array().unwrap() {
                let number = cluster["number"].as_i64().unwrap();
                let members = numbers(&cluster["objective_numbers"]);
                assert_eq!(objectives(&reader, &format!("cluster={code}:{number}")).await, members, "{code}:{number}");
                listed.insert((code.to_owned(), number), ((cluster["title"].clone(), cluster["verified"].clone()), members));
            }
            let whole: BTreeSet<i64> =
                scheme["clusters"].as_array().unwrap().iter().flat_map(|cluster| numbers(&cluster["objective_numbers"])).collect();
            assert!(whole.is_empty() || whole == (1..=23).collect(), "every objective stands in {code}");
        }
        assert_eq!(listed, shown);
    })
    .await;
}

#[actix_web::test]
async fn a_scheme_from_memory_says_so() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let verified = async |code: &str| -> Vec<bool> {
            let scheme = reader.get(format!("{SCHEMES}/{code}")).expect(200).await.json();
            scheme["clusters"].as_array().unwrap().iter().map(|cluster| cluster["verified"].as_bool().unwrap()).collect()
        };
        assert_eq!(verified("imrf_round_tables").await, [true, true, false, false]);
        assert_eq!(verified("mmptf_thematic_areas").await, [false; 5]);
        let regional = reader.get(format!("{SCHEMES}/asia_pacific_regional_review")).expect(200).await.json();
        assert_eq!((&regional["same_as"], &regional["clusters"]), (&json!("imrf_round_tables"), &json!([])));
        let letters: Vec<_> = data(&reader, PRINCIPLES).await.into_iter().filter(|principle| principle["verified"] == false).collect();
        assert_eq!(texts(&letters, "letter"), ["e", "f", "g"]);
    })
    .await;
}

#[actix_web::test]
async fn the_principles_are_the_ten_of_paragraph_15() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let principles = data(&reader, PRINCIPLES).await;
        assert_eq!(texts(&principles, "letter").concat(), "abcdefghij");
        let titles: Vec<_> = principles.iter().map(|principle| principle["title"]["en"].as_str().unwrap()).collect();
        let wanted = "People-centred|International cooperation|National sovereignty|Rule of law and due process|Sustainable development|Human rights|\
                      Gender-responsive|Child-sensitive|Whole-of-government approach|Whole-of-society approach";
        assert_eq!(titles.join("|"), wanted);
        for principle in &principles {
            assert_eq!(reader.get(format!("{PRINCIPLES}/{}", principle["letter"].as_str().unwrap())).expect(200).await.json(), *principle);
        }
    })
    .await;
}

/// Objective -> targets, as the seed has them under this name.
fn seeded(name: &str) -> BTreeSet<(String, i64)> {
    let seed: Vec<Value> = serde_json::from_str(&std::fs::read_to_string("src/seed/objectives.json").unwrap()).unwrap();
    let pairs = |row: &Value| -> Vec<(String, i64)> {
        let codes = row[name].as_array().unwrap().iter();
        codes.map(|code| (code.as_str().unwrap().to_owned(), row["number"].as_i64().unwrap())).collect()
    };
    seed.iter().flat_map(pairs).collect()
}

#[actix_web::test]
async fn targets_are_those_that_objectives_show() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let (mut linked, mut assigned) = (BTreeSet::new(), BTreeSet::new());
        let mut direct = BTreeSet::new();
        for goal in data(&reader, GOALS).await {
            assert_eq!(reader.get(format!("{GOALS}/{}", goal["number"])).expect(200).await.json(), goal);
            for target in goal["targets"].as_array().unwrap() {
                let code = target["code"].as_str().unwrap();
                assert!(code.starts_with(&format!("{}.", goal["number"])), "{code} is a target of {}", goal["number"]);
                let members = numbers(&target["objective_numbers"]);
                assert_eq!(objectives(&reader, &format!("sdg_target_code={code}")).await, members, "{code}");
                linked.extend(members.into_iter().map(|number| (code.to_owned(), number)));
                assigned.extend(numbers(&target["assigned_objective_numbers"]).into_iter().map(|number| (code.to_owned(), number)));
                match target["relevance"].as_str().unwrap() {
                    "direct" => {
                        assert_eq!(target["verified"], true, "{code} is direct because a source says so");
                        direct.insert(code.to_owned());
                    }
                    other => assert_eq!(other, "related"),
                }
            }
        }
        assert_eq!((linked, assigned), (seeded("sdg_target_codes"), seeded("assigned_sdg_target_codes")));
        // Named by the Migration Data Portal.
        let named = ["10.7", "10.c", "16.2", "17.18", "4.b", "5.2", "8.7", "8.8"].map(str::to_owned);
        assert_eq!(direct, BTreeSet::from(named));
    })
    .await;
}

#[actix_web::test]
async fn a_country_has_its_own_goals_and_provinces() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let uxo = reader.get(format!("{GOALS}/18")).expect(200).await.json();
        let facts = (&uxo["title"], &uxo["scope"], &uxo["country"], &uxo["targets"]);
        assert_eq!(facts, (&json!({"en": "Lives Safe from UXO"}), &json!("national"), &json!("LA"), &json!([])));
    })
    .await;
    let elsewhere = |settings: &mut gcm_api::settings::Settings| "KE".clone_into(&mut settings.instance.country);
    both_with(elsewhere, async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let goals = data(&reader, GOALS).await;
        assert_eq!(goals.iter().map(|goal| goal["number"].as_i64().unwrap()).collect::<Vec<_>>(), (1..=17).collect::<Vec<_>>());
        assert_eq!(data(&reader, &format!("{GOALS}?scope=national")).await, Vec::<Value>::new());
        assert_eq!(reader.get(format!("{GOALS}/18")).expect(404).await.code(), "not_found");
        assert_eq!(data(&reader, "/v1/vocabularies/provinces").await, Vec::<Value>::new());
        assert_eq!(data(&reader, "/v1/vocabularies/currencies").await.len(), 178);
    })
    .await;
}
