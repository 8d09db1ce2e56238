//! What waits for whom: told to those who owe it, and gone once it is done.

mod efforts;
mod endorsements;
mod reports;
mod rounds;

use std::time::Duration;

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{Client, Who, both},
    rows::{ORGANIZATIONS, archive, at, change, create, etag, id, organization, with},
};

const OUTCOMES: &str = "/v1/outcomes";
const FOCAL_POINTS: &str = "/v1/focal-points";

/// The tasks of this kind that the caller is told.
async fn tasks(client: &Client, task: &str) -> Vec<Value> {
    let told = client.get("/v1/me/tasks").expect(200).await.json();
    told["data"].as_array().unwrap().iter().filter(|told| told["task"] == task).cloned().collect()
}

/// The rows that they are about.
pub async fn subjects(client: &Client, task: &str) -> Vec<String> {
    tasks(client, task).await.iter().map(|task| task["subject"]["id"].as_str().unwrap().to_owned()).collect()
}

async fn workshop(coordinator: &Client) -> Value {
    let body = json!({
        "title": {"en": "Workshop"}, "kind": "national_workshop", "status": "held", "starts_on": "2026-06-03", "ends_on": "2026-06-03",
        "date_precision": "day",
    });
    create(coordinator, "/v1/consultations", body).await
}

async fn outcome(coordinator: &Client, workshop: &Value, text: &str, responsible: &Value) -> Value {
    let body = json!({"consultation_id": workshop["id"], "kind": "action_point", "text": {"en": text}, "responsible_id": responsible});
    create(coordinator, OUTCOMES, body).await
}

async fn moved(client: &Client, row: &Value, to: &str) -> Value {
    let body = json!({"to": to, "reason": "Tried"});
    client.post(format!("{}/transitions", at(OUTCOMES, row)), body).header("If-Match", etag(row)).expect(200).await.json()
}

#[actix_web::test]
async fn an_outcome_waits_for_who_is_responsible_until_it_is_done() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (moh, mps) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mps")).await);
        let machine = |scopes| Who::Machine { role: Role::FocalPoint, organization: Some("moh"), scopes, external_systems: &[] };
        let program = bench.sign_in(machine(&[Scope::Read])).await;
        let others =
            [bench.sign_in(Who::Reader).await, bench.sign_in(Who::Administrator).await, bench.sign_in(Who::NetworkMember("iom")).await];
        let (workshop, of) = (workshop(&coordinator).await, bench.organization("moh").await["id"].clone());
        let late = outcome(&coordinator, &workshop, "Without a day", &of).await;
        bench.clock().advance(Duration::from_secs(1));
        let soon = outcome(&coordinator, &workshop, "Soon", &of).await;
        let soon = change(&coordinator, OUTCOMES, &soon, json!({"due_on": "2026-12-31", "text": {"lo": "ໄວໆນີ້"}})).await;
        assert_eq!(
            tasks(&moh, "outcome_due").await[0],
            json!({
                "task": "outcome_due", "subject": {"kind": "outcome", "id": soon["id"], "href": at(OUTCOMES, &soon)},
                "title": {"en": "Soon", "lo": "ໄວໆນີ້"}, "due_on": "2026-12-31", "since": soon["created_at"], "reason": null,
            })
        );
        // What has a day comes first, whatever was there before.
        for client in [&moh, &program] {
            assert_eq!(subjects(client, "outcome_due").await, [id(&soon), id(&late)]);
        }
        for client in others.iter().chain([&mps]) {
            assert_eq!(client.get("/v1/me/tasks").expect(200).await.json(), json!({"data": []}), "{}", client.name());
        }
        // The lead ministry owes what it is responsible for itself, which the seed knows, and not what others are.
        assert_eq!(tasks(&coordinator, "outcome_due").await.len(), 4);

        // Given to another, done, dropped, archived, taken back.
        let late = change(&coordinator, OUTCOMES, &late, json!({"responsible_id": bench.organization("mps").await["id"]})).await;
        assert_eq!(
            (subjects(&moh, "outcome_due").await, subjects(&mps, "outcome_due").await),
            (vec![id(&soon).to_owned()], vec![id(&late).to_owned()])
        );
        let late = archive(&coordinator, OUTCOMES, &late).await;
        assert_eq!(subjects(&mps, "outcome_due").await, [""; 0]);
        coordinator.post_if(format!("{}/restore", at(OUTCOMES, &late)), etag(&late)).expect(200).await;
        assert_eq!(subjects(&mps, "outcome_due").await, [id(&late)]);
        moved(&moh, &soon, "done").await;
        let late = coordinator.get(at(OUTCOMES, &late)).expect(200).await.json();
        moved(&coordinator, &late, "dropped").await;
        for client in [&moh, &mps, &program] {
            assert_eq!(subjects(client, "outcome_due").await, [""; 0]);
        }
    })
    .await;
}

