//! What is said about rows: by whom, for how long, and seen by nobody who does not see the row.

mod following;
mod leaks;

use std::time::Duration;

use gcm_api::auth::{Role, Scope};
use serde_json::{Value, json};

use crate::{
    harness::{Who, both},
    priorities::{PRIORITIES, asked},
    rows::{assert_whole, at, create, etag, faults, id, set, with},
};

pub const COMMENTS: &str = "/v1/comments";

/// The body of a comment on this row.
pub fn about(kind: &str, subject: &Value, text: &str) -> Value {
    json!({"subject_kind": kind, "subject_id": id(subject), "body": text, "language": "en"})
}

#[actix_web::test]
async fn whoever_sees_the_row_comments_on_it() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let said = "First line\nSecond line";
        let first = create(&asked.people[0], COMMENTS, about("priority", &asked.priority, said)).await;
        let told = ["body", "state", "edited_at", "resolved_at", "parent_id"].map(|field| first[field].clone());
        assert_eq!(told, [json!(said), json!("open"), Value::Null, Value::Null, Value::Null]);
        assert_eq!((&first["author_id"], &first["organization_id"]), (&json!(asked.people[0].account_id()), &asked.members[0]["id"]));
        let network = bench.sign_in(Who::NetworkMember("iom")).await;
        let answer = with(about("priority", &asked.priority, "Noted"), json!({"parent_id": id(&first)}));
        let answer = create(&network, COMMENTS, answer).await;
        bench.clock().advance(Duration::from_secs(1));
        create(&asked.coordinator, COMMENTS, about("priority", &asked.priority, "Another thread")).await;
        let list = |filter: &str| asked.people[0].get(format!("{COMMENTS}?subject_id={}&{filter}", id(&asked.priority)));
        let ids = |page: &Value| page["data"].as_array().unwrap().iter().map(|row| id(row).to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(&list(&format!("parent_id={}", id(&first))).expect(200).await.json()), [id(&answer)]);
        let threads = list("begins_thread=true&with_total=true").expect(200).await.json();
        assert_eq!((threads["page"]["total"].clone(), ids(&threads)[0].as_str()), (json!(2), id(&first)));
        assert_eq!(ids(&list("q=second").expect(200).await.json()), [id(&first)]);
        // An agreed priority is seen by readers and administrators, and they say nothing.
        assert_eq!(asked.to(json!({"to": "agreed", "reason": "Outvoted"})).await.status, 200);
        for who in [Who::Reader, Who::Administrator] {
            bench.sign_in(who).await.post(COMMENTS, about("priority", &asked.priority, "Me, too")).expect(403).await;
        }
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn a_machine_comments_by_its_scope_and_role() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let machine = |role, scopes| Who::Machine { role, organization: Some("iom"), scopes, external_systems: &["mims"] };
        let body = about("priority", &asked.priority, "Entered by the system");
        let reads = bench.sign_in(machine(Role::NetworkMember, &[Scope::Read])).await;
        assert_eq!(reads.post(COMMENTS, &body).expect(403).await.code(), "insufficient_scope");
        let reader = Who::Machine { role: Role::Reader, organization: None, scopes: &[Scope::Read, Scope::Write], external_systems: &[] };
        assert_eq!(bench.sign_in(reader).await.post(COMMENTS, &body).expect(403).await.code(), "forbidden");
        let writes = bench.sign_in(machine(Role::NetworkMember, &[Scope::Read, Scope::Write])).await;
        let made = writes.put(format!("{COMMENTS}/by-external-id/mims/C-1"), &body).expect(201).await.json();
        assert_eq!((&made["author_id"], &made["edited_at"]), (&json!(writes.account_id()), &Value::Null));
        let again = with(body, json!({"body": "Entered again"}));
        let edited = writes.put(format!("{COMMENTS}/by-external-id/mims/C-1"), again).expect(200).await.json();
        assert_eq!((edited["body"].clone(), edited["edited_at"].is_string()), (json!("Entered again"), true));
        // Sent again about another row it is no change that could be made.
        let elsewhere = with(edited.clone(), json!({"subject_id": id(&asked.round)}));
        let refused = writes.put(format!("{COMMENTS}/by-external-id/mims/C-1"), elsewhere).expect(403).await;
        assert_eq!(faults(&refused), set([("#/subject_id", "not_writable")]));
    })
    .await;
}

