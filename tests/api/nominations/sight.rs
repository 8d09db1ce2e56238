//! Who sees what was given while the round is open, once it is closed, and when it is opened again.

use gcm_api::store::change_log::Op;
use serde_json::{Value, json};

use super::{NOMINATIONS, give};
use crate::{
    harness::{Bench, Who, both, walk::SYSTEM},
    prioritizations::{ROUNDS, electorate, moved, now, open},
    rows::{assert_whole, at, change, column, id, log_after},
};

const WHO: [Who; 6] =
    [Who::Coordinator, Who::FocalPoint("moh"), Who::FocalPoint("molsw"), Who::NetworkMember("iom"), Who::Reader, Who::Administrator];

/// Whether this caller meets the nomination; every door must say the same.
async fn meets(bench: &Bench, who: Who, row: &Value) -> bool {
    let client = bench.sign_in(who).await;
    let mut doors = Vec::new();
    let round = row["prioritization_id"].as_str().unwrap();
    for query in [
        "limit=200".to_owned(),
        "q=quicksilver".to_owned(),
        "sort=-objective_number".to_owned(),
        format!("prioritization_id={round}"),
        "objective_number=6&action_code=6.c".to_owned(),
        "archived=include&include=organizations,objectives,prioritizations".to_owned(),
    ] {
        let page = client.get(format!("{NOMINATIONS}?with_total=true&{query}")).expect(200).await.json();
        assert_eq!(page["page"]["total"], page["data"].as_array().unwrap().len(), "{query}");
        doors.push(column(&page, "id").contains(&id(row)));
    }
    doors.push(client.get(format!("{NOMINATIONS}?format=csv")).expect(200).await.text().contains(id(row)));
    for below in ["", "/history"] {
        doors.push(client.get(format!("{}{below}", at(NOMINATIONS, row))).send().await.status == 200);
    }
    doors.push(client.get(format!("{NOMINATIONS}/by-external-id/{SYSTEM}/whispered")).send().await.status == 200);
    doors.push(client.get(format!("/v1/me/permissions?kind=nomination&id={}", id(row))).send().await.status == 200);
    assert!(doors.iter().all(|door| *door == doors[0]), "{who:?} meets it behind some doors only: {doors:?}");
    doors[0]
}

async fn seen_by(bench: &Bench, row: &Value) -> Vec<bool> {
    let mut seen = Vec::new();
    for who in WHO {
        seen.push(meets(bench, who, row).await);
    }
    seen
}

#[actix_web::test]
async fn what_is_given_in_an_open_round_is_between_its_giver_and_the_lead_ministry() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let round = open(&coordinator, &electorate(&bench, &["moh", "molsw"]).await).await;
        let row = give(&bench, "moh", &round, 6, [5, 1]).await;
        give(&bench, "molsw", &round, 6, [2, 2]).await;
        let moh = bench.sign_in(Who::FocalPoint("moh")).await;
        let patch = json!({"rationale": {"en": "Quicksilver"}, "action_codes": ["6.c"]});
        change(&moh, NOMINATIONS, &row, patch).await;
        coordinator.put(format!("{}/external-ids/{SYSTEM}", at(NOMINATIONS, &row)), json!({"id": "whispered"})).expect(200).await;
        let (open, country) = ([true, true, false, false, false, false], [true, true, true, true, false, false]);
        assert_eq!(seen_by(&bench, &row).await, open);

        let before = moh.get(at(NOMINATIONS, &row)).expect(200).await;
        let (seq, round) = (bench.parts.store.head().await.unwrap(), now(&coordinator, &round).await);
        let closed = moved(&coordinator, &round, "closed").await;
        assert_eq!(seen_by(&bench, &row).await, country);
        let after = moh.get(at(NOMINATIONS, &row)).expect(200).await;
        assert_eq!((after.json(), after.etag()), (before.json(), before.etag()), "nothing that is shown of it changed");
        let log = log_after(&bench.parts.store, seq).await;
        assert_eq!(log.iter().map(|change| change.op).collect::<Vec<_>>(), [Op::Audience, Op::Audience, Op::Transition]);
        assert_whole(&bench).await;

        // Others read what it was from then on, and of what came before only that it was.
        let molsw = bench.sign_in(Who::FocalPoint("molsw")).await;
        let told = molsw.get(format!("{}/history", at(NOMINATIONS, &row))).expect(200).await.json();
        let entries = told["data"].as_array().unwrap();
        assert_eq!(column(&told, "op"), ["audience", "update", "update", "create"]);
        assert_eq!(entries.iter().map(|entry| entry["withheld"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true, true, true]);
        assert_eq!(entries.iter().map(|entry| entry["revision"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 3, 2, 1]);
        assert_eq!((&entries[0]["body"], &entries[0]["changed"]), (&before.json(), &json!([])));
        let told = moh.get(format!("{}/history", at(NOMINATIONS, &row))).expect(200).await.json();
        assert!(told["data"].as_array().unwrap().iter().all(|entry| entry["withheld"] == false), "its giver reads all of it");

        let opened = moved(&coordinator, &closed, "open").await;
        assert_eq!(seen_by(&bench, &row).await, open);
        change(&moh, NOMINATIONS, &before.json(), json!({"scores": {"urgency": 1, "feasibility": 1}})).await;
        let cancelled = moved(&coordinator, &opened, "cancelled").await;
        assert_eq!(seen_by(&bench, &row).await, open, "what was given in confidence stays so");
        let results = coordinator.get(format!("{}/results", at(ROUNDS, &cancelled))).expect(409).await;
        assert_eq!(results.code(), "results_not_ready");
        assert_whole(&bench).await;
    })
    .await;
}
