//! The record proves itself: whatever is altered behind the service's back is found and named.

mod followers;
mod packed;

use gcm_api::{
    auth::token::SignedHead,
    features::operations::verify::verify,
    store::{Engine, change_log::change},
};
use serde_json::json;

use crate::{
    harness::{Bench, Who, both},
    rows::{
        MINISTRIES, ORGANIZATIONS, archive, assert_whole, at, audited, change, create, etag, id, log_after, ministry, organization, with,
    },
};

/// Writes of every sort: creation, change, archiving, restoring, a move with a reason, external ids, and some that were refused.
async fn a_mix_of_writes(bench: &Bench) {
    let (coordinator, administrator) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Administrator).await);
    let focal_point = bench.sign_in(Who::FocalPoint("moh")).await;
    let row = create(&coordinator, MINISTRIES, ministry("mixed")).await;
    let row = change(&coordinator, MINISTRIES, &row, json!({"name": {"lo": "ກະຊວງ"}})).await;
    let row = archive(&coordinator, MINISTRIES, &row).await;
    let row = coordinator.post_if(format!("{}/restore", at(MINISTRIES, &row)), etag(&row)).expect(200).await.json();
    coordinator.put(format!("{}/external-ids/mims", at(MINISTRIES, &row)), json!({"id": "LAO-1"})).expect(200).await;
    change(&focal_point, MINISTRIES, &bench.organization("moh").await, json!({"mandate": {"en": "Health of migrants"}})).await;
    let path = format!("/v1/accounts/{}", focal_point.account_id());
    let account = administrator.get(&path).expect(200).await.json();
    administrator
        .post(format!("{path}/transitions"), json!({"to": "locked", "reason": "Left the ministry"}))
        .header("If-Match", etag(&account))
        .expect(200)
        .await;
    coordinator.patch(at(MINISTRIES, &row), "\"1\"", json!({"code": "stale"})).expect(412).await;
    coordinator.post(format!("{ORGANIZATIONS}?dry_run=true"), organization("tried")).expect(201).await;
}

#[actix_web::test]
async fn the_chain_is_whole_after_a_mix_of_writes() {
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        let found = audited(&bench).await;
        let log = log_after(&bench.parts.store, 0).await;
        assert_eq!((found.faults.len(), found.rows), (0, i64::try_from(log.len()).unwrap()), "{:?}", found.faults);
        assert_eq!(found.hash, log.last().unwrap().hash);
    })
    .await;
}

#[actix_web::test]
async fn the_hash_is_what_the_documentation_says_it_is() {
    use aws_lc_rs::digest::{SHA256, digest};

    let hex = |text: &str| digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        let mut previous = String::new();
        for row in log_after(&bench.parts.store, 0).await {
            assert_eq!(row.body_digest, hex(&json!([row.salt, row.body, row.reason]).to_string()));
            let columns = json!([
                row.seq,
                row.at,
                row.actor_id,
                row.actor_kind,
                row.actor_role,
                row.actor_org,
                row.origin,
                row.request_id,
                row.kind,
                row.resource_id,
                row.revision,
                row.op,
                row.audience,
                row.owner_id,
                row.body_digest
            ]);
            assert_eq!(row.hash, hex(&format!("{previous}\n{columns}")), "change {}", row.seq);
            previous = row.hash;
        }
    })
    .await;
}

/// Which change a test tampers with: the second of the ministry that [`a_mix_of_writes`] made.
async fn victim(bench: &Bench) -> change::Model {
    let log = log_after(&bench.parts.store, 0).await;
    let created = log.iter().find(|change| change.body.as_ref().unwrap().contains("\"code\":\"mixed\"")).unwrap();
    log.iter().find(|change| change.resource_id == created.resource_id && change.revision == 2).unwrap().clone()
}

/// Tampers with the log, and says what must be named; afterwards the log is as it was.
async fn tampered(bench: &Bench, statements: &[String], named: &[String]) {
    bench.sql("CREATE TABLE kept AS SELECT * FROM change").await;
    for statement in statements {
        assert_eq!(bench.sql(statement).await, 1, "{statement}");
    }
    let found = audited(bench).await.faults;
    for name in named {
        assert!(found.iter().any(|fault| fault.contains(name.as_str())), "{statements:?}: {name:?} is not named in {found:?}");
    }
    // Without bodies the log is read in another way, and its chain is judged the same.
    let of_chain = ["was altered, or one before it was", "changes are missing", "the head names", "has no place"];
    let expected: Vec<_> = found.into_iter().filter(|fault| of_chain.iter().any(|words| fault.contains(words))).collect();
    assert_eq!(chain(bench).await, expected, "{statements:?}");
    bench.sql("DELETE FROM change").await;
    bench.sql("INSERT INTO change SELECT * FROM kept").await;
    bench.sql("DROP TABLE kept").await;
    assert_whole(bench).await;
    assert_eq!(chain(bench).await, Vec::<String>::new());
}

