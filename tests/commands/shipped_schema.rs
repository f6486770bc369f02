//! The shipped schema through the real binary, with data: up, audit, down, up again, and what stops it.

use std::collections::BTreeMap;

use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::diff::diff;
use planctl::internals::engine;
use planctl::internals::engine::{Access, OpenOptions};
use planctl::internals::schema::Schema;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::harness::{Project, rows};

/// A plan as it is put into the database, and what has to become of it.
struct Plan {
    id: String,
    /// Its parent, by index.
    parent: Option<usize>,
    /// What `parent_plan_id` holds.
    stored_parent: Option<String>,
    /// What `root_plan_id` holds.
    stored_root: Option<String>,
    profile: Option<&'static str>,
}

/// What may stand in `automation_profile`; what V7 makes of it; the snapshot that it makes of it.
const PROFILES: [(Option<&str>, &str, &str); 12] = [
    (None, "balanced", "{}"),
    (Some(""), "balanced", "{}"),
    (Some("  "), "balanced", "{}"),
    (Some("supervised"), SUPERVISED, SUPERVISED),
    (Some("it's \"quoted\" \\ ü"), QUOTED, QUOTED),
    (Some("{not json"), BROKEN, BROKEN),
    (Some(r#"{"profile_name":"auto","provenance":"plan"}"#), AUTO, AUTO),
    (Some(r#"{ "profile_name" : "spaced" }"#), SPACED, SPACED),
    (Some("[1, 2]"), "[1, 2]", "{}"),
    (Some("\"a JSON string\""), "\"a JSON string\"", "{}"),
    (Some("null"), "null", "{}"),
    (Some("17"), "17", "{}"),
];
const SUPERVISED: &str = r#"{"profile_name":"supervised","provenance":"legacy-text"}"#;
const QUOTED: &str = r#"{"profile_name":"it's \"quoted\" \\ ü","provenance":"legacy-text"}"#;
const BROKEN: &str = r#"{"profile_name":"{not json","provenance":"legacy-text"}"#;
const AUTO: &str = r#"{"profile_name":"auto","provenance":"plan"}"#;
const SPACED: &str = r#"{ "profile_name" : "spaced" }"#;

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A chain of 1000, a star of 500, chains of six, and random trees, each row with one of three roots that the earlier
/// tries left: none, '', or the true one.
fn forest() -> Vec<Plan> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut parents: Vec<Option<usize>> = Vec::new();
    parents.extend((0..1000).map(|at: usize| at.checked_sub(1)));
    parents.extend((0..500).map(|at| (at > 0).then_some(1000)));
    parents.extend((1500..2100).map(|at| (at % 6 != 0).then(|| at - 1)));
    for at in 2100..3600 {
        parents.push((random.below(20) > 0 && at > 2100).then(|| 2100 + random.below(at - 2100)));
    }
    // Ids that sort neither by depth nor by place: 7919 is coprime to 3600.
    let id = |at: usize| format!("01{:024}", at * 7919 % 3600);
    (0..parents.len())
        .map(|at| Plan {
            id: id(at),
            parent: parents[at],
            stored_parent: match parents[at] {
                Some(parent) => Some(id(parent)),
                None => (random.below(2) == 0).then(String::new),
            },
            stored_root: match random.below(3) {
                0 => None,
                1 => Some(String::new()),
                _ => Some(id(root_of(&parents, at))),
            },
            profile: PROFILES[random.below(PROFILES.len())].0,
        })
        .collect()
}

/// The oracle: up, step by step.
fn root_of(parents: &[Option<usize>], mut at: usize) -> usize {
    while let Some(parent) = parents[at] {
        at = parent;
    }
    at
}

/// A project at version 6 that holds the forest and rows in every other table.
fn at_version_6(plans: &[Plan]) -> Project {
    let project = Project::shipped();
    project.ok(&["migrate", "up", "--to", "6"]);
    let mut conn = project.open();
    let tx = conn.transaction().unwrap();
    tx.execute_batch(
        "INSERT INTO actions (namespaced_name, namespace, name, created_at, updated_at)
             VALUES ('ns/a', 'ns', 'a', 't', 't'), ('ns/b', 'ns', 'b', 't', 't');
         INSERT INTO action_invariants VALUES ('ns/a', 'holds', 0, 't'), ('ns/b', 'holds', 1, 't');
         INSERT INTO action_arguments (action_name, name, arg_type, min_value, position)
             VALUES ('ns/a', 'x', 'float', 0.5, 0);",
    )
    .unwrap();
    // In an order that puts children before their parents as often as behind them.
    for at in (0..plans.len()).map(|at| at * 1231 % plans.len()) {
        insert(&tx, at, &plans[at]);
    }
    tx.execute_batch(
        "INSERT INTO plan_projects SELECT plan_id, 'p' || (rowid % 7), NULL, rowid % 2, 't' FROM v3_plans;
         INSERT INTO plan_arguments SELECT plan_id, 'a', '{}', 'object', rowid FROM v3_plans WHERE rowid % 3 = 0;
         INSERT INTO plan_invariants SELECT plan_id, 'i' || rowid, 'plan', NULL, 't' FROM v3_plans WHERE rowid % 5 = 0;
         INSERT INTO decisions SELECT 'd' || plan_id, plan_id, NULL, 'k', 'q', NULL, 'r', 't', NULL FROM v3_plans;
         UPDATE decisions SET parent_decision_id = 'd' || (SELECT plan_id FROM v3_plans WHERE rowid = 1)
             WHERE rowid > 1;",
    )
    .unwrap();
    tx.commit().unwrap();
    project
}

fn insert(conn: &Connection, at: usize, plan: &Plan) {
    conn.prepare_cached(
        "INSERT INTO v3_plans (plan_id, parent_plan_id, root_plan_id, attempt, namespaced_name, namespace, description,
             action_name, phase, processing_state, automation_profile, strategy_actor, read_only, tags_json,
             execute_started_at, created_at, updated_at, error_message, changeset_id, sandbox_refs_json,
             validation_summary_json, decision_root_id)
         VALUES (?1, ?2, ?3, ?4, 'ns/' || ?4, 'ns', ?5, ?6, ?7, 'queued', ?8, 'sa' || ?4, ?4 % 2, '[' || ?4 || ']',
             'e' || ?4, 't' || ?4, 'u' || ?4, x'00ff', 'c' || ?4, '[]', nullif('s', 's' || (?4 % 2)), 'd' || ?1)",
    )
    .unwrap()
    .execute(params![
        plan.id,
        plan.stored_parent,
        plan.stored_root,
        at as i64,
        (!at.is_multiple_of(4)).then(|| format!("line\n'{at}'")),
        at.is_multiple_of(2).then_some("ns/a"),
        ["action", "strategize", "execute", "apply", "applied"][at % 5],
        plan.profile,
    ])
    .unwrap();
}

const REPAIRED: [&str; 4] =
    ["parent_plan_id", "root_plan_id", "automation_profile", "effective_profile_snapshot"];

/// Every row of every table but the history, columns by name: what V7 may change only where `also_repaired` says so.
fn contents(project: &Project, also_repaired: bool) -> BTreeMap<String, Vec<BTreeMap<String, Sql>>> {
    let conn = project.open();
    let tables = rows(
        &conn,
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'refinery%' AND name NOT LIKE 'planctl%'",
    );
    let mut contents = BTreeMap::new();
    for table in tables {
        let [Sql::Text(table)] = &table[..] else { panic!("a name is text") };
        let mut statement =
            conn.prepare(&format!("SELECT rowid AS row_id, * FROM {table} ORDER BY rowid")).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let read = statement.query_map([], |row| {
            let mut values = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                if also_repaired || table != "v3_plans" || !REPAIRED.contains(&name.as_str()) {
                    values.insert(name.clone(), row.get(at)?);
                }
            }
            Ok(values)
        });
        contents.insert(table.clone(), read.unwrap().map(Result::unwrap).collect());
    }
    contents
}

fn text(value: Option<&str>) -> Sql {
    value.map_or(Sql::Null, |text| Sql::Text(text.to_owned()))
}

/// (parent, root, profile, snapshot) by id.
fn repaired(project: &Project, snapshot: &str) -> BTreeMap<String, [Sql; 4]> {
    let sql =
        format!("SELECT plan_id, parent_plan_id, root_plan_id, automation_profile, {snapshot} FROM v3_plans");
    let by_id = |row: Vec<Sql>| match <[Sql; 5]>::try_from(row).unwrap() {
        [Sql::Text(id), parent, root, profile, snapshot] => (id, [parent, root, profile, snapshot]),
        other => panic!("{other:?}"),
    };
    rows(&project.open(), &sql).into_iter().map(by_id).collect()
}

fn expected(plans: &[Plan], profile: impl Fn(&Plan) -> (Sql, Sql)) -> BTreeMap<String, [Sql; 4]> {
    let parents: Vec<Option<usize>> = plans.iter().map(|plan| plan.parent).collect();
    let row = |(at, plan): (usize, &Plan)| {
        let (automation, snapshot) = profile(plan);
        let parent = text(plan.parent.map(|parent| plans[parent].id.as_str()));
        (plan.id.clone(), [parent, text(Some(&plans[root_of(&parents, at)].id)), automation, snapshot])
    };
    plans.iter().enumerate().map(row).collect()
}

fn inspect(project: &Project) -> Schema {
    let mut engine =
        engine::open(project.path("planctl.db"), Access::ReadOnly, OpenOptions::default(), Job::quiet())
            .unwrap();
    engine.inspect().unwrap()
}

/// What SQLite's pragmas say of every table, in their own words and order.
fn pragmas(project: &Project) -> Vec<(String, Vec<Vec<Sql>>)> {
    let conn = project.open();
    [
        "SELECT t.name, t.type, t.wr, t.strict, x.* FROM pragma_table_list t, pragma_table_xinfo(t.name) x",
        "SELECT t.name, f.* FROM pragma_table_list t, pragma_foreign_key_list(t.name) f",
        "SELECT t.name, i.name, i.\"unique\", i.origin, i.partial, x.* FROM pragma_table_list t,
             pragma_index_list(t.name) i, pragma_index_xinfo(i.name) x",
        "SELECT type, name, tbl_name FROM sqlite_schema WHERE sql IS NOT NULL",
    ]
    .map(|sql| {
        let mut rows = rows(&conn, sql);
        rows.sort_by_key(|row| format!("{row:?}"));
        (sql.to_owned(), rows)
    })
    .into()
}

/// Both schemas in every respect that planctl knows, and in every respect that SQLite's pragmas know.
/// A schema as planctl reads it, and as [`pragmas`] does.
type Seen = (Schema, Vec<(String, Vec<Vec<Sql>>)>);

fn assert_same_schema(before: &Seen, project: &Project) {
    let spec = engine::spec_database(&SourceFile::new("none.sql", ""), Job::quiet()).unwrap();
    let changes = diff(&before.0, &inspect(project), &mut *spec.equivalence()).unwrap();
    assert!(changes.is_empty(), "{changes:#?}");
    for ((sql, before), (_, after)) in before.1.iter().zip(pragmas(project)) {
        assert_eq!(before, &after, "{sql}");
    }
}

/// (rule, severity, table, name, expected, actual) of each finding that nothing excuses.
fn open_findings(document: &Value) -> Vec<[String; 6]> {
    let mut findings: Vec<_> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["deviation"].is_null())
        .map(|finding| {
            let object = &finding["object"];
            // The columns of a whole table would only say the DDL again.
            let rule = finding["rule"].as_str().unwrap();
            let whole = rule == "column-order" || rule == "missing-table" && finding["actual"].is_null();
            let or_none = |side| if whole { &Value::Null } else { side };
            [
                &finding["rule"],
                &finding["severity"],
                &object["table"],
                &object["name"],
                or_none(&finding["expected"]),
                or_none(&finding["actual"]),
            ]
            .map(|value| value.as_str().unwrap_or("-").to_owned())
        })
        .collect();
    findings.sort();
    findings
}

