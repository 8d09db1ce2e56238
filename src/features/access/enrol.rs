//! Making accounts: what holds of them whichever way they are made, and the ways of the operator's command line and the demo.

use std::ops::RangeInclusive;

use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::service_accounts::secrets;
use super::{links, sessions};
use crate::{
    auth::{Action, Role, Scope, password::ClientSecret},
    clock::Timestamp,
    entity::{
        account::{self, AccountState},
        credential, organization, service_account,
    },
    features::sync::external_ids,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Tracked, Tx},
    text::{Items, Text},
};

/// A person to be let in.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub organization_code: Option<String>,
    pub locale: String,
    /// Without one the account is invited and cannot sign in yet.
    pub password_hash: Option<String>,
    pub demo: bool,
}

/// A machine to be let in.
#[derive(Clone, Debug)]
pub struct NewServiceAccount {
    pub name: String,
    pub role: Role,
    pub organization_code: Option<String>,
    pub scopes: Vec<Scope>,
    pub external_systems: Vec<String>,
    pub expires_at: Option<Timestamp>,
    pub demo: bool,
}

/// User names: a-z, 0-9, `.`, `-` and `_`, beginning and ending with a letter or digit.
pub const USERNAME: &str = "^[a-z0-9][a-z0-9._-]*[a-z0-9]$";
pub const USERNAME_LENGTH: RangeInclusive<usize> = 3..=64;

/// The form of user names; what erased accounts are called is nobody's to choose.
pub fn check_username(username: &str) -> Result<(), Fault> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    let end = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let form = USERNAME_LENGTH.contains(&username.len())
        && username.bytes().all(inner)
        && end(username.bytes().next())
        && end(username.bytes().next_back());
    let fault = |form: &str| Fault::at("/username", FaultCode::Form).with("form", form);
    match username.starts_with(account::ERASED_PREFIX) {
        _ if !form => Err(fault("3 to 64 of a-z, 0-9, '.', '-' and '_'")),
        true => Err(fault("that does not begin with 'erased-'")),
        false => Ok(()),
    }
}

/// Whether an account of this role lacks the organization that it must speak for. One that a merger left without is not asked again until its
/// role or organization changes.
pub fn lacks_organization(before: Option<(Role, Option<Uuid>)>, now: (Role, Option<Uuid>)) -> Option<Fault> {
    let (role, organization) = now;
    let lacks = role.needs_organization() && organization.is_none() && before != Some(now);
    lacks.then(|| Fault::at("/organization_id", FaultCode::Required))
}

/// What is wrong with an account, whichever way it is made.
pub fn account_faults(before: Option<&account::Model>, row: &account::Model) -> Vec<Fault> {
    let username = if before.is_none() { check_username(&row.username).err() } else { None };
    let organization = lacks_organization(before.map(|row| (row.role, row.organization_id)), (row.role, row.organization_id));
    username.into_iter().chain(organization).collect()
}

/// 409 when another account has this user name.
pub async fn free_username(tx: &Tx<'_>, row: &account::Model) -> Result<(), Problem> {
    match tx.first(account::Entity::by_username(&row.username)).await? {
        Some(other) if other.id != row.id => {
            Err(Problem::new(Code::CodeTaken).with("field", "username").with("value", row.username.as_str()))
        }
        _ => Ok(()),
    }
}

/// What is wrong with a machine account, whichever way it is made.
pub fn machine_faults(before: Option<&service_account::Model>, row: &service_account::Model) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(lacks_organization(before.map(|row| (row.role, row.organization_id)), (row.role, row.organization_id)));
    if row.scopes.0.is_empty() {
        faults.push(Fault::at("/scopes", FaultCode::TooFew).with("limit", 1));
    }
    if twice(&row.scopes.0) {
        faults.push(Fault::at("/scopes", FaultCode::NotUnique));
    }
    for (at, system) in row.external_systems.0.iter().enumerate() {
        if external_ids::check_system(system).is_err() {
            faults.push(Fault::at(format!("/external_systems/{at}"), FaultCode::Form).with("form", external_ids::SYSTEM));
        }
    }
    if twice(&row.external_systems.0) {
        faults.push(Fault::at("/external_systems", FaultCode::NotUnique));
    }
    faults
}

fn twice<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().any(|(at, item)| items.iter().take(at).any(|earlier| earlier == item))
}

/// 409 when another machine account has this name.
pub async fn free_name(tx: &Tx<'_>, row: &service_account::Model) -> Result<(), Problem> {
    match tx.first(service_account::Entity::by_name(row.name.as_str())).await? {
        Some(other) if other.id != row.id => Err(Problem::new(Code::CodeTaken).with("field", "name").with("value", row.name.as_str())),
        _ => Ok(()),
    }
}

