//! What must hold of a consultation, whichever way it is written.

use std::collections::HashSet;

use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::{
    entity::{
        consultation::{Entity, Model},
        consultation_objective, consultation_party, consultation_sdg_goal, outcome, review_cycle,
    },
    features::{
        framework::vocabularies,
        lifecycle, references,
        writing::{Written, period, twice},
    },
    http::context::Here,
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
};

/// Refused while it has outcomes: they would point at what is out of use.
pub async fn no_outcomes(tx: &Tx<'_>, row: &Model) -> Result<(), Problem> {
    lifecycle::refuse_dependants([("outcomes", tx.count(outcome::Entity::of_consultation(row.id)).await?)])
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, _here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        faults.extend(words(row));
        faults.extend(period(row.date_precision, row.starts_on, row.ends_on));
        faults.extend(numbers(row));
        faults.extend(repeated(row));
        faults.extend(parties(tx, before, row).await?);
        if let Some(cycle) = row.cycle_id.filter(|_| before.and_then(|before| before.cycle_id) != row.cycle_id) {
            faults.extend(references::row::<review_cycle::Entity>(tx, cycle, "/cycle_id").await?);
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let names_again = row.chairs.0.iter().any(|chair| chair.name.is_some());
        match before {
            Some(before) if before.names_erased_at.is_some() && names_again => Err(Problem::new(Code::Erased)),
            _ => Ok(()),
        }
    }

    async fn link(tx: &mut Tx<'_>, row: &Model) -> Result<(), Problem> {
        use consultation_objective::{ActiveModel as Objective, Column as Objectives};
        use consultation_party::{ActiveModel as Party, Column as Parties};
        use consultation_sdg_goal::{ActiveModel as Goal, Column as Goals};

        let (of, parties) = (row.id, row.parties().into_iter());
        let parties = parties.map(|(id, part)| Party { consultation_id: Set(of), organization_id: Set(id), part: Set(part) }).collect();
        tx.replace_owned::<consultation_party::Entity>(Parties::ConsultationId, of, parties).await?;
        let objectives = row.objective_numbers().into_iter().map(|number| Objective { consultation_id: Set(of), number: Set(number) });
        tx.replace_owned::<consultation_objective::Entity>(Objectives::ConsultationId, of, objectives.collect()).await?;
        let goals = row.sdg_goal_numbers.0.iter().map(|number| Goal { consultation_id: Set(of), number: Set(*number) });
        tx.replace_owned::<consultation_sdg_goal::Entity>(Goals::ConsultationId, of, goals.collect()).await
    }
}

/// Words that no vocabulary has.
fn words(row: &Model) -> Vec<Fault> {
    let roles = row.participants.0.iter().enumerate();
    let roles = roles.filter_map(|(at, sent)| vocabularies::check("participant_roles", &sent.role, &format!("/participants/{at}/role")));
    let mode = row.mode.as_ref().and_then(|mode| vocabularies::check("consultation_modes", mode, "/mode"));
    vocabularies::check("consultation_kinds", &row.kind, "/kind")
        .into_iter()
        .chain(vocabularies::check("consultation_statuses", &row.status, "/status"))
        .chain(mode)
        .chain(roles)
        .collect()
}

/// How many people took part, in all and by organization: nobody is counted who is not among all.
fn numbers(row: &Model) -> Option<Fault> {
    let sent: i64 = row.participants.0.iter().filter_map(|sent| sent.count).sum();
    match row.participant_total {
        None => row.participant_total_at_least.then(|| Fault::at("/participant_total", FaultCode::Required)),
        Some(total) => (total < sent).then(|| Fault::at("/participant_total", FaultCode::LessThanParts).with("sum", sent)),
    }
}

/// Entries that stand twice, beside the lists of ids alone.
fn repeated(row: &Model) -> Vec<Fault> {
    let participants = row.participants.0.iter().map(|sent| (sent.organization_id, &sent.role));
    let goals = row.sdg_goal_numbers.0.iter();
    let chairs = row.chairs.0.iter().map(|chair| (chair.organization_id, &chair.position, &chair.name));
    let groups = row.groups.0.iter().enumerate();
    let lists = [("/chairs", twice(chairs)), ("/participants", twice(participants)), ("/sdg_goal_numbers", twice(goals))];
    let lists = lists.into_iter().filter(|(_, twice)| *twice).map(|(pointer, _)| pointer.to_owned());
    let groups = groups.filter(|(_, group)| twice(group.objective_numbers.iter())).map(|(at, _)| format!("/groups/{at}/objective_numbers"));
    lists.chain(groups).map(|pointer| Fault::at(pointer, FaultCode::NotUnique)).collect()
}

/// What is wrong with the organizations that are named: each was there when it took place. Those that were named before stand.
async fn parties(tx: &Tx<'_>, before: Option<&Model>, row: &Model) -> Result<Vec<Fault>, Problem> {
    let known: HashSet<Uuid> = before.into_iter().flat_map(|before| before.parties()).map(|(id, _)| id).collect();
    let days = [row.starts_on, row.ends_on];
    let mut faults = Vec::new();
    for (list, ids) in [("/convenor_ids", &row.convenor_ids.0), ("/funder_ids", &row.funder_ids.0)] {
        let again = ids.iter().enumerate().filter(|(at, id)| ids.iter().take(*at).any(|earlier| earlier == *id));
        faults.extend(again.map(|(at, _)| Fault::at(format!("{list}/{at}"), FaultCode::NotUnique)));
    }
    for (pointer, id) in named(row).into_iter().filter(|(_, id)| !known.contains(id)) {
        faults.extend(references::organization_then(tx, days, id, &pointer).await?);
    }
    Ok(faults)
}

/// Every place in which an organization is named.
fn named(row: &Model) -> Vec<(String, Uuid)> {
    let convenors = row.convenor_ids.0.iter().enumerate().map(|(at, id)| (format!("/convenor_ids/{at}"), *id));
    let funders = row.funder_ids.0.iter().enumerate().map(|(at, id)| (format!("/funder_ids/{at}"), *id));
    let chairs = row.chairs.0.iter().enumerate().map(|(at, chair)| (format!("/chairs/{at}/organization_id"), chair.organization_id));
    let sent =
        row.participants.0.iter().enumerate().map(|(at, sent)| (format!("/participants/{at}/organization_id"), sent.organization_id));
    let groups = row.groups.0.iter().enumerate();
    let groups = groups.filter_map(|(at, group)| Some((format!("/groups/{at}/facilitator_id"), group.facilitator_id?)));
    convenors.chain(funders).chain(chairs).chain(sent).chain(groups).collect()
}
