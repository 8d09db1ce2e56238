//! Whose browsers may call, and what they may read.

use std::collections::BTreeMap;

use actix_web::{dev::Service as _, http::Method, test::TestRequest};

use crate::{
    harness::{Bench, ORIGIN, Who, both, both_with},
    rows::ORGANIZATIONS,
};

/// The browser's question before the request: none of the contract's operations, so asked past the harness.
async fn preflight(bench: &Bench, origin: &str, headers: Vec<(&str, &str)>) -> (u16, BTreeMap<String, String>) {
    let service = actix_web::test::init_service(gcm_api::app::app(&bench.parts)).await;
    let mut request = TestRequest::with_uri(ORGANIZATIONS).method(Method::OPTIONS).insert_header(("origin", origin));
    for header in headers {
        request = request.insert_header(header);
    }
    let response = service.call(request.to_request()).await.unwrap();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (response.status().as_u16(), headers.collect())
}

#[actix_web::test]
async fn browsers_of_the_named_origins_may_call_and_read_our_headers() {
    both(async |bench| {
        let asks = |origin: &'static str, headers: &'static str| {
            let headers = [("access-control-request-method", "PATCH"), ("access-control-request-headers", headers)];
            preflight(&bench, origin, headers.to_vec())
        };
        let asked = "authorization,content-type,if-match,if-none-match,idempotency-key,accept-language,x-request-id,traceparent,tracestate";
        let reply = asks(ORIGIN, asked).await;
        assert_eq!((reply.0, reply.1.get("access-control-allow-origin").map(String::as_str)), (200, Some(ORIGIN)));
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            assert!(reply.1["access-control-allow-methods"].contains(method), "{method}");
        }
        let reader = bench.sign_in(Who::Reader).await;
        let answer = reader.get(ORGANIZATIONS).header("Origin", ORIGIN).expect(200).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        let exposed: std::collections::BTreeSet<_> =
            answer.header("access-control-expose-headers").unwrap().split(", ").map(str::to_ascii_lowercase).collect();
        for name in [
            "etag",
            "link",
            "location",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "deprecation",
            "sunset",
            "idempotency-replayed",
            "dry-run",
            "x-changed",
            "content-disposition",
            "content-language",
            "x-request-id",
        ] {
            assert!(exposed.contains(name), "{name}");
        }
        // A refusal can be read by them, too.
        let refused = bench.nobody().get(ORGANIZATIONS).header("Origin", ORIGIN).expect(401).await;
        assert_eq!(refused.header("access-control-allow-origin"), Some(ORIGIN));
        for other in ["https://evil.example", "https://portal.example.evil.example", "http://localhost:3000", "null"] {
            assert!(!asks(other, asked).await.1.contains_key("access-control-allow-origin"), "{other}");
            let reply = reader.get(ORGANIZATIONS).header("Origin", other).send().await;
            assert_eq!(reply.header("access-control-allow-origin"), None, "{other}");
        }
    })
    .await;
}

#[actix_web::test]
async fn in_the_demo_browsers_of_this_machine_may_call() {
    both_with(
        |settings| settings.demo = true,
        async |bench| {
            for (origin, allowed) in [
                ("http://localhost:3000", true),
                ("http://localhost", true),
                ("https://127.0.0.1:5173", true),
                ("http://[::1]:8000", true),
                ("http://localhost.evil.example", false),
                ("http://127.0.0.1.evil.example:80", false),
                ("http://[::1].evil.example", false),
                ("http://evil.example", false),
            ] {
                let (_, headers) = preflight(&bench, origin, vec![("access-control-request-method", "GET")]).await;
                assert_eq!(headers.contains_key("access-control-allow-origin"), allowed, "{origin}");
            }
        },
    )
    .await;
}
