//! `q`: a piece of a text, in whichever language and however it was typed, alike on both engines.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    harness::{Client, Who, both},
    rows::{ORGANIZATIONS, archive, change, column, create, organization, with},
};

/// Escapes everything, so that a test can search for any text.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn found(client: &Client, q: &str) -> BTreeSet<String> {
    let page = client.get(format!("{ORGANIZATIONS}?kind=academia&limit=200&q={}", encoded(q))).expect(200).await.json();
    column(&page, "code").into_iter().map(str::to_owned).collect()
}

/// Codes and names of rows: words of Lao in both typings, quotes, and signs that mean something to LIKE.
const ROWS: &[(&str, &str)] = &[
    ("water", "ນ້ຳ ແລະ ສຸຂາພິບານ"),
    ("water-decomposed", "ນໍ້າ ແລະ ສຸຂາພິບານ"),
    ("move", "ເຄື່ອນຍ້າຍ"),
    ("move-other-order", "ເຄ່ືອນຍ້າຍ"),
    ("labour", "ກະຊວງແຮງງານ"),
    ("labour-doubled-vowel", "ກະຊວງເເຮງງານ"),
    ("labour-zero-width", "ກະຊວງແຮງ\u{200B}ງານ"),
    ("face", "ໜ້າທີ່"),
    ("face-two-letters", "ຫນ້າທີ່"),
    ("percent", "100% of 50_000"),
    ("underscore", "a_b_c"),
    ("backslash", r"C:\office"),
    ("quotes", r#"the "Lao" people's office"#),
    ("full-width", "ＭＯＦＡ annex"),
    ("accent", "École française"),
    ("short", "Zq"),
    ("operators", "NEAR(this AND that) OR * NOT ^ - +"),
];

/// What to search for, and the codes that it finds.
const SEARCHES: &[(&str, &[&str])] = &[
    ("ນ້ຳ", &["water", "water-decomposed"]),
    ("ນໍ້າ", &["water", "water-decomposed"]),
    ("ສຸຂາ", &["water", "water-decomposed"]),
    ("ເຄື່ອນ", &["move", "move-other-order"]),
    ("ເຄ່ືອນ", &["move", "move-other-order"]),
    ("ແຮງງານ", &["labour", "labour-doubled-vowel", "labour-zero-width"]),
    ("ເເຮງງານ", &["labour", "labour-doubled-vowel", "labour-zero-width"]),
    ("ແຮງ\u{200B}ງານ", &["labour", "labour-doubled-vowel", "labour-zero-width"]),
    ("ໜ້າ", &["face", "face-two-letters"]),
    ("ຫນ້າ", &["face", "face-two-letters"]),
    ("ໜ", &["face", "face-two-letters"]),
    ("ທີ", &["face", "face-two-letters"]),
    ("ງານ", &["labour", "labour-doubled-vowel", "labour-zero-width"]),
    ("ຍ້", &["move", "move-other-order"]),
    ("%", &["percent"]),
    ("0%", &["percent"]),
    ("100% of", &["percent"]),
    ("_", &["percent", "underscore"]),
    ("50_0", &["percent"]),
    ("a_b", &["underscore"]),
    ("a%c", &[]),
    ("\\", &["backslash"]),
    (r":\o", &["backslash"]),
    ("\"", &["quotes"]),
    ("\"lao\" p", &["quotes"]),
    ("people's", &["quotes"]),
    ("'", &["quotes"]),
    ("mofa ann", &["full-width"]),
    ("ＭＯＦＡ", &["full-width"]),
    ("école", &["accent"]),
    ("FRANÇAISE", &["accent"]),
    ("ecole", &[]),
    ("z", &["labour-zero-width", "short"]),
    ("ZQ", &["short"]),
    ("near(this and", &["operators"]),
    ("* not ^", &["operators"]),
    ("- +", &["operators"]),
    ("nothing of the kind", &[]),
    ("ກະຊວງໜ້າ", &[]),
];

#[actix_web::test]
async fn both_typings_of_a_word_are_found_and_no_sign_has_a_meaning_of_its_own() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        for (code, name) in ROWS {
            create(&coordinator, ORGANIZATIONS, with(organization(code), json!({"kind": "academia", "name": {"lo": name}}))).await;
        }
        for (q, codes) in SEARCHES {
            let wanted: BTreeSet<_> = codes.iter().map(|code| (*code).to_owned()).collect();
            assert_eq!(found(&coordinator, q).await, wanted, "{q:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn what_is_found_follows_every_change() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let body = json!({"kind": "academia", "name": {"en": "Institute of Rivers"}, "acronym": "IRX", "mandate": {"lo": "ສຶກສາແມ່ນ້ຳ"}});
        let row = create(&coordinator, ORGANIZATIONS, with(organization("rivers"), body)).await;
        for q in ["of riv", "irx", "rivers", "ແມ່ນ້ຳ"] {
            assert_eq!(found(&coordinator, q).await.len(), 1, "{q}");
        }
        let row = change(&coordinator, ORGANIZATIONS, &row, json!({"name": {"en": "Institute of Lakes"}, "mandate": null})).await;
        assert_eq!((found(&coordinator, "of riv").await.len(), found(&coordinator, "ແມ່ນ້ຳ").await.len()), (0, 0));
        assert_eq!((found(&coordinator, "of lak").await.len(), found(&coordinator, "la").await.len()), (1, 1));
        // A write that was only tried out or refused leaves no trace in the index.
        let path = format!("{ORGANIZATIONS}/{}?dry_run=true", row["id"].as_str().unwrap());
        coordinator.patch(&path, "\"2\"", json!({"name": {"en": "Institute of Seas"}})).expect(200).await;
        assert_eq!(found(&coordinator, "of seas").await.len(), 0);
        archive(&coordinator, ORGANIZATIONS, &row).await;
        assert_eq!(found(&coordinator, "of lak").await.len(), 0);
        for (archived, rows) in [("include", 1), ("only", 1), ("exclude", 0)] {
            let page = coordinator.get(format!("{ORGANIZATIONS}?q=of%20lak&archived={archived}")).expect(200).await.json();
            assert_eq!(column(&page, "code").len(), rows);
        }
    })
    .await;
}

