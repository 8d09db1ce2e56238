//! What is seen as another row is: an audit notices when it is not, whatever the log says of it.

use serde_json::json;

use crate::{
    harness::{
        Who, both,
        round::{nomination, open},
    },
    rows::{assert_whole, audited, create, id},
};

#[actix_web::test]
async fn a_row_that_did_not_follow_is_named() {
    both(async |bench| {
        let institution = bench.organization("moh").await;
        let own = bench.sign_in(Who::FocalPoint("moh")).await;
        let round = open(&bench, &[&institution]).await;
        let given = create(&own, "/v1/nominations", nomination(&round, &institution, 6, [5, 5])).await;
        let comment = json!({"subject_kind": "nomination", "subject_id": given["id"], "body": "So it is", "language": "en"});
        let comment = create(&own, "/v1/comments", comment).await;
        assert_whole(&bench).await;
        for (statement, named) in [
            ("UPDATE prioritization SET state = 'closed'", format!("nomination {}: it is seen otherwise than the round", id(&given))),
            ("UPDATE nomination SET audience = 'country'", format!("comment {}: it is seen otherwise than the nomination", id(&comment))),
        ] {
            assert_eq!(bench.sql(statement).await, 1);
            let found = audited(&bench).await.faults;
            assert!(found.iter().any(|fault| fault.starts_with(&named)), "{statement}: {named:?} is not in {found:?}");
        }
    })
    .await;
}
