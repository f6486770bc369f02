//! CREATE TABLE (<https://www.sqlite.org/lang_createtable.html>) and CREATE VIRTUAL TABLE.

use std::ops::Range;

use super::Kind;
use super::cursor::{Cursor, Read};
use crate::schema::{
    Check, Column, Conflict, Expr, ForeignKey, ForeignKeyAction, Generated, Ident, KeyColumn, PrimaryKey,
    Table, TableKind, Unique,
};
use crate::sql::{Affinity, Kind as Token, Nesting, tokens};

/// Reads a CREATE TABLE statement.
///
/// # Errors
/// `Unread` with the place of the first token that is not understood.
pub fn create_table(statement: &str) -> Read<Table> {
    let mut cursor = Cursor::new(statement);
    let mut table = Table::bare(cursor.create(Kind::Table)?, statement, TableKind::Ordinary);
    cursor.expect_punct("(")?;
    columns(&mut cursor, &mut table)?;
    options(&mut cursor, &mut table)?;
    cursor.expect_end()?;
    Ok(table)
}

/// Reads a CREATE VIRTUAL TABLE statement. What the arguments mean is the module's business.
///
/// # Errors
/// `Unread` with the place of the first token that is not understood.
pub fn create_virtual_table(statement: &str) -> Read<Table> {
    let mut cursor = Cursor::new(statement);
    let name = cursor.create(Kind::VirtualTable)?;
    cursor.expect(&["USING"])?;
    let module = cursor.name_token()?.unquoted();
    let mut arguments = Vec::new();
    if cursor.at_punct("(") {
        let group = cursor.group()?;
        arguments = split_arguments(cursor.slice(group));
    }
    cursor.expect_end()?;
    Ok(Table::bare(name, statement, TableKind::Virtual { module, arguments }))
}

