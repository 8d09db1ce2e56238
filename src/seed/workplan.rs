//! A workplan for trying out, all of it invented: active, reported on, with a revision open. Its days are counted from that on which it is entered.

mod revision;

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::{fitting, institutions};
use crate::{
    auth::{Action, Subject},
    entity::{
        activity,
        activity::{ActivityCode, ActivityImplementation, ActivityParty, ActivityRole, Rating, Recurrence},
        budget_line,
        effort::{Passage, Title},
        milestone,
        priority::{self, Act, Authority, PriorityState},
        progress_report::{self, ReportState},
        workplan::{Column, Entity, Model, WorkplanState},
    },
    features::{
        transitions,
        workplan::{
            activities::inputs::NewActivity, budget_lines::inputs::NewBudgetLine, milestones::inputs::NewMilestone,
            progress_reports::inputs::NewProgressReport, workplans::inputs::NewWorkplan,
        },
        writing,
    },
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Intent, Origin, Provenance, Store, Tx},
    text::{Interval, Money, Term, Text},
};

const PLAN: &str = include_str!("demo_workplan.json");

#[derive(Deserialize)]
struct SeedPlan {
    title: Title,
    reporting_interval: Interval,
    approval: SeedApproval,
    /// Why it was approved without the word of all.
    reason: Text<1000>,
    activities: Vec<SeedActivity>,
    revision: revision::SeedRevision,
}

#[derive(Deserialize)]
struct SeedApproval {
    number: Text<100>,
    authority: Authority,
}

#[derive(Deserialize)]
struct SeedActivity {
    code: ActivityCode,
    title: Title,
    objective_numbers: Vec<i16>,
    lead_code: String,
    parties: BTreeMap<String, ActivityRole>,
    /// Counted from the first month of the plan.
    from_month: u32,
    months: u32,
    every: Option<Interval>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(default)]
    provinces: Vec<String>,
    #[serde(default)]
    milestones: Vec<SeedMilestone>,
    #[serde(default)]
    budget: Vec<SeedLine>,
    #[serde(default)]
    reports: Vec<SeedReport>,
}

#[derive(Deserialize)]
struct SeedMilestone {
    title: Title,
    month: u32,
    #[serde(default)]
    done: bool,
}

#[derive(Deserialize)]
struct SeedLine {
    kind: Term,
    amount: Money,
    funder_code: Option<String>,
}

#[derive(Deserialize)]
struct SeedReport {
    /// How many quarters before the one of the day on which the demo is entered.
    periods_ago: u32,
    organization_code: String,
    progress_percent: i16,
    rating: Rating,
    implementation: ActivityImplementation,
    state: ReportState,
    achievements: Passage,
    /// Why it was returned.
    reason: Option<Text<1000>>,
}

/// Enters it once: an instance that has a workplan, whatever became of it, is left as it is.
pub async fn demo(store: &Store, here: &Here) -> Result<(), Problem> {
    let plan: SeedPlan = serde_json::from_str(PLAN).map_err(Problem::internal)?;
    let intent = Intent { provenance: Provenance::Illustrative, ..Intent::system(Origin::Seed) };
    store
        .write(&intent, async |tx| {
            if tx.first(Entity::all()).await?.is_some() {
                return Ok(());
            }
            let savepoint = tx.savepoint().await?;
            let done = Box::pin(enter(tx, here, &plan)).await;
            fitting(tx, savepoint, done, "the workplan of the demo").await.map(drop)
        })
        .await?;
    Ok(())
}

/// What the seed names, by what it is here.
struct Known {
    institutions: BTreeMap<String, Uuid>,
    /// Of each objective the priority that is agreed or adopted.
    priorities: BTreeMap<i16, Uuid>,
    activities: BTreeMap<String, Uuid>,
    /// The first day of the plan: that of the quarter of today, a year before.
    first: NaiveDate,
    today: NaiveDate,
}

impl Known {
    async fn read(tx: &Tx<'_>, here: &Here) -> Result<Self, Problem> {
        let today = here.today();
        let quarter = Interval::Quarter.around(today).map_or(today, |(first, _)| first);
        let first = quarter.checked_sub_months(Months::new(12)).unwrap_or(quarter);
        let decided = [PriorityState::Agreed, PriorityState::Adopted];
        let decided = priority::Entity::all().filter(priority::Column::State.is_in(decided)).filter(priority::Column::ArchivedAt.is_null());
        let priorities = tx.all(decided).await?.into_iter().map(|row| (row.objective_number, row.id)).collect();
        Ok(Self { institutions: institutions(tx).await?, priorities, activities: BTreeMap::new(), first, today })
    }

    fn day(&self, month: u32) -> NaiveDate {
        self.first.checked_add_months(Months::new(month)).unwrap_or(self.first)
    }

    /// The day before the first of this month.
    fn last_day(&self, month: u32) -> NaiveDate {
        let day = self.day(month);
        day.pred_opt().unwrap_or(day)
    }

    fn institution(&self, code: &str) -> Result<Uuid, Problem> {
        self.institutions.get(code).copied().ok_or_else(|| Problem::internal(format!("the seed names no institution {code}")))
    }

