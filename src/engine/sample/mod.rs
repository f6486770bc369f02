//! Loads sample rows: one transaction, into a schema that is there already.

pub(crate) mod plans;
mod script;
mod trouble;

use rusqlite::Connection;

use self::trouble::trouble;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::words::counted;
use crate::engine::catalog::rows::firsts;
use crate::engine::connection::durable::{Doing, TransactionTerms};
use crate::engine::connection::stubs;
use crate::engine::connection::{Sqlite, connect, durable};
use crate::engine::shadow::schema_copy;
use crate::engine::{LoadOptions, Loaded, SampleRows};
use crate::sql::{is_bookkeeping, quote};

/// See [`crate::engine::Engine::load_sample`].
pub(crate) fn load(
    sqlite: &mut Sqlite,
    rows: SampleRows<'_>,
    options: LoadOptions,
    job: Job<'_>,
) -> Result<Loaded> {
    if !options.dry_run {
        sqlite.verify_writable()?;
        return prepared(sqlite, rows, options, job);
    }
    if !options.append {
        let counts = sqlite.read(|sqlite| count(&sqlite.conn).map_err(|error| sqlite.trouble(error)))?;
        refuse_rows(&counts, &sqlite.name)?;
    }
    let mut copy = sqlite.read(schema_copy::of)?;
    copy.name.clone_from(&sqlite.name);
    prepared(&mut copy, rows, options, job)
}

