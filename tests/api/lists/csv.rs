//! A list as CSV: the same rows, all of them, harmless to a spreadsheet.

use serde_json::{Value, json};

use super::many;
use crate::{
    harness::{Bench, Client, Who, both},
    rows::{MINISTRIES, ORGANIZATIONS, SEEDED, change, create, organization, with},
};

/// The cells of a CSV by the heads of their columns.
struct Sheet {
    heads: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Sheet {
    async fn get(client: &Client, path: &str) -> Self {
        let reply = client.get(path).expect(200).await;
        assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
        assert!(reply.text().contains("\r\n"));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(reply.text().as_bytes());
        let mut lines = reader.records().map(|line| line.unwrap().iter().map(str::to_owned).collect());
        let heads = lines.next().unwrap();
        Self { heads, lines: lines.collect() }
    }

    fn cell(&self, line: usize, head: &str) -> &str {
        let column = self.heads.iter().position(|known| known == head).unwrap_or_else(|| panic!("{head} is not among {:?}", self.heads));
        &self.lines[line][column]
    }
}

/// All pages of a list.
async fn pages(client: &Client, path: &str) -> Vec<Value> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(format!("{path}&limit=200{cursor}")).expect(200).await.json();
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

async fn agrees(bench: &Bench, client: &Client, path: &str) {
    let sheet = Sheet::get(client, &format!("{path}&format=csv")).await;
    let rows = pages(client, path).await;
    assert_eq!(sheet.lines.len(), rows.len(), "{path} on {:?}", bench.engine);
    for (line, row) in rows.iter().enumerate() {
        for property in ["id", "code", "kind", "acronym", "parent_id", "valid_to", "created_at"] {
            assert_eq!(sheet.cell(line, property), text(&row[property]), "{property} of {row}");
        }
        for language in ["en", "lo"] {
            assert_eq!(sheet.cell(line, &format!("name.{language}")), text(&row["name"][language]));
            assert_eq!(sheet.cell(line, &format!("mandate.{language}")), text(&row["mandate"][language]));
        }
        assert_eq!(sheet.cell(line, "revision"), row["revision"].to_string());
    }
}

#[actix_web::test]
async fn the_csv_holds_every_page_of_the_same_query() {
    both(async |bench| {
        many::organizations(&bench).await;
        let reader = bench.sign_in(Who::Reader).await;
        agrees(&bench, &reader, &format!("{ORGANIZATIONS}?sort=-name&kind=other")).await;
        agrees(&bench, &reader, &format!("{MINISTRIES}?active=false&archived=include")).await;
        agrees(&bench, &reader, &format!("{ORGANIZATIONS}?q=bank")).await;
    })
    .await;
}

#[actix_web::test]
async fn a_csv_ignores_the_size_of_pages() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        assert_eq!(Sheet::get(&reader, &format!("{ORGANIZATIONS}?format=csv&limit=1&with_total=true")).await.lines.len(), SEEDED);
        assert_eq!(Sheet::get(&reader, &format!("{ORGANIZATIONS}?format=csv&code=nobody")).await.lines.len(), 0);
        let page = reader.get(format!("{ORGANIZATIONS}?limit=50")).expect(200).await.json();
        let cursor = text(&page["page"]["next_cursor"]);
        assert_eq!(
            Sheet::get(&reader, &format!("{ORGANIZATIONS}?format=csv&cursor={cursor}")).await.lines.len(),
            SEEDED,
            "a CSV is complete"
        );
    })
    .await;
}

#[actix_web::test]
async fn a_csv_is_a_file_to_keep_with_the_id_and_code_first() {
    both(async |bench| {
        let reader = bench.sign_in(Who::Reader).await;
        let reply = reader.get(format!("{MINISTRIES}?format=csv")).expect(200).await;
        assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"ministries.csv\""));
        let sheet = Sheet::get(&reader, &format!("{MINISTRIES}?format=csv")).await;
        assert_eq!(sheet.heads[..2], ["code", "id"].map(str::to_owned));
        let refused = reader.get(format!("{MINISTRIES}?format=csv&sort=nothing")).expect(400).await;
        assert_eq!(refused.code(), "invalid_query");
    })
    .await;
}

#[actix_web::test]
async fn no_cell_is_a_formula_and_lao_stays_lao() {
    both(async |bench| {
        let coordinator = bench.sign_in(Who::Coordinator).await;
        let lao = "ກະຊວງແຮງງານ ແລະ ສະຫວັດດີການສັງຄົມ";
        let texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\"quoted\", and more\nlines", lao];
        for (n, text) in texts.iter().enumerate() {
            let body = json!({"kind": "academia", "name": {"en": "Row", "lo": text}, "mandate": {"en": text}});
            create(&coordinator, ORGANIZATIONS, with(organization(&format!("cell-{n}")), body)).await;
        }
        let sheet = Sheet::get(&coordinator, &format!("{ORGANIZATIONS}?kind=academia&sort=code&format=csv")).await;
        for (n, text) in texts.iter().enumerate() {
            let wanted = if n < 5 { format!("'{text}") } else { (*text).to_owned() };
            assert_eq!((sheet.cell(n, "name.lo"), sheet.cell(n, "mandate.en")), (wanted.as_str(), wanted.as_str()));
        }
    })
    .await;
}

#[actix_web::test]
async fn no_row_is_lost_or_doubled_while_others_write() {
    both(async |bench| {
        many::organizations(&bench).await;
        let (reader, coordinator) = (bench.sign_in(Who::Reader).await, bench.sign_in(Who::Coordinator).await);
        let last = coordinator.get(format!("{ORGANIZATIONS}?sort=updated_at&kind=other&limit=40")).expect(200).await.json();
        let writes = async {
            // Each change takes a row from the end of the list to its beginning.
            for row in last["data"].as_array().unwrap() {
                change(&coordinator, ORGANIZATIONS, row, json!({"acronym": "MOVED"})).await;
            }
        };
        let address = format!("{ORGANIZATIONS}?format=csv&kind=other&sort=-updated_at");
        let (sheet, ()) = futures_util::future::join(Sheet::get(&reader, &address), writes).await;
        let codes: std::collections::BTreeSet<_> = sheet.lines.iter().map(|line| line[0].clone()).collect();
        assert_eq!((sheet.lines.len(), codes.len()), (7_500, 7_500));
    })
    .await;
}
