//! The names of people who were in the chair: erased at the operator's word, while the rest of the record stands.

use gcm_api::{
    entity::consultation,
    features::access::erase::{self, Erasure},
    store::{Engine, Intent, Origin},
    text::fold,
};
use sea_orm::ColumnTrait as _;
use uuid::Uuid;

use super::*;
use crate::{accounts::everything, rows::log_after};

/// With a letter that nothing else in the record holds.
const NAME: &str = "Ʌʘʘʘʘɮ Markedsdotter";

/// What the operator's command does.
async fn erase_names(bench: &Bench, id: &str) -> Erasure {
    let (intent, id, mut made) = (Intent::system(Origin::CommandLine), id.parse::<Uuid>().unwrap(), Erasure::Nothing);
    let write = bench.parts.store.write(&intent, async |tx| {
        let row = tx.find::<consultation::Entity>(consultation::Column::Id.eq(id)).await?.expect("the consultation is there");
        made = erase::consultation_names(tx, row).await?;
        Ok(())
    });
    Box::pin(write).await.unwrap();
    made
}

/// How the name may stand somewhere: as it was written, folded for search, and as bytes.
async fn traces(bench: &Bench) -> Vec<String> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    let marks = [NAME.to_owned(), fold(NAME), "Markedsdotter".to_owned(), hex(NAME), hex(NAME).to_lowercase(), hex(&fold(NAME))];
    let all = everything(bench).await;
    all.lines().filter(|line| marks.iter().any(|mark| line.contains(mark))).map(|line| line.chars().take(200).collect()).collect()
}

#[actix_web::test]
async fn names_are_erased_from_the_row_its_history_and_kept_answers() {
    both(async |bench| {
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let (mofa, iom) = (organization_id(&bench, "mofa").await, organization_id(&bench, "iom").await);
        let chairs = json!([
            {"organization_id": mofa, "position": "Deputy Director General", "name": NAME},
            {"organization_id": iom, "position": "Chief of Mission", "name": null},
        ]);
        let new = with(consultation("Chaired"), json!({"chairs": chairs}));
        let made = coordinator.post(CONSULTATIONS, &new).header("Idempotency-Key", "chaired").expect(201).await.json();
        let row = change(&coordinator, CONSULTATIONS, &made, json!({"place": {"en": "Pakse"}})).await;
        let path = at(CONSULTATIONS, &row);
        coordinator.put(format!("{path}/external-ids/mims"), json!({"id": "W-3"})).expect(200).await;
        assert!(traces(&bench).await.len() >= 3, "the row, its changes and the kept answer hold the name");

        assert_eq!(erase_names(&bench, id(&row)).await, Erasure::Done { appointments: 0 });
        assert_eq!(traces(&bench).await, Vec::<String>::new());
        let after = reader.get(&path).expect(200).await.json();
        let without = json!([
            {"organization_id": mofa, "position": "Deputy Director General", "name": null},
            {"organization_id": iom, "position": "Chief of Mission", "name": null},
        ]);
        assert_eq!((&after["chairs"], &after["place"]), (&without, &json!({"en": "Pakse"})));
        assert!(after["names_erased_at"].is_string());
        // The consultation is no person: other systems still find it.
        assert_eq!(reader.get(format!("{CONSULTATIONS}/by-external-id/mims/W-3")).expect(200).await.json(), after);
        let history = reader.get(format!("{path}/history")).expect(200).await.json();
        assert_eq!(column(&history, "op"), ["erase", "update", "update", "create"]);
        let entries = history["data"].as_array().unwrap();
        assert_eq!(entries[0]["body"], after);
        assert!(entries[1..].iter().all(|entry| entry["body"].is_null()), "{history}");
        let replay = coordinator.post(CONSULTATIONS, &new).header("Idempotency-Key", "chaired").expect(409).await;
        assert_eq!(replay.code(), "answer_erased");
        // By the parties it is still found, and a second time there is nothing to do.
        assert_eq!(titles(&reader, &format!("chair_id={}&provenance=entered", mofa.as_str().unwrap())).await, ["Chaired"]);
        let head = bench.parts.store.head().await.unwrap();
        assert_eq!(erase_names(&bench, id(&row)).await, Erasure::Nothing);
        assert_eq!(bench.parts.store.head().await.unwrap(), head);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_name_that_was_erased_is_not_written_again() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let mofa = organization_id(&bench, "mofa").await;
        let chair = |name: Value| json!([{"organization_id": mofa, "position": "Deputy Director General", "name": name}]);
        let key = format!("{CONSULTATIONS}/by-external-id/mims/W-4");
        let sent = with(consultation("Synced"), json!({"chairs": chair(json!(NAME))}));
        let row = coordinator.put(&key, &sent).expect(201).await.json();
        erase_names(&bench, id(&row)).await;
        let path = at(CONSULTATIONS, &row);
        let now = || async { coordinator.get(&path).expect(200).await.json() };
        let refused = coordinator.patch(&path, etag(&now().await), json!({"chairs": chair(json!(NAME))})).header("Accept-Language", "lo");
        let refused = refused.expect(409).await.json();
        assert_eq!(refused["code"], "erased");
        assert!(refused["detail"].as_str().unwrap().contains("ຖືກລຶບຖາວອນ"));
        assert_eq!(coordinator.put(&key, &sent).expect(409).await.code(), "erased");
        // Everything else goes on, in the same call too.
        let changed = json!({"chairs": chair(Value::Null), "status": "cancelled"});
        let changed = coordinator.patch(&path, etag(&now().await), changed).expect(200).await.json();
        assert_eq!((&changed["status"], &changed["chairs"][0]["name"]), (&json!("cancelled"), &Value::Null));
        assert_eq!(traces(&bench).await, Vec::<String>::new());
        assert_whole(&bench).await;
    })
    .await;
}

/// A body that is gone without an erasure is still tampering, and one put back after an erasure is, too.
#[actix_web::test]
async fn the_audit_tells_an_erasure_from_tampering() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, CONSULTATIONS, consultation("Whole")).await;
        let seq = log_after(&bench.parts.store, 0).await.iter().find(|change| change.resource_id == id(&row)).unwrap().seq;
        bench.sql(&format!("UPDATE change SET body = NULL, salt = NULL, reason = NULL WHERE seq = {seq}")).await;
        assert!(!crate::rows::audited(&bench).await.faults.is_empty());
        erase_names(&bench, id(&row)).await;
        assert_whole(&bench).await;
        let key = match bench.engine {
            Engine::Sqlite => format!("x'{}'", id(&row).replace('-', "")),
            Engine::Postgres => format!("'{}'", id(&row)),
        };
        let chair = r#"[{"organization_id":"01920000-0000-7000-8000-000000000001","position":null,"name":"Put back"}]"#;
        assert_eq!(bench.sql(&format!("UPDATE consultation SET chairs = '{chair}' WHERE id = {key}")).await, 1);
        assert!(crate::rows::audited(&bench).await.faults.iter().any(|fault| fault.contains(id(&row))));
    })
    .await;
}
