//! The wiring, the one place: from settings to a running service, and the same service for tests.

use std::sync::Arc;

use actix_cors::Cors;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use serde_json::Value;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi, oauth};

use crate::{
    auth::secret_key::{Sealer, SecretKeys},
    clock::Clock,
    features::{
        self,
        access::{accounts::password_links::LinkAddress, door::Door, keys::Keys, passwords::Checking, throttle::Throttle},
        operations::contract::{Contract, pretty},
    },
    http::{
        context::Here,
        front::{House, front, preflight},
        limits::Limits,
        routes::Routes,
        schemas::Schemas,
    },
    openapi,
    problem::Problem,
    settings::Settings,
    store::{OpenError, Options, Store, sqlite_url},
};

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    SecretKey(String),
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error("{}", .0.cause().map_or_else(|| .0.to_string(), str::to_owned))]
    Problem(#[from] Problem),
}

/// Everything that the workers of one process share.
#[derive(Clone)]
pub struct Parts {
    pub store: Store,
    pub here: Data<Here>,
    pub keys: Arc<Keys>,
    door: Data<Door>,
    keys_data: Data<Arc<Keys>>,
    store_data: Data<Store>,
    schemas: Data<Schemas>,
    contract: Data<Contract>,
    house: Data<House>,
    checking: Data<Checking>,
    throttle: Data<Throttle>,
    sealer: Data<Sealer>,
    link_address: Data<LinkAddress>,
    cors_origins: Arc<Vec<String>>,
    demo: bool,
}

/// How the database of these settings is opened.
pub fn database(settings: &Settings, migrate: bool) -> Options {
    let url = match &settings.database_url {
        Some(url) => url.expose().to_owned(),
        None => sqlite_url(&settings.sqlite_file()),
    };
    Options { url, readers: settings.reader_connections, migrate }
}

/// The address of this instance in its tokens and answers.
pub fn issuer(settings: &Settings) -> String {
    settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen))
}

/// What seals the secrets of these settings.
pub fn sealer(settings: &Settings) -> Result<Sealer, StartError> {
    let keys = SecretKeys::load(settings).map_err(|error| StartError::SecretKey(error.to_string()))?;
    Sealer::new(&keys).map_err(|error| StartError::SecretKey(error.to_string()))
}

impl Parts {
    /// Opens what the settings name.
    pub async fn open(settings: &Settings, clock: Clock) -> Result<Self, StartError> {
        let sealer = sealer(settings)?;
        let store = Store::open(&database(settings, true), clock).await?;
        Self::assemble(settings, store, sealer).await
    }

    /// The service around a store that is open already.
    pub async fn assemble(settings: &Settings, store: Store, sealer: Sealer) -> Result<Self, StartError> {
        let keys = Arc::new(Keys::open(store.clone(), sealer.clone(), issuer(settings)).await?);
        let contract: Value = openapi::contract();
        let here = Here { instance: Arc::new(settings.instance.clone()), clock: store.clock().clone() };
        let door = || Door { store: store.clone(), keys: Arc::clone(&keys), demo: settings.demo };
        let house = House {
            routes: Routes::new(&contract),
            doorkeeper: Box::new(door()),
            body_limit: settings.body_limit_bytes,
            timeout: settings.request_timeout,
            limits: Limits::new(&settings.rates, store.clock().clone()),
            trusted_proxies: settings.trusted_proxies.clone(),
            https: settings.public_url.as_deref().is_some_and(|url| url.starts_with("https:")),
        };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            door: Data::new(door()),
            keys_data: Data::new(Arc::clone(&keys)),
            store_data: Data::new(store.clone()),
            schemas: Data::new(Schemas::new(&contract, &settings.instance.languages)),
            contract: Data::new(Contract(pretty(&contract))),
            house: Data::new(house),
            checking: Data::new(Checking::new(cores)),
            throttle: Data::new(Throttle::new(store.clone(), sealer.clone(), &settings.rates)),
            sealer: Data::new(sealer),
            link_address: Data::new(LinkAddress(settings.password_link_url.clone())),
            cors_origins: Arc::new(settings.cors_origins.clone()),
            demo: settings.demo,
            here: Data::new(here),
            store,
            keys,
        })
    }
}

/// The service, as one worker runs it.
pub fn app(
    parts: &Parts,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody + use<>>, Error = Error, InitError = ()>
    + use<>,
> {
    app_of(parts, &|_nothing| {})
}

/// The service with other handlers behind the same layers: what `first` mounts answers before ours at the same address. For the benchmark.
pub fn app_of(
    parts: &Parts,
    first: &dyn Fn(&mut web::ServiceConfig),
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody + use<>>, Error = Error, InitError = ()>
    + use<>,
> {
    let (app, _) = App::new()
        .configure(first)
        .into_utoipa_app()
        .app_data(parts.store_data.clone())
        .app_data(parts.here.clone())
        .app_data(parts.keys_data.clone())
        .app_data(parts.door.clone())
        .app_data(parts.schemas.clone())
        .app_data(parts.contract.clone())
        .app_data(parts.house.clone())
        .app_data(parts.checking.clone())
        .app_data(parts.throttle.clone())
        .app_data(parts.sealer.clone())
        .app_data(parts.link_address.clone())
        .configure(features::mount)
        .split_for_parts();
    app.service(web::redirect("/docs", "/docs/"))
        .service(documentation())
        .wrap(Compress::default())
        .wrap(from_fn(front))
        .wrap(cors(parts))
        .wrap(from_fn(preflight))
}

fn documentation() -> SwaggerUi {
    let config = Config::new(["/openapi.json"])
        .persist_authorization(false)
        .display_request_duration(true)
        .try_it_out_enabled(true)
        .doc_expansion("none");
    SwaggerUi::new("/docs/{_:.*}").config(config).oauth(oauth::Config::new())
}

/// Browsers of the origins in the settings; with `--demo` those of this machine, on any port.
fn cors(parts: &Parts) -> Cors {
    let (origins, demo) = (Arc::clone(&parts.cors_origins), parts.demo);
    Cors::default()
        .allowed_origin_fn(move |origin, _request| {
            let origin = origin.to_str().unwrap_or_default();
            origins.iter().any(|allowed| allowed == origin) || (demo && is_local(origin))
        })
        .allowed_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("x-request-id"),
        ])
        .expose_headers(EXPOSED.iter().copied())
        .max_age(600)
}

const EXPOSED: &[&str] = &[
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "Deprecation",
    "Sunset",
    "Idempotency-Replayed",
    "Dry-Run",
    "X-Changed",
    "Content-Disposition",
    "Content-Language",
    "X-Request-Id",
];

fn is_local(origin: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).unwrap_or_default();
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| match rest.strip_prefix(host) {
        Some("") => true,
        Some(port) => port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()),
        None => false,
    })
}
