//! `gcm-api serve`

use std::{io::ErrorKind, sync::Arc, time::Duration};

use actix_web::HttpServer;
use gcm_api::{
    app::app,
    features::access::{
        housekeeping,
        keys::{Keys, Turn},
    },
    seed::{self, demo, demo::DemoAccounts},
    settings::Settings,
    store::Store,
};
use tracing::warn;

use crate::{Failure, say};

pub async fn serve(settings: &Settings) -> Result<(), Failure> {
    make_data_dir(settings)?;
    // The port first: a second process finds it taken before it touches anything.
    let listener = std::net::TcpListener::bind(settings.listen).map_err(|error| port(settings, &error))?;
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
    let server = HttpServer::new(move || app(&parts))
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(settings.request_timeout.as_secs())
        .listen(listener)?
        .run();
    server.await?;
    turning.abort();
    sweeping.abort();
    Ok(store.close().await?)
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

fn port(settings: &Settings, error: &std::io::Error) -> Failure {
    let why = match error.kind() {
        ErrorKind::AddrInUse => "is taken by another program: stop that, or choose another with GCM_LISTEN".to_owned(),
        ErrorKind::PermissionDenied => "may not be used by this user: choose a port above 1023 with GCM_LISTEN".to_owned(),
        _ => format!("cannot be used: {error}"),
    };
    Failure::Port(format!("the address {} {why}", settings.listen))
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
