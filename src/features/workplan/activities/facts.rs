//! What follows for activities from the day, from those that they wait for, and from their budget lines.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use sea_orm::QueryFilter;
use uuid::Uuid;

use super::view::ActivityView;
use crate::{
    auth::Actor,
    entity::{
        activity::{self, ActivityImplementation},
        budget_line::{self, COMMITTED, REQUIRED},
    },
    http::{listing::Computed, reply::View},
    problem::{Code, Problem},
    store::{Store, visible},
    text::{Currency, Money},
};

/// Of all rows of a page, with two queries however many there are.
pub async fn of(rows: &[ActivityView], store: &Store, actor: &Actor, today: NaiveDate) -> Result<BTreeMap<String, Computed>, Problem> {
    let open = unfinished(rows, store, actor).await?;
    let gaps = gaps(rows, store, actor).await?;
    let none = Vec::new();
    let facts = |row: &ActivityView| Computed {
        overdue: Some(is_overdue(row, today)),
        blocked_by: Some(if row.implementation.is_over() {
            Vec::new()
        } else {
            row.depends_on.iter().copied().filter(|id| open.contains(id)).collect()
        }),
        funding_gap: Some(gaps.get(&row.id).unwrap_or(&none).clone()),
        ..Computed::default()
    };
    Ok(rows.iter().map(|row| (row.key(), facts(row))).collect())
}

fn is_overdue(row: &ActivityView, today: NaiveDate) -> bool {
    let last = row.ends_on.or(row.recurrence.map(|recurrence| recurrence.until));
    !row.implementation.is_over() && last.unwrap_or(row.starts_on) < today
}

/// Those of the awaited activities that are in use and not completed.
async fn unfinished(rows: &[ActivityView], store: &Store, actor: &Actor) -> Result<BTreeSet<Uuid>, Problem> {
    let awaited: BTreeSet<Uuid> = rows.iter().flat_map(|row| row.depends_on.iter().copied()).collect();
    if awaited.is_empty() {
        return Ok(awaited);
    }
    let found = store.all(visible::<activity::Entity>(actor)?.filter(activity::those_of(awaited))).await?;
    let open = found.iter().filter(|row| row.archived_at.is_none() && row.implementation != ActivityImplementation::Completed);
    Ok(open.map(|row| row.id).collect())
}

/// What is required less what is committed, by activity and currency, where it is more than nothing.
async fn gaps(rows: &[ActivityView], store: &Store, actor: &Actor) -> Result<BTreeMap<Uuid, Vec<Money>>, Problem> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let lines = store.all(visible::<budget_line::Entity>(actor)?.filter(budget_line::in_use_of(ids))).await?;
    let mut sums: BTreeMap<(Uuid, Currency), i128> = BTreeMap::new();
    for line in lines {
        let signed = match line.kind.as_str() {
            REQUIRED => i128::from(line.amount_minor),
            COMMITTED => -i128::from(line.amount_minor),
            _ => continue,
        };
        *sums.entry((line.activity_id, line.amount_currency)).or_default() += signed;
    }
    let mut gaps: BTreeMap<Uuid, Vec<Money>> = BTreeMap::new();
    for ((activity, currency), sum) in sums.into_iter().filter(|(_, sum)| *sum > 0) {
        let too_much = |_overflow| Problem::new(Code::SumOutOfRange).with("currency", currency.as_str());
        let minor = i64::try_from(sum).map_err(too_much)?;
        gaps.entry(activity).or_default().push(Money::of(minor, currency));
    }
    Ok(gaps)
}
