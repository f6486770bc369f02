//! From the differences of two schemas to the steps that close them. Pure: two schemas and the changes between them go
//! in, ordered steps come out. Whoever renders the steps proves them before anybody runs them.
//!
//! The order is always the same: names, then everything that looks at a table that will be away for a moment (views,
//! triggers) goes, then tables and their indexes are made what they are to be, parents first, then views and triggers
//! come back. A table is rebuilt once, whatever changes in it.

mod apart;
mod full_text;
mod hazard;
mod hints;
mod native;
mod options;
mod order;
mod plain_values;
mod rebuild;
mod single;
mod step;
mod strict;
mod text;
mod unique;
mod why;
mod woken;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::sql::terminated;
pub use full_text::{carried, own_columns};
pub use hazard::{Counted, HAZARD, Hazard, Loss, Stops};
pub use hazard::{cannot_bring_back, had_no_rows_of, had_none, hazards, stops_with_rows_of};
pub use hints::{Hints, RenamedFrom};
pub(crate) use hints::{former, renamed_from};
pub use options::{Carried, Fills, Options};
pub use plain_values::Vacancy;
pub use rebuild::changes_values;
pub(crate) use rebuild::needs_value;
pub use single::single;
pub use step::{Action, Bad, Condition, Copied, Dropped, Fill, Obstacle, Part, Plan, Rebuild, Step, WayOut};
pub use text::{script, without_hints};

use crate::diff::{Change, Difference, ObjectKind};
use crate::schema::{Ident, Index, Pragmas, Schema, Table, TableKind};
use apart::Apart;
use why::why;

/// The steps that make `to` of `from`; `changes` are the differences between the two, as [`crate::diff::diff`] has them.
pub fn plan(from: &Schema, to: &Schema, changes: &[Change], options: &Options<'_>) -> Plan {
    let options = &*with_children(from, to, changes, options);
    let mut plan = Plan::default();
    let work = Work::sort(from, to, changes, options, &mut plan);
    work.clear_the_way(&mut plan);
    work.tables(&mut plan);
    work.put_back(&mut plan);
    pragmas(changes, &mut plan);
    plan
}

/// The same, with the tables that are rebuilt along where foreign keys are enforced: those whose rows refer to what goes.
fn with_children<'o, 'a>(
    from: &Schema,
    to: &Schema,
    changes: &[Change],
    options: &'o Options<'a>,
) -> Cow<'o, Options<'a>> {
    if !options.enforces_keys {
        return Cow::Borrowed(options);
    }
    let work = Work::sort(from, to, changes, options, &mut Plan::default());
    let children = apart::children(from, &work.gone.union(&work.rebuilt).cloned().collect());
    Cow::Owned(Options { rebuild: options.rebuild.union(&children).cloned().collect(), ..options.clone() })
}

/// What becomes of each object.
struct Work<'a> {
    from: &'a Schema,
    to: &'a Schema,
    options: &'a Options<'a>,
    /// Tables that both have and that differ → how.
    changed: BTreeMap<Ident, Vec<&'a Change>>,
    /// Of those, the steps that alter them in place.
    native: BTreeMap<Ident, Vec<Step>>,
    /// Tables that only `to` has, or that are made anew without their rows.
    new: BTreeSet<Ident>,
    /// Tables that only `from` has, or that are made anew without their rows.
    gone: BTreeSet<Ident>,
    rebuilt: BTreeSet<Ident>,
    /// Views of `from` that are dropped, for good or for a while.
    views: BTreeSet<Ident>,
    /// Triggers of `from` that are dropped by name.
    triggers: BTreeSet<Ident>,
    /// Of those, the ones that would fire while rows get a value.
    woken: BTreeSet<Ident>,
    /// How tables are rebuilt where foreign keys are enforced.
    apart: Option<Apart<'a>>,
    /// Objects whose definition differs.
    redefined: BTreeMap<(ObjectKind, Ident), &'a Change>,
}

