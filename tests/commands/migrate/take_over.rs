//! The way of docs/getting-started.md into a project, for databases that are there: their schema as the specification, a
//! first migration, its baseline. It ends at a `check` that is green but for what lint says of the schema.

use super::corpus::{all_of, chains, load, open, plain, runnable};
use super::*;
use crate::harness::{Run, expect};
use planctl::internals::base::job::Job;
use planctl::internals::engine::UpOptions;
use planctl::rusqlite::functions::FunctionFlags;

/// Runs planctl in a folder, and expects one of these exit statuses.
fn planctl(dir: &Path, args: &str, expected: &[i32]) -> String {
    let args: Vec<&str> = args.split(' ').collect();
    let output = expect(&mut crate::harness::planctl(dir, &args), expected);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Takes over the database `app.db` of the folder.
fn take_over(dir: &Path) {
    fs::create_dir(dir.join("spec")).unwrap();
    fs::write(dir.join("planctl.toml"), "db = \"app.db\"\n").unwrap();
    fs::write(dir.join("spec/ddl.sql"), planctl(dir, "schema dump app.db", &[0])).unwrap();
    planctl(dir, "migrate generate start", &[0]);
    planctl(dir, "migrate baseline --to 1", &[0]);
    planctl(dir, "migrate status --check", &[0]);
    planctl(dir, "audit", &[0]);
    planctl(dir, "audit --scratch", &[0]);
    let report: serde_json::Value =
        serde_json::from_str(&planctl(dir, "check --format json", &[0, 1])).unwrap();
    for step in report["steps"].as_array().unwrap() {
        let is_clean = step["findings"] == 0 || step["name"] == "lint";
        assert!(is_clean, "{}: {step}\n{:#}", dir.display(), report["findings"]);
    }
}

#[test]
fn real_databases_are_taken_over_as_getting_started_says() {
    let Some(schemas) = all_of("schemas") else { return };
    let mut count = 0;
    for entry in schemas {
        if entry.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let dir = in_memory();
        plain(&dir.path().join("app.db")).execute_batch(&fs::read_to_string(&entry).unwrap()).unwrap();
        take_over(dir.path());
        count += 1;
    }
    assert!(count > 10, "only {count} schemas");
}

#[test]
fn the_ends_of_real_chains_are_taken_over_too() {
    for chain in chains().unwrap_or_default() {
        let (_files, set) = load(&chain);
        let dir = in_memory();
        let db = dir.path().join("app.db");
        let options = UpOptions::of(ulid::Ulid::nil());
        let run = open(&db).migrate_up(&runnable(&set), &options, Job::quiet());
        assert!(run.error.is_none(), "{}: {:?}", chain.display(), run.error);
        // As another tool leaves it.
        plain(&db)
            .execute_batch("DROP TABLE refinery_schema_history; DROP TABLE planctl_migrations")
            .unwrap();
        take_over(dir.path());
    }
}

/// What is taken over at its first step, or said there: settings of the file, and full-text tables in any order.
#[test]
fn a_database_with_settings_and_full_text_over_views_is_taken_over() {
    let dir = in_memory();
    let conn = plain(&dir.path().join("app.db"));
    conn.execute_batch(
        "PRAGMA auto_vacuum = 1; PRAGMA encoding = 'UTF-16le'; PRAGMA user_version = 7; PRAGMA application_id = 99;
         CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT);
         CREATE VIEW v AS SELECT id AS ident, body FROM t; CREATE VIRTUAL TABLE a USING fts4(content=v);
         CREATE VIRTUAL TABLE b USING fts5(body, content=v, content_rowid=ident); CREATE VIEW w AS SELECT body FROM b;",
    )
    .unwrap();
    drop(conn);
    take_over(dir.path());
}

