//! A database for each test: a copy of one that was migrated and seeded once.

use std::{path::Path, sync::OnceLock};

use gcm_api::{
    app::{self, Parts},
    seed,
    settings::{Settings, Source},
    store::{Access, Engine, Options, Store, sqlite_url},
};
use tempfile::TempDir;

use super::{ORIGIN, TestClock, postgres};

pub fn settings(folder: &Path) -> Settings {
    let folder = folder.to_str().expect("a path of plain letters");
    let source = Source::of([
        ("GCM_DATA_DIR", folder),
        ("GCM_SECRET_KEY", "6d0f3a915c27b8e4f1029d7a48c35be6700ab1c9d2e3f4051627384950617283"),
        ("GCM_PUBLIC_URL", "https://gcm.example"),
        ("GCM_CORS_ORIGINS", ORIGIN),
        // Only the tests of the limits meet them.
        ("GCM_RATE_LIMIT_PER_MINUTE", "1000000"),
        ("GCM_PUBLIC_RATE_LIMIT_PER_MINUTE", "1000000"),
        ("GCM_SIGN_IN_LIMIT_PER_NETWORK", "1000000"),
        ("GCM_SIGN_IN_LIMIT_PER_ACCOUNT", "1000000"),
    ]);
    Settings::load(&source).expect("the settings of the tests are good")
}

pub async fn open(settings: &Settings, url: &str, clock: &TestClock) -> Parts {
    let options = Options { url: url.to_owned(), readers: settings.reader_connections, access: Access::Migrate };
    let store = Store::open(&options, clock.clock()).await.expect("the database can be opened");
    assemble(settings, store).await
}

/// The service around this store.
pub async fn assemble(settings: &Settings, store: Store) -> Parts {
    let sealer = app::sealer(settings).expect("the secret key is good");
    Parts::assemble(settings, store, sealer).await.expect("the service can be assembled")
}

/// A database that is taken away when this is dropped.
pub struct Scratch {
    pub url: String,
    pub folder: TempDir,
    /// Its name, when it is on a server.
    name: Option<String>,
}

impl Scratch {
    pub async fn new(engine: Engine) -> Self {
        let folder = TempDir::with_prefix("gcm-test-").expect("a temporary folder");
        match engine {
            Engine::Sqlite => {
                let file = folder.path().join("gcm.sqlite");
                std::fs::write(&file, sqlite_template()).expect("the template can be copied");
                Self { url: sqlite_url(&file), folder, name: None }
            }
            Engine::Postgres => {
                let server = postgres::server().expect("asked before");
                let name = server.fresh_name();
                server.create(&name, &format!("TEMPLATE {}", postgres_template())).await;
                Self { url: server.url(&name), folder, name: Some(name) }
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let (Some(name), Ok(server)) = (self.name.take(), postgres::server()) {
            apart(async move { server.drop(&name).await });
        }
    }
}

/// Carries this out on a thread and runtime of its own: where it is needed there is either none, or one that must not wait.
fn apart<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work));
        thread.join().expect("the work was carried out")
    })
}

/// A migrated and seeded SQLite file; made once, with every connection closed before it is read.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = TempDir::with_prefix("gcm-test-").expect("a temporary folder");
        let file = folder.path().join("template.sqlite");
        apart(prepare(&sqlite_url(&file), folder.path()));
        std::fs::read(&file).expect("the template can be read")
    })
}

/// The same on the server: the name of a database that nobody is connected to.
fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let server = postgres::server().expect("asked before");
        let name = server.fresh_name();
        let folder = TempDir::with_prefix("gcm-test-").expect("a temporary folder");
        apart(async {
            server.clear_stale().await;
            server.create(&name, "TEMPLATE template0").await;
            prepare(&server.url(&name), folder.path()).await;
        });
        name
    })
}

async fn prepare(url: &str, folder: &Path) {
    let parts = open(&settings(folder), url, &TestClock::new()).await;
    seed::seed(&parts.store, &parts.here).await.expect("the seed can be entered");
    parts.store.clone().close().await.expect("the template can be closed");
}
