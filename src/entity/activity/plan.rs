//! What is planned of an activity, and the words for how far it is.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    auth::Party,
    entity::{
        effort::{Passage, ProvinceCode, Title, by_number},
        objective::{ActionCode, ObjectiveNumber, SdgTargetCode},
    },
    text::{Days, Interval, Items, LocalizedText, Text},
};

pub type ActivityCode = Text<32>;
pub type PeriodReason = LocalizedText<1000>;

/// How far an activity is: `planned` has not begun, `in_progress` runs, `completed` reached its end, `suspended` stands still for a time, `cancelled`
/// was given up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ActivityImplementation {
    #[default]
    Planned,
    InProgress,
    Completed,
    Suspended,
    Cancelled,
}

impl ActivityImplementation {
    pub const ALL: [Self; 5] = [Self::Planned, Self::InProgress, Self::Completed, Self::Suspended, Self::Cancelled];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Suspended => "suspended",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more is to be done.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

/// Whether an activity will reach its end in time, as those who carry it out see it: `on_track`, `at_risk`, `off_track`, or `not_rated` yet.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Rating {
    OnTrack,
    AtRisk,
    OffTrack,
    #[default]
    NotRated,
}

impl Rating {
    pub const ALL: [Self; 4] = [Self::OnTrack, Self::AtRisk, Self::OffTrack, Self::NotRated];

    pub const fn name(self) -> &'static str {
        match self {
            Self::OnTrack => "on_track",
            Self::AtRisk => "at_risk",
            Self::OffTrack => "off_track",
            Self::NotRated => "not_rated",
        }
    }
}

/// What an organization does in an activity: `lead` answers for it and reports, `co_lead` together with it, `implementing` carries it out,
/// `supporting` helps, `funding` pays.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum,
)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ActivityRole {
    #[default]
    Lead,
    CoLead,
    Implementing,
    Supporting,
    Funding,
}

impl ActivityRole {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::CoLead => "co_lead",
            Self::Implementing => "implementing",
            Self::Supporting => "supporting",
            Self::Funding => "funding",
        }
    }
}

/// An organization that takes part in an activity, and what it does there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct ActivityParty {
    /// The organization.
    pub organization_id: Uuid,
    /// What it does there.
    pub role: ActivityRole,
}

pub(super) fn handed_on(parties: &[ActivityParty], from: Uuid, to: Option<Uuid>) -> Vec<ActivityParty> {
    let Some(heir) = to else {
        return parties.iter().filter(|party| party.organization_id != from).cloned().collect();
    };
    if !parties.iter().any(|party| party.organization_id == from) {
        return parties.to_vec();
    }
    let of_either = |party: &&ActivityParty| party.organization_id == from || party.organization_id == heir;
    let takes_part = parties.iter().any(|party| party.organization_id == heir);
    let strongest = parties.iter().filter(of_either).map(|party| party.role).min();
    let mut handed: Vec<ActivityParty> = Vec::with_capacity(parties.len());
    for party in parties {
        let stays = !of_either(&party) || (!takes_part && party.organization_id == from);
        let organization_id = if party.organization_id == from { heir } else { party.organization_id };
        // Of two who become one, the one entry stands where the stronger role stood.
        let merged = !stays && Some(party.role) == strongest && !handed.iter().any(|party| party.organization_id == heir);
        if stays || merged {
            handed.push(ActivityParty { organization_id, role: party.role });
        }
    }
    handed
}

/// What rights ask of the parties.
pub fn as_parties(parties: &Items<ActivityParty>) -> Vec<Party> {
    parties.0.iter().map(|party| Party { organization: party.organization_id, role: party.role.name() }).collect()
}

/// An activity that comes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recurrence {
    /// It takes place once in each of these.
    pub every: Interval,
    /// The last day.
    #[schema(examples("2028-12-31"))]
    pub until: Date,
}

