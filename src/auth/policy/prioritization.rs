//! Rounds of prioritization, and what institutions give in them.

use super::{Action, Decision, Fields, Subject, allowed, content, refused};
use crate::auth::{Actor, Role};

/// All but whose it is and what it is about, and the note by which the lead ministry entered it.
const OWN_NOMINATION: &[&str] = &["scores", "rationale", "action_codes"];
const ENTERED_NOMINATION: &[&str] = &["scores", "rationale", "action_codes", "on_behalf_note"];

pub(super) fn prioritization(actor: &Actor, action: Action) -> Decision {
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition, Role::Coordinator) => {
            allowed("coordinator_prioritizations", "The lead ministry holds the rounds of prioritization.", Fields::All)
        }
        (
            Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition,
            Role::FocalPoint | Role::NetworkMember | Role::Administrator,
        ) => refused("coordinator_prioritizations", "Only the lead ministry holds the rounds of prioritization."),
        _ => content(actor, action),
    }
}

/// Each institution gives its own; the lead ministry gives those of its own, and enters what others gave on paper.
pub(super) fn nomination(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    match (action, actor.role) {
        // A new row belongs to nobody until its organization is known; then the question is asked again.
        (Action::Create, Role::FocalPoint | Role::Coordinator) if own || subject.owner.is_none() => {
            allowed("own_nominations", "An institution gives its own nominations.", Fields::All)
        }
        (Action::Create, Role::Coordinator) => {
            allowed("coordinator_on_behalf", "The lead ministry enters nominations that were given on paper.", Fields::All)
        }
        (Action::Update, Role::FocalPoint | Role::Coordinator) if own => {
            allowed("own_nominations", "An institution gives its own nominations.", Fields::Only(OWN_NOMINATION))
        }
        (Action::Archive | Action::Restore | Action::Delete, Role::FocalPoint | Role::Coordinator) if own => {
            allowed("own_nominations", "An institution gives its own nominations.", Fields::All)
        }
        (Action::Update, Role::Coordinator) if subject.on_behalf => allowed(
            "coordinator_on_behalf",
            "The lead ministry keeps the nominations that it entered from paper, until the institution changes them.",
            Fields::Only(ENTERED_NOMINATION),
        ),
        (Action::Archive | Action::Restore | Action::Delete, Role::Coordinator) if subject.on_behalf => allowed(
            "coordinator_on_behalf",
            "The lead ministry keeps the nominations that it entered from paper, until the institution changes them.",
            Fields::All,
        ),
        (
            Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Delete,
            Role::Coordinator | Role::FocalPoint | Role::NetworkMember,
        ) => refused("own_nominations", "An institution gives its own nominations, and nobody else's."),
        _ => content(actor, action),
    }
}
