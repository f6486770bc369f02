//! Round trips through the repositories (create, read back, compare), beside the same statements by hand: structs of plain
//! texts and numbers, `prepare_cached`, `params!` and `row.get`.
//!
//! ```text
//! cargo bench -p planctl-plans -- [--quick] [--rounds N] [--rows N]
//! ```
//!
//! Each contestant has a file of its own, made by the same migrations, and they take turns. Neither waits for the disk
//! (`synchronous = OFF`): that would hide what is compared. CPU time is that of the thread.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench fails by panicking"
)]

#[rustfmt::skip]
#[path = "../../../benches/support/within.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "each benchmark uses a part of it"
)]
mod within;

use std::path::Path;
use std::time::Duration;

use plans::{
    Action, ActionArguments, ActionArgumentsArgType, ActionInvariants, Json, NewActionArguments,
    NewActionInvariants, NewActions, NewPlanArguments, NewPlanInvariants, NewPlanProjects,
    NewV3Plans, Plan, PlanArguments, PlanInvariants, PlanInvariantsSourceScope, PlanProjects,
    V3PlansProcessingState, actions, id, open, utc,
};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};
use serde_json::json;
use within::{Pair, took};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok())
            .unwrap_or(default)
    };
    let rounds = number("--rounds", if quick { 3 } else { 15 });
    let rows = number("--rows", if quick { 200 } else { 2_000 });
    println!("{rows} round trips a round, {rounds} rounds; CPU time");
    println!(
        "{:<34} {:>9} {:>12} {:>19}",
        "round trip of", "by hand", "repository", "ratio"
    );
    let size = Size { rounds, rows };
    for (name, arguments, invariants) in
        [("an action", 0, 0), ("an action with 10 arguments", 10, 2)]
    {
        compared(
            name,
            size,
            (
                || by_hand::new_action(arguments, invariants),
                by_hand::action,
            ),
            (
                || action(arguments, invariants),
                |db: &mut Connection, action| {
                    let stored = actions::create(db, action).unwrap();
                    assert!(actions::get(db, &stored.row.namespaced_name).unwrap() == stored);
                },
            ),
        );
    }
    compared(
        "a plan with 8 parts",
        size,
        (by_hand::new_plan, by_hand::plan),
        (plan, |db: &mut Connection, plan| {
            let stored = plans::plans::create(db, plan).unwrap();
            assert!(plans::plans::get(db, stored.row.plan_id).unwrap() == stored);
        }),
    );
}

#[derive(Clone, Copy)]
struct Size {
    rounds: usize,
    rows: usize,
}

/// Each side makes what it is to write, and then is measured.
fn compared<H, T>(
    name: &str,
    Size { rounds, rows }: Size,
    (new_by_hand, by_hand): (impl Fn() -> H, impl Fn(&mut Connection, H)),
    (new, repository): (impl Fn() -> T, impl Fn(&mut Connection, T)),
) {
    let folder = tempfile::tempdir().unwrap();
    let mut one = without_disk(&folder.path().join("by_hand.db"));
    let mut two = without_disk(&folder.path().join("repository.db"));
    let pair = Pair::in_turns(
        rounds,
        || {
            let made: Vec<H> = (0..rows).map(|_| new_by_hand()).collect();
            took(|| made.into_iter().for_each(|row| by_hand(&mut one, row)))
        },
        || {
            let made: Vec<T> = (0..rows).map(|_| new()).collect();
            took(|| made.into_iter().for_each(|row| repository(&mut two, row)))
        },
    );
    let (floor, measured) = pair.medians(|took| took.cpu);
    let [low, middle, high] = pair.ratios(|took| took.cpu);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / rows as f64;
    println!(
        "{name:<34} {:>6.1} µs {:>9.1} µs   {middle:.2} ({low:.2}–{high:.2})",
        each(floor),
        each(measured)
    );
}

fn without_disk(file: &Path) -> Connection {
    let db = open(file).unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    db.pragma_update(None, "journal_mode", "MEMORY").unwrap();
    db
}

