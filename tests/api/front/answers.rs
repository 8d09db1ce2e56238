//! What every answer has in common.

use serde_json::Value;

use crate::{
    harness::{Who, both},
    rows::{ORGANIZATIONS, at},
};

#[actix_web::test]
async fn head_is_answered_as_get_without_a_body() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let row = at(ORGANIZATIONS, &bench.organization("moh").await);
        for path in [ORGANIZATIONS, &row, "/v1/organizations?format=csv", "/v1/objectives/6", "/v1/me", "/openapi.json", "/health/live"] {
            let (get, head) = (reader.get(path).expect(200).await, reader.head(path).expect(200).await);
            assert!(head.body.is_empty(), "{path}");
            for name in ["etag", "content-type", "link", "cache-control", "content-disposition"] {
                assert_eq!(get.header(name), head.header(name), "{name} of {path}");
            }
        }
        assert!(reader.head("/v1/organizations?limit=0").expect(400).await.body.is_empty());
        reader.head(&row).header("If-None-Match", "\"1\"").expect(304).await;
        bench.nobody().head(ORGANIZATIONS).expect(401).await;
    })
    .await;
}

#[actix_web::test]
async fn a_request_is_named_by_its_caller_or_by_us() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for given in ["abc", "0197a3f0-c5d1-7c4e", "A_b.c", &"x".repeat(64)] {
            let reply = reader.get("/v1/me").header("X-Request-Id", given).expect(200).await;
            assert_eq!(reply.header("x-request-id"), Some(given));
            let refused = reader.get("/v1/nothing").header("X-Request-Id", given).expect(404).await;
            assert_eq!(refused.json()["request_id"], given);
        }
        let mut made = std::collections::BTreeSet::new();
        for unfit in ["", "two words", "ກ", "<script>", "a\"b", &"x".repeat(65)] {
            let reply = reader.get("/v1/me").header("X-Request-Id", unfit).expect(200).await;
            made.insert(reply.header("x-request-id").unwrap().to_owned());
        }
        made.insert(reader.get("/v1/me").expect(200).await.header("x-request-id").unwrap().to_owned());
        assert_eq!((made.len(), made.iter().all(|id| id.len() == 32)), (7, true));
    })
    .await;
}

#[actix_web::test]
async fn no_answer_is_kept_by_strangers_or_taken_for_something_else() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for call in [
            reader.get(ORGANIZATIONS),
            reader.get("/v1/me"),
            reader.get("/v1/nothing"),
            bench.nobody().get(ORGANIZATIONS),
            reader.get("/docs/"),
        ] {
            let reply = call.send().await;
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(reply.header("x-frame-options"), Some("DENY"));
            assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
            assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
        }
    })
    .await;
}

#[actix_web::test]
async fn what_an_answer_depends_on_is_said_also_when_it_is_compressed() {
    use std::collections::BTreeSet;

    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for encoding in ["identity", "gzip"] {
            let reply = reader.get(ORGANIZATIONS).header("Accept-Encoding", encoding).expect(200).await;
            assert_eq!(reply.header("content-encoding").is_some(), encoding == "gzip");
            let vary: BTreeSet<_> = reply.header("vary").unwrap().split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
            for name in ["authorization", "accept-encoding"] {
                assert!(vary.contains(name), "{encoding}: {vary:?} lacks {name}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn the_contract_is_served_as_it_is_committed() {
    both(async |bench| {
        let served = bench.nobody().get("/openapi.json").expect(200).await;
        assert_eq!(&served.json(), crate::harness::promise::contract());
        assert_eq!(served.header("cache-control"), Some("public, max-age=300"));
    })
    .await;
}

#[actix_web::test]
async fn the_documentation_is_served_from_the_program_itself() {
    both(async |bench| {
        let page = bench.nobody().get("/docs/").expect(200).await;
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
            assert!(page.text().contains(file), "{file}");
            assert!(!bench.nobody().get(format!("/docs/{file}")).expect(200).await.body.is_empty());
        }
        assert!(!page.text().contains("https://"), "nothing is loaded from elsewhere");
        let start = bench.nobody().get("/docs/swagger-initializer.js").expect(200).await;
        assert!(start.text().contains("/openapi.json"));
        let moved = bench.nobody().get("/docs").send().await;
        assert!((300..400).contains(&moved.status) && moved.header("location") == Some("/docs/"), "{moved}");
        bench.nobody().get("/docs/none.js").expect(404).await;
    })
    .await;
}

#[actix_web::test]
async fn health_and_instance_are_told_to_anyone() {
    both(async |bench| {
        let nobody = bench.nobody();
        for path in ["/health/live", "/health/ready"] {
            assert_eq!(nobody.get(path).expect(200).await.json()["status"], "ok");
        }
        let instance = nobody.get("/v1/instance").expect(200).await.json();
        assert_eq!((&instance["country"], &instance["timezone"]), (&Value::from("LA"), &Value::from("Asia/Vientiane")));
        assert_eq!(instance["lead_ministry_id"], bench.organization("mofa").await["id"]);
        // A token that is no good does no harm where none is needed.
        bench.with_token("nonsense").get("/v1/instance").expect(200).await;
    })
    .await;
}
