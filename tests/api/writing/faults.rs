//! What a body may not hold: every fault at once, each with its pointer.

use serde_json::{Value, json};

use crate::{
    harness::{Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, at, create, etag, faults, id, ministry, organization, set, with},
};

#[actix_web::test]
async fn all_faults_of_the_shape_are_named_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let body = json!({
            "kind": "", "code": "Not A Slug", "acronym": "x".repeat(33), "mandate": {}, "parent_id": "mofa", "country": "Laos",
            "website": "javascript:alert(1)", "valid_from": "2025-02-30", "valid_to": 20_250_101, "state": "active", "a/b~c": 1,
        });
        let reply = coordinator.post(ORGANIZATIONS, body).expect(422).await;
        assert_eq!(reply.json()["params"]["count"], reply.faults().len());
        let named: std::collections::BTreeSet<_> = faults(&reply).into_iter().map(|(pointer, _)| pointer).collect();
        let wanted = [
            "#/kind",
            "#/code",
            "#/acronym",
            "#/mandate",
            "#/parent_id",
            "#/country",
            "#/website",
            "#/valid_from",
            "#/valid_to",
            "#/state",
            "#/a~1b~0c",
            "#/name",
        ];
        assert_eq!(named, wanted.map(str::to_owned).into());
        let some = set([
            ("#/name", "required"),
            ("#/state", "unknown_field"),
            ("#/valid_to", "wrong_type"),
            ("#/acronym", "too_long"),
            ("#/mandate", "no_language_left"),
        ]);
        assert!(some.is_subset(&faults(&reply)), "{reply}");
    })
    .await;
}

#[actix_web::test]
async fn all_faults_against_the_rules_are_named_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let body = json!({
            "kind": "kingdom", "parent_id": "01920000-0000-7000-8000-000000000001", "valid_from": "2026-01-02", "valid_to": "2026-01-02",
        });
        let reply = coordinator.post(ORGANIZATIONS, with(organization("wrong"), body)).expect(422).await;
        let wanted = set([("#/kind", "unknown_value"), ("#/parent_id", "reference_unknown"), ("#/valid_to", "period_reversed")]);
        assert_eq!(faults(&reply), wanted);
        let kinds = reply.json()["errors"].as_array().unwrap().iter().find(|fault| fault["pointer"] == "#/kind").unwrap().clone();
        assert!(kinds["params"]["allowed"].as_array().unwrap().contains(&json!("un_entity")));
        // The same rules for a patch, also where only one end of a period is sent.
        let row = create(&coordinator, ORGANIZATIONS, with(organization("right"), json!({"valid_from": "2026-01-02"}))).await;
        let patch = json!({"kind": "kingdom", "parent_id": id(&row), "valid_to": "2026-01-01", "name": {"en": null}});
        let reply = coordinator.patch(at(ORGANIZATIONS, &row), etag(&row), patch).expect(422).await;
        let wanted = [
            ("#/kind", "unknown_value"),
            ("#/parent_id", "parent_cycle"),
            ("#/valid_to", "period_reversed"),
            ("#/name", "no_language_left"),
        ];
        assert_eq!(faults(&reply), set(wanted));
    })
    .await;
}

#[actix_web::test]
async fn a_field_that_nobody_knows_is_refused() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, MINISTRIES, ministry("known")).await;
        for (path, body) in [
            (ORGANIZATIONS, with(organization("x"), json!({"id": id(&row)}))),
            (MINISTRIES, with(ministry("x"), json!({"kind": "ministry"}))),
        ] {
            let reply = coordinator.post(path, body).expect(422).await;
            assert!(reply.faults().iter().all(|(_, code)| code == "unknown_field"), "{reply}");
        }
        for (fields, code) in [
            (&["sort_name", "audience", "owner_id", "Acronym", "constructor", ""][..], "unknown_field"),
            // What the row shows and the patch does not take: sent back as it is it is no wish, changed it is one that cannot be granted.
            (&["kind", "external_ids", "id", "revision", "created_at", "provenance"][..], "read_only_field"),
        ] {
            for field in fields {
                let reply = coordinator.patch(at(MINISTRIES, &row), etag(&row), json!({*field: null})).expect(422).await;
                assert_eq!(faults(&reply), set([(&format!("#/{field}"), code)]));
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_body_that_is_no_object_is_refused() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, ORGANIZATIONS, organization("object")).await;
        for body in [json!([]), json!("text"), json!(7), Value::Null, json!([organization("x")])] {
            let calls = [coordinator.post(ORGANIZATIONS, &body), coordinator.patch(at(ORGANIZATIONS, &row), "\"1\"", &body)];
            for call in calls {
                assert_eq!(faults(&call.expect(422).await), set([("#", "wrong_type")]), "{body}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn control_characters_are_refused_and_line_breaks_are_for_long_texts() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, ORGANIZATIONS, organization("clean")).await;
        let patch = async |patch: Value| coordinator.patch(at(ORGANIZATIONS, &row), "*", patch).send().await;
        for control in ["\u{0}", "a\u{0}b", "a\u{1}", "\u{1b}[31m", "a\u{7f}", "a\u{8}", "a\r\n"] {
            for field in ["acronym", "website", "code", "kind"] {
                let reply = patch(json!({field: control})).await;
                assert_eq!(reply.status, 422, "{control:?} in {field}: {reply}");
            }
            for field in ["name", "mandate"].into_iter().filter(|_field| control != "a\r\n") {
                let reply = patch(json!({field: {"lo": control}})).await;
                assert_eq!((reply.status, faults(&reply)), (422, set([(&format!("#/{field}/lo"), "wrong_form")])), "{control:?}");
            }
        }
        assert_eq!(patch(json!({"acronym": "a\nb"})).await.status, 422);
        let reply = patch(json!({"mandate": {"lo": "ໜຶ່ງ\n\tສອງ"}, "name": {"en": "An\u{a0}unusual \u{200b}name 👩‍🌾"}})).await;
        assert_eq!((reply.status, &reply.json()["mandate"]["lo"]), (200, &json!("ໜຶ່ງ\n\tສອງ")));
        for blank in ["", " ", "\n\t", "\u{a0}"] {
            assert_eq!(patch(json!({"name": {"en": blank}})).await.status, 422, "{blank:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn json_that_says_a_thing_twice_or_too_deep_is_no_fault_of_ours() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let send = async |body: String| coordinator.request("POST", ORGANIZATIONS).body(body, "application/json").send().await;
        for body in ["", "{", "{\"code\": }", "nul", "{}{}", "\u{feff}{}", "{'a': 1}", &"[".repeat(10_000)] {
            let reply = send(body.to_owned()).await;
            assert_eq!((reply.status, reply.code().as_str()), (400, "malformed_json"), "{}", &body[..body.len().min(20)]);
        }
        assert_eq!(send("{\"code\": 1e999}".to_owned()).await.status, 400);
        assert_eq!(send("{\"code\": \"\\ud800\"}".to_owned()).await.status, 400);
        let reply = coordinator.request("POST", ORGANIZATIONS).body(b"{\"code\": \"\xff\"}".to_vec(), "application/json").expect(400).await;
        assert_eq!(reply.code(), "malformed_json");
    })
    .await;
}