/// What a caller is told is theirs alone: nobody else's answer is kept for them, and whoever may not read content is not told of any.
#[actix_web::test]
async fn tasks_are_never_shared_and_need_the_right_to_read() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (moh, mps) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mps")).await);
        let workshop = workshop(&coordinator).await;
        for code in ["moh", "mps"] {
            outcome(&coordinator, &workshop, code, &bench.organization(code).await["id"]).await;
        }
        for _again in 0..2 {
            for (client, code) in [(&moh, "moh"), (&mps, "mps")] {
                let reply = client.get("/v1/me/tasks").expect(200).await;
                assert_eq!(reply.json()["data"][0]["title"]["en"], code);
                assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
            }
        }
        assert!(!gcm_api::features::SHARED.iter().any(|path| path.starts_with("/v1/me")));
        let machine = |scopes| Who::Machine { role: Role::FocalPoint, organization: Some("moh"), scopes, external_systems: &[] };
        for scopes in [&[Scope::Write][..], &[Scope::Review]] {
            let program = bench.sign_in(machine(scopes)).await;
            assert_eq!(program.get("/v1/me/tasks").expect(403).await.code(), "insufficient_scope");
            program.get("/v1/me").expect(200).await;
        }
    })
    .await;
}

/// The lead ministry is told what a merger left openly, an administrator which accounts, and each of it until somebody has it.
#[actix_web::test]
async fn what_a_succession_left_waits_until_somebody_has_it() {
    both(async |bench| {
        let (coordinator, administrator) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Administrator).await);
        let ending = create(&coordinator, ORGANIZATIONS, organization("ending")).await;
        let heir = create(&coordinator, ORGANIZATIONS, organization("heir")).await;
        let child = create(&coordinator, ORGANIZATIONS, with(organization("child"), json!({"parent_id": ending["id"]}))).await;
        let person = bench.person("left.behind", Role::FocalPoint, Some("ending")).await;
        let objective = coordinator.get("/v1/objectives/7").expect(200).await.json();
        coordinator.patch("/v1/objectives/7", etag(&objective), json!({"national_lead_id": ending["id"]})).expect(200).await;
        let workshop = workshop(&coordinator).await;
        let left = outcome(&coordinator, &workshop, "Left", &ending["id"]).await;
        let kept = outcome(&coordinator, &workshop, "Kept", &ending["id"]).await;

        let duties = administrator.get(format!("{}/duties", at(ORGANIZATIONS, &ending))).expect(200).await.json();
        let word = |duty: &Value| {
            let to = if duty["id"] == kept["id"] { heir["id"].clone() } else { Value::Null };
            json!({"kind": duty["kind"], "id": duty["id"], "field": duty["field"], "to_id": to})
        };
        let words: Vec<_> = duties["data"].as_array().unwrap().iter().map(word).collect();
        assert_eq!(words.len(), 5);
        let merger = json!({
            "kind": "merge", "predecessor_ids": [ending["id"]], "successor_ids": [heir["id"]], "effective_on": "2026-06-01",
            "reassignments": words,
        });
        let planned = create(&coordinator, "/v1/successions", merger).await;
        // What is only planned has left nothing.
        assert_eq!(subjects(&coordinator, "duty_unassigned").await, [""; 0]);
        bench.clock().advance(Duration::from_secs(60));
        let path = format!("{}/transitions", at("/v1/successions", &planned));
        let act = coordinator.post(path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(200).await.json();
        // A note that is written later does not make it wait anew.
        bench.clock().advance(Duration::from_secs(60));
        change(&coordinator, "/v1/successions", &act, json!({"note": {"en": "Later"}})).await;

        let told = tasks(&coordinator, "duty_unassigned").await;
        let found: std::collections::BTreeSet<_> = told.iter().map(|task| task["subject"]["href"].as_str().unwrap().to_owned()).collect();
        let expected = ["/v1/objectives/7".to_owned(), at(ORGANIZATIONS, &child), at(OUTCOMES, &left)];
        assert_eq!(found, expected.clone().into());
        for task in &told {
            assert_eq!((&task["since"], &task["reason"]), (&act["updated_at"], &json!(format!("succession {}", id(&act)))));
        }
        let told = tasks(&administrator, "duty_unassigned").await;
        assert_eq!(
            (told.len(), &told[0]["subject"]["kind"], &told[0]["title"]),
            (1, &json!("account"), &json!({"en": "Test left.behind"}))
        );
        assert_eq!(told[0]["subject"]["id"], json!(person.account_id()));
        for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader] {
            assert_eq!(subjects(&bench.sign_in(who).await, "duty_unassigned").await, [""; 0], "{who:?}");
        }

        // Each goes when somebody has it, or when there is nothing to have any more.
        let objective = coordinator.get("/v1/objectives/7").expect(200).await.json();
        coordinator.patch("/v1/objectives/7", etag(&objective), json!({"national_lead_id": heir["id"]})).expect(200).await;
        archive(&coordinator, ORGANIZATIONS, &coordinator.get(at(ORGANIZATIONS, &child)).expect(200).await.json()).await;
        assert_eq!(subjects(&coordinator, "duty_unassigned").await, [id(&left)]);
        let now = coordinator.get(at(OUTCOMES, &left)).expect(200).await.json();
        moved(&coordinator, &now, "dropped").await;
        assert_eq!(subjects(&coordinator, "duty_unassigned").await, [""; 0]);
        let path = format!("/v1/accounts/{}", person.account_id());
        let row = administrator.get(&path).expect(200).await.json();
        administrator.patch(&path, etag(&row), json!({"organization_id": heir["id"]})).expect(200).await;
        assert_eq!(subjects(&administrator, "duty_unassigned").await, [""; 0]);
        // The heir is told what it took over.
        let of_heir = bench.person("of.heir", Role::FocalPoint, Some("heir")).await;
        assert_eq!(subjects(&of_heir, "outcome_due").await, [id(&kept)]);
    })
    .await;
}

