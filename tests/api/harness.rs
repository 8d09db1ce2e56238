//! What every test stands on: a fresh service on each engine, clients for it, and the contract as the judge of every answer.

mod client;
mod clock;
mod database;
pub mod log;
pub mod plan;
pub mod postgres;
pub mod process;
pub mod promise;
pub mod round;
pub mod stoppable;
pub mod walk;
pub mod walkthrough;

use std::{
    cell::RefCell,
    collections::HashMap,
    io::Write as _,
    rc::Rc,
    sync::{Arc, Once, OnceLock},
};

pub use client::{Call, Client, Reply};
pub use clock::TestClock;
use gcm_api::{
    app::Parts,
    auth::{
        Action, Actor, Role, Scope,
        password::{self, secret_id, sha256_hex},
    },
    clock::Timestamp,
    entity::{account, organization, password_link::Purpose, session},
    features::{
        access::{
            enrol::{self, NewAccount, NewServiceAccount},
            links,
        },
        institutions::organizations::OrganizationView,
    },
    settings::Settings,
    store::{Engine, Intent, Origin, Tracked as _},
};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement};
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use self::database::{Scratch, open, settings};

/// The password of every person that [`Bench::sign_in`] makes.
pub const PASSWORD: &str = "river-Stone-lantern-47";
/// The origin whose browsers may call the service.
pub const ORIGIN: &str = "https://portal.example";

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    Administrator,
    /// Of the lead ministry, `mofa`.
    Coordinator,
    /// Of the organization with this code.
    FocalPoint(&'static str),
    NetworkMember(&'static str),
    Reader,
    Machine {
        role: Role,
        organization: Option<&'static str>,
        scopes: &'static [Scope],
        external_systems: &'static [&'static str],
    },
}

impl Who {
    fn role(self) -> Role {
        match self {
            Self::Administrator => Role::Administrator,
            Self::Coordinator => Role::Coordinator,
            Self::FocalPoint(_) => Role::FocalPoint,
            Self::NetworkMember(_) => Role::NetworkMember,
            Self::Reader => Role::Reader,
            Self::Machine { role, .. } => role,
        }
    }

    fn organization(self) -> Option<&'static str> {
        match self {
            Self::Coordinator => Some("mofa"),
            Self::FocalPoint(code) | Self::NetworkMember(code) => Some(code),
            Self::Machine { organization, .. } => organization,
            Self::Administrator | Self::Reader => None,
        }
    }

    fn username(self) -> String {
        let role = self.role().name().replace('_', "-");
        self.organization().map_or_else(|| role.clone(), |code| format!("{code}.{role}"))
    }
}

/// Runs the test on SQLite and then on PostgreSQL, each time with a service and a seeded database of its own.
pub async fn both<F: AsyncFn(Bench)>(test: F) {
    both_with(|_settings| {}, test).await;
}

/// As [`both`], with other settings.
pub async fn both_with<F: AsyncFn(Bench)>(change: impl Fn(&mut Settings), test: F) {
    for engine in engines() {
        note(&format!("on {engine:?}"));
        let bench = Box::pin(Bench::new(engine, &change)).await;
        Box::pin(test(bench)).await;
    }
}

/// The engines that this machine can test on.
pub fn engines() -> Vec<Engine> {
    match postgres::server() {
        Ok(_server) => vec![Engine::Sqlite, Engine::Postgres],
        Err(why) => {
            assert!(!postgres::required(), "GCM_REQUIRE_POSTGRES=1, but {why}");
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                let text = format!(
                    "\nNOT COVERED: nothing was tried on PostgreSQL, the engine of production: {why}.\nEverything ran on SQLite only.\n"
                );
                let _unheard = writeln!(std::io::stderr(), "{text}");
            });
            vec![Engine::Sqlite]
        }
    }
}

/// Shown when the test fails: on which engine it was.
#[expect(clippy::print_stdout, reason = "the test runner shows it with a failure only")]
pub fn note(text: &str) {
    println!("-- {text}");
}

/// A service on a database of its own, which goes when this goes.
#[derive(Clone)]
pub struct Bench {
    pub engine: Engine,
    pub parts: Parts,
    pub settings: Settings,
    clock: TestClock,
    service: client::Service,
    known: Arc<Mutex<HashMap<Who, Known>>>,
    database: Arc<Scratch>,
    /// Every process on this database.
    processes: Rc<RefCell<Vec<Parts>>>,
}

#[derive(Clone)]
struct Known {
    account: Uuid,
    name: String,
    secret: Option<(String, String)>,
}

