//! The bodies in which institutions coordinate, and who takes part in them.

mod members;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

pub const BODIES: &str = "/v1/coordination-bodies";

/// The least that a new body needs.
pub fn body(name: &str) -> Value {
    json!({"name": {"en": name}, "level": "technical"})
}

/// The English names of the bodies that a query finds, in their order.
async fn names(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{BODIES}?limit=200&{query}")).expect(200).await.json();
    page["data"].as_array().unwrap().iter().map(|row| row["name"]["en"].as_str().unwrap().to_owned()).collect()
}

async fn restore(client: &Client, collection: &str, row: &Value) -> Reply {
    client.post_if(format!("{}/restore", at(collection, row)), etag(row)).send().await
}

#[actix_web::test]
async fn a_body_is_entered_read_changed_archived_and_restored() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let made = coordinator.post(BODIES, body("Working group")).expect(201).await;
        let row = made.json();
        let path = at(BODIES, &row);
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(path.as_str()), "\"1\""));
        assert_eq!((&row["chair_ids"], &row["parent_id"], &row["provenance"]), (&json!([]), &Value::Null, &json!("entered")));
        assert_eq!(reader.get(&path).expect(200).await.json(), row);
        let (mofa, molsw) = (bench.organization("mofa").await, bench.organization("molsw").await);
        let full = json!({
            "name": {"lo": "ຄະນະເຮັດວຽກ"}, "level": "ministerial", "chair_ids": [molsw["id"], mofa["id"]],
            "established_on": "2024-08-20", "dissolved_on": "2030-01-01", "terms_of_reference": {"en": "To coordinate"},
        });
        let changed = change(&coordinator, BODIES, &row, full.clone()).await;
        // Texts merge by language, the order of the chairs is kept.
        let name = json!({"name": {"en": "Working group", "lo": "ຄະນະເຮັດວຽກ"}, "revision": 2, "updated_at": changed["updated_at"]});
        assert_eq!(changed, with(with(row, full), name));
        let cleared = json!({"chair_ids": null, "established_on": null, "dissolved_on": null, "terms_of_reference": null});
        let row = change(&coordinator, BODIES, &changed, cleared).await;
        assert_eq!((&row["chair_ids"], &row["terms_of_reference"]), (&json!([]), &Value::Null));
        let archived = archive(&coordinator, BODIES, &row).await;
        assert_eq!(coordinator.patch(&path, etag(&archived), json!({"level": "national"})).expect(409).await.code(), "archived");
        let restored = restore(&coordinator, BODIES, &archived).await;
        assert_eq!((restored.status, &restored.json()["revision"]), (200, &json!(5)));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_body_is_told_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mofa = bench.organization("mofa").await;
        let ended = bench.organization("mpi").await;
        let archived = create(&coordinator, ORGANIZATIONS, organization("away")).await;
        let archived = archive(&coordinator, ORGANIZATIONS, &archived).await;
        let nobody = "01920000-0000-7000-8000-000000000001";
        let sent = json!({
            "level": "provincial", "established_on": "2025-01-01", "dissolved_on": "2025-01-01", "parent_id": nobody,
            "chair_ids": [mofa["id"], ended["id"], mofa["id"], archived["id"], nobody],
        });
        let expected = set([
            ("#/level", "unknown_value"),
            ("#/dissolved_on", "period_reversed"),
            ("#/chair_ids/1", "reference_archived"),
            ("#/chair_ids/2", "not_unique"),
            ("#/chair_ids/3", "reference_archived"),
            ("#/chair_ids/4", "reference_unknown"),
            ("#/parent_id", "reference_unknown"),
        ]);
        let refused = coordinator.post(BODIES, with(body("Wrong"), sent.clone())).expect(422).await;
        assert_eq!(faults(&refused), expected);
        let level = refused.json()["errors"].as_array().unwrap().iter().find(|fault| fault["pointer"] == "#/level").cloned();
        assert_eq!(level.unwrap()["params"]["allowed"], json!(["technical", "ministerial", "national"]));
        let row = create(&coordinator, BODIES, body("Right")).await;
        let refused = coordinator.patch(at(BODIES, &row), "\"1\"", sent).expect(422).await;
        assert_eq!(faults(&refused), expected);
        assert_eq!(coordinator.get(at(BODIES, &row)).expect(200).await.json(), row);
    })
    .await;
}

