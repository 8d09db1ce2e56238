use super::*;

/// A folder without a settings file, so that no file of the working directory is read.
fn load_file(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gcm-api.toml");
    std::fs::write(&file, text).unwrap();
    let environment = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Settings::load(&Source { file: Some(file), environment, demo: false })
}

fn load(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    load_file("", variables)
}

/// The only fault, as one line, without the folder of the file.
fn fault(result: Result<Settings, SettingsError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.faults.len(), 1, "{error}");
    let line = error.faults[0].to_string();
    line.split_once("gcm-api.toml").map_or(line.clone(), |(_, rest)| format!("gcm-api.toml{rest}"))
}

#[test]
fn defaults_are_what_the_table_says() {
    let mut settings = table::defaults();
    let before = format!("{settings:?}");
    for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
        let (name, value) = match key.default.split_once(": ") {
            Some((language, text)) => (key.name.replace("<language>", language), text),
            None => (key.name.to_owned(), key.default),
        };
        (key.set)(&mut settings, &name, &value::Raw::Text(value.to_owned())).unwrap();
    }
    assert_eq!(before, format!("{settings:?}"));
    assert_eq!(before, format!("{:?}", Settings { file: None, ..load(&[]).unwrap() }));
}

#[test]
fn variables_follow_from_names() {
    for key in &KEYS {
        let variable = format!("GCM_{}", key.name.to_ascii_uppercase().replace('.', "__"));
        assert!(key.variable == variable || key.name == "database_url", "{}", key.name);
        assert!(key.meaning.ends_with('.'), "{}", key.name);
    }
}

#[test]
fn later_layers_win() {
    let file = r#"
        listen = "127.0.0.1:1"
        reader_connections = 0x10
        cors_origins = ["https://a.example", "http://localhost:5173"]
        [instance]
        country = "KH"
        languages = ["km", "en"]
        default_language = "km"
        name = { km = "កម្ពុជា", en = "Cambodia" }
    "#;
    let variables = [("GCM_LISTEN", "[::1]:2"), ("GCM_INSTANCE__NAME__EN", "Kingdom of Cambodia"), ("GCM_LOG", "")];
    let settings = load_file(file, &variables).unwrap();
    assert_eq!(settings.listen.to_string(), "[::1]:2");
    assert_eq!(settings.reader_connections, 16);
    assert_eq!(settings.cors_origins, ["https://a.example", "http://localhost:5173"]);
    assert_eq!(settings.instance.country, "KH");
    let names: Vec<_> = settings.instance.name.iter().map(|(l, n)| format!("{l}={n}")).collect();
    assert_eq!(names, ["en=Kingdom of Cambodia", "km=កម្ពុជា"]);
    assert_eq!(settings.log_filter, "info,sqlx=warn", "an empty variable counts as not set");
}

#[test]
fn lists_in_variables() {
    let settings = load(&[
        ("GCM_CORS_ORIGINS", "https://a.example, https://b.example:8443,"),
        ("GCM_INSTANCE__LANGUAGES", "en,lo,fr"),
        ("GCM_OLD_SECRET_KEYS", "one,two"),
        ("GCM_TRUSTED_PROXIES", "10.0.0.0/8, fd00::7"),
        ("GCM_PUBLIC_URL", "https://gcm.example.gov.la/"),
        ("GCM_PASSWORD_LINK_URL", "https://portal.example/welcome#{token}"),
        ("HOME", "/root"),
        ("GCM_REQUIRE_POSTGRES", "1"),
    ]);
    let settings = settings.unwrap();
    assert_eq!(settings.cors_origins, ["https://a.example", "https://b.example:8443"]);
    assert_eq!(settings.instance.languages, ["en", "lo", "fr"]);
    assert_eq!(settings.old_secret_keys.len(), 2);
    assert_eq!(settings.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "fd00::7".parse().unwrap()]);
    assert_eq!(settings.public_url.as_deref(), Some("https://gcm.example.gov.la"));
    assert_eq!(settings.password_link_url.as_deref(), Some("https://portal.example/welcome#{token}"));
}

#[test]
fn finding_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(at("gcm-api.toml"), "reader_connections = 3").unwrap();
    std::fs::write(at("other.toml"), "reader_connections = 4").unwrap();
    let data_dir = folder.path().to_str().unwrap();
    let in_data_dir = Settings::load(&Source::of([("GCM_DATA_DIR", data_dir)])).unwrap();
    assert_eq!((in_data_dir.reader_connections, in_data_dir.file.is_some()), (3, true));
    let variables = [("GCM_DATA_DIR", data_dir), ("GCM_CONFIG", &at("other.toml"))];
    assert_eq!(Settings::load(&Source::of(variables)).unwrap().reader_connections, 4);
    let option = Source { file: Some(at("gcm-api.toml").into()), ..Source::of(variables) };
    assert_eq!(Settings::load(&option).unwrap().reader_connections, 3);
    let missing = Settings::load(&Source::of([("GCM_CONFIG", "/no/such.toml")]));
    assert_eq!(fault(missing), "GCM_CONFIG: there is no settings file /no/such.toml; name one that exists, or leave this out");
}

