//! How to reach a focal point: for people who take part, and for nobody and nothing else.

use actix_web::{get, patch, web::Data};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::inputs::not_erased;
use crate::{
    auth::{Action, Grant},
    clock::Timestamp,
    entity::{
        focal_point::{Column, Entity, Model},
        focal_point_contact::{self, Entity as Contacts},
    },
    features::writing::set,
    http::{
        Api,
        extract::{Ask, Caller, IfMatch, Json, Path, sent},
        guarded::{Guarded, Written},
        mount::Mount,
    },
    problem::{Code, Problem},
    store::{Answer, Seen, Store, Tracked, Tx},
};

/// How to reach a focal point. It is not a part of the row: no list, history, export or log holds it.
#[derive(Serialize, ToSchema)]
pub struct FocalPointContact {
    /// The e-mail address at work.
    #[schema(examples("focal.point@example.org"))]
    email: Option<String>,
    /// The telephone number at work, with the code of the country.
    #[schema(examples("+856 21 000 000"))]
    phone: Option<String>,
    /// Counts the changes of the contact alone; the same as in the ETag. 0: none was written yet.
    #[schema(minimum = 0)]
    revision: i64,
    /// When it was last written; `null` when none was written yet.
    updated_at: Option<Timestamp>,
}

/// Changes to a contact: absent stays, `null` clears, a value sets.
#[derive(Deserialize, ToSchema)]
pub struct FocalPointContactPatch {
    /// The e-mail address at work.
    #[serde(default, deserialize_with = "sent")]
    #[schema(
        value_type = Option<String>,
        max_length = 254,
        pattern = r#"^[^\s@,;:<>()"\\\u0000-\u001F\u007F-\u009F]+@[^\s@,;:<>()"\\.\u0000-\u001F\u007F-\u009F]+(\.[^\s@,;:<>()"\\.\u0000-\u001F\u007F-\u009F]+)+$"#,
        examples("focal.point@example.org")
    )]
    email: Option<Option<String>>,
    /// The telephone number at work, with the code of the country: `+`, then 7 to 15 digits, with single spaces where you like.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>, max_length = 30, pattern = r"^\+[1-9]( ?[0-9]){6,14}$", examples("+856 21 000 000"))]
    phone: Option<Option<String>>,
}

impl From<Option<focal_point_contact::Model>> for FocalPointContact {
    fn from(row: Option<focal_point_contact::Model>) -> Self {
        match row {
            None => Self { email: None, phone: None, revision: 0, updated_at: None },
            Some(focal_point_contact::Model { focal_point_id: _, email, phone, revision, updated_at }) => {
                Self { email, phone, revision, updated_at: Some(updated_at) }
            }
        }
    }
}

pub fn mount(config: &mut Mount<'_>) {
    config.service(get_focal_point_contact).service(update_focal_point_contact);
}

/// Read the contact of a focal point
///
/// How to reach the person: for people who take part, never for machine accounts, readers and administrators. Fields are `null` and the revision 0 while no
/// contact was written. It has an ETag of its own, and nothing on the way may keep it.
#[utoipa::path(tag = "Focal points")]
#[get("/v1/focal-points/{id}/contact")]
async fn get_focal_point_contact(store: Data<Store>, caller: Caller, id: Path<uuid::Uuid>) -> Api<Guarded<FocalPointContact>> {
    let row = store.find::<Entity>(&caller, Column::Id.eq(id.0)).await?;
    Grant::of(&caller, Action::ReadContact, &Entity::subject(&row))?;
    let contact = FocalPointContact::from(store.first(Contacts::of(row.id)).await?);
    Ok(Guarded { revision: contact.revision, body: contact })
}

/// Change the contact of a focal point
///
/// The lead ministry writes those of all, an institution those of its own focal points. Send the ETag of the contact as If-Match, `"0"` while there
/// is none. The answer is empty and carries the new ETag; the history of the focal point tells that the contact was written, and not what it is.
#[utoipa::path(tag = "Focal points", params(Ask, IfMatch))]
#[patch("/v1/focal-points/{id}/contact")]
async fn update_focal_point_contact(
    store: Data<Store>,
    id: Path<uuid::Uuid>,
    body: Json<FocalPointContactPatch>,
    ask: Ask,
    seen: IfMatch,
) -> Api<Answer<Written>> {
    store
        .write(&ask, async |tx| {
            seen.0.given()?;
            let (row, grant) = tx.open::<Entity>(Column::Id.eq(id.0), &Seen::Any, Action::SetContact).await?;
            let contact = FocalPointContact::from(tx.first(Contacts::of(row.id)).await?);
            seen.0.covers(contact.revision)?;
            let patch = body.patch(&grant, &contact)?;
            Ok(Written { revision: write(tx, &grant, &row, contact, patch).await? })
        })
        .await
}

/// Writes what differs, and says at which revision the contact is then.
async fn write(
    tx: &mut Tx<'_>,
    grant: &Grant,
    of: &Model,
    contact: FocalPointContact,
    patch: FocalPointContactPatch,
) -> Result<i64, Problem> {
    if of.archived_at.is_some() {
        return Err(Problem::new(Code::Archived));
    }
    not_erased(of)?;
    let (mut email, mut phone) = (contact.email.clone(), contact.phone.clone());
    set(&mut email, patch.email);
    set(&mut phone, patch.phone);
    if (&email, &phone) == (&contact.email, &contact.phone) {
        return Ok(contact.revision);
    }
    let revision = contact.revision + 1;
    let row = focal_point_contact::ActiveModel {
        focal_point_id: Set(of.id),
        email: Set(email),
        phone: Set(phone),
        revision: Set(revision),
        updated_at: Set(tx.now()),
    };
    tx.put_secret::<Entity, Contacts>(grant, of, row).await?;
    Ok(revision)
}
