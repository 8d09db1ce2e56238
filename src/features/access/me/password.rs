//! A password that its holder changes.

use actix_web::{HttpRequest, post, web::Data};
use sea_orm::ColumnTrait;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    auth::{Action, Actor, ActorKind, Subject},
    entity::{account, credential, session},
    features::access::{
        enrol,
        passwords::{Checking, weakness},
        security::{Event, event},
        sessions,
        throttle::Throttle,
    },
    http::{
        Api,
        context::Context,
        extract::{Ask, Json},
        mount::Mount,
        reply::Done,
    },
    kind::Kind,
    problem::{Fault, FaultCode, Problem},
    store::{Answer, Store, Tx},
};

/// The password that you have, and the one that you want.
#[derive(Deserialize, ToSchema)]
pub struct PasswordChange {
    /// The password that you have.
    #[schema(min_length = 1, max_length = 128, format = Password, examples("river-Stone-lantern-47"))]
    current_password: String,
    /// The password that you want: 12 to 128 characters, hard to guess, and without your name in it.
    #[schema(min_length = 12, max_length = 128, format = Password, examples("ferry-Cloud-bamboo-82"))]
    new_password: String,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(set_my_password);
}

/// Change the password of the signed-in account
///
/// For people; machine accounts have secrets. Every other session of yours ends, this one goes on. Whoever fears that somebody else holds tokens of
/// this session, too, ends all of them with `DELETE /v1/me/sessions` and signs in again.
#[utoipa::path(tag = "Me", params(Ask))]
#[post("/v1/me/password")]
async fn set_my_password(
    request: HttpRequest,
    store: Data<Store>,
    checking: Data<Checking>,
    throttle: Data<Throttle>,
    body: Json<PasswordChange>,
    ask: Ask,
) -> Api<Answer<Done>> {
    let context = Context::of(&request)?;
    let desk = Desk { store: &store, checking: &checking, throttle: &throttle, context: &context };
    let tried = desk.try_out(&ask.actor, &body).await?;
    let answer = store.write(&ask, async |tx| change(tx, &body, &tried, &context).await.map(|()| Done)).await;
    let what = match &answer {
        Ok(Answer::Fresh { dry_run: false, .. }) => Some(Event::PasswordChanged),
        Err(_) if matches!(tried, Tried::Wrong) => Some(Event::PasswordChangeFailed),
        _ => None,
    };
    if let Some(what) = what {
        event(what, ask.actor.account_id, &context, "by its holder");
    }
    answer
}

/// What came of the slow part, which is done before anybody waits for the writer.
enum Tried {
    /// Not asked: the body cannot be read, or the caller has no password.
    Nothing,
    Wrong,
    /// The password fits the hash that was `known`.
    Right {
        known: String,
        new: Result<String, Fault>,
    },
}

/// Where the slow part is done.
struct Desk<'a> {
    store: &'a Store,
    checking: &'a Checking,
    throttle: &'a Throttle,
    context: &'a Context,
}

impl Desk<'_> {
    async fn try_out(&self, actor: &Actor, body: &Json<PasswordChange>) -> Result<Tried, Problem> {
        let (ActorKind::Person, Some(account), Ok(form)) = (actor.kind, actor.account_id, body.read()) else { return Ok(Tried::Nothing) };
        let attempt = self.throttle.own_password(self.context, account)?;
        let known = self.store.first(credential::Entity::of(account)).await?.map(|credential| credential.password_hash);
        if !self.checking.fits(form.current_password, known.clone()).await? {
            return Ok(Tried::Wrong);
        }
        attempt.give_back();
        let names = [actor.name.clone(), actor.display_name.clone().unwrap_or_default()];
        let new = self.checking.hash(form.new_password, names).await?.map_err(|why| weakness("/new_password", why));
        Ok(known.map_or(Tried::Wrong, |known| Tried::Right { known, new }))
    }
}

async fn change(tx: &mut Tx<'_>, body: &Json<PasswordChange>, tried: &Tried, context: &Context) -> Result<(), Problem> {
    let account = tx.actor().account_id.ok_or_else(Problem::not_found)?;
    let subject = Subject { holder: Some(account), ..Subject::new(Kind::Account) };
    tx.may(Action::SetPassword, &subject)?;
    body.read()?;
    let wrong = || Problem::invalid(vec![Fault::at("/current_password", FaultCode::PasswordWrong)]);
    let Tried::Right { known, new } = tried else { return Err(wrong()) };
    let now = tx.first(credential::Entity::of(account)).await?;
    if now.is_none_or(|now| now.password_hash != *known) {
        return Err(wrong());
    }
    let hash = new.clone().map_err(|fault| Problem::invalid(vec![fault]))?;
    let row = tx.first(account::Entity::to_authenticate(account)).await?.ok_or_else(Problem::not_found)?;
    enrol::write_password(tx, &row, hash).await?;
    let holder = tx.private_of(account, None)?;
    match context.session {
        Some(current) => sessions::end(tx, holder, session::Column::Id.ne(current)).await.map(drop),
        None => sessions::end_all(tx, holder).await.map(drop),
    }
}
