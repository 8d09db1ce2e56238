//! `gcm-api transfer`: from the SQLite file of a beginning to the PostgreSQL of production.

use std::{io::Write as _, path::Path, time::Instant};

use gcm_api::{
    app::{self, database},
    clock::Clock,
    features::operations::{transfer, verify},
    settings::{Engine, Settings},
    store::{Access, Options, Store, TransferError, sqlite_url},
};

use crate::{Failure, say};

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::NotEmpty(_) => Self::Refused(error.to_string()),
            TransferError::Differs { .. } => Self::Altered(error.to_string()),
            TransferError::Problem(problem) => problem.into(),
        }
    }
}

pub async fn run(settings: &Settings, from: &Path) -> Result<(), Failure> {
    if settings.engine() != Engine::Postgres {
        return Err(Failure::Settings("transfer goes to PostgreSQL: name an empty database in DATABASE_URL".to_owned()));
    }
    if !from.is_file() {
        return Err(Failure::Database(format!("there is no SQLite file {}", from.display())));
    }
    let sealer = app::sealer(settings)?;
    let source = Options { url: sqlite_url(from), readers: 2, access: Access::Write };
    let source = Store::open(&source, Clock::system()).await?;
    if let Some(kid) = transfer::sealed_otherwise(&source, &sealer).await? {
        return Err(Failure::Settings(format!(
            "the signing key {kid} cannot be opened with this GCM_SECRET_KEY: give the one of the SQLite installation \
             (GCM_SECRET_KEY_FILE=<its data directory>/secret.key); both ends need the same"
        )));
    }
    let target = Store::open(&database(settings, Access::Migrate), Clock::system()).await?;
    let started = Instant::now();
    let tables = transfer::transfer(&source, &target, &mut told).await?;
    source.close().await?;
    let found = verify::verify(&target, true, None, |_seq| {}).await?;
    target.close().await?;
    if !found.faults.is_empty() {
        return Err(Failure::Altered(format!(
            "every row arrived as it was, but the record does not prove itself; it did not before, either:\n  {}",
            found.faults.join("\n  ")
        )));
    }
    let seconds = started.elapsed().as_secs_f64();
    say(format!("{} tables and {} changes are over in {seconds:.1} s; the head is {}", tables.len(), found.rows, found.hash))?;
    say(
        "Each table has the rows and the digest that it had, and the chain is whole, bodies included. Start the service on PostgreSQL with the same GCM_SECRET_KEY and GCM_PUBLIC_URL, and put the SQLite file away.",
    )
}

/// For people who wait.
fn told(table: &str, rows: u64) {
    let _unheard = writeln!(std::io::stderr(), "  {table:28} {rows} rows");
}
