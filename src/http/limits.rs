//! How many requests are taken: of one account, and of one network without a token. Each process counts its own.

use std::{net::IpAddr, time::Duration};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::{
    buckets::{Buckets, Level},
    network::Network,
};
use crate::{
    clock::Clock,
    problem::{Code, Problem},
    settings::Rates,
};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// The limits of all requests.
#[derive(Debug)]
pub struct Limits {
    clock: Clock,
    accounts: Buckets,
    networks: Buckets,
}

/// How a caller stands with a limit.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    policy: &'static str,
    limit: u32,
    window: Duration,
    level: Level,
}

impl Limits {
    pub fn new(rates: &Rates, clock: Clock) -> Self {
        let per_minute = |requests: u32| Buckets::new(requests, Duration::from_secs(60) / requests.max(1));
        Self { clock, accounts: per_minute(rates.account_per_minute), networks: per_minute(rates.network_per_minute) }
    }

    /// Counts a request of this account.
    pub fn account(&self, account: Option<Uuid>) -> Standing {
        Standing::of("default", &self.accounts, self.accounts.take(&account, self.clock.now()))
    }

    /// Counts a request that came without a token.
    pub fn network(&self, address: Option<IpAddr>) -> Standing {
        Standing::of("public", &self.networks, self.networks.take(&address.map(Network::of), self.clock.now()))
    }
}

impl Standing {
    fn of(policy: &'static str, buckets: &Buckets, level: Level) -> Self {
        Self { policy, limit: buckets.burst(), window: buckets.window(), level }
    }

    /// 429 when it was one too many.
    pub fn check(&self) -> Result<(), Problem> {
        if self.level.taken { Ok(()) } else { Err(too_many(self.policy, self.level.next)) }
    }

    /// `RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers has them.
    pub fn mark(&self, headers: &mut HeaderMap) {
        let Self { policy, limit, window, level } = self;
        let policies = format!("\"{policy}\";q={limit};w={}", whole_seconds(*window));
        let left = format!("\"{policy}\";r={};t={}", level.left, whole_seconds(level.next));
        for (name, text) in [(POLICY, policies), (LEFT, left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}

/// 429, and after how long it is worth trying again.
pub fn too_many(policy: &'static str, wait: Duration) -> Problem {
    let seconds = whole_seconds(wait).max(1);
    Problem::new(Code::TooManyRequests).with("policy", policy).with("seconds", seconds).after(seconds)
}

/// Rounded up: who comes back then, does not come too early.
fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros().div_ceil(1_000_000)).unwrap_or(u32::MAX)
}
