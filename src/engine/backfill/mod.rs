//! The backfill on SQLite. Where each row comes behind its parent, or each before it, one statement per block of rows reads
//! and writes them ([`at_once`]). Any other order takes two steps: one scan reads, one statement per block writes, both in storage order.
//!
//! The scan gives every row a number and every parent the number of its row ([`keys`]); the pure part settles the
//! graph ([`crate::backfill::Forest`]); then `UPDATE … SET root = f(id) WHERE g(id, root)` runs over the table in the
//! same order, `f` and `g` being functions that answer from memory. The table is read twice and written at most once,
//! pages change only where a row changes, and no temporary table is built. The order is no more than a hint: each
//! answer is checked against the row's id, and looked up by it when the order was another one. Where the scan saw that
//! all rows of a block are due and have rowids without a gap, `f(rowid)` counts from the first, and there is no `g`.

mod answers;
mod at_once;
pub(crate) mod elsewhere;
mod functions;
mod keys;
mod respelled;
mod scan;
mod target;
mod trouble;
mod value;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use self::answers::{Answers, Tally};
use self::at_once::AtOnce;
use self::keys::{Keys, Numbered};
use self::scan::{BLOCK, Block, ScannedTable};
use self::target::Target;
use self::trouble::{sql_error, trouble};
use self::value::to_id;
use super::catalog::inspect;
use super::connection::durable;
use super::connection::durable::{Doing, TransactionTerms};
use crate::backfill::{
    BackfillSpec, Cycle, Cycles, Forest, Id, LISTED, OnCycle, OnOrphan, Orphans, Outcome, Refusal,
};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::base::words::counted;

/// Fills the roots inside the transaction that the caller has open, and neither begins nor commits one.
///
/// A dry run writes nothing. A refused run (`abort`) gives an outcome all the same; some rows may have been filled by
/// then, and the caller has to roll the transaction back.
///
/// # Errors
/// Names that are not there, tables and keys that cannot be filled (`Usage`, `Data`); what SQLite refuses: a
/// constraint (`Data`), a lock (`Locked`); `Interrupted`. Rows may then have been written already: the caller has to
/// roll the transaction back.
pub fn run(conn: &Connection, spec: &BackfillSpec, dry_run: bool, job: Job<'_>) -> Result<Outcome> {
    run_on(conn, &Target::examine(conn, spec)?, spec, dry_run, job)
}

fn run_on(
    conn: &Connection,
    target: &Target,
    spec: &BackfillSpec,
    dry_run: bool,
    job: Job<'_>,
) -> Result<Outcome> {
    let resolve = |parents| {
        job.tell(Event::Progress { what: &format!("resolving {}", target.name), done: 0, total: None });
        Forest::resolve(parents).map_err(|rows| trouble(format!("{} are too many", counted(rows, "row"))))
    };
    let AtOnce { tally: before, written: mut first, written_behind, read } =
        if dry_run { AtOnce::default() } else { at_once::fill(conn, target, spec, job)? };
    if let Some(Numbered { keys, parents, .. }) = read {
        first.extend(written_behind);
        return Ok(told(describe(&resolve(parents)?, &keys, spec), before, first));
    }
    let ScannedTable { keys, parents, blocks, respelled } = scan::read(conn, target, job)?;
    let forest = resolve(parents)?;
    let outcome = describe(&forest, &keys, spec);
    let answers = Arc::new(Answers::new((keys, respelled), forest, spec, target.root_rule, job));
    let tally = if dry_run || outcome.refused.is_some() {
        compare(conn, target, &answers, job, outcome.rows)?
    } else {
        write(conn, target, &answers, &blocks, job, outcome.rows)?
    };
    first.extend(answers.written());
    first.extend(written_behind);
    Ok(told(outcome, before.then(tally), first))
}

/// The outcome with what was found in the stored roots, and the first rows that were written.
fn told(mut outcome: Outcome, tally: Tally, mut written: Vec<Id>) -> Outcome {
    outcome.wrong = tally.wrong;
    if outcome.refused.is_none() {
        written.truncate(LISTED);
        outcome.written = written;
        outcome.filled = tally.filled;
        outcome.corrected = tally.corrected;
    }
    outcome.unchanged = outcome.rows - outcome.filled - outcome.corrected;
    outcome
}

/// `run` in a transaction of its own, on the file that was opened as `named`: `BEGIN IMMEDIATE` and a commit, or for a dry run
/// one that only reads. Foreign keys are enforced where the root takes part in one that a true root could break, and only there.
///
/// # Errors
/// As `run`, and `Locked` when the lock is not had in `timeout`; the transaction has then been rolled back.
pub fn run_alone(
    conn: &Connection,
    named: Option<&Path>,
    spec: &BackfillSpec,
    dry_run: bool,
    timeout: Duration,
    job: Job<'_>,
) -> Result<Outcome> {
    let version = || inspect::schema_version(conn).map_err(|e| sql_error(e, "the schema cannot be read"));
    let seen = version()?;
    // The setting can be changed outside a transaction only.
    let target = Target::examine(conn, spec)?;
    let foreign_keys = target.watch_foreign_keys;
    let told = |_: &Connection, error, doing| {
        let what = match doing {
            Doing::SettingUp | Doing::SettingBack => "the settings of the connection cannot be changed",
            Doing::Beginning => "the backfill cannot begin",
            Doing::Committing => "the backfill cannot be committed",
            Doing::RollingBack => "the backfill cannot be ended",
        };
        sql_error(error, what)
    };
    let terms = TransactionTerms { foreign_keys, lasting: !dry_run, timeout, named, told: &told };
    let begin = if dry_run { "BEGIN" } else { "BEGIN IMMEDIATE" };
    durable::durably(&mut &*conn, &terms, job, |conn| {
        let fill = |conn: &mut &Connection| {
            // Another process may have changed the schema meanwhile.
            let outcome = match version()? == seen {
                true => run_on(conn, &target, spec, dry_run, job)?,
                false => run(conn, spec, dry_run, job)?,
            };
            let commits = !dry_run && outcome.refused.is_none();
            Ok((outcome, commits))
        };
        durable::transaction(conn, &terms, begin, job, fill, |conn, _| nothing_is_due(conn, spec, job))
    })
}

