//! How to reach a focal point: for people who take part, and in no list, history, export, log or record but its own.

mod nowhere;

use futures_util::future::join;
use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{archive, assert_whole, at, create, faults, set},
};

const FOCAL_POINTS: &str = "/v1/focal-points";

/// A focal point of this organization, and the address of its contact.
async fn appointed(bench: &Bench, code: &str) -> (Value, String) {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let body =
        json!({"organization_id": bench.organization(code).await["id"], "name": "Somebody", "role": "lead", "starts_on": "2026-01-01"});
    let row = create(&coordinator, FOCAL_POINTS, body).await;
    let path = format!("{}/contact", at(FOCAL_POINTS, &row));
    (row, path)
}

/// Writes a contact and gives its new ETag.
async fn write(client: &Client, path: &str, etag: &str, body: Value) -> String {
    let reply = client.patch(path, etag, body).expect(204).await;
    assert!(reply.body.is_empty(), "nothing of it is sent back: {reply}");
    reply.etag()
}

#[actix_web::test]
async fn a_contact_has_an_etag_and_a_revision_of_its_own() {
    both(async |bench| {
        let (coordinator, (row, path)) = (bench.sign_in(Who::Coordinator).await, appointed(&bench, "moh").await);
        let none = coordinator.get(&path).expect(200).await;
        assert_eq!(none.json(), json!({"email": null, "phone": null, "revision": 0, "updated_at": null}));
        assert_eq!((none.etag().as_str(), none.header("cache-control")), ("\"0\"", Some("no-store")));

        let both = json!({"email": "a.b@example.org", "phone": "+856 21 123 456"});
        assert_eq!(coordinator.request("PATCH", &path).json(&both).expect(428).await.code(), "precondition_required");
        // The ETag of the row is not that of its contact.
        let stale = coordinator.patch(&path, "\"1\"", &both).expect(412).await.json();
        assert_eq!((&stale["code"], &stale["revision"]), (&json!("stale_revision"), &json!(0)));
        let tried = coordinator.patch(format!("{path}?dry_run=true"), "\"0\"", &both).expect(204).await;
        assert_eq!((tried.header("dry-run"), tried.header("etag")), (Some("true"), None));
        assert_eq!(coordinator.get(&path).expect(200).await.json()["revision"], 0);

        bench.clock().advance(std::time::Duration::from_secs(1));
        assert_eq!(write(&coordinator, &path, "\"0\"", both.clone()).await, "\"1\"");
        let known = coordinator.get(&path).expect(200).await;
        let expected =
            json!({"email": "a.b@example.org", "phone": "+856 21 123 456", "revision": 1, "updated_at": "2026-11-23T09:00:01.000000Z"});
        assert_eq!((known.json(), known.etag().as_str()), (expected.clone(), "\"1\""));
        // The same again, or what was read: nothing is written.
        let head = bench.parts.store.head().await.unwrap();
        assert_eq!(write(&coordinator, &path, "\"1\"", both).await, "\"1\"");
        assert_eq!(write(&coordinator, &path, "*", expected).await, "\"1\"");
        assert_eq!(bench.parts.store.head().await.unwrap(), head);
        let refused = coordinator.patch(&path, "\"1\"", json!({"revision": 2})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/revision", "read_only_field")]));

        // Absent stays, null clears; clearing both leaves an empty contact at a revision of its own.
        assert_eq!(write(&coordinator, &path, "\"1\"", json!({"phone": null})).await, "\"2\"");
        let known = coordinator.get(&path).expect(200).await.json();
        assert_eq!((&known["email"], &known["phone"]), (&json!("a.b@example.org"), &Value::Null));
        assert_eq!(write(&coordinator, &path, "\"2\"", json!({"email": null, "phone": null})).await, "\"3\"");
        let known = coordinator.get(&path).expect(200).await.json();
        assert_eq!((&known["email"], &known["revision"]), (&Value::Null, &json!(3)));

        // The row itself is as it was; its history tells three times that the contact was written.
        assert_eq!(coordinator.get(at(FOCAL_POINTS, &row)).expect(200).await.json(), row);
        let history = coordinator.get(format!("{}/history", at(FOCAL_POINTS, &row))).expect(200).await.json();
        let entries = history["data"].as_array().unwrap();
        let ops: Vec<_> = entries.iter().map(|entry| entry["op"].as_str().unwrap()).collect();
        assert_eq!(ops, ["contact", "contact", "contact", "create"]);
        for entry in &entries[..3] {
            assert_eq!((&entry["body"], &entry["changed"], &entry["revision"]), (&row, &json!([]), &json!(1)));
            assert_eq!(entry["actor"]["account_id"], json!(coordinator.account_id()));
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn sent_again_with_its_key_it_is_written_once() {
    both(async |bench| {
        let (coordinator, (_, path)) = (bench.sign_in(Who::Coordinator).await, appointed(&bench, "moh").await);
        let send = || coordinator.patch(&path, "\"0\"", json!({"email": "once@example.org"})).header("idempotency-key", "contact-1");
        let (first, again) = (send().expect(204).await, send().expect(204).await);
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
        assert_eq!((first.etag(), again.etag(), again.body.len()), ("\"1\"".to_owned(), "\"1\"".to_owned(), 0));
        let kept = bench.rows("SELECT status, headers, body FROM idempotency").await;
        assert_eq!(kept, [json!({"status": 204, "headers": "[[\"etag\",\"\\\"1\\\"\"]]", "body": null})]);
    })
    .await;
}

#[actix_web::test]
async fn of_two_who_write_at_once_one_is_told_to_read_again() {
    both(async |bench| {
        let (coordinator, (_, path)) = (bench.sign_in(Who::Coordinator).await, appointed(&bench, "moh").await);
        let own = bench.sign_in(Who::FocalPoint("moh")).await;
        for round in 0..10 {
            let etag = format!("\"{round}\"");
            let send =
                |client: &Client, name: &str| client.patch(&path, &etag, json!({"email": format!("{name}.{round}@example.org")})).send();
            let (one, two) = join(send(&coordinator, "one"), send(&own, "two")).await;
            let mut found = [one.status, two.status];
            found.sort_unstable();
            assert_eq!(found, [204, 412], "{one}\n{two}");
            let winner = if one.status == 204 { "one" } else { "two" };
            assert_eq!(own.get(&path).expect(200).await.json()["email"], format!("{winner}.{round}@example.org"));
        }
    })
    .await;
}

#[actix_web::test]
async fn people_who_take_part_read_all_and_write_their_own() {
    both(async |bench| {
        let ((_, own), (_, other)) = (appointed(&bench, "moh").await, appointed(&bench, "mps").await);
        let body = json!({"email": "x@example.org"});
        for (who, writes) in [
            (Who::Coordinator, [true, true]),
            (Who::FocalPoint("moh"), [true, false]),
            (Who::NetworkMember("moh"), [true, false]),
            (Who::NetworkMember("iom"), [false, false]),
        ] {
            let client = bench.sign_in(who).await;
            for (path, may) in [&own, &other].into_iter().zip(writes) {
                client.get(path).expect(200).await;
                let reply = client.patch(format!("{path}?dry_run=true"), "*", &body).send().await;
                assert_eq!(reply.status, if may { 204 } else { 403 }, "{who:?}");
                assert!(may || reply.json()["params"]["rule"] == "own_focal_points", "{reply}");
            }
        }
        for (who, rule) in [(Who::Administrator, "no_contact"), (Who::Reader, "reader_reads")] {
            let client = bench.sign_in(who).await;
            let (read, written) = (client.get(&own).expect(403).await.json(), client.patch(&own, "\"0\"", &body).expect(403).await.json());
            assert_eq!((&read["code"], &read["params"]["rule"]), (&json!("forbidden"), &json!("contacts_for_people")), "{who:?}");
            assert_eq!((&written["code"], &written["params"]["rule"]), (&json!("forbidden"), &json!(rule)), "{who:?}");
        }
        // Whatever a machine account may do else, it neither reads nor writes a contact.
        for (role, organization) in [
            (Role::Coordinator, Some("mofa")),
            (Role::FocalPoint, Some("moh")),
            (Role::NetworkMember, Some("moh")),
            (Role::Reader, None),
            (Role::Administrator, None),
        ] {
            let scopes = &[Scope::Read, Scope::Write, Scope::Review];
            let client = bench.sign_in(Who::Machine { role, organization, scopes, external_systems: &["hr"] }).await;
            for call in [client.get(&own), client.head(&own), client.patch(&own, "\"0\"", &body)] {
                let refused = call.expect(403).await;
                if !refused.body.is_empty() {
                    assert_eq!(refused.json()["params"]["rule"], "contacts_for_people", "{role}\n{refused}");
                }
            }
        }
        bench.nobody().get(&own).expect(401).await;
        assert_eq!(bench.sign_in(Who::Coordinator).await.get(&own).expect(200).await.json()["revision"], 0);
    })
    .await;
}

#[actix_web::test]
async fn an_archived_focal_point_keeps_its_contact_and_takes_no_other() {
    both(async |bench| {
        let (coordinator, (row, path)) = (bench.sign_in(Who::Coordinator).await, appointed(&bench, "moh").await);
        write(&coordinator, &path, "\"0\"", json!({"phone": "+85621000000"})).await;
        archive(&coordinator, FOCAL_POINTS, &row).await;
        assert_eq!(coordinator.get(&path).expect(200).await.json()["phone"], "+85621000000");
        assert_eq!(coordinator.patch(&path, "\"1\"", json!({"phone": null})).expect(409).await.code(), "archived");
        for odd in [format!("{FOCAL_POINTS}/{}/contact", uuid::Uuid::now_v7()), format!("{FOCAL_POINTS}/x/contact")] {
            coordinator.get(&odd).expect(404).await;
            coordinator.patch(&odd, "\"0\"", json!({})).expect(404).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn what_does_not_look_like_an_address_is_refused_without_repeating_it() {
    both(async |bench| {
        let (coordinator, (_, path)) = (bench.sign_in(Who::Coordinator).await, appointed(&bench, "moh").await);
        for (field, odd) in [
            ("email", "kqwv"),
            ("email", "kqwv@"),
            ("email", "kqwv@example"),
            ("email", "@kqwv.org"),
            ("email", "kqwv@example..org"),
            ("email", "kqwv one@example.org"),
            ("email", "kqwv@example.org, two@example.org"),
            ("email", "<kqwv@example.org>"),
            ("email", "kqwv@exam\u{7}ple.org"),
            ("email", ""),
            ("phone", "0209182645"),
            ("phone", "+0209182645"),
            ("phone", "+85691"),
            ("phone", "+856  209182645"),
            ("phone", "+856 20 9182645 ext 1"),
            ("phone", "+8562091826458562091826"),
            ("phone", "+856-20-9182645"),
        ] {
            for language in ["en", "lo"] {
                let refused = coordinator.patch(&path, "\"0\"", json!({field: odd})).header("accept-language", language).expect(422).await;
                assert_eq!(faults(&refused), set([(format!("#/{field}").as_str(), "wrong_form")]), "{odd}");
                assert!(!refused.text().contains("kqwv") && !refused.text().contains("9182645"), "{odd}\n{refused}");
            }
        }
        for (etag, (email, phone)) in [
            ("kqwv.o'neil+gcm@sub-domain.example.org", "+8562091826451"),
            ("ຄຳ@ຕົວຢ່າງ.la", "+1 202 555 0100"),
            ("a@b.cd", "+856 20 91 82 64 51"),
        ]
        .into_iter()
        .enumerate()
        {
            write(&coordinator, &path, &format!("\"{etag}\""), json!({"email": email, "phone": phone})).await;
            let known = coordinator.get(&path).expect(200).await.json();
            assert_eq!((&known["email"], &known["phone"]), (&json!(email), &json!(phone)));
        }
    })
    .await;
}
