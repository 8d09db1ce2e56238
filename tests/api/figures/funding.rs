//! What activities cost and get.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{BY, Raw, behind, clusters, counted, line, name, questions, sheet, stock, total, untouched_by_drafts};
use crate::{
    harness::{Client, Who, both, plan},
    rows::id,
};

const FUNDING: &str = "/v1/insights/funding";
const KINDS: [&str; 3] = ["required", "committed", "disbursed"];

fn minor(amount: &Value) -> i128 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn lines<'r>(rows: &[&'r Raw], kind: &str, currency: &str) -> Vec<&'r Value> {
    let lines = rows.iter().flat_map(|raw| &raw.lines);
    lines.filter(|line| line["kind"] == kind && line["amount"]["currency"] == currency).collect()
}

fn sum(rows: &[&Raw], kind: &str, currency: &str) -> i128 {
    lines(rows, kind, currency).into_iter().map(|line| minor(&line["amount"])).sum()
}

fn currencies(rows: &[&Raw]) -> BTreeSet<String> {
    rows.iter().flat_map(|raw| &raw.lines).map(|line| line["amount"]["currency"].as_str().unwrap().to_owned()).collect()
}

async fn agrees(client: &Client, what: &str, found: &Value, rows: &[&Raw], all: &[Raw]) {
    let currency = found["currency"].as_str().unwrap();
    for kind in KINDS {
        assert_eq!(
            (minor(&found[kind]), &found[kind]["currency"]),
            (sum(rows, kind, currency), &found["currency"]),
            "{what} {kind}\n{found}"
        );
        // What the list leads to adds up to the number.
        let listed = behind(client, &found[format!("{kind}_href")], all).await;
        assert!(listed.iter().all(|raw| !lines(&[*raw], kind, currency).is_empty()), "{what} {kind}\n{found}");
        assert_eq!(sum(&listed, kind, currency), minor(&found[kind]), "{what} {kind}\n{found}");
    }
    let gap = (sum(rows, "required", currency) - sum(rows, "committed", currency)).max(0);
    assert_eq!((minor(&found["gap"]), &found["gap"]["currency"]), (gap, &found["currency"]), "{what}\n{found}");
    let behind = behind(client, &found["gap_href"], all).await;
    assert_eq!((sum(&behind, "required", currency) - sum(&behind, "committed", currency)).max(0), gap, "{what}\n{found}");
    let with = rows.iter().filter(|raw| currencies(&[raw]).contains(currency)).count();
    assert_eq!(found["activities"], with, "{what}\n{found}");
    assert_eq!(total(client, &found["href"]).await, found["activities"].as_i64().unwrap(), "{what}\n{found}");
}

