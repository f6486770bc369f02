//! Values that were given for rows, in the names that the rows have when they get them.
//!
//! Whoever writes a value may call a column as the spec does, or as the row did so far.

use super::names::Names;
use super::places::place_of;
use super::terms::Terms;
use crate::base::error::{Error, ErrorKind, Result};
use crate::plan::Fills;
use crate::schema::{Ident, Schema, Table};
use crate::sql::{Kind, tokens};

/// The fills of the terms; `start` is the schema once all names have changed that ALTER TABLE changes.
///
/// # Errors
/// `Config` when a name means one column as the spec has it and another one as the rows have it.
pub(crate) fn in_names_of_rows(
    terms: &Terms<'_>,
    names: &Names,
    from: &Schema,
    start: &Schema,
) -> Result<Fills> {
    let mut fills = terms.hints.fills.clone();
    for ((table, column), value) in &mut fills {
        let Some(there) = start.tables.get(table) else { continue };
        let old_title = names.old_table(table);
        let (Some(old), false) = (from.tables.get(&old_title), has_served(there, column)) else { continue };
        let title = |name: &Ident| {
            *name == old_title || terms.hints.spec_tables.get(table).is_some_and(|spec| spec == name)
        };
        let translation = Translation { terms, names, title: table, old, there };
        *value = translation.translated(value, title).map_err(|name| translation.ambiguous(column, &name))?;
    }
    Ok(fills)
}

/// Whether a value that was given once is not asked for any more.
fn has_served(there: &Table, column: &Ident) -> bool {
    there.column(column).is_some_and(|column| there.refuses_null(column))
}

struct Translation<'a> {
    terms: &'a Terms<'a>,
    names: &'a Names,
    /// The table, as it is called once names have changed.
    title: &'a Ident,
    old: &'a Table,
    there: &'a Table,
}

impl Translation<'_> {
    /// The columns that a name may mean, by the names that they have when rows get their values.
    fn of(&self, name: &Ident) -> Vec<Ident> {
        let here = |renaming: &&crate::engine::Renaming| renaming.table == self.old.name;
        let carried = self.names.carried.iter().filter(here);
        let mut found: Vec<Ident> = Vec::new();
        // As the goal has it.
        match carried.clone().find(|r| r.to == *name) {
            Some(carried) => found.extend(carried.column.clone()),
            None => {
                let is_carried = carried.clone().any(|r| r.column.as_ref() == Some(name));
                found.extend(self.there.column(name).filter(|_| !is_carried).map(|c| c.name.clone()));
            }
        }
        // As the row has it.
        if self.old.column(name).is_some() {
            let altered = self.names.altered.iter().filter(here).find(|r| r.column.as_ref() == Some(name));
            found.push(altered.map_or_else(|| name.clone(), |r| r.to.clone()));
        }
        // As the spec has it where the ledger says that the database has another name.
        let spec = (self.title.clone(), name.clone());
        found.extend(self.terms.hints.spec_columns.get(&spec).cloned());
        found.sort();
        found.dedup();
        found
    }

    /// The expression with each column by the name that it has then; an error is the name of two.
    fn translated(
        &self,
        value: &str,
        is_title: impl Fn(&Ident) -> bool,
    ) -> std::result::Result<String, Ident> {
        let all: Vec<_> = tokens(value).collect();
        // What a query of its own calls by these names is not known here: it has to use those of the spec.
        if all.iter().any(|token| token.is_word("SELECT")) {
            return Ok(value.to_owned());
        }
        let (mut out, mut done) = (String::new(), 0);
        for (i, token) in all.iter().enumerate() {
            if !matches!(token.kind, Kind::Word | Kind::Quoted) {
                continue;
            }
            let name = Ident::from(token.unquoted());
            let next = all.get(i + 1);
            let new = if next.is_some_and(|next| next.is_punct(".")) {
                is_title(&name).then(|| self.title.clone())
            } else if token.kind == Kind::Word && next.is_some_and(|next| next.is_punct("(")) {
                None
            } else {
                match self.of(&name).as_slice() {
                    [] => None,
                    [only] => Some(only.clone()).filter(|only| *only != name),
                    _ => return Err(name),
                }
            };
            if let Some(new) = new {
                out.push_str(value.get(done..token.start).unwrap_or_default());
                out.push_str(&new.shown());
                done = token.end();
            }
        }
        out.push_str(value.get(done..).unwrap_or_default());
        Ok(out)
    }

    fn ambiguous(&self, column: &Ident, name: &Ident) -> Error {
        let shown = |name: &Ident| name.shown();
        let message = format!(
            "the value given for {}.{} names {}, which is one column in the spec and another one in the rows so far",
            shown(self.title),
            shown(column),
            shown(name)
        );
        Error::new(ErrorKind::Config, message)
            .at_place(place_of(self.terms, self.title, Some(column)))
            .help("give the columns their new names in a migration of their own, before the one that needs the value")
    }
}
