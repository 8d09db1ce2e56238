//! What must hold of the word of an organization.

use sea_orm::{ColumnTrait, QueryFilter};

use super::count::Asked;
use crate::{
    entity::endorsement::{Column, EndorsementDecision, Entity, Model},
    features::{subjects, writing::Written},
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        let unknown = match before {
            None => subjects::about(tx, row.subject_kind.kind(), row.subject_id, "/subject_id").await?.err(),
            Some(_) => None,
        };
        if unknown.is_none() {
            has_a_voice(tx, here, row).await?;
        }
        faults.extend(unknown);
        if row.decision == EndorsementDecision::Objected && row.comment.is_none() {
            faults.push(Fault::at("/comment", FaultCode::Required));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if before.is_some_and(|before| before == row) { Ok(()) } else { may_still_answer(tx, row).await }
    }
}

/// 403 when the organization is not asked: it is no voter of the electorate today.
async fn has_a_voice(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    let voters = asked(tx, row).await?.voters(tx, here.today()).await?;
    if voters.iter().any(|voter| voter.organization_id == row.organization_id) {
        return Ok(());
    }
    let reason = "Only the organizations that decided in the round, or in the rounds that the workplan's priorities come from, and their successors, are asked for their word.";
    Err(Problem::new(Code::Forbidden).with("rule", "voters_endorse").with("reason", reason))
}

async fn asked(tx: &Tx<'_>, row: &Model) -> Result<Asked, Problem> {
    Asked::about(tx, row.subject_kind, row.subject_id).await?.ok_or_else(Problem::not_found)
}

/// 409 when the question is closed or another one by now, or when the organization has given its word already.
pub async fn may_still_answer(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let asked = asked(tx, row).await?;
    if asked.is_archived() {
        return Err(Problem::new(Code::Archived));
    }
    if !asked.is_open() || asked.substance() != row.substance {
        let closed = Problem::new(Code::QuestionClosed).with("state", asked.state());
        return Err(closed.with("substance", asked.substance()).with("kind", row.subject_kind.kind().name()));
    }
    let given = Entity::given(row.subject_kind, row.subject_id, row.substance);
    match tx.first(given.filter(Column::OrganizationId.eq(row.organization_id)).filter(Column::Id.ne(row.id))).await? {
        None => Ok(()),
        Some(other) => {
            let problem = Problem::new(Code::WordGiven).with("organization_id", other.organization_id.to_string());
            Err(problem.with("id", other.id.to_string()))
        }
    }
}
