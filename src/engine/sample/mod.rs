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
    let name = sqlite.name.clone();
    let told = |conn: &Connection, error, doing| {
        let unresolved = || script::unresolved(conn, &error).filter(|_| doing == Doing::Committing);
        unresolved().unwrap_or_else(|| trouble(error, &name))
    };
    // Generated rows are sound by construction, but for the orphans and roots that were asked for.
    let foreign_keys = matches!(rows, SampleRows::Script(_));
    let terms = TransactionTerms { foreign_keys, lasting: true, timeout: sqlite.lock_timeout, told: &told };
    durable::durably(sqlite, &terms, job, |sqlite| {
        let watched = connect::watch(&mut sqlite.conn, job);
        watched.map_err(|error| sqlite.trouble(error))?;
        let load = |sqlite: &mut Sqlite| {
            durable::transaction(sqlite, &terms, "BEGIN IMMEDIATE", job, |sqlite| {
                sqlite.verify_same_file()?;
                Ok((work(sqlite, rows, options, job)?, true))
            })
        };
        durable::and_back(sqlite, load, |sqlite| {
            connect::unwatch(&mut sqlite.conn).map_err(|error| sqlite.trouble(error))
        })
    })
}

fn work(sqlite: &mut Sqlite, rows: SampleRows<'_>, options: LoadOptions, job: Job<'_>) -> Result<Loaded> {
    let (counts, refuses) = (|| count(&sqlite.conn), !options.append);
    match rows {
        SampleRows::Script(file) => {
            let before = counts().map_err(|error| trouble(error, &sqlite.name))?;
            if refuses {
                refuse_rows(&before, &sqlite.name)?;
            }
            script::run(sqlite, file, job)?;
            let after = count(&sqlite.conn).map_err(|error| trouble(error, &sqlite.name))?;
            Ok(Loaded { tables: gained(&before, after), census: None })
        }
        SampleRows::Plans { table, shape } => {
            // What there is to be filled is looked up first: a database without migrations has no rows either.
            let target = plans::Target::examine(&sqlite.conn, table, shape, &sqlite.name)?;
            if refuses {
                refuse_rows(&counts().map_err(|error| trouble(error, &sqlite.name))?, &sqlite.name)?;
            }
            let census = target.fill(&sqlite.conn, shape, options.dry_run, job)?;
            Ok(Loaded { tables: vec![(table.name.clone(), census.plans)], census: Some(census) })
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
        match conn.query_row(&sql, [], |row| row.get::<_, i64>(0)) {
            Ok(rows) => counts.push((name, rows.unsigned_abs())),
            // A virtual table whose module only the application has: its rows can be neither seen nor loaded here.
            Err(error) if stubs::is_module_trouble(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(counts)
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
