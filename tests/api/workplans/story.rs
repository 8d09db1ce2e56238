//! Two years of a plan, as a country lives through them: written together, approved, reported on, revised, handed on in a merger, closed. At every stop
//! each figure is held against one reckoned from the raw rows, and what was approved is the same bytes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{PROPOSALS, Planned, planned};
use crate::{
    figures,
    harness::{
        Client, Who, both,
        plan::{ACTIVITIES, REVISIONS, WORKPLANS, act},
    },
    progress_reports::{REPORTS, moved, quarter},
    rows::{MINISTRIES, assert_whole, at, change, create, etag, id, merge_on, ministry, step, with},
};

const DAYS: [&str; 2] = ["2027-01-01", "2028-12-31"];

/// Who takes part, and what became of the plan so far.
struct Story {
    it: Planned,
    iom: Client,
    /// The versions that were approved, byte for byte.
    versions: Vec<String>,
}

impl Story {
    /// It is this day, in the morning of Vientiane, and everybody is signed in again.
    async fn on(&mut self, day: &str) {
        let then: DateTime<Utc> = format!("{day}T02:00:00Z").parse().unwrap();
        let by = then - self.it.bench.clock().now().0;
        self.it.bench.clock().advance(by.to_std().expect("time goes on"));
        self.it.coordinator = self.it.bench.again(&self.it.coordinator).await;
        self.iom = self.it.bench.again(&self.iom).await;
        for person in &mut self.it.asked.people {
            *person = self.it.bench.again(person).await;
        }
    }

    /// The activity with this code as it is now.
    async fn activity(&self, code: &str) -> Value {
        let page = self.it.coordinator.get(format!("{ACTIVITIES}?workplan_id={}&code={code}", id(&self.it.plan))).expect(200).await.json();
        page["data"][0].clone()
    }

    /// The codes of the activities on which the person of this member owes a report, with the days on which it is due.
    async fn owed(&self, member: usize) -> Vec<(String, String)> {
        let told = self.it.asked.people[member].get("/v1/me/tasks").expect(200).await.json();
        let mut owed = Vec::new();
        for task in told["data"].as_array().unwrap().iter().filter(|task| task["task"] == "report_due") {
            let activity = self.it.coordinator.get(task["subject"]["href"].as_str().unwrap()).expect(200).await.json();
            owed.push((activity["code"].as_str().unwrap().to_owned(), task["due_on"].as_str().unwrap().to_owned()));
        }
        owed
    }

    /// The person of this member says how the activity stood at the end of a quarter.
    async fn reports(&self, member: usize, code: &str, period: Value, (so_far, percent, rating): (&str, i64, &str)) -> Value {
        let person = &self.it.asked.people[member];
        let of = person.get("/v1/me").expect(200).await.json()["organization_id"].clone();
        let report = json!({
            "activity_id": self.activity(code).await["id"], "organization_id": of, "implementation": so_far, "progress_percent": percent,
            "rating": rating,
        });
        let draft = create(person, REPORTS, with(report, period)).await;
        moved(person, &draft, "submitted").await
    }

    async fn is_late(&self, report: &Value) -> bool {
        let late = self.it.coordinator.get(format!("{REPORTS}?late=true&limit=200")).expect(200).await.json();
        late["data"].as_array().unwrap().iter().any(|row| row["id"] == report["id"])
    }

    /// The lead ministry accepts what was reported, and the activity stands by it.
    async fn accepted(&self, code: &str, report: &Value) {
        moved(&self.it.coordinator, report, "accepted").await;
        let now = self.activity(code).await;
        for field in ["implementation", "progress_percent", "rating"] {
            assert_eq!(now[field], report[field], "{code}");
        }
        assert_eq!(now["tracking_report_id"], report["id"], "{code}");
    }

    /// Every figure is what the raw rows say, and what was approved is what it was.
    async fn holds(&self, query: &str) {
        for (at, bytes) in self.versions.iter().enumerate() {
            assert_eq!(self.it.version(u32::try_from(at + 1).unwrap()).await.text(), bytes, "version {}", at + 1);
        }
        Box::pin(figures::agree(&self.it.bench, &self.it.now().await, query)).await;
        assert_whole(&self.it.bench).await;
    }

    async fn line(&self, who: &Client, code: &str, kind: &str, amount: &str, currency: &str, funder: Value) {
        let path = format!("{}/budget-lines", at(ACTIVITIES, &self.activity(code).await));
        let sent = json!({"amount": amount, "currency": currency});
        let line = create(who, &path, json!({"kind": kind, "amount": sent, "funder_id": funder})).await;
        assert_eq!((&line["amount"], who.get(at(&path, &line)).expect(200).await.json()["amount"].clone()), (&sent, sent.clone()));
    }

