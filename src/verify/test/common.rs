//! Rows that the schemas before and after a migration both hold: what is left of the rows when it asks for more than the
//! schema before it did.

use std::collections::BTreeSet;

use crate::base::error::Result;
use crate::base::job::{Job, failure};
use crate::base::source::SourceFile;
use crate::engine::{Renaming, Scratch, SeededTable, Snapshot, UpOptions};
use crate::generate;
use crate::migrations::lint::UpText;
use crate::migrations::testing::Value;
use crate::migrations::{Migration, MigrationSet};
use crate::plan;
use crate::schema::{Ident, Schema};
use crate::sql::rowid_name;

/// The schemas on both sides of a migration.
pub(crate) struct BothSchemas {
    before: Schema,
    after: Schema,
    renamings: Vec<Renaming>,
    /// What makes the schema after it.
    pub(crate) goal: SourceFile,
}

impl BothSchemas {
    /// `base` is a database just below the migration; `None` where the migration fails there.
    pub(crate) fn of(
        base: &mut dyn Scratch,
        set: &MigrationSet,
        migration: &Migration,
        run_id: ulid::Ulid,
        job: Job<'_>,
    ) -> Result<Option<BothSchemas>> {
        let mut there = base.copy()?;
        let options = UpOptions { to: Some(migration.version), ..UpOptions::of(run_id) };
        if failure(there.migrate_up(set, &options, job.quietly()).error)?.is_some() {
            return Ok(None);
        }
        let (before, after) = (base.inspect()?, there.inspect()?);
        let goal = SourceFile::new(format!("(the schema after {})", migration.label()), plan::script(&after));
        let renamed = UpText::read(migration).renamed().into_iter();
        let mut renamings: Vec<Renaming> =
            renamed.map(|(table, column, to)| Renaming { table, column, to }).collect();
        // A name that both have is the same table; the old one may have stepped aside for a copy.
        renamings.retain(|r| {
            r.column.is_some() || (after.tables.contains_key(&r.to) && !after.tables.contains_key(&r.table))
        });
        Ok(Some(BothSchemas { before, after, renamings, goal }))
    }

    /// What becomes of the tables.
    pub(crate) fn pairs(&self) -> generate::Pairs<'_> {
        generate::pairs(&self.renamings, &self.before, &self.after, &plan::Plan::default())
    }

    /// What a table is called after the migration.
    fn new_name<'n>(&'n self, table: &'n Ident) -> &'n Ident {
        let renaming = self.renamings.iter().find(|r| r.table == *table && r.column.is_none());
        renaming.map_or(table, |r| &r.to)
    }

    /// The tables that had rows and have none that fit both schemas; apart from them those of which `migration` says so
    /// itself.
    pub(crate) fn emptied<'t>(
        &self,
        migration: &Migration,
        own: &[SeededTable],
        both: &'t [SeededTable],
    ) -> [Vec<&'t SeededTable>; 2] {
        let had = |table: &SeededTable| own.iter().any(|own| own.table == table.table && own.rows > 0);
        let says_so =
            |table: &&SeededTable| plan::had_no_rows_of(migration.up.text(), self.new_name(&table.table));
        let (told, new) = both.iter().filter(|table| table.rows == 0 && had(table)).partition(says_so);
        [new, told]
    }
}

/// Takes those rows out of `full` at which a migration stops, of the tables that it can reach: the fewest that halving
/// finds. `passes` tells whether it gets through with the rows of a database; without any of `rows` it does.
pub(crate) fn remove_failing_rows(
    full: &mut dyn Scratch,
    own: &Snapshot,
    reach: Option<&BTreeSet<Ident>>,
    mut passes: impl FnMut(&mut dyn Scratch) -> Result<bool>,
) -> Result<()> {
    let mut rows: Vec<String> = Vec::new();
    for (name, table) in full.rows(reach)?.tables {
        let known = own.tables.get(&name);
        let is_new = |key: &&Vec<Value>| known.is_none_or(|known| !known.rows.contains_key(*key));
        let rowid = rowid_name(|name| table.columns.iter().any(|column| *column == *name));
        let rowid: Vec<Ident> = rowid.into_iter().map(Ident::from).collect();
        let by_key = if table.key.is_empty() { &rowid } else { &table.key };
        for (key, row) in table.rows.iter().filter(|(key, _)| is_new(key)) {
            // Where columns have taken all names of the rowid, a row is its values.
            let (columns, values) = if by_key.is_empty() { (&table.columns, row) } else { (by_key, key) };
            let same = columns.iter().zip(values);
            let same = same.map(|(name, value)| format!("{} IS {}", name.quoted(), value.literal()));
            let same: Vec<String> = same.collect();
            rows.push(format!("DELETE FROM main.{} WHERE {}", name.quoted(), same.join(" AND ")));
        }
    }
    // Each entry is a run of rows that was not tried yet, the last one first.
    let mut taken = vec![false; rows.len()];
    let mut open: Vec<_> = std::iter::once(0..rows.len()).collect();
    let without = |scratch: &mut dyn Scratch, out: &dyn Fn(usize) -> bool| {
        scratch
            .delete(&mut rows.iter().enumerate().filter(|(i, _)| out(*i)).map(|(_, delete)| delete.as_str()))
    };
    while let Some(range) = open.pop() {
        let mut copy = full.copy()?;
        without(&mut *copy, &|i| !taken.get(i).is_some_and(|taken| *taken) && !range.contains(&i))?;
        if passes(&mut *copy)? {
            taken.get_mut(range).into_iter().flatten().for_each(|taken| *taken = true);
        } else if range.len() > 1 {
            let middle = range.start + range.len() / 2;
            open.push(middle..range.end);
            open.push(range.start..middle);
        }
    }
    without(full, &|i| !taken.get(i).is_some_and(|taken| *taken))
}
