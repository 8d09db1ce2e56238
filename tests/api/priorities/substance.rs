//! What is another question to those who decide, and what is not.

use serde_json::{Value, json};

use super::{ENDORSEMENTS, PRIORITIES, asked};
use crate::{
    harness::both,
    rows::{assert_whole, at, create, etag, id},
};

#[actix_web::test]
async fn another_question_clears_the_words_and_keeps_them() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let adopted = asked.adopted().await;
        assert_eq!(adopted["substance"], 1);
        let first = asked.coordinator.get(format!("{ENDORSEMENTS}?subject_id={}", id(&adopted))).expect(200).await.json();
        let changed = asked.change(json!({"rationale": {"en": "Fees and debts are high"}})).await.json();
        let told = ["state", "substance", "agreed_against", "adoption_act"].map(|field| changed[field].clone());
        assert_eq!(told, [json!("proposed"), json!(2), Value::Null, Value::Null]);

        // The words stay under the old number, and count no more.
        let kept = asked.coordinator.get(format!("{ENDORSEMENTS}?subject_id={}", id(&adopted))).expect(200).await.json();
        assert_eq!(kept["data"], first["data"]);
        let refused = asked.to(json!({"to": "agreed"})).await;
        assert_eq!(refused.json()["errors"][0]["params"]["organization_ids"].as_array().unwrap().len(), 2, "{refused}");
        let old = &kept["data"][0];
        let person = asked.people.iter().zip(&asked.members).find(|(_, member)| member["id"] == old["organization_id"]).unwrap().0;
        let refused = person.patch(at(ENDORSEMENTS, old), etag(old), json!({"decision": "abstained"})).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["substance"]), ("question_closed", &json!(2)));
        let stale = crate::rows::with(asked.word(0, "endorsed").await, json!({"substance": 1}));
        assert_eq!(asked.people[0].post(ENDORSEMENTS, stale).expect(409).await.code(), "question_closed");

        // Asked anew, agreed anew; the move that the change made stands among the others.
        asked.all_endorse().await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["substance"], 2);
        let moves = asked.coordinator.get(format!("{}/transitions", at(PRIORITIES, &adopted))).expect(200).await.json();
        let made: Vec<_> =
            moves["data"].as_array().unwrap().iter().map(|step| (step["from"].as_str().unwrap(), step["to"].as_str().unwrap())).collect();
        assert_eq!(made, [("proposed", "agreed"), ("adopted", "proposed"), ("agreed", "adopted"), ("proposed", "agreed")]);
        let words = asked.coordinator.get(format!("{ENDORSEMENTS}?subject_id={}&substance=2", id(&adopted))).expect(200).await.json();
        assert_eq!(words["data"].as_array().unwrap().len(), 2);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn each_field_is_another_question_or_is_not() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let (one, other) = (asked.other("supports-1").await, asked.other("supports-2").await);
        let cycle = json!({
            "code": "substance", "title": {"en": "A cycle"}, "kind": "national", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
            "date_precision": "day", "date_status": "confirmed",
        });
        let cycle = create(&asked.coordinator, "/v1/review-cycles", cycle).await;
        let steps = [
            (json!({"rank": 3}), false),
            (json!({"cycle_id": id(&cycle)}), false),
            (json!({"rationale": {"lo": "ຄ່າທຳນຽມສູງ"}}), false),
            (json!({"rationale": {"en": "Fees are too high"}}), true),
            (json!({"rationale": {"lo": null}}), true),
            (json!({"rationale": null}), true),
            (json!({"rationale": {"en": "Fees are high"}}), true),
            (json!({"cluster": {"en": "Fair recruitment"}}), true),
            (json!({"cluster": {"lo": "ການຈັດຫາງານທີ່ເປັນທຳ"}}), false),
            (json!({"cluster": {"en": "Recruitment"}}), true),
            (json!({"supporting_ids": [id(&one), id(&other)]}), true),
            (json!({"supporting_ids": [id(&other), id(&one)]}), false),
            (json!({"supporting_ids": [id(&one)]}), true),
            (json!({"lead_id": id(&other)}), true),
            (json!({"lead_id": null}), true),
            (json!({"objective_number": 7}), true),
            (json!({"objective_number": 7, "rank": 1}), false),
        ];
        let mut substance = 1;
        for (patch, rises) in steps {
            let changed = asked.change(patch.clone()).await;
            assert_eq!(changed.status, 200, "{patch}: {changed}");
            substance += i64::from(rises);
            assert_eq!(changed.json()["substance"], substance, "{patch}");
        }
        // Moves are none: agreed, it is the same question as before.
        asked.all_endorse().await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.json()["substance"], substance);
    })
    .await;
}

/// An act that comes with another question is the act of that question.
#[actix_web::test]
async fn an_act_that_is_sent_with_another_question_stays() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        asked.adopted().await;
        let new = json!({"number": "No. 2/PM", "date": "2026-11-22", "authority": {"en": "Prime Minister"}});
        let changed = asked.change(json!({"objective_number": 8, "adoption_act": new})).await.json();
        assert_eq!((&changed["state"], &changed["adoption_act"]), (&json!("proposed"), &new));
    })
    .await;
}
