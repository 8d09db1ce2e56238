//! Figures: each is what its list holds, for whoever asks, and tells nothing more.

mod chosen;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{archive, at, create, etag, id, with},
};

const EFFORTS: &str = "/v1/efforts";
const COVERAGE: &str = "/v1/insights/coverage";
const BY: [&str; 3] = ["organization", "cluster", "sdg_target"];

/// An effort of this institution, moved along these states by the lead ministry.
async fn effort(bench: &Bench, of: &'static str, fields: Value, way: &[&str]) -> Value {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let least = json!({
        "organization_id": id(&bench.organization(of).await), "title": {"en": "Counted"}, "kind": "service", "objective_numbers": [6],
        "implementation": "ongoing",
    });
    let mut row = create(&coordinator, EFFORTS, with(least, fields)).await;
    for to in way {
        let sent = json!({"to": to, "reason": "So it was agreed"});
        row = coordinator.post(format!("{}/transitions", at(EFFORTS, &row)), sent).header("If-Match", etag(&row)).expect(200).await.json();
    }
    row
}

const ACCEPTED: &[&str] = &["submitted", "accepted"];

/// What is accepted: three of the labour ministry, one of the health ministry; and beside it what must not count.
async fn stock(bench: &Bench) {
    let first = json!({"sdg_target_codes": ["8.8", "10.7"], "starts_on": "2024-01-01", "ends_on": "2024-12-31"});
    effort(bench, "molsw", first, ACCEPTED).await;
    effort(bench, "molsw", json!({"objective_numbers": [6, 18], "implementation": "planned", "starts_on": "2026-01-01"}), ACCEPTED).await;
    effort(bench, "molsw", json!({"implementation": "discontinued"}), ACCEPTED).await;
    let health = json!({"objective_numbers": [15], "implementation": "completed", "ends_on": "2023-06-30", "sdg_target_codes": ["3.8"]});
    effort(bench, "moh", health, ACCEPTED).await;
    effort(bench, "molsw", json!({}), &[]).await;
    effort(bench, "molsw", json!({"objective_numbers": [21]}), &["submitted", "returned"]).await;
    effort(bench, "moh", json!({"objective_numbers": [9]}), &[]).await;
    effort(bench, "moh", json!({}), &["submitted"]).await;
    effort(bench, "moh", json!({}), &["submitted", "accepted", "draft"]).await;
    let gone = effort(bench, "moh", json!({}), ACCEPTED).await;
    archive(&bench.sign_in(Who::Coordinator).await, EFFORTS, &gone).await;
}

async fn asked(client: &Client, query: &str) -> Value {
    client.get(format!("{COVERAGE}?{query}")).expect(200).await.json()
}

/// The cells by objective and organization: efforts, planned, ongoing, completed, discontinued.
fn numbers(coverage: &Value, codes: &BTreeMap<String, &'static str>) -> BTreeMap<(i64, &'static str), [i64; 5]> {
    let number = |cell: &Value, name: &str| cell[name].as_i64().unwrap();
    let cell = |cell: &Value| {
        let key = (number(cell, "objective_number"), codes[cell["organization_id"].as_str().unwrap()]);
        (key, ["efforts", "planned", "ongoing", "completed", "discontinued"].map(|name| number(cell, name)))
    };
    coverage["data"].as_array().unwrap().iter().map(cell).collect()
}

fn gaps<'v>(coverage: &'v Value, gap: &str) -> Vec<i64> {
    let gaps = coverage["gaps"].as_array().unwrap().iter().filter(|found: &&'v Value| found["gap"] == gap);
    gaps.map(|found| found["objective_number"].as_i64().unwrap()).collect()
}

async fn codes(bench: &Bench) -> BTreeMap<String, &'static str> {
    let mut codes = BTreeMap::new();
    for code in ["molsw", "moh"] {
        codes.insert(id(&bench.organization(code).await).to_owned(), code);
    }
    codes
}

