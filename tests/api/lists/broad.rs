//! A query that reads for too long is stopped, and nobody else with it.

use crate::{
    harness::{Who, both},
    rows::ORGANIZATIONS,
};

/// What `q` looks into, and a count beside it that takes minutes on any machine.
const SLOW: &str = "ALTER TABLE search_text RENAME TO quick_text; CREATE VIEW search_text AS SELECT quick_text.* FROM quick_text \
    WHERE (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT count(*) FROM n) > 0";

#[actix_web::test]
async fn a_query_that_takes_too_long_is_stopped_and_the_next_is_not() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        bench.sql(SLOW).await;
        for query in ["q=ministry", "q=ministry&with_total=true", "q=mi"] {
            let refused = reader.get(format!("{ORGANIZATIONS}?{query}")).expect(503).await;
            assert_eq!(refused.json()["code"], "query_too_broad", "{query}");
            assert!(refused.header("retry-after").is_some(), "{query}");
            // More of them than there are connections.
            for n in 1..20 {
                reader.get(format!("{ORGANIZATIONS}?limit={n}")).expect(200).await;
            }
        }
    })
    .await;
}
