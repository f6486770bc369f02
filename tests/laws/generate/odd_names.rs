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
        "p (planck INT UNIQUE); CREATE TABLE t (planck INT)",
        "(1), (NULL)",
        "p (planck INT UNIQUE); CREATE TABLE t (planck INT REFERENCES p (planck))",
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
            // name of the rowid, the table is copied.
            let text = String::from_utf8(stream).unwrap();
            all.extend(text.lines().filter(|line| !line.contains('^') && !line.contains("copies all")).map(
                |line| match line.contains("--> ") {
                    true => line.rsplit_once(':').map_or(line, |(line, _)| line).to_owned(),
                    false => line.to_owned(),
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
        // Each case has the two names that a query cannot have, and takes turns at the others.
        for name in ODD.iter().take(2).chain(ODD.iter().skip(2).cycle().skip(n * 2).take(2)) {
            // A column that is renamed to or from a name of the rowid is copied, and said to be so.
            if case[2].contains("renamed-from") && name.to_ascii_lowercase().contains("id") {
                continue;
            }
            let odd = said(case, name);
            let (plain, odd) = (called(&plain.join("\n"), name), called(&odd.join("\n"), name));
            if plain != odd {
                wrong.push(format!("{name}: {case:?}\n{plain}\n---\n{odd}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
