//! Beside the passwords at the token endpoint: secrets, tokens, links, one's own password, and what is said and logged.

use std::{collections::BTreeSet, time::Duration};

use gcm_api::{auth::Role, features::access::security::TARGET};
use serde_json::json;

use super::{WRONG, entered, form, outcome, refused, retry_after, strict, try_password, wrong};
use crate::{
    harness::{
        PASSWORD, Who, both_with,
        log::{Log, lines},
    },
    tokens::endpoint::MACHINE,
};

#[actix_web::test]
async fn wrong_secrets_of_machines_are_refused_and_right_ones_never() {
    both_with(strict, async |bench| {
        let machine = bench.sign_in(MACHINE).await;
        let (id, secret) = machine.secret();
        let attempt = |secret: &str| {
            form(&bench, "203.0.113.9", &[("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)]).send()
        };
        for _ in 0..30 {
            assert_eq!(outcome(&attempt("wrong").await), (401, "invalid_client".to_owned()));
        }
        let refusal = attempt("wrong").await;
        assert_eq!((outcome(&refusal), retry_after(&refusal)), (refused(), 2));
        // Nobody guesses such a secret: who has it is let in beside those who try.
        assert_eq!(outcome(&attempt(secret).await), entered());
        bench.clock().advance(Duration::from_secs(2));
        assert_eq!(outcome(&attempt("wrong").await), (401, "invalid_client".to_owned()));
    })
    .await;
}

#[actix_web::test]
async fn too_many_is_said_as_oauth_clients_read_it() {
    both_with(
        |settings| {
            strict(settings);
            settings.rates.network_per_minute = 40;
        },
        async |bench| {
            let mut said = BTreeSet::new();
            for n in 0..45 {
                let reply = try_password(&bench, "203.0.113.9", &format!("user.{n}"), WRONG).await;
                if reply.status == 429 {
                    let body = reply.json();
                    assert_eq!((&body["error"], &body["code"]), (&json!("too_many_requests"), &json!("too_many_requests")));
                    assert_eq!(body["request_id"].as_str(), reply.header("x-request-id"));
                    assert_eq!((reply.header("content-type"), reply.header("cache-control")), (Some("application/json"), Some("no-store")));
                    assert_eq!(retry_after(&reply), 2);
                    said.insert(body["error_description"].as_str().unwrap().to_owned());
                }
            }
            let whose: Vec<_> = said.iter().filter_map(|text| text.split('`').nth(1)).collect();
            assert_eq!(whose, ["public", "sign_in"], "{said:?}");
            let lao = form(&bench, "203.0.113.9", &[]).header("Accept-Language", "lo").expect(429).await;
            assert!(lao.json()["error_description"].as_str().unwrap().contains("ຂີດຈຳກັດ"));
        },
    )
    .await;
}

#[actix_web::test]
async fn only_so_many_passwords_wait_to_be_checked() {
    both_with(
        |_settings| {},
        async |bench| {
            let reader = bench.sign_in(Who::Reader).await;
            let crowd = (0..300).map(|n| {
                let password = if n % 2 == 0 { PASSWORD } else { WRONG };
                try_password(&bench, "203.0.113.9", reader.name(), password)
            });
            let replies = futures_util::future::join_all(crowd).await;
            let count = |outcome: &(u16, String)| replies.iter().filter(|reply| self::outcome(reply) == *outcome).count();
            let busy = count(&(503, "sign_in_busy".to_owned()));
            let (right, not) = (count(&entered()), count(&wrong()));
            assert_eq!(busy + right + not, 300);
            assert!(busy > 0 && right > 0 && not > 0, "{busy} {right} {not}");
            assert_eq!(outcome(&try_password(&bench, "203.0.113.9", reader.name(), PASSWORD).await), entered());
        },
    )
    .await;
}

#[actix_web::test]
async fn tokens_and_links_that_nobody_knows_count_and_known_ones_go_on() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        let here = "203.0.113.9";
        let token = try_password(&bench, here, owner.name(), PASSWORD).await.json();
        let renew = |token: &str| form(&bench, here, &[("grant_type", "refresh_token"), ("refresh_token", token)]).send();
        let revoke = |token: &str| {
            let body = serde_html_form::to_string([("token", token)]).unwrap();
            bench.nobody().request("POST", "/v1/auth/revoke").body(body, "application/x-www-form-urlencoded").from(here).send()
        };
        let redeem = |token: &str| {
            let body = json!({"token": token, "new_password": "ferry-Cloud-bamboo-82"});
            bench.nobody().post("/v1/auth/password-links/redeem", body).from(here).send()
        };
        for n in 0..10 {
            assert_eq!(outcome(&renew(&format!("gcmr_{n}")).await), wrong());
            assert_eq!(revoke(&format!("gcmr_{n}")).await.status, 200);
            assert_eq!(redeem(&format!("gcml_{n}")).await.status, 422);
        }
        for refusal in [renew("gcmr_x").await, revoke("gcmr_x").await, revoke("x").await, redeem("gcml_x").await] {
            assert_eq!((outcome(&refusal), retry_after(&refusal)), (refused(), 2), "{refusal}");
        }
        assert_eq!(redeem("gcml_x").await.header("content-type"), Some("application/problem+json"));
        // Nobody is signed out by it, and everybody can sign out.
        let renewed = renew(token["refresh_token"].as_str().unwrap()).await;
        assert_eq!(outcome(&renewed), entered());
        assert_eq!(revoke(renewed.json()["refresh_token"].as_str().unwrap()).await.status, 200);
        assert_eq!(outcome(&renew(renewed.json()["refresh_token"].as_str().unwrap()).await), refused(), "it was ended");
    })
    .await;
}

/// Whoever finds a screen unlocked does not find out the password.
#[actix_web::test]
async fn the_own_password_is_not_guessed_either() {
    both_with(strict, async |bench| {
        let owner = bench.person("owner", Role::Reader, None).await;
        let change = |current: &str| {
            let body = json!({"current_password": current, "new_password": "ferry-Cloud-bamboo-82"});
            owner.post("/v1/me/password", body).send()
        };
        for _ in 0..10 {
            assert_eq!(change(WRONG).await.status, 422);
        }
        let refusal = change(PASSWORD).await;
        assert_eq!((outcome(&refusal), retry_after(&refusal)), (refused(), 10));
        assert_eq!(outcome(&try_password(&bench, "203.0.113.9", owner.name(), PASSWORD).await), entered(), "signing in is another matter");
        bench.clock().advance(Duration::from_secs(10));
        assert_eq!(change(PASSWORD).await.status, 204);
    })
    .await;
}

/// Operators see an attack in the log, and whoever reads the log learns no password and no user name that was made up.
#[actix_web::test]
async fn what_is_refused_unseen_is_a_security_event() {
    both_with(strict, async |bench| {
        let log = Log::listen();
        for n in 0..12 {
            try_password(&bench, &format!("10.0.0.{n}"), "my-secret-word", WRONG).await;
        }
        let text = log.end();
        let told: Vec<_> = lines(&text).filter(|line| line["target"] == TARGET).collect();
        let count = |event: &str| told.iter().filter(|line| line["event"] == event).count();
        assert_eq!((count("sign_in_failed"), count("throttled")), (10, 2), "{text}");
        assert!(
            told.iter().any(|line| line["network"] == "10.0.0.11") && !text.contains(WRONG) && !text.contains("my-secret-word"),
            "{text}"
        );
    })
    .await;
}