fn action(arguments: usize, invariants: usize) -> Action {
    let name = id().0.to_string();
    let mut action = Action::from(NewActions {
        namespaced_name: format!("bench/{name}"),
        namespace: "bench".to_owned(),
        name: name.clone(),
        created_at: utc(),
        updated_at: utc(),
    });
    action.row.description = Some("What a round trip costs".to_owned());
    action.row.tags_json = Some(Json(json!(["bench", "round trip"])));
    for (at, position) in (0..arguments).zip(0..) {
        action.arguments.push(ActionArguments {
            default_value_json: Some(Json(json!(at))),
            min_value: Some(0.5),
            ..NewActionArguments {
                action_name: name.clone(),
                name: format!("argument {at}"),
                arg_type: ActionArgumentsArgType::Integer,
                position,
            }
            .into()
        });
    }
    for (at, position) in (0..invariants).zip(0..) {
        action
            .invariants
            .push(ActionInvariants::from(NewActionInvariants {
                action_name: name.clone(),
                invariant_text: format!("nothing is lost, {at}"),
                position,
                created_at: utc(),
            }));
    }
    action
}

fn plan() -> Plan {
    let plan_id = id();
    let mut plan = Plan::from(NewV3Plans {
        plan_id,
        root_plan_id: plan_id,
        namespaced_name: format!("bench/{}", plan_id.0),
        namespace: "bench".to_owned(),
        processing_state: V3PlansProcessingState::Queued,
        created_at: utc(),
        updated_at: utc(),
    });
    plan.row.effective_profile_snapshot = Json(json!({"profile_name": "balanced", "steps": 3}));
    plan.row.tags_json = Some(Json(json!(["bench", "round trip"])));
    for at in 0..2 {
        plan.projects.push(PlanProjects::from(NewPlanProjects {
            plan_id,
            project_name: format!("project {at}"),
            created_at: utc(),
        }));
    }
    for position in 0..3 {
        plan.arguments.push(PlanArguments {
            value_json: Some(Json(json!("main"))),
            value_type: Some("string".to_owned()),
            ..NewPlanArguments {
                plan_id,
                name: format!("argument {position}"),
                position,
            }
            .into()
        });
    }
    for position in 0..3 {
        plan.invariants.push(PlanInvariants {
            position: Some(position),
            ..NewPlanInvariants {
                plan_id,
                invariant_text: format!("nothing is lost, {position}"),
                source_scope: PlanInvariantsSourceScope::Plan,
                created_at: utc(),
            }
            .into()
        });
    }
    plan
}

/// What somebody writes who has no generator: texts and numbers, and a statement for each thing to do.
mod by_hand {
    use super::*;

    type Text = String;
    type Perhaps = Option<String>;

    macro_rules! rows {
        ($row:ident in $table:literal by $key:literal:
            $first:ident $first_type:ty, $($column:ident $type:ty),+) => {
            #[derive(PartialEq, Default)]
            pub struct $row {
                $first: $first_type,
                $($column: $type),+
            }

            impl $row {
                const INSERT: &str = concat!(
                    "INSERT INTO ", $table, " (", stringify!($first), $(", ", stringify!($column),)+
                    ") VALUES (?", $(rows!(@mark $column),)+ ")"
                );
                const SELECT: &str = concat!(
                    "SELECT ", stringify!($first), $(", ", stringify!($column),)+
                    " FROM ", $table, " WHERE ", $key
                );

                fn insert(&self, db: &Transaction<'_>) -> i64 {
                    let mut statement = db.prepare_cached(Self::INSERT).unwrap();
                    statement.execute(params![self.$first, $(self.$column),+]).unwrap();
                    db.last_insert_rowid()
                }

                fn read(row: &Row<'_>) -> rusqlite::Result<$row> {
                    let mut at = 0;
                    let $first = row.get(0)?;
                    $(at += 1; let $column = row.get(at)?;)+
                    Ok($row { $first, $($column),+ })
                }

                fn select(db: &Transaction<'_>, key: &str) -> Vec<$row> {
                    let mut statement = db.prepare_cached(Self::SELECT).unwrap();
                    let rows = statement.query_map([key], Self::read).unwrap();
                    rows.collect::<rusqlite::Result<_>>().unwrap()
                }
            }
        };
        (@mark $column:ident) => { ", ?" };
    }