/// A database that an application has made, with a collation and functions of its own.
fn of_an_application(dir: &Path, schema: &str) {
    let conn = plain(&dir.join("app.db"));
    conn.create_collation("unicase", |a: &str, b: &str| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("slug", 1, flags, |ctx| ctx.get::<String>(0)).unwrap();
    conn.execute_batch(schema).unwrap();
}

/// The command, which fails, and what it says on stderr.
fn refused(dir: &Path, args: &str) -> String {
    let run = Run::of(&mut crate::harness::planctl(dir, &args.split(' ').collect::<Vec<_>>()));
    assert_eq!(run.status, 2, "{args}");
    run.stderr
}

/// `generate` called it proven, `baseline` stopped, and `check` stayed red.
#[test]
fn a_database_with_a_collation_of_the_applications_is_taken_over_and_check_says_what_stood_in_for_it() {
    const NOTE: &str =
        "unicase is a collation of the application's: shadow databases compare text byte by byte";
    let dir = in_memory();
    of_an_application(
        dir.path(),
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, a TEXT COLLATE unicase, b TEXT); CREATE INDEX i ON notes (a);
         CREATE TABLE tags (name TEXT PRIMARY KEY COLLATE unicase, v) WITHOUT ROWID;
         CREATE TABLE decks (name TEXT); CREATE UNIQUE INDEX j ON decks (name COLLATE unicase);
         INSERT INTO notes (a) VALUES ('B'), ('a'); INSERT INTO tags VALUES ('Z', 1), ('q', 2);",
    );
    take_over(dir.path());
    assert!(planctl(dir.path(), "check", &[0]).replace('\n', " ").contains(NOTE));

    // Rows are made on a shadow database for the next one, and the file itself has no stand-in: what needs the collation fails.
    let spec = dir.path().join("spec/ddl.sql");
    let text = fs::read_to_string(&spec).unwrap();
    fs::write(&spec, text.replacen("b TEXT\n", "b TEXT,\n    c TEXT\n", 1)).unwrap();
    let generated = planctl(dir.path(), "migrate generate more", &[0]).replace('\n', " ");
    assert!(generated.contains("with rows") && generated.contains(NOTE), "{generated}");
    planctl(dir.path(), "migrate up", &[0]);
    assert!(planctl(dir.path(), "migrate test", &[0]).replace('\n', " ").contains(NOTE));
    let checked = planctl(dir.path(), "check", &[0]);
    assert!(checked.contains("round trips") && !checked.contains(", 0 rows"), "{checked}");
    planctl(dir.path(), "audit", &[0]);
    fs::write(dir.path().join("migrations/V3__x.sql"), "CREATE TABLE x (a TEXT UNIQUE COLLATE unicase);")
        .unwrap();
    for command in ["migrate up", "migrate up --dry-run"] {
        let said = refused(dir.path(), command);
        assert!(said.contains("no such collation sequence: unicase"), "{said}");
    }
}

/// The copy of the schema could not be made of a database in UTF-16.
#[test]
fn a_collation_of_the_applications_is_no_trouble_in_utf_16() {
    for encoding in ["UTF-16le", "UTF-16be"] {
        let dir = in_memory();
        let schema =
            "CREATE TABLE t (a TEXT COLLATE unicase, b TEXT COLLATE \"unicase\"); CREATE INDEX i ON t (a);
                      CREATE INDEX j ON t (b COLLATE unicase, lower(a) COLLATE 'unicase');";
        of_an_application(dir.path(), &format!("PRAGMA encoding = '{encoding}'; {schema}"));
        take_over(dir.path());
        let second = dir.path().join("migrations/V2__b.sql");
        fs::write(&second, "CREATE TABLE x (a TEXT PRIMARY KEY COLLATE unicase);").unwrap();
        for command in ["migrate up", "migrate up --dry-run"] {
            let said = refused(dir.path(), command);
            assert!(
                said.contains("no such collation sequence: unicase") && said.contains("V2__b.sql"),
                "{said}"
            );
        }
        fs::write(&second, "CREATE TABLE x (a TEXT PRIMARY KEY);").unwrap();
        planctl(dir.path(), "migrate up --dry-run", &[0]);
        planctl(dir.path(), "migrate up", &[0]);
    }
}

/// A collation that nobody has is found by `check`, as ever, where its name is one of SQLite's but for a letter.
#[test]
fn a_misspelt_collation_is_not_taken_for_the_applications() {
    let dir = in_memory();
    fs::create_dir(dir.path().join("migrations")).unwrap();
    for (name, stands_in) in
        [("nocsae", false), ("NOCASEE", false), ("rtim", false), ("unicase", true), ("de", true)]
    {
        let up = format!("CREATE TABLE t (a TEXT PRIMARY KEY COLLATE {name});");
        fs::write(dir.path().join("migrations/V1__a.sql"), &up).unwrap();
        fs::write(dir.path().join("migrations/V1__a.down.sql"), "DROP TABLE t;").unwrap();
        fs::write(dir.path().join("ddl.sql"), &up).unwrap();
        let checked = planctl(dir.path(), "check --spec ddl.sql --fail-on error", &[i32::from(!stands_in)]);
        assert_eq!(checked.contains("no such collation"), !stands_in, "{checked}");
    }
}

