//! Random pairs of schemas in which names change together with everything else, and rows get values by expressions.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::random::{schema, seed};
use super::*;
use crate::harness::case_count;
use planctl::internals::base::job::Job;
use planctl::internals::plan::{Counted, Loss, RenamedFrom};
use planctl::internals::sql::{Kind, display_name, tokens};

/// Names of tables, odd ones among them. What is cut out of a sentence at a mark breaks at one of these.
const TABLES: [&str; 10] = [
    "ch:ild",
    "a(b",
    "plain",
    "it's",
    "say \"so\"",
    "x, y",
    "stops at rows of t",
    "new: check (c0)",
    "x.y",
    "no such column",
];

/// What columns are called afterwards. A column that is called like the rowid takes another way.
const COLUMNS: [&str; 6] = ["true", "d. 1", "rowid", "d\"3", "oid", "False"];

/// What is done to the names.
#[derive(Clone, Debug)]
struct Choice {
    /// Where in `TABLES` the names of the first schema begin.
    first: usize,
    /// Which tables get another name; `None` when each takes the name of the next one.
    tables: Option<[bool; 3]>,
    /// Which columns get another name.
    columns: [bool; 6],
    /// Whether a new column of the first table gets its values by an expression, and whether that uses the old name.
    fill: Option<bool>,
    /// Whether there are rows with NULL wherever it may stand.
    nulls: bool,
    newest: bool,
}

fn choice() -> impl Strategy<Value = Choice> {
    (
        0..TABLES.len(),
        prop::option::weighted(0.7, any::<[bool; 3]>()),
        any::<[bool; 6]>(),
        prop::option::weighted(0.6, any::<bool>()),
        prop::bool::weighted(0.3),
        any::<bool>(),
    )
        .prop_map(|(first, tables, columns, fill, nulls, newest)| Choice {
            first,
            tables,
            columns,
            fill,
            nulls,
            newest,
        })
}

impl Choice {
    fn old_table(&self, n: usize) -> &'static str {
        TABLES[(self.first + n) % TABLES.len()]
    }

    fn new_table(&self, n: usize) -> String {
        match self.tables {
            None => self.old_table(n + 1).to_owned(),
            Some(changes) if changes[n] => format!("{} now", self.old_table(n)),
            Some(_) => self.old_table(n).to_owned(),
        }
    }

    fn new_column(&self, n: usize) -> String {
        if self.columns[n] { COLUMNS[n].to_owned() } else { format!("c{n}") }
    }
}

/// SQL about `t0`…`t2` and `c0`…`c5` with other names.
fn named(sql: &str, table: impl Fn(usize) -> String, column: impl Fn(usize) -> String) -> String {
    let (mut out, mut done) = (String::new(), 0);
    for token in tokens(sql).filter(|token| token.kind == Kind::Word && token.text.len() == 2) {
        let (kind, number) = token.text.split_at(1);
        let Ok(n) = number.parse::<usize>() else { continue };
        let name = match kind {
            "t" if n < 3 => table(n),
            "c" if n < 6 => column(n),
            _ => continue,
        };
        out.push_str(&sql[done..token.start]);
        out.push_str(&display_name(&name));
        done = token.end();
    }
    out.push_str(&sql[done..]);
    out
}

/// A table before and after: its names, and of each column that both have.
struct Kept {
    names: [Ident; 2],
    columns: Vec<[Ident; 2]>,
    /// The column that gets its values by an expression, and that expression by the names before.
    filled: Option<(Ident, String)>,
}

