//! What changes about an account counts from the next request on, in every process.

use std::time::Duration;

use futures_util::future::{join_all, join3};
use gcm_api::{
    auth::{Role, Scope},
    features::access::keys::{Turn, Turned},
    store::{Intent, Origin},
};
use serde_json::json;

use super::{form, is_in, refresh, refreshed, refused, sign_in, tokens};
use crate::{
    harness::{Bench, PASSWORD, Who, both},
    rows::ORGANIZATIONS,
    tokens::endpoint::MACHINE,
};

#[actix_web::test]
async fn an_account_that_is_locked_or_archived_cannot_refresh() {
    both(async |bench| {
        let twin = bench.twin().await;
        let administrator = bench.sign_in(Who::Administrator).await;
        for to in ["locked", "archived"] {
            let name = format!("to-be-{to}");
            let account = bench.person(&name, Role::Reader, None).await.account_id();
            let before = tokens(&bench, &name).await;
            assert!(is_in(&before.client(&twin)).await);
            let path = format!("/v1/accounts/{account}/transitions");
            administrator.post(&path, json!({"to": to, "reason": "Left"})).header("if-match", "*").expect(200).await;
            assert!(!is_in(&before.client(&twin)).await && !is_in(&before.client(&bench)).await);
            refused(refresh(&twin, &before.refresh), "invalid_grant").await;
            refused(sign_in(&twin, &name, PASSWORD), "invalid_grant").await;
            if to == "locked" {
                administrator.post(&path, json!({"to": "active", "reason": "Back"})).header("if-match", "*").expect(200).await;
                assert!(!is_in(&before.client(&twin)).await, "the sessions from before are over");
                refused(refresh(&bench, &before.refresh), "invalid_grant").await;
                tokens(&twin, &name).await;
            }
        }
    })
    .await;
}

/// Past the service: there is no operation for it here, and what the door reads is the row.
async fn set(bench: &Bench, table: &str, what: &str, name: &str) {
    let column = if table == "account" { "username" } else { "name" };
    assert_eq!(bench.sql(&format!("UPDATE {table} SET {what} WHERE {column} = '{name}'")).await, 1);
}

#[actix_web::test]
async fn a_changed_role_counts_at_the_next_request() {
    both(async |bench| {
        let twin = bench.twin().await;
        bench.person("riser", Role::Reader, None).await;
        let mut now = tokens(&bench, "riser").await;
        let write = async |now: &super::Tokens| {
            let body = json!({"kind": "state_body", "code": "riser", "name": {"en": "Riser"}});
            now.client(&twin).post(format!("{ORGANIZATIONS}?dry_run=true"), body).send().await.status
        };
        assert_eq!(write(&now).await, 403);
        let mofa = bench.organization("mofa").await["id"].as_str().unwrap().replace('-', "");
        let id = if bench.engine == gcm_api::store::Engine::Sqlite { format!("X'{mofa}'") } else { format!("'{mofa}'") };
        set(&bench, "account", &format!("role = 'coordinator', organization_id = {id}"), "riser").await;
        assert_eq!(write(&now).await, 201);
        now = refreshed(&bench, &now).await;
        set(&bench, "account", "role = 'reader'", "riser").await;
        assert_eq!(write(&now).await, 403);
        assert_eq!(now.client(&bench).get("/v1/me").expect(200).await.json()["role"], "reader");
    })
    .await;
}

#[actix_web::test]
async fn an_account_that_speaks_for_no_organization_any_more_is_let_in_nowhere() {
    both(async |bench| {
        let person = bench.sign_in(Who::FocalPoint("moh")).await;
        let before = tokens(&bench, person.name()).await;
        let machine = bench.sign_in(MACHINE).await;
        let (id, secret) = machine.secret();
        set(&bench, "account", "organization_id = NULL", person.name()).await;
        set(&bench, "service_account", "organization_id = NULL", machine.name()).await;
        for client in [&person, &machine, &before.client(&bench)] {
            assert!(!is_in(client).await);
        }
        refused(sign_in(&bench, person.name(), PASSWORD), "invalid_grant").await;
        refused(refresh(&bench, &before.refresh), "invalid_grant").await;
        let pairs = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        assert_eq!(form(&bench, "/v1/auth/token", &pairs).expect(401).await.json()["error"], "invalid_client");
        // Given to another organization, it goes on where it was.
        let mps = bench.organization("mps").await["id"].as_str().unwrap().replace('-', "");
        let id = if bench.engine == gcm_api::store::Engine::Sqlite { format!("X'{mps}'") } else { format!("'{mps}'") };
        set(&bench, "account", &format!("organization_id = {id}"), person.name()).await;
        assert!(is_in(&refreshed(&bench, &before).await.client(&bench)).await);
    })
    .await;
}