/// What is found without looking at bodies.
async fn chain(bench: &Bench) -> Vec<String> {
    verify(&bench.parts.store, false, None, |_seq| {}).await.unwrap().faults
}

#[actix_web::test]
async fn an_altered_change_is_named() {
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        let change::Model { seq, hash, body_digest, .. } = victim(&bench).await;
        let reasoned = log_after(&bench.parts.store, 0).await.into_iter().find(|change| change.reason.is_some()).unwrap().seq;
        let later = if bench.engine == Engine::Sqlite { "replace(at, '09:00:00', '09:00:01')" } else { "at + interval '1 microsecond'" };
        let other = |hex: &str| format!("{}{}", if hex.starts_with('0') { '1' } else { '0' }, &hex[1..]);
        let set = |what: &str, seq: i64| vec![format!("UPDATE change SET {what} WHERE seq = {seq}")];
        let name = format!("change {seq} ");
        for statements in [
            set("body = replace(body, 'ກະຊວງ', 'ກະຊວຍ')", seq),
            set("reason = 'none'", seq),
            set(&format!("at = {later}"), seq),
            set(&format!("hash = '{}'", other(&hash)), seq),
            set(&format!("body_digest = '{}'", other(&body_digest)), seq),
            set("salt = 'aa'", seq),
            set("actor_role = 'reader'", seq),
            set("actor_id = NULL", seq),
            set("request_id = 'another'", seq),
            set("origin = 'seed'", seq),
            set("op = 'create'", seq),
            set("audience = 'country'", seq),
            set("owner_id = NULL", seq),
            set("revision = 9", seq),
            set("kind = 'objective'", seq),
            set("resource_id = 'x'", seq),
            set("body = NULL, salt = NULL", seq),
            set("body = NULL", seq),
        ] {
            tampered(&bench, &statements, std::slice::from_ref(&name)).await;
        }
        let reason = set("reason = 'Was never there'", reasoned);
        tampered(&bench, &reason, &[format!("change {reasoned} ")]).await;
    })
    .await;
}

#[actix_web::test]
async fn a_change_taken_away_or_put_elsewhere_is_named() {
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        let seq = victim(&bench).await.seq;
        let last = log_after(&bench.parts.store, 0).await.last().unwrap().seq;
        let delete = |seq: i64| vec![format!("DELETE FROM change WHERE seq = {seq}")];
        let renumber = |from: i64, to: i64| format!("UPDATE change SET seq = {to} WHERE seq = {from}");
        tampered(&bench, &delete(seq), &[format!("change {} ", seq + 1), "missing".to_owned()]).await;
        tampered(&bench, &delete(1), &["change 2 ".to_owned()]).await;
        tampered(&bench, &delete(last), &[format!("the head names change {last} ")]).await;
        let swapped = [renumber(seq, 1_000_000), renumber(seq + 1, seq), renumber(1_000_000, seq + 1)];
        tampered(&bench, &swapped, &[format!("change {seq} "), format!("change {} ", seq + 1)]).await;
    })
    .await;
}

