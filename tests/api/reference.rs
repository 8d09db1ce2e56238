//! Facts that come with the program: read by everyone, in the same lists as everything else, and never more sure than their source.

mod facts;
mod vocabularies;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    harness::{Client, Who, both},
    rows::{faults, set},
};

pub const PRINCIPLES: &str = "/v1/guiding-principles";
pub const SCHEMES: &str = "/v1/cluster-schemes";
pub const GOALS: &str = "/v1/sdg-goals";
pub const VOCABULARIES: &str = "/v1/vocabularies";

/// Each list, its key, and how many facts it holds in Lao PDR, counted by hand.
const LISTS: [(&str, &str, usize); 6] = [
    (PRINCIPLES, "letter", 10),
    (SCHEMES, "code", 4),
    (GOALS, "number", 18),
    (VOCABULARIES, "name", 18),
    ("/v1/vocabularies/provinces", "position", 18),
    ("/v1/vocabularies/currencies", "position", 178),
];

/// The facts that a query finds, all in one page.
pub async fn data(client: &Client, path: &str) -> Vec<Value> {
    let sign = if path.contains('?') { '&' } else { '?' };
    let page = client.get(format!("{path}{sign}limit=200")).expect(200).await.json();
    assert_eq!((&page["page"], &page["included"]), (&json!({"next_cursor": null, "has_more": false, "total": null}), &Value::Null));
    page["data"].as_array().unwrap().clone()
}

pub fn texts(data: &[Value], property: &str) -> Vec<String> {
    data.iter().map(|fact| fact[property].as_str().unwrap().to_owned()).collect()
}

pub fn numbers(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
}

#[actix_web::test]
async fn every_list_can_be_read_page_by_page_in_both_directions() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for (path, key, count) in LISTS {
            let whole = data(&reader, path).await;
            assert_eq!(whole.len(), count, "{path}");
            let mut descending = whole.clone();
            descending.reverse();
            for (sort, wanted) in [(key.to_owned(), whole), (format!("-{key}"), descending)] {
                for limit in [1, 3, count - 1, count] {
                    let first = format!("{path}?sort={sort}&limit={limit}&with_total=true");
                    let (mut found, mut next) = (Vec::new(), Some(first));
                    while let Some(address) = next {
                        let reply = reader.get(&address).expect(200).await;
                        let page = reply.json();
                        assert_eq!(page["page"]["total"], count, "{address}");
                        found.extend(page["data"].as_array().unwrap().clone());
                        let link = reply.header("link").map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
                        assert_eq!(link.is_some(), page["page"]["has_more"] == true, "{address}");
                        assert_eq!(link.is_some(), page["page"]["next_cursor"].is_string(), "{address}");
                        next = link;
                    }
                    assert_eq!(found, wanted, "{path} by {sort} in pages of {limit}");
                }
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_list_its_sort_and_its_filters() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let page = reader.get(format!("{GOALS}?limit=3&scope=global")).expect(200).await.json();
        let cursor = page["page"]["next_cursor"].as_str().unwrap();
        reader.get(format!("{GOALS}?limit=9&scope=global&with_total=true&cursor={cursor}")).expect(200).await;
        for other in [
            format!("{GOALS}?cursor={cursor}"),
            format!("{GOALS}?scope=national&cursor={cursor}"),
            format!("{GOALS}?scope=global&sort=-number&cursor={cursor}"),
            format!("{GOALS}?scope=global&q=poverty&cursor={cursor}"),
            format!("{VOCABULARIES}/provinces?cursor={cursor}"),
            format!("/v1/objectives?cursor={cursor}"),
        ] {
            assert_eq!(reader.get(&other).expect(400).await.code(), "cursor_mismatch", "{other}");
        }
        // Keys that this list never gave out, behind the right digest.
        let mut opened: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
        for (member, value) in [("key", json!({"s": "3"})), ("id", json!("01920000-0000-7000-8000-000000000001")), ("more", json!(1))] {
            let before = opened.clone();
            opened[member] = value;
            let forged = URL_SAFE_NO_PAD.encode(opened.to_string());
            let reply = reader.get(format!("{GOALS}?limit=3&scope=global&cursor={forged}")).expect(400).await;
            assert_eq!(reply.code(), "cursor_invalid", "{opened}");
            opened = before;
        }
    })
    .await;
}

