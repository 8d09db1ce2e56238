//! What a succession must hold, and when it can be changed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{SUCCESSIONS, duties, effective, merge, pair, words};
use crate::{
    harness::{Who, both},
    rows::{ORGANIZATIONS, at, change, create, etag, faults, id, organization, set, with},
};

#[actix_web::test]
async fn every_fault_of_a_plan_is_named_at_once() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (one, other) = pair(&coordinator, "faulty").await;
        let gone = bench.organization("mpi").await;
        let nobody = Uuid::now_v7();
        let plan = json!({
            "kind": "merge", "predecessor_ids": [id(&one), gone["id"], nobody], "successor_ids": [id(&one), id(&other)],
            "decided_on": "2026-06-02", "effective_on": "2026-06-01",
            "functions": [{"text": {"en": "To rule"}, "from_id": id(&other), "to_id": nobody}],
            "reassignments": [{"kind": "parent", "id": "1", "field": "parent_id", "to_id": id(&one)}],
        });
        let refused = coordinator.post(SUCCESSIONS, &plan).expect(422).await;
        let expected = set([
            ("#/predecessor_ids/1", "reference_archived"),
            ("#/predecessor_ids/2", "reference_unknown"),
            ("#/successor_ids", "too_many"),
            ("#/successor_ids/0", "succeeds_itself"),
            ("#/effective_on", "period_reversed"),
            ("#/functions/0/from_id", "no_predecessor"),
            ("#/functions/0/to_id", "reference_unknown"),
            ("#/reassignments/0/to_id", "succeeds_itself"),
        ]);
        assert_eq!(faults(&refused), expected);
        let kind = coordinator.post(SUCCESSIONS, with(merge(&[&one], &other), json!({"kind": "marriage"}))).expect(422).await;
        assert_eq!(faults(&kind), set([("#/kind", "unknown_value")]));
        for (kind, successors, fault) in [("dissolve", json!([id(&other)]), "too_many"), ("split", json!([]), "too_few")] {
            let plan = json!({"kind": kind, "predecessor_ids": [id(&one)], "successor_ids": successors});
            let refused = coordinator.post(SUCCESSIONS, &plan).expect(422).await;
            assert_eq!(faults(&refused), set([("#/successor_ids", fault)]), "{kind}");
        }
        let moved = coordinator.post(SUCCESSIONS, json!({"kind": "function_moved", "predecessor_ids": [id(&one)]})).expect(422).await;
        assert_eq!(faults(&moved), set([("#/functions", "too_few")]));
    })
    .await;
}

#[actix_web::test]
async fn a_plan_becomes_effective_on_its_day_and_not_before() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "early").await;
        let plan = with(merge(&[&ending], &heir), json!({"effective_on": null}));
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let refused = coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/effective_on", "field_missing_for_move")]));
        let today = bench.parts.here.today();
        let tomorrow = today.succ_opt().unwrap();
        let planned = change(&coordinator, SUCCESSIONS, &planned, json!({"effective_on": tomorrow})).await;
        let refused = coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert_eq!((refused.code().as_str(), faults(&refused)), ("transition_incomplete", set([("#/effective_on", "not_yet")])));
        bench.clock().advance(std::time::Duration::from_secs(24 * 3600));
        let coordinator = bench.sign_in(Who::Coordinator).await;
        effective(&coordinator, &planned).await;
        let ended = coordinator.get(at(ORGANIZATIONS, &ending)).expect(200).await.json();
        assert_eq!((&ended["valid_to"], &ended["archived_at"]), (&json!(tomorrow), &Value::Null));
        // Nothing new may point at it; what points at it already stands.
        let child = with(organization("early-child"), json!({"parent_id": id(&ending)}));
        let refused = coordinator.post(ORGANIZATIONS, child).expect(422).await;
        assert_eq!(faults(&refused), set([("#/parent_id", "reference_archived")]));
    })
    .await;
}

