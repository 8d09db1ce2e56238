//! The reference of settings: printed by the program, committed, and current.

use std::process::{Command, Output};

fn run(arguments: &[&str], environment: &[(&str, &str)], folder: &std::path::Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gcm-api"));
    command.args(arguments).current_dir(folder).env_remove("DATABASE_URL").envs(environment.iter().copied());
    command.output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_committed_reference_is_what_the_program_prints() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&["settings"], &[], folder.path());
    assert!(printed.status.success());
    let printed = text(printed.stdout);
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/settings.md")).unwrap_or_default();
    assert!(printed == committed, "docs/settings.md is not current: cargo run --locked -q -- settings > docs/settings.md");
    for key in &gcm_api::settings::KEYS {
        let row = printed.lines().find(|line| line.starts_with(&format!("| `{}` | `{}` |", key.name, key.variable)));
        let row = row.unwrap_or_else(|| panic!("{} has no row", key.name));
        assert_eq!((row.matches(" | ").count(), row.contains("**Secret.**")), (3, key.secret), "{row}");
    }
}

#[test]
fn what_is_in_force_is_shown_with_where_it_comes_from_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = "listen = \"127.0.0.1:9000\"\nlog = \"warn\"\ncors_origins = [\"https://a.example\", \"https://b.example\"]\n\n[instance.name]\nen = \"Elsewhere\"\n";
    std::fs::write(folder.path().join("gcm-api.toml"), file).unwrap();
    let url = "postgres://gcm:geheimnis@db.example/gcm";
    let environment = [
        ("GCM_LOG", "error"),
        ("DATABASE_URL", url),
        ("GCM_SECRET_KEY", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    ];
    let shown = run(&["settings", "--check"], &environment, folder.path());
    let told = format!("{}{}", text(shown.stdout), text(shown.stderr));
    assert!(shown.status.success() && !told.contains("geheimnis") && !told.contains("0001020304"), "{told}");
    let row = |name: &str| {
        let line = told.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap_or_else(|| panic!("{name}: {told}"));
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(row("listen"), "127.0.0.1:9000 gcm-api.toml:1");
    assert_eq!(row("log"), "error GCM_LOG");
    assert_eq!(row("cors_origins"), "https://a.example,https://b.example gcm-api.toml:3");
    assert_eq!(row("database_url"), "[hidden] DATABASE_URL");
    assert_eq!(row("instance.name.en"), "Elsewhere gcm-api.toml:6");
    assert_eq!(row("shutdown_seconds"), "30 default");
    assert!(!folder.path().join("data").exists(), "looking makes nothing");

    let wrong =
        run(&["settings", "--check"], &[("GCM_OTLP_ENDPOINT", "https://collector:4318"), ("GCM_METRICS_LISTEN", "9100")], folder.path());
    let said = text(wrong.stderr);
    assert_eq!(wrong.status.code(), Some(2), "{said}");
    for words in ["GCM_OTLP_ENDPOINT: otlp_endpoint is https", "GCM_METRICS_LISTEN: metrics_listen \"9100\" is not an address with a port"]
    {
        assert!(said.contains(words), "{said}");
    }
}
