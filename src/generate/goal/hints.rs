//! What is said of values and names, by the specification and by its ledger.

use std::collections::BTreeMap;

use crate::audit::Ledger;
use crate::audit::comparison::Sides;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::plan::Hints;

/// What spec and ledger say of values and names, in the names of the database.
///
/// # Errors
/// As [`Hints::read`], and when both give a column a value, and not the same.
pub(crate) fn hints(spec: &SourceFile, ledger: &Ledger, sides: &Sides<'_>) -> Result<Hints> {
    let mut hints = Hints::read(spec)?;
    add_fills(&mut hints, ledger)?;
    Ok(in_live_names(hints, sides))
}

/// Adds what the ledger says about values to what the spec's comments say.
///
/// # Errors
/// When both give a column a value, and not the same.
fn add_fills(hints: &mut Hints, ledger: &Ledger) -> Result<()> {
    for fill in &ledger.fills {
        let known = hints.fills.insert((fill.table.clone(), fill.column.clone()), fill.value.clone());
        if let Some(known) = known.filter(|known| *known != fill.value) {
            let (table, column) = (fill.table.shown(), fill.column.shown());
            let message = format!("a comment in the spec gives {table}.{column} another value: {known}");
            return Err(Error::new(ErrorKind::Config, message)
                .at(fill.location.clone())
                .help("keep one of the two"));
        }
    }
    Ok(())
}

/// The spec speaks of its tables by its own names; the database may have others.
fn in_live_names(hints: Hints, sides: &Sides<'_>) -> Hints {
    let Hints { fills, renamed, new, .. } = hints;
    let (mut spec_tables, mut spec_columns) = (BTreeMap::new(), BTreeMap::new());
    for rename in sides.renames() {
        let (table, live) = sides.live_names(&rename.table, rename.column.as_ref());
        match (&rename.column, live) {
            (Some(column), Some(live)) => drop(spec_columns.insert((table, column.clone()), live)),
            _ => drop(spec_tables.insert(table, rename.table.clone())),
        }
    }
    let fills = fills.into_iter().map(|((table, column), value)| {
        let (table, live) = sides.live_names(&table, Some(&column));
        ((table, live.unwrap_or(column)), value)
    });
    let renamed = renamed.into_iter().map(|mut hint| {
        (hint.table, hint.column) = sides.live_names(&hint.table, hint.column.as_ref());
        hint
    });
    let new = new.into_iter().map(|(table, column)| sides.live_names(&table, column.as_ref()));
    let (fills, renamed, new) = (fills.collect(), renamed.collect(), new.collect());
    Hints { fills, renamed, new, spec_tables, spec_columns }
}
