//! What consultations left to be done.

use super::{Action, Decision, Fields, Subject, allowed, content, reassign, refused};
use crate::auth::{Actor, Role};

/// The lead ministry keeps the list; whoever is responsible says when it is done, and somebody else that it is.
pub(super) fn outcome(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner);
    match (action, actor.role) {
        (Action::Transition, Role::Coordinator) if own && subject.to == Some("verified") => {
            refused("verified_by_another", "What an institution is responsible for is verified by another one.")
        }
        (Action::Create | Action::Update | Action::Archive | Action::Restore | Action::Transition, Role::Coordinator) => {
            allowed("coordinator_outcomes", "The lead ministry keeps the outcomes of consultations.", Fields::All)
        }
        // Of many rows at once each is asked about again.
        (Action::Transition, Role::FocalPoint | Role::NetworkMember)
            if (own || (subject.owner, subject.state) == (None, None)) && matches!(subject.to, None | Some("done")) =>
        {
            allowed("responsible_outcome", "The institution that is responsible for an outcome says when it is done.", Fields::All)
        }
        (Action::Transition, Role::FocalPoint | Role::NetworkMember) if own => {
            refused("coordinator_outcomes", "Only the lead ministry verifies an outcome or drops it.")
        }
        (Action::Transition, Role::FocalPoint | Role::NetworkMember) => {
            refused("responsible_outcome", "Only the institution that is responsible for an outcome says when it is done.")
        }
        (Action::Transition, Role::Administrator) => refused("administrator_no_content", "Administrators keep accounts, not content."),
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_outcomes", "Only the lead ministry keeps the outcomes of consultations.")
        }
        (Action::Reassign, _) => reassign(actor, &["responsible_id"]),
        _ => content(actor, action),
    }
}
