//! What a change expects, as it was written before names were changed.

use super::change::{Change, Element};
use super::{column, describe, index, key, object, table};
use crate::base::rule::Difference;
use crate::schema::{Ident, Schema, Table, shown_list};
use crate::sql::one_line;

/// The two sides of a comparison, and the expected one before its names were changed to those of the other.
#[derive(Clone, Copy, Debug)]
pub struct Renamed<'a> {
    /// What is expected, as it was written.
    pub written: &'a Schema,
    /// The same, as it was compared.
    pub expected: &'a Schema,
    /// What it was compared with.
    pub actual: &'a Schema,
}

impl Renamed<'_> {
    /// What `change` expects, as it was written; `None` where that is the same, and where nothing of it is a name.
    /// `table` is what the table of the change was called.
    pub fn as_written(&self, change: &Change, table: &Ident) -> Option<String> {
        let text = self.text(change, table)?;
        (change.expected.as_ref()? != &text).then_some(text)
    }

    fn text(&self, change: &Change, table: &Ident) -> Option<String> {
        let of = || self.written.tables.get(table);
        let own = || change.object.name.own();
        Some(match (change.difference, &change.element) {
            (Difference::MissingTable, _) => table::shape(of()?),
            (Difference::Unmodelled, _) => one_line(&of()?.sql),
            (Difference::VirtualTable, _) => object::virtual_text(of()?),
            (Difference::ColumnOrder, _) => {
                let (expected, actual) = (self.expected(change)?, self.actual(change)?);
                let both = of()?.columns.iter().zip(&expected.columns);
                let both = both.filter(|(_, column)| actual.column(&column.name).is_some());
                shown_list(&both.map(|(written, _)| written.name.clone()).collect::<Vec<_>>())
            }
            // A rename leaves columns and constraints in their order.
            (difference, Element::Column(name)) => {
                let at = self.expected(change)?.columns.iter().position(|column| column.name == *name)?;
                let written = of()?.columns.get(at)?;
                match difference {
                    Difference::MissingColumn => describe::column(written),
                    Difference::ColumnGenerated => column::generated_text(written),
                    _ => return None,
                }
            }
            (Difference::PrimaryKey, Element::PrimaryKey) => {
                describe::primary_key(of()?.primary_key.as_ref()?)
            }
            (Difference::ConflictClause, Element::Unique(_)) => {
                let sides = [self.expected(change)?, self.actual(change)?];
                key::order_as_written(of()?, sides, change.expected.as_ref()?)?
            }
            (Difference::MissingUnique, Element::Unique(i)) => describe::unique(of()?.uniques.get(*i)?),
            (Difference::MissingCheck, Element::Check(i)) => one_line(&of()?.checks.get(*i)?.expr.text),
            (Difference::MissingForeignKey, Element::ForeignKey(i)) => {
                let key = of()?.foreign_keys.get(*i)?;
                describe::foreign_key(key, &self.written.parent_columns(key))
            }
            (Difference::MissingIndex, _) => describe::index(of()?.indexes.get(own()?)?),
            (Difference::IndexDefinition, _) => {
                let name = own()?;
                let written = of()?.indexes.get(name)?;
                match self.actual(change)?.indexes.contains_key(name) {
                    true => describe::index(written),
                    false => index::placed(written),
                }
            }
            (Difference::MissingView | Difference::ViewDefinition, _) => {
                describe::view(self.written.views.get(own()?)?)
            }
            (Difference::MissingTrigger | Difference::TriggerDefinition, _) => {
                describe::trigger(self.written.triggers.get(own()?)?)
            }
            _ => return None,
        })
    }

    fn expected(&self, change: &Change) -> Option<&Table> {
        self.expected.tables.get(change.object.table.as_ref()?)
    }

    fn actual(&self, change: &Change) -> Option<&Table> {
        self.actual.tables.get(change.object.table.as_ref()?)
    }
}
