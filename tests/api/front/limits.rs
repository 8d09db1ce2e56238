//! How many requests are taken, and what is said of it.

use std::{collections::BTreeSet, time::Duration};

use gcm_api::settings::Settings;

use crate::{
    harness::{Bench, Reply, Who, both, both_with, promise::operations},
    rows::ORGANIZATIONS,
};

fn few(settings: &mut Settings) {
    settings.rates.account_per_minute = 6;
    settings.rates.network_per_minute = 3;
    settings.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
}

/// `RateLimit-Policy` and `RateLimit`.
fn told(reply: &Reply) -> (&str, &str) {
    (reply.header("ratelimit-policy").unwrap(), reply.header("ratelimit").unwrap())
}

fn assert_too_many(reply: &Reply, seconds: &str) {
    assert_eq!((reply.status, reply.code().as_str(), reply.header("retry-after")), (429, "too_many_requests", Some(seconds)), "{reply}");
}

#[actix_web::test]
async fn an_account_has_so_many_requests_in_a_minute() {
    both_with(few, async |bench| {
        let (reader, other) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Coordinator).await);
        for left in (0..6).rev() {
            // From wherever it calls.
            let reply = reader.get("/v1/me").from(&format!("203.0.113.{left}")).expect(200).await;
            assert_eq!(told(&reply), ("\"default\";q=6;w=60", format!("\"default\";r={left};t=10").as_str()));
        }
        let refused = reader.get("/v1/me").header("Accept-Language", "lo").send().await;
        assert_too_many(&refused, "10");
        assert_eq!(told(&refused), ("\"default\";q=6;w=60", "\"default\";r=0;t=10"));
        assert!(refused.json()["detail"].as_str().unwrap().contains("`default`"));
        assert_eq!((&refused.json()["params"]["policy"], &refused.json()["params"]["seconds"]), (&"default".into(), &10.into()));
        bench.clock().advance(Duration::from_millis(3_500));
        assert_too_many(&reader.get("/v1/me").send().await, "7");
        other.get("/v1/me").expect(200).await;
        bench.clock().advance(Duration::from_millis(6_500));
        reader.get("/v1/me").expect(200).await;
        assert_too_many(&reader.get("/v1/me").send().await, "10");
        bench.clock().advance(Duration::from_secs(600));
        assert_eq!(told(&reader.get("/v1/me").expect(200).await).1, "\"default\";r=5;t=10", "there is no saving up");
    })
    .await;
}

#[actix_web::test]
async fn a_network_has_so_many_requests_without_a_token() {
    both_with(few, async |bench| {
        let nobody = bench.nobody();
        let ask = |address: &str| nobody.get("/v1/instance").from(address).send();
        for left in (0..3).rev() {
            assert_eq!(told(&ask("203.0.113.9").await), ("\"public\";q=3;w=60", format!("\"public\";r={left};t=20").as_str()));
        }
        assert_too_many(&ask("203.0.113.9").await, "20");
        assert_eq!(ask("203.0.113.8").await.status, 200);
        // One IPv6 subscriber has a /64; an IPv4 address stays itself.
        for host in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3"] {
            assert_eq!(ask(host).await.status, 200);
        }
        assert_too_many(&ask("2001:db8:1:2::4").await, "20");
        assert_eq!(ask("2001:db8:1:3::1").await.status, 200);
        assert_too_many(&ask("::ffff:203.0.113.9").await, "20");
        // Who has a token is counted as an account, and does not wait for neighbours.
        bench.sign_in(Who::Reader).await.get("/v1/me").from("203.0.113.9").expect(200).await;
        bench.clock().advance(Duration::from_secs(20));
        assert_eq!(ask("203.0.113.9").await.status, 200);
    })
    .await;
}

#[actix_web::test]
async fn behind_a_trusted_proxy_the_client_is_counted_and_nobody_can_lie() {
    both_with(few, async |bench| {
        let nobody = bench.nobody();
        let through = |peer: &str, forwarded: &str| nobody.get("/v1/instance").from(peer).header("X-Forwarded-For", forwarded).send();
        for liar in 0..3 {
            // The client wrote the first entry itself.
            assert_eq!(through("10.0.0.1", &format!("198.51.100.{liar}, 203.0.113.9")).await.status, 200);
        }
        assert_too_many(&through("10.0.0.2", "1.1.1.1, 203.0.113.9, 10.0.0.1").await, "20");
        assert_eq!(through("10.0.0.1", "203.0.113.8").await.status, 200);
        // From anybody else the header is ignored.
        for liar in 0..3 {
            assert_eq!(through("192.0.2.1", &format!("198.51.100.{liar}")).await.status, 200);
        }
        assert_too_many(&through("192.0.2.1", "198.51.100.77").await, "20");
    })
    .await;
}

