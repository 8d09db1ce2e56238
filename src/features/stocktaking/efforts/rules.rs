//! What must hold of an effort, and how it moves through the stock-taking.

use std::slice::from_ref;

use sea_orm::ActiveValue::Set;

use crate::{
    auth::{Actor, policy::mends_accepted},
    entity::{
        effort::{EffortState, Entity, Model},
        effort_action, effort_objective, effort_party, effort_province, effort_sdg_target,
    },
    features::{
        discussion,
        framework::{sdg_goals, vocabularies},
        references,
        transitions::{Machine, Move},
        writing::{Written, twice},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::only_adds,
};

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(vocabularies::check("effort_kinds", &row.kind, "/kind"));
        faults.extend(lists(row));
        faults.extend(codes(here, row)?);
        faults.extend(references::actions(tx, &row.objective_numbers.0, &row.action_codes.0).await?);
        faults.extend(parties(tx, here, before, row).await?);
        if let Some((start, _end)) = row.starts_on.zip(row.ends_on).filter(|(start, end)| end < start) {
            faults.push(Fault::at("/ends_on", FaultCode::EndsBeforeStart).with("start", start.to_string()));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        before.map_or(Ok(()), |before| editable(tx.actor(), before, row))
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        let effort_id = Set(row.id);
        let party = |(organization_id, role)| effort_party::ActiveModel {
            effort_id: effort_id.clone(),
            organization_id: Set(organization_id),
            role: Set(role),
        };
        let parties = row.parties().map(party).collect();
        tx.replace_owned::<effort_party::Entity>(effort_party::Column::EffortId, row.id, parties).await?;
        let objective = |number: &i16| effort_objective::ActiveModel { effort_id: effort_id.clone(), number: Set(*number) };
        let objectives = row.objective_numbers.0.iter().map(objective).collect();
        tx.replace_owned::<effort_objective::Entity>(effort_objective::Column::EffortId, row.id, objectives).await?;
        let action = |code: &String| effort_action::ActiveModel { effort_id: effort_id.clone(), code: Set(code.clone()) };
        let actions = row.action_codes.0.iter().map(action).collect();
        tx.replace_owned::<effort_action::Entity>(effort_action::Column::EffortId, row.id, actions).await?;
        let target = |code: &String| effort_sdg_target::ActiveModel { effort_id: effort_id.clone(), code: Set(code.clone()) };
        let targets = row.sdg_target_codes.0.iter().map(target).collect();
        tx.replace_owned::<effort_sdg_target::Entity>(effort_sdg_target::Column::EffortId, row.id, targets).await?;
        let province = |code: &String| effort_province::ActiveModel { effort_id: effort_id.clone(), code: Set(code.clone()) };
        let provinces = row.provinces.0.iter().map(province).collect();
        tx.replace_owned::<effort_province::Entity>(effort_province::Column::EffortId, row.id, provinces).await?;
        // Given to another organization, what is said about it is theirs to see.
        discussion::follow::<Self>(tx, from_ref(row)).await
    }
}

/// What stands twice in a list.
fn lists(row: &Model) -> Vec<Fault> {
    let checked = [
        ("/objective_numbers", twice(row.objective_numbers.0.iter())),
        ("/action_codes", twice(row.action_codes.0.iter())),
        ("/sdg_target_codes", twice(row.sdg_target_codes.0.iter())),
        ("/provinces", twice(row.provinces.0.iter())),
        ("/links", twice(row.links.0.iter().map(ToString::to_string))),
    ];
    checked.into_iter().filter(|(_, twice)| *twice).map(|(pointer, _)| Fault::at(pointer, FaultCode::NotUnique)).collect()
}

/// SDG targets and provinces that this instance does not know.
fn codes(here: &Here, row: &Model) -> Result<Vec<Fault>, Problem> {
    let mut faults = sdg_goals::unknown_targets(here, &row.sdg_target_codes.0, "/sdg_target_codes")?;
    faults.extend(vocabularies::unknown_provinces(here, &row.provinces.0, "/provinces")?);
    Ok(faults)
}

/// What is wrong with the organizations that are newly named; those that were named before stand.
async fn parties(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    if before.is_none_or(|before| before.organization_id != row.organization_id) {
        faults.extend(references::organization(tx, here, row.organization_id, "/organization_id").await?);
    }
    let (partners, funders) = before.map(|before| (before.partner_ids.0.as_slice(), before.funder_ids.0.as_slice())).unwrap_or_default();
    faults.extend(references::organizations(tx, here, partners, &row.partner_ids.0, "/partner_ids").await?);
    faults.extend(references::organizations(tx, here, funders, &row.funder_ids.0, "/funder_ids").await?);
    Ok(faults)
}

/// What waits for a decision or was accepted stays as it is, but for languages that its texts lack; the lead ministry mends what was accepted.
fn editable(actor: &Actor, before: &Model, row: &Model) -> Result<(), Problem> {
    let open = match before.state {
        EffortState::Draft | EffortState::Returned => true,
        EffortState::Submitted => false,
        EffortState::Accepted => mends_accepted(actor),
    };
    if open || only_translated(before, row) {
        return Ok(());
    }
    let fields = "languages that title, description, challenges and support_needed lack";
    Err(Problem::new(Code::NotEditableInState).with("state", before.state.name()).with("fields", fields))
}

/// Whether nothing but a language was added to texts that there are.
fn only_translated(before: &Model, row: &Model) -> bool {
    let translated = row.title.only_adds_to(&before.title)
        && only_adds(row.description.as_ref(), before.description.as_ref())
        && only_adds(row.challenges.as_ref(), before.challenges.as_ref())
        && only_adds(row.support_needed.as_ref(), before.support_needed.as_ref());
    let otherwise = Model {
        title: before.title.clone(),
        sort_title: before.sort_title.clone(),
        description: before.description.clone(),
        challenges: before.challenges.clone(),
        support_needed: before.support_needed.clone(),
        ..row.clone()
    };
    translated && otherwise == *before
}

impl Machine for Entity {
    const MOVES: &'static [Move<Self>] = &[
        Move { from: &["draft", "returned"], to: "submitted", reason_required: false, effect: |_row, _now| {} },
        Move { from: &["submitted"], to: "accepted", reason_required: false, effect: |_row, _now| {} },
        Move { from: &["submitted"], to: "returned", reason_required: true, effect: |_row, _now| {} },
        Move { from: &["submitted"], to: "draft", reason_required: false, effect: |_row, _now| {} },
        Move { from: &["accepted"], to: "draft", reason_required: true, effect: |_row, _now| {} },
    ];

    fn put_state(row: &mut Model, state: &str) -> Result<(), Problem> {
        row.state = match state {
            "draft" => EffortState::Draft,
            "submitted" => EffortState::Submitted,
            "returned" => EffortState::Returned,
            "accepted" => EffortState::Accepted,
            other => return Err(Problem::internal(format!("efforts have no state {other}"))),
        };
        Ok(())
    }

    async fn enact(tx: &mut Tx<'_>, _here: &Here, _before: &Model, after: &mut Model) -> Result<(), Problem> {
        discussion::follow::<Self>(tx, from_ref(after)).await
    }
}
