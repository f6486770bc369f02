//! What is refused because of the spec is shown in the spec, and what is advised there is taken as it stands.

use super::binary::Project;
use super::*;

/// Stands in front of the place of the spec that is to be shown.
const HERE: char = '»';

struct Case {
    before: &'static str,
    rows: &'static str,
    /// With the mark.
    spec: &'static str,
    ledger: &'static str,
    said: &'static str,
}

const CASE: Case = Case { before: "", rows: "", spec: "", ledger: "", said: "" };

/// The database has the table and its column under other names.
const RENAMED: &str = "[[rename]]\ntable = 't'\nlive = 'old_t'\nreason = 'r'\n\
                       [[rename]]\ntable = 't'\ncolumn = 'a'\nlive = 'old_a'\nreason = 'r'\n";

const CASES: &[Case] = &[
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        spec: "-- plans\n  »CREATE TABLE \"u v\" (a TEXT, b INT);",
        said: "the table \"u v\" looks like the table t under a new name",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        spec: "CREATE TABLE t (\n    »fresh TEXT,\n    b INT\n);",
        said: "the column t.fresh looks like the column a under a new name",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT);",
        spec: "CREATE TABLE t (\n    a TEXT,\n    »\"select\" TEXT NOT NULL\n);",
        said: "which value existing rows get in t.\"select\"",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT);",
        rows: "INSERT INTO t VALUES (NULL)",
        spec: "CREATE TABLE u (x);\nCREATE TABLE t (\n    »a TEXT NOT NULL\n);",
        said: "1 row in the way: NULL in a",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        rows: "INSERT INTO t VALUES ('x', -1)",
        spec: "CREATE TABLE t (\n    a TEXT CHECK (a <> ''),\n    b INT,\n    CHECK (»b > 0)\n);",
        said: "1 row in the way: rows that break CHECK",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        rows: "INSERT INTO t VALUES ('x', 1), ('x', 1)",
        spec: "CREATE TABLE t (a TEXT, b INT,\n    »UNIQUE (b, a)\n);",
        said: "2 rows in the way: the same b, a twice",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        rows: "INSERT INTO t VALUES ('x', 1), ('x', 1)",
        spec: "CREATE TABLE t (\n    a TEXT »PRIMARY KEY, b INT UNIQUE\n);",
        said: "2 rows in the way: the same a twice",
        ..CASE
    },
    Case {
        before: "CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE t (a INT, b INT);",
        rows: "INSERT INTO t VALUES (7, 1)",
        spec: "CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE t (\n    a INT »REFERENCES p (id),\n    b INT\n);",
        said: "1 row in the way: a value in a without its row in p",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        rows: "INSERT INTO t VALUES ('x', 1), ('x', 1)",
        spec: "CREATE TABLE t (a TEXT, b INT);\n»CREATE UNIQUE INDEX i ON t (a);",
        said: "2 rows in the way: the same key of i twice",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT, b INT);",
        rows: "INSERT INTO t VALUES ('x', 'one')",
        spec: "CREATE TABLE t (a TEXT,\n »b INT) STRICT;",
        said: "1 row in the way: a value in b that is not of type INT",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a TEXT);",
        spec: "CREATE TABLE t (a TEXT,\n    »b INT NOT NULL CHECK (b > 0) -- planctl:fill value=-1\n);",
        said: "no row gets past the value given for t.b",
        ..CASE
    },
    Case {
        before: "CREATE TABLE t (a INT, b INT);",
        spec: "CREATE TABLE t (\n-- planctl:renamed-from a\nb INT,\n-- planctl:renamed-from b\nc INT,\n»d INT NOT NULL -- planctl:fill value=b\n);",
        said: "the value given for t.d names b",
        ..CASE
    },
    // The database calls them otherwise.
    Case {
        before: "CREATE TABLE old_t (id INTEGER PRIMARY KEY, old_a TEXT, UNIQUE (old_a, id));",
        rows: "INSERT INTO old_t VALUES (1, NULL)",
        spec: "CREATE TABLE t (\n    id INTEGER PRIMARY KEY,\n    »a TEXT NOT NULL,\n    UNIQUE (a, id)\n);",
        ledger: RENAMED,
        said: "1 row in the way: NULL in old_a",
    },
    Case {
        before: "CREATE TABLE old_t (id INTEGER PRIMARY KEY, old_a TEXT);",
        rows: "INSERT INTO old_t VALUES (1, 'x'), (2, 'x')",
        spec: "CREATE TABLE t (\n    id INTEGER PRIMARY KEY,\n    a TEXT »UNIQUE\n);",
        ledger: RENAMED,
        said: "2 rows in the way: the same old_a twice",
    },
    // What the ledger excuses stands in front: the goal has one constraint less than the spec.
    Case {
        before: "CREATE TABLE t (a INT, b INT);",
        rows: "INSERT INTO t VALUES (1, 1), (1, 1)",
        spec: "CREATE TABLE t (\n    a INT UNIQUE,\n    b INT »UNIQUE\n);",
        ledger: "[[deviation]]\nrule = 'missing-unique'\ntable = 't'\nname = 'a'\nexpected = 'UNIQUE (a)'\nreason = 'r'\n",
        said: "2 rows in the way: the same b twice",
    },
];

