//! Who speaks for an institution: entered, changed, moved, ended, erased.

use std::time::Duration;

use gcm_api::{
    auth::{Action, Actor, Role},
    entity::focal_point::{Column, Entity},
    features::institutions::focal_points::erased,
    store::{Intent, Origin, Tracked as _},
};
use sea_orm::ColumnTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

const FOCAL_POINTS: &str = "/v1/focal-points";

async fn of(bench: &Bench, code: &str, members: Value) -> Value {
    with(
        json!({"organization_id": bench.organization(code).await["id"], "name": "Somebody", "role": "lead", "starts_on": "2026-01-01"}),
        members,
    )
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{FOCAL_POINTS}?limit=200&{query}")).expect(200).await.json();
    column(&page, "name").into_iter().map(str::to_owned).collect()
}

#[actix_web::test]
async fn an_institution_names_its_own_focal_points_and_nobody_elses() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for (who, code) in [(Who::FocalPoint("moh"), "moh"), (Who::NetworkMember("iom"), "iom")] {
            let own = bench.sign_in(who).await;
            let made = own.post(FOCAL_POINTS, of(&bench, code, json!({"name": "Own", "position": "Clerk"})).await).expect(201).await;
            let row = made.json();
            assert_eq!((made.header("location"), made.etag().as_str()), (Some(at(FOCAL_POINTS, &row).as_str()), "\"1\""));
            assert_eq!((&row["provenance"], &row["erased_at"], &row["ends_on"]), (&json!("entered"), &Value::Null, &Value::Null));
            let row = change(&own, FOCAL_POINTS, &row, json!({"role": "data", "ends_on": "2026-12-31", "position": null})).await;
            assert_eq!((&row["role"], &row["ends_on"], &row["position"]), (&json!("data"), &json!("2026-12-31"), &Value::Null));
            let row = archive(&own, FOCAL_POINTS, &row).await;
            assert_eq!(own.patch(at(FOCAL_POINTS, &row), etag(&row), json!({"name": "X"})).expect(409).await.code(), "archived");
            let row = own.post_if(format!("{}/restore", at(FOCAL_POINTS, &row)), etag(&row)).expect(200).await.json();

            // Another's: seen, and not theirs to touch. That is said before what is wrong with the body.
            let other = create(&coordinator, FOCAL_POINTS, of(&bench, "mps", json!({})).await).await;
            let path = at(FOCAL_POINTS, &other);
            let wrong = of(&bench, "mps", json!({"ends_on": "1999-01-01", "account_id": Uuid::now_v7()})).await;
            for call in [
                own.post(FOCAL_POINTS, &wrong),
                own.patch(&path, "\"1\"", json!({"name": "X"})),
                own.post_if(format!("{path}/archive"), "\"1\""),
                own.post_if(format!("{path}/restore"), "\"1\""),
            ] {
                let refused = call.expect(403).await.json();
                assert_eq!((&refused["code"], &refused["params"]["rule"]), (&json!("forbidden"), &json!("own_focal_points")));
            }
            // Nobody gives their own away; the lead ministry moves it.
            let moved = json!({"organization_id": other["organization_id"]});
            let refused = own.patch(at(FOCAL_POINTS, &row), etag(&row), &moved).expect(403).await;
            assert_eq!(refused.code(), "field_not_writable");
            assert_eq!(faults(&refused), set([("#/organization_id", "not_writable")]));
            let row = change(&coordinator, FOCAL_POINTS, &row, moved).await;
            assert_eq!(own.patch(at(FOCAL_POINTS, &row), etag(&row), json!({"name": "X"})).expect(403).await.code(), "forbidden");
        }
        for who in [Who::Administrator, Who::Reader] {
            let client = bench.sign_in(who).await;
            assert_eq!(client.post(FOCAL_POINTS, of(&bench, "moh", json!({})).await).expect(403).await.code(), "forbidden");
        }
        assert_whole(&bench).await;
    })
    .await;
}

