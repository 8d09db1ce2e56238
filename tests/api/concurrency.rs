//! Many at once: the promises that hold only because writers stand in line.

use std::{cell::Cell, collections::BTreeSet, time::Duration};

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{
        MINISTRIES, ORGANIZATIONS, assert_whole, at, create, etag, faults, id, log_after, ministry, number_of, organization, set, with,
    },
};

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[actix_web::test]
async fn of_twenty_who_change_one_ministry_at_once_one_wins() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let ministry = bench.organization("moh").await;
        let path = at(MINISTRIES, &ministry);
        let calls = (0..20).map(|n| coordinator.patch(&path, "\"1\"", json!({"acronym": format!("M{n}")})).send());
        let replies = join_all(calls).await;
        assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 19));
        for stale in replies.iter().filter(|reply| reply.status == 412) {
            assert_eq!((stale.code().as_str(), &stale.json()["revision"]), ("stale_revision", &json!(2)));
        }
        let winner = replies.iter().find(|reply| reply.status == 200).unwrap();
        assert_eq!(coordinator.get(&path).expect(200).await.json(), winner.json());
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_twenty_in_two_processes_who_change_one_ministry_at_once_one_wins() {
    both(async |bench| {
        let twin = bench.twin().await;
        let ministry = bench.organization("moh").await;
        let path = at(MINISTRIES, &ministry);
        let (here, there) = (bench.sign_in(Who::Coordinator).await, twin.sign_in(Who::Coordinator).await);
        let calls = (0..20).map(|n| [&here, &there][n % 2].patch(&path, "\"1\"", json!({"acronym": format!("M{n}")})).send());
        let replies = join_all(calls).await;
        assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 19));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn twenty_posts_with_one_key_make_one_row() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let calls = (0..20).map(|_| coordinator.post(ORGANIZATIONS, organization("once")).header("Idempotency-Key", "the-only-key").send());
        let replies = join_all(calls).await;
        assert_eq!(count(&replies, 201), 20);
        assert_eq!(replies.iter().filter(|reply| reply.header("idempotency-replayed").is_none()).count(), 1);
        for reply in &replies {
            assert_eq!((&reply.body, reply.etag()), (&replies[0].body, replies[0].etag()));
            assert_eq!(reply.header("location"), replies[0].header("location"));
        }
        let found = coordinator.get("/v1/organizations?code=once&with_total=true").expect(200).await.json();
        assert_eq!((&found["page"]["total"], &found["data"][0]), (&json!(1), &replies[0].json()));
    })
    .await;
}

/// How a parent is closed to new children.
#[derive(Clone, Copy, Debug)]
enum Close {
    Archive,
    EndItsValidity,
}

/// One race: a child is entered while its parent closes. Returns whether the child came first.
async fn race(bench: &Bench, coordinator: &Client, round: u32, how: Close) -> bool {
    let parent = create(coordinator, ORGANIZATIONS, organization(&format!("parent-{round}"))).await;
    let child = with(organization(&format!("child-{round}")), json!({"parent_id": id(&parent)}));
    let enter = async {
        jitter(round).await;
        coordinator.post(ORGANIZATIONS, child).send().await
    };
    let close = async {
        jitter(round / 7).await;
        match how {
            Close::Archive => coordinator.post_if(format!("{}/archive", at(ORGANIZATIONS, &parent)), etag(&parent)).send().await,
            Close::EndItsValidity => {
                coordinator.patch(at(ORGANIZATIONS, &parent), etag(&parent), json!({"valid_to": "2020-01-01"})).send().await
            }
        }
    };
    let (entered, closed) = if round.is_multiple_of(2) {
        join(enter, close).await
    } else {
        let (closed, entered) = join(close, enter).await;
        (entered, closed)
    };
    match (entered.status, closed.status, how) {
        (201, 409, Close::Archive) => assert_eq!(closed.code(), "has_dependants"),
        (201, 200, Close::EndItsValidity) => {
            let born = number_of(&bench.parts.store, &entered.json(), 1).await;
            let ended = number_of(&bench.parts.store, &parent, 2).await;
            assert!(born < ended, "child-{round} was entered as change {born}, after its parent closed with {ended}");
        }
        (422, 200, _) => assert_eq!(faults(&entered), set([("#/parent_id", "reference_archived")])),
        _ => panic!("{how:?}, round {round}\n{entered}\n{closed}"),
    }
    entered.status == 201
}

/// Lets others go first, a little and differently each time.
async fn jitter(round: u32) {
    for _ in 0..round % 5 {
        tokio::task::yield_now().await;
    }
    if round % 3 == 1 {
        tokio::time::sleep(Duration::from_micros(u64::from(round % 11) * 150)).await;
    }
}

