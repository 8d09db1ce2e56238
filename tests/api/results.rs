//! Results: the ranking, held against one that is computed here from the raw scores, in exact fractions and in another way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    nominations::{NOMINATIONS, nominated},
    prioritizations::{ROUNDS, chosen, electorate, moved, now, open},
    rows::{at, change, create, id, with},
};

/// A fraction in lowest terms, with a denominator above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction(i128, i128);

impl Fraction {
    fn new(above: i128, below: i128) -> Self {
        let (mut one, mut other) = (above.abs(), below.abs());
        while other != 0 {
            (one, other) = (other, one % other);
        }
        let sign = if below < 0 { -1 } else { 1 };
        Self(sign * above / one.max(1), sign * below / one.max(1))
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn times(self, other: Self) -> Self {
        Self::new(self.0 * other.0, self.1 * other.1)
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn below(self, other: Self) -> bool {
        self.0 * other.1 < other.0 * self.1
    }

    /// Whether this is what a number with six decimals stands for, half up.
    fn is_shown_as(self, shown: &Value) -> bool {
        let millionths = (shown.as_f64().unwrap() * 1e6).round() as i128;
        let (low, high) = (Self::new(2 * millionths - 1, 2_000_000), Self::new(2 * millionths + 1, 2_000_000));
        !self.below(low) && self.below(high)
    }
}

fn mean(values: &[Fraction]) -> Fraction {
    let sum = values.iter().fold(Fraction(0, 1), |sum, value| sum.plus(*value));
    sum.times(Fraction::new(1, values.len() as i128))
}

/// Whether 1 - sqrt(variance) / 2 is what this number stands for: squared, so that no root is drawn.
fn agrees(scores: &[Fraction], shown: &Value) -> bool {
    let middle = mean(scores);
    let squares: Vec<_> = scores.iter().map(|score| score.minus(middle).times(score.minus(middle))).collect();
    let variance = mean(&squares);
    let millionths = (shown.as_f64().unwrap() * 1e6).round() as i128;
    // deviation = 2 * (1 - agreement), and the agreement lies in [k - 1/2, k + 1/2) millionths.
    let most = Fraction::new(2 * (2_000_000 - 2 * millionths + 1), 2_000_000);
    let least = Fraction::new(2 * (2_000_000 - 2 * millionths - 1), 2_000_000);
    let not_above = !most.times(most).below(variance);
    let above = least.0 < 0 || least.times(least).below(variance);
    not_above && above
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % sides).unwrap() + 1
    }
}

type Given = BTreeMap<i64, Vec<(String, [i64; 3])>>;

const CODES: [&str; 8] = ["moh", "molsw", "mof", "moj", "moes", "mps", "moic", "mct"];
const CRITERIA: [&str; 3] = ["urgency", "feasibility", "data"];
/// In thousandths: 1, 2.5 and 0.333.
const WEIGHTS: [i128; 3] = [1000, 2500, 333];

/// A closed round of eight, of which two give nothing.
async fn played(bench: &Bench, coordinator: &Client, seed: u64) -> (Value, Given, Vec<Value>) {
    let members = electorate(bench, &CODES).await;
    let criteria: Vec<_> =
        CRITERIA.iter().zip(WEIGHTS).map(|(code, weight)| json!({"code": code, "weight": weight as f64 / 1000.0})).collect();
    let ids: Vec<_> = members.iter().map(id).collect();
    let round = json!({"title": {"en": "Played"}, "electorate_ids": ids, "criteria": criteria});
    let round = moved(coordinator, &create(coordinator, ROUNDS, round).await, "open").await;
    let (mut dice, mut given) = (Dice(seed), Given::new());
    for member in &members[..6] {
        let mut nominated = Vec::new();
        for objective in [2, 6, 7, 16, 21, 23] {
            if dice.roll(3) < 3 || (nominated.is_empty() && objective == 23) {
                let scores = [dice.roll(5), dice.roll(5), dice.roll(5)];
                nominated.push(objective);
                bench.clock().advance(std::time::Duration::from_millis(1));
                let body = json!({
                    "prioritization_id": round["id"], "organization_id": member["id"], "objective_number": objective,
                    "scores": {"urgency": scores[0], "feasibility": scores[1], "data": scores[2]}, "on_behalf_note": "On paper",
                });
                create(coordinator, NOMINATIONS, body).await;
                given.entry(objective).or_default().push((id(member).to_owned(), scores));
            }
        }
    }
    (moved(coordinator, &now(coordinator, &round).await, "closed").await, given, members)
}

