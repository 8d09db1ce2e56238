//! The names of people in a consultation, erased by the operator: nothing of them is left in the file.

use super::{Operator, PASSWORD, holding};

#[test]
fn the_names_of_a_consultation_are_erased_while_the_service_stands_still() {
    let operator = Operator::with_seed();
    let password = operator.file("password", PASSWORD);
    assert_eq!(operator.create("lead", "coordinator", "mofa", &password).code, 0);
    let service = operator.serve();
    let given = service.token(&["grant_type=password", "username=lead", &format!("password={PASSWORD}")]);
    let bearer = format!("Authorization: Bearer {}", given["access_token"].as_str().unwrap());
    let mofa = service.curl("/v1/organizations?code=mofa", &["-H", &bearer])["data"][0]["id"].as_str().unwrap().to_owned();
    let body = format!(
        r#"{{"title": {{"en": "Chaired"}}, "kind": "bilateral", "status": "held", "starts_on": "2025-06-03", "ends_on": "2025-06-03",
            "date_precision": "day", "chairs": [{{"organization_id": "{mofa}", "position": "Director", "name": "Somebody Markedsdotter"}}]}}"#
    );
    let sent = ["-X", "POST", "-H", &bearer, "-H", "Content-Type: application/json", "-d", &body];
    let id = service.curl("/v1/consultations", &sent)["id"].as_str().unwrap().to_owned();

    let erase = ["consultation", "erase-names", "--id", &id];
    operator.refused_beside(&erase);
    drop(service);
    let data = operator.folder.path().join("data");
    assert!(!holding(&data, "Markedsdotter").is_empty());
    let said = operator.answer(&erase, "another");
    assert_eq!((said.code, said.err.contains("nothing was erased")), (5, true), "{}", said.err);
    let said = operator.answer(&erase, &id);
    assert_eq!(said.code, 0, "{}", said.err);
    for words in ["cannot be taken back", "Their institutions and offices stay", "The database file was rewritten", "Backups"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    assert_eq!(holding(&data, "Markedsdotter"), Vec::<std::path::PathBuf>::new());
    assert!(operator.done(&[erase.as_slice(), &["--yes"]].concat()).contains("were erased before; nothing was left to change"));
    let nobody = operator.run(&["consultation", "erase-names", "--id", "01920000-0000-7000-8000-00000000abcd", "--yes"]);
    assert_eq!((nobody.code, nobody.err.contains("not_found")), (5, true), "{}", nobody.err);
    assert!(operator.done(&["audit", "verify", "--bodies"]).contains("The chain is whole"));
    let service = operator.serve();
    let row = service.curl(&format!("/v1/consultations/{id}"), &["-H", &bearer]);
    assert_eq!((&row["chairs"][0]["name"], &row["chairs"][0]["position"]), (&serde_json::Value::Null, &serde_json::json!("Director")));
}
