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

/// A schema of so many tables, in groups of thirty: a parent of many, chains, circles, tables that lead to themselves,
/// tables without links.
pub(crate) fn many_tables(count: usize) -> String {
    let mut sql = String::new();
    for number in 0..count {
        let first = number / 30 * 30;
        let mut columns = vec!["id INTEGER PRIMARY KEY".to_owned(), "note TEXT".to_owned()];
        let mut references = |to: usize| {
            let to = first + to;
            columns.push(format!("t{to}_id INT REFERENCES t{to} (id)"));
        };
        match number - first {
            0 => references(4),
            1..=11 => references(0),
            number @ 12..=19 => references(number - 1),
            number @ 20..=24 => (references(number), references(12)).1,
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
    let (before, behind) = html.split_once(&script(&html)).unwrap();
    let ours = format!("{before}{behind}").replace("<script></script>", "");
    for forged in ["<script", "<b>", "<i>", "</td><", "\u{1b}"] {
        assert!(!ours.replace("</div></td><td", "").replace("</td></tr>", "").contains(forged), "{forged}");
    }
    let body = ours.split("<body>").nth(1).unwrap();
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
    let html = page(&project, &["s.sql", "--format", "html"]);
    let sheets = [
        include_str!("../../../src/report/format/html.css"),
        include_str!("../../../src/report/schema_page/page.css"),
    ];
    let html =
        sheets.iter().fold(html.replace(&script(&html), "\n…\n"), |html, sheet| html.replace(sheet, "…\n"));
    insta::assert_snapshot!("plain_html", html);
}

/// The script of a page.
fn script(html: &str) -> String {
    html.split("<script>").nth(1).unwrap().split("</script>").next().unwrap().to_owned()
}

/// The policy names the script by its digest: nothing else runs, whatever a schema holds.
#[test]
fn the_policy_allows_the_one_script_of_the_page() {
    let project = Project::empty();
    project.write("odd.sql", ODD);
    let html = page(&project, &["odd.sql", "--format", "html"]);
    // A browser reads line feeds, whatever line ends a checkout has.
    let digest = base64(&sha256(script(&html).replace("\r\n", "\n").as_bytes()));
    let policy =
        html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    let expected = format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'");
    assert_eq!(policy, expected, "what POLICY in src/report/schema_page/figure.rs has to say");
    assert_eq!(html.matches("<script").count(), 1);
}

/// As FIPS 180-4 has it.
fn sha256(data: &[u8]) -> [u8; 32] {
    let primes: Vec<u128> = (2..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    // The first 32 bits behind the point of a root: the root of the number with enough zeros behind it.
    let fraction = |of: u128, degree: u32| {
        let (mut low, mut high) = (0u128, 1 << 40);
        while high - low > 1 {
            let middle = (low + high) / 2;
            if middle.pow(degree) <= of << (32 * degree) { low = middle } else { high = middle }
        }
        low as u32
    };
    let constants: Vec<u32> = primes.iter().map(|&prime| fraction(prime, 3)).collect();
    let mut state: Vec<u32> = primes.iter().take(8).map(|&prime| fraction(prime, 2)).collect();
    let mut message = data.to_vec();
    message.push(0x80);
    message.resize((message.len() + 8).div_ceil(64) * 64 - 8, 0);
    message.extend((data.len() as u64 * 8).to_be_bytes());
    for block in message.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for at in 16..64 {
            let (a, b) = (words[at - 15], words[at - 2]);
            let low = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
            let high = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
            words.push(words[at - 16].wrapping_add(low).wrapping_add(words[at - 7]).wrapping_add(high));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h]: [u32; 8] =
            state.clone().try_into().unwrap();
        for (word, constant) in words.iter().zip(&constants) {
            let mix = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let one = [mix, e & f ^ !e & g, *constant, *word].into_iter().fold(h, u32::wrapping_add);
            let mix = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let two = mix.wrapping_add(a & b ^ a & c ^ b & c);
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
        }
        for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(add);
        }
    }
    let bytes: Vec<u8> = state.into_iter().flat_map(u32::to_be_bytes).collect();
    bytes.try_into().unwrap()
}

fn base64(data: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for bytes in data.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*bytes.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= bytes.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// The diagram of a page: as many boxes as there are tables, none over another one, all on the sheet. Gives its size.
fn check_diagram(html: &str, tables: usize) -> (f64, f64) {
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
    (width, height)
}

#[test]
fn thirty_tables_fit_on_a_page_side_by_side() {
    let project = Project::empty();
    project.write("s.sql", many_tables(30));
    let html = page(&project, &["s.sql", "--format", "html"]);
    let (width, _) = check_diagram(&html, 30);
    // A chain of ten tables is the longest; it is all that may be wider than a page.
    assert!(width < 2600.0, "{width}");
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

/// Law: without FROM the page is about what is there: a project names its database before it has one. Who names one
/// with the command means that one.
#[test]
fn a_project_without_its_database_has_the_page_of_what_would_make_it() {
    let project = Project::empty();
    project.ok(&["init"]);
    project.write("spec/ddl.sql", "CREATE TABLE plans (id INTEGER PRIMARY KEY);\n");
    project.ok(&["migrate", "generate", "plans"]);
    assert!(page(&project, &[]).contains("plans"));
    for named in [&["--db", "no.db", "schema", "docs"][..], &["--db", "planctl.db", "schema", "docs"]] {
        assert_eq!(project.run(named).status, 2);
    }
    project.ok(&["migrate", "up"]);
    let sql = "CREATE TABLE only_here (id INTEGER PRIMARY KEY)";
    rusqlite::Connection::open(project.path("planctl.db")).unwrap().execute_batch(sql).unwrap();
    assert!(page(&project, &[]).contains("only_here"));
}

/// The page of a database stayed out of date for ever, where the check compares it with what the migrations produce.
#[test]
fn tables_of_others_are_neither_on_the_page_of_a_database_nor_in_its_dump() {
    let project = Project::empty();
    let app = rusqlite::Connection::open(project.path("app.db")).unwrap();
    app.execute_batch(
        "CREATE TABLE knex_migrations (id integer PRIMARY KEY, name, batch, migration_time);
         CREATE TABLE migrations (id integer PRIMARY KEY, migration varchar, batch integer);
         CREATE TABLE jobs (id integer PRIMARY KEY);
         CREATE TABLE shops (id INTEGER PRIMARY KEY);
         CREATE INDEX of_jobs ON jobs (id);",
    )
    .unwrap();
    drop(app);
    project.write("planctl.toml", "db = \"app.db\"\nspec = \"ddl.sql\"\n[audit]\nignore = [\"jobs\"]\n");
    let dumped = project.run(&["schema", "dump"]);
    assert_eq!(dumped.stdout, "CREATE TABLE shops (\n    id INTEGER PRIMARY KEY\n);\n");
    assert_eq!(dumped.stderr, "left out, as tables of others: jobs, knex_migrations, migrations\n");
    let page = project.run(&["schema", "docs"]);
    for theirs in ["jobs", "migrations"] {
        assert!(!page.stdout.contains(theirs), "{}", page.stdout);
    }
    // A table that the spec has is the project's own.
    project.write(
        "ddl.sql",
        "CREATE TABLE jobs (id integer PRIMARY KEY); CREATE TABLE shops (id INTEGER PRIMARY KEY);",
    );
    let dumped = project.run(&["schema", "dump"]);
    assert!(dumped.stdout.contains("CREATE INDEX of_jobs"), "{}", dumped.stdout);
    assert_eq!(dumped.stderr, "left out, as tables of others: knex_migrations, migrations\n");
    assert!(project.ok(&["schema", "docs"]).stdout.contains("### jobs"));
    project.write("ddl.sql", "not SQL");
    assert!(!project.ok(&["schema", "dump"]).stdout.contains("jobs"));
}
