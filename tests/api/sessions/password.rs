//! `POST /v1/me/password`.

use futures_util::future::join;
use gcm_api::{
    auth::Role,
    settings::{Secret, Settings},
    store::Repeat,
};
use serde_json::json;

use super::{Tokens, is_in, open, refresh, refreshed, refused, sign_in, tokens};
use crate::{
    harness::{Call, Client, PASSWORD, Who, both},
    tokens::endpoint::MACHINE,
};

const NEW: &str = "ferry-Cloud-bamboo-82";
const OTHER_KEY: &str = "1f8e0c5d27a94b63f0d2857e1a6c93b4583e7fd0296bc1a45e8d307fb29c6a14";

fn change(client: &Client, current: &str, new: &str) -> Call {
    client.post("/v1/me/password", json!({"current_password": current, "new_password": new}))
}

#[actix_web::test]
async fn the_new_password_counts_and_every_other_session_ends() {
    both(async |bench| {
        let twin = bench.twin().await;
        let person = bench.person("changer", Role::FocalPoint, Some("moh")).await;
        let (here, there) = (tokens(&bench, "changer").await, tokens(&bench, "changer").await);
        let done = change(&here.client(&bench), PASSWORD, NEW).expect(204).await;
        assert!(done.body.is_empty());
        for client in [&there.client(&twin), &there.client(&bench), &person] {
            assert!(!is_in(client).await);
        }
        refused(refresh(&twin, &there.refresh), "invalid_grant").await;
        assert!(is_in(&here.client(&twin)).await);
        assert_eq!(open(&refreshed(&twin, &here).await.client(&bench)).await.len(), 1);
        refused(sign_in(&twin, "changer", PASSWORD), "invalid_grant").await;
        sign_in(&twin, "changer", NEW).expect(200).await;

        let administrator = bench.sign_in(Who::Administrator).await;
        let path = format!("/v1/accounts/{}", person.account_id());
        let history = administrator.get(format!("{path}/history")).expect(200).await;
        let entry = &history.json()["data"][0];
        assert_eq!((&entry["op"], &entry["actor"]["account_id"]), (&json!("credential"), &json!(person.account_id())));
        assert_eq!(entry["revision"], administrator.get(&path).expect(200).await.json()["revision"]);
        for secret in [PASSWORD, NEW, "argon2"] {
            assert!(!history.text().contains(secret));
        }
    })
    .await;
}

#[actix_web::test]
async fn a_password_that_cannot_be_taken_is_said_with_its_reason() {
    both(async |bench| {
        let person = bench.person("somchai.vong", Role::Reader, None).await;
        let before = open(&person).await;
        for (current, new, expected) in [
            ("wrong-Password-1", NEW, ("#/current_password", "password_wrong")),
            // What is wrong with the new one is nobody's business who does not know the old one.
            ("wrong-Password-1", "aaaaaaaaaaaaaaaa", ("#/current_password", "password_wrong")),
            (PASSWORD, "aaaaaaaaaaaaaaaa", ("#/new_password", "password_guessable")),
            (PASSWORD, "somchai-vong-1", ("#/new_password", "password_guessable")),
            (PASSWORD, "test.somchai.vong", ("#/new_password", "password_guessable")),
            (PASSWORD, "ferry-Cloud\tbamboo", ("#/new_password", "wrong_form")),
            (PASSWORD, "Bamboo-77", ("#/new_password", "too_short")),
        ] {
            let reply = change(&person, current, new).expect(422).await;
            let (pointer, code) = expected;
            assert_eq!(reply.faults(), [(pointer.to_owned(), code.to_owned())], "{new}");
            assert!(!reply.text().contains(new) && !reply.text().contains(current));
        }
        let reply = change(&person, PASSWORD, "somchai-vong-1").header("accept-language", "lo").expect(422).await;
        assert_eq!(reply.json()["errors"][0]["params"], json!({"guess": "context"}));
        assert!(reply.json()["errors"][0]["detail"].as_str().unwrap().contains("ເດົາໄດ້ງ່າຍ"));
        assert_eq!(open(&person).await, before);
        sign_in(&bench, "somchai.vong", PASSWORD).expect(200).await;
    })
    .await;
}

