//! The repositories on a file, with the shipped migrations.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::thread;

use plans::{
    Action, ActionArguments, ActionArgumentsArgType, ActionInvariants, ActionsState,
    CorrectionAttempts, CorrectionAttemptsMode, CorrectionAttemptsState, Decisions, Error, Json,
    Kind, NewActionArguments, NewActionInvariants, NewActions, NewCorrectionAttempts, NewDecisions,
    NewPlanArguments, NewPlanInvariants, NewPlanProjects, NewV3Plans, Plan, PlanArguments,
    PlanInvariants, PlanInvariantsSourceScope, PlanProjects, UlidText, V3PlansPhase,
    V3PlansProcessingState, actions, corrections, decisions, id, open, plans as repository, utc,
};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

fn fresh() -> (TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("plans.db")).unwrap();
    (folder, db)
}

fn action(name: &str) -> Action {
    let mut action = Action::from(NewActions {
        namespaced_name: format!("docs/{name}"),
        namespace: "docs".to_owned(),
        name: name.to_owned(),
        created_at: utc(),
        updated_at: utc(),
    });
    action.row.tags_json = Some(Json(json!(["a", {"b": null}])));
    action.arguments = vec![argument("pages", 0), argument("depth", 1)];
    action.invariants = vec![invariant("nothing is lost", 0)];
    action
}

fn argument(name: &str, position: i64) -> ActionArguments {
    ActionArguments {
        default_value_json: Some(Json(json!(3))),
        min_value: Some(0.5),
        ..NewActionArguments {
            action_name: "some other action's".to_owned(),
            name: name.to_owned(),
            arg_type: ActionArgumentsArgType::Integer,
            position,
        }
        .into()
    }
}

fn invariant(text: &str, position: i64) -> ActionInvariants {
    ActionInvariants::from(NewActionInvariants {
        action_name: String::new(),
        invariant_text: text.to_owned(),
        position,
        created_at: utc(),
    })
}

fn plan(parent: Option<UlidText>) -> Plan {
    let plan_id = id();
    let mut plan = Plan::from(NewV3Plans {
        plan_id,
        root_plan_id: plan_id,
        namespaced_name: format!("docs/{}", plan_id.0),
        namespace: "docs".to_owned(),
        processing_state: V3PlansProcessingState::Queued,
        created_at: utc(),
        updated_at: utc(),
    });
    plan.row.parent_plan_id = parent;
    plan.projects = ["site", "app"].map(|name| project(name)).into();
    plan.arguments = vec![PlanArguments {
        value_json: Some(Json(json!("main"))),
        ..NewPlanArguments {
            plan_id,
            name: "branch".to_owned(),
            position: 0,
        }
        .into()
    }];
    plan.invariants = [None, Some(1), Some(2)]
        .map(|position| held(position))
        .into();
    plan
}

fn project(name: &str) -> PlanProjects {
    PlanProjects::from(NewPlanProjects {
        plan_id: id(),
        project_name: name.to_owned(),
        created_at: utc(),
    })
}

fn held(position: Option<i64>) -> PlanInvariants {
    PlanInvariants {
        position,
        ..NewPlanInvariants {
            plan_id: id(),
            invariant_text: format!("holds {position:?}"),
            source_scope: PlanInvariantsSourceScope::Project,
            created_at: utc(),
        }
        .into()
    }
}

fn decision(plan_id: UlidText) -> Decisions {
    Decisions::from(NewDecisions {
        decision_id: id(),
        plan_id,
        kind: "design".to_owned(),
        question: "which way?".to_owned(),
        created_at: utc(),
    })
}

fn attempt(db: &mut Connection) -> CorrectionAttempts {
    let plan = repository::create(db, plan(None)).unwrap();
    let decision = decision(plan.row.plan_id);
    decisions::create(db, &decision).unwrap();
    let new = NewCorrectionAttempts {
        correction_attempt_id: id(),
        plan_id: plan.row.plan_id,
        original_decision_id: decision.decision_id,
        mode: CorrectionAttemptsMode::Append,
        guidance: "shorter".to_owned(),
        created_at: utc(),
    };
    corrections::create(db, new).unwrap()
}

