//! A script as the rules see it: its statements, and what becomes of a table in the course of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::source::SourceFile;
use crate::ddl::Alteration;
use crate::migrations::{DirectiveKind, Migration, Script};
use crate::schema::{Column, Ident, Table};
use crate::sql::Pragma;

use super::shape::{Shape, Stmt};

/// One script of a migration, read once for all rules.
pub(super) struct View<'a> {
    pub(super) migration: &'a Migration,
    pub(super) file: &'a SourceFile,
    /// Whether this is the way back.
    pub(super) down: bool,
    pub(super) stmts: Vec<Stmt<'a>>,
    pub(super) script: Script<'a>,
}

impl<'a> View<'a> {
    pub(super) fn read(migration: &'a Migration, file: &'a SourceFile, down: bool) -> View<'a> {
        let script = Script::read(file);
        let stmts = script.statements.iter().map(|&statement| Stmt::read(statement)).collect();
        View { migration, file, down, stmts, script }
    }

    /// Where the steps of the script stand (statements, and directives that run something), in order.
    pub(super) fn steps(&self) -> Vec<usize> {
        let backfills = self.backfills();
        let mut steps: Vec<usize> =
            self.stmts.iter().map(|stmt| stmt.statement.start).chain(backfills).collect();
        steps.sort_unstable();
        steps
    }

    /// Where the backfill directives stand.
    pub(super) fn backfills(&self) -> impl Iterator<Item = usize> {
        self.script
            .directives()
            .filter(|directive| matches!(directive.kind, DirectiveKind::Backfill(_)))
            .map(|directive| directive.start)
    }

    /// Whether the script does nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.stmts.is_empty() && self.backfills().next().is_none()
    }

    /// The statements that make a table or add a column, each with its number and what it declares.
    pub(super) fn declarations(&self) -> impl Iterator<Item = (usize, &Stmt<'a>, &Table)> {
        let all = self.stmts.iter().enumerate();
        all.filter_map(|(n, stmt)| Some((n, stmt, stmt.declares()?)))
    }

    /// The columns that statements add to a table, with the number of the statement.
    pub(super) fn added_columns(&self) -> impl Iterator<Item = (usize, &Stmt<'a>, &Ident, &Column)> {
        let adding = self.declarations().filter(|(_, stmt, _)| matches!(stmt.shape, Shape::AlterTable(..)));
        adding.flat_map(|(n, stmt, table)| {
            table.columns.iter().map(move |column| (n, stmt, &table.name, column))
        })
    }

    fn before(&self, n: usize) -> &[Stmt<'a>] {
        self.stmts.get(..n).unwrap_or_default()
    }

    fn after(&self, n: usize) -> &[Stmt<'a>] {
        self.stmts.get(n + 1..).unwrap_or_default()
    }

    /// Whether the table that statement `n` calls `table` was made by an earlier statement of this script.
    pub(super) fn is_new(&self, n: usize, table: &Ident) -> bool {
        let mut name = table;
        for stmt in self.before(n).iter().rev() {
            match &stmt.shape {
                Shape::CreateTable(table) if table.name == *name => return true,
                Shape::AlterTable(from, Alteration::Rename(to)) if to == name => name = from,
                shape if shape.drops_table(name) => return false,
                _ => {}
            }
        }
        false
    }

    /// Whether an earlier statement carried rows of the table that statement `n` calls `table` into another one.
    pub(super) fn was_copied(&self, n: usize, table: &Ident) -> bool {
        let mut name = table;
        for stmt in self.before(n).iter().rev() {
            match &stmt.shape {
                Shape::AlterTable(from, Alteration::Rename(to)) if to == name => name = from,
                _ if stmt.copies_from(name) => return true,
                _ => {}
            }
        }
        false
    }

    /// Whether `table` is a name that a later statement gives to a table and another one takes away again: dropping it
    /// first only clears the way.
    pub(super) fn is_passing_name(&self, n: usize, table: &Ident) -> bool {
        let mut after = self.after(n).iter();
        after.by_ref().any(|stmt| match &stmt.shape {
            Shape::CreateTable(new) => new.name == *table,
            Shape::AlterTable(_, Alteration::Rename(to)) => to == table,
            _ => false,
        }) && after.any(|stmt| stmt.shape.takes_away(table))
    }

    /// The declarations, each with what its table is called at the end of the script; the last one comes first.
    pub(super) fn declarations_by_final_name(&self) -> impl Iterator<Item = (&Ident, &Stmt<'a>, &Table)> {
        // What a name leads to, by the renames that come behind.
        let mut leads_to: BTreeMap<&Ident, &Ident> = BTreeMap::new();
        self.stmts.iter().rev().filter_map(move |stmt| {
            if let Shape::AlterTable(from, Alteration::Rename(to)) = &stmt.shape {
                leads_to.insert(from, leads_to.get(to).copied().unwrap_or(to));
            }
            let table = stmt.declares()?;
            Some((leads_to.get(&table.name).copied().unwrap_or(&table.name), stmt, table))
        })
    }

    /// Whether `PRAGMA legacy_alter_table = ON` stands above statement `n`, and is not set back.
    pub(super) fn legacy_alter_table(&self, n: usize) -> bool {
        let set = self.before(n).iter().rev().find_map(|stmt| {
            Pragma::read(stmt.tokens.iter().copied()).filter(|set| set.name == "legacy_alter_table")?.value
        });
        set.is_some_and(|value| ["on", "1", "yes", "true"].iter().any(|yes| value.eq_ignore_ascii_case(yes)))
    }

    /// Adds the names of the tables and columns that this script makes.
    pub(super) fn collect_names(&self, names: &mut Names) {
        for stmt in &self.stmts {
            match &stmt.shape {
                Shape::CreateTable(table) => {
                    names.tables.insert(table.name.clone());
                    names.columns.extend(table.columns.iter().map(|column| column.name.clone()));
                    if table.is_virtual() {
                        // Its module reads its arguments as it likes: any word may be a column.
                        let words = stmt.tokens.iter().filter(|token| token.can_be_name());
                        names.columns.extend(words.map(|token| Ident::new(token.unquoted())));
                    }
                }
                Shape::CreateView(columns) => names.columns.extend(columns.iter().cloned()),
                Shape::AlterTable(_, Alteration::Rename(to)) => {
                    names.tables.insert(to.clone());
                }
                Shape::AlterTable(_, Alteration::AddColumn(added)) => {
                    names.columns.extend(added.columns.iter().map(|column| column.name.clone()));
                }
                Shape::AlterTable(_, Alteration::RenameColumn { to, .. }) => {
                    names.columns.insert(to.clone());
                }
                _ => {}
            }
            // `SELECT a AS "b"` makes a name that other parts can use.
            for pair in stmt.tokens.windows(2) {
                if let [first, second] = pair
                    && first.is_word("AS")
                    && second.can_be_name()
                {
                    names.columns.insert(Ident::new(second.unquoted()));
                }
            }
        }
    }
}

/// The names that the set's scripts make.
#[derive(Default)]
pub(super) struct Names {
    pub(super) tables: BTreeSet<Ident>,
    pub(super) columns: BTreeSet<Ident>,
}
