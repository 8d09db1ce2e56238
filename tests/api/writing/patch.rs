//! PATCH: absent stays, `null` clears, a value sets; texts are merged by language.

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, at, change, create, etag, faults, id, log_after, organization, set, with},
};

/// A row with every field set.
async fn full(bench: &Bench, coordinator: &Client) -> Value {
    let body = json!({
        "kind": "state_body", "code": "full", "acronym": "FULL", "name": {"en": "Full", "lo": "ເຕັມ"}, "mandate": {"en": "Everything"},
        "parent_id": id(&bench.organization("mof").await), "country": "LA", "website": "https://full.example/ລາວ", "valid_from": "2001-02-03",
        "valid_to": "2031-02-03",
    });
    let row = create(coordinator, ORGANIZATIONS, body.clone()).await;
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&row[field], value, "{field}");
    }
    row
}

/// Everything of a row but what every change moves.
fn content(row: &Value) -> Value {
    with(row.clone(), json!({"revision": 0, "updated_at": ""}))
}

#[actix_web::test]
async fn each_field_is_set_and_the_others_stay() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut row = full(&bench, &coordinator).await;
        let other = bench.organization("moj").await;
        for (field, value) in [
            ("kind", json!("committee")),
            ("code", json!("fuller")),
            ("acronym", json!("ໃໝ່")),
            ("name", json!({"en": "Fuller", "lo": "ເຕັມກວ່າ"})),
            ("mandate", json!({"en": "All", "lo": "ທັງໝົດ"})),
            ("parent_id", other["id"].clone()),
            ("country", json!("TH")),
            ("website", json!("http://x.example")),
            ("valid_from", json!("2002-01-01")),
            ("valid_to", json!("2030-12-31")),
        ] {
            bench.clock().advance(std::time::Duration::from_millis(1));
            let after = change(&coordinator, ORGANIZATIONS, &row, json!({field: value})).await;
            assert_eq!(content(&after), content(&with(row.clone(), json!({field: value}))));
            assert_eq!(after["revision"].as_i64(), row["revision"].as_i64().map(|revision| revision + 1));
            assert!(after["updated_at"].as_str() > row["updated_at"].as_str(), "{field}");
            assert_eq!(coordinator.get(at(ORGANIZATIONS, &row)).expect(200).await.json(), after);
            row = after;
        }
    })
    .await;
}

#[actix_web::test]
async fn null_clears_what_may_be_empty_and_is_refused_for_what_may_not() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut row = full(&bench, &coordinator).await;
        for field in ["kind", "code", "name"] {
            let reply = coordinator.patch(at(ORGANIZATIONS, &row), etag(&row), json!({field: null})).expect(422).await;
            assert_eq!(faults(&reply), set([(&format!("#/{field}"), "wrong_type")]));
        }
        for field in ["acronym", "mandate", "parent_id", "country", "website", "valid_from", "valid_to"] {
            let after = change(&coordinator, ORGANIZATIONS, &row, json!({field: null})).await;
            assert_eq!(content(&after), content(&with(row.clone(), json!({field: null}))));
            row = after;
        }
        let history = coordinator.get(format!("{}/history", at(ORGANIZATIONS, &row))).expect(200).await.json();
        assert_eq!((&history["data"][0]["changed"], &history["data"][6]["changed"]), (&json!(["/valid_to"]), &json!(["/acronym"])));
    })
    .await;
}

#[actix_web::test]
async fn texts_are_merged_by_language_and_the_last_language_stays() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, ORGANIZATIONS, organization("texts")).await;
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"name": {"lo": "ຊື່"}})).await;
        assert_eq!(row["name"], json!({"en": "Organization texts", "lo": "ຊື່"}));
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"name": {"en": null}, "mandate": {"lo": "ໜ້າທີ່"}})).await;
        assert_eq!((&row["name"], &row["mandate"]), (&json!({"lo": "ຊື່"}), &json!({"lo": "ໜ້າທີ່"})));
        let refused = coordinator
            .patch(at(ORGANIZATIONS, &row), etag(&row), json!({"name": {"lo": null}, "mandate": {"lo": null}}))
            .expect(422)
            .await;
        assert_eq!(faults(&refused), set([("#/name", "no_language_left"), ("#/mandate", "no_language_left")]));
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"name": {"lo": null, "en": "Back"}})).await;
        assert_eq!(row["name"], json!({"en": "Back"}));
        let refused = coordinator.patch(at(ORGANIZATIONS, &row), etag(&row), json!({"name": {"fr": "Nom", "xx-": "x"}})).expect(422).await;
        assert!(refused.faults().contains(&("#/name/fr".to_owned(), "language_not_offered".to_owned())), "{refused}");
    })
    .await;
}

