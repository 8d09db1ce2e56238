//! The UN Network: who is a member, one at a time, under one coordinator.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

const MEMBERS: &str = "/v1/un-network-members";

async fn of(bench: &Bench, code: &str, members: Value) -> Value {
    with(json!({"organization_id": bench.organization(code).await["id"], "roles": ["member"]}), members)
}

/// The membership that the seed brings.
async fn seeded(bench: &Bench, client: &Client) -> Value {
    let iom = bench.organization("iom").await;
    let page = client.get(format!("{MEMBERS}?organization_id={}", id(&iom))).expect(200).await.json();
    page["data"][0].clone()
}

#[actix_web::test]
async fn the_seed_names_the_coordinator_and_nobody_else() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let page = reader.get(format!("{MEMBERS}?include=organizations,objectives&with_total=true")).expect(200).await.json();
        assert_eq!(page["page"]["total"], 1);
        let row = &page["data"][0];
        assert_eq!((&row["roles"], &row["provenance"]), (&json!(["coordinator", "secretariat"]), &json!("public_source")));
        assert_eq!((&row["joined_on"], &row["objective_numbers"], &row["offers"]), (&Value::Null, &json!([]), &json!([])));
        assert_eq!((&page["included"]["organizations"][0]["code"], &page["included"]["objectives"]), (&json!("iom"), &json!([])));
        let before = bench.parts.store.head().await.unwrap();
        gcm_api::seed::seed(&bench.parts.store, &bench.parts.here).await.unwrap();
        assert_eq!(bench.parts.store.head().await.unwrap(), before, "seeding again changes nothing");
    })
    .await;
}

/// The country was faster: its coordinator stays, and the service starts.
#[actix_web::test]
async fn the_seed_names_no_second_coordinator() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for table in ["un_network_member_role", "un_network_member_objective", "un_network_member"] {
            bench.sql(&format!("DELETE FROM {table}")).await;
        }
        let own = of(&bench, "ilo", json!({"roles": ["coordinator"]})).await;
        create(&coordinator, MEMBERS, own).await;
        let seeded = gcm_api::seed::seed(&bench.parts.store, &bench.parts.here).await.unwrap();
        assert_eq!(seeded.un_network_members, 0);
        let page = coordinator.get(format!("{MEMBERS}?include=organizations")).expect(200).await.json();
        assert_eq!((page["data"].as_array().unwrap().len(), &page["included"]["organizations"][0]["code"]), (1, &json!("ilo")));
    })
    .await;
}

