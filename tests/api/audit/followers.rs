//! What is seen as another row is: an audit notices when it is not, whatever the log says of it.

use serde_json::json;

use crate::{
    activities::planned,
    harness::{
        Who, both,
        plan::ACTIVITIES,
        round::{nomination, open},
    },
    rows::{assert_whole, at, audited, create, id},
};

#[actix_web::test]
async fn a_row_that_did_not_follow_is_named() {
    both(async |bench| {
        let institution = bench.organization("moh").await;
        let own = bench.sign_in(Who::FocalPoint("moh")).await;
        let round = open(&bench, &[&institution]).await;
        let given = create(&own, "/v1/nominations", nomination(&round, &institution, 6, [5, 5])).await;
        let it = planned(&bench).await;
        let below = at(ACTIVITIES, &it.activity);
        let milestone =
            create(&it.coordinator, &format!("{below}/milestones"), json!({"title": {"en": "Half"}, "due_on": "2026-06-30"})).await;
        let line = json!({"kind": "required", "amount": {"amount": "5", "currency": "USD"}});
        let line = create(&it.coordinator, &format!("{below}/budget-lines"), line).await;
        let comment = json!({"subject_kind": "nomination", "subject_id": given["id"], "body": "So it is", "language": "en"});
        let comment = create(&own, "/v1/comments", comment).await;
        assert_whole(&bench).await;
        for (statement, named) in [
            ("UPDATE prioritization SET state = 'closed'", format!("nomination {}: it is seen otherwise than the round", id(&given))),
            ("UPDATE nomination SET audience = 'country'", format!("comment {}: it is seen otherwise than the nomination", id(&comment))),
            ("UPDATE milestone SET parties = '[]'", format!("milestone {}: it is seen otherwise than the activity", id(&milestone))),
            ("UPDATE budget_line SET audience = 'everyone'", format!("budget_line {}: it is seen otherwise than the activity", id(&line))),
        ] {
            assert_eq!(bench.sql(statement).await, 1);
            let found = audited(&bench).await.faults;
            assert!(found.iter().any(|fault| fault.starts_with(&named)), "{statement}: {named:?} is not in {found:?}");
        }
    })
    .await;
}
