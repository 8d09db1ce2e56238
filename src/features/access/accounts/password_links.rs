//! Handing out one-time links: to whoever is invited, and to whoever forgot their password.

use actix_web::{post, web::Data};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rules;
use crate::{
    auth::Action,
    clock::Timestamp,
    entity::{
        account::{AccountState, Column, Entity, Model},
        password_link::Purpose,
    },
    features::access::links::{self, Link},
    http::{
        Api,
        extract::{Ask, Path},
        mount::Mount,
        reply::{Hides, ShownOnce},
    },
    problem::{Code, Problem},
    store::{Answer, Store, Tracked},
};

/// The address of the portal's page for setting a password, with `{token}` in it.
pub struct LinkAddress(pub Option<String>);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// To take up an invitation.
    Invitation,
    /// To set a forgotten password anew.
    Reset,
}

/// A one-time link for setting a password, shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasswordLinkView {
    /// What `/v1/auth/password-links/redeem` takes; `null` in a replay, and when the write was only tried out.
    #[schema(examples("gcml_Zm9yIHRoZSBleGFtcGxlIG9mIHRoZSBjb250cmFjdCE"))]
    token: Option<String>,
    /// The page of the portal with the token in it, for sending to the person; `null` where the token is, and where no portal is set.
    #[schema(examples("https://portal.example/welcome#gcml_Zm9yIHRoZSBleGFtcGxlIG9mIHRoZSBjb250cmFjdCE"))]
    link: Option<String>,
    /// What it is for: an account that was invited gets an `invitation`, any other a `reset`.
    purpose: LinkPurpose,
    /// From when on it is too late: 7 days for an invitation, 24 hours for a reset.
    expires_at: Timestamp,
}

impl Hides for PasswordLinkView {
    fn hidden(&self) -> Self {
        Self { token: None, link: None, ..self.clone() }
    }
}

impl PasswordLinkView {
    fn new(link: &Link, purpose: Purpose, address: &LinkAddress) -> Self {
        let token = link.token.expose();
        Self {
            token: Some(token.to_owned()),
            link: address.0.as_ref().map(|address| address.replace("{token}", token)),
            purpose: match purpose {
                Purpose::Invitation => LinkPurpose::Invitation,
                Purpose::Reset => LinkPurpose::Reset,
            },
            expires_at: link.expires_at,
        }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(create_account_password_link);
}

/// Give a person a link for setting their password
///
/// Good once, and in place of earlier ones that were not used. Nothing is sent: hand it to the person yourself, by a way on which nobody else reads it.
/// Administrators give links for every account; the lead ministry for focal points whose invitation is open. That a link was given stands in the
/// account's history.
#[utoipa::path(tag = "Accounts", params(Ask))]
#[post("/v1/accounts/{id}/password-link")]
async fn create_account_password_link(
    store: Data<Store>,
    address: Data<LinkAddress>,
    id: Path<Uuid>,
    ask: Ask,
) -> Api<Answer<ShownOnce<PasswordLinkView>>> {
    store
        .write(&ask, async |tx| {
            // The lead ministry gives a link to whom it invited, and does not see the account.
            let row = tx.first(Entity::known_to(tx.actor()).filter(Column::Id.eq(id.0))).await?.ok_or_else(Problem::not_found)?;
            let grant = tx.may(Action::GivePasswordLink, &Entity::subject(&row))?;
            let purpose = purpose(&row)?;
            let link = links::make(tx, &grant, &row, purpose).await?;
            tx.note_credential::<Entity>(&grant, &row)?;
            Ok(ShownOnce(PasswordLinkView::new(&link, purpose, &address)))
        })
        .await
}

fn purpose(row: &Model) -> Result<Purpose, Problem> {
    match row.state {
        AccountState::Archived => Err(Problem::new(Code::Archived)),
        AccountState::Active | AccountState::Locked => Ok(Purpose::Reset),
        // Taking it up would make the account active, which it cannot become so.
        AccountState::Invited => match rules::without_organization(row) {
            Some(fault) => Err(Problem::new(Code::TransitionIncomplete).with("to", "active").fault(fault)),
            None => Ok(Purpose::Invitation),
        },
    }
}
