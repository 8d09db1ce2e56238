//! Who may do what: one function that a lawyer can read. Only this file makes a [`Grant`].

use std::fmt;

use uuid::Uuid;

use super::actor::{Actor, ActorKind, Role, Scope};
use crate::{
    kind::Kind,
    problem::{Code, Problem},
};

/// Something that can be done to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Create,
    Update,
    Archive,
    Restore,
    Transition,
    SetExternalId,
}

impl Action {
    pub const ALL: &[Self] = &[Self::Create, Self::Update, Self::Archive, Self::Restore, Self::Transition, Self::SetExternalId];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Restore => "restore",
            Self::Transition => "transition",
            Self::SetExternalId => "set_external_id",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a rule needs to know of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: Kind,
    /// The organization that the row belongs to; an organization belongs to itself.
    pub owner: Option<Uuid>,
    pub state: Option<&'static str>,
    /// The state that a transition leads to.
    pub to: Option<&'static str>,
}

impl Subject {
    /// A row that is not there yet and belongs to nobody.
    pub const fn new(kind: Kind) -> Self {
        Self { kind, owner: None, state: None, to: None }
    }
}

/// Which fields an action reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    All,
    Only(&'static [&'static str]),
}

/// What the policy says, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub rule: &'static str,
    /// The rule in a sentence.
    pub reason: &'static str,
    /// `None`: refused.
    pub fields: Option<Fields>,
}

const fn allowed(rule: &'static str, reason: &'static str, fields: Fields) -> Decision {
    Decision { rule, reason, fields: Some(fields) }
}

const fn refused(rule: &'static str, reason: &'static str) -> Decision {
    Decision { rule, reason, fields: None }
}

const OWN_INSTITUTION: &[&str] = &["mandate", "website"];
const OBJECTIVE_NATIONAL: &[&str] = &["title", "short_title", "summary", "actions", "national_lead_id", "national_note"];

/// Who may do what.
pub fn decide(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    use Action::{Archive, Create, Restore, SetExternalId, Transition, Update};
    use Role::{Administrator, Coordinator, FocalPoint, NetworkMember, Reader};

    if actor.kind == ActorKind::System {
        return allowed("operator", "The operator of the instance acts at the command line.", Fields::All);
    }
    if !actor.has(Scope::Write) {
        return refused("scope_write", "A machine account changes things only with the scope write.");
    }
    let own = actor.speaks_for(subject.owner);
    match (subject.kind, action, actor.role) {
        (Kind::Objective, Update, Coordinator) => allowed(
            "coordinator_objectives",
            "The lead ministry edits translations, the national lead and the national note.",
            Fields::Only(OBJECTIVE_NATIONAL),
        ),
        (Kind::Objective, Create | Archive | Restore | Transition, _) => {
            refused("compact_is_fixed", "The 23 objectives are those of the Compact; nobody adds or removes one.")
        }
        (Kind::Objective, Update, Administrator | FocalPoint | NetworkMember | Reader) => {
            refused("coordinator_objectives", "Only the lead ministry edits objectives.")
        }

        (Kind::Organization, Create | Update | Archive | Restore, Coordinator) => {
            allowed("coordinator_organizations", "The lead ministry keeps the register of institutions.", Fields::All)
        }
        (Kind::Organization, Update, FocalPoint | NetworkMember) if own => {
            allowed("own_institution", "An institution describes its own mandate and website.", Fields::Only(OWN_INSTITUTION))
        }
        (Kind::Organization, Update, FocalPoint | NetworkMember) => {
            refused("own_institution", "Another institution describes its own mandate and website.")
        }
        (Kind::Organization, Create | Archive | Restore, FocalPoint | NetworkMember) => {
            refused("coordinator_organizations", "Only the lead ministry keeps the register of institutions.")
        }
        (Kind::Organization, Transition, _) => refused("no_states", "Organizations have no states to move between."),
        (Kind::Organization, Create | Update | Archive | Restore, Administrator) => {
            refused("administrator_no_content", "Administrators keep accounts, not content.")
        }

        (Kind::Objective | Kind::Organization, SetExternalId, Coordinator) => {
            allowed("coordinator_external_ids", "The lead ministry keeps the ids of other systems.", Fields::All)
        }
        (Kind::Objective | Kind::Organization, SetExternalId, FocalPoint | NetworkMember) if !actor.external_systems.is_empty() => {
            allowed("own_external_system", "A machine account keeps the ids of its own systems.", Fields::All)
        }
        (Kind::Objective | Kind::Organization, SetExternalId, Administrator | FocalPoint | NetworkMember) => {
            refused("own_external_system", "Only a machine account keeps the ids of its own systems.")
        }

        (Kind::Account, Transition, Administrator) => {
            allowed("administrator_accounts", "Administrators let people in and lock them out.", Fields::All)
        }
        (Kind::Account | Kind::ServiceAccount, _, Administrator) => {
            refused("accounts_by_command_line", "Accounts are made and changed at the operator's command line.")
        }
        (Kind::Account | Kind::ServiceAccount, _, Coordinator | FocalPoint | NetworkMember) => {
            refused("administrator_accounts", "Only administrators keep accounts.")
        }

        (_, _, Reader) => refused("reader_reads", "A reader changes nothing."),
    }
}

