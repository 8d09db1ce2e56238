//! A plan and its activities are everybody's once it is approved; what a revision would make of it is theirs who take part.

use serde_json::{Value, json};

use super::{PROPOSALS, planned};
use crate::{
    harness::{
        Client, Who, both,
        plan::{ACTIVITIES, REVISIONS, WORKPLANS, activity},
    },
    rows::{at, create, finds, id, with},
};

#[actix_web::test]
async fn drafts_are_for_those_who_take_part() {
    both(async |bench| {
        let planned = planned(&bench, 1, ["2026-01-01", "2028-12-31"]).await;
        let milestones = format!("{}/milestones", at(ACTIVITIES, &planned.activities[0]));
        let milestone = create(&planned.coordinator, &milestones, json!({"title": {"en": "Half way"}, "due_on": "2027-06-30"})).await;
        let lines = format!("{}/budget-lines", at(ACTIVITIES, &planned.activities[0]));
        let required = json!({"kind": "required", "amount": {"amount": "9.00", "currency": "USD"}, "note": {"en": "Rooms"}});
        let line = create(&planned.coordinator, &lines, required).await;
        let outside = [bench.sign_in(Who::Reader).await, bench.sign_in(Who::Administrator).await];
        let inside = [bench.sign_in(Who::NetworkMember("iom")).await, bench.sign_in(Who::FocalPoint("moh")).await];
        let seen = async |of: &[Client], collection: &str, row: &Value, text: &str| {
            let mut all = Vec::new();
            for client in of {
                all.push(finds(client, collection, row, text).await);
            }
            all
        };
        for client in &outside {
            for path in [&milestones, &lines] {
                client.get(path).expect(404).await;
            }
            client.get(at(&milestones, &milestone)).expect(404).await;
            client.get(format!("{}/versions", at(WORKPLANS, &planned.plan))).expect(404).await;
            client.get(format!("{}/diff?against=1", at(WORKPLANS, &planned.plan))).expect(404).await;
        }
        for (collection, row, text) in [(WORKPLANS, &planned.plan, "Plan"), (ACTIVITIES, &planned.activities[0], "Walk")] {
            assert_eq!(seen(&outside, collection, row, text).await, [false, false], "{collection}");
            assert_eq!(seen(&inside, collection, row, text).await, [true, true], "{collection}");
        }

        planned.active().await;
        for (collection, row, text) in [
            (WORKPLANS, &planned.plan, "Plan"),
            (ACTIVITIES, &planned.activities[0], "Walk"),
            (milestones.as_str(), &milestone, "Half"),
            (lines.as_str(), &line, "Rooms"),
        ] {
            assert_eq!(seen(&outside, collection, row, text).await, [true, true], "{collection}");
        }

        // The next version is the country's until it is approved, with what it would change and add.
        let revision = planned.revised().await;
        let more = with(activity(&planned.plan, &planned.asked.members[0]), json!({"code": "2.1", "title": {"en": "Addition"}}));
        let addition = create(&planned.coordinator, ACTIVITIES, more).await;
        let changes = json!({"activity_id": id(&planned.activities[0]), "plan": {"title": {"en": "Proposition"}}});
        let proposal = create(&planned.coordinator, PROPOSALS, changes).await;
        let drafted = [(REVISIONS, &revision, "Half"), (ACTIVITIES, &addition, "Addition"), (PROPOSALS, &proposal, "Proposition")];
        for (collection, row, text) in drafted {
            assert_eq!(seen(&outside, collection, row, text).await, [false, false], "{collection}");
            assert_eq!(seen(&inside, collection, row, text).await, [true, true], "{collection}");
        }
        let diff = format!("{}/diff?against=revision", at(WORKPLANS, &planned.plan));
        assert_eq!(outside[0].get(&diff).expect(400).await.faults()[0].1, "reference_unknown");
        inside[0].get(&diff).expect(200).await;
        // The activity itself says nothing of what is proposed.
        let told = outside[0].get(at(ACTIVITIES, &planned.activities[0])).expect(200).await;
        assert!(!told.text().contains("Proposition"), "{told}");
        let withdrawn = planned.moved(REVISIONS, &revision, json!({"to": "withdrawn", "reason": "Not now"})).await;
        assert_eq!(withdrawn.status, 200);
        assert_eq!(seen(&outside, REVISIONS, &revision, "Half").await, [false, false]);
        let gone = planned.coordinator.get(at(ACTIVITIES, &addition)).expect(200).await.json();
        assert!(!gone["archived_at"].is_null(), "what was added for it alone goes out of use with it");
    })
    .await;
}
