//! What colleagues know of each other: name, role and organization, and nothing that helps to sign in.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use super::transition;
use crate::harness::{Bench, Client, Who, both};

const NAMES: &str = "/v1/account-names";

async fn shown(client: &Client, query: &str) -> BTreeSet<String> {
    let page = client.get(format!("{NAMES}?limit=200&with_total=true&{query}")).expect(200).await.json();
    let rows = page["data"].as_array().unwrap();
    assert_eq!(page["page"]["total"], rows.len());
    rows.iter().map(|row| row["display_name"].as_str().unwrap().to_owned()).collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(|name| format!("Test {name}")).collect()
}

/// People of two ministries, the lead ministry and the UN; each is called `Test ` and a user name.
async fn people(bench: &Bench) {
    for who in
        [Who::Administrator, Who::Coordinator, Who::FocalPoint("moh"), Who::FocalPoint("moj"), Who::NetworkMember("iom"), Who::Reader]
    {
        bench.sign_in(who).await;
    }
    bench.person("moh.second", Role::FocalPoint, Some("moh")).await;
    bench.person("moh.reader", Role::Reader, Some("moh")).await;
}

const ALL: [&str; 8] =
    ["administrator", "mofa.coordinator", "moh.focal-point", "moj.focal-point", "iom.network-member", "reader", "moh.second", "moh.reader"];

#[actix_web::test]
async fn everyone_sees_those_whom_they_work_with() {
    both(async |bench| {
        people(&bench).await;
        let machine = |role, organization| Who::Machine { role, organization, scopes: &[Scope::Read], external_systems: &[] };
        let of_moh = names(["moh.focal-point", "moh.second", "moh.reader"]);
        for (who, expected) in [
            (Who::Administrator, names(ALL)),
            (Who::Coordinator, names(ALL)),
            (Who::FocalPoint("moh"), of_moh.clone()),
            (Who::FocalPoint("moj"), names(["moj.focal-point"])),
            (Who::NetworkMember("iom"), names(["iom.network-member"])),
            (Who::Reader, BTreeSet::new()),
            (machine(Role::Reader, None), BTreeSet::new()),
            (machine(Role::Reader, Some("moh")), BTreeSet::new()),
            (machine(Role::FocalPoint, Some("moh")), of_moh),
            (machine(Role::Coordinator, Some("mofa")), names(ALL)),
        ] {
            let client = bench.sign_in(who).await;
            assert_eq!(shown(&client, "").await, expected, "{who:?}");
            let sheet = client.get(format!("{NAMES}?format=csv")).expect(200).await;
            let lines: BTreeSet<String> =
                csv::Reader::from_reader(sheet.body.as_ref()).into_records().map(|line| line.unwrap()[1].to_owned()).collect();
            assert_eq!(lines, expected, "{who:?}: the sheet");
            // The accounts themselves stay private.
            let accounts = client.get("/v1/accounts?with_total=true").expect(200).await.json();
            assert_eq!(accounts["page"]["total"] != 0, who == Who::Administrator, "{who:?}");
        }
        // Even a reader of the organization sees none, not even their own.
        let reader = bench.person("moh.third", Role::Reader, Some("moh")).await;
        assert!(shown(&reader, "").await.is_empty());
        let review = Who::Machine { role: Role::Coordinator, organization: Some("mofa"), scopes: &[Scope::Review], external_systems: &[] };
        bench.sign_in(review).await.get(NAMES).expect(403).await;
    })
    .await;
}

#[actix_web::test]
async fn names_are_found_by_id_organization_and_role() {
    both(async |bench| {
        people(&bench).await;
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let moh = bench.organization("moh").await;
        let in_moh = format!("organization_id={}", moh["id"].as_str().unwrap());
        assert_eq!(shown(&coordinator, &in_moh).await, names(["moh.focal-point", "moh.second", "moh.reader"]));
        assert_eq!(shown(&coordinator, &format!("{in_moh}&role=reader")).await, names(["moh.reader"]));
        assert_eq!(shown(&coordinator, "role=reader,network_member").await, names(["reader", "moh.reader", "iom.network-member"]));
        let (reader, administrator) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Administrator).await);
        let ids = format!("id={}&id={}", reader.account_id(), administrator.account_id());
        assert_eq!(shown(&coordinator, &ids).await, names(["reader", "administrator"]));
        // A filter never widens what one knows.
        let focal_point = bench.sign_in(Who::FocalPoint("moj")).await;
        assert!(shown(&focal_point, &in_moh).await.is_empty() && shown(&focal_point, &ids).await.is_empty());

        let page = coordinator.get(format!("{NAMES}?{ids}&include=organizations&sort=-display_name")).expect(200).await.json();
        assert_eq!(
            page["data"][0],
            json!({"id": reader.account_id(), "display_name": "Test reader", "role": "reader", "organization_id": null})
        );
        let with = coordinator.get(format!("{NAMES}?{in_moh}&include=organizations")).expect(200).await.json();
        assert_eq!(with["included"]["organizations"][0]["code"], "moh");

        assert_eq!(transition(&administrator, &reader.account_id().to_string(), "archived").await.status, 200);
        assert_eq!(shown(&coordinator, "role=reader").await, names(["moh.reader"]));
        assert_eq!(shown(&coordinator, "role=reader&archived=include").await, names(["reader", "moh.reader"]));
        assert_eq!(shown(&coordinator, "archived=only").await, names(["reader"]));
    })
    .await;
}

