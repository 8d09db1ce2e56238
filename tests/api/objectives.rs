//! The 23 objectives: fixed in what the Compact says, open in what the country says of them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    harness::{Client, Who, both},
    rows::{ORGANIZATIONS, archive, create, etag, faults, id, organization, set, with},
};

const OBJECTIVES: &str = "/v1/objectives";

async fn numbers(client: &Client, query: &str) -> Vec<i64> {
    let page = client.get(format!("{OBJECTIVES}?limit=200&{query}")).expect(200).await.json();
    page["data"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()).collect()
}

#[actix_web::test]
async fn the_compact_has_23_objectives_with_187_actions() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let page = reader.get(OBJECTIVES).expect(200).await.json();
        let rows = page["data"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row["number"].as_i64().unwrap()).collect::<Vec<_>>(), (1..=23).collect::<Vec<_>>());
        let actions: Vec<&str> =
            rows.iter().flat_map(|row| row["actions"].as_array().unwrap()).map(|action| action["code"].as_str().unwrap()).collect();
        assert_eq!((actions.len(), actions.iter().collect::<BTreeSet<_>>().len()), (187, 187));
        for row in rows {
            // Lettered from a without a gap, under the number of their objective.
            let codes = row["actions"].as_array().unwrap().iter().map(|action| action["code"].as_str().unwrap().to_owned());
            let wanted = ('a'..='z').map(|letter| format!("{}.{letter}", row["number"]));
            assert!(codes.zip(wanted).all(|(code, wanted)| code == wanted), "{row}");
            assert_eq!((&row["provenance"], &row["revision"], &row["archived_at"]), (&json!("public_source"), &json!(1), &Value::Null));
        }
        let sixth = reader.get("/v1/objectives/6").expect(200).await;
        assert_eq!((sixth.json(), sixth.etag().as_str()), (rows[5].clone(), "\"1\""));
        assert_eq!(sixth.json()["title"]["en"], "Facilitate fair and ethical recruitment and safeguard conditions that ensure decent work");
    })
    .await;
}

#[actix_web::test]
async fn there_is_no_24th_objective() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for number in ["0", "24", "-1", "abc", "6.5", "99999", "%30%36x"] {
            let path = format!("{OBJECTIVES}/{number}");
            assert_eq!(coordinator.get(&path).expect(404).await.code(), "not_found", "{number}");
            assert_eq!(coordinator.patch(&path, "\"1\"", json!({})).expect(404).await.code(), "not_found", "{number}");
            assert_eq!(coordinator.get(format!("{path}/history")).expect(404).await.code(), "not_found", "{number}");
        }
        assert_eq!(coordinator.post(OBJECTIVES, json!({})).expect(405).await.header("allow"), Some("GET, HEAD"));
        coordinator.delete("/v1/objectives/6", "\"1\"").expect(405).await;
    })
    .await;
}

#[actix_web::test]
async fn objectives_are_found_by_cluster_target_number_and_lead() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        // The third round table of the review forum, and what the seed connects with 8.7.
        assert_eq!(numbers(&coordinator, "cluster=imrf_round_tables:3").await, [14, 15, 16, 19, 20, 22]);
        assert_eq!(
            numbers(&coordinator, "cluster=imrf_round_tables:3,mmptf_thematic_areas:1&sort=-number").await,
            [23, 22, 20, 19, 17, 16, 15, 14, 3, 1]
        );
        assert_eq!(numbers(&coordinator, "cluster=imrf_round_tables").await.len(), 23);
        assert_eq!(numbers(&coordinator, "cluster=imrf_round_tables:9").await, [] as [i64; 0]);
        assert_eq!(numbers(&coordinator, "sdg_target_code=8.7").await, [6, 7, 10]);
        assert_eq!(numbers(&coordinator, "sdg_target_code=8.7,10.c&cluster=imrf_round_tables:3").await, [20]);
        assert_eq!(numbers(&coordinator, "number=5&number=3,4").await, [3, 4, 5]);
        assert_eq!(
            faults(&coordinator.get(format!("{OBJECTIVES}?cluster=imrf_round_tables:x")).expect(400).await),
            set([("cluster", "wrong_form")])
        );
        let moh = bench.organization("moh").await;
        coordinator.patch("/v1/objectives/15", "\"1\"", json!({"national_lead_id": id(&moh)})).expect(200).await;
        assert_eq!(numbers(&coordinator, &format!("national_lead_id={}", id(&moh))).await, [15]);
        assert_eq!(numbers(&coordinator, "has_national_lead=true").await, [15]);
        assert_eq!(numbers(&coordinator, "has_national_lead=false").await.len(), 22);
        let page = coordinator.get(format!("{OBJECTIVES}?number=15&include=organizations")).expect(200).await.json();
        assert_eq!(page["included"]["organizations"], json!([moh]));
    })
    .await;
}

