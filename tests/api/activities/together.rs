//! Writers at once: nothing is lost.

use futures_util::future::join_all;
use serde_json::json;

use super::planned;
use crate::{
    harness::{Who, both, plan::ACTIVITIES},
    rows::{assert_whole, at, create, etag, id},
};

#[actix_web::test]
async fn of_two_who_write_one_activity_one_looks_again_and_of_two_nobody() {
    both(async |bench| {
        let it = planned(&bench).await;
        let other = create(&it.coordinator, ACTIVITIES, it.another("2", json!({}))).await;
        let focal = bench.sign_in(Who::FocalPoint("molsw")).await;
        let one = it.coordinator.patch(at(ACTIVITIES, &it.activity), etag(&it.activity), json!({"provinces": ["LA-SV"]}));
        let same = focal.patch(at(ACTIVITIES, &it.activity), etag(&it.activity), json!({"description": {"en": "Ours"}}));
        let apart = it.coordinator.patch(at(ACTIVITIES, &other), etag(&other), json!({"provinces": ["LA-VT"]}));
        let replies = join_all([one.send(), same.send(), apart.send()]).await;
        let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!(statuses.pop(), Some(200), "another activity is nobody's business");
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let now = it.now().await;
        let both_written = now["provinces"] == json!(["LA-SV"]) && now["description"].is_object();
        assert!(!both_written && now["revision"] == 2, "{now}");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn two_that_would_close_a_ring_from_both_ends_do_not() {
    both(async |bench| {
        let it = planned(&bench).await;
        let other = create(&it.coordinator, ACTIVITIES, it.another("2", json!({}))).await;
        let there = it.coordinator.patch(at(ACTIVITIES, &it.activity), etag(&it.activity), json!({"depends_on": [id(&other)]}));
        let back = it.coordinator.patch(at(ACTIVITIES, &other), etag(&other), json!({"depends_on": [id(&it.activity)]}));
        let mut statuses: Vec<_> = join_all([there.send(), back.send()]).await.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_twenty_budget_lines_at_once_each_raises_the_activity() {
    both(async |bench| {
        let it = planned(&bench).await;
        let path = format!("{}/budget-lines", at(ACTIVITIES, &it.activity));
        let line = json!({"kind": "committed", "amount": {"amount": "0.01", "currency": "USD"}});
        let replies = join_all((0..20).map(|_| it.coordinator.post(&path, &line).send())).await;
        assert!(replies.iter().all(|reply| reply.status == 201));
        assert_eq!(it.now().await["revision"], 21);
        // Whoever saw the activity before that looks again.
        it.coordinator.patch(at(ACTIVITIES, &it.activity), etag(&it.activity), json!({"provinces": ["LA-SV"]})).expect(412).await;
        assert_whole(&bench).await;
    })
    .await;
}
