//! The operator's command line, as the real binary.

mod backup;
mod names;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const PASSWORD: &str = "vq7-tmkd-93xw-plhz";

struct Operator {
    folder: tempfile::TempDir,
    /// The same however often the service is started: its tokens name it.
    address: String,
}

/// How a command ended, and what it said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Operator {
    fn new() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), address: free.to_string() }
    }

    fn with_seed() -> Self {
        let operator = Self::new();
        operator.done(&["migrate"]);
        operator.done(&["seed"]);
        operator
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gcm-api"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("DATABASE_URL");
        command.env("GCM_DATA_DIR", self.folder.path().join("data")).env("GCM_LISTEN", &self.address).env("GCM_LOG", "error");
        // The address in tokens and heads stays the same, whichever port is free.
        command.env("GCM_PUBLIC_URL", "http://gcm.test");
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().expect("it ends by itself"), out: text(output.stdout), err: text(output.stderr) }
    }

    fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }

    /// Runs a command that writes, which is refused while the service has the file: the service is stopped for it and started again.
    fn instead(&self, service: Service, arguments: &[&str]) -> (Service, Said) {
        self.refused_beside(arguments);
        drop(service);
        let said = self.run(arguments);
        (self.serve(), said)
    }

    fn refused_beside(&self, arguments: &[&str]) {
        let said = self.run(arguments);
        assert_eq!(said.code, 3, "{arguments:?}: {}{}", said.out, said.err);
        assert!(said.err.contains("another gcm-api process") && said.err.contains("stop the server or use the API"), "{}", said.err);
    }

    /// Runs a command that asks for something, and answers it.
    fn answer(&self, arguments: &[&str], line: &str) -> Said {
        use std::io::Write as _;

        let mut command = self.command(arguments);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        writeln!(process.stdin.take().unwrap(), "{line}").unwrap();
        let output = process.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().expect("it ends by itself"), out: text(output.stdout), err: text(output.stderr) }
    }

    fn create(&self, username: &str, role: &str, organization: &str, password_file: &Path) -> Said {
        let mut arguments = vec!["account", "create", "--username", username, "--display-name", "Somebody", "--role", role];
        arguments.extend(["--password-file", password_file.to_str().unwrap()]);
        if !organization.is_empty() {
            arguments.extend(["--organization", organization]);
        }
        self.run(&arguments)
    }

    fn serve(&self) -> Service {
        let mut process = self.command(&["serve"]).env_remove("GCM_PUBLIC_URL").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().expect("it says where it listens").unwrap();
        let base = first.split_whitespace().next_back().unwrap().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Service { process, base }
    }
}

