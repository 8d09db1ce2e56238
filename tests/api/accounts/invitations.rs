//! Who is invited by whom, and what an account may be changed to.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{ACCOUNTS, account, invitation, patch, refusal, refused, transition};
use crate::{
    harness::{Who, both},
    rows::{assert_whole, faults, set, with},
};

#[actix_web::test]
async fn an_administrator_invites_anybody() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        for (username, role, organization) in [
            ("a.one", "administrator", None),
            ("mofa.one", "coordinator", Some("mofa")),
            ("moh.one", "focal_point", Some("moh")),
            ("iom.one", "network_member", Some("iom")),
            ("r.one", "reader", None),
            ("r.moh", "reader", Some("moh")),
        ] {
            let body = invitation(&bench, username, role, organization).await;
            let made = administrator.post(ACCOUNTS, &body).expect(201).await;
            let row = made.json();
            for (field, value) in body.as_object().unwrap() {
                assert_eq!(&row[field], value, "{username} {field}");
            }
            assert_eq!((&row["state"], &row["archived_at"]), (&json!("invited"), &Value::Null));
            let location = made.header("location").unwrap();
            assert_eq!(administrator.get(location).expect(200).await.json(), row);
            let form = format!("grant_type=password&username={username}&password={}", crate::harness::PASSWORD);
            bench.nobody().request("POST", "/v1/auth/token").body(form, "application/x-www-form-urlencoded").expect(400).await;
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn everything_wrong_with_an_invitation_is_told() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let good = invitation(&bench, "good.one", "focal_point", Some("moh")).await;
        let mpi = bench.organization("mpi").await;
        assert!(mpi["valid_to"].is_string(), "the seed knows it as merged");
        for (change, expected) in [
            (json!({"username": "No"}), set([("#/username", "too_short"), ("#/username", "wrong_form")])),
            (json!({"username": "-dash"}), set([("#/username", "wrong_form")])),
            (json!({"username": "erased-0123456789ab"}), set([("#/username", "wrong_form")])),
            (
                json!({"password": "river-Stone-lantern-47", "state": "active"}),
                set([("#/password", "unknown_field"), ("#/state", "unknown_field")]),
            ),
            (json!({"organization_id": null}), set([("#/organization_id", "required")])),
            (json!({"organization_id": "01920000-0000-7000-8000-00000000abcd"}), set([("#/organization_id", "reference_unknown")])),
            (json!({"organization_id": mpi["id"]}), set([("#/organization_id", "reference_archived")])),
            (json!({"locale": "fr"}), set([("#/locale", "unknown_value")])),
            (json!({"locale": "fr", "organization_id": null}), set([("#/locale", "unknown_value"), ("#/organization_id", "required")])),
            (json!({"role": "minister"}), set([("#/role", "unknown_value")])),
        ] {
            let reply = administrator.post(ACCOUNTS, with(good.clone(), change.clone())).expect(422).await;
            assert_eq!(faults(&reply), expected, "{change}");
        }
        administrator.post(ACCOUNTS, &good).expect(201).await;
        assert_eq!(refusal(&administrator.post(ACCOUNTS, &good).send().await), refused(409, "code_taken"));
        // A user name is taken for ever.
        let (id, _) = {
            let page = administrator.get(format!("{ACCOUNTS}?username=good.one")).expect(200).await.json();
            (page["data"][0]["id"].as_str().unwrap().to_owned(), ())
        };
        assert_eq!(transition(&administrator, &id, "archived").await.status, 200);
        assert_eq!(refusal(&administrator.post(ACCOUNTS, &good).send().await), refused(409, "code_taken"));
    })
    .await;
}

