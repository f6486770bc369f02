//! Random pairs of schemas.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::harness::case_count;
use planctl::internals::base::job::Job;

/// A schema of up to three tables that know each other, as SQL. Some are refused by SQLite: those are passed over.
pub(crate) fn schema() -> impl Strategy<Value = String> {
    let types = prop::sample::select(vec!["INTEGER", "TEXT", "REAL", "BLOB", "ANY"]);
    let extras = prop::sample::select(vec![
        "",
        "",
        "",
        "DEFAULT 7",
        "DEFAULT 'x y'",
        "DEFAULT (1 + 1)",
        "NOT NULL DEFAULT 1",
        "NOT NULL DEFAULT ''",
        "COLLATE NOCASE",
        "UNIQUE",
        "CHECK (c1 IS NOT 99)",
        "REFERENCES t0(c0)",
        "REFERENCES t1 ON DELETE CASCADE",
        "UNIQUE ON CONFLICT REPLACE",
        "NOT NULL",
        "NOT NULL ON CONFLICT IGNORE DEFAULT 'd'",
        "AS (1 + 1)",
        "AS ('s') STORED",
    ]);
    let column =
        (0..6_usize, types, extras).prop_map(|(n, declared, extra)| (n, format!("{declared} {extra}")));
    let keys = prop::sample::select(vec![
        "",
        "",
        "id INTEGER PRIMARY KEY",
        "id INTEGER PRIMARY KEY AUTOINCREMENT",
        "id TEXT PRIMARY KEY",
        "id INT PRIMARY KEY",
    ]);
    let options = prop::sample::select(vec!["", "", "", "WITHOUT ROWID", "STRICT", "STRICT, WITHOUT ROWID"]);
    let tails = prop::sample::select(vec![
        "",
        "",
        ", UNIQUE (c0, c1)",
        ", CHECK (c0 IS NOT c1 OR c0 IS NULL OR 1)",
        ", CONSTRAINT named CHECK (c0 <> 'nobody')",
        ", g AS (c1 || 'g')",
        ", FOREIGN KEY (c0) REFERENCES t2(c0) ON UPDATE SET NULL",
    ]);
    let table = (prop::collection::vec(column, 1..6), keys, options, tails, any::<[bool; 4]>()).prop_map(
        |(columns, key, options, tail, flags)| {
            let mut seen = Vec::new();
            let mut parts: Vec<String> = Vec::new();
            if !key.is_empty() {
                parts.push(key.to_owned());
            }
            for (n, rest) in columns {
                if !seen.contains(&n) {
                    seen.push(n);
                    parts.push(format!("c{n} {rest}"));
                }
            }
            (parts.join(", "), options, tail, flags)
        },
    );
    prop::collection::vec(table, 1..4).prop_map(|tables| {
        let mut sql = String::new();
        let (mut late, count) = (String::new(), tables.len());
        for (n, (body, options, tail, [index, view, trigger, unique])) in tables.into_iter().enumerate() {
            let tail = if body.contains("c0") && body.contains("c1") { tail } else { "" };
            let (body, options) = match options {
                "STRICT" | "STRICT, WITHOUT ROWID" => (body, options),
                _ => (body.replace("ANY", ""), options),
            };
            sql.push_str(&format!("CREATE TABLE t{n} ({body}{tail}) {options};\n"));
            if index {
                let kind = if unique { "UNIQUE INDEX" } else { "INDEX" };
                sql.push_str(&format!("CREATE {kind} i{n} ON t{n} (c0 DESC);\n"));
            }
            if view {
                late.push_str(&format!("CREATE VIEW v{n} AS SELECT c0 FROM t{n};\n"));
                late.push_str(&format!("CREATE VIEW w{n} AS SELECT c0 AS x FROM v{n};\n"));
            }
            if trigger {
                late.push_str(&format!(
                    "CREATE TRIGGER r{n} AFTER DELETE ON t{n} BEGIN UPDATE t{} SET c0 = old.c0; END;\n",
                    (n + 1) % count
                ));
            }
        }
        sql + &late
    })
}

/// The short form tries the same pairs each time; the long one (`PROPTEST_CASES`) others.
pub(crate) fn seed() -> RngSeed {
    if std::env::var_os("PROPTEST_CASES").is_some() { RngSeed::Random } else { RngSeed::Fixed(3) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: case_count(50, 150), rng_seed: seed(), max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_two_schemas_are_closed_or_refused_with_a_reason(one in schema(), other in schema(), newest in any::<bool>()) {
        let sources = [SourceFile::new("one.sql", one), SourceFile::new("other.sql", other)];
        let known = |source: &SourceFile| engine::spec_database(source, Job::quiet()).and_then(|spec| spec.schema());
        let (Ok(from), Ok(goal)) = (known(&sources[0]), known(&sources[1])) else {
            return Err(TestCaseError::reject("SQLite refuses it"));
        };
        match generate(&from, &goal, if newest { NEWEST } else { OLDEST }) {
            Ok(Some(scripts)) => run("random", &sources[0], &sources[1], &scripts),
            Ok(None) => prop_assert_eq!(findings(&sources[1], &from), Vec::<String>::new()),
            Err(error) => {
                let text = format!("{error} {:?}", error.notes());
                // A key that refers to no key cannot be checked, and no migration may leave one.
                prop_assert!(text.contains("foreign key mismatch"), "{}\n{}\n---\n{}", text, sources[0].text(), sources[1].text());
            }
        }
    }
}
