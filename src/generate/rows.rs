//! What is known of rows once a plan holds: what stops it at some, and of which tables there were none.

use super::{Attempt, no_goal};
use crate::base::error::{Error, ErrorKind, Result};
use crate::diff::{Change, ObjectKind};
use crate::engine;
use crate::engine::{Fault, Rendered, SeededTable};
use crate::plan::Hazard;
use crate::schema::{Ident, Table};
use crate::sql::display_name;

impl Attempt<'_> {
    /// What stops the steps on rows that were made without a look at the goal.
    pub(crate) fn stops(&self, up: &[Rendered]) -> Result<Option<Hazard>> {
        if up.is_empty() {
            return Ok(None);
        }
        let mut rehearsal =
            engine::rehearsal(&self.sides.from_source, &no_goal(), &[], None, self.sides.job)?;
        let said = match rehearsal.run(up)? {
            Some(stopped) => Some(stopped.message),
            None => rehearsal.broken_foreign_keys()?.into_iter().next().map(|key| key.sentence),
        };
        Ok(said.map(|said| Hazard::StopsAt {
            table: None,
            rows: format!("rows that the schema after it does not allow: {said}"),
        }))
    }

    /// The tables that change and of which there are no rows to show what becomes of them.
    ///
    /// # Errors
    /// When it is a value that somebody gave which no row gets past.
    pub(crate) fn untested(&self, seeded: &[SeededTable]) -> Result<Vec<(Ident, String)>> {
        let mut untested = Vec::new();
        for table in seeded {
            let Some(reason) = &table.not_seeded else { continue };
            let name = self.names.new_table(&table.table);
            let is_about = |change: &Change| {
                change.object.table.as_ref() == Some(&name)
                    && !matches!(change.object.kind, ObjectKind::Trigger | ObjectKind::View)
            };
            let known = self.sides.goal.tables.get(&name);
            if known.is_none_or(Table::is_virtual) || !self.changes.iter().any(is_about) {
                continue;
            }
            let mut fills = self.fills.keys().filter(|(of, _)| *of == name);
            // Where the column is there already, only its NULLs get the value.
            let is_new = |column: &Ident| {
                self.start.tables.get(&name).is_some_and(|there| there.column(column).is_none())
            };
            let fill = table.goal_refuses.as_ref().and_then(|fault| {
                let mut blamed =
                    fills.clone().filter(|(_, column)| is_new(column) && fault.names(&name, column));
                let does_not_compile =
                    matches!(fault, Fault::NoSuch(..) | Fault::StringInQuotes(_) | Fault::Syntax);
                blamed.next().or_else(|| fills.next().filter(|_| does_not_compile))
            });
            if let Some((_, column)) = fill {
                let (table, column) = (display_name(name.as_str()), display_name(column.as_str()));
                let message = format!("no row gets past the value given for {table}.{column}: {reason}");
                return Err(Error::new(ErrorKind::Migration, message)
                    .help("give a value that the column can hold: an SQL expression over the old row"));
            }
            untested.push((name, reason.clone()));
        }
        Ok(untested)
    }
}
