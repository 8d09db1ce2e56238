//! Rows that are entered and changed field by field, whichever way: by POST, by PATCH, by the id that another system has for them.

use std::{collections::HashSet, hash::Hash};

use chrono::NaiveDate;
use sea_orm::EntityTrait;
use serde::de::DeserializeOwned;

use crate::{
    auth::{Action, Grant},
    http::context::Here,
    problem::{Fault, FaultCode, Problem},
    store::{Tracked, Tx},
    text::{DatePrecision, LocalizedPatch, LocalizedText},
};

/// A kind of row with what must hold of it, whichever way it is written.
pub trait Written: Tracked {
    /// Takes over what rights ask of a new row from the one that it stands below, before they are asked; that there is no such row is a fault.
    fn place(_tx: &Tx<'_>, _row: &mut Self::Model) -> impl Future<Output = Result<Option<Fault>, Problem>> {
        async { Ok(None) }
    }

    /// Sets what follows from a change and is sent by nobody, before the rules are asked; what keeps it from following is a fault.
    fn settle(_tx: &Tx<'_>, _before: Option<&Self::Model>, _row: &mut Self::Model) -> impl Future<Output = Result<Vec<Fault>, Problem>> {
        async { Ok(Vec::new()) }
    }

    /// 422 for everything that is wrong with the row, `faults` that are known already among it; then 409 for what others have.
    fn rules(
        tx: &Tx<'_>,
        here: &Here,
        before: Option<&Self::Model>,
        row: &Self::Model,
        faults: Vec<Fault>,
    ) -> impl Future<Output = Result<(), Problem>>;

    /// Keeps the tables in step in which lists of the row stand once more, for filtering.
    fn link(_tx: &mut Tx<'_>, _row: &Self::Model) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }

    /// Writes what follows for other rows once the row is written.
    fn tell(_tx: &mut Tx<'_>, _before: Option<&Self::Model>, _row: &Self::Model) -> impl Future<Output = Result<(), Problem>> {
        async { Ok(()) }
    }
}

/// The body of a PATCH.
pub trait Changes<E: EntityTrait>: DeserializeOwned + Clone {
    /// The row with these changes, and what is wrong with them already.
    fn apply(self, row: &E::Model) -> (E::Model, Vec<Fault>);
}

/// Sets a field of a row when the patch names it.
pub fn set<T>(field: &mut T, sent: Option<T>) {
    if let Some(value) = sent {
        *field = value;
    }
}

/// Changes a text in several languages that may be missing: `null` takes it away, a patch is merged by language.
pub fn set_text<const MAX: usize>(
    field: &mut Option<LocalizedText<MAX>>,
    sent: Option<Option<LocalizedPatch<MAX>>>,
    pointer: &str,
    faults: &mut Vec<Fault>,
) {
    if let Some(patch) = sent {
        *field = patch.and_then(|patch| patch.onto(field.as_ref(), pointer, faults));
    }
}

/// Whether an entry of a list stands in it twice.
pub fn twice<T: Eq + Hash>(mut entries: impl Iterator<Item = T>) -> bool {
    let mut met = HashSet::new();
    !entries.all(|entry| met.insert(entry))
}

/// Whether a period that ends with the first day on which something holds no more would end before it began.
pub fn reversed(start: Option<NaiveDate>, end: Option<NaiveDate>, pointer: &str) -> Option<Fault> {
    let (start, end) = (start?, end?);
    (end <= start).then(|| Fault::at(pointer, FaultCode::PeriodReversed).with("start", start.to_string()))
}

/// What is wrong with the two days of something that takes place: months or years that are not whole, and an end before the beginning.
pub fn period(precision: DatePrecision, starts_on: NaiveDate, ends_on: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (first, last) = precision.whole(starts_on, ends_on);
    for (pointer, day, expected) in [("/starts_on", starts_on, first), ("/ends_on", ends_on, last)] {
        if day != expected {
            let fault = Fault::at(pointer, FaultCode::PeriodNotWhole).with("expected", expected.to_string());
            faults.push(fault.with("precision", precision.name()));
        }
    }
    if ends_on < starts_on {
        faults.push(Fault::at("/ends_on", FaultCode::EndsBeforeStart).with("start", starts_on.to_string()));
    }
    faults
}

/// Enters a row, if the rules let it.
pub async fn enter<E: Written>(tx: &mut Tx<'_>, here: &Here, grant: &Grant, row: E::Model) -> Result<E::Model, Problem> {
    let row = ready::<E>(tx, here, row).await?;
    let row = tx.insert::<E>(grant, row).await?;
    E::link(tx, &row).await?;
    E::tell(tx, None, &row).await?;
    Ok(row)
}

/// A new row as it is to be entered, if the rules let it.
pub async fn ready<E: Written>(tx: &Tx<'_>, here: &Here, mut row: E::Model) -> Result<E::Model, Problem> {
    let misplaced = E::place(tx, &mut row).await?;
    if misplaced.is_none() {
        // Asked again now that the row says whose it is: who may not hears that, and nothing of the rules. Of a row below one that is not there
        // nobody can say who may enter it; it is not entered.
        tx.may(Action::Create, &E::subject(&row))?;
    }
    let mut faults: Vec<_> = misplaced.into_iter().collect();
    faults.extend(E::settle(tx, None, &mut row).await?);
    E::rules(tx, here, None, &row, faults).await?;
    Ok(row)
}

/// Changes a row, if the rules let it.
pub async fn change<E: Written>(
    tx: &mut Tx<'_>,
    here: &Here,
    grant: &Grant,
    before: E::Model,
    changes: impl Changes<E>,
) -> Result<E::Model, Problem> {
    let (mut after, mut faults) = changes.apply(&before);
    if E::owner(&before) != E::owner(&after) {
        tx.may(grant.action(), &E::subject(&after))?;
    }
    faults.extend(E::settle(tx, Some(&before), &mut after).await?);
    E::rules(tx, here, Some(&before), &after, faults).await?;
    let row = tx.update::<E>(grant, before.clone(), after).await?;
    E::link(tx, &row).await?;
    E::tell(tx, Some(&before), &row).await?;
    Ok(row)
}
