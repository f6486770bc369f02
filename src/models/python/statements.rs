//! What SQLAlchemy has no words for, as statements that run when the tables are made.

use super::layout::{Code, Lines, block};
use crate::ddl;
use crate::models::facts::{Facts, Source};
use crate::schema::{Ident, Table, TableKind};
use crate::sql::{Token, tokens};

/// The modules that the SQLite of every Python has.
const MODULES: [&str; 7] = ["fts3", "fts4", "fts4aux", "fts5", "fts5vocab", "rtree", "rtree_i32"];

/// Whether a table is one of a module that not every SQLite has.
pub(super) fn is_foreign(table: &Table) -> bool {
    match &table.kind {
        TableKind::Virtual { module, .. } => !MODULES.iter().any(|known| module.eq_ignore_ascii_case(known)),
        TableKind::Ordinary => false,
    }
}

/// Each statement with what takes it back, in the order of their making. Triggers and indexes go with their tables.
pub(super) fn statements(source: &Source<'_>, facts: &Facts<'_>) -> (Vec<String>, Vec<String>) {
    let (mut creates, mut drops) = (ddl::pragma_statements(&source.schema.pragmas), Vec::new());
    let without: Vec<&Table> = facts.without.iter().map(|without| without.table).collect();
    for table in without.iter().filter(|table| !table.is_virtual()) {
        creates.push(if_not_exists(&table.sql));
        creates.extend(table.indexes.values().map(|index| if_not_exists(&index.sql)));
        drops.push(dropped("TABLE", &table.name));
    }
    for table in facts.models.iter().map(|model| model.table) {
        let unread = table.indexes.values().filter(|index| index.unread.is_some());
        creates.extend(unread.map(|index| if_not_exists(&index.sql)));
    }
    for view in source.schema.views.values() {
        creates.push(if_not_exists(&view.sql));
        drops.push(dropped("VIEW", &view.name));
    }
    let (mut first, mut then): (Vec<&Table>, Vec<&Table>) = (Vec::new(), Vec::new());
    for table in without.into_iter().filter(|table| table.is_virtual() && !is_foreign(table)) {
        if reads_another(table, facts) { then.push(table) } else { first.push(table) }
    }
    for table in first.into_iter().chain(then) {
        creates.push(if_not_exists(&table.sql));
        drops.push(dropped("TABLE", &table.name));
    }
    creates.extend(source.schema.triggers.values().map(|trigger| if_not_exists(&trigger.sql)));
    drops.reverse();
    (creates, drops)
}

/// Whether a virtual table is about another one.
fn reads_another(table: &Table, facts: &Facts<'_>) -> bool {
    let TableKind::Virtual { arguments, .. } = &table.kind else { return false };
    let mut named = arguments.iter().flat_map(|argument| tokens(argument)).filter(Token::can_be_name);
    named.any(|token| {
        let name = Ident::from(token.unquoted());
        name != table.name && facts.without.iter().any(|other| other.table.name == name)
    })
}

fn dropped(kind: &str, name: &Ident) -> String {
    format!("DROP {kind} IF EXISTS {}", name.quoted())
}

/// A CREATE statement that does nothing where the object is there.
fn if_not_exists(sql: &str) -> String {
    let kinds = ["TABLE", "INDEX", "VIEW", "TRIGGER"];
    let sql = sql.trim_end().trim_end_matches(';');
    let Some(kind) = tokens(sql).take(4).find(|token| kinds.iter().any(|kind| token.is_word(kind))) else {
        return sql.to_owned();
    };
    let (head, rest) = sql.split_at(kind.end());
    format!("{head} IF NOT EXISTS{rest}")
}

pub(super) fn write(lines: &mut Lines, source: &Source<'_>, facts: &Facts<'_>) {
    let (creates, drops) = statements(source, facts);
    for (statements, when) in [(creates, "after_create"), (drops, "before_drop")] {
        if statements.is_empty() {
            continue;
        }
        lines.line(0, "");
        lines.line(0, "");
        let statements = statements.iter().map(|statement| Code::plain(block(statement))).collect();
        lines.code(0, "for _sql in ", &Code::List(['(', ')'], statements), ":");
        lines.line(4, &format!("sa.event.listen(Base.metadata, \"{when}\", Statement(_sql))"));
    }
}
