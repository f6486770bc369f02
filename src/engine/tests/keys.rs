//! Foreign keys behind a migration, row by row.

use super::*;

const C: (&str, &str) = ("CREATE TABLE c(k TEXT PRIMARY KEY, a REFERENCES a(id)) WITHOUT ROWID;", "");
const D: (&str, &str) = ("CREATE TABLE d(k TEXT PRIMARY KEY, n, a REFERENCES a(id), UNIQUE(n));", "");

#[test]
fn a_new_orphan_is_found_even_if_an_old_one_goes() {
    for table in ["c", "d"] {
        let bench = Bench::new();
        ok(&bench.up(&set(&[A, C, D])));
        let columns = format!("INSERT INTO {table}(k, a) VALUES");
        bench.conn().execute_batch(&format!("{columns}('old', 7), ('kept', 7), ('other', 8)")).unwrap();
        let chain = |script: &str| up(&mut *bench.engine(), &set(&[A, C, D, (script, "")]));
        let error = refused(chain(&format!("DELETE FROM {table} WHERE k = 'old'; {columns}('new', 7);")));
        assert_eq!(error.message(), "V4__m4 leaves 1 row without its parent", "{table}");
        let named = if table == "c" { "k = 'new' (a = 7)" } else { "(a = 7)" };
        assert!(error.notes()[0].contains(named), "{:?}", error.notes());
        // Those that were there stay as they are, also in a table that is made anew and renamed.
        let rebuild = format!(
            "CREATE TABLE n(k TEXT PRIMARY KEY, a REFERENCES a(id), more);
             INSERT INTO n(k, a) SELECT k, a FROM {table}; DROP TABLE {table}; ALTER TABLE n RENAME TO {table};
             ALTER TABLE {table} RENAME TO e; DELETE FROM e WHERE k = 'old';"
        );
        assert_eq!(ok(&chain(&rebuild)), [4], "{table}");
    }
}

#[test]
fn a_key_with_a_collation_that_is_not_here_is_checked_as_far_as_that_goes_and_the_rest_is_told() {
    let bench = Bench::new();
    ok(&bench.up(&set(&[A])));
    let conn = bench.conn();
    conn.create_collation("german", |a, b| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
    conn.execute_batch(
        "CREATE TABLE p(name TEXT COLLATE german PRIMARY KEY); INSERT INTO p VALUES('Ä');
         CREATE TABLE q(id INTEGER PRIMARY KEY, p REFERENCES p(name), a REFERENCES a(id));
         INSERT INTO q VALUES(1, 'Ä', NULL)",
    )
    .unwrap();
    drop(conn);
    // Each row has a parent of the very same spelling: all is checked.
    let run = bench.up(&set(&[A, ("CREATE TABLE t(x);", "")]));
    assert_eq!((ok(&run), &run.done[0].unchecked), (vec![2], &Vec::new()));
    // The other key of that table is checked all the same.
    let chain = [A, ("CREATE TABLE t(x);", ""), ("INSERT INTO q VALUES(2, 'Ä', 99);", "")];
    let error = refused(bench.up(&set(&chain)));
    assert!(error.notes()[0].starts_with("q(a): 1 row has no parent in a"), "{:?}", error.notes());
    // Of this row only the application can tell.
    let run = bench.up(&set(&[A, chain[1], ("INSERT INTO q VALUES(3, 'ä', NULL);", "")]));
    assert_eq!(ok(&run), [3]);
    assert_eq!(
        run.done[0].unchecked[0].sentence(),
        "1 row of q(p) could not be checked against p: no such collation sequence: german"
    );
}
