//! What must hold of an activity, whichever way it is written, and what follows from that for other rows.

use std::slice::from_ref;

use sea_orm::ActiveValue::Set;

use super::plan::{Frame, code_is_free, rules_of_plan};
use crate::{
    auth::Grant,
    entity::{
        activity::{Entity, Model, Plan},
        activity_action, activity_dependency, activity_objective, activity_party, activity_proposal, activity_province,
        activity_sdg_target, workplan,
    },
    features::{
        lifecycle, references,
        workplan::planning::{self, Open, frozen, open_to_changes, plan_of},
        writing::Written,
    },
    http::context::Here,
    problem::{Code, Fault, Problem},
    store::Tx,
    text::only_adds,
};

/// What a revision of the plan changes, and nothing else does.
const PLANNED: &str = "nothing that is planned; a revision of the plan changes that";

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        let plan = row.plan();
        let known = before.map(Model::plan);
        if known.as_ref() == Some(&plan) {
            return if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) };
        }
        let open = match before {
            None => match references::row::<workplan::Entity>(tx, row.workplan_id, "/workplan_id").await? {
                Some(fault) => return Err(Problem::invalid(vec![fault])),
                None => open_to_changes(tx, row.workplan_id).await?,
            },
            Some(before) => changeable(tx, before).await?,
        };
        let id = before.map(|before| before.id);
        faults.extend(rules_of_plan(tx, here, &Frame::from(&open), known.as_ref(), &plan, id).await?);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        code_is_free(tx, row.workplan_id, &plan, id).await
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        use activity_dependency::ActiveModel as Dependency;

        let id = row.id;
        let party = |party: &_| party_of(id, party);
        let parties = row.parties.0.iter().map(party).collect();
        tx.replace_owned::<activity_party::Entity>(activity_party::Column::ActivityId, id, parties).await?;
        let objective = |number: &i16| activity_objective::ActiveModel { activity_id: Set(id), number: Set(*number) };
        let objectives = row.objective_numbers.0.iter().map(objective).collect();
        tx.replace_owned::<activity_objective::Entity>(activity_objective::Column::ActivityId, id, objectives).await?;
        let action = |code: &String| activity_action::ActiveModel { activity_id: Set(id), code: Set(code.clone()) };
        let actions = row.action_codes.0.iter().map(action).collect();
        tx.replace_owned::<activity_action::Entity>(activity_action::Column::ActivityId, id, actions).await?;
        let target = |code: &String| activity_sdg_target::ActiveModel { activity_id: Set(id), code: Set(code.clone()) };
        let targets = row.sdg_target_codes.0.iter().map(target).collect();
        tx.replace_owned::<activity_sdg_target::Entity>(activity_sdg_target::Column::ActivityId, id, targets).await?;
        let province = |code: &String| activity_province::ActiveModel { activity_id: Set(id), code: Set(code.clone()) };
        let provinces = row.provinces.0.iter().map(province).collect();
        tx.replace_owned::<activity_province::Entity>(activity_province::Column::ActivityId, id, provinces).await?;
        let awaited = row.depends_on.0.iter().map(|on| Dependency { activity_id: Set(id), on_id: Set(*on) }).collect();
        tx.replace_owned::<activity_dependency::Entity>(activity_dependency::Column::ActivityId, id, awaited).await
    }

    async fn tell(tx: &mut Tx<'_>, before: Option<&Model>, row: &Model) -> Result<(), Problem> {
        if before.is_some_and(|before| before.parties != row.parties) {
            planning::follow(tx, from_ref(row)).await?;
        }
        if before.is_none_or(|before| plans_otherwise(&before.plan(), &row.plan())) {
            open_to_changes(tx, row.workplan_id).await?.replanned(tx).await?;
        }
        Ok(())
    }
}

fn party_of(id: uuid::Uuid, party: &crate::entity::activity::ActivityParty) -> activity_party::ActiveModel {
    activity_party::ActiveModel { activity_id: Set(id), organization_id: Set(party.organization_id), role: Set(party.role) }
}

/// What an activity that can still be changed belongs to; 409 when it is part of an approved plan, or a draft of one that is not open.
pub async fn changeable(tx: &Tx<'_>, row: &Model) -> Result<Open, Problem> {
    match row.added_in_version {
        None => open_to_changes(tx, row.workplan_id).await,
        Some(_) => Err(frozen(plan_of(tx, row.workplan_id).await?.state, PLANNED)),
    }
}

/// Whether something differs that organizations are asked about: everything but a language that a text lacked.
pub fn plans_otherwise(before: &Plan, after: &Plan) -> bool {
    let translated = after.title.only_adds_to(&before.title)
        && only_adds(after.description.as_ref(), before.description.as_ref())
        && only_adds(after.outside_period_reason.as_ref(), before.outside_period_reason.as_ref());
    let otherwise = Plan {
        title: before.title.clone(),
        description: before.description.clone(),
        outside_period_reason: before.outside_period_reason.clone(),
        ..after.clone()
    };
    !translated || otherwise != *before
}

/// 409 when the activity is part of an approved plan, or when others wait for it: in the plan, or in what its open revision would make of it.
pub async fn may_go(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let open = changeable(tx, row).await?;
    let waiting = tx.all(Entity::waiting_for(row.id)).await?;
    let proposed = match open {
        Open::Plan(_) => Vec::new(),
        Open::Revision(revision) => tx.all(activity_proposal::Entity::of_revision(revision.id)).await?,
    };
    let would_wait = proposed.iter().filter(|proposal| !proposal.removes && proposal.plan.0.depends_on.contains(&row.id));
    let counted = [("activities that depend on it", waiting.len()), ("proposals that depend on it", would_wait.count())];
    let counted = counted.map(|(what, many)| (what, u64::try_from(many).unwrap_or(u64::MAX)));
    lifecycle::refuse_dependants(counted)
}

/// 409 when the plan is not open, when an institution that takes part has ended, or when an activity that it waits for is out of use.
pub async fn may_return(tx: &Tx<'_>, here: &Here, row: &Model) -> Result<(), Problem> {
    changeable(tx, row).await?;
    references::go_on(tx, here, row.parties.0.iter().map(|party| party.organization_id)).await?;
    let awaited = tx.all(Entity::by_ids(row.depends_on.0.iter().copied())).await?;
    match awaited.iter().find(|other| other.archived_at.is_some()) {
        Some(other) => Err(Problem::new(Code::AwaitedArchived).with("code", other.code.as_str()).with("id", other.id.to_string())),
        None => Ok(()),
    }
}

/// Lets the plan know that an activity came into it or left it.
pub async fn came_or_went(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
    open_to_changes(tx, row.workplan_id).await?.replanned(tx).await
}

/// 403 for whoever may write something of the activity, but not how far it is.
pub fn may_track(grant: &Grant) -> Result<(), Problem> {
    if grant.reaches("implementation") {
        return Ok(());
    }
    let refused = Problem::new(Code::Forbidden).with("rule", "coordinator_tracks");
    Err(refused.with("reason", "How far an activity is, comes from progress reports; only the lead ministry writes it itself."))
}

/// How far an activity is, is said while its plan is carried out, of what is in an approved version.
pub async fn may_be_tracked(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    let plan = plan_of(tx, row.workplan_id).await?;
    planning::must_be_active(&plan)?;
    planning::must_be_in_force(row)
}
