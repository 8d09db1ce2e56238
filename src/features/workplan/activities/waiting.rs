//! Activities that wait for each other: of one plan, in use, and never in a ring.

use std::collections::HashMap;

use uuid::Uuid;

use super::plan::Frame;
use crate::{
    entity::{
        activity::{Entity, Plan},
        activity_proposal,
    },
    problem::{Fault, FaultCode, Problem},
    store::Tx,
};

/// An activity as the plan will have it, and those that it waits for.
struct Node {
    code: String,
    in_use: bool,
    awaits: Vec<Uuid>,
}

type Nodes = HashMap<Uuid, Node>;

/// What is wrong with the activities that this one is to wait for.
pub(super) async fn faults(
    tx: &Tx<'_>,
    frame: &Frame,
    before: Option<&Plan>,
    plan: &Plan,
    id: Option<Uuid>,
) -> Result<Vec<Fault>, Problem> {
    if plan.depends_on.is_empty() {
        return Ok(Vec::new());
    }
    let nodes = nodes(tx, frame).await?;
    let mut faults = Vec::new();
    for (at, awaited) in plan.depends_on.iter().enumerate() {
        let fault = |code| Fault::at(format!("/depends_on/{at}"), code).with("id", awaited.to_string());
        if Some(*awaited) == id {
            faults.push(fault(FaultCode::DependencyCycle).with("codes", in_words(&[plan.code.as_str(), plan.code.as_str()])));
            continue;
        }
        match nodes.get(awaited) {
            Some(node) if node.in_use || before.is_some_and(|before| before.depends_on.contains(awaited)) => {}
            Some(_) => faults.push(fault(FaultCode::ReferenceArchived)),
            None => {
                let other = tx.find::<Entity>(crate::entity::activity::those_of([*awaited])).await?.is_some();
                faults.push(fault(if other { FaultCode::OfAnotherPlan } else { FaultCode::ReferenceUnknown }));
            }
        }
    }
    if let Some(ring) = id.and_then(|id| ring(&nodes, id, &plan.depends_on)) {
        let codes = ring.iter().filter_map(|id| nodes.get(id)).map(|node| node.code.as_str());
        let own = plan.code.as_str();
        let codes: Vec<_> = std::iter::once(own).chain(codes).chain([own]).collect();
        faults.push(Fault::at("/depends_on", FaultCode::DependencyCycle).with("codes", in_words(&codes)));
    }
    Ok(faults)
}

fn in_words(codes: &[&str]) -> String {
    codes.join(" → ")
}

/// Every activity of the plan, as the proposals of the revision would have it.
async fn nodes(tx: &Tx<'_>, frame: &Frame) -> Result<Nodes, Problem> {
    let mut nodes = Nodes::new();
    for row in tx.all(Entity::of_plan(frame.workplan)).await? {
        let node = Node { code: row.code.as_str().to_owned(), in_use: row.archived_at.is_none(), awaits: row.depends_on.0 };
        nodes.insert(row.id, node);
    }
    let Some(revision) = frame.revision else { return Ok(nodes) };
    for proposal in tx.all(activity_proposal::Entity::of_revision(revision)).await? {
        let Some(node) = nodes.get_mut(&proposal.activity_id) else { continue };
        if proposal.removes {
            node.in_use = false;
        } else {
            let Plan { code, depends_on, .. } = proposal.plan.0;
            (node.code, node.awaits) = (code.as_str().to_owned(), depends_on);
        }
    }
    Ok(nodes)
}

/// A way from these activities to this one, along those that each waits for: every activity is looked at once.
fn ring(nodes: &Nodes, to: Uuid, from: &[Uuid]) -> Option<Vec<Uuid>> {
    let mut came_from: HashMap<Uuid, Option<Uuid>> = HashMap::new();
    let mut open: Vec<Uuid> = Vec::new();
    for start in from.iter().filter(|start| **start != to) {
        if came_from.insert(*start, None).is_none() {
            open.push(*start);
        }
    }
    while let Some(at) = open.pop() {
        let Some(node) = nodes.get(&at).filter(|node| node.in_use) else { continue };
        for next in &node.awaits {
            if *next == to {
                let mut way: Vec<_> = std::iter::successors(Some(at), |at| came_from.get(at).copied().flatten()).collect();
                way.reverse();
                return Some(way);
            }
            if let std::collections::hash_map::Entry::Vacant(place) = came_from.entry(*next) {
                place.insert(Some(at));
                open.push(*next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(awaits: &[u128]) -> Node {
        Node { code: String::new(), in_use: true, awaits: awaits.iter().map(|id| Uuid::from_u128(*id)).collect() }
    }

    fn of(edges: impl IntoIterator<Item = (u128, Vec<u128>)>) -> Nodes {
        edges.into_iter().map(|(id, awaits)| (Uuid::from_u128(id), node(&awaits))).collect()
    }

    #[test]
    fn a_ring_is_told_in_its_order() {
        let nodes = of([(1, vec![]), (2, vec![3, 4]), (3, vec![1]), (4, vec![])]);
        assert_eq!(ring(&nodes, Uuid::from_u128(1), &[Uuid::from_u128(2)]), Some(vec![Uuid::from_u128(2), Uuid::from_u128(3)]));
        assert_eq!(ring(&nodes, Uuid::from_u128(1), &[Uuid::from_u128(4)]), None);
    }

    /// Each of many layers waits for all of the next one: there are more ways than could ever be walked.
    #[test]
    fn many_ways_are_no_more_work_than_many_activities() {
        let layers = 200_u128;
        let layer = |n: u128| if n < layers { vec![2 * n + 2, 2 * n + 3] } else { vec![] };
        let nodes = of((0..=layers).flat_map(|n| [(2 * n, layer(n)), (2 * n + 1, layer(n))]));
        assert_eq!(ring(&nodes, Uuid::from_u128(u128::MAX), &[Uuid::from_u128(0)]), None);
        let long = of((0..100_000).map(|n| (n, vec![n + 1])));
        assert_eq!(ring(&long, Uuid::from_u128(100_000), &[Uuid::from_u128(0)]).map(|way| way.len()), Some(100_000));
    }
}
