//! Where a question to the organizations of an electorate stands: who is asked, who answered, who objects.

use std::collections::{HashMap, hash_map::Entry};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    entity::{
        endorsement::{self, EndorsedKind, EndorsementDecision},
        prioritization, priority,
    },
    features::prioritization::voters::{Voter, voters},
    problem::{Fault, FaultCode, Problem},
    store::Reads,
};

/// What an electorate is asked to endorse, as it reads now.
#[derive(Clone, Debug)]
pub struct Question {
    pub kind: EndorsedKind,
    pub id: Uuid,
    pub substance: i64,
    round: Uuid,
    electorate: Vec<Uuid>,
}

impl Question {
    /// The question that a priority puts to those who decided in its round.
    pub async fn of(rows: &impl Reads, row: &priority::Model) -> Result<Self, Problem> {
        let found = rows.all(prioritization::Entity::by_id(row.prioritization_id)).await?.pop();
        let round = found.ok_or_else(|| Problem::internal("a priority names a round that is not there"))?;
        Ok(Self { kind: EndorsedKind::Priority, id: row.id, substance: row.substance, round: round.id, electorate: round.electorate_ids.0 })
    }

    /// Whoever is asked on this day.
    pub async fn voters(&self, rows: &impl Reads, today: NaiveDate) -> Result<Vec<Voter>, Problem> {
        voters(rows, &self.electorate, self.round, today).await
    }
}

/// Each voter with the word that counts for it.
#[derive(Clone, Debug, Default)]
pub struct Standing(Vec<(Uuid, Option<EndorsementDecision>)>);

/// Where a question stands on this day.
pub async fn standing(rows: &impl Reads, question: &Question, today: NaiveDate) -> Result<Standing, Problem> {
    let voters = question.voters(rows, today).await?;
    answered(rows, question, &voters).await
}

/// Counts each voter once: by its own word, else by the newest of those that it answers for.
async fn answered(rows: &impl Reads, question: &Question, voters: &[Voter]) -> Result<Standing, Problem> {
    let given = rows.all(endorsement::Entity::given(question.kind, question.id, question.substance)).await?;
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

/// The proposed priorities on which this organization is asked for its word and has not given it.
pub async fn waiting_for(rows: &impl Reads, organization: Uuid, today: NaiveDate) -> Result<Vec<priority::Model>, Problem> {
    let mut waiting = Vec::new();
    // Many priorities come of one round.
    let mut asked: HashMap<Uuid, Vec<Voter>> = HashMap::new();
    for row in rows.all(priority::Entity::open()).await? {
        let question = Question::of(rows, &row).await?;
        let voters = match asked.entry(question.round) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(question.voters(rows, today).await?),
        };
        if voters.iter().any(|voter| voter.organization_id == organization)
            && answered(rows, &question, voters).await?.waits_for(organization)
        {
            waiting.push(row);
        }
    }
    Ok(waiting)
}
