//! Turning the keys: the next one signs, the one that signed retires, and another is published. Nobody is signed out by it.

use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use tracing::info;

use super::{Keys, fresh};
use crate::{
    clock::Timestamp,
    entity::signing_key::{self, KeyState, Model},
    problem::Problem,
    store::{Intent, Origin},
};

/// How long a key is published before it signs: whoever keeps a copy of the published keys has it by then.
const PUBLISHED_MINUTES: i64 = 15;

/// Why the keys are to be turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// When the key that signs is older than so many days.
    Due(u32),
    /// The operator wishes it.
    Asked,
    /// Somebody else may have the key that signs: none of its tokens is taken any more, and the next one signs, whatever its age.
    Stolen,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turned {
    NotDue,
    /// The next key was published too short a time ago.
    NotBefore(Timestamp),
    Done {
        retired: String,
        current: String,
        next: String,
    },
}

impl Keys {
    /// Turns the keys, once, however many processes wish it at the same time.
    pub async fn turn(&self, why: Turn) -> Result<Turned, Problem> {
        let rows = self.rows().await?;
        let now = self.store.clock().now();
        match decide(&rows, why, now)? {
            Decision::Turn { .. } => {}
            Decision::No(turned) => return Ok(turned),
        }
        let made = fresh(&self.sealer, KeyState::Next, now)?;
        let mut outcome = Turned::NotDue;
        let intent = Intent::system(Origin::CommandLine);
        let write = self.store.write(&intent, async |tx| {
            let rows = tx.all(signing_key::Entity::all()).await?;
            let (current, next) = match decide(&rows, why, tx.now())? {
                Decision::Turn { current, next } => (current, next),
                Decision::No(turned) => {
                    outcome = turned;
                    return Ok(());
                }
            };
            outcome = Turned::Done { retired: current.kid.clone(), current: next.kid.clone(), next: made.kid.clone() };
            let revoked_at = (why == Turn::Stolen).then_some(tx.now());
            let retired = Model { state: KeyState::Retired, retired_at: Some(tx.now()), revoked_at, ..current };
            let current = Model { state: KeyState::Current, ..next };
            let made = Model { created_at: tx.now(), ..made };
            for row in [retired, current, made] {
                tx.put_private::<signing_key::Entity>(row.into_active_model().reset_all()).await?;
            }
            Ok(())
        });
        write.await?;
        self.refresh().await?;
        if let Turned::Done { retired, current, next } = &outcome {
            info!(?why, retired, current, next, "the signing keys were turned");
        }
        Ok(outcome)
    }
}

enum Decision {
    Turn { current: Model, next: Model },
    No(Turned),
}

fn decide(rows: &[Model], why: Turn, now: Timestamp) -> Result<Decision, Problem> {
    let in_state = |state: KeyState| {
        let found = rows.iter().find(|row| row.state == state).cloned();
        found.ok_or_else(|| Problem::internal(format!("the database has no signing key in the state {state:?}")))
    };
    let (current, next) = (in_state(KeyState::Current)?, in_state(KeyState::Next)?);
    if let Turn::Due(days) = why
        && now.0 < since(rows, &current).0 + TimeDelta::days(i64::from(days))
    {
        return Ok(Decision::No(Turned::NotDue));
    }
    let ready = next.created_at.0 + TimeDelta::minutes(PUBLISHED_MINUTES);
    if why != Turn::Stolen && now.0 < ready {
        return Ok(Decision::No(Turned::NotBefore(Timestamp(ready))));
    }
    Ok(Decision::Turn { current, next })
}

/// Since when this key signs: since the one before it retired; the first one since it was made.
pub fn since(rows: &[Model], current: &Model) -> Timestamp {
    rows.iter().filter_map(|row| row.retired_at).max().unwrap_or(current.created_at)
}
