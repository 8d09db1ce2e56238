//! One-time links with which a person sets a password: an invitation, or a reset of one that was forgotten.

use sea_orm::{ActiveValue::Set, ColumnTrait};

use crate::{
    auth::{
        Grant,
        password::{random_token, sha256_hex},
    },
    clock::Timestamp,
    entity::{
        account,
        password_link::{self, Purpose},
    },
    problem::Problem,
    settings::Secret,
    store::Tx,
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
