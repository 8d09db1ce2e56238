//! The shape of the code: floors, and who may write.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::{fs, path::Path, process::Command};

/// The floors from the bottom; each may use those below it and its own.
const FLOORS: &[&[&str]] = &[
    &["problem", "kind", "text", "settings", "telemetry", "metrics", "clock"],
    &["auth"],
    &["store"],
    &["http", "entity"],
    &["features"],
    &["seed", "openapi"],
    &["app"],
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push((path.strip_prefix("src").unwrap().display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
}

fn all() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(Path::new("src"), &mut found);
    found
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

/// The modules that a file imports from its own crate, at the top level.
fn imports(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        let rest = &source[at + 7..];
        match rest.strip_prefix('{') {
            None => found.push(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned()),
            Some(group) => {
                let (mut depth, mut word) = (0, String::new());
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' => word.clear(),
                        c if depth == 0 && (c.is_alphanumeric() || c == '_') => word.push(c),
                        ':' if depth == 0 && !word.is_empty() => found.push(std::mem::take(&mut word)),
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

#[test]
fn an_import_only_ever_goes_down() {
    for (file, source) in all() {
        let own = file.split(['/', '.']).next().unwrap().to_owned();
        let Some(height) = floor(&own) else { continue };
        for import in imports(&source) {
            let Some(other) = floor(&import) else { continue };
            assert!(
                other < height || import == own || (other == height && height == 0),
                "{file} imports crate::{import} from above or beside"
            );
        }
    }
}

#[test]
fn named_queries_read_and_never_write() {
    for (file, source) in all().into_iter().filter(|(file, _)| file.starts_with("entity/")) {
        for write in ["insert(", "insert_many(", "update(", "update_many(", "delete(", "delete_many(", "delete_by_id(", ".save(", "execute"]
        {
            assert!(!source.contains(write), "{file} writes: {write}");
        }
    }
}

#[test]
fn every_kind_of_problem_and_fault_is_used() {
    let sources: String = all().into_iter().filter(|(file, _)| !file.starts_with("problem/")).map(|(_, source)| source).collect();
    let driver = fs::read_to_string("src/problem/mod.rs").unwrap();
    for code in gcm_api::problem::Code::ALL {
        let name = format!("Code::{code:?}");
        assert!(sources.contains(&name) || driver.contains(&name), "{name} is never answered");
    }
    for code in gcm_api::problem::FaultCode::ALL {
        let name = format!("FaultCode::{code:?}");
        assert!(sources.contains(&name) || fs::read_to_string("src/text/mod.rs").unwrap().contains(&name), "{name} is never answered");
    }
}

/// The names that a text holds and that look like settings.
fn variables(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
    words.filter(|word| word.starts_with("GCM_") || word.starts_with("DATABASE_URL")).map(str::to_owned).collect()
}

#[test]
fn containers_are_told_settings_that_there_are_and_built_with_the_same_compiler() {
    let known: Vec<String> = gcm_api::settings::KEYS
        .iter()
        .flat_map(|key| [Some(key.variable.to_owned()), key.secret.then(|| format!("{}_FILE", key.variable))])
        .flatten()
        .collect();
    let dockerfile = fs::read_to_string("Dockerfile").unwrap();
    for text in [&dockerfile, &fs::read_to_string("docker-compose.yml").unwrap()] {
        let named = variables(text);
        assert!(named.len() >= 3, "{named:?}");
        let strange: Vec<_> = named.iter().filter(|name| !known.contains(name)).collect();
        assert!(strange.is_empty(), "no settings: {strange:?}");
    }
    let toolchain = fs::read_to_string("rust-toolchain.toml").unwrap();
    let version = toolchain.split("channel = \"").nth(1).unwrap().split('"').next().unwrap();
    let image = format!("FROM rust:{}-", version.strip_suffix(".0").unwrap_or(version));
    assert!(dockerfile.contains(&image), "the Dockerfile builds with another compiler than {version}");
    let sources = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from="));
    let ignored = fs::read_to_string(".dockerignore").unwrap();
    for source in sources.flat_map(|line| line.split(' ').rev().skip(1)) {
        assert!(Path::new(source).exists() && ignored.contains(&format!("!{source}\n")), "COPY {source}");
    }
}

#[test]
fn whoever_stops_the_service_waits_until_it_has_come_to_its_end() {
    let default = |variable: &str| {
        let key = gcm_api::settings::KEYS.iter().find(|key| key.variable == variable).unwrap();
        key.default.parse::<u64>().unwrap()
    };
    // Ten seconds for the last spans and for closing the database, five each at most.
    let takes = default("GCM_DRAIN_SECONDS") + default("GCM_SHUTDOWN_SECONDS") + 10;
    let (compose, guide) = (fs::read_to_string("docker-compose.yml").unwrap(), fs::read_to_string("docs/guides/operators.md").unwrap());
    let api = compose.split("\n  api:\n").nth(1).unwrap();
    for (text, name) in [(api, "stop_grace_period: "), (guide.as_str(), "TimeoutStopSec=")] {
        let given = text.split(name).nth(1).unwrap().lines().next().unwrap();
        let seconds: u64 = given.trim_end_matches('s').parse().unwrap();
        assert!(seconds > takes, "{name}{given}: an orderly end takes up to {takes} s");
    }
}

#[test]
fn what_the_dockerfile_copies_is_a_whole_workspace() {
    let dockerfile = fs::read_to_string("Dockerfile").unwrap();
    let folder = tempfile::tempdir().unwrap();
    for line in dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from=")) {
        for source in line.split(' ').rev().skip(1) {
            let target = folder.path().join(source);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            assert!(Command::new("cp").arg("-r").args([Path::new(source), &target]).status().unwrap().success());
        }
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder.path()).args(["metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"]);
    let read = cargo.output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}
