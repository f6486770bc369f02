//! What a column is called makes no difference to what is counted, refused and said.

use super::binary::Project;
use super::in_the_way::KEYS;
use super::losses::CONVERSIONS;
use super::*;

/// The name that the others take the place of.
const PLAIN: &str = "planck";

/// Names that SQLite knows for something else, too, and that are a column's where there is one.
const ODD: [&str; 13] = [
    "true",
    "False",
    "rowid",
    "oid",
    "_ROWID_",
    "null",
    "current_time",
    "new",
    "excluded",
    "column1",
    "abort",
    "a.b",
    "a:1",
];

/// Before, rows, after.
const CASES: &[[&str; 3]] = &[
    [
        "t (id INTEGER PRIMARY KEY, planck TEXT)",
        "(1, NULL), (2, 'x')",
        "t (id INTEGER PRIMARY KEY, planck TEXT NOT NULL)",
    ],
    [
        "t (planck TEXT, b INT)",
        "(NULL, 1), ('x', 2)",
        "t (planck TEXT NOT NULL, -- planctl:fill value=b+1\n b INT)",
    ],
    [
        "t (planck TEXT, b)",
        "('x', 1), ('y', 2)",
        "t (planck TEXT CHECK (planck <> 'x' AND t.planck IS NOT 'z'), b)",
    ],
    [
        "t (a INT, planck TEXT)",
        "(1, 'x'), (2, 'x')",
        "t (a INT, planck TEXT); CREATE UNIQUE INDEX i ON t (planck) WHERE a > 0",
    ],
    ["t (a INT, planck TEXT)", "(1, 'x'), (2, '5')", "t (a INT, planck INT) STRICT"],
    ["t (a INT, planck TEXT)", "(1, 'x'), (2, NULL)", "t (a INT)"],
    ["t (a INT, planck INT)", "(1, 5), (2, NULL)", "t (a INT, planck INT AS (a + 1))"],
    [
        "t (a INT, b)",
        "(1, 5), (2, 7)",
        "t (a INT, planck INT NOT NULL CHECK (planck > 2), -- planctl:fill value=a+1\n b)",
    ],
    [
        "t (a INT, b)",
        "(1, 5), (2, 1)",
        "t (a INT,\n-- planctl:renamed-from b\nplanck INT CHECK (planck > 2))",
    ],
    [
        "t (a INT, planck INT)",
        "(1, 5), (2, 1)",
        "t (a INT,\n-- planctl:renamed-from planck\nb INT CHECK (b > 2))",
    ],
    [
        "t (a INT, b)",
        "(1, 5), (2, 1)",
        "t (a INT,\n-- planctl:renamed-from b\nplanck INT, CHECK (a > 0 AND t.planck > 2))",
    ],
    [
        "t (a INT, b CHECK (b > 2))",
        "(1, 5), (2, 3)",
        "t (a INT,\n-- planctl:renamed-from b\nplanck CHECK (planck > 2))",
    ],
    ["t (a INT, b)", "(1, 'x'), (2, 5)", "t (a INT,\n-- planctl:renamed-from b\nplanck INT) STRICT"],
    [
        "t (a INT, planck)",
        "(1, 'x'), (2, 5)",
        "t (a INT,\n-- planctl:renamed-from planck\nb INT, c INT AS (b || 1)) STRICT",
    ],
    ["t (a INT, b)", "(1, NULL), (2, 5)", "t (a INT,\n-- planctl:renamed-from b\nplanck INT NOT NULL)"],
    [
        "t (a INT, b)",
        "(1, NULL), (2, 5)",
        "t (a INT,\n-- planctl:renamed-from b\nplanck INT, c INT NOT NULL CHECK (c > 5), -- planctl:fill column=c value=b+0\n d)",
    ],
    ["t (a INT, b)", "(1, 5), (2, 5)", "t (a INT,\n-- planctl:renamed-from b\nplanck INT UNIQUE)"],
    [
        "t (a INT, b UNIQUE CHECK (b > 0), c AS (b + 1))",
        "(1, 5), (2, 6)",
        "t (a INT,\n-- planctl:renamed-from b\nplanck UNIQUE CHECK (planck > 0), c AS (planck + 1) CHECK (a > 0))",
    ],
    [
        "p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT, b INT)",
        "(1, 5), (2, NULL)",
        "p (id INTEGER PRIMARY KEY); CREATE TABLE t (a INT,\n-- planctl:renamed-from b\nplanck INT REFERENCES p)",
    ],
    [
        "t (a INT, b)",
        "(1, 5), (2, 9)",
        "t (a INT, planck INT CHECK (t.planck > 2 AND t.a < t.planck), -- planctl:fill value=a+1\n b)",
    ],
    [
        "p (planck INT UNIQUE); CREATE TABLE t (planck INT)",
        "(1), (NULL)",
        "p (planck INT UNIQUE); CREATE TABLE t (planck INT REFERENCES p (planck))",
    ],
];

