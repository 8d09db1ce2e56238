//! From a bearer token to the account behind it.

use std::{future::Future, pin::Pin, sync::Arc};

use actix_web::http::{Method, header, header::HeaderMap};

use uuid::Uuid;

use crate::{
    auth::{Actor, Scope},
    problem::{Code, Problem},
};

/// Who was let in.
#[derive(Clone, Debug)]
pub struct Admitted {
    pub actor: Arc<Actor>,
    /// The sign-in of a person; machine accounts have none.
    pub session: Option<Uuid>,
    /// The number of the last change when this was found out.
    pub seq: i64,
    /// Of which row of numbers it is.
    pub epoch: u64,
}

/// Knows the accounts; implemented where the tables are.
pub trait Doorkeeper: Send + Sync {
    /// The account that this access token stands for, as its row says now, while its session is open.
    fn actor<'a>(&'a self, token: &'a str) -> Pin<Box<dyn Future<Output = Result<Admitted, Problem>> + 'a>>;
}

/// The caller behind the `Authorization` header.
pub async fn caller(doorkeeper: &dyn Doorkeeper, headers: &HeaderMap) -> Result<Admitted, Problem> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, token) = token.ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    doorkeeper.actor(token.trim()).await
}

/// A machine account reads with the scope `read`; `/v1/me` tells any caller about themselves.
pub fn may_enter(actor: &Actor, method: &Method, path: &str) -> Result<(), Problem> {
    let reads = *method == Method::GET || *method == Method::HEAD;
    let about_me = path == "/v1/me" || path.starts_with("/v1/me/");
    if reads && !about_me && !actor.has(Scope::Read) {
        return Err(Problem::new(Code::InsufficientScope).with("scope", "read"));
    }
    Ok(())
}
