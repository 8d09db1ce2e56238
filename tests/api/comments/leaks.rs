//! Nobody learns of a comment on what they do not see: through no list, no count, no address, no answer.

use serde_json::{Value, json};

use super::{COMMENTS, about};
use crate::{
    harness::{
        Bench, Client, Who, both,
        round::{nomination, open},
        walk::Collection,
    },
    priorities::asked,
    rows::{at, create, etag, faults, id, set, with},
};

/// A comment on each kind of row that this stranger does not see, with the row.
async fn hidden(bench: &Bench) -> Vec<(&'static str, Value, Value)> {
    let asked = asked(bench, 1).await;
    let own = bench.sign_in(Who::FocalPoint("moh")).await;
    let institution = bench.organization("moh").await;
    let round = open(bench, &[&institution]).await;
    let given = create(&own, "/v1/nominations", nomination(&round, &institution, 6, [5, 5])).await;
    let body = with(Collection("efforts").new_row(bench).await, json!({"organization_id": institution["id"]}));
    let effort = create(&own, "/v1/efforts", body).await;
    let mut all = Vec::new();
    for (kind, row) in [("priority", asked.priority), ("nomination", given), ("effort", effort)] {
        let comment = create(&own, COMMENTS, about(kind, &row, "Quicksilver")).await;
        all.push((kind, row, comment));
    }
    all
}

/// Everything that an outsider may ask about comments: what comes back says nothing of this one.
async fn finds_nothing(stranger: &Client, kind: &str, row: &Value, comment: &Value) {
    let filters = [
        String::new(),
        format!("id={}", id(comment)),
        format!("subject_id={}", id(row)),
        format!("subject_kind={kind}&subject_id={}", id(row)),
        format!("author_id={}", comment["author_id"].as_str().unwrap()),
        format!("organization_id={}", comment["organization_id"].as_str().unwrap()),
        format!("parent_id={}", id(comment)),
        "q=quicksilver".to_owned(),
        "sort=-updated_at&archived=include&include=organizations".to_owned(),
    ];
    for filter in filters {
        let page = stranger.get(format!("{COMMENTS}?with_total=true&{filter}")).expect(200).await;
        assert_eq!((&page.json()["data"], &page.json()["page"]["total"]), (&json!([]), &json!(0)), "{kind}: {filter}");
        assert!(!page.text().contains(id(comment)));
    }
    let sheet = stranger.get(format!("{COMMENTS}?format=csv")).expect(200).await;
    assert_eq!(sheet.text().lines().count(), 1, "{kind}: {}", sheet.text());
    for door in ["", "/history", "/transitions"] {
        stranger.get(format!("{}{door}", at(COMMENTS, comment))).expect(404).await;
    }
    stranger.get(format!("/v1/me/permissions?kind=comment&id={}", id(comment))).expect(404).await;
    for (door, body) in [("/archive", json!({})), ("/transitions", json!({"to": "resolved"}))] {
        stranger.post(format!("{}{door}", at(COMMENTS, comment)), body).header("If-Match", "*").expect(404).await;
    }
    stranger.patch(at(COMMENTS, comment), "*", json!({"body": "Mine"})).expect(404).await;
}

#[actix_web::test]
async fn a_comment_on_what_one_does_not_see_is_nowhere() {
    both(async |bench| {
        let hidden = hidden(&bench).await;
        // Who takes part elsewhere sees the priority; whoever does not take part sees none of them.
        let (elsewhere, reader) = (bench.sign_in(Who::FocalPoint("mof")).await, bench.sign_in(Who::Reader).await);
        let administrator = bench.sign_in(Who::Administrator).await;
        for (kind, row, comment) in &hidden {
            finds_nothing(&reader, kind, row, comment).await;
            finds_nothing(&administrator, kind, row, comment).await;
            if *kind == "priority" {
                elsewhere.get(at(COMMENTS, comment)).expect(200).await;
                continue;
            }
            elsewhere.get(at(COMMENTS, comment)).expect(404).await;
            // Neither the row nor the comment can be found out by pointing at it.
            let refused = elsewhere.post(COMMENTS, about(kind, row, "Is it there?")).expect(422).await;
            assert_eq!(faults(&refused), set([("#/subject_id", "reference_unknown")]));
            let answer = with(about("priority", &hidden[0].1, "Is it there?"), json!({"parent_id": id(comment)}));
            assert_eq!(faults(&elsewhere.post(COMMENTS, answer).expect(422).await), set([("#/parent_id", "reference_unknown")]));
        }
        let seen = elsewhere.get(format!("{COMMENTS}?with_total=true")).expect(200).await.json();
        assert_eq!((&seen["page"]["total"], &seen["data"][0]["id"]), (&json!(1), &hidden[0].2["id"]));
        let moved = json!({"to": "resolved", "atomic": "row", "items": hidden.iter().map(|(_, _, comment)| json!({"id": id(comment), "revision": 1})).collect::<Vec<_>>()});
        let answers = elsewhere.post(format!("{COMMENTS}/transitions"), moved).expect(200).await.json();
        let codes: Vec<_> = answers["data"].as_array().unwrap().iter().map(|one| one["problem"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["forbidden", "not_found", "not_found"]);
    })
    .await;
}

#[actix_web::test]
async fn a_taken_external_id_tells_nothing_of_it() {
    both(async |bench| {
        use gcm_api::auth::{Role, Scope};

        let hidden = hidden(&bench).await;
        let (_, _, comment) = &hidden[2];
        let coordinator = bench.sign_in(Who::Coordinator).await;
        coordinator.put(format!("{}/external-ids/mims", at(COMMENTS, comment)), json!({"id": "C-7"})).expect(200).await;
        let machine = Who::Machine {
            role: Role::FocalPoint,
            organization: Some("mof"),
            scopes: &[Scope::Read, Scope::Write],
            external_systems: &["mims"],
        };
        let machine = bench.sign_in(machine).await;
        machine.get(format!("{COMMENTS}/by-external-id/mims/C-7")).expect(404).await;
        let body = about("priority", &hidden[0].1, "By the system");
        let taken = machine.put(format!("{COMMENTS}/by-external-id/mims/C-7"), &body).expect(403).await;
        assert_eq!(taken.code(), "external_id_taken");
        assert!(!taken.text().contains(id(comment)) && !taken.text().contains("Quicksilver"));
    })
    .await;
}

/// What was said about a draft is out of the sight of an institution whose draft it is no more.
#[actix_web::test]
async fn a_comment_goes_with_its_row_to_another_owner() {
    both(async |bench| {
        let (own, heir) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mof")).await);
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let body = with(Collection("efforts").new_row(&bench).await, json!({"organization_id": bench.organization("moh").await["id"]}));
        let effort = create(&own, "/v1/efforts", body).await;
        let comment = create(&own, COMMENTS, about("effort", &effort, "Still a draft")).await;
        let given = json!({"organization_id": bench.organization("mof").await["id"]});
        coordinator.patch(at("/v1/efforts", &effort), etag(&effort), given).expect(200).await;
        own.get(at(COMMENTS, &comment)).expect(404).await;
        heir.get(at(COMMENTS, &comment)).expect(200).await;
    })
    .await;
}
