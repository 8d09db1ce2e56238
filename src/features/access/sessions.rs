//! Sessions of people: begun with a password, renewed with refresh tokens that are good once, ended by their holder or by whoever is caught
//! with an old token.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, sea_query::IntoCondition};
use uuid::Uuid;

use super::door::Door;
use crate::{
    auth::password::{random_token, sha256_hex},
    clock::Timestamp,
    entity::{
        account, refresh_token,
        session::{self, open},
    },
    problem::Problem,
    settings::Secret,
    store::{Aside, Holder, Intent, Origin, Store, Tx, fresh_id},
};

/// A session that nobody renews for so long has expired, and so has a refresh token that nobody uses.
pub const IDLE_HOURS: i64 = 14 * 24;
/// After so long its holder signs in again, however often it was renewed.
pub const LONGEST_HOURS: i64 = 90 * 24;
/// For so long the token before is taken again while nobody used what was given for it: two tabs, an answer that was lost.
pub const GRACE_SECONDS: i64 = 30;
/// The open sessions of one account: one more, and the one that was used longest ago ends.
pub const MOST_OPEN: u64 = 100;

/// Marks a refresh token, so that one that was pasted into the wrong place can be told.
const MARK: &str = "gcmr_";
/// How many tokens are given for one within its moment of grace: more tabs than a browser asks with at once.
const MOST_AT_ONCE: usize = 20;
/// How much is kept of what a client says it is.
const USER_AGENT_CHARACTERS: usize = 200;

/// What the owner of a session is shown, to know it again.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    pub user_agent: Option<String>,
    pub network: Option<IpAddr>,
}

impl Visitor {
    pub fn new(user_agent: Option<&str>, network: Option<IpAddr>) -> Self {
        let readable = |text: &str| text.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS).collect::<String>();
        Self { user_agent: user_agent.map(readable).filter(|text| !text.trim().is_empty()), network }
    }
}

/// A session and the token that renews it next; the token is shown once.
#[derive(Debug)]
pub struct Lease {
    pub session: Uuid,
    pub account: Uuid,
    pub refresh_token: Secret,
    /// When the session ends, unless it is renewed before.
    pub expires_at: Timestamp,
}

/// What became of a refresh token that somebody sent.
#[derive(Debug)]
pub enum Renewal {
    Given(Lease),
    Refused,
    /// It was used before: its session ends.
    Reused {
        session: Uuid,
        account: Uuid,
    },
}

fn expiry(begun: Timestamp, now: Timestamp) -> Timestamp {
    now.plus_hours(IDLE_HOURS).min(begun.plus_hours(LONGEST_HOURS))
}

/// Begins a session.
pub async fn begin(aside: &mut Aside, account: Uuid, visitor: &Visitor) -> Result<Lease, Problem> {
    let now = aside.now();
    let id = fresh_id(now);
    let row = session::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        created_at: Set(now),
        last_used_at: Set(now),
        expires_at: Set(expiry(now, now)),
        user_agent: Set(visitor.user_agent.clone()),
        network: Set(visitor.network.map(|network| network.to_string())),
        ended_at: Set(None),
    };
    aside.insert::<session::Entity>(row).await?;
    let refresh_token = give(aside, id, None).await?;
    Ok(Lease { session: id, account, refresh_token, expires_at: expiry(now, now) })
}

/// Writes a new refresh token of this session.
async fn give(aside: &mut Aside, session: Uuid, parent: Option<&str>) -> Result<Secret, Problem> {
    let text = format!("{MARK}{}{}", URL_SAFE_NO_PAD.encode(session.as_bytes()), random_token().map_err(Problem::internal)?.expose());
    let row = refresh_token::ActiveModel {
        digest: Set(sha256_hex(&text)),
        session_id: Set(session),
        parent_digest: Set(parent.map(str::to_owned)),
        created_at: Set(aside.now()),
        used_at: Set(None),
    };
    aside.insert::<refresh_token::Entity>(row).await?;
    Ok(Secret::new(text))
}

/// Whether this could be a refresh token at all.
pub fn is_refresh_token(text: &str) -> bool {
    text.starts_with(MARK)
}

/// The session that a refresh token belongs to, used or not.
pub async fn of_refresh_token(store: &Store, text: &str) -> Result<Option<session::Model>, Problem> {
    let token = store.first(refresh_token::Entity::by_digest(&sha256_hex(text))).await?;
    match token {
        Some(token) => store.first(session::Entity::by_id(token.session_id)).await,
        None => Ok(None),
    }
}

