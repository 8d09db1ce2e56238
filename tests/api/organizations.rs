//! Institutions from entry to archive, and ministries as the same rows under an address of their own.

use serde_json::{Value, json};

use crate::{
    harness::{Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, archive, at, change, create, etag, faults, id, ministry, organization, set, with},
};

#[actix_web::test]
async fn an_institution_is_entered_read_changed_archived_and_restored() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let made = coordinator.post(ORGANIZATIONS, organization("life")).expect(201).await;
        let row = made.json();
        let path = at(ORGANIZATIONS, &row);
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(path.as_str()), "\"1\""));
        assert_eq!((&row["revision"], &row["provenance"], &row["archived_at"]), (&json!(1), &json!("entered"), &Value::Null));
        assert_eq!(
            (&row["created_at"], &row["updated_at"]),
            (&json!("2026-11-23T09:00:00.000000Z"), &json!("2026-11-23T09:00:00.000000Z"))
        );
        assert_eq!(reader.get(&path).expect(200).await.json(), row);
        bench.clock().advance(std::time::Duration::from_micros(1_500_001));
        let changed = change(&coordinator, ORGANIZATIONS, &row, json!({"acronym": "LIFE"})).await;
        assert_eq!((&changed["created_at"], &changed["updated_at"]), (&row["created_at"], &json!("2026-11-23T09:00:01.500001Z")));
        let archived = archive(&coordinator, ORGANIZATIONS, &changed).await;
        assert_eq!((&archived["revision"], &archived["archived_at"]), (&json!(3), &json!("2026-11-23T09:00:01.500001Z")));
        assert_eq!(reader.get(&path).expect(200).await.json(), archived);
        let restored = coordinator.post_if(format!("{path}/restore"), etag(&archived)).expect(200).await.json();
        assert_eq!(restored, with(changed, json!({"revision": 4})));
        assert_eq!(coordinator.post_if(format!("{path}/restore"), "\"4\"").expect(409).await.code(), "not_archived");
    })
    .await;
}