#[actix_web::test]
async fn machines_have_no_password() {
    both(async |bench| {
        let machine = bench.sign_in(MACHINE).await;
        let refused = change(&machine, PASSWORD, NEW).expect(403).await;
        assert_eq!((refused.code(), &refused.json()["params"]["rule"]), ("forbidden".to_owned(), &json!("people_have_passwords")));
        // Who may not is told before what is wrong with the body.
        machine.post("/v1/me/password", json!({})).expect(403).await;
        assert!(bench.rows("SELECT account_id FROM credential").await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn it_can_be_sent_again_and_tried_out() {
    both(async |bench| {
        let person = bench.person("twice", Role::Reader, None).await;
        person.post("/v1/me/password?dry_run=true", json!({"current_password": PASSWORD, "new_password": NEW})).expect(204).await;
        sign_in(&bench, "twice", PASSWORD).expect(200).await;
        let send = |current: &str, new: &str| change(&person, current, new).header("idempotency-key", "change-1");
        send("wrong-Password-1", NEW).expect(422).await;
        send(PASSWORD, NEW).expect(204).await;
        // The current password is another one by now, and yet the same request gets the same answer.
        let again = send(PASSWORD, NEW).expect(204).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(send(PASSWORD, "another-Bamboo-77").expect(422).await.code(), "idempotency_key_reused");
        sign_in(&bench, "twice", NEW).expect(200).await;
        // What is kept of the request helps nobody who guesses passwords and has not the key of the instance.
        let kept = bench.rows("SELECT fingerprint FROM idempotency WHERE key = 'change-1'").await;
        let body = json!({"current_password": PASSWORD, "new_password": NEW}).to_string();
        let with_key = |key: Option<Secret>| {
            let settings = Settings { secret_key: key, ..bench.settings.clone() };
            let sealer = gcm_api::app::sealer(&settings).unwrap();
            let repeat = Repeat::new(&sealer, String::new(), ["POST", "/v1/me/password", ""], body.as_bytes()).unwrap();
            json!(repeat.fingerprint)
        };
        assert_eq!(kept[0]["fingerprint"], with_key(bench.settings.secret_key.clone()));
        assert_ne!(kept[0]["fingerprint"], with_key(Some(Secret::new(OTHER_KEY))));
        // A new key of the instance changes nothing for who sends it again, as long as the former one is known.
        let old_secret_keys = bench.settings.secret_key.clone().into_iter().collect();
        let settings = Settings { secret_key: Some(Secret::new(OTHER_KEY)), old_secret_keys, ..bench.settings.clone() };
        let turned = bench.under(settings).await;
        let again = turned.again(&person).await;
        let again = change(&again, PASSWORD, NEW).header("idempotency-key", "change-1").expect(204).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    })
    .await;
}

#[actix_web::test]
async fn a_letter_with_its_accent_apart_is_the_same_letter() {
    both(async |bench| {
        let person = bench.person("accent", Role::Reader, None).await;
        let (composed, apart) = ("caf\u{e9}-Monsoon-lantern", "cafe\u{301}-Monsoon-lantern");
        change(&person, PASSWORD, apart).expect(204).await;
        sign_in(&bench, "accent", composed).expect(200).await;
        sign_in(&bench, "accent", apart).expect(200).await;
        // Full-width letters look alike and are others.
        refused(sign_in(&bench, "accent", &composed.replace('M', "\u{ff2d}")), "invalid_grant").await;
        change(&person, composed, NEW).expect(204).await;
    })
    .await;
}

/// Whoever signs in with the old password while it is changed has no session afterwards, whichever came first.
#[actix_web::test]
async fn a_sign_in_beside_the_change_does_not_outlive_it() {
    both(async |bench| {
        let twin = bench.twin().await;
        bench.person("racer", Role::Reader, None).await;
        let mut passwords = [PASSWORD, NEW];
        let mut late = 0;
        for round in 0..12 {
            let [old, new] = passwords;
            let here = Tokens::of(&sign_in(&bench, "racer", old).expect(200).await).client(&bench);
            let (intruder, changed) = join(sign_in(&twin, "racer", old).send(), change(&here, old, new).send()).await;
            assert_eq!(changed.status, 204, "round {round}: {changed}");
            if intruder.status == 200 {
                late += 1;
                assert!(!is_in(&Tokens::of(&intruder).client(&twin)).await, "round {round}");
            } else {
                assert_eq!(intruder.status, 400, "{intruder}");
            }
            assert_eq!(open(&here).await.len(), 1, "round {round}");
            passwords = [new, old];
        }
        crate::harness::note(&format!("{late} of 12 sign-ins were in time and ended"));
    })
    .await;
}
