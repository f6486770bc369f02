//! A schema as DDL: sorted, formatted, loadable.
//!
//! What the author wrote stays, comments included; only the layout is ours. Formatting changes no token, and formatting
//! twice is the same as once.

use std::collections::BTreeSet;

use crate::schema::{Ident, Pragmas, Schema, Table, TableKind, Trigger};
use crate::sql::{Kind, Nesting, Token, quote_string, terminated, tokens, tokens_and_comments};

/// The DDL of a schema: settings that are not SQLite's defaults, then each table with its indexes and triggers, then
/// each view with its triggers, all by name; last the virtual tables that need what stands in front of them.
pub fn dump(schema: &Schema) -> String {
    let mut statements = Vec::new();
    let settings = pragma_statements(&schema.pragmas);
    if !settings.is_empty() {
        statements.push(settings.join("\n"));
    }
    let mut waiting: Vec<&Table> = Vec::new();
    let mut made: BTreeSet<&Ident> = BTreeSet::new();
    for table in schema.tables.values() {
        if table.is_virtual() && !can_be_made(schema, table, &made) {
            waiting.push(table);
            continue;
        }
        made.insert(&table.name);
        statements.push(table_statement(table));
        statements.extend(table.indexes.values().map(|index| terminated(&index.sql)));
        statements.extend(triggers_on(schema, &table.name));
    }
    for view in schema.views.values() {
        made.insert(&view.name);
        statements.push(terminated(&view.sql));
        statements.extend(triggers_on(schema, &view.name));
    }
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|table| can_be_made(schema, table, &made)).unwrap_or(0);
        let table = waiting.remove(ready);
        made.insert(&table.name);
        statements.push(table_statement(table));
    }
    let mut text = statements.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Whether all that the arguments of a virtual table name is there: some modules look for the table or view that has the
/// content.
fn can_be_made(schema: &Schema, table: &Table, made: &BTreeSet<&Ident>) -> bool {
    let TableKind::Virtual { arguments, .. } = &table.kind else { return true };
    let named = arguments.iter().flat_map(|argument| tokens(argument)).filter(|token| token.can_be_name());
    named.map(|token| Ident::from(token.unquoted())).all(|name| {
        let is_other =
            name != table.name && (schema.tables.contains_key(&name) || schema.views.contains_key(&name));
        !is_other || made.contains(&name)
    })
}

/// The settings that a dump states: those that a new database would not have by itself. The journal mode is left out:
/// it says how the file is written, and a copy may well be written otherwise.
pub fn stated_pragmas(pragmas: &Pragmas) -> Pragmas {
    let stated = |name: &str, value: &str| name != "journal_mode" && value != Pragmas::default_of(name);
    let values = pragmas.values.iter().filter(|(name, value)| stated(name, value));
    Pragmas { values: values.map(|(name, value)| (*name, value.clone())).collect() }
}

/// A statement for each of these settings.
pub fn pragma_statements(pragmas: &Pragmas) -> Vec<String> {
    let set = stated_pragmas(pragmas).values;
    let statement = |(name, value): (&&str, &String)| match *name {
        "encoding" => format!("PRAGMA encoding = {};", quote_string(value)),
        name => format!("PRAGMA {name} = {value};"),
    };
    set.iter().map(statement).collect()
}

fn triggers_on<'a>(schema: &'a Schema, name: &'a Ident) -> impl Iterator<Item = String> + 'a {
    schema
        .triggers
        .values()
        .filter(move |trigger: &&Trigger| trigger.table == *name)
        .map(|t| terminated(&t.sql))
}

fn table_statement(table: &Table) -> String {
    if table.is_virtual() || table.unread.is_some() {
        terminated(&table.sql)
    } else {
        format_create_table(&table.sql)
    }
}

