//! Accounts for trying out: made by `--demo`, refused without it.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{efforts, people, rounds, successions, workplan};
use crate::{
    auth::{Role, Scope, password},
    entity::{account, organization},
    features::{
        access::enrol::{self, NewAccount, NewServiceAccount},
        institutions::duties,
    },
    http::context::Here,
    problem::Problem,
    store::{Intent, Origin, Provenance, Store, Tx},
};

/// What stands in `demo-accounts.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct DemoAccounts {
    pub base_url: String,
    pub accounts: Vec<DemoAccount>,
    pub service_accounts: Vec<DemoServiceAccount>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct DemoAccount {
    pub role: Role,
    pub organization_code: Option<String>,
    pub username: String,
    pub password: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct DemoServiceAccount {
    pub name: String,
    pub role: Role,
    pub organization_code: Option<String>,
    pub scopes: Vec<Scope>,
    pub external_systems: Vec<String>,
    pub client_id: String,
    pub client_secret: String,
}

/// User name, name to show, role, organization. The people are invented.
const PEOPLE: &[(&str, &str, Role, Option<&str>)] = &[
    ("admin", "Demo administrator", Role::Administrator, None),
    ("mofa.coordinator", "Demo coordinator at MoFA", Role::Coordinator, Some("mofa")),
    ("molsw.focal", "Demo focal point at MoLSW", Role::FocalPoint, Some("molsw")),
    ("mps.focal", "Demo focal point at MPS", Role::FocalPoint, Some("mps")),
    ("moh.focal", "Demo focal point at MoH", Role::FocalPoint, Some("moh")),
    ("moes.focal", "Demo focal point at MoES", Role::FocalPoint, Some("moes")),
    ("moj.focal", "Demo focal point at MoJ", Role::FocalPoint, Some("moj")),
    ("mpi.focal", "Demo focal point, until 2025 at MPI", Role::FocalPoint, Some("mpi")),
    ("iom.member", "Demo network member at IOM", Role::NetworkMember, Some("iom")),
    ("reader", "Demo reader", Role::Reader, None),
];

/// Where the accounts are written down.
pub fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("demo-accounts.json")
}

/// Makes the accounts and writes them down; an instance that has them already is left as it is. What became of the institutions is entered after
/// the accounts, so that one of them has lived through it.
pub async fn demo(store: &Store, here: &Here, data_dir: &Path, base_url: &str) -> Result<(DemoAccounts, usize), Problem> {
    let path = file(data_dir);
    if let Some(mut known) = read(&path) {
        let new = successions(store, here).await?;
        if known.base_url != base_url {
            base_url.clone_into(&mut known.base_url);
            write(&path, &known)?;
        }
        examples(store, here).await?;
        return Ok((known, new));
    }
    let mut made = make(store, base_url).await?;
    let new = successions(store, here).await?;
    for account in &mut made.accounts {
        account.organization_code = organization_of(store, &account.username).await?;
    }
    write(&path, &made)?;
    examples(store, here).await?;
    Ok((made, new))
}

/// What there is to try the accounts out on, each kind where there is none of it yet.
async fn examples(store: &Store, here: &Here) -> Result<(), Problem> {
    people::demo(store, here).await?;
    efforts::demo(store, here).await?;
    rounds::demo(store, here).await?;
    workplan::demo(store, here).await
}

/// The organization that the account speaks for now.
async fn organization_of(store: &Store, username: &str) -> Result<Option<String>, Problem> {
    let Some(id) = store.first(account::Entity::by_username(username)).await?.and_then(|row| row.organization_id) else { return Ok(None) };
    Ok(store.first(organization::Entity::by_ids([id])).await?.map(|row| row.code.to_string()))
}

/// The institution of this code, or the heir of one that has ended.
async fn living(tx: &Tx<'_>, code: &str) -> Result<Option<String>, Problem> {
    let code = code.parse().map_err(Problem::internal)?;
    let Some(row) = tx.first(organization::Entity::by_code(&code)).await? else { return Ok(None) };
    if row.valid_to.is_none() {
        return Ok(Some(row.code.to_string()));
    }
    let Some(heir) = duties::suggested_heir(tx, row.id).await? else { return Ok(None) };
    Ok(tx.first(organization::Entity::by_ids([heir])).await?.map(|row| row.code.to_string()))
}

fn read(path: &Path) -> Option<DemoAccounts> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

async fn make(store: &Store, base_url: &str) -> Result<DemoAccounts, Problem> {
    let mut accounts = Vec::new();
    let mut hashes = Vec::new();
    for (username, _display_name, role, organization) in PEOPLE {
        let password = password::random_password().map_err(Problem::internal)?;
        hashes.push(password::hash(password.expose()).map_err(Problem::internal)?);
        accounts.push(DemoAccount {
            role: *role,
            organization_code: organization.map(str::to_owned),
            username: (*username).to_owned(),
            password: password.expose().to_owned(),
        });
    }
    let intent = Intent { provenance: Provenance::Illustrative, ..Intent::system(Origin::Seed) };
    let mut service_accounts = Vec::new();
    store
        .write(&intent, async |tx| {
            for ((username, display_name, role, organization), hash) in PEOPLE.iter().zip(&hashes) {
                let organization_code = match organization {
                    Some(code) => living(tx, code).await?,
                    None => None,
                };
                let new = NewAccount {
                    username: (*username).to_owned(),
                    display_name: (*display_name).to_owned(),
                    role: *role,
                    organization_code,
                    locale: "en".to_owned(),
                    password_hash: Some(hash.clone()),
                    demo: true,
                };
                enrol::put_person(tx, new).await?;
            }
            for (name, role, organization, scopes, systems) in [
                ("IOM demo sync", Role::NetworkMember, Some("iom"), [Scope::Read, Scope::Write], vec!["iom-mims".to_owned()]),
                ("Review tooling demo", Role::Reader, None, [Scope::Read, Scope::Review], Vec::new()),
            ] {
                let new = NewServiceAccount {
                    name: name.to_owned(),
                    role,
                    organization_code: organization.map(str::to_owned),
                    scopes: scopes.to_vec(),
                    external_systems: systems.clone(),
                    expires_at: None,
                    demo: true,
                };
                let (row, secret) = enrol::put_machine(tx, new).await?;
                service_accounts.push(DemoServiceAccount {
                    name: name.to_owned(),
                    role,
                    organization_code: organization.map(str::to_owned),
                    scopes: scopes.to_vec(),
                    external_systems: systems,
                    client_id: row.client_id,
                    client_secret: secret.expose().to_owned(),
                });
            }
            Ok(())
        })
        .await?;
    Ok(DemoAccounts { base_url: base_url.to_owned(), accounts, service_accounts })
}

/// Readable by its owner only: there are passwords in it.
fn write(path: &Path, accounts: &DemoAccounts) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(accounts).map_err(Problem::internal)?;
    let draft = path.with_extension("json.new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).map_err(Problem::internal)?;
    writeln!(file, "{text}").map_err(Problem::internal)?;
    std::fs::rename(&draft, path).map_err(Problem::internal)
}
