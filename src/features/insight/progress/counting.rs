//! The numbers of the cells, and the mean of what they hold.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    auth::Actor,
    entity::{
        activity::figures::{self as activity_figures, Progress, Weights},
        activity::{ActivityImplementation, Rating},
    },
    features::insight::keys::{Cells, Key},
    problem::Problem,
    store::Store,
    text::Currency,
};

/// What was counted for one cell.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    pub activities: i64,
    pub overdue: i64,
    implementations: BTreeMap<ActivityImplementation, i64>,
    ratings: BTreeMap<Rating, i64>,
    percent: i128,
    weights: BTreeMap<Currency, Weight>,
}

/// What the activities of a cell require in one currency.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weight {
    /// The activities that require something in it.
    many: i64,
    amount: i128,
    times_percent: i128,
}

impl Counted {
    pub fn implementation(&self, implementation: ActivityImplementation) -> i64 {
        self.implementations.get(&implementation).copied().unwrap_or_default()
    }

    pub fn rating(&self, rating: Rating) -> i64 {
        self.ratings.get(&rating).copied().unwrap_or_default()
    }

    /// What weighs, where every activity requires a budget in one currency.
    pub fn weighs(&self) -> Option<(&Currency, Weight)> {
        let (currency, weight) = self.weights.first_key_value().filter(|_| self.weights.len() == 1)?;
        (weight.many == self.activities).then_some((currency, *weight))
    }

    pub fn mean(&self) -> Option<f64> {
        let (sum, whole) = match self.weighs() {
            Some((_, weight)) => (weight.times_percent, weight.amount),
            None => (self.percent, i128::from(self.activities)),
        };
        hundredths(sum, whole).map(|hundredths| f64::from(hundredths) / 100.0)
    }

    fn add(&mut self, part: &Progress) {
        self.activities += part.many;
        self.overdue += part.overdue;
        self.percent += i128::from(part.percent);
        *self.implementations.entry(part.implementation).or_default() += part.many;
        *self.ratings.entry(part.rating).or_default() += part.many;
    }

    fn weigh(&mut self, part: &Weights) {
        let weight = self.weights.entry(part.currency.clone()).or_default();
        weight.many += part.many;
        weight.amount += part.amount();
        weight.times_percent += part.times_percent();
    }
}

/// A fraction in hundredths, half up; `None` of nothing.
fn hundredths(sum: i128, whole: i128) -> Option<i32> {
    let twice = sum.checked_mul(200)?.checked_add(whole)?;
    i32::try_from(twice.checked_div_euclid(whole.checked_mul(2)?)?).ok()
}

/// Counts the cells.
pub async fn count(store: &Store, actor: &Actor, cells: &Cells<'_>, today: NaiveDate) -> Result<BTreeMap<Key, Counted>, Problem> {
    let mut counted: BTreeMap<Key, Counted> = cells.always().map(|key| (key, Counted::default())).collect();
    if cells.plans.ids.is_empty() {
        return Ok(counted);
    }
    let activities = cells.plans.activities(actor)?;
    let parts = cells.reckon::<Progress>(store, |by| activity_figures::progress(activities.clone(), by, today)).await?;
    for (keys, part) in parts {
        keys.into_iter().for_each(|key| counted.entry(key).or_default().add(&part));
    }
    let parts = cells.reckon::<Weights>(store, |by| activity_figures::weights(activities, by)).await?;
    for (keys, part) in parts {
        keys.into_iter().for_each(|key| counted.entry(key).or_default().weigh(&part));
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact_and_half_goes_up() {
        for (sum, whole, expected) in [
            (0, 1, Some(0)),
            (100, 1, Some(10_000)),
            (125, 3, Some(4167)),
            (1, 200, Some(1)),
            (1, 201, Some(0)),
            (0, 0, None),
            (100 * (i128::from(i64::MAX) * 1_000_000), i128::from(i64::MAX) * 1_000_000, Some(10_000)),
        ] {
            assert_eq!(hundredths(sum, whole), expected, "{sum} of {whole}");
        }
    }
}
