//! `If-Match`: nobody overwrites what they have not seen.

use serde_json::json;

use crate::{
    harness::{Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, at, create, ministry, organization},
};

#[actix_web::test]
async fn a_change_without_if_match_is_asked_for_one() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, MINISTRIES, ministry("new")).await;
        let path = at(MINISTRIES, &row);
        let calls = [
            coordinator.request("PATCH", &path).json(json!({"acronym": "N"})),
            coordinator.request("POST", format!("{path}/archive")),
            coordinator.request("POST", format!("{path}/restore")),
            coordinator.request("DELETE", format!("{path}/external-ids/mims")),
        ];
        for call in calls {
            assert_eq!(call.expect(428).await.code(), "precondition_required");
        }
        assert_eq!(coordinator.get(&path).expect(200).await.json(), row);
    })
    .await;
}

#[actix_web::test]
async fn a_stale_if_match_is_told_the_current_revision() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, ORGANIZATIONS, organization("new")).await;
        let path = at(ORGANIZATIONS, &row);
        coordinator.patch(&path, "\"1\"", json!({"acronym": "A"})).expect(200).await;
        let stale = [
            coordinator.patch(&path, "\"1\"", json!({"acronym": "B"})),
            coordinator.patch(&path, "\"3\"", json!({"acronym": "B"})),
            coordinator.patch(&path, "\"another\"", json!({"acronym": "B"})),
            coordinator.patch(&path, "\"\"", json!({"acronym": "B"})),
            coordinator.patch(&path, "\"02\"", json!({"acronym": "B"})),
            coordinator.patch(&path, "\"+2\"", json!({"acronym": "B"})),
            coordinator.post_if(format!("{path}/archive"), "\"1\""),
            coordinator.put(format!("{path}/external-ids/mims"), json!({"id": "1"})).header("If-Match", "\"1\""),
            coordinator.delete(format!("{path}/external-ids/mims"), "\"1\""),
        ];
        for call in stale {
            let reply = call.expect(412).await;
            assert_eq!((reply.code().as_str(), &reply.json()["revision"]), ("stale_revision", &json!(2)));
        }
        assert_eq!(coordinator.get(&path).expect(200).await.json()["acronym"], "A");
    })
    .await;
}

#[actix_web::test]
async fn a_weak_tag_several_tags_and_a_star_are_taken() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &create(&coordinator, ORGANIZATIONS, organization("new")).await);
        for (revision, tags) in ["W/\"1\"", "\"1\", \"2\"", "\"x\",W/\"3\" , \"9\"", "*"].iter().enumerate() {
            let saved = coordinator.patch(&path, tags, json!({"acronym": format!("A{revision}")})).expect(200).await;
            assert_eq!(saved.etag(), format!("\"{}\"", revision + 2), "{tags}");
        }
        // In several lines, as a proxy may send them.
        coordinator.patch(&path, "\"1\"", json!({"acronym": "B"})).header("If-Match", "\"5\"").expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn an_if_match_that_is_no_tag_cannot_be_taken() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &create(&coordinator, ORGANIZATIONS, organization("new")).await);
        for garbage in ["1", "\"1", "1\"", "W/1", "", "\"1\", 2", "'1'"] {
            let reply = coordinator.patch(&path, garbage, json!({"acronym": "A"})).expect(400).await;
            assert_eq!(reply.code(), "invalid_header", "{garbage}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_one_has_is_not_sent_again() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(MINISTRIES, &create(&coordinator, MINISTRIES, ministry("new")).await);
        for tag in ["\"1\"", "W/\"1\"", "\"9\", \"1\"", "*"] {
            let reply = coordinator.get(&path).header("If-None-Match", tag).expect(304).await;
            assert_eq!((reply.etag().as_str(), reply.body.len(), reply.header("content-type")), ("\"1\"", 0, None), "{tag}");
        }
        for tag in ["\"2\"", "W/\"11\"", "1"] {
            coordinator.get(&path).header("If-None-Match", tag).expect(200).await;
        }
        coordinator.patch(&path, "\"1\"", json!({"acronym": "A"})).expect(200).await;
        coordinator.get(&path).header("If-None-Match", "\"1\"").expect(200).await;
    })
    .await;
}
