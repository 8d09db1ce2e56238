//! Staying signed in and signing out: refresh tokens, sessions, passwords, links, and what the log says of them.

mod doors;
mod events;
mod family;
mod links;
mod mine;
mod password;
mod refresh;
mod revoke;

use serde_json::{Value, json};

use crate::harness::{Bench, Call, Client, PASSWORD, Reply};

/// What the token endpoint gave a person.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tokens {
    access: String,
    refresh: String,
    refresh_expires_in: i64,
}

impl Tokens {
    fn of(reply: &Reply) -> Self {
        let answer = reply.json();
        let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{reply}\nhas no {name}")).to_owned();
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
            refresh_expires_in: answer["refresh_expires_in"].as_i64().unwrap(),
        }
    }

    /// Whoever has the access token.
    fn client(&self, bench: &Bench) -> Client {
        bench.with_token(&self.access)
    }
}

fn form(bench: &Bench, path: &str, pairs: &[(&str, &str)]) -> Call {
    let body = serde_html_form::to_string(pairs).unwrap();
    bench.nobody().request("POST", path).body(body, "application/x-www-form-urlencoded")
}

pub fn sign_in(bench: &Bench, username: &str, password: &str) -> Call {
    form(bench, "/v1/auth/token", &[("grant_type", "password"), ("username", username), ("password", password)])
}

/// Signs in with the password that people of the bench have.
async fn tokens(bench: &Bench, username: &str) -> Tokens {
    Tokens::of(&sign_in(bench, username, PASSWORD).expect(200).await)
}

fn refresh(bench: &Bench, token: &str) -> Call {
    form(bench, "/v1/auth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

async fn refreshed(bench: &Bench, tokens: &Tokens) -> Tokens {
    Tokens::of(&refresh(bench, &tokens.refresh).expect(200).await)
}

/// 400 in the shape of RFC 6749.
async fn refused(call: Call, error: &str) {
    let reply = call.expect(400).await;
    assert_eq!((&reply.json()["error"], &reply.json()["code"]), (&json!(error), &json!(error)), "{reply}");
}

fn revoke(bench: &Bench, token: &str) -> Call {
    form(bench, "/v1/auth/revoke", &[("token", token)])
}

/// The open sessions that this caller sees.
async fn open(client: &Client) -> Vec<Value> {
    client.get("/v1/me/sessions").expect(200).await.json()["data"].as_array().unwrap().clone()
}

async fn is_in(client: &Client) -> bool {
    let reply = client.get("/v1/me").send().await;
    assert!(reply.status == 200 || (reply.status == 401 && reply.code() == "unauthenticated"), "{reply}");
    reply.status == 200
}

/// How many tests go through it that often: enough for every order of two requests to come up.
const ROUNDS: usize = 30;
