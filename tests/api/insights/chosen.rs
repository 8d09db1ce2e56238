//! Nominations and priorities in figures: those that the caller may see, and no trace of the others.

use serde_json::{Value, json};

use super::{BY, agrees, asked};
use crate::{
    harness::{
        Bench, Who, both,
        round::{closed, decided, nomination, open},
    },
    rows::{change, create, id, step},
};

const ROUNDS: &str = "/v1/prioritizations";
const PRIORITIES: &str = "/v1/priorities";
const COUNTRY: [Who; 4] = [Who::Coordinator, Who::FocalPoint("molsw"), Who::FocalPoint("moh"), Who::NetworkMember("iom")];
const OTHERS: [Who; 2] = [Who::Reader, Who::Administrator];

/// Every figure that these are told, with every answer, so that a kept one shows, too.
async fn told(bench: &Bench, everybody: &[Who]) -> Vec<Value> {
    let mut told = Vec::new();
    for who in everybody {
        let client = bench.sign_in(*who).await;
        for by in BY {
            told.push(asked(&client, &format!("by={by}&mine=true")).await);
            told.push(asked(&client, &format!("by={by}")).await);
        }
    }
    told
}

/// How many there are of this for each objective and organization that has any; each number is what its list holds.
async fn counted(bench: &Bench, who: Who, name: &str, query: &str) -> Vec<(i64, String, i64)> {
    let client = bench.sign_in(who).await;
    for by in BY {
        agrees(&client, &format!("by={by}{query}")).await;
    }
    let coverage = asked(&client, &format!("by=organization{query}")).await;
    let cell = |cell: &Value| {
        let number = |name: &str| cell[name].as_i64().unwrap();
        (number("objective_number"), cell["organization_id"].as_str().unwrap().to_owned(), number(name))
    };
    let mut cells: Vec<_> = coverage["data"].as_array().unwrap().iter().map(cell).filter(|(_, _, many)| *many > 0).collect();
    cells.sort();
    cells
}

async fn give(bench: &Bench, code: &'static str, round: &Value, objective: i64) {
    let organization = bench.organization(code).await;
    create(&bench.sign_in(Who::FocalPoint(code)).await, "/v1/nominations", nomination(round, &organization, objective, [4, 3])).await;
}

#[actix_web::test]
async fn what_is_nominated_in_an_open_round_and_what_is_only_proposed_is_in_nobody_elses_figures() {
    both(async |bench| {
        let (molsw, moh) = (bench.organization("molsw").await, bench.organization("moh").await);
        let of = |many: &[(i64, &Value)]| many.iter().map(|(number, of)| (*number, id(of).to_owned(), 1)).collect::<Vec<_>>();
        let round = open(&bench, &[&molsw, &moh]).await;
        let others = [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Reader, Who::Administrator];
        let before = told(&bench, &others).await;
        give(&bench, "molsw", &round, 6).await;
        give(&bench, "molsw", &round, 13).await;
        assert_eq!(told(&bench, &others).await, before);
        let given = of(&[(6, &molsw), (13, &molsw)]);
        for who in [Who::Coordinator, Who::FocalPoint("molsw")] {
            assert_eq!(counted(&bench, who, "nominations", "").await, given, "{who:?}");
        }
        // Once it is closed they are the country's, and still nobody else's.
        let before = told(&bench, &OTHERS).await;
        closed(&bench, &round).await;
        for who in COUNTRY {
            assert_eq!(counted(&bench, who, "nominations", "").await, given, "{who:?}");
        }
        // Opened again they are their givers' only.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let round = step(&coordinator, ROUNDS, &round, "open").await;
        assert_eq!(counted(&bench, Who::FocalPoint("moh"), "nominations", "").await, []);
        // What was chosen is proposed to the country first.
        let selection = json!([{"objective_number": 6, "rank": 1, "lead_id": id(&moh)}, {"objective_number": 2, "rank": 2}]);
        decided(&bench, &round, selection).await;
        for who in COUNTRY {
            assert_eq!(counted(&bench, who, "priorities", "").await, of(&[(6, &moh)]), "{who:?}");
            assert_eq!(counted(&bench, who, "nominations", "").await, given, "{who:?}");
        }
        assert_eq!(told(&bench, &OTHERS).await, before);
        // Agreed, everybody counts it, with the one that nobody leads under its clusters.
        let listed = coordinator.get(PRIORITIES).expect(200).await.json();
        for priority in listed["data"].as_array().unwrap() {
            step(&coordinator, PRIORITIES, priority, "agreed").await;
        }
        assert_eq!(counted(&bench, Who::Reader, "priorities", "").await, of(&[(6, &moh)]));
        let clusters = asked(&bench.sign_in(Who::Reader).await, "by=cluster").await;
        let of_second: Vec<_> = clusters["data"].as_array().unwrap().iter().filter(|cell| cell["objective_number"] == 2).collect();
        assert!(!of_second.is_empty() && of_second.iter().all(|cell| cell["priorities"] == 1 && cell["nominations"] == 0), "{of_second:?}");
    })
    .await;
}

#[actix_web::test]
async fn what_was_cancelled_withdrawn_or_is_of_another_cycle_does_not_count() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let molsw = bench.organization("molsw").await;
        let cycle = coordinator.get("/v1/review-cycles?code=imrf-2026").expect(200).await.json()["data"][0].clone();
        let within = format!("&cycle_id={}", id(&cycle));
        let round = open(&bench, &[&molsw]).await;
        give(&bench, "molsw", &round, 6).await;
        let of = |many: i64| [(6, id(&molsw).to_owned(), many)];
        assert_eq!(counted(&bench, Who::Coordinator, "nominations", "").await, of(1));
        assert_eq!(counted(&bench, Who::Coordinator, "nominations", &within).await, []);
        let round = change(&coordinator, ROUNDS, &round, json!({"cycle_id": id(&cycle)})).await;
        assert_eq!(counted(&bench, Who::Coordinator, "nominations", &within).await, of(1));
        let second = open(&bench, &[&molsw]).await;
        give(&bench, "molsw", &second, 6).await;
        assert_eq!(counted(&bench, Who::Coordinator, "nominations", "").await, of(2));
        step(&coordinator, ROUNDS, &second, "cancelled").await;
        assert_eq!(counted(&bench, Who::Coordinator, "nominations", "").await, of(1));
        decided(&bench, &round, json!([{"objective_number": 6, "rank": 1, "lead_id": id(&molsw)}])).await;
        for query in ["", &within] {
            assert_eq!(counted(&bench, Who::Coordinator, "priorities", query).await, of(1), "{query}");
        }
        let listed = coordinator.get(PRIORITIES).expect(200).await.json();
        step(&coordinator, PRIORITIES, &listed["data"][0], "withdrawn").await;
        assert_eq!(counted(&bench, Who::Coordinator, "priorities", "").await, []);
    })
    .await;
}
