//! SQLite hands many changes over in one value; whoever knows how must not be able to hide in it.

use gcm_api::{features::operations::verify::verify, store::Engine};

use super::{a_mix_of_writes, tampered, victim};
use crate::{
    harness::{Bench, both},
    rows::assert_whole,
};

/// A change as it stands among others.
const LINE: &str = "concat_ws(char(31), typeof(seq), seq, typeof(at), at, typeof(actor_id), hex(actor_id), typeof(actor_kind), actor_kind,
    typeof(actor_role), coalesce(actor_role, ''), typeof(actor_org), hex(actor_org), typeof(origin), origin, typeof(request_id),
    coalesce(request_id, ''), typeof(kind), kind, typeof(resource_id), resource_id, typeof(revision), revision, typeof(op), op,
    typeof(audience), audience, typeof(owner_id), hex(owner_id), typeof(body_digest), body_digest, typeof(hash), hash)";

/// The change that is tampered with, on the engine that this is about.
async fn sqlite_victim(bench: &Bench) -> Option<i64> {
    if bench.engine != Engine::Sqlite {
        return None;
    }
    a_mix_of_writes(bench).await;
    Some(victim(bench).await.seq)
}

#[actix_web::test]
async fn a_value_that_holds_separators_is_named() {
    both(async |bench| {
        let Some(seq) = sqlite_victim(&bench).await else { return };
        let name = format!("change {seq} ");
        for set in [
            "request_id = request_id || char(31)",
            "request_id = char(30)",
            "request_id = ''",
            "request_id = char(0) || request_id",
            "origin = origin || char(31) || 'text' || char(31) || request_id, request_id = NULL",
            "kind = kind || char(31) || 'text' || char(31) || resource_id, resource_id = ''",
            "resource_id = char(29) || resource_id",
            "hash = hash || char(29)",
            "hash = hash || char(31) || 'text' || char(31)",
        ] {
            tampered(&bench, &[format!("UPDATE change SET {set} WHERE seq = {seq}")], std::slice::from_ref(&name)).await;
        }
        // One change swallows the next, so that both together read like both apart.
        let swallow =
            format!("UPDATE change SET hash = hash || char(29) || (SELECT {LINE} FROM change WHERE seq = {seq} + 1) WHERE seq = {seq}");
        let follows = format!("change {} ", seq + 2);
        tampered(&bench, &[swallow, format!("DELETE FROM change WHERE seq = {seq} + 1")], &[follows]).await;
        let below = format!("PRAGMA ignore_check_constraints = ON; UPDATE change SET seq = -5 WHERE seq = {seq}");
        tampered(&bench, &[below], &["change -5 ".to_owned(), format!("change {} ", seq + 1)]).await;
    })
    .await;
}

#[actix_web::test]
async fn a_value_that_cannot_be_read_ends_the_audit_and_is_named() {
    both(async |bench| {
        let Some(seq) = sqlite_victim(&bench).await else { return };
        bench.sql("CREATE TABLE kept AS SELECT * FROM change").await;
        for set in [
            "actor_id = x''",
            "actor_id = x'00'",
            "actor_org = zeroblob(17)",
            "owner_id = CAST(hex(actor_id) AS BLOB)",
            "at = 'yesterday'",
            "at = ''",
            "op = 'nothing'",
            "actor_role = char(30)",
            "actor_role = ''",
            "audience = 'country' || char(31)",
            "kind = CAST(x'ff' AS TEXT)",
        ] {
            assert_eq!(bench.sql(&format!("UPDATE change SET {set} WHERE seq = {seq}")).await, 1, "{set}");
            for bodies in [false, true] {
                let problem = verify(&bench.parts.store, bodies, None, |_seq| {}).await.unwrap_err();
                assert!(problem.cause().unwrap().contains(&format!("change {seq} ")), "{set}: {problem:?}");
            }
            bench.sql("DELETE FROM change").await;
            bench.sql("INSERT INTO change SELECT * FROM kept").await;
        }
        assert_whole(&bench).await;
    })
    .await;
}
