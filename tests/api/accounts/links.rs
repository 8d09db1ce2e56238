//! One-time links: to whom, for what, for how long, and shown once.

use std::time::Duration;

use gcm_api::{auth::Role, settings::Settings};
use serde_json::{Value, json};

use super::{ACCOUNTS, everything, invitation, refusal, refused, transition};
use crate::{
    harness::{Bench, Client, Reply, Who, both, both_with},
    rows::{assert_whole, faults, set},
};

fn link_of(client: &Client, id: &str) -> crate::harness::Call {
    client.request("POST", format!("{ACCOUNTS}/{id}/password-link"))
}

async fn invited(bench: &Bench, username: &str, role: &str, organization: Option<&str>) -> String {
    let administrator = bench.sign_in(Who::Administrator).await;
    let made = administrator.post(ACCOUNTS, invitation(bench, username, role, organization).await).expect(201).await.json();
    made["id"].as_str().unwrap().to_owned()
}

fn token(reply: &Reply) -> String {
    reply.json()["token"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_link_is_for_what_the_account_needs() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let id = invited(&bench, "new.one", "reader", None).await;
        let now = || bench.clock().now();
        let invitation = link_of(&administrator, &id).expect(201).await;
        let shown = invitation.json();
        assert_eq!((&shown["purpose"], &shown["link"]), (&json!("invitation"), &Value::Null));
        assert_eq!(shown["expires_at"], now().plus_hours(7 * 24).to_string());
        assert_eq!(invitation.header("cache-control"), Some("no-store"));
        let reader = bench.sign_in(Who::Reader).await.account_id().to_string();
        for state in ["active", "locked"] {
            if state == "locked" {
                assert_eq!(transition(&administrator, &reader, "locked").await.status, 200);
            }
            let reset = link_of(&administrator, &reader).expect(201).await.json();
            assert_eq!((&reset["purpose"], &reset["expires_at"]), (&json!("reset"), &json!(now().plus_hours(24).to_string())), "{state}");
        }
        assert_eq!(transition(&administrator, &reader, "archived").await.status, 200);
        assert_eq!(refusal(&link_of(&administrator, &reader).send().await), refused(409, "archived"));

        // An invitation that nobody took up is given anew, and again; only the last one is there.
        bench.clock().advance(Duration::from_secs(8 * 24 * 3600));
        let again = link_of(&administrator_again(&bench).await, &id).expect(201).await;
        assert_ne!(token(&again), token(&invitation));
        assert_eq!(again.json()["expires_at"], now().plus_hours(7 * 24).to_string());
        let kept = bench.rows("SELECT digest, purpose FROM password_link WHERE purpose = 'invitation'").await;
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0]["digest"], gcm_api::auth::password::sha256_hex(&token(&again)));
        assert_whole(&bench).await;
    })
    .await;
}

/// The same administrator with a token that is good after the clock was moved.
async fn administrator_again(bench: &Bench) -> Client {
    bench.sign_in(Who::Administrator).await
}

#[actix_web::test]
async fn a_link_is_shown_once_and_kept_nowhere() {
    let portal = |settings: &mut Settings| settings.password_link_url = Some("https://portal.example/welcome#{token}".to_owned());
    both_with(portal, async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let id = invited(&bench, "new.one", "reader", None).await;
        let tried = administrator.request("POST", format!("{ACCOUNTS}/{id}/password-link?dry_run=true")).expect(201).await.json();
        assert_eq!((&tried["token"], &tried["link"], &tried["purpose"]), (&Value::Null, &Value::Null, &json!("invitation")));
        assert!(bench.rows("SELECT digest FROM password_link").await.is_empty());
        let first = link_of(&administrator, &id).header("Idempotency-Key", "once").expect(201).await;
        let secret = token(&first);
        assert_eq!(first.json()["link"], format!("https://portal.example/welcome#{secret}"));
        let replay = link_of(&administrator, &id).header("Idempotency-Key", "once").expect(201).await;
        assert_eq!(replay.header("idempotency-replayed"), Some("true"));
        assert_eq!((&replay.json()["token"], &replay.json()["link"]), (&Value::Null, &Value::Null));
        assert_eq!(replay.json()["expires_at"], first.json()["expires_at"]);
        assert!(!everything(&bench).await.contains(secret.trim_start_matches("gcml_")));
        let history = administrator.get(format!("{ACCOUNTS}/{id}/history")).expect(200).await;
        let newest = &history.json()["data"][0];
        assert_eq!(
            (&newest["op"], &newest["revision"], &newest["changed"], &newest["actor"]["account_id"]),
            (&json!("credential"), &json!(1), &json!([]), &json!(administrator.account_id()))
        );
        assert!(!history.text().contains("gcml_"));
    })
    .await;
}

