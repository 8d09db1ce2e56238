//! Pages, cursors and tags.

use std::collections::{BTreeMap, BTreeSet};

use gcm_api::entity::organization;
use serde_json::{Value, json};

use super::many;
use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, SEEDED, archive, change, column, create, faults, id, organization as new, set, with},
};

/// Every page of a list, by following `Link` as it is; the ids in the order of the pages.
async fn walk(client: &Client, first: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let reply = client.get(&path).expect(200).await;
        let page = reply.json();
        ids.extend(column(&page, "id").into_iter().map(str::to_owned));
        next = reply.header("link").map(|link| link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned());
        assert_eq!((page["page"]["has_more"] == true, page["page"]["next_cursor"].is_string()), (next.is_some(), next.is_some()));
    }
    ids
}

/// All rows in the order that `sort` promises.
async fn sorted(bench: &Bench, sort: &str) -> Vec<String> {
    sorted_where(bench, sort, |_row| true).await
}

/// The rows of which something holds, in the order that `sort` promises, sorted here: by the bytes of the key, then of the id.
async fn sorted_where(bench: &Bench, sort: &str, holds: impl Fn(&organization::Model) -> bool) -> Vec<String> {
    let mut rows = bench.parts.store.all(organization::Entity::all()).await.unwrap();
    let key = |row: &organization::Model| match sort.trim_start_matches('-') {
        "name" => row.sort_name.clone(),
        "code" => row.code.to_string(),
        "created_at" => row.created_at.to_string(),
        "updated_at" => row.updated_at.to_string(),
        other => panic!("{other} is no sort"),
    };
    rows.retain(holds);
    rows.sort_by_cached_key(|row| (key(row), row.id));
    if sort.starts_with('-') {
        rows.reverse();
    }
    rows.into_iter().map(|row| row.id.to_string()).collect()
}

/// Without a long text of where they differ.
fn assert_same(found: &[String], wanted: &[String], what: &str) {
    let first = found.iter().zip(wanted).position(|(one, other)| one != other);
    assert!(found == wanted, "{what}: {} rows instead of {}; the first difference is at {first:?}", found.len(), wanted.len());
}

#[actix_web::test]
async fn pages_over_ten_thousand_rows_equal_the_whole_sorted_set() {
    both(async |bench| {
        many::organizations(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        for sort in ["name", "-name", "code", "-code", "created_at", "-created_at", "updated_at", "-updated_at"] {
            let found = walk(&reader, &format!("{ORGANIZATIONS}?limit=200&sort={sort}")).await;
            assert_same(&found, &sorted(&bench, sort).await, sort);
        }
    })
    .await;
}

#[actix_web::test]
async fn pages_of_several_kinds_are_their_rows_in_one_order() {
    both(async |bench| {
        many::organizations(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        let wanted_kind = |row: &organization::Model| ["ministry", "un_entity"].contains(&row.kind.to_string().as_str());
        let wanted_code = |row: &organization::Model| ["mofa", "iom", "mof", "fao"].contains(&row.code.to_string().as_str());
        let list = format!("{ORGANIZATIONS}?kind=ministry,un_entity,ministry");
        for sort in ["name", "-name", "code", "-code", "created_at", "-created_at", "updated_at", "-updated_at"] {
            let wanted = sorted_where(&bench, sort, wanted_kind).await;
            assert_same(&walk(&reader, &format!("{list}&sort={sort}&limit=200")).await, &wanted, sort);
            let page = reader.get(format!("{list}&sort={sort}&limit=1&with_total=true")).expect(200).await.json();
            assert_eq!(page["page"]["total"], wanted.len(), "{sort}");
            let wanted = sorted_where(&bench, sort, wanted_code).await;
            assert_same(&walk(&reader, &format!("{list}&sort={sort}&limit=1&code=mofa,iom,mof,fao")).await, &wanted, sort);
        }
        let found = column(&reader.get(format!("{list}&q=foreign%20affairs")).expect(200).await.json(), "code").join(" ");
        assert_eq!(found, "mofa", "with a word");
        let sheet = reader.get(format!("{list}&limit=5&format=csv")).expect(200).await;
        let whole = sorted_where(&bench, "name", wanted_kind).await;
        let found: Vec<_> = sheet.text().lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
        assert_same(&found, &whole, "as a sheet");
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let gone = create(&coordinator, ORGANIZATIONS, with(new("gone"), json!({"kind": "un_entity"}))).await;
        archive(&coordinator, ORGANIZATIONS, &gone).await;
        for (archived, wanted) in [("exclude", 0), ("include", 1), ("only", 1)] {
            let found = coordinator.get(format!("{list}&archived={archived}&code=gone&with_total=true")).expect(200).await.json();
            assert_eq!((found["data"].as_array().unwrap().len(), &found["page"]["total"]), (wanted, &json!(wanted)), "{archived}");
        }
    })
    .await;
}

#[actix_web::test]
async fn pages_lose_no_row_while_others_are_entered() {
    both(async |bench| {
        many::organizations(&bench).await;
        let (reader, coordinator) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Coordinator).await);
        for sort in ["name", "-updated_at"] {
            let throughout = sorted(&bench, sort).await;
            let mut counted: BTreeMap<String, u32> = BTreeMap::new();
            let mut next = Some(format!("{ORGANIZATIONS}?limit=173&sort={sort}"));
            let mut pages = 0;
            while let Some(path) = next {
                let page = reader.get(&path).expect(200).await.json();
                column(&page, "id").into_iter().for_each(|id| *counted.entry(id.to_owned()).or_default() += 1);
                // Among the equal keys of the page, before it, and behind it.
                for (n, name) in ["row 31", "a first one", "ໝໝໝ"].iter().enumerate() {
                    let code = format!("late-{}-{pages}-{n}", sort.trim_start_matches('-').replace('_', "-"));
                    let body = json!({"kind": "other", "code": code, "name": {"en": name}});
                    create(&coordinator, ORGANIZATIONS, body).await;
                }
                pages += 1;
                next = page["page"]["next_cursor"].as_str().map(|cursor| format!("{ORGANIZATIONS}?limit=173&sort={sort}&cursor={cursor}"));
            }
            let wrong: Vec<_> = throughout.iter().filter(|id| counted.get(*id) != Some(&1)).collect();
            assert!(wrong.is_empty(), "{sort}: {} rows came never or twice, such as {:?}", wrong.len(), wrong.first());
        }
    })
    .await;
}

