//! Writers that are committed together: none of them is touched by what becomes of another.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{Who, both},
    rows::{ORGANIZATIONS, assert_whole, at, create, etag, organization, with},
};

/// How one of the crowd writes, and what becomes of it.
fn crowd(number: usize) -> (&'static str, u16) {
    match number % 6 {
        0 | 3 => ("new", 201),
        1 => ("tried out", 201),
        2 => ("with a parent that is not there", 422),
        4 => ("changed", 200),
        _ => ("changed by who saw too little", 412),
    }
}

#[actix_web::test]
async fn who_is_refused_or_only_tries_takes_nothing_from_those_beside() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let known = join_all((0..8).map(|n| create(&coordinator, ORGANIZATIONS, organization(&format!("known-{n}"))))).await;
        let calls = (0..48).map(|n| {
            let body = organization(&format!("crowd-{n}"));
            match crowd(n) {
                ("new", _) => coordinator.post(ORGANIZATIONS, body),
                ("tried out", _) => coordinator.post(format!("{ORGANIZATIONS}?dry_run=true"), body),
                ("changed", _) => {
                    coordinator.patch(at(ORGANIZATIONS, &known[n / 6]), etag(&known[n / 6]), json!({"acronym": format!("C{n}")}))
                }
                (_, 412) => coordinator.patch(at(ORGANIZATIONS, &known[n / 6]), "\"99\"", json!({"acronym": "never"})),
                _ => coordinator.post(ORGANIZATIONS, with(body, json!({"parent_id": "01920000-0000-7000-8000-000000000001"}))),
            }
        });
        let replies = join_all(calls.map(|call| call.send())).await;
        for (n, reply) in replies.iter().enumerate() {
            let (what, status) = crowd(n);
            assert_eq!(reply.status, status, "{n}, {what}\n{reply}");
            let code = format!("crowd-{n}");
            let total =
                coordinator.get(format!("{ORGANIZATIONS}?code={code}&with_total=true")).expect(200).await.json()["page"]["total"].clone();
            assert_eq!(total, json!(u8::from(what == "new")), "{n}, {what}");
        }
        for (n, row) in known.iter().enumerate() {
            let now = coordinator.get(at(ORGANIZATIONS, row)).expect(200).await.json();
            assert_eq!((&now["acronym"], &now["revision"]), (&json!(format!("C{}", n * 6 + 4)), &json!(2)));
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn who_goes_away_in_the_middle_takes_nothing_from_those_beside() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for round in 0..30u32 {
            let calls = (0..12u32).map(|n| {
                let call = coordinator.post(ORGANIZATIONS, organization(&format!("round-{round}-{n}")));
                // Every third one hangs up, sooner or later.
                let patience = if n % 3 == 0 { Duration::from_micros(u64::from(round * 397 + n * 211)) } else { Duration::from_secs(60) };
                async move { (n, tokio::time::timeout(patience, call.glance()).await.ok()) }
            });
            for (n, reply) in join_all(calls).await {
                if let Some(reply) = reply {
                    assert_eq!(reply.status, 201, "{reply}");
                } else {
                    assert_eq!(n % 3, 0);
                }
            }
        }
        // Whoever was answered is there; whoever hung up is there whole, or not at all.
        let rows = bench.rows("SELECT code FROM organization WHERE code LIKE 'round-%'").await;
        let there = |round: u32, n: u32| rows.iter().any(|row| row["code"] == format!("round-{round}-{n}"));
        assert!((0..30).all(|round| (0..12).all(|n| n % 3 == 0 || there(round, n))));
        let listed = coordinator.get(format!("{ORGANIZATIONS}?limit=1&with_total=true")).expect(200).await.json();
        let stored = bench.rows("SELECT count(*) AS total FROM organization WHERE archived_at IS NULL").await;
        assert_eq!(listed["page"]["total"], stored[0]["total"], "what is remembered is what is stored");
        assert_whole(&bench).await;
    })
    .await;
}
