//! The national workplan: what is planned, who says how it goes, who pays.

use super::{Action, Decision, Fields, Subject, allowed, content, reassign, refused};
use crate::auth::{Actor, Role};

const LEADS: &[&str] = &["lead", "co_lead"];
const COORDINATOR: &str = "Only the lead ministry writes the workplan and moves it on.";
const REPORTERS: &str = "Whoever leads an activity reports on it, and members of the UN Network where they carry it out.";
const PAYERS: &str = "Members of the UN Network say what they commit and disburse themselves; the lead ministry keeps the rest.";

/// What is sent in a report; whose it is and on what stays.
const REPORTED: &[&str] =
    &["period_start", "period_end", "progress_percent", "rating", "implementation", "achievements", "challenges", "next_steps", "spent"];

/// The plan, and what stands in it, as far as the lead ministry writes it.
pub(super) fn plan(actor: &Actor, action: Action) -> Decision {
    kept(actor, action, &[Action::Create, Action::Update, Action::Archive, Action::Restore, Action::Transition])
}

/// The next version of a plan: it is opened, written and moved on, and withdrawn instead of archived.
pub(super) fn revision(actor: &Actor, action: Action) -> Decision {
    kept(actor, action, &[Action::Create, Action::Update, Action::Transition])
}

/// What a revision would change of an activity names those who would take part, whose duties go to their heirs.
pub(super) fn proposal(actor: &Actor, action: Action) -> Decision {
    if action == Action::Reassign {
        return reassign(actor, &["plan"]);
    }
    kept(actor, action, &[Action::Create, Action::Update, Action::Delete])
}

/// What the lead ministry alone does, of these.
fn kept(actor: &Actor, action: Action, actions: &[Action]) -> Decision {
    let reaches = actions.contains(&action);
    match (action, actor.role) {
        (Action::SetExternalId, Role::Coordinator) if !actions.contains(&Action::Archive) => {
            refused("no_external_ids", "Rows of this kind are known to no other system.")
        }
        (Action::Archive | Action::Restore, Role::Coordinator) if !reaches => {
            refused("not_archived", "Rows of this kind are withdrawn or deleted, never archived.")
        }
        (_, Role::Coordinator) if reaches => {
            allowed("coordinator_workplans", "The lead ministry writes the workplan and moves it on.", Fields::All)
        }
        (_, Role::FocalPoint | Role::NetworkMember) if reaches => refused("coordinator_workplans", COORDINATOR),
        (Action::Transition | Action::Delete, Role::Administrator) if reaches => refused("coordinator_workplans", COORDINATOR),
        _ => content(actor, action),
    }
}

/// Those who lead an activity describe it until it is approved; the rest of the plan is the lead ministry's.
pub(super) fn activity(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    match (action, actor.role) {
        (Action::Update, Role::FocalPoint) if subject.involves(actor.organization_id, LEADS) => {
            allowed("leads_describe", "Those who lead an activity describe it.", Fields::Only(&["description"]))
        }
        (Action::Reassign, _) => reassign(actor, &["parties"]),
        (Action::Transition | Action::Delete, _) => content(actor, action),
        _ => plan(actor, action),
    }
}

/// Those who lead the activity say when a milestone is reached.
pub(super) fn milestone(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    match (action, actor.role) {
        (Action::Update, Role::FocalPoint) if subject.involves(actor.organization_id, LEADS) => {
            allowed("leads_reach_milestones", "Those who lead an activity say when a milestone is reached.", Fields::Only(&["done_on"]))
        }
        (Action::Transition | Action::Delete, _) => content(actor, action),
        _ => plan(actor, action),
    }
}

/// What is required is part of the plan; what is committed and disbursed is said by who pays.
pub(super) fn budget_line(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner) && !subject.planned;
    match (action, actor.role) {
        // A new row belongs to nobody until it is known who pays; then the question is asked again.
        (Action::Create, Role::NetworkMember) if own || *subject == Subject::new(subject.kind) => {
            allowed("own_funding", PAYERS, Fields::All)
        }
        (Action::Update, Role::NetworkMember) if own => allowed("own_funding", PAYERS, Fields::Only(&["kind", "amount", "note"])),
        (Action::Archive | Action::Restore, Role::NetworkMember) if own => allowed("own_funding", PAYERS, Fields::All),
        (Action::Create | Action::Update | Action::Archive | Action::Restore, Role::NetworkMember) => refused("own_funding", PAYERS),
        (Action::Transition | Action::Delete, _) => content(actor, action),
        _ => plan(actor, action),
    }
}

/// Each organization reports for itself; the lead ministry accepts or returns what it is sent, and writes no reports but its own ministry's.
pub(super) fn progress_report(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let own = actor.speaks_for(subject.owner) && subject.involves(actor.organization_id, parts(actor.role));
    // A new row, and rows that are still to be looked at, belong to nobody yet; then the question is asked again.
    let open = *subject == Subject { to: subject.to, ..Subject::new(subject.kind) };
    match (action, actor.role) {
        (Action::Create, Role::Coordinator | Role::FocalPoint | Role::NetworkMember) if own || open => {
            allowed("reporters", REPORTERS, Fields::All)
        }
        (Action::Update, Role::Coordinator | Role::FocalPoint | Role::NetworkMember) if own => {
            allowed("reporters", REPORTERS, Fields::Only(REPORTED))
        }
        (Action::Create | Action::Update, Role::Coordinator | Role::FocalPoint | Role::NetworkMember) => refused("reporters", REPORTERS),
        (Action::Transition, _) => moves(actor, subject, own, open),
        (Action::Archive | Action::Restore, Role::Coordinator) => {
            allowed("coordinator_reports", "The lead ministry takes reports out of use and back into it.", Fields::All)
        }
        (Action::Archive | Action::Restore, Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_reports", "Only the lead ministry takes reports out of use and back into it.")
        }
        _ => content(actor, action),
    }
}

/// The parts in an activity with which an organization of this role reports on it.
const fn parts(role: Role) -> &'static [&'static str] {
    match role {
        Role::NetworkMember => &["implementing"],
        _ => LEADS,
    }
}

fn moves(actor: &Actor, subject: &Subject, own: bool, open: bool) -> Decision {
    let submits = matches!(subject.to, None | Some("submitted"));
    match actor.role {
        // Where the move leads is known only once the row was opened; then the question is asked again.
        Role::Coordinator if own || open || subject.to != Some("submitted") => {
            allowed("coordinator_accepts_reports", "The lead ministry accepts reports or returns them.", Fields::All)
        }
        Role::Coordinator => refused("reporters", REPORTERS),
        Role::FocalPoint | Role::NetworkMember if submits && (own || open) => allowed("reporters", REPORTERS, Fields::All),
        Role::FocalPoint | Role::NetworkMember if submits => refused("reporters", REPORTERS),
        Role::FocalPoint | Role::NetworkMember => {
            refused("coordinator_accepts_reports", "Only the lead ministry accepts reports or returns them.")
        }
        Role::Administrator => refused("administrator_no_content", "Administrators keep accounts, not content."),
        Role::Reader => content(actor, Action::Transition),
    }
}
