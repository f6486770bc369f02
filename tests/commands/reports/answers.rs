//! The expected answers were worked out by hand from the rows of spec/sample.sql.

use std::collections::BTreeSet;

use super::{NOW, csv, sample};
use crate::harness::Project;

const PUBLISHED: &str = "944782d7-3418-42c5-9b24-10a6f0ae1284";

fn assert_answer(project: &Project, name: &str, parameters: &[&str], expected: &[&str]) {
    let found = csv(project, name, parameters);
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found, expected, "{name} {parameters:?}");
}

#[test]
fn failed_tasks_are_those_of_the_last_days_to_the_second() {
    let project = sample();
    let head = "task_id,failed_at,request,error";
    let import = "fe2fbd72-0bdc-45d3-860b-ed79214119cf,2026-11-17T18:20:30Z,Import the orders of November,\
                  \"refused 412 of 18250 rows, more than the tolerance of 0.01\"";
    let slow = "543bcfbb-c9f2-4a8a-9ecf-958027801375,2026-11-13T11:59:59Z,Find out why db1 is slow,no answer from db1 in 30 s";
    let answer = |parameters: &[&str], rows: &[&str]| {
        assert_answer(&project, "failed-tasks", parameters, &[&[head], rows].concat());
    };
    answer(&[NOW], &[import]);
    answer(&[NOW, "days=8"], &[import, slow]);
    answer(&["now=2026-11-20T11:59:59Z"], &[import, slow]);
    answer(&["now=2026-11-17T18:20:30Z"], &[import, slow]);
    answer(&["now=2026-11-17T18:20:29Z"], &[slow]);
    answer(&["now=2026-11-17T20:20:29+02:00"], &[slow]);
    answer(&[NOW, "days=0"], &[]);
    answer(&[NOW, "days=9223372036854775807"], &[import, slow]);
}

#[test]
fn a_timeline_has_the_steps_of_one_task_with_their_seconds() {
    let project = sample();
    let head = "step,after,agent,action,status,seconds";
    assert_answer(
        &project,
        "task-timeline",
        &[&format!("task={PUBLISHED}")],
        &[
            head,
            "1,0,orchestrator,plan,completed,4.0",
            "2,2100,code,build linux,completed,5040.0",
            "3,4200,code,build macos,failed,600.0",
            "4,5460,desktop,renew certificate,completed,3540.0",
            "5,9000,code,build macos,completed,5400.0",
            "6,21600,infra,publish,completed,1200.0",
        ],
    );
    // One that is at work: its last step has no end, and so no duration.
    assert_answer(
        &project,
        "task-timeline",
        &["task=2CCD5F71-12FC-4E59-B1E9-F4FD46B1F9D2"],
        &[
            head,
            "1,0,orchestrator,plan,completed,2.0",
            "2,120,research,read the delivery,completed,30.0",
            "3,300,code,load,running,",
        ],
    );
    assert_answer(&project, "task-timeline", &["task=00000000-0000-0000-0000-000000000000"], &[head]);
}

#[test]
fn resource_usage_is_that_of_the_tasks_that_ended_in_the_last_days() {
    let project = sample();
    let rows = [
        "fe2fbd72-0bdc-45d3-860b-ed79214119cf,1534.75,2210,1830,170.5",
        "6d84cc79-5636-4be9-b859-93a74865d3ee,95,410,35,79.2",
        "543bcfbb-c9f2-4a8a-9ecf-958027801375,12.25,96,2,20.4",
    ];
    let head = "task_id,cpu_s,memory_mb,disk_mb,cpu_percent";
    assert_answer(&project, "resource-usage", &[NOW], &[&[head][..], &rows].concat());
    let older = format!("{PUBLISHED},4210.5,1875,5321,117.0");
    assert_answer(&project, "resource-usage", &[NOW, "days=40"], &[&[head, &older][..], &rows].concat());
}

#[test]
fn tasks_that_used_external_ai_come_with_their_cost() {
    assert_answer(
        &sample(),
        "external-ai",
        &[],
        &[
            "task_id,status,model,tokens,cost",
            "944782d7-3418-42c5-9b24-10a6f0ae1284,completed,opus,48000,1.44",
            "fe2fbd72-0bdc-45d3-860b-ed79214119cf,failed,sonnet,62500,0.3125",
            "6d84cc79-5636-4be9-b859-93a74865d3ee,completed,sonnet,15500,0.0775",
            "543bcfbb-c9f2-4a8a-9ecf-958027801375,failed,haiku,9000,0.009",
            "2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2,executing,haiku,3000,0.003",
        ],
    );
}

