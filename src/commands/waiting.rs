//! Opening the service while somebody already asks: with the database away the address answers that it is, until it is there.

use std::{net::TcpListener, pin::pin, time::Duration};

use actix_web::{HttpServer, http::KeepAlive, web::Data};
use gcm_api::{
    app::{Parts, StartError, waiting_room},
    clock::Clock,
    http::front::House,
    settings::{Engine, Settings},
    store::OpenError,
};
use tracing::{info, warn};

use crate::Failure;

/// A database that is there is open by then, and nobody notices.
const PATIENCE: Duration = Duration::from_millis(300);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The opened service; none when it was told to stop before the database was there.
pub async fn open(settings: &Settings, listener: &TcpListener) -> Result<Option<Parts>, Failure> {
    let mut opening = pin!(keep_trying(settings));
    if let Ok(opened) = tokio::time::timeout(PATIENCE, &mut opening).await {
        return opened.map(Some).map_err(Failure::from);
    }
    let (room, closed) = (settings.clone(), Data::new(House::closed(settings, Clock::system())?));
    let server = HttpServer::new(move || waiting_room(&room, &closed))
        .workers(1)
        .disable_signals()
        // Whoever comes back is to meet the service itself.
        .keep_alive(KeepAlive::Disabled)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(1)
        .listen(listener.try_clone()?)?
        .run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let opened = tokio::select! {
        opened = &mut opening => Some(opened),
        told = told_to_stop() => told.map(|()| None)?,
    };
    handle.stop(true).await;
    serving.await.map_err(|error| Failure::Other(error.to_string()))??;
    opened.transpose().map_err(Failure::from)
}

/// A server that is away may come back; anything else stays as it is until somebody mends it.
async fn keep_trying(settings: &Settings) -> Result<Parts, StartError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let cause = match Parts::open(settings, Clock::system()).await {
            Err(StartError::Database(OpenError::Away(cause))) if settings.engine() == Engine::Postgres => cause,
            // Gone again between opening and reading the first rows.
            Err(StartError::Problem(problem)) if settings.engine() == Engine::Postgres && problem.status() == 503 => {
                problem.cause().unwrap_or_default().to_owned()
            }
            opened => {
                if pause > FIRST_PAUSE && opened.is_ok() {
                    info!("the database is there");
                }
                return opened;
            }
        };
        warn!(cause, again_in_seconds = pause.as_secs_f32(), "the database cannot be reached; every request is told so meanwhile");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Ctrl-C, or what the system sends to end a service.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => Ok(()),
            told = tokio::signal::ctrl_c() => told,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
