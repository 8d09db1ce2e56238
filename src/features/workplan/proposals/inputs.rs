//! What is sent to propose a change of an activity.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::activity_proposal::{Entity, Model, PlannedBudgetLine, PlannedMilestone},
    features::{
        workplan::activities::inputs::ActivityPatch,
        writing::{Changes, set},
    },
    problem::{Fault, FaultCode},
};

/// What the open revision of a workplan would change of an activity. What is not sent begins as it is in force.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewActivityProposal {
    /// The activity; its plan has an open revision.
    pub activity_id: Uuid,
    /// Whether the activity would leave the plan.
    pub removes: Option<bool>,
    /// What would be planned otherwise: absent stays as it is in force, `null` clears, a value sets.
    pub plan: Option<ActivityPatch>,
    /// The milestones that it would have, all of them; absent, those that it has.
    #[schema(max_items = 100)]
    pub milestones: Option<Vec<PlannedMilestone>>,
    /// What it would require, all of it; absent, what it requires.
    #[schema(max_items = 100)]
    pub budget_lines: Option<Vec<PlannedBudgetLine>>,
}

/// Changes to an activity proposal: absent stays; `plan` is merged field by field, lists are replaced whole.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ActivityProposalPatch {
    /// An upsert of the whole row sends it with the rest; it stays as it was.
    #[serde(default)]
    #[schema(ignore)]
    pub activity_id: Option<Uuid>,
    /// Whether the activity would leave the plan.
    #[schema(value_type = bool, required = false)]
    pub removes: Option<bool>,
    /// What would be planned otherwise: absent stays as it is proposed, `null` clears, a value sets.
    #[schema(value_type = ActivityPatch, required = false)]
    pub plan: Option<ActivityPatch>,
    /// The milestones that it would have, all of them. `null` changes nothing.
    #[schema(value_type = Option<Vec<PlannedMilestone>>, max_items = 100)]
    pub milestones: Option<Vec<PlannedMilestone>>,
    /// What it would require, all of it. `null` changes nothing.
    #[schema(value_type = Option<Vec<PlannedBudgetLine>>, max_items = 100)]
    pub budget_lines: Option<Vec<PlannedBudgetLine>>,
}

impl From<NewActivityProposal> for ActivityProposalPatch {
    fn from(new: NewActivityProposal) -> Self {
        let NewActivityProposal { activity_id, removes, plan, milestones, budget_lines } = new;
        Self { activity_id: Some(activity_id), removes, plan, milestones, budget_lines }
    }
}

impl Changes<Entity> for ActivityProposalPatch {
    fn apply(self, before: &Model) -> (Model, Vec<Fault>) {
        let Self { activity_id, removes, plan, milestones, budget_lines } = self;
        let mut row = before.clone();
        let mut faults = Vec::new();
        if activity_id.is_some_and(|id| id != row.activity_id) {
            faults.push(Fault::at("/activity_id", FaultCode::ReadOnly));
        }
        set(&mut row.removes, removes);
        if let Some(patch) = plan {
            let (plan, wrong) = patch.onto(&row.plan.0);
            row.plan.0 = plan;
            faults.extend(wrong.into_iter().map(|fault| fault.below("/plan")));
        }
        set(&mut row.milestones.0, milestones);
        set(&mut row.budget_lines.0, budget_lines);
        (row, faults)
    }
}
