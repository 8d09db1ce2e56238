//! What is sent to enter or change a membership.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::coordination_body_member::{BodyRole, Entity, Model},
    features::writing::{Changes, set},
    http::extract::sent,
    problem::Fault,
};

/// A new membership in a body.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewCoordinationBodyMember {
    /// The organization that takes part; in use and valid today, and without another open membership in this body.
    pub organization_id: Uuid,
    /// What it does there: `member` decides with the others, `secretariat` prepares and records, `observer` listens.
    pub role: BodyRole,
    /// The first day of the membership.
    #[schema(examples("2024-08-20"))]
    pub joined_on: Option<NaiveDate>,
    /// The first day on which it was a member no more; later than `joined_on`.
    #[schema(examples("2030-01-01"))]
    pub left_on: Option<NaiveDate>,
}

impl NewCoordinationBodyMember {
    /// The row that it makes in this body.
    pub fn of(self, body_id: Uuid) -> Model {
        let Self { organization_id, role, joined_on, left_on } = self;
        Model { body_id, organization_id, role, joined_on, left_on, ..Model::default() }
    }
}

/// Changes to a membership: absent stays, `null` clears, a value sets.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CoordinationBodyMemberPatch {
    /// The organization that takes part; a new one must be in use and valid today, and without another open membership in this body.
    #[schema(value_type = Uuid, required = false)]
    pub organization_id: Option<Uuid>,
    /// What it does there: `member` decides with the others, `secretariat` prepares and records, `observer` listens.
    #[schema(value_type = BodyRole, required = false)]
    pub role: Option<BodyRole>,
    /// The first day of the membership; `null` when that is not known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2024-08-20"))]
    pub joined_on: Option<Option<NaiveDate>>,
    /// The first day on which it was a member no more, later than `joined_on`; `null` opens the membership again.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2030-01-01"))]
    pub left_on: Option<Option<NaiveDate>>,
}

impl Changes<Entity> for CoordinationBodyMemberPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { organization_id, role, joined_on, left_on } = self;
        let mut row = row.clone();
        set(&mut row.organization_id, organization_id);
        set(&mut row.role, role);
        set(&mut row.joined_on, joined_on);
        set(&mut row.left_on, left_on);
        (row, Vec::new())
    }
}
