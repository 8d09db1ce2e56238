//! Reports that are owed, and those that the lead ministry sent back.

use super::*;
use crate::{
    harness::Bench,
    progress_reports::{REPORTS, Reported, activity, carried_out, close, header, moved, quarter, remove, report, reported, revise},
    rows::assert_whole,
};

const DAY: u64 = 24 * 60 * 60;

/// So many days later, with everybody signed in again.
async fn later(bench: &Bench, reported: &mut Reported, days: u64) {
    bench.clock().advance(Duration::from_secs(days * DAY));
    reported.lead = bench.again(&reported.lead).await;
    reported.coordinator = bench.again(&reported.coordinator).await;
}

/// The days on which reports of the caller are due.
async fn due(client: &Client) -> Vec<String> {
    tasks(client, "report_due").await.iter().map(|task| task["due_on"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_report_is_owed_by_the_lead_once_its_period_has_ended_until_somebody_submits_one() {
    both(async |bench| {
        let mut reported = reported(&bench).await;
        // 23 November to 31 December; the quarter before began before the plan, and ended before it was approved.
        later(&bench, &mut reported, 38).await;
        assert_eq!(due(&reported.lead).await, [""; 0]);
        later(&bench, &mut reported, 1).await;
        let told = tasks(&reported.lead, "report_due").await;
        assert_eq!(
            told,
            [json!({
                "task": "report_due",
                "subject": {"kind": "activity", "id": id(&reported.activity), "href": at("/v1/activities", &reported.activity)},
                "title": reported.activity["title"], "due_on": "2027-01-15", "since": "2026-12-31T17:00:00.000000Z", "reason": null,
            })]
        );
        for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::FocalPoint("mps"), Who::Coordinator, Who::Reader] {
            assert_eq!(due(&bench.sign_in(who).await).await, [""; 0], "{who:?}");
        }
        // A draft is no report; that of the co-lead is one.
        let draft = reported.draft(&bench, json!({})).await;
        assert_eq!(due(&reported.lead).await, ["2027-01-15"]);
        let partner = bench.sign_in(Who::FocalPoint("moh")).await;
        let row = create(&partner, REPORTS, report(&reported.activity, &bench.organization("moh").await)).await;
        let row = moved(&partner, &row, "submitted").await;
        assert_eq!(due(&reported.lead).await, [""; 0]);
        let row = moved(&reported.coordinator, &row, "returned").await;
        assert_eq!(due(&reported.lead).await, ["2027-01-15"]);
        moved(&partner, &row, "submitted").await;
        assert_eq!(due(&reported.lead).await, [""; 0]);
        // Each quarter that went by is one task.
        later(&bench, &mut reported, 181).await;
        assert_eq!(due(&reported.lead).await, ["2027-04-15", "2027-07-15"]);
        let done = json!({"implementation": "completed", "progress_percent": 100});
        let row = reported.submitted(&bench, with(quarter("2027-04-01", "2027-06-30"), done)).await;
        assert_eq!(due(&reported.lead).await, ["2027-04-15"]);
        // Completed, it owes nothing any more.
        moved(&reported.coordinator, &row, "accepted").await;
        assert_eq!(due(&reported.lead).await, [""; 0]);
        assert_eq!(draft["state"], "draft");
    })
    .await;
}

#[actix_web::test]
async fn nothing_is_owed_on_what_is_out_of_use_or_over() {
    both(async |bench| {
        let bodies = [activity(&bench).await, with(activity(&bench).await, json!({"ends_on": "2026-12-01"}))];
        let (plan, activities) = carried_out(&bench, header(), &bodies).await;
        bench.clock().advance(Duration::from_secs(150 * DAY));
        let lead = bench.sign_in(Who::FocalPoint("molsw")).await;
        // The second one ended in the first of the two quarters.
        assert_eq!(due(&lead).await, ["2027-01-15", "2027-01-15", "2027-04-15"]);
        remove(&bench, &plan, &activities[0]).await;
        assert_eq!(subjects(&lead, "report_due").await, [id(&activities[1])]);
        close(&bench, &plan).await;
        assert_eq!(due(&lead).await, [""; 0]);
    })
    .await;
}

#[actix_web::test]
async fn a_returned_report_waits_for_whoever_wrote_it_with_the_reason() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let iom = bench.sign_in(Who::NetworkMember("iom")).await;
        let row = create(&iom, REPORTS, report(&reported.activity, &bench.organization("iom").await)).await;
        let row = moved(&iom, &row, "submitted").await;
        assert_eq!(subjects(&iom, "report_returned").await, [""; 0]);
        bench.clock().advance(Duration::from_secs(60));
        let row = moved(&reported.coordinator, &row, "returned").await;
        let since = row["updated_at"].clone();
        bench.clock().advance(Duration::from_secs(60));
        let row = change(&iom, REPORTS, &row, json!({"progress_percent": 12})).await;
        assert_eq!(
            tasks(&iom, "report_returned").await,
            [json!({
                "task": "report_returned", "subject": {"kind": "progress_report", "id": id(&row), "href": at(REPORTS, &row)},
                "title": reported.activity["title"], "due_on": "2027-01-15", "since": since, "reason": "Where are the figures?",
            })]
        );
        for who in [Who::FocalPoint("molsw"), Who::Coordinator, Who::Reader, Who::Administrator] {
            assert_eq!(subjects(&bench.sign_in(who).await, "report_returned").await, [""; 0], "{who:?}");
        }
        let archived = archive(&reported.coordinator, REPORTS, &row).await;
        assert_eq!(subjects(&iom, "report_returned").await, [""; 0]);
        let row = reported.coordinator.post_if(format!("{}/restore", at(REPORTS, &archived)), etag(&archived)).expect(200).await.json();
        assert_eq!(subjects(&iom, "report_returned").await, [id(&row)]);
        // Where it cannot be sent in again it does not wait.
        let other = reported.in_state(&bench, "returned", quarter("2027-01-01", "2027-03-31")).await;
        assert_eq!(subjects(&reported.lead, "report_returned").await, [id(&other)]);
        moved(&iom, &row, "submitted").await;
        assert_eq!(subjects(&iom, "report_returned").await, [""; 0]);
        close(&bench, &reported.plan).await;
        assert_eq!(subjects(&reported.lead, "report_returned").await, [""; 0]);
    })
    .await;
}

