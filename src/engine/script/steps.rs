//! The steps of a file as plain SQL: what it asserts, and all of them for a place that is not the sqlite3 shell.
//!
//! An assertion's query runs once, and what it finds stands in a table of ours.

use super::data_step;
use super::shell::Shell;
use super::text::{Script, in_main};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::engine::catalog::inspect::inspect;
use crate::engine::diagnosis::errors::scratch as trouble;
use crate::engine::migrate::assertion::SHOWN;
use crate::migrations::{Step, steps, swept};
use crate::schema::Schema;
use crate::sql::{Taken, Target, Token, taken, temporary, tokens};

const FOUND: &str = "planctl_found";

/// The statement that runs the query, which is the user's to the letter. `place`: `TEMP TABLE ` or `TABLE main.`.
pub(crate) fn find(place: &str, query: &str) -> String {
    format!("CREATE {place}{FOUND} AS\n{}", query.trim_end_matches(';'))
}

/// Empties the table, where what it found does not count.
pub(crate) const NOTHING_FOUND: &str = "DELETE FROM temp.planctl_found";

/// Shows the rows, and ends the script if there are any.
pub(crate) fn judge(sql: &mut impl Script, reason: &str) {
    sql.show(&format!(
        "SELECT 'row ' || row_number() OVER () || ' of ' || (SELECT count(*) FROM temp.{FOUND}), * \
         FROM temp.{FOUND} LIMIT {SHOWN}"
    ));
    sql.check(reason, &format!("SELECT NOT EXISTS (SELECT 1 FROM temp.{FOUND})"));
    sql.statement(&format!("DROP TABLE temp.{FOUND}"));
}

/// Refuses a script that would change rows of tables that refer to one that it drops, where foreign keys are enforced.
///
/// # Errors
/// `Data`, with the place of the statement.
pub(crate) fn refuse_swept(before: &Schema, steps: &[Step<'_>], file: &SourceFile) -> Result<()> {
    let texts = steps.iter().filter_map(|step| match step {
        Step::Sql { text, start } => Some((*text, *start)),
        Step::Assert { .. } | Step::Backfill { .. } => None,
    });
    let (texts, starts): (Vec<&str>, Vec<usize>) = texts.unzip();
    let Some(first) = swept(before, &texts).into_iter().next() else { return Ok(()) };
    let at = starts.get(first.statement).zip(texts.get(first.statement));
    let (start, end) = at.map_or((0, 0), |(start, text)| (*start, start + text.len()));
    let (table, keys) = (first.table.shown(), first.keys_in_words());
    let message = format!("dropping {table} would change rows that refer to it: {keys}");
    Err(Error::new(ErrorKind::Data, message).at(file.span(start, end)))
}

/// The statements and data steps of a file for a place that has its own settings, and perhaps no temporary objects, and that
/// enforces foreign keys; whether there are data steps.
///
/// # Errors
/// What the place does not take, with its place in the file.
pub(super) fn write(sql: &mut Shell, file: &SourceFile, place: Target) -> Result<bool> {
    let steps = steps(file)?;
    let before = inspect(sql.prove()?.conn()).map_err(trouble)?;
    refuse_swept(&before, &steps, file).map_err(|error| {
        error.note(format!("{} enforces foreign keys, also while a migration runs", place.title())).help(
            format!("have planctl write the migration: `migrate generate --target {place}` keeps these rows"),
        )
    })?;
    let mut has_data_steps = false;
    for step in &steps {
        match step {
            Step::Sql { text, start } => {
                let refused = |error: Error| error.at(file.span(*start, start + text.len()));
                if !runs(text, place).map_err(refused)? {
                    continue;
                }
                sql.verbatim(text).map_err(refused)?;
                sql.prove().map_err(refused)?;
            }
            Step::Assert { reason, text, start } => {
                let refused = |error: Error| error.at(file.span(*start, start + text.len()));
                sql.verbatim(&find("TABLE main.", text)).map_err(refused)?;
                // The shadow database lacks the rows that it is about.
                let nothing_found = in_main(NOTHING_FOUND);
                sql.prove().map_err(refused)?.conn().execute_batch(&nothing_found).map_err(trouble)?;
                judge(sql, reason);
            }
            Step::Backfill { spec, .. } => {
                has_data_steps = true;
                data_step::write(sql, spec);
            }
        }
    }
    Ok(has_data_steps)
}

/// Whether a statement of a migration has anything to do at the place.
///
/// # Errors
/// When the place does not take it.
pub(super) fn runs(statement: &str, place: Target) -> Result<bool> {
    let words: Vec<Token<'_>> = tokens(statement).collect();
    let (why, help) = match taken(&words, place) {
        Taken::Idle => return Ok(false),
        Taken::Refused { why, help } => (why, help),
        Taken::Run if temporary(&words).is_some() => {
            let why = "a temporary object cannot be part of such a script";
            (why.to_owned(), "make an ordinary table, and drop it")
        }
        Taken::Run => return Ok(true),
    };
    Err(Error::new(ErrorKind::Sql, why).help(help))
}
