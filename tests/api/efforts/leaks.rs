//! Drafts and returned efforts through every door: they are there for their organization and the lead ministry, and for nobody else in any way.

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{EFFORTS, effort, in_state, moved};
use crate::{
    harness::{Bench, Client, Who, both},
    rows::{at, change, column, create, etag, id, with},
};

const READ: &[Scope] = &[Scope::Read, Scope::Write];

fn everybody() -> [Who; 8] {
    let machine = |role, organization| Who::Machine { role, organization, scopes: READ, external_systems: &["grid"] };
    [
        Who::Coordinator,
        Who::FocalPoint("molsw"),
        Who::FocalPoint("moh"),
        Who::NetworkMember("iom"),
        machine(Role::NetworkMember, Some("iom")),
        Who::Reader,
        machine(Role::Reader, None),
        Who::Administrator,
    ]
}

/// DOMAIN 4, by hand: how many of `everybody`, from the top, see an effort of the labour ministry in this state.
const SEEN_BY: [(&str, usize); 5] = [("draft", 2), ("returned", 2), ("reopened", 2), ("submitted", 5), ("accepted", 8)];

#[actix_web::test]
async fn every_door_shows_the_same_to_each_caller() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mut rows = Vec::new();
        for (state, seen_by) in SEEN_BY {
            let row = in_state(&bench, "molsw", &format!("grid {state}"), state).await;
            let named = coordinator.put(format!("{}/external-ids/grid", at(EFFORTS, &row)), json!({"id": state})).expect(200).await.json();
            rows.push((state, seen_by, named));
        }
        for (place, who) in everybody().into_iter().enumerate() {
            let client = bench.sign_in(who).await;
            for (state, seen_by, row) in &rows {
                for (door, seen) in Box::pin(doors(&client, row, state)).await {
                    assert_eq!(seen, place < *seen_by, "{who:?}: {door} of one that is {state}");
                }
            }
        }
    })
    .await;
}

/// Every way to an effort, and whether it was there.
async fn doors(client: &Client, row: &Value, state: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let path = at(EFFORTS, row);
    for path in [
        path.clone(),
        format!("{path}/history"),
        format!("{path}/transitions"),
        format!("{EFFORTS}/by-external-id/grid/{state}"),
        format!("/v1/me/permissions?kind=effort&id={}", id(row)),
    ] {
        let reply = client.get(&path).send().await;
        assert!(matches!(reply.status, 200 | 404), "{path}\n{reply}");
        found.push((path, reply.status == 200));
    }
    let real_state = row["state"].as_str().unwrap();
    let mut lists: Vec<String> =
        ["title", "-title", "created_at", "-created_at", "updated_at", "-updated_at"].map(|sort| format!("sort={sort}")).into();
    lists.extend([
        format!("id={}", id(row)),
        format!("q=grid%20{state}"),
        format!("organization_id={}", row["organization_id"].as_str().unwrap()),
        format!("state={real_state}&implementation=ongoing&kind=programme"),
        "objective_number=6&undated=true".to_owned(),
        "archived=include&include=organizations,objectives".to_owned(),
        "missing_language=lo".to_owned(),
    ]);
    for query in lists {
        let page = client.get(format!("{EFFORTS}?limit=200&with_total=true&{query}")).expect(200).await.json();
        let rows = page["data"].as_array().unwrap();
        assert_eq!(page["page"]["total"], rows.len(), "{query}: the count is that of the rows");
        found.push((query, rows.iter().any(|listed| id(listed) == id(row))));
    }
    let sheet = client.get(format!("{EFFORTS}?format=csv")).expect(200).await;
    found.push(("csv".to_owned(), sheet.text().contains(id(row))));
    // A write finds no other row than a read: moves, changes, ids, archive, alone and among many.
    let tag = etag(row);
    let transition =
        client.post(format!("{path}/transitions?dry_run=true"), json!({"to": real_state})).header("If-Match", &tag).send().await;
    let patch = client.patch(format!("{path}?dry_run=true"), &tag, json!({"kind": "law"})).send().await;
    let stale = client.patch(format!("{path}?dry_run=true"), "\"999\"", json!({"kind": "law"})).send().await;
    let archive = client.post_if(format!("{path}/archive?dry_run=true"), &tag).send().await;
    let named = client.put(format!("{path}/external-ids/grid?dry_run=true"), json!({"id": "other"})).send().await;
    for (door, reply) in
        [("transition", transition), ("patch", patch), ("stale patch", stale), ("archive", archive), ("external id", named)]
    {
        assert!(matches!(reply.status, 200 | 403 | 404 | 409 | 412), "{door}\n{reply}");
        found.push((door.to_owned(), reply.status != 404));
    }
    found
}

