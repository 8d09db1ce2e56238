//! What an activity costs, who committed what, and what was paid.

use serde_json::{Value, json};

use crate::{
    activities::{Planned, planned},
    harness::{
        Who, both,
        plan::{ACTIVITIES, WORKPLANS, active, to},
    },
    rows::{archive, assert_whole, at, change, create, etag, faults, id, set, with},
};

fn lines(it: &Planned) -> String {
    format!("{}/budget-lines", at(ACTIVITIES, &it.activity))
}

fn line(kind: &str, amount: &str, currency: &str) -> Value {
    json!({"kind": kind, "amount": {"amount": amount, "currency": currency}})
}

#[actix_web::test]
async fn amounts_come_back_exactly_and_their_sum_stays_within_what_can_be_told() {
    both(async |bench| {
        let it = planned(&bench).await;
        let lines = lines(&it);
        for (amount, currency, answered) in [("1000000000000", "LAK", "1000000000000.00"), ("0.01", "USD", "0.01")] {
            let made = create(&it.coordinator, &lines, line("required", amount, currency)).await;
            assert_eq!(made["amount"], json!({"amount": answered, "currency": currency}));
            assert_eq!(it.coordinator.get(at(&lines, &made)).expect(200).await.json(), made);
        }
        let sheet = it.coordinator.get(format!("{lines}?format=csv")).expect(200).await;
        let sheet = String::from_utf8(sheet.body.to_vec()).unwrap();
        assert!(sheet.contains("1000000000000.00") && sheet.contains("0.01"), "{sheet}");
        // CLF has four decimals: its greatest amounts are the greatest that can be kept.
        let most = create(&it.coordinator, &lines, line("committed", "922337203685477.5806", "CLF")).await;
        let one = create(&it.coordinator, &lines, line("committed", "0.0001", "CLF")).await;
        let beyond = it.coordinator.post(&lines, line("committed", "0.0001", "CLF")).expect(422).await;
        assert_eq!(faults(&beyond), set([("#/amount", "out_of_range")]));
        create(&it.coordinator, &lines, line("disbursed", "0.0001", "CLF")).await;
        let raised = it
            .coordinator
            .patch(at(&lines, &one), etag(&one), json!({"amount": {"amount": "0.0002", "currency": "CLF"}}))
            .expect(422)
            .await;
        assert_eq!(faults(&raised), set([("#/amount", "out_of_range")]));
        let gone = archive(&it.coordinator, &lines, &one).await;
        create(&it.coordinator, &lines, line("committed", "0.0001", "CLF")).await;
        let full = it.coordinator.post_if(format!("{}/restore", at(&lines, &one)), etag(&gone)).expect(409).await;
        assert_eq!((full.code().as_str(), &full.json()["params"]["currency"]), ("sum_out_of_range", &json!("CLF")));
        archive(&it.coordinator, &lines, &most).await;
        it.coordinator.post_if(format!("{}/restore", at(&lines, &one)), etag(&gone)).expect(200).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn members_of_the_network_say_what_they_pay_themselves() {
    both(async |bench| {
        let it = planned(&bench).await;
        let lines = lines(&it);
        let (iom, ilo) = (bench.organization("iom").await, bench.organization("ilo").await);
        let client = bench.sign_in(Who::NetworkMember("iom")).await;
        let of = |row: &Value, kind: &str| with(line(kind, "10", "USD"), json!({"funder_id": row["id"]}));
        for refused in [of(&iom, "required"), of(&ilo, "committed"), line("committed", "10", "USD")] {
            assert_eq!(client.post(&lines, refused).expect(403).await.code(), "forbidden");
        }
        let own = create(&client, &lines, of(&iom, "committed")).await;
        let path = at(&lines, &own);
        assert_eq!(client.patch(&path, etag(&own), json!({"kind": "required"})).expect(403).await.code(), "forbidden");
        let given = client.patch(&path, etag(&own), json!({"funder_id": ilo["id"]})).expect(403).await;
        assert_eq!(faults(&given), set([("#/funder_id", "not_writable")]));
        let own = change(
            &client,
            &lines,
            &own,
            json!({"kind": "disbursed", "amount": {"amount": "9", "currency": "USD"}, "note": {"en": "First part"}}),
        )
        .await;
        let other = bench.sign_in(Who::NetworkMember("ilo")).await;
        other.patch(&path, etag(&own), json!({"note": {"en": "Ours"}})).expect(403).await;
        bench.sign_in(Who::FocalPoint("molsw")).await.patch(&path, etag(&own), json!({"note": {"en": "Ours"}})).expect(403).await;
        let gone = archive(&client, &lines, &own).await;
        client.post_if(format!("{path}/restore"), etag(&gone)).expect(200).await;
        // What the lead ministry requires of it is not its own to change.
        let required = create(&it.coordinator, &lines, of(&iom, "required")).await;
        client.patch(at(&lines, &required), etag(&required), json!({"amount": {"amount": "1", "currency": "USD"}})).expect(403).await;
        client.post_if(format!("{}/archive", at(&lines, &required)), etag(&required)).expect(403).await;
        let unknown =
            it.coordinator.post(&lines, with(line("promised", "1", "USD"), json!({"funder_id": uuid::Uuid::now_v7()}))).expect(422).await;
        assert_eq!(faults(&unknown), set([("#/kind", "unknown_value"), ("#/funder_id", "reference_unknown")]));
        let listed = it
            .coordinator
            .get(format!("{lines}?kind=required&funder_id={}&currency=USD&include=organizations", id(&iom)))
            .expect(200)
            .await
            .json();
        assert_eq!((&listed["data"][0]["id"], &listed["included"]["organizations"][0]["code"]), (&required["id"], &json!("iom")));
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_required_is_frozen_and_the_rest_until_the_plan_is_over() {
    both(async |bench| {
        let it = planned(&bench).await;
        let lines = lines(&it);
        let iom = bench.organization("iom").await;
        let required = create(&it.coordinator, &lines, line("required", "10", "USD")).await;
        let spare = create(&it.coordinator, &lines, line("required", "1", "USD")).await;
        let gone = archive(&it.coordinator, &lines, &spare).await;
        active(&bench, &it.plan).await;
        let path = at(&lines, &required);
        let now = it.coordinator.get(&path).expect(200).await.json();
        for patch in [
            json!({"amount": {"amount": "9", "currency": "USD"}}),
            json!({"kind": "committed"}),
            json!({"note": {"en": "For what"}}),
            json!({"funder_id": iom["id"]}),
        ] {
            assert_eq!(it.coordinator.patch(&path, etag(&now), patch).expect(409).await.code(), "not_editable_in_state");
        }
        for reply in [
            it.coordinator.post_if(format!("{path}/archive"), etag(&now)).expect(409).await,
            it.coordinator.post_if(format!("{}/restore", at(&lines, &spare)), etag(&gone)).expect(409).await,
            it.coordinator.post(&lines, line("required", "1", "USD")).expect(409).await,
        ] {
            assert_eq!(reply.code(), "not_editable_in_state");
        }
        let client = bench.sign_in(Who::NetworkMember("iom")).await;
        let own = create(&client, &lines, with(line("committed", "4", "USD"), json!({"funder_id": iom["id"]}))).await;
        assert_eq!(
            it.coordinator.patch(at(&lines, &own), etag(&own), json!({"kind": "required"})).expect(409).await.code(),
            "not_editable_in_state"
        );
        let own = change(&client, &lines, &own, json!({"kind": "disbursed"})).await;
        to(&bench, WORKPLANS, &it.plan, "closed").await;
        assert_eq!(
            client.patch(at(&lines, &own), etag(&own), json!({"kind": "committed"})).expect(409).await.code(),
            "not_editable_in_state"
        );
        assert_eq!(it.coordinator.post(&lines, line("disbursed", "1", "USD")).expect(409).await.code(), "not_editable_in_state");
        assert_whole(&bench).await;
    })
    .await;
}
