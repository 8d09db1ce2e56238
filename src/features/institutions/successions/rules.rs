//! What must hold of a succession, and what making it effective does.

use chrono::NaiveDate;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::{
    auth::Action,
    entity::{
        organization,
        succession::{Entity, Model, MovedFunction, Reassignment, SuccessionState},
        succession_party,
    },
    features::{
        framework::vocabularies,
        institutions::{
            duties::{self, Duty, HandOver},
            organizations::rules::is_ancestor,
        },
        transitions::{Machine, Move},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Reads, Tracked, Tx},
    text::Term,
};

/// Kind, how many predecessors, how many successors.
const KINDS: &[(&str, [usize; 2], [usize; 2])] = &[
    ("merge", [1, 20], [1, 1]),
    ("split", [1, 1], [1, 20]),
    ("rename", [1, 1], [1, 1]),
    ("dissolve", [1, 20], [0, 0]),
    ("function_moved", [1, 20], [0, 20]),
];

/// Whether the predecessors of such a succession cease to exist.
pub fn ends(kind: &Term) -> bool {
    kind.as_str() != "function_moved"
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        if let Some(before) = before.filter(|before| before.state == SuccessionState::Effective)
            && (Model { note: before.note.clone(), ..row.clone() }) != *before
        {
            return Err(frozen());
        }
        faults.extend(shape(row));
        faults.extend(parties(tx, here, before, row).await?);
        let stood = |entry: &Reassignment| before.is_some_and(|before| before.reassignments.0.contains(entry));
        for (at, entry) in row.reassignments.0.iter().enumerate().filter(|(_, entry)| !stood(entry)) {
            faults.extend(heir(tx, here, row, entry, &format!("/reassignments/{at}/to_id")).await?);
        }
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        let party = |(organization_id, side)| succession_party::ActiveModel {
            succession_id: Set(row.id),
            organization_id: Set(organization_id),
            side: Set(side),
        };
        let parties = row.parties().map(party).collect();
        tx.replace_owned::<succession_party::Entity>(succession_party::Column::SuccessionId, row.id, parties).await
    }
}

/// What happened is history: only the note can still be written.
fn frozen() -> Problem {
    Problem::new(Code::NotEditableInState).with("state", SuccessionState::Effective.name()).with("fields", "note")
}

/// What is history stays in use.
pub async fn still_planned(_tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    match row.state {
        SuccessionState::Planned => Ok(()),
        SuccessionState::Effective => Err(frozen()),
    }
}

/// What is wrong with the institutions that are named; those that were named before stand.
async fn parties(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    let known = |ids: fn(&Model) -> &Vec<Uuid>, id: &Uuid| before.is_some_and(|before| ids(before).contains(id));
    for (at, id) in row.predecessor_ids.0.iter().enumerate().filter(|(_, id)| !known(|row| &row.predecessor_ids.0, id)) {
        faults.extend(party(tx, here, *id, &format!("/predecessor_ids/{at}"), row.effective_on).await?);
    }
    for (at, id) in row.successor_ids.0.iter().enumerate().filter(|(_, id)| !known(|row| &row.successor_ids.0, id)) {
        faults.extend(party(tx, here, *id, &format!("/successor_ids/{at}"), None).await?);
    }
    let stood = |function: &MovedFunction| before.is_some_and(|before| before.functions.0.contains(function));
    for (at, function) in row.functions.0.iter().enumerate() {
        if !row.predecessor_ids.0.contains(&function.from_id) {
            faults.push(Fault::at(format!("/functions/{at}/from_id"), FaultCode::NoPredecessor));
        }
        if let Some(to) = function.to_id.filter(|_| !stood(function)) {
            faults.extend(party(tx, here, to, &format!("/functions/{at}/to_id"), None).await?);
        }
    }
    Ok(faults)
}