#[test]
fn an_action_is_read_as_it_was_written() {
    let (_folder, mut db) = fresh();
    let written = actions::create(&mut db, action("review")).unwrap();
    assert_eq!(written.row.state, ActionsState::Available);
    let names = written.arguments.iter().map(|row| row.action_name.as_str());
    assert!(names.eq(["docs/review", "docs/review"]));
    assert_eq!(actions::get(&mut db, "docs/review").unwrap(), written);
    let archived = actions::create(&mut db, {
        let mut other = action("old");
        other.row.state = ActionsState::Archived;
        other
    });
    let archived = archived.unwrap();
    let found = actions::by_state(&mut db, ActionsState::Available).unwrap();
    assert_eq!(found, [written.clone()]);
    let found = actions::by_namespace(&mut db, "docs").unwrap();
    assert_eq!(found, [archived, written]);
}

#[test]
fn an_action_is_changed_with_its_parts() {
    let (_folder, mut db) = fresh();
    let other = actions::create(&mut db, action("other")).unwrap();
    let mut changed = actions::create(&mut db, action("review")).unwrap();
    changed.row.description = Some("what it is".to_owned());
    changed.arguments.remove(0);
    changed.arguments.push(argument("style", 2));
    changed.invariants.clear();
    let before = changed.row.updated_at.clone();
    let changed = actions::update(&mut db, changed).unwrap();
    assert!(changed.row.updated_at >= before);
    assert_eq!(actions::get(&mut db, "docs/review").unwrap(), changed);
    assert_eq!(actions::get(&mut db, "docs/other").unwrap(), other);
}

