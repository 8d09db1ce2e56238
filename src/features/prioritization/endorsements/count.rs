//! Where a question to the organizations of an electorate stands: who is asked, who answered, who objects.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::Select;
use uuid::Uuid;

use crate::{
    auth::Audience,
    clock::Timestamp,
    entity::{
        endorsement::{self, EndorsedKind, EndorsementDecision},
        prioritization, priority, workplan, workplan_revision,
    },
    features::prioritization::voters::{Voter, merged, voters},
    problem::{Fault, FaultCode, Problem},
    store::{Reads, Tracked},
    text::Text,
};

/// A row that organizations are asked to endorse, as it reads now.
#[derive(Clone, Debug)]
pub enum Asked {
    Priority(priority::Model),
    Workplan(workplan::Model),
    Revision(workplan_revision::Model),
}

impl Asked {
    /// The row that an endorsement is about; `None` when there is none.
    pub async fn about(rows: &impl Reads, kind: EndorsedKind, id: Uuid) -> Result<Option<Self>, Problem> {
        Ok(match kind {
            EndorsedKind::Priority => rows.all(priority::Entity::by_id(id)).await?.pop().map(Self::Priority),
            EndorsedKind::Workplan => rows.all(workplan::Entity::by_id(id)).await?.pop().map(Self::Workplan),
            EndorsedKind::WorkplanRevision => rows.all(workplan_revision::Entity::by_id(id)).await?.pop().map(Self::Revision),
        })
    }

    pub fn kind(&self) -> EndorsedKind {
        match self {
            Self::Priority(_) => EndorsedKind::Priority,
            Self::Workplan(_) => EndorsedKind::Workplan,
            Self::Revision(_) => EndorsedKind::WorkplanRevision,
        }
    }

    pub fn id(&self) -> Uuid {
        match self {
            Self::Priority(row) => row.id,
            Self::Workplan(row) => row.id,
            Self::Revision(row) => row.id,
        }
    }

    pub fn substance(&self) -> i64 {
        match self {
            Self::Priority(row) => row.substance,
            Self::Workplan(row) => row.substance,
            Self::Revision(row) => row.substance,
        }
    }

    pub fn audience(&self) -> Audience {
        match self {
            Self::Priority(row) => row.audience,
            Self::Workplan(row) => row.audience,
            Self::Revision(row) => row.audience,
        }
    }

    pub fn is_archived(&self) -> bool {
        let archived_at = match self {
            Self::Priority(row) => row.archived_at,
            Self::Workplan(row) => row.archived_at,
            Self::Revision(row) => row.archived_at,
        };
        archived_at.is_some()
    }

    /// Since when the question is put as it reads now.
    pub fn since(&self) -> Timestamp {
        match self {
            Self::Priority(row) => row.asked_at.unwrap_or(row.created_at),
            Self::Workplan(row) => row.asked_at.unwrap_or(row.created_at),
            Self::Revision(row) => row.asked_at.unwrap_or(row.created_at),
        }
    }

    pub fn state(&self) -> &'static str {
        match self {
            Self::Priority(row) => row.state.name(),
            Self::Workplan(row) => row.state.name(),
            Self::Revision(row) => row.state.name(),
        }
    }

    /// Whether organizations are asked about it now.
    pub fn is_open(&self) -> bool {
        match self {
            Self::Priority(row) => row.state == priority::PriorityState::Proposed,
            Self::Workplan(row) => row.state == workplan::WorkplanState::InReview,
            Self::Revision(row) => row.state == workplan_revision::RevisionState::InReview,
        }
    }

    /// The rounds whose organizations decide: that of the priority, or those that the priorities of the plan come from.
    async fn rounds(&self, rows: &impl Reads) -> Result<Vec<Uuid>, Problem> {
        let priorities = match self {
            Self::Priority(row) => return Ok(vec![row.prioritization_id]),
            Self::Workplan(row) => &row.priority_ids.0,
            Self::Revision(row) => &row.priority_ids.0,
        };
        let mut rounds = Vec::new();
        for row in rows.all(priority::Entity::by_ids(priorities.iter().copied())).await? {
            if !rounds.contains(&row.prioritization_id) {
                rounds.push(row.prioritization_id);
            }
        }
        rounds.sort_unstable();
        Ok(rounds)
    }

    /// Whoever is asked on this day.
    pub async fn voters(&self, rows: &impl Reads, today: NaiveDate) -> Result<Vec<Voter>, Problem> {
        self.voters_known(rows, today, &mut HashMap::new()).await
    }

    /// As [`Asked::voters`], where those of some rounds are known already: many rows come of one round.
    async fn voters_known(
        &self,
        rows: &impl Reads,
        today: NaiveDate,
        known: &mut HashMap<Uuid, Vec<Voter>>,
    ) -> Result<Vec<Voter>, Problem> {
        let mut asked = Vec::new();
        for round in self.rounds(rows).await? {
            let of_round = match known.get(&round) {
                Some(of_round) => of_round.clone(),
                None => {
                    let row = rows.all(prioritization::Entity::by_id(round)).await?.pop();
                    let row = row.ok_or_else(|| Problem::internal("a priority names a round that is not there"))?;
                    voters(rows, &row.electorate_ids.0, row.id, today).await?
                }
            };
            known.insert(round, of_round.clone());
            asked = merged(asked, of_round);
        }
        Ok(asked)
    }
}

