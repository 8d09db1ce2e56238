//! Appointments of focal points that ended without anybody looking after it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::QueryFilter;
use uuid::Uuid;

use super::{Look, Task, TaskSubject, first_moment_after};
use crate::{
    auth::Role,
    entity::{
        focal_point::{self, FocalPointRole, Model},
        organization,
    },
    kind::Kind,
    problem::Problem,
    store::visible,
};

/// For the lead ministry: rights come from the account alone, so that somebody must look when an appointment ends.
pub(super) async fn expired(look: &Look<'_>) -> Result<Vec<Task>, Problem> {
    if !look.is(Role::Coordinator) {
        return Ok(Vec::new());
    }
    let today = look.here.today();
    let rows = look.store.all(visible::<focal_point::Entity>(look.actor)?.filter(focal_point::in_use())).await?;
    let living = visible::<organization::Entity>(look.actor)?.filter(organization::in_use_on(today));
    let living = look.store.all(living).await?.into_iter().map(|row| row.id).collect();
    Ok(waiting(&rows, &living, today).into_iter().map(|row| task(look, row)).collect())
}

/// The appointments that ended and were followed by nothing: of each role at an institution that goes on the newest one, while nobody holds it; and
/// every one that still names an account whose holder has no appointment any more.
fn waiting<'r>(rows: &'r [Model], living: &HashSet<Uuid>, today: NaiveDate) -> Vec<&'r Model> {
    let over = |row: &Model| row.ends_on.is_some_and(|last| last < today);
    let standing = || rows.iter().filter(|row| !over(row));
    let held: HashSet<(Uuid, FocalPointRole)> = standing().map(|row| (row.organization_id, row.role)).collect();
    let appointed: HashSet<Uuid> = standing().filter_map(|row| row.account_id).collect();
    let mut newest: HashMap<(Uuid, FocalPointRole), (Option<NaiveDate>, Uuid)> = HashMap::new();
    for row in rows {
        let known = newest.entry((row.organization_id, row.role)).or_default();
        *known = (*known).max((row.ends_on, row.id));
    }
    let vacant = |row: &Model| {
        let place = (row.organization_id, row.role);
        !held.contains(&place) && newest.get(&place) == Some(&(row.ends_on, row.id))
    };
    let linked = |row: &Model| row.account_id.is_some_and(|account| !appointed.contains(&account));
    let open = |row: &&Model| row.erased_at.is_none() && living.contains(&row.organization_id) && (vacant(row) || linked(row));
    rows.iter().filter(|row| over(row)).filter(open).collect()
}

fn task(look: &Look<'_>, row: &Model) -> Task {
    Task {
        task: "appointment_expired",
        subject: TaskSubject::new(Kind::FocalPoint, row.id),
        title: look.name(row.name.as_str()),
        due_on: None,
        since: row.ends_on.and_then(|last| first_moment_after(look, last)).unwrap_or(row.updated_at),
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    fn appointment(number: u128, ends_on: Option<&str>) -> Model {
        Model { id: Uuid::from_u128(number), organization_id: Uuid::from_u128(1), ends_on: ends_on.map(day), ..Model::default() }
    }

    fn ids(rows: &[Model]) -> Vec<u128> {
        let living = HashSet::from([Uuid::from_u128(1)]);
        waiting(rows, &living, day("2026-11-23")).iter().map(|row| row.id.as_u128()).collect()
    }

    #[test]
    fn the_newest_of_a_role_that_nobody_holds_waits() {
        let ended = |number, last| appointment(number, Some(last));
        assert_eq!(ids(&[ended(10, "2025-01-31"), ended(11, "2026-11-22")]), [11]);
        // The last day belongs to it.
        assert_eq!(ids(&[ended(10, "2025-01-31"), ended(11, "2026-11-23")]), [0_u128; 0]);
        assert_eq!(ids(&[ended(10, "2025-01-31"), appointment(11, None)]), [0_u128; 0]);
        let other = Model { role: FocalPointRole::Data, ..appointment(11, None) };
        assert_eq!(ids(&[ended(10, "2025-01-31"), other]), [10]);
        let erased = Model { erased_at: Timestamp::from_micros(0), ..ended(10, "2025-01-31") };
        assert_eq!(ids(&[erased]), [0_u128; 0]);
        let elsewhere = Model { organization_id: Uuid::from_u128(2), ..ended(10, "2025-01-31") };
        assert_eq!(ids(&[elsewhere]), [0_u128; 0]);
    }

    #[test]
    fn whoever_can_still_sign_in_after_the_appointment_is_named() {
        let account = Some(Uuid::from_u128(7));
        let left = Model { account_id: account, ..appointment(10, Some("2025-01-31")) };
        let successor = appointment(11, None);
        assert_eq!(ids(&[left.clone(), successor.clone()]), [10]);
        let again = Model { account_id: account, ..successor };
        assert_eq!(ids(&[left, again]), [0_u128; 0]);
    }
}
