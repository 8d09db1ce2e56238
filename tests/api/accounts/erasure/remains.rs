//! What is left of an erased person in the change log and in the file.

use gcm_api::store::{Engine, Remains};
use serde_json::json;
use uuid::Uuid;

use super::*;
/// A body that is gone is tampering, unless an erasure that came after it is in the log.
#[actix_web::test]
async fn a_body_emptied_without_an_erasure_is_named() {
    both(async |bench| {
        let person = Person::new(&bench).await;
        let other = appointment(&bench, None).await;
        person.erase(&bench).await.unwrap();
        assert_whole(&bench).await;
        let log = log_after(&bench.parts.store, 0).await;
        let of = |id: Uuid| log.iter().filter(|change| change.resource_id == id.to_string()).collect::<Vec<_>>();
        let (erased, whole) = (of(person.id), of(other));
        let (first, last) = (erased[0], *erased.last().unwrap());
        assert!(first.body.is_none() && first.reason.is_none() && first.salt.is_none() && last.body.is_some());
        for (statement, name) in [
            // Of a row that nobody erased.
            (format!("UPDATE change SET body = NULL, salt = NULL, reason = NULL WHERE seq = {}", whole[1].seq), whole[1].seq),
            // The erasure itself, so that the row could be altered afterwards.
            (format!("UPDATE change SET body = NULL, salt = NULL, reason = NULL WHERE seq = {}", last.seq), last.seq),
            // A reason or a salt where all of it was emptied.
            (format!("UPDATE change SET reason = 'Was asked to' WHERE seq = {}", first.seq), first.seq),
            (format!("UPDATE change SET salt = '00' WHERE seq = {}", first.seq), first.seq),
            // A body put back.
            (format!("UPDATE change SET body = '{{}}', salt = '00' WHERE seq = {}", first.seq), first.seq),
            // An erasure made of a change.
            (
                format!("UPDATE change SET op = 'erase', body = NULL, salt = NULL WHERE seq = {}", whole.last().unwrap().seq),
                whole.last().unwrap().seq,
            ),
        ] {
            bench.sql("CREATE TABLE kept AS SELECT * FROM change").await;
            assert_eq!(bench.sql(&statement).await, 1, "{statement}");
            let faults = audited(&bench).await.faults;
            assert!(faults.iter().any(|fault| fault.contains(&format!("change {name} "))), "{statement}: {faults:?}");
            bench.sql("DELETE FROM change").await;
            bench.sql("INSERT INTO change SELECT * FROM kept").await;
            bench.sql("DROP TABLE kept").await;
            assert_whole(&bench).await;
        }
        // The row itself is held against the erasure.
        bench.sql(&format!("UPDATE account SET display_name = 'Put back' WHERE id = {}", key(&bench, person.id))).await;
        assert!(audited(&bench).await.faults.iter().any(|fault| fault.contains(&person.id.to_string())));
    })
    .await;
}

/// On SQLite the bytes of the file and of what stands beside it.
#[actix_web::test]
async fn the_file_holds_nothing_of_an_erased_person() {
    both(async |bench| {
        let person = Person::new(&bench).await;
        // A long life: the same row again and again, so that its text lies in many pages, and some of them free.
        let administrator = bench.sign_in(Who::Administrator).await;
        for round in 0..40 {
            let name = format!("{NAME} {}", "x".repeat(1 + round % 50));
            assert_eq!(patch(&administrator, &person.id.to_string(), json!({"display_name": name})).await.status, 200);
        }
        person.erase(&bench).await.unwrap();
        let remains = bench.parts.store.scrub().await.unwrap();
        if bench.engine == Engine::Postgres {
            assert_eq!(remains, Remains::OnServer);
            return;
        }
        assert_eq!(remains, Remains::Nowhere);
        let file = std::path::PathBuf::from(bench.database_url().strip_prefix("sqlite:").unwrap());
        for entry in std::fs::read_dir(file.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            for marker in [USERNAME, NAME, &fold(NAME), POSITION, EMAIL, PHONE, REASON, AGENT, "Markedsdotter", "ʘʘ"] {
                let at = bytes.windows(marker.len()).position(|window| window == marker.as_bytes());
                assert_eq!(at, None, "{}: {marker}", path.display());
            }
        }
        assert_whole(&bench).await;
        administrator.get(ACCOUNTS).expect(200).await;
    })
    .await;
}
