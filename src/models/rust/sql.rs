//! The statements of a struct, as string literals over several lines.

use super::names::{Item, Member};
use crate::sql::quote;

/// The columns of a line of generated code.
const WIDTH: usize = 100;

/// The statements of a struct.
pub(super) struct Statements {
    pub(super) select: String,
    pub(super) get: String,
    pub(super) insert: String,
    /// Absent where the key is all there is.
    pub(super) update: Option<String>,
    pub(super) delete: String,
}

impl Statements {
    pub(super) fn of(item: &Item<'_>) -> Statements {
        let table = quote(item.table.name.as_str());
        let all: Vec<String> = item.members.iter().map(|member| quote(member.column)).collect();
        let set: Vec<&Member<'_>> = item.members.iter().filter(|member| member.is_set).collect();
        let names: Vec<String> = set.iter().map(|member| quote(member.column)).collect();
        let numbers: Vec<String> = (1..=set.len()).map(|number| format!("?{number}")).collect();
        let changed: Vec<&&Member<'_>> = set.iter().filter(|member| !member.in_key).collect();
        let assigned: Vec<String> = changed
            .iter()
            .zip(1..)
            .map(|(member, number)| format!("{} = ?{number}", quote(member.column)))
            .collect();
        let mut select = vec!["SELECT ".to_owned()];
        listed(&mut select, &all);
        select.push(format!(" FROM {table}"));
        let mut get = select.clone();
        get.extend(by_key(item, 1));
        let mut insert = vec![format!("INSERT INTO {table} (")];
        listed(&mut insert, &names);
        insert.push(") VALUES (".to_owned());
        listed(&mut insert, &numbers);
        insert.push(")".to_owned());
        let mut update = vec![format!("UPDATE {table} SET ")];
        listed(&mut update, &assigned);
        update.extend(by_key(item, changed.len() + 1));
        let mut delete = vec![format!("DELETE FROM {table}")];
        delete.extend(by_key(item, 1));
        Statements {
            select: literal(&select),
            get: literal(&get),
            insert: literal(&insert),
            update: (!changed.is_empty()).then(|| literal(&update)),
            delete: literal(&delete),
        }
    }
}

fn listed(pieces: &mut Vec<String>, names: &[String]) {
    for (at, name) in names.iter().enumerate() {
        let comma = if at + 1 == names.len() { "" } else { ", " };
        pieces.push(format!("{name}{comma}"));
    }
}

fn by_key(item: &Item<'_>, first: usize) -> Vec<String> {
    let conditions = item.keys().zip(first..).enumerate();
    let condition = |(at, (member, number)): (usize, (&Member<'_>, usize))| {
        let word = if at == 0 { " WHERE" } else { " AND" };
        format!("{word} {} = ?{number}", quote(member.column))
    };
    conditions.map(condition).collect()
}

/// A literal of these pieces, none of which is cut: behind a backslash, white space at the begin of a line is left out.
fn literal(pieces: &[String]) -> String {
    let mut lines = vec![String::new()];
    for piece in pieces {
        let mut piece = escaped(piece);
        if let Some(line) = lines.last_mut()
            && !line.is_empty()
            && 8 + line.len() + piece.len() + 1 > WIDTH
        {
            // What begins with a space leaves it on the line before.
            if let Some(rest) = piece.strip_prefix(' ') {
                line.push(' ');
                piece = rest.to_owned();
            }
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&piece);
        }
    }
    format!("\"\\\n        {}\"", lines.join("\\\n        "))
}

/// Text inside of a string literal.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ' '..='~' if c != '"' && c != '\\' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            c => out.extend(c.escape_default()),
        }
    }
    out
}
