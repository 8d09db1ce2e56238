//! What must hold of the account of a person.

use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::inputs::NewAccount;
use crate::{
    auth::{Action, Grant, Role, Subject},
    entity::{
        account::{self, AccountState, Entity, Model},
        credential, organization,
    },
    features::{
        access::{enrol, links, sessions},
        institutions::lead_ministry,
        references,
        transitions::{Machine, Move},
        writing::Written,
    },
    http::{context::Here, extract::Json},
    kind::Kind,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Tracked, Tx},
};

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["invited"], to: "active", reason_required: false, effect: |_, _| {} },
        Move { from: &["active"], to: "locked", reason_required: true, effect: |_, _| {} },
        Move { from: &["locked"], to: "active", reason_required: true, effect: |_, _| {} },
        Move {
            from: &["invited", "active", "locked"],
            to: "archived",
            reason_required: true,
            effect: |row, now| row.archived_at = Some(now),
        },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "invited" => AccountState::Invited,
            "active" => AccountState::Active,
            "locked" => AccountState::Locked,
            "archived" => AccountState::Archived,
            other => return Err(Problem::internal(format!("accounts have no state {other}"))),
        };
        Ok(())
    }

    /// Nobody signs in without a password, or speaks for nobody, so nobody becomes active so.
    async fn missing(tx: &Tx<'_>, _here: &Here, row: &Model, to: &str) -> Result<Vec<Fault>, Problem> {
        let mut missing = Vec::new();
        if to == "active" && tx.first(credential::Entity::of(row.id)).await?.is_none() {
            missing.push(Fault::at("/password", FaultCode::FieldMissingForMove));
        }
        if to == "active" {
            missing.extend(without_organization(row));
        }
        Ok(missing)
    }

    /// Whoever is locked out is out: when the account is unlocked, the old sessions and links stay ended.
    async fn enact(tx: &mut Tx<'_>, _here: &Here, before: &Model, after: &mut Model) -> Result<(), Problem> {
        if after.state == AccountState::Active {
            return Ok(());
        }
        keeps_an_administrator(tx, before).await?;
        let grant = tx.may(Action::Transition, &Subject { to: Some(after.state.name()), ..Entity::subject(before) })?;
        let holder = tx.private_of(before.id, Some(&grant))?;
        sessions::end_all(tx, holder).await?;
        links::take_back(tx, holder).await
    }
}

/// An account that must speak for an organization and was left without one.
pub fn without_organization(row: &Model) -> Option<Fault> {
    let lacks = row.role.needs_organization() && row.organization_id.is_none();
    lacks.then(|| Fault::at("/organization_id", FaultCode::FieldMissingForMove))
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(enrol::account_faults(before, row));
        if !here.instance.languages.contains(&row.locale) && before.is_none_or(|before| before.locale != row.locale) {
            faults.push(Fault::at("/locale", FaultCode::UnknownValue).with("allowed", here.instance.languages.clone()));
        }
        if let Some(organization) = row.organization_id.filter(|id| before.and_then(|before| before.organization_id) != Some(*id)) {
            faults.extend(references::organization(tx, here, organization, "/organization_id").await?);
        }
        let seat = |row: &Model| (row.role, row.organization_id);
        faults.extend(lead_ministry::wrong_seat(tx, here, before.map(seat), seat(row)).await?);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        enrol::free_username(tx, row).await?;
        match before {
            Some(before) if row.role != Role::Administrator => keeps_an_administrator(tx, before).await,
            _ => Ok(()),
        }
    }
}

/// Refused when nobody but the holder of this account could let people in.
pub async fn keeps_an_administrator(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let lets_people_in = row.role == Role::Administrator && row.state == AccountState::Active && row.archived_at.is_none();
    if lets_people_in && tx.first(account::Entity::administrators_beside(row)).await?.is_none() {
        return Err(Problem::new(Code::LastAdministrator));
    }
    Ok(())
}

/// Refuses, before anything else is said of the body, what the caller's right to invite does not reach: the role, and the country.
pub async fn may_invite(tx: &Tx<'_>, here: &Here, grant: &Grant, body: &Json<NewAccount>) -> Result<(), Problem> {
    let mut outside = Vec::new();
    let role = body.member("role").and_then(|role| serde_json::from_value::<Role>(role.clone()).ok());
    if tx.may(Action::Create, &Subject { role, ..Subject::new(Kind::Account) }).is_err() {
        outside.push("/role");
    }
    let named = body.member("organization_id").and_then(|id| serde_json::from_value::<Uuid>(id.clone()).ok());
    if let Some(id) = named.filter(|_| tx.actor().role == Role::Coordinator)
        && let Some(row) = tx.find::<organization::Entity>(organization::Column::Id.eq(id)).await?
        && row.country.is_none_or(|country| country.to_string() != here.instance.country)
    {
        outside.push("/organization_id");
    }
    if outside.is_empty() {
        return Ok(());
    }
    let refused = Problem::new(Code::FieldNotWritable).with("rule", grant.rule());
    Err(outside.into_iter().fold(refused, |refused, pointer| refused.fault(Fault::at(pointer, FaultCode::NotWritable))))
}
