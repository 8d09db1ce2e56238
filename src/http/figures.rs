//! Figures that are computed from many rows: one document as JSON, or its cells as CSV.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, body::BoxBody, dev::Payload, web::Bytes};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{
    IntoParams, IntoResponses, ToSchema,
    openapi::{
        RefOr,
        path::{Parameter, ParameterIn},
    },
};
use uuid::Uuid;

use super::{
    cache::Own,
    context::{Context, Here},
    csv,
    listing::{Format, common_parameters, sheet_headers, weak_tag, with_sheet},
    query::{all_good, pairs, typed},
    reply::{Responses, body, documented_not_modified, has, json_text, not_modified, single, tagged, text_header},
};
use crate::{auth::Actor, problem::Problem};

const FORMAT: &str = "format";

#[derive(Deserialize)]
struct Sheet {
    format: Option<Format>,
}

/// What was asked, and where the record stood before anything was read.
pub struct Figures<Q> {
    pub asked: Q,
    pub here: Here,
    format: Format,
    path: String,
    seq: i64,
}

/// A document of figures, of which a CSV has the cells.
pub trait Figured: Serialize + ToSchema {
    type Cell: Serialize + ToSchema;
    /// The property that is the first column of the CSV.
    const FIRST: &'static str;

    fn cells(&self) -> &[Self::Cell];
}

impl<Q: DeserializeOwned + IntoParams> FromRequest for Figures<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read<Q: DeserializeOwned + IntoParams>(request: &HttpRequest) -> Result<Figures<Q>, Problem> {
    let mut faults = Vec::new();
    let pairs = pairs(request.query_string(), &Figures::<Q>::into_params(|| Some(ParameterIn::Query)), &mut faults)?;
    let asked = typed(&pairs, |name| name != FORMAT, &mut faults)?;
    let sheet: Sheet = typed(&pairs, |name| name == FORMAT, &mut faults)?;
    all_good(faults)?;
    Ok(Figures {
        asked,
        here: Here::of(request)?.at_this_moment(),
        format: sheet.format.unwrap_or_default(),
        path: request.path().to_owned(),
        seq: Context::seq(request)?,
    })
}

impl<Q: IntoParams> IntoParams for Figures<Q> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = Q::into_params(|| Some(ParameterIn::Query));
        let sheet = common_parameters(Vec::new()).into_iter().filter(|common| common.name == FORMAT);
        parameters.extend(sheet.map(|mut sheet| {
            sheet.description = Some("`csv` answers with the cells alone, one line each.".to_owned());
            sheet
        }));
        parameters
    }
}

impl<Q> Figures<Q> {
    /// Answers with the whole document, or with its cells as CSV. `whose` names the organization that the figures are about, where they are about
    /// more than what the caller sees.
    pub fn answer<D: Figured>(&self, actor: &Actor, whose: Option<Uuid>, document: D) -> Result<Reckoned<D>, Problem> {
        let tag = weak_tag(self.seq, actor, &self.here);
        let tag = whose.map_or(tag.clone(), |own| tag.replacen("W/\"", &format!("W/\"{}-", own.simple()), 1));
        if self.format == Format::Csv {
            let sheet = csv::whole(document.cells(), D::FIRST, &self.here.instance.languages)?;
            return Ok(Reckoned::Csv { tag, path: self.path.clone(), sheet });
        }
        Ok(Reckoned::Whole { tag, own: whose.is_some(), document })
    }
}

/// The document as JSON, or its cells as CSV.
pub enum Reckoned<D> {
    Whole { tag: String, own: bool, document: D },
    Csv { tag: String, path: String, sheet: Bytes },
}

impl<D: Serialize> Responder for Reckoned<D> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Whole { tag, own, document } => {
                let mut answer = tagged(request, &tag, None, || json_text(&document));
                if own {
                    answer.extensions_mut().insert(Own);
                }
                answer
            }
            Self::Csv { tag, .. } if has(request, &tag) => not_modified(&tag),
            Self::Csv { tag, path, sheet } => sheet_headers(&path, tag).body(sheet),
        }
    }
}

impl<D: ToSchema> IntoResponses for Reckoned<D> {
    fn responses() -> std::collections::BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let etag =
            text_header("The version of this answer: send it back as If-None-Match to hear whether it changed.", "W/\"4711-ec-20261123\"");
        let mut responses: Responses = single("200", body::<D>("The figures as they are now.").header("ETag", etag));
        responses.append(&mut documented_not_modified());
        with_sheet(responses, "All cells, one line each.")
    }
}
