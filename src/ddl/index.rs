//! CREATE INDEX (<https://www.sqlite.org/lang_createindex.html>).

use super::Kind;
use super::cursor::{Cursor, Read, without_outer_parentheses};
use crate::schema::{Expr, Ident, Index, IndexKey, IndexTerm};
use crate::sql::{Token, in_parentheses, split_at_commas, tokens};

/// Reads a CREATE INDEX statement.
///
/// # Errors
/// `Unread` with the place of the first token that is not understood.
pub fn create_index(statement: &str) -> Read<Index> {
    let mut cursor = Cursor::new(statement);
    let unique = cursor.at_words(&["CREATE", "UNIQUE"]);
    let name = cursor.create(Kind::Index)?;
    cursor.expect(&["ON"])?;
    let table = cursor.name()?;
    let group = cursor.group()?;
    let (offset, list) = (group.start, cursor.slice(group));
    let filter = if cursor.eat(&["WHERE"]) { Some(cursor.rest()) } else { None };
    cursor.expect_end()?;
    let keys = keys(list, offset);
    Ok(Index { name, table, unique, keys, filter, sql: statement.to_owned(), unread: None })
}

fn keys(list: &str, offset: usize) -> Vec<IndexKey> {
    let all: Vec<Token<'_>> = tokens(list).collect();
    split_at_commas(&all).filter_map(|item| key(list, offset, item)).collect()
}

fn key(list: &str, offset: usize, mut item: &[Token<'_>]) -> Option<IndexKey> {
    let mut descending = false;
    if let [rest @ .., last] = item
        && (last.is_word("ASC") || last.is_word("DESC"))
        && !rest.is_empty()
    {
        descending = last.is_word("DESC");
        item = rest;
    }
    let mut text = &list[item.first()?.start..item.last()?.end()];
    // `((lower(a)) COLLATE x)`: parentheses and COLLATE may enclose each other; the outermost COLLATE counts.
    let mut collation = None;
    let tokens = loop {
        text = without_outer_parentheses(text);
        let tokens: Vec<_> = tokens(text).collect();
        match tokens.as_slice() {
            // COLLATE binds tighter than any operator: `a = b COLLATE x` is `a = (b COLLATE x)`.
            [operand @ .., collate, name] if collate.is_word("COLLATE") && is_operand(operand) => {
                collation = collation.or_else(|| Some(name.unquoted()));
                text = &text[..operand.last().map_or(0, Token::end)];
            }
            _ => break tokens,
        }
    };
    let term = match tokens.as_slice() {
        [only] if only.can_be_name() && !only.is_word("NULL") => {
            IndexTerm::Column(Ident::from(only.unquoted()))
        }
        _ => {
            let start = offset + (text.as_ptr() as usize - list.as_ptr() as usize);
            IndexTerm::Expr(Expr { text: text.to_owned(), start })
        }
    };
    Some(IndexKey { term, collation, descending })
}

/// Whether the tokens are one operand: a name or literal, a call, something in parentheses, or one of these with
/// another COLLATE behind it.
fn is_operand(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [] => false,
        [_] => true,
        [rest @ .., collate, _] if collate.is_word("COLLATE") => is_operand(rest),
        [first, rest @ ..] => {
            let group = if first.is_punct("(") { tokens } else { rest };
            let callable = first.is_punct("(") || first.can_be_name();
            callable && in_parentheses(group).is_some_and(|inner| inner.len() + 2 == group.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collate_belongs_to_the_operand_before_it() {
        let key = |sql: &str| {
            let index = create_index(&format!("CREATE INDEX i ON t({sql})")).unwrap();
            let key = index.keys.into_iter().next().unwrap();
            (key.term, key.collation)
        };
        let expr = |term: IndexTerm| match term {
            IndexTerm::Expr(expr) => expr.text,
            IndexTerm::Column(name) => format!("column {name}"),
        };
        for (sql, term, collation) in [
            ("a COLLATE nocase", "column a", Some("nocase")),
            ("((a) COLLATE nocase)", "column a", Some("nocase")),
            ("(a COLLATE nocase) COLLATE rtrim", "column a", Some("rtrim")),
            ("a COLLATE nocase COLLATE rtrim DESC", "column a", Some("rtrim")),
            ("lower(a, (b)) COLLATE nocase", "lower(a, (b))", Some("nocase")),
            ("(a = b) COLLATE nocase", "a = b", Some("nocase")),
            ("a = b COLLATE nocase", "a = b COLLATE nocase", None),
            ("(a) || (b) COLLATE nocase", "(a) || (b) COLLATE nocase", None),
            ("f(a) = g(b) COLLATE nocase", "f(a) = g(b) COLLATE nocase", None),
        ] {
            let (found, collate) = key(sql);
            assert_eq!((expr(found).as_str(), collate.as_deref()), (term, collation), "{sql}");
        }
    }
}
