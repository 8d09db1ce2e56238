//! What must hold of what a revision would change of an activity.

use std::collections::HashSet;

use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::inputs::{ActivityProposalPatch, NewActivityProposal};
use crate::{
    entity::{
        activity,
        activity_proposal::{Entity, Model},
        workplan_revision,
    },
    features::{
        references,
        workplan::{
            activities::{
                plan::{Frame, rules_of_plan},
                rules::plans_otherwise,
            },
            planning::{Open, must_be_approved, plan_of},
            revisions::rules::not_open,
            versions::content::{self, planned_below},
        },
        writing::{Changes, Written},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::{Held, Items},
};

/// A new proposal: what is in force, with what was sent.
pub async fn begun(tx: &Tx<'_>, new: NewActivityProposal) -> Result<Model, Problem> {
    let wrong = |code| Err(Problem::invalid(vec![Fault::at("/activity_id", code)]));
    let activity = match tx.find::<activity::Entity>(activity::Column::Id.eq(new.activity_id)).await? {
        None => return wrong(FaultCode::ReferenceUnknown),
        Some(row) if row.archived_at.is_some() => return wrong(FaultCode::ReferenceArchived),
        Some(row) if row.added_in_version.is_none() => return wrong(FaultCode::NotInThePlan),
        Some(row) => row,
    };
    let plan = plan_of(tx, activity.workplan_id).await?;
    must_be_approved(&plan)?;
    let open = tx.first(workplan_revision::Entity::open_of(plan.id)).await?;
    let Some(revision) = open else { return Err(Problem::new(Code::RevisionNotOpen).with("state", "not there")) };
    let (milestones, budget_lines) = planned_below(tx, vec![activity.id]).await?.remove(&activity.id).unwrap_or_default();
    let begins = Model {
        workplan_revision_id: revision.id,
        activity_id: activity.id,
        plan: Held(activity.plan()),
        milestones: Items(milestones),
        budget_lines: Items(budget_lines),
        ..Model::default()
    };
    let (row, faults) = ActivityProposalPatch::from(new).apply(&begins);
    if faults.is_empty() { Ok(row) } else { Err(Problem::invalid(faults)) }
}

/// The revision that the proposal belongs to; 409 once it is approved or withdrawn.
pub async fn open_revision(tx: &Tx<'_>, row: &Model) -> Result<Open, Problem> {
    let revision = tx.first(workplan_revision::Entity::by_id(row.workplan_revision_id)).await?;
    let revision = revision.ok_or_else(|| Problem::internal("a proposal without a revision"))?;
    if revision.state.is_open() { Ok(Open::Revision(revision)) } else { Err(not_open(revision.state)) }
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        if before == Some(row) && faults.is_empty() {
            return Ok(());
        }
        let open = open_revision(tx, row).await?;
        let activity = tx.first(activity::Entity::by_id(row.activity_id)).await?;
        let activity = activity.ok_or_else(|| Problem::internal("a proposal for no activity"))?;
        let planned = rules_of_plan(tx, here, &Frame::from(&open), Some(&activity.plan()), &row.plan.0, Some(activity.id)).await?;
        faults.extend(planned.into_iter().map(|fault| fault.below("/plan")));
        faults.extend(below(tx, here, row).await?);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if before.is_none() {
            alone(tx, row).await?;
        }
        code_is_free(tx, &activity, row).await
    }

    async fn tell(tx: &mut Tx<'_>, before: Option<&Model>, row: &Model) -> Result<(), Problem> {
        if before.is_some_and(|before| !proposes_otherwise(before, row)) {
            return Ok(());
        }
        open_revision(tx, row).await?.replanned(tx).await
    }
}

/// Whether something differs that organizations are asked about: everything but a language that a text of the plan lacked.
fn proposes_otherwise(before: &Model, row: &Model) -> bool {
    let below = |row: &Model| (row.removes, row.milestones.clone(), row.budget_lines.clone());
    plans_otherwise(&before.plan.0, &row.plan.0) || below(before) != below(row)
}

/// What is wrong with the milestones and the budget lines: ids of something else or twice, and payers that may not be pointed at.
async fn below(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<Vec<Fault>, Problem> {
    let (milestones, lines) = planned_below(tx, vec![row.activity_id]).await?.remove(&row.activity_id).unwrap_or_default();
    let known: HashSet<Uuid> = milestones.iter().filter_map(|row| row.id).collect();
    let mut faults = strangers("/milestones", &known, row.milestones.0.iter().map(|row| row.id));
    let known: HashSet<Uuid> = lines.iter().filter_map(|row| row.id).collect();
    faults.extend(strangers("/budget_lines", &known, row.budget_lines.0.iter().map(|row| row.id)));
    for (at, line) in row.budget_lines.0.iter().enumerate() {
        let Some(funder) = line.funder_id.filter(|id| !lines.iter().any(|known| known.funder_id == Some(*id))) else { continue };
        faults.extend(references::organization(tx, here, funder, &format!("/budget_lines/{at}/funder_id")).await?);
    }
    faults.extend(too_much(row));
    Ok(faults)
}

fn strangers(list: &str, known: &HashSet<Uuid>, ids: impl Iterator<Item = Option<Uuid>>) -> Vec<Fault> {
    let mut met = HashSet::new();
    let named = ids.enumerate().filter_map(|(at, id)| Some((at, id?)));
    let wrong = named.filter_map(|(at, id)| {
        let code = if !known.contains(&id) {
            FaultCode::NotOfTheActivity
        } else if !met.insert(id) {
            FaultCode::NotUnique
        } else {
            return None;
        };
        Some(Fault::at(format!("{list}/{at}/id"), code))
    });
    wrong.collect()
}

/// An amount with which the sum of its currency is more than can be kept.
fn too_much(row: &Model) -> Option<Fault> {
    let mut sums = std::collections::BTreeMap::new();
    for (at, line) in row.budget_lines.0.iter().enumerate() {
        let so_far = sums.remove(line.amount.currency());
        let sum = match so_far {
            None => Some(line.amount.clone()),
            Some(sum) => line.amount.plus(&sum),
        };
        let Some(sum) = sum else {
            return Some(Fault::at(format!("/budget_lines/{at}/amount"), FaultCode::OutOfRange).with("limit", i64::MAX.to_string()));
        };
        sums.insert(line.amount.currency().clone(), sum);
    }
    None
}

/// 409 when the revision proposes something for the activity already.
async fn alone(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    match tx.first(Entity::one(row.workplan_revision_id, row.activity_id)).await? {
        Some(other) => Err(Problem::new(Code::ProposalMade).with("id", other.id.to_string())),
        None => Ok(()),
    }
}

/// 409 when another activity would have this code in the next version, or keeps it out of use.
async fn code_is_free(tx: &Tx<'_>, activity: &activity::Model, row: &Model) -> Result<(), Problem> {
    let code = &row.plan.0.code;
    if row.removes || *code == activity.code {
        return Ok(());
    }
    let images = content::images(tx, activity.workplan_id, Some(row.workplan_revision_id)).await?;
    let gone = content::gone(tx, activity.workplan_id, &images).await?;
    if images.iter().any(|image| image.id != activity.id && image.plan.code == *code) || gone.contains(code) {
        return Err(Problem::new(Code::CodeTaken).with("field", "code").with("value", code.as_str()));
    }
    Ok(())
}
