//! UNIQUE, CHECK and foreign keys that the ledger excuses in a table that changes: taken out of the goal's statement, or put into
//! it, as the live table has them.

use crate::diff::{Change, Difference, Element, ObjectName};
use crate::schema::{ForeignKey, Ident, Table};
use crate::sql::{Token, display_name, tokens};

/// A piece of the goal's statement, and what stands there instead.
pub(crate) type Edit = (usize, usize, String);

/// What makes the goal's table say what the live one does; `None` where that cannot be said.
pub(crate) fn edits(goal: &Table, live: &Table, change: &Change) -> Option<Vec<Edit>> {
    let at = end_of_body(&goal.sql)?;
    let added = |text: &str| (at, at, format!(",\n    {text}"));
    let there = change.actual.as_deref();
    match (change.difference, &change.element) {
        (Difference::ExtraUnique | Difference::ExtraForeignKey, _) => Some(vec![added(there?)]),
        (Difference::MissingUnique, Element::Unique(i)) => {
            let (start, end) = span(&goal.sql, goal.uniques.get(*i)?.start)?;
            Some(std::iter::once((start, end, String::new())).chain(there.map(added)).collect())
        }
        (Difference::MissingForeignKey, Element::ForeignKey(i)) => {
            let (start, end) = span(&goal.sql, goal.foreign_keys.get(*i)?.start)?;
            Some(std::iter::once((start, end, String::new())).chain(there.map(added)).collect())
        }
        (Difference::MissingCheck, Element::Check(i)) if there.is_none() => {
            // The expression stands behind `CHECK (`.
            let expr = goal.checks.get(*i)?.expr.start;
            let before: Vec<Token<'_>> = tokens(&goal.sql).take_while(|token| token.start < expr).collect();
            let check = before.iter().rev().nth(1).filter(|token| token.is_word("CHECK"))?;
            let (start, end) = span(&goal.sql, check.start)?;
            Some(vec![(start, end, String::new())])
        }
        (Difference::ForeignKeyAction, _) => {
            let ObjectName::Columns(columns) = &change.object.name else { return None };
            let of = |table: &Table| table.foreign_keys.iter().find(|key| key.columns == *columns).cloned();
            let (start, end) = span(&goal.sql, of(goal)?.start)?;
            Some(vec![(start, end, String::new()), added(&stated(&live.sql, &of(live)?)?)])
        }
        _ => None,
    }
}

/// A foreign key as a constraint of its table, its rules as they are written.
fn stated(sql: &str, key: &ForeignKey) -> Option<String> {
    let (start, end) = span(sql, key.start)?;
    let text = sql.get(start..end)?;
    let references = tokens(text).find(|token| token.is_word("REFERENCES"))?.start;
    let names: Vec<String> = key.columns.iter().map(Ident::as_str).map(display_name).collect();
    Some(format!("FOREIGN KEY ({}) {}", names.join(", "), text.get(references..)?.trim_end()))
}

/// Where the constraint that begins at `start` stands: with its name, and with the comma before it where it is one of the
/// table.
fn span(sql: &str, start: usize) -> Option<(usize, usize)> {
    let all: Vec<Token<'_>> = tokens(sql).collect();
    let first = all.iter().position(|token| token.start == start)?;
    let named =
        first.checked_sub(2).filter(|at| all.get(*at).is_some_and(|token| token.is_word("CONSTRAINT")));
    let mut begin = all.get(named.unwrap_or(first))?.start;
    let before = named.unwrap_or(first).checked_sub(1).and_then(|at| all.get(at))?;
    let end = if before.is_punct(",") {
        begin = before.start;
        end_of_item(&all, first)?
    } else {
        end_of_inline(&all, first)?
    };
    Some((begin, end))
}

