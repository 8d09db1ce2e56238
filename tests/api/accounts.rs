//! Accounts of people and machines over the API, and erasing who is behind them.

mod administrators;
mod erasure;
mod invitations;
mod links;
mod machines;
mod names;

use serde_json::{Value, json};

use crate::harness::{Bench, Client, Reply};

const ACCOUNTS: &str = "/v1/accounts";

/// The body that invites a person.
async fn invitation(bench: &Bench, username: &str, role: &str, organization: Option<&str>) -> Value {
    let organization_id = match organization {
        None => Value::Null,
        Some(code) => bench.organization(code).await["id"].clone(),
    };
    json!({"username": username, "display_name": format!("Test {username}"), "role": role, "organization_id": organization_id, "locale": "en"})
}

/// An account as it is now, with its ETag.
async fn account(administrator: &Client, id: &str) -> (Value, String) {
    let reply = administrator.get(format!("{ACCOUNTS}/{id}")).expect(200).await;
    (reply.json(), reply.etag())
}

/// Moves an account as it is now.
async fn transition(administrator: &Client, id: &str, to: &str) -> Reply {
    let (_, etag) = account(administrator, id).await;
    let body = json!({"to": to, "reason": "For the test"});
    administrator.post(format!("{ACCOUNTS}/{id}/transitions"), body).header("If-Match", etag).send().await
}

/// Changes an account as it is now.
async fn patch(administrator: &Client, id: &str, changes: Value) -> Reply {
    let (_, etag) = account(administrator, id).await;
    administrator.patch(format!("{ACCOUNTS}/{id}"), etag, changes).send().await
}

fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Every value of every table, as text; what is no text stands as hexadecimal bytes.
pub async fn everything(bench: &Bench) -> String {
    use gcm_api::store::Engine;

    let tables = match bench.engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Engine::Postgres => {
            "SELECT c.relname::text AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
        }
    };
    let mut all = String::new();
    for table in bench.rows(tables).await {
        let table = table["name"].as_str().unwrap();
        let cells = match bench.engine {
            Engine::Postgres => format!("SELECT t::text AS cells FROM {table} t"),
            Engine::Sqlite => {
                let columns = bench.rows(&format!("SELECT name FROM pragma_table_info('{table}')")).await;
                let quoted: Vec<_> = columns.iter().map(|column| format!("quote(\"{}\")", column["name"].as_str().unwrap())).collect();
                format!("SELECT {} AS cells FROM {table}", quoted.join(" || ' ' || "))
            }
        };
        for row in bench.rows(&cells).await {
            all.push_str(&format!("{table}: {}\n", row["cells"].as_str().unwrap_or_default()));
        }
    }
    all
}
