//! Where the spec states what is in question, which is called here as the database has it.

use super::terms::Terms;
use crate::audit::{Kind, Places};
use crate::base::source::Location;
use crate::diff::Element;
use crate::plan::{Hints, Part};
use crate::schema::{Ident, KeyColumn, Table};
use crate::sql::same_tokens;

/// The place of a table, or of a column of it; `None` where no file states it.
pub(crate) fn place_of(terms: &Terms<'_>, table: &Ident, column: Option<&Ident>) -> Option<Location> {
    let names = Names { hints: &terms.hints, live: table };
    let element = column.map_or(Element::Object, |column| Element::Column(names.column(column).clone()));
    Places::of(terms.spec?.file).find(Kind::Relation, names.table(), &element)
}

/// The place of a part of a table; of the table, where it cannot be told which part it is.
pub(crate) fn place_of_part(terms: &Terms<'_>, table: &Ident, part: &Part) -> Option<Location> {
    let names = Names { hints: &terms.hints, live: table };
    let places = Places::of(terms.spec?.file);
    let of_index = match part {
        Part::Index(index) => places.find(Kind::Index, index, &Element::Object),
        _ => None,
    };
    of_index.or_else(|| places.find_in(Kind::Relation, names.table(), |table| names.start_of(table, part)))
}

/// What the spec calls a column of a table.
pub(crate) fn column_in_spec<'a>(terms: &'a Terms<'_>, table: &Ident, column: &'a Ident) -> &'a Ident {
    Names { hints: &terms.hints, live: table }.column(column)
}

/// The names of the spec for those of a table.
struct Names<'h, 't> {
    hints: &'h Hints,
    live: &'t Ident,
}

impl<'h> Names<'h, '_> {
    fn table(&self) -> &Ident {
        self.hints.spec_tables.get(self.live).unwrap_or(self.live)
    }

    fn column<'n>(&self, column: &'n Ident) -> &'n Ident
    where
        'h: 'n,
    {
        let mut renamed = self.hints.spec_columns.iter();
        let known = renamed.find(|((table, _), live)| table == self.live && *live == column);
        known.map_or(column, |((_, name), _)| name)
    }

    fn start_of(&self, table: &Table, part: &Part) -> Option<usize> {
        let same = |key: &[Ident], columns: &[Ident]| key.iter().eq(columns.iter().map(|c| self.column(c)));
        match part {
            Part::Column(name) => table.column(self.column(name)).map(|column| column.start),
            Part::Key(columns) => {
                let primary = table.primary_key.iter().map(|key| (&key.columns, key.start));
                let all = primary.chain(table.uniques.iter().map(|unique| (&unique.columns, unique.start)));
                let names = |key: &[KeyColumn]| key.iter().map(|key| key.name.clone()).collect::<Vec<_>>();
                all.into_iter().find(|(key, _)| same(&names(key), columns)).map(|(_, start)| start)
            }
            Part::ForeignKey(columns) => {
                table.foreign_keys.iter().find(|key| same(&key.columns, columns)).map(|key| key.start)
            }
            Part::Check(text) => {
                let check = table.checks.iter().find(|check| same_tokens(&check.expr.text, text));
                check.map(|check| check.expr.start)
            }
            Part::Index(_) => None,
        }
    }
}
