//! The door: which tokens it takes.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gcm_api::{
    app,
    auth::token::{Claims, SigningKey},
    entity::signing_key::{self, KeyState},
};
use uuid::Uuid;

use crate::harness::{
    Bench, Who, both,
    promise::{Operation, operations},
    walk::SYSTEM,
};

/// An address of the operation; nothing needs to be there, for the door is asked first.
fn address(operation: &Operation) -> String {
    let id = Uuid::now_v7().to_string();
    let path = operation.path.replace("{id}", &id).replace("{number}", "6").replace("{system}", SYSTEM).replace("{member_id}", &id);
    let path = path.replace("{milestone_id}", &id).replace("{budget_line_id}", &id).replace("{version}", "1");
    path.replace("{code}", "not_found").replace("{letter}", "h").replace("{name}", "currencies").replace("{prefix}", "x")
}

/// The key that signs the tokens of this bench.
async fn current_key(bench: &Bench) -> SigningKey {
    let rows = bench.parts.store.all(signing_key::Entity::all()).await.unwrap();
    let row = rows.into_iter().find(|row| row.state == KeyState::Current).unwrap();
    SigningKey::opened(&app::sealer(&bench.settings).unwrap(), &row.kid, &row.sealed).unwrap()
}

fn unsigned(claims: &Claims) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&serde_json::json!({"typ": "at+jwt", "alg": "none"})), part(&serde_json::to_value(claims).unwrap()))
}

#[actix_web::test]
async fn every_operation_asks_for_a_good_token() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let now = bench.clock().now().0;
        let issuer = bench.parts.keys.issuer().to_owned();
        let session = bench.session(reader.account_id()).await;
        let good = Claims::new(&issuer, "gcm-api", reader.account_id(), session, Uuid::now_v7(), now);
        let key = current_key(&bench).await;
        bench.with_token(&key.issue(&good).unwrap()).get("/v1/me").expect(200).await;

        let locked = bench.person("locked-out", gcm_api::auth::Role::Reader, None).await;
        let administrator = bench.sign_in(Who::Administrator).await;
        let lock = serde_json::json!({"to": "locked", "reason": "Lost the key"});
        administrator.post(format!("/v1/accounts/{}/transitions", locked.account_id()), lock).header("if-match", "\"1\"").expect(200).await;

        let second = |shift: i64| Claims { exp: good.exp + shift, nbf: good.nbf + shift, iat: good.iat + shift, ..good.clone() };
        let sign = |claims: Claims| key.issue(&claims).unwrap();
        let bad = [
            ("another audience", sign(Claims { aud: "another-api".to_owned(), ..good.clone() }), "unauthenticated"),
            ("another issuer", sign(Claims { iss: "https://elsewhere.example".to_owned(), ..good.clone() }), "unauthenticated"),
            ("nobody's account", sign(Claims { sub: Uuid::now_v7(), ..good.clone() }), "unauthenticated"),
            ("a time to come", sign(second(60)), "unauthenticated"),
            ("a time that is over", sign(second(-16 * 60)), "token_expired"),
            ("a key of another", SigningKey::generate().unwrap().issue(&good).unwrap(), "unauthenticated"),
            ("no signature", unsigned(&good), "unauthenticated"),
            ("garbage", "garbage".to_owned(), "unauthenticated"),
            ("a locked account", locked.token().to_owned(), "unauthenticated"),
            (
                "the head of the log",
                reader.get("/v1/audit/head").expect(200).await.json()["signed"].as_str().unwrap().to_owned(),
                "unauthenticated",
            ),
        ];
        for operation in operations() {
            let path = address(operation);
            for (what, token, code) in &bad {
                let reply = bench.with_token(token).request(&operation.method, &path).send().await;
                if operation.is_public() {
                    assert_ne!(reply.status, 401, "{} needs no token\n{reply}", operation.id);
                } else {
                    assert_eq!((reply.status, reply.code().as_str()), (401, *code), "{} with a token of {what}\n{reply}", operation.id);
                }
            }
            let reply = bench.nobody().request(&operation.method, &path).send().await;
            assert_eq!(reply.status == 401, !operation.is_public(), "{} without a token\n{reply}", operation.id);
        }

        bench.clock().advance(Duration::from_secs(14 * 60));
        reader.get("/v1/me").expect(200).await;
        bench.clock().advance(Duration::from_secs(2 * 60));
        assert_eq!(reader.get("/v1/me").expect(401).await.code(), "token_expired");
        bench.sign_in(Who::Reader).await.get("/v1/me").expect(200).await;
    })
    .await;
}
