//! Token buckets by key, in the memory of this process: each key has so many tokens, and gets another one every so often.
//!
//! One moment a key: when its bucket will be full again (the generic cell rate algorithm). Keys are kept as keyed hashes, so that neither a
//! user name nor an address lies in memory, and no more of them than [`MOST`]: the fullest buckets are forgotten first.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::clock::Timestamp;

/// How many keys are remembered at most: about 3 MB.
pub const MOST: usize = SHARDS * MOST_IN_SHARD;
const SHARDS: usize = 16;
const MOST_IN_SHARD: usize = 4_096;

/// The buckets of one limit.
#[derive(Debug)]
pub struct Buckets {
    /// How many tokens a bucket holds.
    burst: i64,
    /// Microseconds until one more token.
    every: i64,
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, i64>>; SHARDS],
}

/// How a bucket stands after a token was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Whether there was one.
    pub taken: bool,
    /// How many are left.
    pub left: u32,
    /// Until there is one more; zero when it is full.
    pub next: Duration,
}

impl Buckets {
    pub fn new(burst: u32, every: Duration) -> Self {
        let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1);
        Self { burst: i64::from(burst.max(1)), every, hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }

    pub fn burst(&self) -> u32 {
        u32::try_from(self.burst).unwrap_or(u32::MAX)
    }

    /// How long an empty bucket takes to be full.
    pub fn window(&self) -> Duration {
        micros(self.burst.saturating_mul(self.every))
    }

    /// Takes a token, if there is one.
    pub fn take(&self, key: &impl Hash, now: Timestamp) -> Level {
        let key = self.hasher.hash_one(key);
        let now = now.micros();
        let most = self.burst.saturating_mul(self.every);
        let mut shard = self.shard(key);
        // A clock that was set back must not keep anyone out for longer than an empty bucket does.
        let lacks = shard.get(&key).map_or(0, |full_at| (full_at - now).clamp(0, most));
        let after = lacks.saturating_add(self.every);
        let taken = after <= most;
        if taken {
            make_room(&mut shard, key, now);
        }
        let lacks = if taken { after } else { lacks };
        shard.insert(key, now.saturating_add(lacks));
        self.level(taken, lacks)
    }

    /// Puts a token back that need not have been taken.
    pub fn give_back(&self, key: &impl Hash, now: Timestamp) {
        let key = self.hasher.hash_one(key);
        let mut shard = self.shard(key);
        if let Some(full_at) = shard.get_mut(&key) {
            *full_at -= self.every;
            if *full_at <= now.micros() {
                shard.remove(&key);
            }
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn level(&self, taken: bool, lacks: i64) -> Level {
        let most = self.burst.saturating_mul(self.every);
        let left = (most - lacks) / self.every;
        let next = if lacks == 0 { 0 } else { lacks - (self.burst - left - 1) * self.every };
        Level { taken, left: u32::try_from(left).unwrap_or_default(), next: micros(next) }
    }

    fn shard(&self, key: u64) -> MutexGuard<'_, HashMap<u64, i64>> {
        let [first, ..] = &self.shards;
        let at = usize::try_from(key % 16).unwrap_or_default();
        lock(self.shards.get(at).unwrap_or(first))
    }
}

fn lock(shard: &Mutex<HashMap<u64, i64>>) -> MutexGuard<'_, HashMap<u64, i64>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// Forgets the buckets that are full again, and when that is not enough the fuller half of the others: those that are empty, which is whom
/// the limit is for, stay.
fn make_room(shard: &mut HashMap<u64, i64>, key: u64, now: i64) {
    if shard.len() < MOST_IN_SHARD || shard.contains_key(&key) {
        return;
    }
    shard.retain(|_, full_at| *full_at > now);
    if shard.len() <= MOST_IN_SHARD / 2 {
        return;
    }
    let mut moments: Vec<i64> = shard.values().copied().collect();
    let (_, middle, emptier) = moments.select_nth_unstable(shard.len() / 2);
    let middle = *middle;
    let mut alike = emptier.iter().filter(|moment| **moment == middle).count();
    shard.retain(|_, full_at| {
        let kept = *full_at > middle || (*full_at == middle && alike > 0);
        alike -= usize::from(kept && *full_at == middle);
        kept
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + seconds * 1_000_000).unwrap()
    }

    fn bucket() -> Buckets {
        Buckets::new(3, Duration::from_secs(10))
    }

    #[test]
    fn a_bucket_empties_and_fills() {
        let bucket = bucket();
        let level = |taken, left, next| Level { taken, left, next: Duration::from_secs(next) };
        assert_eq!(bucket.take(&"a", at(0)), level(true, 2, 10));
        assert_eq!(bucket.take(&"a", at(4)), level(true, 1, 6));
        assert_eq!(bucket.take(&"a", at(4)), level(true, 0, 6));
        for refused in 4..10 {
            assert_eq!(bucket.take(&"a", at(refused)), level(false, 0, 10 - u64::try_from(refused).unwrap()));
        }
        assert_eq!(bucket.take(&"b", at(9)), level(true, 2, 10), "each key has its own");
        assert_eq!(bucket.take(&"a", at(10)), level(true, 0, 10));
        assert_eq!(bucket.take(&"a", at(1_000)), level(true, 2, 10), "it never holds more than its burst");
        assert_eq!(bucket.window(), Duration::from_secs(30));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let bucket = bucket();
        for second in 0..100 {
            assert!(bucket.take(&1, at(second)).taken);
            bucket.give_back(&1, at(second));
        }
        assert!(bucket.is_empty());
        bucket.give_back(&2, at(0));
        assert_eq!(bucket.take(&2, at(0)).left, 2, "nobody gets more than there is");
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let bucket = bucket();
        for _ in 0..3 {
            assert!(bucket.take(&1, at(86_400)).taken);
        }
        assert_eq!(bucket.take(&1, at(0)).next, Duration::from_secs(10));
        assert!(!bucket.take(&1, at(9)).taken && bucket.take(&1, at(10)).taken);
    }

    #[test]
    fn no_number_of_keys_fills_the_memory_and_the_empty_ones_are_kept() {
        let bucket = bucket();
        for _ in 0..3 {
            bucket.take(&"guilty", at(0));
        }
        for stranger in 0..500_000 {
            assert!(bucket.take(&stranger, at(0)).taken);
            assert!(stranger % 1_000 != 0 || bucket.len() <= MOST);
        }
        assert!((MOST / 4..=MOST).contains(&bucket.len()), "{}", bucket.len());
        assert!(!bucket.take(&"guilty", at(1)).taken);
        for later in 0..500_000 {
            bucket.take(&later, at(3_600));
        }
        assert!(bucket.len() <= MOST);
    }
}
