//! Who reports on an activity, and who decides about it.

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use super::{REPORTS, carried_out, header, moved, now, party, reasoned, remove, report, reported};
use crate::{
    harness::{Client, Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, create, etag, faults, id, organization, set, with},
};

#[actix_web::test]
async fn those_who_lead_report_and_un_members_where_they_implement() {
    both(async |bench| {
        let reported = reported(&bench).await;
        for (who, code, status) in [
            (Who::FocalPoint("molsw"), "molsw", 201),
            (Who::FocalPoint("moh"), "moh", 201),
            (Who::NetworkMember("iom"), "iom", 201),
            (Who::FocalPoint("mps"), "mps", 403),
            (Who::FocalPoint("mof"), "mof", 403),
            (Who::NetworkMember("ilo"), "ilo", 403),
            (Who::NetworkMember("unicef"), "unicef", 403),
            (Who::Coordinator, "mofa", 403),
            (Who::Reader, "molsw", 403),
            (Who::Administrator, "molsw", 403),
            // In the name of another that may.
            (Who::FocalPoint("moh"), "molsw", 403),
            (Who::FocalPoint("mof"), "molsw", 403),
            (Who::Coordinator, "molsw", 403),
        ] {
            let client = bench.sign_in(who).await;
            let body = report(&reported.activity, &bench.organization(code).await);
            let reply = client.post(format!("{REPORTS}?dry_run=true"), body.clone()).send().await;
            assert_eq!(reply.status, status, "{who:?} for {code}: {reply}");
            let takes_part = !matches!(who, Who::Reader | Who::Administrator);
            if status == 403 && takes_part {
                assert_eq!(reply.json()["params"]["rule"], "reporters", "{who:?} for {code}");
                // Nothing of the rules is told to whoever may not.
                let wrong = with(body, json!({"period_start": "2026-10-07"}));
                assert_eq!(client.post(REPORTS, wrong).send().await.status, 403, "{who:?} for {code}");
            }
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn the_lead_ministry_reports_where_it_leads_itself() {
    both(async |bench| {
        let (mofa, molsw) = (bench.organization("mofa").await, bench.organization("molsw").await);
        let body = json!({
            "parties": [party(&mofa, "lead"), party(&molsw, "supporting")], "starts_on": "2026-10-10", "ends_on": "2027-06-30",
        });
        let (_plan, activities) = carried_out(&bench, header(), &[body]).await;
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let row = create(&coordinator, REPORTS, report(&activities[0], &mofa)).await;
        let row = crate::rows::change(&coordinator, REPORTS, &row, json!({"progress_percent": 25})).await;
        let row = moved(&coordinator, &row, "submitted").await;
        let row = moved(&coordinator, &row, "accepted").await;
        assert_eq!(row["state"], "accepted");
        assert_eq!(now(&bench, &activities[0]).await["progress_percent"], 25);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn an_activity_that_is_not_seen_is_unknown_and_an_archived_one_takes_no_reports() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let molsw = bench.organization("molsw").await;
        let unknown = json!({"activity_id": "01920000-0000-7000-8000-000000000001"});
        for who in [Who::FocalPoint("molsw"), Who::FocalPoint("mof"), Who::Coordinator, Who::NetworkMember("iom")] {
            let client = bench.sign_in(who).await;
            let refused = client.post(REPORTS, with(report(&reported.activity, &molsw), unknown.clone())).expect(422).await;
            assert_eq!(faults(&refused), set([("#/activity_id", "reference_unknown")]), "{who:?}");
        }
        let path = |id: &str| format!("{REPORTS}/by-external-id/grid/{id}");
        let machine = |organization| Who::Machine {
            role: Role::FocalPoint,
            organization: Some(organization),
            scopes: &[Scope::Read, Scope::Write],
            external_systems: &["grid"],
        };
        let (lead, other) = (bench.sign_in(machine("molsw")).await, bench.sign_in(machine("mof")).await);
        let refused = lead.put(path("none"), with(report(&reported.activity, &molsw), unknown)).expect(422).await;
        assert_eq!(faults(&refused), set([("#/activity_id", "reference_unknown")]));
        let refused = other.put(path("one"), report(&reported.activity, &bench.organization("mof").await)).expect(403).await;
        assert_eq!(refused.json()["params"]["rule"], "reporters");
        // What is entered under another system's id is the lead's from the first moment, and the parties of the activity are those of the row.
        let made = lead.put(path("one"), report(&reported.activity, &molsw)).expect(201).await.json();
        let made = crate::rows::change(&reported.lead, REPORTS, &made, json!({"progress_percent": 30})).await;
        assert_eq!(lead.put(path("one"), report(&reported.activity, &molsw)).expect(200).await.json()["progress_percent"], 20);
        let same = lead.put(path("one"), report(&reported.activity, &molsw)).expect(200).await;
        assert_eq!(same.header("x-changed"), Some("false"));
        let elsewhere = with(report(&reported.activity, &bench.organization("moh").await), json!({}));
        assert!(matches!(lead.put(path("one"), elsewhere).send().await.status, 403 | 422));
        assert_whole(&bench).await;

        remove(&bench, &reported.plan, &reported.activity).await;
        let refused = reported.lead.post(REPORTS, report(&reported.activity, &molsw)).expect(422).await;
        assert_eq!(faults(&refused), set([("#/activity_id", "reference_archived")]));
        let now = reported.lead.get(at(REPORTS, &made)).expect(200).await.json();
        let refused = reported.lead.patch(at(REPORTS, &now), etag(&now), json!({"progress_percent": 40})).expect(409).await;
        assert_eq!(refused.code(), "archived");
        let path = format!("{}/transitions", at(REPORTS, &now));
        assert_eq!(
            reported.lead.post(path, json!({"to": "submitted"})).header("If-Match", etag(&now)).expect(409).await.code(),
            "archived"
        );
        let gone = archive(&reported.coordinator, REPORTS, &now).await;
        let back = reported.coordinator.post_if(format!("{}/restore", at(REPORTS, &gone)), etag(&gone)).expect(409).await;
        assert_eq!(back.code(), "archived");
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn an_organization_that_ended_reports_no_more() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let ending = create(&coordinator, ORGANIZATIONS, organization("ending")).await;
        let person = bench.person("ending.focal", Role::FocalPoint, Some("ending")).await;
        let body = json!({"parties": [party(&ending, "lead")], "starts_on": "2026-10-10", "ends_on": "2027-06-30"});
        let (_plan, activities) = carried_out(&bench, header(), &[body]).await;
        coordinator.patch(at(ORGANIZATIONS, &ending), etag(&ending), json!({"valid_to": "2026-11-01"})).expect(200).await;
        let refused = person.post(REPORTS, report(&activities[0], &ending)).expect(422).await;
        assert_eq!(faults(&refused), set([("#/organization_id", "reference_archived")]));
    })
    .await;
}

/// Tries a move out; its status.
async fn tried(client: &Client, row: &Value, to: &str) -> u16 {
    let path = format!("{}/transitions?dry_run=true", at(REPORTS, row));
    client.post(path, reasoned(to)).header("If-Match", etag(row)).send().await.status
}

/// DOMAIN 3 and 5, by hand: from, to, and what comes of it for the lead of the activity and for the lead ministry.
const MOVES: [(&str, &str, u16, u16); 20] = [
    ("draft", "submitted", 200, 403),
    ("draft", "returned", 409, 409),
    ("draft", "accepted", 409, 409),
    ("draft", "superseded", 409, 409),
    ("submitted", "draft", 409, 409),
    ("submitted", "returned", 403, 200),
    ("submitted", "accepted", 403, 200),
    ("submitted", "superseded", 409, 409),
    ("returned", "draft", 409, 409),
    ("returned", "submitted", 200, 403),
    ("returned", "accepted", 409, 409),
    ("returned", "superseded", 409, 409),
    ("accepted", "draft", 409, 409),
    ("accepted", "submitted", 409, 409),
    ("accepted", "returned", 409, 409),
    ("accepted", "superseded", 409, 409),
    ("superseded", "draft", 409, 409),
    ("superseded", "submitted", 409, 409),
    ("superseded", "returned", 409, 409),
    ("superseded", "accepted", 409, 409),
];

#[actix_web::test]
async fn each_move_is_made_by_whom_the_design_says_and_by_nobody_else() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let (partner, supporting) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mps")).await);
        let (member, reader) = (bench.sign_in(Who::NetworkMember("iom")).await, bench.sign_in(Who::Reader).await);
        let administrator = bench.sign_in(Who::Administrator).await;
        for state in ["draft", "submitted", "returned", "superseded", "accepted"] {
            let row = reported.in_state(&bench, state, json!({})).await;
            assert_eq!(row["state"], state);
            for (_, to, own, ministry) in MOVES.into_iter().filter(|(from, ..)| *from == state) {
                let found = (tried(&reported.lead, &row, to).await, tried(&reported.coordinator, &row, to).await);
                assert_eq!(found, (own, ministry), "{state} to {to}");
                for client in [&partner, &supporting, &member, &reader, &administrator] {
                    let status = tried(client, &row, to).await;
                    assert!(matches!(status, 403 | 404 | 409) && (status != 409 || own == 409), "{state} to {to} by {}", client.name());
                }
            }
            // What a menu shows is what can be done.
            for (client, is_ministry) in [(&reported.lead, false), (&reported.coordinator, true)] {
                let menu = client.get(format!("{}/transitions", at(REPORTS, &row))).expect(200).await.json();
                for next in menu["next"].as_array().unwrap() {
                    let to = next["to"].as_str().unwrap();
                    let (_, _, own, ministry) = MOVES.into_iter().find(|(from, known, ..)| *from == state && *known == to).unwrap();
                    assert_eq!(next["allowed"], (if is_ministry { ministry } else { own }) == 200, "{state} to {to}");
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn only_who_reports_writes_and_only_while_it_is_theirs() {
    both(async |bench| {
        let reported = reported(&bench).await;
        let partner = bench.sign_in(Who::FocalPoint("moh")).await;
        for (state, own) in [("draft", 200), ("returned", 200), ("submitted", 409), ("accepted", 409), ("superseded", 409)] {
            let row = reported.in_state(&bench, state, json!({})).await;
            let patch = |client: &Client| {
                client.patch(format!("{}?dry_run=true", at(REPORTS, &row)), etag(&row), json!({"achievements": {"en": "Two"}}))
            };
            let reply = patch(&reported.lead).send().await;
            assert_eq!(reply.status, own, "{state}");
            if own == 409 {
                assert_eq!((reply.code().as_str(), &reply.json()["params"]["state"]), ("not_editable_in_state", &json!(state)));
            }
            // The lead ministry sees it and sends it back; it does not write it.
            assert_eq!(patch(&reported.coordinator).send().await.status, 403, "{state}");
            let seen = matches!(state, "submitted" | "accepted" | "superseded");
            assert_eq!(patch(&partner).send().await.status, if seen { 403 } else { 404 }, "{state}");
            let unchanged = reported.lead.patch(at(REPORTS, &row), etag(&row), &row).expect(200).await;
            assert_eq!(unchanged.etag(), etag(&row), "{state}: sent back as it was read, it is the same");
        }
        let row = reported.draft(&bench, json!({})).await;
        for (client, status) in [(&reported.lead, 403), (&partner, 404), (&reported.coordinator, 200)] {
            let path = format!("{}/archive?dry_run=true", at(REPORTS, &row));
            assert_eq!(client.post_if(path, etag(&row)).send().await.status, status, "{}", client.name());
        }
        assert_whole(&bench).await;
        assert!(!id(&row).is_empty());
    })
    .await;
}