#[actix_web::test]
async fn a_secret_that_is_taken_away_or_expires_takes_its_tokens_along() {
    both(async |bench| {
        let twin = bench.twin().await;
        let who = |scopes: &'static [Scope]| Who::Machine { role: Role::Reader, organization: None, scopes, external_systems: &[] };
        let (gone, expired) = (bench.sign_in(who(&[Scope::Read])).await, bench.sign_in(who(&[Scope::Read, Scope::Write])).await);
        let token = async |machine: &crate::harness::Client| {
            let (id, secret) = machine.secret();
            let pairs = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
            form(&bench, "/v1/auth/token", &pairs).expect(200).await.json()["access_token"].as_str().unwrap().to_owned()
        };
        let (one, two) = (token(&gone).await, token(&expired).await);
        assert!(is_in(&twin.with_token(&one)).await && is_in(&twin.with_token(&two)).await);
        let of = |name: &str| format!("service_account_id = (SELECT id FROM service_account WHERE name = '{name}')");
        bench.sql(&format!("DELETE FROM service_secret WHERE {}", of(gone.name()))).await;
        assert!(!is_in(&twin.with_token(&one)).await && !is_in(&bench.with_token(&one)).await);
        assert!(is_in(&twin.with_token(&two)).await, "another machine's secret is another's");
        let soon = bench.clock().now();
        bench.clock().advance(Duration::from_secs(5));
        let soon = if bench.engine == gcm_api::store::Engine::Sqlite { soon.to_string().replace('Z', "+00:00") } else { soon.to_string() };
        bench.sql(&format!("UPDATE service_secret SET expires_at = '{soon}' WHERE {}", of(expired.name()))).await;
        assert!(!is_in(&twin.with_token(&two)).await);
    })
    .await;
}

/// Signing in takes no part in the order of writes: on PostgreSQL it goes on while writers wait for one another.
#[actix_web::test]
async fn nobody_who_signs_in_waits_for_writers() {
    both(async |bench| {
        if bench.engine == gcm_api::store::Engine::Sqlite {
            return;
        }
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (release, held) = tokio::sync::oneshot::channel::<()>();
        let intent = Intent::system(Origin::CommandLine);
        let long = bench.parts.store.write(&intent, async move |_tx| held.await.map_err(gcm_api::problem::Problem::internal));
        let body = |n: usize| json!({"kind": "state_body", "code": format!("waiting-{n}"), "name": {"en": "Waiting"}});
        let waiting = join_all((0..8).map(|n| coordinator.post(ORGANIZATIONS, body(n)).expect(201)));
        let signing_in = async {
            let before = tokens(&bench, coordinator.name()).await;
            for _ in 0..5 {
                assert!(is_in(&refreshed(&bench, &before).await.client(&bench)).await);
            }
            assert_eq!(
                bench.rows("SELECT id FROM organization WHERE code LIKE 'waiting-%'").await.len(),
                0,
                "the writers are still waiting"
            );
            release.send(()).unwrap();
        };
        let (long, _waiting, ()) = join3(Box::pin(long), waiting, signing_in).await;
        long.unwrap();
    })
    .await;
}

/// The token endpoint of a process that has not heard of the turn signs with the new key all the same.
#[actix_web::test]
async fn keys_that_another_process_turned_count_at_the_next_request() {
    both(async |bench| {
        let twin = bench.twin().await;
        let name = bench.sign_in(Who::Reader).await.name().to_owned();
        bench.clock().advance(Duration::from_secs(20 * 60));
        let before = tokens(&bench, &name).await;
        assert!(is_in(&before.client(&twin)).await);
        let Turned::Done { current, .. } = bench.parts.keys.turn(Turn::Asked).await.unwrap() else { panic!("the keys were turned") };
        let after = refreshed(&twin, &before).await;
        let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        assert!(kid(&after.access) == current && kid(&before.access) != current);
        for process in [&bench, &twin] {
            assert!(is_in(&after.client(process)).await && is_in(&before.client(process)).await, "nobody was signed out");
        }
    })
    .await;
}
