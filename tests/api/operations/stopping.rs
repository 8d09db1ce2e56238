//! Being told to stop: what was taken on is finished, within a limit.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

use super::process::{Running, wait};
use crate::harness::both;

const FORM: &str = "grant_type=password&username=nobody&password=nothing";

/// A request of which half is sent.
fn half_sent(running: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(&running.address).unwrap();
    let head = "POST /v1/auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{}", FORM.len(), &FORM[..20]).unwrap();
    wait(|| running.get("/metrics").contains("\ngcm_http_requests_in_flight 2\n"));
    stream
}

fn in_order(running: &Running, phases: &[&str]) {
    let log = running.log();
    let mut messages = log.iter().filter_map(|line| line["message"].as_str());
    for phase in phases {
        assert!(messages.any(|message| message.starts_with(phase)), "{phase}: {log:#?}");
    }
}

#[actix_web::test]
async fn who_asks_hears_that_it_is_about_to_stop() {
    both(async |bench| {
        bench.parts.draining.begin();
        let ready = bench.nobody().get("/health/ready").expect(503).await;
        assert_eq!((ready.code().as_str(), ready.header("retry-after")), ("shutting_down", Some("2")));
        bench.nobody().get("/health/live").expect(200).await;
        bench.nobody().get("/v1/instance").expect(200).await;
    })
    .await;
}

#[test]
fn a_request_in_flight_is_answered_and_nobody_new_is_let_in() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Running::start(folder.path(), &["serve"], &[]);
        // A connection that is only kept open keeps nothing up.
        let idle = TcpStream::connect(&running.address).unwrap();
        let mut slow = half_sent(&running);
        running.signal(signal);
        running.says("no new connections are taken");
        wait(|| TcpStream::connect(&running.address).is_err());
        slow.write_all(&FORM.as_bytes()[20..]).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("invalid_grant"), "{answer}");
        assert_eq!(running.end().code(), Some(0));
        in_order(
            &running,
            &["told to stop", "no new connections are taken", "answered", "every request was answered", "stopped: the database is closed"],
        );
        drop(idle);
    }
}

#[test]
fn load_balancers_have_time_to_notice() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["serve"], &[("GCM_DRAIN_SECONDS", "5"), ("GCM_METRICS_LISTEN", "127.0.0.1:0")]);
    let told = Instant::now();
    running.signal("TERM");
    running.says("told to stop");
    let ready = running.get("/health/ready");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("shutting_down"), "{ready}");
    assert!(running.get("/health/live").starts_with("HTTP/1.1 200") && running.get("/v1/instance").starts_with("HTTP/1.1 200"));
    assert_eq!(running.end().code(), Some(0));
    assert!(told.elapsed() >= Duration::from_secs(5), "it went on for as long as it was told");
}

#[test]
fn what_does_not_end_within_the_limit_is_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("GCM_SHUTDOWN_SECONDS", "1"), ("GCM_REQUEST_TIMEOUT_SECONDS", "300")];
    let mut running = Running::start(folder.path(), &["serve"], &settings);
    let _slow = half_sent(&running);
    running.signal("TERM");
    assert_eq!(running.end().code(), Some(0));
    in_order(&running, &["no new connections are taken", "the limit is over", "stopped: the database is closed"]);
}

#[test]
fn who_says_it_twice_means_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("GCM_DRAIN_SECONDS", "600"), ("GCM_SHUTDOWN_SECONDS", "600"), ("GCM_REQUEST_TIMEOUT_SECONDS", "300")];
    let mut running = Running::start(folder.path(), &["serve"], &settings);
    let _slow = half_sent(&running);
    running.signal("TERM");
    running.says("told to stop");
    running.signal("INT");
    assert_eq!(running.end().code(), Some(1));
}

#[test]
fn what_was_acknowledged_is_there_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["serve", "--demo"], &[]);
    let bearer = bearer(&running, folder.path());
    let (number, kept) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let code = format!("told-{}", number.fetch_add(1, Ordering::Relaxed));
                    let body = format!("{{\"kind\":\"academia\",\"code\":\"{code}\",\"name\":{{\"en\":\"{code}\"}},\"country\":\"LA\"}}");
                    let head = format!("Host: a\r\n{bearer}\r\nContent-Type: application/json\r\nConnection: close");
                    let request = format!("POST /v1/organizations HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    match running.ask(&request) {
                        Some(answer) if answer.starts_with("HTTP/1.1 201") => kept.lock().unwrap().push(code),
                        Some(answer) => panic!("{answer}"),
                        None => return,
                    }
                }
            });
        }
        wait(|| kept.lock().unwrap().len() >= 40);
        running.signal("TERM");
    });
    assert_eq!(running.end().code(), Some(0));

    // At the same address, which is the issuer of the token.
    let running = Running::start(folder.path(), &["serve", "--demo"], &[("GCM_LISTEN", &running.address)]);
    for code in kept.into_inner().unwrap() {
        let request = format!("GET /v1/organizations?code={code} HTTP/1.1\r\nHost: a\r\n{bearer}\r\nConnection: close\r\n\r\n");
        let answer = running.ask(&request).unwrap();
        assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{code} was acknowledged\n{answer}");
    }
}

/// The header of a coordinator of the demo.
fn bearer(running: &Running, folder: &std::path::Path) -> String {
    let accounts = std::fs::read_to_string(folder.join("data/demo-accounts.json")).unwrap();
    let accounts: Value = serde_json::from_str(&accounts).unwrap();
    let coordinator = accounts["accounts"].as_array().unwrap().iter().find(|account| account["role"] == "coordinator").unwrap();
    let form = format!(
        "grant_type=password&username={}&password={}",
        coordinator["username"].as_str().unwrap(),
        coordinator["password"].as_str().unwrap()
    );
    let head = "Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close";
    let answer = running.ask(&format!("POST /v1/auth/token HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len())).unwrap();
    let token = answer.split("\"access_token\":\"").nth(1).unwrap_or_else(|| panic!("{answer}")).split('"').next().unwrap();
    format!("Authorization: Bearer {token}")
}
