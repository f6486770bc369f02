//! Foreign keys as a table's definitions write them.

use crate::schema::Ident;
use crate::sql::Token;

use super::cursor::{Cursor, find, outside_parentheses, split_at_commas, starts_with};
use super::shape::{Definition, Shape, Stmt};

/// One `REFERENCES` clause.
pub(super) struct Reference {
    /// The columns that refer.
    pub(super) columns: Vec<Ident>,
    /// The table that they refer to.
    pub(super) parent: Ident,
    /// `ON DELETE …` and `ON UPDATE …`.
    pub(super) actions: Vec<Action>,
    /// Byte offset in the file of its first word, `FOREIGN` or `REFERENCES`.
    pub(super) at: usize,
}

/// What happens to a row when the row that it refers to goes or changes.
pub(super) struct Action {
    /// `DELETE` or `UPDATE`
    pub(super) event: &'static str,
    /// `SET NULL`, `RESTRICT`, …
    pub(super) action: &'static str,
    /// Byte offset of `ON` in the file.
    pub(super) at: usize,
}

/// The foreign keys that a statement declares.
pub(super) fn references(stmt: &Stmt<'_>) -> Vec<Reference> {
    let definitions = match &stmt.shape {
        Shape::CreateTable(table) => table.definitions.as_slice(),
        Shape::AddColumn { column, .. } => std::slice::from_ref(column),
        _ => &[],
    };
    definitions
        .iter()
        .flat_map(|definition| of_definition(definition, stmt.part(&definition.range)))
        .collect()
}

fn of_definition(definition: &Definition, tokens: &[Token<'_>]) -> Vec<Reference> {
    let foreign_key = if definition.column.is_some() { None } else { find(tokens, "FOREIGN KEY") };
    let columns = match (&definition.column, foreign_key) {
        (Some(column), _) => vec![column.clone()],
        (None, Some(n)) => names_in_parenthesis(tokens.get(n + 2..).unwrap_or_default()),
        (None, None) => Vec::new(),
    };
    let starts =
        outside_parentheses(tokens).filter(|&n| tokens.get(n).is_some_and(|t| t.is_word("REFERENCES")));
    starts
        .filter_map(|n| {
            let mut cursor = Cursor::new(tokens.get(n + 1..).unwrap_or_default());
            let parent = cursor.name()?.0;
            let at = tokens.get(foreign_key.unwrap_or(n))?.start;
            Some(Reference { columns: columns.clone(), parent, actions: actions(cursor.rest()), at })
        })
        .collect()
}

/// The names in the parenthesis that `tokens` begins with.
pub(super) fn names_in_parenthesis(tokens: &[Token<'_>]) -> Vec<Ident> {
    let Some(range) = Cursor::new(tokens).parenthesis() else { return Vec::new() };
    let inner = tokens.get(range).unwrap_or_default();
    split_at_commas(inner)
        .into_iter()
        .filter_map(|part| {
            inner.get(part).and_then(<[Token<'_>]>::first).map(|token| Ident::new(token.unquoted()))
        })
        .collect()
}

fn actions(tokens: &[Token<'_>]) -> Vec<Action> {
    let mut found = Vec::new();
    for n in outside_parentheses(tokens) {
        let rest = tokens.get(n..).unwrap_or_default();
        if starts_with(rest, "REFERENCES") {
            break;
        }
        for event in ["DELETE", "UPDATE"] {
            if !starts_with(rest, &format!("ON {event}")) {
                continue;
            }
            let behind = rest.get(2..).unwrap_or_default();
            let action = ["SET NULL", "SET DEFAULT", "RESTRICT", "CASCADE", "NO ACTION"]
                .into_iter()
                .find(|action| starts_with(behind, action));
            if let (Some(action), Some(token)) = (action, rest.first()) {
                found.push(Action { event, action, at: token.start });
            }
        }
    }
    found
}
