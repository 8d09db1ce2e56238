//! The institutions that take part, and who speaks for them.

use super::{Action, Decision, Fields, Subject, allowed, content, reassign, refused};
use crate::auth::{Actor, ActorKind, Role};

const OWN_INSTITUTION: &[&str] = &["mandate", "website"];
/// All but whose it is: nobody gives an appointment to another institution.
const OWN_APPOINTMENT: &[&str] = &["name", "position", "role", "account_id", "starts_on", "ends_on"];
const OWN_MEMBERSHIP: &[&str] = &["working_groups", "objective_numbers", "offers"];

pub(super) fn organization(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::Coordinator) => {
            allowed("coordinator_organizations", "The lead ministry keeps the register of institutions.", Fields::All)
        }
        (Action::Update, Role::FocalPoint | Role::NetworkMember) if own => {
            allowed("own_institution", "An institution describes its own mandate and website.", Fields::Only(OWN_INSTITUTION))
        }
        (Action::Update, Role::FocalPoint | Role::NetworkMember) => {
            refused("own_institution", "Another institution describes its own mandate and website.")
        }
        (Action::Create | Action::Archive | Action::Restore, Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_organizations", "Only the lead ministry keeps the register of institutions.")
        }
        (Action::Reassign, _) => reassign(actor, &["parent_id"]),
        _ => content(actor, action),
    }
}

/// Each institution names its own focal points; whoever takes part may look up how to reach them, machines and readers may not.
pub(super) fn focal_point(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    let takes_part = matches!(actor.role, Role::Coordinator | Role::FocalPoint | Role::NetworkMember);
    match (action, actor.role) {
        (Action::ReadContact | Action::SetContact, _) if actor.kind != ActorKind::Person => {
            refused("contacts_for_people", "Only people see and write how to reach a focal point, not machine accounts.")
        }
        (Action::ReadContact, _) if takes_part => {
            allowed("contacts_for_people", "Whoever takes part may look up how to reach a focal point.", Fields::All)
        }
        (Action::ReadContact, _) => refused("contacts_for_people", "Only people who take part look up how to reach a focal point."),
        (Action::Create | Action::Update | Action::Archive | Action::Restore | Action::SetContact, Role::Coordinator) => {
            allowed("coordinator_focal_points", "The lead ministry keeps the list of focal points.", Fields::All)
        }
        // A new row belongs to nobody until its organization is known; then the question is asked again.
        (Action::Create, Role::FocalPoint | Role::NetworkMember) if own || subject.owner.is_none() => {
            allowed("own_focal_points", "An institution names its own focal points.", Fields::All)
        }
        (Action::Update, Role::FocalPoint | Role::NetworkMember) if own => {
            allowed("own_focal_points", "An institution names its own focal points.", Fields::Only(OWN_APPOINTMENT))
        }
        (Action::Archive | Action::Restore | Action::SetContact, Role::FocalPoint | Role::NetworkMember) if own => {
            allowed("own_focal_points", "An institution names its own focal points.", Fields::All)
        }
        (
            Action::Create | Action::Update | Action::Archive | Action::Restore | Action::SetContact,
            Role::FocalPoint | Role::NetworkMember,
        ) => refused("own_focal_points", "Another institution names its own focal points."),
        (Action::Reassign, _) => reassign(actor, &["organization_id", "ends_on"]),
        _ => content(actor, action),
    }
}

pub(super) fn un_network_member(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::Coordinator) => {
            allowed("coordinator_network", "The lead ministry keeps the list of members of the UN Network.", Fields::All)
        }
        (Action::Update, Role::NetworkMember) if own => {
            allowed("own_membership", "A member says what it works on and offers.", Fields::Only(OWN_MEMBERSHIP))
        }
        (Action::Update, Role::NetworkMember) => refused("own_membership", "Another member says what it works on and offers."),
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_network", "Only the lead ministry keeps the list of members of the UN Network.")
        }
        (Action::Reassign, _) => reassign(actor, &["organization_id", "left_on"]),
        _ => content(actor, action),
    }
}

/// Coordination bodies with their members, review cycles, and consultations: the lead ministry keeps them, nobody else.
pub(super) fn register(actor: &Actor, action: Action, duties: &'static [&'static str]) -> Decision {
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::Coordinator) => {
            allowed("coordinator_register", "The lead ministry keeps this register.", Fields::All)
        }
        (Action::Reassign, _) => reassign(actor, duties),
        _ => content(actor, action),
    }
}

pub(super) fn succession(actor: &Actor, action: Action) -> Decision {
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition, Role::Coordinator) => {
            allowed("coordinator_successions", "The lead ministry plans what becomes of institutions and makes it effective.", Fields::All)
        }
        (Action::Transition, Role::Administrator | Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_successions", "Only the lead ministry makes a succession effective.")
        }
        _ => content(actor, action),
    }
}