    async fn computed(&self, code: &str) -> Value {
        let row = self.activity(code).await;
        let page = self.it.coordinator.get(format!("{ACTIVITIES}?include=computed&id={}", id(&row))).expect(200).await.json();
        page["included"]["computed"][id(&row)].clone()
    }
}

fn party(row: &Value, role: &str) -> Value {
    json!({"organization_id": row["id"], "role": role})
}

/// The draft: four ministries lead, each something, and IOM helps the first of them.
async fn drafted(bench: &crate::harness::Bench) -> Story {
    let it = planned(bench, 4, DAYS).await;
    let iom = bench.sign_in(Who::NetworkMember("iom")).await;
    let (members, network) = (&it.asked.members, bench.organization("iom").await);
    let first = json!({
        "objective_numbers": [6, 18], "provinces": ["LA-VT", "LA-PH"], "ends_on": "2027-06-30", "priority_id": it.asked.priority["id"],
        "parties": [party(&members[0], "lead"), party(&members[1], "co_lead"), party(&network, "implementing")],
    });
    let first = change(&it.coordinator, ACTIVITIES, &it.activities[0], first).await;
    let second = json!({"provinces": ["LA-SV"], "starts_on": "2027-07-01", "ends_on": "2028-06-30", "depends_on": [id(&first)]});
    change(&it.coordinator, ACTIVITIES, &it.activities[1], second).await;
    let more = |member: usize, code: &str, fields: Value| {
        with(with(crate::harness::plan::activity(&it.plan, &members[member]), json!({"code": code})), fields)
    };
    let third =
        more(2, "2.1", json!({"objective_numbers": [15, 6], "parties": [party(&members[2], "lead"), party(&members[3], "supporting")]}));
    create(&it.coordinator, ACTIVITIES, third).await;
    let again = json!({"objective_numbers": [23], "ends_on": null, "recurrence": {"every": "year", "until": "2028-12-31"}});
    create(&it.coordinator, ACTIVITIES, more(3, "3.1", again)).await;
    let story = Story { it, iom, versions: Vec::new() };
    for (code, amount, currency) in
        [("1.1", "1000000000000.00", "LAK"), ("1.2", "0.01", "LAK"), ("2.1", "0.01", "USD"), ("2.1", "0.02", "USD")]
    {
        story.line(&story.it.coordinator, code, "required", amount, currency, Value::Null).await;
    }
    for (code, due_on) in [("1.1", "2027-03-31"), ("1.1", "2027-06-30"), ("2.1", "2027-12-31"), ("3.1", "2028-11-30")] {
        let path = format!("{}/milestones", at(ACTIVITIES, &story.activity(code).await));
        create(&story.it.coordinator, &path, json!({"title": {"en": "Reached"}, "due_on": due_on})).await;
    }
    story
}

/// Two ministries write at once: each its own, and both the one that they lead together.
async fn written_together(story: &Story) {
    let [one, other] = [&story.it.asked.people[0], &story.it.asked.people[1]];
    let (shared, own) = (story.activity("1.1").await, story.activity("1.2").await);
    let patch = |client: &Client, row: &Value, text: &str| {
        client.patch(at(ACTIVITIES, row), etag(row), json!({"description": {"en": text}})).send()
    };
    let replies = join_all([patch(one, &shared, "Ours"), patch(other, &shared, "Theirs"), patch(other, &own, "Own")]).await;
    let statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!((statuses[2], statuses[..2].iter().filter(|status| **status == 412).count()), (200, 1), "{statuses:?}");
    // Whoever came second reads what the first wrote, and says it as well.
    let (loser, before) = if statuses[0] == 412 { (one, "Theirs") } else { (other, "Ours") };
    let seen = loser.get(at(ACTIVITIES, &shared)).expect(200).await.json();
    assert_eq!(seen["description"]["en"], before);
    change(loser, ACTIVITIES, &seen, json!({"description": {"en": format!("{before}, and we agree")}})).await;
    assert_eq!(story.activity("1.2").await["description"]["en"], "Own");
}

