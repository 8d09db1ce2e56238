//! The record as one file: copied while the service writes, and put back.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::{Operator, PASSWORD, Service};

fn bearer(service: &Service) -> String {
    let tokens = service.token(&["grant_type=password", "username=chief", &format!("password={PASSWORD}")]);
    format!("Authorization: Bearer {}", tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")))
}

fn enter(service: &Service, bearer: &str, code: &str) -> serde_json::Value {
    let body = format!(r#"{{"kind": "academia", "code": "{code}", "name": {{"en": "Written meanwhile"}}, "country": "LA"}}"#);
    service.curl("/v1/organizations", &["-X", "POST", "-H", bearer, "-H", "Content-Type: application/json", "-d", &body])
}

fn written(service: &Service, bearer: &str) -> u64 {
    let list = service.curl("/v1/organizations?q=written%20meanwhile&with_total=true", &["-H", bearer]);
    list["page"]["total"].as_u64().unwrap_or_else(|| panic!("{list}"))
}

/// What the command says of where the record stands.
fn told(said: &str) -> (u64, String) {
    let seq = said.split(" changes").next().unwrap().split(' ').next_back().unwrap().parse().unwrap();
    (seq, said.split("the head is ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_backup_that_is_made_while_others_write_is_whole() {
    let operator = Operator::with_seed();
    let password = operator.file("password", PASSWORD);
    assert_eq!(operator.create("chief", "coordinator", "mofa", &password).code, 0);
    let service = operator.serve();
    let chief = bearer(&service);
    assert_eq!(enter(&service, &chief, "before")["code"], "before");

    let (go_on, entered) = (AtomicBool::new(true), AtomicUsize::new(0));
    let file = operator.folder.path().join("copies/record.sqlite");
    std::fs::create_dir(operator.folder.path().join("copies")).unwrap();
    let path = file.to_str().unwrap();
    let said = std::thread::scope(|scope| {
        scope.spawn(|| {
            while go_on.load(Ordering::Relaxed) {
                let code = format!("n{}", entered.load(Ordering::Relaxed));
                assert_eq!(enter(&service, &chief, &code)["code"], code.as_str());
                entered.fetch_add(1, Ordering::Relaxed);
            }
        });
        while entered.load(Ordering::Relaxed) < 3 {
            std::thread::yield_now();
        }
        let said = operator.run(&["backup", path]);
        let then = entered.load(Ordering::Relaxed);
        while entered.load(Ordering::Relaxed) < then + 3 {
            std::thread::yield_now();
        }
        go_on.store(false, Ordering::Relaxed);
        said
    });
    assert!(said.code == 0 && said.out.contains("secret key"), "{}{}", said.out, said.err);
    let (seq, hash) = told(&said.out);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(file.parent().unwrap()), ["record.sqlite"], "one file, and nothing beside it");
    let again = operator.run(&["backup", path]);
    assert!(again.code == 5 && again.err.contains("is there already"), "{}", again.err);
    let now = written(&service, &chief);
    assert_eq!(now, 1 + entered.load(Ordering::Relaxed) as u64);

    operator.refused_beside(&["restore", "--replace", path]);
    drop(service);
    let kept = operator.run(&["restore", path]);
    assert!(kept.code == 5 && kept.err.contains("--replace"), "{}", kept.err);
    wrong_files(&operator, &file);

    let said = operator.run(&["restore", "--replace", path]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(told(&said.out), (seq, hash.clone()));
    let proof = operator.done(&["audit", "verify", "--bodies"]);
    assert!(proof.contains("The chain is whole") && proof.contains(&hash), "{proof}");
    let service = operator.serve();
    let chief = bearer(&service);
    let then = written(&service, &chief);
    assert!(then >= 4 && then < now, "{then} of {now}");
    assert_eq!(enter(&service, &chief, "afterwards")["code"], "afterwards");
    drop(service);

    // What was there before is whole, too, under its new name.
    let kept = said.out.split("is kept as ").nth(1).unwrap().split(".\n").next().unwrap().to_owned();
    let proof = operator.command(&["audit", "verify", "--bodies"]).env("DATABASE_URL", format!("sqlite:{kept}")).output().unwrap();
    assert!(proof.status.success(), "{proof:?}");

    // Into an empty folder, as on a new machine.
    let elsewhere = operator.folder.path().join("elsewhere");
    let restored = operator.command(&["restore", path]).env("GCM_DATA_DIR", &elsewhere).output().unwrap();
    assert!(restored.status.success(), "{restored:?}");
    assert_eq!(names(&elsewhere), ["gcm.sqlite", "gcm.sqlite.lock"]);
}

/// What is no backup of ours changes nothing.
fn wrong_files(operator: &Operator, backup: &Path) {
    let before = operator.done(&["audit", "verify"]);
    let whole = std::fs::read(backup).unwrap();
    let wrong = |name: &str, bytes: &[u8]| {
        let path = operator.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut scratched = whole.clone();
    let middle = whole.len() / 2;
    scratched[middle..middle + 4096].fill(0x5a);
    for file in [
        wrong("text", b"this is no database at all, but long enough to be looked at as one"),
        wrong("half", &whole[..middle]),
        wrong("scratched", &scratched),
        wrong("empty", b""),
        operator.folder.path().join("nowhere"),
    ] {
        let said = operator.run(&["restore", "--replace", file.to_str().unwrap()]);
        assert!([1, 3].contains(&said.code), "{}: {} {}{}", file.display(), said.code, said.out, said.err);
        assert!(said.err.len() > 30, "{}", said.err);
    }
    let head = |text: &str| text.split("the head is ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(head(&operator.done(&["audit", "verify"])), head(&before));
    let data = operator.folder.path().join("data");
    assert!(names(&data).iter().all(|name| !name.contains("restored")), "{:?}", names(&data));
}

#[test]
fn a_server_has_tools_of_its_own() {
    let operator = Operator::new();
    for arguments in [["backup", "x.sqlite"], ["restore", "x.sqlite"]] {
        let said = operator.command(&arguments).env("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d").output().unwrap();
        let text = String::from_utf8(said.stderr).unwrap();
        assert!(said.status.code() == Some(5) && text.contains("pg_dump"), "{text}");
    }
}
