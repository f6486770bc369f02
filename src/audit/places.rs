//! Where the spec says what: each object and part of it, with file, line and column.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::base::source::{Location, SourceFile};
use crate::ddl;
use crate::diff::Element;
use crate::schema::{Ident, Table};
use crate::sql::{Pragma, tokens};

/// The places of a spec file, in the spec's own names.
pub struct Places<'a> {
    source: &'a SourceFile,
    objects: HashMap<(Kind, Ident), Place<'a>>,
    pragmas: HashMap<String, usize>,
}

/// Tables and views share one space of names; indexes and triggers have their own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A table or view.
    Relation,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
}

struct Place<'a> {
    start: usize,
    /// The statement of a table.
    table: Option<&'a str>,
    /// What was read of it, once a part of it was asked for: of few.
    read: OnceCell<Option<Box<Table>>>,
}

impl<'a> Places<'a> {
    /// Reads the statements of a spec.
    pub fn of(source: &'a SourceFile) -> Places<'a> {
        let mut places = Places { source, objects: HashMap::new(), pragmas: HashMap::new() };
        for statement in source.statements() {
            let Some((kind, name)) = ddl::created(statement.text) else {
                if let Some(pragma) = Pragma::read(tokens(statement.text)) {
                    places.pragmas.insert(pragma.name, statement.start);
                }
                continue;
            };
            let (kind, table) = match kind {
                ddl::Kind::Table => (Kind::Relation, Some(statement.text)),
                ddl::Kind::VirtualTable | ddl::Kind::View => (Kind::Relation, None),
                ddl::Kind::Index => (Kind::Index, None),
                ddl::Kind::Trigger => (Kind::Trigger, None),
            };
            places.objects.entry((kind, name)).or_insert(Place {
                start: statement.start,
                table,
                read: OnceCell::new(),
            });
        }
        places
    }

    /// The place of an object, or of a part of a table; of the table where the part has no place of its own.
    pub fn find(&self, kind: Kind, name: &Ident, element: &Element) -> Option<Location> {
        match element {
            Element::Nothing => None,
            Element::Object => self.find_in(kind, name, |_| None),
            part => self.find_in(kind, name, |table| part_of(table, part)),
        }
    }

    /// The place of a table, or of the part of it that begins at the byte of its statement that `part` finds.
    pub(crate) fn find_in(
        &self,
        kind: Kind,
        name: &Ident,
        part: impl FnOnce(&Table) -> Option<usize>,
    ) -> Option<Location> {
        let place = self.objects.get(&(kind, name.clone()))?;
        Some(self.source.location(place.start + place.table().and_then(part).unwrap_or(0)))
    }

    /// The place where a pragma is set.
    pub fn pragma(&self, name: &str) -> Option<Location> {
        self.pragmas.get(name).map(|&start| self.source.location(start))
    }
}

impl Place<'_> {
    fn table(&self) -> Option<&Table> {
        self.read
            .get_or_init(|| self.table.and_then(|sql| ddl::create_table(sql).ok()).map(Box::new))
            .as_deref()
    }
}

fn part_of(table: &Table, element: &Element) -> Option<usize> {
    match element {
        Element::Nothing | Element::Object => None,
        Element::Column(name) => table.column(name).map(|column| column.start),
        Element::PrimaryKey => table.primary_key.as_ref().map(|key| key.start),
        Element::Unique(i) => table.uniques.get(*i).map(|unique| unique.start),
        Element::Check(i) => table.checks.get(*i).map(|check| check.expr.start),
        Element::ForeignKey(i) => table.foreign_keys.get(*i).map(|key| key.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_table_has_its_line_and_column() {
        let source = SourceFile::new(
            "spec.sql",
            "-- head\nCREATE TABLE t (\n  a TEXT,\n  b INT CHECK (b > 0),\n  FOREIGN KEY (a) REFERENCES p\n);\nCREATE INDEX i ON t(a);",
        );
        let places = Places::of(&source);
        let at = |kind, name: &str, element| {
            let place = places.find(kind, &name.into(), &element).unwrap();
            (place.line, place.column)
        };
        assert_eq!(at(Kind::Relation, "T", Element::Object), (2, 1));
        assert_eq!(at(Kind::Relation, "t", Element::Column("B".into())), (4, 3));
        assert_eq!(at(Kind::Relation, "t", Element::Check(0)), (4, 16));
        assert_eq!(at(Kind::Relation, "t", Element::ForeignKey(0)), (5, 3));
        assert_eq!(
            at(Kind::Relation, "t", Element::ForeignKey(7)),
            (2, 1),
            "the table, where the part is unknown"
        );
        assert_eq!(at(Kind::Index, "i", Element::Object), (7, 1));
    }
}
