//! One-time links with which a person sets a password: an invitation, or a reset of one that was forgotten.

use actix_web::{HttpRequest, post, web::Data};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    accounts::rules::without_organization,
    door::{Door, person},
    enrol,
    passwords::{Checking, weakness},
    security::{Event, event},
    throttle::Throttle,
};
use crate::{
    auth::{
        Action, Grant, Subject,
        password::{random_token, sha256_hex},
    },
    clock::Timestamp,
    entity::{
        account::{self, AccountState},
        password_link::{self, Purpose},
    },
    http::{Api, context::Context, extract::Json, mount::Mount, reply::Done},
    problem::{Fault, FaultCode, Problem},
    settings::Secret,
    store::{Holder, Intent, Origin, Provenance, Store, Tracked, Tx},
};

/// Marks a link's token, so that one that was pasted into the wrong place can be told.
pub const MARK: &str = "gcml_";

/// A link that was just made. Its token is shown once; the database holds its digest.
#[derive(Debug)]
pub struct Link {
    pub token: Secret,
    pub expires_at: Timestamp,
}

/// How long a link is good for.
pub const fn hours(purpose: Purpose) -> i64 {
    match purpose {
        Purpose::Invitation => 7 * 24,
        Purpose::Reset => 24,
    }
}

/// Makes a link for this account in place of those of its older ones that were not used. `grant`: the one for making the account, or one
/// for changing it.
pub async fn make(tx: &mut Tx<'_>, grant: &Grant, account: &account::Model, purpose: Purpose) -> Result<Link, Problem> {
    let token = Secret::new(format!("{MARK}{}", random_token().map_err(Problem::internal)?.expose()));
    let (now, holder) = (tx.now(), tx.private_of(account.id, Some(grant))?);
    let expires_at = now.plus_hours(hours(purpose));
    let row = password_link::ActiveModel {
        digest: Set(sha256_hex(token.expose())),
        account_id: Set(account.id),
        purpose: Set(purpose),
        created_at: Set(now),
        expires_at: Set(expires_at),
        used_at: Set(None),
        created_by: Set(tx.actor().account_id),
    };
    tx.delete_private::<password_link::Entity>(holder, password_link::Column::UsedAt.is_null()).await?;
    tx.insert_private::<password_link::Entity>(holder, row).await?;
    Ok(Link { token, expires_at })
}

/// Makes the links worthless that were given out and not used: they were for the account as it was.
pub async fn take_back(tx: &mut Tx<'_>, holder: Holder) -> Result<(), Problem> {
    tx.delete_private::<password_link::Entity>(holder, password_link::Column::UsedAt.is_null()).await.map(drop)
}

/// A link, and the password that its holder wants.
#[derive(Deserialize, ToSchema)]
pub struct LinkRedemption {
    /// The token of the link: the part after its last `/` or `#`.
    #[schema(min_length = 1, max_length = 200, format = Password, examples("gcml_Zm9yIHRoZSBleGFtcGxlIG9mIHRoZSBjb250cmFjdCE"))]
    token: String,
    /// The password: 12 to 128 characters, hard to guess, and without your name in it.
    #[schema(min_length = 12, max_length = 128, format = Password, examples("ferry-Cloud-bamboo-82"))]
    new_password: String,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(redeem_password_link);
}

