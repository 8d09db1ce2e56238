//! Priorities on which a word is missing.

use super::*;
use crate::{
    priorities::{ENDORSEMENTS, PRIORITIES, asked},
    rows::merge,
};

#[actix_web::test]
async fn a_proposed_priority_waits_for_each_voter_and_anew_when_it_says_something_else() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        let [one, other] = asked.people.as_slice() else { panic!("two are asked") };
        let objective = one.get("/v1/objectives/6").expect(200).await.json();
        let waits = json!({
            "task": "endorsement_open",
            "subject": {"kind": "priority", "id": asked.priority["id"], "href": at(PRIORITIES, &asked.priority)},
            "title": objective["title"], "due_on": null, "since": asked.priority["created_at"], "reason": null,
        });
        assert_eq!(tasks(one, "endorsement_open").await, std::slice::from_ref(&waits));
        for who in [Who::Coordinator, Who::FocalPoint("moes"), Who::NetworkMember("iom"), Who::Administrator, Who::Reader] {
            assert_eq!(subjects(&bench.sign_in(who).await, "endorsement_open").await, [""; 0], "{who:?}");
        }
        // Any answer is one.
        asked.says(0, "abstained").await;
        assert_eq!((subjects(one, "endorsement_open").await.len(), tasks(other, "endorsement_open").await), (0, vec![waits.clone()]));
        // Another rank asks nothing else; another lead does, of everybody, and from then on it waits.
        assert_eq!(asked.change(json!({"rank": 3})).await.status, 200);
        assert_eq!(subjects(one, "endorsement_open").await, [""; 0]);
        bench.clock().advance(Duration::from_secs(60));
        let led = asked.change(json!({"lead_id": id(&asked.members[1])})).await.json();
        let waits = with(waits, json!({"since": led["updated_at"]}));
        for person in [one, other] {
            assert_eq!(tasks(person, "endorsement_open").await, std::slice::from_ref(&waits));
        }
        // Decided without them, given up, or out of use, it asks nobody.
        assert_eq!(asked.to(json!({"to": "agreed", "reason": "Nobody answered"})).await.status, 200);
        assert_eq!(subjects(one, "endorsement_open").await, [""; 0]);
        bench.clock().advance(Duration::from_secs(60));
        let anew = asked.change(json!({"lead_id": id(&asked.members[0])})).await.json();
        assert_eq!(tasks(one, "endorsement_open").await, [with(waits, json!({"since": anew["updated_at"]}))]);
        assert_eq!(asked.to(json!({"to": "withdrawn", "reason": "Not now"})).await.status, 200);
        assert_eq!(subjects(one, "endorsement_open").await, [""; 0]);
    })
    .await;
}

/// A voter merges: its heir is asked where it said nothing, and not where it did.
#[actix_web::test]
async fn the_heir_is_asked_for_the_word_that_its_predecessor_did_not_give() {
    both(async |bench| {
        let asked = asked(&bench, 2).await;
        asked.says(0, "endorsed").await;
        let heirs = [asked.other("heir-of-giving").await, asked.other("heir-of-silent").await];
        let mut people = Vec::new();
        for (n, code) in ["heir-of-giving", "heir-of-silent"].into_iter().enumerate() {
            let person = bench.person(&format!("{code}.focal"), Role::FocalPoint, Some(code)).await;
            assert_eq!(subjects(&person, "endorsement_open").await, [""; 0], "who has no voice is not asked");
            people.push(person);
            merge(&bench, &asked.members[n], &heirs[n]).await;
        }
        assert_eq!(subjects(&people[0], "endorsement_open").await, [""; 0], "its predecessor answered");
        assert_eq!(subjects(&people[1], "endorsement_open").await, [id(&asked.priority)]);
        let word = with(asked.word(1, "endorsed").await, json!({"organization_id": id(&heirs[1])}));
        create(&people[1], ENDORSEMENTS, word).await;
        assert_eq!(subjects(&people[1], "endorsement_open").await, [""; 0]);
    })
    .await;
}
