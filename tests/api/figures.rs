//! Figures of workplans: each is what the lists hold for whoever asks, reckoned here a second time from the raw rows.

mod funding;
mod progress;
mod timeline;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::{
    harness::{
        Bench, Client, Who,
        plan::{self, ACTIVITIES, WORKPLANS},
    },
    rows::{at, create, etag, id, with},
};

const BY: [&str; 4] = ["objective", "cluster", "organization", "province"];
const TRACKED: [(&str, &str, i64, &str); 5] = [
    ("A.1", "in_progress", 30, "off_track"),
    ("A.2", "in_progress", 55, "on_track"),
    ("A.3", "completed", 100, "on_track"),
    ("A.4", "suspended", 0, "at_risk"),
    ("A.5", "cancelled", 15, "not_rated"),
];

/// An activity with all that stands below it.
struct Raw {
    row: Value,
    lines: Vec<Value>,
    milestones: Vec<Value>,
}

impl Raw {
    fn text(&self, name: &str) -> &str {
        self.row[name].as_str().unwrap()
    }

    fn lead(&self) -> &str {
        let parties = self.row["parties"].as_array().unwrap();
        parties.iter().find(|party| party["role"] == "lead").unwrap()["organization_id"].as_str().unwrap()
    }

    fn starts_on(&self) -> NaiveDate {
        self.text("starts_on").parse().unwrap()
    }

    fn last_day(&self) -> NaiveDate {
        let last = [&self.row["ends_on"], &self.row["recurrence"]["until"]].into_iter().find_map(Value::as_str);
        last.map_or_else(|| self.starts_on(), |day| day.parse().unwrap())
    }

    fn is_over(&self) -> bool {
        matches!(self.text("implementation"), "completed" | "cancelled")
    }

    fn is_overdue(&self, today: NaiveDate) -> bool {
        self.last_day() < today && !self.is_over()
    }

    /// The cells that it is in, by what they are called in [`name`].
    fn cells(&self, by: &str, clusters: &BTreeMap<i64, Vec<String>>) -> Vec<String> {
        let texts = |name: &str| self.row[name].as_array().unwrap().iter().map(|value| value.to_string().replace('"', "")).collect();
        let mut cells: Vec<String> = match by {
            "objective" => texts("objective_numbers"),
            "cluster" => {
                let numbers = self.row["objective_numbers"].as_array().unwrap().iter().map(|number| number.as_i64().unwrap());
                numbers.flat_map(|number| clusters[&number].clone()).collect()
            }
            "organization" => vec![self.lead().to_owned()],
            "province" => texts("provinces"),
            "plan" => vec![self.text("workplan_id").to_owned()],
            _ => unreachable!("{by}"),
        };
        cells.sort();
        cells.dedup();
        cells
    }
}

/// What a cell is about.
fn name(cell: &Value, by: &str) -> String {
    let names: &[&str] = match by {
        "objective" => &["objective_number"],
        "cluster" => &["cluster_scheme", "cluster_number"],
        "organization" => &["organization_id"],
        "province" => &["province"],
        _ => &["workplan_id"],
    };
    names.iter().map(|name| cell[*name].to_string().replace('"', "")).collect::<Vec<_>>().join(" ")
}

/// The clusters of each objective, as [`name`] calls them.
async fn clusters(client: &Client) -> BTreeMap<i64, Vec<String>> {
    let all = client.get("/v1/objectives?limit=50").expect(200).await.json()["data"].as_array().unwrap().clone();
    let named = |cluster: &Value| format!("{} {}", cluster["scheme"].as_str().unwrap(), cluster["number"]);
    let of = |objective: &Value| objective["clusters"].as_array().unwrap().iter().map(named).collect();
    all.iter().map(|objective| (objective["number"].as_i64().unwrap(), of(objective))).collect()
}

async fn list(client: &Client, path: &str) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let page = client.get(format!("{path}{separator}limit=200")).expect(200).await.json();
    assert_eq!(page["page"]["next_cursor"], Value::Null, "{path} fits on one page");
    page["data"].as_array().unwrap().clone()
}

/// What a list of activities holds, each of which is one of these.
async fn behind<'r>(client: &Client, href: &Value, among: &'r [Raw]) -> Vec<&'r Raw> {
    let listed = list(client, href.as_str().unwrap()).await;
    let known = |row: &Value| among.iter().find(|raw| raw.row["id"] == row["id"]).unwrap_or_else(|| panic!("{href} holds {row}"));
    listed.iter().map(known).collect()
}

/// The activities of a plan that figures are about: what is in use, of an approved plan only what was approved.
async fn counted(client: &Client, plan: &Value, approved: bool) -> Vec<Raw> {
    let mut found = Vec::new();
    for row in list(client, &format!("{ACTIVITIES}?workplan_id={}", id(plan))).await {
        let below = |what: &str| format!("{}/{what}", at(ACTIVITIES, &row));
        let (lines, milestones) = (list(client, &below("budget-lines")).await, list(client, &below("milestones")).await);
        found.push(Raw { row, lines, milestones });
    }
    found.retain(|raw| !approved || raw.row["added_in_version"].is_i64());
    found
}

