//! From the word to stop to the end: nothing that was taken on is lost, and it does not take for ever.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use actix_web::dev::Server;
use gcm_api::{app::Parts, settings::Settings};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use crate::Failure;

/// For the last spans, and for connections to go back to the database.
const LAST_ACTS: Duration = Duration::from_secs(5);

/// SIGTERM and SIGINT, which mean the same.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Runs the server until it is told to stop and has come to its end. A second word ends it at once.
pub async fn run(server: Server, parts: &Parts, settings: &Settings) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let handle = server.handle();
    let in_flight = || parts.store.metrics().requests_in_flight.get();
    let limit = settings.shutdown;
    let closing: Cell<Option<Instant>> = Cell::new(None);
    let told_again = async {
        let signal = signals.next().await;
        parts.draining.begin();
        info!(signal, drain_seconds = settings.drain.as_secs(), in_flight = in_flight(), "told to stop: /health/ready says no from now on");
        let orderly = async {
            tokio::time::sleep(settings.drain).await;
            closing.set(Some(Instant::now()));
            info!(shutdown_seconds = limit.as_secs(), in_flight = in_flight(), "no new connections are taken");
            handle.stop(true).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = orderly => "",
            signal = signals.next() => signal,
        }
    };
    tokio::select! {
        ended = server => ended?,
        signal = told_again => return Err(Failure::Other(format!("told to stop twice ({signal}): what was being worked on was broken off"))),
    }
    match closing.get().map(|since| since.elapsed()) {
        Some(took) if took >= limit => warn!("the limit is over: what was still being worked on was broken off"),
        _ => info!("every request was answered"),
    }
    Ok(())
}

/// The last acts, once the server has ended.
pub async fn leave(parts: &Parts) {
    parts.flush(LAST_ACTS).await;
    match tokio::time::timeout(LAST_ACTS, parts.store.clone().close()).await {
        Ok(Ok(())) => info!("stopped: the database is closed"),
        Ok(Err(problem)) => warn!(%problem, cause = problem.cause().unwrap_or_default(), "stopped: the database could not be closed"),
        Err(_elapsed) => warn!("stopped: connections to the database were left to it"),
    }
}
