//! Being wrong about passwords: it is stopped before it costs anything, and it keeps nobody out for long.

mod beside;

use std::{collections::BTreeSet, time::Duration};

use gcm_api::{
    auth::Role,
    settings::{Settings, Source},
};
use serde_json::json;

use super::endpoint::MACHINE;
use crate::harness::{Bench, Call, PASSWORD, Reply, both_with};

/// The sign-in limits as they are when nobody sets any.
fn strict(settings: &mut Settings) {
    let defaults = Settings::load(&Source::default()).unwrap().rates;
    settings.rates.wrong_per_network = defaults.wrong_per_network;
    settings.rates.wrong_per_account = defaults.wrong_per_account;
}

fn form(bench: &Bench, address: &str, pairs: &[(&str, &str)]) -> Call {
    let body = serde_html_form::to_string(pairs).unwrap();
    bench.nobody().request("POST", "/v1/auth/token").body(body, "application/x-www-form-urlencoded").from(address)
}

async fn try_password(bench: &Bench, address: &str, username: &str, password: &str) -> Reply {
    form(bench, address, &[("grant_type", "password"), ("username", username), ("password", password)]).send().await
}

const WRONG: &str = "guess-Number-4711-x";

fn outcome(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    match reply.status {
        200 => (200, String::new()),
        status => (status, body["code"].as_str().unwrap().to_owned()),
    }
}

fn refused() -> (u16, String) {
    (429, "too_many_requests".to_owned())
}

fn wrong() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn entered() -> (u16, String) {
    (200, String::new())
}

fn retry_after(reply: &Reply) -> u64 {
    reply.header("retry-after").unwrap().parse().unwrap()
}

#[actix_web::test]
async fn ten_thousand_wrong_passwords_from_as_many_addresses_do_not_keep_the_owner_out() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        let (office, home) = ("198.51.100.7", "2001:db8:7::1");
        assert_eq!(outcome(&try_password(&bench, office, owner.name(), PASSWORD).await), entered());
        bench.clock().advance(Duration::from_secs(30 * 86_400));

        let mut checked = 0;
        for n in 0..10_000_u32 {
            // Ten a second, so that the attack goes on for a quarter of an hour.
            bench.clock().advance(Duration::from_millis(100));
            let address = std::net::Ipv4Addr::from_bits(0x0A00_0000 + n).to_string();
            let guess = form(&bench, &address, &[("grant_type", "password"), ("username", owner.name()), ("password", WRONG)]);
            let reply = if n < 100 { guess.send().await } else { guess.glance().await };
            match reply.status {
                400 => checked += 1,
                429 => assert!((1..=10).contains(&retry_after(&reply)), "{reply}"),
                _ => panic!("{reply}"),
            }
            if n % 2_500 == 2_499 {
                // At once from where the owner is known, typing errors included, while the attack goes on.
                assert_eq!(outcome(&try_password(&bench, office, owner.name(), WRONG).await), wrong());
                assert_eq!(outcome(&try_password(&bench, office, owner.name(), PASSWORD).await), entered());
                let elsewhere = try_password(&bench, home, owner.name(), PASSWORD).await;
                assert!([refused(), entered()].contains(&outcome(&elsewhere)), "{elsewhere}");
            }
        }
        // Ten at once and one every ten seconds were worked on; all others were refused before.
        assert!((10..=10 + 1_000 / 10 + 1).contains(&checked), "{checked} passwords were checked");

        // From a new place when the attack is over: within ten seconds.
        let new = "203.0.113.200";
        let mut waited = 0;
        loop {
            let reply = try_password(&bench, new, owner.name(), PASSWORD).await;
            if outcome(&reply) == entered() {
                break;
            }
            assert_eq!(outcome(&reply), refused());
            waited += retry_after(&reply);
            bench.clock().advance(Duration::from_secs(retry_after(&reply)));
        }
        assert!(waited <= 10, "the owner waited for {waited} s");
        // No row was written for what was wrong.
        let known = bench.rows("SELECT digest FROM known_network").await.len();
        assert!((2..=3).contains(&known), "{known}: the office, the new place, and home when it was lucky");
    })
    .await;
}