/// Order of refusals: 404 path · 405 · 401 · 429 · 413/415 · ...
#[actix_web::test]
async fn a_limit_comes_after_the_token_and_before_the_body() {
    both_with(few, async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for _ in 0..6 {
            reader.get("/v1/me").expect(200).await;
        }
        assert_eq!(reader.get("/v1/nothing").expect(404).await.code(), "unknown_path");
        assert_eq!(reader.request("PUT", "/v1/me").expect(405).await.code(), "method_not_allowed");
        assert_eq!(bench.with_token("nonsense").get("/v1/me").expect(401).await.code(), "unauthenticated");
        for call in [
            reader.request("POST", ORGANIZATIONS).body("x".repeat(2_000_000), "text/plain"),
            reader.get("/v1/organizations?nonsense=1"),
            reader.get("/v1/organizations/01920000-0000-7000-8000-000000000001"),
            reader.head("/v1/me"),
        ] {
            let reply = call.expect(429).await;
            assert_eq!(reply.header("ratelimit"), Some("\"default\";r=0;t=10"));
        }
        // What was refused was not counted.
        bench.clock().advance(Duration::from_secs(10));
        reader.get("/v1/me").expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn health_is_never_limited_and_everything_else_says_how_one_stands() {
    both_with(few, async |bench| {
        let nobody = bench.nobody();
        for _ in 0..20 {
            for path in ["/health/live", "/health/ready"] {
                assert_eq!(nobody.get(path).expect(200).await.header("ratelimit"), None);
            }
        }
        for path in ["/docs/", "/openapi.json", "/problems/not_found"] {
            assert!(nobody.get(path).expect(200).await.header("ratelimit").is_some(), "{path}");
        }
        assert_too_many(&nobody.get("/docs/").send().await, "20");
    })
    .await;
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let etag = reader.get("/v1/objectives/6").expect(200).await.etag();
        for call in [
            reader.get("/v1/objectives/6").header("If-None-Match", etag),
            reader.get("/v1/organizations?format=csv"),
            reader.get("/v1/organizations?limit=0"),
            reader.post(ORGANIZATIONS, serde_json::json!({})),
        ] {
            let reply = call.send().await;
            assert!(reply.header("ratelimit").is_some(), "{reply}");
        }
    })
    .await;
}

/// Each process counts its own; nothing is written for it.
#[actix_web::test]
async fn what_is_counted_stands_in_no_table() {
    both_with(few, async |bench| {
        let (reader, twin) = (bench.sign_in(Who::Reader).await, bench.twin().await);
        let head = bench.parts.store.change_head().await.unwrap();
        for client in [reader, twin.sign_in(Who::Reader).await] {
            for _ in 0..6 {
                client.get("/v1/me").expect(200).await;
            }
            client.get("/v1/me").expect(429).await;
        }
        assert_eq!(bench.parts.store.change_head().await.unwrap(), head);
    })
    .await;
}

#[test]
fn every_operation_but_what_watches_documents_the_limits() {
    for operation in operations() {
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            let named: BTreeSet<&str> = response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            let limited = !operation.path.starts_with("/health/") && operation.path != "/metrics";
            for name in ["RateLimit", "RateLimit-Policy"] {
                assert_eq!(named.contains(name), limited, "{} {status}", operation.id);
            }
            assert_eq!(named.contains("Retry-After"), status.starts_with(['4', '5']), "{} {status}", operation.id);
        }
    }
}

/// The settings that operators read of are those that hold.
#[actix_web::test]
async fn the_defaults_are_600_an_account_and_120_a_network() {
    let defaults = Settings::load(&gcm_api::settings::Source::default()).unwrap().rates;
    let change = |settings: &mut Settings| settings.rates = defaults;
    both_with(change, async |bench: Bench| {
        let reply = bench.sign_in(Who::Reader).await.get("/v1/me").expect(200).await;
        assert_eq!(told(&reply), ("\"default\";q=600;w=60", "\"default\";r=599;t=1"));
        let reply = bench.nobody().get("/v1/instance").expect(200).await;
        assert_eq!(told(&reply), ("\"public\";q=120;w=60", "\"public\";r=119;t=1"));
    })
    .await;
}
