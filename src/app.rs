//! The wiring, the one place: from settings to a running service, and the same service for tests.

use std::{sync::Arc, time::Duration};

use actix_cors::Cors;
use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse, fn_service},
    http::{Method, header},
    middleware::{Compress, from_fn},
    web::{self, Data},
};
use utoipa_swagger_ui::{Config, SwaggerUi, oauth};

use crate::{
    auth::secret_key::{Sealer, SecretKeys},
    clock::Clock,
    features::{
        self,
        access::{accounts::password_links::LinkAddress, door::Door, keys::Keys, passwords::Checking, security::Event, throttle::Throttle},
        operations::{
            contract::{CONTRACT_VERSION, Contract},
            health, metrics,
        },
    },
    http::{
        cache::{Answers, cache},
        context::Here,
        draining::Draining,
        front::{House, front, preflight, while_away},
        limits::Limits,
        mount::Mount,
        routes::Routes,
        schemas::Schemas,
    },
    openapi,
    problem::Problem,
    settings::Settings,
    store::{Access, OpenError, Options, Store, sqlite_url},
    telemetry::otlp::Exporter,
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
    pub draining: Data<Draining>,
    door: Data<Door>,
    keys_data: Data<Arc<Keys>>,
    store_data: Data<Store>,
    schemas: Data<Schemas>,
    contract: Data<Contract>,
    house: Data<House>,
    answers: Data<Answers>,
    checking: Data<Checking>,
    throttle: Data<Throttle>,
    sealer: Data<Sealer>,
    link_address: Data<LinkAddress>,
    cors_origins: Arc<Vec<String>>,
    demo: bool,
}

/// How the database of these settings is opened.
pub fn database(settings: &Settings, access: Access) -> Options {
    let url = match &settings.database_url {
        Some(url) => url.expose().to_owned(),
        None => sqlite_url(&settings.sqlite_file()),
    };
    Options { url, readers: settings.reader_connections, access }
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
        let store = Store::open(&database(settings, Access::Migrate), clock).await?;
        Self::assemble(settings, store, sealer).await
    }

    /// The service around a store that is open already.
    pub async fn assemble(settings: &Settings, store: Store, sealer: Sealer) -> Result<Self, StartError> {
        let keys = Arc::new(Keys::open(store.clone(), sealer.clone(), issuer(settings)).await?);
        let (contract, text) = openapi::served()?;
        let here = Here { instance: Arc::new(settings.instance.clone()), clock: store.clock().clone() };
        let door = Data::new(Door::new(store.clone(), Arc::clone(&keys), settings.demo));
        let house = House {
            routes: Routes::new(&contract, features::SHARED),
            doorkeeper: door.clone().into_inner(),
            body_limit: settings.body_limit_bytes,
            timeout: settings.request_timeout,
            limits: Limits::new(&settings.rates, store.clock().clone()),
            trusted_proxies: settings.trusted_proxies.clone(),
            https: settings.is_https(),
            metrics: Arc::clone(store.metrics()),
            metrics_here: settings.metrics_listen.is_none(),
            exporter: settings.otlp_endpoint.clone().map(|endpoint| Exporter::start(endpoint, Arc::clone(store.metrics()))),
            clock: store.clock().clone(),
        };
        store.listen();
        store.metrics().expect_events(Event::ALL.map(Event::name));
        store.metrics().program(env!("CARGO_PKG_VERSION"), CONTRACT_VERSION);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            door,
            keys_data: Data::new(Arc::clone(&keys)),
            store_data: Data::new(store.clone()),
            schemas: Data::new(Schemas::new(&contract, &settings.instance.languages)),
            contract: Data::new(Contract(text)),
            house: Data::new(house),
            answers: Data::new(Answers::new(settings.cache_bytes, Arc::clone(store.metrics()))),
            checking: Data::new(Checking::new(cores)),
            throttle: Data::new(Throttle::new(store.clone(), sealer.clone(), &settings.rates)),
            sealer: Data::new(sealer),
            link_address: Data::new(LinkAddress(settings.password_link_url.clone())),
            cors_origins: Arc::new(settings.cors_origins.clone()),
            demo: settings.demo,
            draining: Data::new(Draining::default()),
            here: Data::new(here),
            store,
            keys,
        })
    }

    /// Gives the collector what it did not get yet, as far as that can be done in this time.
    pub async fn flush(&self, within: Duration) {
        if let Some(exporter) = &self.house.exporter {
            exporter.flush(within).await;
        }
    }
}

impl Parts {
    /// Lets go of what is remembered of the database: for when something was written past every process of this program.
    pub fn forget(&self) {
        self.answers.forget();
        self.door.forget();
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
    App::new()
        .configure(first)
        .app_data(parts.store_data.clone())
        .app_data(parts.here.clone())
        .app_data(parts.keys_data.clone())
        .app_data(parts.door.clone())
        .app_data(parts.schemas.clone())
        .app_data(parts.contract.clone())
        .app_data(parts.house.clone())
        .app_data(parts.answers.clone())
        .app_data(parts.checking.clone())
        .app_data(parts.throttle.clone())
        .app_data(parts.sealer.clone())
        .app_data(parts.link_address.clone())
        .app_data(parts.draining.clone())
        .configure(|config| features::mount(&mut Mount::Served(config)))
        .service(web::redirect("/docs", "/docs/"))
        .service(documentation())
        .wrap(Compress::default())
        .wrap(from_fn(cache))
        .wrap(from_fn(front))
        .wrap(cors(Arc::clone(&parts.cors_origins), parts.demo))
        .wrap(from_fn(preflight))
}

/// What watches over the service, on an address of its own.
pub fn watch(
    parts: &Parts,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()> + use<>> {
    App::new()
        .app_data(parts.store_data.clone())
        .app_data(parts.draining.clone())
        .service(metrics::get_metrics)
        .service(health::get_live)
        .service(health::get_ready)
}

/// What answers on the same address while there is no database to serve from.
pub fn waiting_room(
    settings: &Settings,
    closed: &Data<House>,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody + use<>>, Error = Error, InitError = ()>
    + use<>,
> {
    App::new()
        .app_data(closed.clone())
        .default_service(fn_service(|request: ServiceRequest| async move { Ok(while_away(request)) }))
        .wrap(cors(Arc::new(settings.cors_origins.clone()), settings.demo))
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
fn cors(origins: Arc<Vec<String>>, demo: bool) -> Cors {
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
            header::HeaderName::from_static("traceparent"),
            header::HeaderName::from_static("tracestate"),
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