/// The store asks the policy again when a row goes to another owner: also a grant that reaches the field does not give rows away.
#[actix_web::test]
async fn the_store_asks_again_when_a_row_changes_hands() {
    both(async |bench| {
        let machine = bench
            .sign_in(Who::Machine {
                role: Role::FocalPoint,
                organization: Some("moh"),
                scopes: &[gcm_api::auth::Scope::Read, gcm_api::auth::Scope::Write],
                external_systems: &["hr"],
            })
            .await;
        let path = format!("{FOCAL_POINTS}/by-external-id/hr");
        let other = of(&bench, "mps", json!({})).await;
        assert_eq!(machine.put(format!("{path}/1"), &other).expect(403).await.code(), "forbidden");
        let made = machine.put(format!("{path}/1"), of(&bench, "moh", json!({"position": "Clerk"})).await).expect(201).await.json();
        assert_eq!(made["external_ids"], json!([{"system": "hr", "id": "1"}]));
        let again = machine.put(format!("{path}/1"), of(&bench, "moh", json!({})).await).expect(200).await;
        assert_eq!((again.header("x-changed"), &again.json()), (Some("false"), &made));
        assert_eq!(machine.put(format!("{path}/1"), &other).expect(403).await.code(), "field_not_writable");
        let renamed =
            machine.put(format!("{path}/1"), of(&bench, "moh", json!({"name": "Other", "position": null})).await).expect(200).await;
        assert_eq!((renamed.header("x-changed"), &renamed.json()["position"]), (Some("true"), &Value::Null));
        assert_eq!(machine.get(format!("{path}/1")).expect(200).await.json(), renamed.json());
        assert_eq!(machine.get(format!("{FOCAL_POINTS}?q=othe")).expect(200).await.json()["data"][0]["id"], made["id"]);
    })
    .await;
}

#[actix_web::test]
async fn what_is_wrong_with_an_appointment_is_told_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let gone = create(&coordinator, "/v1/organizations", with(organization("gone"), json!({"valid_to": "2026-01-01"}))).await;
        let body = of(&bench, "moh", json!({"organization_id": id(&gone), "ends_on": "2025-12-31", "account_id": Uuid::now_v7()})).await;
        let refused = coordinator.post(FOCAL_POINTS, &body).expect(422).await;
        assert_eq!(
            faults(&refused),
            set([("#/organization_id", "reference_archived"), ("#/ends_on", "ends_before_start"), ("#/account_id", "reference_unknown")])
        );
        let body = of(&bench, "moh", json!({"organization_id": Uuid::now_v7(), "ends_on": "2026-01-01"})).await;
        assert_eq!(faults(&coordinator.post(FOCAL_POINTS, &body).expect(422).await), set([("#/organization_id", "reference_unknown")]));
        // The last day belongs to it: an appointment of one day.
        let row = create(&coordinator, FOCAL_POINTS, of(&bench, "moh", json!({"ends_on": "2026-01-01"})).await).await;
        let refused = coordinator
            .patch(at(FOCAL_POINTS, &row), "\"1\"", json!({"starts_on": "2026-01-02"}))
            .header("accept-language", "lo")
            .expect(422)
            .await;
        assert_eq!(refused.json()["errors"][0]["detail"], "ຕ້ອງບໍ່ກ່ອນ 2026-01-02");

        // An old reference stands when its organization ends, and is looked at anew when it changes.
        let child = create(&coordinator, "/v1/organizations", organization("ends")).await;
        let row = create(&coordinator, FOCAL_POINTS, of(&bench, "moh", json!({"organization_id": id(&child)})).await).await;
        change(&coordinator, "/v1/organizations", &child, json!({"valid_from": "2000-01-01", "valid_to": "2026-01-01"})).await;
        let row = change(&coordinator, FOCAL_POINTS, &row, json!({"position": "Still there", "organization_id": id(&child)})).await;
        let refused = coordinator.patch(at(FOCAL_POINTS, &row), etag(&row), json!({"organization_id": id(&gone)})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "reference_archived")]));
    })
    .await;
}

