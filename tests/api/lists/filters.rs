//! What each filter keeps, and what is said to a query that cannot be taken.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    harness::{Bench, Client, Who, both},
    rows::{ORGANIZATIONS, archive, change, column, create, faults, id, organization, set, with},
};

/// The codes of the organizations that a query finds.
async fn codes(client: &Client, query: &str) -> BTreeSet<String> {
    let page = client.get(format!("{ORGANIZATIONS}?limit=200&{query}")).expect(200).await.json();
    column(&page, "code").into_iter().map(str::to_owned).collect()
}

fn words<const N: usize>(words: [&str; N]) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// Four rows whose codes begin with `f-`, of one kind that the seed has not.
async fn four(bench: &Bench) -> Client {
    let coordinator = bench.sign_in(Who::Coordinator).await;
    for (code, more) in [
        ("f-past", json!({"country": "LA", "valid_from": "2010-01-01", "valid_to": "2026-11-23"})),
        ("f-now", json!({"country": "TH", "valid_from": "2026-11-23"})),
        ("f-soon", json!({"country": "TH", "valid_from": "2026-11-24", "valid_to": "2030-01-01"})),
        ("f-ever", json!({"name": {"en": "Ever", "lo": "ຕະຫຼອດ"}})),
    ] {
        create(&coordinator, ORGANIZATIONS, with(with(organization(code), json!({"kind": "academia"})), more)).await;
    }
    coordinator
}

#[actix_web::test]
async fn a_repeated_filter_widens_and_another_one_narrows() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let two = words(["iom", "mofa"]);
        for query in ["code=mofa&code=iom", "code=mofa,iom", "code[]=mofa&code[]=iom", "code%5B%5D=iom&code=mofa", "code=mofa,%20iom,,"] {
            assert_eq!(codes(&reader, query).await, two, "{query}");
        }
        assert_eq!(codes(&reader, "code=mofa,iom&kind=ministry").await, words(["mofa"]));
        assert_eq!(codes(&reader, "kind=party_body,private_sector").await.len(), 2);
        assert_eq!(codes(&reader, "code=nobody").await, words([]));
        let (mof, iom) = (bench.organization("mof").await, bench.organization("iom").await);
        assert_eq!(codes(&reader, &format!("parent_id={}", id(&mof))).await, words(["lsb"]));
        assert_eq!(codes(&reader, &format!("id={},{}", id(&mof), id(&iom))).await, words(["iom", "mof"]));
        assert_eq!(codes(&reader, "provenance=entered,illustrative").await, words([]));
    })
    .await;
}

#[actix_web::test]
async fn today_is_the_day_in_the_instances_own_time_zone() {
    both(async |bench| {
        let reader = four(&bench).await;
        assert_eq!(codes(&reader, "kind=academia&active=true").await, words(["f-now", "f-ever"]));
        assert_eq!(codes(&reader, "kind=academia&active=false").await, words(["f-past", "f-soon"]));
        assert_eq!(codes(&reader, "kind=academia").await.len(), 4);
        // Nine in the morning in UTC; in Vientiane the day ends at 17:00 UTC.
        bench.clock().advance(std::time::Duration::from_secs(8 * 3600 - 1));
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(codes(&reader, "kind=academia&active=true").await, words(["f-now", "f-ever"]));
        bench.clock().advance(std::time::Duration::from_secs(1));
        assert_eq!(codes(&reader, "kind=academia&active=true").await, words(["f-now", "f-soon", "f-ever"]));
    })
    .await;
}

#[actix_web::test]
async fn ranges_hold_both_of_their_ends() {
    both(async |bench| {
        let reader = four(&bench).await;
        for (query, found) in [
            ("valid_on=2010-01-01", words(["f-past", "f-ever"])),
            ("valid_on=2026-11-22", words(["f-past", "f-ever"])),
            ("valid_on=2026-11-23", words(["f-now", "f-ever"])),
            ("valid_from_from=2026-11-23", words(["f-now", "f-soon"])),
            ("valid_from_to=2026-11-23", words(["f-past", "f-now"])),
            ("valid_from_from=2026-11-23&valid_from_to=2026-11-23", words(["f-now"])),
            ("valid_to_from=2026-11-23", words(["f-past", "f-soon"])),
            ("valid_to_to=2026-11-23", words(["f-past"])),
            ("country=TH,VN", words(["f-now", "f-soon"])),
            ("country=TH&valid_to_to=2030-01-01", words(["f-soon"])),
        ] {
            assert_eq!(codes(&reader, &format!("kind=academia&{query}")).await, found, "{query}");
        }
    })
    .await;
}

