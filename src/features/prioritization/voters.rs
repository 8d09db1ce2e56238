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

/// What the voice is for, as a reassignment of a succession names it.
#[derive(Clone, Copy, Debug)]
pub struct Matter {
    pub duty: DutyKind,
    pub id: Uuid,
}

/// The voters of an electorate on this day, in its order; each counts once. A member that has ended is answered for by its heir: the one that the act
/// by which it ended names for this very duty, else its one successor; and when that one has ended, too, by its heir in turn. Without an heir
/// nobody answers.
pub async fn voters(rows: &impl Reads, electorate: &[Uuid], matter: Matter, today: NaiveDate) -> Result<Vec<Voter>, Problem> {
    let known = rows.all(organization::Entity::by_ids(electorate.iter().copied())).await?;
    let mut living: HashMap<Uuid, bool> = known.into_iter().map(|row| (row.id, lives(&row, today))).collect();
    let mut voters: Vec<Voter> = Vec::new();
    for member in electorate {
        let line = line(rows, *member, matter, today, &mut living).await?;
        let Some(last) = line.last().filter(|last| living.get(last) == Some(&true)) else { continue };
        match voters.iter_mut().find(|voter| voter.organization_id == *last) {
            Some(voter) => voter.stands_for.extend(line),
            None => voters.push(Voter { organization_id: *last, stands_for: line }),
        }
    }
    Ok(voters)
}

/// Whose voice an institution's is today.
pub fn voter_of(voters: &[Voter], organization: Uuid) -> Option<Uuid> {
    let found = voters.iter().find(|voter| voter.organization_id == organization || voter.stands_for.contains(&organization));
    found.map(|voter| voter.organization_id)
}

fn lives(row: &organization::Model, today: NaiveDate) -> bool {
    row.archived_at.is_none() && row.valid_to.is_none_or(|to| today < to)
}

/// The member and its heirs, one after another, up to the first that lives or has no heir.
async fn line(
    rows: &impl Reads,
    member: Uuid,
    matter: Matter,
    today: NaiveDate,
    living: &mut HashMap<Uuid, bool>,
) -> Result<Vec<Uuid>, Problem> {
    let (mut line, mut met) = (Vec::new(), HashSet::new());
    let mut next = Some(member);
    while let Some(id) = next.filter(|id| met.insert(*id)) {
        line.push(id);
        let alive = match living.get(&id) {
            Some(alive) => *alive,
            None => rows.all(organization::Entity::by_ids([id])).await?.iter().any(|row| lives(row, today)),
        };
        living.insert(id, alive);
        next = if alive { None } else { heir(rows, id, matter).await? };
    }
    Ok(line)
}

async fn heir(rows: &impl Reads, ended: Uuid, matter: Matter) -> Result<Option<Uuid>, Problem> {
    let Some(act) = ended_by(rows, ended).await? else { return Ok(None) };
    let id = matter.id.to_string();
    let named = act.reassignments.0.iter().find(|entry| entry.kind.as_str() == matter.duty.name() && entry.id == id);
    Ok(match (named, act.successor_ids.0.as_slice()) {
        (Some(entry), _) => entry.to_id,
        (None, [only]) => Some(*only),
        (None, _) => None,
    })
}
