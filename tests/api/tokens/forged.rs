//! Tokens that are not ours, not for us, not yet or no longer good, or for nobody.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use gcm_api::auth::token::{Claims, SigningKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Bench, Who, both};

const US: &str = "https://gcm.example";

async fn refused(bench: &Bench, token: &str, code: &str, what: &str) {
    for path in ["/v1/me", "/v1/organizations"] {
        let reply = bench.with_token(token).get(path).send().await;
        assert_eq!((reply.status, reply.code().as_str()), (401, code), "{what}: {reply}");
        assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer realm="), "{what}");
    }
}

#[actix_web::test]
async fn a_token_is_good_for_fifteen_minutes() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        bench.clock().advance(Duration::from_secs(899));
        reader.get("/v1/me").expect(200).await;
        // Clocks of two servers may be five seconds apart.
        bench.clock().advance(Duration::from_secs(6));
        refused(&bench, reader.token(), "token_expired", "expired").await;
        let header = reader.get("/v1/me").expect(401).await;
        assert!(header.header("www-authenticate").unwrap().contains("error=\"invalid_token\""));
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_token_of_ours_lets_nobody_in() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let now = bench.clock().now().0;
        let stranger = SigningKey::generate().unwrap();
        let session = bench.session(reader.account_id()).await;
        let claims = |issuer: &str, audience: &str, account: Uuid, at| Claims::new(issuer, audience, account, session, Uuid::now_v7(), at);
        let own = claims(US, "gcm-api", reader.account_id(), now);

        refused(&bench, &stranger.issue(&own).unwrap(), "unauthenticated", "another key").await;
        refused(&bench, &renamed(&stranger.issue(&own).unwrap(), reader.token()), "unauthenticated", "another key under our name").await;
        for (claims, what) in [
            (claims("https://elsewhere.example", "gcm-api", reader.account_id(), now), "another issuer"),
            (claims(US, "other-api", reader.account_id(), now), "another audience"),
            (claims(US, "gcm-api", reader.account_id(), now + TimeDelta::minutes(1)), "not yet"),
            (claims(US, "gcm-api", Uuid::now_v7(), now), "nobody's"),
        ] {
            refused(&bench, &sign_as_us(&bench, &claims).await, "unauthenticated", what).await;
        }
        // The way these were made is a good way: with the right claims it lets in.
        bench.with_token(&sign_as_us(&bench, &own).await).get("/v1/me").expect(200).await;
    })
    .await;
}

/// Signs with the instance's own key, as whoever has its database and its secret could.
async fn sign_as_us(bench: &Bench, claims: &Claims) -> String {
    let sealer = gcm_api::app::sealer(&bench.settings).unwrap();
    let row = bench.rows("SELECT kid, sealed FROM signing_key WHERE state = 'current'").await.remove(0);
    let key = SigningKey::opened(&sealer, row["kid"].as_str().unwrap(), row["sealed"].as_str().unwrap()).unwrap();
    key.issue(claims).unwrap()
}

/// The claims and signature of one token under the header of another.
fn renamed(token: &str, header_of: &str) -> String {
    let (header, _) = header_of.split_once('.').unwrap();
    let (_, rest) = token.split_once('.').unwrap();
    format!("{header}.{rest}")
}

#[actix_web::test]
async fn a_token_with_another_header_or_an_altered_claim_lets_nobody_in() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let parts: Vec<&str> = reader.token().split('.').collect();
        let decode = |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let (header, claims) = (decode(parts[0]), decode(parts[1]));
        let alter = |value: &Value, name: &str, to: Value| {
            let mut altered = value.clone();
            altered[name] = to;
            encode(&altered)
        };
        for (what, head) in [
            ("alg none", alter(&header, "alg", json!("none"))),
            ("alg HS256", alter(&header, "alg", json!("HS256"))),
            ("another type", alter(&header, "typ", json!("JWT"))),
            ("no such key", alter(&header, "kid", json!("x"))),
            ("crit", alter(&header, "crit", json!(["b64"]))),
        ] {
            for signature in [parts[2], ""] {
                refused(&bench, &format!("{head}.{}.{signature}", parts[1]), "unauthenticated", what).await;
            }
        }
        for (name, to) in [("sub", json!(Uuid::now_v7())), ("exp", json!(4_000_000_000_i64)), ("iss", json!("x"))] {
            refused(&bench, &format!("{}.{}.{}", parts[0], alter(&claims, name, to), parts[2]), "unauthenticated", name).await;
        }
        for garbage in ["x", "a.b.c", "..", &"x".repeat(5_000), &format!("{}.", reader.token())] {
            refused(&bench, garbage, "unauthenticated", garbage).await;
        }
        let schemes = ["", "Bearer", "Bearer ", "Basic eDp5", &format!("Token {}", reader.token()), reader.token()];
        for header in schemes {
            let reply = bench.nobody().get("/v1/me").header("Authorization", header).expect(401).await;
            assert_eq!(reply.code(), "unauthenticated", "{header}");
        }
        let scheme = format!("bearer  {}", reader.token());
        bench.nobody().get("/v1/me").header("Authorization", scheme).expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn anyone_can_check_our_tokens_with_the_published_key() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let metadata = bench.nobody().get("/.well-known/oauth-authorization-server").expect(200).await.json();
        let jwks = metadata["jwks_uri"].as_str().unwrap().strip_prefix(US).unwrap();
        let keys = bench.nobody().get(jwks).expect(200).await.json();
        let header = jsonwebtoken::decode_header(reader.token()).unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"].as_str() == header.kid.as_deref()).unwrap();
        assert_eq!(
            (&key["kty"], &key["crv"], &key["use"], &key["alg"]),
            (&json!("OKP"), &json!("Ed25519"), &json!("sig"), &json!("EdDSA"))
        );
        assert_eq!((keys["keys"].as_array().unwrap().len(), keys.to_string().contains("\"d\"")), (2, false));
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[metadata["issuer"].as_str().unwrap()]);
        validation.set_audience(&["gcm-api"]);
        validation.validate_exp = false;
        let public = DecodingKey::from_ed_components(key["x"].as_str().unwrap()).unwrap();
        let claims = jsonwebtoken::decode::<Value>(reader.token(), &public, &validation).unwrap().claims;
        let now = bench.clock().now().seconds();
        assert_eq!((&claims["iat"], &claims["nbf"], &claims["exp"]), (&json!(now), &json!(now), &json!(now + 900)));
        assert_eq!(claims["sub"], json!(reader.account_id()));
        // It proves who is calling, and nothing else.
        let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"]);
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    })
    .await;
}
