//! What the rules that need the schema take from the text: places, and what a file says that it takes away.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::base::finding::Finding;
use crate::base::rule::{LintRule, RuleCode};
use crate::base::source::SourceFile;
use crate::ddl::{Alteration, Kind};
use crate::migrations::{Directive, DirectiveKind, Migration, Script, Swept, swept};
use crate::schema::{Ident, Schema};

use super::allow::{findings, without_reason};
use super::rule::Raised;
use super::rules::rule;
use super::shape::{Shape, Stmt};
use super::view::View;

/// An up file, read once for the rules that need the schema.
pub struct UpText<'a> {
    view: View<'a>,
    foreign_keys: OnceCell<WrittenKeys>,
}

/// Of each table, by its name at the end of a file, the foreign keys that are written: their columns, and where. The last
/// one comes first.
type WrittenKeys = BTreeMap<Ident, Vec<(Vec<Ident>, usize)>>;

/// A DELETE in an up file.
pub struct Deletion {
    /// The table, as the statement calls it.
    pub table: Ident,
    /// Byte offset in the up file.
    pub at: usize,
    /// The tables whose rows other statements of the file delete or change, or which go.
    pub others: Vec<Ident>,
}

impl UpText<'_> {
    /// The statements that delete rows of a table that the file did not make.
    pub fn deletions(&self) -> Vec<Deletion> {
        let handled = |stmt: &Stmt<'_>| match &stmt.shape {
            Shape::Delete { table, .. }
            | Shape::Update { table }
            | Shape::Drop { kind: Kind::Table, name: table, .. } => Some(table.clone()),
            _ => None,
        };
        let all: Vec<Option<Ident>> = self.view.stmts.iter().map(handled).collect();
        let mut found = Vec::new();
        for (n, stmt) in self.view.stmts.iter().enumerate() {
            let Shape::Delete { table, .. } = &stmt.shape else { continue };
            if self.view.is_new(n, table) {
                continue;
            }
            let others =
                all.iter().enumerate().filter(|(i, _)| *i != n).filter_map(|(_, table)| table.clone());
            let (table, at) = (table.clone(), stmt.statement.start);
            found.push(Deletion { table, at, others: others.collect() });
        }
        found
    }

    /// Reads the up file of a migration.
    pub fn read(migration: &Migration) -> UpText<'_> {
        UpText { view: View::read(migration, &migration.up, false), foreign_keys: OnceCell::new() }
    }

    /// The tables of the schema before that the file drops, under the names that they had there, and where.
    pub fn dropped_tables(&self) -> Vec<(Ident, usize)> {
        self.story().dropped.into_iter().map(|(was, at)| (was.clone(), at)).collect()
    }

    /// The tables and columns of the schema before that the file renames: the table there, the column there if it is one,
    /// and the name in the end.
    pub fn renamed(&self) -> Vec<(Ident, Option<Ident>, Ident)> {
        let Story { tables, columns, .. } = self.story();
        let renamed = tables.into_iter().filter_map(|(now, was)| Some((was?.clone(), None, now.clone())));
        let renamed = renamed.filter(|(was, _, now)| was != now);
        let columns = columns.into_iter().map(|(of, was, now)| (of.clone(), Some(was.clone()), now.clone()));
        renamed.chain(columns).collect()
    }

    fn story(&self) -> Story<'_> {
        let mut story = Story::default();
        for stmt in &self.view.stmts {
            match &stmt.shape {
                Shape::CreateTable(table) => story.tables.push((&table.name, None)),
                Shape::AlterTable(from, Alteration::Rename(to)) => {
                    let was = story.take(from);
                    let before =
                        story.gone.iter().rev().find(|(name, _)| *name == to).and_then(|(_, was)| *was);
                    story.tables.push((to, was.or(before)));
                }
                Shape::Drop { kind: Kind::Table, name, .. } => {
                    let was = story.take(name);
                    story.dropped.extend(was.map(|was| (was, stmt.statement.start)));
                    story.gone.push((name, was));
                }
                Shape::AlterTable(table, Alteration::RenameColumn { from, to }) => {
                    let was = story.take(table);
                    story.tables.push((table, was));
                    let Some(of) = was else { continue };
                    match story.columns.iter_mut().find(|(table, _, now)| *table == of && *now == from) {
                        Some((_, _, now)) => *now = to,
                        None => story.columns.push((of, from, to)),
                    }
                }
                _ => {}
            }
        }
        story
    }

    /// Whether the file says that an index, trigger or view goes.
    pub fn drops(&self, kind: Kind, name: &Ident) -> bool {
        let mut shapes = self.view.stmts.iter().map(|stmt| &stmt.shape);
        shapes.any(
            |shape| matches!(shape, Shape::Drop { kind: of, name: gone, .. } if *of == kind && gone == name),
        )
    }

    /// Where the foreign key of these columns of a table, named as at the end of the file, is written; the first
    /// statement when the file does not write it.
    pub fn foreign_key(&self, table: &Ident, columns: &[Ident]) -> usize {
        let keys = self.foreign_keys.get_or_init(|| {
            let mut keys = WrittenKeys::new();
            for (name, stmt, declared) in self.view.declarations_by_final_name() {
                let written = declared.foreign_keys.iter().rev();
                let written = written.map(|key| (key.columns.clone(), stmt.statement.start + key.start));
                keys.entry(name.clone()).or_default().extend(written);
            }
            keys
        });
        // The first one is the last in the list.
        let written = keys.get(table).and_then(|keys| keys.iter().rev().find(|(of, _)| of == columns));
        written.map_or_else(|| self.first_statement(), |(_, at)| *at)
    }

    /// Where one of these names was taken away: the statement that drops what has it, or the first one that drops or renames
    /// anything, or the first one.
    pub fn cause(&self, names: &[Ident]) -> usize {
        let is_cause = |stmt: &&Stmt<'_>, named: bool| match &stmt.shape {
            Shape::Drop { kind: Kind::Table, name, .. }
            | Shape::AlterTable(name, Alteration::Rename(_))
            | Shape::AlterTable(_, Alteration::DropColumn(name)) => !named || names.contains(name),
            Shape::AlterTable(_, Alteration::RenameColumn { .. }) => !named,
            _ => false,
        };
        let find = |named| self.view.stmts.iter().find(|stmt| is_cause(stmt, named));
        let found = find(true).or_else(|| find(false));
        found.map_or_else(|| self.first_statement(), |stmt| stmt.statement.start)
    }

    /// Where a function is called first: where its name stands.
    pub fn call(&self, function: &str) -> usize {
        let place = self.view.stmts.iter().find_map(|stmt| {
            let mut tokens = stmt.tokens.iter();
            let name = tokens.find(|token| token.unquoted().eq_ignore_ascii_case(function))?;
            Some(name.start)
        });
        place.unwrap_or_else(|| self.first_statement())
    }

    fn first_statement(&self) -> usize {
        self.view.steps().first().copied().unwrap_or(0)
    }
}

