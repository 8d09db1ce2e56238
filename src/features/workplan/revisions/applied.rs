//! A revision becomes the plan: what it proposes is written to the rows themselves, in the transaction that approves it.

use crate::{
    auth::Action,
    entity::{
        activity,
        activity_proposal::{self, PlannedBudgetLine, PlannedMilestone},
        budget_line, milestone,
        workplan::{self, Outline, WorkplanState},
        workplan_revision::Model,
    },
    features::{
        workplan::{
            planning,
            versions::{self, content::planned_below},
            workplans,
        },
        writing::Written as _,
    },
    http::context::Here,
    problem::Problem,
    store::{Tracked, Tx},
    text::Term,
};

/// The plan and its activities become what the revision says, and the next version is written of them.
pub async fn become_the_plan(tx: &mut Tx<'_>, here: &Here, revision: &Model) -> Result<(), Problem> {
    let plan = planning::plan_of(tx, revision.workplan_id).await?;
    planning::must_be_approved(&plan)?;
    for proposal in tx.all(activity_proposal::Entity::of_revision(revision.id)).await? {
        apply(tx, proposal, revision.version).await?;
    }
    let Outline { title, starts_on, ends_on, reporting_interval, priority_ids } = revision.outline();
    let agreed_against = revision.agreed_against.clone();
    let mut after = workplan::Model { title, starts_on, ends_on, reporting_interval, priority_ids, agreed_against, ..plan.clone() };
    after.set_approval_act(revision.approval_act());
    if plan.state == WorkplanState::Active {
        workplans::rules::alone(tx, &after).await?;
    }
    versions::approve(tx, here, &mut after, revision.version).await?;
    let grant = tx.may(Action::Update, &workplan::Entity::subject(&plan))?;
    let plan = tx.update_because::<workplan::Entity>(&grant, plan, after, because(revision.version)).await?;
    workplan::Entity::link(tx, &plan).await
}

/// What was entered for this revision alone goes out of use with it.
pub async fn drop_additions(tx: &mut Tx<'_>, revision: &Model) -> Result<(), Problem> {
    for row in tx.all(activity::Entity::of_plan(revision.workplan_id)).await? {
        if row.added_in_version.is_none() && row.archived_at.is_none() {
            let grant = tx.may(Action::Archive, &activity::Entity::subject(&row))?;
            tx.archive::<activity::Entity>(&grant, row).await?;
        }
    }
    Ok(())
}

fn because(version: i64) -> String {
    format!("workplan version {version}")
}

async fn apply(tx: &mut Tx<'_>, proposal: activity_proposal::Model, version: i64) -> Result<(), Problem> {
    let row = tx.first(activity::Entity::by_id(proposal.activity_id)).await?;
    let row = row.ok_or_else(|| Problem::internal("a proposal names an activity that is not there"))?;
    if proposal.removes {
        let grant = tx.may(Action::Archive, &activity::Entity::subject(&row))?;
        return tx.archive::<activity::Entity>(&grant, row).await.map(drop);
    }
    let (seen, below) = (row.revision, planned_below(tx, vec![row.id]).await?.remove(&row.id).unwrap_or_default());
    let grant = tx.may(Action::Update, &activity::Entity::subject(&row))?;
    let after = row.clone().planned(proposal.plan.0);
    let row = tx.update_because::<activity::Entity>(&grant, row, after, because(version)).await?;
    activity::Entity::link(tx, &row).await?;
    let below_otherwise = (&below.0, &below.1) != (&proposal.milestones.0, &proposal.budget_lines.0);
    milestones(tx, &row, proposal.milestones.0, version).await?;
    budget_lines(tx, &row, proposal.budget_lines.0, version).await?;
    // Whoever saw the activity looks again, as after any other write below it.
    if below_otherwise && row.revision == seen {
        tx.raise::<activity::Entity>(row.clone(), row).await?;
    }
    Ok(())
}

async fn milestones(tx: &mut Tx<'_>, activity: &activity::Model, planned: Vec<PlannedMilestone>, version: i64) -> Result<(), Problem> {
    type Rows = milestone::Entity;

    for row in tx.all(Rows::of([activity.id])).await?.into_iter().filter(|row| row.archived_at.is_none()) {
        match planned.iter().find(|planned| planned.id == Some(row.id)) {
            Some(PlannedMilestone { id: _, title, due_on }) => {
                let grant = tx.may(Action::Update, &Rows::subject(&row))?;
                let after = milestone::Model { title: title.clone(), due_on: *due_on, ..row.clone() };
                tx.update_because::<Rows>(&grant, row, after, because(version)).await?;
            }
            None => {
                let grant = tx.may(Action::Archive, &Rows::subject(&row))?;
                tx.archive::<Rows>(&grant, row).await?;
            }
        }
    }
    for PlannedMilestone { title, due_on, .. } in planned.into_iter().filter(|planned| planned.id.is_none()) {
        let (activity_id, audience, parties) = (activity.id, activity.audience, activity.parties.clone());
        let row = milestone::Model { activity_id, audience, parties, title, due_on, ..milestone::Model::default() };
        let grant = tx.may(Action::Create, &Rows::subject(&row))?;
        tx.insert::<Rows>(&grant, row).await?;
    }
    Ok(())
}

async fn budget_lines(tx: &mut Tx<'_>, activity: &activity::Model, planned: Vec<PlannedBudgetLine>, version: i64) -> Result<(), Problem> {
    type Rows = budget_line::Entity;

    let required: Term = budget_line::REQUIRED.parse().map_err(Problem::internal)?;
    let in_use = |row: &budget_line::Model| row.archived_at.is_none() && row.kind == required;
    for row in tx.all(Rows::of([activity.id])).await?.into_iter().filter(in_use) {
        match planned.iter().find(|planned| planned.id == Some(row.id)) {
            Some(PlannedBudgetLine { id: _, amount, funder_id, note }) => {
                let grant = tx.may(Action::Update, &Rows::subject(&row))?;
                let mut after = budget_line::Model { funder_id: *funder_id, note: note.clone(), ..row.clone() };
                after.put_amount(amount);
                tx.update_because::<Rows>(&grant, row, after, because(version)).await?;
            }
            None => {
                let grant = tx.may(Action::Archive, &Rows::subject(&row))?;
                tx.archive::<Rows>(&grant, row).await?;
            }
        }
    }
    for PlannedBudgetLine { amount, funder_id, note, .. } in planned.into_iter().filter(|planned| planned.id.is_none()) {
        let kind = required.clone();
        let mut row =
            budget_line::Model { activity_id: activity.id, audience: activity.audience, kind, funder_id, note, ..Default::default() };
        row.put_amount(&amount);
        let grant = tx.may(Action::Create, &Rows::subject(&row))?;
        tx.insert::<Rows>(&grant, row).await?;
    }
    Ok(())
}
