//! Moves from one state to another: one table for each kind of row, one row or many at a time.

use sea_orm::{ColumnTrait, EntityTrait, sea_query::IntoCondition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::history::{ChangeActor, who};
use crate::{
    auth::{Action, Actor, Decision, Subject, decide},
    clock::Timestamp,
    http::{
        Api,
        context::Here,
        extract::{Ask, Json},
        reply::{Document, Saved, View},
    },
    problem::{Code, Fault, FaultCode, Problem, ProblemDocument},
    store::{
        Answer, Intent, Seen, Stamp, Store, Tracked, Tx,
        change_log::{HistoryAsk, Op},
    },
    text::Text,
};

/// One possible move.
pub struct Move<E: EntityTrait> {
    pub from: &'static [&'static str],
    pub to: &'static str,
    pub reason_required: bool,
    /// What else becomes of the row.
    pub effect: fn(&mut E::Model, Timestamp),
}

/// A kind of row that has states.
pub trait Machine: Tracked {
    const MOVES: &'static [Move<Self>];

    fn put_state(row: &mut Self::Model, state: &str) -> Result<(), Problem>;

    /// What must be set before this move, as faults that point at it.
    fn missing(_tx: &Tx<'_>, _here: &Here, _row: &Self::Model, _to: &str) -> impl Future<Output = Result<Vec<Fault>, Problem>> {
        async { Ok(Vec::new()) }
    }

    /// What stands in the way of the move unless a reason is given for it, and what the reason makes of the row as it will be.
    fn weigh(
        _tx: &Tx<'_>,
        _here: &Here,
        _after: &mut Self::Model,
        _reason: Option<&Text<1000>>,
    ) -> impl Future<Output = Result<Vec<Fault>, Problem>> {
        async { Ok(Vec::new()) }
    }

    /// What the move does besides, in the same transaction: to other rows, or to the row as it will be.
    fn enact(_tx: &mut Tx<'_>, _here: &Here, _before: &Self::Model, _after: &mut Self::Model) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }
}

/// A move of one row.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TransitionInput {
    /// The state to move to; `GET …/transitions` tells which are possible.
    #[schema(max_length = 32, examples("locked"))]
    to: String,
    /// Why; some moves ask for it.
    reason: Option<Text<1000>>,
}

/// A move of many rows.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TransitionsInput {
    /// The state to move to.
    #[schema(max_length = 32, examples("locked"))]
    to: String,
    /// Why; some moves ask for it.
    reason: Option<Text<1000>>,
    /// The rows, each as you saw it.
    #[schema(min_items = 1, max_items = 200)]
    items: Vec<TransitionItem>,
    /// `all`: either every row moves or none; `row`: each for itself.
    #[serde(default)]
    #[schema(required = false)]
    atomic: Atomic,
}

/// Whether many moves stand or fall together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Atomic {
    #[default]
    All,
    Row,
}

/// A row to move, and the revision at which it was seen.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TransitionItem {
    /// The row.
    id: Uuid,
    /// The revision that you saw.
    #[schema(minimum = 1)]
    revision: i64,
}

/// What became of one of many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Moved,
    Unchanged,
    Failed,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransitionResult {
    /// The row.
    id: Uuid,
    /// Whether it moved, was there already, or could not be moved.
    outcome: Outcome,
    /// The revision at which it is now; `null` when it could not be moved.
    #[schema(minimum = 1)]
    revision: Option<i64>,
    /// Why it could not be moved.
    problem: Option<ProblemDocument>,
}

/// What became of each row, in the order of the request.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransitionResults {
    /// One result for each row.
    data: Vec<TransitionResult>,
}

/// A move that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastTransition {
    /// The state before; `null` when you may not see the row as it was then.
    #[schema(examples("invited"))]
    from: Option<String>,
    /// The state after.
    #[schema(examples("active"))]
    to: String,
    /// When it was made.
    at: Timestamp,
    /// Who made it.
    actor: ChangeActor,
    /// The reason that was given.
    reason: Option<String>,
    /// The revision that the row had after it.
    #[schema(minimum = 1)]
    revision: i64,
}

