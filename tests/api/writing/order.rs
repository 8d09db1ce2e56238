//! Which refusal wins, when a request is wrong in two ways: 404 path, 405, 401, 413/415, 400, replay, 428, 404/403 row, 412, 403 field, 422, 409.

use gcm_api::auth::{Role, Scope};
use serde_json::json;

use crate::{
    harness::{Bench, Call, Client, Who, both},
    rows::{ORGANIZATIONS, archive, at, create, etag, id, organization},
};

/// Each call is wrong in two ways; the first decides.
async fn wins(calls: Vec<(Call, u16, &str)>) {
    for (n, (call, status, code)) in calls.into_iter().enumerate() {
        let reply = call.send().await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "call {n}: {reply}");
    }
}

async fn clients(bench: &Bench) -> (Client, Client, Client) {
    (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::FocalPoint("moh")).await, bench.nobody())
}

#[actix_web::test]
async fn the_address_and_its_method_come_before_the_caller() {
    both(async |bench| {
        let (coordinator, _, nobody) = clients(&bench).await;
        let huge = "x".repeat(3_000_000);
        wins(vec![
            (nobody.get("/v1/nothing"), 404, "unknown_path"),
            (nobody.delete("/v1/nothing", "garbage"), 404, "unknown_path"),
            (nobody.request("POST", "/v1/nothing").body(huge.clone(), "text/plain"), 404, "unknown_path"),
            (nobody.delete(ORGANIZATIONS, "\"1\""), 405, "method_not_allowed"),
            (coordinator.request("PUT", ORGANIZATIONS).body(huge.clone(), "text/plain"), 405, "method_not_allowed"),
            (nobody.request("POST", ORGANIZATIONS).body(huge, "application/json"), 401, "unauthenticated"),
            (nobody.request("POST", ORGANIZATIONS).body("{", "text/plain"), 401, "unauthenticated"),
            (nobody.get(format!("{ORGANIZATIONS}?nonsense=1")), 401, "unauthenticated"),
            (nobody.get(format!("{ORGANIZATIONS}/01920000-0000-7000-8000-000000000001")), 401, "unauthenticated"),
        ])
        .await;
    })
    .await;
}

#[actix_web::test]
async fn size_and_kind_of_the_body_come_before_what_is_in_the_request() {
    both(async |bench| {
        let (coordinator, focal_point, _) = clients(&bench).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        let patch = |path: &str| coordinator.request("PATCH", path);
        let huge = "x".repeat(3_000_000);
        wins(vec![
            (patch(&path).body(huge.clone(), "text/plain"), 413, "body_too_large"),
            (patch(&format!("{path}?nonsense=1")).body(huge, "application/json"), 413, "body_too_large"),
            (patch(&path).body("{", "text/plain"), 415, "unsupported_media_type"),
            (patch(&path).body("{}", ""), 415, "unsupported_media_type"),
            (patch(&format!("{path}?nonsense=1")).body("{}", "text/plain"), 415, "unsupported_media_type"),
            (patch(&path).header("If-Match", "garbage").body("{}", "text/plain"), 415, "unsupported_media_type"),
            (patch(&path).header("Idempotency-Key", "").body("{}", "text/plain"), 415, "unsupported_media_type"),
            (coordinator.request("POST", ORGANIZATIONS).body("{}", "application/merge-patch+json"), 415, "unsupported_media_type"),
            // A caller who may not write hears first that the body cannot be read.
            (focal_point.request("POST", ORGANIZATIONS).body("{", "application/json"), 400, "malformed_json"),
        ])
        .await;
    })
    .await;
}

#[actix_web::test]
async fn an_address_that_names_no_row_comes_before_the_rest_of_the_request() {
    both(async |bench| {
        let (coordinator, _, _) = clients(&bench).await;
        let nowhere = format!("{ORGANIZATIONS}/mofa");
        wins(vec![
            (coordinator.get(&nowhere), 404, "not_found"),
            (coordinator.get(format!("{nowhere}/history?nonsense=1")), 404, "not_found"),
            (coordinator.request("PATCH", format!("{nowhere}?nonsense=1")).json(json!({})), 404, "not_found"),
            (coordinator.request("PATCH", &nowhere).body("{", "application/json"), 404, "not_found"),
            (coordinator.request("PATCH", &nowhere).body("{}", "text/plain"), 404, "not_found"),
            (coordinator.patch(&nowhere, "garbage", json!({})), 404, "not_found"),
            (coordinator.post_if(format!("{nowhere}/archive?nonsense=1"), "garbage"), 404, "not_found"),
            (coordinator.put(format!("{nowhere}/external-ids/mims?nonsense=1"), json!({"id": "1"})), 404, "not_found"),
        ])
        .await;
    })
    .await;
}

