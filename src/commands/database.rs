//! `gcm-api migrate` and `gcm-api seed`

use std::sync::Arc;

use gcm_api::{
    app::database,
    clock::Clock,
    http::context::Here,
    settings::Settings,
    store::{Access, Store},
};

use crate::{Failure, say};

/// Opens the database of the settings, whose folder is made when it is missing.
pub async fn open(settings: &Settings, access: Access) -> Result<Store, Failure> {
    if access == Access::Migrate {
        super::serve::make_data_dir(settings)?;
    } else if settings.database_url.is_none() && !settings.sqlite_file().exists() {
        let file = settings.sqlite_file();
        return Err(Failure::Database(format!("there is no database at {}: check GCM_DATA_DIR, or run `gcm-api migrate`", file.display())));
    }
    Ok(Store::open(&database(settings, access), Clock::system()).await?)
}

pub async fn migrate(settings: &Settings) -> Result<(), Failure> {
    open(settings, Access::Migrate).await?.close().await?;
    say("The database is at this version.")
}

pub async fn seed(settings: &Settings) -> Result<(), Failure> {
    let store = open(settings, Access::Write).await?;
    let here = Here { instance: Arc::new(settings.instance.clone()), clock: store.clock().clone() };
    let seeded = gcm_api::seed::seed(&store, &here).await?;
    store.close().await?;
    say(format!("{seeded} were missing and are entered now."))
}
