//! What is sent to enter or change an appointment, and what must hold of it.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, QueryFilter};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    entity::{
        account,
        focal_point::{Entity, FocalPointRole, Model},
    },
    features::{
        references,
        writing::{Changes, Written, set},
    },
    http::{context::Here, extract::sent},
    problem::{Code, Fault, FaultCode, Problem},
    store::Tx,
    text::Text,
};

/// A new focal point.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewFocalPoint {
    /// The organization that the person speaks for.
    pub organization_id: Uuid,
    /// The name of the person.
    pub name: Text<100>,
    /// The post that the person holds there.
    pub position: Option<Text<200>>,
    /// What the person does as a focal point.
    pub role: FocalPointRole,
    /// The account that the person signs in with: one of the same organization that is not archived.
    pub account_id: Option<Uuid>,
    /// The first day of the appointment.
    #[schema(examples("2025-06-01"))]
    pub starts_on: NaiveDate,
    /// The last day of the appointment; leave it out while none is known.
    #[schema(examples("2027-05-31"))]
    pub ends_on: Option<NaiveDate>,
}

/// Changes to a focal point: absent stays, `null` clears, a value sets.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct FocalPointPatch {
    /// The organization that the person speaks for. Only the lead ministry moves an appointment to another one.
    #[schema(value_type = Uuid, required = false)]
    pub organization_id: Option<Uuid>,
    /// The name of the person.
    #[schema(value_type = Text<100>, required = false)]
    pub name: Option<Text<100>>,
    /// The post that the person holds there.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Text<200>>)]
    pub position: Option<Option<Text<200>>>,
    /// What the person does as a focal point.
    #[schema(value_type = FocalPointRole, required = false)]
    pub role: Option<FocalPointRole>,
    /// The account that the person signs in with: one of the same organization that is not archived.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<Uuid>)]
    pub account_id: Option<Option<Uuid>>,
    /// The first day of the appointment.
    #[schema(value_type = NaiveDate, required = false, examples("2025-06-01"))]
    pub starts_on: Option<NaiveDate>,
    /// The last day of the appointment; `null` while none is known.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<NaiveDate>, examples("2027-05-31"))]
    pub ends_on: Option<Option<NaiveDate>>,
}

impl From<NewFocalPoint> for Model {
    fn from(new: NewFocalPoint) -> Self {
        let NewFocalPoint { organization_id, name, position, role, account_id, starts_on, ends_on } = new;
        Self { organization_id, name, position, role, account_id, starts_on, ends_on, ..Self::default() }.sorted()
    }
}

impl Changes<Entity> for FocalPointPatch {
    fn apply(self, row: &Model) -> (Model, Vec<Fault>) {
        let Self { organization_id, name, position, role, account_id, starts_on, ends_on } = self;
        let mut row = row.clone();
        set(&mut row.organization_id, organization_id);
        set(&mut row.name, name);
        set(&mut row.position, position);
        set(&mut row.role, role);
        set(&mut row.account_id, account_id);
        set(&mut row.starts_on, starts_on);
        set(&mut row.ends_on, ends_on);
        (row.sorted(), Vec::new())
    }
}

impl Written for Entity {
    async fn rules(tx: &Tx<'_>, here: &Here, before: Option<&Model>, row: &Model, mut faults: Vec<Fault>) -> Result<(), Problem> {
        let moved = before.is_none_or(|before| before.organization_id != row.organization_id);
        if moved {
            faults.extend(references::organization(tx, here, row.organization_id, "/organization_id").await?);
        }
        if let Some(account) = row.account_id
            && (moved || before.is_none_or(|before| before.account_id != row.account_id))
        {
            faults.extend(account_of(tx, row.organization_id, account).await?);
        }
        if let Some(end) = row.ends_on
            && end < row.starts_on
        {
            faults.push(Fault::at("/ends_on", FaultCode::EndsBeforeStart).with("start", row.starts_on.to_string()));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        match before {
            Some(before) => not_erased(before),
            None => Ok(()),
        }
    }
}

/// Nothing is written once more about a person who was to be forgotten.
pub fn not_erased(row: &Model) -> Result<(), Problem> {
    if row.erased_at.is_some() { Err(Problem::new(Code::Erased)) } else { Ok(()) }
}

/// Accounts are private: one of another organization is as unknown as one that is not there.
async fn account_of(tx: &Tx<'_>, organization: Uuid, account: Uuid) -> Result<Option<Fault>, Problem> {
    let query = account::Entity::open_of(organization).filter(account::Column::Id.eq(account));
    let known = tx.first(query).await?;
    Ok(known.is_none().then(|| Fault::at("/account_id", FaultCode::ReferenceUnknown)))
}