#[actix_web::test]
async fn a_cursor_is_for_its_own_sort_and_filters_and_for_any_limit() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let page = reader.get(format!("{ORGANIZATIONS}?limit=3&kind=ministry")).expect(200).await.json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        let next = |query: &str| reader.get(format!("{ORGANIZATIONS}?{query}&cursor={cursor}"));
        for fine in ["limit=7&kind=ministry", "kind=ministry&with_total=true", "include=organizations&kind[]=ministry&sort=name"] {
            next(fine).expect(200).await;
        }
        for other in ["kind=un_entity", "limit=3", "kind=ministry&sort=-name", "kind=ministry&sort=code", "kind=ministry&q=mo"] {
            assert_eq!(next(other).expect(400).await.code(), "cursor_mismatch", "{other}");
        }
        assert_eq!(reader.get(format!("/v1/ministries?cursor={cursor}")).expect(400).await.code(), "cursor_mismatch");
    })
    .await;
}

#[actix_web::test]
async fn a_cursor_that_nobody_gave_out_is_refused_and_never_a_fault_of_ours() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for garbage in ["x", "%21%21", "e30", "bnVsbA", "W10", &"A".repeat(5_000)] {
            let reply = reader.get(format!("{ORGANIZATIONS}?cursor={garbage}")).expect(400).await;
            assert_eq!(reply.code(), "cursor_invalid", "{garbage}");
        }
        for (sort, keys) in [
            ("name", [json!({"n": 5}), json!({"t": 0}), json!({"s": "a\u{0}b"}), json!({"s": 7})]),
            ("created_at", [json!({"t": i64::MIN}), json!({"t": -300_000_000_000_000_000_i64}), json!({"s": "x"}), json!({"n": 1})]),
        ] {
            let page = reader.get(format!("{ORGANIZATIONS}?limit=1&sort={sort}")).expect(200).await.json();
            let bytes = URL_SAFE_NO_PAD.decode(page["page"]["next_cursor"].as_str().unwrap()).unwrap();
            for key in keys {
                let mut forged: Value = serde_json::from_slice(&bytes).unwrap();
                forged["key"] = key;
                let cursor = URL_SAFE_NO_PAD.encode(forged.to_string());
                let reply = reader.get(format!("{ORGANIZATIONS}?sort={sort}&cursor={cursor}")).send().await;
                assert_eq!((reply.status, reply.code().as_str()), (400, "cursor_invalid"), "{forged}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_page_holds_one_to_two_hundred_rows() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for (limit, rows) in [("1", 1), ("50", 50), ("200", SEEDED)] {
            let page = reader.get(format!("{ORGANIZATIONS}?limit={limit}")).expect(200).await.json();
            assert_eq!(column(&page, "id").len(), rows);
        }
        assert_eq!(column(&reader.get(ORGANIZATIONS).expect(200).await.json(), "id").len(), 50);
        for (limit, code) in [("0", "out_of_range"), ("201", "out_of_range"), ("-1", "out_of_range"), ("many", "out_of_range")] {
            let reply = reader.get(format!("{ORGANIZATIONS}?limit={limit}")).expect(400).await;
            assert_eq!((reply.code().as_str(), faults(&reply)), ("invalid_query", set([("limit", code)])));
        }
    })
    .await;
}