impl<'a> Work<'a> {
    fn sort(
        from: &'a Schema,
        to: &'a Schema,
        changes: &'a [Change],
        options: &'a Options<'a>,
        plan: &mut Plan,
    ) -> Work<'a> {
        let mut changed: BTreeMap<Ident, Vec<&Change>> = BTreeMap::new();
        let mut redefined = BTreeMap::new();
        let mut gone: BTreeSet<Ident> =
            from.tables.keys().filter(|name| !to.tables.contains_key(*name)).cloned().collect();
        let mut new: BTreeSet<Ident> =
            to.tables.keys().filter(|name| !from.tables.contains_key(*name)).cloned().collect();
        for change in changes {
            let Some(table) = &change.object.table else { continue };
            let name = change.object.name.own().unwrap_or(table).clone();
            match change.object.kind {
                ObjectKind::Index | ObjectKind::View | ObjectKind::Trigger => {
                    redefined.insert((change.object.kind, name), change);
                }
                _ if gone.contains(table) || new.contains(table) => {}
                _ => changed.entry(table.clone()).or_default().push(change),
            }
        }
        for name in &options.rebuild {
            if from.tables.contains_key(name) && to.tables.contains_key(name) {
                changed.entry(name.clone()).or_default();
            }
        }
        let mut native = BTreeMap::new();
        let mut rebuilt = BTreeSet::new();
        for (name, of_table) in &changed {
            let (Some(old), Some(goal)) = (from.tables.get(name), to.tables.get(name)) else { continue };
            if full_text::carried(old, goal).is_some() {
                rebuilt.insert(name.clone());
                continue;
            }
            if old.is_virtual() || goal.is_virtual() {
                gone.insert(name.clone());
                new.insert(name.clone());
                continue;
            }
            if let Some(reason) = old.unread.as_ref().or(goal.unread.as_ref()) {
                let why = format!("the statement of the table {name} could not be read {reason}");
                plan.obstacles.push(Obstacle::Impossible { why });
                continue;
            }
            let alters = !options.rebuild.contains(name);
            let in_place = || native::steps((from, to), (old, goal), of_table, options, plan);
            match alters.then(in_place).flatten() {
                Some(steps) => {
                    native.insert(name.clone(), steps);
                }
                None => {
                    rebuilt.insert(name.clone());
                }
            }
            plan.conditions.extend(rebuild::refused(to, (old, goal), of_table, options));
        }
        let (views, triggers, woken) = Default::default();
        // What comes back under the same name has to be away by then.
        let for_good = gone.difference(&new).cloned().collect();
        let apart = options.enforces_keys.then(|| Apart::new(from, to, &rebuilt, &for_good)).flatten();
        let mut work = Work {
            from,
            to,
            options,
            changed,
            native,
            new,
            gone,
            rebuilt,
            views,
            triggers,
            woken,
            redefined,
            apart,
        };
        work.find_what_steps_aside();
        work
    }

    /// Finds the views and triggers that are dropped: for good, or because they look at a table that is away for a while.
    fn find_what_steps_aside(&mut self) {
        let Work { from, to, options, .. } = *self;
        let away: BTreeSet<Ident> = self.gone.union(&self.rebuilt).cloned().collect();
        let is_redefined = |kind, name: &Ident| self.redefined.contains_key(&(kind, name.clone()));
        let leaving: BTreeSet<Ident> = from
            .views
            .keys()
            .filter(|name| {
                !to.views.contains_key(*name)
                    || is_redefined(ObjectKind::View, name)
                    || options.set_aside.contains(*name)
            })
            .cloned()
            .collect();
        let (views, mut triggers) = if away.is_empty() && leaving.is_empty() {
            Default::default()
        } else {
            order::dependents(from, &away, &leaving)
        };
        for trigger in from.triggers.values() {
            let leaves = !to.triggers.contains_key(&trigger.name)
                || is_redefined(ObjectKind::Trigger, &trigger.name)
                || options.set_aside.contains(&trigger.name)
                || to.triggers.get(&trigger.name).is_some_and(|goal| goal.table != trigger.table);
            let goes_by_itself = away.contains(&trigger.table) || views.contains(&trigger.table);
            if leaves && (!goes_by_itself || options.set_aside.contains(&trigger.name)) {
                triggers.insert(trigger.name.clone());
            }
        }
        triggers.extend(self.apart.iter().flat_map(Apart::silenced).cloned());
        self.woken = woken::triggers(from, self.native.values().flatten(), options.enforces_keys);
        triggers.extend(self.woken.iter().cloned());
        (self.views, self.triggers) = (views, triggers);
    }

    fn reason(&self, kind: ObjectKind, name: &Ident, otherwise: &str) -> String {
        let change = self.redefined.get(&(kind, name.clone()));
        let noun = kind.as_str();
        let shown = name.shown();
        match change {
            Some(change) if change.expected.is_some() && change.actual.is_some() => why(change),
            _ => format!("The {noun} {shown} {otherwise}"),
        }
    }

    /// Views and triggers first, then indexes that change, then tables that go.
    fn clear_the_way(&self, plan: &mut Plan) {
        for name in &self.triggers {
            let stays = self.to.triggers.contains_key(name);
            let otherwise = match stays {
                true if self.woken.contains(name) => {
                    "is dropped for now: it would fire as rows get their value"
                }
                true => "is dropped for now",
                false => "is no longer wanted",
            };
            plan.drop(Dropped::Trigger, name, self.reason(ObjectKind::Trigger, name, otherwise));
        }
        // Children first, and what indexes a table's content before the table.
        let mut gone = order::tables(self.from, &self.gone);
        gone.reverse();
        let (over_views, gone): (Vec<_>, Vec<_>) =
            gone.into_iter().partition(|table| order::reads_a_view(self.from, table));
        // What reads a virtual table goes before it, and what it reads after it.
        let content = order::content_views(self.from);
        let mut views = order::views(self.from, &self.views);
        views.reverse();
        let (below, above): (Vec<Ident>, Vec<Ident>) =
            views.into_iter().partition(|name| content.contains(name));
        above.iter().for_each(|name| self.drop_view(name, plan));
        over_views.into_iter().for_each(|table| self.drop_table(table, plan));
        below.iter().for_each(|name| self.drop_view(name, plan));
        for table in self.from.tables.values() {
            let stays_for_now = self.apart.as_ref().is_some_and(|apart| apart.drops(&table.name));
            if self.gone.contains(&table.name) && !stays_for_now {
                continue;
            }
            for index in table.indexes.values() {
                let goal = self.goal_index(&index.name);
                let moves = goal.is_some_and(|goal| goal.table != table.name);
                let redefined = self.is_redefined(index);
                let by_itself =
                    (self.rebuilt.contains(&table.name) || stays_for_now && goal.is_none()) && !moves;
                if (goal.is_none() || moves || redefined) && !by_itself {
                    let reason = self.reason(ObjectKind::Index, &index.name, "is no longer wanted");
                    plan.drop(Dropped::Index, &index.name, reason);
                }
            }
        }
        let later = |table: &Table| self.apart.as_ref().is_some_and(|apart| apart.drops(&table.name));
        for table in gone.into_iter().filter(|table| !later(table)) {
            self.drop_table(table, plan);
        }
    }

    fn drop_view(&self, name: &Ident, plan: &mut Plan) {
        let stays = self.to.views.contains_key(name);
        let otherwise =
            if stays { "is dropped for now: it reads what changes" } else { "is no longer wanted" };
        plan.drop(Dropped::View, name, self.reason(ObjectKind::View, name, otherwise));
    }

    fn drop_table(&self, table: &Table, plan: &mut Plan) {
        let name = table.name.shown();
        let again = self.to.tables.contains_key(&table.name);
        let why = if again {
            format!("The table {name} is created again: SQLite cannot alter it")
        } else {
            format!("The table {name} is no longer wanted")
        };
        let data = !(again && indexes_other_content(table));
        let hazards = data.then(|| Hazard::Loses(Loss::Rows { table: table.name.clone() }));
        let hazards = hazards.into_iter().collect();
        let action = Action::Drop { kind: Dropped::Table, name: table.name.clone(), data };
        plan.push(action, vec![why], hazards);
    }

    fn goal_index(&self, name: &Ident) -> Option<&'a Index> {
        self.to.tables.values().find_map(|table| table.indexes.get(name))
    }

    fn is_redefined(&self, index: &Index) -> bool {
        self.redefined.contains_key(&(ObjectKind::Index, index.name.clone()))
    }

    /// New tables, tables that change, and the indexes of both, parents first.
    fn tables(&self, plan: &mut Plan) {
        let mut names: BTreeSet<Ident> = self.new.clone();
        names.extend(self.changed.keys().cloned());
        names
            .extend(self.to.tables.values().filter(|table| self.misses_index(table)).map(|t| t.name.clone()));
        let apart = self.apart.as_ref();
        apart.iter().for_each(|apart| apart.begin(plan));
        let mut waiting = Vec::new();
        for goal in order::tables(self.to, &names) {
            if apart.is_some_and(|apart| apart.rebuilds(&goal.name)) {
                self.rebuild(goal, plan);
                waiting.push(goal);
            } else if apart.is_some_and(|apart| apart.waits(goal)) && !self.new.contains(&goal.name) {
                waiting.push(goal);
            } else {
                self.table(goal, plan);
            }
        }
        if let Some(apart) = apart {
            apart.drop_old(plan, |table, plan| self.drop_table(table, plan));
            apart.put_in_place(plan);
        }
        for goal in waiting {
            match apart.is_some_and(|apart| apart.rebuilds(&goal.name)) {
                true => self.indexes(goal, plan),
                false => self.table(goal, plan),
            }
        }
    }

    /// A table that is new, altered or rebuilt, and its indexes.
    fn table(&self, goal: &Table, plan: &mut Plan) {
        if self.new.contains(&goal.name) {
            if !order::reads_a_view(self.to, goal) {
                create_table(self.to, goal, plan);
            }
        } else if let Some(steps) = self.native.get(&goal.name) {
            plan.steps.extend(steps.iter().cloned());
        } else {
            self.rebuild(goal, plan);
        }
        self.indexes(goal, plan);
    }

    fn rebuild(&self, goal: &Table, plan: &mut Plan) {
        let Some(old) = self.from.tables.get(&goal.name).filter(|_| self.rebuilt.contains(&goal.name)) else {
            return;
        };
        let (pair, schemas) = ((old, goal), (self.from, self.to));
        let (mut rebuild, mut hazards) = full_text::rebuild(schemas, pair)
            .unwrap_or_else(|| rebuild::rebuild(schemas, pair, self.options, plan));
        let in_the_way = plan.conditions.iter().filter(|condition| condition.table == goal.name);
        hazards.extend(in_the_way.map(Condition::hazard));
        let reasons = self.changed.get(&goal.name);
        let mut reasons: Vec<String> = reasons.into_iter().flatten().map(|change| why(change)).collect();
        if let Some(apart) = self.apart.as_ref().filter(|apart| apart.rebuilds(&goal.name)) {
            if reasons.is_empty() {
                reasons.extend(apart.why(old));
            }
            rebuild = apart.fills(rebuild, goal, plan);
        }
        plan.push(Action::Rebuild(rebuild), reasons, hazards);
    }

    fn misses_index(&self, table: &Table) -> bool {
        table.indexes.values().any(|index| self.kept_index(table, index).is_none())
    }

    /// The index of the old table that is still there when the indexes of `table` are made.
    fn kept_index(&self, table: &Table, index: &Index) -> Option<&'a Index> {
        let old = self.from.tables.get(&table.name)?.indexes.get(&index.name)?;
        let is_new = self.new.contains(&table.name) || self.rebuilt.contains(&table.name);
        (!is_new && !self.is_redefined(index)).then_some(old)
    }

    fn indexes(&self, goal: &Table, plan: &mut Plan) {
        let old = self.from.tables.get(&goal.name).filter(|_| !self.new.contains(&goal.name));
        for index in goal.indexes.values() {
            if self.kept_index(goal, index).is_some() {
                continue;
            }
            let before = old.and_then(|old| old.indexes.get(&index.name));
            let (sql, otherwise) = match before {
                Some(before) if !self.is_redefined(index) => (&before.sql, "was dropped with the old table"),
                _ => (&index.sql, "is new"),
            };
            let refused =
                old.and_then(|old| unique::refused_by(&self.options.with_new_names(old, goal), goal, index));
            let action = Action::Create { sql: sql.clone(), name: index.name.clone() };
            let hazards = refused.iter().map(Condition::hazard).collect();
            plan.push(action, vec![self.reason(ObjectKind::Index, &index.name, otherwise)], hazards);
            plan.conditions.extend(refused);
        }
    }

    fn coming(&self, name: &Ident, unchanged: bool) -> &'static str {
        if unchanged || self.options.aside.contains(name) { "is created again" } else { "is new" }
    }

    /// Views, those that others read first, and the virtual tables over them, then triggers.
    fn put_back(&self, plan: &mut Plan) {
        let missing = |name: &&Ident| !self.from.views.contains_key(*name) || self.views.contains(*name);
        let views: BTreeSet<Ident> = self.to.views.keys().filter(missing).cloned().collect();
        for name in order::views(self.to, &views) {
            let Some(goal) = self.to.views.get(&name) else { continue };
            let unchanged = self
                .from
                .views
                .get(&name)
                .filter(|_| !self.redefined.contains_key(&(ObjectKind::View, name.clone())));
            let otherwise = self.coming(&name, unchanged.is_some());
            let sql = unchanged.map_or(&goal.sql, |old| &old.sql);
            plan.create(&name, sql, self.reason(ObjectKind::View, &name, otherwise));
        }
        for goal in order::tables(self.to, &self.new) {
            if order::reads_a_view(self.to, goal) {
                create_table(self.to, goal, plan);
            }
        }
        for goal in self.to.triggers.values() {
            let old = self.from.triggers.get(&goal.name);
            let went = |table: &Ident| {
                self.rebuilt.contains(table) || self.gone.contains(table) || self.views.contains(table)
            };
            if old.is_some_and(|old| !self.triggers.contains(&old.name) && !went(&old.table)) {
                continue;
            }
            let redefined = self.redefined.contains_key(&(ObjectKind::Trigger, goal.name.clone()));
            let unchanged = old.filter(|old| !redefined && old.table == goal.table);
            let otherwise = self.coming(&goal.name, unchanged.is_some());
            let sql = unchanged.map_or(&goal.sql, |old| &old.sql);
            plan.create(&goal.name, sql, self.reason(ObjectKind::Trigger, &goal.name, otherwise));
        }
    }
}

