//! Names that change on the way.

mod moves;

use std::collections::BTreeMap;

use self::moves::{Declared, Of, Scope, moves};
use super::places::place_of;
use super::terms::{Ask, Terms};
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::diff::{Change, Difference, ObjectName};
use crate::engine;
use crate::engine::Renaming;
use crate::plan;
use crate::plan::{Action, Carried, Hints, RenamedFrom, Step, former, renamed_from};
use crate::schema::{Ident, Schema};
use crate::sql::is_rowid_name;

/// Names that change.
#[derive(Clone, Default, Debug)]
pub(crate) struct Names {
    /// Those that ALTER TABLE changes, in an order in which each new name is free when its turn comes.
    pub(crate) altered: Vec<Renaming>,
    /// Columns that only get their new name when their table is made anew.
    pub(crate) carried: Vec<Renaming>,
}

impl Names {
    /// The renames that the hints ask for and that are not done yet.
    ///
    /// # Errors
    /// `Migration` with the place of a hint that can be obeyed neither now nor was before.
    pub(crate) fn of(from: &Schema, goal: &Schema, hints: &Hints) -> Result<Names> {
        let mut names = Names::default();
        // Nothing has a name yet that could be an old one: what the spec says of earlier days is no matter.
        if from.tables.is_empty() {
            return Ok(names);
        }
        let of_tables = hints.renamed.iter().filter(|hint| hint.column.is_none());
        let of_tables = of_tables.filter(|hint| goal.tables.contains_key(&hint.table));
        let declared: Vec<_> = of_tables.map(|hint| Declared { new: &hint.table, hint }).collect();
        let scope = Scope {
            of: Of::Tables,
            is_there: &|name| from.tables.contains_key(name),
            is_wanted: &|name| goal.tables.contains_key(name),
        };
        for done in moves(&declared, &scope)? {
            let (table, to) = (done.hint.from.clone(), done.new.clone());
            names.altered.push(Renaming { table, column: None, to });
        }
        let mut tables: Vec<&Ident> =
            hints.renamed.iter().filter(|hint| hint.column.is_some()).map(|hint| &hint.table).collect();
        tables.sort();
        tables.dedup();
        for table in tables {
            names.columns_of(table, from, goal, hints)?;
        }
        Ok(names)
    }

    fn columns_of(&mut self, table: &Ident, from: &Schema, goal: &Schema, hints: &Hints) -> Result<()> {
        let Some(there) = goal.tables.get(table) else { return Ok(()) };
        let old = self.old_table(table);
        let of_table = hints.renamed.iter().filter(|hint| hint.table == *table);
        let of_table = of_table.filter_map(|hint| Some(Declared { new: hint.column.as_ref()?, hint }));
        let declared: Vec<_> = of_table.filter(|d| there.column(d.new).is_some()).collect();
        let moved_away = self.altered.iter().any(|r| r.column.is_none() && r.table == old && r.to != *table);
        let before = from.tables.get(&old).filter(|_| !moved_away);
        let scope = Scope {
            of: Of::ColumnsOf(table),
            is_there: &|name| before.is_some_and(|before| before.column(name).is_some()),
            is_wanted: &|name| there.column(name).is_some(),
        };
        for done in moves(&declared, &scope)? {
            let (column, to) = (done.hint.from.clone(), done.new.clone());
            // A column that is called like the rowid cannot be renamed, and none can be renamed to it.
            let is_rowid = is_rowid_name(column.as_str()) || is_rowid_name(to.as_str());
            let renaming = Renaming { table: old.clone(), column: Some(column), to };
            if is_rowid { self.carried.push(renaming) } else { self.altered.push(renaming) }
        }
        Ok(())
    }

    /// How a table of the goal is called so far.
    pub(crate) fn old_table(&self, table: &Ident) -> Ident {
        let renaming = self.altered.iter().find(|r| r.column.is_none() && r.to == *table);
        renaming.map_or(table, |r| &r.table).clone()
    }

    /// How a table so far is called in the goal.
    pub(crate) fn new_table(&self, table: &Ident) -> Ident {
        let renaming = self.altered.iter().find(|r| r.column.is_none() && r.table == *table);
        renaming.map_or(table, |r| &r.to).clone()
    }

    /// All of them, wherever they are done.
    pub(crate) fn all(&self) -> Vec<Renaming> {
        self.altered.iter().chain(&self.carried).cloned().collect()
    }

    /// What columns are called from now on, by their table and their name so far.
    pub(crate) fn of_columns(&self) -> BTreeMap<&Ident, BTreeMap<&Ident, &Ident>> {
        let mut renamed: BTreeMap<&Ident, BTreeMap<&Ident, &Ident>> = BTreeMap::new();
        for renaming in self.altered.iter().chain(&self.carried) {
            if let Some(column) = &renaming.column {
                renamed.entry(&renaming.table).or_default().entry(column).or_insert(&renaming.to);
            }
        }
        renamed
    }

