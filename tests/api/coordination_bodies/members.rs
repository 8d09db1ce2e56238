//! Rows below a row: found below their own body only, one open membership for each organization.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{BODIES, body, restore};
use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

/// A new body, and the address of its members.
async fn fresh(client: &Client, name: &str) -> (Value, String) {
    let row = create(client, BODIES, body(name)).await;
    let members = format!("{}/members", at(BODIES, &row));
    (row, members)
}

async fn member(bench: &Bench, code: &str) -> Value {
    json!({"organization_id": bench.organization(code).await["id"], "role": "member"})
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[actix_web::test]
async fn a_member_joins_changes_leaves_and_is_archived_below_its_body() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let (of, members) = fresh(&coordinator, "Group").await;
        let made = coordinator.post(&members, member(&bench, "molsw").await).expect(201).await;
        let row = made.json();
        let path = format!("{members}/{}", id(&row));
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(path.as_str()), "\"1\""));
        assert_eq!((&row["body_id"], &row["joined_on"], &row["left_on"]), (&of["id"], &Value::Null, &Value::Null));
        assert_eq!(reader.get(&path).expect(200).await.json(), row);
        let row = change(&coordinator, &members, &row, json!({"role": "secretariat", "joined_on": "2024-08-20"})).await;
        let row = change(&coordinator, &members, &row, json!({"left_on": "2026-11-01"})).await;
        let expected = json!({"role": "secretariat", "joined_on": "2024-08-20", "left_on": "2026-11-01", "revision": 3, "updated_at": row["updated_at"]});
        assert_eq!(row, with(made.json(), expected));
        let archived = archive(&coordinator, &members, &row).await;
        assert_eq!(coordinator.patch(&path, etag(&archived), json!({"role": "member"})).expect(409).await.code(), "archived");
        assert_eq!(restore(&coordinator, &members, &archived).await.status, 200);
        let history = reader.get(format!("{path}/history")).expect(200).await.json();
        let ops: Vec<_> = column(&history, "op").into_iter().collect();
        assert_eq!(ops, ["restore", "archive", "update", "update", "create"]);
        // All of it left the body as it was.
        assert_eq!(reader.get(at(BODIES, &of)).expect(200).await.json(), of);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_member_of_another_body_is_not_there() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (_, members) = fresh(&coordinator, "One").await;
        let (_, others) = fresh(&coordinator, "Other").await;
        let row = create(&coordinator, &members, member(&bench, "molsw").await).await;
        for wrong in [format!("{others}/{}", id(&row)), format!("{BODIES}/{}/members/{}", id(&row), id(&row))] {
            for call in [
                coordinator.get(&wrong),
                coordinator.get(format!("{wrong}/history")),
                coordinator.patch(&wrong, "*", json!({"role": "observer"})),
                coordinator.post_if(format!("{wrong}/archive"), "*"),
                coordinator.post_if(format!("{wrong}/restore"), "*"),
                coordinator.put(format!("{wrong}/external-ids/mims"), json!({"id": "M-1"})),
                coordinator.delete(format!("{wrong}/external-ids/mims"), "*"),
            ] {
                assert_eq!(call.expect(404).await.code(), "not_found");
            }
        }
        assert_eq!(coordinator.get(&others).expect(200).await.json()["data"], json!([]));
        // Of a body that is not there, nothing is listed and nothing entered; whoever may not write hears that first of one that is.
        let nowhere = format!("{BODIES}/{}/members", uuid::Uuid::now_v7());
        let reader = bench.sign_in(Who::Reader).await;
        for call in [reader.get(&nowhere), coordinator.post(&nowhere, member(&bench, "mps").await), reader.post(&nowhere, json!({}))] {
            assert_eq!(call.expect(404).await.code(), "not_found");
        }
        assert_eq!(reader.post(&members, json!({})).expect(403).await.code(), "forbidden");
        assert_eq!(coordinator.get(format!("{members}/{}", id(&row))).expect(200).await.json(), row);
    })
    .await;
}