/// A step that runs counts as a step, and neither as ended nor with a duration.
#[test]
fn types_of_agents_have_their_average_duration_and_failure_rate() {
    assert_answer(
        &sample(),
        "agent-types",
        &[],
        &[
            "agent,steps,average_s,longest_s,failed,failed_percent",
            "infra,4,390.0,1200.0,2,50.0",
            "code,8,2490.0,5400.0,3,42.9",
            "desktop,2,1800.0,3540.0,0,0.0",
            "orchestrator,5,2.4,4.0,0,0.0",
            "research,4,45.0,90.0,0,0.0",
        ],
    );
}

#[test]
fn failed_steps_say_whether_a_later_one_went_well() {
    let project = sample();
    let rows = [
        "at,task_id,step,agent,action,summary,recovered",
        "2026-11-17T17:50:00Z,fe2fbd72-0bdc-45d3-860b-ed79214119cf,5,code,load,Refused 412 rows,no",
        "2026-11-17T08:25:00Z,fe2fbd72-0bdc-45d3-860b-ed79214119cf,3,code,load,Refused 1820 rows,no",
        "2026-11-13T11:59:29Z,543bcfbb-c9f2-4a8a-9ecf-958027801375,4,infra,connect,No answer in 30 s,no",
        "2026-11-12T20:05:00Z,543bcfbb-c9f2-4a8a-9ecf-958027801375,3,infra,connect,No answer in 30 s,no",
    ];
    assert_answer(&project, "failed-steps", &[NOW], &rows);
    let oldest =
        format!("2026-10-12T10:10:00Z,{PUBLISHED},3,code,build macos,The certificate was revoked,yes");
    assert_answer(&project, "failed-steps", &[NOW, "days=40"], &[&rows[..], &[&oldest]].concat());
}

#[test]
fn every_status_is_counted_also_one_that_no_task_has() {
    let project = sample();
    let rows = [
        "status,oldest,tasks",
        "pending,2026-11-20T11:30:00Z,1",
        "approved,2026-11-19T14:50:00Z,1",
        "executing,2026-11-20T09:40:00Z,1",
        "completed,2026-10-12T08:50:00Z,2",
        "failed,2026-11-12T19:45:00Z,2",
        "rejected,2026-11-02T13:00:00Z,1",
    ];
    assert_answer(&project, "tasks-per-status", &[], &rows);
    project.sql("UPDATE tasks SET status = NULL WHERE status = 'rejected'");
    let without = [&rows[..6], &["rejected,,0", ",2026-11-02T13:00:00Z,1"]].concat();
    assert_answer(&project, "tasks-per-status", &[], &without);
}

#[test]
fn cost_is_summed_per_model() {
    assert_answer(
        &sample(),
        "ai-cost-per-model",
        &[],
        &[
            "model,tasks,tokens,cost_per_1000,cost",
            "opus,1,48000,0.03,1.44",
            "sonnet,2,78000,0.005,0.39",
            "haiku,2,12000,0.001,0.012",
        ],
    );
}

#[test]
fn the_longest_tasks_include_those_that_are_at_work() {
    let project = sample();
    let head = "task_id,status,minutes";
    let rows = [
        "543bcfbb-c9f2-4a8a-9ecf-958027801375,failed,960.0",
        "fe2fbd72-0bdc-45d3-860b-ed79214119cf,failed,600.5",
        "944782d7-3418-42c5-9b24-10a6f0ae1284,completed,380.0",
        "2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2,executing,120.0",
        "6d84cc79-5636-4be9-b859-93a74865d3ee,completed,105.0",
    ];
    assert_answer(&project, "longest-tasks", &[NOW], &[&[head][..], &rows].concat());
    assert_answer(&project, "longest-tasks", &[NOW, "rows=2"], &[&[head][..], &rows[..2]].concat());
    assert_answer(&project, "longest-tasks", &[NOW, "rows=-1"], &[head]);
    let an_hour_later = "2ccd5f71-12fc-4e59-b1e9-f4fd46b1f9d2,executing,180.0";
    let later = csv(&project, "longest-tasks", &["now=2026-11-20T13:00:00Z"]);
    assert_eq!(later.lines().nth(4), Some(an_hour_later));
}

