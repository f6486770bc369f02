//! Rebuilds where foreign keys are enforced meanwhile.
//!
//! There, dropping a table deletes or changes the rows that refer to it. So all tables that refer to one that goes, directly
//! or through others, are rebuilt along: the new ones are filled, parents first, and refer to each other; then the old ones
//! go, children first, when nothing refers to them any more; then the new ones take their names, and SQLite carries those
//! into the foreign keys.

use std::collections::{BTreeMap, BTreeSet};

use super::order;
use super::rebuild::free_name;
use super::step::{Action, Dropped, Plan, Rebuild};
use super::text::{referring, retitled};
use crate::schema::{ForeignKey, ForeignKeyAction, Ident, IndexKey, Schema, Table, shown_list};

/// The tables that refer to one of `going`, directly or through others, and are none of them.
pub(super) fn children(schema: &Schema, going: &BTreeSet<Ident>) -> BTreeSet<Ident> {
    let mut referring: BTreeMap<&Ident, Vec<&Ident>> = BTreeMap::new();
    for table in schema.tables.values() {
        table.foreign_keys.iter().for_each(|key| referring.entry(&key.parent).or_default().push(&table.name));
    }
    let mut found = BTreeSet::new();
    let mut new: Vec<&Ident> = going.iter().collect();
    while let Some(parent) = new.pop() {
        for child in referring.get(parent).into_iter().flatten() {
            if !going.contains(child) && found.insert(Ident::clone(child)) {
                new.push(child);
            }
        }
    }
    found
}

/// The tables that go and come back together, and those that only go.
pub(super) struct Apart<'a> {
    from: &'a Schema,
    to: &'a Schema,
    /// Each table with the name that the new one has meanwhile.
    passing: BTreeMap<Ident, Ident>,
    gone: BTreeSet<Ident>,
    /// Whether tables refer to each other in a circle.
    circular: bool,
}

impl<'a> Apart<'a> {
    /// `None` where nothing refers to what goes.
    pub(super) fn new(
        from: &'a Schema,
        to: &'a Schema,
        rebuilt: &BTreeSet<Ident>,
        gone: &BTreeSet<Ident>,
    ) -> Option<Apart<'a>> {
        let new = rebuilt.iter().filter_map(|name| to.tables.get(name));
        let tables = from.tables.values().chain(new);
        let parents = tables.flat_map(|table| &table.foreign_keys).map(|key| &key.parent);
        let parents: BTreeSet<Ident> =
            parents.filter(|name| rebuilt.contains(*name) || gone.contains(*name)).cloned().collect();
        if parents.is_empty() {
            return None;
        }
        let of_them: BTreeSet<Ident> = children(from, &parents).union(&parents).cloned().collect();
        let passing: BTreeMap<Ident, Ident> =
            rebuilt.intersection(&of_them).map(|name| (name.clone(), free_name(name, from, to))).collect();
        let gone: BTreeSet<Ident> = gone.intersection(&of_them).cloned().collect();
        let going: BTreeSet<Ident> = passing.keys().chain(&gone).cloned().collect();
        let circular = is_circular(to, &going) || is_circular(from, &going);
        Some(Apart { from, to, passing, gone, circular })
    }

    /// Whether the table is one of those that are rebuilt.
    pub(super) fn rebuilds(&self, table: &Ident) -> bool {
        self.passing.contains_key(table)
    }

    /// Why a table is rebuilt in which nothing else changes.
    pub(super) fn why(&self, table: &Table) -> Option<String> {
        let goes = |name: &&Ident| self.passing.contains_key(*name) || self.gone.contains(*name);
        let parent = table.foreign_keys.iter().map(|key| &key.parent).find(goes)?.shown();
        Some(format!("its rows refer to {parent}, and would change with it where foreign keys are enforced"))
    }

    /// Whether the table goes for good, after the others are filled.
    pub(super) fn drops(&self, table: &Ident) -> bool {
        self.gone.contains(table)
    }

    /// Whether a table has to wait until those that it refers to are in their places.
    pub(super) fn waits(&self, table: &Table) -> bool {
        table.foreign_keys.iter().any(|key| self.passing.contains_key(&key.parent))
    }

    /// Triggers of tables whose rows change before they go.
    pub(super) fn silenced(&self) -> impl Iterator<Item = &'a Ident> {
        let goes = |table: &Ident| self.passing.contains_key(table) || self.gone.contains(table);
        let stirred = move |table: &Ident| {
            goes(table) && (self.circular || self.from.tables.get(table).is_some_and(refers_to_itself))
        };
        self.from
            .triggers
            .values()
            .filter(move |trigger| stirred(&trigger.table))
            .map(|trigger| &trigger.name)
    }

    /// Before the first of them: where they refer to each other in a circle, all have to be there, and keys are checked at
    /// the end.
    pub(super) fn begin(&self, plan: &mut Plan) {
        if !self.circular {
            return;
        }
        let why = "Tables refer to each other in a circle: keys are checked when all rows are there";
        plan.push(Action::DeferKeys, vec![why.to_owned()], Vec::new());
        for (table, passing) in &self.passing {
            self.create(table, passing, plan);
        }
    }

    fn create(&self, table: &Ident, passing: &Ident, plan: &mut Plan) {
        let Some(goal) = self.to.tables.get(table) else { return };
        plan.create(passing, &self.statement(goal, passing), format!("The new {} is made", table.shown()));
    }

    fn statement(&self, goal: &Table, passing: &Ident) -> String {
        referring(&retitled(&goal.sql, &goal.name, passing), &self.passing)
    }

    /// The rebuild of a table as far as the rows of the new one.
    pub(super) fn fills(&self, rebuild: Rebuild, goal: &Table, plan: &mut Plan) -> Rebuild {
        let keys = self.keys_by_index(goal);
        if !keys.is_empty() && !self.circular {
            self.create(&goal.name, &rebuild.passing, plan);
        }
        for (name, columns) in &keys {
            let sql = format!(
                "CREATE UNIQUE INDEX {} ON {} ({})",
                name.shown(),
                rebuild.passing.shown(),
                shown_list(columns)
            );
            let why = format!("Rows refer to {} of {} meanwhile", shown_list(columns), goal.name.shown());
            plan.create(name, &sql, why);
        }
        let is_there = self.circular || !keys.is_empty();
        let create = (!is_there).then(|| self.statement(goal, &rebuild.passing));
        Rebuild { create, apart: true, ..rebuild }
    }

    /// The unique indexes by which the rows of a table are referred to, with passing names.
    fn keys_by_index(&self, goal: &Table) -> Vec<(Ident, Vec<Ident>)> {
        let mut found: Vec<(Ident, Vec<Ident>)> = Vec::new();
        let children = self.passing.keys().filter_map(|name| self.to.tables.get(name));
        for key in children.flat_map(|child| &child.foreign_keys).filter(|key| key.parent == goal.name) {
            let columns = self.to.parent_columns(key);
            let same = |of: &mut dyn Iterator<Item = Option<&Ident>>| {
                let of: Option<BTreeSet<&Ident>> = of.collect();
                of.is_some_and(|of| of == columns.iter().collect())
            };
            if goal.keys().any(|key| same(&mut key.iter().map(|column| Some(&column.name)))) {
                continue;
            }
            let by = goal.indexes.values().find(|index| {
                index.unique
                    && index.filter.is_none()
                    && index.unread.is_none()
                    && same(&mut index.keys.iter().map(IndexKey::column))
            });
            let name = by.map(|index| free_name(&index.name, self.from, self.to));
            found.extend(
                name.filter(|name| found.iter().all(|(known, _)| known != name)).map(|n| (n, columns)),
            );
        }
        found
    }

    /// The old tables go, children first; those that go for good as `for_good` has it.
    pub(super) fn drop_old(&self, plan: &mut Plan, for_good: impl Fn(&Table, &mut Plan)) {
        let going: BTreeSet<Ident> = self.passing.keys().chain(&self.gone).cloned().collect();
        for table in order::tables(self.from, &going).into_iter().rev() {
            detach(table, self.from, plan);
            match self.passing.get(&table.name) {
                Some(passing) => {
                    let why = format!("The rows of {} are in {}", table.name.shown(), passing.shown());
                    plan.drop(Dropped::Table, &table.name, why);
                }
                None => for_good(table, plan),
            }
        }
    }

    /// The new tables take the places of the old ones.
    pub(super) fn put_in_place(&self, plan: &mut Plan) {
        let rebuilt: BTreeSet<Ident> = self.passing.keys().cloned().collect();
        let tables = order::tables(self.to, &rebuilt);
        for goal in &tables {
            let Some(passing) = self.passing.get(&goal.name) else { continue };
            let action = Action::PutInPlace { passing: passing.clone(), table: goal.name.clone() };
            plan.push(action, vec![format!("The new {} takes its name", goal.name.shown())], Vec::new());
        }
        for (name, _) in tables.iter().flat_map(|goal| self.keys_by_index(goal)) {
            plan.drop(Dropped::Index, &name, format!("{} is no longer needed", name.shown()));
        }
    }
}

