//! Workshops and meetings: what is on record of them, and of whom it is silent.

mod names;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

const CONSULTATIONS: &str = "/v1/consultations";

/// The least that a new consultation needs.
fn consultation(title: &str) -> Value {
    json!({
        "title": {"en": title}, "kind": "technical_meeting", "status": "held", "starts_on": "2025-06-03", "ends_on": "2025-06-04",
        "date_precision": "day",
    })
}

async fn organization_id(bench: &Bench, code: &str) -> Value {
    bench.organization(code).await["id"].clone()
}

/// The English titles of the consultations that a query finds, in their order.
async fn titles(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(format!("{CONSULTATIONS}?limit=200&with_total=true&{query}")).expect(200).await.json();
    let rows = page["data"].as_array().unwrap();
    assert_eq!(page["page"]["total"], rows.len(), "{query}");
    rows.iter().map(|row| row["title"]["en"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_consultation_is_entered_read_changed_archived_and_restored() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let made = coordinator.post(CONSULTATIONS, consultation("Third workshop")).expect(201).await;
        let row = made.json();
        let path = at(CONSULTATIONS, &row);
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(path.as_str()), "\"1\""));
        // What is not known is null or an empty list, and nothing is made up.
        for field in ["series_number", "mode", "place", "participant_total", "programme", "cycle_id", "names_erased_at"] {
            assert_eq!(row[field], Value::Null, "{field}");
        }
        for field in ["convenor_ids", "chairs", "participants", "funder_ids", "sdg_goal_numbers", "agenda", "groups"] {
            assert_eq!(row[field], json!([]), "{field}");
        }
        assert_eq!((&row["participant_total_at_least"], &row["provenance"]), (&json!(false), &json!("entered")));
        assert_eq!(reader.get(&path).expect(200).await.json(), row);

        let iom = organization_id(&bench, "iom").await;
        let whole = json!({
            "title": {"lo": "ກອງປະຊຸມ"}, "mode": "hybrid", "series_number": 3, "place": {"en": "Vientiane"},
            "convenor_ids": [iom], "chairs": [{"organization_id": iom, "position": "Chief of Mission", "name": null}],
            "participants": [{"organization_id": iom, "role": "participant", "count": 4}], "participant_total": 4,
            "funder_ids": [iom], "programme": {"en": "Programme"}, "sdg_goal_numbers": [17, 10], "agenda": [{"en": "Opening"}, {"en": "Closing"}],
            "groups": [{"title": {"en": "Labour"}, "objective_numbers": [6, 5], "facilitator_id": iom, "summary": {"en": "Skills first"}}],
        });
        let row = change(&coordinator, CONSULTATIONS, &row, whole.clone()).await;
        assert_eq!(row["title"], json!({"en": "Third workshop", "lo": "ກອງປະຊຸມ"}));
        assert_eq!((&row["sdg_goal_numbers"], &row["groups"][0]["objective_numbers"]), (&json!([10, 17]), &json!([5, 6])));
        // What one read can be sent back whole; what is a set, in whatever order.
        let again = with(row.clone(), json!({"sdg_goal_numbers": [17, 10]}));
        assert_eq!(coordinator.patch(&path, etag(&row), again).expect(200).await.json(), row);
        let cleared = json!({
            "mode": null, "series_number": null, "place": null, "convenor_ids": null, "chairs": null, "participants": null,
            "participant_total": null, "funder_ids": null, "programme": null, "sdg_goal_numbers": null, "agenda": null, "groups": null,
        });
        let row = change(&coordinator, CONSULTATIONS, &row, cleared).await;
        assert_eq!((&row["chairs"], &row["place"], &row["participant_total"]), (&json!([]), &Value::Null, &Value::Null));

        let archived = archive(&coordinator, CONSULTATIONS, &row).await;
        assert_eq!(coordinator.patch(&path, etag(&archived), json!({"status": "planned"})).expect(409).await.code(), "archived");
        coordinator.post_if(format!("{path}/restore"), etag(&archived)).expect(200).await;
        let history = reader.get(format!("{path}/history")).expect(200).await.json();
        assert_eq!(column(&history, "op"), ["restore", "archive", "update", "update", "create"]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_wrong_with_a_consultation_is_told_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (iom, ilo) = (organization_id(&bench, "iom").await, organization_id(&bench, "ilo").await);
        let sent = |organization: &Value, role: &str, count: Value| json!({"organization_id": organization, "role": role, "count": count});
        let group = |numbers: Value, facilitator: Value| json!({"title": {"en": "x"}, "objective_numbers": numbers, "facilitator_id": facilitator, "summary": null});
        let chair = json!({"organization_id": iom, "position": "Chief", "name": null});
        let unknown = json!(uuid::Uuid::now_v7());
        let body = with(
            consultation("Wrong"),
            json!({
                "kind": "party", "mode": "by_post", "status": "perhaps", "starts_on": "2025-06-05", "cycle_id": unknown,
                "convenor_ids": [iom, iom], "funder_ids": [unknown], "chairs": [chair, chair],
                "participants": [sent(&iom, "guest", json!(20)), sent(&ilo, "speaker", json!(11)), sent(&ilo, "speaker", Value::Null)],
                "participant_total": 30, "sdg_goal_numbers": [3, 3], "groups": [group(json!([1, 2, 1]), unknown.clone())],
            }),
        );
        let refused = coordinator.post(CONSULTATIONS, body).expect(422).await;
        assert_eq!(
            faults(&refused),
            set([
                ("#/kind", "unknown_value"),
                ("#/mode", "unknown_value"),
                ("#/status", "unknown_value"),
                ("#/ends_on", "ends_before_start"),
                ("#/cycle_id", "reference_unknown"),
                ("#/convenor_ids/1", "not_unique"),
                ("#/funder_ids/0", "reference_unknown"),
                ("#/chairs", "not_unique"),
                ("#/participants", "not_unique"),
                ("#/participants/0/role", "unknown_value"),
                ("#/participant_total", "less_than_parts"),
                ("#/sdg_goal_numbers", "not_unique"),
                ("#/groups/0/objective_numbers", "not_unique"),
                ("#/groups/0/facilitator_id", "reference_unknown"),
            ])
        );
        let few = with(consultation("Few"), json!({"participants": [sent(&iom, "speaker", json!(3))], "participant_total": 2}));
        let told = coordinator.post(CONSULTATIONS, few).header("Accept-Language", "lo").expect(422).await.json();
        assert_eq!((&told["errors"][0]["params"], told["errors"].as_array().unwrap().len()), (&json!({"sum": 3}), 1));
        assert!(told["errors"][0]["detail"].as_str().unwrap().contains("ໜ້ອຍກວ່າ 3"));
        // "At least" says something only beside a number.
        let refused = coordinator.post(CONSULTATIONS, with(consultation("Many"), json!({"participant_total_at_least": true}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/participant_total", "required")]));
        // A day is known, a month is whole: as of review cycles.
        let month = with(consultation("Month"), json!({"date_precision": "month"}));
        let refused = coordinator.post(CONSULTATIONS, month).expect(422).await;
        assert_eq!(faults(&refused), set([("#/starts_on", "period_not_whole"), ("#/ends_on", "period_not_whole")]));
        assert_eq!(refused.json()["errors"][0]["params"], json!({"expected": "2025-06-01", "precision": "month"}));
        let year = json!({"starts_on": "2025-01-01", "ends_on": "2025-12-31", "date_precision": "year"});
        create(&coordinator, CONSULTATIONS, with(consultation("Year"), year)).await;
    })
    .await;
}

/// A workshop of 2024 was attended by the ministries of 2024.
#[actix_web::test]
async fn the_institutions_are_those_of_the_time() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        // Merged in March 2025, and begun with it.
        let (mpi, mae) = (organization_id(&bench, "mpi").await, organization_id(&bench, "mae").await);
        let on = |starts_on: &str, ends_on: &str, id: &Value| {
            let days = json!({"starts_on": starts_on, "ends_on": ends_on, "convenor_ids": [id]});
            coordinator.post(format!("{CONSULTATIONS}?dry_run=true"), with(consultation("Then"), days))
        };
        let ended = bench.organization("mpi").await["valid_to"].as_str().unwrap().to_owned();
        let begun = bench.organization("mae").await["valid_from"].as_str().unwrap().to_owned();
        let before = |day: &str| day.parse::<chrono::NaiveDate>().unwrap().pred_opt().unwrap().to_string();
        on("2024-08-20", "2024-08-21", &mpi).expect(201).await;
        on(&before(&ended), &ended, &mpi).expect(201).await;
        assert_eq!(faults(&on(&ended, &ended, &mpi).expect(422).await), set([("#/convenor_ids/0", "reference_archived")]));
        on(&before(&begun), &begun, &mae).expect(201).await;
        let early = on("2024-08-20", &before(&begun), &mae).expect(422).await;
        assert_eq!(faults(&early), set([("#/convenor_ids/0", "reference_begins_later")]));
        assert_eq!(early.json()["errors"][0]["params"], json!({"day": begun}));
        // One that was named stays named, whatever becomes of it.
        let own = create(&coordinator, ORGANIZATIONS, organization("short-lived")).await;
        let row = create(&coordinator, CONSULTATIONS, with(consultation("Kept"), json!({"funder_ids": [id(&own)]}))).await;
        archive(&coordinator, ORGANIZATIONS, &own).await;
        let row =
            change(&coordinator, CONSULTATIONS, &row, json!({"funder_ids": [id(&own), mpi.as_str().unwrap()], "starts_on": "2024-06-03"}))
                .await;
        assert_eq!(row["funder_ids"], json!([own["id"], mpi]));
        let refused = coordinator.post(CONSULTATIONS, with(consultation("New"), json!({"funder_ids": [id(&own)]}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/funder_ids/0", "reference_archived")]));
    })
    .await;
}

#[actix_web::test]
async fn a_consultation_with_outcomes_stays_in_use() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, CONSULTATIONS, consultation("With outcomes")).await;
        let outcome = json!({"consultation_id": row["id"], "kind": "decision", "text": {"en": "Decided"}});
        let outcome = create(&coordinator, "/v1/outcomes", outcome).await;
        let path = at(CONSULTATIONS, &row);
        let refused = coordinator.post_if(format!("{path}/archive"), etag(&row)).expect(409).await.json();
        assert_eq!((&refused["code"], &refused["params"]), (&json!("has_dependants"), &json!({"count": 1, "what": "outcomes: 1"})));
        let outcome = archive(&coordinator, "/v1/outcomes", &outcome).await;
        let row = archive(&coordinator, CONSULTATIONS, &row).await;
        // Nothing comes to life below what is out of use.
        let restore = format!("{}/restore", at("/v1/outcomes", &outcome));
        assert_eq!(coordinator.post_if(&restore, etag(&outcome)).expect(409).await.code(), "archived");
        let new = json!({"consultation_id": row["id"], "kind": "decision", "text": {"en": "Late"}});
        assert_eq!(faults(&coordinator.post("/v1/outcomes", new).expect(422).await), set([("#/consultation_id", "reference_archived")]));
        coordinator.post_if(format!("{path}/restore"), etag(&row)).expect(200).await;
        coordinator.post_if(&restore, etag(&outcome)).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn each_filter_and_sort_keeps_what_it_says() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let mut ids = std::collections::BTreeMap::new();
        for code in ["iom", "ilo", "who", "fao", "undp"] {
            ids.insert(code, organization_id(&bench, code).await.as_str().unwrap().to_owned());
        }
        let cycle = reader.get("/v1/review-cycles?code=imrf-2026").expect(200).await.json()["data"][0]["id"].as_str().unwrap().to_owned();
        let group = json!({"title": {"en": "Labour"}, "objective_numbers": [5, 6], "facilitator_id": ids["who"], "summary": {"lo": "ທັກສະ"}});
        let members = [
            ("Alpha", json!({"starts_on": "2025-06-02", "convenor_ids": [ids["iom"]], "sdg_goal_numbers": [10], "series_number": 4})),
            ("beta", json!({"kind": "bilateral", "mode": "online", "starts_on": "2025-06-01", "funder_ids": [ids["iom"]], "cycle_id": cycle})),
            ("Gamma", json!({
                "status": "planned", "ends_on": "2025-07-01", "groups": [group], "sdg_goal_numbers": [8, 17],
                "chairs": [{"organization_id": ids["ilo"], "position": null, "name": "Demo chair Zebedee"}],
            })),
            ("Delta", json!({
                "title": {"en": "Delta", "lo": "ປະຊຸມ"}, "starts_on": "2025-05-01", "ends_on": "2025-05-31", "date_precision": "month", "agenda": [{"en": "Opening remarks"}],
                "participants": [{"organization_id": ids["fao"], "role": "observer", "count": null}], "place": {"en": "Pakse", "lo": "ປາກເຊ"},
            })),
        ];
        let mut rows = Vec::new();
        for (title, more) in members {
            bench.clock().advance(Duration::from_secs(1));
            rows.push(create(&coordinator, CONSULTATIONS, with(consultation(title), more)).await);
        }
        bench.clock().advance(Duration::from_secs(1));
        change(&coordinator, CONSULTATIONS, &rows[0], json!({"place": {"en": "Luang Prabang"}})).await;
        let cases: Vec<(String, &[&str])> = vec![
            ("sort=starts_on".into(), &["Delta", "beta", "Alpha", "Gamma"]),
            ("sort=-title".into(), &["Gamma", "Delta", "beta", "Alpha"]),
            ("sort=created_at".into(), &["Alpha", "beta", "Gamma", "Delta"]),
            ("sort=-updated_at".into(), &["Alpha", "Delta", "Gamma", "beta"]),
            ("kind=bilateral".into(), &["beta"]),
            ("mode=online,in_person".into(), &["beta"]),
            ("status=planned".into(), &["Gamma"]),
            ("series_number=4".into(), &["Alpha"]),
            ("date_precision=month".into(), &["Delta"]),
            (format!("cycle_id={cycle}"), &["beta"]),
            (format!("organization_id={}", ids["iom"]), &["beta", "Alpha"]),
            (format!("organization_id={},{}", ids["who"], ids["fao"]), &["Delta", "Gamma"]),
            (format!("convenor_id={}", ids["iom"]), &["Alpha"]),
            (format!("funder_id={}", ids["iom"]), &["beta"]),
            (format!("chair_id={}", ids["ilo"]), &["Gamma"]),
            (format!("facilitator_id={}", ids["who"]), &["Gamma"]),
            (format!("participant_id={}", ids["fao"]), &["Delta"]),
            (format!("organization_id={}", ids["undp"]), &[]),
            (format!("chair_id={}", ids["who"]), &[]),
            ("participant_role=observer".into(), &["Delta"]),
            ("participant_role=speaker".into(), &[]),
            ("objective_number=6".into(), &["Gamma"]),
            ("objective_number=7".into(), &[]),
            ("sdg_goal_number=10,17".into(), &["Alpha", "Gamma"]),
            ("starts_on_from=2025-06-02".into(), &["Alpha", "Gamma"]),
            ("starts_on_to=2025-06-01".into(), &["Delta", "beta"]),
            ("ends_on_from=2025-06-05".into(), &["Gamma"]),
            ("ends_on_to=2025-05-31".into(), &["Delta"]),
            ("q=labour".into(), &["Gamma"]),
            ("q=%E0%BA%97%E0%BA%B1%E0%BA%81".into(), &["Gamma"]),
            ("q=opening%20rem".into(), &["Delta"]),
            ("missing_language=lo".into(), &["beta", "Alpha", "Gamma"]),
            // Whoever looks for a person finds no meeting.
            ("q=zebedee".into(), &[]),
        ];
        for (query, expected) in cases {
            assert_eq!(titles(&reader, &format!("provenance=entered&{query}")).await, expected, "{query}");
        }
        let page = reader
            .get(format!("{CONSULTATIONS}?id={},{}&include=organizations,objectives,review_cycles", id(&rows[1]), id(&rows[2])))
            .expect(200)
            .await
            .json();
        let included = &page["included"];
        let codes: std::collections::BTreeSet<_> = included["organizations"].as_array().unwrap().iter().map(|row| row["code"].clone().as_str().unwrap().to_owned()).collect();
        assert_eq!(codes, ["ilo", "iom", "who"].map(str::to_owned).into());
        assert_eq!((included["objectives"].as_array().unwrap().len(), &included["review_cycles"][0]["code"]), (2, &json!("imrf-2026")));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn the_workshops_and_reviews_are_in_the_seed_and_entered_once() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        assert_eq!(
            titles(&reader, "provenance=public_source").await,
            [
                "Asia-Pacific Regional Review of Implementation of the GCM",
                "First national consultation workshop on the GCM",
                "Second national consultation workshop on the GCM",
                "Second Asia-Pacific Regional Review of Implementation of the GCM",
            ]
        );
        let page = reader.get(format!("{CONSULTATIONS}?kind=national_workshop&include=organizations")).expect(200).await.json();
        let (first, second) = (&page["data"][0], &page["data"][1]);
        let day = |row: &Value| ["starts_on", "ends_on", "date_precision"].map(|field| row[field].as_str().unwrap().to_owned());
        assert_eq!(day(first), ["2024-03-01", "2024-03-31", "month"]);
        assert_eq!(day(second), ["2024-08-20", "2024-08-21", "day"]);
        // More than thirty people came, and no source names one of them.
        assert_eq!((&second["participant_total"], &second["participant_total_at_least"]), (&json!(30), &json!(true)));
        assert!(second["chairs"].as_array().unwrap().iter().all(|chair| chair["name"].is_null() && chair["position"].is_string()));
        let codes: Vec<_> = page["included"]["organizations"].as_array().unwrap().iter().map(|row| row["code"].clone()).collect();
        assert!(codes.len() == 3 && codes.contains(&json!("us-prm")), "{codes:?}");
        let outcomes = reader.get(format!("/v1/outcomes?consultation_id={}", id(second))).expect(200).await.json();
        let mut kinds = column(&outcomes, "kind");
        kinds.sort_unstable();
        assert_eq!(kinds, ["action_point", "action_point", "action_point", "decision", "recommendation"]);
        assert!(column(&outcomes, "state").iter().all(|state| *state == "open"));
        assert!(column(&outcomes, "provenance").iter().all(|provenance| *provenance == "public_source"));
        let reviews = reader.get(format!("{CONSULTATIONS}?kind=regional_review&include=review_cycles")).expect(200).await.json();
        assert_eq!(reviews["included"]["review_cycles"].as_array().unwrap().len(), 2);

        // Whatever the country calls it later, and whatever it takes out: nothing is entered again.
        let renamed = change(&coordinator, CONSULTATIONS, second, json!({"title": {"en": "Vang Vieng workshop"}})).await;
        let outcome = &outcomes["data"][0];
        archive(&coordinator, "/v1/outcomes", outcome).await;
        archive(&coordinator, CONSULTATIONS, first).await;
        let head = bench.parts.store.head().await.unwrap();
        let again = gcm_api::seed::seed(&bench.parts.store, &bench.parts.here).await.unwrap();
        assert_eq!((again, bench.parts.store.head().await.unwrap()), (gcm_api::seed::Seeded::default(), head));
        assert_eq!(renamed["external_ids"], json!([{"system": "gcm-seed", "id": "national-workshop-2"}]));
        assert_whole(&bench).await;
    })
    .await;
}

/// An institution that the country archived is no reason not to start: what names it is left out.
#[actix_web::test]
async fn a_consultation_that_does_not_fit_the_record_is_left_out() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for table in
            ["outcome_objective", "outcome", "consultation_party", "consultation_objective", "consultation_sdg_goal", "consultation"]
        {
            bench.sql(&format!("DELETE FROM {table}")).await;
        }
        bench.sql("DELETE FROM external_id WHERE kind = 'consultation'").await;
        archive(&coordinator, ORGANIZATIONS, &bench.organization("us-prm").await).await;
        let seeded = gcm_api::seed::seed(&bench.parts.store, &bench.parts.here).await.unwrap();
        assert_eq!((seeded.consultations, seeded.outcomes), (3, 0));
    })
    .await;
}
