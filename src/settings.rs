//! The settings of one installation: read once at start, then only passed on.
//!
//! Three layers, the later wins: defaults, the settings file (TOML), the environment. Every setting is one row
//! of [`KEYS`], which carries its name, variable, default, meaning and how it is read; the reference for
//! operators is generated from it.

mod block;
mod endpoint;
mod fault;
mod read;
mod reference;
mod secret;
mod table;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use block::{Block, masked};
pub use endpoint::Endpoint;
pub use fault::{Fault, Origin, SettingsError};
pub use reference::{InForce, reference};
pub use secret::Secret;
pub use table::{KEYS, Key};

/// Where settings come from, so that tests can give their own.
#[derive(Clone, Default)]
pub struct Source {
    /// The settings file named on the command line. None: `GCM_CONFIG`, else `<data_dir>/gcm-api.toml`, else
    /// `./gcm-api.toml`, the first one there is.
    pub file: Option<PathBuf>,
    /// Environment variables, name and value. An empty value counts as not set, so that `X=${X:-}` in a
    /// container file does no harm.
    pub environment: Vec<(String, String)>,
    /// `--demo` was given.
    pub demo: bool,
}

/// Everything an operator can set. Names, defaults and ranges: [`KEYS`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address and port to listen on. Port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// Folder of the SQLite file, the made secret key and stored exports.
    pub data_dir: PathBuf,
    /// None: SQLite in the data directory. Else `postgres://`, `postgresql://` or `sqlite:`.
    pub database_url: Option<Secret>,
    /// The master key as text (base64 or hex); `auth::secret_key` reads it.
    pub secret_key: Option<Secret>,
    /// Former master keys: still open what they sealed, seal nothing new.
    pub old_secret_keys: Vec<Secret>,
    /// `--demo`: example data and accounts; only on a loopback address.
    pub demo: bool,
    /// The address under which clients reach the service, without a slash at the end.
    pub public_url: Option<String>,
    /// The portal's page for setting a password, with `{token}` where the token of a one-time link goes.
    pub password_link_url: Option<String>,
    /// Origins whose browsers may call the service.
    pub cors_origins: Vec<String>,
    /// The proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<Block>,
    /// How many requests and wrong sign-ins are taken.
    pub rates: Rates,
    /// After so many days another key signs the access tokens.
    pub signing_key_days: u32,
    /// Largest request body, in bytes.
    pub body_limit_bytes: usize,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// How long requests that are being worked on have, once the process was told to stop.
    pub shutdown: Duration,
    /// How long everything goes on before that, while `/health/ready` says no.
    pub drain: Duration,
    /// Where figures are served. None: on the main address, to this machine.
    pub metrics_listen: Option<SocketAddr>,
    /// The collector that gets spans.
    pub otlp_endpoint: Option<Endpoint>,
    /// Connections for reading, per process.
    pub reader_connections: u32,
    /// How many bytes of answers are kept in memory.
    pub cache_bytes: u64,
    /// What is logged, as tracing filter directives.
    pub log_filter: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// The country and institution this installation serves.
    pub instance: Instance,
    /// The settings file that was read, for the first line of the log.
    pub file: Option<PathBuf>,
}

/// How many requests and wrong sign-ins one process takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Requests of one account in a minute.
    pub account_per_minute: u32,
    /// Requests without a token from one network in a minute.
    pub network_per_minute: u32,
    /// Wrong sign-ins at once from one network.
    pub wrong_per_network: u32,
    /// Wrong passwords at once for one user name.
    pub wrong_per_account: u32,
}

/// Which country and institution this installation serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Language code -> name of the country or installation.
    pub name: BTreeMap<String, String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Languages of translated texts, in order of presentation.
    pub languages: Vec<String>,
    /// The language used when a client asks for none of them; one of `languages`.
    pub default_language: String,
    /// The time zone in which "today" begins.
    pub timezone: chrono_tz::Tz,
    /// Code of the organization that coordinates implementation.
    pub lead_ministry: String,
    /// ISO 4217 code of the national currency.
    pub currency: String,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The database engine chosen by the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded; the default.
    Sqlite,
    /// A server; production.
    Postgres,
}

impl Source {
    /// The process's own environment. The only place that reads it.
    ///
    /// A variable whose value is not UTF-8 is refused: replacing bytes of a key or password would go unnoticed.
    pub fn from_process(file: Option<PathBuf>, demo: bool) -> Result<Self, SettingsError> {
        let mut environment = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| read::is_ours(name)) else {
                continue;
            };
            let value = value.into_string().map_err(|_bytes| SettingsError::from(Fault::not_utf8(name)))?;
            environment.push((name.to_owned(), value));
        }
        Ok(Self { file, environment, demo })
    }

    /// A source for tests: variables only.
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { environment: environment.to_vec(), ..Self::default() }
    }
}

impl fmt::Debug for Source {
    /// Names of variables only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.environment.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Source").field("file", &self.file).field("environment", &names).field("demo", &self.demo).finish()
    }
}

impl Settings {
    /// Reads all layers. Every fault found is reported at once, each naming key, source and remedy.
    pub fn load(source: &Source) -> Result<Self, SettingsError> {
        let mut settings = table::defaults();
        settings.demo = source.demo;
        let (file, entries, mut faults) = read::layers(source, &settings.data_dir)?;
        settings.file = file;
        if entries.keys().any(|name| table::is_instance_name(name)) {
            settings.instance.name.clear();
        }
        for (name, entry) in &entries {
            // Unknown names were already reported when the layer was read.
            if let Some(key) = table::find(name)
                && let Err(wrong) = (key.set)(&mut settings, name, &entry.value)
            {
                faults.push(Fault::new(name, entry.origin.clone(), wrong));
            }
        }
        if faults.is_empty() {
            faults.extend(table::together(&settings, &entries));
        }
        if faults.is_empty() { Ok(settings) } else { Err(SettingsError { faults }) }
    }

    /// Which engine the database URL chooses.
    pub fn engine(&self) -> Engine {
        match &self.database_url {
            Some(url) if url.expose().starts_with("postgres") => Engine::Postgres,
            _ => Engine::Sqlite,
        }
    }

    /// Whether clients reach the service by TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https:"))
    }

    /// The SQLite file used when no database URL is given.
    pub fn sqlite_file(&self) -> PathBuf {
        self.data_dir.join("gcm.sqlite")
    }

    /// A path inside the data directory.
    pub fn in_data_dir(&self, name: impl AsRef<Path>) -> PathBuf {
        self.data_dir.join(name)
    }
}

#[cfg(test)]
mod tests;
