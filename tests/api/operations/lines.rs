//! Log lines: each tells which request and which trace it belongs to, and nothing that is not the operator's business.

use std::collections::BTreeSet;

use gcm_api::features::access::security::TARGET;
use serde_json::Value;

use crate::{
    harness::{
        PASSWORD, Who, both,
        log::{Log, lines},
    },
    rows::{ORGANIZATIONS, at, organization},
    sessions::sign_in,
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

#[actix_web::test]
async fn every_line_of_a_request_names_it_and_its_trace() {
    both(async |bench| {
        let log = Log::listen();
        let traceparent = format!("00-{TRACE}-{PARENT}-01");
        let reply = sign_in(&bench, "nobody.here", PASSWORD)
            .from("203.0.113.9")
            .header("traceparent", &traceparent)
            .header("x-request-id", "told-1")
            .expect(400)
            .await;
        assert_eq!(reply.header("traceparent"), None);
        let text = log.end();
        let mine: Vec<Value> = lines(&text).filter(|line| line["request_id"] == "told-1").collect();
        assert!(mine.iter().any(|line| line["target"] == TARGET && line["event"] == "sign_in_failed"), "{text}");
        let last = mine.last().unwrap();
        assert_eq!((&last["operation"], &last["status"], &last["method"]), (&"requestToken".into(), &400.into(), &"POST".into()));
        assert!(last["duration_ms"].as_f64().is_some_and(|took| took > 0.0), "{last}");
        let spans: BTreeSet<&str> = mine.iter().map(|line| line["span_id"].as_str().unwrap()).collect();
        assert_eq!(spans.len(), 1);
        assert!(spans.iter().all(|span| span.len() == 16 && *span != PARENT));
        for line in &mine {
            assert_eq!((&line["trace_id"], &line["parent_span_id"]), (&TRACE.into(), &PARENT.into()), "{line}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_trace_that_cannot_be_read_is_begun_anew() {
    both(async |bench| {
        let log = Log::listen();
        let good = format!("00-{TRACE}-{PARENT}-01");
        let upper = good.to_uppercase();
        for bad in [upper.as_str(), "00-1-2-3", "nonsense", ""] {
            bench.nobody().get("/v1/instance").header("traceparent", bad).expect(200).await;
        }
        let twice = bench.nobody().get("/v1/instance").header("traceparent", &good).header("traceparent", &good);
        twice.expect(200).await;
        bench.nobody().get("/v1/nothing").expect(404).await;
        let text = log.end();
        let told: Vec<Value> = lines(&text).filter(|line| line.get("duration_ms").is_some()).collect();
        let traces: BTreeSet<&str> = told.iter().map(|line| line["trace_id"].as_str().unwrap()).collect();
        assert_eq!((told.len(), traces.len(), traces.contains(TRACE)), (6, 6, false), "{text}");
        assert!(told.iter().all(|line| line.get("parent_span_id").is_none()));
    })
    .await;
}

#[actix_web::test]
async fn requests_at_the_same_time_do_not_take_each_others_names() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let log = Log::listen();
        let write = |n: usize| {
            let call = coordinator.post(ORGANIZATIONS, organization(&format!("beside-{n}")));
            call.header("x-request-id", format!("write-{n}")).send()
        };
        let read = |n: usize| coordinator.get("/v1/organizations?limit=0").header("x-request-id", format!("read-{n}")).send();
        futures_util::future::join_all((0..20).map(|n| async move { futures_util::future::join(write(n), read(n)).await })).await;
        let text = log.end();
        for n in 0..20 {
            let of = |id: String| lines(&text).filter(|line| line["request_id"] == id.as_str()).collect::<Vec<_>>();
            let (writes, reads) = (of(format!("write-{n}")), of(format!("read-{n}")));
            assert_eq!((writes.len(), reads.len()), (1, 1), "{n}: {text}");
            assert_eq!((&writes[0]["status"], &reads[0]["code"]), (&201.into(), &"invalid_query".into()));
            assert_eq!(writes[0]["account"], coordinator.account_id().to_string());
        }
    })
    .await;
}

#[actix_web::test]
async fn no_line_tells_a_query_a_body_a_name_or_an_address() {
    both(async |bench| {
        let reader = bench.person("marked.reader", gcm_api::auth::Role::Reader, None).await;
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        let log = Log::listen();
        reader.get("/v1/organizations?q=marked-query").from("203.0.113.7").header("user-agent", "marked-agent").expect(200).await;
        reader.get("/v1/organizations?marked=1").from("203.0.113.7").expect(400).await;
        reader.get("/v1/me").header("referer", "https://marked.example").expect(200).await;
        let body = serde_json::json!({"name": {"en": "marked-body"}, "code": "marked body"});
        coordinator.patch(&path, "\"1\"", &body).from("203.0.113.7").expect(422).await;
        coordinator.patch(&path, "\"1\"", "marked-text").from("203.0.113.7").send().await;
        bench.with_token("marked-token").get(&path).from("203.0.113.7").expect(401).await;
        let text = log.end();
        assert!(lines(&text).count() >= 6);
        for word in ["marked", "203.0.113", reader.token()] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    })
    .await;
}
