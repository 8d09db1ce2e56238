//! `gcm-api keys`

use clap::Subcommand;
use gcm_api::{
    app,
    entity::signing_key::{self, KeyState},
    features::access::keys::{Keys, Turn, Turned, since},
    settings::Settings,
    store::{Access, Store},
};

use super::database;
use crate::{Failure, say};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// List the keys that sign access tokens.
    List,
    /// Let the next key sign. Nobody is signed out: tokens of the old key stay good until they expire.
    Rotate {
        /// The key that signs was stolen: none of its tokens is taken any more, and the next key signs at once.
        #[arg(long)]
        now: bool,
    },
}

pub async fn run(command: KeysCommand, settings: &Settings) -> Result<(), Failure> {
    let access = if matches!(command, KeysCommand::List) { Access::Read } else { Access::Write };
    let store = database::open(settings, access).await?;
    let done = match command {
        KeysCommand::List => list(&store).await,
        KeysCommand::Rotate { now } => rotate(&Keys::open(store.clone(), app::sealer(settings)?, app::issuer(settings)).await?, now).await,
    };
    store.close().await?;
    done
}

async fn list(store: &Store) -> Result<(), Failure> {
    let rows = store.all(signing_key::Entity::all()).await?;
    for row in &rows {
        let what = match (row.state, row.retired_at, row.revoked_at) {
            (_, _, Some(at)) => format!("given up as stolen {at}"),
            (_, Some(at), None) => format!("retired {at}"),
            (KeyState::Current, ..) => format!("signs since {}", since(&rows, row)),
            _ => "published, signs next".to_owned(),
        };
        say(format!("{}  made {}  {what}", row.kid, row.created_at))?;
    }
    Ok(())
}

async fn rotate(keys: &Keys, stolen: bool) -> Result<(), Failure> {
    match keys.turn(if stolen { Turn::Stolen } else { Turn::Asked }).await? {
        Turned::Done { retired, current, next } => {
            let fate = match stolen {
                true => "given up: its tokens are refused from now on, and clients renew theirs by themselves",
                false => "retired: the tokens that it signed stay good until they expire, 15 minutes at most",
            };
            say(format!("{current}  signs from now on\n{retired}  {fate}\n{next}  published, signs next"))
        }
        Turned::NotBefore(ready) => Err(Failure::Refused(format!(
            "the next key has not been published for 15 minutes, so not everybody who checks tokens knows it: try again after {ready}, or add --now when the key that signs was stolen"
        ))),
        Turned::NotDue => Ok(()),
    }
}
