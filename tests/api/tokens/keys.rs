//! Turning the signing keys: nobody is signed out, and a stolen key is worth nothing.

use std::{collections::BTreeSet, time::Duration};

use gcm_api::features::access::keys::{Turn, Turned};

use crate::harness::{Bench, Client, Who, both};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

async fn published(bench: &Bench) -> BTreeSet<String> {
    let keys = bench.nobody().get("/.well-known/jwks.json").expect(200).await.json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn signer(client: &Client) -> String {
    jsonwebtoken::decode_header(client.token()).unwrap().kid.unwrap()
}

/// The retired, the current and the next key.
async fn turn(bench: &Bench, why: Turn) -> (String, String, String) {
    match bench.parts.keys.turn(why).await.unwrap() {
        Turned::Done { retired, current, next } => (retired, current, next),
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn a_turn_signs_nobody_out_and_counts_in_every_process() {
    both(async |bench| {
        let twin = bench.twin().await;
        let before = published(&bench).await;
        bench.clock().advance(20 * MINUTE);
        let old = bench.sign_in(Who::Reader).await;
        bench.clock().advance(10 * MINUTE);
        let (retired, current, next) = turn(&bench, Turn::Asked).await;
        assert_eq!((&before, &retired), (&[retired.clone(), current.clone()].into(), &signer(&old)));
        assert_eq!(published(&bench).await, [retired.clone(), current.clone(), next.clone()].into());
        assert_eq!(published(&twin).await, published(&bench).await);
        // Tokens from before and from after are good in both processes, at once.
        let new = bench.sign_in(Who::Reader).await;
        assert_eq!(signer(&new), current);
        for client in [&old, &new] {
            client.get("/v1/me").expect(200).await;
            twin.with_token(client.token()).get("/v1/me").expect(200).await;
        }
        assert_eq!(signer(&twin.sign_in(Who::Reader).await), current, "the other process signs with it from its next request");
        // The old one expires when it would have anyway, and says so.
        bench.clock().advance(5 * MINUTE - Duration::from_secs(1));
        old.get("/v1/me").expect(200).await;
        bench.clock().advance(Duration::from_secs(6));
        assert_eq!(old.get("/v1/me").expect(401).await.code(), "token_expired");
        new.get("/v1/me").expect(200).await;
        assert!(published(&twin).await.contains(&retired), "a token of its last moment may still be good");
        bench.clock().advance(10 * MINUTE);
        assert_eq!(published(&twin).await, [current, next].into());
    })
    .await;
}

#[actix_web::test]
async fn a_key_is_published_for_a_quarter_of_an_hour_before_it_signs() {
    both(async |bench| {
        bench.clock().advance(15 * MINUTE);
        let (_, _, next) = turn(&bench, Turn::Asked).await;
        assert!(published(&bench).await.contains(&next));
        for why in [Turn::Asked, Turn::Due(0)] {
            let now = bench.clock().now();
            let Turned::NotBefore(ready) = bench.parts.keys.turn(why).await.unwrap() else { panic!("{why:?}") };
            assert_eq!(ready.seconds() - now.seconds(), 15 * 60);
        }
        bench.clock().advance(15 * MINUTE - Duration::from_secs(1));
        assert!(matches!(bench.parts.keys.turn(Turn::Asked).await.unwrap(), Turned::NotBefore(_)));
        bench.clock().advance(Duration::from_secs(1));
        assert_eq!(turn(&bench, Turn::Asked).await.1, next);
    })
    .await;
}

#[actix_web::test]
async fn a_key_that_grew_old_is_turned_once_by_whichever_process_looks() {
    both(async |bench| {
        let twin = bench.twin().await;
        let due = Turn::Due(bench.settings.signing_key_days);
        bench.clock().advance(90 * DAY - Duration::from_secs(1));
        assert_eq!(bench.parts.keys.turn(due).await.unwrap(), Turned::NotDue);
        bench.clock().advance(Duration::from_secs(1));
        let outcomes = futures_util::future::join_all([&bench, &twin, &bench, &twin].map(|bench| bench.parts.keys.turn(due))).await;
        let done = outcomes.into_iter().filter(|outcome| matches!(outcome.as_ref().unwrap(), Turned::Done { .. })).count();
        assert_eq!(done, 1);
        // Its age counts from then on.
        bench.clock().advance(90 * DAY - Duration::from_secs(1));
        assert_eq!(twin.parts.keys.turn(due).await.unwrap(), Turned::NotDue);
        bench.clock().advance(Duration::from_secs(1));
        turn(&twin, due).await;
        let states = bench.rows("SELECT state, count(*) AS n FROM signing_key GROUP BY state ORDER BY state").await;
        let states: Vec<_> = states.iter().map(|row| (row["state"].as_str().unwrap(), row["n"].as_i64().unwrap())).collect();
        assert_eq!(states, [("current", 1), ("next", 1), ("retired", 2)]);
    })
    .await;
}

#[actix_web::test]
async fn a_stolen_key_is_worth_nothing_from_the_next_request_on() {
    both(async |bench| {
        let twin = bench.twin().await;
        let old = bench.sign_in(Who::Reader).await;
        twin.with_token(old.token()).get("/v1/me").expect(200).await;
        let head = old.get("/v1/audit/head").expect(200).await.json();
        // Not even a quarter of an hour after the first start.
        let (retired, current, next) = turn(&bench, Turn::Stolen).await;
        assert_eq!(signer(&old), retired);
        for client in [&old, &twin.with_token(old.token())] {
            // Clients renew what has expired by themselves.
            assert_eq!(client.get("/v1/me").expect(401).await.code(), "token_expired");
        }
        assert_eq!(published(&twin).await, [current.clone(), next].into());
        let new = bench.sign_in(Who::Reader).await;
        assert_eq!(signer(&new), current);
        twin.with_token(new.token()).get("/v1/me").expect(200).await;
        // What was signed as a record stays one.
        let keys = bench.parts.keys.public_keys();
        let signed = gcm_api::auth::token::SignedHead::read(&keys, head["signed"].as_str().unwrap());
        assert_eq!(signed.unwrap().hash, head["hash"].as_str().unwrap());
        // Nor does it end a session any more; and that it was given up by a clock that is ahead changes nothing.
        let form = format!("token={}", old.token());
        bench.nobody().request("POST", "/v1/auth/revoke").body(form, "application/x-www-form-urlencoded").expect(200).await;
        bench.again(&old).await.get("/v1/me/sessions").expect(200).await;
        let open = bench.rows("SELECT id FROM session WHERE ended_at IS NULL").await;
        assert_eq!(open.len(), 3, "of the first, the second and this sign-in");
        bench.sql("UPDATE signing_key SET revoked_at = '2099-01-01T00:00:00.000000Z' WHERE revoked_at IS NOT NULL").await;
        let third = bench.twin().await;
        assert_eq!(third.with_token(old.token()).get("/v1/me").expect(401).await.code(), "token_expired");
    })
    .await;
}
