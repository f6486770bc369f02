//! The script that takes one schema to another.

use rusqlite::Connection;

use super::keys::Keys;
use super::shell::Shell;
use super::trial::Trial;
use super::{either, start, trouble};
use crate::engine::Rendered;
use crate::error::Result;

/// Writes the script for databases with the schema that `conn` has, and tries it on a copy of that database; with the
/// text what the script made of it.
pub(in crate::engine::sqlite) fn between(
    conn: &Connection,
    about: &[String],
    steps: &[Rendered],
) -> Result<(String, Connection)> {
    either(|dqs| write(conn, about, steps, dqs))
}

fn write(conn: &Connection, about: &[String], steps: &[Rendered], dqs: bool) -> Result<(String, Connection)> {
    let mut sql = Shell::new(Trial::on_copy_of(conn)?);
    sql.begin(about, None, dqs);
    start::check(&mut sql, conn).map_err(trouble)?;
    sql.line("\n-- Rows that have no parent before are not blamed on what follows.");
    let before = Keys::read(conn).map_err(trouble)?;
    before.begin(&mut sql);
    for step in steps {
        sql.line("");
        for comment in &step.comments {
            sql.line(&format!("-- {}", comment.replace(['\n', '\r'], " ")));
        }
        step.statements.iter().for_each(|statement| sql.verbatim(statement));
    }
    let after = Keys::read(sql.prove()?.conn()).map_err(trouble)?;
    sql.line("\n-- Stops here, and takes everything back, if rows have lost their parents.");
    after.check(&mut sql, &before, "the script");
    Keys::end(&mut sql);
    sql.line("");
    sql.statement("COMMIT");
    let (text, trial) = sql.end()?;
    Ok((text, trial.into_conn()))
}
