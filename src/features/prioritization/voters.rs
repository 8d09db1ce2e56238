//! Who has a voice in what an electorate decides: each member for itself, and for one that has ended whoever took its place.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    entity::organization,
    features::institutions::{duties::DutyKind, successions::rules::ended_by},
    problem::Problem,
    store::Reads,
};

/// One voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// The institution that has it today.
    pub organization_id: Uuid,
    /// Those that it answers for: members of the electorate, and institutions that stood between a member and it. It may be among them.
    pub stands_for: Vec<Uuid>,
}

/// The voters of the electorate of this round on this day, in its order; each counts once. They nominate in it, and they are asked for their word on
/// the priorities that come of it. A member that has ended is answered for by its heir: the one that the act by which it ended names for its voice in
/// the round, else its one successor; and when that one has ended, too, by its heir in turn. Without an heir nobody answers.
pub async fn voters(rows: &impl Reads, electorate: &[Uuid], round: Uuid, today: NaiveDate) -> Result<Vec<Voter>, Problem> {
    let mut voters: Vec<Voter> = Vec::new();
    for Line { members, last, end } in lines(rows, electorate, round, today).await? {
        if end != End::Lives {
            continue;
        }
        match voters.iter_mut().find(|voter| voter.organization_id == last) {
            Some(voter) => voter.stands_for.extend(members),
            None => voters.push(Voter { organization_id: last, stands_for: members }),
        }
    }
    Ok(voters)
}

/// The voters of both, each once and with all that it answers for.
pub fn merged(mut voters: Vec<Voter>, others: Vec<Voter>) -> Vec<Voter> {
    for other in others {
        match voters.iter_mut().find(|voter| voter.organization_id == other.organization_id) {
            Some(voter) => voter.stands_for.extend(other.stands_for),
            None => voters.push(other),
        }
    }
    voters
}

/// Those who can still hand a voice in this round on: the voters, and institutions that are over without an act that says who took their place.
pub async fn holders(rows: &impl Reads, electorate: &[Uuid], round: Uuid, today: NaiveDate) -> Result<HashSet<Uuid>, Problem> {
    let lines = lines(rows, electorate, round, today).await?;
    Ok(lines.into_iter().filter(|line| line.end != End::LeftToNobody).map(|line| line.last).collect())
}

/// Whose voice an institution's is today.
pub fn voter_of(voters: &[Voter], organization: Uuid) -> Option<Uuid> {
    let found = voters.iter().find(|voter| voter.organization_id == organization || voter.stands_for.contains(&organization));
    found.map(|voter| voter.organization_id)
}

/// A member and its heirs, one after another, up to the first that lives or has no heir.
struct Line {
    members: Vec<Uuid>,
    last: Uuid,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Lives,
    /// It has ended, and no act says how.
    Open,
    /// The act by which it ended names nobody who took its voice over.
    LeftToNobody,
}

async fn lines(rows: &impl Reads, electorate: &[Uuid], round: Uuid, today: NaiveDate) -> Result<Vec<Line>, Problem> {
    let known = rows.all(organization::Entity::by_ids(electorate.iter().copied())).await?;
    let mut living: HashMap<Uuid, bool> = known.into_iter().map(|row| (row.id, lives(&row, today))).collect();
    let mut lines = Vec::with_capacity(electorate.len());
    for member in electorate {
        lines.push(line(rows, *member, round, today, &mut living).await?);
    }
    Ok(lines)
}

fn lives(row: &organization::Model, today: NaiveDate) -> bool {
    row.archived_at.is_none() && row.is_valid(today)
}

async fn line(rows: &impl Reads, member: Uuid, round: Uuid, today: NaiveDate, living: &mut HashMap<Uuid, bool>) -> Result<Line, Problem> {
    let (mut members, mut last) = (vec![member], member);
    loop {
        let alive = match living.get(&last) {
            Some(alive) => *alive,
            None => rows.all(organization::Entity::by_ids([last])).await?.iter().any(|row| lives(row, today)),
        };
        living.insert(last, alive);
        if alive {
            return Ok(Line { members, last, end: End::Lives });
        }
        match heir(rows, last, round).await? {
            None => return Ok(Line { members, last, end: End::Open }),
            // Acts that go round in a ring name nobody.
            Some(Some(next)) if !members.contains(&next) => {
                members.push(next);
                last = next;
            }
            Some(_) => return Ok(Line { members, last, end: End::LeftToNobody }),
        }
    }
}

/// Who took over the voice of an institution in this round, as the act by which it ended says; `None` when there is no such act. A voice is one and
/// the same duty all the time: it is called a nomination while the round is under way, and an endorsement once its priorities are there.
async fn heir(rows: &impl Reads, ended: Uuid, round: Uuid) -> Result<Option<Option<Uuid>>, Problem> {
    let Some(act) = ended_by(rows, ended).await? else { return Ok(None) };
    let id = round.to_string();
    let is_voice = |kind: &str| [DutyKind::Nomination, DutyKind::Endorsement].iter().any(|voice| voice.name() == kind);
    let named = act.reassignments.0.iter().find(|entry| is_voice(entry.kind.as_str()) && entry.id == id);
    Ok(Some(match (named, act.successor_ids.0.as_slice()) {
        (Some(entry), _) => entry.to_id,
        (None, [only]) => Some(*only),
        (None, _) => None,
    }))
}