#[actix_web::test]
async fn a_search_is_a_filter_like_any_other() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let first = reader
            .get(format!("{ORGANIZATIONS}?q=MINISTRY%20OF&kind=ministry&sort=-code&limit=7&with_total=true"))
            .expect(200)
            .await
            .json();
        assert_eq!(first["page"]["total"], 19);
        let cursor = first["page"]["next_cursor"].as_str().unwrap();
        let second = reader
            .get(format!("{ORGANIZATIONS}?q=MINISTRY%20OF&kind=ministry&sort=-code&limit=200&cursor={cursor}"))
            .expect(200)
            .await
            .json();
        let codes = [column(&first, "code"), column(&second, "code")].concat();
        assert_eq!((codes.len(), codes.is_sorted_by(|one, other| one > other)), (19, true));
        let all = reader.get(format!("{ORGANIZATIONS}?q=")).expect(200).await.json();
        assert_eq!(column(&all, "code").len(), 50);
        // Other kinds of rows are never found here: objective 6 speaks of recruitment.
        assert_eq!(column(&reader.get("/v1/ministries?q=ethical%20recruitment").expect(200).await.json(), "code"), Vec::<&str>::new());
        let objectives = reader.get("/v1/objectives?q=ethical%20recruitment").expect(200).await.json();
        assert_eq!(objectives["data"][0]["number"], 6);
    })
    .await;
}

#[actix_web::test]
async fn a_search_longer_than_the_contract_allows_is_refused() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        reader.get(format!("{ORGANIZATIONS}?q={}", "a".repeat(200))).expect(200).await;
        let reply = reader.get(format!("{ORGANIZATIONS}?q={}", "a".repeat(201))).expect(400).await;
        assert_eq!(reply.faults(), [("q".to_owned(), "too_long".to_owned())]);
    })
    .await;
}
