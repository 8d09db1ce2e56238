//! Somebody can always let people in, and what an administrator changes counts at once.

use futures_util::future::join;
use gcm_api::auth::Role;
use serde_json::json;

use super::{ACCOUNTS, account, patch, refusal, refused, transition};
use crate::{
    harness::{Bench, Who, both},
    rows::assert_whole,
};

/// How many administrators can sign in.
async fn left(bench: &Bench) -> u64 {
    let query = "SELECT count(*) AS n FROM account WHERE role = 'administrator' AND state = 'active'";
    bench.rows(query).await[0]["n"].as_u64().unwrap()
}

#[actix_web::test]
async fn the_last_administrator_stays_one() {
    both(async |bench| {
        let chief = bench.sign_in(Who::Administrator).await;
        let id = chief.account_id().to_string();
        let last = || refused(409, "last_administrator");
        // Those who cannot sign in do not count, and nor does a machine.
        let locked = bench.person("locked.administrator", Role::Administrator, None).await;
        assert_eq!(transition(&chief, &locked.account_id().to_string(), "locked").await.status, 200);
        let invited = json!({"username": "invited.one", "display_name": "Invited", "role": "administrator", "locale": "en"});
        chief.post(ACCOUNTS, invited).expect(201).await;
        bench
            .sign_in(Who::Machine {
                role: Role::Administrator,
                organization: None,
                scopes: &[gcm_api::auth::Scope::Read],
                external_systems: &[],
            })
            .await;
        let demo = bench.person("demo.administrator", Role::Administrator, None).await;
        let yes = if bench.engine == gcm_api::store::Engine::Sqlite { "1" } else { "true" };
        bench.sql(&format!("UPDATE account SET demo = {yes} WHERE username = '{}'", demo.name())).await;

        for to in ["locked", "archived"] {
            assert_eq!(refusal(&transition(&chief, &id, to).await), last(), "{to}");
        }
        for role in ["reader", "coordinator"] {
            let organization_id = bench.organization("mofa").await["id"].clone();
            let change = json!({"role": role, "organization_id": organization_id});
            assert_eq!(refusal(&patch(&chief, &id, change).await), last(), "{role}");
        }
        let all = json!({"to": "locked", "reason": "x", "items": [{"id": id, "revision": 1}]});
        let told = chief.post(format!("{ACCOUNTS}/transitions"), &all).expect(409).await;
        assert!(told.json()["detail"].as_str().unwrap().contains("last_administrator"), "{told}");
        assert_eq!(patch(&chief, &id, json!({"display_name": "The chief"})).await.status, 200);
        assert_eq!(patch(&chief, &id, json!({"role": "administrator"})).await.status, 200);

        assert_eq!(transition(&chief, &locked.account_id().to_string(), "active").await.status, 200);
        // What was ended when the account was locked stays ended.
        locked.get("/v1/me").expect(401).await;
        let locked = bench.again(&locked).await;
        assert_eq!(patch(&chief, &id, json!({"role": "reader"})).await.status, 200);
        assert_eq!(chief.get("/v1/me").expect(200).await.json()["role"], "reader");
        let heir = locked.account_id().to_string();
        assert_eq!(refusal(&transition(&locked, &heir, "archived").await), last());
    })
    .await;
}

