//! Who may see a row: the one function of kind and state that every door goes by.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::{Actor, ActorKind, Role};
use crate::kind::Kind;

/// Who may see a row; kept beside it and stamped with every change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Audience {
    Everyone,
    Country,
    Organization,
    #[default]
    Private,
}

impl Audience {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Country => "country",
            Self::Organization => "organization",
            Self::Private => "private",
        }
    }
}

/// The audience of a row of this kind in this state.
pub fn audience(kind: Kind, state: Option<&str>) -> Audience {
    match kind {
        Kind::Objective
        | Kind::Organization
        | Kind::FocalPoint
        | Kind::UnNetworkMember
        | Kind::CoordinationBody
        | Kind::CoordinationBodyMember
        | Kind::ReviewCycle
        | Kind::Succession
        | Kind::Consultation
        | Kind::Outcome => Audience::Everyone,
        Kind::Effort => match state {
            Some("accepted") => Audience::Everyone,
            Some("submitted") => Audience::Country,
            _ => Audience::Organization,
        },
        Kind::Priority if matches!(state, Some("agreed" | "adopted")) => Audience::Everyone,
        Kind::Priority | Kind::Endorsement => Audience::Country,
        // A comment is seen as the row that it is about, milestones and budget lines as their activity, which they say themselves.
        Kind::Account | Kind::ServiceAccount | Kind::Comment | Kind::Milestone | Kind::BudgetLine => Audience::Private,
        Kind::Workplan if matches!(state, Some("approved" | "active" | "closed")) => Audience::Everyone,
        // What the plan in force holds; what is in no approved version is the draft of one.
        Kind::Activity | Kind::WorkplanRevision if state == Some("approved") => Audience::Everyone,
        Kind::Workplan | Kind::WorkplanRevision | Kind::Activity | Kind::ActivityProposal => Audience::Country,
        Kind::ProgressReport => match state {
            Some("accepted" | "superseded") => Audience::Everyone,
            Some("submitted") => Audience::Country,
            _ => Audience::Organization,
        },
        Kind::Prioritization => match state {
            Some("open" | "closed" | "finalized" | "cancelled") => Audience::Everyone,
            _ => Audience::Country,
        },
        // By the state of the round: what was given in an open or a cancelled one is between its giver and the lead ministry.
        Kind::Nomination => match state {
            Some("closed" | "finalized") => Audience::Country,
            _ => Audience::Organization,
        },
    }
}

/// What one caller sees: whole audiences, and the rows that one organization owns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sight {
    pub whole: Vec<Audience>,
    pub own: Option<Uuid>,
}

impl Actor {
    pub fn sight(&self) -> Sight {
        use Audience::{Country, Everyone, Organization, Private};

        if self.kind == ActorKind::System {
            return Sight { whole: vec![Everyone, Country, Organization, Private], own: None };
        }
        match self.role {
            Role::Administrator => Sight { whole: vec![Everyone, Private], own: None },
            Role::Coordinator => Sight { whole: vec![Everyone, Country, Organization], own: None },
            Role::FocalPoint | Role::NetworkMember => Sight { whole: vec![Everyone, Country], own: self.organization_id },
            Role::Reader => Sight { whole: vec![Everyone], own: None },
        }
    }
}

/// Whose accounts a caller knows by name and role; the accounts themselves are private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquaintance {
    Everybody,
    /// Those who speak for this organization.
    Colleagues(Uuid),
    Nobody,
}

impl Actor {
    pub fn acquaintance(&self) -> Acquaintance {
        match (self.role, self.organization_id) {
            (Role::Administrator | Role::Coordinator, _) => Acquaintance::Everybody,
            (Role::FocalPoint | Role::NetworkMember, Some(own)) => Acquaintance::Colleagues(own),
            (Role::FocalPoint | Role::NetworkMember, None) | (Role::Reader, _) => Acquaintance::Nobody,
        }
    }
}

impl Sight {
    pub fn sees(&self, audience: Audience, owner: Option<Uuid>) -> bool {
        self.whole.contains(&audience) || (audience == Audience::Organization && owner.is_some() && owner == self.own)
    }
}