/// A move that can be made from here, and whether you may make it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextTransition {
    /// The state to move to.
    #[schema(examples("locked"))]
    to: String,
    /// Whether you may make it.
    allowed: bool,
    /// The rule that allows or forbids it.
    #[schema(examples("administrator_accounts"))]
    rule: String,
    /// The rule in a sentence.
    explanation: String,
    /// Whether the move asks for a reason.
    reason_required: bool,
}

/// The state of a row, the moves that were made, and those that can be made next.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transitions {
    /// The state that the row is in.
    #[schema(examples("active"))]
    state: String,
    /// The moves that were made, the newest first.
    data: Vec<PastTransition>,
    /// The moves that can be made from here; none while the row is archived.
    next: Vec<NextTransition>,
}

/// The past and possible moves of a row that the caller may see.
pub async fn list<V: View<Entity: Machine>>(store: &Store, actor: &Actor, which: impl IntoCondition) -> Api<Document<Transitions>> {
    let row = store.find::<V::Entity>(actor, which).await?;
    let state = V::Entity::state(&row).unwrap_or_default();
    let data = past::<V::Entity>(store, actor, &row).await?;
    let in_use = Stamp::of::<V::Entity>(&row)?.archived_at.is_none();
    let possible = V::Entity::MOVES.iter().filter(|step| in_use && step.from.contains(&state));
    let next = possible.map(|step| next_move::<V::Entity>(actor, &row, step)).collect();
    Ok(Document(Transitions { state: state.to_owned(), data, next }))
}

/// The moves of a row, as far as the caller may see them, the newest first. A change of its fields that moved it is one of them.
pub async fn past<E: Machine>(store: &Store, actor: &Actor, row: &E::Model) -> Result<Vec<PastTransition>, Problem> {
    let resource_id = E::public_id(row)?;
    let changes = store.history(&HistoryAsk { kind: E::KIND, resource_id: &resource_id, before: None, limit: 1_000 }).await?;
    let sight = actor.sight();
    let seen: Vec<_> = changes.iter().map(|change| sight.sees(change.audience, change.owner_id).then_some(change)).collect();
    let mut moves = Vec::new();
    for (at, change) in seen.iter().enumerate().filter_map(|(at, change)| Some((at, (*change)?))) {
        let Some(to) = state_of::<E>(change.body.as_deref())? else { continue };
        // The change just before, and not an older one that the caller happens to see.
        let previous = seen.get(at + 1).copied().flatten();
        let from = previous.map(|previous| state_of::<E>(previous.body.as_deref())).transpose()?.flatten();
        let moved_by_update = change.op == Op::Update && from.as_ref().is_some_and(|from| *from != to);
        if change.op == Op::Transition || moved_by_update {
            let (at, actor, reason, revision) = (change.at, who(change), change.reason.clone(), change.revision);
            moves.push(PastTransition { from, to, at, actor, reason, revision });
        }
    }
    Ok(moves)
}

fn state_of<E: Tracked>(body: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(body) = body else { return Ok(None) };
    let row: E::Model = serde_json::from_str(body).map_err(Problem::internal)?;
    Ok(E::state(&row).map(str::to_owned))
}

fn next_move<E: Machine>(actor: &Actor, row: &E::Model, step: &Move<E>) -> NextTransition {
    let mut subject = E::subject(row);
    subject.to = Some(step.to);
    let Decision { rule, reason, fields } = decide(actor, Action::Transition, &subject);
    NextTransition {
        to: step.to.to_owned(),
        allowed: fields.is_some(),
        rule: rule.to_owned(),
        explanation: reason.to_owned(),
        reason_required: step.reason_required,
    }
}

/// Moves one row.
pub async fn one<V: View<Entity: Machine>>(
    store: &Store,
    here: &Here,
    ask: &Ask,
    which: impl IntoCondition,
    seen: &Seen,
    body: &Json<TransitionInput>,
) -> Api<Answer<Saved<V>>> {
    let which = which.into_condition();
    store
        .write(ask, async |tx| {
            let (row, _grant) = tx.open::<V::Entity>(which, seen, Action::Transition).await?;
            let input = body.read()?;
            let row = step::<V::Entity>(tx, here, row, &input.to, input.reason.as_ref()).await?;
            Ok(Saved(V::from(row)))
        })
        .await
}

