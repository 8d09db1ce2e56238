//! What a version holds: the plan, its activities with their milestones and what they cost, and what everything was called on that day.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::Audience,
    entity::{
        activity::{self, ActivityCode, ActivityParty, PeriodReason, Plan, Recurrence},
        activity_proposal::{self, PlannedBudgetLine, PlannedMilestone},
        budget_line,
        effort::{Passage, ProvinceCode, Title},
        milestone,
        objective::{self, ActionCode, ObjectiveNumber, SdgTargetCode},
        organization,
        priority::{self, Act},
        workplan, workplan_revision,
    },
    problem::Problem,
    store::Reads,
    text::{Code, Interval, LocalizedText, Text},
};

/// The plan itself in one of its versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersionHeader)]
pub struct Header {
    /// The workplan.
    pub id: Uuid,
    /// The number of the version; the first is 1.
    #[schema(minimum = 1)]
    pub version: i64,
    /// The day on which it was approved.
    #[schema(examples("2026-01-15"))]
    pub approved_on: NaiveDate,
    /// What it is called, by language.
    pub title: Title,
    /// The first day.
    #[schema(examples("2026-01-01"))]
    pub starts_on: NaiveDate,
    /// The last day.
    #[schema(examples("2028-12-31"))]
    pub ends_on: NaiveDate,
    /// How often its activities are reported on.
    pub reporting_interval: Interval,
    /// The priorities that it carries out.
    pub priority_ids: Vec<Uuid>,
    /// The act by which it was approved.
    pub approval_act: Option<Act>,
    /// Why it was approved although not every organization was for it.
    pub agreed_against: Option<Text<1000>>,
}

impl Header {
    /// The plan as it is now, or as it will be.
    pub fn of(plan: &workplan::Model, approved_on: NaiveDate) -> Self {
        Self {
            id: plan.id,
            version: plan.version.unwrap_or_default(),
            approved_on,
            title: plan.title.clone(),
            starts_on: plan.starts_on,
            ends_on: plan.ends_on,
            reporting_interval: plan.reporting_interval,
            priority_ids: plan.priority_ids.0.clone(),
            approval_act: plan.approval_act(),
            agreed_against: plan.agreed_against.clone(),
        }
    }

    /// The plan as this revision would have it.
    pub fn of_revision(revision: &workplan_revision::Model, today: NaiveDate) -> Self {
        Self {
            id: revision.workplan_id,
            version: revision.version,
            approved_on: today,
            title: revision.title.clone(),
            starts_on: revision.starts_on,
            ends_on: revision.ends_on,
            reporting_interval: revision.reporting_interval,
            priority_ids: revision.priority_ids.0.clone(),
            approval_act: revision.approval_act(),
            agreed_against: revision.agreed_against.clone(),
        }
    }
}

/// An activity in a version of its plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersionActivity)]
pub struct VersionActivity {
    /// The activity.
    id: Uuid,
    /// Its code in the plan.
    code: ActivityCode,
    /// What it is called, by language.
    title: Title,
    /// What it consists of, by language.
    description: Option<Passage>,
    /// The priority that it carries out.
    priority_id: Option<Uuid>,
    /// The objectives that it serves.
    #[schema(value_type = Vec<ObjectiveNumber>)]
    objective_numbers: Vec<i16>,
    /// The lettered actions that it serves.
    #[schema(value_type = Vec<ActionCode>)]
    action_codes: Vec<String>,
    /// The targets of the Sustainable Development Goals that it serves.
    #[schema(value_type = Vec<SdgTargetCode>)]
    sdg_target_codes: Vec<String>,
    /// The organizations that take part.
    parties: Vec<ActivityParty>,
    /// The first day.
    #[schema(examples("2026-03-01"))]
    starts_on: NaiveDate,
    /// The last day; `null` when it comes again and again.
    #[schema(examples("2026-12-31"))]
    ends_on: Option<NaiveDate>,
    /// How often it comes again, and until when; `null` when it comes once.
    recurrence: Option<Recurrence>,
    /// Why it lies outside of the days of the plan, by language.
    outside_period_reason: Option<PeriodReason>,
    /// The activities that must be completed before it.
    depends_on: Vec<Uuid>,
    /// The provinces in which it takes place.
    #[schema(value_type = Vec<ProvinceCode>)]
    provinces: Vec<String>,
    /// What is to be reached on the way, by the day on which it is due.
    milestones: Vec<PlannedMilestone>,
    /// What it costs.
    budget_lines: Vec<PlannedBudgetLine>,
}

