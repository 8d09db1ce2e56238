//! What each organization does already.

use super::{Action, Decision, Fields, Subject, allowed, content, refused};
use crate::auth::{Actor, ActorKind, Role};

/// All but whose it is: nobody gives an effort to another organization.
const OWN_EFFORT: &[&str] = &[
    "partner_ids",
    "title",
    "description",
    "kind",
    "objective_numbers",
    "action_codes",
    "sdg_target_codes",
    "implementation",
    "starts_on",
    "ends_on",
    "provinces",
    "challenges",
    "support_needed",
    "budget",
    "funder_ids",
    "links",
];

/// Each organization describes its own efforts and submits them; the lead ministry accepts or returns them, and may do all the rest.
pub(super) fn effort(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    match (action, actor.role) {
        (Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition, Role::Coordinator) => {
            allowed("coordinator_efforts", "The lead ministry keeps the stock-taking.", Fields::All)
        }
        // A new row, and rows that are still to be looked at, belong to nobody yet; then the question is asked again.
        (Action::Create | Action::Transition, Role::FocalPoint | Role::NetworkMember) if own || subject.owner.is_none() => {
            own_move(subject)
        }
        (Action::Update, Role::FocalPoint | Role::NetworkMember) if own => {
            allowed("own_efforts", "An organization describes its own efforts.", Fields::Only(OWN_EFFORT))
        }
        (Action::Create | Action::Update | Action::Transition, Role::FocalPoint | Role::NetworkMember) => {
            refused("own_efforts", "Another organization describes its own efforts and submits them.")
        }
        (Action::Archive | Action::Restore, Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_efforts", "Only the lead ministry takes efforts out of use and back into it.")
        }
        (Action::Transition, Role::Administrator) => refused("administrator_no_content", "Administrators keep accounts, not content."),
        _ => content(actor, action),
    }
}

/// The moves that are an organization's own; without a state to move to, whether there are any.
fn own_move(subject: &Subject) -> Decision {
    match (subject.state, subject.to) {
        (_, None) | (Some("draft" | "returned"), Some("submitted")) | (Some("submitted" | "accepted"), Some("draft")) => {
            allowed("own_efforts", "An organization enters its own efforts, submits them, calls them back and reopens them.", Fields::All)
        }
        _ => refused("coordinator_accepts", "Only the lead ministry accepts efforts or returns them."),
    }
}

/// Whether an accepted effort can be changed as it is, without reopening it.
pub fn mends_accepted(actor: &Actor) -> bool {
    actor.kind == ActorKind::System || actor.role == Role::Coordinator
}
