//! Efforts that the lead ministry sent back.

use super::*;

const EFFORTS: &str = "/v1/efforts";

async fn step(client: &Client, row: &Value, to: &str, reason: Option<&str>) -> Value {
    let body = json!({"to": to, "reason": reason});
    client.post(format!("{}/transitions", at(EFFORTS, row)), body).header("If-Match", etag(row)).expect(200).await.json()
}

#[actix_web::test]
async fn a_returned_effort_waits_for_its_organization_with_the_reason() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (moh, mps) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mps")).await);
        let body = json!({
            "organization_id": bench.organization("moh").await["id"], "title": {"en": "Health cards"}, "kind": "service",
            "objective_numbers": [15], "implementation": "ongoing",
        });
        let row = create(&moh, EFFORTS, body).await;
        let row = step(&moh, &row, "submitted", None).await;
        assert_eq!(subjects(&moh, "effort_returned").await, [""; 0]);
        bench.clock().advance(Duration::from_secs(60));
        let row = step(&coordinator, &row, "returned", Some("Which provinces?")).await;
        let since = row["updated_at"].clone();
        // What is mended meanwhile does not make it wait anew, nor does it lose the reason.
        bench.clock().advance(Duration::from_secs(60));
        let row = change(&moh, EFFORTS, &row, json!({"title": {"lo": "ບັດສຸຂະພາບ"}})).await;
        let told = tasks(&moh, "effort_returned").await;
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["subject"]["href"], &told[0]["since"]), (&json!(at(EFFORTS, &row)), &since));
        assert_eq!((&told[0]["reason"], &told[0]["title"]), (&json!("Which provinces?"), &row["title"]));
        let others = [Who::Administrator, Who::Reader, Who::NetworkMember("iom")];
        for client in [&mps, &coordinator] {
            assert_eq!(subjects(client, "effort_returned").await, [""; 0], "{}", client.name());
        }
        for who in others {
            assert_eq!(subjects(&bench.sign_in(who).await, "effort_returned").await, [""; 0], "{who:?}");
        }
        // Out of use and back.
        let archived = archive(&coordinator, EFFORTS, &row).await;
        assert_eq!(subjects(&moh, "effort_returned").await, [""; 0]);
        let row = coordinator.post_if(format!("{}/restore", at(EFFORTS, &archived)), etag(&archived)).expect(200).await.json();
        assert_eq!(subjects(&moh, "effort_returned").await, [id(&row)]);
        step(&moh, &row, "submitted", None).await;
        assert_eq!(subjects(&moh, "effort_returned").await, [""; 0]);
    })
    .await;
}
