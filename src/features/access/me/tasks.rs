//! What waits for the caller. One file for each kind of task: the rows that it looks at, and a pure function that says which of them wait.

mod appointments;
mod efforts;
mod endorsements;
mod nominations;
mod outcomes;
mod reports;
mod unassigned;

use actix_web::{get, web::Data};
use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Actor, Role, Scope},
    clock::Timestamp,
    http::{Api, context::Here, extract::Caller, mount::Mount, reply::Document},
    kind::Kind,
    problem::{Code, Problem},
    store::Store,
    text::LocalizedText,
};

/// Long enough for whatever a row is called.
type Title = LocalizedText<2000>;

/// The row that a task is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskSubject {
    /// The kind of row.
    #[schema(value_type = String, examples("outcome"))]
    kind: Kind,
    /// The row as it is named in its address: an id, or the number of an objective.
    #[schema(examples("01920000-0000-7000-8000-000000000001"))]
    id: String,
    /// The address of the row.
    #[schema(examples("/v1/outcomes/01920000-0000-7000-8000-000000000001"))]
    href: String,
}

impl TaskSubject {
    fn new(kind: Kind, id: impl ToString) -> Self {
        let id = id.to_string();
        Self { kind, href: format!("{}/{id}", kind.path()), id }
    }
}

/// Something that waits for the caller, or for the institution that the caller speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Task {
    /// What is to be done: `outcome_due` (carry it out and move it to `done`), `effort_returned` (mend it and submit it again),
    /// `nomination_missing` (nominate what should come first, until the round closes), `endorsement_open` (say whether you are for it),
    /// `report_due` (report on the activity for the period that ended 15 days before `due_on`; one task for each period), `report_returned` (mend it and submit it again),
    /// `duty_unassigned` (say who takes it over), `appointment_expired` (renew it, name a successor, or archive it); more words may come.
    #[schema(examples("outcome_due"))]
    task: &'static str,
    /// The row that it is about.
    subject: TaskSubject,
    /// What that row is called, by language; the name of a person stands under the default language of the instance.
    title: Title,
    /// The day by which it is to be done; `null` when none was set.
    #[schema(examples("2026-12-31"))]
    due_on: Option<NaiveDate>,
    /// Since when it waits.
    since: Timestamp,
    /// Why it waits, in the words of whoever brought it about; `null` when nobody said.
    reason: Option<String>,
}

/// Everything that waits for the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tasks {
    /// What is due first stands first; what has no day comes after, the longest waiting first.
    data: Vec<Task>,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_my_tasks);
}

/// What waits for the signed-in account
///
/// Open tasks only: what was done, handed on or taken back is not among them any more. A focal point or network member is told what waits for its
/// organization; the lead ministry also what nobody looks after; an administrator which accounts lost their organization. A machine account is
/// told what its role and organization owe, and needs the scope `read`.
#[utoipa::path(tag = "Me")]
#[get("/v1/me/tasks")]
async fn get_my_tasks(store: Data<Store>, here: Data<Here>, caller: Caller) -> Api<Document<Tasks>> {
    if !caller.has(Scope::Read) {
        return Err(Problem::new(Code::InsufficientScope).with("scope", "read"));
    }
    let here = here.at_this_moment();
    let look = Look { store: store.get_ref(), actor: &caller, here: &here };
    let mut data = outcomes::due(&look).await?;
    data.extend(efforts::returned(&look).await?);
    data.extend(nominations::missing(&look).await?);
    data.extend(endorsements::open(&look).await?);
    data.extend(reports::due(&look).await?);
    data.extend(reports::returned(&look).await?);
    data.extend(unassigned::duties(&look).await?);
    data.extend(appointments::expired(&look).await?);
    data.sort_by(|one, other| one.place().cmp(&other.place()));
    Ok(Document(Tasks { data }))
}

/// Who asks, when, and of which record.
struct Look<'a> {
    store: &'a Store,
    actor: &'a Actor,
    here: &'a Here,
}

impl Look<'_> {
    /// The institution whose tasks are the caller's.
    fn organization(&self) -> Option<Uuid> {
        let speaks = matches!(self.actor.role, Role::Coordinator | Role::FocalPoint | Role::NetworkMember);
        self.actor.organization_id.filter(|_| speaks)
    }

    /// The same, for what only institutions of the country decide.
    fn institution(&self) -> Option<Uuid> {
        self.organization().filter(|_| self.actor.role != Role::NetworkMember)
    }

    fn is(&self, role: Role) -> bool {
        self.actor.role == role
    }

    /// A name that stands in no particular language.
    fn name(&self, name: &str) -> Title {
        Title::of([(self.here.instance.default_language.clone(), name.to_owned())])
    }
}

impl Task {
    fn place(&self) -> (bool, Option<NaiveDate>, Timestamp, &'static str, &str) {
        (self.due_on.is_none(), self.due_on, self.since, self.task, &self.subject.id)
    }
}

/// The first moment after this day, where the instance is.
fn first_moment_after(look: &Look<'_>, day: NaiveDate) -> Option<Timestamp> {
    let midnight = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    midnight.and_local_timezone(look.here.instance.timezone).earliest().map(|moment| Timestamp::new(moment.to_utc()))
}