#[actix_web::test]
async fn two_administrators_who_lock_each_other_at_once_leave_one() {
    both(async |bench| {
        let (twin, mut chief) = (bench.twin().await, bench.sign_in(Who::Administrator).await);
        let mut conflicts = 0;
        for round in 0..10 {
            let other = bench.person(&format!("administrator.{round}"), Role::Administrator, None).await;
            let there = twin.with_token(other.token());
            let (ids, etags) = (
                [chief.account_id().to_string(), other.account_id().to_string()],
                [account(&chief, &chief.account_id().to_string()).await.1, "\"1\"".to_owned()],
            );
            let body = match round % 2 {
                0 => json!({"to": "locked", "reason": "Race"}),
                _ => json!({"role": "reader"}),
            };
            let calls = [(&chief, 1), (&there, 0)].map(|(client, victim)| {
                let path = format!("{ACCOUNTS}/{}", ids[victim]);
                match round % 2 {
                    0 => client.post(format!("{path}/transitions"), &body).header("If-Match", &etags[victim]).send(),
                    _ => client.patch(path, &etags[victim], &body).send(),
                }
            });
            let [one, two] = calls;
            let (one, two) = join(one, two).await;
            let winners = [&one, &two].iter().filter(|reply| reply.status == 200).count();
            assert_eq!(winners, 1, "round {round}\n{one}\n{two}");
            let loser = if one.status == 200 { &two } else { &one };
            // Whoever came so late that the token was looked at afterwards is out, or sees no account.
            assert!(matches!(loser.status, 409 | 401 | 404), "round {round}\n{loser}");
            if loser.status == 409 {
                assert_eq!(loser.code(), "last_administrator");
                conflicts += 1;
            }
            assert_eq!(left(&bench).await, 1, "round {round}");
            // The next round begins with the chief in office and the other one out.
            if two.status == 200 {
                let restored = match round % 2 {
                    0 => transition(&other, &ids[0], "active").await,
                    _ => patch(&other, &ids[0], json!({"role": "administrator"})).await,
                };
                assert_eq!(restored.status, 200);
                chief = bench.again(&chief).await;
                assert_eq!(transition(&chief, &ids[1], "locked").await.status, 200);
            }
        }
        assert!(conflicts > 0, "no round was a race");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn two_administrators_in_one_bulk_move_leave_one() {
    both(async |bench| {
        let chief = bench.sign_in(Who::Administrator).await;
        let other = bench.person("administrator.two", Role::Administrator, None).await;
        let items = json!([{"id": chief.account_id(), "revision": 1}, {"id": other.account_id(), "revision": 1}]);
        let body = |atomic: &str| json!({"to": "locked", "reason": "All", "atomic": atomic, "items": items});
        let refused = chief.post(format!("{ACCOUNTS}/transitions"), body("all")).expect(409).await;
        assert_eq!((refused.code().as_str(), left(&bench).await), ("transitions_refused", 2));
        let moved = chief.post(format!("{ACCOUNTS}/transitions"), body("row")).expect(200).await.json();
        let outcomes: Vec<_> = moved["data"].as_array().unwrap().iter().map(|result| result["outcome"].as_str().unwrap()).collect();
        assert_eq!((outcomes, left(&bench).await), (vec!["moved", "failed"], 1));
        assert_eq!(moved["data"][1]["problem"]["code"], "last_administrator");
    })
    .await;
}

#[actix_web::test]
async fn a_changed_account_counts_from_the_next_request_in_every_process() {
    both(async |bench| {
        let (twin, administrator) = (bench.twin().await, bench.sign_in(Who::Administrator).await);
        let person = bench.person("some.one", Role::Reader, None).await;
        let id = person.account_id().to_string();
        let there = twin.with_token(person.token());
        let moh = bench.organization("moh").await;
        let path = format!("/v1/organizations/{}", moh["id"].as_str().unwrap());
        let website = json!({"website": "https://moh.example"});
        for client in [&person, &there] {
            assert_eq!(client.get("/v1/me").expect(200).await.json()["role"], "reader");
            client.patch(format!("{path}?dry_run=true"), "*", &website).expect(403).await;
        }
        assert_eq!(patch(&administrator, &id, json!({"role": "focal_point", "organization_id": moh["id"]})).await.status, 200);
        for client in [&there, &person] {
            let me = client.get("/v1/me").expect(200).await.json();
            assert_eq!((&me["role"], &me["organization_id"]), (&json!("focal_point"), &moh["id"]));
            client.patch(format!("{path}?dry_run=true"), "*", &website).expect(200).await;
        }
        let elsewhere = bench.organization("moj").await["id"].clone();
        assert_eq!(patch(&administrator, &id, json!({"organization_id": elsewhere})).await.status, 200);
        for client in [&there, &person] {
            client.patch(format!("{path}?dry_run=true"), "*", &website).expect(403).await;
        }
        assert_eq!(transition(&administrator, &id, "locked").await.status, 200);
        for client in [&there, &person] {
            client.get("/v1/me").expect(401).await;
        }
        let history = administrator.get(format!("{ACCOUNTS}/{id}/history")).expect(200).await.json();
        assert_eq!(history["data"][2]["changed"], json!(["/organization_id", "/role"]));
    })
    .await;
}
