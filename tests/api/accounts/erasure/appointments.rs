//! Appointments of people: erased by themselves, and with an account that was theirs.

use gcm_api::entity::focal_point;
use serde_json::{Value, json};

use super::*;

const FOCAL_POINTS: &str = "/v1/focal-points";

/// An appointment alone: the institution, the role and the dates stay, and so does an account that is not asked about.
#[actix_web::test]
async fn an_appointment_is_erased_by_itself() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let holder = bench.sign_in(Who::FocalPoint("moj")).await;
        let id = appointment(&bench, Some(holder.account_id())).await;
        assert_eq!(erase_appointment(&bench, id).await, Erasure::Done { appointments: 1 });
        assert_eq!(traces(&bench).await, Vec::<String>::new());
        let row =
            operate(&bench, async |tx| Ok(tx.find::<focal_point::Entity>(focal_point::Column::Id.eq(id)).await?.unwrap())).await.unwrap();
        assert_eq!((row.name.as_str(), &row.position, row.account_id, row.erased_at), ("(erased)", &None, None, Some(bench.clock().now())));
        assert_eq!((row.starts_on.to_string().as_str(), row.archived_at, row.external_ids.0.len()), ("2025-01-02", None, 0));
        assert_eq!(account(&administrator, &holder.account_id().to_string()).await.0["state"], "active");
        assert_eq!(erase_appointment(&bench, id).await, Erasure::Nothing);
        assert_whole(&bench).await;
    })
    .await;
}

/// A person whose account bears the name that appointments bear.
async fn named(bench: &Bench) -> Client {
    let person = bench.person(USERNAME, Role::FocalPoint, Some("moh")).await;
    let administrator = bench.sign_in(Who::Administrator).await;
    patch(&administrator, &person.account_id().to_string(), json!({"display_name": NAME})).await;
    person
}

async fn changed(coordinator: &Client, id: Uuid, changes: Value) -> Value {
    let path = format!("{FOCAL_POINTS}/{id}");
    let etag = coordinator.get(&path).expect(200).await.etag();
    coordinator.patch(&path, etag, changes).expect(200).await.json()
}

async fn reached(coordinator: &Client, id: Uuid, etag: &str, email: &str) {
    coordinator.patch(format!("{FOCAL_POINTS}/{id}/contact"), etag, json!({"email": email})).expect(204).await;
}

/// An appointment that went from one person to another, name and all: what it was before is gone, and what it is stays.
#[actix_web::test]
async fn what_an_appointment_was_with_an_erased_account_is_gone() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let successor = bench.sign_in(Who::FocalPoint("moh")).await;
        for (new_contact, contact) in [(None, Value::Null), (Some("new@example.org"), json!("new@example.org"))] {
            let person = named(&bench).await;
            let id = appointment(&bench, Some(person.account_id())).await;
            reached(&coordinator, id, "\"0\"", EMAIL).await;
            bench.clock().advance(std::time::Duration::from_secs(1));
            let before =
                changed(&coordinator, id, json!({"account_id": successor.account_id(), "name": "Somebody else", "position": null})).await;
            if let Some(email) = new_contact {
                bench.clock().advance(std::time::Duration::from_secs(1));
                reached(&coordinator, id, "\"1\"", email).await;
            }
            assert!(!traces(&bench).await.is_empty());

            assert_eq!(erase_account(&bench, person.account_id()).await.unwrap(), Erasure::Done { appointments: 1 });
            assert_eq!(traces(&bench).await, Vec::<String>::new());
            let path = format!("{FOCAL_POINTS}/{id}");
            let after = coordinator.get(&path).expect(200).await.json();
            for field in ["name", "account_id", "position", "erased_at"] {
                assert_eq!(after[field], before[field], "{field}");
            }
            assert_eq!(coordinator.get(format!("{path}/contact")).expect(200).await.json()["email"], contact);
            let history = coordinator.get(format!("{path}/history")).expect(200).await.json();
            let entries = history["data"].as_array().unwrap();
            assert_eq!((&entries[0]["op"], &entries[0]["body"]["name"]), (&json!("erase"), &json!("Somebody else")));
            assert!(entries.len() > 4 && entries[1..].iter().all(|entry| entry["body"].is_null()), "{history}");
            assert_eq!(erase_account(&bench, person.account_id()).await.unwrap(), Erasure::Nothing);
            assert_whole(&bench).await;
        }
        successor.get("/v1/me").expect(200).await;
    })
    .await;
}

/// Nobody is linked to it any more, and it still bears the name.
#[actix_web::test]
async fn an_appointment_that_was_unlinked_and_bears_the_name_is_theirs() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let person = named(&bench).await;
        let id = appointment(&bench, Some(person.account_id())).await;
        reached(&coordinator, id, "\"0\"", EMAIL).await;
        changed(&coordinator, id, json!({"account_id": null})).await;
        assert_eq!(erase_account(&bench, person.account_id()).await.unwrap(), Erasure::Done { appointments: 1 });
        assert_eq!(traces(&bench).await, Vec::<String>::new());
        let after = coordinator.get(format!("{FOCAL_POINTS}/{id}")).expect(200).await.json();
        assert!(after["name"] == "(erased)" && after["erased_at"].is_string());
        assert_whole(&bench).await;
    })
    .await;
}

/// Linked to the wrong account by mistake: the mistake costs nobody their appointment, and the operator is told of it.
#[actix_web::test]
async fn the_appointment_of_another_person_is_not_erased() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let bea = bench.sign_in(Who::FocalPoint("moh")).await;
        for account in [json!(bea.account_id()), Value::Null] {
            let wrong = bench.person("wrong.account", Role::FocalPoint, Some("moh")).await;
            let id = appointment(&bench, Some(wrong.account_id())).await;
            let before = changed(&coordinator, id, json!({"account_id": account})).await;
            let path = format!("{FOCAL_POINTS}/{id}");
            let history = coordinator.get(format!("{path}/history")).expect(200).await.json();
            assert_eq!(erase_account(&bench, wrong.account_id()).await.unwrap(), Erasure::Done { appointments: 0 });
            assert_eq!(coordinator.get(&path).expect(200).await.json(), before);
            assert_eq!(coordinator.get(format!("{path}/history")).expect(200).await.json(), history);
            let told = operate(&bench, async |tx| erase::in_doubt(tx, wrong.account_id()).await).await.unwrap();
            assert_eq!(told, [id]);
        }
        assert_whole(&bench).await;
    })
    .await;
}