/// Each voter with the word that counts for it.
#[derive(Clone, Debug, Default)]
pub struct Standing(Vec<(Uuid, Option<EndorsementDecision>)>);

/// Where a question stands on this day.
async fn standing(rows: &impl Reads, asked: &Asked, today: NaiveDate) -> Result<Standing, Problem> {
    let voters = asked.voters(rows, today).await?;
    answered(rows, asked, &voters).await
}

/// What stands in the way of what they were asked to agree to: voices that are missing or against it, unless a reason says why it is done all the same.
/// That reason is kept with it.
pub async fn weighed(
    rows: &impl Reads,
    asked: &Asked,
    today: NaiveDate,
    reason: Option<&Text<1000>>,
    agreed_against: &mut Option<Text<1000>>,
) -> Result<Vec<Fault>, Problem> {
    let against = standing(rows, asked, today).await?.faults();
    if against.is_empty() {
        return Ok(against);
    }
    *agreed_against = reason.cloned();
    Ok(if reason.is_some() { Vec::new() } else { against })
}

/// Counts each voter once: by its own word, else by the newest of those that it answers for.
async fn answered(rows: &impl Reads, asked: &Asked, voters: &[Voter]) -> Result<Standing, Problem> {
    let given = rows.all(endorsement::Entity::given(asked.kind(), asked.id(), asked.substance())).await?;
    let word = |voter: &Voter| {
        let own = given.iter().find(|word| word.organization_id == voter.organization_id);
        own.or_else(|| given.iter().find(|word| voter.stands_for.contains(&word.organization_id))).map(|word| word.decision)
    };
    Ok(Standing(voters.iter().map(|voter| (voter.organization_id, word(voter))).collect()))
}

impl Standing {
    fn with(&self, decision: Option<EndorsementDecision>) -> Vec<String> {
        self.0.iter().filter(|(_, given)| *given == decision).map(|(voter, _)| voter.to_string()).collect()
    }

    /// Whether this organization is asked and has not answered yet.
    pub fn waits_for(&self, organization: Uuid) -> bool {
        self.0.contains(&(organization, None))
    }

    /// What stands against an agreement: voices that are missing, voices that are against it, or that there is nobody left to agree.
    pub fn faults(&self) -> Vec<Fault> {
        if self.0.is_empty() {
            return vec![Fault::at("/reason", FaultCode::WordMissing).with("organization_ids", Vec::<String>::new())];
        }
        let voices = [(None, FaultCode::WordMissing), (Some(EndorsementDecision::Objected), FaultCode::ObjectionStands)];
        let fault = |(decision, code)| {
            let organizations = self.with(decision);
            (!organizations.is_empty()).then(|| Fault::at("/reason", code).with("organization_ids", organizations))
        };
        voices.into_iter().filter_map(fault).collect()
    }
}

/// What this organization is asked about and has not given its word on.
pub async fn waiting_for(rows: &impl Reads, organization: Uuid, today: NaiveDate) -> Result<Vec<Asked>, Problem> {
    let mut open: Vec<Asked> = each(rows, priority::Entity::open(), Asked::Priority).await?;
    open.extend(each(rows, workplan::Entity::in_review(), Asked::Workplan).await?);
    open.extend(each(rows, workplan_revision::Entity::in_review(), Asked::Revision).await?);
    let mut known = HashMap::new();
    let mut waiting = Vec::new();
    for asked in open {
        let voters = asked.voters_known(rows, today, &mut known).await?;
        let has_voice = voters.iter().any(|voter| voter.organization_id == organization);
        if has_voice && answered(rows, &asked, &voters).await?.waits_for(organization) {
            waiting.push(asked);
        }
    }
    Ok(waiting)
}

async fn each<E: Tracked>(rows: &impl Reads, query: Select<E>, make: fn(E::Model) -> Asked) -> Result<Vec<Asked>, Problem> {
    Ok(rows.all(query).await?.into_iter().map(make).collect())
}
