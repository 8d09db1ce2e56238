//! What each filter of the list keeps.

use serde_json::{Value, json};

use super::{EFFORTS, effort, moved};
use crate::{
    harness::{Bench, Client, Who, both},
    rows::{archive, column, create, id, with},
};

/// The English titles that a query finds, in their order.
async fn titles(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{EFFORTS}?limit=200&{query}")).expect(200).await.json();
    page["data"].as_array().unwrap().iter().map(|row| row["title"]["en"].as_str().unwrap().to_owned()).collect()
}

/// Four efforts of the health ministry, of which one is submitted and one archived, and one of the labour ministry.
async fn five(bench: &Bench) -> Client {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (moh, molsw) = (bench.organization("moh").await, bench.organization("molsw").await);
    let (iom, who) = (bench.organization("iom").await, bench.organization("who").await);
    let enter = async |of: &Value, title: &str, more: Value| {
        bench.clock().advance(std::time::Duration::from_secs(1));
        create(&coordinator, EFFORTS, with(effort(of, title), more)).await
    };
    let clinics = json!({
        "kind": "service", "implementation": "planned", "objective_numbers": [15, 7], "action_codes": ["15.e"], "sdg_target_codes": ["3.8"],
        "provinces": ["LA-VT", "LA-SV"], "partner_ids": [id(&iom)], "funder_ids": [id(&who)], "starts_on": "2026-01-01", "ends_on": "2026-06-30",
        "description": {"en": "Along the border", "lo": "ຕາມຊາຍແດນ"}, "title": {"lo": "ຄລີນິກ"},
    });
    enter(&moh, "clinics", with(clinics, json!({"title": {"en": "clinics", "lo": "ຄລີນິກ"}}))).await;
    let law = enter(&moh, "Law", json!({"kind": "law", "starts_on": "2019-05-01"})).await;
    moved(&coordinator, &law, "submitted").await;
    enter(&moh, "data", json!({"kind": "data", "ends_on": "2021-12-31", "implementation": "completed", "funder_ids": [id(&iom)]})).await;
    let gone = enter(&moh, "gone", json!({})).await;
    archive(&coordinator, EFFORTS, &gone).await;
    enter(&molsw, "training", json!({"provinces": ["LA-SV"]})).await;
    coordinator
}

#[actix_web::test]
async fn each_filter_keeps_what_it_names() {
    both(async |bench| {
        let coordinator = five(&bench).await;
        let ids = async |code: &'static str| id(&bench.organization(code).await).to_owned();
        let (moh, molsw, iom, who) = (ids("moh").await, ids("molsw").await, ids("iom").await, ids("who").await);
        for (query, found) in [
            (String::new(), vec!["clinics", "data", "Law", "training"]),
            ("sort=-title".to_owned(), vec!["training", "Law", "data", "clinics"]),
            ("sort=created_at".to_owned(), vec!["clinics", "Law", "data", "training"]),
            ("sort=-updated_at&state=draft".to_owned(), vec!["training", "data", "clinics"]),
            (format!("organization_id={moh}"), vec!["clinics", "data", "Law"]),
            (format!("organization_id={moh},{molsw}&sort=-title"), vec!["training", "Law", "data", "clinics"]),
            (format!("organization_id={moh}&archived=only"), vec!["gone"]),
            (format!("partner_id={iom}"), vec!["clinics"]),
            (format!("partner_id={who}"), vec![]),
            (format!("funder_id={who}"), vec!["clinics"]),
            (format!("funder_id={who},{iom}"), vec!["clinics", "data"]),
            ("objective_number=7".to_owned(), vec!["clinics"]),
            ("objective_number=6,15".to_owned(), vec!["clinics", "data", "Law", "training"]),
            ("action_code=15.e".to_owned(), vec!["clinics"]),
            ("action_code=6.c".to_owned(), vec![]),
            ("sdg_target_code=3.8,10.7".to_owned(), vec!["clinics"]),
            ("province=LA-SV".to_owned(), vec!["clinics", "training"]),
            ("province=LA-VT&kind=service".to_owned(), vec!["clinics"]),
            ("implementation=completed,planned".to_owned(), vec!["clinics", "data"]),
            ("kind=law,data".to_owned(), vec!["data", "Law"]),
            ("state=submitted".to_owned(), vec!["Law"]),
            ("state=accepted,returned".to_owned(), vec![]),
            ("provenance=illustrative".to_owned(), vec![]),
            ("starts_on_from=2019-05-02".to_owned(), vec!["clinics"]),
            ("starts_on_to=2026-01-01".to_owned(), vec!["clinics", "Law"]),
            ("ends_on_from=2021-12-31&ends_on_to=2026-06-29".to_owned(), vec!["data"]),
            ("undated=true".to_owned(), vec!["training"]),
            ("undated=false".to_owned(), vec!["clinics", "data", "Law"]),
            ("missing_language=lo".to_owned(), vec!["data", "Law", "training"]),
            ("q=BORDER".to_owned(), vec!["clinics"]),
            ("q=%E0%BA%8A%E0%BA%B2%E0%BA%8D%E0%BB%81%E0%BA%94%E0%BA%99".to_owned(), vec!["clinics"]),
        ] {
            assert_eq!(titles(&coordinator, &query).await, found, "{query}");
        }
        let page = coordinator.get(format!("{EFFORTS}?kind=service&include=organizations,objectives")).expect(200).await.json();
        let codes: std::collections::BTreeSet<_> =
            page["included"]["organizations"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["iom", "moh", "who"].into());
        assert_eq!(page["included"]["objectives"].as_array().unwrap().iter().map(|row| &row["number"]).collect::<Vec<_>>(), [7, 15]);
    })
    .await;
}

#[actix_web::test]
async fn an_effort_counts_in_the_cycles_that_it_overlaps_and_one_without_dates_in_none() {
    both(async |bench| {
        let coordinator = five(&bench).await;
        let cycle = async |code: &str, from: &str, to: &str| {
            let new = json!({
                "code": code, "title": {"en": code}, "kind": "national", "starts_on": from, "ends_on": to, "date_precision": "day",
                "date_status": "confirmed",
            });
            id(&create(&coordinator, "/v1/review-cycles", new).await).to_owned()
        };
        let before = cycle("before", "2019-01-01", "2019-04-30").await;
        let touching = cycle("touching", "2021-12-31", "2026-01-01").await;
        let after = cycle("after", "2026-07-01", "2030-12-31").await;
        let nowhere = "01920000-0000-7000-8000-000000000001";
        for (query, found) in [
            // Only what is open at its beginning was there before the law; the first and the last day belong to it.
            (format!("cycle_id={before}"), vec!["data"]),
            (format!("cycle_id={touching}"), vec!["clinics", "data", "Law"]),
            (format!("cycle_id={after}"), vec!["Law"]),
            (format!("cycle_id={before},{after}"), vec!["data", "Law"]),
            (format!("cycle_id={touching}&kind=service"), vec!["clinics"]),
            (format!("cycle_id={nowhere}"), vec![]),
            (format!("cycle_id={touching}&undated=true"), vec![]),
        ] {
            assert_eq!(titles(&coordinator, &query).await, found, "{query}");
        }
        let page = coordinator.get(format!("{EFFORTS}?cycle_id={touching}&with_total=true")).expect(200).await.json();
        assert_eq!((&page["page"]["total"], column(&page, "kind").len()), (&json!(3), 3));
    })
    .await;
}
