//! Refresh tokens that are good once, and for how long.

use std::time::Duration;

use futures_util::future::{join, join_all};
use gcm_api::{
    auth::Role,
    features::access::{housekeeping, sessions::MOST_OPEN},
};
use serde_json::json;

use super::{ROUNDS, Tokens, form, is_in, open, refresh, refreshed, refused, sign_in, tokens};
use crate::harness::{PASSWORD, Who, both};

const DAY: u64 = 24 * 3600;

fn days(days: u64) -> Duration {
    Duration::from_secs(days * DAY)
}

#[actix_web::test]
async fn each_refresh_gives_the_next_token_and_the_session_goes_on() {
    both(async |bench| {
        let name = bench.sign_in(Who::FocalPoint("moh")).await.name().to_owned();
        let first = tokens(&bench, &name).await;
        assert!(first.refresh.starts_with("gcmr_") && first.refresh_expires_in == 14 * 24 * 3600, "{first:?}");
        let session = |sessions: Vec<serde_json::Value>| sessions.into_iter().find(|session| session["current"] == true).unwrap();
        let begun = session(open(&first.client(&bench)).await);
        let mut now = first.clone();
        let mut met = std::collections::BTreeSet::from([first.refresh.clone()]);
        for _ in 0..5 {
            bench.clock().advance(Duration::from_secs(14 * 60));
            now = refreshed(&bench, &now).await;
            assert!(met.insert(now.refresh.clone()), "each is another one");
            assert!(is_in(&now.client(&bench)).await);
        }
        // The first access token is over; the session is the same.
        assert_eq!(first.client(&bench).get("/v1/me").expect(401).await.code(), "token_expired");
        let later = session(open(&now.client(&bench)).await);
        assert_eq!((&later["id"], &later["created_at"]), (&begun["id"], &begun["created_at"]));
        assert!(later["last_used_at"].as_str() > begun["last_used_at"].as_str());
        assert!(later["expires_at"].as_str() > begun["expires_at"].as_str());
    })
    .await;
}

#[actix_web::test]
async fn two_tabs_refresh_with_one_token_at_once_and_both_go_on() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let start = tokens(&bench, &name).await;
        for round in 0..ROUNDS {
            // Every other round the tabs meet different processes.
            let other = if round % 2 == 0 { &bench } else { &twin };
            let before = if round == 0 { start.clone() } else { tokens(&bench, &name).await };
            let (one, two) = join(refresh(&bench, &before.refresh).expect(200), refresh(other, &before.refresh).expect(200)).await;
            let (one, two) = (Tokens::of(&one), Tokens::of(&two));
            assert_ne!(one.refresh, two.refresh);
            for tab in [&one, &two] {
                assert!(is_in(&tab.client(&bench)).await && is_in(&tab.client(other)).await, "round {round}");
            }
            let (one, two) = join(refresh(other, &one.refresh).expect(200), refresh(&bench, &two.refresh).expect(200)).await;
            for tab in [Tokens::of(&one), Tokens::of(&two)] {
                assert!(is_in(&refreshed(&bench, &tab).await.client(other)).await, "round {round}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn many_tabs_at_once_all_go_on() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let before = tokens(&bench, &name).await;
        let tabs = join_all((0..8).map(|tab| refresh(if tab % 2 == 0 { &bench } else { &twin }, &before.refresh).expect(200))).await;
        let tabs: Vec<_> = tabs.iter().map(Tokens::of).collect();
        for tab in &tabs {
            refreshed(&twin, tab).await;
        }
        let used = bench.rows("SELECT count(*) AS n FROM refresh_token WHERE used_at IS NOT NULL").await;
        assert_eq!(used[0]["n"], 9, "the one that all tabs had, and one of each tab");
    })
    .await;
}

