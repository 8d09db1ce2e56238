//! Rows that a list's rows point at: `include=organizations,objectives`.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    framework::objectives::ObjectiveView,
    institutions::{coordination_bodies::CoordinationBodyView, organizations::OrganizationView},
};
use crate::{
    auth::Actor,
    entity::{coordination_body, objective, organization},
    http::listing,
    kind::Kind,
    problem::Problem,
    store::{Store, Tracked, visible},
};

/// The rows that those of the page point at, one list for each kind; a kind that was not asked for has an empty list.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Included {
    /// The bodies in which institutions coordinate.
    coordination_bodies: Vec<CoordinationBodyView>,
    /// Objectives of the Compact.
    objectives: Vec<ObjectiveView>,
    /// Institutions: ministries, agencies, members of the UN Network and others.
    organizations: Vec<OrganizationView>,
}

impl listing::Included for Included {
    async fn load(store: &Store, actor: &Actor, wanted: &[Kind], refers: &[(Kind, Uuid)]) -> Result<Self, Problem> {
        let ids = |kind: Kind| -> Vec<Uuid> {
            let mut ids: Vec<_> = refers.iter().filter(|(of, _)| *of == kind && wanted.contains(&kind)).map(|(_, id)| *id).collect();
            ids.sort();
            ids.dedup();
            ids
        };
        Ok(Self {
            coordination_bodies: rows::<coordination_body::Entity, _>(store, actor, ids(Kind::CoordinationBody)).await?,
            objectives: rows::<objective::Entity, _>(store, actor, ids(Kind::Objective)).await?,
            organizations: rows::<organization::Entity, _>(store, actor, ids(Kind::Organization)).await?,
        })
    }
}

async fn rows<E: Tracked, V: From<E::Model>>(store: &Store, actor: &Actor, ids: Vec<Uuid>) -> Result<Vec<V>, Problem> {
    use sea_orm::{ColumnTrait, QueryFilter};

    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = store.all(visible::<E>(actor)?.filter(E::column("id")?.is_in(ids))).await?;
    Ok(rows.into_iter().map(V::from).collect())
}