#[test]
fn what_is_refused_has_changed_nothing() {
    let (_folder, mut db) = fresh();
    let stored = actions::create(&mut db, action("review")).unwrap();
    let again = actions::create(&mut db, action("review")).unwrap_err();
    assert_eq!(
        again.to_string(),
        "action docs/review is there already, or has a part twice"
    );
    let mut twice = stored.clone();
    twice.row.description = Some("changed".to_owned());
    twice.arguments = vec![argument("pages", 0), argument("pages", 1)];
    let error = actions::update(&mut db, twice).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Exists {
                kind: Kind::Action,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(actions::get(&mut db, "docs/review").unwrap(), stored);
    let error = actions::update(&mut db, action("absent")).unwrap_err();
    assert_eq!(error.to_string(), "there is no action docs/absent");
    let error = actions::get(&mut db, "docs/absent").unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotFound {
                kind: Kind::Action,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_plan_is_read_as_it_was_written() {
    let (_folder, mut db) = fresh();
    let written = repository::create(&mut db, plan(None)).unwrap();
    assert_eq!(written.row.root_plan_id, written.row.plan_id);
    assert_eq!(written.row.phase, V3PlansPhase::Action);
    assert_eq!(written.row.effective_profile_snapshot, Json(json!({})));
    assert_eq!(
        repository::get(&mut db, written.row.plan_id).unwrap(),
        written
    );
    let mut done = plan(None);
    done.row.processing_state = V3PlansProcessingState::Complete;
    let done = repository::create(&mut db, done).unwrap();
    let found = repository::by_state(&mut db, V3PlansProcessingState::Complete).unwrap();
    assert_eq!(found, [done]);
    let found = repository::by_state(&mut db, V3PlansProcessingState::Queued).unwrap();
    assert_eq!(found, [written]);
}

#[test]
fn a_plan_is_changed_with_its_parts_and_stays_in_its_tree() {
    let (_folder, mut db) = fresh();
    let root = repository::create(&mut db, plan(None)).unwrap();
    let mut changed = repository::create(&mut db, plan(Some(root.row.plan_id))).unwrap();
    changed.row.phase = V3PlansPhase::Applied;
    changed.projects = vec![project("docs")];
    changed.arguments.clear();
    changed.invariants.remove(1);
    changed.row.root_plan_id = changed.row.plan_id;
    let changed = repository::update(&mut db, changed).unwrap();
    assert_eq!(changed.row.root_plan_id, root.row.plan_id);
    assert_eq!(
        repository::get(&mut db, changed.row.plan_id).unwrap(),
        changed
    );
    assert_eq!(repository::get(&mut db, root.row.plan_id).unwrap(), root);

    let mut moved = changed.clone();
    moved.row.parent_plan_id = None;
    let error = repository::update(&mut db, moved).unwrap_err();
    assert!(matches!(error, Error::Moved { .. }), "{error}");
    let mut dangling = changed.clone();
    dangling.row.action_name = Some("docs/absent".to_owned());
    let error = repository::update(&mut db, dangling).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Dangling {
                kind: Kind::Plan,
                ..
            }
        ),
        "{error}"
    );
    let error = repository::create(&mut db, plan(Some(id()))).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotFound {
                kind: Kind::Plan,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        repository::get(&mut db, changed.row.plan_id).unwrap(),
        changed
    );
}

#[test]
fn a_tree_has_each_plan_before_those_below_it() {
    let (_folder, mut db) = fresh();
    let mut made = |parent: Option<&Plan>| {
        let parent = parent.map(|plan| plan.row.plan_id);
        repository::create(&mut db, plan(parent)).unwrap()
    };
    let root = made(None);
    let (one, two) = (made(Some(&root)), made(Some(&root)));
    let (below_two, below_one) = (made(Some(&two)), made(Some(&one)));
    let deep = made(Some(&below_one));
    made(None);
    assert_eq!(deep.row.root_plan_id, root.row.plan_id);
    let mut tree = |of: &Plan| -> Vec<(usize, Plan)> {
        let found = repository::tree(&mut db, of.row.plan_id).unwrap();
        found
            .into_iter()
            .map(|branch| (branch.depth, branch.plan))
            .collect()
    };
    // Those of the same millisecond are in the order of their keys.
    let branch_one = [(1, one.clone()), (2, below_one), (3, deep)];
    let branch_two = [(1, two.clone()), (2, below_two)];
    let one_first = (&one.row.created_at, one.row.plan_id) < (&two.row.created_at, two.row.plan_id);
    let expected: Vec<(usize, Plan)> = if one_first {
        [(0, root.clone())]
            .into_iter()
            .chain(branch_one)
            .chain(branch_two.clone())
            .collect()
    } else {
        [(0, root.clone())]
            .into_iter()
            .chain(branch_two.clone())
            .chain(branch_one)
            .collect()
    };
    assert_eq!(tree(&root), expected);
    let expected: Vec<(usize, Plan)> = branch_two
        .into_iter()
        .map(|(depth, plan)| (depth - 1, plan))
        .collect();
    assert_eq!(tree(&two), expected);
    assert!(matches!(
        repository::tree(&mut db, id()),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn decisions_are_kept_and_changed() {
    let (_folder, mut db) = fresh();
    let plan = repository::create(&mut db, plan(None)).unwrap().row.plan_id;
    let mut decided = decision(plan);
    decisions::create(&mut db, &decided).unwrap();
    let followed = Decisions {
        parent_decision_id: Some(decided.decision_id),
        created_at: "9999".to_owned(),
        ..decision(plan)
    };
    decisions::create(&mut db, &followed).unwrap();
    decided.superseded_at = Some(utc());
    decisions::update(&mut db, &decided).unwrap();
    assert_eq!(decisions::get(&db, decided.decision_id).unwrap(), decided);
    assert_eq!(
        decisions::of_plan(&db, plan).unwrap(),
        [decided.clone(), followed]
    );
    assert_eq!(decisions::of_plan(&db, id()).unwrap(), []);

    let error = decisions::create(&mut db, &decided).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Exists {
                kind: Kind::Decision,
                ..
            }
        ),
        "{error}"
    );
    let error = decisions::create(&mut db, &decision(id())).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Dangling {
                kind: Kind::Decision,
                ..
            }
        ),
        "{error}"
    );
    let error = decisions::update(&mut db, &decision(plan)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NotFound {
                kind: Kind::Decision,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_correction_attempt_goes_one_way_only() {
    use CorrectionAttemptsState as State;
    let moves = |db: &mut Connection, id, to| match to {
        State::Pending => unreachable!("nothing becomes pending"),
        State::Executing => corrections::start(db, id),
        State::Complete => corrections::complete(db, id, None),
        State::Failed => corrections::fail(db, id),
    };
    let (_folder, mut db) = fresh();
    for from in [
        State::Pending,
        State::Executing,
        State::Complete,
        State::Failed,
    ] {
        for to in [State::Executing, State::Complete, State::Failed] {
            let new = attempt(&mut db);
            assert_eq!(new.state, State::Pending);
            let id = new.correction_attempt_id;
            let path: &[State] = match from {
                State::Pending => &[],
                State::Executing => &[State::Executing],
                ended => &[State::Executing, ended],
            };
            for &step in path {
                moves(&mut db, id, step).unwrap();
            }
            let before = corrections::get(&db, id).unwrap();
            assert_eq!(before.completed_at.is_some(), path.len() == 2);
            let allowed = matches!(
                (from, to),
                (State::Pending, State::Executing)
                    | (State::Executing, State::Complete | State::Failed)
            );
            match moves(&mut db, id, to) {
                Ok(after) if allowed => {
                    assert_eq!(after.state, to);
                    assert_eq!(corrections::get(&db, id).unwrap(), after);
                }
                Err(Error::Transition {
                    from: was,
                    to: wanted,
                    ..
                }) if !allowed => {
                    assert_eq!((was, wanted), (from, to));
                    assert_eq!(corrections::get(&db, id).unwrap(), before);
                }
                other => panic!("{from:?} to {to:?}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_correction_leads_to_its_decision() {
    let (_folder, mut db) = fresh();
    let new = attempt(&mut db);
    let (id, plan) = (new.correction_attempt_id, new.plan_id);
    assert_eq!(corrections::of_plan(&db, plan).unwrap(), [new.clone()]);
    let started = corrections::start(&mut db, id).unwrap();
    let executing = CorrectionAttemptsState::Executing;
    assert_eq!(
        corrections::by_state(&db, executing).unwrap(),
        [started.clone()]
    );
    let error = corrections::complete(&mut db, id, Some(plans::id())).unwrap_err();
    assert!(matches!(error, Error::Dangling { .. }), "{error}");
    assert_eq!(corrections::get(&db, id).unwrap(), started);
    let decided = decision(plan);
    decisions::create(&mut db, &decided).unwrap();
    let done = corrections::complete(&mut db, id, Some(decided.decision_id)).unwrap();
    assert_eq!(done.new_decision_id, Some(decided.decision_id));
    let error = corrections::fail(&mut db, id).unwrap_err().to_string();
    let expected = format!(
        "correction attempt {} is complete, and cannot become failed",
        id.0
    );
    assert_eq!(error, expected);
    assert!(matches!(
        corrections::start(&mut db, plans::id()),
        Err(Error::NotFound { .. })
    ));
}

#[test]
fn of_many_that_start_the_same_attempt_one_does() {
    let (folder, mut db) = fresh();
    let id = attempt(&mut db).correction_attempt_id;
    let file = folder.path().join("plans.db");
    let starts = || {
        let mut db = open(&file).unwrap();
        match corrections::start(&mut db, id) {
            Ok(_) => 1,
            Err(Error::Transition { .. }) => 0,
            Err(other) => panic!("{other}"),
        }
    };
    let started: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(starts)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(started, 1);
}

#[test]
fn a_value_that_the_spec_does_not_list_is_an_error() {
    let (_folder, mut db) = fresh();
    let plan = repository::create(&mut db, plan(None)).unwrap();
    db.pragma_update(None, "ignore_check_constraints", true)
        .unwrap();
    db.execute("UPDATE v3_plans SET phase = 'lost'", [])
        .unwrap();
    let error = repository::get(&mut db, plan.row.plan_id)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("v3_plans.phase holds \"lost\", which is none of its values"),
        "{error}"
    );
}