/// Somebody guesses user names, by every door of the list.
#[actix_web::test]
async fn user_names_and_states_cannot_be_guessed() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let moh = bench.organization("moh").await["id"].clone();
        for (username, name) in [("zebra.secret", "Alpha"), ("aardvark.secret", "Omega")] {
            let body = json!({"username": username, "display_name": name, "role": "focal_point", "organization_id": moh, "locale": "en"});
            administrator.post("/v1/accounts", body).expect(201).await;
        }
        for who in [Who::Coordinator, Who::FocalPoint("moh")] {
            let client = bench.sign_in(who).await;
            let plain = client.get(format!("{NAMES}?limit=200")).expect(200).await;
            let fields: BTreeSet<String> =
                plain.json()["data"].as_array().unwrap().iter().flat_map(|row| row.as_object().unwrap().keys().cloned()).collect();
            assert_eq!(fields, ["display_name", "id", "organization_id", "role"].map(str::to_owned).into());
            for query in [
                "q=secret",
                "q=zebra",
                "username=zebra.secret",
                "state=invited",
                "locale=en",
                "sort=username",
                "sort=-username",
                "sort=updated_at",
                "missing_language=lo",
                "has_organization=true",
                "provenance=entered",
            ] {
                let reply = client.get(format!("{NAMES}?{query}")).expect(400).await;
                assert_eq!(reply.code(), "invalid_query", "{query}");
            }
            // Neither pages nor cursors follow user names or tell them.
            let mut seen = Vec::new();
            let mut next = format!("{NAMES}?limit=1&role=focal_point&organization_id={}", moh.as_str().unwrap());
            loop {
                let page = client.get(&next).expect(200).await.json();
                seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["display_name"].as_str().unwrap().to_owned()));
                let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
                let inside = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
                assert!(!inside.contains("secret") && !inside.contains("invited"), "{inside}");
                let first = next.split("&cursor").next().unwrap().to_owned();
                next = format!("{first}&cursor={cursor}");
            }
            let mut sorted = seen.clone();
            sorted.sort();
            assert_eq!(seen, sorted, "in the order of the names that are shown");
            let sheet = client.get(format!("{NAMES}?format=csv")).expect(200).await;
            let all = format!("{}{}{:?}", plain.text(), sheet.text(), sheet.headers);
            for hidden in ["secret", "zebra", "aardvark", "invited", "active", "locale"] {
                assert!(!all.contains(hidden), "{who:?}: {hidden}");
            }
            assert_eq!(sheet.text().lines().next(), Some("id,display_name,organization_id,role"));
        }
        // A cursor of the accounts is none of theirs.
        let page = administrator.get("/v1/accounts?limit=1").expect(200).await.json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        assert_eq!(administrator.get(format!("{NAMES}?limit=1&cursor={cursor}")).expect(400).await.code(), "cursor_mismatch");
    })
    .await;
}

#[actix_web::test]
async fn a_list_that_is_unchanged_is_told_so_and_a_changed_one_is_sent() {
    both(async |bench| {
        people(&bench).await;
        let (administrator, client) = (bench.sign_in(Who::Administrator).await, bench.sign_in(Who::FocalPoint("moh")).await);
        let tag = client.get(NAMES).expect(200).await.etag();
        client.get(NAMES).header("if-none-match", &tag).expect(304).await;
        let other = bench.sign_in(Who::FocalPoint("moj")).await;
        other.get(NAMES).header("if-none-match", &tag).expect(200).await;
        let id = client.account_id().to_string();
        assert_eq!(super::patch(&administrator, &id, json!({"display_name": "Renamed"})).await.status, 200);
        let fresh = client.get(NAMES).header("if-none-match", &tag).expect(200).await.json();
        let renamed: Vec<&Value> = fresh["data"].as_array().unwrap().iter().filter(|row| row["display_name"] == "Renamed").collect();
        assert_eq!(renamed.len(), 1);
    })
    .await;
}
