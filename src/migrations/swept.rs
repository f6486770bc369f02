//! Rows that go, or change, when a table is dropped where foreign keys are enforced.

use std::collections::BTreeMap;

use crate::ddl::{self, Alteration, Kind};
use crate::schema::{ForeignKey, ForeignKeyAction, Ident, Schema, shown_list};
use crate::sql::tokens;

/// A statement that drops a table, whereby rows of others change without a word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Swept {
    /// Which of the statements.
    pub statement: usize,
    /// The table that is dropped.
    pub table: Ident,
    /// The tables whose rows refer to it, and how.
    keys: Vec<(Ident, ForeignKey)>,
}

impl Swept {
    /// Its foreign keys in words, by what they do.
    pub fn keys_in_words(&self) -> String {
        let mut by_action: Vec<(ForeignKeyAction, Vec<String>)> = Vec::new();
        for (child, key) in &self.keys {
            let key_of_child = format!("{}({})", child.shown(), shown_list(&key.columns));
            match by_action.iter_mut().find(|(action, _)| *action == key.on_delete) {
                Some((_, keys)) => keys.push(key_of_child),
                None => by_action.push((key.on_delete, vec![key_of_child])),
            }
        }
        let each = by_action
            .iter()
            .map(|(action, keys)| format!("{}, ON DELETE {}", keys.join(", "), action.as_str()));
        each.collect::<Vec<_>>().join("; ")
    }
}

/// Whether rows that refer to one that is deleted change. Otherwise it is refused while there are any.
fn changes_rows(key: &ForeignKey) -> bool {
    !matches!(key.on_delete, ForeignKeyAction::NoAction | ForeignKeyAction::Restrict)
}

/// What the statements of a script, which begins with the schema `before`, would do to rows that refer to what they drop.
/// Rows of a table that goes as well, or that was emptied, are no matter, as long as nothing speaks of them in between.
pub fn swept(before: &Schema, statements: &[&str]) -> Vec<Swept> {
    let mut keys: BTreeMap<Ident, Vec<ForeignKey>> =
        before.tables.values().map(|table| (table.name.clone(), table.foreign_keys.clone())).collect();
    let mut found = Vec::new();
    for (n, statement) in statements.iter().enumerate() {
        if let Some((Kind::Table, table, _)) = ddl::dropped(statement) {
            keys.remove(&table);
            let all = keys.iter().flat_map(|(child, keys)| keys.iter().map(move |key| (child, key)));
            let of_it = all.filter(|(child, key)| {
                key.parent == table && changes_rows(key) && !is_empty(child, statements, n)
            });
            let keys: Vec<_> = of_it.map(|(child, key)| (child.clone(), key.clone())).collect();
            if !keys.is_empty() {
                found.push(Swept { statement: n, table, keys });
            }
        } else if let Some((Kind::Table, name)) = ddl::created(statement) {
            let made = ddl::create_table(statement).map(|table| table.foreign_keys);
            keys.insert(name, made.unwrap_or_default());
        } else if let Ok((table, alteration)) = ddl::alter_table(statement) {
            match alteration {
                Alteration::Rename(to) => {
                    let own = keys.remove(&table).unwrap_or_default();
                    keys.insert(to.clone(), own);
                    let all = keys.values_mut().flatten();
                    all.filter(|key| key.parent == table).for_each(|key| key.parent = to.clone());
                }
                Alteration::AddColumn(added) => {
                    keys.entry(table).or_default().extend(added.foreign_keys);
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether no row of a table matters when statement `n` runs: the last to speak of it before has deleted all, or the next to
/// speak of it drops it.
fn is_empty(table: &Ident, statements: &[&str], n: usize) -> bool {
    let speaks =
        |statement: &&&str| tokens(statement).any(|token| token.can_be_name() && *table == *token.unquoted());
    let before = statements.iter().take(n).rev().find(speaks);
    let emptied = before.is_some_and(|statement| {
        let words: Vec<_> = tokens(statement).filter(|token| !token.is_punct(";")).collect();
        matches!(words.as_slice(), [delete, from, _] if delete.is_word("DELETE") && from.is_word("FROM"))
    });
    let after = statements.iter().skip(n + 1).find(speaks);
    emptied
        || after.is_some_and(|next| matches!(ddl::dropped(next), Some((Kind::Table, of, _)) if of == *table))
}
