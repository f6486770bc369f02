//! Statements as texts: the author's words, with as little changed as can be.

use std::collections::{BTreeMap, BTreeSet};

use super::hints::is_hint;
use crate::schema::{Ident, Schema};
use crate::sql::{Kind, quote_string, replaced, terminated, tokens, tokens_and_comments};

/// A statement without the comments that were meant for the planner.
pub fn without_hints(sql: &str) -> String {
    let hints = tokens_and_comments(sql).filter(|token| token.kind == Kind::Comment && is_hint(token.text));
    let parts = hints.map(|hint| {
        let before = sql[..hint.start].trim_end_matches([' ', '\t']);
        // A line that holds nothing else goes whole.
        let alone = before.ends_with('\n') || before.is_empty();
        let whole = alone && sql[hint.end()..].starts_with('\n');
        (before.len()..hint.end() + usize::from(whole), String::new())
    });
    replaced(sql, parts)
}

/// A CREATE TABLE statement under another name. Columns that are named with their table (`t.a`) follow; a foreign key
/// to the table itself stays, for the table will have its name back.
pub(super) fn retitled(sql: &str, name: &Ident, to: &Ident) -> String {
    let mut head = true;
    let all: Vec<_> = tokens(sql).collect();
    let parts = all.iter().enumerate().filter_map(|(i, token)| {
        let named = token.can_be_name() && *name == *token.unquoted();
        let dot_behind = all.get(i + 1).is_some_and(|next| next.is_punct("."));
        if token.is_punct("(") {
            head = false;
        }
        let is_title = head && named && i > 1 && !dot_behind;
        let is_qualifier = !head && named && token.kind != Kind::String && dot_behind;
        head &= !is_title;
        (is_title || is_qualifier).then(|| (token.start..token.end(), to.shown()))
    });
    replaced(sql, parts)
}

/// A CREATE TABLE statement whose foreign keys refer to other names.
pub(super) fn referring(sql: &str, names: &BTreeMap<Ident, Ident>) -> String {
    let all: Vec<_> = tokens(sql).collect();
    let pairs = all.iter().zip(all.iter().skip(1)).filter(|(before, _)| before.is_word("REFERENCES"));
    let parts = pairs.filter_map(|(_, token)| {
        let other = names.get(&Ident::from(token.unquoted()))?;
        Some((token.start..token.end(), other.shown()))
    });
    replaced(sql, parts)
}

/// A default as an expression that means the same in a SELECT; `None` for NULL.
pub(super) fn as_expression(default: &str) -> Option<String> {
    let all: Vec<_> = tokens(default).collect();
    match all.as_slice() {
        [only] if only.is_word("NULL") => None,
        [only] if only.kind == Kind::Quoted => Some(quote_string(&only.unquoted())),
        [only] if only.kind == Kind::Word => {
            let known = ["true", "false", "current_time", "current_date", "current_timestamp"];
            let is_known = known.iter().any(|word| only.is_word(word));
            Some(if is_known { only.text.to_owned() } else { quote_string(only.text) })
        }
        [] => None,
        _ => Some(default.trim().to_owned()),
    }
}

/// Whether a statement mentions one of `names` anywhere but in a literal.
pub(super) fn mentions(sql: &str, names: &BTreeSet<Ident>) -> bool {
    !names.is_empty() && names_in(sql).any(|name| names.contains(&name))
}

/// All that may be a name in a statement: what is no literal and no comment.
pub(super) fn names_in(sql: &str) -> impl Iterator<Item = Ident> + '_ {
    tokens(sql)
        .filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
        .map(|token| Ident::from(token.unquoted()))
}

/// A script that makes the schema: every statement as it is stored, each where what it needs is there already.
pub fn script(schema: &Schema) -> String {
    let mut text = String::new();
    let mut push = |statement: &str| {
        text.push_str(&terminated(statement));
        text.push('\n');
    };
    for (name, value) in &schema.pragmas.values {
        match *name {
            "encoding" => push(&format!("PRAGMA encoding = {}", quote_string(value))),
            // How the file is written is no part of what it holds.
            "journal_mode" => {}
            name => push(&format!("PRAGMA {name} = {value}")),
        }
    }
    let (special, ordinary): (Vec<_>, Vec<_>) = schema.tables.values().partition(|table| table.is_virtual());
    for table in ordinary {
        push(&table.sql);
        table.indexes.values().for_each(|index| push(&index.sql));
    }
    schema.views.values().for_each(|view| push(&view.sql));
    // A virtual table may have a view for its content; a view is not looked at before it is used.
    special.into_iter().for_each(|table| push(&table.sql));
    schema.triggers.values().for_each(|trigger| push(&trigger.sql));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gets_its_passing_name_and_nothing_else_changes() {
        let to = Ident::from("t_new");
        let retitle = |sql: &str| retitled(sql, &"T".into(), &to);
        assert_eq!(
            retitle("CREATE TABLE t(t TEXT CHECK (t.t <> 't'), b REFERENCES t(t) -- t\n)"),
            "CREATE TABLE t_new(t TEXT CHECK (t_new.t <> 't'), b REFERENCES t(t) -- t\n)"
        );
        assert_eq!(retitle("CREATE TABLE \"T\"(a)"), "CREATE TABLE t_new(a)");
        assert_eq!(
            retitled("CREATE TABLE \"table\" (a)", &"table".into(), &to),
            "CREATE TABLE t_new (a)",
            "the keyword is not the name"
        );
    }

    #[test]
    fn foreign_keys_follow_the_names_of_their_parents() {
        let names = BTreeMap::from([(Ident::from("T"), Ident::from("t_new"))]);
        assert_eq!(
            referring(
                "CREATE TABLE c(t REFERENCES \"t\"(t), \"references\" t, FOREIGN KEY (t) REFERENCES T)",
                &names
            ),
            "CREATE TABLE c(t REFERENCES t_new(t), \"references\" t, FOREIGN KEY (t) REFERENCES t_new)"
        );
    }

    #[test]
    fn what_is_said_to_the_planner_stays_in_the_spec() {
        let sql =
            "CREATE TABLE t (\n  a, -- planctl:fill value=1\n  -- planctl:new\n  b -- planctl: prose\n)";
        assert_eq!(without_hints(sql), "CREATE TABLE t (\n  a,\n  b -- planctl: prose\n)");
    }

    #[test]
    fn a_name_in_a_literal_is_no_mention() {
        let names = BTreeSet::from([Ident::from("t")]);
        assert!(mentions("SELECT * FROM [T]", &names));
        assert!(!mentions("SELECT 't' /* t */ FROM u", &names));
    }
}
