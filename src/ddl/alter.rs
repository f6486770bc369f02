//! ALTER TABLE (<https://www.sqlite.org/lang_altertable.html>), and what a DROP takes away.

use super::Kind;
use super::cursor::{Cursor, Read};
use super::table::column;
use crate::schema::{Ident, Table, TableKind};

/// What an ALTER TABLE does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alteration {
    /// `RENAME TO`, with the new name.
    Rename(Ident),
    /// `RENAME COLUMN`
    RenameColumn {
        /// The old name.
        from: Ident,
        /// The new name.
        to: Ident,
    },
    /// `ADD COLUMN`: a table that has this column alone, and what is declared with it.
    AddColumn(Box<Table>),
    /// `DROP COLUMN`
    DropColumn(Ident),
    /// `ADD CONSTRAINT` and others that change a constraint: the words behind the table's name.
    Constraint(&'static str),
}

/// Reads an ALTER TABLE statement: the table, and what becomes of it.
///
/// # Errors
/// [`super::Unread`] with the place of the first token that is not understood.
pub fn alter_table(statement: &str) -> Read<(Ident, Alteration)> {
    let mut cursor = Cursor::new(statement);
    cursor.expect(&["ALTER", "TABLE"])?;
    let table = Ident::from(cursor.object_name()?.unquoted());
    let alteration = alteration(&mut cursor, &table, statement)?;
    Ok((table, alteration))
}

fn alteration(cursor: &mut Cursor<'_>, table: &Ident, statement: &str) -> Read<Alteration> {
    for (words, what) in [
        (["ADD", "CONSTRAINT"].as_slice(), "ADD CONSTRAINT"),
        (&["ADD", "CHECK"], "ADD CHECK"),
        (&["DROP", "CONSTRAINT"], "DROP CONSTRAINT"),
        (&["ALTER"], "ALTER COLUMN"),
    ] {
        if cursor.at_words(words) {
            return Ok(Alteration::Constraint(what));
        }
    }
    if cursor.eat(&["RENAME", "TO"]) {
        return Ok(Alteration::Rename(cursor.name()?));
    }
    if cursor.eat(&["RENAME"]) {
        cursor.eat(&["COLUMN"]);
        let from = cursor.name()?;
        cursor.expect(&["TO"])?;
        return Ok(Alteration::RenameColumn { from, to: cursor.name()? });
    }
    if cursor.eat(&["DROP"]) {
        cursor.eat(&["COLUMN"]);
        return Ok(Alteration::DropColumn(cursor.name()?));
    }
    cursor.expect(&["ADD"])?;
    cursor.eat(&["COLUMN"]);
    let mut added = Table::bare(table.clone(), statement, TableKind::Ordinary);
    column(cursor, &mut added)?;
    Ok(Alteration::AddColumn(Box::new(added)))
}

/// What a statement drops: its kind, its name, and whether it says IF EXISTS.
pub fn dropped(statement: &str) -> Option<(Kind, Ident, bool)> {
    let mut cursor = Cursor::of_head(statement);
    cursor.expect(&["DROP"]).ok()?;
    let kinds =
        [("TABLE", Kind::Table), ("INDEX", Kind::Index), ("VIEW", Kind::View), ("TRIGGER", Kind::Trigger)];
    let (_, kind) = kinds.into_iter().find(|(word, _)| cursor.eat(&[word]))?;
    let if_exists = cursor.eat(&["IF", "EXISTS"]);
    Some((kind, Ident::from(cursor.object_name().ok()?.unquoted()), if_exists))
}
