//! Requests that cannot be carried out: each a problem that says why.

use actix_web::{dev::Service as _, test::TestRequest};
use gcm_api::problem::Code;
use serde_json::json;

use crate::{
    harness::{Bench, Who, both, both_with},
    rows::{ORGANIZATIONS, at, organization},
};

#[actix_web::test]
async fn an_unknown_address_is_not_found_with_and_without_a_token() {
    both(async |bench| {
        let (reader, nobody) = (bench.sign_in(Who::Reader).await, bench.nobody());
        for path in [
            "/",
            "/v1",
            "/v1/",
            "/v1/organizations/",
            "/v1/Organizations",
            "/v2/organizations",
            "/v1/organizations/x/y/z",
            "/problems",
            "//v1/me",
            "/v1/%6de",
        ] {
            for client in [&reader, &nobody] {
                for method in ["GET", "POST", "PATCH", "OPTIONS", "HEAD", "TRACE", "FETCH"] {
                    let reply = client.request(method, path).expect(404).await;
                    if method != "HEAD" {
                        assert_eq!(reply.code(), "unknown_path", "{method} {path}");
                    }
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn another_method_is_told_those_that_are_taken() {
    both(async |bench| {
        let nobody = bench.nobody();
        let id = "01920000-0000-7000-8000-000000000001";
        for (method, path, allow) in [
            ("DELETE", "/v1/organizations".to_owned(), "GET, HEAD, POST"),
            ("PUT", format!("/v1/organizations/{id}"), "GET, HEAD, PATCH"),
            ("GET", format!("/v1/organizations/{id}/archive"), "POST"),
            ("HEAD", format!("/v1/organizations/{id}/archive"), "POST"),
            ("POST", format!("/v1/organizations/{id}/external-ids/x"), "DELETE, PUT"),
            ("DELETE", "/v1/organizations/by-external-id/x/1".to_owned(), "GET, HEAD, PUT"),
            ("OPTIONS", "/v1/me".to_owned(), "GET, HEAD"),
            ("TRACE", "/v1/me".to_owned(), "GET, HEAD"),
            ("POST", "/health/live".to_owned(), "GET, HEAD"),
        ] {
            let reply = nobody.request(method, &path).expect(405).await;
            assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_body_of_another_kind_is_told_which_are_taken() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = at(ORGANIZATIONS, &bench.organization("moh").await);
        for (method, path, allowed) in [
            ("POST", ORGANIZATIONS, json!(["application/json"])),
            ("PATCH", path.as_str(), json!(["application/merge-patch+json", "application/json"])),
        ] {
            for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonx", "json", "", ";"] {
                let call = coordinator.request(method, path).header("If-Match", "\"1\"").body(organization("x").to_string(), kind);
                let reply = call.expect(415).await;
                assert_eq!((reply.code().as_str(), &reply.json()["params"]["allowed"]), ("unsupported_media_type", &allowed), "{kind}");
            }
        }
        assert_eq!(
            coordinator.request("POST", ORGANIZATIONS).body("{\"code\":", "application/json").expect(400).await.code(),
            "malformed_json"
        );
    })
    .await;
}

/// Sends an object of this size without a Content-Length; returns the status.
async fn in_pieces(bench: &Bench, token: &str, size: usize) -> u16 {
    let service = actix_web::test::init_service(gcm_api::app::app(&bench.parts)).await;
    let request = TestRequest::post().uri(ORGANIZATIONS).insert_header(("content-type", "application/json"));
    let request = request.insert_header(("authorization", format!("Bearer {token}"))).set_payload(format!("{{}}{}", " ".repeat(size - 2)));
    let mut request = request.to_request();
    request.headers_mut().remove("content-length");
    service.call(request).await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn a_body_too_large_is_refused_whether_it_says_so_or_not() {
    both_with(
        |settings| settings.body_limit_bytes = 2_000,
        async |bench| {
            let coordinator = bench.sign_in(Who::Coordinator).await;
            let of_size = |size: usize| {
                let mut body = organization("large").to_string();
                body.push_str(&" ".repeat(size - body.len()));
                coordinator.request("POST", ORGANIZATIONS).body(body, "application/json")
            };
            let declared =
                coordinator.request("POST", ORGANIZATIONS).header("Content-Type", "application/json").header("Content-Length", "2001");
            let declared = declared.expect(413).await;
            assert_eq!((declared.code().as_str(), &declared.json()["params"]["limit"]), ("body_too_large", &json!(2_000)));
            assert_eq!(of_size(2_001).expect(413).await.code(), "body_too_large");
            // In pieces, without saying how many are to come.
            assert_eq!(
                (in_pieces(&bench, coordinator.token(), 2_001).await, in_pieces(&bench, coordinator.token(), 200).await),
                (413, 422)
            );
            of_size(2_000).expect(201).await;
            let form = bench.nobody().request("POST", "/v1/auth/token").body("x".repeat(2_001), "application/x-www-form-urlencoded");
            assert_eq!(form.expect(413).await.code(), "body_too_large");
        },
    )
    .await;
}

#[actix_web::test]
async fn every_kind_of_problem_is_explained_in_both_languages() {
    both(async |bench| {
        for code in Code::ALL {
            let row = code.row();
            let told = bench.nobody().get(format!("/problems/{}", row.slug)).expect(200).await.json();
            assert_eq!((&told["code"], &told["status"]), (&json!(row.slug), &json!(row.status)));
            for text in [&told["title"], &told["detail"]] {
                let (en, lo) = (text["en"].as_str().unwrap(), text["lo"].as_str().unwrap());
                assert!(en.is_ascii() || en.contains('…'), "{en}");
                assert!(lo.chars().any(|letter| ('\u{0E80}'..='\u{0EFF}').contains(&letter)), "{lo}");
            }
        }
        assert_eq!(bench.nobody().get("/problems/none").expect(404).await.code(), "not_found");
    })
    .await;
}

#[actix_web::test]
async fn a_problem_speaks_the_language_of_the_caller() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let wrong = |liked: &str| reader.get("/v1/organizations?limit=0").header("Accept-Language", liked).expect(400);
        let lao = wrong("lo-LA, en;q=0.5").await;
        assert_eq!((lao.header("content-language"), &lao.json()["title"]), (Some("lo"), &json!("ພາຣາມິເຕີບໍ່ຖືກຕ້ອງ")));
        assert!(lao.json()["errors"][0]["detail"].as_str().unwrap().contains("ຂອບເຂດ"));
        for other in ["en, lo;q=0.5", "fr", "*", "", "lo;q=0"] {
            assert_eq!(wrong(other).await.header("content-language"), Some("en"), "{other}");
        }
        let path = bench.nobody().get("/v1/nothing").header("Accept-Language", "lo").expect(404).await;
        assert_eq!((path.header("content-language"), &path.json()["title"]), (Some("lo"), &json!("ບໍ່ມີທີ່ຢູ່ນີ້")));
    })
    .await;
}
