//! `schema docs` through the binary, and `check --docs`.
//!
//! Laws: the same schema gives the same bytes, whether a database or migrations made it; nothing that a schema holds can
//! break out of its place on the page; the command that `check` names makes it pass.

use std::fmt::Write as _;
use std::fs;

use crate::harness::{Project, Run, path, planctl, program, repository, shared};

const ODD: &str = include_str!("odd.sql");

fn page(project: &Project, args: &[&str]) -> String {
    project.ok(&[&["schema", "docs"], args].concat()).stdout
}

/// A schema of 30 tables: a parent of many, chains, circles, tables that lead to themselves, tables without links.
fn thirty_tables() -> String {
    let mut sql = String::new();
    for number in 0..30 {
        let mut columns = vec!["id INTEGER PRIMARY KEY".to_owned(), "note TEXT".to_owned()];
        let mut references = |to: usize| columns.push(format!("t{to}_id INT REFERENCES t{to} (id)"));
        match number {
            0 => references(4),
            1..=11 => references(0),
            12..=19 => references(number - 1),
            20..=24 => (references(number), references(12)).1,
            _ => {}
        }
        if number % 5 == 1 {
            references(2);
        }
        writeln!(sql, "CREATE TABLE t{number} ({});", columns.join(", ")).unwrap();
    }
    sql
}

#[test]
fn the_page_of_the_repository_is_up_to_date() {
    let shown = Run::of(&mut planctl(&repository(""), &["schema", "docs", "migrations"]));
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    let kept = fs::read_to_string(repository("docs/reference/database_schema.md")).unwrap();
    assert!(
        shown.stdout == kept,
        "`planctl schema docs migrations -o docs/reference/database_schema.md` renews it"
    );
}

#[test]
fn a_database_and_the_migrations_that_made_it_have_the_same_page() {
    let project = Project::shipped();
    for format in ["markdown", "html"] {
        // Without a database, the migrations are what the page is about.
        let of_migrations = page(&project, &["--format", format]);
        assert_eq!(of_migrations, page(&project, &["migrations", "--format", format]), "twice the same");
        project.ok(&["-q", "migrate", "up"]);
        assert!(page(&project, &["--format", format]) == of_migrations, "{format}");
        fs::remove_file(project.path("planctl.db")).unwrap();
    }
}

#[test]
fn comments_of_the_specification_stand_at_the_live_names() {
    let project = Project::shipped();
    let text = page(&project, &["migrations"]);
    let section = |table: &str| -> String {
        let from = text.find(&format!("\n### {table}\n")).unwrap();
        let rest = &text[from + 5..];
        rest[..rest.find("\n### ").unwrap_or(rest.len())].to_owned()
    };
    let plans = section("v3_plans");
    assert!(plans.contains("specification: `plans`"), "{plans}");
    assert!(plans.contains(
        "| `processing_state` (specification: `state`) | `TEXT` | no | | | 'queued' \\| 'processing' \\| 'errored'"
    ));
    assert!(
        plans.contains("a live plan begins one step earlier than the spec has it"),
        "the ledger's reasons"
    );
    assert!(plans.contains("Plans are a tree"));
    assert!(plans.contains("| 'strategize' \\| 'execute' \\| 'apply' \\| 'applied'; here also 'action' |"));
    let arguments = section("plan_arguments");
    for kind in ["'string': a JSON string", "'boolean': `true` or `false`", "'list': a JSON array"] {
        assert!(arguments.contains(kind), "{kind} in {arguments}");
    }
    let invariants = section("plan_invariants");
    for scope in ["- 'plan':", "- 'action':", "- 'project':", "- 'global':"] {
        assert!(invariants.contains(scope), "{scope} in {invariants}");
    }
    // Both ways, with what happens to the child.
    assert!(section("execution_logs").contains("| [`tasks`](#tasks) | `task_id` | CASCADE | NO ACTION |"));
    assert!(section("tasks").contains("| [`execution_logs`](#execution_logs) | `task_id` | CASCADE |"));
}