pub(super) async fn all_agree((client, plan, approved, query): &(Client, Value, bool, String)) {
    let (clusters, rows) = (clusters(client).await, counted(client, plan, *approved).await);
    for by in BY.into_iter().chain(["plan"]) {
        let found = client.get(format!("{FUNDING}?by={by}&{query}")).expect(200).await.json();
        let what = format!("{} {by} {query}", client.name());
        let (cells, totals) = (found["data"].as_array().unwrap(), found["total"].as_array().unwrap());
        let all: Vec<_> = rows.iter().collect();
        assert_eq!(
            totals.iter().map(|cell| cell["currency"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(),
            currencies(&all),
            "{what}"
        );
        for found in totals {
            agrees(client, &what, found, &all, &rows).await;
        }
        let mut expected: BTreeMap<(String, String), Vec<&Raw>> = BTreeMap::new();
        for raw in &rows {
            for name in raw.cells(by, &clusters) {
                for currency in currencies(&[raw]) {
                    expected.entry((name.clone(), currency)).or_default();
                }
            }
        }
        for ((name, _), held) in &mut expected {
            held.extend(rows.iter().filter(|raw| raw.cells(by, &clusters).contains(name)));
        }
        assert_eq!(cells.len(), expected.len(), "{what}\n{found}");
        for cell in cells {
            let key = (name(cell, by), cell["currency"].as_str().unwrap().to_owned());
            agrees(client, &what, cell, expected.get(&key).unwrap_or_else(|| panic!("{what}: {cell}")), &rows).await;
        }
    }
}

#[actix_web::test]
async fn each_sum_is_that_of_the_lines_behind_it_for_whoever_asks() {
    both(async |bench| {
        let (plan, other) = stock(&bench).await;
        for question in questions(&bench, &plan, &other).await {
            Box::pin(all_agree(&question)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn sums_are_exact_and_currencies_stay_apart() {
    both(async |bench| {
        let (plan, _) = stock(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        let found = reader.get(FUNDING).expect(200).await.json();
        let told = |cell: &Value| {
            ["required", "committed", "disbursed", "gap"].map(|name| cell[name]["amount"].as_str().unwrap().to_owned()).join(" ")
        };
        let cells: Vec<_> = found["data"].as_array().unwrap().iter().map(|cell| (cell["currency"].as_str().unwrap(), told(cell))).collect();
        let expected = [
            ("EUR", "0.00 2000.00 0.00 0.00".to_owned()),
            ("LAK", "1000000000000.00 1000000000000.01 0.99 0.00".to_owned()),
            ("USD", "1520.51 300.00 0.00 1220.51".to_owned()),
        ];
        assert_eq!(cells, expected);
        assert!(found["data"].as_array().unwrap().iter().all(|cell| cell["workplan_id"] == id(&plan)));
        assert_eq!(sheet(&reader, &format!("{FUNDING}?by=province&format=csv")).await, ("currency".to_owned(), 3));
    })
    .await;
}

/// Amounts of a currency with four decimals that are kept as 9,223,372,036,854,775,807 units at most.
#[actix_web::test]
async fn a_sum_beyond_what_can_be_told_is_an_error_and_never_wrong() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let draft = plan::drafted(&bench, ["2026-01-01", "2027-12-31"]).await;
        let lead = bench.organization("molsw").await;
        let mut activities = Vec::new();
        for _ in 0..4 {
            activities.push(plan::with_activity(&bench, plan::activity(&draft, &lead)).await);
        }
        let asked = async |by: &str| coordinator.get(format!("{FUNDING}?by={by}&workplan_id={}", id(&draft))).send().await;
        line(&coordinator, &activities[0], "required", "922337203685477.5806", "CLF").await;
        line(&coordinator, &activities[1], "required", "0.0001", "CLF").await;
        let most = asked("plan").await.json();
        assert_eq!(most["data"][0]["required"]["amount"], "922337203685477.5807");
        line(&coordinator, &activities[1], "required", "0.0001", "CLF").await;
        line(&coordinator, &activities[1], "required", "1.00", "USD").await;
        for by in ["plan", "objective", "cluster", "organization", "province"] {
            let beyond = asked(by).await;
            assert_eq!((beyond.status, beyond.code().as_str()), (409, "sum_out_of_range"), "{by}\n{beyond}");
            assert!(beyond.json()["detail"].as_str().unwrap().contains("CLF"), "{beyond}");
        }
        // Far beyond it, too: no sum wraps round to something that looks good.
        for activity in &activities[2..] {
            line(&coordinator, activity, "required", "922337203685477.5807", "CLF").await;
        }
        assert_eq!(asked("plan").await.code(), "sum_out_of_range");
    })
    .await;
}

#[actix_web::test]
async fn drafts_change_no_sum_and_approved_lines_do() {
    both(async |bench| {
        let nothing = bench.sign_in(Who::Reader).await.get(FUNDING).expect(200).await.json();
        assert_eq!(nothing, json!({"by": "plan", "workplan_ids": [], "total": [], "data": []}));
        untouched_by_drafts(&bench, FUNDING).await;
    })
    .await;
}