#[actix_web::test]
async fn archived_rows_are_listed_when_asked_for() {
    both(async |bench| {
        let coordinator = four(&bench).await;
        let page = coordinator.get(format!("{ORGANIZATIONS}?code=f-ever")).expect(200).await.json();
        archive(&coordinator, ORGANIZATIONS, &page["data"][0]).await;
        let all = words(["f-past", "f-now", "f-soon", "f-ever"]);
        let kept = words(["f-past", "f-now", "f-soon"]);
        for (query, found) in [("", &kept), ("archived=exclude", &kept), ("archived=include", &all), ("archived=only", &words(["f-ever"]))]
        {
            assert_eq!(&codes(&coordinator, &format!("kind=academia&{query}")).await, found, "{query}");
        }
    })
    .await;
}

#[actix_web::test]
async fn rows_that_lack_a_language_can_be_found() {
    both(async |bench| {
        let coordinator = four(&bench).await;
        assert_eq!(codes(&coordinator, "kind=academia&missing_language=lo").await, words(["f-past", "f-now", "f-soon"]));
        assert_eq!(codes(&coordinator, "kind=academia&missing_language=en").await, words([]));
        let page = coordinator.get(format!("{ORGANIZATIONS}?code=f-ever")).expect(200).await.json();
        // A second text that lacks it, with quotes and a word that looks like a key.
        let row = change(&coordinator, ORGANIZATIONS, &page["data"][0], json!({"mandate": {"en": "say \"lo\": twice"}})).await;
        assert!(codes(&coordinator, "missing_language=lo").await.contains("f-ever"));
        change(&coordinator, ORGANIZATIONS, &row, json!({"mandate": {"lo": "ໜ້າທີ່"}})).await;
        assert!(!codes(&coordinator, "missing_language=lo").await.contains("f-ever"));
        let refused = coordinator.get(format!("{ORGANIZATIONS}?missing_language=fr")).expect(400).await;
        assert_eq!(faults(&refused), set([("missing_language", "unknown_value")]));
        assert_eq!(refused.json()["errors"][0]["params"]["allowed"], coordinator.get("/v1/instance").expect(200).await.json()["languages"]);
    })
    .await;
}

#[actix_web::test]
async fn an_unknown_parameter_is_refused_with_those_there_are() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let reply = reader.get("/v1/ministries?kind=ministry&name=x&name=y&limit=1").expect(400).await;
        assert_eq!(
            (reply.code().as_str(), faults(&reply)),
            ("invalid_query", set([("kind", "unknown_parameter"), ("name", "unknown_parameter")]))
        );
        let allowed: BTreeSet<_> = reply.json()["errors"][0]["params"]["allowed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let taken = [
            "active",
            "archived",
            "code",
            "country",
            "cursor",
            "format",
            "id",
            "include",
            "limit",
            "missing_language",
            "parent_id",
            "provenance",
            "q",
            "sort",
            "valid_from_from",
            "valid_from_to",
            "valid_on",
            "valid_to_from",
            "valid_to_to",
            "with_total",
        ];
        assert_eq!(allowed, words(taken));
        // A write takes no parameter but one, so that no wish is lost in silence.
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let reply = coordinator.post(format!("{ORGANIZATIONS}?dryrun=true"), organization("x")).expect(400).await;
        assert_eq!(faults(&reply), set([("dryrun", "unknown_parameter")]));
        let reply = coordinator.post(format!("{ORGANIZATIONS}?dry_run=yes"), organization("x")).expect(400).await;
        assert_eq!(faults(&reply), set([("dry_run", "unknown_value")]));
    })
    .await;
}

