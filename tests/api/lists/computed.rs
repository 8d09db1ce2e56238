//! `include=computed`: what follows from the day, beside the filter that asks for the same.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, create, faults, id, organization, set, with},
};

/// It is the 23rd of November 2026 in Vientiane: rows that end, begin and go on around that day.
async fn around_today(bench: &Bench, client: &Client) -> Vec<(String, &'static str)> {
    let organization_id = |code: &'static str| async move { bench.organization(code).await["id"].clone() };
    for (code, period) in [
        ("c-past", json!({"valid_to": "2026-11-23"})),
        ("c-last-day", json!({"valid_to": "2026-11-24"})),
        ("c-first-day", json!({"valid_from": "2026-11-23"})),
        ("c-soon", json!({"valid_from": "2026-11-24"})),
    ] {
        let ministry = with(organization(code), json!({"kind": "ministry"}));
        create(client, ORGANIZATIONS, with(ministry, period)).await;
    }
    for (n, period) in [
        json!({"starts_on": "2020-01-01", "ends_on": "2026-11-22"}),
        json!({"starts_on": "2020-01-01", "ends_on": "2026-11-23"}),
        json!({"starts_on": "2026-11-23"}),
        json!({"starts_on": "2026-11-24"}),
    ]
    .into_iter()
    .enumerate()
    {
        let row = json!({"organization_id": organization_id("moh").await, "name": format!("Person {n}"), "role": "technical"});
        create(client, "/v1/focal-points", with(row, period)).await;
    }
    let body = create(client, "/v1/coordination-bodies", json!({"name": {"en": "Body"}, "level": "technical"})).await;
    let members = format!("/v1/coordination-bodies/{}/members", id(&body));
    for (code, period) in [
        ("unicef", json!({"left_on": "2026-11-23"})),
        ("unfpa", json!({"left_on": "2026-11-24"})),
        ("ilo", json!({"joined_on": "2026-11-23"})),
        ("undp", json!({"joined_on": "2026-11-24"})),
    ] {
        let of = json!({"organization_id": organization_id(code).await});
        create(client, "/v1/un-network-members", with(with(of.clone(), json!({"roles": ["member"]})), period.clone())).await;
        create(client, &members, with(with(of, json!({"role": "member"})), period)).await;
    }
    for (name, period) in [
        ("Over", json!({"dissolved_on": "2026-11-23"})),
        ("Nearly over", json!({"dissolved_on": "2026-11-24"})),
        ("New", json!({"established_on": "2026-11-23"})),
        ("Planned", json!({"established_on": "2026-11-24"})),
    ] {
        create(client, "/v1/coordination-bodies", with(json!({"name": {"en": name}, "level": "technical"}), period)).await;
    }
    for (code, starts_on, ends_on) in
        [("c-over", "2026-01-01", "2026-11-22"), ("c-ends", "2026-01-01", "2026-11-23"), ("c-begins", "2026-11-23", "2027-01-01")]
    {
        let row = json!({"code": code, "kind": "national", "title": {"en": code}, "starts_on": starts_on, "ends_on": ends_on});
        create(client, "/v1/review-cycles", with(row, json!({"date_precision": "day", "date_status": "confirmed"}))).await;
    }
    let current = ["/v1/focal-points", &members, "/v1/un-network-members", "/v1/coordination-bodies", "/v1/review-cycles"];
    let active = [ORGANIZATIONS, "/v1/ministries"].map(|path| (path.to_owned(), "active"));
    active.into_iter().chain(current.map(|path| (path.to_owned(), "current"))).collect()
}

/// The ids of all rows that a query finds, and the pages' `included.computed`.
async fn found(client: &Client, path: &str, query: &str) -> (BTreeSet<String>, Vec<Value>) {
    let (mut ids, mut computed, mut next) = (BTreeSet::new(), Vec::new(), Some(format!("{path}?limit=200&{query}")));
    while let Some(address) = next {
        let page = client.get(address).expect(200).await.json();
        ids.extend(page["data"].as_array().unwrap().iter().map(|row| id(row).to_owned()));
        computed.push(page["included"]["computed"].clone());
        next = page["page"]["next_cursor"].as_str().map(|cursor| format!("{path}?limit=200&{query}&cursor={cursor}"));
    }
    (ids, computed)
}

#[actix_web::test]
async fn what_is_computed_of_a_row_is_what_the_filter_says() {
    both(async |bench| {
        let lists = around_today(&bench, &bench.sign_in(Who::Coordinator).await).await;
        for day in 0..3 {
            bench.clock().advance(Duration::from_secs(24 * 3600 * day.min(1)));
            let reader = bench.sign_in(Who::Reader).await;
            for (path, name) in &lists {
                let (all, pages) = found(&reader, path, "include=computed").await;
                let mut told = BTreeSet::new();
                for (row, facts) in pages.iter().flat_map(|page| page.as_object().unwrap()) {
                    assert!(all.contains(row) && facts[name].is_boolean(), "{path}: {facts}");
                    let others = facts.as_object().unwrap().iter().filter(|(other, _)| other != name);
                    assert!(others.clone().count() == 4 && others.clone().all(|(_, fact)| fact.is_null()), "{path}: {facts}");
                    if facts[name] == true {
                        told.insert(row.clone());
                    }
                }
                let (yes, _) = found(&reader, path, &format!("{name}=true")).await;
                let (no, _) = found(&reader, path, &format!("{name}=false")).await;
                assert_eq!(told, yes, "{path} on day {day}");
                assert_eq!(&all - &yes, no, "{path} on day {day}");
                assert!(!yes.is_empty() && !no.is_empty(), "{path} on day {day}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn it_comes_with_other_rows_and_only_where_there_is_something_to_compute() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let page = reader.get(format!("{ORGANIZATIONS}?code=lsb&include=organizations,computed")).expect(200).await.json();
        let lsb = id(&page["data"][0]);
        assert_eq!(
            page["included"]["computed"],
            json!({ lsb: {"active": true, "current": null, "overdue": null, "blocked_by": null, "funding_gap": null} })
        );
        assert_eq!(page["included"]["organizations"][0]["code"], "mof");
        let page = reader.get(format!("{ORGANIZATIONS}?code=lsb&include=organizations")).expect(200).await.json();
        assert_eq!(page["included"]["computed"], json!({}));
        let refused = reader.get("/v1/successions?include=computed").expect(400).await;
        assert_eq!(faults(&refused), set([("include", "unknown_value")]));
    })
    .await;
}
