//! The table of settings: one row each. To add one: a field of `Settings`, its default, a row.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::fault::{Fault, Origin, Wrong};
use super::read::Entries;
use super::value::{self, Raw};
use super::{Instance, LogFormat, Rates, Secret, Settings};

/// One setting, as the reference for operators shows it.
pub struct Key {
    /// Its name in the settings file; a dot divides table and key.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: &'static str,
    /// The default, as one would write it; empty when there is none.
    pub default: &'static str,
    /// True when its value is never shown.
    pub secret: bool,
    /// What it does, with units and range.
    pub meaning: &'static str,
    /// Reads a value into the settings; gets the full name for keys with a `<language>` in it.
    pub(super) set: fn(&mut Settings, &str, &Raw) -> Result<(), Wrong>,
}

const fn key(
    name: &'static str,
    variable: &'static str,
    default: &'static str,
    meaning: &'static str,
    set: fn(&mut Settings, &str, &Raw) -> Result<(), Wrong>,
) -> Key {
    Key { name, variable, default, secret: false, meaning, set }
}

const fn secret(
    name: &'static str,
    variable: &'static str,
    meaning: &'static str,
    set: fn(&mut Settings, &str, &Raw) -> Result<(), Wrong>,
) -> Key {
    Key { name, variable, default: "", secret: true, meaning, set }
}

/// Puts what was read into its field.
fn put<T>(field: &mut T, value: Result<T, Wrong>) -> Result<(), Wrong> {
    *field = value?;
    Ok(())
}

/// The part of a name that stands for any language.
const LANGUAGE: &str = "<language>";
const NAME_PREFIX: &str = "instance.name.";

