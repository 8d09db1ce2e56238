//! Who may do what: rules that a lawyer can read, area by area. Only this file makes a [`Grant`].

mod access;
mod comments;
mod consultation;
mod framework;
mod institutions;
mod priorities;
mod prioritization;
mod stocktaking;
mod workplan;

use std::fmt;

pub use stocktaking::mends_accepted;
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
    /// Takes a row away for good; rows of most kinds are archived instead.
    Delete,
    Transition,
    SetExternalId,
    /// Hands a duty of an institution that ends on to its heir.
    Reassign,
    ReadContact,
    SetContact,
    SetPassword,
    /// Hands out a one-time link with which the holder of an account sets a password.
    GivePasswordLink,
    /// Empties what the record says of a person.
    Erase,
}

impl Action {
    pub const ALL: &[Self] = &[
        Self::Create,
        Self::Update,
        Self::Archive,
        Self::Restore,
        Self::Delete,
        Self::Transition,
        Self::SetExternalId,
        Self::Reassign,
        Self::ReadContact,
        Self::SetContact,
        Self::SetPassword,
        Self::GivePasswordLink,
        Self::Erase,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Archive => "archive",
            Self::Restore => "restore",
            Self::Delete => "delete",
            Self::Transition => "transition",
            Self::SetExternalId => "set_external_id",
            Self::Reassign => "reassign",
            Self::ReadContact => "read_contact",
            Self::SetContact => "set_contact",
            Self::SetPassword => "set_password",
            Self::GivePasswordLink => "give_password_link",
            Self::Erase => "erase",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An organization that has a part in a row, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    pub organization: Uuid,
    pub role: &'static str,
}

/// What a rule needs to know of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: Kind,
    /// The organization that the row belongs to; an organization belongs to itself.
    pub owner: Option<Uuid>,
    /// The account whose own row it is.
    pub holder: Option<Uuid>,
    /// The role that an account gives to its holder.
    pub role: Option<Role>,
    pub state: Option<&'static str>,
    /// Whether the lead ministry entered it for the organization that it belongs to.
    pub on_behalf: bool,
    /// Those who have a part in it, or in the row that it stands below.
    pub parties: Vec<Party>,
    /// Whether it is part of a plan that is decided about as a whole.
    pub planned: bool,
    /// The state that a transition leads to.
    pub to: Option<&'static str>,
}

impl Subject {
    /// A row that is not there yet and belongs to nobody.
    pub const fn new(kind: Kind) -> Self {
        Self { kind, owner: None, holder: None, role: None, state: None, on_behalf: false, parties: Vec::new(), planned: false, to: None }
    }

    /// Whether both say the same of a row, wherever a transition leads.
    fn is_of_the_row(&self, other: &Self) -> bool {
        let Self { kind, owner, holder, role, state, on_behalf, parties, planned, to: _ } = self;
        let facts = (kind, owner, holder, role, state, on_behalf, parties, planned);
        facts == (&other.kind, &other.owner, &other.holder, &other.role, &other.state, &other.on_behalf, &other.parties, &other.planned)
    }

