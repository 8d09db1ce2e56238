//! Ten thousand rows past the service, with many equal sort keys, so that pages are tried on more than a seed.

use gcm_api::store::Engine;

use crate::harness::Bench;

pub const MANY: usize = 10_000;

/// 300 names in three scripts, 9 moments with none, three and six digits of a second, one row in four a ministry.
pub async fn organizations(bench: &Bench) {
    let (id, time) = columns(bench.engine);
    let at = |hash: &str| {
        format!(
            "CASE {hash} % 9 WHEN 0 THEN '2026-11-20T09:00:00+00:00' WHEN 1 THEN '2026-11-20T09:00:00.500+00:00' \
             WHEN 2 THEN '2026-11-20T09:00:00.500001+00:00' WHEN 3 THEN '2026-11-20T09:00:00.000001+00:00' \
             ELSE '2026-11-2' || ({hash} % 9 - 3) || 'T10:00:00+00:00' END"
        )
    };
    let (created, updated) = (time.replace("{}", &at("n * 7")), time.replace("{}", &at("n * 11")));
    bench
        .sql(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) \
             INSERT INTO organization (id, revision, audience, created_at, updated_at, provenance, external_ids, kind, code, name, sort_name) \
             SELECT {id}, 1, 'everyone', {created}, {updated}, 'entered', '[]', \
                 CASE n % 4 WHEN 0 THEN 'ministry' ELSE 'other' END, \
                 'many-' || (n * 7919 % 10007), '{{\"en\":\"Row\"}}', \
                 CASE n % 3 WHEN 0 THEN 'ກະຊວງ ' WHEN 1 THEN 'école ' ELSE 'row ' END || (n * 31 % 100) \
             FROM numbers"
        ))
        .await;
    bench.sql("ANALYZE").await;
}

/// As many accounts that nobody can sign in with.
pub async fn accounts(bench: &Bench) {
    let (id, time) = columns(bench.engine);
    let at = time.replace("{}", "'2026-11-2' || (n % 3) || 'T10:00:00+00:00'");
    let no = if bench.engine == Engine::Sqlite { "0" } else { "false" };
    bench
        .sql(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) \
             INSERT INTO account (id, revision, audience, created_at, updated_at, provenance, external_ids, username, display_name, role, \
                 locale, demo, state) \
             SELECT {id}, 1, 'private', {at}, {at}, 'entered', '[]', 'person.' || n, 'Person', 'reader', 'en', {no}, 'invited' FROM numbers"
        ))
        .await;
    bench.sql("ANALYZE").await;
}

/// As many appointments of one institution, on 300 days.
pub async fn focal_points(bench: &Bench) {
    let (id, time) = columns(bench.engine);
    let at = time.replace("{}", "'2026-11-2' || (n % 3) || 'T10:00:00+00:00'");
    let day =
        if bench.engine == Engine::Sqlite { "date('2024-01-01', '+' || (n % 300) || ' days')" } else { "date '2024-01-01' + n % 300" };
    bench
        .sql(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) \
             INSERT INTO focal_point (id, revision, audience, created_at, updated_at, provenance, external_ids, organization_id, name, sort_name, \
                 role, starts_on) \
             SELECT {id}, 1, 'everyone', {at}, {at}, 'entered', '[]', (SELECT id FROM organization WHERE code = 'moh'), 'Person', \
                 'person ' || (n % 100), 'lead', {day} FROM numbers"
        ))
        .await;
    bench.sql("ANALYZE").await;
}

/// As many memberships.
pub async fn un_network_members(bench: &Bench) {
    let (id, time) = columns(bench.engine);
    let at = time.replace("{}", "'2026-11-2' || (n % 3) || 'T10:00:00+00:00'");
    bench
        .sql(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) \
             INSERT INTO un_network_member (id, revision, audience, created_at, updated_at, provenance, external_ids, organization_id, roles, \
                 working_groups, objective_numbers, offers) \
             SELECT {id}, 1, 'everyone', {at}, {at}, 'entered', '[]', (SELECT id FROM organization WHERE code = 'iom'), '[\"member\"]', \
                 '[]', '[]', '[]' FROM numbers"
        ))
        .await;
    bench.sql("ANALYZE").await;
}