/// Whether every row has its root already.
fn nothing_is_due(conn: &Connection, spec: &BackfillSpec, job: Job<'_>) -> bool {
    let Ok(snapshot) = conn.unchecked_transaction() else { return false };
    let left = run(&snapshot, spec, true, job);
    left.is_ok_and(|left| left.refused.is_none() && left.filled == 0 && left.corrected == 0)
}

/// The part of the outcome that the graph alone decides.
fn describe(forest: &Forest, keys: &Keys, spec: &BackfillSpec) -> Outcome {
    let census = forest.census();
    let id = |row| keys.get(row).map(|key| to_id(key.value()));
    let examples = forest.cycles().take(LISTED).map(|rows| {
        let mut rows = rows.filter_map(id);
        let ids = rows.by_ref().take(LISTED).collect();
        Cycle { ids, cut: rows.next().is_some() }
    });
    let refusal = Refusal {
        cycles: census.cycles > 0 && spec.on_cycle == OnCycle::Abort,
        orphans: census.orphans > 0 && spec.on_orphan == OnOrphan::Abort,
    };
    let deepest = match spec.on_orphan {
        OnOrphan::SelfRoot => census.max_depth.max(census.max_orphan_depth),
        OnOrphan::Abort | OnOrphan::Skip => census.max_depth,
    };
    Outcome {
        rows: forest.len() as u64,
        roots: census.roots.into(),
        max_depth: deepest.into(),
        orphans: Orphans {
            count: census.orphans.into(),
            ids: forest.orphans().take(LISTED).filter_map(id).collect(),
            rows_below: census.below_orphans.into(),
        },
        cycles: Cycles {
            count: census.cycles.into(),
            rows: census.on_cycles.into(),
            examples: examples.collect(),
            rows_below: census.below_cycles.into(),
        },
        refused: (refusal.cycles || refusal.orphans).then_some(refusal),
        ..Outcome::default()
    }
}

/// Compares the stored roots with the true ones, and writes nothing.
fn compare(conn: &Connection, target: &Target, answers: &Answers, job: Job<'_>, rows: u64) -> Result<Tally> {
    let failed = |e| sql_error(e, &format!("{} cannot be read", target.name));
    let sql = format!("SELECT {}, {} FROM {} NOT INDEXED", target.id, target.root, target.table);
    let what = format!("comparing {}", target.name);
    let mut statement = conn.prepare(&sql).map_err(failed)?;
    let mut cursor = statement.query([]).map_err(failed)?;
    let mut done = 0;
    while let Some(row) = cursor.next().map_err(failed)? {
        if done % BLOCK as u64 == 0 {
            job.tell(Event::Progress { what: &what, done, total: Some(rows) });
        }
        done += 1;
        answers.is_due(row.get_ref(0).map_err(failed)?, row.get_ref(1).map_err(failed)?)?;
    }
    Ok(answers.tally())
}

/// Writes what is due, in one statement per block, or in one in all where rows have no rowid to divide them by.
fn write(
    conn: &Connection,
    target: &Target,
    answers: &Arc<Answers>,
    blocks: &[Block],
    job: Job<'_>,
    rows: u64,
) -> Result<Tally> {
    let Target { name, table, id, root, .. } = target;
    let functions = answers::register(conn, answers)?;
    let update = format!(
        "UPDATE {table} NOT INDEXED SET {root} = {}({id}) WHERE {}({id}, {root})",
        answers::ROOT_OF,
        answers::IS_DUE
    );
    let failed = |e| answers.failure().unwrap_or_else(|| sql_error(e, &format!("{name} cannot be filled")));
    let what = format!("writing {name}");
    let mut written = 0;
    match target.rowid {
        None => written += conn.execute(&update, []).map_err(failed)?,
        Some(rowid) => {
            let within = format!("{rowid} BETWEEN ?1 AND ?2");
            let fill =
                format!("UPDATE {table} NOT INDEXED SET {root} = {}({rowid}) WHERE {within}", answers::FILL);
            let mut ask = conn.prepare(&format!("{update} AND {within}")).map_err(failed)?;
            let mut fill = conn.prepare(&fill).map_err(failed)?;
            // Neither a trigger nor a foreign key can have changed what the scan saw.
            let as_seen = answers.all_have_roots() && !target.has_triggers && !target.watch_foreign_keys;
            for (number, block) in blocks.iter().enumerate() {
                let done = number * BLOCK;
                job.tell(Event::Progress { what: &what, done: done as u64, total: Some(rows) });
                let statement = if as_seen && block.is_due {
                    answers.fill_from(done as u32, block.first);
                    &mut fill
                } else {
                    &mut ask
                };
                written += statement.execute((block.first, block.last)).map_err(failed)?;
            }
        }
    }
    functions.remove()?;
    job.tell(Event::Progress { what: &what, done: rows, total: Some(rows) });
    let tally = answers.tally();
    tally.is_written(name, written)?;
    Ok(tally)
}

#[cfg(test)]
mod tests;
