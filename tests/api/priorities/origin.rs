//! Who proposed a priority, when, with which scores, and who agreed.

use gcm_api::auth::Role;
use serde_json::{Value, json};

use super::{Asked, PRIORITIES};
use crate::{
    harness::{
        Bench, Who, both,
        round::{decided, nomination, open},
    },
    rows::{at, create, id, merge, ministry},
};

/// Three institutions, of which the first and the second nominate objective 6, and the second another one, too.
async fn nominated(bench: &Bench) -> Asked {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    let (mut members, mut people) = (Vec::new(), Vec::new());
    for n in 0..3 {
        let code = format!("origin-{n}");
        members.push(create(&coordinator, "/v1/ministries", ministry(&code)).await);
        people.push(bench.person(&format!("{code}.focal"), Role::FocalPoint, Some(&code)).await);
    }
    let round = open(bench, &members.iter().collect::<Vec<_>>()).await;
    for (member, objective, scores) in [(0, 6, [5, 4]), (1, 6, [3, 3]), (1, 9, [1, 1])] {
        bench.clock().advance(std::time::Duration::from_secs(1));
        create(&people[member], "/v1/nominations", nomination(&round, &members[member], objective, scores)).await;
    }
    let round = decided(bench, &round, json!([{"objective_number": 6, "rank": 1}])).await;
    let listed = coordinator.get(format!("{PRIORITIES}?prioritization_id={}", id(&round))).expect(200).await.json();
    Asked { coordinator, members, people, priority: listed["data"][0].clone(), round, clock: bench.clock().clone() }
}

/// An institution, and what it gave.
type Given = (Value, Value);

/// Who nominated with which scores, and who gave which word on which substance, as the origin tells it.
fn told(origin: &Value) -> (Vec<Given>, Vec<(i64, Vec<Given>)>) {
    let nominations = origin["nominations"].as_array().unwrap().iter().map(|row| (row["organization_id"].clone(), row["scores"].clone()));
    let words = origin["endorsements"].as_array().unwrap().iter().map(|of| {
        let given = of["data"].as_array().unwrap().iter().map(|row| (row["organization_id"].clone(), row["decision"].clone()));
        (of["substance"].as_i64().unwrap(), given.collect())
    });
    (nominations.collect(), words.collect())
}

#[actix_web::test]
async fn the_origin_is_told_and_a_later_merger_changes_nothing_of_it() {
    both(async |bench| {
        let asked = nominated(&bench).await;
        let [first, second, third] = [0, 1, 2].map(|n: usize| asked.members[n]["id"].clone());
        asked.all_endorse().await;
        assert_eq!(asked.to(json!({"to": "agreed"})).await.status, 200);
        assert_eq!(asked.change(json!({"lead_id": first})).await.status, 200);
        asked.says(0, "endorsed").await;
        asked.says(1, "objected").await;
        asked.says(2, "abstained").await;
        assert_eq!(asked.to(json!({"to": "agreed", "reason": "Outvoted"})).await.status, 200);

        let path = format!("{}/origin", at(PRIORITIES, &asked.priority));
        let origin = asked.people[2].get(&path).expect(200).await.json();
        assert_eq!((&origin["priority_id"], &origin["prioritization_id"]), (&asked.priority["id"], &asked.round["id"]));
        assert_eq!(origin["round"], asked.people[2].get(at("/v1/prioritizations", &asked.round)).expect(200).await.json());
        assert_eq!(origin["consultation"], Value::Null);
        assert_eq!(origin["proposed"]["at"], asked.priority["created_at"]);
        assert_eq!(origin["proposed"]["actor"]["account_id"], json!(asked.coordinator.account_id()));
        let (nominations, words) = told(&origin);
        let scores = |urgency: i64, feasibility: i64| json!({"urgency": urgency, "feasibility": feasibility});
        assert_eq!(nominations, [(first.clone(), scores(5, 4)), (second.clone(), scores(3, 3))]);
        let decided = |member: &Value, decision: &str| (member.clone(), json!(decision));
        assert_eq!(
            words,
            [
                (2, vec![decided(&first, "endorsed"), decided(&second, "objected"), decided(&third, "abstained")]),
                (1, vec![decided(&first, "endorsed"), decided(&second, "endorsed"), decided(&third, "endorsed")]),
            ]
        );
        // (2 x 5 + 4) / 3 = 14/3 and (2 x 3 + 3) / 3 = 3; their mean is 23/6, and two of three nominated it.
        let ranking = &origin["ranking"];
        let number = |field: &str| ranking[field].as_f64().unwrap();
        assert_eq!((number("weighted_mean"), number("support"), &ranking["rank"]), (3.833_333, 0.666_667, &json!(1)));
        let moves: Vec<_> = origin["moves"].as_array().unwrap().iter().map(|step| (&step["from"], &step["to"], &step["reason"])).collect();
        assert_eq!(
            moves,
            [
                (&json!("proposed"), &json!("agreed"), &json!("Outvoted")),
                (&json!("agreed"), &json!("proposed"), &Value::Null),
                (&json!("proposed"), &json!("agreed"), &Value::Null),
            ]
        );

        // The second goes on under another name; what it said, it said.
        let heir = asked.other("origin-heir").await;
        merge(&bench, &asked.members[1], &heir).await;
        assert_eq!(asked.people[2].get(&path).expect(200).await.json(), origin);
    })
    .await;
}

/// Everybody sees that it was agreed and why; who said what stays with those who take part.
#[actix_web::test]
async fn each_part_is_told_to_those_who_may_see_it() {
    both(async |bench| {
        let asked = nominated(&bench).await;
        asked.says(1, "objected").await;
        assert_eq!(asked.to(json!({"to": "agreed", "reason": "Outvoted"})).await.status, 200);
        let path = format!("{}/origin", at(PRIORITIES, &asked.priority));
        for who in [Who::Reader, Who::Administrator] {
            let origin = bench.sign_in(who).await.get(&path).expect(200).await.json();
            let told = ["nominations", "endorsements", "ranking", "proposed"].map(|part| origin[part].clone());
            assert_eq!(told, [json!([]), json!([]), Value::Null, Value::Null], "{who:?}");
            assert_eq!(origin["round"]["id"], asked.round["id"], "a finalized round is everybody's");
            assert_eq!(origin["moves"][0]["reason"], "Outvoted");
        }
        let network = bench.sign_in(Who::NetworkMember("iom")).await.get(&path).expect(200).await.json();
        let told = ["nominations", "endorsements"].map(|part| network[part].as_array().unwrap().len());
        assert_eq!(told, [2, 1]);
    })
    .await;
}

/// A round is held in a consultation, and the priority says in which.
#[actix_web::test]
async fn the_consultation_of_the_round_is_told() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let consultation = crate::harness::walk::Collection("consultations").made(&bench).await;
        let member = create(&coordinator, "/v1/ministries", ministry("origin-held")).await;
        let round = open(&bench, &[&member]).await;
        let held = json!({"consultation_id": consultation});
        crate::rows::change(&coordinator, "/v1/prioritizations", &round, held).await;
        let round = decided(&bench, &round, json!([{"objective_number": 2, "rank": 1}])).await;
        let listed = coordinator.get(format!("{PRIORITIES}?prioritization_id={}", id(&round))).expect(200).await.json();
        let origin = coordinator.get(format!("{}/origin", at(PRIORITIES, &listed["data"][0]))).expect(200).await.json();
        assert_eq!((&origin["consultation"]["id"], &origin["ranking"]), (&consultation, &Value::Null), "nobody nominated it");
    })
    .await;
}
