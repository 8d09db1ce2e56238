//! The guides as their readers follow them. The TypeScript of the one for front-end teams is run by `.ci/client_story`.

use crate::harness::walkthrough::follow;

#[test]
fn every_command_of_the_guide_prints_what_it_says() {
    let guide = include_str!("../../docs/guides/front-end.md");
    let story = guide.split_once("\n## 1 ").expect("the story has a first step").1;
    let steps = follow(story);
    assert!(steps >= 13, "the guide has {steps} steps");
}

#[test]
fn every_command_from_workshop_to_priorities_prints_what_it_says() {
    let steps = follow(include_str!("../../docs/guides/from-workshop-to-priorities.md"));
    assert!(steps >= 20, "the guide has {steps} steps");
}

#[test]
fn every_command_of_running_the_workplan_prints_what_it_says() {
    let steps = follow(include_str!("../../docs/guides/running-the-workplan.md"));
    assert!(steps >= 20, "the guide has {steps} steps");
}
