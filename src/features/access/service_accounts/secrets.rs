//! The secrets of machine accounts: at most two that are good, so that a new one can be brought in before the old one goes.

use actix_web::{delete, post, web::Data};
use sea_orm::{ActiveValue::Set, ColumnTrait, sea_query::IntoCondition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ServiceAccountView;
use crate::{
    auth::{Action, password::ClientSecret},
    clock::Timestamp,
    entity::{
        service_account::{Column, Entity, Model, SecretNote},
        service_secret,
    },
    http::{
        Api,
        extract::{Ask, IfMatch, Json, Path},
        mount::Mount,
        reply::{Hides, Saved, ShownOnce},
    },
    problem::{Code, Fault, FaultCode, Problem},
    store::{Answer, Store, Tracked, Tx},
};

/// How many secrets of one account are good at a time.
const MOST_LIVE: usize = 2;

/// A new secret.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewSecret {
    /// From when on it opens nothing any more; without it the secret is good until it is deleted.
    #[schema(examples("2031-01-01T00:00:00.000000Z"))]
    expires_at: Option<Timestamp>,
}

/// A secret, shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SecretView {
    /// The name to sign in with, `client_id` at `/v1/auth/token`.
    #[schema(examples("gcm-01a2082cf99170bf86765a3a0f573665"))]
    client_id: String,
    /// The secret to sign in with, `client_secret` there; `null` in a replay, and when the write was only tried out.
    #[schema(examples("gcm_Zm9yIHRoZSBleGFtcGxlIG9mIHRoZSBjb250cmFjdCE"))]
    client_secret: Option<String>,
    /// Its first characters: the name by which it is listed and deleted.
    #[schema(examples("Zm9yIHRo"))]
    prefix: String,
    /// When it was made.
    created_at: Timestamp,
    /// From when on it opens nothing any more; `null`: not before it is deleted.
    expires_at: Option<Timestamp>,
}

impl Hides for SecretView {
    fn hidden(&self) -> Self {
        Self { client_secret: None, ..self.clone() }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(create_service_account_secret).service(delete_service_account_secret);
}

/// Give a machine account a secret
///
/// The secret is shown this once: hand it to the machine's operator and keep it nowhere else. An account has at most two secrets that are good, so
/// that a new one can be brought in before the old one is deleted: a third is 409 `two_live_secrets`. Expired ones leave the list with it.
#[utoipa::path(tag = "Service accounts", params(Ask))]
#[post("/v1/service-accounts/{id}/secrets")]
async fn create_service_account_secret(
    store: Data<Store>,
    id: Path<Uuid>,
    body: Json<NewSecret>,
    ask: Ask,
) -> Api<Answer<ShownOnce<SecretView>>> {
    store
        .write(&ask, async |tx| {
            let row = tx.find::<Entity>(Column::Id.eq(id.0)).await?.ok_or_else(Problem::not_found)?;
            tx.may(Action::Update, &Entity::subject(&row))?;
            let NewSecret { expires_at } = body.read()?;
            if expires_at.is_some_and(|end| end <= tx.now()) {
                return Err(Problem::invalid(vec![Fault::at("/expires_at", FaultCode::NotInFuture)]));
            }
            let (row, secret) = give(tx, row, expires_at).await?;
            Ok(ShownOnce(SecretView {
                client_id: row.client_id,
                client_secret: Some(secret.expose().to_owned()),
                prefix: secret.prefix().to_owned(),
                created_at: tx.now(),
                expires_at,
            }))
        })
        .await
}

/// Delete a secret of a machine account
///
/// Nobody signs in with it any more, and what was signed in with it is out at its next request.
#[utoipa::path(tag = "Service accounts", params(Ask, IfMatch))]
#[delete("/v1/service-accounts/{id}/secrets/{prefix}")]
async fn delete_service_account_secret(
    store: Data<Store>,
    path: Path<(Uuid, String)>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Saved<ServiceAccountView>>> {
    let (id, prefix) = &path.0;
    store
        .write(&ask, async |tx| {
            let (row, _grant) = tx.open::<Entity>(Column::Id.eq(*id), &seen.0, Action::Update).await?;
            if !row.secrets.0.iter().any(|note| note.prefix == *prefix) {
                return Err(Problem::not_found());
            }
            Ok(Saved(take_away(tx, row, |note| note.prefix == *prefix).await?.into()))
        })
        .await
}

/// Gives an account one more secret, and lets go of those that have expired.
pub async fn give(tx: &mut Tx<'_>, row: Model, expires_at: Option<Timestamp>) -> Result<(Model, ClientSecret), Problem> {
    let now = tx.now();
    let live = |note: &SecretNote| note.expires_at.is_none_or(|end| end > now);
    let good: Vec<_> = row.secrets.0.iter().filter(|note| live(note)).map(|note| note.prefix.as_str()).collect();
    if good.len() >= MOST_LIVE {
        return Err(Problem::new(Code::TwoLiveSecrets).with("prefixes", good));
    }
    let secret = ClientSecret::generate().map_err(Problem::internal)?;
    if row.secrets.0.iter().any(|note| note.prefix == secret.prefix()) {
        return Err(Problem::internal("a new secret begins like one that is there"));
    }
    let mut after = row.clone();
    after.secrets.0.retain(live);
    after.secrets.0.push(SecretNote { prefix: secret.prefix().to_owned(), created_at: now, expires_at });
    let row = write(tx, row, after).await?;
    let grant = tx.may(Action::Update, &Entity::subject(&row))?;
    let stored = service_secret::ActiveModel {
        digest: Set(secret.digest()),
        service_account_id: Set(row.id),
        prefix: Set(secret.prefix().to_owned()),
        created_at: Set(now),
        expires_at: Set(expires_at),
    };
    tx.put_secret::<Entity, service_secret::Entity>(&grant, &row, stored).await?;
    Ok((row, secret))
}

/// Takes every secret of an account away.
pub async fn take_all_away(tx: &mut Tx<'_>, row: Model) -> Result<Model, Problem> {
    take_away(tx, row, |_note| true).await
}

async fn take_away(tx: &mut Tx<'_>, row: Model, goes: impl Fn(&SecretNote) -> bool) -> Result<Model, Problem> {
    let mut after = row.clone();
    after.secrets.0.retain(|note| !goes(note));
    if after.secrets == row.secrets {
        return Ok(row);
    }
    let row = write(tx, row, after).await?;
    let grant = tx.may(Action::Update, &Entity::subject(&row))?;
    tx.note_credential::<Entity>(&grant, &row)?;
    Ok(row)
}

/// Writes the list of secrets, and lets go of the secrets that left it.
async fn write(tx: &mut Tx<'_>, before: Model, after: Model) -> Result<Model, Problem> {
    let grant = tx.may(Action::Update, &Entity::subject(&before))?;
    let gone: Vec<_> = before.secrets.0.iter().filter(|note| !after.secrets.0.contains(note)).map(|note| note.prefix.clone()).collect();
    let row = tx.update::<Entity>(&grant, before, after).await?;
    if !gone.is_empty() {
        let holder = tx.private_of(row.id, Some(&grant))?;
        tx.delete_private::<service_secret::Entity>(holder, service_secret::Column::Prefix.is_in(gone).into_condition()).await?;
    }
    Ok(row)
}