/// The first half year: one reports in time, one late and not well, one not at all, and the money comes.
async fn first_half(story: &mut Story) {
    story.on("2027-04-05").await;
    let due = |code: &str, day: &str| vec![(code.to_owned(), day.to_owned())];
    assert_eq!(
        [story.owed(0).await, story.owed(1).await, story.owed(2).await, story.owed(3).await],
        [due("1.1", "2027-04-15"), vec![], due("2.1", "2027-04-15"), due("3.1", "2027-04-15")]
    );
    let of_march = quarter("2027-01-01", "2027-03-31");
    for (member, code, stands) in [(0, "1.1", ("in_progress", 50, "on_track")), (3, "3.1", ("in_progress", 25, "at_risk"))] {
        let report = story.reports(member, code, of_march.clone(), stands).await;
        assert!(!story.is_late(&report).await);
        story.accepted(code, &report).await;
    }
    let network = story.it.bench.organization("iom").await["id"].clone();
    story.line(&story.iom, "1.1", "committed", "400000000000.50", "LAK", network.clone()).await;
    story.line(&story.iom, "1.1", "disbursed", "0.99", "LAK", network).await;
    assert_eq!(story.computed("1.1").await["funding_gap"], json!([{"amount": "599999999999.50", "currency": "LAK"}]));
    assert_eq!(story.computed("1.2").await["blocked_by"], json!([story.activity("1.1").await["id"]]));

    story.on("2027-05-20").await;
    assert_eq!(story.owed(2).await, due("2.1", "2027-04-15"), "it is late");
    story.holds("").await;
    let report = story.reports(2, "2.1", of_march, ("planned", 5, "off_track")).await;
    assert!(story.is_late(&report).await);
    let report = moved(&story.it.coordinator, &report, "returned").await;
    let person = &story.it.asked.people[2];
    let mended = change(person, REPORTS, &report, json!({"implementation": "in_progress", "progress_percent": 10})).await;
    let report = moved(person, &mended, "submitted").await;
    story.accepted("2.1", &report).await;

    story.on("2027-07-10").await;
    let of_june = quarter("2027-04-01", "2027-06-30");
    let report = story.reports(0, "1.1", of_june.clone(), ("completed", 100, "on_track")).await;
    story.accepted("1.1", &report).await;
    assert_eq!(story.computed("1.2").await["blocked_by"], json!([]));
    let milestones = format!("{}/milestones", at(ACTIVITIES, &story.activity("1.1").await));
    let reached = story.it.coordinator.get(&milestones).expect(200).await.json()["data"][0].clone();
    change(&story.it.asked.people[0], &milestones, &reached, json!({"done_on": "2027-04-02"})).await;
    let report = story.reports(3, "3.1", of_june, ("in_progress", 30, "on_track")).await;
    story.accepted("3.1", &report).await;
    story.holds("").await;
}

