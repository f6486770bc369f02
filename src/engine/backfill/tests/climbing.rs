//! The law: after a run every row's root is its true root ancestor, or the row is skipped and untouched; nothing else
//! changes; a second run changes nothing. What is true is asked of SQLite itself, row by row.

use proptest::prelude::*;

use super::*;

/// A table, and values of which ids, parents and roots are drawn.
#[derive(Debug, Clone)]
struct Case {
    ddl: &'static str,
    rows: Vec<(Value, Value, Value)>,
    spec: BackfillSpec,
}

fn cases() -> impl Strategy<Value = Case> {
    let pool: Vec<Value> = ["a", "A", "b", "B ", "b", "c", "", "5", "5.0", " 6", "6", "é", "x\0y"]
        .iter()
        .map(|s| Value::Text((*s).into()))
        .chain([1, 2, 3, 5, 6, 7].map(Value::Integer))
        .chain([5.0, 6.5, 7.0].map(Value::Real))
        .chain([Value::Blob(b"a".to_vec()), Value::Null])
        .collect();
    let value = prop::sample::select(pool);
    let ddl = prop::sample::select(vec![
        "id INTEGER PRIMARY KEY, parent INTEGER, root INTEGER",
        "id INTEGER PRIMARY KEY, parent TEXT, root TEXT",
        "id TEXT, parent TEXT, root TEXT",
        "id TEXT COLLATE NOCASE, parent TEXT, root TEXT COLLATE BINARY",
        "id TEXT COLLATE RTRIM, parent TEXT COLLATE NOCASE, root",
        "id, parent, root",
        "id REAL, parent, root NUMERIC",
        "id BLOB, parent INT, root BLOB",
    ]);
    let policy = (
        prop::sample::select(vec![OnCycle::Abort, OnCycle::Skip]),
        prop::sample::select(vec![OnOrphan::Abort, OnOrphan::SelfRoot, OnOrphan::Skip, OnOrphan::Skip]),
        any::<bool>(),
    );
    (ddl, prop::collection::vec((value.clone(), value.clone(), value), 0..12), policy).prop_map(
        |(ddl, rows, (on_cycle, on_orphan, recompute))| Case {
            ddl,
            rows,
            spec: BackfillSpec { on_cycle, on_orphan, recompute, ..spec() },
        },
    )
}

/// The true root of every row, asked of SQLite one step at a time: `Ok(rowid of the root)`, or why there is none.
fn oracle(
    conn: &Connection,
    collation: &str,
    adopt: bool,
) -> Vec<(i64, std::result::Result<i64, &'static str>)> {
    let rowids: Vec<i64> = {
        let mut statement = conn.prepare("SELECT rowid FROM t").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let step = format!(
        "SELECT c.parent IS NULL OR c.parent = '' COLLATE BINARY, p.rowid FROM t c LEFT JOIN t p
         ON c.parent = p.id COLLATE {collation} WHERE c.rowid = ?1"
    );
    let climb = |row: i64| {
        let mut at = row;
        for _ in 0..=rowids.len() {
            let (top, up): (bool, Option<i64>) =
                conn.query_row(&step, [at], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            match up {
                _ if top => return Ok(at),
                None if adopt => return Ok(at),
                None => return Err("orphan"),
                Some(up) => at = up,
            }
        }
        Err("cycle")
    };
    rowids.iter().map(|&row| (row, climb(row))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn every_root_is_the_one_that_sqlite_finds_by_climbing(case in cases()) {
        let conn = open(&format!("CREATE TABLE t({})", case.ddl));
        let collation = ["NOCASE", "RTRIM"].into_iter()
            .find(|c| case.ddl.starts_with(&format!("id TEXT COLLATE {c}"))).unwrap_or("BINARY");
        for (id, parent, root) in &case.rows {
            // Ids that SQLite would call equal as parents of one row, or does not take, are left out.
            let clash = format!(
                "SELECT count(*) FROM t WHERE id = ?1 COLLATE {collation}
                 OR (typeof(id) <> 'blob' AND typeof(?1) <> 'blob' AND CAST(id AS NUMERIC) = CAST(?1 AS NUMERIC)
                     AND CAST(id AS NUMERIC) <> 0)"
            );
            let clashes: i64 = conn.query_row(&clash, [id], |row| row.get(0)).unwrap();
            if clashes == 0 && *id != Value::Null {
                let _ = conn.execute("INSERT OR IGNORE INTO t VALUES(?1, ?2, ?3)", (id, parent, root));
            }
        }
        let before = rows(&conn);
        let adopt = case.spec.on_orphan == OnOrphan::SelfRoot;
        let truth = oracle(&conn, collation, adopt);
        let outcome = fill(&conn, &case.spec).unwrap();
        let cycles = truth.iter().any(|(_, t)| *t == Err("cycle"));
        let orphans = truth.iter().any(|(_, t)| *t == Err("orphan"));
        let refused = cycles && case.spec.on_cycle == OnCycle::Abort
            || orphans && case.spec.on_orphan == OnOrphan::Abort;
        prop_assert_eq!(outcome.refused.is_some(), refused);
        let after = rows(&conn);
        if refused {
            prop_assert_eq!(&after, &before);
        }
        let mut wrong = 0;
        for ((rowid, truth), (before, after)) in truth.iter().zip(before.iter().zip(&after)) {
            prop_assert_eq!(&before[..2], &after[..2]);
            let is_empty = matches!(&before[2], Value::Null) || before[2] == Value::Text(String::new());
            let Ok(top) = truth else {
                prop_assert_eq!(before, after);
                continue;
            };
            let right = |value: &Value| -> bool {
                // The stored value is put beside the id in a table of the same columns, so that affinities count.
                let probe = open(&format!("CREATE TABLE t({})", case.ddl));
                let id: Value = conn.query_row("SELECT id FROM t WHERE rowid = ?1", [top], |r| r.get(0)).unwrap();
                probe.execute("INSERT INTO t VALUES(?1, NULL, ?2)", (id, value)).unwrap();
                probe.query_row(&format!("SELECT coalesce(root = id COLLATE {collation}, 0) FROM t"), [], |r| r.get(0))
                    .unwrap()
            };
            let was_right = right(&before[2]);
            wrong += u64::from(!was_right && !is_empty);
            if !refused && (is_empty || case.spec.recompute) {
                prop_assert!(right(&after[2]), "row {}: {:?}", rowid, after);
            } else {
                prop_assert_eq!(before, after);
            }
            if was_right {
                prop_assert_eq!(before, after);
            }
        }
        prop_assert_eq!(outcome.wrong, wrong);
        prop_assert_eq!(outcome.rows, outcome.filled + outcome.corrected + outcome.unchanged);
        let changed = before.iter().zip(&after).filter(|(b, a)| b != a).count() as u64;
        prop_assert_eq!(changed, outcome.filled + outcome.corrected);
        let again = fill(&conn, &case.spec).unwrap();
        prop_assert_eq!(again.filled + again.corrected, 0);
        prop_assert_eq!(rows(&conn), after);
    }
}
