//! Nominating while the round closes: none is younger than the close.

use std::time::Duration;

use futures_util::future::join;
use serde_json::{Value, json};

use super::{NOMINATIONS, nominated};
use crate::{
    harness::{Bench, Client, Who, both},
    prioritizations::{electorate, move_to, open},
    rows::{assert_whole, etag, id, log_after, number_of},
};

/// One race; returns whether the nomination came first.
async fn race(bench: &Bench, [coordinator, moh]: [&Client; 2], members: &[Value], turn: u64) -> bool {
    let round = open(coordinator, members).await;
    let enter = async {
        tokio::time::sleep(Duration::from_micros(turn % 11 * 200)).await;
        moh.post(NOMINATIONS, nominated(&round, &members[0], 6, [1, 5])).send().await
    };
    let close = async {
        tokio::time::sleep(Duration::from_micros(turn / 11 % 7 * 200)).await;
        move_to(coordinator, &round, "closed").await
    };
    let (given, closed) = join(enter, close).await;
    assert_eq!(closed.status, 200, "{closed}");
    let log = log_after(&bench.parts.store, 0).await;
    let end = number_of(&bench.parts.store, &round, 3).await;
    match given.status {
        201 => {
            let row = given.json();
            let written: Vec<_> = log.iter().filter(|change| change.resource_id == id(&row)).collect();
            assert!(written[0].seq < end, "turn {turn}: given as change {}, after the round closed with {end}", written[0].seq);
            assert_eq!((written.len(), etag(&row)), (2, given.etag()), "turn {turn}: it followed its round");
            assert_eq!(written[1].audience, gcm_api::auth::Audience::Country);
        }
        409 => assert_eq!(given.code(), "round_not_open"),
        _ => panic!("turn {turn}\n{given}"),
    }
    given.status == 201
}

#[actix_web::test]
async fn no_nomination_is_younger_than_the_close_of_its_round() {
    both(async |bench| {
        let (coordinator, moh) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::FocalPoint("moh")).await);
        let members = electorate(&bench, &["moh"]).await;
        let mut given = 0;
        for turn in 0..200 {
            given += i32::from(race(&bench, [&coordinator, &moh], &members, turn).await);
        }
        assert!((1..200).contains(&given), "{given} of 200 nominations came first: that was no race");
        assert_whole(&bench).await;
        let open = coordinator.get(format!("{NOMINATIONS}?with_total=true&limit=1")).expect(200).await.json();
        assert_eq!(open["page"]["total"], json!(given));
    })
    .await;
}
