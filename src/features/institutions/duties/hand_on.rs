//! Handing one duty on: the row as it will be, written under a grant of its own.

use chrono::{Days, NaiveDate};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{Duty, DutyKind};
use crate::{
    auth::Action,
    entity::{
        account, activity, activity_proposal, coordination_body, coordination_body_chair, coordination_body_member, focal_point, objective,
        organization, outcome, service_account, un_network_member,
    },
    features::{institutions::organizations::rules::is_ancestor, workplan::planning, writing::Written as _},
    problem::{FaultCode, Problem},
    store::{Tracked, Tx},
    text::Items,
};

/// Where a duty goes.
#[derive(Clone, Copy, Debug)]
pub struct HandOver {
    /// The institution that ends.
    pub from: Uuid,
    /// Its heir in this duty; without one the duty is openly left.
    pub to: Option<Uuid>,
    /// The first day on which the institution exists no more.
    pub on: NaiveDate,
}

/// Hands the duty on. What cannot be without an institution ends on the day on which the institution does.
pub async fn hand_on(tx: &mut Tx<'_>, duty: &Duty, over: HandOver, reason: &str) -> Result<(), Problem> {
    let HandOver { from, to, on } = over;
    let id = || duty.id.parse::<Uuid>().map_err(Problem::internal);
    match duty.kind {
        DutyKind::ObjectiveLead => {
            let number = duty.id.parse::<i16>().map_err(Problem::internal)?;
            let query = objective::Entity::by_number(number);
            write::<objective::Entity>(tx, query, reason, |row| row.national_lead_id = to).await.map(drop)
        }
        DutyKind::FocalPoint => appointment(tx, id()?, to, on, reason).await,
        DutyKind::Account => {
            write::<account::Entity>(tx, account::Entity::by_id(id()?), reason, |row| row.organization_id = to).await.map(drop)
        }
        DutyKind::ServiceAccount => {
            let query = service_account::Entity::to_authenticate(id()?);
            write::<service_account::Entity>(tx, query, reason, |row| row.organization_id = to).await.map(drop)
        }
        DutyKind::Membership => write::<un_network_member::Entity>(tx, un_network_member::Entity::by_id(id()?), reason, |row| match to {
            Some(heir) => row.organization_id = heir,
            None => row.left_on = Some(row.joined_on.map_or(on, |joined| on.max(joined))),
        })
        .await
        .map(drop),
        DutyKind::BodyMembership => {
            let query = coordination_body_member::Entity::by_id(id()?);
            write::<coordination_body_member::Entity>(tx, query, reason, |row| match to {
                Some(heir) => row.organization_id = heir,
                None => row.left_on = Some(row.joined_on.map_or(on, |joined| on.max(joined))),
            })
            .await
            .map(drop)
        }
        DutyKind::BodyChair => chair(tx, id()?, from, to, reason).await,
        // The act itself is the record of who answers for whom: prioritization::voters.
        DutyKind::Nomination | DutyKind::Endorsement => Ok(()),
        DutyKind::Parent => {
            write::<organization::Entity>(tx, organization::Entity::by_ids([id()?]), reason, |row| row.parent_id = to).await.map(drop)
        }
        DutyKind::ActivityParty => part(tx, id()?, from, to, reason).await,
        DutyKind::Outcome => {
            write::<outcome::Entity>(tx, outcome::Entity::by_id(id()?), reason, |row| row.responsible_id = to).await.map(drop)
        }
    }
}

async fn write<E: Tracked>(
    tx: &mut Tx<'_>,
    query: sea_orm::Select<E>,
    reason: &str,
    change: impl FnOnce(&mut E::Model),
) -> Result<E::Model, Problem> {
    let row = tx.first(query).await?.ok_or_else(|| Problem::internal("a duty was found and its row is not there"))?;
    let grant = tx.may(Action::Reassign, &E::subject(&row))?;
    let mut after = row.clone();
    change(&mut after);
    tx.reassign::<E>(&grant, row, after, reason.to_owned()).await
}