impl Case {
    /// A project in which the spec has gone on, and the place that is to be shown.
    fn set_up(&self) -> (Project, String) {
        let project = Project::with_rows(self.before, self.rows);
        let (in_front, behind) = self.spec.split_once(HERE).unwrap();
        project.write("spec.sql", &format!("{in_front}{behind}"));
        if !self.ledger.is_empty() {
            project.write("deviations.toml", self.ledger);
        }
        let line = in_front.rsplit('\n').next().unwrap();
        let lines = in_front.matches('\n').count();
        (project, format!("spec.sql:{}:{}", lines + 1, line.chars().count() + 1))
    }
}

#[test]
fn what_the_spec_is_refused_for_is_shown_where_the_spec_says_it() {
    for case in CASES {
        let (project, place) = case.set_up();
        for command in ["migrate generate more", "audit --sql"] {
            let said = project.refused(command);
            assert!(said.contains(case.said), "{}: {command}\n{said}", case.spec);
            assert!(said.contains(&format!("--> {place}\n")), "{}: {command}: no {place}\n{said}", case.spec);
        }
    }
}

/// The comments that an error or a hint advises, each with the line of the spec above which it belongs.
fn advised(text: &str, spec: &str) -> Vec<(usize, String)> {
    let line = text.split("spec.sql:").nth(1).unwrap().split(':').next().unwrap().parse::<usize>().unwrap();
    let comments = text.split('`').filter(|part| part.starts_with("-- planctl:"));
    let of_table = spec.lines().take(line).collect::<Vec<_>>();
    let table = of_table.iter().rposition(|line| line.contains("CREATE TABLE")).unwrap() + 1;
    comments
        .map(|comment| {
            let comment = comment.replace("value=SQL", "value='7'");
            (if comment.contains("column=") { table } else { line }, comment)
        })
        .collect()
}

fn with_comment(spec: &str, (line, comment): &(usize, String)) -> String {
    let mut lines: Vec<&str> = spec.lines().collect();
    lines.insert(line - 1, comment);
    lines.join("\n")
}

#[test]
fn a_comment_that_a_refusal_advises_is_pasted_and_the_spec_is_accepted() {
    let mut taken = 0;
    for case in CASES {
        let (project, _) = case.set_up();
        let spec = fs::read_to_string(project.path("spec.sql")).unwrap();
        let said = project.refused("migrate generate more");
        for comment in said.contains("`-- planctl:").then(|| advised(&said, &spec)).into_iter().flatten() {
            project.write("spec.sql", &with_comment(&spec, &comment));
            project.ok("audit --sql --allow-destructive");
            project.ok("migrate generate more --allow-destructive");
            project.ok("migrate up");
            project.ok("audit");
            project.ok("migrate down --steps 1 --allow-destructive");
            for file in ["V2__more.sql", "V2__more.down.sql"] {
                let _ = fs::remove_file(project.path("migrations").join(file));
            }
            taken += 1;
        }
    }
    assert_eq!(taken, 7, "two each for a table and a column that look renamed, one for each value");
}

/// The advice of an audit about names: each comment by itself makes its last line, the command, work.
#[test]
fn an_audit_advises_what_has_to_be_said_of_names_before_the_command_that_then_works() {
    for case in CASES.iter().filter(|case| case.said.contains("under a new name")) {
        let (project, place) = case.set_up();
        let spec = fs::read_to_string(project.path("spec.sql")).unwrap();
        let audit = |args: &str| String::from_utf8(project.planctl(args).stdout).unwrap();
        for args in ["audit", "audit --scratch"] {
            let said = audit(args);
            let hint = said.lines().find(|line| line.starts_with(&format!("{place}: first write `")));
            let hint = hint.unwrap_or_else(|| panic!("{args}: no hint at {place}\n{said}"));
            assert!(said.contains("\n`planctl migrate generate NAME` writes the migration"), "{said}");
            for comment in advised(hint, &spec) {
                project.write("spec.sql", &with_comment(&spec, &comment));
                let then = audit(args);
                assert!(!then.contains("first write"), "{comment:?}\n{then}");
                let options = if comment.1.contains("new") { " --allow-destructive" } else { "" };
                assert!(then.contains(&format!("`planctl migrate generate NAME{options}` writes")), "{then}");
                project.ok(&format!("migrate generate more{options}"));
                for file in ["V2__more.sql", "V2__more.down.sql"] {
                    let _ = fs::remove_file(project.path("migrations").join(file));
                }
            }
            project.write("spec.sql", &spec);
        }
        // Without migrations it is a script that closes it.
        fs::remove_dir_all(project.path("migrations")).unwrap();
        let said = audit("audit");
        assert!(
            said.contains(": first write `") && said.contains("\n`planctl audit --sql` prints"),
            "{said}"
        );
    }
}

