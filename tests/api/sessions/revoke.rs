//! `POST /v1/auth/revoke`.

use std::time::Duration;

use gcm_api::features::access::housekeeping;
use serde_json::json;

use super::{form, is_in, open, refresh, refreshed, refused, revoke, tokens};
use crate::{
    harness::{Who, both},
    tokens::endpoint::MACHINE,
};

#[actix_web::test]
async fn either_token_of_a_person_ends_the_session_everywhere_from_the_next_request_on() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::FocalPoint("moh")).await.name().to_owned();
        for which in ["refresh", "access", "used", "expired"] {
            let other = tokens(&bench, &name).await;
            let first = tokens(&bench, &name).await;
            let next = refreshed(&bench, &first).await;
            assert!(is_in(&next.client(&twin)).await);
            let token = match which {
                "refresh" => &next.refresh,
                "access" => &next.access,
                "used" => &first.refresh,
                _ => {
                    bench.clock().advance(Duration::from_secs(3600));
                    &next.access
                }
            };
            let done = revoke(&bench, token).expect(200).await;
            assert_eq!((done.body.len(), done.header("cache-control")), (0, Some("no-store")));
            refused(refresh(&twin, &next.refresh), "invalid_grant").await;
            if which != "expired" {
                assert!(!is_in(&next.client(&twin)).await && !is_in(&next.client(&bench)).await, "{which}");
            }
            assert!(is_in(&refreshed(&twin, &other).await.client(&bench)).await, "{which}: another sign-in goes on");
            revoke(&twin, token).expect(200).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn the_token_of_a_machine_is_taken_back_alone() {
    both(async |bench| {
        let twin = bench.twin().await;
        let machine = bench.sign_in(MACHINE).await;
        let (id, secret) = machine.secret();
        let pairs = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let token = async || form(&bench, "/v1/auth/token", &pairs).expect(200).await.json()["access_token"].as_str().unwrap().to_owned();
        let (one, two) = (token().await, token().await);
        revoke(&bench, &one).expect(200).await;
        revoke(&twin, &one).expect(200).await;
        assert!(!is_in(&bench.with_token(&one)).await && !is_in(&twin.with_token(&one)).await);
        assert!(is_in(&bench.with_token(&two)).await && is_in(&twin.with_token(&two)).await);
        assert!(is_in(&bench.with_token(&token().await)).await, "the secret is still good");
        // It is remembered until it would have expired, and swept away afterwards.
        bench.clock().advance(Duration::from_secs(16 * 60));
        revoke(&bench, &two).expect(200).await;
        let next = token().await;
        revoke(&bench, &next).expect(200).await;
        assert_eq!(housekeeping::sweep(&bench.parts.store).await.unwrap(), 0, "nothing before a day is over");
        bench.clock().advance(Duration::from_secs(24 * 3600));
        assert_eq!(housekeeping::sweep(&bench.parts.store).await.unwrap(), 1);
        assert_eq!(bench.rows("SELECT jti FROM revoked_token").await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_nobody_knows_is_taken_back_all_the_same() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let forged = format!("{}x", reader.token());
        for token in ["x", "gcmr_nothing", "a.b.c", &forged, &"x".repeat(50_000), "\u{0}"] {
            revoke(&bench, token).expect(200).await;
        }
        let hints = [("token", "x"), ("token_type_hint", "of_another_kind"), ("client_id", "portal")];
        form(&bench, "/v1/auth/revoke", &hints).expect(200).await;
        assert_eq!(open(&reader).await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_form_without_a_token_is_refused_as_rfc_6749_says() {
    both(async |bench| {
        let nobody = bench.nobody();
        let calls = [
            form(&bench, "/v1/auth/revoke", &[]),
            form(&bench, "/v1/auth/revoke", &[("token", "")]),
            form(&bench, "/v1/auth/revoke", &[("token", "a"), ("token", "b")]),
            nobody.post("/v1/auth/revoke", json!({"token": "x"})),
            nobody.request("POST", "/v1/auth/revoke"),
        ];
        for call in calls {
            let reply = call.expect(400).await;
            assert_eq!(
                (&reply.json()["error"], reply.json()["request_id"].as_str()),
                (&json!("invalid_request"), reply.header("x-request-id"))
            );
        }
    })
    .await;
}

#[actix_web::test]
async fn the_metadata_names_the_grants_and_where_to_sign_out() {
    both(async |bench| {
        let metadata = bench.nobody().get("/.well-known/oauth-authorization-server").expect(200).await.json();
        assert_eq!(metadata["grant_types_supported"], json!(["password", "refresh_token", "client_credentials"]));
        assert_eq!(metadata["revocation_endpoint"], json!("https://gcm.example/v1/auth/revoke"));
    })
    .await;
}
