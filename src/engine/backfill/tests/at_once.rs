//! The law: reading and writing at once, forwards or block by block from the end, comes to the same as the two steps,
//! whatever the order of the rows.

use proptest::prelude::*;

use super::*;

/// Rows of which most come behind their parents, or before them.
#[derive(Debug, Clone)]
struct Case {
    kind: Kind,
    /// Whether the last row is stored first.
    upside_down: bool,
    /// Parent, or the number of another row as one, and the root.
    rows: Vec<(Parent, Root)>,
    spec: BackfillSpec,
}

/// What the ids are.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Integers,
    /// Not in their order.
    MixedIntegers,
    Ulids,
    MixedUlids,
    /// Short and long ones, and some that are ULIDs.
    Texts,
    /// Of every class.
    Values,
}

impl Kind {
    fn key(self, row: usize) -> Value {
        let mixed = row * 17 % 71;
        let ulid = |n: usize| Value::Text(format!("01J{n:023}"));
        match self {
            Kind::Integers => Value::Integer(row as i64 * 2 - 7),
            Kind::MixedIntegers => Value::Integer(mixed as i64),
            Kind::Ulids => ulid(row),
            Kind::MixedUlids => ulid(mixed),
            Kind::Texts if row % 5 == 4 => ulid(mixed),
            Kind::Texts => Value::Text(format!("{mixed:0width$}é", width = 20 + row % 3 * 30)),
            Kind::Values => match row % 4 {
                0 => Value::Integer(row as i64),
                1 => Value::Real(row as f64 + 0.5),
                2 => Value::Blob(vec![row as u8; row]),
                _ => ulid(row),
            },
        }
    }

