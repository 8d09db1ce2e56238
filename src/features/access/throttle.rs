//! How often one may be wrong about a password. Nobody can keep the owner of an account out for long by being wrong on purpose.
//!
//! - A network has so many wrong sign-ins ([`Rates::wrong_per_network`]), and one more every 2 seconds.
//! - A user name, whether there is such an account or not, has so many wrong passwords ([`Rates::wrong_per_account`]) from all the networks together that it
//!   is not known from, and one more every 10 seconds.
//! - One network that the account is not known from has half of these, and one more every minute: so nobody holds all of them alone.
//! - A network from which the account signed in during the last 90 days has as many of its own for this account, so that nobody elsewhere uses
//!   them up.
//!
//! So the owner gets in from a known network at once, and from a new one 10 seconds after the wrong attempts stop. What is right is given
//! back. All of it is counted in the memory of this process, before any work on the password.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use uuid::Uuid;

use super::security::{Event, event};
use crate::{
    auth::secret_key::{Purpose, Sealer},
    clock::Timestamp,
    entity::known_network::{ActiveModel, Column, Entity},
    http::{
        buckets::{Buckets, Level},
        context::Context,
        limits::too_many,
        network::Network,
    },
    problem::Problem,
    settings::Rates,
    store::{Aside, Store},
};

/// Until one more wrong sign-in of a network is taken.
const NETWORK_EVERY: Duration = Duration::from_secs(2);
/// Until one more wrong password of an account is taken: the longest that its owner waits.
const ACCOUNT_EVERY: Duration = Duration::from_secs(10);
/// Until one unknown network may use up one more of an account's wrong passwords; at once it may use up half of them.
const SHARE_EVERY: Duration = Duration::from_secs(60);
/// A network is known for so long after the last sign-in.
pub const KNOWN_DAYS: i64 = 90;
/// The networks that an account is known from.
const MOST_KNOWN: u64 = 20;
/// The name of the limit in answers.
const POLICY: &str = "sign_in";

/// The wrong sign-ins of this process.
pub struct Throttle {
    store: Store,
    sealer: Sealer,
    networks: Buckets,
    /// By user name, of networks that it is not known from.
    strangers: Buckets,
    /// By user name and network that it is not known from.
    shares: Buckets,
    /// By account and known network, or by account alone for those who are signed in already.
    known: Buckets,
}

#[derive(Clone, Hash)]
enum Key {
    Network(Option<Network>),
    Name(String),
    Pair(String, Option<Network>),
    Account(Uuid),
}

/// A password that is about to be checked; counted as wrong until it is said to be right.
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    held: Vec<(&'a Buckets, Key)>,
    /// The digest of the network, when it is to be remembered.
    to_remember: Option<String>,
}

impl Throttle {
    pub fn new(store: Store, sealer: Sealer, rates: &Rates) -> Self {
        Self {
            store,
            sealer,
            networks: Buckets::new(rates.wrong_per_network, NETWORK_EVERY),
            strangers: Buckets::new(rates.wrong_per_account, ACCOUNT_EVERY),
            shares: Buckets::new(rates.wrong_per_account.div_ceil(2), SHARE_EVERY),
            known: Buckets::new(rates.wrong_per_account, ACCOUNT_EVERY),
        }
    }

    fn now(&self) -> Timestamp {
        self.store.clock().now()
    }

    fn take<'a>(&self, buckets: &'a Buckets, key: Key, held: &mut Vec<(&'a Buckets, Key)>) -> Level {
        let level = buckets.take(&key, self.now());
        if level.taken {
            held.push((buckets, key));
        }
        level
    }