#[actix_web::test]
async fn its_author_edits_it_for_a_quarter_of_an_hour() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let made = create(&asked.people[0], COMMENTS, about("priority", &asked.priority, "A slpi")).await;
        let path = at(COMMENTS, &made);
        for other in [&asked.people[1], &asked.coordinator] {
            let refused = other.patch(&path, etag(&made), json!({"body": "Yours"})).expect(403).await;
            assert_eq!(refused.json()["params"]["rule"], "author_edits");
        }
        let refused = asked.people[0].patch(&path, etag(&made), json!({"language": "fr"})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/language", "unknown_value")]));
        bench.clock().advance(Duration::from_secs(15 * 60));
        let edited = asked.people[0].patch(&path, etag(&made), json!({"body": "A slip"})).expect(200).await.json();
        assert_eq!((&edited["body"], &edited["edited_at"]), (&json!("A slip"), &edited["updated_at"]));
        bench.clock().advance(Duration::from_secs(1));
        let late = asked.people[0].patch(&path, etag(&edited), json!({"body": "Too late"})).expect(409).await;
        assert_eq!((late.code().as_str(), &late.json()["params"]["minutes"]), ("too_late_to_edit", &json!(15)));
        // Sending back what one read is no edit.
        assert_eq!(asked.people[0].patch(&path, etag(&edited), &edited).expect(200).await.json(), edited);
        let history = asked.people[1].get(format!("{path}/history")).expect(200).await.json();
        let bodies: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| entry["body"]["body"].as_str().unwrap()).collect();
        assert_eq!(bodies, ["A slip", "A slpi"]);
    })
    .await;
}

#[actix_web::test]
async fn an_answer_is_to_a_comment_on_the_same_row_and_to_no_answer() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let twin = json!({"prioritization_id": id(&asked.round), "objective_number": 7, "rank": 2});
        let twin = create(&asked.coordinator, PRIORITIES, twin).await;
        let on_twin = create(&asked.coordinator, COMMENTS, about("priority", &twin, "Elsewhere")).await;
        let first = create(&asked.coordinator, COMMENTS, about("priority", &asked.priority, "Here")).await;
        let answers = |to: &Value| with(about("priority", &asked.priority, "Answer"), json!({"parent_id": id(to)}));
        let answer = create(&asked.coordinator, COMMENTS, answers(&first)).await;
        let gone = create(&asked.coordinator, COMMENTS, about("priority", &asked.priority, "Gone")).await;
        asked.coordinator.post_if(format!("{}/archive", at(COMMENTS, &gone)), etag(&gone)).expect(200).await;
        for (to, code) in
            [(&on_twin, "reference_unknown"), (&answer, "answers_an_answer"), (&gone, "reference_archived"), (&twin, "reference_unknown")]
        {
            let refused = asked.coordinator.post(COMMENTS, answers(to)).expect(422).await;
            assert_eq!(faults(&refused), set([("#/parent_id", code)]));
        }
        // What a comment is about stays.
        let refused = asked.coordinator.patch(at(COMMENTS, &first), etag(&first), json!({"parent_id": id(&gone)})).expect(422).await;
        assert_eq!(faults(&refused), set([("#/parent_id", "read_only_field")]));
        let now = asked.now().await;
        asked.coordinator.post_if(format!("{}/archive", at(PRIORITIES, &now)), etag(&now)).expect(200).await;
        let refused = asked.coordinator.post(COMMENTS, about("priority", &now, "On what is out of use")).expect(422).await;
        assert_eq!(faults(&refused), set([("#/subject_id", "reference_archived")]));
    })
    .await;
}

#[actix_web::test]
async fn its_author_and_the_lead_ministry_archive_and_resolve_it() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let made = create(&asked.people[0], COMMENTS, about("priority", &asked.priority, "Please clarify")).await;
        let path = at(COMMENTS, &made);
        let resolve = json!({"to": "resolved"});
        for door in ["archive", "transitions"] {
            let refused = asked.people[1].post(format!("{path}/{door}"), &resolve).header("If-Match", etag(&made)).expect(403).await;
            assert_eq!(refused.code(), "forbidden", "{door}");
        }
        let resolved =
            asked.coordinator.post(format!("{path}/transitions"), &resolve).header("If-Match", etag(&made)).expect(200).await.json();
        assert_eq!((&resolved["state"], &resolved["resolved_at"]), (&json!("resolved"), &resolved["updated_at"]));
        let reopened = asked.people[0].post(format!("{path}/transitions"), json!({"to": "open"})).header("If-Match", etag(&resolved));
        let reopened = reopened.expect(200).await.json();
        assert_eq!((&reopened["state"], &reopened["resolved_at"]), (&json!("open"), &Value::Null));
        let archived = asked.people[0].post_if(format!("{path}/archive"), etag(&reopened)).expect(200).await.json();
        // What was taken out of use to keep order must not come back by whoever it was.
        for person in &asked.people {
            let refused = person.post_if(format!("{path}/restore"), etag(&archived)).expect(403).await;
            assert_eq!(refused.json()["params"]["rule"], "coordinator_restores");
        }
        asked.coordinator.post_if(format!("{path}/restore"), etag(&archived)).expect(200).await;
        let can = asked.people[0].get(format!("/v1/me/permissions?kind=comment&id={}", id(&made))).expect(200).await.json();
        let update = can["data"].as_array().unwrap().iter().find(|one| one["action"] == "update").unwrap().clone();
        assert_eq!((&update["allowed"], &update["rule"]), (&json!(true), &json!("author_edits")));
    })
    .await;
}
