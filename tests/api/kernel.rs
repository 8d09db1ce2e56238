//! What no resource shows by itself: rows that go for good, and rows that go by another.

use gcm_api::{
    auth::Action,
    entity::review_cycle::{self, Column, Entity},
    problem::Problem,
    store::{Intent, Origin, Stamp, Tracked, Tx, change_log::Op},
};
use sea_orm::{ColumnTrait as _, Condition};
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Who, both},
    rows::{assert_whole, create, etag, id, log_after},
};

const CYCLES: &str = "/v1/review-cycles";

fn cycle() -> Value {
    json!({
        "code": "kernel", "title": {"en": "Quicksilver"}, "kind": "national", "starts_on": "2031-01-01", "ends_on": "2031-12-31",
        "date_precision": "day", "date_status": "confirmed",
    })
}

async fn write(bench: &Bench, work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<(), Problem>) -> Result<(), Problem> {
    bench.parts.store.write(&Intent::system(Origin::CommandLine), work).await.map(drop)
}

async fn take_away(tx: &mut Tx<'_>, row: review_cycle::Model) -> Result<(), Problem> {
    let grant = tx.may(Action::Delete, &Entity::subject(&row))?;
    tx.delete::<Entity>(&grant, row).await
}

async fn found(tx: &Tx<'_>) -> Result<review_cycle::Model, Problem> {
    tx.find::<Entity>(Condition::all().add(Column::Code.eq("kernel"))).await?.ok_or_else(Problem::not_found)
}

#[actix_web::test]
async fn a_deleted_row_is_gone_frees_its_names_and_stays_in_the_log() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, CYCLES, cycle()).await;
        let path = format!("{CYCLES}/{}", id(&row));
        let named = coordinator.put(format!("{path}/external-ids/mims"), json!({"id": "K-1"})).expect(200).await.json();
        write(&bench, async |tx| {
            let row = found(tx).await?;
            take_away(tx, row).await
        })
        .await
        .unwrap();

        coordinator.get(&path).expect(404).await;
        coordinator.get(format!("{path}/history")).expect(404).await;
        coordinator.get(format!("{CYCLES}/by-external-id/mims/K-1")).expect(404).await;
        assert_eq!(coordinator.get(format!("{CYCLES}?q=quicksilver")).expect(200).await.json()["data"], json!([]));
        let last = log_after(&bench.parts.store, 0).await.pop().unwrap();
        assert_eq!((last.op, last.resource_id.as_str(), last.revision), (Op::Delete, id(&row), 3));
        let body: Value = serde_json::from_str(last.body.as_deref().unwrap()).unwrap();
        assert_eq!((&body["title"], &body["external_ids"]), (&named["title"], &named["external_ids"]), "the row as it was");
        assert_whole(&bench).await;

        let again = create(&coordinator, CYCLES, cycle()).await;
        coordinator.put(format!("{CYCLES}/{}/external-ids/mims", id(&again)), json!({"id": "K-1"})).expect(200).await;
        let hits = coordinator.get(format!("{CYCLES}?q=quicksilver")).expect(200).await.json();
        assert_eq!(hits["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [id(&again)]);
        assert_whole(&bench).await;
    })
    .await;
}

/// Archived rows are restored before anything else becomes of them; and who is no operator deletes only what its policy lets them.
#[actix_web::test]
async fn an_archived_row_is_not_deleted() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, CYCLES, cycle()).await;
        coordinator.post_if(format!("{CYCLES}/{}/archive", id(&row)), etag(&row)).expect(200).await;
        let refused = write(&bench, async |tx| {
            let row = found(tx).await?;
            take_away(tx, row).await
        })
        .await;
        assert_eq!(refused.unwrap_err().code().row().slug, "archived");
        assert_eq!(coordinator.delete(format!("{CYCLES}/{}", id(&row)), "\"2\"").expect(405).await.code(), "method_not_allowed");
    })
    .await;
}

/// Following needs no grant, so that it must write nothing that somebody might want one for.
#[actix_web::test]
async fn nothing_but_what_follows_is_written_by_following() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, CYCLES, cycle()).await;
        let before = log_after(&bench.parts.store, 0).await.len();
        let refused = write(&bench, async |tx| {
            let row = found(tx).await?;
            tx.follow::<Entity>(vec![row], |row| row.submission_due_on = Some(row.ends_on)).await
        })
        .await;
        assert_eq!(refused.unwrap_err().status(), 500);
        write(&bench, async |tx| {
            let row = found(tx).await?;
            assert_eq!(Stamp::of::<Entity>(&row)?.revision, 1);
            tx.follow::<Entity>(vec![row], |_row| {}).await
        })
        .await
        .unwrap();
        assert_eq!(log_after(&bench.parts.store, 0).await.len(), before, "nothing differs, and nothing is logged");
        assert_eq!(coordinator.get(format!("{CYCLES}/{}", id(&row))).expect(200).await.json(), row);
    })
    .await;
}
