//! The real binary as an operator runs it, and what it says on standard error.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::spans::collector;
use crate::harness::log::lines;

/// Longer than anything here should take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running service, which is killed when this goes.
pub struct Running {
    child: Child,
    /// Host and port.
    pub address: String,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts it and waits until it answers.
    pub fn start(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gcm-api"));
        command
            .args(arguments)
            .current_dir(folder)
            .env_remove("DATABASE_URL")
            .env("GCM_LISTEN", "127.0.0.1:0")
            .env("GCM_LOG_FORMAT", "json");
        command.env("GCM_PUBLIC_RATE_LIMIT_PER_MINUTE", "100000").env("GCM_RATE_LIMIT_PER_MINUTE", "100000");
        let mut child = command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = out.next().expect("it says where it listens").unwrap();
        let address = first.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        std::thread::spawn(move || out.for_each(drop));
        let said = Arc::<Mutex<String>>::default();
        let (err, heard) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&said));
        std::thread::spawn(move || err.lines().map_while(Result::ok).for_each(|line| *heard.lock().unwrap() += &format!("{line}\n")));
        let running = Self { child, address, said };
        wait(|| running.try_get("/health/ready").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
        running
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// How it ended.
    pub fn end(&mut self) -> ExitStatus {
        wait(|| self.child.try_wait().unwrap().is_some());
        self.child.wait().unwrap()
    }

    pub fn log(&self) -> Vec<Value> {
        let said = self.said.lock().unwrap();
        lines(&said).collect()
    }

    /// Waits for a line that begins with these words.
    pub fn says(&self, words: &str) {
        wait(|| self.log().iter().any(|line| line["message"].as_str().is_some_and(|message| message.starts_with(words))));
    }

    /// The whole answer to one request on a connection of its own; none when nobody answers.
    pub fn ask(&self, request: &str) -> Option<String> {
        ask(&self.address, request)
    }

    pub fn try_get(&self, path: &str) -> Option<String> {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address))
    }

    pub fn get(&self, path: &str) -> String {
        self.try_get(path).expect("it answers")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub fn ask(address: &str, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned()).filter(|answer| !answer.is_empty())
}

pub fn wait(mut done: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < until, "it did not come to pass");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn figures_have_an_address_of_their_own_when_they_are_given_one() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &["serve"], &[("GCM_METRICS_LISTEN", "127.0.0.1:0")]);
    running.says("/metrics and /health/* are served");
    let line = running.log().into_iter().find(|line| line.get("address").is_some()).unwrap();
    let apart = line["address"].as_str().unwrap();
    let get = |path: &str| ask(apart, &format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).unwrap();
    assert!(get("/metrics").contains("\ngcm_database_up 1\n") && get("/metrics").contains("content-type: text/plain; version=0.0.4"));
    assert!(get("/health/ready").starts_with("HTTP/1.1 200") && get("/v1/instance").starts_with("HTTP/1.1 404"));
    assert!(running.get("/metrics").starts_with("HTTP/1.1 404"));
    drop(running);

    let running = Running::start(folder.path(), &["serve"], &[]);
    assert!(running.get("/metrics").contains("\ngcm_database_up 1\n"));

    let taken = [("GCM_METRICS_LISTEN", running.address.as_str()), ("GCM_LISTEN", "127.0.0.1:0")];
    let second = Command::new(env!("CARGO_BIN_EXE_gcm-api")).arg("serve").current_dir(folder.path()).envs(taken).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(4), "{said}");
    assert!(said.contains("is taken") && said.contains("GCM_METRICS_LISTEN"), "{said}");
}

#[test]
fn lines_name_their_request_also_where_little_is_logged() {
    for filter in ["info", "gcm_api::security=info", "warn,gcm_api::security=info"] {
        let folder = tempfile::tempdir().unwrap();
        let running = Running::start(folder.path(), &["serve"], &[("GCM_LOG", filter)]);
        let form = "grant_type=password&username=nobody&password=nothing";
        let head = "Content-Type: application/x-www-form-urlencoded\r\nX-Request-Id: told-1\r\nConnection: close";
        let answer =
            running.ask(&format!("POST /v1/auth/token HTTP/1.1\r\nHost: a\r\n{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len()));
        assert!(answer.unwrap().starts_with("HTTP/1.1 400"));
        running.says("security");
        let log = running.log();
        let line = log.iter().find(|line| line["event"] == "sign_in_failed").unwrap();
        assert_eq!((&line["request_id"], line["trace_id"].as_str().map(str::len)), (&"told-1".into(), Some(32)), "{filter}");
        assert_eq!(log.iter().any(|line| line["message"] == "answered"), filter == "info");
    }
}

#[test]
fn the_last_spans_leave_before_the_process_does() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, told) = collector(listener, 200);
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["serve"], &[("GCM_OTLP_ENDPOINT", &format!("http://{address}"))]);
    running.get("/v1/the-last-one");
    running.signal("TERM");
    assert_eq!(running.end().code(), Some(0));
    let sent: Vec<String> = told.try_iter().map(|(_, body)| body.to_string()).collect();
    assert!(sent.iter().any(|body| body.contains("\"unknown\"")), "{sent:?}");
}