    fn declared(self) -> &'static str {
        match self {
            Kind::Integers => "INTEGER PRIMARY KEY",
            Kind::MixedIntegers => "INT PRIMARY KEY",
            Kind::Ulids | Kind::MixedUlids | Kind::Texts => "TEXT PRIMARY KEY",
            Kind::Values => "BLOB PRIMARY KEY",
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Parent {
    None,
    Empty,
    /// So many rows before.
    Before(usize),
    /// That row, wherever it stands.
    Row(usize),
    Missing,
    /// The one before, spelled otherwise: in small letters, or as a text.
    Respelled,
}

#[derive(Debug, Clone, Copy)]
enum Root {
    None,
    Empty,
    Row(usize),
}

fn cases() -> impl Strategy<Value = Case> {
    let parent = prop_oneof![
        20 => Just(Parent::None),
        20 => Just(Parent::Empty),
        400 => (0_usize..9).prop_map(Parent::Before),
        2 => (0_usize..30).prop_map(Parent::Row),
        1 => Just(Parent::Missing),
        1 => Just(Parent::Respelled),
    ];
    let root = prop_oneof![
        6 => Just(Root::None),
        1 => Just(Root::Empty),
        2 => (0_usize..30).prop_map(Root::Row),
    ];
    let policy = (
        prop::sample::select(vec![OnCycle::Abort, OnCycle::Skip]),
        prop::sample::select(vec![OnOrphan::Abort, OnOrphan::SelfRoot, OnOrphan::Skip]),
        any::<bool>(),
    );
    let kind = prop::sample::select(vec![
        Kind::Integers,
        Kind::MixedIntegers,
        Kind::Ulids,
        Kind::MixedUlids,
        Kind::Texts,
        Kind::Values,
    ]);
    (kind, any::<bool>(), prop::collection::vec((parent, root), 1..70), policy).prop_map(
        |(kind, upside_down, rows, (on_cycle, on_orphan, recompute))| Case {
            kind,
            upside_down,
            rows,
            spec: BackfillSpec { on_cycle, on_orphan, recompute, ..spec() },
        },
    )
}

impl Case {
    fn open(&self) -> Connection {
        let key = |row: usize| match self.kind.key(row) {
            // It is the rowid as well.
            Value::Integer(key) if self.upside_down => Value::Integer(-key),
            key => key,
        };
        let declared = self.kind.declared();
        let plain = declared.split(' ').next().unwrap();
        // The other table is why the pages of the file do not contradict so many rows.
        let conn = open(&format!(
            "CREATE TABLE t(id {declared}, parent {plain}, root {plain});
             CREATE TABLE other AS SELECT zeroblob(16384)"
        ));
        let stored = |place: usize| if self.upside_down { self.rows.len() - 1 - place } else { place };
        for row in (0..self.rows.len()).map(stored) {
            let (parent, root) = &self.rows[row];
            let parent = match *parent {
                Parent::None => Value::Null,
                Parent::Empty => Value::Text(String::new()),
                Parent::Before(steps) => row.checked_sub(steps + 1).map_or(Value::Null, key),
                Parent::Row(row) => key(row),
                Parent::Missing => key(1_000),
                Parent::Respelled => match key(row.saturating_sub(1)) {
                    Value::Text(text) => Value::Text(text.to_lowercase()),
                    other => other,
                },
            };
            let root = match *root {
                Root::None => Value::Null,
                Root::Empty => Value::Text(String::new()),
                Root::Row(row) => key(row),
            };
            conn.execute("INSERT INTO t VALUES (?1, ?2, ?3)", (key(row), parent, root)).unwrap();
        }
        conn
    }
}

/// A trigger that does nothing: with it, two steps are taken.
const IN_TWO_STEPS: &str = "CREATE TRIGGER two AFTER UPDATE ON t WHEN 0 BEGIN SELECT 1; END";

fn assert_same(at_once: &Connection, in_two_steps: &Connection, spec: &BackfillSpec) -> Outcome {
    in_two_steps.execute_batch(IN_TWO_STEPS).unwrap();
    let outcome = fill(at_once, spec).unwrap();
    assert_eq!(outcome, fill(in_two_steps, spec).unwrap());
    assert_eq!(rows(at_once), rows(in_two_steps));
    outcome
}

fn is_whole(conn: &Connection) -> bool {
    let target = Target::examine(conn, &spec()).unwrap();
    conn.execute_batch("BEGIN").unwrap();
    let filled = crate::engine::backfill::at_once::fill(conn, &target, &spec(), Job::quiet()).unwrap();
    conn.execute_batch("ROLLBACK").unwrap();
    filled.read.is_some()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn at_once_comes_to_the_same_as_two_steps(case in cases()) {
        let behind = case.rows.iter().all(|(parent, _)| {
            matches!(parent, Parent::None | Parent::Empty | Parent::Before(_))
        });
        if behind {
            prop_assert!(is_whole(&case.open()));
        }
        assert_same(&case.open(), &case.open(), &case.spec);
    }
}

/// A row that breaks the order in a later block: what stands before it is written by then, and is written once.
#[test]
fn what_was_written_before_the_order_broke_is_counted_once() {
    let last = 2 * BLOCK + 9;
    for (parent, refused) in [(last, false), (last + 1, true), (BLOCK + 3, true)] {
        for upside_down in [false, true] {
            let stored = |row: usize| if upside_down { last - row } else { row };
            let i = if upside_down { format!("({last} - i)") } else { "i".to_owned() };
            let up = if upside_down { format!("{last} - ({i} - 1) / 3") } else { "(i - 1) / 3".to_owned() };
            let create = format!(
                "CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT, body);
                 INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
                 SELECT i, CASE {i} WHEN {at} THEN {parent} WHEN 0 THEN NULL ELSE {up} END,
                     CASE WHEN i % 7 THEN NULL WHEN i % 2 THEN 0 ELSE 1 END, zeroblob(130) FROM n;
                 UPDATE t SET parent = NULL WHERE id = {}",
                stored(last),
                at = BLOCK + 3,
                parent = if parent > last { 1_000_000 } else { stored(parent) },
            );
            assert!(!is_whole(&open(&create)));
            for recompute in [false, true] {
                let spec = BackfillSpec { recompute, ..spec() };
                let outcome = assert_same(&open(&create), &open(&create), &spec);
                assert_eq!(outcome.refused.is_some(), refused);
            }
        }
    }
}

/// Children before their parents, in blocks that have to be filled wholly, in part, or not at all, with gaps between rowids,
/// on a connection that takes rows in either direction.
#[test]
fn rows_that_stand_before_their_parents_are_filled_block_by_block() {
    let last = 2_999;
    for reverse in [false, true] {
        let create = format!(
            "PRAGMA reverse_unordered_selects = {reverse};
             CREATE TABLE t(id INTEGER PRIMARY KEY, parent INT, root INT, body);
             INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {last})
             SELECT i, CASE WHEN i % 100 < 99 THEN i + 1 END,
                 CASE WHEN i < 600 THEN NULL WHEN i < 1200 THEN i - i % 100 + 99 WHEN i % 3 THEN NULL ELSE -i END,
                 zeroblob(500) FROM n;
             DELETE FROM t WHERE id % 100 = 0 AND id > 2000"
        );
        for recompute in [false, true] {
            let spec = BackfillSpec { recompute, ..spec() };
            assert!(is_whole(&open(&create)));
            let (conn, in_two_steps) = (open(&create), open(&format!("{create}; {IN_TWO_STEPS}")));
            let [mut outcome, mut other] = [&conn, &in_two_steps].map(|conn| fill(conn, &spec).unwrap());
            if reverse {
                // Which are the first that were written depends on where SQLite begins.
                assert_eq!([&mut outcome, &mut other].map(|of| of.written.drain(..).count()), [LISTED; 2]);
            }
            assert_eq!(outcome, other);
            assert_eq!(rows(&conn), rows(&in_two_steps));
            assert_eq!(strings(&conn, "PRAGMA integrity_check"), ["ok"]);
        }
    }
}

/// Where writing a root moves the row, or may delete another one, SQLite asks about all rows before it writes the first.
#[test]
fn rows_that_are_asked_about_before_any_is_written_get_their_own_roots() {
    for table in [
        "id INT UNIQUE, parent INT, root INTEGER PRIMARY KEY",
        "id INTEGER PRIMARY KEY, parent INT, root INT UNIQUE ON CONFLICT REPLACE",
    ] {
        let create = format!(
            "CREATE TABLE t({table});
             INSERT INTO t(id, root) VALUES (10, 1), (20, 2), (30, 3), (40, 4), (50, 5);"
        );
        let spec = BackfillSpec { recompute: true, ..spec() };
        let conn = open(&create);
        assert_same(&conn, &open(&create), &spec);
        assert_eq!(strings(&conn, "SELECT root || '' FROM t ORDER BY id"), ["10", "20", "30", "40", "50"]);
    }
}
