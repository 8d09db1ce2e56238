//! A stock-taking for trying out: efforts of every ministry, all of them invented, in each state.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::{fitting, institutions};
use crate::{
    auth::{Action, Subject},
    entity::effort::{Column, EffortState, Entity, Implementation, Model, Passage, Title},
    features::{transitions, writing},
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Intent, Origin, Provenance, Store, Tx},
    text::{Items, Money, Term, Text},
};

const EFFORTS: &str = include_str!("demo_efforts.json");

#[derive(Deserialize)]
struct SeedEffort {
    organization_code: String,
    state: EffortState,
    /// Why it was returned.
    reason: Option<Text<1000>>,
    title: Title,
    description: Option<Passage>,
    kind: Term,
    objective_numbers: Vec<i16>,
    #[serde(default)]
    action_codes: Vec<String>,
    #[serde(default)]
    sdg_target_codes: Vec<String>,
    implementation: Implementation,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    #[serde(default)]
    provinces: Vec<String>,
    challenges: Option<Passage>,
    support_needed: Option<Passage>,
    budget: Option<Money>,
    #[serde(default)]
    partner_codes: Vec<String>,
    #[serde(default)]
    funder_codes: Vec<String>,
}

/// Enters them once: an instance that has any is left as it is.
pub async fn demo(store: &Store, here: &Here) -> Result<(), Problem> {
    let rows: Vec<SeedEffort> = serde_json::from_str(EFFORTS).map_err(Problem::internal)?;
    let intent = Intent { provenance: Provenance::Illustrative, ..Intent::system(Origin::Seed) };
    store
        .write(&intent, async |tx| {
            let invented = Entity::all().filter(Column::Provenance.eq(Provenance::Illustrative));
            if tx.first(invented).await?.is_some() {
                return Ok(());
            }
            let ids = institutions(tx).await?;
            for row in rows {
                let savepoint = tx.savepoint().await?;
                let done = effort(tx, here, &ids, row).await;
                fitting(tx, savepoint, done, "an effort of the demo").await?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

async fn effort(tx: &mut Tx<'_>, here: &Here, ids: &BTreeMap<String, Uuid>, new: SeedEffort) -> Result<(), Problem> {
    let known = |codes: &[String]| Items(codes.iter().filter_map(|code| ids.get(code).copied()).collect());
    let Some(&organization_id) = ids.get(&new.organization_code) else { return Ok(()) };
    let mut row = Model {
        organization_id,
        partner_ids: known(&new.partner_codes),
        funder_ids: known(&new.funder_codes),
        title: new.title,
        description: new.description,
        kind: new.kind,
        objective_numbers: Items(new.objective_numbers),
        action_codes: Items(new.action_codes),
        sdg_target_codes: Items(new.sdg_target_codes),
        implementation: new.implementation,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        provinces: Items(new.provinces),
        challenges: new.challenges,
        support_needed: new.support_needed,
        ..Model::default()
    };
    row.put_budget(new.budget);
    let grant = tx.may(Action::Create, &Subject::new(Kind::Effort))?;
    let mut row = writing::enter::<Entity>(tx, here, &grant, row.sorted()).await?;
    let way: &[&str] = match new.state {
        EffortState::Draft => &[],
        EffortState::Submitted => &["submitted"],
        EffortState::Returned => &["submitted", "returned"],
        EffortState::Accepted => &["submitted", "accepted"],
    };
    for to in way {
        row = transitions::step::<Entity>(tx, here, row, to, new.reason.as_ref().filter(|_| *to == "returned")).await?;
    }
    Ok(())
}