#[actix_web::test]
async fn the_lead_ministry_invites_focal_points_of_its_country() {
    both(async |bench| {
        let (coordinator, administrator) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Administrator).await);
        let good = invitation(&bench, "moh.new", "focal_point", Some("moh")).await;
        let iom = bench.organization("iom").await;
        assert_eq!(iom["country"], Value::Null);
        let abroad = coordinator
            .post("/v1/organizations", json!({"kind": "ministry", "code": "mfa-th", "name": {"en": "Ministry"}, "country": "TH"}))
            .expect(201)
            .await
            .json();
        let (role, organization) = (("#/role", "not_writable"), ("#/organization_id", "not_writable"));
        for (change, expected) in [
            (json!({"role": "administrator", "organization_id": null}), set([role])),
            (json!({"role": "coordinator"}), set([role])),
            (json!({"role": "reader"}), set([role])),
            (json!({"role": "network_member", "organization_id": iom["id"]}), set([role, organization])),
            (json!({"organization_id": iom["id"]}), set([organization])),
            (json!({"organization_id": abroad["id"]}), set([organization])),
            // What is not allowed is said before what is wrong.
            (json!({"role": "reader", "username": "-", "nonsense": 1}), set([role])),
        ] {
            let reply = coordinator.post(ACCOUNTS, with(good.clone(), change.clone())).expect(403).await;
            assert_eq!((reply.code().as_str(), faults(&reply)), ("field_not_writable", expected), "{change}");
            assert_eq!(reply.json()["params"]["rule"], "coordinator_invites");
        }
        let nobody = with(good.clone(), json!({"organization_id": "01920000-0000-7000-8000-00000000abcd"}));
        assert_eq!(faults(&coordinator.post(ACCOUNTS, nobody).expect(422).await), set([("#/organization_id", "reference_unknown")]));

        let made = coordinator.post(ACCOUNTS, &good).expect(201).await;
        let id = made.json()["id"].as_str().unwrap().to_owned();
        coordinator.get(made.header("location").unwrap()).expect(404).await;
        coordinator.patch(format!("{ACCOUNTS}/{id}"), "*", json!({"display_name": "x"})).expect(404).await;
        let history = administrator.get(format!("{ACCOUNTS}/{id}/history")).expect(200).await.json();
        assert_eq!(
            (&history["data"][0]["op"], &history["data"][0]["actor"]["role"], &history["data"][0]["actor"]["account_id"]),
            (&json!("create"), &json!("coordinator"), &json!(coordinator.account_id()))
        );
        for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader] {
            let reply = bench.sign_in(who).await.post(ACCOUNTS, with(good.clone(), json!({"username": "another.one"}))).expect(403).await;
            assert_eq!(reply.code(), "forbidden", "{who:?}");
        }
        // A machine of the lead ministry invites, too, and not without the scope for it.
        let machine = |scopes| Who::Machine { role: Role::Coordinator, organization: Some("mofa"), scopes, external_systems: &[] };
        let body = with(good.clone(), json!({"username": "by.machine"}));
        let reads = bench.sign_in(machine(&[gcm_api::auth::Scope::Read])).await;
        assert_eq!(reads.post(ACCOUNTS, &body).expect(403).await.code(), "insufficient_scope");
        bench.sign_in(machine(&[gcm_api::auth::Scope::Write])).await.post(ACCOUNTS, &body).expect(201).await;
    })
    .await;
}