#[actix_web::test]
async fn chairs_that_ended_meanwhile_stand() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let ending = create(&coordinator, ORGANIZATIONS, organization("ending")).await;
        let mofa = bench.organization("mofa").await;
        let row = create(&coordinator, BODIES, with(body("Chaired"), json!({"chair_ids": [ending["id"]]}))).await;
        // It is a duty of the organization, which is not archived with it.
        let refused = coordinator.post_if(format!("{}/archive", at(ORGANIZATIONS, &ending)), etag(&ending)).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["what"]), ("has_dependants", &json!("body_chair: 1")));
        change(&coordinator, ORGANIZATIONS, &ending, json!({"valid_to": "2026-11-23"})).await;
        let row = change(&coordinator, BODIES, &row, json!({"chair_ids": [mofa["id"], ending["id"]]})).await;
        let row = change(&coordinator, BODIES, &row, json!({"chair_ids": [mofa["id"]]})).await;
        let refused = coordinator.patch(at(BODIES, &row), etag(&row), json!({"chair_ids": [ending["id"]]})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/chair_ids/0", "reference_archived")]));
    })
    .await;
}

/// "A mechanism to a higher level": the technical group stays the same body, with its members and all that was said of it.
#[actix_web::test]
async fn a_technical_group_is_put_under_a_higher_mechanism_without_loss() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let group =
            create(&coordinator, BODIES, with(body("Technical group"), json!({"terms_of_reference": {"en": "To take stock"}}))).await;
        let members = format!("{}/members", at(BODIES, &group));
        for code in ["molsw", "mps"] {
            let member = json!({"organization_id": bench.organization(code).await["id"], "role": "member", "joined_on": "2024-08-20"});
            create(&coordinator, &members, member).await;
        }
        let before = coordinator.get(&members).expect(200).await.json()["data"].clone();
        let above = json!({"name": {"en": "Ministerial committee"}, "level": "ministerial", "established_on": "2027-01-01"});
        let above = create(&coordinator, BODIES, above).await;
        let moved = change(&coordinator, BODIES, &group, json!({"parent_id": above["id"]})).await;
        let expected = json!({"parent_id": above["id"], "revision": 2, "updated_at": moved["updated_at"]});
        assert_eq!(moved, with(group.clone(), expected));
        assert_eq!(coordinator.get(&members).expect(200).await.json()["data"], before);
        let history = coordinator.get(format!("{}/history", at(BODIES, &group))).expect(200).await.json();
        let entries = history["data"].as_array().unwrap();
        assert_eq!((&entries[0]["changed"], &entries[0]["body"]), (&json!(["/parent_id"]), &moved));
        assert_eq!((entries.len(), &entries[1]["body"]), (2, &group));
        assert_eq!(names(&coordinator, &format!("parent_id={}", id(&above))).await, ["Technical group"]);
        let page = coordinator.get(format!("{BODIES}?id={}&include=coordination_bodies", id(&group))).expect(200).await.json();
        assert_eq!((&page["included"]["coordination_bodies"], &page["included"]["organizations"]), (&json!([above]), &json!([])));
    })
    .await;
}

#[actix_web::test]
async fn no_body_is_its_own_ancestor_or_below_one_that_is_gone() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let top = create(&coordinator, BODIES, body("Top")).await;
        let middle = create(&coordinator, BODIES, with(body("Middle"), json!({"parent_id": top["id"]}))).await;
        let low = create(&coordinator, BODIES, with(body("Low"), json!({"parent_id": middle["id"]}))).await;
        for below in [&top, &middle, &low] {
            let refused = coordinator.patch(at(BODIES, &top), "\"1\"", json!({"parent_id": below["id"]})).expect(422).await;
            assert_eq!(faults(&refused), set([("#/parent_id", "parent_cycle")]));
        }
        let low = change(&coordinator, BODIES, &low, json!({"parent_id": top["id"]})).await;
        let archived = archive(&coordinator, BODIES, &middle).await;
        let dissolved = create(&coordinator, BODIES, with(body("Dissolved"), json!({"dissolved_on": "2026-11-23"}))).await;
        for gone in [&archived, &dissolved] {
            let refused = coordinator.patch(at(BODIES, &low), etag(&low), json!({"parent_id": gone["id"]})).expect(422).await;
            assert_eq!(faults(&refused), set([("#/parent_id", "reference_archived")]));
        }
        // A parent that is dissolved later stays the parent.
        let top = change(&coordinator, BODIES, &top, json!({"dissolved_on": "2026-11-23"})).await;
        let low = change(&coordinator, BODIES, &low, json!({"parent_id": top["id"], "level": "national"})).await;
        assert_eq!(low["parent_id"], top["id"]);
    })
    .await;
}

