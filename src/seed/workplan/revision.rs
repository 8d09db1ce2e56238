//! The revision of the workplan that is open in the demo.

use serde::Deserialize;

use super::{Known, SeedActivity, SeedMilestone, add};
use crate::{
    auth::{Action, Subject},
    entity::{
        activity_proposal::{self, PlannedBudgetLine, PlannedMilestone},
        effort::{Passage, Title},
        workplan, workplan_revision,
    },
    features::{
        workplan::{
            activities::inputs::ActivityPatch,
            proposals::{inputs::NewActivityProposal, rules::begun},
            versions::content::planned_below,
        },
        writing,
    },
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::Tx,
    text::{LocalizedPatch, Money},
};

#[derive(Deserialize)]
pub(super) struct SeedRevision {
    note: Passage,
    /// So much longer the plan is to last.
    months_longer: u32,
    changes: Vec<SeedChange>,
    additions: Vec<SeedActivity>,
}

#[derive(Deserialize)]
struct SeedChange {
    code: String,
    #[serde(default)]
    removes: bool,
    title: Option<LocalizedPatch<300>>,
    months_longer: Option<u32>,
    provinces: Option<Vec<String>>,
    milestones: Option<Vec<SeedMilestone>>,
    required: Option<Vec<Money>>,
}

pub(super) async fn open(tx: &mut Tx<'_>, here: &Here, known: &Known, plan: &workplan::Model, new: &SeedRevision) -> Result<(), Problem> {
    let grant = tx.may(Action::Create, &Subject::new(Kind::WorkplanRevision))?;
    let row = workplan_revision::Model {
        note: Some(new.note.clone()),
        ends_on: known.last_day(36 + new.months_longer),
        ..workplan_revision::Model::of(plan)
    };
    writing::enter::<workplan_revision::Entity>(tx, here, &grant, row).await?;
    for change in &new.changes {
        propose(tx, here, known, change).await?;
    }
    for activity in &new.additions {
        add(tx, here, known, plan.id, activity).await?;
    }
    Ok(())
}

async fn propose(tx: &mut Tx<'_>, here: &Here, known: &Known, change: &SeedChange) -> Result<(), Problem> {
    let Some(activity_id) = known.activities.get(&change.code).copied() else { return Ok(()) };
    let row = tx.first(crate::entity::activity::Entity::by_id(activity_id)).await?;
    let ends_on = row.and_then(|row| row.ends_on).zip(change.months_longer);
    let ends_on = ends_on.and_then(|(day, months)| day.succ_opt()?.checked_add_months(chrono::Months::new(months))?.pred_opt());
    let plan = ActivityPatch {
        title: change.title.clone(),
        ends_on: ends_on.map(Some),
        provinces: change.provinces.clone().map(Some),
        ..ActivityPatch::default()
    };
    // What is there already goes on as itself: a milestone by its title, what is required by its currency.
    let (there, required) = planned_below(tx, vec![activity_id]).await?.remove(&activity_id).unwrap_or_default();
    let milestones = change.milestones.as_ref().map(|milestones| {
        let id = |title: &Title| there.iter().find(|row| row.title == *title).and_then(|row| row.id);
        milestones
            .iter()
            .map(|new| PlannedMilestone { id: id(&new.title), title: new.title.clone(), due_on: known.day(new.month) })
            .collect()
    });
    let budget_lines = change.required.as_ref().map(|amounts| {
        let id = |of: &Money| required.iter().find(|row| row.amount.currency() == of.currency()).and_then(|row| row.id);
        let line = |amount: &Money| PlannedBudgetLine { id: id(amount), amount: amount.clone(), funder_id: None, note: None };
        amounts.iter().map(line).collect()
    });
    let new = NewActivityProposal { activity_id, removes: Some(change.removes), plan: Some(plan), milestones, budget_lines };
    let grant = tx.may(Action::Create, &Subject::new(Kind::ActivityProposal))?;
    let row = begun(tx, new).await?;
    writing::enter::<activity_proposal::Entity>(tx, here, &grant, row).await.map(drop)
}
