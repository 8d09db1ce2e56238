//! The answers of lists: a page as JSON, or all rows as CSV.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, body::BoxBody, http::header};
use serde::Serialize;
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, Schema, Type, schema::ArrayBuilder},
};
use uuid::Uuid;

use crate::{
    http::{
        csv,
        reply::{Responses, Tagged, View, has, is_first, not_modified, text_header},
    },
    text::Money,
};

/// What follows from the day on which the list was asked for and from other rows, and so is no part of the row and its revision. A row has what its kind
/// has; the rest is `null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Computed {
    /// Whether the institution exists today.
    pub active: Option<bool>,
    /// Whether today lies in the period of the row: an appointment, a membership, a body, a review cycle.
    pub current: Option<bool>,
    /// Whether an activity is past its last day, and neither completed nor cancelled.
    pub overdue: Option<bool>,
    /// The activities that an activity waits for by its plan and that are not completed; empty once it is itself completed or cancelled.
    pub blocked_by: Option<Vec<Uuid>>,
    /// What an activity needs and nobody has committed yet: for each currency what is required less what is committed, where that is more than nothing.
    pub funding_gap: Option<Vec<Money>>,
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct List<V, I> {
    pub(in crate::http) data: Vec<V>,
    pub(in crate::http) page: PageInfo,
    pub(in crate::http) included: Option<I>,
}

/// Where this page stands in the list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Page)]
pub struct PageInfo {
    /// Send it as `cursor`, with the same sort and filters, to get the next page; `null` on the last one.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many rows the whole list holds; only counted with `with_total=true`.
    #[schema(minimum = 0)]
    pub total: Option<u64>,
}

impl<V: ToSchema, I: ToSchema> ToSchema for List<V, I> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}List", V::name().trim_end_matches("View")).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((V::name().into_owned(), V::schema()));
        V::schemas(schemas);
        schemas.push((PageInfo::name().into_owned(), PageInfo::schema()));
        // It is the same in every list, and holds most of what there is.
        if is_first::<I>() {
            schemas.push((I::name().into_owned(), I::schema()));
            I::schemas(schemas);
        }
    }
}

impl<V: ToSchema, I: ToSchema> PartialSchema for List<V, I> {
    fn schema() -> RefOr<Schema> {
        let reference = |name: std::borrow::Cow<'static, str>| RefOr::Ref(Ref::from_schema_name(name));
        let nullable = utoipa::openapi::schema::OneOfBuilder::new()
            .item(ObjectBuilder::new().schema_type(Type::Null))
            .item(reference(I::name()))
            .description(Some("The rows that those of this page point at, when `include` asked for them; otherwise `null`."));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("One page of a list."))
            .property(
                "data",
                ArrayBuilder::new().items(reference(V::name())).description(Some("The rows of this page, in the order of `sort`.")),
            )
            .property("page", reference(PageInfo::name()))
            .property("included", nullable)
            .required("data")
            .required("page")
            .required("included")
            .into()
    }
}

/// One page as JSON, or the whole list as CSV.
pub enum Listed<V: View, I> {
    Page(Tagged<List<V, I>>),
    Csv(Box<csv::Sheet<V>>, String),
}

impl<V: View + 'static, I: Serialize> Responder for Listed<V, I> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Page(page) => page.respond_to(request),
            Self::Csv(_, tag) if has(request, &tag) => not_modified(&tag),
            Self::Csv(sheet, tag) => sheet_headers(V::PATH, tag).streaming(sheet.lines()),
        }
    }
}

/// The beginning of an answer that is a CSV, to be kept under the last word of the list's path.
pub(in crate::http) fn sheet_headers(path: &str, tag: String) -> HttpResponseBuilder {
    let name = path.rsplit('/').next().unwrap_or("list");
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, tag))
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")));
    response
}

impl<V: View, I: ToSchema> IntoResponses for Listed<V, I> {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        List::<V, I>::responses()
    }
}

impl<V: ToSchema, I: ToSchema> IntoResponses for List<V, I> {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        with_sheet(Tagged::<Self>::responses(), "All rows of the list, one line each; texts in several languages have a column for each.")
    }
}

/// The same answer as CSV, too.
pub(in crate::http) fn with_sheet(mut responses: Responses, description: &str) -> Responses {
    if let Some(RefOr::T(ok)) = responses.get_mut("200") {
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
        ok.content.insert("text/csv".to_owned(), RefOr::T(ContentBuilder::new().schema(Some(text.build())).build()));
        let name = text_header("The name under which to keep the CSV; absent with JSON.", "attachment; filename=\"ministries.csv\"");
        ok.headers.insert("Content-Disposition".to_owned(), RefOr::T(name));
    }
    responses
}