/// A priority as it was on the day of the version.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersionPriority)]
pub struct VersionPriority {
    /// The priority.
    id: Uuid,
    /// The objective that was chosen.
    #[schema(value_type = ObjectiveNumber)]
    objective_number: i16,
    /// Its place among the priorities.
    #[schema(minimum = 1)]
    rank: i16,
}

/// An organization as it was called on the day of the version.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersionOrganization)]
pub struct VersionOrganization {
    /// The organization.
    id: Uuid,
    /// Its stable short name.
    code: Code,
    /// Its abbreviation.
    acronym: Option<Text<32>>,
    /// What it was called, by language.
    name: LocalizedText<300>,
}

/// An objective as it was called on the day of the version.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersionObjective)]
pub struct VersionObjective {
    /// The objective.
    #[schema(value_type = ObjectiveNumber)]
    number: i16,
    /// What it was called, by language.
    title: LocalizedText<1000>,
}

/// A workplan as it was approved.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WorkplanVersion)]
pub struct VersionContent {
    /// The plan itself.
    workplan: Header,
    /// Its activities, in the order of their codes.
    activities: Vec<VersionActivity>,
    /// The priorities that this version names, but for those that had been withdrawn by that day.
    priorities: Vec<VersionPriority>,
    /// The organizations that this version names, as they were called on that day.
    organizations: Vec<VersionOrganization>,
    /// The objectives that this version names, as they were called on that day.
    objectives: Vec<VersionObjective>,
}

/// An activity with everything that is planned of it.
#[derive(Clone, Debug)]
pub struct Image {
    pub id: Uuid,
    pub plan: Plan,
    pub milestones: Vec<PlannedMilestone>,
    pub budget_lines: Vec<PlannedBudgetLine>,
}

/// Every activity of the plan that is in use, as it is; with a revision, as that would have it.
pub async fn images(rows: &impl Reads, workplan: Uuid, revision: Option<Uuid>) -> Result<Vec<Image>, Problem> {
    let mut activities = rows.all(activity::Entity::of_plan(workplan)).await?;
    activities.retain(|row| row.archived_at.is_none());
    let mut proposed: HashMap<Uuid, activity_proposal::Model> = HashMap::new();
    if let Some(revision) = revision {
        proposed.extend(rows.all(activity_proposal::Entity::of_revision(revision)).await?.into_iter().map(|row| (row.activity_id, row)));
    }
    let mut planned = planned_below(rows, activities.iter().map(|row| row.id).collect()).await?;
    let mut images = Vec::with_capacity(activities.len());
    for row in activities {
        let (milestones, budget_lines) = planned.remove(&row.id).unwrap_or_default();
        match proposed.remove(&row.id) {
            Some(proposal) if proposal.removes => {}
            Some(proposal) => images.push(Image {
                id: row.id,
                plan: proposal.plan.0,
                milestones: proposal.milestones.0,
                budget_lines: proposal.budget_lines.0,
            }),
            None => images.push(Image { id: row.id, plan: row.plan(), milestones, budget_lines }),
        }
    }
    images.sort_by(|one, other| (one.plan.code.as_str(), one.id).cmp(&(other.plan.code.as_str(), other.id)));
    Ok(images)
}

/// The codes of the activities of the plan that are not among these: archived, or taken out by the revision. They stay theirs.
pub async fn gone(rows: &impl Reads, workplan: Uuid, images: &[Image]) -> Result<HashSet<ActivityCode>, Problem> {
    let there: HashSet<Uuid> = images.iter().map(|image| image.id).collect();
    let all = rows.all(activity::Entity::of_plan(workplan)).await?.into_iter();
    Ok(all.filter(|row| !there.contains(&row.id)).map(|row| row.code).collect())
}