fn assert_findings(document: &Value, expected: &[[&str; 6]]) {
    let found = open_findings(document);
    let mut expected: Vec<_> = expected.iter().map(|finding| finding.map(str::to_owned)).collect();
    expected.sort();
    let missing: Vec<_> = expected.iter().filter(|finding| !found.contains(finding)).collect();
    let extra: Vec<_> = found.iter().filter(|finding| !expected.contains(finding)).collect();
    assert!(found == expected, "not reported: {missing:#?}\nreported too much: {extra:#?}");
}

/// Every difference that is meant, as spec/deviations.toml has it, and no other.
const INTENDED: [[&str; 6]; 14] = [
    ["missing-table", "error", "plans", "plans", "plans", "v3_plans"],
    ["missing-column", "error", "plans", "state", "state", "processing_state"],
    [
        "missing-column",
        "error",
        "plans",
        "automation_profile_name",
        "automation_profile_name",
        "automation_profile",
    ],
    ["missing-column", "error", "plans", "strategy_actor_name", "strategy_actor_name", "strategy_actor"],
    ["missing-column", "error", "plans", "execution_actor_name", "execution_actor_name", "execution_actor"],
    [
        "missing-column",
        "error",
        "plans",
        "estimation_actor_name",
        "estimation_actor_name",
        "estimation_actor",
    ],
    ["missing-column", "error", "plans", "invariant_actor_name", "invariant_actor_name", "invariant_actor"],
    ["missing-column", "error", "plans", "review_actor_name", "review_actor_name", "review_actor"],
    ["missing-column", "error", "plans", "apply_actor_name", "apply_actor_name", "apply_actor"],
    ["missing-column", "error", "plans", "error_traceback", "error_traceback", "error_details_json"],
    ["column-default", "error", "plans", "phase", "'strategize'", "'action'"],
    [
        "missing-check",
        "error",
        "plans",
        "plans_phase",
        "phase IN ('strategize', 'execute', 'apply', 'applied')",
        "phase IN ('action', 'strategize', 'execute', 'apply', 'applied')",
    ],
    ["column-default", "error", "plans", "automation_profile_name", "-", "'balanced'"],
    ["column-default", "error", "plans", "effective_profile_snapshot", "-", "'{}'"],
];

