//! The stock-taking: what each institution does already, from its first draft until it counts.

mod budget;
mod filters;
mod leaks;
mod moves;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Reply, Who, both},
    rows::{ORGANIZATIONS, archive, assert_whole, at, change, column, create, etag, faults, id, organization, set, with},
};

const EFFORTS: &str = "/v1/efforts";

/// The least that a new effort needs.
fn effort(of: &Value, title: &str) -> Value {
    json!({
        "organization_id": id(of), "title": {"en": title}, "kind": "programme", "objective_numbers": [6], "implementation": "ongoing",
    })
}

/// Moves an effort as it was seen.
async fn moved(client: &Client, row: &Value, to: &str) -> Value {
    client.post(format!("{}/transitions", at(EFFORTS, row)), reasoned(to)).header("If-Match", etag(row)).expect(200).await.json()
}

/// A move with the reason that some ask for.
fn reasoned(to: &str) -> Value {
    json!({"to": to, "reason": "It was agreed so"})
}

/// An effort of this ministry in this state, by the ways that there are.
async fn in_state(bench: &Bench, code: &'static str, title: &str, state: &str) -> Value {
    let (owner, coordinator) = (bench.sign_in(Who::FocalPoint(code)).await, bench.sign_in(Who::Coordinator).await);
    let draft = create(&owner, EFFORTS, effort(&bench.organization(code).await, title)).await;
    if state == "draft" {
        return draft;
    }
    let submitted = moved(&owner, &draft, "submitted").await;
    match state {
        "submitted" => submitted,
        "returned" | "accepted" => moved(&coordinator, &submitted, state).await,
        "reopened" => {
            let accepted = moved(&coordinator, &submitted, "accepted").await;
            moved(&owner, &accepted, "draft").await
        }
        other => panic!("there is no way to {other}"),
    }
}

