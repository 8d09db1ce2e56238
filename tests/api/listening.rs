//! Two processes on one PostgreSQL: what one acknowledged, the other answers with a quarter of a second later at the latest, and at once when it cannot
//! hear.

use std::time::{Duration, Instant};

use gcm_api::store::Engine;
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, at},
};

const BOUND: Duration = Duration::from_millis(250);
const LISTENERS: &str = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gcm-api listen'";

async fn listeners(bench: &Bench) -> usize {
    bench.rows(&format!("SELECT pid {LISTENERS}")).await.len()
}

/// Writes by one process; gives what was written, and when it was acknowledged.
async fn write(client: &Client, row: &Value, round: u32) -> (Value, Instant) {
    let now = client.get(at(ORGANIZATIONS, row)).expect(200).await;
    let acronym = format!("R{round}");
    client.patch(at(ORGANIZATIONS, row), now.etag(), json!({"acronym": acronym})).expect(200).await;
    (json!(acronym), Instant::now())
}

async fn told(client: &Client, row: &Value) -> Value {
    client.get(at(ORGANIZATIONS, row)).expect(200).await.json()["acronym"].clone()
}

#[actix_web::test]
async fn what_one_process_wrote_the_other_tells_within_the_bound() {
    both(async |bench| {
        let twin = bench.twin().await;
        let (here, there) = (bench.sign_in(Who::Coordinator).await, twin.sign_in(Who::Reader).await);
        let moh = bench.organization("moh").await;
        for round in 0..300 {
            let (new, acknowledged) = write(&here, &moh, round).await;
            loop {
                let asked = Instant::now();
                if told(&there, &moh).await == new {
                    break;
                }
                assert!(
                    asked.duration_since(acknowledged) < BOUND,
                    "round {round}: asked {:?} after it was acknowledged",
                    asked - acknowledged
                );
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_process_that_cannot_hear_asks() {
    both(async |bench| {
        if bench.engine != Engine::Postgres {
            return;
        }
        let twin = bench.twin().await;
        let (here, there) = (bench.sign_in(Who::Coordinator).await, twin.sign_in(Who::Reader).await);
        let moh = bench.organization("moh").await;
        while listeners(&bench).await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for round in 0..50 {
            if listeners(&bench).await > 0 {
                bench.rows(&format!("SELECT pg_terminate_backend(pid) {LISTENERS}")).await;
                // The word that a connection is cut travels, too; nothing is trusted for longer than this.
                tokio::time::sleep(BOUND).await;
            }
            let (new, _) = write(&here, &moh, round).await;
            assert_eq!(told(&there, &moh).await, new, "round {round}");
        }
        // It is heard again by itself.
        while listeners(&bench).await < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}