struct Service {
    process: Child,
    base: String,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Service {
    fn curl(&self, path: &str, arguments: &[&str]) -> serde_json::Value {
        let address = format!("{}{path}", self.base);
        let output = Command::new("curl")
            .args(["-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1"])
            .args(arguments)
            .arg(address)
            .output();
        let output = output.unwrap().stdout;
        serde_json::from_slice(&output).unwrap_or_else(|error| panic!("{path}: {error}: {}", String::from_utf8_lossy(&output)))
    }

    fn token(&self, fields: &[&str]) -> serde_json::Value {
        let arguments: Vec<_> = fields.iter().flat_map(|field| ["-d", *field]).collect();
        self.curl("/v1/auth/token", &arguments)
    }
}

#[test]
fn an_instance_is_set_up_and_proved_from_the_command_line() {
    let operator = Operator::new();
    let nothing = operator.run(&["audit", "verify"]);
    assert_eq!(nothing.code, 3, "{}", nothing.err);
    assert!(!operator.folder.path().join("data").exists(), "looking for a record makes none");

    operator.done(&["migrate"]);
    assert!(
        operator
            .done(&["seed"])
            .starts_with("23 objectives, 53 organizations, 5 successions, 4 coordination bodies, 6 review cycles, 1 members of the UN Network, 4 consultations, 5 outcomes")
    );
    assert!(
        operator
            .done(&["seed"])
            .starts_with("0 objectives, 0 organizations, 0 successions, 0 coordination bodies, 0 review cycles, 0 members of the UN Network, 0 consultations, 0 outcomes")
    );

    let password = operator.file("password", &format!("{PASSWORD}\n"));
    let weak = operator.file("weak", "password1234");
    assert_eq!(operator.create("chief", "administrator", "", &password).code, 0);
    for (username, role, organization, file, says) in [
        ("chief", "administrator", "", &password, "chief"),
        ("C", "administrator", "", &password, "a-z"),
        ("someone", "focal_point", "", &password, "required"),
        ("someone", "focal_point", "nowhere", &password, "no row"),
        ("someone", "focal_point", "moh", &weak, "too weak"),
    ] {
        let refused = operator.create(username, role, organization, file);
        assert_eq!(refused.code, 5, "{}", refused.err);
        assert!(refused.err.contains(says) && !refused.err.contains(PASSWORD), "{}", refused.err);
    }
    assert_eq!(operator.create("moh.focal", "focal_point", "moh", &password).code, 0);
    operator.done(&["account", "create", "--username", "later", "--display-name", "Later", "--role", "reader"]);
    let list = operator.done(&["account", "list"]);
    assert!(list.lines().any(|line| line.starts_with("later") && line.contains("invited")), "{list}");

    let machine = operator.done(&["account", "create-service", "--name", "Sync", "--role", "reader", "--scope", "read"]);
    let field = |name: &str| machine.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let (id, secret) = (field("client_id"), field("client_secret"));

    let service = operator.serve();
    let sign_in =
        |service: &Service, password: &str| service.token(&["grant_type=password", "username=moh.focal", &format!("password={password}")]);
    let token = sign_in(&service, PASSWORD)["access_token"].as_str().unwrap().to_owned();
    let me = service.curl("/v1/me", &["-H", &format!("Authorization: Bearer {token}")]);
    assert_eq!((&me["username"], &me["role"]), (&"moh.focal".into(), &"focal_point".into()));
    assert!(
        service.token(&["grant_type=client_credentials", &format!("client_id={id}"), &format!("client_secret={secret}")])["access_token"]
            .is_string()
    );
    assert_eq!(service.token(&["grant_type=password", "username=later", "password=x"])["error"], "invalid_grant");

    let new = operator.file("new", "kk3-wrnt-71qs-bgfd");
    let set = ["account", "set-password", "--username", "moh.focal", "--password-file", new.to_str().unwrap()];
    let (service, said) = operator.instead(service, &set);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(sign_in(&service, PASSWORD)["error"], "invalid_grant");
    assert!(sign_in(&service, "kk3-wrnt-71qs-bgfd")["access_token"].is_string());

    // The keys, turned by hand.
    let (service, early) = operator.instead(service, &["keys", "rotate"]);
    assert_eq!(early.code, 5, "{}", early.err);
    assert!(early.err.contains("15 minutes") && early.err.contains("--now"), "{}", early.err);
    let listed = operator.done(&["keys", "list"]);
    let (signs, next) = (listed.lines().next().unwrap(), listed.lines().nth(1).unwrap());
    let (signs, next) = if signs.contains("signs since") { (signs, next) } else { (next, signs) };
    let name = |line: &str| line.split_whitespace().next().unwrap().to_owned();
    assert!(signs.contains("signs since") && next.contains("signs next"), "{listed}");
    let (service, said) = operator.instead(service, &["keys", "rotate", "--now"]);
    let turned = said.out;
    assert!(turned.lines().next().unwrap().starts_with(&name(next)) && turned.contains(&format!("{}  given up", name(signs))), "{turned}");
    assert!(operator.done(&["keys", "list"]).contains("given up as stolen"));
    let refused = service.curl("/v1/me", &["-H", &format!("Authorization: Bearer {token}")]);
    assert_eq!(refused["code"], "token_expired", "{refused}");
    let token = sign_in(&service, "kk3-wrnt-71qs-bgfd")["access_token"].as_str().unwrap().to_owned();
    assert_eq!(service.curl("/v1/me", &["-H", &format!("Authorization: Bearer {token}")])["username"], "moh.focal");

    let head = service.curl("/v1/audit/head", &["-H", &format!("Authorization: Bearer {token}")]);
    let anchor = operator.file("anchor.json", &head.to_string());
    let proof = operator.done(&["audit", "verify", "--bodies", "--anchor", anchor.to_str().unwrap()]);
    assert!(proof.contains("whole and fits the anchor") && proof.contains("Not covered"), "{proof}");
    let forged = operator.file("forged.json", &head.to_string().replace("\"signed\":\"e", "\"signed\":\"f"));
    assert_eq!(operator.run(&["audit", "verify", "--anchor", forged.to_str().unwrap()]).code, 6);
}

/// The files of the record that hold this text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| std::fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())).collect()
}

