//! Security events, and that no log line, change or row holds what must not be known.

use gcm_api::{auth::Role, entity::password_link::Purpose, features::access::security::TARGET};
use serde_json::{Value, json};

use super::{form, refresh, refreshed, refused, revoke, sign_in, tokens};
use crate::{
    harness::{
        Bench, PASSWORD, Who, both,
        log::{Log, lines},
    },
    tokens::endpoint::MACHINE,
};

const NEW: &str = "ferry-Cloud-bamboo-82";

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

/// A walk through everything that is secret; gives every secret that was in it.
async fn walk(bench: &Bench) -> Vec<String> {
    let person = bench.person("walker", Role::FocalPoint, Some("moh")).await;
    refused(sign_in(bench, "walker", "guessed-Password-1"), "invalid_grant").await;
    refused(sign_in(bench, "nobody.anywhere", "guessed-Password-2"), "invalid_grant").await;
    let first = tokens(bench, "walker").await;
    let second = refreshed(bench, &first).await;
    let third = refreshed(bench, &second).await;
    refused(refresh(bench, &first.refresh).from("203.0.113.9"), "invalid_grant").await;
    let fourth = tokens(bench, "walker").await;
    revoke(bench, &fourth.refresh).expect(200).await;
    let fifth = tokens(bench, "walker").await;
    let change = |current: &str| fifth.client(bench).post("/v1/me/password", json!({"current_password": current, "new_password": NEW}));
    change("guessed-Password-3").expect(422).await;
    change(PASSWORD).header("idempotency-key", "walk").expect(204).await;
    let link = bench.link(person.account_id(), Purpose::Reset).await;
    let redeem =
        |token: &str| bench.nobody().post("/v1/auth/password-links/redeem", json!({"token": token, "new_password": "another-Bamboo-77"}));
    redeem("gcml_guessed").expect(422).await;
    redeem(&link).expect(204).await;
    let sixth = super::Tokens::of(&sign_in(bench, "walker", "another-Bamboo-77").expect(200).await);
    sixth.client(bench).request("DELETE", "/v1/me/sessions").expect(204).await;
    let machine = bench.sign_in(MACHINE).await;
    let (id, secret) = machine.secret();
    let machine_form =
        |secret: &str| form(bench, "/v1/auth/token", &[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)]);
    let machine_token = machine_form(secret).expect(200).await.json()["access_token"].as_str().unwrap().to_owned();
    machine_form("gcm_guessed-secret").expect(401).await;
    let mut secrets: Vec<String> = [&first, &second, &third, &fourth, &fifth, &sixth]
        .into_iter()
        .flat_map(|tokens| [tokens.access.clone(), tokens.refresh.clone()])
        .collect();
    let passwords = ["guessed-Password-1", "guessed-Password-2", "guessed-Password-3", "gcml_guessed", "gcm_guessed", PASSWORD, NEW];
    secrets.extend(passwords.map(str::to_owned));
    secrets.extend(["another-Bamboo-77".to_owned(), link, secret.to_owned(), machine_token]);
    secrets
}

#[actix_web::test]
async fn what_happens_at_the_door_is_told_and_nothing_secret_with_it() {
    both(async |bench| {
        let log = Log::listen();
        let secrets = walk(&bench).await;
        let text = log.end();
        let events: Vec<Value> = lines(&text).filter(|line| line["target"] == TARGET).collect();
        assert_eq!(
            names(&events),
            [
                "sign_in_failed",
                "sign_in_failed",
                "signed_in",
                "refresh_token_reused",
                "signed_in",
                "session_ended",
                "signed_in",
                "password_change_failed",
                "password_changed",
                "password_link_refused",
                "password_link_redeemed",
                "signed_in",
                "session_ended",
                "signed_in",
                "sign_in_failed",
            ]
        );
        let reused = &events[3];
        assert_eq!(
            (&reused["level"], &reused["account"], &reused["network"]),
            (&json!("WARN"), &json!(account(&bench).await), &json!("203.0.113.9"))
        );
        assert!(reused["request_id"].as_str().is_some_and(|id| !id.is_empty()));
        assert_eq!(events[0]["account"], reused["account"], "a wrong password is told of the account");
        assert_eq!(events[1].get("account"), None, "and an account that is not there is not");
        for secret in secrets.iter().map(String::as_str).chain(["nobody.anywhere"]) {
            assert!(!text.contains(secret), "the log holds {secret:.20}");
        }
    })
    .await;
}

async fn account(bench: &Bench) -> String {
    let page = bench.sign_in(Who::Administrator).await.get("/v1/accounts?username=walker").expect(200).await.json();
    page["data"][0]["id"].as_str().unwrap().to_owned()
}

/// Every text column of every table, as whoever has a copy of the database reads it.
async fn database(bench: &Bench) -> String {
    let tables = [
        "change",
        "idempotency",
        "search_text",
        "account",
        "credential",
        "service_account",
        "service_secret",
        "session",
        "refresh_token",
        "revoked_token",
        "password_link",
    ];
    let mut text = String::new();
    for table in tables {
        let rows = bench.rows(&format!("SELECT * FROM {table}")).await;
        text.push_str(&serde_json::to_string(&rows).unwrap());
    }
    text
}

#[actix_web::test]
async fn no_row_change_history_or_export_holds_a_token_or_a_password() {
    both(async |bench| {
        let secrets = walk(&bench).await;
        let mut text = database(&bench).await;
        let administrator = bench.sign_in(Who::Administrator).await;
        let path = format!("/v1/accounts/{}", account(&bench).await);
        for path in [path.clone(), format!("{path}/history"), "/v1/accounts?format=csv".to_owned(), "/v1/me/sessions".to_owned()] {
            text.push_str(administrator.get(path).expect(200).await.text());
        }
        assert!(text.contains("walker") && text.contains("$argon2id$"), "it is all there to be looked at");
        for secret in secrets {
            assert!(!text.contains(&secret), "the database holds {secret:.20}");
        }
    })
    .await;
}
