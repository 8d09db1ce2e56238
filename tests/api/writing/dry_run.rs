//! `dry_run=true`: everything as it would be, and nothing kept.

use serde_json::{Value, json};

use crate::{
    harness::{Call, Who, both},
    rows::{ORGANIZATIONS, assert_whole, at, create, organization, with},
};

/// A write that takes a query.
type Write<'c> = Box<dyn Fn(&str) -> Call + 'c>;

/// Leaves out what is made anew each time.
fn lasting(body: &Value) -> Value {
    with(body.clone(), json!({"id": ""}))
}

#[actix_web::test]
async fn a_trial_answers_as_the_write_would_and_keeps_nothing() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &create(&coordinator, ORGANIZATIONS, organization("tried")).await);
        let writes: [(u16, Write<'_>); 7] = [
            (201, Box::new(|query| coordinator.post(format!("{ORGANIZATIONS}{query}"), organization("fresh")))),
            (200, Box::new(|query| coordinator.patch(format!("{path}{query}"), "\"1\"", json!({"acronym": "A", "name": {"lo": "ຊື່"}})))),
            (200, Box::new(|query| coordinator.put(format!("{path}/external-ids/mims{query}"), json!({"id": "1"})))),
            (200, Box::new(|query| coordinator.delete(format!("{path}/external-ids/mims{query}"), "\"3\""))),
            (200, Box::new(|query| coordinator.post_if(format!("{path}/archive{query}"), "\"4\""))),
            (200, Box::new(|query| coordinator.post_if(format!("{path}/restore{query}"), "\"5\""))),
            (201, Box::new(|query| coordinator.put(format!("{ORGANIZATIONS}/by-external-id/mims/9{query}"), organization("upserted")))),
        ];
        let tables = async || {
            let mut counted = Vec::new();
            for table in ["organization", "change", "change_head", "external_id", "search_text", "idempotency"] {
                counted.push(bench.rows(&format!("SELECT count(*) AS n FROM {table}")).await[0]["n"].clone());
            }
            (counted, bench.parts.store.head().await.unwrap(), coordinator.get(&path).expect(200).await.json())
        };
        for (status, write) in &writes {
            let before = tables().await;
            let tried = write("?dry_run=true").header("Idempotency-Key", "tried").expect(*status).await;
            assert_eq!(tried.header("dry-run"), Some("true"));
            assert_eq!((tried.header("etag"), tried.header("location")), (None, None));
            assert_eq!(tables().await, before);
            let done = write("?dry_run=false").expect(*status).await;
            assert_eq!(done.header("dry-run"), None);
            assert_eq!(lasting(&tried.json()), lasting(&done.json()));
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_trial_is_refused_as_the_write_would_be() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        let refusals: [(u16, Write<'_>); 6] = [
            (409, Box::new(|query| coordinator.post(format!("{ORGANIZATIONS}{query}"), organization("moh")))),
            (422, Box::new(|query| coordinator.post(format!("{ORGANIZATIONS}{query}"), json!({})))),
            (403, Box::new(|query| reader.post(format!("{ORGANIZATIONS}{query}"), organization("mine")))),
            (412, Box::new(|query| coordinator.patch(format!("{path}{query}"), "\"8\"", json!({})))),
            (428, Box::new(|query| coordinator.request("PATCH", format!("{path}{query}")).json(json!({})))),
            (409, Box::new(|query| coordinator.post_if(format!("{path}/restore{query}"), "\"1\""))),
        ];
        for (status, write) in &refusals {
            let (tried, done) = (write("?dry_run=true").expect(*status).await, write("").expect(*status).await);
            assert_eq!((tried.code(), tried.faults()), (done.code(), done.faults()));
            assert_eq!(tried.header("dry-run"), None);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_number_that_was_only_tried_is_the_next_ones_number() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let before = bench.parts.store.head().await.unwrap();
        for _ in 0..3 {
            coordinator.post(format!("{ORGANIZATIONS}?dry_run=true"), organization("same")).expect(201).await;
        }
        coordinator.post(ORGANIZATIONS, organization("same")).expect(201).await;
        assert_eq!(bench.parts.store.head().await.unwrap(), before + 1);
    })
    .await;
}