impl Kept {
    /// All rows of what both have, by the names of one side.
    fn rows(&self, db: &Path, side: usize, filled: bool) -> Vec<String> {
        let conn = Connection::open(db).unwrap();
        let mut values: Vec<String> = self
            .columns
            .iter()
            .map(|names| format!("typeof({0}) || quote({0})", quote(names[side].as_str())))
            .collect();
        if let Some((column, expression)) = self.filled.as_ref().filter(|_| filled) {
            values.push(if side == 0 { expression.clone() } else { quote(column.as_str()) });
        }
        if values.is_empty() {
            values.push("''".to_owned());
        }
        let sql = format!("SELECT {} FROM {}", values.join(" || "), quote(self.names[side].as_str()));
        let mut statement = conn.prepare(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let mut found: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
        found.sort();
        found
    }
}

/// A row with NULL wherever it may stand.
fn add_nulls(db: &Path, schema: &Schema) {
    let conn = Connection::open(db).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for table in schema.tables.values() {
        let columns: Vec<_> = table.columns.iter().filter(|column| column.generated.is_none()).collect();
        let names: Vec<String> = columns.iter().map(|column| quote(column.name.as_str())).collect();
        let value = |not_null: bool| if not_null { "'6'" } else { "NULL" };
        let values: Vec<&str> = columns.iter().map(|column| value(column.not_null.is_some())).collect();
        let (title, names, values) = (quote(table.name.as_str()), names.join(", "), values.join(", "));
        let _ = conn.execute_batch(&format!("INSERT OR IGNORE INTO {title} ({names}) VALUES ({values})"));
    }
}

/// Runs the law on one pair.
fn law(one: &str, other: &str, choice: &Choice) -> TestCaseResult {
    let known = |text: &str| {
        let source = SourceFile::new("x.sql", text);
        engine::spec_database(&source, Job::quiet()).and_then(|spec| spec.schema())
    };
    let (Ok(plain_one), Ok(plain_other)) = (known(one), known(other)) else {
        return Err(TestCaseError::reject("SQLite refuses it"));
    };
    if choice.tables.is_none() && plain_one.tables.len() != plain_other.tables.len() {
        return Err(TestCaseError::reject("not every name moves on"));
    }
    let mut goal_sql = other.to_owned();
    let table = |n: usize| Ident::from(format!("t{n}"));
    let column = |n: usize| Ident::from(format!("c{n}"));
    let has = |schema: &Schema, t: usize, c: usize| {
        schema.tables.get(&table(t)).is_some_and(|table| table.column(&column(c)).is_some())
    };
    let fills = choice.fill.filter(|_| has(&plain_one, 0, 0) && has(&plain_other, 0, 0));
    if fills.is_some() {
        goal_sql = goal_sql.replacen("CREATE TABLE t0 (", "CREATE TABLE t0 (filled TEXT, ", 1);
    }
    let from_sql = named(one, |n| choice.old_table(n).to_owned(), |n| format!("c{n}"));
    let goal_sql = named(&goal_sql, |n| choice.new_table(n), |n| choice.new_column(n));
    let (Ok(from), Ok(goal)) = (known(&from_sql), known(&goal_sql)) else {
        return Err(TestCaseError::reject("SQLite refuses these names"));
    };
    // What does not compile stays so under odd names, or it is about something else.
    let broken = |schema: &Schema| engine::broken(schema, Job::quiet()).unwrap().len();
    if broken(&plain_one) != broken(&from) || broken(&plain_other) != broken(&goal) {
        return Err(TestCaseError::reject("in quotes, a name that nothing has is a string"));
    }

    let mut hints = Hints::default();
    let mut kept = Vec::new();
    for t in 0..3 {
        let names = [Ident::from(choice.old_table(t)), Ident::from(choice.new_table(t))];
        let (Some(old), Some(new)) = (from.tables.get(&names[0]), goal.tables.get(&names[1])) else {
            continue;
        };
        if !plain_one.tables.contains_key(&table(t)) || !plain_other.tables.contains_key(&table(t)) {
            continue;
        }
        let mut renamed = |column: Option<&str>, from: &Ident| {
            let (table, column) = (names[1].clone(), column.map(Ident::from));
            hints.renamed.push(RenamedFrom { table, column, from: from.clone(), location: None });
        };
        if names[0] != names[1] {
            renamed(None, &names[0]);
        }
        let mut columns = vec![[Ident::from("id"), Ident::from("id")]];
        for c in (0..6).filter(|c| has(&plain_one, t, *c) && has(&plain_other, t, *c)) {
            let to = choice.new_column(c);
            if choice.columns[c] {
                renamed(Some(&to), &column(c));
            }
            columns.push([column(c), to.into()]);
        }
        columns.retain(|[a, b]| {
            let (Some(a), Some(b)) = (old.column(a), new.column(b)) else { return false };
            a.generated.is_none()
                && b.generated.is_none()
                && a.declared_type.eq_ignore_ascii_case(&b.declared_type)
                && old.strict == new.strict
        });
        let filled = fills.filter(|_| t == 0).map(|by_old_name| {
            let name = if by_old_name { "c0".to_owned() } else { choice.new_column(0) };
            let place = (names[1].clone(), Ident::from("filled"));
            hints.fills.insert(place, format!("quote({}) || '!'", quote(&name)));
            (Ident::from("filled"), "quote(c0) || '!'".to_owned())
        });
        kept.push(Kept { names, columns, filled });
    }

    let sqlite = if choice.newest { NEWEST } else { OLDEST };
    let context = format!("{from_sql}\n---\n{goal_sql}\n{:?}", hints.renamed);
    let mut given = hints.clone();
    let scripts = loop {
        match script_pair(&from, &goal, &terms(sqlite, given.clone()), &mut |_| Some(false)) {
            Ok(None) => return Ok(()),
            Ok(Some(scripts)) => break scripts,
            Err(error) => match wanted(&error, &goal).filter(|_| error.kind() == ErrorKind::Data) {
                Some((table, column)) => {
                    let declared =
                        goal.tables[&table].column(&column).unwrap().declared_type.to_ascii_uppercase();
                    let value = if declared.contains("BLOB") { "x'00'" } else { "'1'" };
                    prop_assert!(
                        given.fills.insert((table, column), value.to_owned()).is_none(),
                        "asked twice: {error}"
                    );
                }
                None => {
                    let text = format!("{error} {:?}", error.notes());
                    prop_assert!(text.contains("foreign key mismatch"), "{}\n{}", text, context);
                    return Ok(());
                }
            },
        }
    };
    losses(&from, &goal, &kept, &scripts, &hints, &context)?;
    way(&from_sql, &goal_sql, (&from, &goal), &kept, &scripts, choice.nulls, &context);
    Ok(())
}

/// All that goes or is overwritten is said, nothing else is, and nothing of it is written without leave.
fn losses(
    from: &Schema,
    goal: &Schema,
    kept: &[Kept],
    scripts: &ScriptPair,
    hints: &Hints,
    context: &str,
) -> TestCaseResult {
    let mut expected = Vec::new();
    for table in from.tables.values() {
        let Some(kept) = kept.iter().find(|kept| kept.names[0] == table.name) else {
            expected.push(format!("{} with its rows", table.name));
            continue;
        };
        let there = &goal.tables[&kept.names[1]];
        for column in table.columns.iter().filter(|column| column.generated.is_none()) {
            let hint = hints.renamed.iter().find(|hint| {
                hint.table == kept.names[1] && hint.column.is_some() && hint.from == column.name
            });
            let name = hint.and_then(|hint| hint.column.clone()).unwrap_or_else(|| column.name.clone());
            match there.column(&name) {
                None => expected.push(format!("{}.{}", there.name, column.name)),
                Some(there_column) if there_column.generated.is_some() => {
                    expected.push(format!("{}.{} computed", there.name, name));
                }
                Some(_) => {}
            }
        }
    }
    let said = scripts.lost.iter().filter_map(|loss| match loss {
        Loss::Rows { table } => Some(format!("{table} with its rows")),
        Loss::Values { table, column } => Some(format!("{table}.{column}")),
        Loss::Computed { table, column } => Some(format!("{table}.{column} computed")),
        Loss::Converted { .. } | Loss::Nulls { .. } => None,
    });
    let mut said: Vec<String> = said.collect();
    expected.sort();
    said.sort();
    prop_assert_eq!(&said, &expected, "{}", context);
    let leave = scripts.lost.iter().any(|loss| loss.needs_leave(Counted::Unknown));
    prop_assert_eq!(leave, !expected.is_empty());
    if leave {
        let terms = Terms { allow_destructive: false, ..terms(NEWEST, hints.clone()) };
        let refused = script_pair(from, goal, &terms, &mut |_| Some(false)).unwrap_err();
        prop_assert!(refused.message().contains("would lose data"), "{}\n{}", refused, context);
    }
    Ok(())
}

/// Up and down on a file with rows.
fn way(
    from_sql: &str,
    goal_sql: &str,
    (from, goal): (&Schema, &Schema),
    kept: &[Kept],
    scripts: &ScriptPair,
    nulls: bool,
    context: &str,
) {
    let dir = in_memory();
    let db = dir.path().join("a.db");
    Connection::open(&db)
        .unwrap()
        .execute_batch(&format!("PRAGMA foreign_keys = OFF; {}", plan::script(from)))
        .unwrap();
    fill(&db, from);
    if nulls {
        add_nulls(&db, from);
    }
    let all = |side: usize, filled: bool| -> Vec<Vec<String>> {
        kept.iter().map(|kept| kept.rows(&db, side, filled)).collect()
    };
    let (kept_before, before) = (all(0, false), all(0, true));
    let (up, down) = (up_text("V1__x", scripts), down_text("V1__x", scripts));
    let down = scripts.irreversible.is_none().then(|| SourceFile::new("V1__x.down.sql", down.as_str()));
    let up = SourceFile::new("V1__x.sql", up.as_str());
    let migration = Migration { version: 1, name: "x".to_owned(), up, down };
    let set = MigrationSet { dir: dir.path().to_owned(), migrations: vec![migration] };
    let mut engine =
        engine::open(&db, Access::ReadWrite { create: false }, OpenOptions::default(), Job::quiet()).unwrap();
    let options = UpOptions::of(ulid::Ulid::from_parts(0, 0));
    let ran = engine.migrate_up(&set, &options, Job::quiet());
    let mut has_rows = true;
    if let Some(error) = ran.error {
        assert_eq!(error.kind(), ErrorKind::Data, "{error} {:?}\n{context}", error.notes());
        assert_eq!(all(0, true), before, "stopped, and changed rows\n{context}");
        empty(&db, from);
        has_rows = false;
        let ran = engine.migrate_up(&set, &options, Job::quiet());
        assert!(ran.error.is_none(), "{:?}\n{context}", ran.error);
    }
    let goal_source = SourceFile::new("goal.sql", goal_sql);
    assert_eq!(findings(&goal_source, &engine.inspect().unwrap()), Vec::<String>::new(), "{context}");
    if has_rows {
        assert_eq!(all(1, true), before, "rows after up\n{context}\n{}", set.migrations[0].up.text());
    }
    if scripts.irreversible.is_some() {
        return;
    }
    let options =
        DownOptions { target: DownTarget::Steps(1), from_files: true, on_loss: OnLoss::Allow, backup: None };
    let ran = engine.migrate_down(&set, &options, Job::quiet());
    if let Some(error) = ran.error {
        assert_eq!(error.kind(), ErrorKind::Data, "down: {error} {:?}\n{context}", error.notes());
        empty(&db, goal);
        has_rows = false;
        let ran = engine.migrate_down(&set, &options, Job::quiet());
        assert!(ran.error.is_none(), "down: {:?}\n{context}", ran.error);
    }
    let from_source = SourceFile::new("from.sql", from_sql);
    assert_eq!(
        findings(&from_source, &engine.inspect().unwrap()),
        Vec::<String>::new(),
        "after down\n{context}"
    );
    if has_rows {
        assert_eq!(all(0, false), kept_before, "rows after down\n{context}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: case_count(40, 150), rng_seed: seed(), max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn names_change_together_with_all_the_rest(one in schema(), other in schema(), choice in choice()) {
        law(&one, &other, &choice)?;
    }
}