#[actix_web::test]
async fn an_organization_is_an_open_member_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (_, members) = fresh(&coordinator, "Once").await;
        let (_, others) = fresh(&coordinator, "Elsewhere").await;
        let sent = member(&bench, "molsw").await;
        let first = create(&coordinator, &members, sent.clone()).await;
        let taken = |reply: Reply| (reply.status, reply.code(), reply.json()["params"].clone());
        let expected =
            |row: &Value| (409, "membership_open".to_owned(), json!({"organization_id": row["organization_id"], "id": row["id"]}));
        assert_eq!(taken(coordinator.post(&members, &sent).send().await), expected(&first));
        create(&coordinator, &others, sent.clone()).await;
        // One that is over does not count; nor does the row itself.
        let past = create(&coordinator, &members, with(sent.clone(), json!({"joined_on": "2020-01-01", "left_on": "2021-01-01"}))).await;
        let first = change(&coordinator, &members, &first, json!({"role": "observer", "left_on": null})).await;
        let path = |row: &Value| format!("{members}/{}", id(row));
        assert_eq!(taken(coordinator.patch(path(&past), "\"1\"", json!({"left_on": null})).send().await), expected(&first));
        let guest = create(&coordinator, &members, member(&bench, "mps").await).await;
        let become_first = json!({"organization_id": sent["organization_id"]});
        assert_eq!(taken(coordinator.patch(path(&guest), "\"1\"", &become_first).send().await), expected(&first));
        // It leaves and comes back; an archived membership does not come back beside the new one.
        let archived = archive(&coordinator, &members, &first).await;
        let second = create(&coordinator, &members, sent).await;
        assert_eq!(taken(restore(&coordinator, &members, &archived).await), expected(&second));
        change(&coordinator, &members, &second, json!({"left_on": "2026-11-23"})).await;
        assert_eq!(restore(&coordinator, &members, &archived).await.status, 200);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn of_many_who_enter_one_organization_at_once_one_wins() {
    both(async |bench| {
        let twin = bench.twin().await;
        let (here, there) = (bench.sign_in(Who::Coordinator).await, twin.sign_in(Who::Coordinator).await);
        let (_, members) = fresh(&here, "Contended").await;
        let sent = member(&bench, "molsw").await;
        let replies = join_all((0..20).map(|n| [&here, &there][n % 2].post(&members, &sent).send())).await;
        assert_eq!((count(&replies, 201), count(&replies, 409)), (1, 19));
        let winner = replies.iter().find(|reply| reply.status == 201).unwrap().json();
        for loser in replies.iter().filter(|reply| reply.status == 409) {
            assert_eq!((loser.code().as_str(), &loser.json()["params"]["id"]), ("membership_open", &winner["id"]));
        }
        assert_eq!(here.get(&members).expect(200).await.json()["data"], json!([winner]));
        // Sent again under one key it is the same row.
        let sent = member(&bench, "mps").await;
        let replies = join_all((0..5).map(|_| here.post(&members, &sent).header("Idempotency-Key", "join-once").send())).await;
        assert_eq!(count(&replies, 201), 5);
        let ids: std::collections::BTreeSet<_> = replies.iter().map(|reply| id(&reply.json()).to_owned()).collect();
        assert_eq!(ids.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn nobody_joins_a_body_that_is_archived() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (of, members) = fresh(&coordinator, "Closing").await;
        let past = create(&coordinator, &members, with(member(&bench, "molsw").await, json!({"left_on": "2026-01-01"}))).await;
        let mistake = create(&coordinator, &members, member(&bench, "mps").await).await;
        let mistake = archive(&coordinator, &members, &mistake).await;
        let of = archive(&coordinator, BODIES, &of).await;
        for call in [
            coordinator.post(&members, member(&bench, "moh").await),
            coordinator.patch(format!("{members}/{}", id(&past)), etag(&past), json!({"left_on": null})),
            coordinator.post_if(format!("{members}/{}/restore", id(&mistake)), etag(&mistake)),
        ] {
            assert_eq!(call.expect(409).await.code(), "archived");
        }
        // What it was stays to be read.
        let listed = coordinator.get(format!("{members}?archived=include")).expect(200).await.json();
        let listed: std::collections::BTreeSet<_> = column(&listed, "id").into_iter().collect();
        assert_eq!(listed, [id(&past), id(&mistake)].into());
        assert_eq!(restore(&coordinator, BODIES, &of).await.status, 200);
        coordinator.post(&members, member(&bench, "moh").await).expect(201).await;
    })
    .await;
}

#[actix_web::test]
async fn a_body_is_never_archived_with_someone_who_joins_meanwhile() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let sent = member(&bench, "molsw").await;
        let mut won = [0, 0];
        for round in 0..20 {
            let (of, members) = fresh(&coordinator, &format!("Race {round}")).await;
            let close = coordinator.post_if(format!("{}/archive", at(BODIES, &of)), "\"1\"").send();
            let enter = coordinator.post(&members, &sent).send();
            let (closed, entered) = if round % 2 == 0 {
                join(close, enter).await
            } else {
                let (entered, closed) = join(enter, close).await;
                (closed, entered)
            };
            let codes = [&closed, &entered].map(|reply| if reply.status < 300 { String::new() } else { reply.code() });
            match codes.each_ref().map(String::as_str) {
                ["", "archived"] => won[0] += 1,
                ["has_dependants", ""] => won[1] += 1,
                other => panic!("round {round}: {other:?}"),
            }
        }
        assert!(won.iter().sum::<u32>() == 20 && won.iter().all(|times| *times > 0), "{won:?}");
    })
    .await;
}