#[test]
fn a_ddl_file_speaks_for_itself() {
    let project = Project::shipped();
    project.write("own.sql", "CREATE TABLE plans (plan_id TEXT, -- of its own\n state TEXT);");
    let own = page(&project, &["own.sql"]);
    assert!(own.contains("of its own") && !own.contains("queued"), "{own}");
    let both = page(&project, &["own.sql", "--spec", "spec/ddl.sql"]);
    assert!(both.contains("'queued'"), "{both}");
}

#[test]
fn without_a_database_and_migrations_the_specification_is_documented() {
    let project = Project::empty();
    let nothing = project.run(&["schema", "docs"]);
    assert_eq!(nothing.status, 2);
    assert!(nothing.stderr.contains("planctl.db") && nothing.stderr.contains("--db"), "{}", nothing.stderr);
    project.write("spec/ddl.sql", "-- All of it.\n\nCREATE TABLE t (a);");
    assert!(page(&project, &[]).contains("All of it."));
    // What is named has to be there.
    assert_eq!(project.run(&["--db", "x.db", "schema", "docs"]).status, 2);
    assert_eq!(project.run(&["schema", "docs", "--spec", "y.sql"]).status, 2);
}

#[test]
fn the_form_is_told_by_the_name_of_the_file_and_json_is_one_document() {
    let project = Project::empty();
    project.write("t.sql", "CREATE TABLE t (a INTEGER PRIMARY KEY, b REFERENCES t);");
    project.ok(&["schema", "docs", "t.sql", "-o", "t.html"]);
    assert!(fs::read_to_string(project.path("t.html")).unwrap().starts_with("<!DOCTYPE html>"));
    let (document, status) = project.json(&["schema", "docs", "t.sql"]);
    assert_eq!((status, document["outcome"].as_str()), (0, Some("clean")));
    let table = &document["schema"]["tables"][0];
    assert_eq!(table["columns"][0]["keys"][0], "PK");
    assert_eq!(table["columns"][0]["nullable"], false, "another name of the rowid");
    assert_eq!(table["references"][0]["parent_columns"][0], "a", "the key that is meant");
    assert_eq!(table["references"], table["referenced_by"]);
    // Nothing at all is a schema, too.
    project.write("empty.sql", "-- nothing yet\n");
    assert!(page(&project, &["empty.sql"]).ends_with("nothing yet\n\nThe schema is empty.\n"));
}

#[test]
fn odd_names_in_markdown() {
    let project = Project::empty();
    project.write("odd.sql", ODD);
    insta::assert_snapshot!("odd_markdown", page(&project, &["odd.sql"]));
}

#[test]
fn odd_names_in_html() {
    let project = Project::empty();
    project.write("odd.sql", ODD);
    let html = page(&project, &["odd.sql", "--format", "html"]);
    for forged in ["<script", "<b>", "<i>", "</td><", "\u{1b}"] {
        assert!(!html.replace("</div></td><td", "").replace("</td></tr>", "").contains(forged), "{forged}");
    }
    let body = html.split("<body>").nth(1).unwrap();
    insta::assert_snapshot!("odd_html", body);
}

#[test]
fn a_plain_schema_in_html() {
    let project = Project::empty();
    project.write(
        "s.sql",
        "-- Who wrote what.\n\nCREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);\n\
         -- A book; its `author` may be unknown.\nCREATE TABLE book (id INTEGER PRIMARY KEY, -- ULID\n  \
         author INT REFERENCES author ON DELETE CASCADE, part_of INT REFERENCES book);\n\
         CREATE VIEW unknown AS SELECT id FROM book WHERE author IS NULL;",
    );
    insta::assert_snapshot!("plain_html", page(&project, &["s.sql", "--format", "html"]));
}

