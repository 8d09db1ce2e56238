//! Where am I signed in?

use actix_web::{HttpRequest, delete, get, web::Data};
use sea_orm::ColumnTrait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Actor, ActorKind},
    clock::Timestamp,
    entity::session,
    features::access::{
        security::{Event, event},
        sessions,
    },
    http::{
        Api,
        context::Context,
        extract::{Ask, Caller, Path},
        mount::Mount,
        reply::{Document, Done},
    },
    problem::Problem,
    store::{Answer, Store, Tx},
};

/// One sign-in of yours that is still good.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Names the session; its tokens never show.
    id: Uuid,
    /// When you signed in.
    created_at: Timestamp,
    /// When it last got a new access token.
    last_used_at: Timestamp,
    /// When it ends, unless it is refreshed before.
    expires_at: Timestamp,
    /// What the program said it was when you signed in, at most 200 characters.
    #[schema(examples("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"))]
    user_agent: Option<String>,
    /// The network address that you signed in from; shown to you only.
    #[schema(examples("203.0.113.9"))]
    network: Option<String>,
    /// Whether this request belongs to it.
    current: bool,
}

/// Where you are signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// The open sessions, the newest first.
    data: Vec<Session>,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(list_my_sessions).service(end_my_session).service(end_my_sessions);
}

/// List the sessions of the signed-in account
///
/// Every sign-in that is still good, the newest first: at most 100, a further one ends the one that was used longest ago. Machine accounts have none.
#[utoipa::path(tag = "Me")]
#[get("/v1/me/sessions")]
async fn list_my_sessions(request: HttpRequest, store: Data<Store>, caller: Caller) -> Api<Document<Sessions>> {
    let current = Context::of(&request)?.session;
    let rows = match (caller.kind, caller.account_id) {
        (ActorKind::Person, Some(account)) => store.all(session::Entity::open_of(account, store.clock().now())).await?,
        _ => Vec::new(),
    };
    Ok(Document(Sessions { data: rows.into_iter().map(|row| shown(row, current)).collect() }))
}

fn shown(row: session::Model, current: Option<Uuid>) -> Session {
    let session::Model { id, account_id: _, created_at, last_used_at, expires_at, user_agent, network, ended_at: _ } = row;
    Session { id, created_at, last_used_at, expires_at, user_agent, network, current: current == Some(id) }
}

/// End a session of the signed-in account
///
/// Signs out there, or here when it is the current one: from the next request on, none of its tokens is good. A session that has ended already, or is
/// somebody else's, is 404.
#[utoipa::path(tag = "Me", params(Ask))]
#[delete("/v1/me/sessions/{id}")]
async fn end_my_session(request: HttpRequest, store: Data<Store>, id: Path<Uuid>, ask: Ask) -> Api<Answer<Done>> {
    let answer = store
        .write(&ask, async |tx| match end(tx, Some(id.0)).await? {
            0 => Err(Problem::not_found()),
            _ => Ok(Done),
        })
        .await?;
    told(&request, &ask.actor, &answer, "one, by its holder")?;
    Ok(answer)
}

/// End every session of the signed-in account
///
/// Signs out everywhere, here too: from the next request on, no token of yours is good, this one included.
#[utoipa::path(tag = "Me", params(Ask))]
#[delete("/v1/me/sessions")]
async fn end_my_sessions(request: HttpRequest, store: Data<Store>, ask: Ask) -> Api<Answer<Done>> {
    let answer = store.write(&ask, async |tx| end(tx, None).await.map(|_ended| Done)).await?;
    told(&request, &ask.actor, &answer, "all, by their holder")?;
    Ok(answer)
}

async fn end(tx: &mut Tx<'_>, one: Option<Uuid>) -> Result<u64, Problem> {
    let account = tx.actor().account_id.ok_or_else(Problem::not_found)?;
    let holder = tx.private_of(account, None)?;
    match one {
        Some(id) => sessions::end(tx, holder, session::Column::Id.eq(id)).await,
        None => sessions::end_all(tx, holder).await,
    }
}

fn told(request: &HttpRequest, actor: &Actor, answer: &Answer<Done>, detail: &str) -> Result<(), Problem> {
    let context = Context::of(request)?;
    if matches!(answer, Answer::Fresh { dry_run: false, .. }) {
        event(Event::SessionEnded, actor.account_id, &context, detail);
    }
    Ok(())
}
