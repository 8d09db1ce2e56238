//! The cycles in which implementation is reviewed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{Client, Who, both},
    rows::{archive, assert_whole, at, change, column, create, etag, faults, set, with},
};

const CYCLES: &str = "/v1/review-cycles";

/// The least that a new cycle needs.
fn cycle(code: &str) -> Value {
    json!({
        "code": code, "title": {"en": format!("Cycle {code}")}, "kind": "national", "starts_on": "2026-01-05", "ends_on": "2026-12-20",
        "date_precision": "day", "date_status": "confirmed",
    })
}

/// The codes of the cycles that a query finds, in their order.
async fn codes(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{CYCLES}?limit=200&{query}")).expect(200).await.json();
    column(&page, "code").into_iter().map(str::to_owned).collect()
}

#[actix_web::test]
async fn a_cycle_is_entered_read_changed_archived_and_restored() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let made = coordinator.post(CYCLES, cycle("national-2026")).expect(201).await;
        let row = made.json();
        let path = at(CYCLES, &row);
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(path.as_str()), "\"1\""));
        assert_eq!((&row["submission_due_on"], &row["provenance"]), (&Value::Null, &json!("entered")));
        assert_eq!(reader.get(&path).expect(200).await.json(), row);
        let row = change(&coordinator, CYCLES, &row, json!({"title": {"lo": "ຮອບ"}, "submission_due_on": "2026-12-20"})).await;
        assert_eq!((&row["title"], &row["revision"]), (&json!({"en": "Cycle national-2026", "lo": "ຮອບ"}), &json!(2)));
        let row = change(&coordinator, CYCLES, &row, json!({"submission_due_on": null})).await;
        let archived = archive(&coordinator, CYCLES, &row).await;
        assert_eq!(coordinator.patch(&path, etag(&archived), json!({"kind": "imrf"})).expect(409).await.code(), "archived");
        // Archived it keeps its code.
        let refused = coordinator.post(CYCLES, cycle("national-2026")).expect(409).await;
        assert_eq!((refused.code().as_str(), &refused.json()["params"]["value"]), ("code_taken", &json!("national-2026")));
        coordinator.post_if(format!("{path}/restore"), etag(&archived)).expect(200).await;
        let history = reader.get(format!("{path}/history")).expect(200).await.json();
        assert_eq!(column(&history, "op"), ["restore", "archive", "update", "update", "create"]);
        assert_eq!(history["data"][3]["changed"], json!(["/submission_due_on", "/title/lo"]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn dates_are_held_against_their_precision_and_each_other() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let whole = "period_not_whole";
        for (precision, starts_on, ends_on, due_on, expected) in [
            ("day", "2028-02-10", "2028-02-10", None, vec![]),
            ("day", "2028-02-10", "2028-02-09", None, vec![("#/ends_on", "ends_before_start")]),
            ("day", "2028-02-10", "2028-03-09", Some("2028-03-09"), vec![]),
            ("day", "2028-02-10", "2028-03-09", Some("2028-03-10"), vec![("#/submission_due_on", "too_late")]),
            ("month", "2028-02-01", "2028-02-29", None, vec![]),
            ("month", "2027-02-01", "2028-12-31", Some("2028-12-30"), vec![]),
            ("month", "2028-02-02", "2028-02-28", None, vec![("#/starts_on", whole), ("#/ends_on", whole)]),
            ("month", "2028-03-01", "2028-02-29", None, vec![("#/ends_on", "ends_before_start")]),
            ("year", "2028-01-01", "2028-12-31", None, vec![]),
            ("year", "2028-02-01", "2030-12-31", None, vec![("#/starts_on", whole)]),
            ("year", "2028-01-01", "2030-06-30", Some("2031-01-01"), vec![("#/ends_on", whole), ("#/submission_due_on", "too_late")]),
            ("year", "9999-01-01", "9999-12-31", None, vec![]),
            ("month", "9999-12-01", "9999-12-31", None, vec![]),
        ] {
            let dates = json!({
                "date_precision": precision, "starts_on": starts_on, "ends_on": ends_on, "submission_due_on": due_on,
            });
            let reply = coordinator.post(format!("{CYCLES}?dry_run=true"), with(cycle("tried"), dates.clone())).send().await;
            let found: std::collections::BTreeSet<_> = if reply.status == 422 { faults(&reply) } else { [].into() };
            let expected: std::collections::BTreeSet<_> =
                expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
            assert_eq!((reply.status, found), (if expected.is_empty() { 201 } else { 422 }, expected), "{dates}");
        }
        // A kind that nobody knows is told beside them, and what the day should be is said in the caller's language.
        let wrong = json!({"kind": "world", "date_precision": "year"});
        let reply = coordinator.post(CYCLES, with(cycle("wrong"), wrong)).header("Accept-Language", "lo").expect(422).await;
        assert_eq!(faults(&reply), set([("#/kind", "unknown_value"), ("#/starts_on", whole), ("#/ends_on", whole)]));
        let errors = reply.json()["errors"].as_array().unwrap().clone();
        let start = errors.iter().find(|fault| fault["pointer"] == "#/starts_on").unwrap();
        assert_eq!(start["params"], json!({"expected": "2026-01-01", "precision": "year"}));
        assert_eq!(start["detail"], "ຕ້ອງເປັນ 2026-01-01 ເພື່ອໃຫ້ວັນທີກວມ year ເຕັມ");
    })
    .await;
}

