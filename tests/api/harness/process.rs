//! The real binary, as operators and the world meet it.

use std::{
    fs::File,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{note, postgres, stoppable::Stoppable};

pub const PASSWORD: &str = "vq7-tmkd-93xw-plhz";
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// None where this machine has no PostgreSQL, which another test tells of.
pub fn cluster() -> Option<Stoppable> {
    match Stoppable::new() {
        Ok(mut cluster) => {
            cluster.start();
            cluster.ask("postgres", "CREATE DATABASE gcm");
            Some(cluster)
        }
        Err(why) => {
            assert!(!postgres::required(), "GCM_REQUIRE_POSTGRES=1, but {why}");
            note(&why);
            None
        }
    }
}

/// A process on that database, with an address of its own.
pub struct Process {
    pub folder: tempfile::TempDir,
    address: String,
    url: String,
    child: Option<Child>,
}

pub struct Answer {
    pub status: u16,
    /// Status line and headers, in small letters.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}{}", self.head, self.body))
    }
}

/// The header that goes with these tokens.
pub fn bearer(tokens: &Value) -> String {
    format!("Authorization: Bearer {}", tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")))
}

impl Process {
    /// With an empty address, on the SQLite file of its own folder.
    pub fn on(url: &str) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), address: free.to_string(), url: url.to_owned(), child: None }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gcm-api"));
        command.args(arguments).current_dir(self.folder.path()).env("DATABASE_URL", &self.url).env("GCM_SECRET_KEY", KEY);
        command.env("GCM_DATA_DIR", self.folder.path()).env("GCM_LISTEN", &self.address).env("GCM_LOG", "warn");
        command.env("GCM_CORS_ORIGINS", "https://portal.example").env("GCM_PUBLIC_URL", "http://gcm.test");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    }

    pub fn serve(&mut self) {
        let log = File::create(self.folder.path().join("log")).unwrap();
        self.child = Some(self.command(&["serve"]).stdout(Stdio::null()).stderr(log).spawn().unwrap());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    pub fn ask(&self, path: &str, arguments: &[&str]) -> Answer {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-i", "-m", "20", "--noproxy", "*"]);
        curl.args(["-w", "\n%{http_code}"]).args(arguments).arg(format!("http://{}{path}", self.address));
        let text = String::from_utf8(curl.output().unwrap().stdout).unwrap();
        let (text, status) = text.rsplit_once('\n').unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        Answer { status: status.parse().unwrap(), head: head.to_lowercase(), body: body.to_owned() }
    }

    /// Until the process answers at all.
    pub fn awake(&self) {
        self.until(|| std::net::TcpStream::connect(&self.address).is_ok() && self.ask("/health/live", &[]).status == 200);
    }

    pub fn ready(&self) {
        self.until(|| self.run(&["health"]).0 == 0);
    }

    fn until(&self, done: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(40);
        while !done() {
            assert!(Instant::now() < end, "it never came: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn sign_in(&self) -> String {
        let password = format!("password={PASSWORD}");
        let tokens = self.ask("/v1/auth/token", &["-d", "grant_type=password", "-d", "username=chief", "-d", &password]).json();
        bearer(&tokens)
    }

    /// The account with which [`Process::sign_in`] signs in, in a seeded record.
    pub fn enrol(&self) {
        std::fs::write(self.folder.path().join("password"), PASSWORD).unwrap();
        let create =
            ["account", "create", "--username", "chief", "--display-name", "Chief", "--role", "coordinator", "--organization", "mofa"];
        for arguments in [&["seed"][..], &[create.as_slice(), &["--password-file", "password"]].concat()] {
            let (code, said) = self.run(arguments);
            assert_eq!(code, 0, "{arguments:?}: {said}");
        }
    }

    pub fn told_to_stop(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code();
            }
            if Instant::now() > end {
                child.kill().ok();
                panic!("it did not stop: {}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}
