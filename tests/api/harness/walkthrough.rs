//! A document as its reader follows it: the real binary with its demo, every command in a plain shell, and what the document says they print.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A command block, and what the document says it prints.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    commands: String,
    printed: String,
}

/// The blocks of `sh` of a text, each with the block of `json` or `text` after it; without one it prints nothing. Other languages are for others.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut open = false;
    for fence in text.split("\n```").skip(1).step_by(2) {
        let (language, block) = fence.split_once('\n').unwrap();
        match (language, steps.last_mut()) {
            ("sh", _) => {
                open = true;
                steps.push(Step { commands: block.to_owned(), printed: String::new() });
            }
            ("json" | "text", Some(step)) if open => {
                open = false;
                block.clone_into(&mut step.printed);
            }
            ("json" | "text", _) => panic!("no commands before what they print:\n{block}"),
            _ => {}
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

/// Carries out every command block of the text against a demo, in one shell, in a folder of its own; says how many there were.
pub fn follow(text: &str) -> usize {
    let steps = steps(text);
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(&folder.path().join("data"));
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
    assert_eq!(printed.len(), steps.len() + 1, "the shell ended early");

    for (step, actual) in steps.iter().zip(printed) {
        // Answers end without a line break: two in one block stand on one line, and the document shows them on two.
        let (expected, actual) = (step.printed.replace('\n', ""), actual.replace('\n', ""));
        assert!(matches(&expected, &actual), "it says of\n{}\n{expected}\nbut it prints\n{actual}", step.commands);
    }
    steps.len()
}

/// The real binary, serving its demo on a free port until it is dropped.
pub struct Demo {
    process: Child,
    pub base: String,
    /// What it printed before it began to serve.
    pub announced: Vec<String>,
}

impl Demo {
    pub fn start(data: &Path) -> Self {
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
fn blocks_of_other_languages_stand_between_commands_and_what_they_print() {
    let text = "Sign in:\n\n```sh\necho a\n```\n\nThat is:\n\n```ts\nnever()\n```\n\n```text\na\n```\n\n```sh\ntrue\n```\n\nEnd.";
    let step = |commands: &str, printed: &str| Step { commands: commands.to_owned(), printed: printed.to_owned() };
    assert_eq!(steps(text), [step("echo a", "a"), step("true", "")]);
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    for (expected, actual) in [("a…c", "abc"), ("a…c", "ac"), ("…", ""), ("a…b…c", "a1b2c\n"), ("abc", "abc")] {
        assert!(matches(expected, actual), "{expected}: {actual}");
    }
    for (expected, actual) in [("a…c", "abcd"), ("abc", "abcd"), ("", "a"), ("a…b…a", "aba b"), ("b…", "abc"), ("a…a", "a")] {
        assert!(!matches(expected, actual), "{expected}: {actual}");
    }
}
