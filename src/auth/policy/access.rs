//! Accounts of people and of machines.

use super::{Action, Decision, Fields, Subject, allowed, content, reassign, refused};
use crate::auth::{Actor, ActorKind, Role};

const SUCCEEDED: &[&str] = &["organization_id"];
const INVITES: &str = "The lead ministry invites the focal points of its country, and nobody else.";

/// Or a row that is not there yet, of which nobody said what it will be.
fn is_focal_point(subject: &Subject) -> bool {
    subject.role.is_none_or(|role| role == Role::FocalPoint)
}

pub(super) fn account(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let self_service = subject.holder.is_some() && subject.holder == actor.account_id && actor.kind == ActorKind::Person;
    match (action, actor.role) {
        (Action::SetPassword, _) if self_service => allowed("own_password", "Everyone sets their own password.", Fields::All),
        (Action::SetPassword, _) if actor.kind == ActorKind::Machine => {
            refused("people_have_passwords", "Machine accounts have secrets, which administrators make; only people have passwords.")
        }
        (Action::SetPassword, _) => refused("own_password", "Everyone sets their own password and nobody else's."),
        (Action::Transition, _) if self_service && (subject.state, subject.to) == (Some("invited"), Some("active")) => {
            allowed("accepts_invitation", "Whoever was invited takes the account into use.", Fields::All)
        }
        (Action::Create | Action::Update | Action::Transition | Action::GivePasswordLink, Role::Administrator) => {
            allowed("administrator_accounts", "Administrators let people in and lock them out.", Fields::All)
        }
        (Action::Create, Role::Coordinator) if is_focal_point(subject) => allowed("coordinator_invites", INVITES, Fields::All),
        (Action::GivePasswordLink, Role::Coordinator) if is_focal_point(subject) && matches!(subject.state, None | Some("invited")) => {
            allowed("coordinator_invites", INVITES, Fields::All)
        }
        (Action::Create | Action::GivePasswordLink, Role::Coordinator) => refused("coordinator_invites", INVITES),
        (Action::Archive | Action::Restore, Role::Administrator) => {
            refused("accounts_move_by_state", "An account is archived by moving it to the state archived, and that is for ever.")
        }
        (Action::Reassign, _) => reassign(actor, SUCCEEDED),
        (Action::SetExternalId, _) => refused("accounts_are_ours", "Accounts have no ids of other systems."),
        (_, Role::Coordinator | Role::FocalPoint | Role::NetworkMember) => {
            refused("administrator_accounts", "Only administrators keep accounts.")
        }
        _ => content(actor, action),
    }
}

pub(super) fn service_account(actor: &Actor, action: Action) -> Decision {
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::Administrator) => {
            allowed("administrator_accounts", "Administrators let machines in and lock them out.", Fields::All)
        }
        (Action::Reassign, _) => reassign(actor, SUCCEEDED),
        (Action::SetExternalId, _) => refused("accounts_are_ours", "Accounts have no ids of other systems."),
        (_, Role::Coordinator | Role::FocalPoint | Role::NetworkMember) => {
            refused("administrator_accounts", "Only administrators keep accounts.")
        }
        _ => content(actor, action),
    }
}