/// Moves many rows: all or none, or each for itself.
pub async fn many<V: View<Entity: Machine>>(
    store: &Store,
    here: &Here,
    ask: &Ask,
    body: &Json<TransitionsInput>,
) -> Api<Answer<Document<TransitionResults>>> {
    let ask = Intent { alone: true, ..ask.0.clone() };
    store
        .write(&ask, async |tx| {
            tx.may(Action::Transition, &Subject::new(V::Entity::KIND))?;
            let input = body.read()?;
            let request_id = ask.request_id.clone().unwrap_or_default();
            let mut data = Vec::with_capacity(input.items.len());
            let mut failed = Vec::new();
            for item in &input.items {
                // What a refused row did before it was refused is taken back; the others stand.
                let savepoint = tx.savepoint().await?;
                let done = item_step::<V::Entity>(tx, here, item, &input).await;
                match tx.settle(savepoint, done).await {
                    Ok(result) => data.push(result),
                    Err(problem) if problem.status() >= 500 => return Err(problem),
                    Err(problem) => {
                        let path = format!("{}/{}", V::PATH, item.id);
                        let document = problem.document(crate::problem::Language::English, &path, &request_id);
                        data.push(TransitionResult { id: item.id, outcome: Outcome::Failed, revision: None, problem: Some(document) });
                        failed.push((item.id, problem));
                    }
                }
            }
            match (input.atomic, failed.first()) {
                (Atomic::All, Some((_, first))) => Err(Problem::new(Code::TransitionsRefused)
                    .with("count", failed.len())
                    .with("first", first.code().row().slug)
                    .with("ids", failed.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>())),
                _ => Ok(Document(TransitionResults { data })),
            }
        })
        .await
}

async fn item_step<E: Machine>(
    tx: &mut Tx<'_>,
    here: &Here,
    item: &TransitionItem,
    input: &TransitionsInput,
) -> Result<TransitionResult, Problem> {
    let seen = Seen::Revisions(vec![item.revision]);
    let (row, _grant) = tx.open::<E>(E::column("id")?.eq(item.id), &seen, Action::Transition).await?;
    let row = step::<E>(tx, here, row, &input.to, input.reason.as_ref()).await?;
    let revision = Stamp::of::<E>(&row)?.revision;
    let outcome = if revision == item.revision { Outcome::Unchanged } else { Outcome::Moved };
    Ok(TransitionResult { id: item.id, outcome, revision: Some(revision), problem: None })
}

/// One move of one row; being there already is no move and no fault.
pub async fn step<E: Machine>(
    tx: &mut Tx<'_>,
    here: &Here,
    row: E::Model,
    to: &str,
    reason: Option<&Text<1000>>,
) -> Result<E::Model, Problem> {
    let from = E::state(&row).unwrap_or_default();
    if from == to {
        return Ok(row);
    }
    let possible = || E::MOVES.iter().filter(|step| step.from.contains(&from)).map(|step| step.to).collect::<Vec<_>>();
    let Some(found) = E::MOVES.iter().find(|step| step.to == to && step.from.contains(&from)) else {
        return Err(Problem::new(Code::TransitionNotAllowed).with("from", from).with("to", to).with("possible", possible()));
    };
    if Stamp::of::<E>(&row)?.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    let mut subject = E::subject(&row);
    subject.to = Some(found.to);
    let grant = tx.may(Action::Transition, &subject)?;
    if found.reason_required && reason.is_none() {
        return Err(Problem::invalid(vec![Fault::at("/reason", FaultCode::Required)]));
    }
    let mut missing = E::missing(tx, here, &row, to).await?;
    let mut after = row.clone();
    E::put_state(&mut after, to)?;
    (found.effect)(&mut after, tx.now());
    missing.extend(E::weigh(tx, here, &mut after, reason).await?);
    if !missing.is_empty() {
        return Err(missing.into_iter().fold(Problem::new(Code::TransitionIncomplete).with("to", to), Problem::fault));
    }
    // What some moves do to other rows is long: it waits on the heap.
    Box::pin(E::enact(tx, here, &row, &mut after)).await?;
    tx.transition::<E>(&grant, row, after, reason.map(|reason| reason.as_str().to_owned())).await
}