/// Proof that the policy allowed an action, and which fields it reaches. Only [`Grant::of`] makes one.
#[derive(Debug)]
pub struct Grant {
    action: Action,
    subject: Subject,
    rule: &'static str,
    fields: Fields,
}

impl Grant {
    /// The grant for this action, or the 403 that names the rule.
    pub fn of(actor: &Actor, action: Action, subject: &Subject) -> Result<Self, Problem> {
        let decision = decide(actor, action, subject);
        match decision.fields {
            Some(fields) => Ok(Self { action, subject: *subject, rule: decision.rule, fields }),
            None if decision.rule == "scope_write" => Err(Problem::new(Code::InsufficientScope).with("scope", "write")),
            None => Err(Problem::new(Code::Forbidden).with("rule", decision.rule).with("reason", decision.reason)),
        }
    }

    pub fn reaches(&self, field: &str) -> bool {
        match self.fields {
            Fields::All => true,
            Fields::Only(fields) => fields.contains(&field),
        }
    }

    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Whether it is for this action on this row, as the row was when it was asked for; a new row has no owner or state yet.
    pub fn covers(&self, action: Action, subject: &Subject) -> bool {
        let same_row = self.subject.owner == subject.owner && self.subject.state == subject.state;
        self.action == action && self.subject.kind == subject.kind && (action == Action::Create || same_row)
    }

    /// Whether it is for a move to this state.
    pub fn leads_to(&self, state: Option<&str>) -> bool {
        self.subject.to == state
    }
}

/// The policy as a table: one line for each kind, action, role and ownership.
pub fn matrix() -> String {
    let mut lines = vec!["kind,action,role,owner,allowed,rule,fields".to_owned()];
    let mine = Uuid::from_u128(1);
    for (kind, action, role, own) in Kind::ALL.iter().flat_map(|kind| {
        Action::ALL.iter().flat_map(move |action| Role::ALL.iter().flat_map(move |role| [true, false].map(|own| (kind, action, role, own))))
    }) {
        let actor = Actor { kind: ActorKind::Person, role: *role, organization_id: Some(mine), ..Actor::system() };
        let owner = Some(if own { mine } else { Uuid::from_u128(2) });
        let decision = decide(&actor, *action, &Subject { owner, ..Subject::new(*kind) });
        let fields = match decision.fields {
            None => String::new(),
            Some(Fields::All) => "*".to_owned(),
            Some(Fields::Only(fields)) => fields.join(" "),
        };
        let (owner, allowed) = (if own { "own" } else { "other" }, if decision.fields.is_some() { "yes" } else { "no" });
        lines.push(format!("{kind},{action},{role},{owner},{allowed},{},{fields}", decision.rule));
    }
    lines.push(String::new());
    lines.join("\n")
}
