//! `gcm-bench load`: a large record that verifies, written past the service.
//!
//! Bodies come from the service's own entity, so that they are what it would write; digests, hashes and the order of the log are made here by
//! the rule in the head of `src/store/change_log.rs`, so that `gcm-api audit verify` checks two programs against each other.

pub mod chain;
mod postgres;
pub mod rows;
mod sqlite;

use std::{thread, time::Instant};

use chain::{Chain, Entry};
use clap::Args;
use gcm_api::{
    clock::Clock,
    entity::organization::{Entity, Model},
    store::{Options, Store, Tracked},
    text::fold,
};
use rows::Plan;
use tokio::sync::mpsc::{Receiver, channel};

use crate::{Outcome, say};

#[derive(Args)]
pub struct Load {
    /// `sqlite:<path>` or `postgres://…`; an empty database.
    #[arg(long)]
    url: String,
    /// How many organizations.
    #[arg(long)]
    organizations: u64,
    /// How many changes of them in all; at least one each.
    #[arg(long)]
    changes: u64,
}

#[derive(Args)]
pub struct IndexTexts {
    /// `sqlite:<path>`; PostgreSQL keeps such an index by itself.
    #[arg(long)]
    url: String,
    /// The kind of the rows, none of which is in the index yet.
    #[arg(long)]
    kind: String,
}

impl IndexTexts {
    pub fn run(self) -> Outcome {
        let count =
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(sqlite::index_texts(&self.url, &self.kind))?;
        say(format_args!("{count} texts"));
        Ok(())
    }
}

/// How many rows one statement or one part of a COPY holds.
const BATCH: usize = 1_000;

/// One organization, with what stands beside its row.
pub struct Organization {
    pub row: Model,
    /// The number of its text in the table of searched texts.
    pub doc: i64,
    pub folded: String,
}

/// A database that is being filled.
trait Target {
    async fn changes(&mut self, batch: Vec<Entry>) -> Outcome;
    async fn organizations(&mut self, batch: Vec<Organization>) -> Outcome;
    /// Sets the head, makes the indexes again and settles everything.
    async fn finish(self, seq: i64, hash: &str) -> Outcome;
}

impl Load {
    pub fn run(self) -> Outcome {
        if self.organizations == 0 || self.changes < self.organizations {
            return Err("at least one organization, and at least one change for each".into());
        }
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(self.load())
    }

    async fn load(self) -> Outcome {
        let options = Options { url: self.url.clone(), readers: 1, access: gcm_api::store::Access::Migrate };
        let store = Store::open(&options, Clock::system()).await?;
        let head = store.head().await?;
        store.close().await?;
        if head != 0 {
            return Err(format!("the database is not empty: its change log stands at {head}").into());
        }
        let plan = Plan { organizations: self.organizations, changes: self.changes };
        match self.url.starts_with("sqlite:") {
            true => fill(plan, sqlite::Target::open(&self.url).await?).await,
            false => fill(plan, postgres::Target::open(&self.url).await?).await,
        }
    }
}

async fn fill(plan: Plan, mut target: impl Target) -> Outcome {
    let started = Instant::now();
    let (mut entries, chained) = log_of(plan);
    let mut count = 0;
    while let Some(batch) = entries.recv().await {
        count += batch.len();
        target.changes(batch).await?;
        progress("changes", count, started);
    }
    let (seq, hash) = chained.join().map_err(|_panic| "the log could not be made")??;

    let (mut organizations, mut count) = (organizations_of(plan), 0);
    while let Some(batch) = organizations.recv().await {
        let batch = batch?;
        count += batch.len();
        target.organizations(batch).await?;
        progress("organizations", count, started);
    }
    say(format_args!("  {:6.1} s  indexes", started.elapsed().as_secs_f64()));
    target.finish(seq, &hash).await?;
    let seconds = started.elapsed().as_secs_f64();
    say(format_args!("{} organizations and {seq} changes in {seconds:.1} s ({:.1} min)", plan.organizations, seconds / 60.0));
    Ok(())
}

fn progress(what: &str, count: usize, started: Instant) {
    if count.is_multiple_of(100_000) {
        say(format_args!("  {:6.1} s  {count} {what}", started.elapsed().as_secs_f64()));
    }
}

/// Gives the number and the hash of the last change.
type Chained = thread::JoinHandle<Outcome<(i64, String)>>;

/// Makes the log on a thread of its own while the database writes.
fn log_of(plan: Plan) -> (Receiver<Vec<Entry>>, Chained) {
    let (send, receive) = channel(8);
    let made = thread::spawn(move || {
        let mut chain = Chain::default();
        let mut batch = Vec::with_capacity(BATCH);
        for (index, revision) in plan.log() {
            let row = plan.row(index, revision)?;
            batch.push(chain.append(&row, plan.lead_ministry())?);
            if batch.len() == BATCH {
                send.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))?;
            }
        }
        send.blocking_send(batch)?;
        Ok(chain.head())
    });
    (receive, made)
}

fn organizations_of(plan: Plan) -> Receiver<Outcome<Vec<Organization>>> {
    let (send, receive) = channel(8);
    thread::spawn(move || {
        let mut index = 0;
        while index < plan.organizations {
            let end = plan.organizations.min(index + BATCH as u64);
            let batch = (index..end).map(|index| organization(plan, index)).collect();
            if send.blocking_send(batch).is_err() {
                return;
            }
            index = end;
        }
    });
    receive
}

fn organization(plan: Plan, index: u64) -> Outcome<Organization> {
    let row = plan.row(index, plan.revisions(index))?;
    let folded = fold(&Entity::search_text(&row));
    Ok(Organization { doc: i64::try_from(index + 1)?, folded, row })
}
