//! The README as a new user follows it: the real binary, every command of the tour, and what it says they print.

use std::process::Command;

use crate::harness::walkthrough::{Demo, follow};

#[test]
fn every_command_of_the_tour_prints_what_the_readme_says() {
    let readme = include_str!("../../README.md");
    let tour = readme.split("## A tour of five minutes").nth(1).unwrap().split("\n## ").next().unwrap();
    let steps = follow(tour);
    assert!(steps >= 9, "the tour has {steps} steps");
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
    // The service itself waits for its database; what is given once does not.
    let (code, text) = run(&["migrate"], &away);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("cannot be reached") && !text.contains("geheimnis"), "{text}");
}
