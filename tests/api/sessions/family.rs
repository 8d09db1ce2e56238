//! A token that is used twice ends everything that came of its sign-in, in every process, from the next request on.

use std::time::Duration;

use futures_util::future::join;

use super::{ROUNDS, Tokens, is_in, refresh, refreshed, refused, tokens};
use crate::harness::{Bench, Who, both};

/// Nothing of this sign-in is good any more, here or in the other process.
async fn is_over(bench: &Bench, twin: &Bench, family: &[&Tokens]) {
    for member in family {
        for process in [bench, twin] {
            assert!(!is_in(&member.client(process)).await, "an access token outlived its family");
            refused(refresh(process, &member.refresh), "invalid_grant").await;
        }
    }
}

#[actix_web::test]
async fn a_token_older_than_one_that_was_used_ends_the_family() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::Coordinator).await.name().to_owned();
        let stranger = tokens(&bench, &name).await;
        let stolen = tokens(&bench, &name).await;
        let second = refreshed(&bench, &stolen).await;
        let third = refreshed(&twin, &second).await;
        for tab in [&stolen, &second, &third] {
            assert!(is_in(&tab.client(&bench)).await && is_in(&tab.client(&twin)).await);
        }
        refused(refresh(&twin, &stolen.refresh), "invalid_grant").await;
        is_over(&bench, &twin, &[&stolen, &second, &third]).await;
        // Another sign-in of the same person goes on.
        assert!(is_in(&refreshed(&twin, &stranger).await.client(&bench)).await);
        let ended = bench.rows("SELECT id FROM session WHERE ended_at IS NOT NULL").await;
        assert_eq!(ended.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_token_that_was_used_more_than_thirty_seconds_ago_ends_the_family() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        let stolen = tokens(&bench, &name).await;
        let next = refreshed(&bench, &stolen).await;
        bench.clock().advance(Duration::from_secs(31));
        refused(refresh(&bench, &stolen.refresh), "invalid_grant").await;
        is_over(&bench, &twin, &[&stolen, &next]).await;
    })
    .await;
}

/// The owner goes on with the successor while the thief tries the token before: whatever the order, the thief never gets on for long, and never
/// both without one of them being told.
#[actix_web::test]
async fn thief_and_owner_at_once_end_up_with_one_family_or_none() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        for round in 0..ROUNDS {
            let stolen = tokens(&bench, &name).await;
            let next = refreshed(&bench, &stolen).await;
            let (owner, thief) = join(refresh(&bench, &next.refresh).send(), refresh(&twin, &stolen.refresh).send()).await;
            match (owner.status, thief.status) {
                // The thief came first, within the grace: the owner's next token was unused then.
                (200, 200) => {
                    let (owner, thief) = (Tokens::of(&owner), Tokens::of(&thief));
                    refused(refresh(&twin, &stolen.refresh), "invalid_grant").await;
                    is_over(&bench, &twin, &[&owner, &thief]).await;
                }
                // The owner came first.
                (200, 400) => is_over(&bench, &twin, &[&Tokens::of(&owner), &next]).await,
                other => panic!("round {round}: {other:?}\n{owner}\n{thief}"),
            }
        }
    })
    .await;
}