#[actix_web::test]
async fn coverage_counts_what_was_accepted_and_names_the_gaps() {
    both(async |bench| {
        stock(&bench).await;
        let (reader, coordinator, codes) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Coordinator).await, codes(&bench).await);
        let coverage = asked(&reader, "by=organization").await;
        let expected = [((6, "molsw"), [3, 1, 1, 0, 1]), ((15, "moh"), [1, 0, 0, 1, 0]), ((18, "molsw"), [1, 1, 0, 0, 0])];
        assert_eq!(numbers(&coverage, &codes), expected.into());
        assert_eq!(coverage, asked(&reader, "").await, "organizations, when nothing else is asked for");
        let all: Vec<i64> = (1..=23).collect();
        assert_eq!(gaps(&coverage, "no_effort"), all.iter().copied().filter(|number| ![6, 15, 18].contains(number)).collect::<Vec<_>>());
        assert_eq!(gaps(&coverage, "no_national_lead"), all);
        // A lead is named, and that gap closes.
        let sixth = coordinator.get("/v1/objectives/6").expect(200).await;
        let lead = json!({"national_lead_id": id(&bench.organization("molsw").await)});
        coordinator.patch("/v1/objectives/6", sixth.etag(), lead).expect(200).await;
        let coverage = asked(&reader, "by=organization").await;
        assert_eq!(gaps(&coverage, "no_national_lead"), all.into_iter().filter(|number| *number != 6).collect::<Vec<_>>());
        // By target, and by cluster, of which every cell is there.
        let targets = asked(&reader, "by=sdg_target").await;
        let cells = targets["data"].as_array().unwrap().iter();
        let found: Vec<_> =
            cells.map(|cell| (cell["objective_number"].clone(), cell["sdg_target_code"].clone(), cell["efforts"].clone())).collect();
        let expected = [(6, "10.7", 1), (6, "8.8", 1), (15, "3.8", 1)];
        assert_eq!(found, expected.map(|(number, code, efforts)| (json!(number), json!(code), json!(efforts))));
        let clusters = asked(&reader, "by=cluster").await;
        let cells = clusters["data"].as_array().unwrap();
        let of_scheme: Vec<_> = cells.iter().filter(|cell| cell["cluster_scheme"] == "imrf_round_tables").collect();
        assert_eq!(of_scheme.len(), 23);
        let sixth: Vec<_> = cells.iter().filter(|cell| cell["objective_number"] == 6).collect();
        assert!(sixth.len() > 1 && sixth.iter().all(|cell| cell["efforts"] == 3), "{sixth:?}");
        assert_eq!(reader.get(format!("{COVERAGE}?by=province")).expect(400).await.faults().len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn in_a_cycle_counts_what_overlaps_it_and_what_has_no_date_stands_apart() {
    both(async |bench| {
        stock(&bench).await;
        let (reader, coordinator, codes) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Coordinator).await, codes(&bench).await);
        let cycle = json!({
            "code": "counted", "title": {"en": "Counted"}, "kind": "national", "starts_on": "2024-12-31", "ends_on": "2026-01-01",
            "date_precision": "day", "date_status": "confirmed",
        });
        let cycle = create(&coordinator, "/v1/review-cycles", cycle).await;
        let coverage = asked(&reader, &format!("cycle_id={}", id(&cycle))).await;
        assert_eq!(numbers(&coverage, &codes), [((6, "molsw"), [2, 1, 1, 0, 0]), ((18, "molsw"), [1, 1, 0, 0, 0])].into());
        let undated: Vec<_> = coverage["data"].as_array().unwrap().iter().map(|cell| cell["undated"].clone()).collect();
        assert_eq!(undated, [json!(1), json!(0)]);
        assert!(gaps(&coverage, "no_effort").contains(&15));
        let unknown = reader.get(format!("{COVERAGE}?cycle_id=01920000-0000-7000-8000-000000000001")).expect(400).await;
        assert_eq!(unknown.faults(), [("cycle_id".to_owned(), "reference_unknown".to_owned())]);
    })
    .await;
}

/// How many rows a list holds for this caller.
async fn total(client: &Client, href: &Value) -> Value {
    let separator = if href.as_str().unwrap().contains('?') { '&' } else { '?' };
    client.get(format!("{}{separator}with_total=true", href.as_str().unwrap())).expect(200).await.json()["page"]["total"].clone()
}

/// Fails unless each number is that of the list that it leads to.
async fn agrees(client: &Client, query: &str) {
    let coverage = asked(client, query).await;
    for cell in coverage["data"].as_array().unwrap() {
        assert_eq!(total(client, &cell["href"]).await, cell["efforts"], "{} {query} {cell}", client.name());
        for number in ["undated", "nominations", "priorities", "own_drafts"] {
            let href = &cell[format!("{number}_href")];
            if href.is_string() {
                assert_eq!(total(client, href).await, cell[number], "{} {query} {cell}", client.name());
            } else {
                assert!(cell[number].is_null() || cell[number] == 0, "{} {query} {cell}", client.name());
            }
        }
    }
    for gap in coverage["gaps"].as_array().unwrap().iter().filter(|gap| gap["gap"] == "no_effort") {
        assert_eq!(total(client, &gap["href"]).await, 0, "{} {query} {gap}", client.name());
    }
}

