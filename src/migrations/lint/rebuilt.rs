//! Tables that scripts build anew: for a moment their rows are there twice.

use super::shape::{Shape, Stmt};
use crate::base::source::SourceFile;
use crate::ddl::{Alteration, Kind};
use crate::migrations::Script;
use crate::schema::Ident;

/// For each of the scripts, which run one after the other, the tables whose rows it copies into another one before it drops
/// them: by the names that they have before the first of the scripts. What the scripts make themselves is not among them.
pub fn rebuilt(scripts: &[&SourceFile]) -> Vec<Vec<Ident>> {
    let mut before: Vec<Stmt<'_>> = Vec::new();
    let mut found = Vec::new();
    for script in scripts {
        let start = before.len();
        before.extend(Script::read(script).statements.iter().map(|&statement| Stmt::read(statement)));
        let tables = dropped_tables(&before, start);
        found.push(tables.filter(|table| table.copied).map(|table| table.name).collect());
    }
    found
}

/// What a script drops that was there before it.
pub struct Dropped {
    /// Tables.
    pub tables: Vec<DroppedTable>,
    /// Indexes, triggers and views.
    pub others: Vec<Ident>,
}

/// A table that is dropped.
pub struct DroppedTable {
    /// What it is called before.
    pub name: Ident,
    /// Whether its rows, or values of them, are copied before.
    pub copied: bool,
    /// Whether that is into rows that another table has not had before.
    pub moved: bool,
}

/// What a script drops.
pub fn dropped(script: &SourceFile) -> Dropped {
    let script = Script::read(script);
    let all: Vec<Stmt<'_>> = script.statements.iter().map(|&statement| Stmt::read(statement)).collect();
    let others = all.iter().filter_map(|stmt| match &stmt.shape {
        Shape::Drop { kind, name, .. } if *kind != Kind::Table => Some(name.clone()),
        _ => None,
    });
    Dropped { tables: dropped_tables(&all, 0).collect(), others: others.collect() }
}

/// The tables that statements from `start` on drop, but for those that a statement has made.
fn dropped_tables<'s>(statements: &'s [Stmt<'_>], start: usize) -> impl Iterator<Item = DroppedTable> + 's {
    statements.iter().enumerate().skip(start).filter_map(move |(n, stmt)| {
        let Shape::Drop { kind: Kind::Table, name, .. } = &stmt.shape else { return None };
        let (mut name, mut copied, mut moved) = (name, false, false);
        for (n, stmt) in statements.get(..n)?.iter().enumerate().rev() {
            match &stmt.shape {
                Shape::CreateTable(table) if table.name == *name => return None,
                Shape::AlterTable(from, Alteration::Rename(to)) if to == name => name = from,
                _ if n >= start && stmt.copies_from(name) => {
                    copied = true;
                    moved |= !matches!(stmt.shape, Shape::Update { .. });
                }
                _ => {}
            }
        }
        Some(DroppedTable { name: name.clone(), copied, moved })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scripts: &[&str]) -> Vec<String> {
        let files: Vec<SourceFile> = scripts.iter().map(|text| SourceFile::new("x.sql", *text)).collect();
        let found = rebuilt(&files.iter().collect::<Vec<_>>());
        found.iter().map(|of| of.iter().map(Ident::as_str).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn what_is_copied_and_dropped_is_found_by_the_name_that_it_had() {
        let rebuild = "CREATE TABLE t_new(a); INSERT INTO t_new SELECT a FROM t; DROP TABLE t; ALTER TABLE t_new RENAME TO t;";
        assert_eq!(of(&[rebuild]), ["t"]);
        let away = "ALTER TABLE t RENAME TO old; CREATE TABLE t AS SELECT * FROM old; DROP TABLE old;";
        assert_eq!(of(&[away]), ["t"]);
        // Behind a rename, and once more: by then the room is there.
        assert_eq!(of(&["ALTER TABLE v1 RENAME TO t;", rebuild, rebuild]), ["", "v1", ""]);
        assert_eq!(of(&["DROP TABLE t;", "DELETE FROM t; INSERT INTO u SELECT * FROM t;"]), ["", ""]);
    }
}