impl Bench {
    async fn new(engine: Engine, change: impl Fn(&mut Settings)) -> Self {
        let clock = TestClock::new();
        let database = Arc::new(Scratch::new(engine).await);
        let mut settings = settings(database.folder.path());
        change(&mut settings);
        let parts = open(&settings, &database.url, &clock).await;
        let service = client::service(&parts).await;
        let processes = Rc::new(RefCell::new(vec![parts.clone()]));
        Self { engine, parts, settings, clock, service, known: Arc::default(), database, processes }
    }

    /// The same database under another process: its own pools, its own keys in memory, the same clock.
    pub async fn twin(&self) -> Self {
        self.under(self.settings.clone()).await
    }

    /// As [`Bench::twin`], with other settings.
    pub async fn under(&self, settings: Settings) -> Self {
        let parts = match self.engine {
            // One process has the file to itself: others can only be other sets of keys and memories around the same store.
            Engine::Sqlite => database::assemble(&settings, self.parts.store.clone()).await,
            Engine::Postgres => open(&settings, &self.database.url, &self.clock).await,
        };
        self.processes.borrow_mut().push(parts.clone());
        let service = client::service(&parts).await;
        Self { parts, service, settings, ..self.clone() }
    }

    /// The same process with other handlers in front of ours, behind the same layers.
    pub async fn behind_layers(&self, first: &dyn Fn(&mut actix_web::web::ServiceConfig)) -> Self {
        Self { service: client::service_of(&self.parts, first).await, ..self.clone() }
    }

    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// A client with a session of its own, and a token good for 15 minutes of the bench's clock; the account is made the first time.
    pub async fn sign_in(&self, who: Who) -> Client {
        let mut known = self.known.lock().await;
        if !known.contains_key(&who) {
            let made = Box::pin(self.enrol(who, known.len())).await;
            known.insert(who, made);
        }
        self.client(known[&who].clone()).await
    }

    async fn client(&self, known: Known) -> Client {
        let Known { account, name, secret } = known;
        let session = match &secret {
            Some((_, secret)) => secret_id(&sha256_hex(secret)).expect("a digest is long enough"),
            None => self.session(account).await,
        };
        let token = self.access_token(account, session);
        Client { service: Rc::clone(&self.service), token: Some(token), account: Some(account), name, secret }
    }

    /// The same person, signed in again.
    pub async fn again(&self, who: &Client) -> Client {
        self.client(Known { account: who.account_id(), name: who.name().to_owned(), secret: None }).await
    }

    /// An access token as the token endpoint gives it.
    pub fn access_token(&self, account: Uuid, session: Uuid) -> String {
        self.parts.keys.issue(account, session, Uuid::now_v7(), self.clock.now()).expect("a token can be issued")
    }

    /// A session without a refresh token: what a token needs to be let in.
    pub async fn session(&self, account: Uuid) -> Uuid {
        let (id, now) = (Uuid::now_v7(), self.clock.now());
        let row = session::ActiveModel {
            id: Set(id),
            account_id: Set(account),
            created_at: Set(now),
            last_used_at: Set(now),
            expires_at: Set(now.plus_hours(24)),
            user_agent: Set(None),
            network: Set(None),
            ended_at: Set(None),
        };
        let begun = self.parts.store.aside(async |aside| aside.insert::<session::Entity>(row.clone()).await).await;
        begun.unwrap_or_else(|problem| panic!("no session could begin: {problem}"));
        id
    }

    /// A client without a token.
    pub fn nobody(&self) -> Client {
        Client { service: Rc::clone(&self.service), token: None, account: None, name: String::new(), secret: None }
    }