#[actix_web::test]
async fn values_that_cannot_be_read_are_refused_by_name() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for (query, fault) in [
            ("active=maybe", ("active", "unknown_value")),
            ("valid_on=2025-02-30", ("valid_on", "wrong_form")),
            ("id=mofa", ("id", "wrong_form")),
            ("provenance=heard", ("provenance", "unreadable")),
            ("sort=mandate", ("sort", "unknown_value")),
            ("sort=--name", ("sort", "unknown_value")),
            ("archived=yes", ("archived", "unknown_value")),
            ("format=xml", ("format", "unknown_value")),
            ("with_total=1", ("with_total", "unknown_value")),
            ("limit=1&limit=2", ("limit", "unreadable")),
            ("q=a%00b", ("q", "wrong_form")),
            ("code=a%0Ab", ("code", "wrong_form")),
        ] {
            let reply = reader.get(format!("{ORGANIZATIONS}?{query}")).expect(400).await;
            assert_eq!((reply.code().as_str(), faults(&reply)), ("invalid_query", set([fault])), "{query}");
        }
    })
    .await;
}

/// The same rows at `ministries` take the same filters, but for the kind, which is fixed.
#[actix_web::test]
async fn ministries_are_filtered_as_organizations_are() {
    both(async |bench| {
        let coordinator = four(&bench).await;
        let parent = bench.organization("mof").await;
        let row = with(
            organization("f-ministry"),
            json!({"kind": "ministry", "parent_id": id(&parent), "country": "TH", "valid_from": "2011-02-03"}),
        );
        create(&coordinator, ORGANIZATIONS, with(row, json!({"valid_to": "2012-03-04"}))).await;
        for (query, some) in [
            (format!("parent_id={}", id(&parent)), Some(1)),
            ("country=TH".to_owned(), Some(1)),
            ("provenance=entered".to_owned(), Some(1)),
            ("provenance=illustrative".to_owned(), Some(0)),
            ("valid_from_from=2011-02-03&valid_from_to=2011-02-03".to_owned(), Some(1)),
            ("valid_to_from=2012-03-04&valid_to_to=2012-03-04".to_owned(), Some(1)),
            ("valid_on=2012-01-01".to_owned(), None),
            ("active=false".to_owned(), None),
            ("code=f-ministry,mofa".to_owned(), Some(2)),
        ] {
            let page = coordinator.get(format!("/v1/ministries?limit=200&{query}")).expect(200).await.json();
            let ministries: BTreeSet<_> = column(&page, "code").into_iter().map(str::to_owned).collect();
            assert_eq!(ministries, codes(&coordinator, &format!("kind=ministry&{query}")).await, "{query}");
            assert!(some.is_none_or(|some| ministries.len() == some), "{query}: {ministries:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn all_faults_of_a_query_are_named_at_once() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let reply =
            reader.get(format!("{ORGANIZATIONS}?limit=0&sort=size&active=maybe&valid_on=never&archived=yes&include=all")).expect(400).await;
        let named: BTreeSet<_> = reply.faults().into_iter().map(|(parameter, _)| parameter).collect();
        assert_eq!(named, words(["limit", "sort", "active", "valid_on", "archived", "include"]));
    })
    .await;
}

#[actix_web::test]
async fn a_list_of_values_is_bounded_and_never_empty() {
    use crate::harness::promise::operations;

    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let mut tried = 0;
        for operation in operations().iter().filter(|operation| operation.method == "GET" && !operation.path.contains('{')) {
            let lists =
                operation.spec["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["schema"]["type"] == "array");
            for name in lists.map(|parameter| parameter["name"].as_str().unwrap()) {
                // A statement with a term for each of 30,000 values once ended the whole process.
                for (values, code) in [("1,".repeat(101), "too_many"), ("1,".repeat(30_000), "too_many"), (",".to_owned(), "too_few")] {
                    let reply = administrator.get(format!("{}?{name}={values}", operation.path)).expect(400).await;
                    let codes: BTreeSet<_> = reply.faults().into_iter().map(|(_, code)| code).collect();
                    // Values that are no id or number are named first.
                    assert!(
                        codes.contains(code) || codes.iter().any(|code| code == "wrong_form" || code == "unknown_value"),
                        "{name}: {codes:?}"
                    );
                    assert!(reply.body.len() < 100_000, "{name}: an answer of {} bytes", reply.body.len());
                }
                tried += 1;
            }
        }
        assert!(tried >= 15, "{tried} lists");
    })
    .await;
}