#[actix_web::test]
async fn the_lead_ministry_names_the_lead_and_writes_the_note_and_translates() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let path = "/v1/objectives/6";
        let before = coordinator.get(path).expect(200).await.json();
        let molsw = bench.organization("molsw").await;
        let patch = json!({
            "title": {"lo": "ຈຸດປະສົງ 6"}, "national_note": {"en": "Under way", "lo": "ກຳລັງດຳເນີນ"}, "national_lead_id": id(&molsw),
            "actions": [{"code": "6.c", "label": {"lo": "ຂໍ້ ຄ"}}],
        });
        let after = coordinator.patch(path, etag(&before), patch).expect(200).await.json();
        assert_eq!((&after["revision"], &after["national_lead_id"]), (&json!(2), &molsw["id"]));
        assert_eq!(after["title"], json!({"en": before["title"]["en"], "lo": "ຈຸດປະສົງ 6"}));
        assert_eq!(
            (&after["actions"][2]["label"]["en"], &after["actions"][2]["label"]["lo"]),
            (&before["actions"][2]["label"]["en"], &json!("ຂໍ້ ຄ"))
        );
        assert_eq!((&after["actions"][1], &after["clusters"]), (&before["actions"][1], &before["clusters"]));
        let cleared = coordinator
            .patch(path, etag(&after), json!({"national_note": {"en": null}, "national_lead_id": null}))
            .expect(200)
            .await
            .json();
        assert_eq!((&cleared["national_note"], &cleared["national_lead_id"]), (&json!({"lo": "ກຳລັງດຳເນີນ"}), &Value::Null));
        let cleared = coordinator.patch(path, etag(&cleared), json!({"national_note": null})).expect(200).await.json();
        assert_eq!((&cleared["national_note"], &cleared["revision"]), (&Value::Null, &json!(4)));
        let history = coordinator.get(format!("{path}/history")).expect(200).await.json();
        let changed: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["changed"].clone()).collect();
        assert_eq!(changed[0], json!(["/national_note"]));
        assert_eq!(changed[1], json!(["/national_lead_id", "/national_note/en"]));
        assert_eq!(changed[3], json!([]));
    })
    .await;
}

#[actix_web::test]
async fn a_national_lead_is_an_institution_of_today() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let lead = async |value: &str| coordinator.patch("/v1/objectives/3", "\"1\"", json!({"national_lead_id": value})).expect(422).await;
        assert_eq!(faults(&lead("01920000-0000-7000-8000-000000000001").await), set([("#/national_lead_id", "reference_unknown")]));
        assert_eq!(faults(&lead(id(&bench.organization("maf").await)).await), set([("#/national_lead_id", "reference_archived")]));
        let gone = create(&coordinator, ORGANIZATIONS, with(organization("gone"), json!({}))).await;
        archive(&coordinator, ORGANIZATIONS, &gone).await;
        assert_eq!(faults(&lead(id(&gone)).await), set([("#/national_lead_id", "reference_archived")]));
        assert_eq!(faults(&lead("mofa").await), set([("#/national_lead_id", "wrong_form")]));
    })
    .await;
}

#[actix_web::test]
async fn what_the_compact_says_is_not_a_field_to_write() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for (field, value) in [
            ("number", json!(7)),
            ("clusters", json!([])),
            ("sdg_target_codes", json!(["1.1"])),
            ("provenance", json!("entered")),
            ("revision", json!(9)),
        ] {
            let reply = coordinator.patch("/v1/objectives/6", "\"1\"", json!({field: value})).expect(422).await;
            assert_eq!(faults(&reply), set([(&format!("#/{field}"), "read_only_field")]));
        }
        let reply = coordinator.patch("/v1/objectives/6", "\"1\"", json!({"colour": "blue"})).expect(422).await;
        assert_eq!(faults(&reply), set([("#/colour", "unknown_field")]));
        let reply =
            coordinator.patch("/v1/objectives/6", "\"1\"", json!({"actions": [{"code": "6.z", "label": {"en": "x"}}]})).expect(422).await;
        assert_eq!(faults(&reply), set([("#/actions/0/code", "unknown_value")]));
        let reply = coordinator.patch("/v1/objectives/6", "\"1\"", json!({"title": {"en": null}})).expect(422).await;
        assert_eq!(faults(&reply), set([("#/title", "no_language_left")]));
    })
    .await;
}

#[actix_web::test]
async fn nobody_but_the_lead_ministry_writes_objectives() {
    both(async |bench| {
        for who in [Who::Administrator, Who::FocalPoint("molsw"), Who::NetworkMember("iom"), Who::Reader] {
            let client = bench.sign_in(who).await;
            assert_eq!(
                client.patch("/v1/objectives/6", "\"1\"", json!({"national_note": {"en": "Mine"}})).expect(403).await.code(),
                "forbidden"
            );
        }
    })
    .await;
}