/// As many coordination bodies, of which the one with the least id has as many members, and as many review cycles.
pub async fn bodies_and_cycles(bench: &Bench) {
    let (id, time) = columns(bench.engine);
    let at = time.replace("{}", "'2026-11-2' || (n % 3) || 'T10:00:00+00:00'");
    let day =
        if bench.engine == Engine::Sqlite { "date('2020-01-01', '+' || (n % 300) || ' days')" } else { "(date '2020-01-01' + n % 300)" };
    let stamps = format!("{id}, 1, 'everyone', {at}, {at}, 'entered', '[]'");
    let columns = "id, revision, audience, created_at, updated_at, provenance, external_ids";
    let numbers = format!("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})");
    for insert in [
        format!(
            "INSERT INTO coordination_body ({columns}, name, sort_name, level, chair_ids) \
             SELECT {stamps}, '{{\"en\":\"Row\"}}', 'row ' || (n * 31 % 100), 'technical', '[]' FROM numbers"
        ),
        format!(
            "INSERT INTO coordination_body_member ({columns}, body_id, organization_id, role) \
             SELECT {stamps}, CASE n % 2 WHEN 0 THEN (SELECT id FROM coordination_body ORDER BY id LIMIT 1) ELSE (SELECT id FROM coordination_body ORDER BY id DESC LIMIT 1) END, \
                 (SELECT id FROM organization WHERE code = 'mofa'), 'member' FROM numbers"
        ),
        format!(
            "INSERT INTO review_cycle ({columns}, code, title, kind, starts_on, ends_on, date_precision, date_status) \
             SELECT {stamps}, 'many-' || n, '{{\"en\":\"Row\"}}', 'national', {day}, {day}, 'day', 'confirmed' FROM numbers"
        ),
    ] {
        bench.sql(&format!("{numbers} {insert}")).await;
    }
    bench.sql("ANALYZE").await;
}

/// As many efforts of five institutions, in each state.
pub async fn efforts(bench: &Bench) {
    let (id, time) = columns(bench.engine);
    let at = time.replace("{}", "'2026-11-2' || (n % 3) || 'T10:00:00+00:00'");
    let owner = "(SELECT id FROM organization WHERE code = CASE n % 5 WHEN 0 THEN 'moh' WHEN 1 THEN 'moes' WHEN 2 THEN 'mof' WHEN 3 THEN 'mps' ELSE 'molsw' END)";
    let audience = "CASE n / 5 % 4 WHEN 0 THEN 'everyone' WHEN 1 THEN 'country' ELSE 'organization' END";
    let state = "CASE n / 5 % 4 WHEN 0 THEN 'accepted' WHEN 1 THEN 'submitted' WHEN 2 THEN 'returned' ELSE 'draft' END";
    bench
        .sql(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) \
             INSERT INTO effort (id, revision, audience, owner_id, created_at, updated_at, provenance, external_ids, organization_id, partner_ids, title, \
                 sort_title, kind, objective_numbers, action_codes, sdg_target_codes, implementation, provinces, funder_ids, links, state) \
             SELECT {id}, 1, {audience}, {owner}, {at}, {at}, 'entered', '[]', {owner}, '[]', '{{\"en\":\"Row\"}}', 'row ' || (n * 31 % 100), \
                 'service', '[1]', '[]', '[]', 'ongoing', '[]', '[]', '[]', {state} FROM numbers"
        ))
        .await;
    bench.sql("ANALYZE").await;
}

/// As many priorities of one round, words on them and comments on them.
pub async fn priorities(bench: &Bench, round: &str) {
    let (id, time) = columns(bench.engine);
    let at = time.replace("{}", "'2026-11-2' || (n % 3) || 'T10:00:00+00:00'");
    let stamps = |audience: &str| format!("{id}, 1, '{audience}', {at}, {at}, 'entered', '[]'");
    let columns = "id, revision, audience, created_at, updated_at, provenance, external_ids";
    let numbers = format!("WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY})");
    let anyone = "(SELECT id FROM organization WHERE code = 'moh')";
    for insert in [
        format!(
            "INSERT INTO priority ({columns}, prioritization_id, objective_number, rank, supporting_ids, substance, state) \
             SELECT {}, (SELECT id FROM prioritization WHERE title LIKE '%{round}%'), 1 + n % 23, 1 + n % 90, '[]', 1, 'agreed' FROM numbers",
            stamps("everyone")
        ),
        format!(
            "INSERT INTO endorsement ({columns}, subject_kind, subject_id, substance, organization_id, decision) \
             SELECT {}, 'priority', {id}, 1, {anyone}, 'endorsed' FROM numbers",
            stamps("country")
        ),
        format!(
            "INSERT INTO comment ({columns}, subject_kind, subject_id, body, language, state) \
             SELECT {}, 'priority', {id}, 'Row', 'en', 'open' FROM numbers",
            stamps("country")
        ),
    ] {
        bench.sql(&format!("{numbers} {insert}")).await;
    }
    bench.sql("ANALYZE").await;
}

/// A random id, and how a text becomes a time.
fn columns(engine: Engine) -> (&'static str, &'static str) {
    match engine {
        Engine::Sqlite => ("randomblob(16)", "({})"),
        Engine::Postgres => ("gen_random_uuid()", "(({})::timestamptz)"),
    }
}