#[actix_web::test]
async fn a_body_with_bodies_below_it_or_members_is_not_archived() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, BODIES, body("Needed")).await;
        let child = create(&coordinator, BODIES, with(body("Child"), json!({"parent_id": row["id"]}))).await;
        let members = format!("{}/members", at(BODIES, &row));
        let molsw = bench.organization("molsw").await;
        let member = create(&coordinator, &members, json!({"organization_id": molsw["id"], "role": "observer"})).await;
        let past = json!({"organization_id": bench.organization("mps").await["id"], "role": "member", "left_on": "2026-01-01"});
        create(&coordinator, &members, past).await;
        let refuse = async || coordinator.post_if(format!("{}/archive", at(BODIES, &row)), etag(&row)).expect(409).await.json();
        let said = refuse().await;
        let what = "parent_id of coordination bodies: 1; open members: 1";
        assert_eq!((&said["code"], &said["params"]["count"], &said["params"]["what"]), (&json!("has_dependants"), &json!(2), &json!(what)));
        archive(&coordinator, BODIES, &child).await;
        assert_eq!(refuse().await["params"]["what"], "open members: 1");
        change(&coordinator, &members, &member, json!({"left_on": "2026-11-23"})).await;
        let row = archive(&coordinator, BODIES, &row).await;
        assert_eq!(row["revision"], 2);
    })
    .await;
}

/// Three bodies beside those of the seed, of one level that the seed has not.
async fn three(bench: &Bench) -> Client {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (mofa, molsw) = (bench.organization("mofa").await, bench.organization("molsw").await);
    for (name, more) in [
        ("b past", json!({"established_on": "2020-01-01", "dissolved_on": "2026-11-23", "chair_ids": [mofa["id"], molsw["id"]]})),
        ("A now", json!({"established_on": "2026-11-23", "chair_ids": [molsw["id"]]})),
        ("c soon", json!({"established_on": "2026-11-24", "dissolved_on": "2030-01-01"})),
    ] {
        create(&coordinator, BODIES, with(with(body(name), json!({"level": "ministerial"})), more)).await;
        bench.clock().advance(Duration::from_secs(1));
    }
    coordinator
}

#[actix_web::test]
async fn bodies_are_found_by_each_filter() {
    both(async |bench| {
        let reader = three(&bench).await;
        let (mofa, molsw) = (bench.organization("mofa").await, bench.organization("molsw").await);
        let (mofa, molsw) = (id(&mofa), id(&molsw));
        for (query, found) in [
            ("", vec!["A now", "b past", "c soon"]),
            ("sort=-name", vec!["c soon", "b past", "A now"]),
            ("sort=created_at", vec!["b past", "A now", "c soon"]),
            ("current=true", vec!["A now"]),
            ("current=false", vec!["b past", "c soon"]),
            (&format!("chair_id={mofa}"), vec!["b past"]),
            (&format!("chair_id={mofa},{molsw}"), vec!["A now", "b past"]),
            ("provenance=entered", vec!["A now", "b past", "c soon"]),
            ("provenance=public_source", vec![]),
            ("established_on_from=2026-11-23", vec!["A now", "c soon"]),
            ("established_on_to=2026-11-23", vec!["A now", "b past"]),
            ("dissolved_on_from=2026-11-23&dissolved_on_to=2026-11-23", vec!["b past"]),
            ("dissolved_on_from=2026-11-24", vec!["c soon"]),
            ("q=SOON", vec!["c soon"]),
            ("missing_language=lo", vec!["A now", "b past", "c soon"]),
        ] {
            assert_eq!(names(&reader, &format!("level=ministerial&{query}")).await, found, "{query}");
        }
        assert_eq!(names(&reader, "level=ministerial,technical&provenance=entered").await.len(), 3);
        let page = reader.get(format!("{BODIES}?level=ministerial&include=organizations&sort=name&limit=1")).expect(200).await.json();
        assert_eq!(column(&json!({"data": page["included"]["organizations"]}), "id"), [molsw]);
        // The day ends at 17:00 in UTC.
        bench.clock().advance(Duration::from_secs(8 * 3600));
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(names(&reader, "level=ministerial&current=true").await, ["A now", "c soon"]);
    })
    .await;
}