/// How many rows a list holds for this caller.
async fn total(client: &Client, href: &Value) -> i64 {
    let href = href.as_str().unwrap();
    client.get(format!("{href}&with_total=true")).expect(200).await.json()["page"]["total"].as_i64().unwrap()
}

async fn line(client: &Client, activity: &Value, kind: &str, amount: &str, currency: &str) -> Value {
    let body = json!({"kind": kind, "amount": {"amount": amount, "currency": currency}});
    create(client, &format!("{}/budget-lines", at(ACTIVITIES, activity)), body).await
}

async fn milestone(client: &Client, activity: &Value, due_on: &str) -> Value {
    create(client, &format!("{}/milestones", at(ACTIVITIES, activity)), json!({"title": {"en": "Reached"}, "due_on": due_on})).await
}

async fn entered(bench: &Bench, plan: &Value, lead: &'static str, code: &str, fields: Value) -> Value {
    let body = plan::activity(plan, &bench.organization(lead).await);
    plan::with_activity(bench, with(with(body, json!({"code": code})), fields)).await
}

/// A draft of five activities, and one that was archived.
async fn drafted(bench: &Bench, days: [&str; 2]) -> (Value, Vec<Value>) {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let plan = plan::drafted(bench, days).await;
    let of = |lead, code, fields| entered(bench, &plan, lead, code, fields);
    let first = json!({"objective_numbers": [6, 18], "provinces": ["LA-VT", "LA-PH"], "starts_on": "2026-01-01", "ends_on": "2026-06-30"});
    let first = of("molsw", "A.1", first).await;
    let second = of("molsw", "A.2", json!({"objective_numbers": [6], "starts_on": "2026-03-31", "ends_on": "2027-04-01"})).await;
    let third = json!({"objective_numbers": [15, 6], "provinces": ["LA-VT"], "starts_on": "2026-07-01", "ends_on": "2026-10-31"});
    let third = of("moh", "A.3", third).await;
    let fourth = json!({"objective_numbers": [23], "starts_on": "2026-01-15", "ends_on": "2026-11-22"});
    let fourth = of("moh", "A.4", fourth).await;
    let fifth = json!({"objective_numbers": [18], "ends_on": null, "recurrence": {"every": "quarter", "until": "2026-09-30"}});
    let fifth = of("moh", "A.5", with(fifth, json!({"starts_on": "2026-04-01"}))).await;
    let gone = of("moh", "A.6", json!({"objective_numbers": [6]})).await;
    line(&coordinator, &gone, "required", "7.00", "USD").await;
    let now = coordinator.get(at(ACTIVITIES, &gone)).expect(200).await;
    coordinator.post_if(format!("{}/archive", at(ACTIVITIES, &gone)), now.etag()).expect(200).await;
    (plan, vec![first, second, third, fourth, fifth])
}

/// A plan that is carried out, with money, milestones and progress; beside it an addition that is not approved, and the draft of another plan.
async fn stock(bench: &Bench) -> (Value, Value) {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (plan, activities) = drafted(bench, ["2026-01-01", "2027-12-31"]).await;
    let of = |place: usize, kind, amount, currency| line(&coordinator, &activities[place], kind, amount, currency);
    of(0, "required", "1000.00", "USD").await;
    of(1, "required", "0.01", "USD").await;
    of(1, "required", "500.50", "USD").await;
    of(2, "required", "1000000000000", "LAK").await;
    of(4, "required", "20.00", "USD").await;
    for (place, due_on) in
        [(0, "2026-03-31"), (0, "2026-11-22"), (0, "2026-11-23"), (1, "2026-12-31"), (1, "2027-03-31"), (4, "2026-05-05")]
    {
        milestone(&coordinator, &activities[place], due_on).await;
    }
    let plan = plan::active(bench, &plan).await;
    of(0, "committed", "300.00", "USD").await;
    of(1, "committed", "2000", "EUR").await;
    of(2, "committed", "1000000000000.01", "LAK").await;
    of(2, "disbursed", "0.99", "LAK").await;
    let wrong = of(0, "committed", "99.00", "USD").await;
    let path = format!("{}/budget-lines/{}/archive", at(ACTIVITIES, &activities[0]), id(&wrong));
    coordinator.post_if(path, etag(&wrong)).expect(200).await;
    for (activity, (_, implementation, percent, rating)) in activities.iter().zip(TRACKED) {
        track(&coordinator, activity, json!({"implementation": implementation, "progress_percent": percent, "rating": rating})).await;
    }
    let reached = list(&coordinator, &format!("{}/milestones", at(ACTIVITIES, &activities[0]))).await[0].clone();
    let path = format!("{}/milestones/{}", at(ACTIVITIES, &activities[0]), id(&reached));
    coordinator.patch(path, etag(&reached), json!({"done_on": "2026-04-01"})).expect(200).await;
    plan::revised(bench, &plan).await;
    let added = entered(bench, &plan, "molsw", "A.7", json!({"objective_numbers": [6], "ends_on": "2026-10-01"})).await;
    line(&coordinator, &added, "required", "5.00", "USD").await;
    milestone(&coordinator, &added, "2026-02-01").await;
    let (other, activities) = drafted(bench, ["2026-01-01", "2028-12-31"]).await;
    line(&coordinator, &activities[0], "required", "1.00", "USD").await;
    milestone(&coordinator, &activities[1], "2026-02-02").await;
    (plan, other)
}

