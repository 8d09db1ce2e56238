//! An activity of a workplan: what is planned of it, and how far it is.

pub mod figures;
mod narrow;
mod plan;

pub use narrow::*;
pub use plan::*;
use sea_orm::{QueryOrder, Select, entity::prelude::*};
use serde::{Deserialize, Serialize};

use super::effort::{Passage, Title};
use crate::{
    auth::{Audience, Party, audience},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Days, Interval, Items, LocalizedText, Text},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub workplan_id: Uuid,
    pub code: ActivityCode,
    pub title: Title,
    pub description: Option<Passage>,
    pub priority_id: Option<Uuid>,
    pub objective_numbers: Items<i16>,
    pub action_codes: Items<String>,
    pub sdg_target_codes: Items<String>,
    pub parties: Items<ActivityParty>,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub recurrence_every: Option<Interval>,
    pub recurrence_until: Option<Date>,
    /// The last day, whether it comes once or again and again.
    pub sort_ends_on: Date,
    pub outside_period_reason: Option<PeriodReason>,
    pub depends_on: Items<Uuid>,
    pub provinces: Items<String>,
    pub implementation: ActivityImplementation,
    pub progress_percent: i16,
    pub rating: Rating,
    /// Why the tracking fields are as they are, when the lead ministry wrote them.
    pub tracking_reason: Option<Text<1000>>,
    /// The accepted report that they come from.
    pub tracking_report_id: Option<Uuid>,
    /// The first approved version of the plan that it is in.
    pub added_in_version: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Activity;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Title, Column::Description, Column::OutsidePeriodReason];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn parties(row: &Model) -> Vec<Party> {
        as_parties(&row.parties)
    }

    /// What is in no approved version is the draft of a plan or of its revision.
    fn audience(row: &Model) -> Audience {
        audience(Kind::Activity, row.added_in_version.map(|_version| "approved"))
    }

    fn search_text(row: &Model) -> String {
        let description = row.description.iter().flat_map(LocalizedText::values);
        std::iter::once(row.code.as_str()).chain(row.title.values()).chain(description).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    pub fn plan(&self) -> Plan {
        Plan {
            code: self.code.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            priority_id: self.priority_id,
            objective_numbers: self.objective_numbers.0.clone(),
            action_codes: self.action_codes.0.clone(),
            sdg_target_codes: self.sdg_target_codes.0.clone(),
            parties: self.parties.0.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            recurrence: self.recurrence(),
            outside_period_reason: self.outside_period_reason.clone(),
            depends_on: self.depends_on.0.clone(),
            provinces: self.provinces.0.clone(),
        }
    }

    #[must_use]
    pub fn planned(self, plan: Plan) -> Self {
        let sort_ends_on = plan.last_day();
        let Plan {
            code,
            title,
            description,
            priority_id,
            objective_numbers,
            action_codes,
            sdg_target_codes,
            parties,
            starts_on,
            ends_on,
            recurrence,
            outside_period_reason,
            depends_on,
            provinces,
        } = plan.sorted();
        Self {
            code,
            title,
            description,
            priority_id,
            objective_numbers: Items(objective_numbers),
            action_codes: Items(action_codes),
            sdg_target_codes: Items(sdg_target_codes),
            parties: Items(parties),
            starts_on,
            ends_on,
            recurrence_every: recurrence.map(|recurrence| recurrence.every),
            recurrence_until: recurrence.map(|recurrence| recurrence.until),
            sort_ends_on,
            outside_period_reason,
            depends_on: Items(depends_on),
            provinces: Items(provinces),
            ..self
        }
    }

    /// The first and the last day.
    pub fn days(&self) -> Days {
        (self.starts_on, self.sort_ends_on)
    }

    pub fn recurrence(&self) -> Option<Recurrence> {
        self.recurrence_every.zip(self.recurrence_until).map(|(every, until)| Recurrence { every, until })
    }

    /// The organizations of this role.
    pub fn with_role(&self, role: ActivityRole) -> impl Iterator<Item = Uuid> {
        self.parties.0.iter().filter(move |party| party.role == role).map(|party| party.organization_id)
    }

    pub fn lead(&self) -> Option<Uuid> {
        self.with_role(ActivityRole::Lead).next()
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn by_ids(ids: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::Id.is_in(ids))
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every activity of a plan, archived ones among them, in the order of their codes.
    pub fn of_plan(workplan: Uuid) -> Select<Self> {
        Self::find().filter(Column::WorkplanId.eq(workplan)).order_by_asc(Column::Code).order_by_asc(Column::Id)
    }

    /// The activity of a plan that has this code, possibly an archived one.
    pub fn with_code(workplan: Uuid, code: &ActivityCode) -> Select<Self> {
        Self::find().filter(Column::WorkplanId.eq(workplan)).filter(Column::Code.eq(code.clone()))
    }

    /// Those in use that wait for this one.
    pub fn waiting_for(id: Uuid) -> Select<Self> {
        Self::find().filter(depending_on(vec![id])).filter(Column::ArchivedAt.is_null())
    }

    /// Those in use of this plan that this organization leads, in the order of their codes.
    pub fn led_by(workplan: Uuid, organization: Uuid) -> Select<Self> {
        Self::of_plan(workplan).filter(with_party(vec![organization], vec![ActivityRole::Lead])).filter(Column::ArchivedAt.is_null())
    }

    /// Those in use of plans that are not over, in which this organization takes part.
    pub fn open_with(organization: Uuid) -> Select<Self> {
        Self::find()
            .filter(with_party(vec![organization], Vec::new()))
            .filter(Column::ArchivedAt.is_null())
            .filter(Column::WorkplanId.in_subquery(living_plans()))
            .order_by_asc(Column::Id)
    }
}