/// The statements of a file that change rows of other tables where foreign keys are enforced, and where they stand.
/// `before` is the schema on which it runs.
pub fn swept_by(file: &SourceFile, before: &Schema) -> Vec<(usize, Swept)> {
    let script = Script::read(file);
    let texts: Vec<&str> = script.statements.iter().map(|statement| statement.text).collect();
    let place = |swept: Swept| Some((script.statements.get(swept.statement)?.start, swept));
    swept(before, &texts).into_iter().filter_map(place).collect()
}

/// What becomes of names in the course of a file.
#[derive(Default)]
struct Story<'n> {
    /// What each name of a table that the file has touched stands for in the end; `None` is a table that the file made.
    tables: Vec<(&'n Ident, Option<&'n Ident>)>,
    /// Of a column: the table and the name in the schema before, and the name in the end.
    columns: Vec<(&'n Ident, &'n Ident, &'n Ident)>,
    /// Tables of the schema before, and where they are dropped.
    dropped: Vec<(&'n Ident, usize)>,
    /// Names of tables that were dropped, and what they stood for: the table that gets the name is the same, made anew.
    gone: Vec<(&'n Ident, Option<&'n Ident>)>,
}

impl<'n> Story<'n> {
    /// What `name` stands for, which stands for nothing from now on.
    fn take(&mut self, name: &'n Ident) -> Option<&'n Ident> {
        match self.tables.iter().position(|(known, _)| *known == name) {
            Some(position) => self.tables.remove(position).1,
            None => Some(name),
        }
    }
}

/// What the rules that need the schema raised in the files of one migration.
#[derive(Default)]
pub struct RaisedIn {
    /// In the up file.
    pub up: Vec<Raised>,
    /// In the down file.
    pub down: Vec<Raised>,
}

/// The findings of the rules that need the schema in one migration: what was raised in a file and is not allowed there,
/// and what is wrong with the directives. `known` are the rules of which `raised` is all that there is.
pub fn judge(migration: &Migration, raised: RaisedIn, known: &[LintRule]) -> Vec<Finding> {
    let mut findings = judge_file(&View::read(migration, &migration.up, false), raised.up, known);
    if let Some(down) = &migration.down {
        findings.extend(judge_file(&View::read(migration, down, true), raised.down, known));
    }
    findings
}

fn judge_file(view: &View<'_>, mut raised: Vec<Raised>, known: &[LintRule]) -> Vec<Finding> {
    let broken: Vec<LintRule> = raised.iter().map(|finding| finding.rule).collect();
    for Directive { kind, start } in view.script.directives() {
        let DirectiveKind::Allow { rule: code, reason } = kind else { continue };
        let Some(RuleCode::Lint(allowed)) = RuleCode::parse(code) else { continue };
        if !rule(allowed).needs_schema() {
            continue;
        }
        raised.retain(|finding| finding.rule != allowed);
        if broken.contains(&allowed) {
            if reason.is_none() {
                raised.push(without_reason(code, *start));
            }
        } else if known.contains(&allowed) {
            let message = format!("nothing in this file breaks the rule `{code}`");
            raised.push(Raised::new(LintRule::UnusedAllow, *start, message, "delete the directive"));
        }
    }
    findings(view, raised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_foreign_key_is_found_under_the_name_that_its_table_has_in_the_end() {
        let key = "(a, b REFERENCES p, FOREIGN KEY (a) REFERENCES q, FOREIGN KEY (b) REFERENCES q)";
        let sql = format!(
            "CREATE TABLE t{key}; CREATE TABLE u_new{key}; DROP TABLE u; ALTER TABLE u_new RENAME TO v;\n\
             ALTER TABLE v RENAME TO u; CREATE TABLE u_new{key}; CREATE TABLE v{key}; ALTER TABLE v ADD c REFERENCES p"
        );
        let up = SourceFile::new("V1__x.sql", sql.as_str());
        let migration = Migration { version: 1, name: "x".to_owned(), up, down: None };
        let text = UpText::read(&migration);
        // Which CREATE TABLE it is, and what stands at the place.
        let place = |table: &str, column: &str| {
            let at = text.foreign_key(&table.into(), &[column.into()]);
            (sql[..at].matches("CREATE TABLE").count(), sql[at..].split(',').next().unwrap())
        };
        let b = "REFERENCES p";
        let a = "FOREIGN KEY (a) REFERENCES q";
        for (table, number) in [("t", 1), ("u", 2), ("u_new", 3), ("v", 4)] {
            assert_eq!(place(table, "a"), (number, a), "{table}");
            assert_eq!(place(table, "b"), (number, b), "{table}");
        }
        assert_eq!(place("v", "c"), (4, b));
        assert_eq!(place("w", "a"), (0, "CREATE TABLE t(a"), "the first statement");
    }

    #[test]
    fn names_are_followed_from_the_beginning_of_a_file_to_its_end() {
        let renamed = |sql: &str| -> Vec<String> {
            let up = SourceFile::new("V1__x.sql", sql);
            let migration = Migration { version: 1, name: "x".to_owned(), up, down: None };
            let renamed = UpText::read(&migration).renamed().into_iter();
            renamed
                .map(|(table, column, now)| {
                    format!("{table}.{} {now}", column.map_or(String::new(), |c| c.to_string()))
                })
                .collect()
        };
        let rebuild = "CREATE TABLE t_new(b); INSERT INTO t_new SELECT b FROM t; DROP TABLE t; ALTER TABLE t_new RENAME TO t;";
        assert_eq!(renamed(rebuild), Vec::<String>::new());
        let renames =
            "ALTER TABLE t RENAME COLUMN a TO b; ALTER TABLE t RENAME b TO c; ALTER TABLE t RENAME TO u;";
        assert_eq!(renamed(renames), ["t. u", "t.a c"]);
        assert_eq!(renamed(&format!("ALTER TABLE t RENAME a TO b;{rebuild}")), ["t.a b"]);
        let rebuilt_under_its_new_name = rebuild.replace(" t;", " u;").replace("t_new", "u_new");
        assert_eq!(renamed(&format!("ALTER TABLE t RENAME TO u;{rebuilt_under_its_new_name}")), ["t. u"]);
    }
}