/// A CREATE TABLE statement with one column or constraint a line.
pub fn format_create_table(sql: &str) -> String {
    let tokens: Vec<Token<'_>> = tokens_and_comments(sql).collect();
    let Some(open) = tokens.iter().position(|token| token.is_punct("(")) else { return terminated(sql) };
    let mut layout = Layout { out: join(&tokens[..open]) };
    layout.out.push_str(" (\n");
    let mut item: Vec<Token<'_>> = Vec::new();
    let mut notes: Vec<&str> = Vec::new();
    let mut nesting = Nesting::default();
    let mut rest = tokens[open + 1..].iter().peekable();
    while let Some(&token) = rest.next() {
        if token.kind == Kind::Comment {
            // Before an item it has a line of its own; what stood behind the last comma was taken with it.
            if item.is_empty() {
                layout.comment(token.text)
            } else {
                notes.push(token.text)
            }
            continue;
        }
        if nesting.is_outside() && (token.is_punct(",") || token.is_punct(")")) {
            let last = token.is_punct(")");
            // What stands behind the comma on the same line belongs to the item before it.
            while let Some(next) = rest.peek()
                && next.kind == Kind::Comment
                && !last
                && !sql[token.end()..next.start].contains('\n')
            {
                notes.push(next.text);
                rest.next();
            }
            layout.item(&item, last, &notes);
            item.clear();
            notes.clear();
            if last {
                break;
            }
            continue;
        }
        nesting.around(&token);
        item.push(token);
    }
    let options: Vec<Token<'_>> =
        rest.filter(|token| token.kind != Kind::Comment && !token.is_punct(";")).copied().collect();
    layout.out.push(')');
    if !options.is_empty() {
        layout.out.push(' ');
        layout.out.push_str(&join(&options));
    }
    layout.out.push(';');
    layout.out
}

struct Layout {
    out: String,
}

impl Layout {
    fn comment(&mut self, text: &str) {
        self.out.push_str(&format!("    {}\n", text.trim_end()));
    }

    fn item(&mut self, item: &[Token<'_>], last: bool, notes: &[&str]) {
        self.out.push_str("    ");
        self.out.push_str(&join(item));
        if !last {
            self.out.push(',');
        }
        let mut notes = notes.iter();
        if let Some(first) = notes.next() {
            self.out.push(' ');
            self.out.push_str(first.trim_end());
        }
        self.out.push('\n');
        notes.for_each(|note| self.comment(note));
    }
}

/// Tokens on one line, with a space wherever there was white space.
fn join(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut end = 0;
    for token in tokens.iter().filter(|token| token.kind != Kind::Comment) {
        if !text.is_empty() && token.start > end {
            text.push(' ');
        }
        text.push_str(token.text);
        end = token.end();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::same_tokens;

    #[test]
    fn a_table_is_laid_out_a_line_an_item_and_keeps_its_comments() {
        let sql = "CREATE TABLE  t(-- head\n a TEXT , -- ULID\n -- of its own\n b INT CHECK(b>0 -- positive\n), /* c */\nPRIMARY KEY(a,b) ) WITHOUT  ROWID";
        assert_eq!(
            format_create_table(sql),
            "CREATE TABLE t (\n    -- head\n    a TEXT, -- ULID\n    -- of its own\n    b INT CHECK(b>0 ), -- positive\n    /* c */\n    PRIMARY KEY(a,b)\n) WITHOUT ROWID;"
        );
    }

    #[test]
    fn formatting_changes_no_token_and_twice_is_once() {
        for sql in [
            "CREATE TABLE t(a,b)",
            "CREATE TABLE t (a TEXT DEFAULT 'x,)(' /* , */, b) STRICT",
            "CREATE TABLE \"t(\" (\n  a -- one\n  -- two\n  , b -- three\n)",
            "CREATE TABLE t(a, -- x\n-- y\n\nCHECK (a IN (1,2)) -- z\n)",
        ] {
            let once = format_create_table(sql);
            assert!(same_tokens(once.trim_end_matches(';'), sql), "{once}");
            assert_eq!(format_create_table(&once), once, "{sql}");
            let comments = |sql: &str| tokens_and_comments(sql).filter(|t| t.kind == Kind::Comment).count();
            assert_eq!(comments(&once), comments(sql), "{once}");
        }
    }
}