    /// Before a password is checked for this user name: 429 when there were too many wrong ones.
    pub async fn password(&self, context: &Context, username: &str) -> Result<Attempt<'_>, Problem> {
        let network = context.network.map(Network::of);
        let digest = network.map(|network| self.digest(username, network)).transpose()?;
        let row = match &digest {
            Some(digest) => self.store.first(Entity::of_username(username, digest)).await?,
            None => None,
        };
        let used = row.map(|row| row.last_used_at).filter(|used| used.0 + TimeDelta::days(KNOWN_DAYS) > self.now().0);
        let mut held = Vec::new();
        let on_network = self.take(&self.networks, Key::Network(network), &mut held);
        let level = match used {
            // Somebody else's mistakes on this network are not held against those who are known here.
            Some(_) => self.take(&self.known, Key::Pair(username.to_owned(), network), &mut held),
            None if on_network.taken => {
                let share = self.take(&self.shares, Key::Pair(username.to_owned(), network), &mut held);
                if share.taken { self.take(&self.strangers, Key::Name(username.to_owned()), &mut held) } else { share }
            }
            None => on_network,
        };
        let lately = used.is_some_and(|used| used.0 + TimeDelta::days(1) > self.now().0);
        let attempt = Attempt { throttle: self, held, to_remember: digest.filter(|_| !lately) };
        if level.taken {
            return Ok(attempt);
        }
        attempt.give_back();
        Err(refused(context, level, "a password"))
    }

    /// Before someone who is signed in is asked for the password again.
    pub fn own_password(&self, context: &Context, account: Uuid) -> Result<Attempt<'_>, Problem> {
        let mut held = Vec::new();
        let level = self.take(&self.known, Key::Account(account), &mut held);
        if level.taken {
            Ok(Attempt { throttle: self, held, to_remember: None })
        } else {
            Err(refused(context, level, "their own password"))
        }
    }

    /// After a secret was wrong that nobody guesses: a client secret, a refresh token, a link. Those that are right are never refused, so nobody is
    /// kept out by others on the same network; who is wrong too often hears 429.
    pub fn wrong(&self, context: &Context) -> Result<(), Problem> {
        let level = self.networks.take(&Key::Network(context.network.map(Network::of)), self.now());
        if level.taken { Ok(()) } else { Err(refused(context, level, "a secret or a token")) }
    }

    /// Stands for the network in the rows of this user name, and of no other.
    fn digest(&self, username: &str, network: Network) -> Result<String, Problem> {
        let text = format!("{}\n{username}", network.text());
        self.sealer.name(Purpose::KnownNetwork, text.as_bytes()).map_err(Problem::internal)
    }
}

fn refused(context: &Context, level: Level, what: &str) -> Problem {
    event(Event::Throttled, None, context, what);
    too_many(POLICY, level.next)
}

impl Attempt<'_> {
    /// Nothing was counted.
    pub fn give_back(self) {
        for (buckets, key) in self.held {
            buckets.give_back(&key, self.throttle.now());
        }
    }

    /// The password was right: nothing was counted. Gives the place that is to be remembered, unless it was lately.
    pub fn right(mut self) -> Option<Place> {
        let digest = self.to_remember.take();
        self.give_back();
        digest.map(Place)
    }
}

/// The network of a sign-in.
pub struct Place(String);

impl Place {
    /// It is known to the account from now on.
    pub async fn remember(&self, aside: &mut Aside, account: Uuid) -> Result<(), Problem> {
        let now = aside.now();
        let of_account = || Condition::all().add(Column::AccountId.eq(account));
        let values = ActiveModel { last_used_at: Set(now), ..ActiveModel::default() };
        if aside.update::<Entity>(values, of_account().add(Column::Digest.eq(self.0.as_str()))).await? == 0 {
            let row = ActiveModel { account_id: Set(account), digest: Set(self.0.clone()), last_used_at: Set(now) };
            aside.insert_unless_known::<Entity>(row).await?;
        }
        let old = aside.all(Entity::beyond(account, MOST_KNOWN)).await?;
        if !old.is_empty() {
            let digests = old.into_iter().map(|row| row.digest);
            aside.delete::<Entity>(of_account().add(Column::Digest.is_in(digests))).await?;
        }
        Ok(())
    }
}