#[actix_web::test]
async fn a_patch_that_changes_nothing_leaves_no_trace() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = full(&bench, &coordinator).await;
        let before = bench.parts.store.head().await.unwrap();
        bench.clock().advance(std::time::Duration::from_secs(60));
        let writable = ["kind", "code", "acronym", "name", "mandate", "parent_id", "country", "website", "valid_from", "valid_to"];
        let all: serde_json::Map<_, _> = writable.iter().map(|field| ((*field).to_owned(), row[*field].clone())).collect();
        for patch in [json!({}), Value::Object(all), json!({"name": {"en": "Full"}}), json!({"name": {}}), json!({"mandate": {"lo": null}})]
        {
            let reply = coordinator.patch(at(ORGANIZATIONS, &row), etag(&row), &patch).expect(200).await;
            assert_eq!((reply.json(), reply.etag()), (row.clone(), "\"1\"".to_owned()), "{patch}");
        }
        assert_eq!(bench.parts.store.head().await.unwrap(), before);
    })
    .await;
}

#[actix_web::test]
async fn both_media_types_of_a_patch_mean_the_same() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut row = create(&coordinator, MINISTRIES, json!({"code": "media", "name": {"en": "Media"}})).await;
        for media in ["application/json", "application/merge-patch+json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
            let body = json!({"acronym": media.len().to_string(), "website": null}).to_string();
            let call = coordinator.request("PATCH", at(MINISTRIES, &row)).header("If-Match", etag(&row)).body(body, media);
            row = call.expect(200).await.json();
            assert_eq!(row["acronym"], media.len().to_string());
        }
    })
    .await;
}

#[actix_web::test]
async fn a_focal_point_writes_its_own_mandate_and_website_and_may_send_the_rest_back() {
    both(async |bench| {
        let focal_point = bench.sign_in(Who::FocalPoint("moh")).await;
        let row = bench.organization("moh").await;
        let same = json!({"code": "moh", "kind": "ministry", "name": {"en": row["name"]["en"]}, "country": "LA", "acronym": "MoH", "valid_to": null});
        let row = change(&focal_point, ORGANIZATIONS, &row, with(same, json!({"website": "https://moh.example"}))).await;
        assert_eq!((&row["website"], &row["revision"]), (&json!("https://moh.example"), &json!(2)));
        let wishes = json!({"code": "moh-2", "name": {"lo": "ຊື່"}, "acronym": null, "website": null, "valid_to": "2030-01-01"});
        let refused = focal_point.patch(at(ORGANIZATIONS, &row), etag(&row), wishes).expect(403).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["rule"]), ("field_not_writable", &json!("own_institution")));
        let named = ["#/code", "#/name", "#/acronym", "#/valid_to"].map(|pointer| (pointer, "not_writable"));
        assert_eq!(faults(&refused), set(named));
        let other = bench.organization("moj").await;
        assert_eq!(focal_point.patch(at(ORGANIZATIONS, &other), "\"1\"", json!({"website": null})).expect(403).await.code(), "forbidden");
        assert_eq!(log_after(&bench.parts.store, 0).await.iter().filter(|change| change.resource_id == id(&row)).count(), 2);
    })
    .await;
}

#[actix_web::test]
async fn a_row_that_was_read_can_be_sent_back_whole() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = full(&bench, &coordinator).await;
        let same = coordinator.patch(at(ORGANIZATIONS, &row), etag(&row), row.clone()).expect(200).await;
        assert_eq!(same.json(), row, "nothing differs, so nothing is written");
        let changed = with(row.clone(), json!({"acronym": "NEW"}));
        let now = coordinator.patch(at(ORGANIZATIONS, &row), etag(&row), changed).expect(200).await.json();
        assert_eq!((&now["acronym"], &now["revision"]), (&json!("NEW"), &json!(2)));
        assert_eq!(content(&now), content(&with(row.clone(), json!({"acronym": "NEW"}))));

        // What is the server's to set cannot be set, and nothing else of that body is kept either.
        let wish = with(now.clone(), json!({"acronym": "NEWER", "id": "01920000-0000-7000-8000-000000000001", "revision": 7}));
        let reply = coordinator.patch(at(ORGANIZATIONS, &now), etag(&now), wish).expect(422).await;
        assert_eq!(faults(&reply), set([("#/id", "read_only_field"), ("#/revision", "read_only_field")]));
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &now)).expect(200).await.json(), now);

        // A focal point may send the whole row as well, and change what is theirs.
        let focal = bench.sign_in(Who::FocalPoint("moj")).await;
        let own = bench.organization("moj").await;
        let told = with(own.clone(), json!({"website": "https://moj.example"}));
        assert_eq!(focal.patch(at(ORGANIZATIONS, &own), etag(&own), told).expect(200).await.json()["website"], "https://moj.example");
    })
    .await;
}
