//! Words: what rules take is what is listed, and the instance's own languages and provinces.

use std::collections::BTreeSet;

use gcm_api::features::framework::vocabularies;
use serde_json::{Value, json};

use super::{VOCABULARIES, data, texts};
use crate::{
    harness::{Who, both, both_with, promise::contract},
    rows::{ORGANIZATIONS, faults, organization, set, with},
};

/// By DOMAIN 3, and the order in which it names them.
const BY_DESIGN: &[(&str, &str)] = &[
    (
        "organization_kinds",
        "ministry state_body party_body mass_organization committee subnational_authority un_entity intergovernmental donor civil_society \
         private_sector academia other",
    ),
    ("succession_kinds", "merge split rename dissolve function_moved"),
    ("focal_point_roles", "lead alternate technical data"),
    ("un_network_roles", "coordinator secretariat chair co_chair member observer"),
    ("coordination_levels", "technical ministerial national"),
    ("review_cycle_kinds", "regional_review imrf national"),
    ("effort_kinds", "law policy programme service agreement institution data capacity_building other"),
    ("consultation_kinds", "national_workshop technical_meeting bilateral network_meeting regional_review"),
    ("consultation_modes", "in_person online hybrid"),
    ("consultation_statuses", "planned held cancelled"),
    ("outcome_kinds", "decision recommendation action_point"),
    ("budget_line_kinds", "required committed disbursed"),
    ("prioritization_criteria", "plan_alignment people_concerned vulnerability feasibility resources existing_work data sdg urgency"),
];

#[actix_web::test]
async fn every_vocabulary_holds_the_words_of_the_design() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for (name, wanted) in BY_DESIGN {
            let words = data(&reader, &format!("{VOCABULARIES}/{name}")).await;
            assert_eq!(texts(&words, "code").join(" "), *wanted, "{name}");
        }
        let named: BTreeSet<_> = texts(&data(&reader, VOCABULARIES).await, "name").into_iter().collect();
        let others = ["currencies", "languages", "offer_kinds", "participant_roles", "provinces"];
        assert_eq!(named, BY_DESIGN.iter().map(|(name, _)| *name).chain(others).map(str::to_owned).collect());
        for name in named {
            let words = data(&reader, &format!("{VOCABULARIES}/{name}")).await;
            let codes: BTreeSet<_> = texts(&words, "code").into_iter().collect();
            assert!(!words.is_empty() && codes.len() == words.len(), "{name} names no word twice");
            for (at, word) in words.iter().enumerate() {
                assert_eq!(word["position"], at + 1, "{name}");
                assert!(word["label"]["en"].is_string(), "{name}: every word has an English label");
                assert_eq!(word["pcode"].is_string(), name == "provinces", "{name}");
                assert!(word["minor_unit"].is_null() || name == "currencies", "{name}");
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn what_a_rule_takes_is_what_is_listed() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let kinds = texts(&data(&coordinator, "/v1/vocabularies/organization_kinds").await, "code");
        let refused = coordinator.post(ORGANIZATIONS, with(organization("odd"), json!({"kind": "circus"}))).expect(422).await;
        assert_eq!(faults(&refused), set([("#/kind", "unknown_value")]));
        assert_eq!(refused.json()["errors"][0]["params"]["allowed"], json!(kinds));
        for kind in kinds {
            let code = format!("of-{}", kind.replace('_', "-"));
            coordinator.post(ORGANIZATIONS, with(organization(&code), json!({"kind": kind}))).expect(201).await;
        }
    })
    .await;
}

#[test]
fn a_vocabulary_that_is_not_there_takes_no_word() {
    let word = |word: &str| word.parse().unwrap();
    assert_eq!(vocabularies::check("coordination_levels", &word("ministerial"), "/level"), None);
    for (vocabulary, text) in [("coordination_levels", "local"), ("coordination_level", "ministerial"), ("languages", "en")] {
        let fault = vocabularies::check(vocabulary, &word(text), "/level").unwrap();
        assert_eq!(fault.code.row().0, "unknown_value", "{vocabulary}");
    }
}