#[actix_web::test]
async fn an_account_is_changed_within_the_rules() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let person = bench.person("some.one", Role::Reader, None).await;
        let id = person.account_id().to_string();
        let (before, _) = account(&administrator, &id).await;
        for (change, expected) in [
            (json!({"role": "focal_point"}), set([("#/organization_id", "required")])),
            (json!({"locale": "fr"}), set([("#/locale", "unknown_value")])),
            (json!({"organization_id": bench.organization("mpi").await["id"]}), set([("#/organization_id", "reference_archived")])),
            (json!({"username": "other.one"}), set([("#/username", "read_only_field")])),
            (json!({"state": "locked"}), set([("#/state", "read_only_field")])),
            (json!({"display_name": " "}), set([("#/display_name", "wrong_form")])),
            (json!({"role": null}), set([("#/role", "unknown_value"), ("#/role", "wrong_type")])),
        ] {
            let reply = patch(&administrator, &id, change.clone()).await;
            assert_eq!((reply.status, faults(&reply)), (422, expected), "{change}");
        }
        assert_eq!(account(&administrator, &id).await.0, before);
        let whole = patch(&administrator, &id, before.clone()).await;
        assert_eq!((whole.status, whole.json()), (200, before), "what was read can be sent back");
        let changed = patch(&administrator, &id, json!({"display_name": "Ny Name", "locale": "lo"})).await.json();
        assert_eq!((&changed["display_name"], &changed["locale"], &changed["revision"]), (&json!("Ny Name"), &json!("lo"), &json!(2)));
        assert_eq!(person.get("/v1/me").expect(200).await.json()["locale"], "lo");
        administrator.patch(format!("{ACCOUNTS}/{id}"), "\"1\"", json!({"locale": "en"})).expect(412).await;
        administrator.request("PATCH", format!("{ACCOUNTS}/{id}")).json(json!({"locale": "en"})).expect(428).await;
        assert_eq!(transition(&administrator, &id, "archived").await.status, 200);
        assert_eq!(refusal(&patch(&administrator, &id, json!({"locale": "en"})).await), refused(409, "archived"));
        assert_whole(&bench).await;
    })
    .await;
}

/// As a merger leaves an account that nobody gave to an heir.
#[actix_web::test]
async fn an_account_without_the_organization_that_it_needs_waits_for_one() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let person = bench.sign_in(Who::FocalPoint("moh")).await;
        let id = person.account_id().to_string();
        bench.sql(&format!("UPDATE account SET organization_id = NULL, owner_id = NULL WHERE username = '{}'", person.name())).await;
        let listed = async |query: &str| {
            let page = administrator.get(format!("{ACCOUNTS}?{query}")).expect(200).await.json();
            page["data"].as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(listed("has_organization=false&role=focal_point").await, [person.name()]);
        assert!(listed("has_organization=true").await.is_empty());
        // Other fields can be changed meanwhile; it stays as it is until it is given to another.
        assert_eq!(patch(&administrator, &id, json!({"display_name": "Left behind"})).await.status, 200);
        assert_eq!(patch(&administrator, &id, json!({"organization_id": null})).await.status, 200);
        assert_eq!(transition(&administrator, &id, "locked").await.status, 200);
        let refusal = transition(&administrator, &id, "active").await;
        assert_eq!((refusal.status, faults(&refusal)), (409, set([("#/organization_id", "field_missing_for_move")])));
        let heir = bench.organization("moes").await["id"].clone();
        assert_eq!(patch(&administrator, &id, json!({"organization_id": heir})).await.status, 200);
        assert_eq!(transition(&administrator, &id, "active").await.status, 200);
        assert_eq!(bench.again(&person).await.get("/v1/me").expect(200).await.json()["organization_id"], heir);
    })
    .await;
}

#[actix_web::test]
async fn accounts_are_found_by_what_they_are() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        for who in [Who::FocalPoint("moh"), Who::FocalPoint("moj"), Who::Reader] {
            bench.sign_in(who).await;
        }
        let moh = bench.organization("moh").await["id"].as_str().unwrap().to_owned();
        let count = async |query: String| {
            let page = administrator.get(format!("{ACCOUNTS}?with_total=true&{query}")).expect(200).await.json();
            page["page"]["total"].as_u64().unwrap()
        };
        assert_eq!(count("role=focal_point&role=reader".into()).await, 3);
        assert_eq!(count(format!("organization_id={moh}")).await, 1);
        assert_eq!(count(format!("id={}&id={}", administrator.account_id(), moh)).await, 1);
        assert_eq!(count("locale=en".into()).await, 4);
        assert_eq!(count("locale=lo".into()).await, 0);
        assert_eq!(count("provenance=entered".into()).await, 4);
        assert_eq!(count("state=invited".into()).await, 0);
        assert_eq!(count("q=MOH.FOCAL".into()).await, 1);
    })
    .await;
}
