//! What browsers are told not to do, on answers of every kind.

use gcm_api::settings::Settings;
use serde_json::json;

use crate::{
    harness::{Bench, Call, ORIGIN, Reply, Who, both, both_with},
    rows::{ORGANIZATIONS, at, organization},
};

const DATA: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

fn assert_guarded(reply: &Reply, https: bool) {
    for (name, value) in [
        ("content-security-policy", DATA),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}\n{reply}");
    }
    assert_eq!(reply.header("strict-transport-security"), https.then_some("max-age=31536000"), "{reply}");
}

/// A call for each kind of answer, with its status.
async fn calls(bench: &Bench) -> Vec<(u16, Call)> {
    let (coordinator, nobody) = (bench.sign_in(Who::Coordinator).await, bench.nobody());
    let row = at(ORGANIZATIONS, &bench.organization("moh").await);
    let question = |method: &str, origin: &str| {
        nobody.request("OPTIONS", ORGANIZATIONS).header("Origin", origin).header("Access-Control-Request-Method", method)
    };
    vec![
        (200, coordinator.get(&row)),
        (304, coordinator.get(&row).header("If-None-Match", "\"1\"")),
        (200, coordinator.head(&row)),
        (200, coordinator.get("/v1/organizations?format=csv")),
        (200, coordinator.get(ORGANIZATIONS).header("Accept-Encoding", "gzip")),
        (200, coordinator.get(ORGANIZATIONS).header("Origin", ORIGIN)),
        (201, coordinator.post(ORGANIZATIONS, organization("guarded"))),
        (400, coordinator.get("/v1/organizations?limit=0")),
        (401, nobody.get(ORGANIZATIONS)),
        (403, bench.sign_in(Who::Reader).await.post(ORGANIZATIONS, organization("refused"))),
        (404, nobody.get("/v1/nothing")),
        (405, nobody.request("DELETE", ORGANIZATIONS)),
        (412, coordinator.patch(&row, "\"9\"", json!({"acronym": "X"}))),
        (413, coordinator.request("POST", ORGANIZATIONS).body("x".repeat(2_000_000), "application/json")),
        (415, coordinator.request("POST", ORGANIZATIONS).body("x", "text/plain")),
        (422, coordinator.post(ORGANIZATIONS, json!({}))),
        (428, coordinator.request("PATCH", &row).json(json!({"acronym": "X"}))),
        (400, nobody.request("POST", "/v1/auth/token").body("grant_type=x", "application/x-www-form-urlencoded")),
        (200, nobody.get("/openapi.json")),
        (200, nobody.get("/health/live")),
        (200, nobody.get("/.well-known/jwks.json")),
        (200, nobody.get("/problems/not_found")),
        (200, question("PATCH", ORIGIN)),
        (400, question("PATCH", "https://evil.example")),
        (400, question("TRACE", ORIGIN)),
    ]
}

#[actix_web::test]
async fn answers_of_every_kind_are_guarded() {
    both(async |bench| {
        for (status, call) in calls(&bench).await {
            assert_guarded(&call.expect(status).await, true);
        }
        bench.parts.store.clone().close().await.unwrap();
        assert_guarded(&bench.nobody().get("/health/ready").expect(503).await, true);
    })
    .await;
}

#[actix_web::test]
async fn browsers_are_bound_to_https_only_where_there_is_https() {
    let plain = |settings: &mut Settings| settings.public_url = Some("http://gcm.example".to_owned());
    both_with(plain, async |bench| {
        assert_guarded(&bench.nobody().get("/v1/instance").expect(200).await, false);
        assert_guarded(&bench.nobody().get("/v1/nothing").expect(404).await, false);
    })
    .await;
}

#[actix_web::test]
async fn the_documentation_runs_what_we_send_with_it_and_nothing_else() {
    both(async |bench| {
        for path in ["/docs/", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"] {
            let reply = bench.nobody().get(path).expect(200).await;
            let policy = reply.header("content-security-policy").unwrap();
            for part in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'"] {
                assert!(policy.split("; ").any(|given| given == part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe-eval") && !policy.contains("http") && !policy.contains('*'), "{policy}");
            assert!(!policy.split("; ").any(|part| part.starts_with("script-src") && part.contains("unsafe")), "{policy}");
            assert_eq!(reply.header("x-frame-options"), Some("DENY"));
            assert!(reply.header("strict-transport-security").is_some());
        }
        assert_guarded(&bench.nobody().get("/docsx").expect(404).await, true);
    })
    .await;
}

#[actix_web::test]
async fn a_question_of_a_browser_that_is_refused_is_a_problem_that_says_why() {
    both(async |bench| {
        let ask = |origin: &str, method: &str, headers: &str| {
            let call = bench.nobody().request("OPTIONS", ORGANIZATIONS).header("Access-Control-Request-Method", method);
            call.header("Origin", origin).header("Access-Control-Request-Headers", headers).send()
        };
        assert_eq!(ask(ORIGIN, "PATCH", "if-match").await.status, 200);
        for (reply, why) in [
            (ask("https://evil.example", "PATCH", "if-match").await, "Origin"),
            (ask(ORIGIN, "TRACE", "if-match").await, "method"),
            (ask(ORIGIN, "PATCH", "x-anything").await, "header"),
        ] {
            assert_eq!((reply.status, reply.code().as_str()), (400, "bad_request"), "{reply}");
            assert!(reply.json()["params"]["why"].as_str().unwrap().contains(why), "{reply}");
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    })
    .await;
}