#[test]
fn a_database_at_version_6_goes_up_and_down_and_up_with_every_row_and_each_root_right() {
    let plans = forest();
    let project = at_version_6(&plans);
    let before = (inspect(&project), pragmas(&project));
    let untouched = contents(&project, false);
    assert_eq!(untouched["v3_plans"].len(), 3600);
    assert!(untouched.values().all(|rows| !rows.is_empty()), "every table has rows");

    // Up.
    let (document, status) = project.json(&["migrate", "up"]);
    assert_eq!((status, &document["after"]), (0, &json!(9)), "{document:#}");
    let without_root =
        plans.iter().filter(|plan| plan.stored_root.as_deref().unwrap_or("").is_empty()).count();
    assert_eq!(document["migrations"][0]["rows_backfilled"], without_root);
    let mut after = contents(&project, false);
    for new in ["correction_attempts", "tasks", "execution_logs"] {
        assert_eq!(after.remove(new), Some(Vec::new()), "{new}");
    }
    assert!(after == untouched, "every row and every value of every other column is kept");
    let repair = |plan: &Plan| {
        let (_, profile, snapshot) = PROFILES.iter().find(|(stored, ..)| *stored == plan.profile).unwrap();
        (text(Some(profile)), text(Some(snapshot)))
    };
    assert!(repaired(&project, "effective_profile_snapshot") == expected(&plans, repair));
    assert!(rows(&project.open(), "PRAGMA foreign_key_check").is_empty());

    // The audit.
    let (document, status) = project.json(&["audit"]);
    assert_eq!((status, open_findings(&document)), (0, vec![]));
    assert_eq!(document["summary"]["documented"], 4);
    let (document, status) = project.json(&["audit", "--strict"]);
    assert_eq!(status, 1);
    assert_findings(&document, &INTENDED);

    // Down, past tables that hold rows.
    project.sql(
        "INSERT INTO correction_attempts (correction_attempt_id, plan_id, original_decision_id, mode, guidance, created_at)
             SELECT '01', plan_id, 'd' || plan_id, 'revert', 'g', 't' FROM v3_plans LIMIT 1;
         INSERT INTO tasks (task_id, project_id, request_text)
             VALUES ('00000000-0000-0000-0000-000000000001', NULL, 'r')",
    );
    project.ok(&["migrate", "down", "--to", "6", "--allow-destructive"]);
    assert_same_schema(&before, &project);
    assert!(contents(&project, false) == untouched, "what V8 and V9 had is gone, and nothing else");
    let unwrapped = |plan: &Plan| {
        let blank = plan.profile.unwrap_or("").trim().is_empty();
        (text(Some(if blank { "balanced" } else { plan.profile.unwrap() })), Sql::Null)
    };
    assert!(repaired(&project, "NULL") == expected(&plans, unwrapped));

    // Up again, and down again: nothing piles up.
    let once = contents(&project, true);
    project.ok(&["migrate", "up"]);
    assert_eq!(project.json(&["audit"]).1, 0);
    project.ok(&["migrate", "down", "--to", "6", "--allow-destructive"]);
    assert!(contents(&project, true) == once);
    assert_same_schema(&before, &project);
}