/// A revision: one activity lasts longer, one costs more, one is added; all are for it.
async fn revised(story: &mut Story) {
    story.on("2027-08-02").await;
    let it = &story.it;
    let revision = it.revised().await;
    let longer = json!({"activity_id": story.activity("1.2").await["id"], "plan": {"ends_on": "2028-12-31"}});
    create(&it.coordinator, PROPOSALS, longer).await;
    let line = |amount: &str| json!({"id": null, "amount": {"amount": amount, "currency": "USD"}, "funder_id": null, "note": null});
    let dearer = json!({"activity_id": story.activity("2.1").await["id"], "budget_lines": [line("0.01"), line("99.99")]});
    create(&it.coordinator, PROPOSALS, dearer).await;
    let added = with(crate::harness::plan::activity(&it.plan, &it.asked.members[1]), json!({"code": "4.1", "starts_on": "2027-09-01"}));
    create(&it.coordinator, ACTIVITIES, added).await;
    // What is not decided is no figure.
    story.holds("").await;
    let diff = |against: &str| it.coordinator.get(format!("{}/diff?against={against}", at(WORKPLANS, &it.plan)));
    let proposed = diff("revision").expect(200).await.json()["data"].clone();
    let now = it.coordinator.get(at(REVISIONS, &revision)).expect(200).await.json();
    change(&it.coordinator, REVISIONS, &now, json!({"approval_act": act()})).await;
    assert_eq!(it.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
    for member in 0..4 {
        assert_eq!(it.says(member, "workplan_revision", &revision, "endorsed").await.status, 201);
    }
    let approved = it.moved(REVISIONS, &revision, json!({"to": "approved"})).await;
    assert_eq!(approved.status, 200, "{approved}");
    let told = |rows: &Value| -> Vec<(Value, Value, Value)> {
        rows.as_array().unwrap().iter().map(|row| (row["op"].clone(), row["kind"].clone(), row["code"].clone())).collect()
    };
    let decided = diff("1").expect(200).await.json()["data"].clone();
    assert_eq!((told(&decided), told(&decided).len()), (told(&proposed), 6), "an end, two lines for two others, an activity");
    let second = it.version(2).await.text().to_owned();
    assert_ne!(second, story.versions[0]);
    story.versions.push(second);
    story.holds("").await;
}

/// The third ministry merges into another in mid-year: that leads and reports from now on, and what was approved keeps the old name.
async fn merged(story: &mut Story) {
    story.on("2027-09-15").await;
    let it = &story.it;
    let heir = create(&it.coordinator, MINISTRIES, ministry("story-heir")).await;
    let administrator = it.bench.sign_in(Who::Administrator).await;
    merge_on([&it.coordinator, &administrator], &it.asked.members[2], &heir, "2027-09-15").await;
    let now = story.activity("2.1").await;
    assert_eq!(now["parties"][0], party(&heir, "lead"));
    for bytes in &story.versions {
        assert!(bytes.contains("Ministry asked-2") && !bytes.contains("story-heir"));
    }
    story.holds("").await;
    // Whoever spoke for the third speaks for its heir.
    let late = [("2.1", "2027-07-15")].map(|(code, day)| (code.to_owned(), day.to_owned()));
    assert_eq!(story.owed(2).await, late);
    let report = story.reports(2, "2.1", quarter("2027-04-01", "2027-06-30"), ("in_progress", 20, "at_risk")).await;
    assert_eq!((&report["organization_id"], story.is_late(&report).await), (&heir["id"], true));
    story.accepted("2.1", &report).await;
}

/// Quarter by quarter until the end of 2028, everybody reports what they are asked for; one activity never comes to its end.
async fn to_the_end(story: &mut Story) {
    let quarters = [
        ("2027-10-08", "2027-07-01", "2027-09-30"),
        ("2028-01-08", "2027-10-01", "2027-12-31"),
        ("2028-04-08", "2028-01-01", "2028-03-31"),
        ("2028-07-08", "2028-04-01", "2028-06-30"),
        ("2028-10-08", "2028-07-01", "2028-09-30"),
        ("2029-01-08", "2028-10-01", "2028-12-31"),
    ];
    for (at, (day, first, last)) in (1..).zip(quarters) {
        story.on(day).await;
        let mut told = BTreeMap::new();
        for member in 0..4 {
            for (code, _due_on) in story.owed(member).await {
                let stands = match (code.as_str(), at) {
                    ("1.2" | "3.1", 6) => ("completed", 100, "on_track"),
                    ("4.1", 4) => ("suspended", 33, "off_track"),
                    _ => ("in_progress", 20 + 10 * at, "on_track"),
                };
                let report = story.reports(member, &code, quarter(first, last), stands).await;
                story.accepted(&code, &report).await;
                told.insert(code, member);
            }
            assert_eq!(story.owed(member).await, [], "{day}");
        }
        let expected = [("1.2", 1), ("2.1", 2), ("3.1", 3), ("4.1", 1)].map(|(code, member)| (code.to_owned(), member));
        assert_eq!(told, expected.into(), "{day}");
    }
    story.holds("").await;
    assert_eq!(
        [story.computed("2.1").await["overdue"].clone(), story.computed("3.1").await["overdue"].clone()],
        [json!(true), json!(false)]
    );
}

/// Over, it can be read as before, by whoever names it, and nothing is reported any more.
async fn closed(story: &Story) {
    let open = story.it.bench.sign_in(Who::Reader).await.get("/v1/insights/funding").expect(200).await.json()["total"].clone();
    let amounts =
        |kind: &str| open.as_array().unwrap().iter().map(|cell| cell[kind]["amount"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(amounts("required"), ["1000000000000.01", "100.00"], "LAK and USD, to the last cent");
    assert_eq!(amounts("committed"), ["400000000000.50", "0.00"]);
    step(&story.it.coordinator, WORKPLANS, &story.it.plan, "closed").await;
    let nothing = story.it.coordinator.get("/v1/insights/funding").expect(200).await.json();
    assert_eq!((&nothing["workplan_ids"], &nothing["data"]), (&json!([]), &json!([])));
    let person = &story.it.asked.people[3];
    let report = json!({
        "activity_id": story.activity("3.1").await["id"], "organization_id": id(&story.it.asked.members[3]), "implementation": "completed",
        "progress_percent": 100, "rating": "on_track",
    });
    let refused = person.post(REPORTS, with(report, quarter("2028-10-01", "2028-12-31"))).expect(409).await;
    assert_eq!(refused.code(), "plan_not_active");
    story.holds(&format!("workplan_id={}", id(&story.it.plan))).await;
}

#[actix_web::test]
async fn two_years_of_a_plan() {
    both(async |bench| {
        let mut story = drafted(&bench).await;
        written_together(&story).await;
        story.it.active().await;
        story.versions.push(story.it.version(1).await.text().to_owned());
        let frozen = story.activity("1.2").await;
        let described = json!({"description": {"en": "Otherwise"}});
        let refused = story.it.asked.people[1].patch(at(ACTIVITIES, &frozen), etag(&frozen), described).expect(409).await;
        assert_eq!(refused.code(), "not_editable_in_state");
        story.holds("").await;
        first_half(&mut story).await;
        revised(&mut story).await;
        merged(&mut story).await;
        to_the_end(&mut story).await;
        closed(&story).await;
    })
    .await;
}