/// Fails unless every figure of this approved plan is what the raw rows say, for the lead ministry and for a reader, and by every count.
pub async fn agree(bench: &Bench, plan: &Value, query: &str) {
    for who in [Who::Coordinator, Who::Reader] {
        let question = (bench.sign_in(who).await, plan.clone(), true, query.to_owned());
        Box::pin(progress::all_agree(bench, &question)).await;
        Box::pin(funding::all_agree(&question)).await;
        Box::pin(timeline::all_agree(bench, &question)).await;
    }
}

async fn track(coordinator: &Client, activity: &Value, fields: Value) {
    let now = coordinator.get(at(ACTIVITIES, activity)).expect(200).await;
    let path = format!("{}/tracking", at(ACTIVITIES, activity));
    coordinator.patch(path, now.etag(), with(fields, json!({"reason": "Seen"}))).expect(200).await;
}

/// What everybody is asked for: the plan that is carried out, by itself and by name, and what only the country sees.
async fn questions(bench: &Bench, plan: &Value, other: &Value) -> Vec<(Client, Value, bool, String)> {
    let mut questions = Vec::new();
    for who in [Who::Coordinator, Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader, Who::Administrator] {
        let client = bench.sign_in(who).await;
        questions.push((client.clone(), plan.clone(), true, String::new()));
        questions.push((client.clone(), plan.clone(), true, format!("workplan_id={}", id(plan))));
        let query = format!("workplan_id={}", id(other));
        if matches!(who, Who::Reader | Who::Administrator) {
            for insight in ["progress", "funding", "timeline"] {
                let refused = client.get(format!("/v1/insights/{insight}?{query}")).expect(400).await;
                assert_eq!(refused.faults(), [("workplan_id".to_owned(), "reference_unknown".to_owned())], "{who:?}");
            }
        } else {
            questions.push((client, other.clone(), false, query));
        }
    }
    questions
}

/// The first column of the sheet of this insight and how many lines it has.
async fn sheet(client: &Client, path: &str) -> (String, usize) {
    let sheet = client.get(path).expect(200).await;
    let mut lines = csv::Reader::from_reader(sheet.body.as_ref());
    let first = lines.headers().unwrap()[0].to_owned();
    (first, lines.into_records().map(Result::unwrap).count())
}

/// Fails unless drafts and additions leave what this reader is told as it was.
async fn untouched_by_drafts(bench: &Bench, path: &str) {
    let (plan, _) = stock(bench).await;
    let reader = bench.sign_in(Who::Reader).await;
    let before = reader.get(path).expect(200).await;
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let added = entered(bench, &plan, "molsw", "B.1", json!({"objective_numbers": [6], "provinces": ["LA-VT"]})).await;
    line(&coordinator, &added, "required", "5.00", "USD").await;
    milestone(&coordinator, &added, "2026-02-01").await;
    let after = reader.get(path).expect(200).await;
    assert_eq!(before.json(), after.json());
    // And what is approved is told at once.
    let activity = list(&reader, &format!("{ACTIVITIES}?code=A.2&workplan_id={}", id(&plan))).await[0].clone();
    track(&coordinator, &activity, json!({"implementation": "completed", "progress_percent": 100})).await;
    line(&coordinator, &activity, "committed", "1", "LAK").await;
    let asked = async || reader.get(path).expect(200).await;
    assert_ne!(asked().await.etag(), after.etag());
    reader.get(path).header("If-None-Match", asked().await.etag()).expect(304).await;
    // Nobody carries anything out any more.
    plan::to(bench, plan::REVISIONS, &list(&coordinator, plan::REVISIONS).await[0], "withdrawn").await;
    plan::to(bench, WORKPLANS, &plan, "closed").await;
    let nothing = asked().await.json();
    assert_eq!(
        (&nothing["workplan_ids"], nothing["data"].as_array().unwrap().iter().filter(|cell| cell["activities"] != 0).count()),
        (&json!([]), 0)
    );
}
