//! Tables beside the tracked ones that find a row: by a piece of its text, and by the id another system has for it.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select, Statement,
    sea_query::{Expr, LikeExpr, OnConflict},
};
use uuid::Uuid;

use super::{
    Engine,
    tracked::{ExternalId, Tracked},
};
use crate::{kind::Kind, problem::Problem, text::fold};

pub mod search_text {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_text")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub doc: i64,
        pub kind: String,
        pub row_id: Uuid,
        pub folded: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod external_id {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "external_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub system: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub external_id: String,
        pub row_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Keeps what `q` searches for one row. On SQLite the trigram index stands beside the table and is kept by hand, in the same transaction.
#[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
pub(super) async fn write(db: &DatabaseTransaction, engine: Engine, kind: Kind, row_id: Uuid, text: &str) -> Result<(), Problem> {
    let folded = fold(text);
    let known = search_text::Entity::find()
        .filter(search_text::Column::Kind.eq(kind.name()))
        .filter(search_text::Column::RowId.eq(row_id))
        .one(db)
        .await?;
    if known.as_ref().is_some_and(|known| known.folded == folded) {
        return Ok(());
    }
    let row = search_text::ActiveModel { doc: NotSet, kind: Set(kind.name().to_owned()), row_id: Set(row_id), folded: Set(folded.clone()) };
    let conflict =
        OnConflict::columns([search_text::Column::Kind, search_text::Column::RowId]).update_column(search_text::Column::Folded).to_owned();
    let kept = search_text::Entity::insert(row).on_conflict(conflict).exec_with_returning(db).await?;
    if engine == Engine::Sqlite {
        let sql = |text: &str, values: Vec<sea_orm::Value>| Statement::from_sql_and_values(sea_orm::DatabaseBackend::Sqlite, text, values);
        db.execute_raw(sql("DELETE FROM search_index WHERE rowid = ?", vec![kept.doc.into()])).await?;
        db.execute_raw(sql("INSERT INTO search_index (rowid, folded) VALUES (?, ?)", vec![kept.doc.into(), folded.into()])).await?;
    }
    Ok(())
}

/// Takes away what `q` found a row by.
#[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
pub(super) async fn forget(db: &DatabaseTransaction, engine: Engine, kind: Kind, row_id: Uuid) -> Result<(), Problem> {
    use search_text::{Column, Entity};

    let known = Entity::find().filter(Column::Kind.eq(kind.name())).filter(Column::RowId.eq(row_id)).one(db).await?;
    let Some(known) = known else { return Ok(()) };
    if engine == Engine::Sqlite {
        let index = "DELETE FROM search_index WHERE rowid = ?";
        db.execute_raw(Statement::from_sql_and_values(sea_orm::DatabaseBackend::Sqlite, index, [known.doc.into()])).await?;
    }
    Entity::delete_by_id(known.doc).exec(db).await?;
    Ok(())
}

/// Drops what the trigram index still holds of texts that were replaced: SQLite only marks it as gone until it merges the index by itself.
#[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
pub(super) async fn forget_old_texts(db: &DatabaseTransaction, engine: Engine) -> Result<(), Problem> {
    if engine == Engine::Sqlite {
        db.execute_unprepared("INSERT INTO search_index (search_index) VALUES ('optimize')").await?;
    }
    Ok(())
}

/// Narrows a query to the rows whose text holds `q`.
#[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
pub(super) fn narrow<E: Tracked>(query: Select<E>, engine: Engine, q: &str) -> Result<Select<E>, Problem> {
    let folded = fold(q);
    let pattern = format!("%{}%", folded.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let mut hits = search_text::Entity::find()
        .select_only()
        .column(search_text::Column::RowId)
        .filter(search_text::Column::Kind.eq(E::KIND.name()))
        .filter(Expr::col((search_text::Entity, search_text::Column::Folded)).like(LikeExpr::new(pattern).escape('\\')));
    // Fewer than three characters hold no trigram: the index would find nothing, a scan finds what there is.
    if engine == Engine::Sqlite && folded.chars().count() >= 3 {
        let phrase = format!("\"{}\"", folded.replace('"', "\"\""));
        hits = hits.filter(Expr::cust_with_values("doc IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)", [phrase]));
    }
    Ok(query.filter(E::column("id")?.in_subquery(sea_orm::QueryTrait::into_query(hits))))
}

/// Keeps the lookup of external ids in step with the list in the row.
#[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
pub(super) async fn write_external_ids(db: &DatabaseTransaction, kind: Kind, row_id: Uuid, ids: &[ExternalId]) -> Result<(), Problem> {
    use external_id::{ActiveModel, Column, Entity};

    Entity::delete_many().filter(Column::Kind.eq(kind.name())).filter(Column::RowId.eq(row_id)).exec(db).await?;
    let rows: Vec<_> = ids
        .iter()
        .map(|known| ActiveModel {
            kind: Set(kind.name().to_owned()),
            system: Set(known.system.clone()),
            external_id: Set(known.id.clone()),
            row_id: Set(row_id),
        })
        .collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the tables are this file's own")]
pub(super) async fn external_row(db: &impl ConnectionTrait, kind: Kind, system: &str, id: &str) -> Result<Option<Uuid>, Problem> {
    let key = (kind.name().to_owned(), system.to_owned(), id.to_owned());
    Ok(external_id::Entity::find_by_id(key).one(db).await?.map(|row| row.row_id))
}
