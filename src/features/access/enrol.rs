//! Making accounts: used by the operator's command line and by the demo.

use sea_orm::ActiveValue::Set;

use super::sessions;
use crate::{
    auth::{Action, Role, Scope, Subject, password::ClientSecret},
    clock::Timestamp,
    entity::{
        account::{self, AccountState},
        credential, organization,
        service_account::{self, SecretNote},
        service_secret,
    },
    kind::Kind,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Tracked, Tx},
    text::Items,
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

/// 3 to 64 of a-z, 0-9, `.`, `-` and `_`, beginning and ending with a letter or digit.
pub fn check_username(username: &str) -> Result<(), Fault> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    let end = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fits = (3..=64).contains(&username.len())
        && username.bytes().all(inner)
        && end(username.bytes().next())
        && end(username.bytes().next_back());
    if fits { Ok(()) } else { Err(Fault::at("/username", FaultCode::Form).with("form", "3 to 64 of a-z, 0-9, '.', '-' and '_'")) }
}

async fn organization_of(tx: &Tx<'_>, role: Role, code: Option<&str>) -> Result<Option<organization::Model>, Problem> {
    let Some(code) = code else {
        let needed = role.needs_organization();
        return if needed { Err(Problem::invalid(vec![Fault::at("/organization_id", FaultCode::Required)])) } else { Ok(None) };
    };
    let unknown = || Problem::invalid(vec![Fault::at("/organization_id", FaultCode::ReferenceUnknown).with("code", code)]);
    let code = code.parse().map_err(|_form| unknown())?;
    tx.first(organization::Entity::by_code(&code)).await?.map(Some).ok_or_else(unknown)
}

/// Makes the account, or gives the one that `--demo` made before its new password.
pub async fn put_person(tx: &mut Tx<'_>, new: NewAccount) -> Result<account::Model, Problem> {
    check_username(&new.username).map_err(|fault| Problem::invalid(vec![fault]))?;
    let organization = organization_of(tx, new.role, new.organization_code.as_deref()).await?;
    let known = tx.first(account::Entity::by_username(&new.username)).await?;
    let row = match known {
        Some(known) if known.demo && new.demo => known,
        Some(_) => return Err(Problem::new(Code::CodeTaken).with("field", "username").with("value", new.username)),
        None => {
            let display_name = new.display_name.parse().map_err(|fault: crate::text::TextFault| {
                Problem::invalid(vec![Fault::at("/display_name", FaultCode::Unreadable).with("why", fault.to_string())])
            })?;
            let row = account::Model {
                username: new.username,
                display_name,
                role: new.role,
                organization_id: organization.map(|organization| organization.id),
                locale: new.locale,
                demo: new.demo,
                state: if new.password_hash.is_some() { AccountState::Active } else { AccountState::Invited },
                ..account::Model::default()
            };
            let grant = tx.may(Action::Create, &Subject::new(Kind::Account))?;
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

/// Writes the password. Whoever also ends sessions does so afterwards: a sign-in that is under way holds the old credential until it has
/// begun its session.
pub async fn write_password(tx: &mut Tx<'_>, account: &account::Model, password_hash: String) -> Result<(), Problem> {
    let changed_at = tx.now();
    let grant = tx.may(Action::SetPassword, &account::Entity::subject(account))?;
    let secret = credential::ActiveModel { account_id: Set(account.id), password_hash: Set(password_hash), changed_at: Set(changed_at) };
    tx.put_secret::<account::Entity, credential::Entity>(&grant, account, secret).await
}

/// Makes the machine account with a first secret, or gives the one that `--demo` made before a new one.
pub async fn put_machine(tx: &mut Tx<'_>, new: NewServiceAccount) -> Result<(service_account::Model, ClientSecret), Problem> {
    let organization = organization_of(tx, new.role, new.organization_code.as_deref()).await?;
    let secret = ClientSecret::generate().map_err(Problem::internal)?;
    let note = SecretNote { prefix: secret.prefix().to_owned(), created_at: tx.now(), expires_at: new.expires_at };
    let known = tx.first(service_account::Entity::by_name(&new.name)).await?;
    let row = match known {
        Some(known) if known.demo && new.demo => {
            let mut after = known.clone();
            after.secrets.0.push(note.clone());
            let grant = tx.may(Action::Update, &service_account::Entity::subject(&known))?;
            tx.update::<service_account::Entity>(&grant, known, after).await?
        }
        Some(_) => return Err(Problem::new(Code::CodeTaken).with("field", "name").with("value", new.name)),
        None => {
            let name = new.name.parse().map_err(|fault: crate::text::TextFault| {
                Problem::invalid(vec![Fault::at("/name", FaultCode::Unreadable).with("why", fault.to_string())])
            })?;
            let row = service_account::Model {
                name,
                client_id: format!("gcm-{}", crate::store::fresh_id(tx.now()).simple()),
                role: new.role,
                organization_id: organization.map(|organization| organization.id),
                scopes: Items(new.scopes),
                external_systems: Items(new.external_systems),
                secrets: Items(vec![note.clone()]),
                demo: new.demo,
                ..service_account::Model::default()
            };
            let grant = tx.may(Action::Create, &Subject::new(Kind::ServiceAccount))?;
            tx.insert::<service_account::Entity>(&grant, row).await?
        }
    };
    let stored = service_secret::ActiveModel {
        digest: Set(secret.digest()),
        service_account_id: Set(row.id),
        prefix: Set(note.prefix),
        created_at: Set(note.created_at),
        expires_at: Set(note.expires_at),
    };
    let grant = tx.may(Action::Update, &service_account::Entity::subject(&row))?;
    tx.put_secret::<service_account::Entity, service_secret::Entity>(&grant, &row, stored).await?;
    Ok((row, secret))
}