/// The audit named a command that refuses: nothing says which value the rows get.
#[test]
fn an_audit_advises_which_columns_need_a_value_before_the_command_that_then_works() {
    let project = Project::with_rows("CREATE TABLE t (a INTEGER PRIMARY KEY);", "");
    let columns = "b TEXT NOT NULL, \"c d\" INT NOT NULL, e INT NOT NULL DEFAULT 1, f INT, g AS (a) NOT NULL";
    let spec = format!("CREATE TABLE t (a INTEGER PRIMARY KEY, {columns});");
    project.write("spec.sql", &spec);
    project.refused("migrate generate more");
    let said = String::from_utf8(project.planctl("audit").stdout).unwrap();
    let hints: Vec<&str> = said.lines().filter(|line| line.contains(": first give ")).collect();
    let comments = [("b", "'x'"), ("\"c d\"", "1")];
    assert_eq!(hints.len(), comments.len(), "{said}");
    let mut given = spec.clone();
    for (hint, (column, value)) in hints.iter().zip(comments) {
        let advised = format!("`-- planctl:fill column={column} value=SQL` above its table");
        assert!(hint.ends_with(&advised), "{hint}");
        given = format!("-- planctl:fill column={column} value={value}\n{given}");
    }
    let with_defaults =
        spec.replace("NOT NULL,", "NOT NULL DEFAULT 1,").replace("DEFAULT 1 DEFAULT", "DEFAULT");
    for followed in [given, with_defaults] {
        project.write("spec.sql", &followed);
        let then = String::from_utf8(project.planctl("audit").stdout).unwrap();
        assert!(!then.contains("first give"), "{then}");
        project.ok("migrate generate more");
        for file in ["V2__more.sql", "V2__more.down.sql"] {
            fs::remove_file(project.path("migrations").join(file)).unwrap();
        }
    }
}

#[test]
fn what_does_not_compile_in_the_spec_comes_before_the_command_that_would_refuse_it() {
    let broken = "CREATE TABLE t (a TEXT);\nCREATE VIEW v AS SELECT b FROM t;";
    let project = Project::with_rows("CREATE TABLE t (a TEXT);", "");
    project.write("spec.sql", broken);
    let audit = || String::from_utf8(project.planctl("audit").stdout).unwrap();
    let said = audit();
    assert!(
        said.contains("\nfirst correct view v in the spec: it does not compile\n`planctl migrate"),
        "{said}"
    );
    project.refused("migrate generate more");
    project.write("spec.sql", &broken.replace('b', "a"));
    assert!(!audit().contains("first correct"));
    project.ok("migrate generate more");
}

/// More names than are told, and no more than are told.
#[test]
fn of_many_names_the_first_are_told_and_how_many_more_there_are() {
    let tables = |of: char, count: usize| -> String {
        (0..count)
            .map(|n| format!("CREATE TABLE {of}{n} (id INTEGER PRIMARY KEY, c{n} TEXT, d TEXT);\n"))
            .collect()
    };
    for (count, more) in
        [(3, None), (4, Some("1 more probable rename")), (6, Some("3 more probable renames"))]
    {
        let project = Project::with_rows(&tables('a', count), "");
        project.write("spec.sql", &tables('b', count));
        let said = String::from_utf8(project.planctl("audit").stdout).unwrap();
        assert_eq!(said.matches(": first write `").count(), count.min(3), "{said}");
        assert_eq!(said.contains("more probable rename"), more.is_some(), "{said}");
        assert!(more.is_none_or(|more| said.contains(more)), "{said}");
    }
}

/// Without a file that somebody can write into, what cannot be said has to be done by hand.
#[test]
fn where_no_comment_can_be_written_none_is_advised() {
    let project = Project::with_rows("CREATE TABLE t (a TEXT, b INT);", "");
    let other = |sql: &str| {
        let _ = fs::remove_file(project.path("other.db"));
        Connection::open(project.path("other.db")).unwrap().execute_batch(sql).unwrap();
    };
    for (ddl, said) in [
        ("CREATE TABLE t (fresh TEXT, b INT);", "looks like the column a"),
        ("CREATE TABLE t (a TEXT, b INT, c INT NOT NULL);", "which value existing rows get in t.c"),
    ] {
        other(ddl);
        let text = project.refused("schema diff planctl.db other.db --sql");
        assert!(text.contains(said) && text.contains("write the script by hand"), "{text}");
        assert!(!text.contains("planctl:") && !text.contains("ledger") && !text.contains("-->"), "{text}");
        project.write("to.sql", ddl);
        let text = project.refused("schema diff planctl.db to.sql --sql");
        assert!(
            text.contains("planctl:") && text.contains(" in to.sql") && text.contains("--> to.sql:1:"),
            "{text}"
        );
        assert!(!text.contains("ledger"), "{text}");
    }
}