    /// Whether this organization has one of these parts in it.
    fn involves(&self, organization: Option<Uuid>, roles: &[&str]) -> bool {
        self.parties.iter().any(|party| Some(party.organization) == organization && roles.contains(&party.role))
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

/// Who may do what.
pub fn decide(actor: &Actor, action: Action, subject: &Subject) -> Decision {
    if actor.kind == ActorKind::System {
        return allowed("operator", "The operator of the instance acts at the command line.", Fields::All);
    }
    if action == Action::Erase {
        return refused("operator_erases", "What the record says of a person is erased by the operator, at the command line.");
    }
    if action != Action::ReadContact && !actor.has(Scope::Write) {
        return refused("scope_write", "A machine account changes things only with the scope write.");
    }
    match subject.kind {
        Kind::Objective => framework::objective(actor, action),
        Kind::Organization => institutions::organization(actor, action, subject),
        Kind::FocalPoint => institutions::focal_point(actor, action, subject),
        Kind::UnNetworkMember => institutions::un_network_member(actor, action, subject),
        Kind::CoordinationBody => institutions::register(actor, action, &["chair_ids"]),
        Kind::CoordinationBodyMember => institutions::register(actor, action, &["organization_id", "left_on"]),
        Kind::ReviewCycle => institutions::register(actor, action, &[]),
        Kind::Succession => institutions::succession(actor, action),
        Kind::Effort => stocktaking::effort(actor, action, subject),
        Kind::Consultation => institutions::register(actor, action, &[]),
        Kind::Outcome => consultation::outcome(actor, action, subject),
        Kind::Priority => priorities::priority(actor, action),
        Kind::Endorsement => priorities::endorsement(actor, action, subject),
        Kind::Comment => comments::comment(actor, action, subject),
        Kind::Prioritization => prioritization::prioritization(actor, action),
        Kind::Nomination => prioritization::nomination(actor, action, subject),
        Kind::Workplan => workplan::plan(actor, action),
        Kind::WorkplanRevision => workplan::revision(actor, action),
        Kind::ActivityProposal => workplan::proposal(actor, action),
        Kind::Activity => workplan::activity(actor, action, subject),
        Kind::Milestone => workplan::milestone(actor, action, subject),
        Kind::BudgetLine => workplan::budget_line(actor, action, subject),
        Kind::ProgressReport => workplan::progress_report(actor, action, subject),
        Kind::Account => access::account(actor, action, subject),
        Kind::ServiceAccount => access::service_account(actor, action),
    }
}

/// What is the same for every kind of content: the ids of other systems, the hand-over of duties, and who does nothing at all.
fn content(actor: &Actor, action: Action) -> Decision {
    match (action, actor.role) {
        (_, Role::Reader) => refused("reader_reads", "A reader changes nothing."),
        (Action::SetExternalId, Role::Coordinator) => {
            allowed("coordinator_external_ids", "The lead ministry keeps the ids of other systems.", Fields::All)
        }
        (Action::SetExternalId, Role::FocalPoint | Role::NetworkMember) if !actor.external_systems.is_empty() => {
            allowed("own_external_system", "A machine account keeps the ids of its own systems.", Fields::All)
        }
        (Action::SetExternalId, _) => refused("own_external_system", "Only a machine account keeps the ids of its own systems."),
        (Action::Reassign, _) => reassign(actor, &[]),
        (Action::Delete, _) => refused("archived_not_deleted", "Rows of this kind are archived, never deleted."),
        (Action::Transition, _) => refused("no_states", "Rows of this kind have no states to move between."),
        (Action::ReadContact | Action::SetContact, _) => refused("no_contact", "Rows of this kind have no contact."),
        (Action::SetPassword | Action::GivePasswordLink, _) => refused("no_password", "Rows of this kind have no password."),
        (_, Role::Administrator) => refused("administrator_no_content", "Administrators keep accounts, not content."),
        (_, Role::Coordinator | Role::FocalPoint | Role::NetworkMember) => {
            refused("coordinator_register", "Only the lead ministry keeps this register.")
        }
    }
}

/// The duties of an institution that ends go to its heir through a succession, and in no other way.
fn reassign(actor: &Actor, fields: &'static [&'static str]) -> Decision {
    match actor.role {
        _ if fields.is_empty() => refused("no_duty", "Rows of this kind hold no duty of an institution."),
        Role::Coordinator => {
            allowed("succession_moves_duties", "The lead ministry hands on the duties of an institution that ends.", Fields::Only(fields))
        }
        _ => refused("succession_moves_duties", "Only the lead ministry hands on the duties of an institution that ends."),
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
            Some(fields) => Ok(Self { action, subject: subject.clone(), rule: decision.rule, fields }),
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

    pub fn action(&self) -> Action {
        self.action
    }

    /// Whether it is for this action on this row, as the row was when it was asked for; a new row has no owner or state yet.
    pub fn covers(&self, action: Action, subject: &Subject) -> bool {
        let same_row = self.subject.is_of_the_row(subject);
        self.action == action && self.subject.kind == subject.kind && (action == Action::Create || same_row)
    }

    /// Whether it is about this account: for its row, or for making it.
    pub fn concerns(&self, account: Uuid) -> bool {
        let about_accounts = matches!(self.subject.kind, Kind::Account | Kind::ServiceAccount);
        about_accounts && (self.subject.holder == Some(account) || self.action == Action::Create)
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
        let actor = Actor { account_id: Some(mine), kind: ActorKind::Person, role: *role, organization_id: Some(mine), ..Actor::system() };
        // A comment is first of all its author's.
        let holder = (own && *kind == Kind::Comment).then_some(mine);
        let owner = Some(if own { mine } else { Uuid::from_u128(2) });
        // What belongs to nobody is of those who take part in it.
        let takes_part = own && matches!(kind, Kind::Activity | Kind::Milestone | Kind::ProgressReport);
        let parties = ["lead", "implementing"].map(|role| Party { organization: mine, role }).into_iter().filter(|_| takes_part).collect();
        // Of another's rows the lead ministry keeps those that it entered for it: what it may do of these is printed.
        let decision = decide(&actor, *action, &Subject { owner, holder, parties, on_behalf: !own, ..Subject::new(*kind) });
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
