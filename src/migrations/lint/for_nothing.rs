//! Indexes that a file keeps up to date until it takes them away, without having read them.
//!
//! What may read an index decides: where a statement between the two is not known to leave it alone, nothing is said.

use std::collections::BTreeSet;

use super::shape::{Shape, Stmt};
use crate::backfill::BackfillSpec;
use crate::base::source::SourceFile;
use crate::ddl::{self, Alteration, Kind};
use crate::migrations::{DirectiveKind, Script};
use crate::schema::{Ident, Index, IndexTerm, Schema, Table, names_in};
use crate::sql::Token;

/// An index that a step of a file updates in every row, and that goes before anything reads it.
pub struct ForNothing {
    /// Where the step stands, in bytes of the file.
    pub at: usize,
    /// The table, as the step calls it.
    pub table: Ident,
    /// The column that it sets.
    pub column: Ident,
    /// The index.
    pub index: Ident,
    /// What takes it away.
    pub gone: Gone,
}

/// What takes an index away, and where that stands, in bytes of the file.
#[derive(Clone, Copy)]
pub enum Gone {
    /// A DROP TABLE of its table.
    WithTable(usize),
    /// A DROP INDEX.
    ByItself(usize),
}

/// The indexes that a file, which runs on the schema `before`, updates for nothing, by the place of the step. `enforced`:
/// whether foreign keys are enforced while it runs, so that dropping a table looks for rows that refer to it.
pub fn updated_for_nothing(file: &SourceFile, before: &Schema, enforced: bool) -> Vec<ForNothing> {
    let script = Script::read(file);
    let drops = |text| matches!(ddl::dropped(text), Some((Kind::Table | Kind::Index, ..)));
    if !script.statements.iter().any(|statement| drops(statement.text)) {
        return Vec::new();
    }
    let stmts: Vec<Stmt<'_>> = script.statements.iter().map(|&statement| Stmt::read(statement)).collect();
    let mut course = Course::begin(before, enforced);
    let mut backfills = script.directives().filter_map(|directive| match &directive.kind {
        DirectiveKind::Backfill(spec) => Some((directive.start, spec)),
        _ => None,
    });
    let mut backfill = backfills.next();
    for stmt in &stmts {
        while let Some((at, spec)) = backfill.take_if(|(at, _)| *at < stmt.statement.start) {
            course.fill(at, spec);
            backfill = backfills.next();
        }
        course.run(stmt);
    }
    course.found.sort_by_key(|found| found.at);
    course.found
}

/// An index of the schema before, while it is there.
struct Held<'s> {
    index: &'s Index,
    /// What its table is called by now.
    table: Ident,
    /// The columns whose values it depends on, as they are called by now.
    columns: BTreeSet<Ident>,
    /// The first step that updated it and since which nothing can have read it: its place, the table's name there, and the
    /// column that it set.
    since: Option<(usize, Ident, Ident)>,
}

/// The indexes in the course of a file.
struct Course<'s> {
    held: Vec<Held<'s>>,
    /// Views: what reads one may read any table.
    views: BTreeSet<Ident>,
    /// Triggers with the tables whose changes fire them, and then do anything.
    triggers: Vec<(Ident, Ident)>,
    found: Vec<ForNothing>,
}

impl<'s> Course<'s> {
    fn begin(before: &'s Schema, enforced: bool) -> Course<'s> {
        let of_table = |table: &'s Table| {
            let refers = |column: &Ident| table.foreign_keys.iter().any(|key| key.columns.contains(column));
            let held = table.indexes.values().filter(|index| !index.unique && index.unread.is_none());
            let held = held.map(|index| Held {
                index,
                table: table.name.clone(),
                columns: columns_of(index, table),
                since: None,
            });
            held.filter(move |held| !(enforced && held.columns.iter().any(refers)))
        };
        Course {
            held: before.tables.values().flat_map(of_table).collect(),
            views: before.views.keys().cloned().collect(),
            triggers: before.triggers.values().map(|of| (of.name.clone(), of.table.clone())).collect(),
            found: Vec::new(),
        }
    }

    fn fires(&self, table: &Ident) -> bool {
        self.triggers.iter().any(|(_, of)| of == table)
    }

    /// A data step. It looks for rows by their ids, as scripts for elsewhere do by their parents.
    fn fill(&mut self, at: usize, spec: &BackfillSpec) {
        let [table, id, parent, root] =
            [&spec.table, &spec.id, &spec.parent, &spec.root].map(|name| Ident::new(name.as_str()));
        let fires = self.fires(&table);
        for held in self.held.iter_mut().filter(|held| held.table == table) {
            if fires || held.columns.contains(&id) || held.columns.contains(&parent) {
                held.since = None;
            } else if held.columns.contains(&root) {
                held.since.get_or_insert_with(|| (at, table.clone(), root.clone()));
            }
        }
    }

