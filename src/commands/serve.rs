//! `gcm-api serve`

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpServer, dev::ServerHandle};
use gcm_api::{
    app::{Parts, app, watch},
    features::access::{
        housekeeping,
        keys::{Keys, Turn},
    },
    seed::{self, demo, demo::DemoAccounts},
    settings::Settings,
    store::Store,
};
use tracing::{info, warn};

use super::stop;
use crate::{Failure, say};

pub async fn serve(settings: &Settings) -> Result<(), Failure> {
    make_data_dir(settings)?;
    // The port first: a second process finds it taken before it touches anything.
    let listener = bind(settings.listen, "GCM_LISTEN")?;
    let watching = settings.metrics_listen.map(|address| bind(address, "GCM_METRICS_LISTEN")).transpose()?;
    let address = listener.local_addr()?;
    let mut settings = settings.clone();
    settings.listen = address;
    let Some(parts) = super::waiting::open(&settings, &listener).await? else { return Ok(()) };
    let base_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    if settings.demo {
        let facts = seed::facts(&parts.store, &parts.here).await?;
        let (accounts, successions) = demo::demo(&parts.store, &parts.here, &settings.data_dir, &base_url).await?;
        announce(&settings, &accounts, seed::Seeded { successions, ..facts })?;
    } else {
        if settings.database_url.is_some() && settings.public_url.is_none() {
            warn!("GCM_PUBLIC_URL is not set: tokens name the address of this process, and no other process on this database takes them");
        }
        say(format!("gcm-api listens on {base_url}\n  documentation  {base_url}/docs/"))?;
    }
    let store = parts.store.clone();
    let turning = actix_web::rt::spawn(keep_turning(Arc::clone(&parts.keys), settings.signing_key_days));
    let sweeping = actix_web::rt::spawn(keep_sweeping(store.clone()));
    let watched = watching.map(|listener| watcher(&parts, listener)).transpose()?;
    let workers = parts.clone();
    let server = HttpServer::new(move || app(&workers))
        .client_request_timeout(Duration::from_secs(10))
        .disable_signals()
        .shutdown_timeout(settings.shutdown.as_secs())
        .listen(listener)?
        .run();
    stop::run(server, &parts, &settings).await?;
    turning.abort();
    sweeping.abort();
    if let Some(watched) = watched {
        watched.stop(false).await;
    }
    stop::leave(&parts).await;
    Ok(())
}

/// A little server for what watches over this one; it answers until the end.
fn watcher(parts: &Parts, listener: TcpListener) -> Result<ServerHandle, Failure> {
    info!(address = %listener.local_addr()?, "/metrics and /health/* are served on an address of their own");
    let parts = parts.clone();
    let server = HttpServer::new(move || watch(&parts)).workers(1).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

/// Lets another key sign when the one that does has grown old. Each process looks; one of them turns.
async fn keep_turning(keys: Arc<Keys>, days: u32) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutes.tick().await;
        if let Err(problem) = keys.turn(Turn::Due(days)).await {
            warn!(%problem, cause = problem.cause().unwrap_or_default(), "the signing keys could not be looked after");
        }
    }
}

/// Takes away what nobody can use any more. Each process does: twice is as good as once.
async fn keep_sweeping(store: Store) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hours.tick().await;
        if let Err(problem) = housekeeping::sweep(&store).await {
            warn!(%problem, cause = problem.cause().unwrap_or_default(), "what nobody can use any more could not be taken away");
        }
    }
}

/// The folder of the record, for its owner only.
pub fn make_data_dir(settings: &Settings) -> Result<(), Failure> {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(&settings.data_dir).map_err(|error| Failure::Other(format!("{}: {error}", settings.data_dir.display())))
}

fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|error| {
        let why = match error.kind() {
            ErrorKind::AddrInUse => format!("is taken by another program: stop that, or choose another with {setting}"),
            ErrorKind::PermissionDenied => format!("may not be used by this user: choose a port above 1023 with {setting}"),
            _ => format!("cannot be used: {error}"),
        };
        Failure::Port(format!("the address {address} {why}"))
    })
}

fn announce(settings: &Settings, accounts: &DemoAccounts, seeded: seed::Seeded) -> Result<(), Failure> {
    let base_url = &accounts.base_url;
    say(format!("gcm-api listens on {base_url} with example data; this machine only.\n"))?;
    if seeded != seed::Seeded::default() {
        say(format!("  entered        {seeded}"))?;
    }
    say(format!("  documentation  {base_url}/docs/"))?;
    say(format!("  contract       {base_url}/openapi.json"))?;
    say(format!("  accounts       {}\n", demo::file(&settings.data_dir).display()))?;
    for account in &accounts.accounts {
        say(format!("    {:18} {:24} {}", account.username, account.password, account.role))?;
    }
    let Some(coordinator) = accounts.accounts.iter().find(|account| account.role == gcm_api::auth::Role::Coordinator) else {
        return Ok(());
    };
    let (username, password) = (&coordinator.username, &coordinator.password);
    say("\nTry it:\n")?;
    say(format!(
        "  TOKEN=$(curl -s {base_url}/v1/auth/token -d grant_type=password -d username={username} -d password={password} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')"
    ))?;
    say(format!("  curl -s \"{base_url}/v1/ministries?active=true\" -H \"Authorization: Bearer $TOKEN\"\n"))
}
