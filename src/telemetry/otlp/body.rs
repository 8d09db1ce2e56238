//! Spans as OTLP has them in JSON: ids in hexadecimal, 64-bit numbers as text.

use serde_json::{Value, json};

use super::Span;

/// A request is the server's side of a call.
const SERVER: u8 = 2;
const FAILED: u8 = 2;

pub(super) fn of(spans: &[Span]) -> String {
    let resource = [text("service.name", "gcm-api"), text("service.version", env!("CARGO_PKG_VERSION"))];
    let scope = json!({"name": "gcm-api", "version": env!("CARGO_PKG_VERSION")});
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"scope": scope, "spans": spans}]}]}).to_string()
}

/// Names as the semantic conventions of OpenTelemetry have them. No address of the client, no account, no query.
fn span(span: &Span) -> Value {
    let (method, route) = span.name.split_once(' ').unwrap_or((&span.name, ""));
    let mut attributes = vec![
        text("http.request.method", method),
        json!({"key": "http.response.status_code", "value": {"intValue": span.status.to_string()}}),
        text("gcm.operation", &span.operation),
        text("gcm.request_id", &span.request_id),
    ];
    if !route.is_empty() {
        attributes.push(text("http.route", route));
    }
    let began = i128::from(span.began) * 1_000;
    let ended = began + i128::try_from(span.took.as_nanos()).unwrap_or_default();
    let mut told = json!({
        "traceId": format!("{:032x}", span.trace.trace_id),
        "spanId": format!("{:016x}", span.trace.span_id),
        "name": span.name,
        "kind": SERVER,
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": attributes,
        "status": if span.status >= 500 { json!({"code": FAILED}) } else { json!({}) },
    });
    if let (Some(parent), Some(told)) = (span.trace.parent, told.as_object_mut()) {
        told.insert("parentSpanId".to_owned(), Value::from(format!("{parent:016x}")));
    }
    told
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}