#[test]
fn unknown_names_are_faults_with_a_suggestion() {
    let said = |variable: &str| fault(load(&[(variable, "secret-value")]));
    assert_eq!(said("GCM_LISTN"), "GCM_LISTN: is an unknown variable; did you mean GCM_LISTEN?");
    assert!(said("GCM_DATABASE_URL").ends_with("did you mean DATABASE_URL?"));
    assert!(said("GCM_INSTANCE__NAME_EN").ends_with("did you mean GCM_INSTANCE__NAME__EN?"));
    assert!(said("GCM_COMPLETELY_DIFFERENT").ends_with("look it up in the reference of settings"));
    assert_eq!(
        fault(load_file("\n[instance]\ntimezon = \"Asia/Vientiane\"\n", &[])),
        "gcm-api.toml:3: instance.timezon is an unknown setting; did you mean instance.timezone?"
    );
    assert!(fault(load_file("[instance]\nname = \"Laos\"", &[])).contains("did you mean instance.name.en?"));
}

#[test]
fn bad_values_name_key_place_fault_and_remedy() {
    assert_eq!(
        fault(load_file("\n\nlisten = \"localhost\"", &[])),
        "gcm-api.toml:3: listen \"localhost\" is not an address with a port; write it as 127.0.0.1:8080 or [::1]:8080"
    );
    let cases = [
        ("GCM_READER_CONNECTIONS", "0", "out of range"),
        ("GCM_BODY_LIMIT_BYTES", "1MB", "not a whole number"),
        ("GCM_REQUEST_TIMEOUT_SECONDS", "-1", "not a whole number"),
        ("GCM_LOG", "gcm_api=loud", "not a log filter"),
        ("GCM_LOG_FORMAT", "xml", "write text or json"),
        ("GCM_CORS_ORIGINS", "*", "every web site"),
        ("GCM_CORS_ORIGINS", "https://a.example/", "not an origin"),
        ("GCM_CORS_ORIGINS", "null", "not an origin"),
        ("GCM_TRUSTED_PROXIES", "10.0.0.0/8,10.0.0.7/8", "host bits are zero"),
        ("GCM_TRUSTED_PROXIES", "proxy.example", "neither an address"),
        ("GCM_RATE_LIMIT_PER_MINUTE", "0", "out of range"),
        ("GCM_SIGNING_KEY_DAYS", "0", "out of range"),
        ("GCM_PUBLIC_URL", "gcm.example", "not an address of a web service"),
        ("GCM_PUBLIC_URL", "https://", "not an address of a web service"),
        ("GCM_PUBLIC_URL", "https://a.example?x", "not an address of a web service"),
        ("GCM_PASSWORD_LINK_URL", "https://portal.example/welcome", "with {token} in it"),
        ("GCM_PASSWORD_LINK_URL", "https://{token}.portal.example/", "with {token} in it"),
        ("GCM_PASSWORD_LINK_URL", "portal.example/#{token}", "with {token} in it"),
        ("GCM_PASSWORD_LINK_URL", "https://portal.example/{token}#{token}", "with {token} in it"),
        ("GCM_INSTANCE__COUNTRY", "Laos", "capital letters"),
        ("GCM_INSTANCE__CURRENCY", "lak", "capital letters"),
        ("GCM_INSTANCE__TIMEZONE", "Vientiane", "IANA"),
        ("GCM_INSTANCE__LEAD_MINISTRY", "MoFA", "not a code"),
        ("GCM_INSTANCE__LANGUAGES", "en,en", "twice"),
        ("GCM_INSTANCE__LANGUAGES", "english", "not a language code"),
        ("GCM_INSTANCE__LANGUAGES", "lo", "not one of instance.languages"),
        ("GCM_INSTANCE__DEFAULT_LANGUAGE", "lo", "has no text in lo"),
        ("GCM_INSTANCE__NAME__FR", "RDP lao", "has no text in en"),
    ];
    for (variable, value, expected) in cases {
        let error = load(&[(variable, value)]).unwrap_err().to_string();
        assert!(error.contains(expected), "{variable}={value}: {error}");
        assert!(error.contains(variable) || error.contains("instance."), "{error}");
    }
}

#[test]
fn all_faults_are_reported_at_once() {
    let error = load_file("listen = 1\nnope = 2\n", &[("GCM_LOG_FORMAT", "x")]).unwrap_err();
    assert_eq!(error.faults.len(), 3, "{error}");
    assert!(error.to_string().starts_with("the settings are not usable (3 faults):\n  "));
}

#[test]
fn demo_stays_on_this_machine() {
    let demo = |listen: &str| Settings::load(&Source { demo: true, ..Source::of([("GCM_LISTEN", listen)]) });
    assert!(demo("127.0.0.1:0").unwrap().demo);
    assert!(demo("[::1]:8080").is_ok());
    for open in ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:8080"] {
        assert!(fault(demo(open)).starts_with("GCM_LISTEN: listen is "), "{open}");
    }
}

