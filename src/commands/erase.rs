//! `gcm-api account erase`, `gcm-api focal-point erase` and `gcm-api consultation erase-names`

use std::io::BufRead;

use clap::Subcommand;
use gcm_api::{
    entity::{account, consultation, focal_point},
    features::access::erase::{self, Erasure},
    problem::Problem,
    settings::Settings,
    store::{Access, Intent, Origin, Remains, Store, Tx},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::database;
use crate::{Failure, say};

#[derive(Subcommand)]
pub enum FocalPointCommand {
    /// Erase the person of an appointment, for ever: name, position and contact, in the history too.
    Erase {
        /// Id of the appointment.
        #[arg(long)]
        id: Uuid,
        /// Do not ask to type the id again.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand)]
pub enum ConsultationCommand {
    /// Erase the names of those who were in the chair of a consultation, for ever, in the history too.
    EraseNames {
        /// Id of the consultation.
        #[arg(long)]
        id: Uuid,
        /// Do not ask to type the id again.
        #[arg(long)]
        yes: bool,
    },
}

pub async fn consultation(command: ConsultationCommand, settings: &Settings) -> Result<(), Failure> {
    let ConsultationCommand::EraseNames { id, yes } = command;
    let store = database::open(settings, Access::Write).await?;
    let done = names(&store, id, yes).await;
    store.close().await?;
    done
}

async fn names(store: &Store, id: Uuid, yes: bool) -> Result<(), Failure> {
    confirm(&id.to_string(), "the id of the consultation", yes)?;
    let erasure = carry_out(store, async |tx| {
        let row = tx.find::<consultation::Entity>(consultation::Column::Id.eq(id)).await?.ok_or_else(Problem::not_found)?;
        erase::consultation_names(tx, row).await
    });
    match erasure.await? {
        Erasure::Nothing => say(format!("The names in the consultation {id} were erased before; nothing was left to change."))?,
        Erasure::Done { .. } => say(format!(
            "The names of those who were in the chair of the consultation {id} are erased, in its history and in kept answers too. Their \
             institutions and offices stay."
        ))?,
    }
    clear(store).await
}

pub async fn run(command: FocalPointCommand, settings: &Settings) -> Result<(), Failure> {
    let FocalPointCommand::Erase { id, yes } = command;
    let store = database::open(settings, Access::Write).await?;
    let done = appointment(&store, id, yes).await;
    store.close().await?;
    done
}

async fn appointment(store: &Store, id: Uuid, yes: bool) -> Result<(), Failure> {
    confirm(&id.to_string(), "the id of the appointment", yes)?;
    let erasure = carry_out(store, async |tx| {
        let row = tx.find::<focal_point::Entity>(focal_point::Column::Id.eq(id)).await?.ok_or_else(Problem::not_found)?;
        erase::focal_point(tx, row).await
    });
    match erasure.await? {
        Erasure::Nothing => say(format!("The person of the appointment {id} was erased before; nothing was left to change."))?,
        Erasure::Done { .. } => say(format!(
            "The person of the appointment {id} is erased: name, position, contact and account, in its history and in kept answers too. \
             The institution, the role and the dates stay."
        ))?,
    }
    clear(store).await
}

/// Erases the holder of an account.
pub async fn account(store: &Store, username: &str, yes: bool) -> Result<(), Failure> {
    confirm(username, "the user name", yes)?;
    let Some(known) = store.first(account::Entity::by_username(username)).await? else {
        let text = "there is no account of this user name; one whose holder was erased before has another";
        return Err(Failure::Refused(text.to_owned()));
    };
    let (id, called) = (known.id, known.clone().erased(known.updated_at).username);
    let mut in_doubt = Vec::new();
    let erasure = carry_out(store, async |tx| {
        let row = tx.first(account::Entity::to_authenticate(id)).await?.ok_or_else(Problem::not_found)?;
        let erasure = erase::account(tx, row).await?;
        in_doubt = erase::in_doubt(tx, id).await?;
        Ok(erasure)
    });
    match erasure.await? {
        Erasure::Nothing => say(format!("The holder of the account {id} was erased before; nothing was left to change."))?,
        Erasure::Done { appointments } => say(format!(
            "The holder of the account {id} is erased: names, password, sessions and links, in its history and in kept answers too, and \
             {appointments} appointment(s) as a focal point. The account is called {called} now and is archived for ever; what was done under it \
             stays under its id."
        ))?,
    }
    for id in in_doubt {
        say(format!(
            "The appointment {id} was linked to this account once, and nothing was erased of it: the record does not say whose it is. If it is \
             of the same person, erase it, too: gcm-api focal-point erase --id {id}"
        ))?;
    }
    clear(store).await
}

async fn carry_out(store: &Store, work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<Erasure, Problem>) -> Result<Erasure, Failure> {
    let (intent, mut erasure) = (Intent::system(Origin::CommandLine), Erasure::Nothing);
    store
        .write(&intent, async |tx| {
            erasure = work(tx).await?;
            Ok(())
        })
        .await?;
    Ok(erasure)
}

/// Rewrites the file without what was erased, also when that had been done before: a try that came to nothing can be made again.
async fn clear(store: &Store) -> Result<(), Failure> {
    say(match store.scrub().await? {
        Remains::Nowhere => "The database file was rewritten, so that none of it is left there.",
        Remains::InUse => {
            "The database file is in use: old text may be left in it and in its write-ahead log. Stop the service, or wait until it has less \
             to do, and give this command again."
        }
        Remains::OnServer => {
            "PostgreSQL keeps dead tuples until it vacuums them: VACUUM FULL of the tables change, search_text, account, consultation, focal_point, \
             focal_point_contact, credential, session, refresh_token, password_link, known_network and idempotency clears them at once."
        }
    })?;
    say("Backups, archived write-ahead logs and exports that were made before still hold it.")
}

/// Asks for the name once more, unless told not to.
fn confirm(name: &str, what: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    say(format!("This cannot be taken back. Type {what} again to erase the person: "))?;
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    if typed.trim() == name {
        return Ok(());
    }
    Err(Failure::Refused("that is another name: nothing was erased".to_owned()))
}
