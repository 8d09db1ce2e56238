//! The README as a new user follows it: the real binary, every command of the tour, and what it says they print.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A command block of the tour, and what the README says it prints.
struct Step {
    commands: String,
    printed: String,
}

fn tour(readme: &str) -> Vec<Step> {
    let tour = readme.split("## A tour of five minutes").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut fences = tour.split("\n```");
    fences.next();
    let mut steps = Vec::new();
    while let (Some(commands), Some(_between), Some(printed), rest) = (fences.next(), fences.next(), fences.next(), fences.next()) {
        let commands = commands.strip_prefix("sh\n").expect("a command block comes first").to_owned();
        let (_language, printed) = printed.split_once('\n').unwrap();
        steps.push(Step { commands, printed: printed.to_owned() });
        if rest.is_none() {
            break;
        }
    }
    steps
}

/// Whether `actual` is `expected`, where `…` stands for anything.
fn matches(expected: &str, actual: &str) -> bool {
    let mut parts = expected.trim_end().split('…');
    let first = parts.next().unwrap();
    let Some(mut rest) = actual.trim_end().strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || actual.trim_end().ends_with(part),
    }
}

struct Demo {
    process: Child,
    base: String,
    /// What it printed before it began to serve.
    announced: Vec<String>,
}

impl Demo {
    fn start(data: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_gcm-api"))
            .args(["serve", "--demo"])
            .env("GCM_DATA_DIR", data)
            .env("GCM_LISTEN", "127.0.0.1:0")
            .env("GCM_LOG", "error")
            .env_remove("DATABASE_URL")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut announced: Vec<String> = Vec::new();
        while !announced.last().is_some_and(|line| line.contains("Bearer $TOKEN")) {
            announced.push(lines.next().expect("the demo ended early").unwrap());
        }
        std::thread::spawn(move || lines.for_each(drop));
        let base = announced[0].split_whitespace().find(|word| word.starts_with("http://")).expect("the address").to_owned();
        let demo = Self { process, base, announced };
        patiently(|| std::net::TcpStream::connect(demo.address()).is_ok());
        demo
    }

    fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }
}

/// Tries for ten seconds.
fn patiently(done: impl Fn() -> bool) {
    let pause = || std::thread::sleep(std::time::Duration::from_millis(50));
    assert!((0..200).any(|_| done() || (pause(), false).1), "it did not come to pass within ten seconds");
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
fn every_command_of_the_tour_prints_what_the_readme_says() {
    let readme = include_str!("../../README.md");
    let steps = tour(readme);
    assert!(steps.len() >= 9, "the tour has {} steps", steps.len());

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let demo = Demo::start(&data);
    let script = steps.iter().map(|step| format!("{}\nprintf '\\n@@@\\n'\n", step.commands)).collect::<String>();
    let script = script.replace("http://127.0.0.1:8080", &demo.base).replace("cargo run --release --", env!("CARGO_BIN_EXE_gcm-api"));
    let mut shell = Command::new("sh")
        .current_dir(folder.path())
        .env("GCM_LISTEN", demo.address())
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<&str> = printed.split("\n@@@\n").collect();

    for (step, actual) in steps.iter().zip(&printed) {
        // Answers end without a line break: two in one block stand on one line, and the README shows them on two.
        let (expected, actual) = (step.printed.replace('\n', ""), actual.replace('\n', ""));
        assert!(matches(&expected, &actual), "the README says of\n{}\n{expected}\nbut it prints\n{actual}", step.commands);
    }
}

#[test]
fn a_demo_that_is_started_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let head = |demo: &Demo| {
        let accounts = std::fs::read_to_string(folder.path().join("demo-accounts.json")).unwrap();
        let accounts: serde_json::Value = serde_json::from_str(&accounts).unwrap();
        assert_eq!(accounts["base_url"], demo.base);
        let verify = Command::new(env!("CARGO_BIN_EXE_gcm-api"))
            .args(["audit", "verify", "--bodies"])
            .env("GCM_DATA_DIR", folder.path())
            .env("GCM_LOG", "error")
            .env_remove("DATABASE_URL")
            .output()
            .unwrap();
        assert!(verify.status.success(), "{verify:?}");
        let text = String::from_utf8(verify.stdout).unwrap();
        (
            text.split(" changes").next().unwrap().to_owned(),
            text.split("the head is ").nth(1).unwrap().lines().next().unwrap().to_owned(),
            accounts["accounts"].clone(),
        )
    };
    let first = head(&Demo::start(folder.path()));
    let again = head(&Demo::start(folder.path()));
    assert_eq!(first, again);
}

#[test]
fn the_command_that_the_demo_prints_works_in_a_plain_shell() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let from = demo.announced.iter().position(|line| line.trim() == "Try it:").expect("it says what to try");
    let output = Command::new("sh").arg("-c").arg(demo.announced[from + 1..].join("\n")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(list["data"].as_array().unwrap().len(), 13, "the ministries of today");
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gcm-api"));
    command.args(arguments).current_dir(folder.path()).env("GCM_LOG", "error").env_remove("DATABASE_URL");
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_keeps_it_from_starting_is_said_in_words_and_by_exit_code() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, text) = run(&["serve", "--demo"], &[("GCM_LISTEN", &address)]);
    assert_eq!(code, 4, "{text}");
    assert!(text.contains(&address) && text.contains("taken"), "{text}");

    let (code, text) = run(&["serve"], &[("GCM_LISTENN", "127.0.0.1:0")]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("GCM_LISTENN") && text.contains("GCM_LISTEN"), "{text}");

    let (code, text) = run(&["serve", "--demo"], &[("GCM_LISTEN", "0.0.0.0:0")]);
    assert_eq!(code, 2, "{text}");

    let away = [
        ("DATABASE_URL", "postgres://gcm:geheimnis@127.0.0.1:1/gcm"),
        ("GCM_SECRET_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
        ("GCM_LISTEN", "127.0.0.1:0"),
    ];
    let (code, text) = run(&["serve"], &away);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("cannot be reached") && !text.contains("geheimnis"), "{text}");
}