#[actix_web::test]
async fn what_was_hidden_at_its_time_stays_hidden_when_the_row_is_accepted() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let molsw = bench.organization("molsw").await;
        let secret = with(effort(&molsw, "Secret one"), json!({"budget": {"amount": "666", "currency": "LAK"}}));
        let draft = create(&owner, EFFORTS, secret).await;
        let row = change(&owner, EFFORTS, &draft, json!({"title": {"en": "Second"}, "budget": null})).await;
        let row = moved(&owner, &row, "submitted").await;
        let path = format!("{}/transitions", at(EFFORTS, &row));
        let sent = json!({"to": "returned", "reason": "Secret reason"});
        let row = coordinator.post(&path, sent).header("If-Match", etag(&row)).expect(200).await.json();
        let row = change(&owner, EFFORTS, &row, json!({"title": {"en": "Third"}})).await;
        let row = moved(&owner, &row, "submitted").await;
        let row = moved(&coordinator, &row, "accepted").await;
        let row = moved(&owner, &row, "draft").await;
        let row = change(&owner, EFFORTS, &row, json!({"challenges": {"en": "Secret trouble"}})).await;
        let row = change(&owner, EFFORTS, &row, json!({"challenges": null})).await;
        let row = moved(&owner, &row, "submitted").await;
        moved(&coordinator, &row, "accepted").await;
        // By revision, the newest first: whose it is sees all, the country what was submitted, the others what was accepted.
        let (organization, country, all) = ([1, 2, 4, 5, 8, 9, 10], [3, 6, 11], [7, 12]);
        for (who, seen) in [
            (Who::FocalPoint("molsw"), [organization.as_slice(), &country, &all].concat()),
            (Who::FocalPoint("moh"), [country.as_slice(), &all].concat()),
            (Who::Reader, all.to_vec()),
        ] {
            let client = bench.sign_in(who).await;
            let told = client.get(format!("{}/history", at(EFFORTS, &row))).expect(200).await;
            let history = told.json();
            for entry in history["data"].as_array().unwrap() {
                let revision = entry["revision"].as_i64().unwrap();
                let shown = seen.contains(&revision);
                assert_eq!((entry["withheld"] == false, entry["body"].is_object()), (shown, shown), "{who:?} {revision}");
                let both = shown && (revision == 1 || seen.contains(&(revision - 1)));
                assert!(both || entry["changed"] == json!([]), "{who:?} {revision}: what changed tells what was before");
                assert!(shown || (entry["actor"].is_null() && entry["reason"].is_null()), "{who:?} {revision}");
            }
            let moves = client.get(&path).expect(200).await;
            let told = format!("{}{}", told.text(), moves.text());
            assert_eq!(told.contains("Secret"), who == Who::FocalPoint("molsw"), "{who:?}");
            assert_eq!(told.contains("666"), who == Who::FocalPoint("molsw"), "{who:?}");
            let moves = moves.json();
            let expected: Vec<i64> = [12, 11, 8, 7, 6, 4, 3].into_iter().filter(|revision| seen.contains(revision)).collect();
            assert_eq!(
                moves["data"].as_array().unwrap().iter().map(|made| made["revision"].as_i64().unwrap()).collect::<Vec<_>>(),
                expected
            );
            // Where it came from is told to whoever saw it there.
            for made in moves["data"].as_array().unwrap() {
                let before = made["revision"].as_i64().unwrap() - 1;
                assert_eq!(made["from"].is_string(), seen.contains(&before), "{who:?} {made}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_kept_answer_never_outlives_the_right_to_see_it() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        let row = in_state(&bench, "molsw", "Kept", "accepted").await;
        let asked = async |client: &Client| {
            let listed = column(&client.get(format!("{EFFORTS}?state=accepted")).expect(200).await.json(), "id").len();
            (listed, client.get(at(EFFORTS, &row)).send().await.status)
        };
        assert_eq!((asked(&reader).await, asked(&owner).await), ((1, 200), (1, 200)));
        moved(&owner, &row, "draft").await;
        assert_eq!((asked(&reader).await, asked(&owner).await), ((0, 404), (0, 200)));
        let tag = etag(&row);
        assert_eq!(reader.get(at(EFFORTS, &row)).header("If-None-Match", &tag).send().await.status, 404);
    })
    .await;
}

/// Somebody of the ministry who left for another one sees what the other one sees.
#[actix_web::test]
async fn whose_drafts_somebody_sees_goes_by_whom_they_speak_for_now() {
    both(async |bench: Bench| {
        let draft = in_state(&bench, "molsw", "Draft", "draft").await;
        let administrator = bench.sign_in(Who::Administrator).await;
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        let path = format!("/v1/accounts/{}", owner.account_id());
        let account = administrator.get(&path).expect(200).await;
        let moh = bench.organization("moh").await;
        administrator.patch(&path, account.etag(), json!({"organization_id": id(&moh)})).expect(200).await;
        owner.get(at(EFFORTS, &draft)).expect(404).await;
    })
    .await;
}