/// Every setting there is. Each secret can also be given as the file in which it stands: `<name>_file`, `<VARIABLE>_FILE`.
pub const KEYS: [Key; 31] = [
    key(
        "listen",
        "GCM_LISTEN",
        "127.0.0.1:8080",
        "Address and port to listen on. Port 0 lets the system choose. With --demo only a loopback address is accepted.",
        |s, _, v| put(&mut s.listen, v.address()),
    ),
    key(
        "data_dir",
        "GCM_DATA_DIR",
        "./data",
        "Folder of the SQLite file, the secret key made at the first start and stored exports. Relative to the working directory.",
        |s, _, v| put(&mut s.data_dir, v.path()),
    ),
    secret(
        "database_url",
        "DATABASE_URL",
        "postgres://, postgresql:// or sqlite: address of the database. Without it: the SQLite file gcm.sqlite in the data directory.",
        |s, _, v| put(&mut s.database_url, v.database_url().map(Some)),
    ),
    secret(
        "secret_key",
        "GCM_SECRET_KEY",
        "The master key: at least 32 random bytes as base64 or hexadecimal text (openssl rand -base64 32). Without it SQLite installations make one in the data directory; PostgreSQL installations must give one.",
        |s, _, v| put(&mut s.secret_key, v.secret().map(Some)),
    ),
    secret(
        "old_secret_keys",
        "GCM_OLD_SECRET_KEYS",
        "Former master keys, divided by commas: they still open what was sealed with them.",
        |s, _, v| {
            s.old_secret_keys = v.list().into_iter().map(Secret::new).collect();
            Ok(())
        },
    ),
    key(
        "public_url",
        "GCM_PUBLIC_URL",
        "",
        "The address under which clients reach the service; issuer of access tokens and base of absolute links.",
        |s, _, v| put(&mut s.public_url, v.public_url().map(Some)),
    ),
    key(
        "password_link_url",
        "GCM_PASSWORD_LINK_URL",
        "",
        "The portal's page for setting a password, with {token} where the token of a one-time link goes, such as https://portal.example/welcome#{token}. Without it links are given as tokens only.",
        |s, _, v| put(&mut s.password_link_url, v.link_url().map(Some)),
    ),
    key(
        "cors_origins",
        "GCM_CORS_ORIGINS",
        "",
        "Origins whose browsers may call the service, divided by commas. With --demo also localhost on any port.",
        |s, _, v| put(&mut s.cors_origins, v.origins()),
    ),
    key(
        "trusted_proxies",
        "GCM_TRUSTED_PROXIES",
        "",
        "Addresses or blocks (10.0.0.0/8) of the proxies before the service, divided by commas: from them, and from nobody else, X-Forwarded-For says who the client is.",
        |s, _, v| put(&mut s.trusted_proxies, v.blocks()),
    ),
    key(
        "rate_limit_per_minute",
        "GCM_RATE_LIMIT_PER_MINUTE",
        "600",
        "Requests of one account in a minute, 1 to 1000000; each process counts its own.",
        |s, _, v| put(&mut s.rates.account_per_minute, v.number(1..=1_000_000)),
    ),
    key(
        "public_rate_limit_per_minute",
        "GCM_PUBLIC_RATE_LIMIT_PER_MINUTE",
        "120",
        "Requests without a token from one network (an IPv4 address, an IPv6 /64) in a minute, 1 to 1000000; each process counts its own.",
        |s, _, v| put(&mut s.rates.network_per_minute, v.number(1..=1_000_000)),
    ),
    key(
        "sign_in_limit_per_network",
        "GCM_SIGN_IN_LIMIT_PER_NETWORK",
        "30",
        "Wrong sign-ins at once from one network, 1 to 1000000; then one more every 2 seconds.",
        |s, _, v| put(&mut s.rates.wrong_per_network, v.number(1..=1_000_000)),
    ),
    key(
        "sign_in_limit_per_account",
        "GCM_SIGN_IN_LIMIT_PER_ACCOUNT",
        "10",
        "Wrong passwords at once for one user name from networks that it is not known from, 1 to 1000000; then one more every 10 seconds.",
        |s, _, v| put(&mut s.rates.wrong_per_account, v.number(1..=1_000_000)),
    ),
    key(
        "signing_key_days",
        "GCM_SIGNING_KEY_DAYS",
        "90",
        "After so many days another key signs the access tokens, 1 to 3650; nobody is signed out by it.",
        |s, _, v| put(&mut s.signing_key_days, v.number(1..=3650)),
    ),
    key("body_limit_bytes", "GCM_BODY_LIMIT_BYTES", "1048576", "Largest request body in bytes, 1024 to 67108864 (64 MiB).", |s, _, v| {
        put(&mut s.body_limit_bytes, v.number(1024..=67_108_864))
    }),
    key(
        "request_timeout_seconds",
        "GCM_REQUEST_TIMEOUT_SECONDS",
        "15",
        "How long one request may take, in seconds, 1 to 300.",
        |s, _, v| put(&mut s.request_timeout, v.number(1..=300).map(Duration::from_secs)),
    ),
    key(
        "shutdown_seconds",
        "GCM_SHUTDOWN_SECONDS",
        "30",
        "How long requests that are being worked on have to finish once the service was told to stop, in seconds, 0 to 600.",
        |s, _, v| put(&mut s.shutdown, v.number(0..=600).map(Duration::from_secs)),
    ),
    key(
        "drain_seconds",
        "GCM_DRAIN_SECONDS",
        "0",
        "How long the service goes on taking requests before that, in seconds, 0 to 600, while /health/ready answers 503: for load balancers to notice.",
        |s, _, v| put(&mut s.drain, v.number(0..=600).map(Duration::from_secs)),
    ),
    key(
        "metrics_listen",
        "GCM_METRICS_LISTEN",
        "",
        "Address and port of their own for /metrics and /health/*, open to whoever reaches it. Without it /metrics is on the main address, for programs on this machine only.",
        |s, _, v| put(&mut s.metrics_listen, v.address().map(Some)),
    ),
    key(
        "otlp_endpoint",
        "GCM_OTLP_ENDPOINT",
        "",
        "Address of an OpenTelemetry collector, like http://127.0.0.1:4318, that gets a span for each request (OTLP over HTTP, JSON, at /v1/traces below it).",
        |s, _, v| put(&mut s.otlp_endpoint, v.endpoint().map(Some)),
    ),
    key("reader_connections", "GCM_READER_CONNECTIONS", "8", "Database connections for reading, per process, 1 to 256.", |s, _, v| {
        put(&mut s.reader_connections, v.number(1..=256))
    }),
    key(
        "cache_bytes",
        "GCM_CACHE_BYTES",
        "33554432",
        "Memory for answers that are kept until the next write, in bytes, per process, 0 to 17179869184 (16 GiB); 0 keeps none.",
        |s, _, v| put(&mut s.cache_bytes, v.number(0..=17_179_869_184)),
    ),
    key(
        "log",
        "GCM_LOG",
        "info,sqlx=warn",
        "What is logged: a level (error, warn, info, debug, trace) or directives such as info,gcm_api=debug.",
        |s, _, v| put(&mut s.log_filter, v.log_filter()),
    ),
    key(
        "log_format",
        "GCM_LOG_FORMAT",
        "text",
        "text for people, json for machines (one object a line). Both on standard error.",
        |s, _, v| put(&mut s.log_format, v.log_format()),
    ),
    key(
        "instance.name.<language>",
        "GCM_INSTANCE__NAME__<LANGUAGE>",
        "en: Lao People's Democratic Republic",
        "Name of the country or installation in one language; at least in the default language. Giving one drops the default.",
        |s, name, v| {
            let language = value::language(name.strip_prefix(NAME_PREFIX).unwrap_or(name))?;
            s.instance.name.insert(language, v.name()?);
            Ok(())
        },
    ),
    key("instance.country", "GCM_INSTANCE__COUNTRY", "LA", "The country served, ISO 3166-1 alpha-2.", |s, _, v| {
        put(&mut s.instance.country, v.capitals(2, "LA"))
    }),
    key("instance.languages", "GCM_INSTANCE__LANGUAGES", "en,lo", "Languages of translated texts, in order of presentation.", |s, _, v| {
        put(&mut s.instance.languages, v.languages())
    }),
    key(
        "instance.default_language",
        "GCM_INSTANCE__DEFAULT_LANGUAGE",
        "en",
        "The language used when a client asks for none of them; one of instance.languages.",
        |s, _, v| put(&mut s.instance.default_language, v.language()),
    ),
    key(
        "instance.timezone",
        "GCM_INSTANCE__TIMEZONE",
        "Asia/Vientiane",
        "The time zone in which a day begins, by its IANA name.",
        |s, _, v| put(&mut s.instance.timezone, v.timezone()),
    ),
    key(
        "instance.lead_ministry",
        "GCM_INSTANCE__LEAD_MINISTRY",
        "mofa",
        "Code of the organization that coordinates implementation.",
        |s, _, v| put(&mut s.instance.lead_ministry, v.code()),
    ),
    key("instance.currency", "GCM_INSTANCE__CURRENCY", "LAK", "The national currency, ISO 4217.", |s, _, v| {
        put(&mut s.instance.currency, v.capitals(3, "LAK"))
    }),
];