#[actix_web::test]
async fn one_address_does_not_get_far_with_many_names() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        let guess = async |n: u32| outcome(&try_password(&bench, "203.0.113.9", &format!("user.{n}"), WRONG).await);
        for n in 0..30 {
            assert_eq!(guess(n).await, wrong(), "{n}");
        }
        for n in 30..60 {
            assert_eq!(guess(n).await, refused(), "{n}");
        }
        bench.clock().advance(Duration::from_secs(2));
        assert_eq!((guess(60).await, guess(61).await), (wrong(), refused()));
        // Others do not notice.
        assert_eq!(outcome(&try_password(&bench, "203.0.113.8", owner.name(), PASSWORD).await), entered());
        // One who subscribes to IPv6 has many addresses, and counts once.
        for n in 0..30 {
            assert_eq!(try_password(&bench, &format!("2001:db8:1:2::{n:x}"), &format!("user.{n}"), WRONG).await.status, 400);
        }
        assert_eq!(try_password(&bench, "2001:db8:1:2:ffff::1", "user.1", WRONG).await.status, 429);
    })
    .await;
}

#[actix_web::test]
async fn nobody_uses_up_the_tries_of_a_name_alone() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        let mut checked = 0;
        // One address, for ten minutes.
        for _ in 0..600 {
            let reply = try_password(&bench, "203.0.113.9", owner.name(), WRONG).await;
            checked += i32::from(reply.status == 400);
            assert!(reply.status == 400 || retry_after(&reply) <= 60, "{reply}");
            bench.clock().advance(Duration::from_secs(1));
        }
        assert_eq!(checked, 5 + 9);
        assert_eq!(outcome(&try_password(&bench, "203.0.113.8", owner.name(), PASSWORD).await), entered(), "anybody else has the rest");
        bench.clock().advance(Duration::from_secs(60));
        assert_eq!(outcome(&try_password(&bench, "203.0.113.9", owner.name(), PASSWORD).await), entered());
    })
    .await;
}

/// Behind the address of a ministry somebody's program tries an old password again and again.
#[actix_web::test]
async fn the_mistakes_of_neighbours_do_not_keep_out_who_is_known_there() {
    both_with(strict, async |bench| {
        let ministry = "198.51.100.7";
        let owner = bench.person("owner", Role::Reader, None).await;
        let newcomer = bench.person("newcomer", Role::Reader, None).await;
        assert_eq!(outcome(&try_password(&bench, ministry, owner.name(), PASSWORD).await), entered());
        for n in 0..40 {
            try_password(&bench, ministry, &format!("user.{n}"), WRONG).await;
        }
        assert_eq!(outcome(&try_password(&bench, ministry, newcomer.name(), PASSWORD).await), refused());
        assert_eq!(outcome(&try_password(&bench, ministry, owner.name(), PASSWORD).await), entered());
        // Who guesses at a neighbour's password there has as few tries as elsewhere.
        let tries: Vec<_> = futures_util::future::join_all((0..12).map(|_| try_password(&bench, ministry, owner.name(), WRONG))).await;
        assert_eq!(tries.iter().filter(|reply| reply.status == 400).count(), 10);
        assert_eq!(outcome(&try_password(&bench, ministry, owner.name(), PASSWORD).await), refused());
        bench.clock().advance(Duration::from_secs(10));
        assert_eq!(outcome(&try_password(&bench, ministry, owner.name(), PASSWORD).await), entered());
        assert_eq!(outcome(&try_password(&bench, ministry, newcomer.name(), PASSWORD).await), entered());
    })
    .await;
}

