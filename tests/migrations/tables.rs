//! The tables as the entities say, on both engines.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use gcm_api::{
    entity::{
        account, activity, activity_action, activity_dependency, activity_objective, activity_party, activity_proposal, activity_province,
        activity_sdg_target, budget_line, comment, consultation, consultation_objective, consultation_party, consultation_sdg_goal,
        coordination_body, coordination_body_chair, coordination_body_member, credential, effort, effort_action, effort_objective,
        effort_party, effort_province, effort_sdg_target, endorsement, focal_point, focal_point_contact, known_network, milestone,
        nomination, objective, objective_cluster, objective_sdg_target, organization, outcome, outcome_objective, password_link,
        prioritization, prioritization_elector, priority, priority_supporter, progress_report, refresh_token, review_cycle, revoked_token,
        service_account, service_secret, session, signing_key, succession, succession_party, un_network_member,
        un_network_member_objective, un_network_member_role, workplan, workplan_priority, workplan_revision, workplan_version,
    },
    store::{Engine, OwnedRows, Private, Tracked, change_log},
};
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic as _, Iterable as _};

use crate::empty::{Empty, PLAIN, both, engines};

/// Columns of an entity, and whether each may be null.
fn columns_of<E: EntityTrait>() -> BTreeMap<String, bool> {
    E::Column::iter().map(|column| (column.as_str().to_owned(), column.def().is_null())).collect()
}

const STAMPS: [&str; 9] =
    ["id", "revision", "audience", "owner_id", "created_at", "updated_at", "archived_at", "provenance", "external_ids"];

type Tables = BTreeMap<String, BTreeMap<String, bool>>;

/// Tables that carry an audience and a history.
fn tracked<E: Tracked>(tables: &mut Tables) {
    let columns = columns_of::<E>();
    let lacking: Vec<_> = STAMPS.iter().filter(|stamp| !columns.contains_key(**stamp)).collect();
    assert!(lacking.is_empty(), "{} lacks {lacking:?}", E::default().table_name());
    tables.insert(E::default().table_name().to_owned(), columns);
}

/// Tables that no shared operation reads.
fn private<E: Private>(tables: &mut Tables) {
    tables.insert(E::default().table_name().to_owned(), columns_of::<E>());
}

/// Lists of tracked rows once more, for filtering.
fn owned<E: OwnedRows>(tables: &mut Tables) {
    tables.insert(E::default().table_name().to_owned(), columns_of::<E>());
}

/// The tables of the store itself: the log, what finds a row, and what is kept for sending again. `search_index…` is FTS5's on SQLite.
const OF_THE_STORE: [&str; 6] = ["change", "change_head", "idempotency", "search_text", "external_id", "seaql_migrations"];