#[actix_web::test]
async fn what_one_has_is_not_sent_again() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let lists = LISTS.iter().flat_map(|(path, _, _)| [(*path).to_owned(), format!("{path}?limit=2"), format!("{path}?format=csv")]);
        let mut tags = std::collections::BTreeMap::new();
        for path in lists {
            let tag = reader.get(&path).expect(200).await.etag();
            assert!(tag.starts_with("W/\""), "{path}: {tag}");
            assert_eq!(tags.insert(tag.clone(), path.clone()), None, "{path} has an ETag of its own");
            let again = reader.get(&path).header("if-none-match", &tag).expect(304).await;
            assert_eq!((again.etag(), again.body.len()), (tag, 0));
        }
        for path in [format!("{PRINCIPLES}/h"), format!("{SCHEMES}/national"), format!("{GOALS}/18")] {
            let tag = reader.get(&path).expect(200).await.etag();
            assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{path}: {tag}");
            // The same facts have the same tag, whoever asks and however often anything else changes.
            let coordinator = bench.sign_in(Who::Coordinator).await;
            coordinator.patch("/v1/objectives/6", "*", json!({"national_note": {"en": path}})).expect(200).await;
            coordinator.get(&path).header("if-none-match", format!("\"other\", {tag}")).expect(304).await;
            coordinator.get(&path).header("if-none-match", "\"other\"").expect(200).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn a_sheet_holds_the_whole_list() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for (path, key, count) in LISTS {
            let reply = reader.get(format!("{path}?format=csv&limit=2&sort=-{key}")).expect(200).await;
            let name = path.rsplit('/').next().unwrap();
            assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
            assert_eq!(reply.header("content-disposition"), Some(format!("attachment; filename=\"{name}.csv\"").as_str()));
            let mut sheet = csv::Reader::from_reader(reply.text().as_bytes());
            assert_eq!(&sheet.headers().unwrap()[0], key, "{path}");
            let first: Vec<String> = sheet.records().map(|line| line.unwrap()[0].to_owned()).collect();
            let mut wanted: Vec<_> = data(&reader, path).await.iter().map(|fact| fact[key].to_string().replace('"', "")).collect();
            wanted.reverse();
            assert_eq!((first.len(), first), (count, wanted), "{path}");
        }
        let sheet = reader.get("/v1/vocabularies/provinces?format=csv&code=LA-VT").expect(200).await;
        let heads = "position,code,description.en,description.lo,label.en,label.lo,minor_unit,pcode\r\n";
        assert_eq!(sheet.text(), format!("{heads}1,LA-VT,,,Vientiane Capital,ນະຄອນຫຼວງວຽງຈັນ,,LA01\r\n"));
        let empty = reader.get("/v1/vocabularies/provinces?format=csv&code=XX").expect(200).await;
        assert_eq!(empty.text(), heads);
    })
    .await;
}

#[actix_web::test]
async fn filters_narrow_and_what_is_not_known_is_refused() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for (query, property, wanted) in [
            (format!("{PRINCIPLES}?letter=j,h"), "letter", vec!["h", "j"]),
            (format!("{PRINCIPLES}?code=human_rights&code=child_sensitive"), "letter", vec!["f", "h"]),
            (format!("{PRINCIPLES}?letter=h&code=human_rights"), "letter", vec![]),
            (format!("{PRINCIPLES}?q=PEOPLE-c"), "code", vec!["people_centred"]),
            (format!("{SCHEMES}?code=national,nothing"), "code", vec!["national"]),
            (format!("{SCHEMES}?same_as=imrf_round_tables"), "code", vec!["asia_pacific_regional_review"]),
            (format!("{SCHEMES}?q=trust%20fund"), "code", vec!["mmptf_thematic_areas"]),
            (format!("{VOCABULARIES}?name[]=languages&name=currencies"), "name", vec!["currencies", "languages"]),
            (format!("{VOCABULARIES}?q=focal"), "name", vec!["focal_point_roles"]),
            ("/v1/vocabularies/provinces?pcode=LA18,LA02".to_owned(), "code", vec!["LA-PH", "LA-XS"]),
            (
                "/v1/vocabularies/provinces?q=%E0%BA%A7%E0%BA%BD%E0%BA%87%E0%BA%88%E0%BA%B1%E0%BA%99".to_owned(),
                "code",
                vec!["LA-VT", "LA-VI"],
            ),
            ("/v1/vocabularies/currencies?q=kip".to_owned(), "code", vec!["LAK"]),
            ("/v1/vocabularies/currencies?code=USD,LAK,usd".to_owned(), "code", vec!["LAK", "USD"]),
        ] {
            assert_eq!(texts(&data(&reader, &query).await, property), wanted, "{query}");
        }
        for (query, wanted) in [
            ("number=3,18,44", vec![3, 18]),
            ("scope=national", vec![18]),
            ("target_code=10.7&target_code=4.b", vec![4, 10]),
            ("objective_number=20", vec![10]),
            ("objective_number=20&number=8", vec![]),
            ("q=REMITTANCE", vec![10, 17]),
        ] {
            let found: Vec<_> =
                data(&reader, &format!("{GOALS}?{query}")).await.iter().map(|goal| goal["number"].as_i64().unwrap()).collect();
            assert_eq!(found, wanted, "{query}");
        }
        let refused = reader.get(format!("{GOALS}?archived=include&sort=title&limit=0&number=x&provenance=entered")).expect(400).await;
        let wanted = set([
            ("archived", "unknown_parameter"),
            ("limit", "out_of_range"),
            ("number", "out_of_range"),
            ("provenance", "unknown_parameter"),
            ("sort", "unknown_value"),
        ]);
        assert_eq!((refused.code().as_str(), faults(&refused)), ("invalid_query", wanted));
    })
    .await;
}

#[actix_web::test]
async fn what_there_is_not_is_not_found() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for path in [
            format!("{PRINCIPLES}/k"),
            format!("{PRINCIPLES}/A"),
            format!("{SCHEMES}/imrf"),
            format!("{GOALS}/0"),
            format!("{GOALS}/19"),
            format!("{GOALS}/ten"),
            format!("{GOALS}/99999"),
            format!("{VOCABULARIES}/no_such_vocabulary"),
            format!("{VOCABULARIES}/Currencies"),
        ] {
            assert_eq!(reader.get(&path).expect(404).await.code(), "not_found", "{path}");
        }
        // Facts change with the program only.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for path in [format!("{GOALS}/1"), format!("{PRINCIPLES}/a"), format!("{SCHEMES}/national"), format!("{VOCABULARIES}/provinces")] {
            let refused = coordinator.patch(&path, "*", json!({})).expect(405).await;
            assert_eq!(refused.header("allow"), Some("GET, HEAD"));
        }
    })
    .await;
}
