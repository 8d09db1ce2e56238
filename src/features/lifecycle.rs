//! Out of use and back into it: the same for every kind of row.

use sea_orm::{EntityTrait, sea_query::IntoCondition};

use crate::{
    auth::Action,
    http::{
        Api,
        extract::Ask,
        reply::{Done, Saved, View},
    },
    problem::{Code, Problem},
    store::{Answer, Seen, Stamp, Store, Tx},
};

type Row<V> = <<V as View>::Entity as EntityTrait>::Model;

/// Archives the row that this condition names; `check` refuses while others depend on it.
pub async fn archive<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    seen: &Seen,
    check: impl AsyncFn(&Tx<'_>, &Row<V>) -> Result<(), Problem>,
) -> Api<Answer<Saved<V>>> {
    archive_then(store, ask, which, seen, check, async |_tx, _row| Ok(())).await
}

/// As [`archive`]; `then` writes what follows for other rows.
pub async fn archive_then<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    seen: &Seen,
    check: impl AsyncFn(&Tx<'_>, &Row<V>) -> Result<(), Problem>,
    then: impl AsyncFn(&mut Tx<'_>, &Row<V>) -> Result<(), Problem>,
) -> Api<Answer<Saved<V>>> {
    let which = which.into_condition();
    store
        .write(ask, async |tx| {
            let (row, grant) = tx.open::<V::Entity>(which, seen, Action::Archive).await?;
            if Stamp::of::<V::Entity>(&row)?.archived_at.is_none() {
                check(tx, &row).await?;
            }
            let row = tx.archive::<V::Entity>(&grant, row).await?;
            then(tx, &row).await?;
            Ok(Saved(V::from(row)))
        })
        .await
}

/// Restores the row that this condition names.
pub async fn restore<V: View>(store: &Store, ask: &Ask, which: impl IntoCondition, seen: &Seen) -> Api<Answer<Saved<V>>> {
    restore_if(store, ask, which, seen, async |_tx, _row| Ok(())).await
}

/// Restores the row that this condition names; `check` refuses when another has taken its place meanwhile.
pub async fn restore_if<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    seen: &Seen,
    check: impl AsyncFn(&Tx<'_>, &Row<V>) -> Result<(), Problem>,
) -> Api<Answer<Saved<V>>> {
    restore_then(store, ask, which, seen, check, async |_tx, _row| Ok(())).await
}

/// As [`restore_if`]; `then` writes what follows for other rows.
pub async fn restore_then<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    seen: &Seen,
    check: impl AsyncFn(&Tx<'_>, &Row<V>) -> Result<(), Problem>,
    then: impl AsyncFn(&mut Tx<'_>, &Row<V>) -> Result<(), Problem>,
) -> Api<Answer<Saved<V>>> {
    let which = which.into_condition();
    store
        .write(ask, async |tx| {
            let (row, grant) = tx.open::<V::Entity>(which, seen, Action::Restore).await?;
            if Stamp::of::<V::Entity>(&row)?.archived_at.is_some() {
                check(tx, &row).await?;
            }
            let row = tx.restore::<V::Entity>(&grant, row).await?;
            then(tx, &row).await?;
            Ok(Saved(V::from(row)))
        })
        .await
}

/// Takes the row that this condition names away for good; `check` refuses while it must stay.
pub async fn delete<V: View>(
    store: &Store,
    ask: &Ask,
    which: impl IntoCondition,
    seen: &Seen,
    check: impl AsyncFn(&Tx<'_>, &Row<V>) -> Result<(), Problem>,
) -> Api<Answer<Done>> {
    let which = which.into_condition();
    store
        .write(ask, async |tx| {
            let (row, grant) = tx.open::<V::Entity>(which, seen, Action::Delete).await?;
            check(tx, &row).await?;
            tx.delete::<V::Entity>(&grant, row).await.map(|()| Done)
        })
        .await
}

/// Refuses to take a row out of use while others depend on it, and says how many in which way.
pub fn refuse_dependants<'n>(counted: impl IntoIterator<Item = (&'n str, u64)>) -> Result<(), Problem> {
    let counted: Vec<_> = counted.into_iter().filter(|(_, count)| *count > 0).collect();
    if counted.is_empty() {
        return Ok(());
    }
    let count: u64 = counted.iter().map(|(_, count)| count).sum();
    let what: Vec<_> = counted.iter().map(|(what, count)| format!("{what}: {count}")).collect();
    Err(Problem::new(Code::HasDependants).with("count", count).with("what", what.join("; ")))
}
