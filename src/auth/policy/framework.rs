//! The Compact itself.

use super::{Action, Decision, Fields, allowed, content, reassign, refused};
use crate::auth::{Actor, Role};

const NATIONAL: &[&str] = &["title", "short_title", "summary", "actions", "national_lead_id", "national_note"];

pub(super) fn objective(actor: &Actor, action: Action) -> Decision {
    match (action, actor.role) {
        (Action::Update, Role::Coordinator) => allowed(
            "coordinator_objectives",
            "The lead ministry edits translations, the national lead and the national note.",
            Fields::Only(NATIONAL),
        ),
        (Action::Update, Role::Administrator | Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_objectives", "Only the lead ministry edits objectives.")
        }
        (Action::Create | Action::Archive | Action::Restore | Action::Transition, _) => {
            refused("compact_is_fixed", "The 23 objectives are those of the Compact; nobody adds or removes one.")
        }
        (Action::Reassign, _) => reassign(actor, &["national_lead_id"]),
        _ => content(actor, action),
    }
}
