//! The ids of other systems: one for each system, found again however they are written.

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, archive, assert_whole, at, create, etag, id, ministry, organization, with},
};

/// A machine account of the lead ministry, and of IOM.
const NATIONAL: Who = Who::Machine {
    role: Role::Coordinator,
    organization: Some("mofa"),
    scopes: &[Scope::Read, Scope::Write],
    external_systems: &["mims", "hr-2"],
};
const IOM: Who = Who::Machine {
    role: Role::NetworkMember,
    organization: Some("iom"),
    scopes: &[Scope::Read, Scope::Write],
    external_systems: &["iom-mims"],
};

fn by(system: &str, external: &str) -> String {
    let encoded: String = external.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("{ORGANIZATIONS}/by-external-id/{system}/{encoded}")
}

#[actix_web::test]
async fn an_id_is_set_found_replaced_and_removed() {
    both(async |bench| {
        let machine = bench.sign_in(NATIONAL).await;
        let row = create(&machine, ORGANIZATIONS, organization("known")).await;
        let path = at(ORGANIZATIONS, &row);
        let saved = machine.put(format!("{path}/external-ids/mims"), json!({"id": "17"})).expect(200).await.json();
        assert_eq!((&saved["external_ids"], &saved["revision"]), (&json!([{"system": "mims", "id": "17"}]), &json!(2)));
        let found = machine.get(by("mims", "17")).expect(200).await;
        assert_eq!((found.json(), found.etag().as_str()), (saved.clone(), "\"2\""));
        machine.get(by("mims", "17")).header("If-None-Match", "\"2\"").expect(304).await;
        // Once more the same: nothing changes. Another id: the old one is free.
        assert_eq!(machine.put(format!("{path}/external-ids/mims"), json!({"id": "17"})).expect(200).await.json(), saved);
        machine.put(format!("{path}/external-ids/hr-2"), json!({"id": "17"})).expect(200).await;
        let saved = machine.put(format!("{path}/external-ids/mims"), json!({"id": "18"})).expect(200).await.json();
        assert_eq!(saved["external_ids"], json!([{"system": "hr-2", "id": "17"}, {"system": "mims", "id": "18"}]));
        machine.get(by("mims", "17")).expect(404).await;
        let saved = machine.delete(format!("{path}/external-ids/mims"), etag(&saved)).expect(200).await.json();
        assert_eq!(saved["external_ids"], json!([{"system": "hr-2", "id": "17"}]));
        machine.get(by("mims", "18")).expect(404).await;
        // Removing what is not there changes nothing.
        assert_eq!(machine.delete(format!("{path}/external-ids/mims"), etag(&saved)).expect(200).await.json(), saved);
        let history = machine.get(format!("{path}/history")).expect(200).await.json();
        assert_eq!(history["data"][0]["changed"], json!(["/external_ids"]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn an_id_may_be_of_any_letters() {
    both(async |bench| {
        let machine = bench.sign_in(NATIONAL).await;
        let longest = "ຍ".repeat(200);
        let ids = [
            "LAO/17",
            "with space",
            "ລາວ-໑໗",
            "50%",
            "a%2Fb",
            "a+b",
            "a?b#c",
            ".",
            "..",
            "ünï©ødé 👍",
            "'; --",
            "\"quoted\"",
            "A",
            "a",
            &longest,
        ];
        for (n, external) in ids.iter().enumerate() {
            let made = machine.put(by("mims", external), organization(&format!("any-{n}"))).expect(201).await.json();
            assert_eq!(made["external_ids"], json!([{"system": "mims", "id": external}]));
            assert_eq!(machine.get(by("mims", external)).expect(200).await.json()["code"], format!("any-{n}"), "{external}");
        }
        let row = bench.organization("moh").await;
        for wrong in ["", &"x".repeat(201), "a\u{0}", "a\nb"] {
            machine.put(format!("{}/external-ids/mims", at(ORGANIZATIONS, &row)), json!({"id": wrong})).expect(422).await;
            if !wrong.is_empty() {
                machine.get(by("mims", wrong)).expect(404).await;
                machine.put(by("mims", wrong), organization("never")).expect(404).await;
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_system_has_a_plain_name() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        for system in ["x", "MIMS", "mi_ms", "mi%20ms", &"x".repeat(33), "mims%2F2", "%00%00"] {
            coordinator.put(format!("{path}/external-ids/{system}"), json!({"id": "1"})).expect(404).await;
            coordinator.delete(format!("{path}/external-ids/{system}"), "*").expect(404).await;
            coordinator.get(format!("{ORGANIZATIONS}/by-external-id/{system}/1")).expect(404).await;
            coordinator.put(format!("{ORGANIZATIONS}/by-external-id/{system}/1"), organization("never")).expect(404).await;
        }
        coordinator.put(format!("{path}/external-ids/{}", "x".repeat(32)), json!({"id": "1"})).expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn an_upsert_makes_changes_and_leaves_alone() {
    both(async |bench| {
        let machine = bench.sign_in(NATIONAL).await;
        let path = by("mims", "7");
        let body = with(organization("upserted"), json!({"acronym": "U", "country": "LA", "mandate": {"en": "x", "lo": "y"}}));
        let made = machine.put(&path, &body).expect(201).await;
        assert_eq!((made.header("x-changed"), made.header("location")), (Some("true"), Some(at(ORGANIZATIONS, &made.json()).as_str())));
        let same = machine.put(&path, &body).expect(200).await;
        assert_eq!((same.header("x-changed"), same.json(), same.etag()), (Some("false"), made.json(), made.etag()));
        // Absent stays, null clears, texts are merged by language.
        let less = with(organization("upserted"), json!({"acronym": null, "mandate": {"lo": "z"}}));
        let changed = machine.put(&path, &less).expect(200).await;
        assert_eq!(changed.header("x-changed"), Some("true"));
        let row = changed.json();
        assert_eq!((&row["acronym"], &row["country"], &row["mandate"]), (&Value::Null, &json!("LA"), &json!({"en": "x", "lo": "z"})));
        assert_eq!(row["revision"].as_i64(), made.json()["revision"].as_i64().map(|revision| revision + 1));
        let same = machine.put(&path, &less).header("If-Match", etag(&row)).expect(200).await;
        assert_eq!((same.header("x-changed"), same.json()), (Some("false"), row));
        assert_eq!(machine.put(&path, &body).header("If-Match", "\"1\"").expect(412).await.code(), "stale_revision");
        assert_eq!(machine.put(by("mims", "8"), &body).expect(409).await.code(), "code_taken");
        machine.put(&path, json!({"acronym": "U"})).expect(422).await;
    })
    .await;
}

#[actix_web::test]
async fn an_upsert_with_if_match_makes_no_row() {
    both(async |bench| {
        let machine = bench.sign_in(NATIONAL).await;
        // RFC 9110, 13.1.1: whoever expects a row to be there does not want a new one.
        for tag in ["\"1\"", "*"] {
            machine.put(by("mims", "none"), organization("expected")).header("If-Match", tag).expect(412).await;
        }
        machine.get(by("mims", "none")).expect(404).await;
    })
    .await;
}

#[actix_web::test]
async fn an_archived_row_keeps_its_id_and_takes_no_change() {
    both(async |bench| {
        let machine = bench.sign_in(NATIONAL).await;
        let path = by("mims", "7");
        let made = machine.put(&path, organization("kept")).expect(201).await.json();
        let row = archive(&machine, ORGANIZATIONS, &made).await;
        assert_eq!(machine.get(&path).expect(200).await.json(), row);
        let same = machine.put(&path, organization("kept")).expect(200).await;
        assert_eq!((same.header("x-changed"), same.json()), (Some("false"), row.clone()));
        assert_eq!(machine.put(&path, organization("changed")).expect(409).await.code(), "archived");
        let ids = format!("{}/external-ids", at(ORGANIZATIONS, &row));
        assert_eq!(machine.put(format!("{ids}/mims"), json!({"id": "8"})).expect(409).await.code(), "archived");
        assert_eq!(machine.delete(format!("{ids}/mims"), etag(&row)).expect(409).await.code(), "archived");
        let other = create(&machine, ORGANIZATIONS, organization("other")).await;
        let taken = machine.put(format!("{}/external-ids/mims", at(ORGANIZATIONS, &other)), json!({"id": "7"})).expect(403).await;
        assert_eq!(taken.code(), "external_id_taken");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn an_id_stands_for_one_row() {
    both(async |bench| {
        let machine = bench.sign_in(NATIONAL).await;
        let one = create(&machine, ORGANIZATIONS, organization("one")).await;
        let other = create(&machine, MINISTRIES, ministry("other")).await;
        machine.put(format!("{}/external-ids/mims", at(ORGANIZATIONS, &one)), json!({"id": "1"})).expect(200).await;
        let taken = machine.put(format!("{}/external-ids/mims", at(MINISTRIES, &other)), json!({"id": "1"})).expect(403).await;
        assert_eq!((taken.code().as_str(), taken.text().contains(id(&one))), ("external_id_taken", false));
        // Among ministries the row is not seen, so nothing is told of it, and nothing new is made in its place.
        machine.get(format!("{MINISTRIES}/by-external-id/mims/1")).expect(404).await;
        let taken = machine.put(format!("{MINISTRIES}/by-external-id/mims/1"), ministry("third")).expect(403).await;
        assert_eq!(taken.code(), "external_id_taken");
        // The same id of another system, or of another kind of row, is another id.
        machine.put(format!("{}/external-ids/hr-2", at(MINISTRIES, &other)), json!({"id": "1"})).expect(200).await;
        machine.put("/v1/objectives/6/external-ids/mims", json!({"id": "1"})).expect(200).await;
        assert_eq!(machine.get("/v1/objectives/by-external-id/mims/1").expect(200).await.json()["number"], 6);
    })
    .await;
}

#[actix_web::test]
async fn a_machine_writes_the_ids_of_its_own_systems() {
    both(async |bench| {
        let (iom, national) = (bench.sign_in(IOM).await, bench.sign_in(NATIONAL).await);
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        iom.put(format!("{path}/external-ids/iom-mims"), json!({"id": "1"})).expect(200).await;
        for (client, system) in [(&iom, "mims"), (&national, "iom-mims")] {
            let own = format!("{path}/external-ids/{system}");
            assert_eq!(client.put(&own, json!({"id": "2"})).expect(403).await.code(), "external_system_not_yours");
            assert_eq!(client.delete(&own, "*").expect(403).await.code(), "external_system_not_yours");
            assert_eq!(client.put(by(system, "2"), organization("never")).expect(403).await.code(), "external_system_not_yours");
        }
        // Anyone who sees the row finds it by any system's id.
        assert_eq!(bench.sign_in(Who::Reader).await.get(by("iom-mims", "1")).expect(200).await.json()["code"], "moh");
        for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader, Who::Administrator] {
            let refused = bench.sign_in(who).await.put(format!("{path}/external-ids/iom-mims"), json!({"id": "3"})).expect(403).await;
            assert_eq!(refused.code(), "forbidden", "{who:?}");
        }
        // Through its id a machine still changes no more than its role may: its own mandate and website.
        let own = bench.organization("iom").await;
        let named = iom.put(format!("{}/external-ids/iom-mims", at(ORGANIZATIONS, &own)), json!({"id": "self"})).expect(200).await.json();
        let body = json!({"kind": "un_entity", "code": "iom", "name": named["name"], "website": "https://iom.int"});
        assert_eq!(iom.put(by("iom-mims", "self"), &body).expect(200).await.json()["website"], "https://iom.int");
        let refused = iom.put(by("iom-mims", "self"), with(body, json!({"code": "iom-2"}))).expect(403).await;
        assert_eq!(refused.faults(), [("#/code".to_owned(), "not_writable".to_owned())]);
        assert_eq!(
            iom.put(by("iom-mims", "1"), json!({"kind": "ministry", "code": "moh", "name": {"en": "Mine"}})).expect(403).await.code(),
            "forbidden"
        );
        assert_eq!(iom.put(by("iom-mims", "new"), organization("new")).expect(403).await.code(), "forbidden");
    })
    .await;
}