#[actix_web::test]
async fn a_name_that_nobody_has_is_treated_like_one_that_somebody_has() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        assert_eq!(outcome(&try_password(&bench, "198.51.100.7", owner.name(), PASSWORD).await), entered());
        let machine = bench.sign_in(MACHINE).await;
        let mut seen = BTreeSet::new();
        for (at, name) in [owner.name(), "nobody.here", machine.name()].into_iter().enumerate() {
            let mut said = Vec::new();
            for n in 0..14 {
                let reply = try_password(&bench, &format!("10.{at}.0.{n}"), name, WRONG).await;
                let mut body = reply.json();
                body["request_id"] = json!(null);
                let headers = reply.headers.iter().filter(|(name, _)| *name != "x-request-id");
                let headers: BTreeSet<_> = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
                said.push(format!("{} {headers:?} {body}", reply.status));
            }
            assert!(said[9].starts_with("400") && said[10].starts_with("429"), "{said:?}");
            seen.insert(said);
        }
        assert_eq!(seen.len(), 1, "{seen:#?}");
    })
    .await;
}

#[actix_web::test]
async fn what_is_right_counts_for_nothing() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        for _ in 0..35 {
            assert_eq!(outcome(&try_password(&bench, "203.0.113.9", owner.name(), PASSWORD).await), entered());
        }
        // From a new address each time, beyond what an account has for all of them.
        for n in 0..25 {
            assert_eq!(outcome(&try_password(&bench, &format!("10.0.0.{n}"), owner.name(), PASSWORD).await), entered());
        }
    })
    .await;
}

#[actix_web::test]
async fn networks_are_known_for_ninety_days_by_every_process_and_by_no_name() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        let name = owner.name();
        let use_up = async |bench: &Bench, from: u8| {
            for n in 0..12 {
                try_password(bench, &format!("10.{from}.0.{n}"), name, WRONG).await;
            }
        };
        let (office, neighbour) = ("198.51.100.7", "198.51.100.8");
        assert_eq!(outcome(&try_password(&bench, office, name, PASSWORD).await), entered());
        use_up(&bench, 1).await;
        assert_eq!(outcome(&try_password(&bench, neighbour, name, PASSWORD).await), refused());
        // Another process counts its own, and knows the same networks.
        let twin = bench.twin().await;
        use_up(&twin, 2).await;
        assert_eq!(outcome(&try_password(&twin, neighbour, name, PASSWORD).await), refused());
        assert_eq!(outcome(&try_password(&twin, office, name, PASSWORD).await), entered());

        let day = Duration::from_secs(86_400);
        bench.clock().advance(89 * day);
        use_up(&bench, 3).await;
        assert_eq!(outcome(&try_password(&bench, office, name, PASSWORD).await), entered());
        bench.clock().advance(89 * day);
        use_up(&bench, 4).await;
        assert_eq!(outcome(&try_password(&bench, office, name, PASSWORD).await), entered(), "the sign-in before began the 90 days anew");
        bench.clock().advance(91 * day);
        use_up(&bench, 5).await;
        assert_eq!(outcome(&try_password(&bench, office, name, PASSWORD).await), refused());
        bench.clock().advance(Duration::from_secs(100));

        // Twenty are kept, the latest; the table names no address, and no two accounts alike.
        for n in 0..25 {
            bench.clock().advance(Duration::from_secs(1));
            assert_eq!(outcome(&try_password(&bench, &format!("10.9.0.{n}"), name, PASSWORD).await), entered());
        }
        let other = bench.person("other", Role::Reader, None).await;
        assert_eq!(outcome(&try_password(&bench, "10.9.0.24", other.name(), PASSWORD).await), entered());
        let rows = bench.rows("SELECT digest FROM known_network").await;
        let digests: BTreeSet<String> = rows.iter().map(|row| row["digest"].as_str().unwrap().to_owned()).collect();
        assert_eq!((rows.len(), digests.len()), (21, 21));
        assert!(digests.iter().all(|digest| digest.len() == 43), "{digests:?}");
        use_up(&bench, 6).await;
        assert_eq!(outcome(&try_password(&bench, "10.9.0.24", name, PASSWORD).await), entered());
        assert_eq!(outcome(&try_password(&bench, "10.9.0.0", name, PASSWORD).await), refused());
    })
    .await;
}