#[actix_web::test]
async fn a_date_becomes_known_together_with_how_exactly() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let third = coordinator.get(format!("{CYCLES}?code=rr3-escap")).expect(200).await.json()["data"][0].clone();
        let path = at(CYCLES, &third);
        let refused = coordinator.patch(&path, "\"1\"", json!({"ends_on": "2028-11-17"})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/ends_on", "period_not_whole")]));
        // To be whole within a month, both of them must be: the start of a year is.
        let row = change(&coordinator, CYCLES, &third, json!({"ends_on": "2028-11-30", "date_precision": "month"})).await;
        let known = json!({"starts_on": "2025-02-07", "ends_on": "2028-11-17", "date_precision": "day", "date_status": "confirmed"});
        let row = change(&coordinator, CYCLES, &row, known.clone()).await;
        assert_eq!(row, with(third, with(known, json!({"revision": 3, "updated_at": row["updated_at"]}))));
        let refused = coordinator.patch(&path, "\"3\"", json!({"date_precision": "year"})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/starts_on", "period_not_whole"), ("#/ends_on", "period_not_whole")]));
    })
    .await;
}

#[actix_web::test]
async fn a_code_is_one_cycles_own() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        assert_eq!(coordinator.post(CYCLES, cycle("imrf-2022")).expect(409).await.code(), "code_taken");
        let row = create(&coordinator, CYCLES, cycle("mine")).await;
        assert_eq!(coordinator.patch(at(CYCLES, &row), "\"1\"", json!({"code": "imrf-2026"})).expect(409).await.code(), "code_taken");
        let row = change(&coordinator, CYCLES, &row, json!({"code": "renamed"})).await;
        create(&coordinator, CYCLES, cycle("mine")).await;
        // By the id of another system it is entered, left alone and changed; nothing else has it.
        let key = format!("{CYCLES}/by-external-id/mims/C-1");
        let sent = cycle("upserted");
        let made = coordinator.put(&key, &sent).expect(201).await.json();
        assert_eq!(coordinator.put(&key, &sent).expect(200).await.header("x-changed"), Some("false"));
        assert_eq!(coordinator.put(&key, with(sent, json!({"code": "renamed"}))).expect(409).await.code(), "code_taken");
        assert_eq!(coordinator.get(&key).expect(200).await.json(), made);
        let taken = coordinator.put(format!("{}/external-ids/mims", at(CYCLES, &row)), json!({"id": "C-1"})).expect(403).await;
        assert_eq!(taken.code(), "external_id_taken");
    })
    .await;
}

#[actix_web::test]
async fn the_reviews_that_cover_the_country_are_in_the_seed_and_nothing_unverified_is_confirmed() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let page = coordinator.get(format!("{CYCLES}?provenance=public_source&sort=code")).expect(200).await.json();
        let rows = page["data"].as_array().unwrap();
        let short = |row: &Value| {
            ["code", "kind", "starts_on", "ends_on", "date_precision", "date_status"].map(|name| row[name].as_str().unwrap().to_owned())
        };
        let found: Vec<_> = rows.iter().map(short).collect();
        assert_eq!(
            found,
            [
                ["imrf-2022", "imrf", "2018-12-10", "2022-05-20", "day", "confirmed"],
                ["imrf-2026", "imrf", "2022-05-21", "2026-05-08", "day", "tentative"],
                ["imrf-2030", "imrf", "2026-01-01", "2030-12-31", "year", "tentative"],
                ["rr1-escap", "regional_review", "2018-12-10", "2021-03-12", "day", "confirmed"],
                ["rr2-escap", "regional_review", "2021-03-13", "2025-02-06", "day", "confirmed"],
                ["rr3-escap", "regional_review", "2025-01-01", "2028-12-31", "year", "tentative"],
            ]
        );
        // Each keeps the rules by which it could be entered.
        for row in rows {
            assert_eq!(row["submission_due_on"], Value::Null);
            change(&coordinator, CYCLES, row, json!({"title": {"lo": "ຮອບ"}})).await;
        }
        assert_eq!(gcm_api::seed::seed(&bench.parts.store, &bench.parts.here).await.unwrap(), gcm_api::seed::Seeded::default());
    })
    .await;
}