    fn run(&mut self, stmt: &Stmt<'_>) {
        let at = stmt.statement.start;
        match &stmt.shape {
            Shape::AlterTable(from, Alteration::Rename(to)) => {
                for held in self.held.iter_mut().filter(|held| held.table == *from) {
                    held.table = to.clone();
                }
                for (_, of) in self.triggers.iter_mut().filter(|(_, of)| of == from) {
                    *of = to.clone();
                }
            }
            Shape::AlterTable(table, Alteration::RenameColumn { from, to }) => {
                for held in self.held.iter_mut().filter(|held| held.table == *table) {
                    if held.columns.remove(from) {
                        held.columns.insert(to.clone());
                    }
                }
            }
            Shape::AlterTable(..) => {}
            Shape::Drop { kind: Kind::Table, name, .. } => {
                self.goes(Gone::WithTable(at), |held| held.table == *name);
                self.triggers.retain(|(_, of)| of != name);
            }
            Shape::Drop { kind: Kind::Index, name, .. } => {
                self.goes(Gone::ByItself(at), |held| held.index.name == *name);
            }
            Shape::Drop { name, .. } => {
                self.views.remove(name);
                self.triggers.retain(|(trigger, of)| trigger != name && of != name);
            }
            Shape::CreateTable(table) if !table.columns.is_empty() || table.is_virtual() => {}
            _ if stmt.begins("PRAGMA") => {}
            _ => match ddl::created(stmt.statement.text) {
                Some((Kind::View, name)) => {
                    self.views.insert(name);
                }
                Some((Kind::Trigger, name)) => match ddl::create_trigger(stmt.statement.text) {
                    Ok(trigger) => self.triggers.push((name, trigger.table)),
                    Err(_) => self.held.clear(),
                },
                Some((Kind::Index, _)) => {}
                _ => self.rows(stmt),
            },
        }
    }

    fn goes(&mut self, gone: Gone, which: impl Fn(&Held<'_>) -> bool) {
        for held in self.held.extract_if(.., |held| which(held)) {
            if let Some((at, table, column)) = held.since {
                self.found.push(ForNothing { at, table, column, index: held.index.name.clone(), gone });
            }
        }
    }

    /// A statement that reads or changes rows.
    fn rows(&mut self, stmt: &Stmt<'_>) {
        let names = || stmt.tokens.iter().filter(|token| token.can_be_name());
        let target = stmt.shape.changes();
        let known = target.is_some() || ["SELECT", "CREATE"].iter().any(|verb| stmt.begins(verb));
        let anything = !known
            || target.is_some_and(|table| self.fires(table))
            || names().any(|token| self.views.contains(&Ident::new(token.unquoted())));
        let set = stmt.sets_in_every_row();
        for held in &mut self.held {
            let filled = set.as_ref().filter(|_| target == Some(&held.table) && !stmt.reads(&held.table));
            if anything || (filled.is_none() && may_read(stmt, held)) {
                held.since = None;
                continue;
            }
            if let Some(column) = filled.and_then(|set| set.iter().find(|set| held.columns.contains(*set))) {
                let since = || (stmt.statement.start, held.table.clone(), column.clone());
                held.since.get_or_insert_with(since);
            }
        }
    }
}

/// Whether a statement may find rows of the index's table by the index. `false` where it only writes into the table, or
/// reads it from the first row to the last, or by other columns.
fn may_read(stmt: &Stmt<'_>, held: &Held<'_>) -> bool {
    let is_table = |token: &Token<'_>| token.can_be_name() && held.table == *token.unquoted();
    let named = stmt.tokens.iter().filter(|token| is_table(token)).count();
    if named == 0 {
        return false;
    }
    // A second query, or what an index answers by its order.
    const OTHERS: [&str; 8] = ["JOIN", "INDEXED", "DISTINCT", "MIN", "MAX", "GROUP", "ORDER", "WITH"];
    let count = |word: &str| stmt.tokens.iter().filter(|token| token.is_word(word)).count();
    if count("SELECT") > 1 || count("FROM") > 1 || OTHERS.iter().any(|word| count(word) > 0) {
        return true;
    }
    let behind = |word: &str| {
        let at = stmt.tokens.iter().position(|token| token.is_word(word))?;
        stmt.tokens.get(at + 1..)
    };
    let chosen_by = match behind("FROM") {
        None => behind("WHERE").unwrap_or_default(),
        Some([_, dot, _, rest @ ..] | [dot, rest @ ..]) if dot.is_punct(".") => rest,
        Some([name, rest @ ..]) if is_table(name) => rest,
        // Rows of another table, put into this one.
        Some(_) => return !(named == 1 && matches!(stmt.shape, Shape::Insert { .. })),
    };
    let chosen_by = if stmt.shape.changes().is_none() && !stmt.begins("CREATE") {
        stmt.tokens.as_slice()
    } else {
        chosen_by
    };
    let is_column =
        |token: &Token<'_>| token.can_be_name() && held.columns.contains(&Ident::new(token.unquoted()));
    chosen_by.iter().any(|token| token.is_punct(",") || is_column(token))
}

/// The columns whose values an index depends on: its own, those of its expressions and of its WHERE, and what generated
/// ones among them are made of.
fn columns_of(index: &Index, table: &Table) -> BTreeSet<Ident> {
    let mut waiting: Vec<Ident> = Vec::new();
    for key in &index.keys {
        match &key.term {
            IndexTerm::Column(name) => waiting.push(name.clone()),
            IndexTerm::Expr(expr) => waiting.extend(names_in(&expr.text)),
        }
    }
    waiting.extend(index.filter.iter().flat_map(|filter| names_in(&filter.text)));
    let mut found = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(column) = table.column(&name) else { continue };
        if found.insert(name) {
            waiting.extend(column.generated.iter().flat_map(|generated| names_in(&generated.expr.text)));
        }
    }
    found
}
