//! What a migration destroys, found out while it runs: each statement is looked at before it runs, where the rows that it
//! takes away are still there to be counted.
//!
//! What counts is what was there before the way back began. A table that is dropped is lost with its rows, unless they
//! were copied into another one before (a rebuild): then the two are held against each other, row by row where there is a
//! key. Deleted and overwritten rows are counted by temporary triggers for the time of one statement, so that no row is
//! read that the statement does not write.

mod compare;
mod counted;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Error, Result};

use self::compare::{Facts, count};
pub(crate) use self::counted::{counted, counted_by};
use self::watch::{WATCH, Watch};
use super::guard::{Guard, Place, Seen};
use crate::ddl::{Alteration, alter_table};
use crate::engine::catalog::inspect::made_on;
use crate::engine::{Loss, LossKind};
use crate::schema::Ident;
use crate::sql::{is_bookkeeping, is_internal, quote};

/// What a count is for: how it is lost, of which table, and its column, index or trigger.
type LossKey = (LossKind, Ident, Option<Ident>);

/// Follows what becomes of rows and values.
#[derive(Default)]
pub(crate) struct Tracer {
    /// Whether there are no rows to be counted, only a schema: then all that could be lost is named.
    foresees: bool,
    /// Whether rows are left alone, since only the schema is of interest.
    skips_rows: bool,
    /// Tables that were made on the way.
    made: BTreeSet<Place>,
    /// Tables that are called otherwise than before, or took the place of one.
    origins: BTreeMap<Place, Origin>,
    copies: Vec<Copied>,
    found: BTreeMap<LossKey, Option<u64>>,
}

/// What a table holds of one that was there before.
#[derive(Clone)]
struct Origin {
    /// What that was called.
    table: Ident,
    /// Its columns under other names: now → before.
    renamed: BTreeMap<Ident, Ident>,
    /// Columns that hold nothing of it.
    added: BTreeSet<Ident>,
}

/// Rows of one table that were copied into another.
struct Copied {
    from: Place,
    to: Place,
    /// How many; `None` where all rows of the new table are meant.
    rows: Option<u64>,
    /// The columns that were read.
    read: BTreeSet<Ident>,
}

impl Origin {
    fn of(table: &Ident) -> Origin {
        Origin { table: table.clone(), renamed: BTreeMap::new(), added: BTreeSet::new() }
    }

    /// What the column was called; `None` when it is new.
    fn column(&self, now: &Ident) -> Option<Ident> {
        let new = self.added.contains(now);
        (!new).then(|| self.renamed.get(now).unwrap_or(now).clone())
    }
}

impl Tracer {
    /// Counts what is lost.
    pub(crate) fn counting() -> Tracer {
        Tracer::default()
    }

    /// Names what could be lost, on a schema without rows.
    pub(crate) fn foreseeing() -> Tracer {
        Tracer { foresees: true, ..Tracer::counting() }
    }

    /// The same without what writes rows.
    pub(crate) fn foreseeing_schema() -> Tracer {
        Tracer { skips_rows: true, ..Tracer::foreseeing() }
    }

    /// What was found since this was asked last.
    pub(crate) fn take(&mut self) -> Vec<Loss> {
        let found = std::mem::take(&mut self.found);
        let loss = |((kind, table, part), count): (LossKey, _)| {
            let is_object = matches!(kind, LossKind::Index | LossKind::Trigger);
            let (object, column) = if is_object { (part, None) } else { (None, part) };
            Loss { kind, table, column, object, count }
        };
        found.into_iter().map(loss).collect()
    }

    /// Runs a statement of a migration.
    pub(crate) fn run(&mut self, conn: &Connection, guard: &Guard, text: &str) -> Result<()> {
        let (mut statement, seen) = match guard.prepare_seeing(conn, text) {
            Err(Error::MultipleStatement) => return guard.run_batch(conn, text),
            prepared => prepared?,
        };
        // Where only the schema is of interest, rows are left alone: there may be millions, and without those that are
        // elsewhere a statement can fail that does not fail there.
        if self.skips_rows && writes_rows_alone(&seen) {
            self.after(&seen, None, 0);
            return Ok(());
        }
        let altered = alter_table(text).ok().map(|(_, altered)| altered);
        self.before(conn, &seen, altered.as_ref())?;
        let watch = self.watch(conn, &seen)?;
        let result = guard.run(&mut statement);
        let changes = conn.changes();
        drop(statement);
        let counts = watch.map_or(Ok(Vec::new()), |watch| watch.end(conn))?;
        result?;
        for (key, count) in counts {
            self.add(key, count);
        }
        self.after(&seen, altered, changes);
        Ok(())
    }

