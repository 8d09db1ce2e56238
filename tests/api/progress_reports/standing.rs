//! Reports are written while the plan is carried out, and at no other time.

use serde_json::json;

use super::{REPORTS, close, report, reported};
use crate::{
    harness::both,
    rows::{archive, assert_whole, at, etag},
};

#[actix_web::test]
async fn a_plan_that_is_over_takes_no_reports_and_moves_none() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let molsw = bench.organization("molsw").await;
        let draft = reported.draft(&bench, json!({})).await;
        let (submitted, returned) =
            (reported.in_state(&bench, "submitted", json!({})).await, reported.in_state(&bench, "returned", json!({})).await);
        close(&bench, &reported.plan).await;
        let refused = reported.lead.post(REPORTS, report(&reported.activity, &molsw)).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["state"]), ("plan_not_active", &json!("closed")));
        let patch = reported.lead.patch(at(REPORTS, &draft), etag(&draft), json!({"progress_percent": 99})).expect(409).await;
        assert_eq!(patch.code(), "plan_not_active");
        for (client, row, to) in [
            (&reported.lead, &draft, "submitted"),
            (&reported.lead, &returned, "submitted"),
            (&reported.coordinator, &submitted, "accepted"),
            (&reported.coordinator, &submitted, "returned"),
        ] {
            let path = format!("{}/transitions", at(REPORTS, row));
            let refused = client.post(path, super::reasoned(to)).header("If-Match", etag(row)).expect(409).await;
            assert_eq!(refused.code(), "plan_not_active", "{to}");
        }
        // What was entered by mistake can still be taken out of use.
        let gone = archive(&reported.coordinator, REPORTS, &draft).await;
        reported.coordinator.post_if(format!("{}/restore", at(REPORTS, &gone)), etag(&gone)).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}