/// Nothing can be said of rows whose check or key is what an unknown function gives. `generate` said "proven".
#[test]
fn a_function_of_the_applications_is_refused_by_generate_with_its_place_and_the_way_on() {
    for (schema, place) in [
        ("CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (slug(a));", "i calls slug()"),
        ("CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX i ON t (a) WHERE slug(b) > '';", "i calls slug()"),
        ("CREATE TABLE t (a TEXT CHECK (slug(a) <> ''));", "t calls slug()"),
        ("CREATE TABLE t (a TEXT, b TEXT AS (slug(a)));", "t calls slug()"),
    ] {
        let dir = in_memory();
        of_an_application(dir.path(), schema);
        fs::write(dir.path().join("ddl.sql"), planctl(dir.path(), "schema dump app.db", &[0])).unwrap();
        let said = refused(dir.path(), "migrate generate start --spec ddl.sql");
        assert!(
            said.contains(place) && said.contains("ddl.sql:") && said.contains("^^^^"),
            "{schema}: {said}"
        );
        assert!(said.contains("`planctl::migrate`"), "{said}");
        assert!(!dir.path().join("migrations").exists());
    }
}

/// What is compiled when it is used alone can be made without the function.
#[test]
fn functions_of_the_applications_in_defaults_triggers_and_views_are_taken_over() {
    let dir = in_memory();
    of_an_application(
        dir.path(),
        "CREATE TABLE t (a TEXT, b TEXT DEFAULT (slug('x')));
         CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET b = slug(a); END;
         CREATE VIEW v AS SELECT slug(a) AS x FROM t ORDER BY a COLLATE unicase;",
    );
    take_over(dir.path());
}

/// The file cannot have it, `check` has NULL in its place and says so, and an allow or a setting ends it.
#[test]
fn a_chain_that_calls_functions_of_the_application_is_checked_and_the_ways_out_of_the_finding_lead_out() {
    const V1: &str = "CREATE TABLE pages (id INTEGER PRIMARY KEY, title TEXT CHECK (slug(title) <> ''), name TEXT);
CREATE INDEX pages_slug ON pages (slug(title));
CREATE TRIGGER pages_named AFTER INSERT ON pages BEGIN UPDATE pages SET name = slug(title) WHERE id = new.id; END;";
    let dir = in_memory();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let check =
        |status| planctl(dir.path(), "check -v", &[status]).split_whitespace().collect::<Vec<_>>().join(" ");
    write("migrations/V1__pages.sql", V1);
    write("migrations/V1__pages.down.sql", "DROP TABLE pages;");
    // Rows get a value that only the application knows, where none may be missing.
    write(
        "migrations/V2__paths.sql",
        "CREATE TABLE paths (path TEXT NOT NULL); INSERT INTO paths SELECT slug(title) FROM pages;",
    );
    write("migrations/V2__paths.down.sql", "DROP TABLE paths;");
    write("spec/ddl.sql", &format!("{V1}\nCREATE TABLE paths (path TEXT NOT NULL);"));
    let checked = check(1);
    for said in [
        "migrations/V1__pages.sql",
        "unknown-function: slug() is not a SQLite function",
        "`-- planctl:allow unknown-function REASON`",
        "have the application run the migration (`planctl::migrate`)",
        "round trips 2 migrations, ",
        "audit 3 objects against spec/ddl.sql ok",
        "V2__paths: not run:",
        "it stops at generated rows for which slug() gives NULL here",
    ] {
        assert!(checked.contains(said), "{said}: {checked}");
    }
    assert!(!checked.contains(", 0 rows") && checked.contains("1 error"), "{checked}");
    // The setting, for files that were applied; the directive, for a new one.
    write("planctl.toml", "[lint]\nrules = { unknown-function = \"off\" }\n");
    assert!(check(0).contains("in shadow databases it returns NULL"));
    write("planctl.toml", "[lint]\nfrom = 2\n");
    check(0);
    write("planctl.toml", "");
    write("migrations/V1__pages.sql", &format!("-- planctl:allow unknown-function it names pages\n{V1}"));
    check(0);
    let audited = planctl(dir.path(), "audit --scratch", &[0]);
    assert!(audited.contains("in shadow databases it returns NULL"), "{audited}");
    // What is wrong besides is found: a name that is missing, a spec that asks for more, a way back that leads elsewhere.
    write("migrations/V3__x.sql", "UPDATE pages SET name = slug(titel);");
    assert!(check(1).contains("no such column: titel"));
    write("migrations/V3__x.sql", "CREATE TABLE x (a);");
    write("migrations/V3__x.down.sql", "SELECT slug(1);");
    let checked = check(1);
    assert!(
        checked.contains("extra-table") && checked.contains("the down does not restore the schema"),
        "{checked}"
    );
    // On a file nobody stands in for it.
    for command in ["migrate up --db new.db", "migrate up --db new.db --dry-run"] {
        let said = refused(dir.path(), command);
        assert!(said.contains("no such function: slug") && said.contains("`planctl::migrate`"), "{said}");
    }
}