#[actix_web::test]
async fn a_member_says_what_it_works_on_and_nothing_else() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (iom, ilo) = (bench.sign_in(Who::NetworkMember("iom")).await, bench.sign_in(Who::NetworkMember("ilo")).await);
        let row = seeded(&bench, &iom).await;
        let path = at(MEMBERS, &row);
        let offer = json!({"kind": "expertise", "description": {"en": "Advice", "lo": "ຄຳແນະນຳ"}, "objective_numbers": [23, 1]});
        let own = json!({"working_groups": ["Data", "Labour"], "objective_numbers": [6, 2], "offers": [offer]});
        let changed = iom.patch(&path, etag(&row), with(own, json!({"roles": row["roles"]}))).expect(200).await.json();
        assert_eq!((&changed["objective_numbers"], &changed["working_groups"]), (&json!([2, 6]), &json!(["Data", "Labour"])));
        assert_eq!(changed["offers"][0]["objective_numbers"], json!([1, 23]));
        for (field, value) in [
            ("organization_id", bench.organization("ilo").await["id"].clone()),
            ("roles", json!(["chair"])),
            ("joined_on", json!("2024-07-15")),
            ("left_on", json!("2030-01-01")),
        ] {
            let refused = iom.patch(&path, etag(&changed), json!({field: value, "working_groups": []})).expect(403).await;
            assert_eq!(refused.code(), "field_not_writable");
            assert_eq!(faults(&refused), set([(format!("#/{field}").as_str(), "not_writable")]));
        }
        // Sent back whole, in another order, it is the same: nothing is written.
        let same = with(changed.clone(), json!({"objective_numbers": [6, 2]}));
        assert_eq!(iom.patch(&path, etag(&changed), same).expect(200).await.json(), changed);
        let focal_point = bench.sign_in(Who::FocalPoint("moh")).await;
        for other in [&ilo, &focal_point] {
            assert_eq!(other.patch(&path, etag(&changed), json!({"working_groups": []})).expect(403).await.code(), "forbidden");
            assert_eq!(other.post(MEMBERS, of(&bench, "ilo", json!({})).await).expect(403).await.code(), "forbidden");
            assert_eq!(other.post_if(format!("{path}/archive"), etag(&changed)).expect(403).await.code(), "forbidden");
        }
        let emptied = json!({"working_groups": null, "objective_numbers": null, "offers": null, "roles": null});
        let emptied = coordinator.patch(&path, etag(&changed), emptied).expect(200).await.json();
        assert_eq!((&emptied["offers"], &emptied["objective_numbers"], &emptied["roles"]), (&json!([]), &json!([]), &row["roles"]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_wrong_with_a_membership_is_told_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let offer = |kind: &str, numbers: Value| json!({"kind": kind, "description": {"en": "x"}, "objective_numbers": numbers});
        let body = of(
            &bench,
            "mpi",
            json!({
                "roles": ["member", "chair", "member"], "joined_on": "2025-01-01", "left_on": "2025-01-01",
                "working_groups": ["Data", "data"], "objective_numbers": [1, 2, 1],
                "offers": [offer("expertise", json!([1])), offer("goodwill", json!([2, 2]))],
            }),
        );
        let refused = coordinator.post(MEMBERS, body.await).expect(422).await;
        assert_eq!(
            faults(&refused),
            set([
                ("#/organization_id", "reference_archived"),
                ("#/roles", "not_unique"),
                ("#/left_on", "period_reversed"),
                ("#/working_groups", "not_unique"),
                ("#/objective_numbers", "not_unique"),
                ("#/offers/1/objective_numbers", "not_unique"),
                ("#/offers/1/kind", "unknown_value"),
            ])
        );
        let refused =
            coordinator.post(MEMBERS, of(&bench, "ilo", json!({"objective_numbers": [0, 24], "roles": []})).await).expect(422).await;
        let expected = [("#/objective_numbers/0", "out_of_range"), ("#/objective_numbers/1", "out_of_range"), ("#/roles", "too_few")];
        assert_eq!(faults(&refused), set(expected));
    })
    .await;
}