/// Where the contract sends its readers.
#[actix_web::test]
async fn every_vocabulary_that_the_contract_speaks_of_is_there() {
    let text = contract().to_string();
    let named: BTreeSet<_> = text
        .split("/v1/vocabularies/")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(named.contains("organization_kinds"));
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        for name in &named {
            reader.get(format!("{VOCABULARIES}/{name}")).expect(200).await;
        }
    })
    .await;
}

#[actix_web::test]
async fn currencies_have_the_decimals_of_iso_4217() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let currencies = data(&reader, "/v1/vocabularies/currencies").await;
        let with_unit = |unit: Value| -> String {
            let some: Vec<_> = currencies.iter().filter(|currency| currency["minor_unit"] == unit).cloned().collect();
            texts(&some, "code").join(" ")
        };
        assert_eq!(with_unit(json!(0)), "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF");
        assert_eq!(with_unit(json!(3)), "BHD IQD JOD KWD LYD OMR TND");
        assert_eq!(with_unit(json!(4)), "CLF UYW");
        assert_eq!(with_unit(Value::Null), "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX");
        let two = with_unit(json!(2));
        assert!(["LAK", "USD", "THB", "CNY", "EUR"].iter().all(|code| two.contains(code)));
        // Withdrawn until the end of 2025.
        assert!(["ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"].iter().all(|code| !two.contains(code)));
        let codes = texts(&currencies, "code");
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())));
    })
    .await;
}

#[actix_web::test]
async fn provinces_carry_both_codes_and_both_names() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let provinces = data(&reader, "/v1/vocabularies/provinces").await;
        // ISO 3166-2:LA.
        let standard = "AT BK BL CH HO KH LM LP OU PH SL SV VI VT XA XE XI XS";
        let codes: BTreeSet<_> = texts(&provinces, "code").into_iter().collect();
        assert_eq!(codes, standard.split(' ').map(|code| format!("LA-{code}")).collect());
        let pcodes: Vec<_> = (1..=18).map(|number| format!("LA{number:02}")).collect();
        assert_eq!(texts(&provinces, "pcode"), pcodes);
        for province in &provinces {
            let lao = province["label"]["lo"].as_str().unwrap();
            assert!(lao.chars().all(|letter| ('\u{0E80}'..='\u{0EFF}').contains(&letter)), "{lao}");
        }
    })
    .await;
}

#[actix_web::test]
async fn languages_are_those_of_the_instance() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let instance = bench.nobody().get("/v1/instance").expect(200).await.json();
        let languages = data(&reader, "/v1/vocabularies/languages").await;
        assert_eq!(json!(texts(&languages, "code")), instance["languages"]);
        let label = |code: &str| languages.iter().find(|language| language["code"] == code).unwrap()["label"].clone();
        assert_eq!(label("lo"), json!({"en": "Lao", "lo": "ພາສາລາວ"}));
        assert_eq!(label("en"), json!({"en": "English", "lo": "ພາສາອັງກິດ"}));
    })
    .await;
    let other = |settings: &mut gcm_api::settings::Settings| {
        settings.instance.languages = ["fr", "en", "pt-BR", "qaa"].map(str::to_owned).to_vec();
        "BR".clone_into(&mut settings.instance.country);
    };
    both_with(other, async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let languages = data(&reader, "/v1/vocabularies/languages").await;
        let shown: Vec<_> = languages.iter().map(|language| (language["code"].as_str().unwrap(), language["label"].clone())).collect();
        let wanted = [
            ("fr", json!({"en": "French", "fr": "français"})),
            ("en", json!({"en": "English"})),
            ("pt-BR", json!({"en": "Portuguese (BR)", "pt-BR": "português (BR)"})),
            ("qaa", json!({"en": "qaa"})),
        ];
        assert_eq!(shown, wanted);
        // Lao labels are for instances that speak Lao.
        let kinds = data(&reader, "/v1/vocabularies/organization_kinds").await;
        assert_eq!(kinds[0]["label"], json!({"en": "Ministry"}));
    })
    .await;
}
