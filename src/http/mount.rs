//! The list of all operations, gone through for two ends: to serve them, and to describe them.

use actix_web::{dev::HttpServiceFactory, web::ServiceConfig};
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// What an operation is mounted on. Each worker serves them; the contract is made once, since it takes longer than everything else at the start.
pub enum Mount<'a> {
    Served(&'a mut ServiceConfig),
    Described(&'a mut OpenApi),
}

impl Mount<'_> {
    pub fn service<O>(&mut self, operation: O) -> &mut Self
    where
        O: HttpServiceFactory + OpenApiFactory + 'static,
    {
        match self {
            Self::Served(config) => _ = config.service(operation),
            Self::Described(contract) => {
                let mut schemas = Vec::new();
                operation.schemas(&mut schemas);
                contract.components.get_or_insert_with(Components::new).schemas.extend(schemas);
                contract.paths.merge(operation.paths());
            }
        }
        self
    }
}