fn score(scores: [i64; 3]) -> Fraction {
    let whole: i128 = WEIGHTS.iter().sum();
    let shares = scores.iter().zip(WEIGHTS).map(|(score, weight)| Fraction::new(weight, whole).times(Fraction(i128::from(*score), 1)));
    shares.fold(Fraction(0, 1), Fraction::plus)
}

#[actix_web::test]
async fn the_ranking_is_what_the_raw_scores_come_to() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for seed in 1..=5 {
            let (round, given, members) = played(&bench, &coordinator, seed).await;
            for who in [Who::FocalPoint("moh"), Who::NetworkMember("iom"), Who::Coordinator] {
                let told = bench.sign_in(who).await.get(format!("{}/results", at(ROUNDS, &round))).expect(200).await.json();
                let rows = told["data"].as_array().unwrap();
                assert_eq!((rows.len(), &told["frozen"]), (given.len(), &json!(false)));
                let silent: Vec<_> = members[6..].iter().map(id).collect();
                assert_eq!(told["missing_organization_ids"], json!(silent));
                for row in rows {
                    let ballots = &given[&row["objective_number"].as_i64().unwrap()];
                    let scores: Vec<_> = ballots.iter().map(|(_, scores)| score(*scores)).collect();
                    assert_eq!(row["nominations"], ballots.len());
                    assert!(mean(&scores).is_shown_as(&row["weighted_mean"]), "{row}");
                    assert!(Fraction::new(ballots.len() as i128, 8).is_shown_as(&row["support"]), "{row}");
                    match ballots.len() {
                        1 => assert_eq!(row["agreement"], Value::Null),
                        _ => assert!(agrees(&scores, &row["agreement"]), "{row}"),
                    }
                    for (one, (giver, scores)) in row["by_organization"].as_array().unwrap().iter().zip(ballots) {
                        assert_eq!(
                            (&one["organization_id"], &one["voter_id"], &one["counted"]),
                            (&json!(giver), &json!(giver), &json!(true))
                        );
                        assert_eq!(one["scores"], json!({"urgency": scores[0], "feasibility": scores[1], "data": scores[2]}));
                        assert!(score(*scores).is_shown_as(&one["score"]), "{one}");
                    }
                }
                in_order(rows, ["weighted_mean", "support"]);
            }
            let by_support = coordinator.get(format!("{}/results?rank_by=support", at(ROUNDS, &round))).expect(200).await.json();
            in_order(by_support["data"].as_array().unwrap(), ["support", "weighted_mean"]);
        }
    })
    .await;
}

/// Falling in the first, then in the second, then by number; those that are equal in both share a place, and the next is left out.
fn in_order(rows: &[Value], by: [&str; 2]) {
    let key = |row: &Value| by.map(|name| row[name].as_f64().unwrap());
    for (at, row) in rows.iter().enumerate() {
        let better = rows.iter().filter(|other| key(other) > key(row)).count();
        assert_eq!(row["rank"], better + 1, "{by:?}: {row}");
        if let Some(next) = rows.get(at + 1) {
            let fits =
                key(row) > key(next) || (key(row) == key(next) && row["objective_number"].as_i64() < next["objective_number"].as_i64());
            assert!(fits, "{by:?}: {row} before {next}");
        }
    }
}