/// Set a password with a link
///
/// For whoever was invited or has forgotten their password, without a token: the link is proof. It is good once. An invitation takes the account into
/// use; a reset ends every session of it. Then sign in at `/v1/auth/token`. A link that is unknown, used, replaced or too old is 422 at `/token`, all
/// the same.
#[utoipa::path(tag = "Access", security(()))]
#[post("/v1/auth/password-links/redeem")]
async fn redeem_password_link(
    request: HttpRequest,
    store: Data<Store>,
    door: Data<Door>,
    checking: Data<Checking>,
    throttle: Data<Throttle>,
    body: Json<LinkRedemption>,
) -> Api<Done> {
    let context = Context::of(&request)?;
    let form = body.read()?;
    let digest = sha256_hex(&form.token);
    let found = find(&store, &door, &digest).await?;
    // What is wrong with the password is only worked out for whoever shows a good link.
    let Some(row) = found else { return Err(refused(&throttle, &context, None, Problem::invalid(vec![not_valid()]))) };
    let hash = checking.hash(form.new_password, [row.username.clone(), row.display_name.to_string()]).await?;
    let hash = hash.map_err(|why| Problem::invalid(vec![weakness("/new_password", why)]))?;
    let account = Some(row.id);
    let intent = Intent {
        actor: person(row),
        origin: Origin::Api,
        request_id: Some(context.request_id.clone()),
        repeat: None,
        dry_run: false,
        alone: false,
        provenance: Provenance::Entered,
    };
    match store.write(&intent, async |tx| redeem(tx, &door, &digest, hash).await).await {
        Ok(_) => event(Event::PasswordLinkRedeemed, account, &context, "a password was set"),
        Err(problem) => return Err(refused(&throttle, &context, account, problem)),
    }
    Ok(Done)
}

fn refused(throttle: &Throttle, context: &Context, account: Option<uuid::Uuid>, problem: Problem) -> Problem {
    if !problem.faults().iter().any(|fault| fault.code == FaultCode::LinkNotValid) {
        return problem;
    }
    event(Event::PasswordLinkRefused, account, context, "unknown, used or too old");
    throttle.wrong(context).err().unwrap_or(problem)
}

/// The account whose password this link sets, as long as it does.
async fn find(store: &Store, door: &Door, digest: &str) -> Result<Option<account::Model>, Problem> {
    let link = store.first(password_link::Entity::by_digest(digest)).await?;
    let Some(link) = link.filter(|link| link.is_live(store.clock().now())) else { return Ok(None) };
    let row = store.first(account::Entity::to_authenticate(link.account_id)).await?;
    Ok(row.filter(|row| fits(door, row, link.purpose)))
}

/// An invitation is for who has not come yet, a reset for who may sign in: locked or archived accounts get no password, nor do those that speak
/// for nobody.
fn fits(door: &Door, row: &account::Model, purpose: Purpose) -> bool {
    let state = match purpose {
        Purpose::Invitation => AccountState::Invited,
        Purpose::Reset => AccountState::Active,
    };
    row.state == state && row.archived_at.is_none() && without_organization(row).is_none() && (door.demo || !row.demo)
}

fn not_valid() -> Fault {
    Fault::at("/token", FaultCode::LinkNotValid)
}

async fn redeem(tx: &mut Tx<'_>, door: &Door, digest: &str, hash: String) -> Result<(), Problem> {
    let refused = || Problem::invalid(vec![not_valid()]);
    let account = tx.actor().account_id.ok_or_else(refused)?;
    let (now, holder) = (tx.now(), tx.private_of(account, None)?);
    let used = password_link::ActiveModel { used_at: Set(Some(now)), ..password_link::ActiveModel::default() };
    let this = Condition::all().add(password_link::Column::Digest.eq(digest)).add(password_link::live(now));
    if tx.update_private::<password_link::Entity>(holder, used, this).await? == 0 {
        return Err(refused());
    }
    let link = tx.first(password_link::Entity::by_digest(digest)).await?.ok_or_else(refused)?;
    let row = tx.first(account::Entity::to_authenticate(account)).await?.filter(|row| fits(door, row, link.purpose)).ok_or_else(refused)?;
    enrol::set_password(tx, &row, hash).await?;
    if link.purpose == Purpose::Invitation {
        let after = account::Model { state: AccountState::Active, ..row.clone() };
        let move_to = Subject { to: Some(AccountState::Active.name()), ..account::Entity::subject(&row) };
        let grant = tx.may(Action::Transition, &move_to)?;
        tx.transition::<account::Entity>(&grant, row, after, None).await?;
    }
    Ok(())
}
