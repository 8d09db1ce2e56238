//! Amounts of money as they are sent, kept and answered.

use serde_json::json;

use super::{EFFORTS, effort};
use crate::{
    harness::{Who, both},
    rows::{at, create, faults, set, with},
};

#[actix_web::test]
async fn an_amount_comes_back_with_exactly_the_decimals_of_its_currency() {
    both(async |bench| {
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        let molsw = bench.organization("molsw").await;
        for (amount, currency, shown) in [
            ("0.01", "USD", "0.01"),
            ("0", "USD", "0.00"),
            ("1250.5", "USD", "1250.50"),
            ("1000000000000", "LAK", "1000000000000.00"),
            // Beyond what a number of JSON holds exactly.
            ("999999999999999.99", "LAK", "999999999999999.99"),
            ("12.345", "BHD", "12.345"),
            ("0.001", "KWD", "0.001"),
            ("12", "KWD", "12.000"),
            ("500", "JPY", "500"),
            ("0.0001", "CLF", "0.0001"),
        ] {
            let sent = with(effort(&molsw, "Budget"), json!({"budget": {"amount": amount, "currency": currency}}));
            let row = create(&owner, EFFORTS, sent).await;
            assert_eq!(row["budget"], json!({"amount": shown, "currency": currency}));
            assert_eq!(owner.get(at(EFFORTS, &row)).expect(200).await.json(), row);
            // What was answered can be sent back, and changes nothing.
            assert_eq!(owner.patch(at(EFFORTS, &row), "\"1\"", json!({"budget": row["budget"]})).expect(200).await.etag(), "\"1\"");
        }
        let history = owner.get(format!("{EFFORTS}?budget_currency=KWD,JPY&with_total=true")).expect(200).await.json();
        assert_eq!(history["page"]["total"], 3);
    })
    .await;
}

#[actix_web::test]
async fn what_could_not_be_kept_exactly_is_refused_at_its_place() {
    both(async |bench| {
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        let draft = create(&owner, EFFORTS, effort(&bench.organization("molsw").await, "Budget")).await;
        let (amount, currency) = ("#/budget/amount", "#/budget/currency");
        for (budget, expected) in [
            (json!({"amount": "0.001", "currency": "USD"}), set([(amount, "too_many_decimals")])),
            (json!({"amount": "1.000", "currency": "LAK"}), set([(amount, "too_many_decimals")])),
            (json!({"amount": "0.0001", "currency": "KWD"}), set([(amount, "too_many_decimals")])),
            (json!({"amount": "1.0", "currency": "JPY"}), set([(amount, "too_many_decimals")])),
            (json!({"amount": "999999999999999", "currency": "CLF"}), set([(amount, "out_of_range")])),
            // Gold, a test code, and none at all.
            (json!({"amount": "1", "currency": "XAU"}), set([(currency, "unknown_value")])),
            (json!({"amount": "1", "currency": "XTS"}), set([(currency, "unknown_value")])),
            (json!({"amount": "1", "currency": "QQQ"}), set([(currency, "unknown_value")])),
            (json!({"amount": "1", "currency": "usd"}), set([(currency, "wrong_form")])),
            (json!({"amount": "-1", "currency": "USD"}), set([(amount, "wrong_form")])),
            (json!({"amount": "1,000.00", "currency": "USD"}), set([(amount, "wrong_form")])),
            (json!({"amount": "1e3", "currency": "USD"}), set([(amount, "wrong_form")])),
            (json!({"amount": "1000000000000000", "currency": "LAK"}), set([(amount, "wrong_form")])),
            (json!({"amount": 1250, "currency": "USD"}), set([(amount, "wrong_type")])),
            (json!({"amount": "1"}), set([(currency, "required")])),
            (
                json!({"amount": "1.001", "currency": "USD", "note": "x"}),
                set([(amount, "too_many_decimals"), ("#/budget/note", "unknown_field")]),
            ),
        ] {
            let reply = owner.patch(at(EFFORTS, &draft), "\"1\"", json!({"budget": budget})).expect(422).await;
            assert_eq!(faults(&reply), expected, "{budget}");
        }
        let reply = owner.patch(at(EFFORTS, &draft), "\"1\"", json!({"budget": {"amount": "0.001", "currency": "USD"}}));
        let fault = reply.header("Accept-Language", "lo").expect(422).await.json()["errors"][0].clone();
        assert_eq!(fault["params"], json!({"currency": "USD", "limit": 2}));
        assert_eq!(fault["detail"], "ມີຕົວເລກທົດສະນິຍົມຫຼາຍກວ່າ USD: ບໍ່ເກີນ 2");
        // Together with whatever else is wrong.
        let wrong = json!({"budget": {"amount": "0.5", "currency": "JPY"}, "implementation": "soon"});
        let reply = owner.patch(at(EFFORTS, &draft), "\"1\"", wrong).expect(422).await;
        assert_eq!(faults(&reply), set([(amount, "too_many_decimals"), ("#/implementation", "unknown_value")]));
    })
    .await;
}

#[actix_web::test]
async fn a_sheet_has_the_amount_and_its_currency_in_cells_of_their_own() {
    both(async |bench| {
        let owner = bench.sign_in(Who::FocalPoint("molsw")).await;
        let molsw = bench.organization("molsw").await;
        let priced = with(effort(&molsw, "A"), json!({"budget": {"amount": "7", "currency": "LAK"}}));
        for sent in [priced, effort(&molsw, "B")] {
            create(&owner, EFFORTS, sent).await;
        }
        let sheet = owner.get(format!("{EFFORTS}?format=csv")).expect(200).await;
        let mut lines = csv::Reader::from_reader(sheet.body.as_ref());
        let heads = lines.headers().unwrap().clone();
        let column = |name: &str| heads.iter().position(|head| head == name).unwrap_or_else(|| panic!("{heads:?} lacks {name}"));
        let (amount, currency) = (column("budget.amount"), column("budget.currency"));
        let cells: Vec<_> =
            lines.into_records().map(|line| line.unwrap()).map(|line| (line[amount].to_owned(), line[currency].to_owned())).collect();
        assert_eq!(cells, [("7.00".to_owned(), "LAK".to_owned()), (String::new(), String::new())]);
    })
    .await;
}