#[actix_web::test]
async fn the_history_tells_who_did_what_and_when() {
    both(async |bench| {
        let (coordinator, focal_point) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::FocalPoint("moh")).await);
        let path = format!("{}/history", at(ORGANIZATIONS, &bench.organization("moh").await));
        let first = bench.organization("moh").await;
        let second =
            change(&focal_point, ORGANIZATIONS, &first, json!({"mandate": {"lo": "ສຸຂະພາບ"}, "website": "https://moh.example"})).await;
        let reply = coordinator
            .patch(at(ORGANIZATIONS, &first), etag(&second), json!({"acronym": "MOH"}))
            .header("X-Request-Id", "by-hand")
            .expect(200)
            .await;
        let history = coordinator.get(&path).expect(200).await.json();
        let entries = history["data"].as_array().unwrap();
        let short = |entry: &Value| {
            (entry["revision"].clone(), entry["op"].clone(), entry["changed"].clone(), entry["actor"]["account_id"].clone())
        };
        assert_eq!(short(&entries[0]), (json!(3), json!("update"), json!(["/acronym"]), json!(coordinator.account_id())));
        assert_eq!(short(&entries[1]), (json!(2), json!("update"), json!(["/mandate/lo", "/website"]), json!(focal_point.account_id())));
        assert_eq!(short(&entries[2]), (json!(1), json!("create"), json!([]), Value::Null));
        assert_eq!((&entries[0]["body"], &entries[1]["body"], &entries[2]["body"]), (&reply.json(), &second, &first));
        assert_eq!(entries[0]["request_id"], "by-hand");
        assert_eq!(entries[1]["actor"]["role"], "focal_point");
        assert_eq!((&entries[1]["actor"]["kind"], &entries[2]["actor"]["kind"]), (&json!("person"), &json!("system")));
        assert_eq!(entries[1]["actor"]["organization_id"], first["id"]);
        assert!(entries.iter().all(|entry| entry["withheld"] == false && entry["reason"] == Value::Null));
        // Page by page it is the same.
        let page = coordinator.get(format!("{path}?limit=2")).expect(200).await.json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        let rest = coordinator.get(format!("{path}?limit=2&cursor={cursor}")).expect(200).await.json();
        let paged: Vec<_> = [&page, &rest].into_iter().flat_map(|page| page["data"].as_array().unwrap().clone()).collect();
        assert_eq!((&paged, &rest["page"]["next_cursor"]), (entries, &Value::Null));
        for (query, code) in
            [("cursor=%21", "cursor_invalid"), ("limit=0", "invalid_query"), ("limit=201", "invalid_query"), ("sort=at", "invalid_query")]
        {
            assert_eq!(coordinator.get(format!("{path}?{query}")).expect(400).await.code(), code, "{query}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_ministry_is_the_same_row_at_both_addresses() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let made = coordinator.post(MINISTRIES, ministry("twice")).expect(201).await;
        let row = made.json();
        assert_eq!((made.header("location"), &row["kind"]), (Some(at(MINISTRIES, &row).as_str()), &json!("ministry")));
        let (one, other) =
            (coordinator.get(at(MINISTRIES, &row)).expect(200).await, coordinator.get(at(ORGANIZATIONS, &row)).expect(200).await);
        assert_eq!((one.json(), one.etag()), (other.json(), other.etag()));
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"acronym": "T"})).await;
        let row = change(&coordinator, MINISTRIES, &row, json!({"website": "https://t.example"})).await;
        assert_eq!(row["revision"], 3);
        let histories =
            [MINISTRIES, ORGANIZATIONS].map(|collection| coordinator.get(format!("{}/history", at(collection, &row))).expect(200));
        let [one, other] = histories;
        assert_eq!(one.await.json(), other.await.json());
        // Once it is no ministry, it is not found among them, by nobody's way in.
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"kind": "committee"})).await;
        let path = at(MINISTRIES, &row);
        coordinator.put(format!("{}/external-ids/mims", at(ORGANIZATIONS, &row)), json!({"id": "1"})).expect(200).await;
        for call in [
            coordinator.get(&path),
            coordinator.get(format!("{path}/history")),
            coordinator.patch(&path, "*", json!({"acronym": "X"})),
            coordinator.post_if(format!("{path}/archive"), "*"),
            coordinator.post_if(format!("{path}/restore"), "*"),
            coordinator.put(format!("{path}/external-ids/mims"), json!({"id": "2"})),
            coordinator.delete(format!("{path}/external-ids/mims"), "*"),
            coordinator.get(format!("{MINISTRIES}/by-external-id/mims/1")),
        ] {
            assert_eq!(call.expect(404).await.code(), "not_found");
        }
        let listed = coordinator.get(format!("{MINISTRIES}?id={}&archived=include&with_total=true", id(&row))).expect(200).await.json();
        assert_eq!(listed["page"]["total"], 0);
    })
    .await;
}

#[actix_web::test]
async fn an_archived_row_takes_no_change_and_no_new_reference() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let child = create(&coordinator, ORGANIZATIONS, organization("child")).await;
        let parent = create(&coordinator, ORGANIZATIONS, organization("parent")).await;
        let child = change(&coordinator, ORGANIZATIONS, &child, json!({"parent_id": id(&parent)})).await;
        let refused = coordinator.post_if(format!("{}/archive", at(ORGANIZATIONS, &parent)), "\"1\"").expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["count"]), ("has_dependants", &json!(1)));
        // An archived child is no dependant; it keeps naming the parent.
        let child = archive(&coordinator, ORGANIZATIONS, &child).await;
        let parent = archive(&coordinator, ORGANIZATIONS, &parent).await;
        let path = at(ORGANIZATIONS, &parent);
        for call in [
            coordinator.patch(&path, etag(&parent), json!({"acronym": "P"})),
            coordinator.post_if(format!("{path}/archive"), etag(&parent)),
        ] {
            assert_eq!(call.expect(409).await.code(), "archived");
        }
        let refused = coordinator.post(ORGANIZATIONS, with(organization("late"), json!({"parent_id": id(&parent)}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/parent_id", "reference_archived")]));
        // The old reference stands: the child comes back with it and may be changed.
        let child = coordinator.post_if(format!("{}/restore", at(ORGANIZATIONS, &child)), etag(&child)).expect(200).await.json();
        let child = change(&coordinator, ORGANIZATIONS, &child, json!({"acronym": "C", "parent_id": id(&parent)})).await;
        assert_eq!(child["parent_id"], parent["id"]);
        // Its code stays its own.
        assert_eq!(coordinator.post(ORGANIZATIONS, organization("parent")).expect(409).await.code(), "code_taken");
    })
    .await;
}

