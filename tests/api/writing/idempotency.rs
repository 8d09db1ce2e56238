//! `Idempotency-Key`: whoever hears no answer asks again, and nothing is done twice.

use std::time::Duration;

use serde_json::json;

use crate::{
    harness::{Call, Reply, Who, both},
    rows::{ORGANIZATIONS, assert_whole, at, create, etag, organization},
};

/// A write that can be made again.
type Write<'c> = Box<dyn Fn() -> Call + 'c>;

async fn keyed(call: Call, key: &str, status: u16) -> Reply {
    call.header("Idempotency-Key", key).expect(status).await
}

fn is_replay(reply: &Reply) -> bool {
    reply.header("idempotency-replayed") == Some("true")
}

/// The same answer: status, body, and what the contract promises beside it.
fn assert_same(one: &Reply, other: &Reply) {
    assert_eq!((one.status, &one.body), (other.status, &other.body));
    for name in ["etag", "location", "content-type", "x-changed"] {
        assert_eq!(one.header(name), other.header(name), "{name}");
    }
}

#[actix_web::test]
async fn every_write_sent_again_gets_its_first_answer() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, ORGANIZATIONS, organization("again")).await;
        let path = at(ORGANIZATIONS, &row);
        let writes: [(&str, u16, Write<'_>); 7] = [
            ("post", 201, Box::new(|| coordinator.post(ORGANIZATIONS, organization("posted")))),
            ("patch", 200, Box::new(|| coordinator.patch(&path, "\"1\"", json!({"acronym": "A"})))),
            ("external", 200, Box::new(|| coordinator.put(format!("{path}/external-ids/mims"), json!({"id": "1"})))),
            ("forget", 200, Box::new(|| coordinator.delete(format!("{path}/external-ids/mims"), "\"3\""))),
            ("archive", 200, Box::new(|| coordinator.post_if(format!("{path}/archive"), "\"4\""))),
            ("restore", 200, Box::new(|| coordinator.post_if(format!("{path}/restore"), "\"5\""))),
            ("upsert", 201, Box::new(|| coordinator.put(format!("{ORGANIZATIONS}/by-external-id/mims/9"), organization("upserted")))),
        ];
        for (key, status, write) in &writes {
            let first = keyed(write(), key, *status).await;
            let number = bench.parts.store.head().await.unwrap();
            for _ in 0..2 {
                let again = keyed(write(), key, *status).await;
                assert!(!is_replay(&first) && is_replay(&again), "{key}");
                assert_same(&first, &again);
            }
            assert_eq!(bench.parts.store.head().await.unwrap(), number, "{key} wrote twice");
        }
        // The answer is that of the first time, whatever became of the row since.
        assert_eq!(keyed(writes[1].2(), "patch", 200).await.json()["revision"], 2);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_key_is_for_one_request() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let first = keyed(coordinator.post(ORGANIZATIONS, organization("one")), "key", 201).await;
        let path = at(ORGANIZATIONS, &first.json());
        let others = [
            coordinator.post(ORGANIZATIONS, organization("two")),
            coordinator.post("/v1/ministries", organization("one")),
            coordinator.post(format!("{ORGANIZATIONS}?dry_run=true"), organization("one")),
            coordinator.post(format!("{ORGANIZATIONS}?dry_run=false"), organization("one")),
            coordinator.patch(&path, "\"1\"", organization("one")),
            coordinator.request("POST", ORGANIZATIONS).body(organization("one").to_string().replace(':', ": "), "application/json"),
        ];
        for other in others {
            assert_eq!(keyed(other, "key", 422).await.code(), "idempotency_key_reused");
        }
        assert!(is_replay(&keyed(coordinator.post(ORGANIZATIONS, organization("one")), "key", 201).await));
        // If-Match is no part of the request's sense: a replay comes before it is looked at.
        let patch = || coordinator.patch(&path, "\"1\"", json!({"acronym": "A"}));
        keyed(patch(), "patch", 200).await;
        assert!(is_replay(&keyed(patch().without("If-Match"), "patch", 200).await));
        assert!(is_replay(&keyed(patch().without("If-Match").header("If-Match", "\"77\""), "patch", 200).await));
    })
    .await;
}

#[actix_web::test]
async fn the_same_key_of_another_account_is_another_key() {
    both(async |bench| {
        let (moh, moj) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("moj")).await);
        for (client, code) in [(&moh, "moh"), (&moj, "moj")] {
            let row = bench.organization(code).await;
            let reply =
                keyed(client.patch(at(ORGANIZATIONS, &row), etag(&row), json!({"website": null, "mandate": {"lo": code}})), "mine", 200)
                    .await;
            assert!(!is_replay(&reply));
            assert_eq!(reply.json()["code"], code);
        }
    })
    .await;
}

#[actix_web::test]
async fn only_success_is_kept() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let write = || coordinator.post(ORGANIZATIONS, organization("mofa-2"));
        let holder = create(&coordinator, ORGANIZATIONS, organization("mofa-2")).await;
        assert_eq!(keyed(write(), "key", 409).await.code(), "code_taken");
        coordinator.patch(at(ORGANIZATIONS, &holder), "\"1\"", json!({"code": "free"})).expect(200).await;
        let done = keyed(write(), "key", 201).await;
        assert!(!is_replay(&done) && is_replay(&keyed(write(), "key", 201).await));
        for (status, body) in [(422, json!({})), (422, json!({"code": "X"}))] {
            keyed(coordinator.post(ORGANIZATIONS, body), "faulty", status).await;
        }
        keyed(coordinator.post(ORGANIZATIONS, organization("mended")), "faulty", 201).await;
    })
    .await;
}

#[actix_web::test]
async fn a_key_is_kept_for_a_day() {
    both(async |bench| {
        let write =
            async |status| keyed(bench.sign_in(Who::Coordinator).await.post(ORGANIZATIONS, organization("daily")), "key", status).await;
        write(201).await;
        bench.clock().advance(Duration::from_secs(24 * 3600 - 1));
        assert!(is_replay(&write(201).await));
        bench.clock().advance(Duration::from_secs(1));
        assert_eq!(write(409).await.code(), "code_taken");
        // The key is free again, also for something else, and the old answer is gone from the table.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let fresh = keyed(coordinator.post(ORGANIZATIONS, organization("next-day")), "key", 201).await;
        assert!(!is_replay(&fresh));
        assert_eq!(bench.rows("SELECT count(*) AS n FROM idempotency").await[0]["n"], 1);
    })
    .await;
}

#[actix_web::test]
async fn a_key_has_one_to_255_visible_characters() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for key in ["", &"k".repeat(256), "ກ", "two words"] {
            let reply = coordinator.post(ORGANIZATIONS, organization("never")).header("Idempotency-Key", key).send().await;
            assert_eq!((reply.status, reply.code().as_str()), (400, "invalid_header"), "{key:?}");
        }
        keyed(coordinator.post(ORGANIZATIONS, organization("longest")), &"k".repeat(255), 201).await;
    })
    .await;
}
