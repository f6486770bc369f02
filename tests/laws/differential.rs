//! SQLite's own behaviour is the judge of the audit.
//!
//! - Two schemas that differ in one place: where the audit finds nothing, no statement may tell the databases apart. What
//!   is the same, said from the other side: where a statement can, the audit has a finding.
//! - A schema in two spellings: the audit finds nothing, and no statement tells them apart.
//!
//! The statements are random ones, made of the names and literals of both schemas, on rows that the seeder made: inserts,
//! updates, deletes, queries, transactions. `PLANCTL_DIFFERENTIAL=N` judges N pairs of each kind (600 take two minutes
//! of CPU); `PLANCTL_DIFFERENTIAL_SEED` begins elsewhere.

use std::ffi::{CString, c_int};
use std::sync::Once;

use planctl::internals::audit::Ledger;
use planctl::internals::audit::compare;
use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::engine;
use planctl::internals::engine::{SeedOptions, Snapshot};
use planctl::internals::migrations::testing::Value;
use planctl::internals::sql::{quote, statements};
use rusqlite::{Connection, OpenFlags, ffi};

use crate::generators::dice::Dice;
use crate::generators::schema_gen::schema;
use crate::generators::schema_model::Schema;
use crate::generators::schema_mutate::mutations;
use crate::generators::statements::{Answer, Material, answer};
use crate::generators::token_mutate::mutate;
use crate::generators::trigger_chain;
use crate::harness::form;

/// Statements between two fresh starts: tables stay small.
const ROUND: usize = 60;

/// What was done, to prove that it was not nothing.
#[derive(Default, Debug)]
struct Count {
    pairs: usize,
    clean: usize,
    found: usize,
    /// Pairs with a finding, and a statement that shows the difference.
    witnessed: usize,
    /// Statements run on the databases of clean pairs.
    statements: usize,
    /// Of them, those that SQLite did not refuse.
    accepted: usize,
    /// What breaks the law.
    wrong: Vec<String>,
}

impl Count {
    /// Says what was done, and fails where the law does not hold.
    fn conclude(&self, what: &str) {
        let Count { pairs, clean, found, witnessed, statements, accepted, wrong } = self;
        eprintln!(
            "{what}: {pairs} pairs, {found} with findings ({witnessed} of them with a statement that shows it), {clean} clean; \
             {statements} statements on the clean ones ({accepted} accepted)"
        );
        assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n━━━━\n"));
    }
}

/// How many pairs of each kind: as many as the environment says, else as the form has it.
fn pairs(short: usize, long: usize) -> usize {
    let asked = std::env::var("PLANCTL_DIFFERENTIAL").ok();
    asked.map_or_else(|| form(short, long), |n| n.parse().unwrap())
}

fn first_seed() -> u64 {
    std::env::var("PLANCTL_DIFFERENTIAL_SEED").ok().map_or(0, |n| n.parse().unwrap())
}

/// A VFS with a clock that stands still: CURRENT_TIMESTAMP is the same on both sides.
fn stopped_clock() -> &'static str {
    static ONCE: Once = Once::new();
    const NAME: &str = "stopped";
    ONCE.call_once(|| {
        // SAFETY: the default VFS exists and is never unregistered; the copy of it and its name are leaked, so that they
        // live as long as SQLite may use them.
        unsafe {
            let real = ffi::sqlite3_vfs_find(std::ptr::null());
            assert!(!real.is_null());
            let mut ours = *real;
            ours.zName = CString::new(NAME).unwrap().into_raw();
            ours.pNext = std::ptr::null_mut();
            ours.xCurrentTime = Some(days);
            ours.xCurrentTimeInt64 = Some(milliseconds);
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0), ffi::SQLITE_OK);
        }
    });
    NAME
}

/// Milliseconds of the Julian calendar, somewhere in 2026.
const NOW: i64 = 212_650_000_000_000;

unsafe extern "C" fn milliseconds(_: *mut ffi::sqlite3_vfs, now: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *now = NOW };
    ffi::SQLITE_OK
}

unsafe extern "C" fn days(_: *mut ffi::sqlite3_vfs, now: *mut f64) -> c_int {
    // SAFETY: as above.
    unsafe { *now = NOW as f64 / 86_400_000.0 };
    ffi::SQLITE_OK
}