/// The settings when nobody sets anything. A test holds them against the `default` of each row.
pub(super) fn defaults() -> Settings {
    Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        data_dir: PathBuf::from("./data"),
        database_url: None,
        secret_key: None,
        old_secret_keys: Vec::new(),
        demo: false,
        public_url: None,
        password_link_url: None,
        cors_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        rates: Rates { account_per_minute: 600, network_per_minute: 120, wrong_per_network: 30, wrong_per_account: 10 },
        signing_key_days: 90,
        body_limit_bytes: 1024 * 1024,
        request_timeout: Duration::from_secs(15),
        shutdown: Duration::from_secs(30),
        drain: Duration::ZERO,
        metrics_listen: None,
        otlp_endpoint: None,
        reader_connections: 8,
        cache_bytes: 32 * 1024 * 1024,
        log_filter: "info,sqlx=warn".to_owned(),
        log_format: LogFormat::Text,
        instance: Instance {
            name: BTreeMap::from([("en".to_owned(), "Lao People's Democratic Republic".to_owned())]),
            country: "LA".to_owned(),
            languages: vec!["en".to_owned(), "lo".to_owned()],
            default_language: "en".to_owned(),
            timezone: chrono_tz::Asia::Vientiane,
            lead_ministry: "mofa".to_owned(),
            currency: "LAK".to_owned(),
        },
        file: None,
    }
}