/// Accounts are private: one of another organization looks like one that is not there.
#[actix_web::test]
async fn the_account_is_one_of_the_same_organization() {
    both(async |bench| {
        let (coordinator, own) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::FocalPoint("moh")).await);
        let other = bench.sign_in(Who::FocalPoint("mps")).await.account_id();
        let left = bench.person("left.moh", Role::FocalPoint, Some("moh")).await.account_id();
        let administrator = bench.sign_in(Who::Administrator).await;
        administrator
            .post(format!("/v1/accounts/{left}/transitions"), json!({"to": "archived", "reason": "Left"}))
            .header("if-match", "*")
            .expect(200)
            .await;
        let mut said = Vec::new();
        for client in [&coordinator, &own] {
            for account in [other, left, Uuid::now_v7()] {
                let refused = client.post(FOCAL_POINTS, of(&bench, "moh", json!({"account_id": account})).await).expect(422).await;
                assert_eq!(faults(&refused), set([("#/account_id", "reference_unknown")]));
                said.push((refused.json()["detail"].clone(), refused.json()["errors"].clone()));
            }
        }
        assert!(said.iter().all(|one| *one == said[0]), "the answer does not tell which accounts there are: {said:?}");
        let row = create(&own, FOCAL_POINTS, of(&bench, "moh", json!({"account_id": own.account_id()})).await).await;
        assert_eq!(row["account_id"], json!(own.account_id()));
        // Moved to another organization, the account must be one of that.
        let to = bench.organization("mps").await["id"].clone();
        let refused = coordinator.patch(at(FOCAL_POINTS, &row), "\"1\"", json!({"organization_id": to})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/account_id", "reference_unknown")]));
        change(&coordinator, FOCAL_POINTS, &row, json!({"organization_id": to, "account_id": other})).await;
    })
    .await;
}

#[actix_web::test]
async fn each_filter_and_sort_keeps_what_it_says() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let person = bench.sign_in(Who::FocalPoint("moh")).await.account_id();
        // The bench's day is 2026-11-23.
        for (code, members) in [
            ("moh", json!({"name": "Over", "starts_on": "2020-01-01", "ends_on": "2026-11-22", "role": "alternate"})),
            ("moh", json!({"name": "last day", "starts_on": "2021-01-01", "ends_on": "2026-11-23", "account_id": person})),
            ("mps", json!({"name": "First day", "starts_on": "2026-11-23", "role": "data"})),
            ("mps", json!({"name": "To come", "starts_on": "2026-11-24", "role": "technical", "position": "ຜູ້ອຳນວຍການ"})),
        ] {
            create(&coordinator, FOCAL_POINTS, of(&bench, code, members).await).await;
            bench.clock().advance(Duration::from_secs(1));
        }
        let ids = [bench.organization("moh").await, bench.organization("mps").await].map(|row| id(&row).to_owned());
        for (query, expected) in [
            (String::new(), vec!["First day", "last day", "Over", "To come"]),
            ("sort=starts_on".to_owned(), vec!["Over", "last day", "First day", "To come"]),
            ("sort=-starts_on".to_owned(), vec!["To come", "First day", "last day", "Over"]),
            ("sort=-created_at".to_owned(), vec!["To come", "First day", "last day", "Over"]),
            ("current=true".to_owned(), vec!["First day", "last day"]),
            ("current=false".to_owned(), vec!["Over", "To come"]),
            ("role=data,technical".to_owned(), vec!["First day", "To come"]),
            ("role=alternate&role=lead".to_owned(), vec!["last day", "Over"]),
            (format!("organization_id={}", ids[1]), vec!["First day", "To come"]),
            (format!("organization_id={},{}&current=true", ids[0], ids[1]), vec!["First day", "last day"]),
            (format!("account_id={person}"), vec!["last day"]),
            ("starts_on_from=2021-01-01&starts_on_to=2026-11-23".to_owned(), vec!["First day", "last day"]),
            ("ends_on_from=2026-11-23".to_owned(), vec!["last day"]),
            ("ends_on_to=2026-11-22".to_owned(), vec!["Over"]),
            ("provenance=entered".to_owned(), vec!["First day", "last day", "Over", "To come"]),
            ("provenance=illustrative".to_owned(), vec![]),
            ("q=%E0%BA%9C%E0%BA%B9%E0%BB%89%E0%BA%AD%E0%BA%B3%E0%BA%99".to_owned(), vec!["To come"]),
            ("q=DAY".to_owned(), vec!["First day", "last day"]),
        ] {
            assert_eq!(names(&reader, &query).await, expected, "{query}");
        }
        // Pages by the day are whole.
        let mut paged = Vec::new();
        let mut address = Some(format!("{FOCAL_POINTS}?sort=-starts_on&limit=1"));
        while let Some(path) = address {
            let page = reader.get(&path).expect(200).await.json();
            paged.extend(column(&page, "name").into_iter().map(str::to_owned));
            let cursor = page["page"]["next_cursor"].as_str();
            address = cursor.map(|cursor| format!("{FOCAL_POINTS}?sort=-starts_on&limit=1&cursor={cursor}"));
        }
        assert_eq!(paged, ["To come", "First day", "last day", "Over"]);
        let page = reader.get(format!("{FOCAL_POINTS}?include=organizations")).expect(200).await.json();
        let included: Vec<_> = page["included"]["organizations"].as_array().unwrap().iter().map(|row| row["code"].clone()).collect();
        assert_eq!((included.len(), included.contains(&json!("moh")), included.contains(&json!("mps"))), (2, true, true));
        // The last day is the last one also in Vientiane, where it ends five hours before midnight in UTC.
        bench.clock().advance(Duration::from_secs(8 * 3600));
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(names(&reader, "current=true").await, ["First day", "To come"]);
    })
    .await;
}