    rows! { ActionRow in "actions" by "namespaced_name = ?":
        namespaced_name Text, namespace Text, name Text, strategy_actor Perhaps, execution_actor Perhaps,
        review_actor Perhaps, apply_actor Perhaps, estimation_actor Perhaps, invariant_actor Perhaps, state Text,
        description Perhaps, long_description Perhaps, definition_of_done Perhaps, automation_profile Perhaps,
        reusable i64, read_only i64, inputs_schema_json Perhaps, tags_json Perhaps, created_by Perhaps,
        created_at Text, updated_at Text
    }
    rows! { ActionArgument in "action_arguments" by "action_name = ? ORDER BY position, rowid":
        action_name Text, name Text, arg_type Text, requirement Perhaps, description Perhaps,
        default_value_json Perhaps, min_value Option<f64>, max_value Option<f64>, validation_pattern Perhaps,
        position i64, rowid Option<i64>
    }
    rows! { ActionInvariant in "action_invariants" by "action_name = ? ORDER BY position, rowid":
        action_name Text, invariant_text Text, position i64, created_at Text, rowid Option<i64>
    }
    rows! { PlanRow in "v3_plans" by "plan_id = ?":
        plan_id Text, parent_plan_id Perhaps, root_plan_id Text, attempt i64, namespaced_name Text, namespace Text,
        description Perhaps, definition_of_done Perhaps, phase Text, processing_state Text,
        strategize_started_at Perhaps, execute_started_at Perhaps, apply_started_at Perhaps, created_at Text,
        updated_at Text, completed_at Perhaps, applied_at Perhaps, action_name Perhaps, automation_profile Text,
        effective_profile_snapshot Text, strategy_actor Perhaps, execution_actor Perhaps, estimation_actor Perhaps,
        invariant_actor Perhaps, review_actor Perhaps, apply_actor Perhaps, read_only i64, reusable i64,
        inputs_schema_json Perhaps, created_by Perhaps, tags_json Perhaps, changeset_id Perhaps,
        sandbox_refs_json Perhaps, validation_summary_json Perhaps, decision_root_id Perhaps,
        error_message Perhaps, error_details_json Perhaps
    }
    rows! { PlanProject in "plan_projects" by "plan_id = ? ORDER BY rowid":
        plan_id Text, project_name Text, alias Perhaps, read_only i64, created_at Text, rowid Option<i64>
    }
    rows! { PlanArgument in "plan_arguments" by "plan_id = ? ORDER BY position, rowid":
        plan_id Text, name Text, value_json Perhaps, value_type Perhaps, position i64, rowid Option<i64>
    }
    rows! { PlanInvariant in "plan_invariants" by "plan_id = ? ORDER BY position, rowid":
        plan_id Text, invariant_text Text, source_scope Text, position Option<i64>, created_at Text,
        rowid Option<i64>
    }

    pub type ActionRows = (ActionRow, Vec<ActionArgument>, Vec<ActionInvariant>);
    pub type PlanRows = (
        PlanRow,
        Vec<PlanProject>,
        Vec<PlanArgument>,
        Vec<PlanInvariant>,
    );

