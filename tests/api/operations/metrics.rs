//! `/metrics`: what it counts, who gets it, and what is not in it.

use std::collections::BTreeMap;

use gcm_api::store::Engine;

use crate::{
    harness::{Bench, PASSWORD, Who, both, both_with},
    rows::{ORGANIZATIONS, at, organization},
    sessions::sign_in,
};

/// The series of the text, by name and labels as they are written.
fn series(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.rsplit_once(' ').map(|(name, value)| (name.to_owned(), value.parse().unwrap())).unwrap()).collect()
}

async fn figures(bench: &Bench) -> BTreeMap<String, f64> {
    let reply = bench.nobody().get("/metrics").expect(200).await;
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    series(reply.text())
}

fn count(figures: &BTreeMap<String, f64>, operation: &str, status: &str) -> f64 {
    let name = format!("gcm_http_request_duration_seconds_count{{operation=\"{operation}\",status=\"{status}\"}}");
    figures.get(&name).copied().unwrap_or_default()
}

#[actix_web::test]
async fn what_happened_is_counted() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let before = figures(&bench).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        coordinator.get(ORGANIZATIONS).expect(200).await;
        coordinator.head(ORGANIZATIONS).expect(200).await;
        coordinator.get(&path).expect(200).await;
        coordinator.get("/v1/organizations?limit=0").expect(400).await;
        bench.nobody().get(ORGANIZATIONS).expect(401).await;
        for n in 0..3 {
            coordinator.post(ORGANIZATIONS, organization(&format!("counted-{n}"))).expect(201).await;
        }
        coordinator.request("DELETE", ORGANIZATIONS).expect(405).await;
        bench.nobody().get("/docs/").expect(200).await;
        sign_in(&bench, "coordinator", "guessed-Password-1").expect(400).await;
        let after = figures(&bench).await;
        let more = |name: &str| after[name] - before.get(name).copied().unwrap_or_default();
        for (operation, status, times) in [
            ("listOrganizations", "2xx", 2.0),
            ("listOrganizations", "4xx", 2.0),
            ("getOrganization", "2xx", 1.0),
            ("createOrganization", "2xx", 3.0),
            ("unknown", "4xx", 1.0),
            ("documentation", "2xx", 1.0),
            ("getMetrics", "2xx", 1.0),
        ] {
            assert_eq!(count(&after, operation, status) - count(&before, operation, status), times, "{operation} {status}");
        }
        assert_eq!(more("gcm_change_head"), 3.0);
        assert_eq!(more("gcm_security_events_total{event=\"sign_in_failed\"}"), 1.0);
        assert_eq!(more("gcm_writer_queue_wait_seconds_count"), 3.0);
        assert_eq!(more("gcm_writer_lock_held_seconds_count"), 3.0);
        assert!(more("gcm_writer_lock_held_seconds_sum") > 0.0);
        for (name, value) in [
            ("gcm_writer_queue_waiting", 0.0),
            ("gcm_database_up", 1.0),
            // The one that asks.
            ("gcm_http_requests_in_flight", 1.0),
            ("gcm_build_info{contract=\"1.0.0\",version=\"0.1.0\"}", 1.0),
        ] {
            assert_eq!(after[name], value, "{name}");
        }
        let pools: &[&str] = if bench.engine == Engine::Postgres { &["readers", "writer", "aside"] } else { &["readers", "writer"] };
        for pool in pools {
            let of = |state: &str| after[&format!("gcm_database_connections{{pool=\"{pool}\",state=\"{state}\"}}")];
            let most = after[&format!("gcm_database_connections_max{{pool=\"{pool}\"}}")];
            assert!(of("idle") + of("in_use") >= 1.0 && of("idle") + of("in_use") <= most, "{pool}");
        }
        if cfg!(target_os = "linux") {
            assert!(after["process_resident_memory_bytes"] > 1e6 && after["process_open_fds"] > 2.0);
            assert!(
                after["process_cpu_seconds_total"] >= before["process_cpu_seconds_total"] && after["process_start_time_seconds"] > 1.7e9
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn a_database_that_is_away_is_told_and_does_not_keep_the_figures_away() {
    both(async |bench| {
        bench.parts.store.clone().close().await.unwrap();
        assert_eq!(figures(&bench).await["gcm_database_up"], 0.0);
    })
    .await;
}

#[actix_web::test]
async fn no_number_of_paths_adds_a_series_and_no_label_is_anothers_word() {
    both(async |bench| {
        let reader = bench.person("marked.somebody", gcm_api::auth::Role::Reader, None).await;
        reader.get("/v1/nothing").expect(404).await;
        sign_in(&bench, "marked.nobody", PASSWORD).from("203.0.113.77").expect(400).await;
        sign_in(&bench, "marked.somebody", PASSWORD).from("203.0.113.77").expect(200).await;
        let names = |figures: BTreeMap<String, f64>| figures.into_keys().collect::<Vec<_>>();
        figures(&bench).await;
        let before = names(figures(&bench).await);
        for n in 0..1_000 {
            reader.get(format!("/v1/marked-{n}/{n}")).glance().await;
        }
        reader.request("PROPFIND", "/v1/nothing").glance().await;
        assert_eq!(names(figures(&bench).await), before);
        let text = before.join("\n");
        for personal in ["marked", "203.0.113", &reader.account_id().to_string()] {
            assert!(!text.contains(personal), "{personal}");
        }
    })
    .await;
}

#[actix_web::test]
async fn only_programs_of_this_machine_are_told() {
    let proxied = |settings: &mut gcm_api::settings::Settings| settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    both_with(proxied, async |bench| {
        let ask = || bench.nobody().get("/metrics");
        for (peer, headers, told) in [
            ("127.0.0.1", vec![], true),
            ("127.3.2.1", vec![], true),
            ("::1", vec![], true),
            ("::ffff:127.0.0.1", vec![], true),
            ("203.0.113.9", vec![], false),
            ("10.0.0.1", vec![], false),
            ("::", vec![], false),
            ("203.0.113.9", vec![("x-forwarded-for", "127.0.0.1")], false),
            // A trusted proxy on this machine says for whom it asks.
            ("127.0.0.1", vec![("x-forwarded-for", "127.0.0.1")], true),
            ("127.0.0.1", vec![("x-forwarded-for", "203.0.113.9")], false),
            ("127.0.0.1", vec![("x-forwarded-for", "127.0.0.1, 203.0.113.9")], false),
            ("127.0.0.1", vec![("x-forwarded-for", "203.0.113.9, 127.0.0.1")], false),
            ("127.0.0.1", vec![("x-forwarded-for", "nonsense")], false),
            ("127.0.0.1", vec![("x-forwarded-for", "")], false),
            ("127.0.0.1", vec![("x-forwarded-for", "127.0.0.1"), ("forwarded", "for=127.0.0.1")], false),
            // Another one on this machine, which nobody named as trusted.
            ("::1", vec![("x-forwarded-for", "::1")], false),
            ("127.0.0.1", vec![("forwarded", "for=127.0.0.1")], false),
            ("127.0.0.1", vec![("via", "1.1 somewhere")], false),
            ("127.0.0.1", vec![("x-real-ip", "127.0.0.1")], false),
            ("127.0.0.1", vec![("x-forwarded-host", "gcm.example")], false),
        ] {
            for method in ["GET", "HEAD", "POST"] {
                let call = bench.nobody().request(method, "/metrics").from(peer);
                let reply = headers.iter().fold(call, |call, (name, value)| call.header(name, value)).send().await;
                let expected = match (told, method) {
                    (false, _) => 404,
                    (true, "POST") => 405,
                    (true, _) => 200,
                };
                assert_eq!(reply.status, expected, "{method} from {peer} with {headers:?}\n{reply}");
                assert!(told || method == "HEAD" || reply.code() == "unknown_path");
            }
        }
        // Nobody is told by how it is refused that there is something.
        let (hidden, nothing) = (ask().from("203.0.113.9").send().await, bench.nobody().get("/metric").from("203.0.113.9").send().await);
        let shape = |reply: &crate::harness::Reply| {
            let mut problem = reply.json();
            for field in ["request_id", "instance"] {
                problem[field] = "".into();
            }
            let names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
            (problem, names)
        };
        assert_eq!(shape(&hidden), shape(&nothing));
    })
    .await;
}

#[actix_web::test]
async fn watching_is_not_limited_and_what_is_limited_is_counted() {
    let few = |settings: &mut gcm_api::settings::Settings| {
        settings.rates.network_per_minute = 2;
        settings.rates.account_per_minute = 2;
        settings.rates.wrong_per_network = 1;
    };
    both_with(few, async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for _ in 0..5 {
            figures(&bench).await;
            bench.nobody().get("/v1/instance").from("203.0.113.9").send().await;
            reader.get("/v1/me").send().await;
        }
        for n in 0..2 {
            // Each request from another network, the wrong passwords from one.
            let call = sign_in(&bench, "nobody.here", PASSWORD).from("198.51.100.1").send().await;
            assert_eq!(call.status, if n == 0 { 400 } else { 429 }, "{call}");
        }
        let figures = figures(&bench).await;
        for (policy, times) in [("default", 3.0), ("public", 3.0), ("sign_in", 1.0)] {
            assert_eq!(figures[&format!("gcm_rate_limited_total{{policy=\"{policy}\"}}")], times, "{policy}");
        }
        assert_eq!(figures["gcm_security_events_total{event=\"throttled\"}"], 1.0);
    })
    .await;
}

#[actix_web::test]
async fn with_an_address_of_their_own_figures_are_nowhere_else() {
    let apart = |settings: &mut gcm_api::settings::Settings| settings.metrics_listen = Some("127.0.0.1:0".parse().unwrap());
    both_with(apart, async |bench| {
        use actix_web::{body::to_bytes, dev::Service as _, test::TestRequest};

        assert_eq!(bench.nobody().get("/metrics").expect(404).await.code(), "unknown_path");
        let service = actix_web::test::init_service(gcm_api::app::watch(&bench.parts)).await;
        let ask = async |path: &str| {
            let request = TestRequest::with_uri(path).peer_addr("203.0.113.9:1".parse().unwrap()).to_request();
            let response = service.call(request).await.unwrap();
            (response.status().as_u16(), to_bytes(response.into_body()).await.unwrap())
        };
        let (status, body) = ask("/metrics").await;
        assert_eq!((status, series(std::str::from_utf8(&body).unwrap())["gcm_database_up"]), (200, 1.0));
        assert_eq!((ask("/health/live").await.0, ask("/health/ready").await.0, ask("/v1/instance").await.0), (200, 200, 404));
        bench.parts.draining.begin();
        assert_eq!((ask("/health/live").await.0, ask("/health/ready").await.0), (200, 503));
    })
    .await;
}
