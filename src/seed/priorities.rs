//! What became of the priorities of the demo: the words of those who decide, what is said about them, and how far they came.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    auth::{Action, Subject},
    entity::{
        comment::{self, Body, CommentState, CommentedKind},
        endorsement::{self, EndorsedKind, EndorsementDecision, Remark},
        priority::{Act, Authority, Entity, Model, PriorityState},
    },
    features::{
        discussion::comments::inputs::NewComment,
        prioritization::{endorsements::inputs::NewEndorsement, priorities::inputs::PriorityPatch},
        transitions, writing,
    },
    http::context::Here,
    kind::Kind,
    problem::Problem,
    store::{Tracked, Tx},
    text::Text,
};

/// How a priority goes on from its proposal. Whoever is asked and not named here endorses it.
#[derive(Deserialize)]
pub(super) struct Course {
    state: PriorityState,
    /// Why it was agreed against a voice, or withdrawn.
    reason: Option<Text<1000>>,
    adoption_act: Option<SeedAct>,
    #[serde(default)]
    objected: BTreeMap<String, Remark>,
    #[serde(default)]
    abstained: Vec<String>,
    #[serde(default)]
    silent: Vec<String>,
    #[serde(default)]
    comments: Vec<SeedComment>,
}

/// An act of the day on which the demo is entered: an earlier one would be older than what it adopts.
#[derive(Deserialize)]
struct SeedAct {
    number: Text<100>,
    authority: Authority,
}

#[derive(Deserialize)]
struct SeedComment {
    body: Body,
    #[serde(default)]
    answers: Vec<Body>,
    #[serde(default)]
    resolved: bool,
}

impl Course {
    /// What the institution of this code answers; `None`: nothing yet.
    fn word(&self, code: &str) -> Option<(EndorsementDecision, Option<Remark>)> {
        let is_among = |codes: &[String]| codes.iter().any(|named| named == code);
        match self.objected.get(code) {
            Some(remark) => Some((EndorsementDecision::Objected, Some(remark.clone()))),
            None if is_among(&self.silent) => None,
            None if is_among(&self.abstained) => Some((EndorsementDecision::Abstained, None)),
            None => Some((EndorsementDecision::Endorsed, None)),
        }
    }
}

/// Takes the words of these institutions, and the priority as far as it came.
pub(super) async fn run(tx: &mut Tx<'_>, here: &Here, voices: &[(&str, Uuid)], row: Model, course: &Course) -> Result<(), Problem> {
    for (code, organization_id) in voices {
        let Some((decision, comment)) = course.word(code) else { continue };
        let (subject_kind, organization_id) = (EndorsedKind::Priority, *organization_id);
        let word = NewEndorsement { subject_kind, subject_id: row.id, substance: row.substance, organization_id, decision, comment };
        let grant = tx.may(Action::Create, &Subject::new(Kind::Endorsement))?;
        writing::enter::<endorsement::Entity>(tx, here, &grant, word.into()).await?;
    }
    discuss(tx, here, row.id, &course.comments).await?;
    let mut row = row;
    let way: &[PriorityState] = match course.state {
        PriorityState::Proposed => &[],
        PriorityState::Agreed => &[PriorityState::Agreed],
        PriorityState::Adopted => &[PriorityState::Agreed, PriorityState::Adopted],
        PriorityState::Withdrawn => &[PriorityState::Withdrawn],
    };
    for to in way {
        if *to == PriorityState::Adopted {
            row = enact(tx, here, row, course).await?;
        }
        row = transitions::step::<Entity>(tx, here, row, to.name(), course.reason.as_ref()).await?;
    }
    Ok(())
}

async fn enact(tx: &mut Tx<'_>, here: &Here, row: Model, course: &Course) -> Result<Model, Problem> {
    let act = course.adoption_act.as_ref();
    let act = act.map(|act| Act { number: act.number.clone(), date: here.today(), authority: act.authority.clone() });
    let grant = tx.may(Action::Update, &Entity::subject(&row))?;
    writing::change::<Entity>(tx, here, &grant, row, PriorityPatch { adoption_act: Some(act), ..PriorityPatch::default() }).await
}

async fn discuss(tx: &mut Tx<'_>, here: &Here, priority: Uuid, comments: &[SeedComment]) -> Result<(), Problem> {
    for SeedComment { body, answers, resolved } in comments {
        let first = comment(tx, here, priority, None, body).await?;
        for answer in answers {
            comment(tx, here, priority, Some(first.id), answer).await?;
        }
        if *resolved {
            transitions::step::<comment::Entity>(tx, here, first, CommentState::Resolved.name(), None).await?;
        }
    }
    Ok(())
}

async fn comment(tx: &mut Tx<'_>, here: &Here, priority: Uuid, parent_id: Option<Uuid>, body: &Body) -> Result<comment::Model, Problem> {
    let (subject_kind, language) = (CommentedKind::Priority, "en".to_owned());
    let new = NewComment { subject_kind, subject_id: priority, parent_id, body: body.clone(), language };
    let grant = tx.may(Action::Create, &Subject::new(Kind::Comment))?;
    writing::enter::<comment::Entity>(tx, here, &grant, new.into()).await
}
