//! Every tracked resource by name.

use std::{fmt, str::FromStr};

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The name of a kind of tracked row, as it stands in the change log, in permissions and in includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Kind {
    Objective,
    Organization,
    Account,
    ServiceAccount,
    FocalPoint,
    UnNetworkMember,
    CoordinationBody,
    CoordinationBodyMember,
    ReviewCycle,
    Succession,
    Effort,
    Consultation,
    Outcome,
    Priority,
    Endorsement,
    Comment,
    Prioritization,
    Nomination,
    Workplan,
    WorkplanRevision,
    Activity,
    ActivityProposal,
    Milestone,
    BudgetLine,
    ProgressReport,
}

impl Kind {
    pub const ALL: &[Self] = &[
        Self::Objective,
        Self::Organization,
        Self::Account,
        Self::ServiceAccount,
        Self::FocalPoint,
        Self::UnNetworkMember,
        Self::CoordinationBody,
        Self::CoordinationBodyMember,
        Self::ReviewCycle,
        Self::Succession,
        Self::Effort,
        Self::Consultation,
        Self::Outcome,
        Self::Priority,
        Self::Endorsement,
        Self::Comment,
        Self::Prioritization,
        Self::Nomination,
        Self::Workplan,
        Self::WorkplanRevision,
        Self::Activity,
        Self::ActivityProposal,
        Self::Milestone,
        Self::BudgetLine,
        Self::ProgressReport,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Objective => "objective",
            Self::Organization => "organization",
            Self::Account => "account",
            Self::ServiceAccount => "service_account",
            Self::FocalPoint => "focal_point",
            Self::UnNetworkMember => "un_network_member",
            Self::CoordinationBody => "coordination_body",
            Self::CoordinationBodyMember => "coordination_body_member",
            Self::ReviewCycle => "review_cycle",
            Self::Succession => "succession",
            Self::Effort => "effort",
            Self::Consultation => "consultation",
            Self::Outcome => "outcome",
            Self::Priority => "priority",
            Self::Endorsement => "endorsement",
            Self::Comment => "comment",
            Self::Prioritization => "prioritization",
            Self::Nomination => "nomination",
            Self::Workplan => "workplan",
            Self::WorkplanRevision => "workplan_revision",
            Self::Activity => "activity",
            Self::ActivityProposal => "activity_proposal",
            Self::Milestone => "milestone",
            Self::BudgetLine => "budget_line",
            Self::ProgressReport => "progress_report",
        }
    }

    /// The name of many of them: in `include`, and under `included`.
    pub fn plural(self) -> String {
        match self {
            Self::CoordinationBody => "coordination_bodies".to_owned(),
            Self::Priority => "priorities".to_owned(),
            Self::Activity => "activities".to_owned(),
            other => format!("{}s", other.name()),
        }
    }

    /// The path of the collection, below which a row stands under its public id; members of a body stand below
    /// `/members` of their body, milestones and budget lines below their activity.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Objective => "/v1/objectives",
            Self::Organization => "/v1/organizations",
            Self::Account => "/v1/accounts",
            Self::ServiceAccount => "/v1/service-accounts",
            Self::FocalPoint => "/v1/focal-points",
            Self::UnNetworkMember => "/v1/un-network-members",
            Self::CoordinationBody | Self::CoordinationBodyMember => "/v1/coordination-bodies",
            Self::ReviewCycle => "/v1/review-cycles",
            Self::Succession => "/v1/successions",
            Self::Effort => "/v1/efforts",
            Self::Consultation => "/v1/consultations",
            Self::Outcome => "/v1/outcomes",
            Self::Priority => "/v1/priorities",
            Self::Endorsement => "/v1/endorsements",
            Self::Comment => "/v1/comments",
            Self::Prioritization => "/v1/prioritizations",
            Self::Nomination => "/v1/nominations",
            Self::Workplan => "/v1/workplans",
            Self::WorkplanRevision => "/v1/workplan-revisions",
            Self::Activity | Self::Milestone | Self::BudgetLine => "/v1/activities",
            Self::ActivityProposal => "/v1/activity-proposals",
            Self::ProgressReport => "/v1/progress-reports",
        }
    }

    /// A change of such a row may change what someone is allowed to do.
    pub const fn decides_access(self) -> bool {
        match self {
            Self::Account | Self::ServiceAccount => true,
            Self::Objective
            | Self::Organization
            | Self::FocalPoint
            | Self::UnNetworkMember
            | Self::CoordinationBody
            | Self::CoordinationBodyMember
            | Self::ReviewCycle
            | Self::Succession
            | Self::Effort
            | Self::Consultation
            | Self::Outcome
            | Self::Prioritization
            | Self::Nomination
            | Self::Priority
            | Self::Endorsement
            | Self::Comment
            | Self::Workplan
            | Self::WorkplanRevision
            | Self::Activity
            | Self::ActivityProposal
            | Self::Milestone
            | Self::BudgetLine
            | Self::ProgressReport => false,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no kind of row.
#[derive(Debug, thiserror::Error)]
#[error("no kind of row is named so")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.iter().copied().find(|kind| kind.name() == text).ok_or(UnknownKind)
    }
}