#[actix_web::test]
async fn what_happened_is_history_and_only_its_note_can_be_written() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "done").await;
        let planned = create(&coordinator, SUCCESSIONS, merge(&[&ending], &heir)).await;
        let done = effective(&coordinator, &planned).await;
        let path = at(SUCCESSIONS, &done);
        let refused = coordinator.patch(&path, etag(&done), json!({"kind": "rename"})).expect(409).await;
        assert_eq!(refused.code(), "not_editable_in_state");
        let refused = coordinator.post_if(format!("{path}/archive"), etag(&done)).expect(409).await;
        assert_eq!(refused.code(), "not_editable_in_state");
        let noted = change(&coordinator, SUCCESSIONS, &done, json!({"note": {"lo": "ບັນທຶກ"}})).await;
        assert_eq!(noted["note"], json!({"lo": "ບັນທຶກ"}));
        let moves = coordinator.get(format!("{path}/transitions")).expect(200).await.json();
        assert_eq!((&moves["state"], &moves["next"]), (&json!("effective"), &json!([])));
        let back =
            coordinator.post(format!("{path}/transitions"), json!({"to": "planned"})).header("If-Match", etag(&noted)).expect(409).await;
        assert_eq!(back.code(), "transition_not_allowed");
        // A plan that was given up can be taken out of use.
        let (one, other) = pair(&coordinator, "given-up").await;
        let plan = create(&coordinator, SUCCESSIONS, merge(&[&one], &other)).await;
        let archived = coordinator.post_if(format!("{}/archive", at(SUCCESSIONS, &plan)), etag(&plan)).expect(200).await.json();
        let moves = coordinator.get(format!("{}/transitions", at(SUCCESSIONS, &plan))).expect(200).await.json();
        assert_eq!((&moves["state"], &moves["next"]), (&json!("planned"), &json!([])), "nothing moves while it is archived");
        let refused = coordinator
            .post(format!("{}/transitions", at(SUCCESSIONS, &plan)), json!({"to": "effective"}))
            .header("If-Match", etag(&archived))
            .expect(409)
            .await;
        assert_eq!(refused.code(), "archived");
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &one)).expect(200).await.json()["valid_to"], Value::Null);
    })
    .await;
}

#[actix_web::test]
async fn a_function_that_moves_ends_nobody() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (giving, taking) = pair(&coordinator, "moving").await;
        create(&coordinator, ORGANIZATIONS, with(organization("moving-child"), json!({"parent_id": id(&giving)}))).await;
        let plan = json!({
            "kind": "function_moved", "predecessor_ids": [id(&giving)], "successor_ids": [id(&taking)], "effective_on": "2026-06-01",
            "functions": [{"text": {"en": "To rule"}, "from_id": id(&giving), "to_id": id(&taking)}],
        });
        let planned = create(&coordinator, SUCCESSIONS, plan).await;
        assert_eq!(effective(&coordinator, &planned).await["state"], "effective");
        assert_eq!(coordinator.get(at(ORGANIZATIONS, &giving)).expect(200).await.json(), giving);
        assert_eq!(duties(&coordinator, &giving).await.len(), 1);
    })
    .await;
}

#[actix_web::test]
async fn a_word_about_no_duty_and_an_heir_below_its_child_are_refused() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let (ending, heir) = pair(&coordinator, "idle").await;
        let child = create(&coordinator, ORGANIZATIONS, with(organization("idle-child"), json!({"parent_id": id(&ending)}))).await;
        let grandchild = create(&coordinator, ORGANIZATIONS, with(organization("idle-grandchild"), json!({"parent_id": id(&child)}))).await;
        let open = duties(&coordinator, &ending).await;
        let below = with(merge(&[&ending], &heir), json!({"reassignments": words(&open, Some(&grandchild))}));
        let refused = coordinator.post(SUCCESSIONS, below).expect(422).await;
        assert_eq!(faults(&refused), set([("#/reassignments/0/to_id", "parent_cycle")]));
        let mut said = words(&open, Some(&heir));
        said.as_array_mut().unwrap().push(json!({"kind": "objective_lead", "id": "5", "field": "national_lead_id", "to_id": null}));
        let planned = create(&coordinator, SUCCESSIONS, with(merge(&[&ending], &heir), json!({"reassignments": said}))).await;
        assert_eq!(planned["unassigned"], 1);
        let path = format!("{}/transitions", at(SUCCESSIONS, &planned));
        let refused = coordinator.post(&path, json!({"to": "effective"})).header("If-Match", etag(&planned)).expect(409).await;
        assert_eq!(faults(&refused), set([("#/reassignments/1", "no_duty")]));
    })
    .await;
}