/// Gives a new refresh token for this one, which is good once.
pub async fn renew(store: &Store, door: &Door, sent: &str) -> Result<Renewal, Problem> {
    let digest = sha256_hex(sent);
    store
        .aside(async |aside| {
            let Some(token) = aside.first(refresh_token::Entity::by_digest(&digest)).await? else { return Ok(Renewal::Refused) };
            let Some(session) = aside.first(session::Entity::by_id(token.session_id)).await? else { return Ok(Renewal::Refused) };
            let lets_in = |row: &account::Model| door.lets_in_person(row);
            let may = aside.first(account::Entity::to_authenticate(session.account_id)).await?.as_ref().is_some_and(lets_in);
            let stale = token.created_at.plus_hours(IDLE_HOURS) <= aside.now();
            if !may || stale || !touch(aside, &session).await? {
                return Ok(Renewal::Refused);
            }
            let (session, account, expires_at) = (session.id, session.account_id, expiry(session.created_at, aside.now()));
            if !claim(aside, &digest).await? {
                return Ok(Renewal::Reused { session, account });
            }
            let refresh_token = give(aside, session, Some(&digest)).await?;
            forget_old(aside, session).await?;
            Ok(Renewal::Given(Lease { session, account, refresh_token, expires_at }))
        })
        .await
}

/// Marks the session as used. It is the first row that is written, so that what happens to one session happens one after the other; false:
/// it has ended.
async fn touch(aside: &mut Aside, row: &session::Model) -> Result<bool, Problem> {
    let now = aside.now();
    let values = session::ActiveModel {
        last_used_at: Set(now.max(row.last_used_at)),
        expires_at: Set(expiry(row.created_at, now)),
        ..session::ActiveModel::default()
    };
    Ok(aside.update::<session::Entity>(values, open(now).add(session::Column::Id.eq(row.id))).await? == 1)
}

/// Uses a token up. A token that was used up is good again for a moment, as long as nobody went on with what was given for it: then it is the
/// same client that asks again. Afterwards, or when it asks all too often, it is somebody else.
async fn claim(aside: &mut Aside, digest: &str) -> Result<bool, Problem> {
    let now = aside.now();
    let values = refresh_token::ActiveModel { used_at: Set(Some(now)), ..refresh_token::ActiveModel::default() };
    let unused = Condition::all().add(refresh_token::Column::Digest.eq(digest)).add(refresh_token::Column::UsedAt.is_null());
    if aside.update::<refresh_token::Entity>(values, unused).await? == 1 {
        return Ok(true);
    }
    let used_at = aside.first(refresh_token::Entity::by_digest(digest)).await?.and_then(|token| token.used_at);
    let lately = used_at.is_some_and(|used_at| now <= used_at.plus_seconds(GRACE_SECONDS));
    let given = aside.all(refresh_token::Entity::children_of(digest)).await?;
    Ok(lately && given.len() < MOST_AT_ONCE && given.iter().all(|child| child.used_at.is_none()))
}

/// Tokens that are too old to be good are not kept to be recognized, either: so a session of 90 days holds 14 days of them at most.
async fn forget_old(aside: &mut Aside, session: Uuid) -> Result<(), Problem> {
    let too_old = refresh_token::Column::CreatedAt.lte(aside.now().minus_hours(IDLE_HOURS));
    aside.delete::<refresh_token::Entity>(Condition::all().add(refresh_token::Column::SessionId.eq(session)).add(too_old)).await.map(drop)
}

/// Ends those of the holder's open sessions that the condition names; says how many.
pub async fn end(tx: &mut Tx<'_>, holder: Holder, which: impl IntoCondition) -> Result<u64, Problem> {
    let now = tx.now();
    let values = session::ActiveModel { ended_at: Set(Some(now)), ..session::ActiveModel::default() };
    tx.update_private::<session::Entity>(holder, values, which.into_condition().add(open(now))).await
}

/// Ends every open session of the holder.
pub async fn end_all(tx: &mut Tx<'_>, holder: Holder) -> Result<u64, Problem> {
    end(tx, holder, Condition::all()).await
}

/// Ends sessions of an account on nobody's wish: for a token that was used twice, one that was revoked, or too many sessions.
pub async fn end_now(store: &Store, account: Uuid, sessions: &[Uuid]) -> Result<u64, Problem> {
    let mut ended = 0;
    store
        .write(&Intent::system(Origin::Api), async |tx| {
            let holder = tx.private_of(account, None)?;
            ended = end(tx, holder, session::Column::Id.is_in(sessions.iter().copied())).await?;
            Ok(())
        })
        .await?;
    Ok(ended)
}

/// Makes room for one more session.
pub async fn make_room(store: &Store, account: Uuid) -> Result<(), Problem> {
    let unused = store.all(session::Entity::longest_unused_of(account, store.clock().now(), MOST_OPEN - 1)).await?;
    if !unused.is_empty() {
        let ids: Vec<Uuid> = unused.iter().map(|row| row.id).collect();
        end_now(store, account, &ids).await?;
    }
    Ok(())
}