#[actix_web::test]
async fn a_revision_changes_who_owes_how_often_and_who_may_write() {
    both(async |bench| {
        let mut reported = reported(&bench).await;
        later(&bench, &mut reported, 39).await;
        let draft = reported.draft(&bench, json!({})).await;
        assert_eq!(due(&reported.lead).await, ["2027-01-15"]);
        let moh = bench.organization("moh").await;
        let parties = json!([{"organization_id": id(&moh), "role": "lead"}]);
        let proposal = json!({"activity_id": id(&reported.activity), "plan": {"parties": parties}});
        revise(&bench, &reported.plan, json!({"reporting_interval": "month"}), proposal).await;
        // October ended before the plan was approved.
        let heir = bench.sign_in(Who::FocalPoint("moh")).await;
        assert_eq!((due(&reported.lead).await, due(&heir).await), (vec![], vec!["2026-12-15".to_owned(), "2027-01-15".to_owned()]));
        let refused = reported.lead.patch(at(REPORTS, &draft), etag(&draft), json!({"progress_percent": 30})).expect(403).await;
        assert_eq!(refused.json()["params"]["rule"], "reporters");
        let december = with(report(&reported.activity, &moh), json!({"period_start": "2026-12-01"}));
        let row = create(&heir, REPORTS, december).await;
        moved(&heir, &row, "submitted").await;
        assert_eq!(due(&heir).await, ["2026-12-15"]);
        assert_whole(&bench).await;
    })
    .await;
}