#[test]
fn a_person_is_erased_while_the_service_stands_still() {
    let operator = Operator::with_seed();
    let password = operator.file("password", PASSWORD);
    let file = password.to_str().unwrap();
    assert_eq!(operator.create("chief", "administrator", "", &password).code, 0);
    let arguments = ["account", "create", "--username", "moh.marked", "--display-name", "Somebody Markedsdotter", "--role", "focal_point"];
    operator.done(&[arguments.as_slice(), &["--organization", "moh", "--password-file", file]].concat());
    let data = operator.folder.path().join("data");
    assert!(!holding(&data, "Markedsdotter").is_empty() && !holding(&data, "moh.marked").is_empty());

    let service = operator.serve();
    let given = service.token(&["grant_type=password", "username=moh.marked", &format!("password={PASSWORD}")]);
    let bearer = format!("Authorization: Bearer {}", given["access_token"].as_str().unwrap());
    assert_eq!(service.curl("/v1/me", &["-H", &bearer])["username"], "moh.marked");

    let erase = ["account", "erase", "--username", "moh.marked"];
    operator.refused_beside(&erase);
    operator.refused_beside(&["focal-point", "erase", "--id", "01920000-0000-7000-8000-00000000abcd"]);
    operator.refused_beside(&["migrate"]);
    operator.refused_beside(&["seed"]);
    drop(service);
    for wrong in ["moh.marke", "", "yes"] {
        let said = operator.answer(&erase, wrong);
        assert_eq!((said.code, said.err.contains("nothing was erased")), (5, true), "{}", said.err);
    }
    let said = operator.answer(&erase, "moh.marked");
    assert_eq!(said.code, 0, "{}", said.err);
    for words in ["cannot be taken back", "is called erased-", "0 appointment(s)", "The database file was rewritten", "Backups"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    for text in ["Markedsdotter", "markedsdotter", "moh.marked"] {
        assert_eq!(holding(&data, text), Vec::<PathBuf>::new(), "{text}");
    }
    let service = operator.serve();
    assert_eq!(service.curl("/v1/me", &["-H", &bearer])["code"], "unauthenticated");
    let refused = service.token(&["grant_type=refresh_token", &format!("refresh_token={}", given["refresh_token"].as_str().unwrap())]);
    assert_eq!(refused["error"], "invalid_grant");
    drop(service);

    let again = operator.run(&[erase.as_slice(), &["--yes"]].concat());
    assert_eq!((again.code, again.err.contains("there is no account of this user name")), (5, true), "{}", again.err);
    let called = said.out.split("is called ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let twice = operator.done(&["account", "erase", "--username", &called, "--yes"]);
    assert!(twice.contains("was erased before; nothing was left to change"), "{twice}");
    let last = operator.run(&["account", "erase", "--username", "chief", "--yes"]);
    assert_eq!((last.code, last.err.contains("last_administrator")), (5, true), "{}", last.err);
    let nobody = operator.run(&["focal-point", "erase", "--id", "01920000-0000-7000-8000-00000000abcd", "--yes"]);
    assert_eq!((nobody.code, nobody.err.contains("not_found")), (5, true), "{}", nobody.err);
    assert_eq!(operator.run(&["focal-point", "erase", "--id", "somebody", "--yes"]).code, 2);
    assert!(operator.done(&["audit", "verify", "--bodies"]).contains("The chain is whole"));
    assert!(operator.done(&["account", "list"]).contains(&called));
}

#[test]
fn of_two_services_on_one_file_the_second_is_refused_in_words() {
    let operator = Operator::new();
    let first = operator.serve();
    let second = operator.command(&["serve"]).env("GCM_LISTEN", "127.0.0.1:0").output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(3), "{said}");
    assert!(said.contains("another gcm-api process uses the database file") && said.contains("gcm.sqlite"), "{said}");
    assert_eq!(first.curl("/health/ready", &[])["status"], "ok");
    let beside = operator.folder.path().join("data/gcm.sqlite.lock");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&beside).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // What only reads goes on beside it.
    operator.done(&["account", "list"]);
    operator.done(&["keys", "list"]);
    operator.done(&["audit", "verify", "--bodies"]);
    // However it ends, the file is free again.
    drop(first);
    assert_eq!(operator.serve().curl("/health/ready", &[])["status"], "ok");
}