#[test]
fn the_success_rate_has_every_day_also_those_without_a_task() {
    let project = sample();
    let row = |day: &str| match day {
        "2026-10-12" => "2026-10-12,1,1,100.0".to_owned(),
        "2026-11-13" => "2026-11-13,1,0,0.0".to_owned(),
        "2026-11-17" => "2026-11-17,2,1,50.0".to_owned(),
        _ => format!("{day},0,0,"),
    };
    let october = |days: std::ops::RangeInclusive<u32>| days.map(|day| format!("2026-10-{day:02}"));
    let november = (1..=20).map(|day| format!("2026-11-{day:02}"));
    let answer = |parameters: &[&str], days: Vec<String>| {
        let rows: Vec<String> = ["day,ended,completed,percent".to_owned()]
            .into_iter()
            .chain(days.iter().map(|day| row(day)))
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_answer(&project, "success-rate", parameters, &rows);
    };
    let thirty: Vec<String> = october(22..=31).chain(november.clone()).collect();
    assert_eq!(thirty.len(), 30);
    answer(&[NOW], thirty);
    let all: Vec<String> = october(12..=31).chain(november).collect();
    answer(&[NOW, "days=400"], all.clone());
    answer(&[NOW, "days=9223372036854775807"], all);
    answer(&[NOW, "days=1"], vec!["2026-11-20".to_owned()]);
    answer(&[NOW, "days=0"], Vec::new());
    answer(&["now=2026-10-11"], Vec::new());
}

#[test]
fn a_tree_has_each_plan_under_its_parent() {
    let project = sample();
    let head = "depth,plan,phase,state";
    assert_answer(
        &project,
        "plan-tree",
        &["plan=01M4QNE6M0GKK9BFA4FSRR9N2M"],
        &[
            head,
            "0,build/release-1.4,applied,complete",
            "1,\"  build/release-1.4-linux\",applied,complete",
            "1,\"  build/release-1.4-macos\",applied,complete",
            "2,\"    build/release-1.4-macos-sign\",applied,complete",
            "3,\"      build/release-1.4-macos-certificate\",applied,complete",
            "2,\"    build/release-1.4-macos-test\",applied,complete",
            "1,\"  build/release-1.4-notes\",apply,cancelled",
        ],
    );
    // Any plan may stand at the top.
    assert_answer(
        &project,
        "plan-tree",
        &["plan=01m7m9gnf0n12saejhagm1z9qn"],
        &[
            head,
            "0,data/import-november-orders,execute,errored",
            "1,\"  data/import-november-orders-repair\",strategize,processing",
        ],
    );
}

#[test]
fn plans_are_counted_per_phase_and_state() {
    assert_answer(
        &sample(),
        "plans-per-phase",
        &[],
        &[
            "phase,state,plans",
            "action,queued,1",
            "action,cancelled,1",
            "strategize,queued,1",
            "strategize,processing,1",
            "strategize,cancelled,1",
            "execute,processing,1",
            "execute,errored,2",
            "apply,queued,1",
            "apply,cancelled,1",
            "applied,complete,6",
        ],
    );
}

#[test]
fn the_longest_hierarchies_come_first() {
    let project = sample();
    let rows = [
        "plan_id,plan,levels,plans,open",
        "01M4QNE6M0GKK9BFA4FSRR9N2M,build/release-1.4,4,7,0",
        "01M7M8A700AJJXMBP00DF0W56A,data/import-november,3,4,3",
        "01M78NGZG0JED5H3QVSTVHXNWA,ops/inspect-db1,2,2,0",
        "01M6E5GR40C3P515Y081F5E7NA,ops/reboot-db1,1,1,0",
        "01M7T54PC0BSE5VXQR2YR9JAYF,build/release-1.5,1,1,1",
        "01M7WBGWP0HGZWDAA2TC1ZGK28,data/import-december,1,1,1",
    ];
    assert_answer(&project, "longest-hierarchies", &[], &rows);
    assert_answer(&project, "longest-hierarchies", &["rows=1"], &rows[..2]);
}

#[test]
fn corrections_are_counted_per_plan() {
    assert_answer(
        &sample(),
        "plan-corrections",
        &[],
        &[
            "plan,attempts,reverts,appends,complete,failed,open",
            "data/import-november-orders,3,1,2,1,1,1",
            "build/release-1.4-macos,1,1,0,1,0,0",
            "ops/inspect-db1,1,0,1,0,0,1",
        ],
    );
}