#[actix_web::test]
async fn an_organization_is_a_member_once_at_a_time() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let first = create(&coordinator, MEMBERS, of(&bench, "ilo", json!({"joined_on": "2024-08-01"})).await).await;
        let again = of(&bench, "ilo", json!({})).await;
        let taken = json!({"organization_id": first["organization_id"], "id": first["id"]});
        let refused = coordinator.post(MEMBERS, &again).expect(409).await.json();
        assert_eq!((&refused["code"], &refused["params"]), (&json!("membership_open"), &taken));
        assert!(refused["detail"].as_str().unwrap().contains(id(&first)), "the row is named: {refused}");
        // One that has ended is history, and leaves room; coming back to it is refused.
        let first = change(&coordinator, MEMBERS, &first, json!({"left_on": "2025-01-01"})).await;
        let second = create(&coordinator, MEMBERS, again.clone()).await;
        let refused = coordinator.patch(at(MEMBERS, &first), etag(&first), json!({"left_on": null})).expect(409).await.json();
        assert_eq!((&refused["code"], &refused["params"]["id"]), (&json!("membership_open"), &second["id"]));
        // So does one that is archived; restoring it is refused.
        let second = archive(&coordinator, MEMBERS, &second).await;
        let third = create(&coordinator, MEMBERS, again).await;
        let path = format!("{}/restore", at(MEMBERS, &second));
        let refused = coordinator.post_if(&path, etag(&second)).expect(409).await.json();
        assert_eq!((&refused["code"], &refused["params"]["id"]), (&json!("membership_open"), &third["id"]));
        archive(&coordinator, MEMBERS, &third).await;
        coordinator.post_if(&path, etag(&second)).expect(200).await;
        // By the id of another system it is the same rule.
        let path = format!("{MEMBERS}/by-external-id/mims/1");
        assert_eq!(coordinator.put(&path, of(&bench, "ilo", json!({})).await).expect(409).await.code(), "membership_open");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn the_network_has_one_coordinator_and_the_refusal_names_it() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let iom = seeded(&bench, &coordinator).await;
        let holder = json!({"organization_id": iom["organization_id"], "id": iom["id"]});
        let ilo = create(&coordinator, MEMBERS, of(&bench, "ilo", json!({})).await).await;
        let named = json!({"roles": ["coordinator", "member"]});
        for call in [
            coordinator.patch(at(MEMBERS, &ilo), "\"1\"", &named),
            coordinator.post(MEMBERS, of(&bench, "undp", named.clone()).await),
            coordinator.put(format!("{MEMBERS}/by-external-id/mims/2"), of(&bench, "undp", named.clone()).await),
        ] {
            let refused = call.expect(409).await.json();
            assert_eq!((&refused["code"], &refused["params"]), (&json!("coordinator_named"), &holder));
        }
        // A coordinator of the past may be entered; handing over takes two steps.
        create(&coordinator, MEMBERS, of(&bench, "undp", with(named.clone(), json!({"left_on": "2024-01-01"}))).await).await;
        let iom = change(&coordinator, MEMBERS, &iom, json!({"roles": ["secretariat"]})).await;
        let ilo = change(&coordinator, MEMBERS, &ilo, named.clone()).await;
        assert_eq!(coordinator.patch(at(MEMBERS, &iom), etag(&iom), &named).expect(409).await.json()["params"]["id"], ilo["id"]);
        // Archived and restored behind another's back: refused.
        let ilo = archive(&coordinator, MEMBERS, &ilo).await;
        change(&coordinator, MEMBERS, &iom, named).await;
        let refused =
            coordinator.post_if(format!("{}/restore", at(MEMBERS, &ilo)), etag(&ilo)).header("accept-language", "lo").expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]), ("coordinator_named", &holder));
        assert!(refused.json()["detail"].as_str().unwrap().starts_with("ອົງການ "));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_two_coordinators_named_at_once_one_is_taken() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let twin = bench.twin().await;
        let other = twin.sign_in(Who::Coordinator).await;
        let iom = seeded(&bench, &coordinator).await;
        let mut holder = change(&coordinator, MEMBERS, &iom, json!({"roles": ["secretariat"]})).await;
        for round in 0..10 {
            let names = [format!("race-{round}-a"), format!("race-{round}-b")];
            let mut bodies = Vec::new();
            for name in &names {
                let row = create(&coordinator, "/v1/organizations", organization(name)).await;
                bodies.push(json!({"organization_id": id(&row), "roles": ["coordinator"]}));
            }
            let (one, two) = join(coordinator.post(MEMBERS, &bodies[0]).send(), other.post(MEMBERS, &bodies[1]).send()).await;
            let mut found = [one.status, two.status];
            found.sort_unstable();
            assert_eq!(found, [201, 409], "round {round}\n{one}\n{two}");
            let (won, lost) = if one.status == 201 { (one, two) } else { (two, one) };
            assert_eq!((lost.code().as_str(), &lost.json()["params"]["id"]), ("coordinator_named", &won.json()["id"]));
            holder = change(&coordinator, MEMBERS, &won.json(), json!({"left_on": "2026-11-01"})).await;
        }
        let open = coordinator.get(format!("{MEMBERS}?role=coordinator&current=true")).expect(200).await.json();
        assert_eq!(open["data"], json!([]));
        assert_eq!(holder["left_on"], "2026-11-01");
        assert_whole(&bench).await;
    })
    .await;
}

