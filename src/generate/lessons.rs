//! What a proof teaches the next plan.

use std::collections::BTreeSet;

use crate::diff::{Change, ObjectKind};
use crate::engine::Fault;
use crate::plan::{Action, Carried, Dropped, Fills, Options, Step};
use crate::schema::{Ident, Schema};
use crate::sql::{SqliteVersion, Target};

/// What the proof has taught so far about one direction.
#[derive(Default)]
pub(crate) struct Lessons {
    pub(crate) rebuild: BTreeSet<Ident>,
    set_aside: BTreeSet<Ident>,
    /// Views and triggers that are out of the way before any name changes: SQLite looks at all of them then.
    aside: BTreeSet<(ObjectKind, Ident)>,
    /// Tables of the goal whose rows lack what the script would need.
    pub(crate) emptied: BTreeSet<Ident>,
}

impl Lessons {
    /// What the planner has to keep to.
    pub(crate) fn options<'a>(
        &self,
        (sqlite, target): (SqliteVersion, Target),
        fills: &'a Fills,
        carried: &'a Carried,
    ) -> Options<'a> {
        let aside = self.aside.iter().map(|(_, name)| name.clone()).collect();
        Options {
            sqlite,
            enforces_keys: target.enforces_keys(),
            fills,
            carried,
            rebuild: self.rebuild.clone(),
            set_aside: self.set_aside.clone(),
            aside,
        }
    }

    /// The schema without what is out of the way by then, and the steps that take it out of the way.
    pub(crate) fn cleared(&self, schema: &Schema) -> (Schema, Vec<Step>) {
        let mut cleared = schema.clone();
        let away = |kind, name: &Ident| self.aside.contains(&(kind, name.clone()));
        cleared.views.retain(|name, _| !away(ObjectKind::View, name));
        cleared.triggers.retain(|name, _| !away(ObjectKind::Trigger, name));
        let step = |kind, of: ObjectKind, name: &Ident| Step {
            action: Action::Drop { kind, name: name.clone(), data: false },
            why: vec![format!(
                "The {} {} is dropped for now: SQLite renames nothing while it does not compile",
                of.as_str(),
                name.shown()
            )],
            hazards: Vec::new(),
        };
        let gone = |kind| self.aside.iter().filter(move |(of, _)| *of == kind).map(|(_, name)| name);
        let triggers =
            gone(ObjectKind::Trigger).map(|name| step(Dropped::Trigger, ObjectKind::Trigger, name));
        let views = gone(ObjectKind::View).map(|name| step(Dropped::View, ObjectKind::View, name));
        (cleared, triggers.chain(views).collect())
    }

    /// Learns from a step that SQLite refused; `false` when there is nothing to learn. `schemas` have the names that it may
    /// speak of.
    pub(crate) fn refused(&mut self, step: Option<&Step>, fault: &Fault, schemas: [&Schema; 2]) -> bool {
        let views = schemas.into_iter().flat_map(|schema| schema.views.keys());
        let triggers = schemas.into_iter().flat_map(|schema| schema.triggers.keys());
        let views = views.map(|name| (ObjectKind::View, name));
        let triggers = triggers.map(|name| (ObjectKind::Trigger, name));
        if let Some((kind, name)) = fault.blamed(views.chain(triggers)) {
            let is_new = if step.is_some_and(Step::renames) {
                // A view takes the triggers on it along.
                let [before, _] = schemas;
                let on_view = before
                    .triggers
                    .values()
                    .filter(|trigger| kind == ObjectKind::View && trigger.table == *name);
                self.aside.extend(on_view.map(|trigger| (ObjectKind::Trigger, trigger.name.clone())));
                self.aside.insert((kind, name.clone()))
            } else {
                self.set_aside.insert(name.clone())
            };
            if is_new {
                return true;
            }
        }
        let table = step.and_then(altered);
        table.is_some_and(|table| self.rebuild.insert(table.clone()))
    }

    /// Learns from what still differs: a table that was altered in place, or one that was left alone because its
    /// difference was told with another one's (a foreign key that means whatever its parent's key is).
    pub(crate) fn differs(&mut self, left: &[Change]) -> bool {
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
