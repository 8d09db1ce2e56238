//! Of many who ask for the same at once one reckons, and the others wait for it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch::{Receiver, Sender, channel};

/// What is asked for, and where the record stands.
type Key = (String, i64);

/// What became of it, as the others are told.
#[derive(Clone, Debug)]
enum Outcome<T> {
    Open,
    /// It is theirs as well.
    Given(T),
    /// It is no answer for others: each reckons.
    Apart,
}

/// What is being reckoned.
#[derive(Debug)]
pub struct Flights<T>(Mutex<HashMap<Key, Receiver<Outcome<T>>>>);

/// What somebody who asks is to do.
pub enum Turn<'a, T: Clone> {
    /// Reckon, and tell the others.
    Lead(Lead<'a, T>),
    /// Nothing: here it is.
    Given(T),
    /// Reckon for oneself.
    Alone,
}

/// Whoever reckons for all. When this goes without a word, one of those who wait takes its place.
pub struct Lead<'a, T: Clone> {
    flights: &'a Flights<T>,
    key: Key,
    tell: Sender<Outcome<T>>,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Flights<T> {
    /// Waits while somebody reckons this, and no longer than the caller waits.
    pub async fn join(&self, key: &Key) -> Turn<'_, T> {
        loop {
            let mut waiting = match self.place(key) {
                Ok(lead) => return Turn::Lead(lead),
                Err(waiting) => waiting,
            };
            let outcome = waiting.wait_for(|outcome| !matches!(outcome, Outcome::Open)).await.map(|outcome| outcome.clone());
            match outcome {
                Ok(Outcome::Given(answer)) => return Turn::Given(answer),
                Ok(Outcome::Apart) => return Turn::Alone,
                // Whoever led is gone.
                Ok(Outcome::Open) | Err(_) => {}
            }
        }
    }

    /// The lead, or what tells of it when somebody has it.
    fn place(&self, key: &Key) -> Result<Lead<'_, T>, Receiver<Outcome<T>>> {
        let mut open = self.open();
        if let Some(waiting) = open.get(key) {
            return Err(waiting.clone());
        }
        let (tell, waiting) = channel(Outcome::Open);
        open.insert(key.clone(), waiting);
        Ok(Lead { flights: self, key: key.clone(), tell })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, Receiver<Outcome<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Lead<'_, T> {
    /// Gives the others the answer.
    pub fn give(self, answer: T) {
        self.tell.send_replace(Outcome::Given(answer));
    }

    /// Lets the others reckon, all at once.
    pub fn release(self) {
        self.tell.send_replace(Outcome::Apart);
    }
}

impl<T: Clone> Drop for Lead<'_, T> {
    /// Before the others hear of it, so that the first of them finds the place free.
    fn drop(&mut self) {
        self.flights.open().remove(&self.key);
    }
}
