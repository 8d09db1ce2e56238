//! What must hold of a comment, and how it follows the row that it is about.

use std::collections::HashMap;

use chrono::TimeDelta;
use sea_orm::ColumnTrait;

use crate::{
    entity::comment::{CommentState, CommentedKind, Entity, Model},
    features::{
        subjects::{self, About},
        transitions::{Machine, Move},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::{Stamp, Tracked, Tx},
};

/// So long an author edits what they wrote: enough for a slip, and nothing that others read and answered changes under them.
const MINUTES_TO_EDIT: i64 = 15;

impl Written for Entity {
    /// A new comment is its author's and is seen as the row that it is about; an edited one says so.
    async fn settle(tx: &Tx<'_>, before: Option<&Model>, row: &mut Model) -> Result<Vec<Fault>, Problem> {
        match before {
            Some(before) if (&before.body, &before.language) != (&row.body, &row.language) => row.edited_at = Some(tx.now()),
            Some(_) => {}
            None => {
                (row.author_id, row.organization_id) = (tx.actor().account_id, tx.actor().organization_id);
                match subjects::about(tx, row.subject_kind.kind(), row.subject_id, "/subject_id").await? {
                    Ok(About { owner, audience }) => (row.owner_id, row.audience) = (owner, audience),
                    Err(fault) => return Ok(vec![fault]),
                }
            }
        }
        Ok(Vec::new())
    }

    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        let languages = &here.instance.languages;
        if !languages.contains(&row.language) {
            faults.push(Fault::at("/language", FaultCode::UnknownValue).with("allowed", languages.clone()));
        }
        if before.is_none() {
            faults.extend(answered(tx, row).await?);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let over = |before: &Model| tx.now().0 - before.created_at.0 > TimeDelta::minutes(MINUTES_TO_EDIT);
        match before {
            Some(before) if before != row && over(before) => Err(Problem::new(Code::TooLateToEdit).with("minutes", MINUTES_TO_EDIT)),
            _ => Ok(()),
        }
    }
}

/// What is wrong with the comment that this one answers: unknown to the caller or about another row, archived, or an answer itself.
async fn answered(tx: &Tx<'_>, row: &Model) -> Result<Option<Fault>, Problem> {
    let Some(id) = row.parent_id else { return Ok(None) };
    let code = match tx.find::<Entity>(Entity::KEY.eq(id)).await? {
        Some(parent) if (parent.subject_kind, parent.subject_id) != (row.subject_kind, row.subject_id) => FaultCode::ReferenceUnknown,
        None => FaultCode::ReferenceUnknown,
        Some(parent) if parent.archived_at.is_some() => FaultCode::ReferenceArchived,
        Some(parent) if parent.parent_id.is_some() => FaultCode::AnswersAnAnswer,
        Some(_) => return Ok(None),
    };
    Ok(Some(Fault::at("/parent_id", code)))
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["open"], to: "resolved", reason_required: false, effect: |row, now| row.resolved_at = Some(now) },
        Move { from: &["resolved"], to: "open", reason_required: false, effect: |row, _now| row.resolved_at = None },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "open" => CommentState::Open,
            "resolved" => CommentState::Resolved,
            other => return Err(Problem::internal(format!("comments have no state {other}"))),
        };
        Ok(())
    }
}

/// Lets the comments on these rows be seen by whoever sees the rows as they are now, or as they will be when they are written. To be called whenever
/// rows that have comments move or get another owner.
pub async fn follow<E: Tracked>(tx: &mut Tx<'_>, subjects: &[E::Model]) -> Result<(), Problem> {
    let kind = CommentedKind::of(E::KIND).ok_or_else(|| Problem::internal(format!("nobody comments on rows of {}", E::KIND)))?;
    let mut sights = HashMap::new();
    for subject in subjects {
        sights.insert(Stamp::of::<E>(subject)?.id, (E::owner(subject), E::audience(subject)));
    }
    let comments = tx.all(Entity::on(kind, sights.keys().copied())).await?;
    tx.follow::<Entity>(comments, |row| {
        if let Some(sight) = sights.get(&row.subject_id) {
            (row.owner_id, row.audience) = *sight;
        }
    })
    .await
}
