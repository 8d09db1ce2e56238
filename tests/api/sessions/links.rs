//! `POST /v1/auth/password-links/redeem`.

use std::time::Duration;

use futures_util::future::join;
use gcm_api::{auth::Role, entity::password_link::Purpose};
use serde_json::json;
use uuid::Uuid;

use super::{is_in, open, refresh, refused, sign_in, tokens};
use crate::harness::{Bench, Call, PASSWORD, Reply, Who, both};

const NEW: &str = "ferry-Cloud-bamboo-82";

fn redeem(bench: &Bench, token: &str, password: &str) -> Call {
    bench.nobody().post("/v1/auth/password-links/redeem", json!({"token": token, "new_password": password}))
}

/// One answer for every link that is not good, whatever the reason.
async fn not_valid(call: Call) -> Reply {
    let reply = call.expect(422).await;
    assert_eq!(reply.faults(), [("#/token".to_owned(), "link_not_valid".to_owned())], "{reply}");
    reply
}

async fn state(bench: &Bench, account: Uuid) -> String {
    let administrator = bench.sign_in(Who::Administrator).await;
    administrator.get(format!("/v1/accounts/{account}")).expect(200).await.json()["state"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn an_invitation_takes_the_account_into_use_once() {
    both(async |bench| {
        let twin = bench.twin().await;
        let (account, token) = bench.invited("newcomer", Role::FocalPoint, Some("moh")).await;
        assert!(token.starts_with("gcml_"));
        refused(sign_in(&bench, "newcomer", NEW), "invalid_grant").await;
        let done = redeem(&twin, &token, NEW).expect(204).await;
        assert!(done.body.is_empty());
        let person = tokens_of(&bench).await;
        assert_eq!(person.get("/v1/me").expect(200).await.json()["account_id"], json!(account));
        not_valid(redeem(&bench, &token, "another-Bamboo-77")).await;
        sign_in(&bench, "newcomer", NEW).expect(200).await;

        let administrator = bench.sign_in(Who::Administrator).await;
        let history = administrator.get(format!("/v1/accounts/{account}/history")).expect(200).await;
        let made: Vec<_> = history.json()["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["op"].clone(), entry["actor"]["account_id"].clone()))
            .collect();
        assert_eq!(
            made,
            [(json!("transition"), json!(account)), (json!("credential"), json!(account)), (json!("create"), serde_json::Value::Null)]
        );
        assert!(!history.text().contains("gcml_") && !history.text().contains(NEW));
        let kept = bench.rows("SELECT digest, used_at FROM password_link").await;
        assert!(kept.len() == 1 && !kept[0]["digest"].as_str().unwrap().contains("gcml_") && !kept[0]["used_at"].is_null());
    })
    .await;
}

async fn tokens_of(bench: &Bench) -> crate::harness::Client {
    super::Tokens::of(&sign_in(bench, "newcomer", NEW).expect(200).await).client(bench)
}

#[actix_web::test]
async fn a_reset_ends_every_session_and_the_old_password() {
    both(async |bench| {
        let twin = bench.twin().await;
        let person = bench.person("forgetful", Role::Reader, None).await;
        let before = tokens(&bench, "forgetful").await;
        let replaced = bench.link(person.account_id(), Purpose::Reset).await;
        let token = bench.link(person.account_id(), Purpose::Reset).await;
        not_valid(redeem(&bench, &replaced, NEW)).await;
        redeem(&twin, &token, NEW).expect(204).await;
        assert!(!is_in(&person).await && !is_in(&before.client(&twin)).await);
        refused(refresh(&bench, &before.refresh), "invalid_grant").await;
        refused(sign_in(&bench, "forgetful", PASSWORD), "invalid_grant").await;
        sign_in(&bench, "forgetful", NEW).expect(200).await;
        not_valid(redeem(&bench, &token, PASSWORD)).await;
        assert_eq!(state(&bench, person.account_id()).await, "active");
    })
    .await;
}

#[actix_web::test]
async fn a_link_that_is_redeemed_twice_at_once_is_redeemed_once() {
    both(async |bench| {
        let twin = bench.twin().await;
        for round in 0..6 {
            let name = format!("newcomer-{round}");
            let (_, token) = bench.invited(&name, Role::Reader, None).await;
            let (one, two) = join(redeem(&bench, &token, NEW).send(), redeem(&twin, &token, PASSWORD).send()).await;
            let (winner, loser) = if one.status == 204 { (NEW, two) } else { (PASSWORD, one) };
            assert_eq!((loser.status, loser.faults()), (422, vec![("#/token".to_owned(), "link_not_valid".to_owned())]), "{loser}");
            let other = if winner == NEW { PASSWORD } else { NEW };
            sign_in(&bench, &name, winner).expect(200).await;
            refused(sign_in(&bench, &name, other), "invalid_grant").await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_link_lasts_a_week_or_a_day() {
    both(async |bench| {
        let (_, late) = bench.invited("late", Role::Reader, None).await;
        let (_, timely) = bench.invited("timely", Role::Reader, None).await;
        bench.clock().advance(Duration::from_secs(7 * 24 * 3600 - 1));
        redeem(&bench, &timely, NEW).expect(204).await;
        bench.clock().advance(Duration::from_secs(1));
        not_valid(redeem(&bench, &late, NEW)).await;
        let person = bench.person("forgetful", Role::Reader, None).await;
        let reset = bench.link(person.account_id(), Purpose::Reset).await;
        bench.clock().advance(Duration::from_secs(24 * 3600));
        not_valid(redeem(&bench, &reset, NEW)).await;
    })
    .await;
}

#[actix_web::test]
async fn a_link_opens_no_account_that_was_locked_or_archived_meanwhile() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let person = bench.person("locked", Role::Reader, None).await;
        let reset = bench.link(person.account_id(), Purpose::Reset).await;
        let (invited, invitation) = bench.invited("withdrawn", Role::Reader, None).await;
        for (account, to) in [(person.account_id(), "locked"), (invited, "archived")] {
            let path = format!("/v1/accounts/{account}/transitions");
            administrator.post(path, json!({"to": to, "reason": "Left"})).header("if-match", "*").expect(200).await;
        }
        let one = not_valid(redeem(&bench, &reset, NEW)).await;
        let two = not_valid(redeem(&bench, &invitation, NEW)).await;
        let three = not_valid(redeem(&bench, "gcml_nobody-ever-made-this-one", NEW)).await;
        let said = |reply: &Reply| (reply.json()["detail"].clone(), reply.json()["errors"].clone());
        assert!(said(&one) == said(&two) && said(&two) == said(&three), "nobody learns why");
        assert_eq!((state(&bench, person.account_id()).await, state(&bench, invited).await), ("locked".to_owned(), "archived".to_owned()));
    })
    .await;
}

#[actix_web::test]
async fn a_password_that_cannot_be_taken_leaves_the_link_good() {
    both(async |bench| {
        let (_, token) = bench.invited("somchai.vong", Role::Reader, None).await;
        for weak in ["somchai-vong-1", "aaaaaaaaaaaaaaaa"] {
            let reply = redeem(&bench, &token, weak).expect(422).await;
            assert_eq!(reply.faults(), [("#/new_password".to_owned(), "password_guessable".to_owned())]);
        }
        // Nobody has a password looked at without a good link.
        not_valid(redeem(&bench, "gcml_unknown", "aaaaaaaaaaaaaaaa")).await;
        redeem(&bench, &token, NEW).expect(204).await;
    })
    .await;
}

#[actix_web::test]
async fn a_link_of_one_account_sets_no_password_of_another() {
    both(async |bench| {
        let other = bench.person("other", Role::Administrator, None).await;
        let (_, token) = bench.invited("newcomer", Role::Reader, None).await;
        redeem(&bench, &token, NEW).expect(204).await;
        assert!(is_in(&other).await && open(&other).await.len() == 1);
        sign_in(&bench, "other", PASSWORD).expect(200).await;
        refused(sign_in(&bench, "other", NEW), "invalid_grant").await;
    })
    .await;
}
