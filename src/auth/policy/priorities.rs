//! What was chosen, and the word of each organization on it.

use super::{Action, Decision, Fields, Subject, allowed, content, refused};
use crate::auth::{Actor, Role};

const OWN_WORD: &[&str] = &["decision", "comment"];

pub(super) fn priority(actor: &Actor, action: Action) -> Decision {
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition, Role::Coordinator) => {
            allowed("coordinator_priorities", "The lead ministry proposes priorities, writes them and moves them on.", Fields::All)
        }
        (
            Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition,
            Role::FocalPoint | Role::NetworkMember,
        )
        | (Action::Transition, Role::Administrator) => {
            refused("coordinator_priorities", "Only the lead ministry proposes priorities, writes them and moves them on.")
        }
        _ => content(actor, action),
    }
}

/// Each organization gives its own word; the lead ministry gives nobody else's. Whether it is asked at all, the round says.
pub(super) fn endorsement(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    match (action, actor.role) {
        // A new row belongs to nobody until its organization is known; then the question is asked again.
        (Action::Create, Role::Coordinator | Role::FocalPoint) if own || subject.owner.is_none() => {
            allowed("own_endorsement", "An organization gives its own word.", Fields::All)
        }
        (Action::Update, Role::Coordinator | Role::FocalPoint) if own => {
            allowed("own_endorsement", "An organization gives its own word.", Fields::Only(OWN_WORD))
        }
        (Action::Archive | Action::Restore, Role::Coordinator | Role::FocalPoint) if own => {
            allowed("own_endorsement", "An organization gives its own word.", Fields::All)
        }
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::Coordinator | Role::FocalPoint) => {
            refused("own_endorsement", "Another organization gives its own word.")
        }
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::NetworkMember) => {
            refused("country_decides", "What becomes a priority is decided by the institutions of the country.")
        }
        _ => content(actor, action),
    }
}