/// Whether any of the tables comes before one that it refers to, parents first.
fn is_circular(schema: &Schema, names: &BTreeSet<Ident>) -> bool {
    let mut seen = BTreeSet::new();
    order::tables(schema, names).into_iter().any(|table| {
        seen.insert(&table.name);
        table.foreign_keys.iter().any(|key| names.contains(&key.parent) && !seen.contains(&key.parent))
    })
}

fn refers_to_itself(table: &Table) -> bool {
    table.foreign_keys.iter().any(|key| key.parent == table.name)
}

/// Rows that refer to rows of the same table let go of them: else the first that goes would take others along, each in a
/// trigger of its own, which places have limits for.
fn detach(table: &Table, schema: &Schema, plan: &mut Plan) {
    let mut values: BTreeMap<Ident, String> = BTreeMap::new();
    for key in table.foreign_keys.iter().filter(|key| key.parent == table.name) {
        if key.on_delete != ForeignKeyAction::NoAction {
            values.extend(let_go(table, key, schema));
        }
    }
    if !values.is_empty() {
        let why = format!(
            "The old rows of {} let go of each other: none is to take others along",
            table.name.shown()
        );
        let values = values.into_iter().collect();
        plan.push(Action::Detach { table: table.name.clone(), values }, vec![why], Vec::new());
    }
}

/// Values with which a key refers to nothing, or to the row itself.
fn let_go(table: &Table, key: &ForeignKey, schema: &Schema) -> Vec<(Ident, String)> {
    let plain = |name: &Ident| table.column(name).is_some_and(|column| column.generated.is_none());
    let nullable = |name: &&Ident| {
        table.column(name).is_some_and(|column| !table.refuses_null(column)) && !table.in_primary_key(name)
    };
    if let Some(column) = key.columns.iter().filter(|name| plain(name)).find(nullable) {
        return vec![(column.clone(), "NULL".to_owned())];
    }
    let parents = schema.parent_columns(key);
    if parents.len() != key.columns.len() || !key.columns.iter().all(plain) {
        return Vec::new();
    }
    key.columns.iter().zip(parents).map(|(column, of)| (column.clone(), of.shown())).collect()
}