#[actix_web::test]
async fn a_row_that_others_depend_on_is_not_archived_and_they_are_counted() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = bench.organization("mof").await;
        let path = format!("{}/archive", at(MINISTRIES, &row));
        let refused = async || coordinator.post_if(&path, "\"1\"").expect(409).await.json();
        let said = refused().await;
        assert_eq!((&said["params"]["count"], said["detail"].as_str().unwrap().contains("parent: 1")), (&json!(1), true));
        bench.sign_in(Who::FocalPoint("mof")).await;
        coordinator.patch("/v1/objectives/6", "\"1\"", json!({"national_lead_id": id(&row)})).expect(200).await;
        coordinator.patch("/v1/objectives/7", "\"1\"", json!({"national_lead_id": id(&row)})).expect(200).await;
        let said = refused().await;
        assert_eq!(said["params"]["count"], 4);
        for what in ["parent: 1", "objective_lead: 2", "account: 1"] {
            assert!(said["detail"].as_str().unwrap().contains(what), "{said}");
        }
        assert_eq!(coordinator.get(at(MINISTRIES, &row)).expect(200).await.json(), row);
    })
    .await;
}

#[actix_web::test]
async fn a_row_that_ended_takes_no_new_reference_from_the_day_it_ended() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let ended = create(&coordinator, ORGANIZATIONS, with(organization("ended"), json!({"valid_to": "2026-11-24"}))).await;
        let below = |code: &str| with(organization(code), json!({"parent_id": id(&ended)}));
        create(&coordinator, ORGANIZATIONS, below("last-day")).await;
        // Five in the afternoon in UTC is midnight in Vientiane.
        bench.clock().advance(std::time::Duration::from_secs(8 * 3600));
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let refused = coordinator.post(ORGANIZATIONS, below("too-late")).expect(422).await;
        assert_eq!(faults(&refused), set([("#/parent_id", "reference_archived")]));
    })
    .await;
}

#[actix_web::test]
async fn nobody_is_their_own_ancestor() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut chain = vec![create(&coordinator, ORGANIZATIONS, organization("n0")).await];
        for n in 1..6 {
            let body = with(organization(&format!("n{n}")), json!({"parent_id": id(chain.last().unwrap())}));
            chain.push(create(&coordinator, ORGANIZATIONS, body).await);
        }
        for below in [0, 1, 5] {
            let refused =
                coordinator.patch(at(ORGANIZATIONS, &chain[0]), "\"1\"", json!({"parent_id": id(&chain[below])})).expect(422).await;
            assert_eq!(faults(&refused), set([("#/parent_id", "parent_cycle")]));
        }
        change(&coordinator, ORGANIZATIONS, &chain[5], json!({"parent_id": id(&chain[0])})).await;
    })
    .await;
}

#[actix_web::test]
async fn a_code_is_one_rows_own() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let refused = coordinator.post(ORGANIZATIONS, organization("moh")).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]), ("code_taken", &json!({"field": "code", "value": "moh"})));
        assert_eq!(coordinator.post(MINISTRIES, ministry("iom")).expect(409).await.code(), "code_taken");
        let row = create(&coordinator, ORGANIZATIONS, organization("mine")).await;
        assert_eq!(coordinator.patch(at(ORGANIZATIONS, &row), "\"1\"", json!({"code": "moh"})).expect(409).await.code(), "code_taken");
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"code": "renamed"})).await;
        create(&coordinator, ORGANIZATIONS, organization("mine")).await;
        assert_eq!(row["code"], "renamed");
    })
    .await;
}

#[actix_web::test]
async fn an_address_that_names_no_row_is_not_found() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for wrong in ["mofa", "0", "01920000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-00000000000", "%00", "%E0%BA%A5", "'"] {
            for collection in [ORGANIZATIONS, MINISTRIES] {
                assert_eq!(reader.get(format!("{collection}/{wrong}")).expect(404).await.code(), "not_found", "{wrong}");
                assert_eq!(reader.get(format!("{collection}/{wrong}/history")).expect(404).await.code(), "not_found", "{wrong}");
            }
        }
    })
    .await;
}