    /// `None` of a table that was made on the way.
    fn origin(&self, place: &Place) -> Option<Origin> {
        let known = self.origins.get(place).cloned();
        let counts = !place.temporary && !is_bookkeeping(&place.table) && !self.made.contains(place);
        known.or_else(|| counts.then(|| Origin::of(&place.table)))
    }

    /// What goes as a whole: it is counted, or named where there is nothing to count.
    fn lose(&mut self, key: LossKey, count: impl FnOnce() -> Result<u64>) -> Result<()> {
        if self.foresees {
            self.found.insert(key, None);
            return Ok(());
        }
        self.add(key, count()?);
        Ok(())
    }

    fn add(&mut self, key: LossKey, count: u64) {
        if count > 0 {
            let sum = self.found.entry(key).or_insert(Some(0));
            *sum = sum.map(|known| known.saturating_add(count));
        }
    }

    /// What goes with a table or a column.
    fn before(
        &mut self,
        conn: &Connection,
        seen: &BTreeSet<Seen>,
        altered: Option<&Alteration>,
    ) -> Result<()> {
        for seen in seen {
            match (seen, altered) {
                (Seen::Dropped(table), _) => self.before_drop(conn, table)?,
                (Seen::Altered(table), Some(Alteration::DropColumn(column))) => {
                    self.before_drop_column(conn, table, column)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn before_drop_column(&mut self, conn: &Connection, table: &Place, column: &Ident) -> Result<()> {
        let Some(origin) = self.origin(table) else { return Ok(()) };
        let Some(then) = origin.column(column) else { return Ok(()) };
        let facts = Facts::read(conn, table)?;
        if !facts.stored().any(|stored| stored == column) {
            return Ok(());
        }
        self.lose((LossKind::Values, origin.table, Some(then)), || count(conn, table, Some(column)))
    }

    fn before_drop(&mut self, conn: &Connection, table: &Place) -> Result<()> {
        let Some(origin) = self.origin(table) else { return Ok(()) };
        if !table.temporary {
            for (kind, name) in made_on(conn, table.table.as_str())? {
                let kind = if kind == "index" { LossKind::Index } else { LossKind::Trigger };
                self.found.insert((kind, origin.table.clone(), Some(name)), None);
            }
        }
        let facts = Facts::read(conn, table)?;
        if !facts.holds_rows {
            return Ok(());
        }
        let copies: Vec<&Copied> = self.copies.iter().filter(|copy| copy.from == *table).collect();
        let targets: BTreeSet<Place> = copies.iter().map(|copy| copy.to.clone()).collect();
        let stored: Vec<(Ident, Ident)> =
            facts.stored().filter_map(|column| Some((column.clone(), origin.column(column)?))).collect();
        if targets.is_empty() {
            return self.lose((LossKind::Rows, origin.table, None), || count(conn, table, None));
        }
        // Where the values of a column went: target → its column → the column before.
        let mut heirs: BTreeMap<Place, BTreeMap<Ident, Ident>> = BTreeMap::new();
        if self.foresees {
            let read: BTreeSet<Ident> = copies.iter().flat_map(|copy| copy.read.iter().cloned()).collect();
            for target in &targets {
                let there = Facts::read(conn, target)?;
                let same = stored.iter().filter(|(column, _)| there.has(column));
                heirs.insert(target.clone(), same.cloned().collect());
            }
            for (column, then) in stored {
                if !read.contains(&column) {
                    self.found.insert((LossKind::Values, origin.table.clone(), Some(then)), None);
                }
            }
        } else {
            let rows = count(conn, table, None)?;
            let mut copied = 0;
            let mut lost: BTreeMap<Ident, u64> = BTreeMap::new();
            for target in &targets {
                let of_target = copies.iter().filter(|copy| copy.to == *target);
                let mut sum = 0_u64;
                for copy in of_target {
                    sum = sum.saturating_add(match copy.rows {
                        Some(rows) => rows,
                        None => count(conn, target, None)?,
                    });
                }
                copied = copied.max(sum);
                let names: Vec<Ident> = stored.iter().map(|(column, _)| column.clone()).collect();
                let gone = rows.saturating_sub(sum);
                let carried = compare::carried(conn, (table, &facts), &names, target, (rows, gone))?;
                let mut inherits = BTreeMap::new();
                for (column, fate) in names.into_iter().zip(carried) {
                    let fewest = lost.entry(column.clone()).or_insert(u64::MAX);
                    *fewest = (*fewest).min(fate.lost);
                    if let Some(there) = fate.column {
                        inherits.insert(there, origin.column(&column).unwrap_or(column));
                    }
                }
                heirs.insert(target.clone(), inherits);
            }
            self.add((LossKind::Rows, origin.table.clone(), None), rows.saturating_sub(copied));
            for (column, then) in stored {
                let count = lost.get(&column).copied().unwrap_or_default();
                self.add((LossKind::Values, origin.table.clone(), Some(then)), count);
            }
        }
        for (target, renamed) in heirs {
            // What was there before keeps its own name.
            if self.made.remove(&target) {
                let there = Facts::read(conn, &target)?;
                let added = there.names().filter(|name| !renamed.contains_key(name)).cloned().collect();
                self.origins.insert(target, Origin { table: origin.table.clone(), renamed, added });
            }
        }
        Ok(())
    }

    /// Has the rows counted that the statement will delete or overwrite.
    fn watch(&mut self, conn: &Connection, seen: &BTreeSet<Seen>) -> Result<Option<Watch<LossKey>>> {
        let dropped = |table: &Place| seen.contains(&Seen::Dropped(table.clone()));
        let mut keys = Vec::new();
        let mut triggers = Vec::new();
        for seen in seen {
            let (table, column) = match seen {
                Seen::Deleted(table) if !dropped(table) => (table, None),
                Seen::Updated(table, column) => (table, Some(column)),
                _ => continue,
            };
            let Some(origin) = self.origin(table) else { continue };
            let facts = Facts::read(conn, table)?;
            if !facts.is_table {
                continue;
            }
            let kind = if column.is_some() { LossKind::OverwrittenValues } else { LossKind::DeletedRows };
            let then = match column {
                Some(column) if !facts.stored().any(|stored| stored == column) => continue,
                Some(column) => match origin.column(column) {
                    None => continue,
                    then => then,
                },
                None => None,
            };
            if let (Some(column), Some(then)) = (column, &then)
                && self.carry_over(conn, (table, &facts), column, (&origin.table, then))?
            {
                continue;
            }
            if self.foresees || facts.is_virtual {
                self.found.insert((kind, origin.table, then), None);
                continue;
            }
            let at = keys.len();
            let (name, table) = (format!("{WATCH}_{at}"), table.sql());
            triggers.push(match column {
                None => format!(
                    "CREATE TEMP TRIGGER {name} AFTER DELETE ON {table} BEGIN SELECT {WATCH}({at}); END"
                ),
                Some(column) => {
                    let column = quote(column.as_str());
                    format!(
                        "CREATE TEMP TRIGGER {name} AFTER UPDATE OF {column} ON {table} \
                         WHEN old.{column} IS NOT NULL AND old.{column} IS NOT new.{column} COLLATE BINARY \
                         BEGIN SELECT {WATCH}({at}); END"
                    )
                }
            });
            keys.push((kind, origin.table, then));
        }
        if keys.is_empty() { Ok(None) } else { Watch::begin(conn, keys, &triggers).map(Some) }
    }

    /// Whether all values of a column are in another table already, where they are held against each other.
    fn carry_over(
        &mut self,
        conn: &Connection,
        (table, facts): (&Place, &Facts),
        column: &Ident,
        (of, then): (&Ident, &Ident),
    ) -> Result<bool> {
        let copies = self.copies.iter().filter(|copy| copy.from == *table && copy.read.contains(column));
        if self.foresees {
            return Ok({ copies }.next().is_some());
        }
        let rows = count(conn, table, None)?;
        let whole = copies.filter(|copy| copy.rows.is_none_or(|copied| copied >= rows));
        let Some(target) = { whole }.next().map(|copy| copy.to.clone()) else { return Ok(false) };
        let fates = compare::carried(conn, (table, facts), std::slice::from_ref(column), &target, (rows, 0))?;
        let lost = fates.iter().map(|fate| fate.lost).sum();
        self.add((LossKind::Values, of.clone(), Some(then.clone())), lost);
        Ok(true)
    }

    /// Follows the names.
    fn after(&mut self, seen: &BTreeSet<Seen>, altered: Option<Alteration>, changes: u64) {
        let mut read: BTreeMap<Place, BTreeSet<Ident>> = BTreeMap::new();
        let (mut into, mut made) = (None, None);
        let of_sqlite = |place: &Place| is_internal(&place.table);
        for seen in seen {
            match seen {
                Seen::Read(place, column) => {
                    read.entry(place.clone()).or_default().insert(column.clone());
                }
                Seen::Made(place) => made = Some(place.clone()),
                Seen::Inserted(place) if !of_sqlite(place) => into = Some((place.clone(), Some(changes))),
                Seen::Dropped(place) => self.forget(place),
                Seen::Altered(place) => self.rename(place, altered.as_ref()),
                _ => {}
            }
        }
        if let Some(place) = made {
            self.made.insert(place.clone());
            into = Some((place, None));
        }
        let Some((to, rows)) = into else { return };
        for (from, read) in read {
            if from != to && !of_sqlite(&from) {
                self.copies.push(Copied { from, to: to.clone(), rows, read });
            }
        }
    }

    /// What is lost with the temporary tables that go away behind a script.
    pub(crate) fn end(&mut self, conn: &Connection) -> Result<()> {
        let temporary: Vec<Place> = self.origins.keys().filter(|place| place.temporary).cloned().collect();
        for place in temporary {
            self.before_drop(conn, &place)?;
            self.forget(&place);
        }
        Ok(())
    }

    fn forget(&mut self, table: &Place) {
        self.copies.retain(|copy| copy.from != *table && copy.to != *table);
        self.origins.remove(table);
        // The name is free, and whoever takes it is new.
        self.made.insert(table.clone());
    }

    fn rename(&mut self, table: &Place, altered: Option<&Alteration>) {
        let Some(altered) = altered else { return };
        if let Alteration::Rename(to) = altered {
            let to = &Place { temporary: table.temporary, table: to.clone() };
            let origin = self.origin(table);
            for copy in &mut self.copies {
                for name in [&mut copy.from, &mut copy.to] {
                    if name == table {
                        *name = to.clone();
                    }
                }
            }
            self.origins.remove(table);
            self.made.insert(table.clone());
            match origin {
                Some(origin) => {
                    self.made.remove(to);
                    self.origins.insert(to.clone(), origin);
                }
                None => {
                    self.origins.remove(to);
                    self.made.insert(to.clone());
                }
            }
            return;
        }
        let Some(mut origin) = self.origin(table) else { return };
        match altered {
            Alteration::RenameColumn { from, to } => {
                match origin.column(from) {
                    Some(then) => {
                        origin.renamed.insert(to.clone(), then);
                    }
                    None => {
                        origin.added.insert(to.clone());
                    }
                }
                origin.added.remove(from);
                origin.renamed.remove(from);
            }
            Alteration::AddColumn(added) => {
                origin.added.extend(added.columns.iter().map(|column| column.name.clone()));
            }
            Alteration::DropColumn(column) => {
                origin.added.remove(column);
                origin.renamed.remove(column);
            }
            Alteration::Rename(_) | Alteration::Constraint(_) => {}
        }
        self.origins.insert(table.clone(), origin);
    }
}

/// Whether a statement writes rows, and nothing of the schema.
fn writes_rows_alone(seen: &BTreeSet<Seen>) -> bool {
    let mut writes = false;
    seen.iter().all(|seen| match seen {
        Seen::Inserted(table) | Seen::Deleted(table) | Seen::Updated(table, _) => {
            writes = true;
            !is_internal(&table.table)
        }
        Seen::Read(..) => true,
        Seen::Made(_) | Seen::Dropped(_) | Seen::Altered(_) => false,
    }) && writes
}
