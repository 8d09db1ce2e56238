//! Signing out: tokens that are taken back (RFC 7009).

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
    post,
    web::Data,
};
use sea_orm::ActiveValue::Set;
use serde::Deserialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{RefOr, Response, ResponseBuilder},
};

use super::{
    keys::Keys,
    security::{Event, event},
    sessions,
    throttle::Throttle,
    tokens::{TOO_MANY, TokenProblem, read},
};
use crate::{
    auth::token::{Claims, LEEWAY_SECONDS},
    clock::Timestamp,
    entity::{account, revoked_token, service_account, session},
    http::{context::Context, mount::Mount, reply::body},
    problem::Problem,
    store::{Intent, Origin, Store},
};

/// A token to be taken back.
#[derive(Deserialize, ToSchema)]
pub struct RevocationRequest {
    /// A refresh token or an access token.
    #[schema(value_type = String, format = Password, examples("gcmr_AZqx…"))]
    token: Option<String>,
    /// Taken and not needed: a token tells what it is.
    #[schema(value_type = String, required = false, examples("refresh_token"))]
    #[expect(dead_code, reason = "OAuth clients send it; it changes nothing")]
    token_type_hint: Option<String>,
}

/// The answer of the revocation endpoint.
pub enum RevocationReply {
    Done,
    Refused(TokenProblem),
}

impl Responder for RevocationReply {
    type Body = BoxBody;

    fn respond_to(self, _request: &HttpRequest) -> HttpResponse {
        let no_store = (header::CACHE_CONTROL, "no-store");
        match self {
            Self::Done => HttpResponse::Ok().insert_header(no_store).finish(),
            Self::Refused(problem) => HttpResponse::build(StatusCode::BAD_REQUEST).insert_header(no_store).json(problem),
        }
    }
}

impl IntoResponses for RevocationReply {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let done = ResponseBuilder::new().description("The token is no good any more, or never was one.");
        let refused = body::<TokenProblem>("The form cannot be read: `error` says why, as in RFC 6749.");
        let too_many = body::<TokenProblem>(TOO_MANY);
        BTreeMap::from([
            ("200".to_owned(), RefOr::T(done.build())),
            ("400".to_owned(), RefOr::T(refused.build())),
            ("429".to_owned(), RefOr::T(too_many.build())),
        ])
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(revoke_token);
}

/// Take a token back
///
/// OAuth 2.0 token revocation (RFC 7009): signs out. A refresh token or an access token of a person ends its whole session: from the next request
/// on, none of its tokens is good. An access token of a machine account is taken back alone; its secret stays good. Holding the token is enough:
/// no client authentication. A token that nobody knows is 200 all the same.
#[utoipa::path(tag = "Access", security(()), request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"))]
#[post("/v1/auth/revoke")]
async fn revoke_token(
    request: HttpRequest,
    store: Data<Store>,
    keys: Data<Arc<Keys>>,
    throttle: Data<Throttle>,
) -> Result<RevocationReply, Problem> {
    let context = Context::of(&request)?;
    let refuse = |text: &str| Ok(RevocationReply::Refused(TokenProblem::new("invalid_request", text, &context)));
    let token = match read::<RevocationRequest>(&request, &context) {
        Ok(RevocationRequest { token: Some(token), .. }) if !token.is_empty() => token,
        Ok(_) => return refuse("token is missing: send the token that is to be taken back."),
        Err(text) => return refuse(&text),
    };
    if !revoke(&store, &keys, &token, &context).await? {
        throttle.wrong(&context)?;
    }
    Ok(RevocationReply::Done)
}

/// Says whether it was a token of ours.
async fn revoke(store: &Store, keys: &Keys, token: &str, context: &Context) -> Result<bool, Problem> {
    if sessions::is_refresh_token(token) {
        return match sessions::of_refresh_token(store, token).await? {
            Some(session) => end(store, &session, context).await.map(|()| true),
            None => Ok(false),
        };
    }
    keys.keep_up().await?;
    let Some(claims) = keys.signed(token) else { return Ok(false) };
    if store.first(account::Entity::to_authenticate(claims.sub)).await?.is_none() {
        return revoke_of_machine(store, &claims, context).await.map(|()| true);
    }
    let session = match claims.session() {
        Some(id) => store.first(session::Entity::by_id(id)).await?,
        None => None,
    };
    match session.filter(|session| session.account_id == claims.sub) {
        Some(session) => end(store, &session, context).await.map(|()| true),
        None => Ok(true),
    }
}

async fn end(store: &Store, session: &session::Model, context: &Context) -> Result<(), Problem> {
    if session.is_open(store.clock().now()) && sessions::end_now(store, session.account_id, &[session.id]).await? > 0 {
        event(Event::SessionEnded, Some(session.account_id), context, "revoked");
    } else {
        // Whoever ended it may not have been answered yet.
        store.settle().await;
    }
    Ok(())
}

/// A machine account has no session: the one token is remembered until it would have expired.
async fn revoke_of_machine(store: &Store, claims: &Claims, context: &Context) -> Result<(), Problem> {
    let end = claims.exp.saturating_add(LEEWAY_SECONDS);
    let expires_at = Timestamp::from_micros(end.saturating_mul(1_000_000)).ok_or_else(|| Problem::internal("a token without an end"))?;
    let known = store.first(service_account::Entity::to_authenticate(claims.sub)).await?;
    let (Some(account), true) = (known, expires_at > store.clock().now()) else { return Ok(()) };
    // A tracked write: whoever remembers the token hears that something about access was written.
    store
        .write(&Intent::system(Origin::Api), async |tx| {
            let row = revoked_token::ActiveModel { jti: Set(claims.jti.clone()), expires_at: Set(expires_at) };
            tx.put_private::<revoked_token::Entity>(row).await
        })
        .await?;
    event(Event::SessionEnded, Some(account.id), context, "an access token was revoked");
    Ok(())
}
