//! Spans for a collector: OTLP over HTTP in its JSON form, by hand. The OpenTelemetry crates bring some twenty-five others for what is one POST a second.
//!
//! A request never waits for it: spans go into a queue of a fixed length, and what finds no room or no collector is counted and given up.

mod body;

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval, timeout},
};
use tracing::{info, warn};

use super::Trace;
use crate::{metrics::Metrics, settings::Endpoint};

/// Spans that wait at most: a few seconds of a busy service.
const QUEUE: usize = 4_096;
/// Spans in one POST.
const BATCH: usize = 512;
/// A span leaves after this long, also when it is alone.
const PAUSE: Duration = Duration::from_secs(1);
/// A collector that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// One request that was answered.
#[derive(Debug)]
pub struct Span {
    pub trace: Trace,
    /// Method and pattern of the address.
    pub name: Arc<str>,
    pub operation: Arc<str>,
    pub request_id: String,
    pub status: u16,
    /// Microseconds since 1970.
    pub began: i64,
    pub took: Duration,
}

enum Told {
    Span(Box<Span>),
    Flush(oneshot::Sender<()>),
}

/// Takes spans, and brings them to the collector in its own time.
#[derive(Debug)]
pub struct Exporter {
    queue: mpsc::Sender<Told>,
    metrics: Arc<Metrics>,
}

impl Exporter {
    /// Begins the task that brings them; it ends when nobody is left to give it any.
    pub fn start(endpoint: Endpoint, metrics: Arc<Metrics>) -> Self {
        let (queue, told) = mpsc::channel(QUEUE);
        tokio::spawn(bring(endpoint, told, Arc::clone(&metrics)));
        Self { queue, metrics }
    }

    pub fn tell(&self, span: Span) {
        if self.queue.try_send(Told::Span(Box::new(span))).is_err() {
            self.metrics.spans_dropped.inc();
        }
    }

    /// Brings what is in the queue, as far as it can be done in this time.
    pub async fn flush(&self, within: Duration) {
        let (done, brought) = oneshot::channel();
        let flush = async {
            if self.queue.send(Told::Flush(done)).await.is_ok() {
                brought.await.ok();
            }
        };
        timeout(within, flush).await.ok();
    }
}

async fn bring(endpoint: Endpoint, mut told: mpsc::Receiver<Told>, metrics: Arc<Metrics>) {
    let mut post = Post { endpoint, metrics, is_away: false };
    let mut batch = Vec::new();
    let mut pause = interval(PAUSE);
    pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            next = told.recv() => match next {
                Some(Told::Span(span)) => {
                    batch.push(*span);
                    if batch.len() >= BATCH {
                        post.send(&mut batch).await;
                    }
                }
                Some(Told::Flush(done)) => {
                    post.send(&mut batch).await;
                    // Nobody need be waiting any more.
                    done.send(()).ok();
                }
                None => return post.send(&mut batch).await,
            },
            _ = pause.tick(), if !batch.is_empty() => post.send(&mut batch).await,
        }
    }
}

struct Post {
    endpoint: Endpoint,
    metrics: Arc<Metrics>,
    /// Said once, not for each batch.
    is_away: bool,
}

impl Post {
    async fn send(&mut self, batch: &mut Vec<Span>) {
        if batch.is_empty() {
            return;
        }
        let count = u64::try_from(batch.len()).unwrap_or_default();
        let body = body::of(batch);
        batch.clear();
        let refused = match timeout(PATIENCE, post(&self.endpoint, &body)).await {
            Ok(Ok(200..=299)) => None,
            Ok(Ok(status)) => Some(format!("it answered {status}")),
            Ok(Err(error)) => Some(error.to_string()),
            Err(_elapsed) => Some("it took too long".to_owned()),
        };
        match refused {
            None => self.metrics.spans_sent.inc_by(count),
            Some(_) => self.metrics.spans_dropped.inc_by(count),
        }
        match (&refused, self.is_away) {
            (Some(why), false) => warn!(why, "the collector takes no spans: they are given up until it does"),
            (None, true) => info!("the collector takes spans again"),
            _ => {}
        }
        self.is_away = refused.is_some();
    }
}

/// One POST on a connection of its own; gives the status.
async fn post(endpoint: &Endpoint, body: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    let head = format!(
        "POST {}/v1/traces HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        endpoint.path,
        endpoint.authority(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    // Only the first line is of interest.
    let mut answer = Vec::new();
    while !answer.contains(&b'\n') && stream.read_buf(&mut answer).await? > 0 {}
    let line = String::from_utf8_lossy(&answer);
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
    status.ok_or_else(|| std::io::Error::other("it does not speak HTTP"))
}