async fn organization_of(tx: &Tx<'_>, code: Option<&str>) -> Result<Option<Uuid>, Problem> {
    let Some(code) = code else { return Ok(None) };
    let unknown = || Problem::invalid(vec![Fault::at("/organization_id", FaultCode::ReferenceUnknown).with("code", code)]);
    let parsed = code.parse().map_err(|_form| unknown())?;
    tx.first(organization::Entity::by_code(&parsed)).await?.map(|row| Some(row.id)).ok_or_else(unknown)
}

fn all_good(faults: Vec<Fault>) -> Result<(), Problem> {
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

fn text(pointer: &str, text: &str) -> Result<Text<100>, Problem> {
    text.parse().map_err(|fault: crate::text::TextFault| {
        Problem::invalid(vec![Fault::at(pointer, FaultCode::Unreadable).with("why", fault.to_string())])
    })
}

/// Makes the account, or gives the one that `--demo` made before its new password.
pub async fn put_person(tx: &mut Tx<'_>, new: NewAccount) -> Result<account::Model, Problem> {
    let known = tx.first(account::Entity::by_username(&new.username)).await?;
    let row = match known.filter(|known| known.demo && new.demo) {
        Some(known) => known,
        None => {
            let row = account::Model {
                display_name: text("/display_name", &new.display_name)?,
                organization_id: organization_of(tx, new.organization_code.as_deref()).await?,
                username: new.username,
                role: new.role,
                locale: new.locale,
                demo: new.demo,
                state: if new.password_hash.is_some() { AccountState::Active } else { AccountState::Invited },
                ..account::Model::default()
            };
            all_good(account_faults(None, &row))?;
            free_username(tx, &row).await?;
            let grant = tx.may(Action::Create, &account::Entity::subject(&row))?;
            tx.insert::<account::Entity>(&grant, row).await?
        }
    };
    if let Some(hash) = new.password_hash {
        set_password(tx, &row, hash).await?;
    }
    Ok(row)
}

/// Gives an account a password, and ends every session that began with another.
pub async fn set_password(tx: &mut Tx<'_>, account: &account::Model, password_hash: String) -> Result<(), Problem> {
    write_password(tx, account, password_hash).await?;
    let holder = tx.private_of(account.id, None)?;
    sessions::end_all(tx, holder).await.map(drop)
}

/// Writes the password; links that were given out before are worth nothing then. Whoever also ends sessions does so afterwards: a sign-in that is under way holds the old credential until it has
/// begun its session.
pub async fn write_password(tx: &mut Tx<'_>, account: &account::Model, password_hash: String) -> Result<(), Problem> {
    let changed_at = tx.now();
    let grant = tx.may(Action::SetPassword, &account::Entity::subject(account))?;
    let secret = credential::ActiveModel { account_id: Set(account.id), password_hash: Set(password_hash), changed_at: Set(changed_at) };
    tx.put_secret::<account::Entity, credential::Entity>(&grant, account, secret).await?;
    let holder = tx.private_of(account.id, Some(&grant))?;
    links::take_back(tx, holder).await
}

/// Makes the machine account with a first secret, or gives the one that `--demo` made before a new one.
pub async fn put_machine(tx: &mut Tx<'_>, new: NewServiceAccount) -> Result<(service_account::Model, ClientSecret), Problem> {
    let known = tx.first(service_account::Entity::by_name(&new.name)).await?;
    let row = match known.filter(|known| known.demo && new.demo) {
        Some(known) => secrets::take_all_away(tx, known).await?,
        None => {
            let row = service_account::Model {
                name: text("/name", &new.name)?,
                role: new.role,
                organization_id: organization_of(tx, new.organization_code.as_deref()).await?,
                scopes: Items(new.scopes),
                external_systems: Items(new.external_systems),
                demo: new.demo,
                ..service_account::Model::default()
            };
            all_good(machine_faults(None, &row))?;
            free_name(tx, &row).await?;
            let grant = tx.may(Action::Create, &service_account::Entity::subject(&row))?;
            tx.insert::<service_account::Entity>(&grant, with_client_id(row, tx.now())).await?
        }
    };
    secrets::give(tx, row, new.expires_at).await
}

/// The account with the name that it signs in with.
pub fn with_client_id(row: service_account::Model, now: Timestamp) -> service_account::Model {
    service_account::Model { client_id: format!("gcm-{}", crate::store::fresh_id(now).simple()), ..row }
}