#[test]
fn at_version_6_the_audit_reports_each_defect_that_was_found_and_nothing_that_is_none() {
    let project = Project::shipped();
    project.ok(&["migrate", "up", "--to", "6"]);
    let defects = [
        // 1
        [
            "missing-column",
            "error",
            "plans",
            "effective_profile_snapshot",
            "effective_profile_snapshot TEXT NOT NULL",
            "-",
        ],
        // 2
        ["column-nullability", "error", "plans", "root_plan_id", "NOT NULL", "NULL"],
        ["column-nullability", "error", "plans", "automation_profile_name", "NOT NULL", "NULL"],
        // 12
        ["foreign-key-action", "error", "plans", "root_plan_id", "NO ACTION", "ON DELETE SET NULL"],
        // 22
        ["column-default", "error", "plans", "validation_summary_json", "-", "'{}'"],
    ];
    // What V7 to V9 also bring, and an entry that is for a default which V7 makes.
    let rest = [
        ["column-order", "warning", "plans", "plans", "-", "-"],
        ["missing-table", "error", "correction_attempts", "correction_attempts", "-", "-"],
        ["missing-table", "error", "execution_logs", "execution_logs", "-", "-"],
        ["missing-table", "error", "tasks", "tasks", "-", "-"],
        ["stale-deviation", "warning", "plans", "automation_profile_name", "-", "-"],
    ];
    let (document, status) = project.json(&["audit"]);
    assert_eq!(status, 1);
    assert_findings(&document, &[&defects[..], &rest[..]].concat());
    // 3, excused by the ledger to the letter.
    let excused: Vec<&Value> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| !finding["deviation"].is_null())
        .map(|finding| &finding["object"]["name"])
        .collect();
    assert_eq!(excused, ["phase", "plans_phase"]);

    // 3 and 4 by themselves, where no ledger excuses them.
    let (document, _) = project.json(&["audit", "--strict"]);
    let renames_and_phase = &INTENDED[..12];
    assert_findings(&document, &[&defects[..], &rest[..4], renames_and_phase].concat());
}

