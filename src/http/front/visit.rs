//! A request and the answer that it is owed: what the log, the metrics and the collector are told of it.

use std::{net::IpAddr, sync::Arc, time::Instant};

use actix_web::{dev::ServiceRequest, http::Method};
use tracing::{error_span, field::display};
use uuid::Uuid;

use super::House;
use crate::{
    http::{context::negotiate, limits::Standing, network, routes::Operation},
    problem::{Language, Problem},
    telemetry::{REQUEST, Trace, otlp::Span},
};

/// What is remembered of a request for its answer.
pub struct Visit<'a> {
    pub house: &'a House,
    pub began: Instant,
    pub trace: Trace,
    pub operation: &'a Operation,
    pub request_id: String,
    pub account: Option<Uuid>,
    pub network: Option<IpAddr>,
    pub language: Language,
    pub method: Method,
    pub path: String,
    /// How the caller stands with the limit that this request was counted against.
    pub standing: Option<Standing>,
}

impl<'a> Visit<'a> {
    pub fn of(house: &'a House, request: &ServiceRequest) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let given = header("x-request-id")
            .filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        let mut traces = request.headers().get_all("traceparent");
        let traceparent = traces.next().filter(|_| traces.next().is_none()).and_then(|value| value.to_str().ok());
        Self {
            house,
            began: Instant::now(),
            trace: Trace::of(traceparent),
            operation: &house.routes.unknown,
            account: None,
            network: network::client(request, &house.trusted_proxies),
            standing: None,
            request_id: given.map_or_else(|| Uuid::now_v7().simple().to_string(), str::to_owned),
            language: negotiate(header("accept-language")),
            method: request.method().clone(),
            path: request.path().to_owned(),
        }
    }

    /// What every line of the log carries that is written for this request. No address: only security events tell one.
    pub fn span(&self) -> tracing::Span {
        let Trace { trace_id, span_id, parent, .. } = self.trace;
        let parent = parent.map(|parent| display(format!("{parent:016x}")));
        error_span!(
            target: REQUEST,
            "request",
            request_id = %self.request_id,
            trace_id = format_args!("{trace_id:032x}"),
            span_id = format_args!("{span_id:016x}"),
            parent_span_id = parent,
        )
    }

    pub fn count(&mut self, standing: Standing) -> Result<(), Problem> {
        self.standing = Some(standing);
        standing.check()
    }

    /// The answer is known: counts it, tells the collector, and says how many milliseconds it took.
    pub fn done(&self, status: u16) -> f64 {
        let took = self.began.elapsed();
        self.operation.durations.observe(&self.house.metrics, status, took.as_secs_f64());
        if let Some(exporter) = self.house.exporter.as_ref().filter(|_| self.trace.sampled) {
            exporter.tell(Span {
                trace: self.trace,
                name: Arc::clone(&self.operation.name),
                operation: Arc::clone(&self.operation.id),
                request_id: self.request_id.clone(),
                status,
                began: self.house.clock.now().micros().saturating_sub(i64::try_from(took.as_micros()).unwrap_or_default()),
                took,
            });
        }
        (took.as_secs_f64() * 1e6).round() / 1e3
    }
}