/// In the activity, and in what the open revision of its plan would make of it. It is no change of plan: whoever takes over takes over what was agreed.
async fn part(tx: &mut Tx<'_>, id: Uuid, from: Uuid, to: Option<Uuid>, reason: &str) -> Result<(), Problem> {
    let row = write::<activity::Entity>(tx, activity::Entity::by_id(id), reason, |row| {
        let mut plan = row.plan();
        plan.hand_on(from, to);
        row.parties = Items(plan.parties);
    })
    .await?;
    activity::Entity::link(tx, &row).await?;
    planning::follow(tx, std::slice::from_ref(&row)).await?;
    for proposal in tx.all(activity_proposal::Entity::open()).await?.into_iter().filter(|proposal| proposal.activity_id == id) {
        let query = activity_proposal::Entity::by_id(proposal.id);
        write::<activity_proposal::Entity>(tx, query, reason, |row| row.plan.0.hand_on(from, to)).await?;
    }
    Ok(())
}

async fn chair(tx: &mut Tx<'_>, body: Uuid, from: Uuid, to: Option<Uuid>, reason: &str) -> Result<(), Problem> {
    let row = write::<coordination_body::Entity>(tx, coordination_body::Entity::by_id(body), reason, |row| {
        // In the same place: the first chair is the first one.
        let heir = to.filter(|heir| !row.chair_ids.0.contains(heir));
        let chairs = row.chair_ids.0.iter().filter_map(|chair| if *chair == from { heir } else { Some(*chair) });
        row.chair_ids = Items(chairs.collect());
    })
    .await?;
    let chair = |organization: &Uuid| coordination_body_chair::ActiveModel { body_id: Set(row.id), organization_id: Set(*organization) };
    let chairs = row.chair_ids.0.iter().map(chair).collect();
    tx.replace_owned::<coordination_body_chair::Entity>(coordination_body_chair::Column::BodyId, row.id, chairs).await
}

/// An appointment without an institution ends on the day before; one that had not begun by then is taken out of use.
async fn appointment(tx: &mut Tx<'_>, id: Uuid, to: Option<Uuid>, on: NaiveDate, reason: &str) -> Result<(), Problem> {
    let query = focal_point::Entity::by_id(id);
    let last = on.checked_sub_days(Days::new(1)).unwrap_or(on);
    let row = write::<focal_point::Entity>(tx, query, reason, |row| match to {
        Some(heir) => row.organization_id = heir,
        None => row.ends_on = Some(last.max(row.starts_on)),
    })
    .await?;
    if to.is_none() && row.starts_on > last {
        let grant = tx.may(Action::Archive, &focal_point::Entity::subject(&row))?;
        tx.archive::<focal_point::Entity>(&grant, row).await?;
    }
    Ok(())
}

/// Why the duty cannot go to this heir, as things stand when its turn comes: there may be one such place only, or it would close a ring of
/// institutions that belong to each other.
pub async fn obstacle(tx: &Tx<'_>, duty: &Duty, heir: Uuid, today: NaiveDate) -> Result<Option<FaultCode>, Problem> {
    let id = || duty.id.parse::<Uuid>().map_err(Problem::internal);
    let found = match duty.kind {
        DutyKind::Membership => {
            let taken = !tx.all(un_network_member::Entity::open_of(heir, today)).await?.is_empty();
            taken.then_some(FaultCode::HeirHasOne)
        }
        DutyKind::BodyMembership => {
            let row = tx.first(coordination_body_member::Entity::by_id(id()?)).await?.ok_or_else(Problem::not_found)?;
            let open = tx.all(coordination_body_member::Entity::open_in(row.body_id, today)).await?;
            open.iter().any(|other| other.organization_id == heir).then_some(FaultCode::HeirHasOne)
        }
        DutyKind::Parent => is_ancestor(tx, id()?, heir).await?.then_some(FaultCode::ParentCycle),
        // An electorate has none.
        DutyKind::Nomination | DutyKind::Endorsement => {
            let row = tx.first(organization::Entity::by_ids([heir])).await?;
            row.is_some_and(|row| row.kind.as_str() == "un_entity").then_some(FaultCode::UnEntity)
        }
        _ => None,
    };
    Ok(found)
}