#[actix_web::test]
async fn an_erased_appointment_keeps_its_place_and_takes_no_change() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let marker = "Zwxq Unmistakable";
        let row = create(&coordinator, FOCAL_POINTS, of(&bench, "moh", json!({"name": marker, "position": "Zwxq clerk"})).await).await;
        let row = change(&coordinator, FOCAL_POINTS, &row, json!({"name": "Zwxq Married"})).await;
        let path = at(FOCAL_POINTS, &row);
        let intent = Intent::system(Origin::CommandLine);
        let write = bench.parts.store.write(&intent, async |tx| {
            let model = tx.find::<Entity>(Column::Id.eq(id(&row).parse::<Uuid>().unwrap())).await?.unwrap();
            let grant = tx.may(Action::Erase, &Entity::subject(&model))?;
            let after = erased(model.clone(), tx.now());
            tx.erase::<Entity>(&grant, model, after).await.map(drop)
        });
        Box::pin(write).await.unwrap();
        let now = coordinator.get(&path).expect(200).await.json();
        assert_eq!((&now["name"], &now["position"], &now["revision"]), (&json!("(erased)"), &Value::Null, &json!(3)));
        assert_eq!((&now["starts_on"], &now["organization_id"], &now["role"]), (&row["starts_on"], &row["organization_id"], &row["role"]));
        assert!(now["erased_at"].is_string());
        for call in [
            coordinator.patch(&path, "\"3\"", json!({"name": "Zwxq"})),
            coordinator.patch(format!("{path}/contact"), "\"0\"", json!({"phone": "+856 21 000 000"})),
        ] {
            assert_eq!(call.expect(409).await.code(), "erased");
        }
        assert_eq!(names(&coordinator, "q=zwxq").await, Vec::<String>::new());
        let history = coordinator.get(format!("{path}/history")).expect(200).await;
        assert!(!history.text().contains("Zwxq") && history.json()["data"][0]["op"] == "erase", "{history}");
        archive(&coordinator, FOCAL_POINTS, &now).await;
        assert_whole(&bench).await;
        assert!(bench.parts.store.find::<Entity>(&Actor::system(), Column::Name.eq(marker)).await.is_err());
    })
    .await;
}