fn split_arguments(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let (mut start, mut nesting) = (0, Nesting::default());
    for token in tokens(text) {
        if nesting.around(&token) == 0 && token.is_punct(",") {
            arguments.push(text[start..token.start].trim().to_owned());
            start = token.end();
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() || !arguments.is_empty() {
        arguments.push(last.to_owned());
    }
    arguments
}

fn columns(cursor: &mut Cursor<'_>, table: &mut Table) -> Read<()> {
    loop {
        if at_table_constraint(cursor) {
            break;
        }
        column(cursor, table)?;
        if cursor.eat_punct(")") {
            return Ok(());
        }
        cursor.expect_punct(",")?;
    }
    // Between table constraints the comma is optional to SQLite.
    loop {
        table_constraint(cursor, table)?;
        if cursor.eat_punct(")") {
            return Ok(());
        }
        cursor.eat_punct(",");
    }
}

fn at_table_constraint(cursor: &Cursor<'_>) -> bool {
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| cursor.at_word(word))
}

fn options(cursor: &mut Cursor<'_>, table: &mut Table) -> Read<()> {
    if cursor.at_end() {
        return Ok(());
    }
    // In SQLite's grammar the list begins empty, so that a comma may also stand before the first.
    cursor.eat_punct(",");
    loop {
        if cursor.eat(&["WITHOUT", "ROWID"]) {
            table.without_rowid = true;
        } else if cursor.eat(&["STRICT"]) {
            table.strict = true;
        } else {
            return Err(cursor.unread());
        }
        if !cursor.eat_punct(",") {
            return Ok(());
        }
    }
}

pub(super) fn column(cursor: &mut Cursor<'_>, table: &mut Table) -> Read<()> {
    let start = cursor.offset();
    let name = cursor.name()?;
    let declared_type = declared_type(cursor)?;
    let mut column = Column {
        name: name.clone(),
        start,
        end: start,
        declared_type,
        not_null: None,
        not_null_name: None,
        default: None,
        collation: None,
        generated: None,
    };
    let mut constraint: Option<Ident> = None;
    // DEFERRABLE belongs to the foreign key before it.
    let mut foreign_key: Option<usize> = None;
    while !cursor.at_punct(",") && !cursor.at_punct(")") && !cursor.at_end() {
        let start = cursor.offset();
        if cursor.eat(&["CONSTRAINT"]) {
            constraint = Some(cursor.name()?);
            continue;
        }
        let alone = || vec![KeyColumn { name: name.clone(), collation: None, descending: false }];
        if cursor.eat(&["DEFAULT"]) {
            column.default = Some(default(cursor)?);
        } else if cursor.eat(&["NOT", "NULL"]) {
            column.not_null = Some(cursor.conflict()?);
            column.not_null_name = constraint.take();
        } else if cursor.eat(&["NULL"]) {
            cursor.conflict()?;
        } else if cursor.eat(&["PRIMARY", "KEY"]) {
            let mut columns = alone();
            columns[0].descending = cursor.sort_order();
            let conflict = cursor.conflict()?;
            let autoincrement = cursor.eat(&["AUTOINCREMENT"]);
            let name = constraint.take();
            table.primary_key =
                Some(PrimaryKey { columns, conflict, autoincrement, name, inline: true, start });
        } else if cursor.eat(&["UNIQUE"]) {
            let conflict = cursor.conflict()?;
            table.uniques.push(Unique { columns: alone(), conflict, name: constraint.take(), start });
        } else if cursor.eat(&["CHECK"]) {
            let expr = cursor.group_expr()?;
            table.checks.push(Check { expr, name: constraint.take(), column: Some(name.clone()) });
        } else if cursor.eat(&["REFERENCES"]) {
            let mut key = references(cursor, vec![name.clone()], start)?;
            key.name = constraint.take();
            foreign_key = Some(table.foreign_keys.len());
            table.foreign_keys.push(key);
        } else if cursor.at_word("DEFERRABLE") || cursor.at_words(&["NOT", "DEFERRABLE"]) {
            let deferred = deferrable(cursor)?;
            let key = foreign_key.and_then(|i| table.foreign_keys.get_mut(i));
            key.ok_or(super::Unread { at: start })?.deferred = deferred;
        } else if cursor.eat(&["COLLATE"]) {
            column.collation = Some(cursor.name_token()?.unquoted());
        } else if cursor.eat(&["GENERATED", "ALWAYS", "AS"]) || cursor.eat(&["AS"]) {
            let expr = cursor.group_expr()?;
            let stored = cursor.eat(&["STORED"]);
            if !stored {
                cursor.eat(&["VIRTUAL"]);
            }
            column.generated = Some(Generated { expr, stored });
        } else {
            return Err(cursor.unread());
        }
        constraint = None;
    }
    column.end = cursor.previous_end();
    table.columns.push(column);
    Ok(())
}

/// The declared type: names, and perhaps one or two signed numbers in parentheses.
fn declared_type(cursor: &mut Cursor<'_>) -> Read<String> {
    const CONSTRAINTS: [&str; 10] =
        ["CONSTRAINT", "DEFAULT", "NOT", "NULL", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "COLLATE", "AS"];
    let start = cursor.offset();
    let mut declared: Option<String> = None;
    while let Some(token) = cursor.peek() {
        let ends_type = CONSTRAINTS.iter().any(|word| token.is_word(word))
            || token.is_word("DEFERRABLE")
            || cursor.at_words(&["GENERATED", "ALWAYS", "AS"]);
        if !token.can_be_name() || ends_type {
            break;
        }
        match &mut declared {
            Some(declared) => declared.extend([" ", &token.unquoted()]),
            None => declared = Some(token.unquoted()),
        }
        cursor.next();
    }
    let Some(mut declared) = declared else { return Ok(String::new()) };
    if cursor.at_punct("(") {
        let group = cursor.group()?;
        let arguments: String = tokens(cursor.slice(group)).map(|token| token.text).collect();
        declared.push_str(&format!("({arguments})"));
    }
    // SQLite keeps the text, where even a comment counts for the affinity
    // (<https://www.sqlite.org/datatype3.html#determination_of_column_affinity>).
    let kept = cursor.slice(start..cursor.previous_end());
    if kept != declared && Affinity::of(kept, false) != Affinity::of(&declared, false) {
        return Ok(kept.to_owned());
    }
    Ok(declared)
}

/// What stands behind DEFAULT: a literal, a signed number, a word, or an expression in parentheses.
fn default(cursor: &mut Cursor<'_>) -> Read<Expr> {
    if cursor.at_punct("(") {
        let start = cursor.offset();
        cursor.group()?;
        return Ok(cursor.expr(start..cursor.previous_end()));
    }
    let start = cursor.offset();
    if !cursor.eat_punct("-") {
        cursor.eat_punct("+");
    }
    match cursor.next() {
        Some(token)
            if matches!(
                token.kind,
                Token::Word | Token::Quoted | Token::String | Token::Blob | Token::Number
            ) =>
        {
            Ok(cursor.expr(start..token.end()))
        }
        _ => Err(cursor.unread()),
    }
}

fn table_constraint(cursor: &mut Cursor<'_>, table: &mut Table) -> Read<()> {
    let mut name = None;
    while cursor.eat(&["CONSTRAINT"]) {
        name = Some(cursor.name()?);
    }
    let start = cursor.offset();
    if cursor.eat(&["PRIMARY", "KEY"]) {
        let (columns, autoincrement) = key_columns(cursor)?;
        let conflict = cursor.conflict()?;
        table.primary_key = Some(PrimaryKey { columns, conflict, autoincrement, name, inline: false, start });
    } else if cursor.eat(&["UNIQUE"]) {
        let (columns, _) = key_columns(cursor)?;
        let conflict = cursor.conflict()?;
        table.uniques.push(Unique { columns, conflict, name, start });
    } else if cursor.eat(&["CHECK"]) {
        let expr = cursor.group_expr()?;
        // SQLite accepts ON CONFLICT here and ignores it.
        let _: Conflict = cursor.conflict()?;
        table.checks.push(Check { expr, name, column: None });
    } else if cursor.eat(&["FOREIGN", "KEY"]) {
        let columns = cursor.name_list()?;
        cursor.expect(&["REFERENCES"])?;
        let mut key = references(cursor, columns, start)?;
        if cursor.at_word("DEFERRABLE") || cursor.at_words(&["NOT", "DEFERRABLE"]) {
            key.deferred = deferrable(cursor)?;
        }
        key.name = name;
        table.foreign_keys.push(key);
    } else {
        return Err(cursor.unread());
    }
    Ok(())
}

/// Where the UNIQUE, CHECK or foreign key that begins at `start` stands in a CREATE TABLE: with its name, and with the comma
/// before it where that would be left over.
///
/// # Errors
/// `Unread` when no such constraint begins there.
pub(crate) fn constraint_at(statement: &str, start: usize) -> Read<Range<usize>> {
    let mut cursor = Cursor::new(statement);
    while cursor.offset() < start && !cursor.at_end() {
        cursor.next();
    }
    if cursor.offset() != start {
        return Err(cursor.unread());
    }
    let first = cursor.position();
    if cursor.eat(&["REFERENCES"]) {
        references(&mut cursor, Vec::new(), start)?;
        if cursor.at_word("DEFERRABLE") || cursor.at_words(&["NOT", "DEFERRABLE"]) {
            deferrable(&mut cursor)?;
        }
    } else if cursor.at_word("UNIQUE") && !cursor.peek_at(1).is_some_and(|token| token.is_punct("(")) {
        cursor.next();
        cursor.conflict()?;
    } else {
        table_constraint(&mut cursor, &mut Table::bare(Ident::from(""), "", TableKind::Ordinary))?;
    }
    let ends_item = cursor.at_punct(",") || cursor.at_punct(")");
    let mut range = start..cursor.previous_end();
    let mut before = cursor.between(0..first);
    if let [rest @ .., constraint, _] = before
        && constraint.is_word("CONSTRAINT")
    {
        (before, range.start) = (rest, constraint.start);
    }
    if let Some(comma) = before.last().filter(|token| ends_item && token.is_punct(",")) {
        range.start = comma.start;
    }
    Ok(range)
}

/// `(a COLLATE x DESC, b … [AUTOINCREMENT])`
fn key_columns(cursor: &mut Cursor<'_>) -> Read<(Vec<KeyColumn>, bool)> {
    cursor.expect_punct("(")?;
    let mut columns = Vec::new();
    loop {
        // `PRIMARY KEY ((a))` is `PRIMARY KEY (a)`.
        let mut parentheses = 0;
        while cursor.eat_punct("(") {
            parentheses += 1;
        }
        let name = cursor.name()?;
        let mut collation = None;
        loop {
            if parentheses > 0 && cursor.eat_punct(")") {
                parentheses -= 1;
            } else if cursor.eat(&["COLLATE"]) {
                collation = Some(cursor.name_token()?.unquoted());
            } else {
                break;
            }
        }
        let descending = cursor.sort_order();
        if cursor.eat(&["NULLS"]) {
            cursor.name()?;
        }
        columns.push(KeyColumn { name, collation, descending });
        let autoincrement = cursor.eat(&["AUTOINCREMENT"]);
        if parentheses > 0 {
            return Err(cursor.unread());
        }
        if cursor.eat_punct(")") {
            return Ok((columns, autoincrement));
        }
        cursor.expect_punct(",")?;
    }
}

/// What stands behind REFERENCES, DEFERRABLE left for the caller.
fn references(cursor: &mut Cursor<'_>, columns: Vec<Ident>, start: usize) -> Read<ForeignKey> {
    let parent = cursor.name()?;
    let parent_columns = if cursor.at_punct("(") { cursor.name_list()? } else { Vec::new() };
    let mut key = ForeignKey {
        columns,
        parent,
        parent_columns,
        on_delete: ForeignKeyAction::NoAction,
        on_update: ForeignKeyAction::NoAction,
        match_type: "SIMPLE".to_owned(),
        deferred: false,
        name: None,
        start,
    };
    loop {
        if cursor.eat(&["ON", "DELETE"]) {
            key.on_delete = action(cursor)?;
        } else if cursor.eat(&["ON", "UPDATE"]) {
            key.on_update = action(cursor)?;
        } else if cursor.eat(&["ON", "INSERT"]) {
            // SQLite reads it and ignores it.
            action(cursor)?;
        } else if cursor.eat(&["MATCH"]) {
            key.match_type = cursor.name()?.as_str().to_ascii_uppercase();
        } else {
            return Ok(key);
        }
    }
}

fn action(cursor: &mut Cursor<'_>) -> Read<ForeignKeyAction> {
    cursor.one_of(&ForeignKeyAction::ALL, ForeignKeyAction::as_str)
}

/// `[NOT] DEFERRABLE [INITIALLY DEFERRED | INITIALLY IMMEDIATE]`: whether the key is checked at COMMIT. Only
/// `DEFERRABLE INITIALLY DEFERRED` is (<https://www.sqlite.org/foreignkeys.html#fk_deferred>).
fn deferrable(cursor: &mut Cursor<'_>) -> Read<bool> {
    let not = cursor.eat(&["NOT"]);
    cursor.expect(&["DEFERRABLE"])?;
    let initially_deferred = cursor.eat(&["INITIALLY", "DEFERRED"]);
    if !initially_deferred {
        cursor.eat(&["INITIALLY", "IMMEDIATE"]);
    }
    Ok(!not && initially_deferred)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_its_words_with_one_space_between_them() {
        for (column, declared) in [
            ("a", ""),
            ("a DEFAULT 1", ""),
            ("a CHECK (a > 0)", ""),
            ("a double /* c */  precision NOT NULL", "double precision"),
            ("a \"long\" [var] char ( 1 , 2 )", "long var char(1,2)"),
            ("a \"\" x", " x"),
        ] {
            let table = create_table(&format!("CREATE TABLE t({column})")).unwrap();
            assert_eq!(table.columns[0].declared_type, declared, "{column}");
        }
    }
}