/// What can be said of it without looking at other rows.
fn shape(row: &Model) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some((_, before, after)) = KINDS.iter().find(|(kind, ..)| *kind == row.kind.as_str()) else {
        return vocabularies::check("succession_kinds", &row.kind, "/kind").into_iter().collect();
    };
    let mut count = |pointer: &str, many: usize, [least, most]: [usize; 2]| match many {
        many if many < least => faults.push(Fault::at(pointer, FaultCode::TooFew).with("limit", least)),
        many if many > most => faults.push(Fault::at(pointer, FaultCode::TooMany).with("limit", most)),
        _ => {}
    };
    count("/predecessor_ids", row.predecessor_ids.0.len(), *before);
    count("/successor_ids", row.successor_ids.0.len(), *after);
    if !ends(&row.kind) {
        count("/functions", row.functions.0.len(), [1, 100]);
    }
    for (pointer, ids) in [("/predecessor_ids", &row.predecessor_ids.0), ("/successor_ids", &row.successor_ids.0)] {
        if ids.iter().enumerate().any(|(at, id)| ids.iter().take(at).any(|other| other == id)) {
            faults.push(Fault::at(pointer, FaultCode::NotUnique));
        }
    }
    let both = |id: &Uuid| ends(&row.kind) && row.predecessor_ids.0.contains(id);
    faults.extend(
        (row.successor_ids.0.iter().enumerate().filter(|(_, id)| both(id)))
            .map(|(at, _)| Fault::at(format!("/successor_ids/{at}"), FaultCode::SucceedsItself)),
    );
    if let (Some(decided), Some(effective)) = (row.decided_on, row.effective_on)
        && effective < decided
    {
        faults.push(Fault::at("/effective_on", FaultCode::PeriodReversed).with("start", decided.to_string()));
    }
    let named = |entry: &Reassignment| (entry.kind.clone(), entry.id.clone(), entry.field.clone());
    let entries = &row.reassignments.0;
    faults.extend(
        (entries.iter().enumerate())
            .filter(|(at, entry)| entries.iter().take(*at).any(|other| named(other) == named(entry)))
            .map(|(at, _)| Fault::at(format!("/reassignments/{at}"), FaultCode::NotUnique)),
    );
    faults
}

/// Whether an institution may be named: it is there and not over, unless it ended on the day of this very act.
async fn party(tx: &Tx<'_>, here: &Here, id: Uuid, pointer: &str, on: Option<NaiveDate>) -> Result<Option<Fault>, Problem> {
    let over = |row: &organization::Model| row.valid_to.is_some_and(|to| to <= here.today()) && row.valid_to != on;
    let code = match tx.first(organization::Entity::by_ids([id])).await? {
        None => FaultCode::ReferenceUnknown,
        Some(row) if row.archived_at.is_some() || over(&row) => FaultCode::ReferenceArchived,
        Some(_) => return Ok(None),
    };
    Ok(Some(Fault::at(pointer, code)))
}

/// Whether an institution that goes on is there on the day on which the others end.
async fn goes_on(tx: &Tx<'_>, here: &Here, id: Uuid, pointer: &str, on: NaiveDate) -> Result<Option<Fault>, Problem> {
    if let Some(fault) = party(tx, here, id, pointer, None).await? {
        return Ok(Some(fault));
    }
    let row = tx.first(organization::Entity::by_ids([id])).await?;
    let begins = row.and_then(|row| row.valid_from).filter(|from| on < *from);
    Ok(begins.map(|from| Fault::at(pointer, FaultCode::ReferenceBeginsLater).with("day", from.to_string())))
}

/// An heir goes on, and is none of those that end.
async fn heir(tx: &Tx<'_>, here: &Here, row: &Model, entry: &Reassignment, pointer: &str) -> Result<Option<Fault>, Problem> {
    let Some(to) = entry.to_id else { return Ok(None) };
    if row.state == SuccessionState::Effective {
        return Ok(None);
    }
    if row.predecessor_ids.0.contains(&to) {
        return Ok(Some(Fault::at(pointer, FaultCode::SucceedsItself)));
    }
    let below = entry.kind.as_str() == duties::DutyKind::Parent.name();
    if let Some(child) = entry.id.parse::<Uuid>().ok().filter(|_| below)
        && is_ancestor(tx, child, to).await?
    {
        return Ok(Some(Fault::at(pointer, FaultCode::ParentCycle)));
    }
    match row.effective_on {
        Some(on) => goes_on(tx, here, to, pointer, on).await,
        None => party(tx, here, to, pointer, None).await,
    }
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[Move { from: &["planned"], to: "effective", reason_required: false, effect: |_, _| {} }];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "planned" => SuccessionState::Planned,
            "effective" => SuccessionState::Effective,
            other => return Err(Problem::internal(format!("successions have no state {other}"))),
        };
        Ok(())
    }

    /// A day that has come, institutions that are there on it, and a word on every duty.
    async fn missing(tx: &Tx<'_>, here: &Here, row: &Model, _to: &str) -> Result<Vec<Fault>, Problem> {
        let mut faults = Vec::new();
        let Some(on) = row.effective_on else { return Ok(vec![Fault::at("/effective_on", FaultCode::FieldMissingForMove)]) };
        if on > here.today() {
            faults.push(Fault::at("/effective_on", FaultCode::NotYet).with("day", on.to_string()));
        }
        for (at, id) in row.predecessor_ids.0.iter().enumerate() {
            faults.extend(may_end(tx, here, row, *id, &format!("/predecessor_ids/{at}"), on).await?);
        }
        for (at, id) in row.successor_ids.0.iter().enumerate() {
            faults.extend(goes_on(tx, here, *id, &format!("/successor_ids/{at}"), on).await?);
        }
        for (at, to) in row.functions.0.iter().enumerate().filter_map(|(at, function)| Some((at, function.to_id?))) {
            faults.extend(goes_on(tx, here, to, &format!("/functions/{at}/to_id"), on).await?);
        }
        for (at, entry) in row.reassignments.0.iter().enumerate() {
            faults.extend(heir(tx, here, row, entry, &format!("/reassignments/{at}/to_id")).await?);
        }
        faults.extend(words(row, &open_duties(tx, here, row).await?));
        Ok(faults)
    }

    /// Every duty goes where it was said to go, and the predecessors end.
    async fn enact(tx: &mut Tx<'_>, here: &Here, row: &Model, _after: &mut Model) -> Result<(), Problem> {
        let Some(on) = row.effective_on.filter(|_| ends(&row.kind)) else { return Ok(()) };
        let reason = format!("succession {}", row.id);
        for (from, duty) in open_duties(tx, here, row).await? {
            let Some((at, entry)) = row.reassignments.0.iter().enumerate().find(|(_, entry)| duty.is(entry)) else { continue };
            if let Some(heir) = entry.to_id
                && let Some(code) = duties::obstacle(tx, &duty, heir, here.today()).await?
            {
                let fault = Fault::at(format!("/reassignments/{at}/to_id"), code);
                return Err(Problem::new(Code::TransitionIncomplete).with("to", "effective").fault(fault));
            }
            duties::hand_on(tx, &duty, HandOver { from, to: entry.to_id, on }, &reason).await?;
        }
        for id in &row.predecessor_ids.0 {
            let found = tx.first(organization::Entity::by_ids([*id])).await?;
            let ending = found.ok_or_else(|| Problem::internal("a succession names an institution that is not there"))?;
            let grant = tx.may(Action::Update, &organization::Entity::subject(&ending))?;
            let after = organization::Model { valid_to: Some(on), ..ending.clone() };
            tx.update::<organization::Entity>(&grant, ending, after).await?;
        }
        Ok(())
    }
}

