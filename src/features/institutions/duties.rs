//! What an institution has on its hands, and how each piece goes to its heir when the institution ends.
//!
//! A new kind of duty is one variant here: how it is found, and how it is handed on. The compiler asks for both.

mod hand_on;

use actix_web::{get, web::Data};
use chrono::NaiveDate;
pub use hand_on::{HandOver, hand_on, obstacle};
use sea_orm::{ColumnTrait, Select};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::{Actor, ActorKind, Audience, Role},
    entity::{
        account, activity, activity_proposal, coordination_body, coordination_body_member, focal_point, objective, organization, outcome,
        prioritization, service_account, succession, un_network_member,
    },
    features::prioritization::voters::holders,
    http::{
        Api,
        context::Here,
        extract::{Caller, Path},
        mount::Mount,
        reply::Document,
    },
    kind::Kind,
    problem::Problem,
    store::{Reads, Store},
};

/// What an institution can have on its hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DutyKind {
    ObjectiveLead,
    FocalPoint,
    Account,
    ServiceAccount,
    Membership,
    BodyMembership,
    BodyChair,
    Parent,
    Outcome,
    /// A voice in a round of prioritization that is under way.
    Nomination,
    /// A voice on the priorities of a round.
    Endorsement,
    /// A part in an activity of a workplan that is not over.
    ActivityParty,
}

impl DutyKind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ObjectiveLead => "objective_lead",
            Self::FocalPoint => "focal_point",
            Self::Account => "account",
            Self::ServiceAccount => "service_account",
            Self::Membership => "membership",
            Self::BodyMembership => "body_membership",
            Self::BodyChair => "body_chair",
            Self::Parent => "parent",
            Self::Outcome => "outcome",
            Self::Nomination => "nomination",
            Self::Endorsement => "endorsement",
            Self::ActivityParty => "activity_party",
        }
    }

    /// The field of the row that names the institution.
    pub const fn field(self) -> &'static str {
        match self {
            Self::ObjectiveLead => "national_lead_id",
            Self::FocalPoint | Self::Account | Self::ServiceAccount | Self::Membership | Self::BodyMembership => "organization_id",
            Self::BodyChair => "chair_ids",
            Self::Parent => "parent_id",
            Self::Outcome => "responsible_id",
            Self::Nomination | Self::Endorsement => "electorate_ids",
            Self::ActivityParty => "parties",
        }
    }

    /// The names of accounts are for those who may know them.
    fn is_known_to(self, actor: &Actor, organization: Uuid) -> bool {
        let sees_all = actor.kind == ActorKind::System || matches!(actor.role, Role::Administrator | Role::Coordinator);
        match self {
            Self::Account => sees_all || (actor.role != Role::Reader && actor.speaks_for(Some(organization))),
            Self::ServiceAccount => sees_all,
            _ => true,
        }
    }
}

/// One duty of an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    pub kind: DutyKind,
    /// The row as it is named in addresses: an id, or the number of an objective.
    pub id: String,
    pub href: String,
    /// Whether the row is a draft, which only those see who take part for the country.
    pub draft: bool,
}

impl Duty {
    fn new(kind: DutyKind, row: Kind, id: impl ToString) -> Self {
        let id = id.to_string();
        Self { kind, href: format!("{}/{id}", row.path()), id, draft: false }
    }

    fn is_known_to(&self, actor: &Actor, organization: Uuid) -> bool {
        let seen = !self.draft || actor.sight().whole.contains(&Audience::Country);
        seen && self.kind.is_known_to(actor, organization)
    }

    /// Whether a reassignment is about this duty.
    pub fn is(&self, named: &succession::Reassignment) -> bool {
        self.kind.name() == named.kind.as_str() && self.id == named.id && self.kind.field() == named.field.as_str()
    }
}

/// Every duty that the institution has on this day.
pub async fn find(rows: &impl Reads, organization: Uuid, today: NaiveDate) -> Result<Vec<Duty>, Problem> {
    let of = organization;
    let mut duties = Vec::new();
    let objectives = rows.all(objective::Entity::led_by(of)).await?;
    duties.extend(objectives.iter().map(|row| Duty::new(DutyKind::ObjectiveLead, Kind::Objective, row.number)));
    let focal_points = rows.all(focal_point::Entity::open_of(of, today)).await?;
    duties.extend(focal_points.iter().map(|row| Duty::new(DutyKind::FocalPoint, Kind::FocalPoint, row.id)));
    let accounts = rows.all(account::Entity::open_of(of)).await?;
    duties.extend(accounts.iter().map(|row| Duty::new(DutyKind::Account, Kind::Account, row.id)));
    let machines = rows.all(service_account::Entity::open_of(of)).await?;
    duties.extend(machines.iter().map(|row| Duty::new(DutyKind::ServiceAccount, Kind::ServiceAccount, row.id)));
    let memberships = rows.all(un_network_member::Entity::open_of(of, today)).await?;
    duties.extend(memberships.iter().map(|row| Duty::new(DutyKind::Membership, Kind::UnNetworkMember, row.id)));
    for row in rows.all(coordination_body_member::Entity::open_of(of, today)).await? {
        let href = format!("{}/{}/members/{}", Kind::CoordinationBody.path(), row.body_id, row.id);
        duties.push(Duty { href, ..Duty::new(DutyKind::BodyMembership, Kind::CoordinationBody, row.id) });
    }
    let chaired = rows.all(coordination_body::Entity::open_chaired_by(of, today)).await?;
    duties.extend(chaired.iter().map(|row| Duty::new(DutyKind::BodyChair, Kind::CoordinationBody, row.id)));
    let children = rows.all(organization::Entity::children_of(of)).await?;
    let living = children.iter().filter(|row| row.valid_to.is_none_or(|to| today < to));
    duties.extend(living.map(|row| Duty::new(DutyKind::Parent, Kind::Organization, row.id)));
    let outcomes = rows.all(outcome::Entity::open_of(of)).await?;
    duties.extend(outcomes.iter().map(|row| Duty::new(DutyKind::Outcome, Kind::Outcome, row.id)));
    duties.extend(voices(rows, DutyKind::Nomination, prioritization::Entity::under_way(), of, today).await?);
    duties.extend(voices(rows, DutyKind::Endorsement, prioritization::decided(), of, today).await?);
    duties.extend(activities(rows, of).await?);
    duties.sort_by(|one, other| (one.kind, &one.id).cmp(&(other.kind, &other.id)));
    Ok(duties)
}