/// Twenty tabs are a browser; more is somebody who multiplies a token.
#[actix_web::test]
async fn one_token_does_not_become_any_number_of_them() {
    both(async |bench| {
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let before = tokens(&bench, &name).await;
        let given = join_all((0..20).map(|_| refresh(&bench, &before.refresh).expect(200))).await;
        refused(refresh(&bench, &before.refresh), "invalid_grant").await;
        for one in given.iter().map(Tokens::of) {
            assert!(!is_in(&one.client(&bench)).await, "the family has ended");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_lost_answer_is_made_good_within_thirty_seconds() {
    both(async |bench| {
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let before = tokens(&bench, &name).await;
        let _lost = refreshed(&bench, &before).await;
        bench.clock().advance(Duration::from_secs(30));
        let again = refreshed(&bench, &before).await;
        assert!(is_in(&again.client(&bench)).await);
        refreshed(&bench, &again).await;
    })
    .await;
}

#[actix_web::test]
async fn a_session_ends_after_fourteen_days_without_a_refresh() {
    both(async |bench| {
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let (used, idle) = (tokens(&bench, &name).await, tokens(&bench, &name).await);
        bench.clock().advance(days(14) - Duration::from_secs(1));
        let used = refreshed(&bench, &used).await;
        bench.clock().advance(Duration::from_secs(1));
        refused(refresh(&bench, &idle.refresh), "invalid_grant").await;
        assert_eq!(open(&used.client(&bench)).await.len(), 1);
        let used = refreshed(&bench, &used).await;
        // What is dead is swept away, and nothing else.
        assert_eq!(bench.rows("SELECT id FROM session").await.len(), 3, "two, and the harness's own");
        assert_eq!(housekeeping::sweep(&bench.parts.store).await.unwrap(), 1, "the harness's own, and nothing before a day is over");
        bench.clock().advance(days(1));
        let used = refreshed(&bench, &used).await;
        assert_eq!(housekeeping::sweep(&bench.parts.store).await.unwrap(), 1);
        assert_eq!(bench.rows("SELECT id FROM session").await.len(), 1);
        assert!(is_in(&used.client(&bench)).await);
    })
    .await;
}

#[actix_web::test]
async fn a_session_ends_after_ninety_days_however_often_it_was_refreshed() {
    both(async |bench| {
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let mut now = tokens(&bench, &name).await;
        for _ in 0..8 {
            bench.clock().advance(days(11));
            now = refreshed(&bench, &now).await;
        }
        assert_eq!(now.refresh_expires_in, 2 * 24 * 3600, "88 of 90 days are over");
        let kept = bench.rows("SELECT digest FROM refresh_token").await;
        assert_eq!(kept.len(), 2, "tokens older than 14 days are forgotten");
        bench.clock().advance(days(2) - Duration::from_secs(1));
        now = refreshed(&bench, &now).await;
        assert_eq!(now.refresh_expires_in, 1);
        assert!(is_in(&now.client(&bench)).await);
        bench.clock().advance(Duration::from_secs(1));
        refused(refresh(&bench, &now.refresh), "invalid_grant").await;
        assert!(!is_in(&now.client(&bench)).await, "the access token would be good for 15 minutes more");
        tokens(&bench, &name).await;
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_was_left_lying_is_too_old_even_in_a_session_that_goes_on() {
    both(async |bench| {
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let before = tokens(&bench, &name).await;
        let (left, mut used) = join(refreshed(&bench, &before), refreshed(&bench, &before)).await;
        for _ in 0..2 {
            bench.clock().advance(days(7));
            used = refreshed(&bench, &used).await;
        }
        refused(refresh(&bench, &left.refresh), "invalid_grant").await;
        refreshed(&bench, &used).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_no_refresh_token_is_refused_and_harms_nobody() {
    both(async |bench| {
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let before = tokens(&bench, &name).await;
        let altered = format!("{}{}", &before.refresh[..before.refresh.len() - 1], if before.refresh.ends_with('A') { 'B' } else { 'A' });
        let long = "x".repeat(10_000);
        for wrong in ["", "x", "gcmr_", &altered, &before.access, &before.refresh[..30], &long, "gcmr_\u{0}"] {
            refused(refresh(&bench, wrong), "invalid_grant").await;
        }
        refused(form(&bench, "/v1/auth/token", &[("grant_type", "refresh_token")]), "invalid_request").await;
        // It is no access token, either.
        assert_eq!(bench.with_token(&before.refresh).get("/v1/me").expect(401).await.code(), "unauthenticated");
        assert!(is_in(&refreshed(&bench, &before).await.client(&bench)).await);
    })
    .await;
}

#[actix_web::test]
async fn a_machine_gets_no_refresh_token_and_none_is_named() {
    both(async |bench| {
        let machine = bench.sign_in(crate::tokens::endpoint::MACHINE).await;
        let (id, secret) = machine.secret();
        let pairs = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let answer = form(&bench, "/v1/auth/token", &pairs).expect(200).await.json();
        let names: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["access_token", "expires_in", "token_type"]);
        assert!(bench.rows("SELECT id FROM session").await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn one_session_too_many_ends_the_one_that_was_used_longest_ago() {
    both(async |bench| {
        let person = bench.person("collector", Role::Reader, None).await;
        let mut oldest = None;
        for _ in 1..MOST_OPEN {
            bench.clock().advance(Duration::from_millis(1));
            let session = bench.session(person.account_id()).await;
            oldest.get_or_insert(session);
        }
        assert_eq!(open(&person).await.len(), 100);
        bench.clock().advance(Duration::from_millis(1));
        let newest = tokens(&bench, "collector").await;
        // The first one of all is that of the client which the bench gave us.
        assert!(!is_in(&person).await);
        let sessions = open(&newest.client(&bench)).await;
        assert_eq!((sessions.len(), &sessions[0]["current"]), (100, &json!(true)));
        assert!(sessions.iter().any(|session| session["id"] == json!(oldest.unwrap())));
    })
    .await;
}

#[actix_web::test]
async fn a_sign_in_with_a_wrong_password_begins_no_session() {
    both(async |bench| {
        let person = bench.person("careful", Role::Reader, None).await;
        refused(sign_in(&bench, "careful", "wrong-Password-12"), "invalid_grant").await;
        assert_eq!(open(&person).await.len(), 1);
        // Letters and marks that look the same are the same; others are not.
        sign_in(&bench, "careful", PASSWORD).expect(200).await;
        refused(sign_in(&bench, "careful", &PASSWORD.replace('-', "\u{2010}")), "invalid_grant").await;
    })
    .await;
}