/// The diagram of a page: as many boxes as there are tables, none over another one, all on the sheet.
fn check_diagram(html: &str, tables: usize) {
    let start = html.find("<svg").unwrap();
    let end = html.find("</svg>").unwrap() + "</svg>".len();
    let svg = roxmltree::Document::parse(&html[start..end]).unwrap();
    let number =
        |node: roxmltree::Node<'_, '_>, name: &str| -> f64 { node.attribute(name).unwrap().parse().unwrap() };
    let (width, height) = (number(svg.root_element(), "width"), number(svg.root_element(), "height"));
    let boxes: Vec<[f64; 4]> = svg
        .descendants()
        .filter(|node| node.tag_name().name() == "rect")
        .map(|node| ["x", "y", "width", "height"].map(|name| number(node, name)))
        .collect();
    assert_eq!(boxes.len(), tables);
    for (at, [x, y, w, h]) in boxes.iter().enumerate() {
        assert!(*x >= 0.0 && *y >= 0.0 && x + w <= width && y + h <= height, "off the sheet");
        for [x2, y2, w2, h2] in &boxes[..at] {
            let apart = x + w <= *x2 || x2 + w2 <= *x || y + h <= *y2 || y2 + h2 <= *y;
            assert!(apart, "two boxes overlap");
        }
    }
}

#[test]
fn thirty_tables_fit_on_a_page_side_by_side() {
    let project = Project::empty();
    project.write("s.sql", thirty_tables());
    let html = page(&project, &["s.sql", "--format", "html"]);
    check_diagram(&html, 30);
    let width: i32 =
        html.split("<svg class=\"er\" width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    // A chain of ten tables is the longest; it is all that may be wider than a page.
    assert!(width < 2600, "{width}");
}

#[test]
fn every_schema_of_the_corpus_has_its_page() {
    let Some(schemas) = shared("corpus/schemas") else { return };
    let project = Project::empty();
    let mut count = 0;
    for entry in fs::read_dir(schemas).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let path = path.to_str().unwrap();
        let (document, _) = project.json(&["schema", "docs", path]);
        let tables = document["schema"]["tables"].as_array().unwrap();
        let missing: std::collections::BTreeSet<String> = tables
            .iter()
            .flat_map(|table| table["references"].as_array().unwrap())
            .filter(|reference| reference["parent_exists"] == false)
            .map(|reference| reference["parent"].as_str().unwrap().to_lowercase())
            .collect();
        check_diagram(&page(&project, &[path, "--format", "html"]), tables.len() + missing.len());
        let markdown = page(&project, &[path]);
        assert!(markdown.contains("```mermaid"), "{path}");
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn check_finds_a_page_that_is_out_of_date_and_says_what_renews_it() {
    let project = Project::shipped();
    let check = |expected: i32| {
        let (document, status) = project.json(&["check", "--docs", "the docs/schema.md"]);
        assert_eq!(status, expected, "{document:#}");
        let found = document["findings"].as_array().unwrap().clone();
        found.into_iter().find(|finding| finding["rule"] == "outdated-docs")
    };
    let renew = |message: &str| {
        let command = message.split('`').nth(1).unwrap();
        let mut shell = program("/bin/sh");
        shell.arg("-c").arg(command).current_dir(project.dir.path()).env("PATH", path());
        assert_eq!(Run::of(&mut shell).status, 0, "{command}");
    };
    fs::create_dir(project.path("the docs")).unwrap();
    let missing = check(1).unwrap();
    assert!(missing["message"].as_str().unwrap().contains("does not exist"), "{missing}");
    renew(missing["message"].as_str().unwrap());
    assert_eq!(check(0), None);

    // A line less in the specification's comments, and another schema.
    let spec = fs::read_to_string(project.path("spec/ddl.sql")).unwrap();
    project.write("spec/ddl.sql", spec.replace("-- The log of a task", "-- What was done for a task"));
    let stale = check(1).unwrap();
    let line = stale["spec"]["line"].as_u64().unwrap();
    let text = fs::read_to_string(project.path("the docs/schema.md")).unwrap();
    let shown = text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
    assert!(shown.contains("The log of a task"), "the first line that differs: {shown}");
    renew(stale["message"].as_str().unwrap());
    assert_eq!(check(0), None);

    // The line ends of another system are no difference; what cannot be read is trouble.
    let text = fs::read_to_string(project.path("the docs/schema.md")).unwrap();
    project.write("the docs/schema.md", text.replace('\n', "\r\n"));
    assert_eq!(check(0), None);
    assert_eq!(project.run(&["check", "--docs", "the docs"]).status, 2);
}
