use sea_orm::{Condition, ExprTrait, Select, entity::prelude::*, sea_query::Query};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::{objective_cluster, objective_sdg_target};
use crate::{
    auth::Audience,
    clock::Timestamp,
    kind::Kind,
    store::{ExternalId, Provenance, Tracked},
    text::{Items, LocalizedText},
};

pub type Title = LocalizedText<300>;
pub type Summary = LocalizedText<2000>;
pub type Note = LocalizedText<4000>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
#[serde(default)]
#[sea_orm(table_name = "objective")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub revision: i64,
    pub audience: Audience,
    pub owner_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub archived_at: Option<Timestamp>,
    pub provenance: Provenance,
    pub external_ids: Items<ExternalId>,
    pub number: i16,
    pub title: Title,
    pub short_title: Title,
    pub summary: Summary,
    pub actions: Items<ObjectiveAction>,
    pub clusters: Items<ObjectiveCluster>,
    pub sdg_target_codes: Items<String>,
    pub national_lead_id: Option<Uuid>,
    pub national_note: Option<Note>,
}

/// What the contract says of a number that names an objective.
pub struct ObjectiveNumber;

impl PartialSchema for ObjectiveNumber {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)));
        number.minimum(Some(1)).maximum(Some(23)).examples([6]).into()
    }
}

impl ToSchema for ObjectiveNumber {}

/// What the contract says of a code that names an action.
pub struct ActionCode;

impl PartialSchema for ActionCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[0-9]{1,2}\.[a-z]$")).examples(["6.c"]).into()
    }
}

impl ToSchema for ActionCode {}

/// What the contract says of a code that names a target of the Sustainable Development Goals.
pub struct SdgTargetCode;

impl PartialSchema for SdgTargetCode {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[0-9]{1,2}\.[0-9a-z]{1,2}$")).examples(["10.7"]).into()
    }
}

impl ToSchema for SdgTargetCode {}

/// One lettered action of an objective.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ObjectiveAction {
    /// Number of the objective and letter of the action.
    #[schema(examples("6.c"), pattern = "^[0-9]{1,2}\\.[a-z]$")]
    pub code: String,
    /// What the action is about, in our own words; not the text of the resolution.
    pub label: LocalizedText<300>,
}

/// The group that an objective belongs to within one scheme of grouping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ObjectiveCluster {
    /// The scheme, one of `GET /v1/cluster-schemes`, such as the round tables of the International Migration Review Forum.
    #[schema(examples("imrf_round_tables"))]
    pub scheme: String,
    /// Number of the cluster within its scheme.
    #[schema(minimum = 1, examples(3))]
    pub number: i16,
    /// Title of the cluster.
    pub title: LocalizedText<300>,
    /// Whether both the title and the membership were found in a source; otherwise they are from memory.
    pub verified: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Tracked for Entity {
    const KIND: Kind = Kind::Objective;
    const KEY: Column = Column::Number;
    const LOCALIZED: &'static [Column] = &[Column::Title, Column::ShortTitle, Column::Summary, Column::NationalNote];

    fn owner(_row: &Model) -> Option<Uuid> {
        None
    }

    fn search_text(row: &Model) -> String {
        let texts = row.title.values().chain(row.short_title.values()).chain(row.summary.values());
        let notes = row.national_note.iter().flat_map(LocalizedText::values);
        let actions = row.actions.0.iter().flat_map(|action| action.label.values());
        texts.chain(notes).chain(actions).collect::<Vec<_>>().join("\n")
    }
}

impl Entity {
    /// Not archived objectives that this organization leads.
    pub fn led_by(organization: Uuid) -> Select<Self> {
        Self::find().filter(Column::NationalLeadId.eq(organization)).filter(Column::ArchivedAt.is_null())
    }

    pub fn by_number(number: i16) -> Select<Self> {
        Self::find().filter(Column::Number.eq(number))
    }

    pub fn all() -> Select<Self> {
        Self::find()
    }
}

/// Linked to one of these SDG targets.
pub fn with_sdg_target(codes: Vec<String>) -> Condition {
    use objective_sdg_target::{Column as Target, Entity as Targets};

    let links = Query::select()
        .column(Target::ObjectiveId)
        .from(Targets)
        .and_where(Expr::col((Targets, Target::ObjectiveId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Targets, Target::Code)).is_in(codes))
        .to_owned();
    Condition::all().add(Expr::exists(links))
}

/// In one of these clusters: of a whole scheme, or of one number within it.
pub fn in_clusters(schemes: Vec<String>, numbered: Vec<(String, i16)>) -> Condition {
    use objective_cluster::{Column as Cluster, Entity as Clusters};

    let pair = Expr::tuple([Expr::col((Clusters, Cluster::Scheme)), Expr::col((Clusters, Cluster::Number))]);
    let mut either = Condition::any().add(Expr::col((Clusters, Cluster::Scheme)).is_in(schemes));
    if !numbered.is_empty() {
        either = either.add(pair.in_tuples(numbered));
    }
    let links = Query::select()
        .column(Cluster::ObjectiveId)
        .from(Clusters)
        .and_where(Expr::col((Clusters, Cluster::ObjectiveId)).equals((Entity, Column::Id)))
        .cond_where(either)
        .to_owned();
    Condition::all().add(Expr::exists(links))
}