#[test]
fn engines() {
    assert_eq!(load(&[]).unwrap().engine(), Engine::Sqlite);
    assert_eq!(load(&[("DATABASE_URL", "sqlite::memory:")]).unwrap().engine(), Engine::Sqlite);
    assert_eq!(load(&[("DATABASE_URL", "postgresql://h/d")]).unwrap().engine(), Engine::Postgres);
}

#[test]
fn secrets_are_never_printed() {
    let bad = ["mysql://u:hunter2@h/d", "hunter2", "postgre://u:hunter2@h", "Postgres://hunter2@h/d"];
    for url in bad {
        let error = load(&[("DATABASE_URL", url)]).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("hunter2") && said.contains("DATABASE_URL"), "{said}");
    }
    // On a line that is not TOML, in the wrong place, or under a misspelt name.
    for text in ["database_url = \"postgres://u:hunter2@h/d", "public_url = \"https://u:hunter2@h\"", "secret_kee = \"hunter2\""] {
        let error = load_file(text, &[]).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let variables = [("DATABASE_URL", "postgres://u:hunter2@h/d"), ("GCM_SECRET_KEY", "hunter2"), ("GCM_OLD_SECRET_KEYS", "hunter2")];
    let printed = format!("{:?} {:?}", load(&variables).unwrap(), Source::of(variables));
    assert!(!printed.contains("hunter2"), "{printed}");
    assert_eq!(load(&variables).unwrap().database_url.unwrap().to_string(), "[hidden]");
    let both = load(&[("GCM_SECRET_KEY", "hunter2"), ("GCM_SECRET_KEY_FILE", "/x")]);
    assert!(fault(both).contains("keep one of the two"));
}

#[test]
fn only_ours_is_read_from_the_process() {
    let source = Source::from_process(None, false).unwrap();
    assert!(source.environment.iter().all(|(name, _)| name.starts_with("GCM_") || name == "DATABASE_URL" || name == "DATABASE_URL_FILE"));
}

#[test]
fn every_secret_can_stand_in_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (url, key, old) = (file("url", "postgres://u:p@h/d\n"), file("key", "hunter2\r\n"), file("old", "a,b\n"));
    let variables = [("DATABASE_URL_FILE", url.as_str()), ("GCM_SECRET_KEY_FILE", &key), ("GCM_OLD_SECRET_KEYS_FILE", &old)];
    let settings = load(&variables).unwrap();
    assert_eq!(settings.database_url.unwrap().expose(), "postgres://u:p@h/d");
    assert_eq!(settings.secret_key.unwrap().expose(), "hunter2");
    assert_eq!(settings.old_secret_keys.iter().map(Secret::expose).collect::<Vec<_>>(), ["a", "b"]);
    let from_file = load_file(&format!("database_url_file = {url:?}\nsecret_key_file = {key:?}"), &[]).unwrap();
    assert_eq!(from_file.database_url.unwrap().expose(), "postgres://u:p@h/d");
    assert_eq!(from_file.secret_key.unwrap().expose(), "hunter2");

    let both = fault(load(&[("DATABASE_URL", "sqlite:x"), ("DATABASE_URL_FILE", &url)]));
    assert!(both.starts_with("DATABASE_URL_FILE: database_url_file is set, and so is database_url; keep one of the two"), "{both}");
    for (variable, path, says) in [
        ("DATABASE_URL_FILE", "/no/such/hunter2".to_owned(), "cannot be read"),
        ("DATABASE_URL_FILE", file("empty", "\n"), "is empty"),
        ("DATABASE_URL_FILE", file("wrong", "mysql://u:hunter2@h/d"), "DATABASE_URL_FILE: database_url does not begin with"),
    ] {
        let said = fault(load(&[(variable, &path)]));
        assert!(said.contains(says) && said.contains(variable) && !said.contains("hunter2"), "{said}");
    }
    // What is no secret has no file.
    assert!(fault(load(&[("GCM_LISTEN_FILE", &url)])).contains("unknown variable"));
    assert!(fault(load(&[("DATABASE_URL_FIL", &url), ("GCM_SECRET_KEY_FILES", &url)])).contains("did you mean GCM_SECRET_KEY_FILE?"));
}

#[test]
fn the_guide_for_operators_names_the_defaults() {
    let guide = include_str!("../../docs/guides/operators.md");
    for name in ["rate_limit_per_minute", "public_rate_limit_per_minute", "sign_in_limit_per_network", "sign_in_limit_per_account"] {
        let key = table::find(name).unwrap();
        assert!(guide.contains(&format!("`{}`, {}", key.variable, key.default)), "{name}");
    }
    assert!(guide.contains("`GCM_SIGNING_KEY_DAYS` (90)") && guide.contains("`GCM_TRUSTED_PROXIES`"));
}
