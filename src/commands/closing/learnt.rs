//! What a proof teaches the next plan.

use std::collections::BTreeSet;

use crate::diff::Change;
use crate::plan::{Action, Carried, Fills, Options, Step};
use crate::schema::{Ident, Schema};
use crate::sql::SqliteVersion;

/// What the proof has taught so far about one direction.
#[derive(Default)]
pub(super) struct Learnt {
    pub(super) rebuild: BTreeSet<Ident>,
    set_aside: BTreeSet<Ident>,
    /// Tables of the goal whose rows lack what the script would need.
    pub(super) emptied: BTreeSet<Ident>,
}

impl Learnt {
    /// What the planner has to heed.
    pub(super) fn options<'a>(
        &self,
        sqlite: SqliteVersion,
        fills: &'a Fills,
        carried: &'a Carried,
    ) -> Options<'a> {
        Options { sqlite, fills, carried, rebuild: self.rebuild.clone(), set_aside: self.set_aside.clone() }
    }

    /// Learns from a step that SQLite refused; `false` when there is nothing to learn. `schemas` have the names that its
    /// message may speak of.
    pub(super) fn refused(&mut self, step: Option<&Step>, message: &str, schemas: [&Schema; 2]) -> bool {
        for kind in ["error in view ", "error in trigger "] {
            let Some((_, rest)) = message.split_once(kind) else { continue };
            // A name may hold whatever stands behind it in the message: the longest one that is known is meant.
            let known = schemas.into_iter().flat_map(|s| s.views.keys().chain(s.triggers.keys()));
            let named = known.filter(|name| {
                let behind = rest.get(name.as_str().len()..);
                rest.starts_with(name.as_str()) && behind.is_some_and(|behind| behind.starts_with([':', ' ']))
            });
            let name = named.max_by_key(|name| name.as_str().len());
            if name.is_some_and(|name| self.set_aside.insert(name.clone())) {
                return true;
            }
        }
        let table = step.and_then(altered);
        table.is_some_and(|table| self.rebuild.insert(table.clone()))
    }

    /// Learns from what still differs: a table that was altered in place, or one that was left alone because its
    /// difference was told with another one's (a foreign key that means whatever its parent's key is).
    pub(super) fn differs(&mut self, left: &[Change]) -> bool {
        let mut learnt = false;
        for change in left {
            let Some(table) = &change.object.table else { continue };
            learnt |= self.rebuild.insert(table.clone());
        }
        learnt
    }
}

/// The table that a step alters in place.
fn altered(step: &Step) -> Option<&Ident> {
    match &step.action {
        Action::AddColumn { table, .. }
        | Action::DropColumn { table, .. }
        | Action::AlterNotNull { table, .. }
        | Action::AddCheck { table, .. }
        | Action::DropCheck { table, .. } => Some(table),
        _ => None,
    }
}