#[actix_web::test]
async fn everything_that_is_wrong_with_a_member_is_told_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (_, members) = fresh(&coordinator, "Careful").await;
        let ended = bench.organization("mpi").await;
        let sent = json!({"organization_id": ended["id"], "role": "member", "joined_on": "2025-01-01", "left_on": "2025-01-01"});
        let expected = set([("#/organization_id", "reference_archived"), ("#/left_on", "period_reversed")]);
        assert_eq!(faults(&coordinator.post(&members, sent.clone()).expect(422).await), expected);
        let unknown = with(sent, json!({"organization_id": uuid::Uuid::now_v7(), "left_on": null}));
        assert_eq!(faults(&coordinator.post(&members, unknown).expect(422).await), set([("#/organization_id", "reference_unknown")]));
        let refused = coordinator.post(&members, json!({"role": "chair", "body_id": ended["id"]})).expect(422).await;
        let expected = set([("#/organization_id", "required"), ("#/role", "unknown_value"), ("#/body_id", "unknown_field")]);
        assert_eq!(faults(&refused), expected);
        // An organization that ends later stays a member until somebody says otherwise; it holds a duty, and is not archived with it.
        let ending = create(&coordinator, ORGANIZATIONS, organization("leaving")).await;
        let row = create(&coordinator, &members, json!({"organization_id": ending["id"], "role": "member"})).await;
        let refused = coordinator.post_if(format!("{}/archive", at(ORGANIZATIONS, &ending)), "\"1\"").expect(409).await;
        assert_eq!(refused.json()["params"]["what"], "body_membership: 1");
        change(&coordinator, ORGANIZATIONS, &ending, json!({"valid_to": "2026-11-23"})).await;
        let row = change(&coordinator, &members, &row, json!({"role": "observer"})).await;
        // Sent back whole with what only the server sets it is no change; in another body it cannot be put so.
        let same = coordinator.patch(format!("{members}/{}", id(&row)), etag(&row), &row).expect(200).await.json();
        assert_eq!(same, row);
        let moved = with(row.clone(), json!({"body_id": uuid::Uuid::now_v7()}));
        let refused = coordinator.patch(format!("{members}/{}", id(&row)), etag(&row), moved).expect(422).await;
        assert_eq!(faults(&refused), set([("#/body_id", "read_only_field")]));
    })
    .await;
}