    pub fn new_action(arguments: usize, invariants: usize) -> ActionRows {
        let name = id().0.to_string();
        let action = ActionRow {
            namespaced_name: format!("bench/{name}"),
            namespace: "bench".to_owned(),
            name,
            state: "available".to_owned(),
            description: Some("What a round trip costs".to_owned()),
            reusable: 1,
            tags_json: Some(r#"["bench","round trip"]"#.to_owned()),
            created_at: utc(),
            updated_at: utc(),
            ..Default::default()
        };
        let argument = |(at, position)| ActionArgument {
            action_name: action.namespaced_name.clone(),
            name: format!("argument {at}"),
            arg_type: "integer".to_owned(),
            default_value_json: Some(format!("{at}")),
            min_value: Some(0.5),
            position,
            ..Default::default()
        };
        let invariant = |(at, position)| ActionInvariant {
            action_name: action.namespaced_name.clone(),
            invariant_text: format!("nothing is lost, {at}"),
            position,
            created_at: utc(),
            ..Default::default()
        };
        let arguments = (0..arguments).zip(0..).map(argument).collect();
        let invariants = (0..invariants).zip(0..).map(invariant).collect();
        (action, arguments, invariants)
    }

    pub fn action(db: &mut Connection, (action, mut arguments, mut invariants): ActionRows) {
        let writing = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        action.insert(&writing);
        for row in &mut arguments {
            row.rowid = Some(row.insert(&writing));
        }
        for row in &mut invariants {
            row.rowid = Some(row.insert(&writing));
        }
        writing.commit().unwrap();
        let reading = db.transaction().unwrap();
        let key = action.namespaced_name.as_str();
        let found = ActionRow::select(&reading, key).pop().unwrap();
        let found_arguments = ActionArgument::select(&reading, key);
        let found_invariants = ActionInvariant::select(&reading, key);
        reading.commit().unwrap();
        assert!((found, found_arguments, found_invariants) == (action, arguments, invariants));
    }

    pub fn new_plan() -> PlanRows {
        let plan_id = id().0.to_string();
        let plan = PlanRow {
            plan_id: plan_id.clone(),
            root_plan_id: plan_id.clone(),
            attempt: 1,
            namespaced_name: format!("bench/{plan_id}"),
            namespace: "bench".to_owned(),
            phase: "action".to_owned(),
            processing_state: "queued".to_owned(),
            created_at: utc(),
            updated_at: utc(),
            automation_profile: "balanced".to_owned(),
            effective_profile_snapshot: r#"{"profile_name":"balanced","steps":3}"#.to_owned(),
            reusable: 1,
            tags_json: Some(r#"["bench","round trip"]"#.to_owned()),
            ..Default::default()
        };
        let project = |at| PlanProject {
            plan_id: plan_id.clone(),
            project_name: format!("project {at}"),
            created_at: utc(),
            ..Default::default()
        };
        let argument = |position| PlanArgument {
            plan_id: plan_id.clone(),
            name: format!("argument {position}"),
            value_json: Some(r#""main""#.to_owned()),
            value_type: Some("string".to_owned()),
            position,
            ..Default::default()
        };
        let invariant = |position| PlanInvariant {
            plan_id: plan_id.clone(),
            invariant_text: format!("nothing is lost, {position}"),
            source_scope: "plan".to_owned(),
            position: Some(position),
            created_at: utc(),
            ..Default::default()
        };
        let projects = (0..2).map(project).collect();
        let arguments = (0..3).map(argument).collect();
        (plan, projects, arguments, (0..3).map(invariant).collect())
    }

    pub fn plan(db: &mut Connection, rows: PlanRows) {
        let (plan, mut projects, mut arguments, mut invariants) = rows;
        let writing = db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        plan.insert(&writing);
        for row in &mut projects {
            row.rowid = Some(row.insert(&writing));
        }
        for row in &mut arguments {
            row.rowid = Some(row.insert(&writing));
        }
        for row in &mut invariants {
            row.rowid = Some(row.insert(&writing));
        }
        writing.commit().unwrap();
        let reading = db.transaction().unwrap();
        let key = plan.plan_id.as_str();
        let found = (
            PlanRow::select(&reading, key).pop().unwrap(),
            PlanProject::select(&reading, key),
            PlanArgument::select(&reading, key),
            PlanInvariant::select(&reading, key),
        );
        reading.commit().unwrap();
        assert!(found == (plan, projects, arguments, invariants));
    }
}
