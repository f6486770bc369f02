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
        let dropped = before.iter().enumerate().skip(start).filter_map(|(n, stmt)| match &stmt.shape {
            Shape::Drop { kind: Kind::Table, name, .. } => copied(before.get(..n)?, start, name),
            _ => None,
        });
        found.push(dropped.cloned().collect());
    }
    found
}

/// What the table that is called `name` behind these statements was called before all of them, where one from `start` on
/// copied its rows.
fn copied<'s>(before: &'s [Stmt<'_>], start: usize, mut name: &'s Ident) -> Option<&'s Ident> {
    let mut is_copied = false;
    for (n, stmt) in before.iter().enumerate().rev() {
        match &stmt.shape {
            Shape::CreateTable(table) if table.name == *name => return None,
            Shape::AlterTable(from, Alteration::Rename(to)) if to == name => name = from,
            _ => is_copied |= n >= start && stmt.copies_from(name),
        }
    }
    is_copied.then_some(name)
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