/// The duties that must find an heir, each with the institution that has it.
async fn open_duties(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<Vec<(Uuid, Duty)>, Problem> {
    let mut open = Vec::new();
    for id in row.predecessor_ids.0.iter().filter(|_| ends(&row.kind)) {
        let ending =
            |duty: &Duty| duty.kind == duties::DutyKind::Parent && row.predecessor_ids.0.iter().any(|id| duty.id == id.to_string());
        let found = duties::find(tx, *id, here.today()).await?;
        // What ends by the same act needs no parent.
        open.extend(found.into_iter().filter(|duty| !ending(duty)).map(|duty| (*id, duty)));
    }
    Ok(open)
}

/// A duty without a word about it, and a word about no duty.
fn words(row: &Model, open: &[(Uuid, Duty)]) -> Vec<Fault> {
    let entries = &row.reassignments.0;
    let unsaid = open.iter().filter(|(_, duty)| !entries.iter().any(|entry| duty.is(entry))).map(|(of, duty)| {
        Fault::at("/reassignments", FaultCode::DutyOpen)
            .with("kind", duty.kind.name())
            .with("id", duty.id.clone())
            .with("field", duty.kind.field())
            .with("organization_id", of.to_string())
    });
    let idle = entries.iter().enumerate().filter(|(_, entry)| !open.iter().any(|(_, duty)| duty.is(entry)));
    unsaid.chain(idle.map(|(at, _)| Fault::at(format!("/reassignments/{at}"), FaultCode::NoDuty))).collect()
}

/// The act by which an institution ended.
pub async fn ended_by(rows: &impl Reads, id: Uuid) -> Result<Option<Model>, Problem> {
    let acts = rows.all(Entity::ending(id)).await?;
    Ok(acts.into_iter().find(|act| act.state == SuccessionState::Effective && ends(&act.kind)))
}

/// Whether an institution is there to end on this day, or to give a function away: begun before it, and not ended by another act.
async fn may_end(tx: &Tx<'_>, here: &Here, row: &Model, id: Uuid, pointer: &str, on: NaiveDate) -> Result<Option<Fault>, Problem> {
    if !ends(&row.kind) {
        return goes_on(tx, here, id, pointer, on).await;
    }
    if let Some(fault) = party(tx, here, id, pointer, Some(on)).await? {
        return Ok(Some(fault));
    }
    if ended_by(tx, id).await?.is_some_and(|other| other.id != row.id) {
        return Ok(Some(Fault::at(pointer, FaultCode::ReferenceArchived)));
    }
    let begun = tx.first(organization::Entity::by_ids([id])).await?.and_then(|row| row.valid_from).filter(|from| on <= *from);
    Ok(begun.map(|from| Fault::at(pointer, FaultCode::PeriodReversed).with("start", from.to_string())))
}