#[actix_web::test]
async fn the_lead_ministry_gives_links_to_focal_points_whom_it_invited() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let made = coordinator.post(ACCOUNTS, invitation(&bench, "moh.new", "focal_point", Some("moh")).await).expect(201).await.json();
        let focal_point = made["id"].as_str().unwrap().to_owned();
        assert_eq!(link_of(&coordinator, &focal_point).expect(201).await.json()["purpose"], "invitation");
        let active = bench.sign_in(Who::FocalPoint("moes")).await.account_id().to_string();
        let coordinator_too = invited(&bench, "mofa.new", "coordinator", Some("mofa")).await;
        let reader = invited(&bench, "r.new", "reader", Some("moh")).await;
        let chief = bench.sign_in(Who::Administrator).await.account_id().to_string();
        for id in [&active, &coordinator_too, &reader, &chief] {
            let reply = link_of(&coordinator, id).expect(403).await;
            assert_eq!((reply.code().as_str(), &reply.json()["params"]["rule"]), ("forbidden", &json!("coordinator_invites")));
        }
        link_of(&coordinator, "01920000-0000-7000-8000-00000000abcd").expect(404).await;
        // A colleague is known, and may be given no link; to others nobody is there.
        for (who, status) in
            [(Who::FocalPoint("moh"), 403), (Who::FocalPoint("moj"), 404), (Who::NetworkMember("iom"), 404), (Who::Reader, 404)]
        {
            link_of(&bench.sign_in(who).await, &focal_point).expect(status).await;
        }
        let own = bench.sign_in(Who::FocalPoint("moh")).await;
        link_of(&own, &own.account_id().to_string()).expect(403).await;
        let reads =
            Who::Machine { role: Role::Administrator, organization: None, scopes: &[gcm_api::auth::Scope::Read], external_systems: &[] };
        assert_eq!(link_of(&bench.sign_in(reads).await, &focal_point).expect(403).await.code(), "insufficient_scope");
    })
    .await;
}

/// The whole way in: invited, sent a link, and signed in with a password of one's own.
#[actix_web::test]
async fn who_is_invited_gets_in_and_who_forgot_gets_in_again() {
    both(async |bench| {
        let (coordinator, administrator) = (bench.sign_in(Who::Coordinator).await, bench.sign_in(Who::Administrator).await);
        let made = coordinator.post(ACCOUNTS, invitation(&bench, "moh.new", "focal_point", Some("moh")).await).expect(201).await.json();
        let id = made["id"].as_str().unwrap();
        let redeem = |token: String, password: &str| {
            bench.nobody().post("/v1/auth/password-links/redeem", json!({"token": token, "new_password": password}))
        };
        let sign_in = async |password: &str| {
            let form = format!("grant_type=password&username=moh.new&password={password}");
            bench.nobody().request("POST", "/v1/auth/token").body(form, "application/x-www-form-urlencoded").send().await.status
        };
        let old = token(&link_of(&coordinator, id).expect(201).await);
        let link = token(&link_of(&coordinator, id).expect(201).await);
        assert_eq!(faults(&redeem(old, "ferry-Cloud-bamboo-82").expect(422).await), set([("#/token", "link_not_valid")]));
        redeem(link.clone(), "ferry-Cloud-bamboo-82").expect(204).await;
        redeem(link, "ferry-Cloud-bamboo-83").expect(422).await;
        assert_eq!(sign_in("ferry-Cloud-bamboo-82").await, 200);
        // The lead ministry has no say over who is in already.
        link_of(&coordinator, id).expect(403).await;
        let reset = token(&link_of(&administrator, id).expect(201).await);
        redeem(reset, "window-Tiger-seven-19").expect(204).await;
        assert_eq!((sign_in("window-Tiger-seven-19").await, sign_in("ferry-Cloud-bamboo-82").await), (200, 400));
        let late = token(&link_of(&administrator, id).expect(201).await);
        bench.clock().advance(Duration::from_secs(24 * 3600));
        redeem(late, "another-Violet-dam-55").expect(422).await;
        assert_whole(&bench).await;
    })
    .await;
}

#[actix_web::test]
async fn who_could_not_take_up_an_invitation_gets_none() {
    both(async |bench| {
        let administrator = bench.sign_in(Who::Administrator).await;
        let id = invited(&bench, "moh.new", "focal_point", Some("moh")).await;
        bench.sql("UPDATE account SET organization_id = NULL, owner_id = NULL WHERE username = 'moh.new'").await;
        let refused = link_of(&administrator, &id).expect(409).await;
        // Nor is one of any use that was given before.
        bench.sql("UPDATE account SET organization_id = (SELECT id FROM organization WHERE code = 'moh') WHERE username = 'moh.new'").await;
        let link = token(&link_of(&administrator, &id).expect(201).await);
        bench.sql("UPDATE account SET organization_id = NULL WHERE username = 'moh.new'").await;
        let redeemed =
            bench.nobody().post("/v1/auth/password-links/redeem", json!({"token": link, "new_password": "ferry-Cloud-bamboo-82"}));
        assert_eq!(faults(&redeemed.expect(422).await), set([("#/token", "link_not_valid")]));
        assert_eq!(
            (refused.code().as_str(), faults(&refused)),
            ("transition_incomplete", set([("#/organization_id", "field_missing_for_move")]))
        );
    })
    .await;
}
