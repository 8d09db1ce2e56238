//! What was approved stays as it was approved, byte for byte.

use std::collections::BTreeSet;

use gcm_api::auth::password::sha256_hex;
use serde_json::{Value, json};

use super::{PROPOSALS, planned};
use crate::{
    harness::{
        Who, both,
        plan::{ACTIVITIES, REVISIONS, WORKPLANS, act, activity},
    },
    rows::{assert_whole, at, audited, change, create, id, merge, with},
};

const DAYS: [&str; 2] = ["2026-01-01", "2028-12-31"];

/// What `jq -cS` would print: keys in order, nothing between.
fn plain(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<_> = members.keys().collect();
            names.sort();
            let members = names.iter().map(|name| format!("{}:{}", Value::from(name.as_str()), plain(&members[*name])));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

#[actix_web::test]
async fn a_version_is_the_same_bytes_for_ever() {
    both(async |bench| {
        let planned = planned(&bench, 2, DAYS).await;
        let lines = format!("{}/budget-lines", at(ACTIVITIES, &planned.activities[0]));
        let amount = json!({"amount": "1000000000000.00", "currency": "LAK"});
        create(&planned.coordinator, &lines, json!({"kind": "required", "amount": amount})).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &planned.activities[0]));
        create(&planned.coordinator, &milestones, json!({"title": {"en": "Half way", "lo": "ເຄິ່ງທາງ"}, "due_on": "2027-06-30"})).await;
        let active = planned.active().await;
        let first = planned.version(1).await;
        let listed = planned.coordinator.get(format!("{}/versions", at(WORKPLANS, &planned.plan))).expect(200).await.json();
        assert_eq!(listed["data"].as_array().unwrap().len(), 1);
        let digest = sha256_hex(first.text());
        assert_eq!((&listed["data"][0]["sha256"], &active["version_sha256"]), (&json!(digest), &json!(digest)));
        assert_eq!(first.etag(), format!("\"{digest}\""));
        assert_eq!(first.text(), plain(&first.json()), "canonical JSON");
        planned.coordinator.get(listed["data"][0]["href"].as_str().unwrap()).header("If-None-Match", first.etag()).expect(304).await;
        for wrong in ["2", "0", "x"] {
            planned.coordinator.get(format!("{}/versions/{wrong}", at(WORKPLANS, &planned.plan))).expect(404).await;
        }
        let content = first.json();
        assert_eq!(content["workplan"]["version"], 1);
        assert_eq!(content["activities"][0]["budget_lines"][0]["amount"], amount);
        assert_eq!(content["activities"][0]["milestones"][0]["title"]["lo"], "ເຄິ່ງທາງ");
        let named: BTreeSet<_> = content["organizations"].as_array().unwrap().iter().map(|row| row["id"].clone().to_string()).collect();
        assert_eq!(named, planned.asked.members[..2].iter().map(|member| member["id"].to_string()).collect());

        // An institution goes on under another name, another one in its heir; the plan is revised. What was approved keeps the old names.
        let seen = planned.coordinator.get(at("/v1/ministries", &planned.asked.members[0])).expect(200).await.json();
        change(&planned.coordinator, "/v1/ministries", &seen, json!({"name": {"en": "Renamed since"}})).await;
        let heir = create(&planned.coordinator, "/v1/ministries", crate::rows::ministry("heir")).await;
        merge(&bench, &planned.asked.members[1], &heir).await;
        assert_eq!(planned.version(1).await.text(), first.text());
        assert_eq!(planned.activity(1).await["parties"][0]["organization_id"], heir["id"]);
        let revision = planned.revised().await;
        let changes = json!({"activity_id": id(&planned.activities[0]), "plan": {"title": {"en": "Otherwise"}}});
        create(&planned.coordinator, PROPOSALS, changes).await;
        let revision = change(&planned.coordinator, REVISIONS, &revision, json!({"approval_act": act()})).await;
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        let approved = planned.moved(REVISIONS, &revision, json!({"to": "approved", "reason": "Decided"})).await;
        assert_eq!(approved.status, 200, "{approved}");
        assert_eq!(planned.version(1).await.text(), first.text());
        let second = planned.version(2).await;
        assert_eq!(second.json()["activities"][0]["title"]["en"], "Otherwise");
        let renamed = second.json()["organizations"].as_array().unwrap().iter().any(|row| row["name"]["en"] == "Renamed since");
        assert!(renamed, "the next one has the names of its own day");
        assert_eq!(planned.now().await["version_sha256"], json!(sha256_hex(second.text())));
        assert_whole(&bench).await;
    })
    .await;
}

/// The audit vouches for versions: one that was altered behind the record's back is named.
#[actix_web::test]
async fn an_altered_version_is_found() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        planned.approved().await;
        bench.behind("UPDATE workplan_version SET content = replace(content, 'Walk', 'Talk')").await;
        let found = audited(&bench).await;
        assert!(found.faults.iter().any(|fault| fault.contains("version 1 is not what was approved")), "{:?}", found.faults);
    })
    .await;
}