type Below = (Vec<PlannedMilestone>, Vec<PlannedBudgetLine>);

/// So many activities are asked about at once: engines limit the parameters of a statement.
const TOGETHER: usize = 500;

/// What is planned below these activities and in use: their milestones, and what is required for them.
pub async fn planned_below(rows: &impl Reads, activities: Vec<Uuid>) -> Result<HashMap<Uuid, Below>, Problem> {
    let mut below: HashMap<Uuid, Below> = HashMap::new();
    for ids in activities.chunks(TOGETHER) {
        for row in rows.all(milestone::Entity::of(ids.iter().copied())).await?.into_iter().filter(|row| row.archived_at.is_none()) {
            let planned = PlannedMilestone { id: Some(row.id), title: row.title, due_on: row.due_on };
            below.entry(row.activity_id).or_default().0.push(planned);
        }
        for row in rows.all(budget_line::Entity::of(ids.iter().copied())).await? {
            if row.archived_at.is_none() && row.kind.as_str() == budget_line::REQUIRED {
                let planned = PlannedBudgetLine { id: Some(row.id), amount: row.amount(), funder_id: row.funder_id, note: row.note };
                below.entry(row.activity_id).or_default().1.push(planned);
            }
        }
    }
    for (milestones, _) in below.values_mut() {
        milestones.sort_by_key(|row| (row.due_on, row.id));
    }
    Ok(below)
}

/// The version with this header and these activities, and the names of this moment.
pub async fn build(rows: &impl Reads, header: Header, images: Vec<Image>) -> Result<VersionContent, Problem> {
    let mut organizations: BTreeSet<Uuid> = BTreeSet::new();
    let mut objectives: BTreeSet<i16> = BTreeSet::new();
    let mut priorities: BTreeSet<Uuid> = header.priority_ids.iter().copied().collect();
    for Image { plan, budget_lines, .. } in &images {
        organizations.extend(plan.parties.iter().map(|party| party.organization_id));
        organizations.extend(budget_lines.iter().filter_map(|line| line.funder_id));
        objectives.extend(&plan.objective_numbers);
        priorities.extend(plan.priority_id);
    }
    // Everybody reads a version; what a priority was that was withdrawn since is no longer for everybody.
    let mut priorities = rows.all(priority::Entity::by_ids(priorities)).await?;
    priorities.retain(|row| row.audience == Audience::Everyone);
    objectives.extend(priorities.iter().map(|row| row.objective_number));
    let organizations = rows.all(organization::Entity::by_ids(organizations)).await?.into_iter().map(|row| VersionOrganization {
        id: row.id,
        code: row.code,
        acronym: row.acronym,
        name: row.name.widened(),
    });
    let mut organizations: Vec<_> = organizations.collect();
    organizations.sort_by_key(|row| row.id);
    let mut titles = rows.all(objective::Entity::all()).await?;
    titles.retain(|row| objectives.contains(&row.number));
    titles.sort_by_key(|row| row.number);
    Ok(VersionContent {
        workplan: header,
        activities: images.into_iter().map(VersionActivity::from).collect(),
        priorities: priorities
            .into_iter()
            .map(|row| VersionPriority { id: row.id, objective_number: row.objective_number, rank: row.rank })
            .collect(),
        organizations,
        objectives: titles.into_iter().map(|row| VersionObjective { number: row.number, title: row.title.widened() }).collect(),
    })
}

impl From<Image> for VersionActivity {
    fn from(image: Image) -> Self {
        let Image { id, plan, milestones, budget_lines } = image;
        let Plan {
            code,
            title,
            description,
            priority_id,
            objective_numbers,
            action_codes,
            sdg_target_codes,
            parties,
            starts_on,
            ends_on,
            recurrence,
            outside_period_reason,
            depends_on,
            provinces,
        } = plan;
        Self {
            id,
            code,
            title,
            description,
            priority_id,
            objective_numbers,
            action_codes,
            sdg_target_codes,
            parties,
            starts_on,
            ends_on,
            recurrence,
            outside_period_reason,
            depends_on,
            provinces,
            milestones,
            budget_lines,
        }
    }
}
