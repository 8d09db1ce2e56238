//! The database away, at the start and later: the real binary on a PostgreSQL that is stopped and started.

use std::time::{Duration, Instant};

use crate::harness::process::{Process, cluster};

/// What everybody is told while the database is away, soon enough for a program that waits.
fn is_away(process: &Process, path: &str, arguments: &[&str]) {
    let began = Instant::now();
    let answer = process.ask(path, arguments);
    let took = began.elapsed();
    assert_eq!(answer.status, 503, "{path}: {}{}", answer.head, answer.body);
    let body = answer.json();
    assert!(["database_unavailable", "writer_busy"].contains(&body["code"].as_str().unwrap()), "{path}: {body}");
    for header in ["retry-after: ", "x-request-id: ", "content-security-policy: ", "x-content-type-options: nosniff"] {
        assert!(answer.head.contains(header), "{path}: {header}: {}", answer.head);
    }
    assert!(answer.head.contains("application/problem+json"), "{path}: {}", answer.head);
    assert!(took < Duration::from_secs(8), "{path}: {took:?}");
}

#[test]
fn a_service_that_starts_without_its_database_waits_for_it() {
    let Some(mut cluster) = cluster() else { return };
    cluster.stop();
    let (mut first, mut second, mut third) =
        (Process::on(&cluster.url("gcm")), Process::on(&cluster.url("gcm")), Process::on(&cluster.url("gcm")));
    for process in [&mut first, &mut second, &mut third] {
        process.serve();
    }
    for process in [&first, &second, &third] {
        process.awake();
        for path in ["/health/ready", "/v1/instance", "/v1/organizations?limit=1", "/docs/", "/nowhere"] {
            is_away(process, path, &[]);
        }
        is_away(process, "/v1/auth/token", &["-d", "grant_type=password"]);
    }
    let asked =
        first.ask("/v1/instance", &["-H", "Origin: https://portal.example", "-H", "Accept-Language: lo", "-H", "X-Request-Id: mine"]);
    assert!(asked.head.contains("access-control-allow-origin: https://portal.example"), "{}", asked.head);
    assert!(asked.head.contains("x-request-id: mine") && asked.head.contains("content-language: lo"), "{}", asked.head);
    let (code, said) = first.run(&["health"]);
    assert!(code == 1 && said.contains("503"), "{code} {said}");
    let (code, said) = first.run(&["migrate"]);
    assert!(code == 3 && said.contains("cannot be reached"), "{code} {said}");
    assert_eq!(third.told_to_stop(), Some(0));
    assert!(first.log().contains("the database cannot be reached"), "{}", first.log());

    // Two processes find the same empty database at the same moment: one migrates, once.
    cluster.start();
    for process in [&first, &second] {
        process.ready();
        assert_eq!(process.ask("/v1/instance", &[]).status, 200);
    }
    let migrations = cluster.ask("gcm", "SELECT count(*) = count(DISTINCT version) AND count(*) > 10 FROM seaql_migrations");
    assert_eq!(migrations, "t");
    assert_eq!(cluster.ask("gcm", "SELECT count(*) FROM signing_key"), "2");
    for process in [&mut first, &mut second] {
        assert_eq!(process.told_to_stop(), Some(0));
    }
}

#[test]
fn a_service_whose_database_is_restarted_goes_on_by_itself() {
    let Some(mut cluster) = cluster() else { return };
    let mut process = Process::on(&cluster.url("gcm"));
    process.serve();
    process.ready();
    // On PostgreSQL commands that write run beside the service.
    process.enrol();
    let bearer = process.sign_in();
    let list = || process.ask("/v1/organizations?limit=1", &["-H", &bearer]).status;
    let write = |code: &str| {
        let body = format!(r#"{{"kind": "academia", "code": "{code}", "name": {{"en": "{code}"}}, "country": "LA"}}"#);
        let arguments = ["-X", "POST", "-H", &bearer, "-H", "Content-Type: application/json", "-d", &body];
        process.ask("/v1/organizations", &arguments).status
    };
    for round in 0..2 {
        // As many connections as there can be, all of which the restart cuts.
        std::thread::scope(|scope| (0..16).for_each(|_| drop(scope.spawn(|| assert_eq!(list(), 200)))));
        assert_eq!(write(&format!("before-{round}")), 201);
        cluster.stop();
        let bearer = ["-H", bearer.as_str()];
        for path in ["/health/ready", "/v1/instance", "/v1/organizations?limit=1", "/v1/audit/head", "/v1/me"] {
            is_away(&process, path, &bearer);
        }
        is_away(&process, "/v1/auth/token", &["-d", "grant_type=password", "-d", "username=chief", "-d", "password=x"]);
        is_away(&process, "/v1/organizations", &["-X", "POST", "-H", bearer[1], "-H", "Content-Type: application/json", "-d", "{}"]);
        assert_eq!(process.ask("/health/live", &[]).status, 200);
        assert_eq!(process.ask("/openapi.json", &[]).status, 200);
        // By now every connection has been idle for so long that it is tried before it is used, and the server refuses new ones.
        std::thread::sleep(Duration::from_millis(1100));
        is_away(&process, "/v1/organizations?limit=1", &bearer);
        cluster.start();
        // Nobody is told of it once the server is there.
        let statuses: Vec<_> = (0..30).map(|_| list()).collect();
        assert!(statuses.iter().all(|status| *status == 200), "{statuses:?} {}", process.log());
        assert_eq!(write(&format!("after-{round}")), 201);
        process.sign_in();
    }
    // A restart that nobody met: connections that were idle are tried before they are used.
    std::thread::scope(|scope| (0..16).for_each(|_| drop(scope.spawn(|| assert_eq!(list(), 200)))));
    cluster.stop();
    cluster.start();
    std::thread::sleep(Duration::from_millis(1100));
    let statuses: Vec<_> = (0..30).map(|_| list()).collect();
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?} {}", process.log());
    assert_eq!(process.told_to_stop(), Some(0));
    assert_eq!(cluster.ask("gcm", "SELECT count(*) FROM organization WHERE code LIKE 'before-%' OR code LIKE 'after-%'"), "4");
    let verified = process.run(&["audit", "verify", "--bodies"]);
    assert!(verified.0 == 0 && verified.1.contains("The chain is whole"), "{verified:?}");
}
