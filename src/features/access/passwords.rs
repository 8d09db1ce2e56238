//! Checking passwords without holding anybody up, and what is wrong with one in the words of the contract.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::web;
use tokio::sync::Semaphore;

use crate::{
    auth::{
        password,
        password::{Guess, MAX_CHARACTERS, MIN_CHARACTERS, Weakness},
    },
    problem::{Code, Fault, FaultCode, Problem},
};

/// How many may wait for a turn: a second's work of two cores.
const MOST_WAITING: usize = 64;
/// How long one may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The turns of this process at working on passwords: each takes 19 MiB and a core for some milliseconds, so few are under way at once, and
/// only so many wait.
pub struct Checking {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A place in the queue, given up when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < MOST_WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Checking {
    /// So many at once.
    pub fn new(turns: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(turns)), waiting: AtomicUsize::new(0) }
    }

    /// Whether this is the password that was hashed. Without a hash it takes as long, and it is not.
    pub async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        self.turn(move || match hash {
            Some(hash) => password::verify(&password, &hash),
            None => {
                password::waste();
                false
            }
        })
        .await
    }

    /// What is stored for the password of whoever has these names, unless it is too weak: to find that out takes a while, too.
    pub async fn hash(&self, password: String, names: [String; 2]) -> Result<Result<String, Weakness>, Problem> {
        let hashed = self.turn(move || {
            let names = names.each_ref().map(String::as_str);
            password::check_strength(&password, &names).map(|()| password::hash(&password))
        });
        match hashed.await? {
            Ok(hash) => hash.map(Ok).map_err(Problem::internal),
            Err(why) => Ok(Err(why)),
        }
    }

    /// Off the threads that answer requests, and not too many at once; 503 when too many wait.
    async fn turn<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R, Problem> {
        let busy = || Problem::new(Code::SignInBusy);
        let turn = {
            let _place = Place::take(&self.waiting).ok_or_else(busy)?;
            let turn = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned());
            turn.await.map_err(|_elapsed| busy())?.map_err(Problem::internal)?
        };
        // The turn goes with the work: a caller who hangs up does not end what was begun.
        let done = web::block(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(Problem::internal)
    }
}

/// The fault that stands for this weakness; of the password itself it says nothing.
pub fn weakness(pointer: &str, why: Weakness) -> Fault {
    match why {
        Weakness::TooShort { .. } => Fault::at(pointer, FaultCode::TooShort).with("limit", MIN_CHARACTERS),
        Weakness::TooLong { .. } => Fault::at(pointer, FaultCode::TooLong).with("limit", MAX_CHARACTERS),
        Weakness::ControlCharacter => Fault::at(pointer, FaultCode::Form).with("form", "characters that can be typed"),
        Weakness::Guessable(guess) => Fault::at(pointer, FaultCode::PasswordGuessable).with("guess", word(guess)),
    }
}

const fn word(guess: Guess) -> &'static str {
    match guess {
        Guess::Context => "context",
        Guess::Common => "common",
        Guess::Word => "word",
        Guess::Name => "name",
        Guess::Date => "date",
        Guess::Repeat => "repeat",
        Guess::Sequence => "sequence",
        Guess::Keyboard => "keyboard",
        Guess::Simple => "simple",
    }
}