#[actix_web::test]
async fn equals_share_a_place_and_the_next_is_left_out() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "molsw", "mof"]).await;
        let round = open(&coordinator, &members).await;
        let paper = json!({"on_behalf_note": "On paper"});
        // 16 and 6 are alike; 7 has the higher mean from one voice; 2 has the lowest mean from all of them.
        for (objective, scores) in
            [(16, vec![[4, 4], [2, 2]]), (6, vec![[2, 2], [4, 4]]), (7, vec![[5, 5]]), (2, vec![[1, 1], [1, 1], [1, 2]])]
        {
            for (member, scores) in members.iter().zip(scores) {
                create(&coordinator, NOMINATIONS, with(nominated(&round, member, objective, scores), paper.clone())).await;
            }
        }
        let round = moved(&coordinator, &now(&coordinator, &round).await, "closed").await;
        let places = async |query: &str| {
            let told = coordinator.get(format!("{}/results{query}", at(ROUNDS, &round))).expect(200).await.json();
            let rows = told["data"].as_array().unwrap().iter();
            rows.map(|row| (row["objective_number"].as_i64().unwrap(), row["rank"].as_i64().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(places("").await, [(7, 1), (6, 2), (16, 2), (2, 4)]);
        assert_eq!(places("?rank_by=weighted_mean").await, [(7, 1), (6, 2), (16, 2), (2, 4)]);
        assert_eq!(places("?rank_by=support").await, [(2, 1), (6, 2), (16, 2), (7, 4)]);
        let odd = coordinator.get(format!("{}/results?rank_by=luck", at(ROUNDS, &round))).expect(400).await;
        assert_eq!(odd.code(), "invalid_query");
    })
    .await;
}

#[actix_web::test]
async fn there_are_results_from_closing_on_and_for_those_who_take_part() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let members = electorate(&bench, &["moh", "molsw"]).await;
        let told = async |round: &Value, who: Who| {
            let reply = bench.sign_in(who).await.get(format!("{}/results", at(ROUNDS, round))).send().await;
            (reply.status, if reply.status == 200 { String::new() } else { reply.code() })
        };
        let (found, hidden, early) = ((200, String::new()), (404, "not_found".to_owned()), (409, "results_not_ready".to_owned()));
        let round = crate::prioritizations::draft(&coordinator, &members).await;
        assert_eq!(told(&round, Who::Coordinator).await, early);
        assert_eq!(told(&round, Who::Reader).await, hidden);
        let round = moved(&coordinator, &round, "open").await;
        let body = with(nominated(&round, &members[0], 6, [5, 4]), json!({"on_behalf_note": "On paper"}));
        create(&coordinator, NOMINATIONS, body).await;
        for who in [Who::Coordinator, Who::FocalPoint("moh"), Who::NetworkMember("iom")] {
            assert_eq!(told(&round, who).await, early, "{who:?}: nobody sees anything of them while it is open");
        }
        let mut round = moved(&coordinator, &round, "closed").await;
        for state in ["closed", "finalized"] {
            for who in [Who::Coordinator, Who::FocalPoint("moh"), Who::FocalPoint("mof"), Who::NetworkMember("iom")] {
                assert_eq!(told(&round, who).await, found, "{who:?} {state}");
            }
            for who in [Who::Administrator, Who::Reader] {
                assert_eq!(told(&round, who).await, hidden, "{who:?} {state}");
                let shown = bench.sign_in(who).await.get(at(ROUNDS, &round)).expect(200).await;
                assert!(!shown.text().contains("ranking"), "{shown}");
            }
            if state == "closed" {
                round = change(&coordinator, ROUNDS, &round, json!({"selection": [chosen(6, 1)]})).await;
                round = moved(&coordinator, &round, "finalized").await;
            }
        }
        let frozen = coordinator.get(format!("{}/results", at(ROUNDS, &round))).expect(200).await.json();
        assert_eq!((&frozen["frozen"], &frozen["data"][0]["weighted_mean"]), (&json!(true), &json!(4.666_667)));
        assert_eq!(frozen["missing_organization_ids"], json!([members[1]["id"]]));
    })
    .await;
}
