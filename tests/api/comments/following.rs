//! A comment is seen as the row that it is about, whatever becomes of that.

use serde_json::{Value, json};

use super::{COMMENTS, about};
use crate::{
    harness::{
        Bench, Client, Who, both,
        round::{closed, nomination, open},
        walk::Collection,
    },
    priorities::{PRIORITIES, asked},
    rows::{assert_whole, at, create, etag, id, log_after, ministry, with},
};

/// A move of a row as it is now.
async fn moved(client: &Client, collection: &str, row: &Value, body: Value) {
    let now = client.get(at(collection, row)).expect(200).await.json();
    client.post(format!("{}/transitions", at(collection, row)), body).header("If-Match", etag(&now)).expect(200).await;
}

/// Which of these see the comment.
async fn seen_by(of: &[&Client], comment: &Value) -> Vec<bool> {
    let mut seen = Vec::new();
    for client in of {
        let listed = client.get(format!("{COMMENTS}?subject_id={}", comment["subject_id"].as_str().unwrap())).expect(200).await.json();
        let read = client.get(at(COMMENTS, comment)).send().await.status == 200;
        assert_eq!(listed["data"].as_array().unwrap().iter().any(|row| row["id"] == comment["id"]), read, "{}", client.name());
        seen.push(read);
    }
    seen
}

/// What the log says of this comment since then: what was done, at which revision, and who could see it.
async fn logged(bench: &Bench, since: i64, comment: &Value) -> Vec<(String, i64, String)> {
    let log = log_after(&bench.parts.store, since).await;
    let of_it = log.iter().filter(|change| change.kind == "comment" && change.resource_id == id(comment));
    let word = |value: Value| value.as_str().unwrap().to_owned();
    of_it.map(|change| (word(json!(change.op)), change.revision, word(json!(change.audience)))).collect()
}

#[actix_web::test]
async fn it_follows_a_priority_there_and_back() {
    both(async |bench| {
        let asked = asked(&bench, 1).await;
        let reader = bench.sign_in(Who::Reader).await;
        let network = bench.sign_in(Who::NetworkMember("iom")).await;
        let comment = create(&asked.people[0], COMMENTS, about("priority", &asked.priority, "On a proposal")).await;
        let answer = with(about("priority", &asked.priority, "Out of use"), json!({"parent_id": id(&comment)}));
        let answer = create(&network, COMMENTS, answer).await;
        network.post_if(format!("{}/archive", at(COMMENTS, &answer)), etag(&answer)).expect(200).await;
        assert_eq!(seen_by(&[&reader, &network, &asked.coordinator], &comment).await, [false, true, true]);

        let since = bench.parts.store.head().await.unwrap();
        moved(&asked.coordinator, PRIORITIES, &asked.priority, json!({"to": "agreed", "reason": "Outvoted"})).await;
        assert_eq!(logged(&bench, since, &comment).await, [("audience".to_owned(), 1, "everyone".to_owned())]);
        assert_eq!(logged(&bench, since, &answer).await, [("audience".to_owned(), 2, "everyone".to_owned())]);
        assert_eq!(seen_by(&[&reader], &comment).await, [true]);
        reader.get(at(COMMENTS, &answer)).expect(200).await;
        assert_eq!(reader.get(at(COMMENTS, &comment)).expect(200).await.json(), comment, "nothing that is shown of it changed");
        let history = reader.get(format!("{}/history", at(COMMENTS, &comment))).expect(200).await.json();
        let told: Vec<_> = history["data"].as_array().unwrap().iter().map(|entry| (&entry["op"], &entry["withheld"])).collect();
        assert_eq!(told, [(&json!("audience"), &json!(false)), (&json!("create"), &json!(true))]);

        // A move that changes nothing of who sees it leaves nothing behind; another question takes it out of sight again.
        let since = bench.parts.store.head().await.unwrap();
        asked.change(json!({"rank": 2})).await;
        assert_eq!(logged(&bench, since, &comment).await, []);
        asked.change(json!({"objective_number": 3})).await;
        assert_eq!(logged(&bench, since, &comment).await, [("audience".to_owned(), 1, "country".to_owned())]);
        assert_eq!(seen_by(&[&reader, &network], &comment).await, [false, true]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn it_follows_a_nomination_when_its_round_is_closed() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (own, other) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mof")).await);
        let institution = bench.organization("moh").await;
        let round = open(&bench, &[&institution]).await;
        let given = create(&own, "/v1/nominations", nomination(&round, &institution, 6, [5, 5])).await;
        let comment = create(&coordinator, COMMENTS, about("nomination", &given, "Which provinces?")).await;
        let network = bench.sign_in(Who::NetworkMember("iom")).await;
        assert_eq!(seen_by(&[&own, &coordinator, &other, &network], &comment).await, [true, true, false, false]);
        // Whose row it is resolves what is said about it.
        let resolved =
            own.post(format!("{}/transitions", at(COMMENTS, &comment)), json!({"to": "resolved"})).header("If-Match", etag(&comment));
        resolved.expect(200).await;
        closed(&bench, &round).await;
        assert_eq!(seen_by(&[&own, &coordinator, &other, &network], &comment).await, [true; 4]);
        assert_eq!(seen_by(&[&bench.sign_in(Who::Reader).await], &comment).await, [false]);
        moved(&coordinator, "/v1/prioritizations", &round, json!({"to": "open", "reason": "One was late"})).await;
        assert_eq!(seen_by(&[&own, &coordinator, &other, &network], &comment).await, [true, true, false, false]);
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn it_follows_an_effort_until_that_is_accepted_and_back() {
    both(async |bench| {
        let (own, other) = (bench.sign_in(Who::FocalPoint("moh")).await, bench.sign_in(Who::FocalPoint("mof")).await);
        let (coordinator, reader) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Reader).await);
        let body = with(Collection("efforts").new_row(&bench).await, json!({"organization_id": bench.organization("moh").await["id"]}));
        let effort = create(&own, "/v1/efforts", body).await;
        let comment = create(&own, COMMENTS, about("effort", &effort, "Still a draft")).await;
        let all = [&own, &coordinator, &other, &reader];
        assert_eq!(seen_by(&all, &comment).await, [true, true, false, false]);
        moved(&own, "/v1/efforts", &effort, json!({"to": "submitted"})).await;
        assert_eq!(seen_by(&all, &comment).await, [true, true, true, false]);
        moved(&coordinator, "/v1/efforts", &effort, json!({"to": "accepted"})).await;
        assert_eq!(seen_by(&all, &comment).await, [true; 4]);
        moved(&own, "/v1/efforts", &effort, json!({"to": "draft", "reason": "Budget changed"})).await;
        assert_eq!(seen_by(&all, &comment).await, [true, true, false, false]);
        assert_whole(&bench).await;
    })
    .await;
}

/// A round that nobody comments on moves as before: nothing is written about comments.
#[actix_web::test]
async fn a_row_without_comments_leaves_none_behind() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let member = create(&coordinator, "/v1/ministries", ministry("quiet")).await;
        let since = bench.parts.store.head().await.unwrap();
        let round = open(&bench, &[&member]).await;
        closed(&bench, &round).await;
        assert!(log_after(&bench.parts.store, since).await.iter().all(|change| change.kind == "prioritization"));
    })
    .await;
}