fn database(sql: &str) -> rusqlite::Result<Connection> {
    let mut conn = Connection::open_in_memory_with_flags_and_vfs(OpenFlags::default(), stopped_clock())?;
    conn.execute_batch(sql)?;
    conn.execute_batch("PRAGMA foreign_keys = ON")?;
    // A view that multiplies tables is stopped on both sides.
    let mut steps = 0;
    conn.progress_handler(
        10_000,
        Some(move || {
            steps += 1;
            steps > 2_000
        }),
    )?;
    Ok(conn)
}

/// What the audit says of `live`.
fn audit(spec: &str, live: &str) -> Vec<String> {
    let (spec, live) =
        (SourceFile::new("spec.sql", spec.to_owned()), SourceFile::new("live.sql", live.to_owned()));
    let actual = engine::spec_database(&live, Job::quiet()).unwrap().schema().unwrap();
    let today = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    let audit = compare(&spec, &Ledger::default(), &actual, false, today).unwrap();
    audit.findings.iter().map(|finding| finding.message.clone()).collect()
}

/// Rows that satisfy the schema, as statements.
fn seeded(sql: &str, seed: u64) -> Vec<String> {
    let mut scratch = engine::scratch(Job::quiet()).unwrap();
    for statement in statements(sql) {
        scratch.run(statement.text, 0).unwrap();
    }
    let examples = Snapshot::default();
    let options = SeedOptions { seed, rows: 4, examples: &examples, common: None, only: None, trees: &[] };
    if scratch.seed(&options).is_err() {
        return Vec::new();
    }
    let snapshot = scratch.rows(None).unwrap();
    let mut found = Vec::new();
    for (name, table) in &snapshot.tables {
        let columns: Vec<String> = table.columns.iter().map(|column| quote(column.as_str())).collect();
        for row in table.rows.values() {
            let values: Vec<String> = row.iter().map(literal).collect();
            found.push(format!(
                "INSERT INTO {} ({}) VALUES ({})",
                quote(name.as_str()),
                columns.join(", "),
                values.join(", ")
            ));
        }
    }
    found
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => format!("{:?}", f64::from_bits(number.bits)),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Blob(bytes) => format!("x'{}'", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
    }
}

/// The first statement that the two databases answer differently, with what was run before it.
fn witness(
    (a, b): (&str, &str),
    rows: &[String],
    how: fn(Answer) -> Answer,
    most: usize,
    dice: &mut Dice,
    count: &mut Count,
) -> Option<String> {
    let mut material = Material::default();
    for sql in [a, b] {
        material.add(&database(sql).unwrap());
    }
    let mut left = most;
    while left > 0 {
        let (first, second) = (database(a).unwrap(), database(b).unwrap());
        let mut history = Vec::new();
        let mut seeds = rows.iter().cloned();
        for _ in 0..ROUND.min(left) + rows.len() {
            let seed = if dice.chance(4) { None } else { seeds.next() };
            let statement = seed.unwrap_or_else(|| material.statement(dice));
            let (one, other) = (how(answer(&first, &statement)), how(answer(&second, &statement)));
            left = left.saturating_sub(1);
            count.statements += 1;
            count.accepted += usize::from(!matches!(one, Answer::Refused(..)));
            history.push(statement);
            if matches!(one, Answer::Refused(code, _) if code == ffi::SQLITE_INTERRUPT) {
                break;
            }
            if one != other {
                return Some(format!("{}\n{one:?}\n{other:?}", shortest((a, b), history, how).join(";\n")));
            }
        }
    }
    None
}

/// What is left of a history when every statement is dropped without which the last one still tells the databases apart.
fn shortest((a, b): (&str, &str), mut history: Vec<String>, how: fn(Answer) -> Answer) -> Vec<String> {
    let differs = |history: &[String]| {
        let (first, second) = (database(a).unwrap(), database(b).unwrap());
        let answers = history.iter().map(|sql| (how(answer(&first, sql)), how(answer(&second, sql))));
        answers.last().is_some_and(|(one, other)| one != other)
    };
    let mut at = 0;
    while at + 1 < history.len() {
        let dropped = history.remove(at);
        if !differs(&history) {
            history.insert(at, dropped);
            at += 1;
        }
    }
    history
}

