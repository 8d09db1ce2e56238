//! `gcm-api account`

use std::{io::Read, path::PathBuf};

use clap::Subcommand;
use gcm_api::{
    auth::{Role, Scope, password},
    entity::account,
    features::access::enrol::{self, NewAccount, NewServiceAccount},
    settings::Settings,
    store::{Access, Intent, Origin, Store},
};

use super::database;
use crate::{Failure, say};

#[derive(Subcommand)]
pub enum AccountCommand {
    /// Make the account of a person.
    Create {
        /// Name to sign in with.
        #[arg(long)]
        username: String,
        /// Name to show.
        #[arg(long)]
        display_name: String,
        /// administrator, coordinator, focal_point, network_member or reader.
        #[arg(long)]
        role: Role,
        /// Code of the organization that the account speaks for.
        #[arg(long)]
        organization: Option<String>,
        /// Language that its holder prefers.
        #[arg(long, default_value = "en")]
        locale: String,
        /// Read the password from this file; `-` is the standard input. Without it the account is invited and cannot sign in yet.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Give an account a new password.
    SetPassword {
        /// Name to sign in with.
        #[arg(long)]
        username: String,
        /// Read the password from this file; `-` is the standard input.
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Make a machine account; its secret is printed once.
    CreateService {
        /// What machine it is.
        #[arg(long)]
        name: String,
        /// administrator, coordinator, focal_point, network_member or reader.
        #[arg(long)]
        role: Role,
        /// Code of the organization that the account speaks for.
        #[arg(long)]
        organization: Option<String>,
        /// read, write or review; may be given several times.
        #[arg(long = "scope", required = true)]
        scopes: Vec<Scope>,
        /// A system whose external ids it may write; may be given several times.
        #[arg(long = "external-system")]
        external_systems: Vec<String>,
    },
    /// Erase the holder of an account, for ever: names, password, sessions and appointments, in the history too.
    Erase {
        /// Name to sign in with.
        #[arg(long)]
        username: String,
        /// Do not ask to type the user name again.
        #[arg(long)]
        yes: bool,
    },
    /// List the accounts of people.
    List,
}

pub async fn run(command: AccountCommand, settings: &Settings) -> Result<(), Failure> {
    let access = if matches!(command, AccountCommand::List) { Access::Read } else { Access::Write };
    let store = database::open(settings, access).await?;
    let done = carry_out(command, settings, &store).await;
    store.close().await?;
    done
}

async fn carry_out(command: AccountCommand, settings: &Settings, store: &Store) -> Result<(), Failure> {
    let intent = Intent::system(Origin::CommandLine);
    match command {
        AccountCommand::Create { username, display_name, role, organization, locale, password_file } => {
            if !settings.instance.languages.contains(&locale) {
                return Err(Failure::Refused(format!("the languages of this instance are {}", settings.instance.languages.join(", "))));
            }
            let words = [username.as_str(), display_name.as_str(), organization.as_deref().unwrap_or_default()];
            let password_hash = password_file.map(|file| hashed(&file, &words)).transpose()?;
            let invited = password_hash.is_none();
            let new = NewAccount {
                username: username.clone(),
                display_name,
                role,
                organization_code: organization,
                locale,
                password_hash,
                demo: false,
            };
            store.write(&intent, async |tx| enrol::put_person(tx, new).await.map(|_row| ())).await?;
            say(format!("The account {username} is made{}.", if invited { "; it is invited and cannot sign in yet" } else { "" }))
        }
        AccountCommand::SetPassword { username, password_file } => {
            let known = store.first(account::Entity::by_username(&username)).await?.ok_or_else(gcm_api::problem::Problem::not_found)?;
            let hash = hashed(&password_file, &[username.as_str(), known.display_name.as_str()])?;
            store
                .write(&intent, async |tx| {
                    let row = tx.first(account::Entity::by_username(&username)).await?.ok_or_else(gcm_api::problem::Problem::not_found)?;
                    enrol::set_password(tx, &row, hash).await
                })
                .await?;
            say(format!("The account {username} has a new password."))
        }
        AccountCommand::CreateService { name, role, organization, scopes, external_systems } => {
            let new =
                NewServiceAccount { name, role, organization_code: organization, scopes, external_systems, expires_at: None, demo: false };
            let mut made = None;
            store
                .write(&intent, async |tx| {
                    made = Some(enrol::put_machine(tx, new).await?);
                    Ok(())
                })
                .await?;
            let (row, secret) = made.ok_or_else(|| Failure::Other("the account was not made".to_owned()))?;
            say(format!("client_id     {}\nclient_secret {}\nThe secret is shown this once only.", row.client_id, secret.expose()))
        }
        AccountCommand::Erase { username, yes } => super::erase::account(store, &username, yes).await,
        AccountCommand::List => {
            for row in store.all(account::Entity::all()).await? {
                say(format!("{:24} {:16} {:10} {}", row.username, row.role, row.state.name(), row.display_name))?;
            }
            Ok(())
        }
    }
}

/// Reads, checks and hashes a password.
fn hashed(file: &PathBuf, words: &[&str]) -> Result<String, Failure> {
    let text = match file.to_str() {
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        _ => std::fs::read_to_string(file).map_err(|error| Failure::Other(format!("{}: {error}", file.display())))?,
    };
    let text = text.trim_end_matches(['\r', '\n']);
    password::check_strength(text, words).map_err(|weakness| Failure::Refused(format!("the password is too weak: {weakness}")))?;
    password::hash(text).map_err(|error| Failure::Other(error.to_string()))
}
