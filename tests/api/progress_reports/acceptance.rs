//! What acceptance makes of the activity, and of the report that counted before.

use futures_util::future::join;
use serde_json::{Value, json};

use super::{REPORTS, Reported, moved, now, quarter, reasoned, report, reported};
use crate::{
    harness::{Bench, Who, both},
    rows::{archive, assert_whole, at, column, create, etag, faults, id, log_after, set, with},
};

/// How the activity stands: how far, in percent, how it is rated, and by which report.
async fn standing(bench: &Bench, reported: &Reported) -> Value {
    let now = now(bench, &reported.activity).await;
    json!([now["implementation"], now["progress_percent"], now["rating"], now["tracking_report_id"], now["tracking_reason"]])
}

#[actix_web::test]
async fn acceptance_and_the_activity_are_one_act() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let before = now(&bench, &reported.activity).await;
        let row = reported.submitted(&bench, json!({"progress_percent": 35, "rating": "at_risk"})).await;
        assert_eq!(now(&bench, &reported.activity).await, before, "nothing counts before it is accepted");
        let since = bench.parts.store.head().await.unwrap();
        let path = format!("{}/transitions", at(REPORTS, &row));
        // Tried out, nothing stays.
        reported
            .coordinator
            .post(format!("{path}?dry_run=true"), json!({"to": "accepted"}))
            .header("If-Match", etag(&row))
            .expect(200)
            .await;
        assert_eq!(now(&bench, &reported.activity).await, before);
        reported.coordinator.post(&path, json!({"to": "accepted"})).header("If-Match", etag(&row)).expect(200).await;
        assert_eq!(standing(&bench, &reported).await, json!(["in_progress", 35, "at_risk", id(&row), null]));
        let log = log_after(&bench.parts.store, since).await;
        let kinds: Vec<_> = log.iter().map(|change| (change.kind.to_string(), change.resource_id.clone())).collect();
        assert_eq!(
            kinds,
            [("activity".to_owned(), id(&reported.activity).to_owned()), ("progress_report".to_owned(), id(&row).to_owned())]
        );
        assert!(log[0].request_id.is_some() && log[0].request_id == log[1].request_id);
        assert_eq!(log[0].reason, Some(format!("progress report {}", id(&row))));
        // The revision of the activity rose, so that whoever saw it before looks again.
        assert_eq!(now(&bench, &reported.activity).await["revision"], before["revision"].as_i64().unwrap() + 1);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_returned_report_comes_back_with_a_reason_and_is_mended() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let row = reported.submitted(&bench, json!({})).await;
        let path = format!("{}/transitions", at(REPORTS, &row));
        let refused = reported.coordinator.post(&path, json!({"to": "returned"})).header("If-Match", etag(&row)).expect(422).await;
        assert_eq!(faults(&refused), set([("#/reason", "required")]));
        let row = moved(&reported.coordinator, &row, "returned").await;
        bench.clock().advance(std::time::Duration::from_secs(60));
        let spent = json!({"spent": {"amount": "1250000", "currency": "LAK"}, "challenges": {"en": "Few", "lo": "ໜ້ອຍ"}});
        let row = crate::rows::change(&reported.lead, REPORTS, &row, spent).await;
        assert_eq!(row["spent"], json!({"amount": "1250000.00", "currency": "LAK"}));
        let again = moved(&reported.lead, &row, "submitted").await;
        assert!(again["submitted_at"].as_str() > row["submitted_at"].as_str(), "the last time counts");
        moved(&reported.coordinator, &again, "accepted").await;
        let told = reported.lead.get(&path).expect(200).await.json();
        assert_eq!(column(&told, "to"), ["accepted", "submitted", "returned", "submitted"]);
        assert_eq!(told["data"][2]["reason"], reasoned("")["reason"]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_later_report_on_the_same_period_takes_the_place_of_the_former() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let first = reported.accepted(&bench, json!({"progress_percent": 10})).await;
        let since = bench.parts.store.head().await.unwrap();
        // Whoever else reports on it, too.
        let (moh, client) = (bench.organization("moh").await, bench.sign_in(Who::FocalPoint("moh")).await);
        let second = create(&client, REPORTS, with(report(&reported.activity, &moh), json!({"progress_percent": 15}))).await;
        let second = moved(&client, &second, "submitted").await;
        let second = moved(&reported.coordinator, &second, "accepted").await;
        let now = reported.lead.get(at(REPORTS, &first)).expect(200).await.json();
        assert_eq!((&now["state"], &now["revision"]), (&json!("superseded"), &json!(4)));
        assert_eq!(standing(&bench, &reported).await, json!(["in_progress", 15, "on_track", id(&second), null]));
        let log = log_after(&bench.parts.store, since).await;
        let [superseded, activity, accepted] = &log[log.len() - 3..] else { panic!("three rows are written") };
        assert_eq!(
            [&superseded.resource_id, &activity.resource_id, &accepted.resource_id],
            [id(&first), id(&reported.activity), id(&second)]
        );
        assert!(log[log.len() - 3..].iter().all(|change| change.request_id == accepted.request_id));
        let told = reported.lead.get(format!("{}/transitions", at(REPORTS, &first))).expect(200).await.json();
        assert_eq!((&told["data"][0]["from"], &told["data"][0]["to"]), (&json!("accepted"), &json!("superseded")));
        assert_eq!(told["data"][0]["reason"], format!("progress report {}", id(&second)));
        assert_eq!(told["next"], json!([]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_report_on_an_older_period_leaves_the_activity_as_it_stands() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let next = quarter("2027-01-01", "2027-03-31");
        let newer = reported.accepted(&bench, with(next.clone(), json!({"progress_percent": 50, "rating": "off_track"}))).await;
        let stands = now(&bench, &reported.activity).await;
        let older = reported.accepted(&bench, json!({"progress_percent": 20})).await;
        assert_eq!((&older["state"], &now(&bench, &reported.activity).await), (&json!("accepted"), &stands));
        // A second one on the older period takes the place of the first, and changes no more than that.
        reported.accepted(&bench, json!({"progress_percent": 25})).await;
        assert_eq!(reported.lead.get(at(REPORTS, &older)).expect(200).await.json()["state"], "superseded");
        assert_eq!(now(&bench, &reported.activity).await, stands);
        // One that counts no more holds nothing back.
        let last = reported.accepted(&bench, with(next, json!({"progress_percent": 60}))).await;
        let gone = reported.lead.get(at(REPORTS, &newer)).expect(200).await.json();
        assert_eq!(gone["state"], "superseded");
        assert_eq!(standing(&bench, &reported).await[3], id(&last));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_two_who_decide_at_once_one_does() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let row = reported.submitted(&bench, json!({})).await;
        let path = format!("{}/transitions", at(REPORTS, &row));
        let decide = |to: &str| reported.coordinator.post(&path, reasoned(to)).header("If-Match", etag(&row)).send();
        let (one, other) = join(decide("accepted"), decide("returned")).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{one} {other}");
        let accepted = one.status == 200;
        assert_eq!(standing(&bench, &reported).await[1], if accepted { 20 } else { 0 });
        // Written anew while it was being looked at.
        let draft = reported.draft(&bench, quarter("2027-01-01", "2027-03-31")).await;
        let sent = moved(&reported.lead, &draft, "submitted").await;
        let path = format!("{}/transitions", at(REPORTS, &sent));
        let stale = reported.coordinator.post(&path, json!({"to": "accepted"})).header("If-Match", etag(&draft)).expect(412).await;
        assert_eq!(stale.code(), "stale_revision");
        reported.coordinator.post(&path, json!({"to": "accepted"})).expect(428).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn two_reports_on_one_period_accepted_at_once_leave_one_that_counts() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let (one, other) = (reported.submitted(&bench, json!({})).await, reported.submitted(&bench, json!({"progress_percent": 30})).await);
        let accept = |row: &Value| {
            let path = format!("{}/transitions", at(REPORTS, row));
            reported.coordinator.post(path, json!({"to": "accepted"})).header("If-Match", etag(row)).send()
        };
        let (first, second) = join(accept(&one), accept(&other)).await;
        assert_eq!([first.status, second.status], [200, 200]);
        let page = reported.coordinator.get(format!("{REPORTS}?state=accepted")).expect(200).await.json();
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        assert_eq!(standing(&bench, &reported).await[3], page["data"][0]["id"]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn many_are_accepted_together_or_not_at_all() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let one = reported.submitted(&bench, json!({})).await;
        let other = reported.submitted(&bench, with(quarter("2027-01-01", "2027-03-31"), json!({"progress_percent": 45}))).await;
        let draft = reported.draft(&bench, quarter("2027-04-01", "2027-06-30")).await;
        let item = |row: &Value| json!({"id": id(row), "revision": row["revision"]});
        let path = format!("{REPORTS}/transitions");
        let body = json!({"to": "accepted", "items": [item(&one), item(&other), item(&draft)]});
        assert_eq!(reported.coordinator.post(&path, body).expect(409).await.code(), "transitions_refused");
        assert_eq!(standing(&bench, &reported).await[1], 0);
        let body = json!({"to": "accepted", "items": [item(&other), item(&one)]});
        let told = reported.coordinator.post(&path, body).expect(200).await.json();
        assert_eq!(column(&told, "outcome"), ["moved", "moved"]);
        assert_eq!(standing(&bench, &reported).await[1], 45, "whatever order they come in, the later period counts");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_the_activity_stands_by_is_not_archived_and_one_report_counts_for_a_period() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let first = reported.accepted(&bench, json!({})).await;
        let refused = reported.coordinator.post_if(format!("{}/archive", at(REPORTS, &first)), etag(&first)).expect(409).await;
        assert_eq!(refused.code(), "has_dependants");
        let later = reported.accepted(&bench, quarter("2027-01-01", "2027-03-31")).await;
        let gone = archive(&reported.coordinator, REPORTS, &first).await;
        // Out of use it does not count: another one takes its place, and supersedes nothing.
        let second = reported.accepted(&bench, json!({})).await;
        let now = reported.coordinator.get(at(REPORTS, &gone)).expect(200).await.json();
        assert_eq!(now, gone);
        let back = |row: Value| reported.coordinator.post_if(format!("{}/restore", at(REPORTS, &row)), etag(&row)).send();
        let refused = back(gone.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "period_reported"));
        assert_eq!(refused.json()["params"]["id"], id(&second));
        archive(&reported.coordinator, REPORTS, &second).await;
        let restored = back(gone).await;
        assert_eq!((restored.status, &restored.json()["state"]), (200, &json!("accepted")));
        assert_eq!(standing(&bench, &reported).await[3], id(&later));
        assert_whole(&bench).await;
    })
    .await;
}