#[tokio::test]
async fn every_table_is_tracked_private_or_owned_and_as_its_entity_says() {
    let mut known = Tables::new();
    tracked::<objective::Entity>(&mut known);
    tracked::<organization::Entity>(&mut known);
    tracked::<account::Entity>(&mut known);
    tracked::<service_account::Entity>(&mut known);
    tracked::<focal_point::Entity>(&mut known);
    tracked::<un_network_member::Entity>(&mut known);
    tracked::<coordination_body::Entity>(&mut known);
    tracked::<coordination_body_member::Entity>(&mut known);
    tracked::<review_cycle::Entity>(&mut known);
    tracked::<succession::Entity>(&mut known);
    tracked::<effort::Entity>(&mut known);
    tracked::<consultation::Entity>(&mut known);
    tracked::<outcome::Entity>(&mut known);
    tracked::<prioritization::Entity>(&mut known);
    tracked::<nomination::Entity>(&mut known);
    tracked::<priority::Entity>(&mut known);
    tracked::<endorsement::Entity>(&mut known);
    tracked::<comment::Entity>(&mut known);
    tracked::<workplan::Entity>(&mut known);
    tracked::<workplan_revision::Entity>(&mut known);
    tracked::<activity::Entity>(&mut known);
    tracked::<activity_proposal::Entity>(&mut known);
    tracked::<milestone::Entity>(&mut known);
    tracked::<budget_line::Entity>(&mut known);
    tracked::<progress_report::Entity>(&mut known);
    private::<credential::Entity>(&mut known);
    private::<service_secret::Entity>(&mut known);
    private::<focal_point_contact::Entity>(&mut known);
    private::<signing_key::Entity>(&mut known);
    private::<known_network::Entity>(&mut known);
    private::<session::Entity>(&mut known);
    private::<refresh_token::Entity>(&mut known);
    private::<revoked_token::Entity>(&mut known);
    private::<password_link::Entity>(&mut known);
    owned::<objective_cluster::Entity>(&mut known);
    owned::<objective_sdg_target::Entity>(&mut known);
    owned::<un_network_member_role::Entity>(&mut known);
    owned::<un_network_member_objective::Entity>(&mut known);
    owned::<coordination_body_chair::Entity>(&mut known);
    owned::<succession_party::Entity>(&mut known);
    owned::<effort_party::Entity>(&mut known);
    owned::<effort_objective::Entity>(&mut known);
    owned::<effort_action::Entity>(&mut known);
    owned::<effort_sdg_target::Entity>(&mut known);
    owned::<effort_province::Entity>(&mut known);
    owned::<consultation_party::Entity>(&mut known);
    owned::<consultation_objective::Entity>(&mut known);
    owned::<consultation_sdg_goal::Entity>(&mut known);
    owned::<outcome_objective::Entity>(&mut known);
    owned::<priority_supporter::Entity>(&mut known);
    owned::<prioritization_elector::Entity>(&mut known);
    owned::<workplan_priority::Entity>(&mut known);
    owned::<workplan_version::Entity>(&mut known);
    owned::<activity_action::Entity>(&mut known);
    owned::<activity_dependency::Entity>(&mut known);
    owned::<activity_objective::Entity>(&mut known);
    owned::<activity_party::Entity>(&mut known);
    owned::<activity_province::Entity>(&mut known);
    owned::<activity_sdg_target::Entity>(&mut known);
    both(async |empty| {
        empty.migrated().await;
        let there = empty.columns().await;
        for (table, columns) in &known {
            assert_eq!(there.get(table), Some(columns), "{:?}: the columns of {table}, and whether they may be null", empty.engine);
        }
        assert_eq!(there.get("change"), Some(&columns_of::<change_log::change::Entity>()), "{:?}: change", empty.engine);
        let strange: Vec<_> = there
            .keys()
            .filter(|table| !known.contains_key(*table) && !OF_THE_STORE.contains(&table.as_str()))
            .filter(|table| !table.starts_with("search_index") && !table.starts_with("sqlite_"))
            .collect();
        assert!(strange.is_empty(), "{strange:?}: say in this test whether it is tracked, private or owned");
    })
    .await;
}

/// A new entity is taken up in the test above.
#[test]
fn every_entity_file_is_known_here() {
    let here = std::fs::read_to_string(Path::new("tests/migrations/tables.rs")).unwrap();
    let files: BTreeSet<String> = std::fs::read_dir("src/entity")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let missing: Vec<_> = files.iter().filter(|file| *file != "mod" && !here.contains(&format!("<{file}::Entity>"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// On PostgreSQL text that is compared or sorted goes by bytes, as on SQLite, whatever the server's locale.
#[tokio::test]
async fn keys_are_compared_by_bytes() {
    if !engines().await.contains(&Engine::Postgres) {
        return;
    }
    let empty = Empty::new(Engine::Postgres, PLAIN).await;
    empty.migrated().await;
    let query = "SELECT DISTINCT c.relname::text || '.' || a.attname::text
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
         JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
         WHERE c.relnamespace = current_schema()::regnamespace AND m.amname = 'btree' AND a.atttypid = 'text'::regtype
           AND a.attcollation <> (SELECT oid FROM pg_collation WHERE collname = 'C')";
    let wrong = empty.texts::<1>(query).await;
    assert!(wrong.is_empty(), "indexed, but not COLLATE \"C\": {wrong:?}");
    empty.gone().await;
}