fn create_table(schema: &Schema, goal: &Table, plan: &mut Plan) {
    let name = goal.name.shown();
    plan.create(&goal.name, &goal.sql, format!("The table {name} is new"));
    if !indexes_other_content(goal) {
        return;
    }
    if order::reads_a_view(schema, goal) && !names_rowid(goal) {
        // A view has no rowid to know its rows by.
        if let Some(step) = plan.steps.last_mut() {
            step.hazards.push(Hazard::NotIndexed { table: goal.name.clone() });
        }
    } else {
        let why = vec![format!("{name} indexes rows that are there already")];
        let hazards = vec![Hazard::Indexes { table: goal.name.clone() }];
        plan.push(Action::FillIndex { table: goal.name.clone() }, why, hazards);
    }
}

/// Whether the arguments say by which column rows are known; only FTS5 asks.
fn names_rowid(table: &Table) -> bool {
    let TableKind::Virtual { module, arguments } = &table.kind else { return false };
    let key = |argument: &String| argument.split('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    module.eq_ignore_ascii_case("fts5") && arguments.iter().any(|argument| key(argument) == "content_rowid")
}

/// Whether a virtual table is a full-text index of another table's rows, and holds none of its own
/// (<https://www.sqlite.org/fts5.html#external_content_tables>).
fn indexes_other_content(table: &Table) -> bool {
    let TableKind::Virtual { module, arguments } = &table.kind else { return false };
    let full_text = ["fts4", "fts5"].iter().any(|known| module.eq_ignore_ascii_case(known));
    full_text
        && arguments.iter().any(|argument| {
            argument.split_once('=').is_some_and(|(key, value)| {
                let value = value.trim().trim_matches(['\'', '"', '`']);
                key.trim().eq_ignore_ascii_case("content") && !value.is_empty()
            })
        })
}

/// Settings that can be changed in a transaction; the others decide how the whole file is written.
fn pragmas(changes: &[Change], plan: &mut Plan) {
    for change in changes.iter().filter(|change| change.difference == Difference::Pragma) {
        let (Some(name), Some(value)) = (change.object.name.own(), &change.expected) else { continue };
        match Pragmas::settable(name) {
            Some(name) => {
                let action = Action::SetPragma { name, value: value.clone() };
                plan.push(action, vec![why(change)], Vec::new());
            }
            None => plan.obstacles.push(Obstacle::Impossible {
                why: format!("the {name} of a database cannot be changed by a migration"),
            }),
        }
    }
}