#[actix_web::test]
async fn an_appointment_that_ended_waits_until_somebody_looked_after_it() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let moh = bench.organization("moh").await["id"].clone();
        let holder = bench.sign_in(Who::FocalPoint("moh")).await;
        let appointment = |name: &str, ends_on: Value, account: Value| {
            json!({
                "organization_id": moh, "name": name, "role": "lead", "starts_on": "2024-01-01", "ends_on": ends_on, "account_id": account,
            })
        };
        // The clock of the tests stands on 2026-11-23 in Vientiane, and the last day belongs to an appointment.
        create(&coordinator, FOCAL_POINTS, appointment("Long gone", json!("2025-12-31"), Value::Null)).await;
        let row = create(&coordinator, FOCAL_POINTS, appointment("Demo person", json!("2026-11-23"), json!(holder.account_id()))).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [""; 0]);
        bench.clock().advance(Duration::from_secs(24 * 3600));
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let told = tasks(&coordinator, "appointment_expired").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((&told[0]["subject"]["id"], &told[0]["title"]), (&row["id"], &json!({"en": "Demo person"})));
        assert_eq!(told[0]["since"], "2026-11-23T17:00:00.000000Z", "the first moment after it, in Vientiane");
        for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Administrator, Who::Reader] {
            assert_eq!(subjects(&bench.sign_in(who).await, "appointment_expired").await, [""; 0], "{who:?}");
        }
        // A successor alone is not enough while the one who left can still sign in by the record.
        let successor = json!({"organization_id": moh, "name": "Successor", "role": "lead", "starts_on": "2026-11-24"});
        let successor = create(&coordinator, FOCAL_POINTS, successor).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [id(&row)]);
        let row = change(&coordinator, FOCAL_POINTS, &row, json!({"account_id": null})).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [""; 0]);
        // Without the successor the place is empty again, until the appointment is renewed or archived.
        archive(&coordinator, FOCAL_POINTS, &successor).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [id(&row)]);
        let row = change(&coordinator, FOCAL_POINTS, &row, json!({"ends_on": "2027-11-23"})).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [""; 0]);
        change(&coordinator, FOCAL_POINTS, &row, json!({"ends_on": "2026-01-31"})).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [id(&row)]);
        // What ended together with its institution waits for nobody.
        let path = format!("{ORGANIZATIONS}/{}", moh.as_str().unwrap());
        let organization = coordinator.get(&path).expect(200).await.json();
        coordinator.patch(&path, etag(&organization), json!({"valid_to": "2026-11-24"})).expect(200).await;
        assert_eq!(subjects(&coordinator, "appointment_expired").await, [""; 0]);
    })
    .await;
}