#[actix_web::test]
async fn a_row_that_differs_from_its_last_change_is_named() {
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        let (spp, objective) = (bench.organization("spp").await, "objective 6");
        let named = async |statement: &str, name: &str| {
            assert_eq!(bench.sql(statement).await, 1, "{statement}");
            let found = audited(&bench).await.faults;
            assert!(found.iter().any(|fault| fault.contains(name)), "{statement}: {name:?} is not named in {found:?}");
        };
        let name = format!("organization {}", id(&spp));
        named("UPDATE organization SET website = 'https://x.example' WHERE code = 'spp'", &name).await;
        bench.sql("UPDATE organization SET website = NULL WHERE code = 'spp'").await;
        assert_whole(&bench).await;
        named("UPDATE objective SET title = replace(title, 'fair', 'foul') WHERE number = 6", objective).await;
        bench.sql("UPDATE objective SET title = replace(title, 'foul', 'fair') WHERE number = 6").await;
        assert_whole(&bench).await;
        named("UPDATE account SET role = 'coordinator' WHERE username = 'administrator'", "account ").await;
        bench.sql("UPDATE account SET role = 'administrator' WHERE username = 'administrator'").await;
        assert_whole(&bench).await;
        bench.sql("CREATE TABLE kept AS SELECT * FROM organization WHERE code = 'spp'").await;
        named("DELETE FROM organization WHERE code = 'spp'", &format!("{name}: the row is gone")).await;
        bench.sql("INSERT INTO organization SELECT * FROM kept").await;
        assert_whole(&bench).await;
        let fresh = "01920000-0000-7000-8000-00000000abcd";
        let key = match bench.engine {
            Engine::Sqlite => format!("x'{}'", fresh.replace('-', "")),
            Engine::Postgres => format!("'{fresh}'"),
        };
        bench.sql(&format!("UPDATE kept SET id = {key}, code = 'smuggled'")).await;
        named("INSERT INTO organization SELECT * FROM kept", &format!("organization {fresh}")).await;
    })
    .await;
}

#[actix_web::test]
async fn a_table_beside_a_row_that_differs_from_it_is_named() {
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        for (statement, name) in [
            ("UPDATE external_id SET external_id = 'LAO-2' WHERE external_id = 'LAO-1'", "organization "),
            ("DELETE FROM objective_sdg_target WHERE code = '10.c'", "objective 20"),
            ("UPDATE objective_cluster SET number = 9 WHERE scheme = 'imrf_round_tables' AND number = 3", "objective 14"),
        ] {
            assert!(bench.sql(statement).await >= 1, "{statement}");
            let found = audited(&bench).await.faults;
            assert!(found.iter().any(|fault| fault.contains(name)), "{statement}: {name:?} is not named in {found:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn a_log_that_was_cut_and_signed_off_again_is_found_by_a_head_kept_outside() {
    both(async |bench| {
        a_mix_of_writes(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        let anchor = reader.get("/v1/audit/head").expect(200).await.json();
        let head = SignedHead::read(&bench.parts.keys.public_keys(), anchor["signed"].as_str().unwrap()).unwrap();
        let log = log_after(&bench.parts.store, 0).await;
        let last = log.last().unwrap();
        assert_eq!((head.seq, &head.hash), (last.seq, &last.hash));
        assert_eq!((anchor["seq"].as_str().unwrap(), &anchor["hash"]), (last.seq.to_string().as_str(), &json!(last.hash)));
        assert_eq!((head.iss.as_str(), head.iat), ("https://gcm.example", bench.clock().now().seconds()));

        let anchor = || Some((head.seq, head.hash.clone()));
        let against = async |anchor| verify(&bench.parts.store, false, anchor, |_seq| {}).await.unwrap().faults;
        assert!(against(anchor()).await.is_empty());
        // The last change goes, and the head is turned back to the one before it: without the anchor nothing shows.
        let before = &log[log.len() - 2];
        bench.sql(&format!("DELETE FROM change WHERE seq = {}", last.seq)).await;
        bench.sql(&format!("UPDATE change_head SET seq = {}, hash = '{}'", before.seq, before.hash)).await;
        assert!(against(None).await.is_empty());
        assert!(against(anchor()).await[0].contains("taken away"));
        // Another change takes its number: the chain is whole again, and the anchor still does not fit.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        create(&coordinator, ORGANIZATIONS, with(organization("instead"), json!({"kind": "academia"}))).await;
        assert!(against(None).await.is_empty());
        assert!(against(anchor()).await[0].contains(&format!("change {} ", head.seq)));
    })
    .await;
}

#[actix_web::test]
async fn a_head_that_another_key_signed_is_no_head() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let signed = reader.get("/v1/audit/head").expect(200).await.json()["signed"].as_str().unwrap().to_owned();
        let keys = bench.parts.keys.public_keys();
        assert!(SignedHead::read(&keys, &signed).is_some());
        let stranger = gcm_api::auth::token::SigningKey::generate().unwrap();
        let head = SignedHead { iss: "https://gcm.example".to_owned(), seq: 1, hash: "0".to_owned(), iat: 0 };
        assert!(SignedHead::read(&keys, &stranger.sign_head(&head).unwrap()).is_none());
        // An access token is no head, and a head is no access token.
        assert!(SignedHead::read(&keys, reader.token()).is_none());
        bench.with_token(&signed).get("/v1/me").expect(401).await;
    })
    .await;
}