    /// A client that sends this as its token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.nobody() }
    }

    /// A person of this user name, made now; [`Bench::sign_in`] makes one for each role by itself.
    pub async fn person(&self, username: &str, role: Role, organization: Option<&str>) -> Client {
        let account = self.enrol_person(username, role, organization, Some(password_hash().to_owned())).await;
        self.client(Known { account, name: username.to_owned(), secret: None }).await
    }

    /// An invited person, and the token of the link with which they set a password.
    pub async fn invited(&self, username: &str, role: Role, organization: Option<&str>) -> (Uuid, String) {
        let account = self.enrol_person(username, role, organization, None).await;
        (account, self.link(account, Purpose::Invitation).await)
    }

    async fn enrol_person(&self, username: &str, role: Role, organization: Option<&str>, password_hash: Option<String>) -> Uuid {
        let new = NewAccount {
            username: username.to_owned(),
            display_name: format!("Test {username}"),
            role,
            organization_code: organization.map(str::to_owned),
            locale: "en".to_owned(),
            password_hash,
            demo: false,
        };
        let mut made = None;
        let intent = Intent::system(Origin::CommandLine);
        let write = self.parts.store.write(&intent, async |tx| {
            made = Some(enrol::put_person(tx, new).await?);
            Ok(())
        });
        Box::pin(write).await.unwrap_or_else(|problem| panic!("{username} could not be enrolled: {problem}"));
        made.expect("the write was carried out").id
    }

    /// The token of a link that was just made for this account.
    pub async fn link(&self, account: Uuid, purpose: Purpose) -> String {
        let mut made = None;
        let intent = Intent::system(Origin::CommandLine);
        let write = self.parts.store.write(&intent, async |tx| {
            let row = tx.first(account::Entity::to_authenticate(account)).await?.expect("there is such an account");
            let grant = tx.may(Action::Update, &account::Entity::subject(&row))?;
            made = Some(links::make(tx, &grant, &row, purpose).await?);
            Ok(())
        });
        Box::pin(write).await.unwrap_or_else(|problem| panic!("no link could be made: {problem}"));
        made.expect("the write was carried out").token.expose().to_owned()
    }

    async fn enrol(&self, who: Who, number: usize) -> Known {
        let Who::Machine { role, organization, scopes, external_systems } = who else {
            let account = self.enrol_person(&who.username(), who.role(), who.organization(), Some(password_hash().to_owned())).await;
            return Known { account, name: who.username(), secret: None };
        };
        let new = NewServiceAccount {
            name: format!("{} {number}", who.username()),
            role,
            organization_code: organization.map(str::to_owned),
            scopes: scopes.to_vec(),
            external_systems: external_systems.iter().map(|system| (*system).to_owned()).collect(),
            expires_at: None,
            demo: false,
        };
        let mut made = None;
        let intent = Intent::system(Origin::CommandLine);
        let write = self.parts.store.write(&intent, async |tx| {
            made = Some(enrol::put_machine(tx, new).await?);
            Ok(())
        });
        Box::pin(write).await.unwrap_or_else(|problem| panic!("{who:?} could not be enrolled: {problem}"));
        let (row, secret) = made.expect("the write was carried out");
        Known { account: row.id, name: row.name.to_string(), secret: Some((row.client_id, secret.expose().to_owned())) }
    }

    /// A seeded organization as the API shows it.
    pub async fn organization(&self, code: &str) -> Value {
        let which = organization::Column::Code.eq(code);
        let row = self.parts.store.find::<organization::Entity>(&Actor::system(), which).await;
        let row = row.unwrap_or_else(|problem| panic!("the organization {code}: {problem}"));
        serde_json::to_value(OrganizationView::from(row)).expect("a view is JSON")
    }

    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.database.url).await.expect("the database answers")
    }

    /// Runs a statement past the service, as a tamperer would, and has every process forget what it remembers; returns how many rows it touched.
    pub async fn sql(&self, statement: &str) -> u64 {
        let touched = self.behind(statement).await;
        self.processes.borrow().iter().for_each(Parts::forget);
        touched
    }

    /// As [`Bench::sql`], and no process hears of it.
    #[expect(clippy::disallowed_methods, reason = "tests tamper with the database")]
    pub async fn behind(&self, statement: &str) -> u64 {
        let db = self.connect().await;
        let done = db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        db.close().await.expect("a connection can be closed");
        done.rows_affected()
    }

    /// The rows of a query past the service, one object each.
    #[expect(clippy::disallowed_methods, reason = "tests look past the service")]
    pub async fn rows(&self, query: &str) -> Vec<Value> {
        let db = self.connect().await;
        let statement = Statement::from_string(db.get_database_backend(), query);
        let rows = db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        db.close().await.expect("a connection can be closed");
        rows.iter().map(object).collect()
    }
}

/// A row of whatever types, as both engines give it.
fn object(row: &QueryResult) -> Value {
    let value = |name: &str| {
        let number = || {
            row.try_get::<i64>("", name)
                .or_else(|_| row.try_get::<i32>("", name).map(i64::from))
                .or_else(|_| row.try_get::<i16>("", name).map(i64::from))
        };
        let other = || row.try_get::<bool>("", name).map(Value::from).or_else(|_| row.try_get::<f64>("", name).map(Value::from));
        let text = || row.try_get::<String>("", name).or_else(|_| row.try_get::<Uuid>("", name).map(|id| id.to_string()));
        let moment = || row.try_get::<Timestamp>("", name).map(|at| Value::from(at.to_string()));
        number().map(Value::from).or_else(|_| other()).or_else(|_| text().map(Value::from)).or_else(|_| moment()).unwrap_or_default()
    };
    row.column_names().into_iter().map(|name| (name.clone(), value(&name))).collect()
}

fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash(PASSWORD).expect("a password can be hashed"))
}