#[actix_web::test]
async fn each_number_is_what_its_list_holds_for_whoever_asks() {
    both(async |bench| {
        stock(&bench).await;
        let cycle = bench.sign_in(Who::Reader).await.get("/v1/review-cycles?code=imrf-2026").expect(200).await.json()["data"][0].clone();
        for who in
            [Who::Coordinator, Who::FocalPoint("molsw"), Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader, Who::Administrator]
        {
            let client = bench.sign_in(who).await;
            for by in BY {
                for query in [format!("by={by}"), format!("by={by}&mine=true"), format!("by={by}&mine=true&cycle_id={}", id(&cycle))] {
                    agrees(&client, &query).await;
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn drafts_of_others_change_no_figure() {
    both(async |bench| {
        let everybody = [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader, Who::Administrator];
        let mut before = Vec::new();
        for who in everybody {
            let client = bench.sign_in(who).await;
            for by in BY {
                before.push(asked(&client, &format!("by={by}&mine=true")).await);
            }
        }
        effort(&bench, "molsw", json!({"sdg_target_codes": ["8.8"]}), &[]).await;
        effort(&bench, "molsw", json!({}), &["submitted", "returned"]).await;
        effort(&bench, "molsw", json!({}), &["submitted"]).await;
        effort(&bench, "molsw", json!({}), &["submitted", "accepted", "draft"]).await;
        let mut after = Vec::new();
        for who in everybody {
            let client = bench.sign_in(who).await;
            for by in BY {
                after.push(asked(&client, &format!("by={by}&mine=true")).await);
            }
        }
        assert_eq!(before, after);
        // Whose they are counts them, apart and when asked for.
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        assert_eq!(asked(&owner, "").await["data"], json!([]));
        let mine = asked(&owner, "mine=true").await["data"].clone();
        assert_eq!((&mine[0]["own_drafts"], &mine[0]["efforts"], mine.as_array().unwrap().len()), (&json!(3), &json!(0), 1));
    })
    .await;
}

/// Two coordinators see the same and may speak for two institutions: what is kept for one is never given to the other.
#[actix_web::test]
async fn ones_own_is_never_answered_from_what_was_kept_for_another() {
    use gcm_api::auth::Role;

    both(async |bench| {
        effort(&bench, "mof", json!({}), &[]).await;
        let (one, other) =
            (bench.person("one", Role::Coordinator, Some("mofa")).await, bench.person("other", Role::Coordinator, Some("mof")).await);
        // However the question is spelled.
        for query in ["mine=true", "mine=true", "m%69ne=true", "m%69ne=true"] {
            assert_eq!(asked(&one, query).await["data"], json!([]), "{query}");
            assert_eq!(asked(&other, query).await["data"][0]["own_drafts"], 1, "{query}");
        }
        let tag = one.get(format!("{COVERAGE}?mine=true")).expect(200).await.etag();
        other.get(format!("{COVERAGE}?mine=true")).header("If-None-Match", &tag).expect(200).await;
        one.get(format!("{COVERAGE}?mine=true")).header("If-None-Match", &tag).expect(304).await;
    })
    .await;
}

#[actix_web::test]
async fn a_figure_is_never_older_than_a_write_and_a_sheet_has_its_cells() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let many =
            async || asked(&reader, "").await["data"].as_array().unwrap().iter().map(|cell| cell["efforts"].as_i64().unwrap()).sum::<i64>();
        assert_eq!(many().await, 0);
        let waiting = effort(&bench, "molsw", json!({}), &["submitted"]).await;
        assert_eq!(many().await, 0);
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = format!("{}/transitions", at(EFFORTS, &waiting));
        coordinator.post(path, json!({"to": "accepted"})).header("If-Match", etag(&waiting)).expect(200).await;
        assert_eq!(many().await, 1);
        let first = reader.get(COVERAGE).expect(200).await;
        reader.get(COVERAGE).header("If-None-Match", first.etag()).expect(304).await;
        let sheet = reader.get(format!("{COVERAGE}?format=csv")).expect(200).await;
        assert_eq!(sheet.header("content-disposition"), Some("attachment; filename=\"coverage.csv\""));
        let mut lines = csv::Reader::from_reader(sheet.body.as_ref());
        let heads = lines.headers().unwrap().clone();
        assert_eq!(&heads[0], "objective_number");
        let place = heads.iter().position(|head| head == "efforts").unwrap();
        let cells: Vec<_> =
            lines.into_records().map(|line| line.unwrap()).map(|line| (line[0].to_owned(), line[place].to_owned())).collect();
        assert_eq!(cells, [("6".to_owned(), "1".to_owned())]);
    })
    .await;
}