#[actix_web::test]
async fn an_effort_is_entered_read_changed_archived_and_restored() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let (molsw, iom, ilo) = (bench.organization("molsw").await, bench.organization("iom").await, bench.organization("ilo").await);
        let full = json!({
            "title": {"en": "Training before departure", "lo": "ການຝຶກອົບຮົມ"}, "description": {"en": "Two days"}, "partner_ids": [id(&iom)],
            "objective_numbers": [18, 6], "action_codes": ["18.a", "6.c"], "sdg_target_codes": ["10.7", "8.8"], "starts_on": "2024-01-01",
            "ends_on": "2026-12-31", "provinces": ["LA-VT", "LA-SV"], "challenges": {"en": "Few trainers"}, "support_needed": {"en": "Material"},
            "budget": {"amount": "1250", "currency": "USD"}, "funder_ids": [id(&ilo), id(&iom)], "links": ["https://example.org/training"],
        });
        let made = owner.post(EFFORTS, with(effort(&molsw, "replaced"), full.clone())).expect(201).await;
        let row = made.json();
        let path = at(EFFORTS, &row);
        assert_eq!((made.header("location"), made.etag().as_str()), (Some(path.as_str()), "\"1\""));
        let answered = json!({
            "objective_numbers": [6, 18], "action_codes": ["6.c", "18.a"], "sdg_target_codes": ["8.8", "10.7"], "provinces": ["LA-SV", "LA-VT"],
            "budget": {"amount": "1250.00", "currency": "USD"}, "state": "draft", "provenance": "entered", "organization_id": id(&molsw),
        });
        assert_eq!(row, with(row.clone(), with(full, answered)));
        assert_eq!(coordinator.get(&path).expect(200).await.json(), row);
        // Sent back as it was read, it is the same; sets in another order are the same.
        assert_eq!(owner.patch(&path, "\"1\"", &row).expect(200).await.etag(), "\"1\"");
        let same = json!({"objective_numbers": [18, 6], "budget": {"amount": "1250.0", "currency": "USD"}});
        assert_eq!(change(&owner, EFFORTS, &row, same).await["revision"], 1);
        let cleared = json!({
            "description": null, "partner_ids": null, "action_codes": null, "sdg_target_codes": null, "starts_on": null, "ends_on": null,
            "provinces": null, "challenges": null, "support_needed": null, "budget": null, "funder_ids": null, "links": null,
        });
        let row = change(&owner, EFFORTS, &row, cleared).await;
        assert_eq!((&row["budget"], &row["funder_ids"], &row["provinces"], &row["challenges"]), (&Value::Null, &json!([]), &json!([]), &Value::Null));
        let row = change(&owner, EFFORTS, &row, json!({"title": {"lo": null}, "description": {"lo": "ສອງມື້"}})).await;
        assert_eq!((&row["title"], &row["description"]), (&json!({"en": "Training before departure"}), &json!({"lo": "ສອງມື້"})));
        let archived = archive(&coordinator, EFFORTS, &row).await;
        assert_eq!(owner.patch(&path, etag(&archived), json!({"kind": "law"})).expect(409).await.code(), "archived");
        let refused = owner.post(format!("{path}/transitions"), json!({"to": "submitted"})).header("If-Match", etag(&archived)).expect(409).await;
        assert_eq!(refused.code(), "archived");
        coordinator.post_if(format!("{path}/restore"), etag(&archived)).expect(200).await;
        let history = owner.get(format!("{path}/history")).expect(200).await.json();
        assert_eq!(column(&history, "op"), ["restore", "archive", "update", "update", "create"]);
        assert_eq!(history["data"][2]["changed"], json!(["/description", "/title/lo"]));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_does_not_hold_together_is_told_all_at_once() {
    both(async |bench| {
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        let (molsw, iom) = (bench.organization("molsw").await, bench.organization("iom").await);
        // Merged in 2025, so no more to be pointed at.
        let ended = bench.organization("mpi").await;
        let unknown = "01920000-0000-7000-8000-000000000001";
        let (twice, dated) = ("not_unique", json!({"starts_on": "2026-02-02"}));
        for (fields, expected) in [
            (json!({"kind": "wish"}), vec![("#/kind", "unknown_value")]),
            (json!({"objective_numbers": [6, 7, 6]}), vec![("#/objective_numbers", twice)]),
            (json!({"action_codes": ["6.c", "6.z"]}), vec![("#/action_codes/1", "reference_unknown")]),
            (json!({"action_codes": ["6.c", "7.a"]}), vec![("#/action_codes/1", "objective_not_named")]),
            (json!({"action_codes": ["6.c", "6.c"]}), vec![("#/action_codes", twice)]),
            (json!({"sdg_target_codes": ["10.7", "99.9"]}), vec![("#/sdg_target_codes/1", "unknown_value")]),
            (json!({"provinces": ["LA-XX", "TH-10"]}), vec![("#/provinces/0", "unknown_value"), ("#/provinces/1", "unknown_value")]),
            (json!({"links": ["https://example.org", "https://example.org"]}), vec![("#/links", twice)]),
            (json!({"links": ["javascript:alert(1)"]}), vec![("#/links/0", "wrong_form")]),
            (
                json!({"partner_ids": [id(&iom), id(&iom)], "funder_ids": [unknown, id(&ended)]}),
                vec![("#/partner_ids/1", twice), ("#/funder_ids/0", "reference_unknown"), ("#/funder_ids/1", "reference_archived")],
            ),
            (with(dated.clone(), json!({"ends_on": "2026-02-01"})), vec![("#/ends_on", "ends_before_start")]),
            (with(dated, json!({"ends_on": "2026-02-02"})), vec![]),
            (json!({"objective_numbers": [6, 7], "action_codes": ["7.a"], "partner_ids": [id(&iom)], "funder_ids": [id(&iom)]}), vec![]),
        ] {
            let reply = owner.post(format!("{EFFORTS}?dry_run=true"), with(effort(&molsw, "Tried"), fields.clone())).send().await;
            let found = if reply.status == 422 { faults(&reply) } else { set([]) };
            let expected: std::collections::BTreeSet<_> =
                expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
            assert_eq!((reply.status, found), (if expected.is_empty() { 201 } else { 422 }, expected), "{fields}");
        }
        let lao = json!({"action_codes": ["7.a"]});
        let reply = owner.post(EFFORTS, with(effort(&molsw, "Tried"), lao)).header("Accept-Language", "lo").expect(422).await.json();
        assert_eq!(reply["errors"][0]["detail"], "ຂຶ້ນກັບຈຸດປະສົງທີ 7 ເຊິ່ງບໍ່ຢູ່ໃນ `objective_numbers`");
        // What is archived or over by now, but stood before, stands.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let partner = create(&coordinator, ORGANIZATIONS, organization("partner")).await;
        let row = create(&owner, EFFORTS, with(effort(&molsw, "Kept"), json!({"partner_ids": [id(&partner)]}))).await;
        archive(&coordinator, ORGANIZATIONS, &partner).await;
        let row = change(&owner, EFFORTS, &row, json!({"kind": "law", "partner_ids": [id(&iom), id(&partner)]})).await;
        let refused = owner.patch(at(EFFORTS, &row), etag(&row), json!({"funder_ids": [id(&partner)]})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/funder_ids/0", "reference_archived")]));
        // Taking an objective away takes its actions along, by the one who does it.
        let row = change(&owner, EFFORTS, &row, json!({"objective_numbers": [6, 7], "action_codes": ["7.a"]})).await;
        let refused = owner.patch(at(EFFORTS, &row), etag(&row), json!({"objective_numbers": [6]})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/action_codes/0", "objective_not_named")]));
    })
    .await;
}

#[actix_web::test]
async fn nobody_enters_an_effort_for_another_or_gives_one_away() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let (molsw, moh) = (bench.organization("molsw").await, bench.organization("moh").await);
        let refused = owner.post(EFFORTS, effort(&moh, "Not mine")).expect(403).await.json();
        assert_eq!((&refused["code"], &refused["params"]["rule"]), (&json!("forbidden"), &json!("own_efforts")));
        // Who may not hears that, and nothing of the rules.
        owner.post(EFFORTS, with(effort(&moh, "Not mine"), json!({"kind": "wish"}))).expect(403).await;
        let row = create(&owner, EFFORTS, effort(&molsw, "Mine")).await;
        let refused = owner.patch(at(EFFORTS, &row), etag(&row), json!({"organization_id": id(&moh)})).expect(403).await;
        assert_eq!((refused.code().as_str(), faults(&refused)), ("field_not_writable", set([("#/organization_id", "not_writable")])));
        let given = change(&coordinator, EFFORTS, &row, json!({"organization_id": id(&moh)})).await;
        owner.get(at(EFFORTS, &given)).expect(404).await;
        bench.sign_in(Who::FocalPoint("moh")).await.get(at(EFFORTS, &given)).expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn another_system_enters_its_efforts_again_and_again() {
    use gcm_api::auth::{Role, Scope};

    both(async |bench| {
        let scopes: &[Scope] = &[Scope::Read, Scope::Write];
        let machine = |code| Who::Machine { role: Role::NetworkMember, organization: Some(code), scopes, external_systems: &["iom-mims"] };
        let (iom, other) = (bench.sign_in(machine("iom")).await, bench.sign_in(machine("ilo")).await);
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let key = format!("{EFFORTS}/by-external-id/iom-mims/E-1");
        let sent = with(effort(&bench.organization("iom").await, "Synchronized"), json!({"budget": {"amount": "5", "currency": "LAK"}}));
        let made = iom.put(&key, &sent).expect(201).await.json();
        assert_eq!(iom.put(&key, &sent).expect(200).await.header("x-changed"), Some("false"));
        // Of a draft of somebody else it is told that the id is taken, and nothing more.
        let theirs = effort(&bench.organization("ilo").await, "Other");
        let taken = other.put(&key, &theirs).expect(403).await.json();
        assert_eq!((&taken["code"], &taken["params"]), (&json!("external_id_taken"), &json!({"system": "iom-mims"})));
        let own = create(&other, EFFORTS, theirs).await;
        let taken = other.put(format!("{}/external-ids/iom-mims", at(EFFORTS, &own)), json!({"id": "E-1"})).expect(403).await.json();
        assert_eq!((&taken["code"], &taken["params"]), (&json!("external_id_taken"), &json!({"system": "iom-mims"})));
        other.get(&key).expect(404).await;
        let submitted = moved(&iom, &made, "submitted").await;
        for (state, by) in [("submitted", &iom), ("accepted", &coordinator)] {
            let row = if state == "submitted" { submitted.clone() } else { moved(by, &submitted, state).await };
            assert_eq!(iom.put(&key, &sent).expect(200).await.header("x-changed"), Some("false"), "{state}");
            let refused = iom.put(&key, with(sent.clone(), json!({"kind": "data"}))).expect(409).await.json();
            assert_eq!((&refused["code"], &refused["params"]["state"]), (&json!("not_editable_in_state"), &json!(state)));
            assert_eq!(iom.get(&key).expect(200).await.etag(), etag(&row));
        }
        let translated = iom.put(&key, with(sent, json!({"title": {"lo": "ປະສານກັນ"}}))).expect(200).await.json();
        assert_eq!(translated["title"], json!({"en": "Synchronized", "lo": "ປະສານກັນ"}));
        assert_whole(&bench).await;
    })
    .await;
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

#[actix_web::test]
async fn of_many_edits_of_one_draft_at_once_one_wins() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let row = in_state(&bench, "molsw", "Contested", "draft").await;
        let path = at(EFFORTS, &row);
        let calls =
            (0..20).map(|n| [&owner, &coordinator][n % 2].patch(&path, "\"1\"", json!({"title": {"en": format!("Edit {n}")}})).send());
        let replies = join_all(calls).await;
        assert_eq!((count(&replies, 200), count(&replies, 412)), (1, 19));
        let winner = replies.iter().find(|reply| reply.status == 200).unwrap();
        assert_eq!(owner.get(&path).expect(200).await.json(), winner.json());
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn nothing_is_changed_behind_the_back_of_whoever_decides() {
    both(async |bench| {
        let (owner, coordinator) = (bench.sign_in(Who::FocalPoint("molsw")).await, bench.sign_in(Who::Coordinator).await);
        let molsw = bench.organization("molsw").await;
        for round in 0..40 {
            let draft = create(&owner, EFFORTS, effort(&molsw, &format!("Round {round}"))).await;
            let submitted = moved(&owner, &draft, "submitted").await;
            let path = format!("{}/transitions", at(EFFORTS, &submitted));
            let act = |client: &Client, to: &str| client.post(&path, reasoned(to)).header("If-Match", etag(&submitted)).send();
            // The lead ministry accepts while its organization calls it back: one of them was first, and the other hears it.
            let (accepted, recalled) = match round % 2 {
                0 => join(act(&coordinator, "accepted"), act(&owner, "draft")).await,
                _ => {
                    let (recalled, accepted) = join(act(&owner, "draft"), act(&coordinator, "accepted")).await;
                    (accepted, recalled)
                }
            };
            let won = match (accepted.status, recalled.status) {
                (200, 412) => "accepted",
                (412 | 404, 200) => "draft",
                _ => panic!("round {round}\n{accepted}\n{recalled}"),
            };
            assert_eq!(owner.get(at(EFFORTS, &draft)).expect(200).await.json()["state"], won);
        }
        assert_whole(&bench).await;
    })
    .await;
}