#[actix_web::test]
async fn what_differs_is_told_field_by_field() {
    both(async |bench| {
        let planned = planned(&bench, 1, DAYS).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &planned.activities[0]));
        let kept = create(&planned.coordinator, &milestones, json!({"title": {"en": "Kept"}, "due_on": "2027-06-30"})).await;
        // Of the same moment either could come first.
        bench.clock().advance(std::time::Duration::from_secs(1));
        let gone = create(&planned.coordinator, &milestones, json!({"title": {"en": "Gone"}, "due_on": "2027-09-30"})).await;
        planned.active().await;
        let path = at(WORKPLANS, &planned.plan);
        let differences = async |query: &str| planned.coordinator.get(format!("{path}/diff?{query}")).expect(200).await.json();
        assert_eq!(differences("against=1").await["data"], json!([]));
        for (query, parameter) in [("against=2", "against"), ("against=1&version=7", "version"), ("against=revision", "against")] {
            let refused = planned.coordinator.get(format!("{path}/diff?{query}")).expect(400).await;
            assert_eq!(refused.json()["errors"][0]["parameter"], parameter, "{query}");
        }
        planned.coordinator.get(format!("{path}/diff?against=next")).expect(400).await;
        assert_eq!(planned.coordinator.get(format!("{path}/diff")).expect(400).await.json()["errors"][0]["parameter"], "against");

        let revision = planned.revised().await;
        assert_eq!(differences("against=revision").await["data"], json!([]), "a revision begins as the plan in force");
        let revision = change(&planned.coordinator, REVISIONS, &revision, json!({"ends_on": "2029-06-30", "title": {"lo": "ແຜນ"}})).await;
        let changes = json!({
            "activity_id": id(&planned.activities[0]), "plan": {"title": {"en": "Run"}, "provinces": ["LA-VT"]},
            "milestones": [{"id": kept["id"], "title": {"en": "Kept"}, "due_on": "2027-07-31"}, {"id": null, "title": {"en": "New"}, "due_on": "2028-01-31"}],
            "budget_lines": [{"id": null, "amount": {"amount": "0.01", "currency": "USD"}, "funder_id": null, "note": null}],
        });
        create(&planned.coordinator, PROPOSALS, changes).await;
        create(&planned.coordinator, PROPOSALS, json!({"activity_id": id(&planned.activities[1]), "removes": true})).await;
        let more = with(activity(&planned.plan, &planned.asked.members[0]), json!({"code": "2.1"}));
        let added = create(&planned.coordinator, ACTIVITIES, more).await;
        let found = differences("against=revision").await;
        assert_eq!((&found["before"], &found["after"]), (&json!("1"), &json!("revision")));
        let told: Vec<_> = found["data"].as_array().unwrap().iter().map(|row| {
            let pointers = row["fields"].as_array().unwrap().iter().map(|field| field["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
            let short = if row["op"] == "changed" { pointers.join(" ") } else { String::new() };
            format!("{} {} {} {short}", row["op"].as_str().unwrap(), row["kind"].as_str().unwrap(), row["code"].as_str().unwrap_or("-"))
        }).collect();
        assert_eq!(
            told,
            [
                "changed workplan - /ends_on /title/lo",
                "changed activity 1.1 /provinces /title/en",
                "changed milestone 1.1 /due_on",
                "removed milestone 1.1 ",
                "added milestone 1.1 ",
                "added budget_line 1.1 ",
                "removed activity 1.2 ",
                "added activity 2.1 ",
            ]
        );
        let title = &found["data"][1]["fields"][1];
        assert_eq!((&title["before"], &title["after"]), (&json!("Walk"), &json!("Run")));
        assert_eq!(found["data"][3]["id"], gone["id"]);

        // Approved, the same stands between two versions; whichever is asked for, the older stands before.
        change(&planned.coordinator, REVISIONS, &revision, json!({"approval_act": act()})).await;
        assert_eq!(planned.moved(REVISIONS, &revision, json!({"to": "in_review"})).await.status, 200);
        let approved = planned.moved(REVISIONS, &revision, json!({"to": "approved", "reason": "Decided"})).await;
        assert_eq!(approved.status, 200, "{approved}");
        let between = differences("against=1").await;
        assert_eq!(between["data"].as_array().unwrap().len(), found["data"].as_array().unwrap().len());
        assert_eq!(differences("against=2&version=1").await["data"], between["data"]);
        assert_eq!(id(&between["data"][7]), id(&added));
        // Everybody reads it now.
        bench.sign_in(Who::Reader).await.get(format!("{path}/diff?against=1")).expect(200).await;
    })
    .await;
}
