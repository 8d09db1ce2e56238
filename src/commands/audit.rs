//! `gcm-api audit`

use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Subcommand;
use gcm_api::{
    app,
    auth::token::SignedHead,
    features::{access::keys::Keys, operations::verify},
    settings::Settings,
    store::Access,
};

use super::database;
use crate::{Failure, say};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Walk the change log and recompute its chain.
    Verify {
        /// Recompute the digest of every body, too, and hold every row against its last change.
        #[arg(long)]
        bodies: bool,
        /// A signed head kept outside: the answer of `GET /v1/audit/head`, or its `signed` alone.
        #[arg(long, value_name = "FILE")]
        anchor: Option<PathBuf>,
    },
}

pub async fn run(command: AuditCommand, settings: &Settings) -> Result<(), Failure> {
    let AuditCommand::Verify { bodies, anchor } = command;
    let store = database::open(settings, Access::Read).await?;
    let anchor = match anchor {
        None => None,
        Some(file) => {
            let keys = Keys::open(store.clone(), app::sealer(settings)?, app::issuer(settings)).await?;
            Some(read_anchor(&file, &keys)?)
        }
    };
    let anchored = anchor.is_some();
    let started = Instant::now();
    let found = verify::verify(&store, bodies, anchor, progress).await?;
    store.close().await?;
    say(format!(
        "{} changes in {:.1} s; the head is {}",
        found.rows,
        started.elapsed().as_secs_f64(),
        if found.hash.is_empty() { "empty" } else { &found.hash }
    ))?;
    if !found.faults.is_empty() {
        return Err(Failure::Altered(format!("the record was altered:\n  {}", found.faults.join("\n  "))));
    }
    say(match anchored {
        true => "The chain is whole and fits the anchor.",
        false => {
            "The chain is whole. Without an anchor kept outside this proves that nothing was altered by accident, not that nobody rewrote all of it."
        }
    })?;
    say(verify::NOT_COVERED)
}

/// Every 100,000 changes a sign of life, for people.
fn progress(seq: i64) {
    if seq % 100_000 == 0 {
        let _unheard = writeln!(std::io::stderr(), "  {seq} changes");
    }
}

fn read_anchor(file: &Path, keys: &Keys) -> Result<(i64, String), Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::Other(format!("{}: {error}", file.display())))?;
    let document: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let signed = document.as_ref().and_then(|document| document.get("signed")?.as_str()).unwrap_or_else(|| text.trim());
    let head = SignedHead::read(&keys.public_keys(), signed);
    let head = head.ok_or_else(|| Failure::Altered(format!("{}: is no head that a key of this instance signed", file.display())))?;
    Ok((head.seq, head.hash))
}
