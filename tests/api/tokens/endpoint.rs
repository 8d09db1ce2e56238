//! `POST /v1/auth/token`, in the shapes of RFC 6749.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use gcm_api::{
    auth::{Role, Scope, password::secret_id},
    settings::Settings,
};
use serde_json::json;

use crate::{
    demo::demo,
    harness::{Bench, Call, PASSWORD, Reply, Who, both, both_with},
};

pub const MACHINE: Who =
    Who::Machine { role: Role::NetworkMember, organization: Some("iom"), scopes: &[Scope::Read, Scope::Write], external_systems: &[] };

fn form(bench: &Bench, pairs: &[(&str, &str)]) -> Call {
    let body = serde_html_form::to_string(pairs).unwrap();
    bench.nobody().request("POST", "/v1/auth/token").body(body, "application/x-www-form-urlencoded")
}

/// A refusal in the shape of RFC 6749, with our code and request id.
fn assert_refused(reply: &Reply, status: u16, error: &str) {
    let body = reply.json();
    assert_eq!((reply.status, &body["error"], &body["code"]), (status, &json!(error), &json!(error)), "{reply}");
    assert_eq!(body["request_id"].as_str(), reply.header("x-request-id"));
    assert!(body["error_description"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!((reply.header("cache-control"), reply.header("content-type")), (Some("no-store"), Some("application/json")));
    assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
}

#[actix_web::test]
async fn a_person_signs_in_with_a_password() {
    both(async |bench| {
        let person = bench.sign_in(Who::FocalPoint("moh")).await;
        let pairs = [("grant_type", "password"), ("username", person.name()), ("password", PASSWORD), ("scope", "openid")];
        let reply = form(&bench, &pairs).expect(200).await;
        assert_eq!(
            (reply.header("cache-control"), &reply.json()["token_type"], &reply.json()["expires_in"]),
            (Some("no-store"), &json!("Bearer"), &json!(900))
        );
        let token = reply.json()["access_token"].as_str().unwrap().to_owned();
        let me = bench.with_token(&token).get("/v1/me").expect(200).await.json();
        assert_eq!(
            (&me["account_id"], &me["username"], &me["role"]),
            (&json!(person.account_id()), &json!(person.name()), &json!("focal_point"))
        );
        assert_eq!(me["organization_id"], bench.organization("moh").await["id"]);
        assert_eq!(me["scopes"], json!(["read", "write", "review"]));
        assert!(!reply.text().contains(PASSWORD));
    })
    .await;
}

#[actix_web::test]
async fn a_machine_signs_in_with_its_secret_in_either_place() {
    both(async |bench| {
        let machine = bench.sign_in(MACHINE).await;
        let (id, secret) = machine.secret();
        let grant = ("grant_type", "client_credentials");
        let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let calls = [
            form(&bench, &[grant, ("client_id", id), ("client_secret", secret)]),
            form(&bench, &[grant]).header("Authorization", basic(id, secret)),
            // RFC 6749, 2.3.1: both parts are form-encoded inside.
            form(&bench, &[grant]).header("Authorization", basic(&id.replace('-', "%2D"), secret)),
            form(&bench, &[grant]).header("Authorization", basic(id, secret).replace("Basic", "basic")),
        ];
        for call in calls {
            let token = call.expect(200).await.json()["access_token"].as_str().unwrap().to_owned();
            assert_eq!(bench.with_token(&token).get("/v1/me").expect(200).await.json()["username"], machine.name());
        }
        let wrong = [
            form(&bench, &[grant, ("client_id", id), ("client_secret", "wrong")]),
            form(&bench, &[grant, ("client_id", "nobody"), ("client_secret", secret)]),
            form(&bench, &[grant, ("client_id", "a\u{0}b"), ("client_secret", secret)]),
            form(&bench, &[grant, ("client_id", id)]),
            form(&bench, &[grant]),
            form(&bench, &[grant]).header("Authorization", basic(id, "wrong")),
            form(&bench, &[grant]).header("Authorization", "Basic !!"),
            form(&bench, &[grant]).header("Authorization", format!("Bearer {}", machine.token())),
        ];
        for call in wrong {
            assert_refused(&call.send().await, 401, "invalid_client");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_person_are_told_the_same() {
    both(async |bench| {
        let person = bench.sign_in(Who::Reader).await;
        let attempt = |username: &str, password: &str| {
            form(&bench, &[("grant_type", "password"), ("username", username), ("password", password)]).send()
        };
        let mut said = std::collections::BTreeSet::new();
        let attempts = [
            (person.name(), "wrong-Password-1"),
            ("nobody.here", PASSWORD),
            ("READER", PASSWORD),
            ("a\u{0}b", PASSWORD),
            (person.name(), ""),
            (person.name(), &"x".repeat(100_000)),
            (person.name(), "river-Stone-lantern-47\u{0}"),
        ];
        for (username, password) in attempts {
            let reply = attempt(username, password).await;
            assert_refused(&reply, 400, "invalid_grant");
            said.insert(reply.json()["error_description"].to_string());
        }
        assert_eq!(said.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_request_that_cannot_be_understood_is_told_what_is_missing() {
    both(async |bench| {
        for (pairs, error) in [
            (vec![], "invalid_request"),
            (vec![("grant_type", "")], "invalid_request"),
            (vec![("grant_type", "password")], "invalid_request"),
            (vec![("grant_type", "password"), ("username", "reader")], "invalid_request"),
            (vec![("grant_type", "password"), ("grant_type", "password")], "invalid_request"),
            (vec![("grant_type", "authorization_code"), ("code", "x")], "unsupported_grant_type"),
            (vec![("grant_type", "Password"), ("username", "reader"), ("password", PASSWORD)], "unsupported_grant_type"),
        ] {
            assert_refused(&form(&bench, &pairs).send().await, 400, error);
        }
        let json = json!({"grant_type": "password", "username": "reader", "password": PASSWORD});
        assert_refused(&bench.nobody().post("/v1/auth/token", json).send().await, 400, "invalid_request");
        let bytes = bench
            .nobody()
            .request("POST", "/v1/auth/token")
            .body(&b"grant_type=\xff%ff&username=%00"[..], "application/x-www-form-urlencoded");
        assert_eq!(bytes.send().await.status, 400);
        assert_eq!(bench.nobody().get("/v1/auth/token").expect(405).await.header("allow"), Some("POST"));
    })
    .await;
}

#[actix_web::test]
async fn accounts_of_the_demo_are_let_in_with_it() {
    both_with(
        |settings: &mut Settings| settings.demo = true,
        async |bench| {
            let accounts = demo(&bench).await;
            for account in &accounts.accounts {
                let pairs = [("grant_type", "password"), ("username", &account.username), ("password", &account.password)];
                form(&bench, &pairs).expect(200).await;
            }
            for account in &accounts.service_accounts {
                let pairs =
                    [("grant_type", "client_credentials"), ("client_id", &account.client_id), ("client_secret", &account.client_secret)];
                form(&bench, &pairs).expect(200).await;
            }
            let again = demo(&bench).await;
            assert_eq!(json!(again), json!(accounts));
        },
    )
    .await;
}

#[actix_web::test]
async fn accounts_of_the_demo_are_refused_without_it() {
    both(async |bench| {
        let accounts = demo(&bench).await;
        for account in &accounts.accounts {
            let pairs = [("grant_type", "password"), ("username", &account.username), ("password", &account.password)];
            assert_refused(&form(&bench, &pairs).send().await, 400, "invalid_grant");
        }
        for account in &accounts.service_accounts {
            let pairs =
                [("grant_type", "client_credentials"), ("client_id", &account.client_id), ("client_secret", &account.client_secret)];
            assert_refused(&form(&bench, &pairs).send().await, 401, "invalid_client");
        }
        // Nor is a token of theirs, should one be about.
        let secrets = bench.rows("SELECT digest FROM service_secret").await;
        let secrets: Vec<_> = secrets.iter().filter_map(|secret| secret_id(secret["digest"].as_str().unwrap())).collect();
        assert_eq!(secrets.len(), accounts.service_accounts.len());
        for row in bench.rows("SELECT kind, resource_id FROM change WHERE kind IN ('account', 'service_account')").await {
            let account = row["resource_id"].as_str().unwrap().parse().unwrap();
            let sessions = if row["kind"] == "account" { vec![bench.session(account).await] } else { secrets.clone() };
            for session in sessions {
                bench.with_token(&bench.access_token(account, session)).get("/v1/me").expect(401).await;
            }
        }
    })
    .await;
}