    fn activity(&self, workplan_id: Uuid, new: &SeedActivity) -> Result<NewActivity, Problem> {
        let mut parties = vec![ActivityParty { organization_id: self.institution(&new.lead_code)?, role: ActivityRole::Lead }];
        for (code, role) in &new.parties {
            parties.push(ActivityParty { organization_id: self.institution(code)?, role: *role });
        }
        let last = self.last_day(new.from_month + new.months);
        Ok(NewActivity {
            workplan_id,
            code: new.code.clone(),
            title: new.title.clone(),
            description: None,
            priority_id: new.objective_numbers.iter().find_map(|number| self.priorities.get(number)).copied(),
            objective_numbers: new.objective_numbers.clone(),
            action_codes: None,
            sdg_target_codes: None,
            parties,
            starts_on: self.day(new.from_month),
            ends_on: if new.every.is_some() { None } else { Some(last) },
            recurrence: new.every.map(|every| Recurrence { every, until: last }),
            outside_period_reason: None,
            depends_on: Some(new.depends_on.iter().filter_map(|code| self.activities.get(code)).copied().collect()),
            provinces: Some(new.provinces.clone()),
        })
    }
}

async fn enter(tx: &mut Tx<'_>, here: &Here, new: &SeedPlan) -> Result<(), Problem> {
    let mut known = Known::read(tx, here).await?;
    let header = NewWorkplan {
        title: new.title.clone(),
        starts_on: known.first,
        ends_on: known.last_day(36),
        reporting_interval: new.reporting_interval,
        priority_ids: Some(known.priorities.values().copied().collect()),
        approval_act: Some(Act { number: new.approval.number.clone(), date: known.today, authority: new.approval.authority.clone() }),
    };
    let grant = tx.may(Action::Create, &Subject::new(Kind::Workplan))?;
    let plan = writing::enter::<Entity>(tx, here, &grant, header.into()).await?;
    for activity in &new.activities {
        let id = add(tx, here, &known, plan.id, activity).await?;
        known.activities.insert(activity.code.to_string(), id);
    }
    let plan = carried_out(tx, here, plan, &new.reason).await?;
    for activity in &new.activities {
        for report in &activity.reports {
            tell(tx, here, &known, activity, report).await?;
        }
    }
    revision::open(tx, here, &known, &plan, &new.revision).await
}

/// An activity with what stands below it.
async fn add(tx: &mut Tx<'_>, here: &Here, known: &Known, plan: Uuid, new: &SeedActivity) -> Result<Uuid, Problem> {
    let grant = tx.may(Action::Create, &Subject::new(Kind::Activity))?;
    let row = writing::enter::<activity::Entity>(tx, here, &grant, known.activity(plan, new)?.into()).await?;
    for SeedMilestone { title, month, done } in &new.milestones {
        let due_on = known.day(*month);
        let milestone = NewMilestone { title: title.clone(), due_on, done_on: (*done && due_on <= known.today).then_some(due_on) };
        let grant = tx.may(Action::Create, &Subject::new(Kind::Milestone))?;
        writing::enter::<milestone::Entity>(tx, here, &grant, milestone.of(row.id)).await?;
    }
    for SeedLine { kind, amount, funder_code } in &new.budget {
        let funder_id = funder_code.as_ref().map(|code| known.institution(code)).transpose()?;
        let line = NewBudgetLine { kind: kind.clone(), amount: amount.clone(), funder_id, note: None };
        let grant = tx.may(Action::Create, &Subject::new(Kind::BudgetLine))?;
        writing::enter::<budget_line::Entity>(tx, here, &grant, line.of(row.id)).await?;
    }
    Ok(row.id)
}

async fn carried_out(tx: &mut Tx<'_>, here: &Here, plan: Model, reason: &Text<1000>) -> Result<Model, Problem> {
    let mut plan = plan;
    for state in [WorkplanState::InReview, WorkplanState::Approved, WorkplanState::Active] {
        plan = transitions::step::<Entity>(tx, here, plan, state.name(), Some(reason)).await?;
    }
    let found = tx.first(Entity::all().filter(Column::Id.eq(plan.id))).await?;
    found.ok_or_else(|| Problem::internal("the plan that was just entered is not there"))
}

async fn tell(tx: &mut Tx<'_>, here: &Here, known: &Known, of: &SeedActivity, new: &SeedReport) -> Result<(), Problem> {
    let Some(activity_id) = known.activities.get(of.code.as_str()).copied() else { return Ok(()) };
    let month = 12_u32.saturating_sub(3 * new.periods_ago);
    let report = NewProgressReport {
        activity_id,
        organization_id: known.institution(&new.organization_code)?,
        period_start: known.day(month),
        period_end: known.last_day(month + 3),
        progress_percent: new.progress_percent,
        rating: new.rating,
        implementation: new.implementation,
        achievements: Some(new.achievements.clone()),
        challenges: None,
        next_steps: None,
        spent: None,
    };
    let grant = tx.may(Action::Create, &Subject::new(Kind::ProgressReport))?;
    let mut row = writing::enter::<progress_report::Entity>(tx, here, &grant, report.into()).await?;
    let way: &[ReportState] = match new.state {
        ReportState::Draft => &[],
        ReportState::Submitted => &[ReportState::Submitted],
        ReportState::Returned => &[ReportState::Submitted, ReportState::Returned],
        // The next one on the same period supersedes it.
        ReportState::Accepted | ReportState::Superseded => &[ReportState::Submitted, ReportState::Accepted],
    };
    for state in way {
        row = transitions::step::<progress_report::Entity>(tx, here, row, state.name(), new.reason.as_ref()).await?;
    }
    Ok(())
}