#[actix_web::test]
async fn the_total_is_counted_when_asked_for_and_only_then() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let page = |query: &'static str| reader.get(format!("{ORGANIZATIONS}?limit=2&{query}")).expect(200);
        assert_eq!(page("with_total=true").await.json()["page"]["total"], SEEDED);
        assert_eq!(page("with_total=true&kind=ministry").await.json()["page"]["total"], 19);
        assert_eq!(page("with_total=false").await.json()["page"]["total"], Value::Null);
    })
    .await;
}

#[actix_web::test]
async fn rows_that_the_page_points_at_come_with_it_when_asked_for() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let mof = bench.organization("mof").await;
        let page = reader.get(format!("{ORGANIZATIONS}?code=lsb,mofa&include=organizations")).expect(200).await.json();
        assert_eq!(page["included"]["organizations"], json!([mof]));
        let others = page["included"].as_object().unwrap().iter().filter(|(kind, _)| *kind != "organizations");
        assert!(others.into_iter().all(|(_, rows)| *rows == json!([]) || *rows == json!({})), "nothing else was asked for");
        assert_eq!(reader.get(format!("{ORGANIZATIONS}?code=lsb")).expect(200).await.json()["included"], Value::Null);
        let refused = reader.get(format!("{ORGANIZATIONS}?include=accounts")).expect(400).await;
        assert_eq!(faults(&refused), set([("include", "unknown_value")]));
        // Accounts are the administrator's to see; with them comes what they point at, and nothing to anybody else.
        let administrator = bench.sign_in(Who::Administrator).await;
        bench.sign_in(Who::FocalPoint("moh")).await;
        let page = administrator.get("/v1/accounts?include=organizations").expect(200).await.json();
        assert_eq!(page["included"]["organizations"], json!([bench.organization("moh").await]));
        let page = reader.get("/v1/accounts?include=organizations").expect(200).await.json();
        assert_eq!((&page["data"], &page["included"]["organizations"]), (&json!([]), &json!([])));
    })
    .await;
}

#[actix_web::test]
async fn the_tag_of_a_list_stands_until_something_is_written_or_someone_else_asks() {
    both(async |bench| {
        let (reader, coordinator) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Coordinator).await);
        let focal_point = bench.sign_in(Who::FocalPoint("moh")).await;
        let tag = async |client: &Client| client.get(ORGANIZATIONS).expect(200).await.etag();
        let first = tag(&reader).await;
        assert!(first.starts_with("W/\""), "{first}");
        assert_eq!(tag(&reader).await, first);
        let same = reader.get(ORGANIZATIONS).header("If-None-Match", &first).expect(304).await;
        assert_eq!((same.body.len(), same.etag()), (0, first.clone()));
        reader.get(ORGANIZATIONS).header("If-None-Match", format!("\"other\", {first}")).expect(304).await;
        reader.get(ORGANIZATIONS).header("If-None-Match", "W/\"other\"").expect(200).await;
        let tags: BTreeSet<_> = [first.clone(), tag(&coordinator).await, tag(&focal_point).await].into();
        assert_eq!(tags.len(), 3);
        let row = create(&coordinator, ORGANIZATIONS, new("fresh")).await;
        let second = reader.get(ORGANIZATIONS).header("If-None-Match", &first).expect(200).await.etag();
        change(&coordinator, ORGANIZATIONS, &row, json!({"acronym": "F"})).await;
        let third = reader.get(ORGANIZATIONS).header("If-None-Match", &second).expect(200).await.etag();
        assert_ne!(second, third);
        change(
            &coordinator,
            ORGANIZATIONS,
            &coordinator.get(format!("{ORGANIZATIONS}/{}", id(&row))).expect(200).await.json(),
            json!({"acronym": "F"}),
        )
        .await;
        reader.get(ORGANIZATIONS).header("If-None-Match", &third).expect(304).await;
        // Tomorrow other institutions may be valid: `active` depends on the day.
        bench.clock().advance(std::time::Duration::from_secs(24 * 3600));
        let reader = bench.sign_in(Who::Reader).await;
        reader.get(ORGANIZATIONS).header("If-None-Match", &third).expect(200).await;
    })
    .await;
}
