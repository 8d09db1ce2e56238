//! The restructuring of 2025, as the seed enters it.

use gcm_api::seed;
use serde_json::{Value, json};

use super::{SUCCESSIONS, duties};
use crate::{
    harness::{Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, assert_whole, at, change, column, create, organization, with},
};

#[actix_web::test]
async fn thirteen_ministries_remain_and_2024_still_shows_the_old_ones() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let now = reader.get(format!("{MINISTRIES}?active=true&limit=200")).expect(200).await.json();
        let mut codes = column(&now, "code");
        codes.sort_unstable();
        let expected = ["mae", "mct", "mnd", "moes", "mof", "mofa", "moh", "moic", "moj", "molsw", "mps", "mpwt", "mtc"];
        assert_eq!(codes, expected);
        let then = reader.get(format!("{MINISTRIES}?valid_on=2024-08-20&limit=200")).expect(200).await.json();
        let mut old = column(&then, "code");
        old.sort_unstable();
        let before = [
            "maf", "mem", "mict", "mnd", "moes", "mof", "mofa", "moh", "moha", "moic", "moj", "molsw", "monre", "mpi", "mps", "mpwt", "mtc",
        ];
        assert_eq!(old, before);
    })
    .await;
}

#[actix_web::test]
async fn each_act_is_effective_and_nothing_is_left_in_the_dark() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let acts = reader.get(format!("{SUCCESSIONS}?include=organizations")).expect(200).await.json();
        let rows = acts["data"].as_array().unwrap();
        let mut kinds: Vec<_> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["merge", "merge", "merge", "rename", "split"]);
        assert!(rows.iter().all(|row| row["state"] == "effective" && row["effective_on"] == "2025-03-20"));
        assert!(rows.iter().all(|row| row["provenance"] == "public_source"));
        for code in ["mpi", "mem", "monre", "maf", "moha", "mict"] {
            let row = bench.organization(code).await;
            assert_eq!((&row["valid_to"], &row["archived_at"]), (&Value::from("2025-03-20"), &Value::Null), "{code}");
            assert_eq!(duties(&reader, &row).await, Vec::<Value>::new(), "{code}");
        }
        // Who received civil registration is not known, and that is said.
        let split = rows.iter().find(|row| row["kind"] == "split").unwrap();
        let receivers: Vec<_> = split["functions"].as_array().unwrap().iter().map(|function| function["to_id"].is_null()).collect();
        assert_eq!(receivers, [false, false, true]);
        let renamed = rows.iter().find(|row| row["kind"] == "rename").unwrap();
        let board = bench.organization("party-propaganda-board").await;
        assert_eq!(renamed["functions"][0]["to_id"], board["id"]);
        for (query, found) in [("receiver_id", 1), ("organization_id", 1), ("successor_id", 0), ("predecessor_id", 0)] {
            let page = reader.get(format!("{SUCCESSIONS}?{query}={}", board["id"].as_str().unwrap())).expect(200).await.json();
            assert_eq!(column(&page, "id"), [renamed["id"].as_str().unwrap()].repeat(found), "{query}");
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn the_statistics_bureau_moved_and_its_history_knows_from_where() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let bureau = bench.organization("lsb").await;
        assert_eq!(bureau["parent_id"], bench.organization("mof").await["id"]);
        let history = reader.get(format!("{}/history", at(ORGANIZATIONS, &bureau))).expect(200).await.json();
        let parents: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["body"]["parent_id"].clone()).collect();
        assert_eq!(parents, [bench.organization("mof").await["id"].clone(), bench.organization("mpi").await["id"].clone()]);
        assert_eq!(history["data"][0]["changed"], serde_json::json!(["/parent_id"]));
        let act = reader.get(format!("{SUCCESSIONS}?predecessor_id={}", parents[1].as_str().unwrap())).expect(200).await.json();
        let word = &act["data"][0]["reassignments"][0];
        assert_eq!((&word["kind"], &word["id"], &word["to_id"]), (&Value::from("parent"), &bureau["id"], &parents[0]));
        assert!(history["data"][0]["reason"].as_str().unwrap().contains(act["data"][0]["id"].as_str().unwrap()));
    })
    .await;
}

#[actix_web::test]
async fn seeding_again_changes_nothing() {
    both(async |bench| {
        let before = bench.parts.store.head().await.unwrap();
        let again = Box::pin(seed::seed(&bench.parts.store, &bench.parts.here)).await.unwrap();
        assert_eq!(again, seed::Seeded::default());
        assert_eq!(bench.parts.store.head().await.unwrap(), before);
    })
    .await;
}

/// What the country made of the rows since is the country's: a row under another code is the same row.
#[actix_web::test]
async fn seeding_again_knows_an_institution_by_its_former_code() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for (code, by_now) in [("moh", "mohealth"), ("iom", "iom-lao"), ("mpi", "mpi-2024")] {
            let row = bench.organization(code).await;
            change(&coordinator, ORGANIZATIONS, &row, json!({"code": by_now})).await;
        }
        // The code of one that ended is free for another, which does not end again with it.
        create(&coordinator, ORGANIZATIONS, with(organization("mpi"), json!({"kind": "ministry"}))).await;
        let before = bench.parts.store.head().await.unwrap();
        let again = Box::pin(seed::seed(&bench.parts.store, &bench.parts.here)).await.unwrap();
        assert_eq!(again, seed::Seeded::default());
        assert_eq!(bench.parts.store.head().await.unwrap(), before);
    })
    .await;
}