    /// Whether no name changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.altered.is_empty() && self.carried.is_empty()
    }

    /// For the planner: by the names of the goal, what each carried column is called so far.
    pub(crate) fn carried(&self) -> Carried {
        let carried = self.carried.iter().filter_map(|renaming| {
            Some(((self.new_table(&renaming.table), renaming.to.clone()), renaming.column.clone()?))
        });
        carried.collect()
    }

    /// The renames that take these back, in the spelling of the schema that they lead back to.
    pub(crate) fn reversed(&self, from: &Schema) -> Names {
        let spelled =
            |table: &Ident| from.tables.get(table).map_or(table.clone(), |table| table.name.clone());
        let reverse = |renaming: &Renaming| match &renaming.column {
            None => Renaming { table: renaming.to.clone(), column: None, to: spelled(&renaming.table) },
            Some(column) => Renaming {
                table: self.new_table(&renaming.table),
                column: Some(renaming.to.clone()),
                to: column.clone(),
            },
        };
        Names {
            altered: self.altered.iter().rev().map(reverse).collect(),
            carried: self.carried.iter().rev().map(reverse).collect(),
        }
    }
}

/// The schema under its new names, as SQLite carries them into everything that refers to them.
pub(crate) fn renamed(schema: &Schema, renamings: &[Renaming], job: Job<'_>) -> Result<Schema> {
    if renamings.is_empty() {
        return Ok(schema.clone());
    }
    let mut spec_database =
        engine::spec_database(&SourceFile::new("(the schema so far)", plan::script(schema)), job)?;
    spec_database.rename(renamings)?;
    spec_database.schema()
}

/// The renames as steps: columns first, for they speak of their tables by the old names.
pub(crate) fn steps(renamings: &[Renaming], schema: &Schema) -> Vec<Step> {
    let step = |action: Action, why: String| Step { action, why: vec![why], hazards: Vec::new() };
    let mut steps = Vec::new();
    for renaming in renamings {
        let Some(from) = &renaming.column else { continue };
        let table = schema.tables.get(&renaming.table).map_or(&renaming.table, |table| &table.name);
        let why = format!("{}.{} is renamed to {}", table.shown(), from.shown(), renaming.to.shown());
        let (table, from, to) = (table.clone(), from.clone(), renaming.to.clone());
        steps.push(step(Action::RenameColumn { table, from, to }, why));
    }
    for renaming in renamings.iter().filter(|renaming| renaming.column.is_none()) {
        let (from, to) = (renaming.table.clone(), renaming.to.clone());
        let why = format!("The table {} is renamed to {}", from.shown(), to.shown());
        steps.push(step(Action::RenameTable { from, to }, why));
    }
    steps
}

/// Deals with the first probable rename that nobody has declared; `true` when the answer changed the hints.
///
/// # Errors
/// When nobody is there to be asked.
pub(crate) fn settle(
    changes: &[Change],
    hints: &mut Hints,
    terms: &Terms<'_>,
    ask: &mut Ask<'_>,
) -> Result<bool> {
    let Some(found) = undeclared(changes, hints).next() else { return Ok(false) };
    let (table, column) = (found.table.clone(), found.column.cloned());
    let (kind, new_name, old_name) = (found.kind(), found.new_name(), found.old.shown());
    match ask(&format!("Is the {kind} {new_name} the {kind} {old_name} under a new name?")) {
        Some(true) => {
            let from = found.old.clone();
            hints.renamed.push(RenamedFrom { table, column, from, location: None });
        }
        Some(false) => hints.new.push((table, column)),
        None => {
            let message = format!(
                "the {kind} {new_name} looks like the {kind} {old_name} under a new name, and nothing says so"
            );
            let help = match terms.spec {
                Some(spec) => Advice::Text(format!(
                    "write {} above it in {} to keep its values, or `-- planctl:new` if it is new",
                    found.comment(),
                    spec.file.path().display()
                )),
                None => Advice::BY_HAND,
            };
            return Err(Error::new(ErrorKind::Migration, message)
                .at_place(place_of(terms, found.table, found.column))
                .help(help));
        }
    }
    Ok(true)
}

/// What looks like something else under a new name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookalike<'a> {
    table: &'a Ident,
    column: Option<&'a Ident>,
    old: &'a Ident,
}

/// What looks like something else under a new name, and nobody says whether it is.
pub(crate) fn undeclared<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    hints: &Hints,
) -> impl Iterator<Item = Lookalike<'a>> {
    changes.into_iter().filter_map(|change| {
        let column = match (change.difference, &change.object.name) {
            (Difference::MissingColumn, ObjectName::Columns(names)) => names.first(),
            (Difference::MissingTable, _) => None,
            _ => return None,
        };
        let (table, old) = (change.object.table.as_ref()?, change.lookalike()?);
        let is_new = hints.new.iter().any(|(of, named)| of == table && named.as_ref() == column);
        // Where it is the rebuild that gives the name, what has it looks as if it were not said, and so may others.
        let is_said = hints
            .renamed
            .iter()
            .any(|h| h.table == *table && h.column.is_some() == column.is_some() && h.from == *old);
        (!is_new && !is_said).then_some(Lookalike { table, column, old })
    })
}

impl<'a> Lookalike<'a> {
    fn kind(&self) -> &'static str {
        if self.column.is_some() { "column" } else { "table" }
    }

    /// Its name in full.
    pub(crate) fn new_name(&self) -> String {
        let column = self.column.map_or_else(String::new, |column| format!(".{}", column.shown()));
        format!("{}{column}", self.table.shown())
    }

    /// The table, or the table and its column, that it looks like.
    pub(crate) fn old_name(&self) -> (&'a Ident, Option<&'a Ident>) {
        former(self.table, self.column, self.old)
    }

    /// What to write if it is.
    pub(crate) fn comment(&self) -> String {
        renamed_from(self.old)
    }
}