/// Before, rows, and a migration that they stop.
const STOPPED: &[[&str; 3]] = &[
    [
        "t (id INTEGER PRIMARY KEY, planck TEXT)",
        "(1, NULL), (2, 'x'), (3, NULL)",
        "CREATE TABLE n (id INTEGER PRIMARY KEY, planck TEXT NOT NULL); INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (planck TEXT PRIMARY KEY, b)",
        "('x', NULL), ('y', 1), ('z', NULL)",
        "CREATE TABLE n (planck TEXT PRIMARY KEY, b NOT NULL) WITHOUT ROWID; INSERT INTO n (b, planck) SELECT b, planck FROM t;",
    ],
    [
        "t (a, planck TEXT)",
        "(1, 'x'), (2, 'y'), (3, 'x'), (4, 'X')",
        "CREATE TABLE n (a, planck TEXT COLLATE NOCASE, UNIQUE (a, planck), UNIQUE (planck)); INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (a, planck INT)",
        "(1, 5), (2, NULL), (3, 1)",
        "CREATE TABLE n (a, planck INT CHECK (planck > 2)); INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (a, planck INT)",
        "(1, 5), (2, NULL), (3, 1)",
        "CREATE TABLE n (a, planck INT, CONSTRAINT c CHECK (a < 0 OR n.planck > 2)); INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (a, planck)",
        "(1, 5), (2, NULL), (3, 'x')",
        "CREATE TABLE n (a INT, planck INT) STRICT; INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (a, planck INT)",
        "(1, 5), (2, NULL), (3, 1)",
        "CREATE TABLE n (a, planck INT, g AS (planck * 2) UNIQUE, h AS (g - 2) CHECK (h > 0)); INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (a, b INT)",
        "(1, 5), (2, NULL), (3, 1)",
        "CREATE TABLE n (a, b, planck AS (b - 1) NOT NULL); INSERT INTO n SELECT * FROM t;",
    ],
    [
        "t (a INT, planck TEXT)",
        "(1, 'x'), (2, 'y'), (3, 'x'), (-1, 'x')",
        "CREATE UNIQUE INDEX i ON t (planck, lower(planck)) WHERE planck <> 'y' AND a > 0;",
    ],
    [
        "t (id INTEGER PRIMARY KEY, planck TEXT)",
        "(1, 'x'), (2, NULL)",
        "ALTER TABLE t ALTER COLUMN planck SET NOT NULL;",
    ],
    [
        "t (id INTEGER PRIMARY KEY, planck INT)",
        "(1, 5), (2, 1)",
        "ALTER TABLE t ADD CONSTRAINT c CHECK (planck > 2 AND t.planck < 9);",
    ],
];

/// A text in which the column has this name.
fn called(text: &str, name: &str) -> String {
    text.replace(PLAIN, name).replace('"', "")
}