#[actix_web::test]
async fn the_table_of_chairs_follows_every_write() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (mofa, molsw) = (bench.organization("mofa").await, bench.organization("molsw").await);
        let chaired_by = async |organization: &Value| names(&coordinator, &format!("chair_id={}", id(organization))).await;
        let key = format!("{BODIES}/by-external-id/mims/B-1");
        let sent = with(body("Upserted"), json!({"chair_ids": [mofa["id"]]}));
        let made = coordinator.put(&key, sent.clone()).expect(201).await;
        assert_eq!((chaired_by(&mofa).await, chaired_by(&molsw).await), (vec!["Upserted".to_owned()], vec![]));
        assert_eq!(coordinator.put(&key, sent.clone()).expect(200).await.header("x-changed"), Some("false"));
        let changed = coordinator.put(&key, with(sent, json!({"chair_ids": [molsw["id"]]}))).expect(200).await;
        assert_eq!((changed.header("x-changed"), changed.etag().as_str()), (Some("true"), "\"2\""));
        assert_eq!((chaired_by(&mofa).await, chaired_by(&molsw).await), (vec![], vec!["Upserted".to_owned()]));
        assert_eq!(coordinator.get(&key).expect(200).await.json()["id"], made.json()["id"]);
        // What is only tried out leaves the table as it is.
        let path = format!("{}?dry_run=true", at(BODIES, &made.json()));
        coordinator.patch(path, "\"2\"", json!({"chair_ids": []})).expect(200).await;
        assert_eq!(chaired_by(&molsw).await, ["Upserted"]);
        change(&coordinator, BODIES, &changed.json(), json!({"chair_ids": null})).await;
        assert_eq!(chaired_by(&molsw).await, Vec::<String>::new());
        assert_whole(&bench).await;
        let body_id = id(&made.json()).to_owned();
        let id = if bench.engine == gcm_api::store::Engine::Sqlite {
            format!("X'{}'", body_id.replace('-', ""))
        } else {
            format!("'{body_id}'")
        };
        bench
            .sql(&format!(
                "INSERT INTO coordination_body_chair (body_id, organization_id) SELECT {id}, id FROM organization WHERE code = 'moh'"
            ))
            .await;
        let faults = crate::rows::audited(&bench).await.faults;
        assert!(faults.len() == 1 && faults[0].contains(&body_id), "{faults:?}");
    })
    .await;
}

#[actix_web::test]
async fn the_bodies_of_the_country_are_in_the_seed() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let seeded = "provenance=public_source";
        assert_eq!(
            names(&coordinator, seeded).await,
            [
                "GCM technical focal points of line ministries (group)",
                "Inter-ministerial Technical Working Group (Migration Profile)",
                "National Committee on Anti-Trafficking in Persons",
                "National Steering Committee for the Population and Housing Census",
            ]
        );
        let committee = coordinator.get(format!("{BODIES}/by-external-id/gcm-seed/ncatip")).expect(200).await.json();
        assert_eq!((&committee["level"], &committee["chair_ids"]), (&json!("national"), &json!([])));
        let members = coordinator.get(format!("{}/members?include=organizations", at(BODIES, &committee))).expect(200).await.json();
        assert!(members["data"].as_array().unwrap().iter().all(|row| row["role"] == "secretariat" && row["joined_on"] == Value::Null));
        let included = json!({"data": members["included"]["organizations"]});
        let codes: std::collections::BTreeSet<_> = column(&included, "code").into_iter().collect();
        assert_eq!(codes, ["lftu", "lwu", "lyu", "mnd", "mofa", "molsw", "mps"].into());
        // Whatever the country calls it later, and whoever leaves: the seed enters nothing again.
        change(&coordinator, BODIES, &committee, json!({"name": {"en": "Another name"}})).await;
        let member = &members["data"][0];
        change(&coordinator, &format!("{}/members", at(BODIES, &committee)), member, json!({"left_on": "2026-11-23"})).await;
        let head = bench.parts.store.head().await.unwrap();
        let again = gcm_api::seed::seed(&bench.parts.store, &bench.parts.here).await.unwrap();
        assert_eq!((again, bench.parts.store.head().await.unwrap()), (gcm_api::seed::Seeded::default(), head));
        assert_eq!(names(&coordinator, seeded).await.len(), 4);
    })
    .await;
}
