//! Which rows a list holds.

use chrono::NaiveDate;
use sea_orm::{QueryFilter, Select};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    entity::un_network_member::{self, Column, Entity, NetworkRole},
    http::{
        context::Here,
        listing::{Filter, any_of, between, whether},
    },
    kind::Kind,
    problem::Problem,
    store::{Provenance, Sort},
};

/// Which memberships are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnNetworkMemberFilter {
    /// Only these ids.
    #[serde(default)]
    id: Vec<Uuid>,
    /// Only memberships of these organizations.
    #[serde(default)]
    organization_id: Vec<Uuid>,
    /// Only members with one of these roles.
    #[serde(default)]
    role: Vec<NetworkRole>,
    /// Only members that work on one of these objectives.
    #[serde(default)]
    objective_number: Vec<i16>,
    /// Only members with an offer of one of these kinds, of `GET /v1/vocabularies/offer_kinds`.
    #[serde(default)]
    offer_kind: Vec<String>,
    /// Only rows of this provenance.
    #[serde(default)]
    provenance: Vec<Provenance>,
    /// `true`: only members of today; `false`: only those that are not yet, or no more.
    current: Option<bool>,
    /// Only members that joined on this day or later; those whose day is not known are left out.
    joined_on_from: Option<NaiveDate>,
    /// Only members that joined on this day or earlier; those whose day is not known are left out.
    joined_on_to: Option<NaiveDate>,
    /// Only memberships that ended on this day or later; those without an end are left out.
    left_on_from: Option<NaiveDate>,
    /// Only memberships that ended on this day or earlier; those without an end are left out.
    left_on_to: Option<NaiveDate>,
}

impl Filter for UnNetworkMemberFilter {
    type Entity = Entity;
    const SORTS: &'static [Sort<Column>] =
        &[Sort { name: "created_at", column: Column::CreatedAt }, Sort { name: "updated_at", column: Column::UpdatedAt }];
    const INCLUDES: &'static [Kind] = &[Kind::Organization, Kind::Objective];
    const COMPUTES: bool = true;

    fn apply(self, mut query: Select<Entity>, here: &Here) -> Result<Select<Entity>, Problem> {
        let Self {
            id,
            organization_id,
            role,
            objective_number,
            offer_kind,
            provenance,
            current,
            joined_on_from,
            joined_on_to,
            left_on_from,
            left_on_to,
        } = self;
        query = any_of(query, Column::Id, id);
        query = any_of(query, Column::OrganizationId, organization_id);
        query = any_of(query, Column::Provenance, provenance);
        query = between(query, Column::JoinedOn, joined_on_from, joined_on_to);
        query = between(query, Column::LeftOn, left_on_from, left_on_to);
        let conditions = [
            (!role.is_empty()).then(|| un_network_member::with_role(role)),
            (!objective_number.is_empty()).then(|| un_network_member::with_objective(objective_number)),
            (!offer_kind.is_empty()).then(|| un_network_member::offering(offer_kind)),
        ];
        query = whether(query, current, un_network_member::current_on(here.today()));
        Ok(conditions.into_iter().flatten().fold(query, Select::filter))
    }
}