/// What is said on the way from one to the other, with a database that has these rows.
fn said([before, rows, after]: [&str; 3], name: &str) -> Vec<String> {
    let named = |text: &str| format!("CREATE TABLE {};", text.replace(PLAIN, &quote(name)));
    let project = Project::with_rows(&named(before), &format!("INSERT INTO t VALUES {rows}"));
    // A hint names a column without quotes around it.
    let hinted =
        named(after).replace(&format!("renamed-from {}", quote(name)), &format!("renamed-from {name}"));
    project.write("spec.sql", &hinted);
    let mut all = Vec::new();
    for args in ["migrate generate second", "migrate generate second --allow-destructive"] {
        let output = project.planctl(args);
        all.push(format!("{:?}", output.status.code()));
        for stream in [output.stdout, output.stderr] {
            // A line that shows the statement is as long as the name, and so is what stands before a column of it. Where ALTER TABLE cannot name the column, for that is a
            // name of the rowid, the table is copied, and a value is of the name that the column has until then.
            let text = String::from_utf8(stream).unwrap();
            all.extend(text.lines().filter(|line| !line.contains('^') && !line.contains("copies all")).map(
                |line| match line.contains("--> ") {
                    true => line.rsplit_once(':').map_or(line, |(line, _)| line).to_owned(),
                    false => line.replace("where b+0", &format!("where {name}+0")),
                },
            ));
        }
        if output.status.success() {
            all.push(format!("{:?}", project.planctl("migrate up").status.code()));
            all.push(project.value(
                "SELECT (SELECT count(*) FROM t) || ' rows, ' || count(*) FROM refinery_schema_history",
            ));
            break;
        }
    }
    all
}

#[test]
fn a_column_called_true_or_rowid_is_counted_like_any_other() {
    let converted = CONVERSIONS.iter().map(|(old, new, values, _)| {
        [format!("t ({PLAIN} {old})"), (*values).to_owned(), format!("t ({PLAIN} {new})")]
    });
    let keyed = KEYS.iter().map(|(before, after, rows, _)| {
        let named = |text: &str| {
            let mut named = text.to_owned();
            let mut names: Vec<_> = tokens(text).filter(|token| ["a", "id"].contains(&token.text)).collect();
            while let Some(token) = names.pop() {
                named.replace_range(token.start..token.end(), PLAIN);
            }
            named
        };
        [named(before), (*rows).to_owned(), named(after)]
    });
    let cases = CASES.iter().map(|case| case.map(str::to_owned)).chain(converted).chain(keyed);
    let mut wrong = Vec::new();
    for (n, case) in cases.enumerate() {
        let case = [&case[0], &case[1], &case[2]].map(String::as_str);
        let plain = said(case, PLAIN);
        // Each case has the two names that a query cannot have, and takes turns at the others. A name of the rowid takes
        // another way where a column is renamed.
        let is_renamed = case[2].contains("renamed-from");
        let turns = if is_renamed { 2 + n % 2 } else { 2 + n * 2 % (ODD.len() - 2) };
        for name in ODD.iter().take(2).chain(ODD.iter().skip(turns).chain(&ODD[2..]).take(2)) {
            let odd = said(case, name);
            let (plain, odd) = (called(&plain.join("\n"), name), called(&odd.join("\n"), name));
            if plain != odd {
                wrong.push(format!("{name}: {case:?}\n{plain}\n---\n{odd}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// What `migrate up` says of rows that stop a migration.
fn stopped([before, rows, migration]: [&str; 3], name: &str) -> String {
    let named = |text: &str| text.replace(PLAIN, &quote(name));
    let project = Project::with_rows(
        &named(&format!("CREATE TABLE {before};")),
        &format!("INSERT INTO t VALUES {rows}"),
    );
    project.write("migrations/V2__second.sql", &named(migration));
    let said = project.refused("migrate up");
    let rest = said.lines().filter(|line| !line.contains('|') && !line.contains("-->"));
    rest.collect::<Vec<_>>().join("\n")
}

#[test]
fn rows_that_stop_a_migration_are_named_whatever_their_columns_are_called() {
    let mut wrong = Vec::new();
    for (n, case) in STOPPED.iter().enumerate() {
        let plain = stopped(*case, PLAIN);
        assert!(
            plain.contains("note: t: ") || plain.contains("note: n: ") || plain.contains(" share "),
            "{case:?}: {plain}"
        );
        let turns = ODD.iter().skip(3).cycle().skip(n * 3).take(3);
        for name in ODD.iter().take(3).chain(turns) {
            // To SQLite, no row is one where `("False" > 2) IS FALSE`, and so it takes that constraint.
            if *name == "False" && case[2].contains("ADD CONSTRAINT") {
                continue;
            }
            let odd = stopped(*case, name);
            let (plain, odd) = (called(&plain, name), called(&odd, name));
            if plain != odd {
                wrong.push(format!("{name}: {case:?}\n{plain}\n---\n{odd}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
