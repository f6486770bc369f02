//! A schema that is looked at again and again while it changes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ident, Schema};

/// The last two looks at a schema. What a look costs depends on what has changed, not on all that is there.
#[derive(Default)]
pub struct Watched {
    before: Schema,
    now: Schema,
    /// The rows of the schema table at the last look, by rowid.
    pub(crate) rows: Vec<StoredRow>,
    /// Whether there are virtual tables: which tables are their own is not seen in the rows of these.
    pub(crate) has_virtual: bool,
    /// In what the two looks differ; in anything when absent.
    pub(crate) touched: Option<Touched>,
}

/// A row of the schema table.
pub(crate) struct StoredRow {
    pub(crate) rowid: i64,
    /// Of the row; none where it has to be read again all the same.
    pub(crate) hash: Option<u64>,
    pub(crate) kind: String,
    pub(crate) name: Ident,
    pub(crate) table: Ident,
}

/// Names of objects that came, went or changed; a table also with its indexes.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) tables: BTreeSet<Ident>,
    pub(crate) views: BTreeSet<Ident>,
    pub(crate) triggers: BTreeSet<Ident>,
}

impl Watched {
    /// The schema at the look before the last; an empty one when there was none.
    pub fn before(&self) -> &Schema {
        &self.before
    }

    /// The schema at the last look.
    pub fn now(&self) -> &Schema {
        &self.now
    }

    /// Whether the last look saw another schema than the one before.
    pub fn has_changed(&self) -> bool {
        self.touched.as_ref().is_none_or(|touched| {
            !(touched.tables.is_empty() && touched.views.is_empty() && touched.triggers.is_empty())
        })
    }

    /// Begins a new look: what is now was before.
    pub(crate) fn begin_look(&mut self) {
        match self.touched.take() {
            None => self.before = self.now.clone(),
            Some(touched) => {
                let (before, now) = (&mut self.before, &self.now);
                before.pragmas = now.pragmas.clone();
                touched.tables.into_iter().for_each(|name| copy(&now.tables, &mut before.tables, &name));
                touched.views.into_iter().for_each(|name| copy(&now.views, &mut before.views, &name));
                touched
                    .triggers
                    .into_iter()
                    .for_each(|name| copy(&now.triggers, &mut before.triggers, &name));
            }
        }
    }

    /// For what is new to be entered.
    pub(crate) fn now_mut(&mut self) -> &mut Schema {
        &mut self.now
    }
}

/// Makes what `to` has of a name what `from` has, also where only the spelling of the name differs.
fn copy<T: Clone>(from: &BTreeMap<Ident, T>, to: &mut BTreeMap<Ident, T>, name: &Ident) {
    to.remove(name);
    to.extend(from.get_key_value(name).map(|(name, object)| (name.clone(), object.clone())));
}