/// The activities in which it takes part, or would by the open revision of their plan.
async fn activities(rows: &impl Reads, of: Uuid) -> Result<Vec<Duty>, Problem> {
    let mut found = rows.all(activity::Entity::open_with(of)).await?;
    for proposal in rows.all(activity_proposal::Entity::open()).await? {
        let named = !proposal.removes && proposal.plan.0.parties.iter().any(|party| party.organization_id == of);
        if named && !found.iter().any(|row| row.id == proposal.activity_id) {
            let only_proposed = rows.all(activity::Entity::by_id(proposal.activity_id)).await?;
            // What a draft of the next version says is told as a draft is.
            found.extend(only_proposed.into_iter().map(|row| activity::Model { added_in_version: None, ..row }));
        }
    }
    let duty =
        |row: activity::Model| Duty { draft: row.added_in_version.is_none(), ..Duty::new(DutyKind::ActivityParty, Kind::Activity, row.id) };
    Ok(found.into_iter().map(duty).collect())
}

/// The voices that it has in these rounds, its own and those of members that have ended; also what it said already must go on to be said by somebody.
async fn voices(
    rows: &impl Reads,
    kind: DutyKind,
    rounds: Select<prioritization::Entity>,
    of: Uuid,
    today: NaiveDate,
) -> Result<Vec<Duty>, Problem> {
    let mut duties = Vec::new();
    for round in rows.all(rounds).await? {
        if holders(rows, &round.electorate_ids.0, round.id, today).await?.contains(&of) {
            duties.push(Duty::new(kind, Kind::Prioritization, round.id));
        }
    }
    Ok(duties)
}

/// Who would take a duty over: the one successor of the newest succession in which the institution ends.
pub async fn suggested_heir(rows: &impl Reads, organization: Uuid) -> Result<Option<Uuid>, Problem> {
    let endings = rows.all(succession::Entity::ending(organization)).await?;
    let newest = endings.into_iter().find(|row| super::successions::rules::ends(&row.kind));
    Ok(newest.and_then(|row| match row.successor_ids.0.as_slice() {
        [only] => Some(*only),
        _ => None,
    }))
}

/// One duty of an institution, as a reassignment of a succession names it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyView {
    /// What kind of duty it is: `objective_lead`, `focal_point`, `account`, `service_account`, `membership` (of the UN Network on Migration),
    /// `body_membership` and `body_chair` (of a coordination body), `parent` (of another institution), `outcome` (of a consultation, open),
    /// `nomination` (its seat in the electorate of a round of prioritization that is open or closed), `endorsement` (the same once the round is
    /// finalized: it is asked whether it supports the priorities that came of it), `activity_party` (its part in an activity of a workplan that is not
    /// closed; of drafts it is told to those who see them); more kinds may come.
    #[schema(examples("objective_lead"))]
    kind: String,
    /// The row that holds it: an id, or the number of an objective.
    #[schema(examples("14"))]
    id: String,
    /// The field of that row that names the institution.
    #[schema(examples("national_lead_id"))]
    field: String,
    /// The address of that row.
    #[schema(examples("/v1/objectives/14"))]
    href: String,
    /// Who would take it over: the one successor of the succession that ends the institution; `null` when there is none or several.
    suggested_heir_id: Option<Uuid>,
}

/// What an institution has on its hands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duties {
    /// Every duty, by kind and id.
    data: Vec<DutyView>,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_organization_duties);
}

/// Read the duties of an organization
///
/// What the institution has on its hands today: objectives that it leads, focal points, accounts, memberships, institutions that belong to it,
/// open outcomes of consultations that it sees to, its seats in electorates, and its parts in activities of workplans.
/// A succession that ends it must say who takes over each. Accounts are shown to the lead ministry, administrators and the institution itself.
#[utoipa::path(tag = "Organizations")]
#[get("/v1/organizations/{id}/duties")]
async fn get_organization_duties(store: Data<Store>, here: Data<Here>, caller: Caller, id: Path<Uuid>) -> Api<Document<Duties>> {
    let row = store.find::<organization::Entity>(&caller, organization::Column::Id.eq(id.0)).await?;
    let store = store.get_ref();
    let heir = suggested_heir(store, row.id).await?;
    let duties = find(store, row.id, here.today()).await?;
    let known = duties.into_iter().filter(|duty| duty.is_known_to(&caller, row.id));
    let data = known.map(|Duty { kind, id, href, draft: _ }| DutyView {
        // Nobody belongs to itself.
        suggested_heir_id: heir.filter(|heir| heir.to_string() != id),
        kind: kind.name().to_owned(),
        id,
        field: kind.field().to_owned(),
        href,
    });
    Ok(Document(Duties { data: data.collect() }))
}
