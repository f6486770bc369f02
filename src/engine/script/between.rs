//! The script that takes one schema to another.

use rusqlite::Connection;

use super::keys::Keys;
use super::keys::reach::Reach;
use super::shell::Shell;
use super::statistics::Keeping;
use super::text::Script as _;
use super::trial::{Trial, copy_of};
use super::{either, start, statistics};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::Rendered;
use crate::engine::connection::stubs::execute;
use crate::engine::diagnosis::errors::scratch as trouble;
use crate::migrations::Step;
use crate::sql::{Target, on_one_line};

/// Writes the script for databases with the schema that `conn` has, and tries it on a copy of that database; with the
/// text what the script made of it.
pub(crate) fn between(
    conn: &Connection,
    about: &[String],
    steps: &[Rendered],
    place: Target,
    job: Job<'_>,
) -> Result<(String, Connection)> {
    either(|dqs| write(conn, about, steps, (place, dqs), job))
}

fn write(
    conn: &Connection,
    about: &[String],
    steps: &[Rendered],
    (place, dqs): (Target, bool),
    job: Job<'_>,
) -> Result<(String, Connection)> {
    // Elsewhere than in a file, nothing can be attached to keep them.
    let kept_of = if place == Target::Sqlite { steps } else { &[] };
    let (keeps_statistics, statistics) = statistics(conn, kept_of, job)?;
    let mut sql = Shell::new(Trial::on_copy_of(conn, place, job)?);
    sql.begin(about, None, dqs, keeps_statistics);
    start::check(&mut sql, conn).map_err(trouble)?;
    // D1 enforces foreign keys, always.
    let checks_keys = place != Target::D1;
    let before = Keys::read(conn).map_err(trouble)?;
    if checks_keys {
        sql.line("\n-- Rows that already lack a parent are not blamed on what follows.");
        before.begin(&mut sql);
    }
    statistics.before(&mut sql);
    for step in steps {
        sql.line("");
        for comment in &step.comments {
            sql.line(&format!("-- {}", on_one_line(comment)));
        }
        step.statements.iter().try_for_each(|statement| sql.verbatim(statement))?;
    }
    statistics.after(&mut sql);
    let after = Keys::read(sql.prove()?.conn()).map_err(trouble)?;
    if checks_keys {
        sql.line("\n-- Stops here and rolls everything back if rows have lost their parents.");
        after.check(&mut sql, &before, &Reach::Everything, "the script");
        Keys::end(&mut sql);
    }
    sql.commit();
    if keeps_statistics {
        statistics::end(&mut sql);
    }
    let (text, trial) = sql.end()?;
    Ok((text, trial.into_conn()))
}

/// What ANALYZE found, and whether the steps endanger any of it; they run on a copy to know.
fn statistics(conn: &Connection, steps: &[Rendered], job: Job<'_>) -> Result<(bool, Keeping)> {
    let copy = copy_of(conn, job)?;
    // As in the script: a parent that is made anew is away for a moment.
    copy.execute_batch("PRAGMA foreign_keys = OFF").map_err(trouble)?;
    let texts = || steps.iter().flat_map(|step| &step.statements);
    let parts: Vec<Step<'_>> = texts().map(|text| Step::Sql { text, start: 0 }).collect();
    let before = statistics::Before::read(&copy, &parts).map_err(trouble)?;
    texts().try_for_each(|text| execute(&copy, text)).map_err(trouble)?;
    Ok((!before.is_empty(), before.kept(&copy).map_err(trouble)?))
}