#[actix_web::test]
async fn no_child_is_ever_younger_than_the_close_of_its_parent() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut entered = 0;
        for round in 0..200 {
            let how = if (round / 2) % 2 == 0 { Close::Archive } else { Close::EndItsValidity };
            entered += i32::from(race(&bench, &coordinator, round, how).await);
        }
        assert!((1..200).contains(&entered), "{entered} of 200 children came first: that was no race");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_twenty_who_want_one_code_one_gets_it() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let other = bench.twin().await.sign_in(Who::Coordinator).await;
        let calls = (0..20).map(|n| [&coordinator, &other][n % 2].post(ORGANIZATIONS, organization("coveted")).send());
        let replies = join_all(calls).await;
        assert_eq!((count(&replies, 201), count(&replies, 409)), (1, 19));
        assert!(replies.iter().filter(|reply| reply.status == 409).all(|reply| reply.code() == "code_taken"));
    })
    .await;
}

#[actix_web::test]
async fn two_who_make_each_other_the_parent_make_no_cycle() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for round in 0..25 {
            let one = create(&coordinator, ORGANIZATIONS, organization(&format!("one-{round}"))).await;
            let other = create(&coordinator, ORGANIZATIONS, organization(&format!("other-{round}"))).await;
            let below =
                |row: &Value, parent: &Value| coordinator.patch(at(ORGANIZATIONS, row), etag(row), json!({"parent_id": id(parent)})).send();
            let (first, second) = join(below(&one, &other), below(&other, &one)).await;
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422], "{first}\n{second}");
            let refused = if first.status == 422 { &first } else { &second };
            assert_eq!(faults(refused), set([("#/parent_id", "parent_cycle")]));
        }
    })
    .await;
}

/// One of eight writers: enters rows and changes them, sixty writes in all.
async fn write_sixty(client: &Client, writer: usize) {
    for n in 0..20 {
        let row = create(client, MINISTRIES, ministry(&format!("w{writer}-{n}"))).await;
        let row = client.patch(at(MINISTRIES, &row), etag(&row), json!({"acronym": format!("W{writer}-{n}")})).expect(200).await.json();
        client.patch(at(MINISTRIES, &row), etag(&row), json!({"name": {"lo": "ກະຊວງ"}})).expect(200).await;
    }
}

#[actix_web::test]
async fn numbers_of_eight_writers_are_without_gap_and_follow_the_commits() {
    both(async |bench| {
        let twin = bench.twin().await;
        let clients = [bench.sign_in(Who::Coordinator).await, twin.sign_in(Who::Coordinator).await];
        let before = bench.parts.store.head().await.unwrap();
        let busy = Cell::new(true);
        let write = async {
            join_all((0..8).map(|writer| write_sixty(&clients[writer % 2], writer))).await;
            busy.set(false);
        };
        // A reader of the feed who asks for "what is behind the last I know": a number committed late would be missed for ever.
        let follow = async {
            let mut known: Vec<i64> = Vec::new();
            loop {
                let last_round = !busy.get();
                let after = known.last().copied().unwrap_or(before);
                known.extend(log_after(&bench.parts.store, after).await.iter().map(|change| change.seq));
                if last_round {
                    return known;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let ((), followed) = join(write, follow).await;
        assert_eq!(followed, (before + 1..=before + 480).collect::<Vec<_>>());
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_verification_beside_writers_finds_nothing_to_complain_of() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let busy = Cell::new(true);
        let write = async {
            write_sixty(&coordinator, 1).await;
            busy.set(false);
        };
        let verify = async {
            while busy.get() {
                assert_whole(&bench).await;
            }
        };
        join(write, verify).await;
    })
    .await;
}

#[actix_web::test]
async fn a_request_that_is_given_up_half_way_leaves_no_half_and_no_lock() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut given_up = 0;
        for round in 0..60_u32 {
            let code = format!("dropped-{round}");
            let call = coordinator.post(ORGANIZATIONS, organization(&code)).header("Idempotency-Key", &code).send();
            let patience = Duration::from_micros(u64::from(round) * 120);
            given_up += i32::from(tokio::time::timeout(patience, call).await.is_err());
        }
        assert!(given_up > 0, "nothing was given up");
        // Whoever hears nothing asks again with the same key: then every row is there, once.
        for round in 0..60 {
            let code = format!("dropped-{round}");
            coordinator.post(ORGANIZATIONS, organization(&code)).header("Idempotency-Key", &code).expect(201).await;
        }
        let log = log_after(&bench.parts.store, 0).await;
        let bodies: Vec<Value> = log.iter().map(|change| serde_json::from_str(change.body.as_ref().unwrap()).unwrap()).collect();
        let codes: Vec<_> = bodies.iter().filter_map(|body| body["code"].as_str()).filter(|code| code.starts_with("dropped-")).collect();
        assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (60, 60));
        assert_whole(&bench).await;
    })
    .await;
}
