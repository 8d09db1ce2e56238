//! Appointments of people: erased by themselves, and with an account that was theirs.

use gcm_api::entity::focal_point;
use serde_json::json;

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

/// An appointment that was linked to the wrong account first, or given to somebody else since: erasing the account empties what it said then.
#[actix_web::test]
async fn what_an_appointment_was_with_an_erased_account_is_gone() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let successor = bench.sign_in(Who::FocalPoint("moh")).await;
        for (now, stays) in [
            (json!({"account_id": successor.account_id(), "name": "Somebody else", "position": null}), true),
            // The name is still theirs: the account was only taken away.
            (json!({"account_id": null}), false),
        ] {
            let person = bench.person(USERNAME, Role::FocalPoint, Some("moh")).await;
            let id = appointment(&bench, Some(person.account_id())).await;
            let path = format!("{FOCAL_POINTS}/{id}");
            let etag = coordinator.get(&path).expect(200).await.etag();
            let before = coordinator.patch(&path, etag, now).expect(200).await.json();
            assert!(!traces(&bench).await.is_empty());

            let id = person.account_id();
            assert_eq!(erase_account(&bench, id).await.unwrap(), Erasure::Done { appointments: 1 });
            assert_eq!(traces(&bench).await, Vec::<String>::new());
            let after = coordinator.get(&path).expect(200).await.json();
            assert_eq!((after["name"] == before["name"], after["account_id"] == before["account_id"]), (stays, true));
            assert_eq!(after["erased_at"].is_null(), stays, "{after}");
            let history = coordinator.get(format!("{path}/history")).expect(200).await.json();
            let entries = history["data"].as_array().unwrap();
            assert_eq!((&entries[0]["op"], &entries[0]["body"]["name"]), (&json!("erase"), &after["name"]));
            assert!(entries.len() == 5 && entries[1..].iter().all(|entry| entry["body"].is_null()), "{history}");
            assert_eq!(erase_account(&bench, id).await.unwrap(), Erasure::Nothing);
            assert_whole(&bench).await;
        }
        successor.get("/v1/me").expect(200).await;
    })
    .await;
}
