//! UNIQUE, CHECK and foreign keys that the ledger excuses in a table that changes: taken out of the goal's statement, or put into
//! it, as the live table has them.

use crate::ddl;
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
            let old = without(&goal.sql, goal.uniques.get(*i)?.start)?;
            Some(std::iter::once(old).chain(there.map(added)).collect())
        }
        (Difference::MissingForeignKey, Element::ForeignKey(i)) => {
            let old = without(&goal.sql, goal.foreign_keys.get(*i)?.start)?;
            Some(std::iter::once(old).chain(there.map(added)).collect())
        }
        (Difference::MissingCheck, Element::Check(i)) if there.is_none() => {
            // The expression stands behind `CHECK (`.
            let expr = goal.checks.get(*i)?.expr.start;
            let before: Vec<Token<'_>> = tokens(&goal.sql).take_while(|token| token.start < expr).collect();
            let check = before.iter().rev().nth(1).filter(|token| token.is_word("CHECK"))?;
            Some(vec![without(&goal.sql, check.start)?])
        }
        (Difference::ForeignKeyAction, _) => {
            let ObjectName::Columns(columns) = &change.object.name else { return None };
            let of = |table: &Table| table.foreign_keys.iter().find(|key| key.columns == *columns).cloned();
            Some(vec![without(&goal.sql, of(goal)?.start)?, added(&stated(&live.sql, &of(live)?)?)])
        }
        _ => None,
    }
}

/// The edit that takes out the constraint that begins at `start`.
fn without(sql: &str, start: usize) -> Option<Edit> {
    let range = ddl::constraint_at(sql, start).ok()?;
    Some((range.start, range.end, String::new()))
}

/// A foreign key as a constraint of its table, its rules as they are written.
fn stated(sql: &str, key: &ForeignKey) -> Option<String> {
    let text = sql.get(ddl::constraint_at(sql, key.start).ok()?)?;
    let references = tokens(text).find(|token| token.is_word("REFERENCES"))?.start;
    let names: Vec<String> = key.columns.iter().map(Ident::as_str).map(display_name).collect();
    Some(format!("FOREIGN KEY ({}) {}", names.join(", "), text.get(references..)?.trim_end()))
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

    #[test]
    fn a_constraint_is_found_with_all_that_belongs_to_it() {
        let sql = "CREATE TABLE t (a INT UNIQUE ON CONFLICT IGNORE NOT NULL, b INT CONSTRAINT f REFERENCES p (x) \
                   ON DELETE SET NULL ON UPDATE CASCADE MATCH FULL NOT DEFERRABLE INITIALLY IMMEDIATE DEFAULT 1, \
                   c REFERENCES p, CONSTRAINT u UNIQUE (a, b), FOREIGN KEY (a, b) REFERENCES q (a, b) ON DELETE CASCADE)";
        let table = ddl::create_table(sql).unwrap();
        let cut = |start: usize| {
            let mut rest = sql.to_owned();
            rest.replace_range(ddl::constraint_at(sql, start).unwrap(), "");
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

    #[test]
    fn a_constraint_is_found_where_no_comma_parts_it_from_the_next() {
        let sql = "CREATE TABLE t (a INT, b INT, UNIQUE (a) FOREIGN KEY (b) REFERENCES p (x) \
                   CONSTRAINT n UNIQUE (b, a) CHECK (a > 0))";
        let table = ddl::create_table(sql).unwrap();
        let starts = [table.uniques[0].start, table.uniques[1].start, table.foreign_keys[0].start];
        for (start, left) in starts.into_iter().zip([(1, 1), (1, 1), (2, 0)]) {
            let mut rest = sql.to_owned();
            rest.replace_range(ddl::constraint_at(sql, start).unwrap(), "");
            let rest = ddl::create_table(&rest).unwrap();
            let found = (rest.uniques.len(), rest.foreign_keys.len());
            assert_eq!((found, rest.checks.len(), rest.columns.len()), (left, 1, 2), "{}", rest.sql);
        }
    }
}
