//! Which country's record this is.

use std::collections::BTreeMap;

use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    features::{institutions::lead_ministry::lead_ministry, operations::contract::CONTRACT_VERSION},
    http::{Api, context::Here, mount::Mount, reply::Document},
    store::Store,
    text::LocalizedText,
};

/// What a portal shows before anyone has signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "name": {"en": "Lao People's Democratic Republic"}, "country": "LA", "languages": ["en", "lo"], "default_language": "en",
    "timezone": "Asia/Vientiane", "lead_ministry_id": "01920000-0000-7000-8000-000000000001", "currency": "LAK", "version": "0.1.0",
    "contract_version": CONTRACT_VERSION
})))]
pub struct InstanceView {
    /// The name of the country or installation, by language.
    #[schema(value_type = LocalizedText<200>)]
    name: BTreeMap<String, String>,
    /// ISO 3166-1 alpha-2 code of the country.
    #[schema(examples("LA"))]
    country: String,
    /// The languages of texts, in order of presentation.
    #[schema(examples("lo"))]
    languages: Vec<String>,
    /// The language to show when nothing else is asked for.
    #[schema(examples("en"))]
    default_language: String,
    /// The time zone in which "today" begins.
    #[schema(examples("Asia/Vientiane"))]
    timezone: String,
    /// The ministry that leads on implementing the Compact, after a succession the one that goes on in its place; `null` until it is entered, and when
    /// it ended without a single heir.
    lead_ministry_id: Option<Uuid>,
    /// ISO 4217 code of the national currency.
    #[schema(examples("LAK"))]
    currency: String,
    /// Version of the software.
    #[schema(examples("0.1.0"))]
    version: String,
    /// Version of this contract.
    #[schema(examples("1.0.0"))]
    contract_version: String,
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_instance);
}

/// Read the instance
///
/// Whose record this is, in which languages, and in which time zone. Needs no token.
#[utoipa::path(tag = "Instance", security(()))]
#[get("/v1/instance")]
async fn get_instance(store: Data<Store>, here: Data<Here>) -> Api<Document<InstanceView>> {
    let instance = here.instance.as_ref().clone();
    let lead = lead_ministry(store.get_ref(), &here).await?;
    Ok(Document(InstanceView {
        name: instance.name,
        country: instance.country,
        languages: instance.languages,
        default_language: instance.default_language,
        timezone: instance.timezone.name().to_owned(),
        lead_ministry_id: lead.map(|row| row.id),
        currency: instance.currency,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        contract_version: CONTRACT_VERSION.to_owned(),
    }))
}