#[test]
fn a_fresh_database_at_version_9_is_clean_and_an_empty_one_misses_each_table_once() {
    let project = Project::shipped();
    project.ok(&["migrate", "up"]);
    let (document, status) = project.json(&["audit"]);
    assert_eq!((status, open_findings(&document)), (0, vec![]));
    project.ok(&["check"]);

    let tables = [
        "action_arguments",
        "action_invariants",
        "actions",
        "correction_attempts",
        "decisions",
        "execution_logs",
        "plan_arguments",
        "plan_invariants",
        "plan_projects",
        "plans",
        "tasks",
    ];
    let missing = tables.map(|table| ["missing-table", "error", table, table, "-", "-"]);
    project.ok(&["migrate", "down", "--to", "0"]);
    let (document, status) = project.json(&["audit"]);
    assert_eq!(status, 1);
    // What V1 found or made for an older database stays: its down says so.
    let mut expected = missing.to_vec();
    if inspect(&project).tables.contains_key(&"lifecycle_plans".into()) {
        expected.push(["extra-table", "error", "lifecycle_plans", "lifecycle_plans", "-", "-"]);
    }
    assert_findings(&document, &expected);

    let empty = Project::shipped();
    empty.write("planctl.db", "");
    let (document, status) = empty.json(&["audit"]);
    assert_eq!(status, 1);
    assert_findings(&document, &missing);
}