/// The end of what stands between two commas of the table's body.
fn end_of_item(all: &[Token<'_>], first: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut end = None;
    for token in all.get(first..)? {
        if depth == 0 && (token.is_punct(",") || token.is_punct(")")) {
            return end;
        }
        if token.is_punct("(") {
            depth += 1;
        } else if token.is_punct(")") {
            depth = depth.saturating_sub(1);
        }
        end = Some(token.end());
    }
    None
}

/// The end of a UNIQUE, CHECK or REFERENCES inside a column's definition
/// (<https://www.sqlite.org/syntax/foreign-key-clause.html>).
fn end_of_inline(all: &[Token<'_>], first: usize) -> Option<usize> {
    let mut at = first + 1;
    let is = |at: usize, word: &str| all.get(at).is_some_and(|token| token.is_word(word));
    // REFERENCES has a name.
    at += usize::from(is(first, "REFERENCES"));
    if !is(first, "UNIQUE") && all.get(at)?.is_punct("(") {
        let mut depth = 0_usize;
        at += 1 + all.get(at..)?.iter().position(|token| {
            depth += usize::from(token.is_punct("("));
            depth -= usize::from(token.is_punct(")")).min(depth);
            depth == 0
        })?;
    }
    loop {
        if is(at, "ON") && is(at + 1, "CONFLICT") {
            at += 3;
        } else if is(at, "ON") {
            let two = is(at + 2, "SET") || is(at + 2, "NO");
            at += if two { 4 } else { 3 };
        } else if is(at, "MATCH") || is(at, "INITIALLY") || (is(at, "NOT") && is(at + 1, "DEFERRABLE")) {
            at += 2;
        } else if is(at, "DEFERRABLE") {
            at += 1;
        } else {
            return all.get(at.checked_sub(1)?).map(Token::end);
        }
    }
}

/// Behind the last token inside the parentheses of a CREATE TABLE.
pub(crate) fn end_of_body(sql: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut last = None;
    for token in tokens(sql) {
        if token.is_punct("(") {
            depth += 1;
        } else if token.is_punct(")") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return last;
            }
        }
        last = Some(token.end());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ddl;

    #[test]
    fn a_constraint_is_found_with_all_that_belongs_to_it() {
        let sql = "CREATE TABLE t (a INT UNIQUE ON CONFLICT IGNORE NOT NULL, b INT CONSTRAINT f REFERENCES p (x) \
                   ON DELETE SET NULL ON UPDATE CASCADE MATCH FULL NOT DEFERRABLE INITIALLY IMMEDIATE DEFAULT 1, \
                   c REFERENCES p, CONSTRAINT u UNIQUE (a, b), FOREIGN KEY (a, b) REFERENCES q (a, b) ON DELETE CASCADE)";
        let table = ddl::create_table(sql).unwrap();
        let cut = |start: usize| {
            let (start, end) = span(sql, start).unwrap();
            let mut rest = sql.to_owned();
            rest.replace_range(start..end, "");
            ddl::create_table(&rest).unwrap()
        };
        for i in 0..table.uniques.len() {
            let left = cut(table.uniques[i].start);
            assert_eq!(left.uniques.len() + 1, table.uniques.len(), "{}", left.sql);
            assert_eq!(left.foreign_keys.len(), table.foreign_keys.len(), "{}", left.sql);
            assert_eq!(left.columns.len(), 3, "{}", left.sql);
        }
        for i in 0..table.foreign_keys.len() {
            let left = cut(table.foreign_keys[i].start);
            assert_eq!(left.foreign_keys.len() + 1, table.foreign_keys.len(), "{}", left.sql);
            assert!(left.column(&"a".into()).unwrap().not_null.is_some(), "{}", left.sql);
            assert!(left.column(&"b".into()).unwrap().default.is_some(), "{}", left.sql);
            assert!(!left.sql.contains("CONSTRAINT f") || i != 0, "{}", left.sql);
        }
        assert_eq!(
            stated(sql, &table.foreign_keys[0]).unwrap(),
            "FOREIGN KEY (b) REFERENCES p (x) ON DELETE SET NULL ON UPDATE CASCADE MATCH FULL NOT DEFERRABLE INITIALLY IMMEDIATE"
        );
    }
}
