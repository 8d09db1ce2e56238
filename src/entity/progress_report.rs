use chrono::TimeDelta;
use sea_orm::{
    Condition, ExprTrait, QueryOrder, Select,
    entity::prelude::*,
    sea_query::{Expr, Query},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    activity::{self, ActivityImplementation, ActivityParty, Rating},
    effort::Passage,
    workplan::{self, WorkplanState},
};
use crate::{
    auth::{Audience, Party},
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Currency, Days, Items, LocalizedText, Money},
};

/// Where a progress report stands: `draft` is being written, `submitted` waits for the lead ministry, `returned` came back from it with a reason,
/// `accepted` counts, `superseded` counted until a later report on the same period was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ReportState {
    #[default]
    Draft,
    Submitted,
    Returned,
    Accepted,
    Superseded,
}

impl ReportState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Superseded => "superseded",
        }
    }

    /// Whether it is with those who write it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

/// So many days after its period a report is due.
pub const DAYS_TO_REPORT: i64 = 15;

/// The last day on which a report on a period that ends on this day is in time.
pub fn due_on(period_end: Date) -> Date {
    period_end.checked_add_signed(TimeDelta::days(DAYS_TO_REPORT)).unwrap_or(period_end)
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "progress_report")]
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
    pub activity_id: Uuid,
    pub organization_id: Uuid,
    pub period_start: Date,
    pub period_end: Date,
    pub due_on: Date,
    pub progress_percent: i16,
    pub rating: Rating,
    pub implementation: ActivityImplementation,
    pub achievements: Option<Passage>,
    pub challenges: Option<Passage>,
    pub next_steps: Option<Passage>,
    pub spent_minor: Option<i64>,
    pub spent_currency: Option<Currency>,
    /// When it was last submitted.
    pub submitted_at: Option<Timestamp>,
    /// The day of that, where the instance is.
    pub submitted_on: Option<Date>,
    /// Those of its activity, on which depends who may report.
    pub parties: Items<ActivityParty>,
    pub state: ReportState,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::ProgressReport;
    const KEY: Column = Column::Id;
    const LOCALIZED: &'static [Column] = &[Column::Achievements, Column::Challenges, Column::NextSteps];
    const FOLLOWS: &'static [Column] = &[Column::Parties];
    const SETTLED: &'static [Column] = &[Column::DueOn, Column::SubmittedOn];

    fn owner(row: &Model) -> Option<Uuid> {
        Some(row.organization_id)
    }

    fn parties(row: &Model) -> Vec<Party> {
        activity::as_parties(&row.parties)
    }

    fn state(row: &Model) -> Option<&'static str> {
        Some(row.state.name())
    }

    fn search_text(row: &Model) -> String {
        let passages = [&row.achievements, &row.challenges, &row.next_steps];
        passages.into_iter().flatten().flat_map(LocalizedText::values).collect::<Vec<_>>().join("\n")
    }
}

impl Model {
    pub fn period(&self) -> Days {
        (self.period_start, self.period_end)
    }

    /// The row with the days that follow from others.
    #[must_use]
    pub fn dated(self) -> Self {
        Self { due_on: due_on(self.period_end), ..self }
    }

    pub fn spent(&self) -> Option<Money> {
        self.spent_minor.zip(self.spent_currency.clone()).map(|(minor, currency)| Money::of(minor, currency))
    }

    pub fn put_spent(&mut self, spent: Option<Money>) {
        (self.spent_minor, self.spent_currency) = spent.map(|spent| (spent.minor(), spent.currency().clone())).unzip();
    }
}

impl Entity {
    pub fn by_id(id: Uuid) -> Select<Self> {
        Self::find_by_id(id)
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }

    /// Every report on these activities, archived ones among them, in the order in which they were entered.
    pub fn of(activities: impl IntoIterator<Item = Uuid>) -> Select<Self> {
        Self::find().filter(Column::ActivityId.is_in(activities)).order_by_asc(Column::Id)
    }

    /// The reports that count on this activity, the newest period first.
    pub fn accepted_on(activity: Uuid) -> Select<Self> {
        Self::find()
            .filter(Column::ActivityId.eq(activity))
            .filter(Column::State.eq(ReportState::Accepted))
            .filter(Column::ArchivedAt.is_null())
            .order_by_desc(Column::PeriodEnd)
            .order_by_desc(Column::Id)
    }

    /// Those on activities of this plan that were submitted and neither accepted nor returned since; an archived one, and one on an activity that is
    /// archived, cannot be any more.
    pub fn undecided_of(plan: Uuid) -> Select<Self> {
        let of_plan = activity::Column::ArchivedAt.is_null().and(activity::Column::WorkplanId.eq(plan));
        let waiting = Self::find().filter(Column::State.eq(ReportState::Submitted)).filter(Column::ArchivedAt.is_null());
        waiting.filter(on_activities_where(of_plan))
    }
}

/// On an activity of one of these workplans.
pub fn of_workplans(plans: Vec<Uuid>) -> Condition {
    on_activities_where(activity::Column::WorkplanId.is_in(plans))
}

/// Submitted after the day on which it was due, or due before this day and not submitted.
pub fn late_on(today: Date) -> Condition {
    let col = |column: Column| Expr::col(column.as_column_ref());
    let open = Condition::all().add(Column::State.is_in([ReportState::Draft, ReportState::Returned])).add(Column::DueOn.lt(today));
    let sent = Condition::all()
        .add(Column::State.is_not_in([ReportState::Draft, ReportState::Returned]))
        .add(col(Column::SubmittedOn).gt(col(Column::DueOn)));
    Condition::any().add(open).add(sent)
}

/// Sent back to this organization, and it can be sent in again: the activity is in use and its plan is carried out.
pub fn returned_to(organization: Uuid) -> Condition {
    use workplan::{Column as Plan, Entity as Plans};

    let active = Query::select()
        .column(Plan::Id)
        .from(Plans)
        .and_where(Plan::State.eq(WorkplanState::Active))
        .and_where(Plan::ArchivedAt.is_null())
        .to_owned();
    let in_use = activity::Column::ArchivedAt.is_null().and(activity::Column::WorkplanId.in_subquery(active));
    Condition::all()
        .add(Column::OrganizationId.eq(organization))
        .add(Column::State.eq(ReportState::Returned))
        .add(Column::ArchivedAt.is_null())
        .add(on_activities_where(in_use))
}

fn on_activities_where(holds: impl Into<sea_orm::sea_query::SimpleExpr>) -> Condition {
    let activities = Query::select().column(activity::Column::Id).from(activity::Entity).and_where(holds.into()).to_owned();
    Condition::all().add(Column::ActivityId.in_subquery(activities))
}
