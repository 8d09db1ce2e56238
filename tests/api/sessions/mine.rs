//! `/v1/me/sessions`.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Tokens, is_in, open, refresh, refused, sign_in, tokens};
use crate::{
    harness::{PASSWORD, Who, both},
    tokens::endpoint::MACHINE,
};

#[actix_web::test]
async fn the_owner_knows_each_session_again() {
    both(async |bench| {
        let person = bench.sign_in(Who::FocalPoint("moh")).await;
        bench.clock().advance(std::time::Duration::from_secs(1));
        let odd = format!("Portal/1.0\t({})", "x".repeat(300));
        let there = sign_in(&bench, person.name(), PASSWORD).header("user-agent", "Kiosk").from("203.0.113.9").expect(200).await;
        bench.clock().advance(std::time::Duration::from_secs(1));
        let here = sign_in(&bench, person.name(), PASSWORD).header("user-agent", odd).from("::ffff:198.51.100.7").expect(200).await;
        let here = Tokens::of(&here).client(&bench);
        let sessions = open(&here).await;
        assert_eq!(sessions.len(), 3);
        assert_eq!(
            (&sessions[0]["current"], &sessions[0]["network"], sessions[0]["user_agent"].as_str().unwrap().chars().count()),
            (&json!(true), &json!("198.51.100.7"), 200)
        );
        assert!(sessions[0]["user_agent"].as_str().unwrap().starts_with("Portal/1.0(xx"));
        assert!(!sessions[0]["user_agent"].as_str().unwrap().contains(char::is_control));
        let shown = |session: &Value| (session["current"].clone(), session["network"].clone(), session["user_agent"].clone());
        let of = |id: &str| sessions.iter().find(|session| session["id"] == *id).map(shown);
        let that = open(&Tokens::of(&there).client(&bench)).await;
        let that = that.iter().find(|session| session["current"] == true).unwrap()["id"].as_str().unwrap().to_owned();
        assert_eq!(of(&that), Some((json!(false), json!("203.0.113.9"), json!("Kiosk"))));
        assert_eq!(shown(&sessions[2]), (json!(false), Value::Null, Value::Null), "the bench says nothing of itself");
        // Others see nothing of it: not even administrators.
        let administrator = bench.sign_in(Who::Administrator).await;
        assert!(!administrator.get("/v1/me/sessions").expect(200).await.text().contains("203.0.113.9"));
        administrator.delete(format!("/v1/me/sessions/{that}"), "*").expect(404).await;
    })
    .await;
}

#[actix_web::test]
async fn one_session_is_ended_and_the_others_go_on() {
    both(async |bench| {
        let twin = bench.twin().await;
        let person = bench.sign_in(Who::Reader).await;
        let (here, there) = (tokens(&bench, person.name()).await, tokens(&bench, person.name()).await);
        let id = |sessions: Vec<Value>| {
            sessions.into_iter().find(|session| session["current"] == true).unwrap()["id"].as_str().unwrap().to_owned()
        };
        let path = format!("/v1/me/sessions/{}", id(open(&there.client(&bench)).await));
        let here_client = here.client(&bench);
        here_client.request("DELETE", format!("{path}?dry_run=true")).expect(204).await;
        assert!(is_in(&there.client(&twin)).await, "it was only tried out");
        let done = here_client.request("DELETE", &path).header("idempotency-key", "sign-out-there").expect(204).await;
        assert!(done.body.is_empty());
        assert!(!is_in(&there.client(&twin)).await && !is_in(&there.client(&bench)).await);
        refused(refresh(&twin, &there.refresh), "invalid_grant").await;
        assert!(is_in(&here.client(&twin)).await && is_in(&person).await);
        // Sent again it is answered again; as a new request there is no such session.
        let again = here_client.request("DELETE", &path).header("idempotency-key", "sign-out-there").expect(204).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        here_client.request("DELETE", &path).expect(404).await;
        for unknown in [Uuid::now_v7().to_string(), "x".to_owned()] {
            assert_eq!(here_client.request("DELETE", format!("/v1/me/sessions/{unknown}")).expect(404).await.code(), "not_found");
        }
        let own = format!("/v1/me/sessions/{}", id(open(&here_client).await));
        here_client.request("DELETE", own).expect(204).await;
        assert!(!is_in(&here_client).await);
        assert!(is_in(&person).await);
    })
    .await;
}

#[actix_web::test]
async fn all_sessions_are_ended_this_one_too() {
    both(async |bench| {
        let twin = bench.twin().await;
        let person = bench.sign_in(Who::NetworkMember("iom")).await;
        let other = bench.sign_in(Who::Reader).await;
        let (one, two) = (tokens(&bench, person.name()).await, tokens(&bench, person.name()).await);
        one.client(&bench).request("DELETE", "/v1/me/sessions?dry_run=true").expect(204).await;
        assert!(is_in(&two.client(&bench)).await);
        one.client(&bench).request("DELETE", "/v1/me/sessions").expect(204).await;
        for client in [&one.client(&bench), &two.client(&twin), &person] {
            assert!(!is_in(client).await);
        }
        refused(refresh(&bench, &one.refresh), "invalid_grant").await;
        refused(refresh(&bench, &two.refresh), "invalid_grant").await;
        assert!(is_in(&other).await);
        let again = tokens(&bench, person.name()).await;
        assert_eq!(open(&again.client(&bench)).await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_machine_has_no_sessions() {
    both(async |bench| {
        let machine = bench.sign_in(MACHINE).await;
        assert!(open(&machine).await.is_empty());
        machine.request("DELETE", "/v1/me/sessions").expect(204).await;
        assert!(is_in(&machine).await, "its secret is what lets it in");
    })
    .await;
}
