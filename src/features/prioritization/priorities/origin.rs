//! How a priority came about: who proposed it, when, with which scores, and who agreed.

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::Actor,
    clock::Timestamp,
    entity::{
        consultation,
        endorsement::{self, EndorsedKind},
        nomination, prioritization,
        priority::{Column, Entity, Model},
    },
    features::{
        consultation::consultations::ConsultationView,
        history::{self, ChangeActor},
        prioritization::{
            endorsements::EndorsementView,
            nominations::NominationView,
            results::{self, ResultView},
            rounds::PrioritizationView,
        },
        transitions::{self, PastTransition},
    },
    http::{
        Api,
        extract::{Caller, Path},
        reply::Document,
    },
    problem::Problem,
    store::{Store, visible},
};

/// Who entered the priority, and when.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proposed {
    /// When it was proposed.
    at: Timestamp,
    /// Who did it: of a priority that a round selected, whoever finalized the round.
    actor: ChangeActor,
}

/// What organizations answered to one wording of the priority.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndorsementsOfSubstance {
    /// Which wording: the `substance` that the priority had then.
    #[schema(minimum = 1)]
    substance: i64,
    /// One answer for each organization that gave one, in the order in which they were given; those that were taken back are left out.
    data: Vec<EndorsementView>,
}

/// How a priority came about. Every part of it goes by what you may see: what you may not is `null` or empty. Institutions stand in it as they were then,
/// whatever became of them since.
#[derive(Debug, Serialize, ToSchema)]
pub struct Origin {
    /// The priority.
    priority_id: Uuid,
    /// Who proposed it and when.
    proposed: Option<Proposed>,
    /// The round that it comes from.
    prioritization_id: Uuid,
    /// That round.
    round: Option<PrioritizationView>,
    /// The consultation in which the round was held or prepared.
    consultation: Option<ConsultationView>,
    /// The place of its objective in the ranking that the round was finalized with; `null` also when nobody nominated it.
    ranking: Option<ResultView>,
    /// Who nominated its objective in that round, and with which scores.
    nominations: Vec<NominationView>,
    /// What each organization said to it, the newest substance first.
    endorsements: Vec<EndorsementsOfSubstance>,
    /// The moves that it made, the newest first.
    moves: Vec<PastTransition>,
}

/// Read how a priority came about
///
/// Who proposed it, when, in which round and consultation, with which scores, who agreed to which wording of it, and how it moved on: in one answer, and
/// still the same after a later merger of institutions.
#[utoipa::path(tag = "Priorities")]
#[get("/v1/priorities/{id}/origin")]
pub async fn get_priority_origin(store: Data<Store>, caller: Caller, id: Path<Uuid>) -> Api<Document<Origin>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    let round = seen::<prioritization::Entity>(&store, &caller, row.prioritization_id).await?;
    let consultation = match round.as_ref().and_then(|round| round.consultation_id) {
        Some(id) => seen::<consultation::Entity>(&store, &caller, id).await?,
        None => None,
    };
    let ranking = round.as_ref().filter(|_| results::are_seen_by(&caller)).and_then(|round| place(round, &row));
    Ok(Document(Origin {
        priority_id: row.id,
        proposed: proposed(&store, &caller, &row).await?,
        prioritization_id: row.prioritization_id,
        round: round.map(PrioritizationView::from),
        consultation: consultation.map(ConsultationView::from),
        ranking,
        nominations: nominations(&store, &caller, &row).await?,
        endorsements: endorsements(&store, &caller, &row).await?,
        moves: transitions::past::<Entity>(&store, &caller, &row).await?,
    }))
}

/// The row with this id, if the caller may see it.
async fn seen<E: crate::store::Tracked>(store: &Store, actor: &Actor, id: Uuid) -> Result<Option<E::Model>, Problem> {
    store.first(visible::<E>(actor)?.filter(E::column("id")?.eq(id))).await
}

fn place(round: &prioritization::Model, row: &Model) -> Option<ResultView> {
    let ranked = round.ranking.0.iter().find(|ranked| ranked.objective_number == row.objective_number)?;
    Some(ResultView::from(ranked.clone()))
}

async fn proposed(store: &Store, actor: &Actor, row: &Model) -> Result<Option<Proposed>, Problem> {
    let first = history::first::<Entity>(store, actor, row).await?;
    Ok(first.map(|change| Proposed { at: change.at, actor: history::who(&change) }))
}

async fn nominations(store: &Store, actor: &Actor, row: &Model) -> Result<Vec<NominationView>, Problem> {
    use nomination::Column;

    let given = visible::<nomination::Entity>(actor)?
        .filter(Column::PrioritizationId.eq(row.prioritization_id))
        .filter(Column::ObjectiveNumber.eq(row.objective_number))
        .filter(Column::ArchivedAt.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id);
    Ok(store.all(given).await?.into_iter().map(NominationView::from).collect())
}

async fn endorsements(store: &Store, actor: &Actor, row: &Model) -> Result<Vec<EndorsementsOfSubstance>, Problem> {
    use endorsement::Column;

    let given = visible::<endorsement::Entity>(actor)?
        .filter(Column::SubjectKind.eq(EndorsedKind::Priority))
        .filter(Column::SubjectId.eq(row.id))
        .filter(Column::ArchivedAt.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id);
    let mut of_substance: BTreeMap<i64, Vec<EndorsementView>> = BTreeMap::new();
    for word in store.all(given).await? {
        of_substance.entry(word.substance).or_default().push(EndorsementView::from(word));
    }
    Ok(of_substance.into_iter().rev().map(|(substance, data)| EndorsementsOfSubstance { substance, data }).collect())
}