#[actix_web::test]
async fn what_cannot_be_read_comes_before_a_replay_and_a_replay_before_the_rules() {
    both(async |bench| {
        let (coordinator, focal_point, _) = clients(&bench).await;
        let row = bench.organization("moh").await;
        let path = at(ORGANIZATIONS, &row);
        focal_point
            .patch(&path, "\"1\"", json!({"website": null, "mandate": {"lo": "x"}}))
            .header("Idempotency-Key", "key")
            .expect(200)
            .await;
        wins(vec![
            (focal_point.patch(&path, "garbage", json!({"website": null})).header("Idempotency-Key", "key"), 400, "invalid_header"),
            (focal_point.patch(format!("{path}?x=1"), "\"1\"", json!({})).header("Idempotency-Key", "key"), 400, "invalid_query"),
            (focal_point.request("PATCH", &path).body("{", "application/json").header("Idempotency-Key", "key"), 400, "malformed_json"),
            // The key was used for something else: that is said before If-Match, the row, and the fields are looked at.
            (
                focal_point.request("PATCH", &path).json(json!({"code": "x"})).header("Idempotency-Key", "key"),
                422,
                "idempotency_key_reused",
            ),
            (focal_point.patch(&path, "\"9\"", json!({"code": 1})).header("Idempotency-Key", "key"), 422, "idempotency_key_reused"),
            (coordinator.request("PATCH", format!("{path}?x=1")).json(json!({})), 400, "invalid_query"),
            (coordinator.request("PATCH", &path).body("nonsense", "application/json"), 400, "malformed_json"),
        ])
        .await;
    })
    .await;
}

#[actix_web::test]
async fn if_match_then_the_row_then_its_revision_then_fields_then_faults_then_conflicts() {
    both(async |bench| {
        let (coordinator, focal_point, _) = clients(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        let (own, other) = (at(ORGANIZATIONS, &bench.organization("moh").await), at(ORGANIZATIONS, &bench.organization("moj").await));
        let nowhere = format!("{ORGANIZATIONS}/01920000-0000-7000-8000-000000000001");
        let archived = archive(&coordinator, ORGANIZATIONS, &create(&coordinator, ORGANIZATIONS, organization("archived")).await).await;
        let archived_path = at(ORGANIZATIONS, &archived);
        let faulty = json!({"acronym": 7});
        wins(vec![
            // 428 before the row
            (coordinator.request("PATCH", &nowhere).json(json!({})), 428, "precondition_required"),
            (reader.request("PATCH", &own).json(json!({})), 428, "precondition_required"),
            (coordinator.request("PATCH", &own).json(&faulty), 428, "precondition_required"),
            // the row before its revision
            (coordinator.patch(&nowhere, "\"9\"", &faulty), 404, "not_found"),
            (reader.patch(&own, "\"9\"", json!({})), 403, "forbidden"),
            (focal_point.patch(&other, "\"9\"", json!({"code": "x"})), 403, "forbidden"),
            (reader.post(ORGANIZATIONS, &faulty), 403, "forbidden"),
            (reader.post(ORGANIZATIONS, organization("moh")), 403, "forbidden"),
            // its revision before the fields and the faults
            (focal_point.patch(&own, "\"9\"", json!({"code": "x"})), 412, "stale_revision"),
            (coordinator.patch(&own, "\"9\"", &faulty), 412, "stale_revision"),
            (coordinator.patch(&archived_path, "\"1\"", json!({"acronym": "A"})), 412, "stale_revision"),
            // the fields before the faults
            (focal_point.patch(&own, "\"1\"", json!({"code": "x", "website": 7})), 403, "field_not_writable"),
            (focal_point.patch(&own, "\"1\"", json!({"code": "moj"})), 403, "field_not_writable"),
            // the faults before the conflicts
            (coordinator.patch(&own, "\"1\"", json!({"code": "moj", "kind": "kingdom"})), 422, "validation_failed"),
            (coordinator.patch(&archived_path, etag(&archived), json!({"acronym": 7})), 422, "validation_failed"),
            (coordinator.post(ORGANIZATIONS, json!({"kind": "other", "code": "moh"})), 422, "validation_failed"),
            (coordinator.patch(&archived_path, etag(&archived), json!({"parent_id": id(&archived)})), 422, "validation_failed"),
        ])
        .await;
    })
    .await;
}

#[actix_web::test]
async fn a_scope_that_does_not_reach_is_said_where_the_row_is() {
    const READS: Who = Who::Machine { role: Role::Coordinator, organization: Some("mofa"), scopes: &[Scope::Read], external_systems: &[] };
    both(async |bench| {
        let machine = bench.sign_in(READS).await;
        let own = at(ORGANIZATIONS, &bench.organization("moh").await);
        wins(vec![
            (machine.request("PATCH", &own).body("{", "application/json"), 400, "malformed_json"),
            (machine.request("PATCH", &own).json(json!({})), 428, "precondition_required"),
            (machine.patch(format!("{ORGANIZATIONS}/01920000-0000-7000-8000-000000000001"), "\"1\"", json!({})), 404, "not_found"),
            (machine.patch(&own, "\"9\"", json!({"acronym": 7})), 403, "insufficient_scope"),
            (machine.post(ORGANIZATIONS, json!({})), 403, "insufficient_scope"),
        ])
        .await;
    })
    .await;
}
