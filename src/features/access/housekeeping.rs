//! What nobody can use any more says where people were, and when: it is not kept.

use chrono::TimeDelta;
use sea_orm::ColumnTrait;

use super::throttle::KNOWN_DAYS;
use crate::{
    clock::Timestamp,
    entity::{known_network, password_link, revoked_token, session},
    problem::Problem,
    store::Store,
};

/// For so long it is kept all the same: a clock that is a little ahead takes away nothing that counts.
const KEPT_HOURS: i64 = 24;

/// Takes away sessions that expired or ended, with their refresh tokens; links and revoked tokens that expired; and networks from which nobody
/// signed in for long. Says how many rows that were.
pub async fn sweep(store: &Store) -> Result<u64, Problem> {
    store
        .aside(async |aside| {
            let over = aside.now().minus_hours(KEPT_HOURS);
            let unknown = Timestamp(over.0 - TimeDelta::days(KNOWN_DAYS));
            let sessions = aside.delete::<session::Entity>(session::over_since(over)).await?;
            let links = aside.delete::<password_link::Entity>(password_link::Column::ExpiresAt.lte(over)).await?;
            let tokens = aside.delete::<revoked_token::Entity>(revoked_token::Column::ExpiresAt.lte(over)).await?;
            let networks = aside.delete::<known_network::Entity>(known_network::Column::LastUsedAt.lte(unknown)).await?;
            Ok(sessions + links + tokens + networks)
        })
        .await
}