/// A failed migration is trouble (2), whatever made it fail; `backfill` that refuses has found something (1).
#[test]
fn a_cycle_or_an_orphan_stops_up_with_its_ids_and_the_file_keeps_every_byte() {
    for journal in ["delete", "wal"] {
        let mut plans = forest();
        let id = |name: &str| format!("{name:0>26}");
        let loose = |name: &str, parent: &str| Plan {
            id: id(name),
            parent: None,
            stored_parent: Some(id(parent)),
            stored_root: None,
            profile: None,
        };
        let tangles = [
            (
                vec![loose("X", "Y"), loose("Y", "Z"), loose("Z", "X"), loose("BELOW", "Z")],
                vec!["X", "Y", "Z"],
            ),
            (vec![loose("SELF", "SELF")], vec!["SELF"]),
            (vec![loose("ORPHAN", "GONE"), loose("UNDER", "ORPHAN")], vec!["ORPHAN"]),
        ];
        plans.truncate(1600);
        for (rows, named) in tangles {
            let project = at_version_6(&plans);
            let conn = project.open();
            rows.iter().for_each(|plan| insert(&conn, 1, plan));
            conn.pragma_update(None, "journal_mode", journal).unwrap();
            drop(conn);
            let before = project.picture();

            let run = project.run(&["migrate", "up"]);
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.stderr);
            for name in &named {
                assert!(run.stderr.contains(&id(name)), "{name}: {}", run.stderr);
            }
            assert!(run.stderr.contains("migrations/V7__align_plans_schema.sql:16:1"), "{}", run.stderr);
            let (document, status) = project.json(&["migrate", "up"]);
            assert_eq!((status, &document["outcome"]), (2, &json!("trouble")));
            assert_eq!((&document["before"], &document["after"]), (&json!(6), &json!(6)));
            before.assert_same(&project.picture(), &format!("{journal}, {named:?}"));

            let args = "backfill --table v3_plans --id plan_id --parent parent_plan_id --root root_plan_id";
            let (document, status) = project.json(&args.split(' ').collect::<Vec<_>>());
            assert_eq!((status, &document["outcome"]), (1, &json!("findings")));
            for name in &named {
                assert!(document.to_string().contains(&id(name)), "{document}");
            }
            before.assert_same(&project.picture(), &format!("backfill, {journal}, {named:?}"));
        }
    }
}

/// refinery takes version 0, and `--to 0` means all.
#[test]
fn down_to_0_takes_a_version_0_back_as_well() {
    let project = Project::empty();
    for version in 0..2 {
        project.write(&format!("migrations/V{version}__t.sql"), format!("CREATE TABLE t{version} (x);\n"));
        project.write(&format!("migrations/V{version}__t.down.sql"), format!("DROP TABLE t{version};\n"));
    }
    project.ok(&["migrate", "up"]);
    let (document, _) = project.json(&["migrate", "down", "--to", "0"]);
    assert_eq!((&document["before"], &document["after"]), (&json!(1), &Value::Null));
    assert!(inspect(&project).tables.is_empty());
}