/// The row of a name in the settings file.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| match key.name.strip_suffix(LANGUAGE) {
        Some(prefix) => name.strip_prefix(prefix).is_some_and(|language| !language.is_empty()),
        None => key.name == name,
    })
}

/// The ending of a setting, and of a variable, that names the file of a secret.
pub(super) const FILE: &str = "_file";
const FILE_VARIABLE: &str = "_FILE";

/// The secret settings, with the name of the setting, and of the variable, that names the file of each.
pub(super) fn secrets() -> impl Iterator<Item = (&'static Key, String, String)> {
    let secrets = KEYS.iter().filter(|key| key.secret);
    secrets.map(|key| (key, format!("{}{FILE}", key.name), format!("{}{FILE_VARIABLE}", key.variable)))
}

/// Whether a name may stand in the settings file.
pub(super) fn is_known(name: &str) -> bool {
    find(name).is_some() || secrets().any(|(_, file, _)| file == name)
}

/// The name in the settings file of a variable. Languages are in small letters, `_` in them stands for `-`.
pub(super) fn by_variable(variable: &str) -> Option<String> {
    let by_itself = KEYS.iter().find_map(|key| match key.name.strip_suffix(LANGUAGE) {
        Some(prefix) => {
            let start = key.variable.split('<').next()?;
            let language = variable.strip_prefix(start).filter(|rest| !rest.is_empty())?;
            Some(format!("{prefix}{}", language.to_ascii_lowercase().replace('_', "-")))
        }
        None => (key.variable == variable).then(|| key.name.to_owned()),
    });
    by_itself.or_else(|| secrets().find_map(|(_, file, of_file)| (of_file == variable).then_some(file)))
}

/// Does this name belong to the names of the installation, which replace the default ones together?
pub(super) fn is_instance_name(name: &str) -> bool {
    name.starts_with(NAME_PREFIX)
}

/// What can only be judged when all values are known.
pub(super) fn together(settings: &Settings, entries: &Entries) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, what: String, remedy: &str| {
        let origin = entries.get(name).map_or(Origin::Default, |entry| entry.origin.clone());
        faults.push(Fault::new(name, origin, Wrong::new(what, remedy)));
    };
    if settings.demo && !settings.listen.ip().is_loopback() {
        let what = format!("is {}, which other machines can reach, but --demo is for trying out on one machine", settings.listen);
        fault("listen", what, "listen on 127.0.0.1 or [::1], or leave --demo out");
    }
    if settings.metrics_listen == Some(settings.listen) && settings.listen.port() != 0 {
        fault("metrics_listen", "is the same as listen".to_owned(), "choose another port, or leave it out");
    }
    let Instance { name, languages, default_language, .. } = &settings.instance;
    if !languages.contains(default_language) {
        let what = format!("is {default_language}, which is not one of instance.languages ({})", languages.join(", "));
        fault("instance.default_language", what, "choose one of them or add it");
    }
    if !name.contains_key(default_language) {
        let what = format!("has no text in {default_language}, the default language");
        fault(&format!("{NAME_PREFIX}{default_language}"), what, "give the name in that language");
    }
    for language in name.keys().filter(|language| !languages.contains(language)) {
        let what = format!("is in a language that is not one of instance.languages ({})", languages.join(", "));
        fault(&format!("{NAME_PREFIX}{language}"), what, "add the language or remove the name");
    }
    faults
}
