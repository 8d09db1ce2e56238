//! How far activities are.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{BY, Raw, clusters, counted, line, name, questions, sheet, stock, total, untouched_by_drafts};
use crate::{
    harness::{Bench, Client, Who, both, plan},
    rows::id,
};

const PROGRESS: &str = "/v1/insights/progress";
const NUMBERS: [&str; 10] =
    ["planned", "in_progress", "completed", "suspended", "cancelled", "on_track", "at_risk", "off_track", "not_rated", "overdue"];

/// Minor units of what an activity requires, by currency.
fn required(raw: &Raw) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    for line in raw.lines.iter().filter(|line| line["kind"] == "required") {
        let amount = line["amount"]["amount"].as_str().unwrap().replace('.', "").parse::<i128>().unwrap();
        *sums.entry(line["amount"]["currency"].as_str().unwrap().to_owned()).or_default() += amount;
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

/// The mean of these activities in hundredths, and the currency that weighs.
fn mean(cell: &[&Raw]) -> Option<(i128, Option<String>)> {
    let percent = |raw: &Raw| i128::from(raw.row["progress_percent"].as_i64().unwrap());
    let mut currencies: Vec<_> = cell.iter().map(|raw| required(raw).into_keys().collect::<Vec<_>>()).collect();
    currencies.dedup();
    let currency = match currencies.as_slice() {
        [only] => match only.as_slice() {
            [currency] => Some(currency.clone()),
            _ => None,
        },
        _ => None,
    };
    let weight = |raw: &Raw| currency.as_ref().map_or(1, |currency| required(raw)[currency]);
    let whole: i128 = cell.iter().map(|raw| weight(raw)).sum();
    let sum: i128 = cell.iter().map(|raw| weight(raw) * percent(raw)).sum();
    (whole > 0).then(|| ((200 * sum + whole) / (2 * whole), currency))
}

fn number(cell: &[&Raw], name: &str, today: NaiveDate) -> i64 {
    let is = |raw: &&&Raw| match name {
        "overdue" => raw.is_overdue(today),
        "on_track" | "at_risk" | "off_track" | "not_rated" => raw.text("rating") == name,
        _ => raw.text("implementation") == name,
    };
    i64::try_from(cell.iter().filter(is).count()).unwrap()
}

async fn agrees(client: &Client, what: &str, found: &Value, rows: &[&Raw], today: NaiveDate) {
    assert_eq!(found["activities"], rows.len(), "{what}\n{found}");
    assert_eq!(total(client, &found["href"]).await, found["activities"].as_i64().unwrap(), "{what}\n{found}");
    for name in NUMBERS {
        assert_eq!(found[name], number(rows, name, today), "{what} {name}\n{found}");
        assert_eq!(total(client, &found[format!("{name}_href")]).await, found[name].as_i64().unwrap(), "{what} {name}\n{found}");
    }
    let mean = mean(rows);
    let hundredths = found["mean_progress"].as_f64().map(|mean| (mean * 100.0).round() as i128);
    assert_eq!(hundredths, mean.as_ref().map(|(mean, _)| *mean), "{what}\n{found}");
    let currency = mean.and_then(|(_, currency)| currency);
    assert_eq!(found["weighting"], if currency.is_some() { "required_budget" } else { "none" }, "{what}\n{found}");
    assert_eq!(found["weighting_currency"], json!(currency), "{what}\n{found}");
}

pub(super) async fn all_agree(bench: &Bench, (client, plan, approved, query): &(Client, Value, bool, String)) {
    let (today, clusters, rows) = (bench.parts.here.today(), clusters(client).await, counted(client, plan, *approved).await);
    for by in BY {
        let found = client.get(format!("{PROGRESS}?by={by}&{query}")).expect(200).await.json();
        assert_eq!((&found["workplan_ids"], &found["by"]), (&json!([id(plan)]), &json!(by)));
        let what = format!("{} {by} {query}", client.name());
        agrees(client, &what, &found["total"], &rows.iter().collect::<Vec<_>>(), today).await;
        let cells = found["data"].as_array().unwrap();
        let mut named: Vec<_> = cells.iter().map(|cell| name(cell, by)).collect();
        let mut expected: Vec<_> = rows.iter().flat_map(|raw| raw.cells(by, &clusters)).collect();
        if by == "cluster" {
            expected.extend(clusters.values().flatten().cloned());
        }
        for names in [&mut named, &mut expected] {
            names.sort();
        }
        expected.dedup();
        assert_eq!(named, expected, "{what}");
        for cell in cells {
            let held: Vec<_> = rows.iter().filter(|raw| raw.cells(by, &clusters).contains(&name(cell, by))).collect();
            // Of clusters those that hold something are enough.
            if by != "cluster" || !held.is_empty() {
                agrees(client, &what, cell, &held, today).await;
            }
        }
    }
}

#[actix_web::test]
async fn each_number_is_what_its_list_holds_for_whoever_asks() {
    both(async |bench| {
        let (plan, other) = stock(&bench).await;
        for question in questions(&bench, &plan, &other).await {
            Box::pin(all_agree(&bench, &question)).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn the_mean_is_weighted_where_every_activity_requires_one_currency() {
    both(async |bench| {
        stock(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        let found = reader.get(format!("{PROGRESS}?by=organization")).expect(200).await.json();
        let molsw = bench.organization("molsw").await;
        let cell = |of: &Value| found["data"].as_array().unwrap().iter().find(|cell| cell["organization_id"] == of["id"]).unwrap().clone();
        // (1000.00 * 30 + 500.51 * 55) / 1500.51 = 38.339…
        let weighted = cell(&molsw);
        let told = ["mean_progress", "weighting", "weighting_currency"].map(|name| weighted[name].clone());
        assert_eq!(told, [json!(38.34), json!("required_budget"), json!("USD")]);
        // 100, 0, 15: one requires nothing, and two require different currencies.
        let plain = cell(&bench.organization("moh").await);
        let told = ["mean_progress", "weighting", "weighting_currency"].map(|name| plain[name].clone());
        assert_eq!(told, [json!(38.33), json!("none"), Value::Null]);
        assert_eq!((&found["total"]["activities"], &found["total"]["overdue"]), (&json!(5), &json!(2)));
    })
    .await;
}

/// Weights near the end of what can be kept are exact: in floats, or in 64 bits, this mean would be another.
#[actix_web::test]
async fn a_mean_over_great_budgets_is_exact() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let draft = plan::drafted(&bench, ["2026-01-01", "2027-12-31"]).await;
        let lead = bench.organization("molsw").await;
        for _ in 0..3 {
            let activity = plan::with_activity(&bench, plan::activity(&draft, &lead)).await;
            line(&coordinator, &activity, "required", "999999999999999.99", "LAK").await;
            line(&coordinator, &activity, "required", "0", "USD").await;
        }
        let active = plan::active(&bench, &draft).await;
        let rows = counted(&coordinator, &active, true).await;
        for (raw, percent) in rows.iter().zip([0, 25, 100]) {
            super::track(&coordinator, &raw.row, json!({"progress_percent": percent})).await;
        }
        let total = coordinator.get(PROGRESS).expect(200).await.json()["total"].clone();
        assert_eq!((&total["mean_progress"], &total["weighting_currency"]), (&json!(41.67), &json!("LAK")));
    })
    .await;
}

#[actix_web::test]
async fn drafts_change_no_figure_and_approved_progress_does() {
    both(async |bench| untouched_by_drafts(&bench, PROGRESS).await).await;
}

#[actix_web::test]
async fn a_sheet_has_the_cells_and_without_a_plan_there_is_nothing() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let nothing = reader.get(PROGRESS).expect(200).await.json();
        assert_eq!(nothing, json!({"by": "objective", "workplan_ids": [], "total": null, "data": []}));
        let nothing = reader.get(format!("{PROGRESS}?by=cluster")).expect(200).await.json();
        assert_eq!(nothing["data"], json!([]), "no list could be named");
        stock(&bench).await;
        assert_eq!(sheet(&reader, &format!("{PROGRESS}?format=csv")).await, ("objective_number".to_owned(), 4));
        assert_eq!(reader.get(format!("{PROGRESS}?by=plan")).expect(400).await.faults().len(), 1);
    })
    .await;
}