/// On a connection that is set up for it, and set back afterwards.
fn prepared(sqlite: &mut Sqlite, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded> {
    let (name, file) = (sqlite.name.clone(), sqlite.file.clone());
    let told = |conn: &Connection, error, doing| {
        let unresolved = || script::unresolved(conn, &error).filter(|_| doing == Doing::Committing);
        unresolved().unwrap_or_else(|| trouble(error, &name))
    };
    // Generated rows are sound by construction, but for the orphans and roots that were asked for.
    let foreign_keys = matches!(rows, SampleRows::Script(_));
    let (timeout, named) = (sqlite.lock_timeout, file.as_deref());
    let terms = TransactionTerms { foreign_keys, lasting: true, timeout, named, told: &told };
    durable::durably(sqlite, &terms, job, |sqlite| {
        let watched = connect::watch(&mut sqlite.conn, job);
        watched.map_err(|error| sqlite.trouble(error))?;
        let load = |sqlite: &mut Sqlite| {
            let work = |sqlite: &mut Sqlite| {
                sqlite.verify_same_file()?;
                Ok((work(sqlite, rows, options, job)?, true))
            };
            let is_there = |sqlite: &mut Sqlite, (loaded, trace): &(Loaded, Trace)| {
                trace.is_in(&sqlite.conn, loaded).unwrap_or(false)
            };
            durable::transaction(sqlite, &terms, "BEGIN IMMEDIATE", job, work, is_there)
                .map(|(loaded, _)| loaded)
        };
        durable::and_back(sqlite, load, |sqlite| {
            connect::unwatch(&mut sqlite.conn).map_err(|error| sqlite.trouble(error))
        })
    })
}

/// By what the rows are known to be in the database.
enum Trace {
    /// Each table had so many before.
    Before(Vec<(String, u64)>),
    /// With them this query has this answer: so many have the id of the first.
    First(String, u64),
}

impl Trace {
    fn is_in(&self, conn: &Connection, loaded: &Loaded) -> rusqlite::Result<bool> {
        match self {
            Trace::Before(before) => Ok(has_gained(before, count(conn)?, &loaded.tables)),
            Trace::First(query, rows) => Ok(rows_of(conn, query)? == *rows),
        }
    }
}

fn work(
    sqlite: &mut Sqlite,
    rows: SampleRows<'_>,
    options: LoadOptions,
    job: Job<'_>,
) -> Result<(Loaded, Trace)> {
    let (counts, refuses) = (|| count(&sqlite.conn), !options.append);
    match rows {
        SampleRows::Script(file) => {
            let before = counts().map_err(|error| trouble(error, &sqlite.name))?;
            if refuses {
                refuse_rows(&before, &sqlite.name)?;
            }
            script::run(sqlite, file, job)?;
            let after = count(&sqlite.conn).map_err(|error| trouble(error, &sqlite.name))?;
            Ok((Loaded { tables: gained(&before, after), census: None }, Trace::Before(before)))
        }
        SampleRows::Plans { table, shape } => {
            // What there is to be filled is looked up first: a database without migrations has no rows either.
            let target = plans::Target::examine(&sqlite.conn, table, shape, &sqlite.name)?;
            if refuses {
                refuse_rows(&counts().map_err(|error| trouble(error, &sqlite.name))?, &sqlite.name)?;
            }
            let census = target.fill(&sqlite.conn, shape, options.dry_run, job)?;
            let first = target.first(shape);
            let rows = rows_of(&sqlite.conn, &first).map_err(|error| trouble(error, &sqlite.name))?;
            let loaded = Loaded { tables: vec![(table.name.clone(), census.plans)], census: Some(census) };
            Ok((loaded, Trace::First(first, rows)))
        }
    }
}

/// The tables whose rows are counted, sorted by name.
pub(crate) fn tables(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') \
                  ORDER BY name";
    let mut names: Vec<String> = firsts(conn, tables, [])?;
    names.retain(|name| !is_bookkeeping(name));
    Ok(names)
}

/// The rows of each table, sorted by name; views and the tables behind virtual ones are left out.
fn count(conn: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let names = tables(conn)?;
    let mut counts = Vec::with_capacity(names.len());
    for name in names {
        let sql = format!("SELECT count(*) FROM main.{}", quote(&name));
        match rows_of(conn, &sql) {
            Ok(rows) => counts.push((name, rows)),
            // A virtual table whose module only the application has: its rows can be neither seen nor loaded here.
            Err(error) if stubs::is_module_trouble(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(counts)
}

/// The answer to a query that counts.
fn rows_of(conn: &Connection, count: &str) -> rusqlite::Result<u64> {
    conn.query_row(count, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}

/// Rows that are there already are somebody's: what is loaded beside them could not be told from them again.
pub(crate) fn refuse_rows(counts: &[(String, u64)], db: &str) -> Result<()> {
    let filled: Vec<&(String, u64)> = counts.iter().filter(|(_, rows)| *rows > 0).collect();
    if filled.is_empty() {
        return Ok(());
    }
    let rows: u64 = filled.iter().map(|(_, rows)| rows).sum();
    let tables = match filled.as_slice() {
        [(table, _)] => table.clone(),
        several => counted(several.len(), "table"),
    };
    let rows = format!("{} in {tables}", counted(rows, "row"));
    let error = Error::new(ErrorKind::Data, format!("{db} has rows already, nothing was loaded")).about(db);
    Err(error.note(rows).help("load into another database (--db FILE), or add to these rows with --append"))
}

/// The rows that each table has more than before, where it has any more.
pub(crate) fn gained(before: &[(String, u64)], after: Vec<(String, u64)>) -> Vec<(String, u64)> {
    let had = |name: &String| before.iter().find(|(known, _)| known == name).map_or(0, |(_, rows)| *rows);
    let gain = |(name, rows): (String, u64)| {
        let more = rows.saturating_sub(had(&name));
        (more > 0).then_some((name, more))
    };
    after.into_iter().filter_map(gain).collect()
}

/// Whether the tables have as many rows more than before as were loaded, and any were.
pub(crate) fn has_gained(
    before: &[(String, u64)],
    now: Vec<(String, u64)>,
    loaded: &[(String, u64)],
) -> bool {
    let more = gained(before, now);
    let has = |(table, rows): &(String, u64)| more.iter().any(|(name, n)| name == table && n >= rows);
    !more.is_empty() && loaded.iter().all(has)
}
