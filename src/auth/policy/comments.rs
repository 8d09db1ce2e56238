//! What is said about rows.

use super::{Action, Decision, Fields, Subject, allowed, content, refused};
use crate::auth::{Actor, Role};

/// What it is about and what it answers stays.
const EDITED: &[&str] = &["body", "language"];

const RESOLVERS: &str = "Its author, the organization that the row belongs to and the lead ministry resolve a comment, and nobody else.";

/// Who takes part says something wherever it sees; what was said belongs to its author, and to the lead ministry to keep in order.
pub(super) fn comment(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    let takes_part = matches!(actor.role, Role::Coordinator | Role::FocalPoint | Role::NetworkMember);
    let author = subject.holder.is_some() && subject.holder == actor.account_id;
    let coordinator = actor.role == Role::Coordinator;
    match action {
        Action::Transition if actor.role == Role::Administrator => refused("comment_resolved", RESOLVERS),
        _ if !takes_part => content(actor, action),
        Action::Create => allowed("participants_comment", "Whoever takes part comments on what it sees.", Fields::All),
        Action::Update if author => allowed("author_edits", "The author edits a comment shortly after writing it.", Fields::Only(EDITED)),
        Action::Update => refused("author_edits", "Only its author edits a comment."),
        Action::Archive if author || coordinator => {
            allowed("author_archives", "The author or the lead ministry takes a comment out of use.", Fields::All)
        }
        Action::Archive => refused("author_archives", "Only its author or the lead ministry takes a comment out of use."),
        // What was taken out of use to keep order comes back by the same hand.
        Action::Restore if coordinator => allowed("coordinator_restores", "The lead ministry takes a comment back into use.", Fields::All),
        Action::Restore => refused("coordinator_restores", "Only the lead ministry takes a comment back into use."),
        // Comments that are still to be looked at are nobody's yet; then the question is asked again.
        Action::Transition if author || coordinator || actor.speaks_for(subject.owner) || *subject == Subject::new(subject.kind) => {
            allowed("comment_resolved", RESOLVERS, Fields::All)
        }
        Action::Transition => refused("comment_resolved", RESOLVERS),
        _ => content(actor, action),
    }
}
