//! What the service counts about itself, for `/metrics`. One registry for each store: many services can run in one process.
//!
//! Labels are words of ours, never of a caller: so their number is bounded, and nobody's name or address gets in.

mod durations;
mod process;
mod writers;

pub use durations::Durations;
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
    core::Collector,
};
pub use writers::{Holding, Waiting};

/// From half a millisecond, which is a good answer, to the longest that a request may take without being given up.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0];

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    pub requests_in_flight: IntGauge,
    rate_limited: IntCounterVec,
    security_events: IntCounterVec,
    connections: IntGaugeVec,
    connections_max: IntGaugeVec,
    writers_waiting: IntGauge,
    writer_wait: Histogram,
    writer_held: Histogram,
    pub database_up: IntGauge,
    pub change_head: IntGauge,
    /// Answers given from the kept bytes, and those that had to be worked out.
    pub cache_hits: IntCounter,
    pub cache_misses: IntCounter,
    pub cache_entries: IntGauge,
    pub cache_bytes: IntGauge,
    pub spans_sent: IntCounter,
    pub spans_dropped: IntCounter,
    build_info: IntGaugeVec,
    process: process::Gauges,
}

/// A request that is worked on.
#[derive(Debug)]
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The registry, while it is filled.
struct Book(Registry);

type Made<T> = Result<T, prometheus::Error>;

impl Book {
    fn enter<C: Collector + Clone + 'static>(&self, made: Made<C>) -> Made<C> {
        let collector = made?;
        self.0.register(Box::new(collector.clone()))?;
        Ok(collector)
    }

    fn counter(&self, name: &str, help: &str) -> Made<IntCounter> {
        self.enter(IntCounter::new(name, help))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Made<IntCounterVec> {
        self.enter(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> Made<IntGauge> {
        self.enter(IntGauge::new(name, help))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Made<IntGaugeVec> {
        self.enter(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn seconds(&self, name: &str, help: &str) -> Made<Histogram> {
        self.enter(Histogram::with_opts(HistogramOpts::new(name, help).buckets(SECONDS.to_vec())))
    }
}

impl Metrics {
    pub fn new() -> Result<Self, prometheus::Error> {
        let book = Book(Registry::new());
        let options =
            HistogramOpts::new("gcm_http_request_duration_seconds", "Time until the head of the answer, by operation and class of status.");
        Ok(Self {
            requests: book.enter(HistogramVec::new(options.buckets(SECONDS.to_vec()), &["operation", "status"]))?,
            requests_in_flight: book.gauge("gcm_http_requests_in_flight", "Requests that are being worked on.")?,
            rate_limited: book.counters("gcm_rate_limited_total", "Requests refused with 429, by the limit that they met.", &["policy"])?,
            security_events: book.counters("gcm_security_events_total", "Security events of the log, by their name.", &["event"])?,
            connections: book.gauges(
                "gcm_database_connections",
                "Open connections to the database, by pool and state.",
                &["pool", "state"],
            )?,
            connections_max: book.gauges("gcm_database_connections_max", "Connections that a pool opens at most.", &["pool"])?,
            writers_waiting: book.gauge("gcm_writer_queue_waiting", "Writes that wait for the writer lock.")?,
            writer_wait: book.seconds("gcm_writer_queue_wait_seconds", "How long writes waited for the writer lock, also in vain.")?,
            writer_held: book
                .seconds("gcm_writer_lock_held_seconds", "How long writes held the writer lock, until they were committed.")?,
            database_up: book.gauge("gcm_database_up", "1 when the database answered this very question, else 0.")?,
            change_head: book.gauge("gcm_change_head", "Number of the last change that was committed.")?,
            cache_hits: book.counter("gcm_cache_hits_total", "Answers given from kept bytes.")?,
            cache_misses: book.counter("gcm_cache_misses_total", "Answers that could have been kept, and had to be worked out.")?,
            cache_entries: book.gauge("gcm_cache_entries", "Answers that are kept.")?,
            cache_bytes: book.gauge("gcm_cache_bytes", "Bytes that the kept answers take.")?,
            spans_sent: book.counter("gcm_trace_spans_sent_total", "Spans that the collector took.")?,
            spans_dropped: book.counter("gcm_trace_spans_dropped_total", "Spans given up, since the collector was away or too slow.")?,
            build_info: book.gauges("gcm_build_info", "1; its labels say which program this is.", &["version", "contract"])?,
            process: process::Gauges::new(&book)?,
            registry: book.0,
        })
    }

    /// The security events that there are: an alarm hears of the first one only if the series is there before it.
    pub fn expect_events(&self, names: impl IntoIterator<Item = &'static str>) {
        for name in names {
            self.security_events.with_label_values(&[name]);
        }
    }

    /// The version of the program, and of the contract that it keeps.
    pub fn program(&self, version: &str, contract: &str) {
        self.build_info.with_label_values(&[version, contract]).set(1);
    }

    /// One more request is worked on, until this is dropped.
    pub fn in_flight(&self) -> InFlight {
        self.requests_in_flight.inc();
        InFlight(self.requests_in_flight.clone())
    }

    /// One more request that was refused with 429 under this limit.
    pub fn rate_limited(&self, policy: &str) {
        self.rate_limited.with_label_values(&[policy]).inc();
    }

    /// One more security event of this name.
    pub fn security_event(&self, name: &'static str) {
        self.security_events.with_label_values(&[name]).inc();
    }

    /// How a pool of connections stands.
    pub fn pool(&self, name: &'static str, open: u32, idle: usize, most: u32) {
        let idle = i64::try_from(idle).unwrap_or_default();
        self.connections.with_label_values(&[name, "idle"]).set(idle);
        self.connections.with_label_values(&[name, "in_use"]).set((i64::from(open) - idle).max(0));
        self.connections_max.with_label_values(&[name]).set(i64::from(most));
    }

    /// All of it in the Prometheus text format 0.0.4.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        self.process.look();
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        String::from_utf8(text).map_err(|error| prometheus::Error::Msg(error.to_string()))
    }
}