/// Three plans in a ring with one below it, and an orphan with one below it, all without foreign keys.
#[test]
fn recursive_reports_end_on_cycles_and_find_orphans() {
    let project = sample();
    let plan = |letter: char, parent: char| {
        let [id, parent] = [letter, parent].map(|letter| letter.to_string().repeat(26));
        format!(
            "INSERT INTO v3_plans (plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, processing_state,
                 created_at, updated_at) VALUES ('{id}', '{parent}', '{id}', 'x/{letter}', 'x', 'queued', 't', 't');"
        )
    };
    project.sql(
        "DELETE FROM correction_attempts; DELETE FROM decisions; DELETE FROM plan_projects;
                 DELETE FROM plan_arguments; DELETE FROM plan_invariants; DELETE FROM v3_plans;",
    );
    for (id, parent) in [('1', '3'), ('2', '1'), ('3', '2'), ('4', '3'), ('5', '0'), ('6', '5'), ('7', '7')] {
        project.sql(&plan(id, parent));
    }
    let head = "depth,plan,phase,state";
    assert_answer(
        &project,
        "plan-tree",
        &[&format!("plan={}", "1".repeat(26))],
        &[
            head,
            "0,x/1,action,queued",
            "1,\"  x/2\",action,queued",
            "2,\"    x/3\",action,queued",
            "3,\"      x/4\",action,queued",
        ],
    );
    assert_answer(
        &project,
        "plan-tree",
        &[&format!("plan={}", "7".repeat(26))],
        &[head, "0,x/7,action,queued"],
    );
    assert_answer(
        &project,
        "longest-hierarchies",
        &[],
        &["plan_id,plan,levels,plans,open", "55555555555555555555555555,x/5,2,2,2"],
    );
}

/// A chain of ten thousand: depth is no matter of recursion.
#[test]
fn a_deep_tree_is_walked_to_its_end() {
    let project = sample();
    project.sql(
        "DELETE FROM correction_attempts; DELETE FROM decisions; DELETE FROM v3_plans;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
         INSERT INTO v3_plans (plan_id, parent_plan_id, root_plan_id, namespaced_name, namespace, processing_state,
             created_at, updated_at)
         SELECT printf('%026d', n), CASE WHEN n > 1 THEN printf('%026d', n - 1) END, printf('%026d', 1), 'x', 'x',
             'queued', 't', 't'
         FROM n",
    );
    let tree = csv(&project, "plan-tree", &[&format!("plan={:026}", 1)]);
    assert_eq!(tree.lines().count(), 10_001);
    assert!(tree.lines().last().unwrap().starts_with("9999,"), "{:?}", tree.lines().last());
    let longest = csv(&project, "longest-hierarchies", &[]);
    assert_eq!(longest.lines().nth(1), Some("00000000000000000000000001,x,10000,10000,10000"));
}

/// The example of docs/reports.md, as it stands there.
#[test]
fn the_example_of_the_documentation_works() {
    let project = sample();
    let page = include_str!("../../../docs/reports.md");
    let example = page.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    project.write("spec/reports/speaking-of.sql", example);
    assert_answer(
        &project,
        "speaking-of",
        &["word=IMPORT", NOW],
        &[
            "request,days",
            "Import the December delivery,0.0",
            "Import the customers of November,0.1",
            "Import the orders of November,3.2",
        ],
    );
}

/// On a database without rows every report works, and most have nothing to say.
#[test]
fn every_shipped_report_has_a_test_and_runs_on_an_empty_database() {
    let project = Project::shipped();
    project.ok(&["migrate", "up"]);
    let (list, status) = project.json(&["report", "list"]);
    assert_eq!(status, 0);
    let mut tested = BTreeSet::new();
    for line in include_str!("answers.rs").split('"') {
        tested.insert(line);
    }
    let reports = list["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 14);
    for report in reports {
        let name = report["name"].as_str().unwrap();
        assert!(tested.contains(name), "{name} has no answer here");
        for text in ["title", "description"] {
            assert!(report[text].as_str().is_some_and(|text| text.len() > 10), "{report}");
        }
        let id = match name {
            "task-timeline" => vec!["task=00000000-0000-0000-0000-000000000000".to_owned()],
            "plan-tree" => vec![format!("plan={}", "0".repeat(26))],
            _ => Vec::new(),
        };
        let id: Vec<&str> = id.iter().map(String::as_str).collect();
        let rows = csv(&project, name, &id).lines().count() - 1;
        assert_eq!(rows, if name == "tasks-per-status" { 6 } else { 0 }, "{name}");
    }
}
