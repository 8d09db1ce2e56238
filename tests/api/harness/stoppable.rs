//! A PostgreSQL of one test, which can be stopped and started under those who use it.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::postgres::{Cluster, FOLDERS};

/// Runs the server until its own standard input is closed, also by the end of the test run. What was committed stays.
const KEEPER: &str = r#"
"$1" -D "$2" -k "$2" -p "$3" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=100 >>"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
"#;

pub struct Stoppable {
    cluster: Cluster,
    folder: PathBuf,
    port: u16,
    keeper: Option<Child>,
}

impl Stoppable {
    /// A cluster that is not running yet.
    pub fn new() -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = Cluster::find()?;
        let name = format!("{FOLDERS}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        cluster.make(&folder).map_err(|error| format!("no PostgreSQL could be made: {error}"))?;
        // By TCP, as in production: a server that is down refuses connections there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Ok(Self { cluster, folder, port, keeper: None })
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub fn start(&mut self) {
        let mut keeper = self.cluster.command("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(self.cluster.programs.join("postgres")).arg(&self.folder).arg(self.port.to_string());
        self.keeper = Some(keeper.stdin(Stdio::piped()).process_group(0).spawn().unwrap());
        for _attempt in 0..400 {
            if self.tool("pg_isready", &["-q"]).is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("PostgreSQL did not start: {}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
    }

    pub fn stop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            keeper.wait().unwrap();
        }
    }

    /// What a program of PostgreSQL prints when it is run against this server; none when it fails.
    pub fn tool(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let mut command = self.cluster.command(self.cluster.programs.join(program));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]).args(arguments);
        let output = command.stdout(Stdio::piped()).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// A file that the server's own programs may write.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Begins statements that go on until the process is killed.
    pub fn hold(&self, database: &str, statements: &str) -> Child {
        let mut command = self.cluster.command(self.cluster.programs.join("psql"));
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string(), "-d", database, "-c", statements]).spawn().unwrap()
    }

    /// The only value that a query gives.
    pub fn ask(&self, database: &str, query: &str) -> String {
        self.tool("psql", &["-d", database, "-Atqc", query]).unwrap_or_else(|| panic!("{query}")).trim().to_owned()
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        self.stop();
        fs::remove_dir_all(&self.folder).ok();
    }
}