#[actix_web::test]
async fn members_are_found_by_each_filter_within_their_body() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (_, members) = fresh(&coordinator, "Filtered").await;
        let (_, others) = fresh(&coordinator, "Other").await;
        for (code, more) in [
            ("molsw", json!({"joined_on": "2020-01-01", "left_on": "2026-11-23"})),
            ("mps", json!({"joined_on": "2026-11-23", "role": "secretariat"})),
            ("moh", json!({"joined_on": "2026-11-24", "role": "observer"})),
            ("moj", json!({})),
        ] {
            let sent = with(member(&bench, code).await, more);
            create(&coordinator, &members, sent.clone()).await;
            create(&coordinator, &others, sent).await;
            bench.clock().advance(std::time::Duration::from_secs(1));
        }
        let mut codes = std::collections::BTreeMap::new();
        for code in ["molsw", "mps", "moh", "moj"] {
            codes.insert(id(&bench.organization(code).await).to_owned(), code);
        }
        let reader = bench.sign_in(Who::Reader).await;
        let found = async |query: &str| -> Vec<&str> {
            let page = reader.get(format!("{members}?{query}")).expect(200).await.json();
            column(&page, "organization_id").into_iter().map(|id| codes[id]).collect()
        };
        let moh = bench.organization("moh").await;
        for (query, expected) in [
            ("sort=created_at", vec!["molsw", "mps", "moh", "moj"]),
            ("sort=-updated_at", vec!["moj", "moh", "mps", "molsw"]),
            ("current=true", vec!["mps", "moj"]),
            ("current=false", vec!["molsw", "moh"]),
            (&format!("organization_id={}", id(&moh)), vec!["moh"]),
            ("role=secretariat,observer", vec!["mps", "moh"]),
            ("joined_on_from=2026-11-23", vec!["mps", "moh"]),
            ("joined_on_to=2026-11-23", vec!["molsw", "mps"]),
            ("left_on_from=2026-11-23&left_on_to=2026-11-23", vec!["molsw"]),
            ("left_on_from=2026-11-24", vec![]),
            ("provenance=public_source", vec![]),
        ] {
            assert_eq!(found(query).await, expected, "{query}");
        }
        let page = reader.get(format!("{members}?limit=3&with_total=true&include=organizations")).expect(200).await.json();
        assert_eq!((&page["page"]["total"], page["included"]["organizations"].as_array().unwrap().len()), (&json!(4), 3));
        // A cursor is good in its own body only.
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        assert_eq!(column(&reader.get(format!("{members}?cursor={cursor}")).expect(200).await.json(), "id").len(), 1);
        assert_eq!(reader.get(format!("{others}?cursor={cursor}")).expect(400).await.code(), "cursor_mismatch");
        let sheet = reader.get(format!("{members}?format=csv")).expect(200).await;
        assert_eq!(sheet.header("content-disposition"), Some("attachment; filename=\"members.csv\""));
        assert_eq!(sheet.text().lines().count(), 5);
    })
    .await;
}

#[actix_web::test]
async fn a_member_is_known_by_the_ids_of_other_systems() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (_, members) = fresh(&coordinator, "Known").await;
        let row = create(&coordinator, &members, member(&bench, "molsw").await).await;
        let other = create(&coordinator, &members, member(&bench, "mps").await).await;
        let named = |row: &Value| format!("{members}/{}/external-ids/mims", id(row));
        let row = coordinator.put(named(&row), json!({"id": "M-1"})).expect(200).await.json();
        assert_eq!((&row["external_ids"], &row["revision"]), (&json!([{"system": "mims", "id": "M-1"}]), &json!(2)));
        assert_eq!(coordinator.put(named(&other), json!({"id": "M-1"})).expect(403).await.code(), "external_id_taken");
        let row = coordinator.delete(named(&row), etag(&row)).expect(200).await.json();
        assert_eq!(row["external_ids"], json!([]));
        coordinator.put(named(&other), json!({"id": "M-1"})).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}
