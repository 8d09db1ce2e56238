//! The record of how the schema came to be. Each file is frozen once it is released: a later change is a later file.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _},
    seaql_migrations,
};

mod ddl;
mod m20261123_000001_change_log;
mod m20261123_000002_idempotency;
mod m20261123_000003_search_text;
mod m20261123_000004_external_id;
mod m20261123_000005_organization;
mod m20261123_000006_objective;
mod m20261123_000007_account;
mod m20261123_000008_service_account;
mod m20261123_000009_signing_key;
mod m20261123_000010_session;
mod m20261123_000011_known_network;
mod m20261123_000011_signing_key_revoked;
mod m20261123_000012_review_cycle;
mod m20261123_000013_focal_point;
mod m20261123_000014_un_network_member;
mod m20261123_000015_coordination_body;
mod m20261123_000016_succession;
mod m20261123_000017_account_lists;
mod m20261123_000018_effort;
mod m20261123_000021_prioritization;
mod m20261123_000022_nomination;
mod m20261123_000023_priority;
mod m20261123_000024_endorsement;
mod m20261123_000025_comment;
mod m20261129_000019_consultation;
mod m20261129_000020_outcome;
mod m20261130_000026_workplan;
mod m20261130_000027_activity;
mod m20261130_000028_progress_report;
pub mod steps;

#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_change_log::Migration),
            Box::new(m20261123_000002_idempotency::Migration),
            Box::new(m20261123_000003_search_text::Migration),
            Box::new(m20261123_000004_external_id::Migration),
            Box::new(m20261123_000005_organization::Migration),
            Box::new(m20261123_000006_objective::Migration),
            Box::new(m20261123_000007_account::Migration),
            Box::new(m20261123_000008_service_account::Migration),
            Box::new(m20261123_000009_signing_key::Migration),
            Box::new(m20261123_000010_session::Migration),
            Box::new(m20261123_000011_known_network::Migration),
            Box::new(m20261123_000011_signing_key_revoked::Migration),
            Box::new(m20261123_000012_review_cycle::Migration),
            Box::new(m20261123_000013_focal_point::Migration),
            Box::new(m20261123_000014_un_network_member::Migration),
            Box::new(m20261123_000015_coordination_body::Migration),
            Box::new(m20261123_000016_succession::Migration),
            Box::new(m20261123_000017_account_lists::Migration),
            Box::new(m20261123_000018_effort::Migration),
            Box::new(m20261129_000019_consultation::Migration),
            Box::new(m20261129_000020_outcome::Migration),
            Box::new(m20261123_000021_prioritization::Migration),
            Box::new(m20261123_000022_nomination::Migration),
            Box::new(m20261123_000023_priority::Migration),
            Box::new(m20261123_000024_endorsement::Migration),
            Box::new(m20261123_000025_comment::Migration),
            Box::new(m20261130_000026_workplan::Migration),
            Box::new(m20261130_000027_activity::Migration),
            Box::new(m20261130_000028_progress_report::Migration),
        ]
    }

    /// Only those that this program knows: a newer one may have added to the schema (`steps`), which is not for the framework to refuse.
    #[expect(clippy::disallowed_methods, reason = "the framework's own table")]
    async fn get_migration_models<C: ConnectionTrait>(db: &C) -> Result<Vec<seaql_migrations::Model>, DbErr> {
        Self::install(db).await?;
        let known = Self::migrations().into_iter().map(|migration| migration.name().to_owned());
        let applied = seaql_migrations::Entity::find().filter(seaql_migrations::Column::Version.is_in(known));
        applied.order_by_asc(seaql_migrations::Column::Version).all(db).await
    }
}