async fn codes(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{MEMBERS}?limit=200&include=organizations,objectives&{query}")).expect(200).await.json();
    let by_id = |id: &str| {
        let known = page["included"]["organizations"].as_array().unwrap().iter().find(|row| row["id"] == id);
        known.unwrap()["code"].as_str().unwrap().to_owned()
    };
    column(&page, "organization_id").into_iter().map(by_id).collect()
}

#[actix_web::test]
async fn each_filter_and_sort_keeps_what_it_says() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let offer = |kind: &str, text: &str, numbers: Value| json!([{"kind": kind, "description": {"en": text}, "objective_numbers": numbers}]);
        let mut rows = Vec::new();
        for (code, members) in [
            ("ilo", json!({"joined_on": "2024-07-15", "objective_numbers": [6, 5], "roles": ["co_chair", "member"], "working_groups": ["Decent work"]})),
            ("undp", json!({"joined_on": "2026-11-23", "offers": offer("data", "\"kind\":\"funding\"", json!([3])), "objective_numbers": [6]})),
            ("who", json!({"joined_on": "2024-07-15", "left_on": "2026-11-23", "offers": offer("funding", "Grants", json!([15, 6]))})),
            ("fao", json!({"joined_on": "2026-11-24", "left_on": "2027-01-01", "roles": ["observer"]})),
        ] {
            bench.clock().advance(Duration::from_secs(1));
            rows.push(create(&coordinator, MEMBERS, of(&bench, code, members).await).await);
        }
        bench.clock().advance(Duration::from_secs(1));
        change(&coordinator, MEMBERS, &rows[0], json!({"working_groups": ["Decent work", "Data"]})).await;
        for (query, expected) in [
            (String::new(), vec!["iom", "ilo", "undp", "who", "fao"]),
            ("sort=-created_at".to_owned(), vec!["fao", "who", "undp", "ilo", "iom"]),
            ("sort=updated_at".to_owned(), vec!["iom", "undp", "who", "fao", "ilo"]),
            (format!("organization_id={}", bench.organization("who").await["id"].as_str().unwrap()), vec!["who"]),
            (format!("id={},{}", id(&rows[1]), id(&rows[3])), vec!["undp", "fao"]),
            ("role=coordinator,co_chair".to_owned(), vec!["iom", "ilo"]),
            ("role=observer".to_owned(), vec!["fao"]),
            ("objective_number=6".to_owned(), vec!["ilo", "undp"]),
            ("objective_number=5&objective_number=15".to_owned(), vec!["ilo"]),
            ("offer_kind=funding".to_owned(), vec!["who"]),
            ("offer_kind=data,funding".to_owned(), vec!["undp", "who"]),
            ("offer_kind=fundin_".to_owned(), vec![]),
            ("offer_kind=%25".to_owned(), vec![]),
            ("current=true".to_owned(), vec!["iom", "ilo", "undp"]),
            ("current=false".to_owned(), vec!["who", "fao"]),
            ("joined_on_from=2024-07-16&joined_on_to=2026-11-23".to_owned(), vec!["undp"]),
            ("left_on_from=2026-11-24".to_owned(), vec!["fao"]),
            ("left_on_to=2026-11-23".to_owned(), vec!["who"]),
            ("provenance=public_source".to_owned(), vec!["iom"]),
            ("q=decent".to_owned(), vec!["ilo"]),
            ("q=grants".to_owned(), vec!["who"]),
        ] {
            assert_eq!(codes(&reader, &query).await, expected, "{query}");
        }
        let page = reader.get(format!("{MEMBERS}?include=objectives")).expect(200).await.json();
        let numbers: Vec<_> = page["included"]["objectives"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()).collect();
        assert_eq!((numbers.len(), [3, 5, 6, 15].iter().all(|number| numbers.contains(number))), (4, true), "{numbers:?}");
        assert_eq!(page["included"]["organizations"], json!([]));
    })
    .await;
}
