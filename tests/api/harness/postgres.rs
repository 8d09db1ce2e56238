//! A PostgreSQL to test on: the server of `TEST_DATABASE_URL`, or else a cluster of the machine's own, made for this run and gone after it.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use gcm_api::clock::Clock;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};

/// What the databases of tests are called, and the folders of clusters.
const DATABASES: &str = "gcm_test_";
pub(super) const FOLDERS: &str = "gcm-test-pg-";

/// Runs the server until this process ends, however it ends: its end closes the standard input. Then it clears up.
const KEEPER: &str = r#"
"$1" -D "$2" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
     -c max_connections=400 -c shared_buffers=64MB >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
"#;

/// A server on which databases can be made.
pub struct Server {
    /// The address of a database, with `{}` for its name.
    template: String,
    /// Its standard input is what keeps a cluster of our own alive.
    _keeper: Option<Child>,
}

/// The server of this run, or in plain words why there is none.
pub fn server() -> Result<&'static Server, &'static str> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    SERVER.get_or_init(find).as_ref().map_err(String::as_str)
}

/// Whether a missing PostgreSQL is a failure.
pub fn required() -> bool {
    variable("GCM_REQUIRE_POSTGRES").is_some_and(|value| value == "1")
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which server to use")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn find() -> Result<Server, String> {
    match variable("TEST_DATABASE_URL") {
        Some(url) => given(&url),
        None => Cluster::find()?.start(),
    }
}

fn given(url: &str) -> Result<Server, String> {
    let (base, parameters) = url.split_once('?').map_or((url, String::new()), |(base, rest)| (base, format!("?{rest}")));
    let scheme_ends = base.find("://").ok_or("TEST_DATABASE_URL is not an address such as postgres://user@host/postgres")? + 3;
    let host_ends = base[scheme_ends..].find('/').map_or(base.len(), |at| scheme_ends + at);
    let server = Server { template: format!("{}/{{}}{parameters}", &base[..host_ends]), _keeper: None };
    Ok(server)
}

impl Server {
    pub fn url(&self, database: &str) -> String {
        self.template.replace("{}", database)
    }

    /// A name that no other run uses, and that tells when it was made.
    pub fn fresh_name(&self) -> String {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!("{DATABASES}{}_{}_{count}", Clock::system().now().seconds(), std::process::id())
    }

    async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
        Database::connect(options).await.expect("the test server answers")
    }

    #[expect(clippy::disallowed_methods, reason = "databases are made by statements")]
    async fn run(&self, statement: &str) {
        let db = self.connect().await;
        db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
        db.close().await.expect("a connection can be closed");
    }

    /// `how`: what stands behind CREATE DATABASE, such as `TEMPLATE x`.
    pub async fn create(&self, database: &str, how: &str) {
        self.run(&format!("CREATE DATABASE {database} {how}")).await;
    }

    pub async fn drop(&self, database: &str) {
        self.run(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
    }

    /// Takes away what earlier runs left on a server that outlives them: nothing of ours is needed for longer than an hour.
    #[expect(clippy::disallowed_methods, reason = "asks the server for its databases")]
    pub async fn clear_stale(&self) {
        let db = self.connect().await;
        let all = Statement::from_string(
            DbBackend::Postgres,
            format!("SELECT datname::text AS name FROM pg_database WHERE datname LIKE '{DATABASES}%'"),
        );
        let rows = db.query_all_raw(all).await.expect("the databases can be listed");
        db.close().await.expect("a connection can be closed");
        let hour_ago = Clock::system().now().minus_hours(1).seconds();
        for name in rows.iter().map(|row| row.try_get::<String>("", "name").expect("a name")) {
            let made = name.strip_prefix(DATABASES).and_then(|rest| rest.split('_').next()?.parse::<i64>().ok());
            if made.is_some_and(|made| made < hour_ago) {
                self.drop(&name).await;
            }
        }
    }
}

/// A cluster that is still to be made.
pub(super) struct Cluster {
    pub(super) programs: PathBuf,
    /// User and group to run as, when we are root: PostgreSQL refuses to be.
    user: Option<(u32, u32)>,
}

impl Cluster {
    pub(super) fn find() -> Result<Self, String> {
        let told = Command::new("pg_config").arg("--bindir").output().ok().and_then(|output| String::from_utf8(output.stdout).ok());
        let packaged = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
        let places = told.into_iter().map(|text| PathBuf::from(text.trim())).chain(packaged);
        let programs = places.into_iter().find(|place| place.join("initdb").exists() && place.join("postgres").exists());
        let programs =
            programs.ok_or("this machine has no initdb (install the package postgresql), and TEST_DATABASE_URL names no server")?;
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let user = if root {
            Some(unprivileged().ok_or("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")?)
        } else {
            None
        };
        Ok(Self { programs, user })
    }

    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    fn start(&self) -> Result<Server, String> {
        clear_abandoned();
        let folder = std::env::temp_dir().join(format!("{FOLDERS}{}", std::process::id()));
        self.make(&folder).map_err(|error| format!("no PostgreSQL could be started: {error}"))?;
        let mut keeper = self.command("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(self.programs.join("postgres")).arg(&folder).stdin(Stdio::piped()).process_group(0);
        let keeper = keeper.spawn().map_err(|error| format!("sh could not be started: {error}"))?;
        let server = Server { template: format!("postgres://postgres@localhost/{{}}?host={}", folder.display()), _keeper: Some(keeper) };
        let answers = || {
            let mut ask = self.command(self.programs.join("pg_isready"));
            ask.arg("-q").arg("-h").arg(&folder).status().is_ok_and(|status| status.success())
        };
        for _attempt in 0..400 {
            if answers() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        Err(format!("PostgreSQL did not start: {}", fs::read_to_string(folder.join("log")).unwrap_or_default()))
    }

    pub(super) fn make(&self, folder: &Path) -> std::io::Result<()> {
        let _nothing_there = fs::remove_dir_all(folder);
        fs::create_dir_all(folder)?;
        if let Some((user, group)) = self.user {
            std::os::unix::fs::chown(folder, Some(user), Some(group))?;
        }
        let mut initdb = self.command(self.programs.join("initdb"));
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--pgdata"]).arg(folder);
        let output = initdb.stderr(Stdio::piped()).output()?;
        if output.status.success() { Ok(()) } else { Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())) }
    }
}

fn unprivileged() -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let ids = |wanted: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(wanted))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

/// Clusters whose test run is gone and whose keeper was killed with it.
fn clear_abandoned() {
    let alive = |process: &str| {
        Command::new("ps").args(["-p", process, "-o", "args="]).output().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for folder in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let owner = name.strip_prefix(FOLDERS).and_then(|rest| rest.split('-').next());
        let Some(owner) = owner.filter(|owner| owner.parse::<u32>().is_ok()) else { continue };
        // Without `ps` nothing is known, and nothing is taken away.
        if alive(owner).map_or(true, |args| !args.trim().is_empty()) {
            continue;
        }
        let server = fs::read_to_string(folder.join("postmaster.pid")).unwrap_or_default();
        let server = server.lines().next().unwrap_or_default();
        // Only a process that runs on this very folder: the number may have gone to another meanwhile.
        if !server.is_empty() && alive(server).is_ok_and(|args| args.contains(&folder.display().to_string())) {
            let _gone = Command::new("kill").args(["-QUIT", server]).status();
        }
        let _gone = fs::remove_dir_all(&folder);
    }
}
