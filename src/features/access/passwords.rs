//! Checking passwords without holding anybody up, and what is wrong with one in the words of the contract.

use actix_web::web;
use tokio::sync::Semaphore;

use crate::{
    auth::{
        password,
        password::{Guess, MAX_CHARACTERS, MIN_CHARACTERS, Weakness},
    },
    problem::{Fault, FaultCode, Problem},
};

/// How many passwords are checked at once: each takes 19 MiB and a core.
pub struct Checking(pub Semaphore);

impl Checking {
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

    /// What is stored for this password.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.turn(move || password::hash(&password)).await?.map_err(Problem::internal)
    }

    /// Off the threads that answer requests, and not too many at once.
    async fn turn<R: Send + 'static>(&self, work: impl FnOnce() -> R + Send + 'static) -> Result<R, Problem> {
        let _turn = self.0.acquire().await.map_err(Problem::internal)?;
        web::block(work).await.map_err(Problem::internal)
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