/// Judges a pair that differs in one place, both ways round.
fn judge(spec: &str, live: &str, seed: u64, what: &str, count: &mut Count) {
    let dice = &mut Dice::new(seed);
    count.pairs += 1;
    let findings = audit(spec, live);
    let back = audit(live, spec);
    if findings.is_empty() != back.is_empty() {
        count
            .wrong
            .push(format!("{what} (seed {seed}), only one way: {findings:?} {back:?}\n{spec}\n{live}"));
    }
    let mut rows = seeded(spec, seed);
    rows.extend(seeded(live, seed));
    if findings.is_empty() {
        count.clean += 1;
        let found = witness((spec, live), &rows, Answer::in_place, 1_500, dice, count);
        if let Some(found) = found {
            let wrong =
                format!("{what} (seed {seed}): not found by the audit, but by\n{found}\n\n{spec}\n\n{live}");
            count.wrong.push(wrong);
        }
    } else {
        count.found += 1;
        let mut aside = Count::default();
        let found = witness((spec, live), &rows, Answer::in_place, 240, dice, &mut aside);
        count.witnessed += usize::from(found.is_some());
    }
}

#[test]
fn the_audit_finds_each_change_of_the_model_that_a_statement_can_tell_apart() {
    let mut count = Count::default();
    let mut seed = first_seed();
    while count.pairs < pairs(20, 60) {
        seed += 1;
        let model = schema(seed);
        let mut dice = Dice::new(seed);
        let mut all = mutations(&model);
        dice.shuffle(&mut all);
        for mutation in all.into_iter().take(3) {
            judge(&model.write(None), &mutation.schema.write(None), seed, &mutation.what, &mut count);
        }
    }
    count.conclude("changes of the model");
    assert!(count.witnessed * 5 > count.pairs, "{count:?}");
}

#[test]
fn the_audit_finds_each_change_of_a_token_that_a_statement_can_tell_apart() {
    let mut count = Count::default();
    let mut seed = first_seed();
    while count.pairs < pairs(25, 80) {
        seed += 1;
        let plain = schema(seed).write(None);
        let mut dice = Dice::new(seed);
        let mut tries = 0;
        let changed = loop {
            let changed = mutate(&plain, &mut dice);
            if engine::spec_database(&SourceFile::new("x.sql", changed.clone()), Job::quiet()).is_ok()
                && database(&changed).is_ok()
            {
                break Some(changed);
            }
            tries += 1;
            if tries > 200 {
                break None;
            }
        };
        if let Some(changed) = changed {
            judge(&plain, &changed, seed, "one token", &mut count);
        }
    }
    count.conclude("changes of a token");
    assert!(count.witnessed * 6 > count.pairs && count.clean * 20 > count.pairs, "{count:?}");
    assert!(count.statements > count.clean * 1_000, "{count:?}");
}

/// The clause of a statement holds for all that the statement fires, and shows in none of its own program.
#[test]
fn the_audit_finds_each_conflict_clause_that_a_statement_can_tell_apart() {
    let mut count = Count::default();
    let mut seed = first_seed();
    while count.pairs < pairs(40, 120) {
        seed += 1;
        let (spec, live) = trigger_chain::pair(&mut Dice::new(seed));
        if spec != live {
            judge(&spec, &live, seed, "a conflict clause", &mut count);
        }
    }
    count.conclude("conflict clauses");
    assert!(count.witnessed * 3 > count.pairs && count.clean * 20 > count.pairs, "{count:?}");
}

#[test]
fn no_statement_tells_apart_what_the_audit_calls_the_same() {
    let mut count = Count::default();
    let mut seed = first_seed();
    while count.pairs < pairs(5, 15) {
        seed += 1;
        count.pairs += 1;
        let model: Schema = schema(seed);
        let (a, b) = (model.write_in_order(Dice::new(seed)), model.write_in_order(Dice::new(!seed)));
        let findings = audit(&a, &b);
        if !findings.is_empty() {
            count.wrong.push(format!("two spellings (seed {seed}): {findings:?}\n{model:?}\n{a}\n{b}"));
            continue;
        }
        count.clean += 1;
        let rows = seeded(&a, seed);
        let found = witness((&a, &b), &rows, Answer::settled, 2_000, &mut Dice::new(seed), &mut count);
        if let Some(found) = found {
            let wrong =
                format!("two spellings (seed {seed}) are told apart by\n{found}\n\n{model:?}\n\n{a}\n\n{b}");
            count.wrong.push(wrong);
        }
    }
    count.conclude("spellings");
    assert!(count.statements >= count.clean * 2_000, "{count:?}");
    assert!(count.accepted * 4 > count.statements, "{count:?}");
}