#[actix_web::test]
async fn cycles_are_found_by_each_filter() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let due = json!({"ends_on": "2026-11-23", "submission_due_on": "2026-11-01"});
        create(&coordinator, CYCLES, with(cycle("a-last-day"), due)).await;
        create(&coordinator, CYCLES, with(cycle("b-first-day"), json!({"starts_on": "2026-11-24", "date_status": "tentative"}))).await;
        let reader = bench.sign_in(Who::Reader).await;
        for (query, found) in [
            // By the day on which they start.
            (
                "date_status=tentative,confirmed&starts_on_from=2018-12-11",
                vec!["rr2-escap", "imrf-2026", "rr3-escap", "imrf-2030", "a-last-day", "b-first-day"],
            ),
            ("sort=-ends_on&kind=imrf", vec!["imrf-2030", "imrf-2026", "imrf-2022"]),
            ("sort=code&kind=national,regional_review", vec!["a-last-day", "b-first-day", "rr1-escap", "rr2-escap", "rr3-escap"]),
            ("code=imrf-2022,rr1-escap&sort=-code", vec!["rr1-escap", "imrf-2022"]),
            ("date_precision=year", vec!["rr3-escap", "imrf-2030"]),
            ("date_precision=month", vec![]),
            ("date_status=tentative&date_precision=day", vec!["imrf-2026", "b-first-day"]),
            ("provenance=entered", vec!["a-last-day", "b-first-day"]),
            ("current=true", vec!["rr3-escap", "imrf-2030", "a-last-day"]),
            ("current=false&kind=national", vec!["b-first-day"]),
            ("starts_on_from=2026-01-01&starts_on_to=2026-11-23", vec!["imrf-2030", "a-last-day"]),
            ("ends_on_from=2026-05-08&ends_on_to=2026-11-23", vec!["imrf-2026", "a-last-day"]),
            ("submission_due_on_from=2026-11-01", vec!["a-last-day"]),
            ("submission_due_on_to=2026-10-31", vec![]),
            ("q=FIRST", vec!["imrf-2022", "b-first-day"]),
        ] {
            assert_eq!(codes(&reader, query).await, found, "{query}");
        }
        bench.clock().advance(Duration::from_secs(8 * 3600));
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(codes(&reader, "current=true&kind=national").await, ["b-first-day"]);
    })
    .await;
}

#[actix_web::test]
async fn pages_go_on_behind_a_date() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for n in 0..7 {
            create(&coordinator, CYCLES, with(cycle(&format!("same-{n}")), json!({"starts_on": "2022-05-21"}))).await;
        }
        for sort in ["starts_on", "-starts_on", "ends_on", "-ends_on", "code", "-updated_at"] {
            let whole = codes(&coordinator, &format!("sort={sort}")).await;
            let mut paged = Vec::new();
            let mut next = Some(format!("{CYCLES}?sort={sort}&limit=2"));
            while let Some(path) = next {
                let page = coordinator.get(&path).expect(200).await.json();
                paged.extend(column(&page, "code").into_iter().map(str::to_owned));
                next = page["page"]["next_cursor"].as_str().map(|cursor| format!("{CYCLES}?sort={sort}&limit=2&cursor={cursor}"));
            }
            assert_eq!((paged.len(), paged), (13, whole), "{sort}");
        }
        let page = coordinator.get(format!("{CYCLES}?limit=1")).expect(200).await.json();
        let bytes = URL_SAFE_NO_PAD.decode(page["page"]["next_cursor"].as_str().unwrap()).unwrap();
        for key in [
            json!({"d": "2018-02-30"}),
            json!({"d": "+12018-01-01"}),
            json!({"d": "0000-01-01"}),
            json!({"t": 0}),
            json!({"s": "2018-12-10"}),
        ] {
            let mut forged: Value = serde_json::from_slice(&bytes).unwrap();
            forged["key"] = key;
            let cursor = URL_SAFE_NO_PAD.encode(forged.to_string());
            let reply = coordinator.get(format!("{CYCLES}?cursor={cursor}")).send().await;
            assert_eq!((reply.status, reply.code().as_str()), (400, "cursor_invalid"), "{forged}");
        }
        // A date as a sort key elsewhere is refused just so.
        let page = coordinator.get(format!("{CYCLES}?limit=1&sort=code")).expect(200).await.json();
        let bytes = URL_SAFE_NO_PAD.decode(page["page"]["next_cursor"].as_str().unwrap()).unwrap();
        let mut forged: Value = serde_json::from_slice(&bytes).unwrap();
        forged["key"] = json!({"d": "2018-12-10"});
        let cursor = URL_SAFE_NO_PAD.encode(forged.to_string());
        assert_eq!(coordinator.get(format!("{CYCLES}?sort=code&cursor={cursor}")).expect(400).await.code(), "cursor_invalid");
    })
    .await;
}
