//! Spans for a collector, which in these tests is a socket that reads what it gets.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use gcm_api::settings::Settings;
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Who, both_with},
    rows::{ORGANIZATIONS, at},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// A collector that answers each POST with this status; what it was sent comes out at the other end.
pub fn collector(listener: TcpListener, status: u16) -> (SocketAddr, Receiver<(String, Value)>) {
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                length = line.strip_prefix("Content-Length: ").map_or(length, |length| length.trim().parse().unwrap());
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            // Nobody may be interested any more.
            tell.send((head, serde_json::from_slice(&body).unwrap())).ok();
            write!(stream.get_mut(), "HTTP/1.1 {status} Whatever\r\nContent-Length: 2\r\n\r\n{{}}").ok();
        }
    });
    (address, told)
}

fn sends_to(address: SocketAddr) -> impl Fn(&mut Settings) {
    move |settings: &mut Settings| settings.otlp_endpoint = Some(format!("http://{address}").parse().unwrap())
}

fn fresh() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// All spans that were sent until now.
async fn spans(bench: &Bench, told: &Receiver<(String, Value)>) -> Vec<Value> {
    bench.parts.flush(PATIENCE).await;
    let bodies = std::iter::from_fn(|| told.try_recv().ok());
    bodies.flat_map(|(_, body)| body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()).collect()
}

fn attribute<'a>(span: &'a Value, key: &str) -> Option<&'a Value> {
    let all = span["attributes"].as_array().unwrap();
    all.iter().find(|one| one["key"] == key).map(|one| &one["value"])
}

#[actix_web::test]
async fn each_request_is_a_span_with_its_parent_and_without_personal_data() {
    let (address, told) = collector(fresh(), 200);
    both_with(sends_to(address), async |bench| {
        let reader = bench.person("marked.reader", gcm_api::auth::Role::Reader, None).await;
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        let call = reader.get(&path).header("traceparent", format!("00-{trace}-{parent}-01")).header("x-request-id", "told-1");
        call.from("203.0.113.9").expect(200).await;
        // The caller does not record this one.
        reader.get("/v1/me").header("traceparent", format!("00-{trace}-{parent}-00")).expect(200).await;
        reader.get("/v1/organizations?q=marked").expect(200).await;
        bench.nobody().get("/v1/marked").expect(404).await;
        let all = spans(&bench, &told).await;
        let names: Vec<&str> = all.iter().map(|span| span["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["GET /v1/organizations/{id}", "GET /v1/organizations", "unknown"]);
        let [first, second, unknown] = [&all[0], &all[1], &all[2]];
        assert_eq!((&first["traceId"], &first["parentSpanId"], &first["kind"]), (&trace.into(), &parent.into(), &2.into()));
        assert!(second.get("parentSpanId").is_none() && second["traceId"] != trace);
        assert!(all.iter().all(|span| span["traceId"].as_str().unwrap().len() == 32 && span["spanId"].as_str().unwrap().len() == 16));
        assert_eq!(attribute(first, "http.route"), Some(&json!({"stringValue": "/v1/organizations/{id}"})));
        assert_eq!(attribute(first, "http.response.status_code"), Some(&json!({"intValue": "200"})));
        assert_eq!(attribute(first, "gcm.operation"), Some(&json!({"stringValue": "getOrganization"})));
        assert_eq!(attribute(first, "gcm.request_id"), Some(&json!({"stringValue": "told-1"})));
        assert_eq!(attribute(unknown, "http.response.status_code"), Some(&json!({"intValue": "404"})));
        let nanos = |name: &str| first[name].as_str().unwrap().parse::<i128>().unwrap();
        let now = i128::from(bench.clock().now().micros()) * 1_000;
        assert!(nanos("startTimeUnixNano") < nanos("endTimeUnixNano") && (now - nanos("endTimeUnixNano")).abs() < 10_000_000_000);
        let text = Value::from(all).to_string();
        for personal in ["marked", "203.0.113", &reader.account_id().to_string()] {
            assert!(!text.contains(personal), "{personal}: {text}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_sent_is_otlp_over_http() {
    let (address, told) = collector(fresh(), 200);
    both_with(sends_to(address), async |bench| {
        bench.nobody().get("/health/live").expect(200).await;
        bench.parts.flush(PATIENCE).await;
        let (head, body) = told.recv_timeout(PATIENCE).unwrap();
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n") && head.contains("\r\nContent-Type: application/json\r\n"), "{head}");
        let resource = &body["resourceSpans"][0]["resource"]["attributes"];
        assert_eq!(resource[0], json!({"key": "service.name", "value": {"stringValue": "gcm-api"}}));
    })
    .await;
}

#[actix_web::test]
async fn a_collector_that_is_away_or_refuses_or_hangs_harms_no_request() {
    let nobody_listens = fresh().local_addr().unwrap();
    let (refuses, _told) = collector(fresh(), 503);
    let hangs = fresh();
    for address in [nobody_listens, refuses, hangs.local_addr().unwrap()] {
        both_with(sends_to(address), async |bench| {
            let reader = bench.sign_in(Who::Reader).await;
            for _ in 0..20 {
                reader.get("/v1/me").expect(200).await;
            }
            bench.parts.flush(Duration::from_millis(200)).await;
            if address != hangs.local_addr().unwrap() {
                bench.parts.flush(PATIENCE).await;
                let figures = bench.nobody().get("/metrics").expect(200).await;
                assert!(figures.text().contains("\ngcm_trace_spans_dropped_total 20\n"), "{}", figures.text());
                assert!(figures.text().contains("\ngcm_trace_spans_sent_total 0\n"));
            }
        })
        .await;
    }
}

#[actix_web::test]
async fn more_spans_than_wait_are_given_up() {
    let hangs = fresh();
    both_with(sends_to(hangs.local_addr().unwrap()), async |bench| {
        let nobody = bench.nobody();
        for _ in 0..6_000 {
            nobody.get("/health/live").glance().await;
        }
        let figures = nobody.get("/metrics").expect(200).await;
        let dropped = figures.text().lines().find_map(|line| line.strip_prefix("gcm_trace_spans_dropped_total ")).unwrap();
        assert!((1_000..=6_000).contains(&dropped.parse::<u32>().unwrap()), "{dropped}");
    })
    .await;
}