/// What is planned of an activity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ActivityPlan)]
pub struct Plan {
    /// Its short name in the plan, such as a number.
    #[schema(required, examples("3.2"))]
    pub code: ActivityCode,
    /// What it is called, by language.
    #[schema(required)]
    pub title: Title,
    /// What it consists of, by language.
    #[schema(required)]
    pub description: Option<Passage>,
    /// The priority of the plan that it carries out; `null` when it serves none of them in particular.
    #[schema(required)]
    pub priority_id: Option<Uuid>,
    /// The objectives of the Compact that it serves.
    #[schema(required, value_type = Vec<ObjectiveNumber>)]
    pub objective_numbers: Vec<i16>,
    /// The lettered actions of these objectives that it serves.
    #[schema(required, value_type = Vec<ActionCode>)]
    pub action_codes: Vec<String>,
    /// The targets of the Sustainable Development Goals that it serves.
    #[schema(required, value_type = Vec<SdgTargetCode>)]
    pub sdg_target_codes: Vec<String>,
    /// The organizations that take part, and what each does; one leads.
    #[schema(required)]
    pub parties: Vec<ActivityParty>,
    /// The first day.
    #[schema(required, examples("2026-03-01"))]
    pub starts_on: Date,
    /// The last day of what takes place once; `null` together with a `recurrence`.
    #[schema(required, examples("2026-12-31"))]
    pub ends_on: Option<Date>,
    /// How often it comes and until when; `null` together with an `ends_on`.
    #[schema(required)]
    pub recurrence: Option<Recurrence>,
    /// Why it reaches beyond the days of the plan, by language.
    #[schema(required)]
    pub outside_period_reason: Option<PeriodReason>,
    /// The activities of the same plan that must be completed before it can go on.
    #[schema(required)]
    pub depends_on: Vec<Uuid>,
    /// The provinces in which it takes place.
    #[schema(required, value_type = Vec<ProvinceCode>)]
    pub provinces: Vec<String>,
}

impl Plan {
    /// The last day; until one is given, the first.
    pub fn last_day(&self) -> Date {
        self.ends_on.or(self.recurrence.map(|recurrence| recurrence.until)).unwrap_or(self.starts_on)
    }

    /// With another organization, or nobody, in the place of this one. Where the heir takes part already, the stronger of their roles stays.
    pub fn hand_on(&mut self, from: Uuid, to: Option<Uuid>) {
        self.parties = handed_on(&self.parties, from, to);
    }

    pub fn has_lead(&self) -> bool {
        self.parties.iter().any(|party| party.role == ActivityRole::Lead)
    }

    /// Whether a day of it is none of these.
    pub fn is_outside(&self, (first, last): Days) -> bool {
        self.starts_on < first || last < self.last_day()
    }

    /// What is a set stands in one order, so that the same is the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.objective_numbers.sort_unstable();
        for codes in [&mut self.action_codes, &mut self.sdg_target_codes, &mut self.provinces] {
            codes.sort_unstable_by(|one, other| by_number(one).cmp(&by_number(other)));
        }
        self.depends_on.sort_unstable();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(organization: u128, role: ActivityRole) -> ActivityParty {
        ActivityParty { organization_id: Uuid::from_u128(organization), role }
    }

    #[test]
    fn a_part_goes_to_the_heir_in_its_place() {
        use ActivityRole::{CoLead, Funding, Implementing, Lead, Supporting};

        let (from, heir) = (Uuid::from_u128(1), Some(Uuid::from_u128(2)));
        for (before, after) in [
            (vec![party(3, CoLead), party(1, Lead)], vec![party(3, CoLead), party(2, Lead)]),
            (vec![party(1, Lead), party(1, Funding)], vec![party(2, Lead), party(2, Funding)]),
            (vec![party(2, Supporting), party(3, CoLead), party(1, Lead)], vec![party(3, CoLead), party(2, Lead)]),
            (vec![party(1, Supporting), party(2, Lead), party(2, Funding)], vec![party(2, Lead)]),
            (vec![party(1, Implementing), party(2, Implementing)], vec![party(2, Implementing)]),
        ] {
            assert_eq!(handed_on(&before, from, heir), after);
        }
        assert_eq!(handed_on(&[party(1, Lead), party(3, CoLead), party(1, Funding)], from, None), [party(3, CoLead)]);
    }
}
