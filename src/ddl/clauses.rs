//! The clauses of a CREATE TABLE in one order, whatever order they were written in: `DEFAULT 1 NOT NULL` is what
//! `NOT NULL DEFAULT 1` is to SQLite, which accepts both or neither.

use super::cursor::{Cursor, Read};
use crate::sql::{Token, in_parentheses, split_at_commas};

/// The tokens of a CREATE TABLE from its name on, in which the clauses of each column and the constraints of the table stand
/// in the order of their kinds. Where it cannot be told what belongs together, the order stays.
pub(super) fn in_order<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let body = tokens.get(1..).and_then(in_parentheses);
    let Some((body, name)) = body.zip(tokens.first()) else { return tokens.to_vec() };
    let mut items: Vec<Vec<Token<'a>>> = split_at_commas(body).map(clauses_in_order).collect();
    // SQLite refuses a column behind a constraint.
    if items.is_sorted_by_key(|item| kind(item, &CONSTRAINTS) > 0) {
        items.sort_by_key(|item| kind(item, &CONSTRAINTS));
    }
    let comma = body.iter().find(|token| token.is_punct(","));
    let mut ordered = Vec::with_capacity(tokens.len());
    ordered.push(*name);
    ordered.extend(tokens.get(1));
    for (n, item) in items.into_iter().enumerate() {
        ordered.extend(comma.filter(|_| n > 0));
        ordered.extend(item);
    }
    ordered.extend(tokens.iter().skip(2 + body.len()));
    ordered
}

/// What begins a constraint of a table.
const CONSTRAINTS: [&str; 4] = ["PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

/// What begins a clause of a column.
const CLAUSES: [&str; 7] = ["NOT", "NULL", "DEFAULT", "COLLATE", "PRIMARY", "UNIQUE", "CHECK"];

/// Which of `words` `clause` begins with, behind its name where it has one; from 1.
fn kind(clause: &[Token<'_>], words: &[&str]) -> usize {
    let named = clause.first().is_some_and(|token| token.is_word("CONSTRAINT"));
    let first = clause.get(if named { 2 } else { 0 });
    let is_first = |word: &&str| first.is_some_and(|first| first.is_word(word));
    words.iter().position(is_first).map_or(0, |at| at + 1)
}

/// The definition of a column with its clauses in order; a constraint of the table as it is.
fn clauses_in_order<'a>(item: &[Token<'a>]) -> Vec<Token<'a>> {
    let clauses = if kind(item, &CONSTRAINTS) > 0 { None } else { clauses(item) };
    let Some((head, mut clauses)) = clauses else { return item.to_vec() };
    clauses.sort_by_key(|clause| kind(clause, &CLAUSES));
    head.iter().chain(clauses.into_iter().flatten()).copied().collect()
}

/// Name and type of a column, and its clauses; `None` where it has other clauses than the usual ones.
fn clauses<'t, 'a>(item: &'t [Token<'a>]) -> Option<(&'t [Token<'a>], Vec<&'t [Token<'a>]>)> {
    let is_first =
        |token: &&Token<'_>| token.is_word("CONSTRAINT") || CLAUSES.iter().any(|word| token.is_word(word));
    // The first is the name.
    let at = 1 + item.get(1..)?.iter().position(|token| is_first(&token))?;
    let mut cursor = Cursor::over(item);
    cursor.go_to(at);
    let mut found = Vec::new();
    while !cursor.at_end() {
        let start = cursor.position();
        clause(&mut cursor).ok()?;
        found.push(item.get(start..cursor.position())?);
    }
    Some((item.get(..at)?, found))
}

/// Goes on behind a clause of a column.
fn clause(cursor: &mut Cursor<'_>) -> Read<()> {
    if cursor.eat(&["CONSTRAINT"]) {
        cursor.name_token()?;
    }
    if cursor.eat(&["NOT", "NULL"]) || cursor.eat(&["NULL"]) || cursor.eat(&["UNIQUE"]) {
        cursor.conflict()?;
    } else if cursor.eat(&["PRIMARY", "KEY"]) {
        cursor.sort_order();
        cursor.conflict()?;
        cursor.eat(&["AUTOINCREMENT"]);
    } else if cursor.eat(&["COLLATE"]) {
        cursor.name_token()?;
    } else if cursor.eat(&["CHECK"]) {
        cursor.group()?;
    } else {
        cursor.expect(&["DEFAULT"])?;
        if cursor.at_punct("(") {
            cursor.group()?;
        } else {
            cursor.eat_punct("-");
            cursor.next();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::tokens;

    fn ordered(text: &str) -> String {
        let tokens: Vec<Token<'_>> = tokens(text).collect();
        in_order(&tokens).iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn clauses_and_constraints_stand_in_the_order_of_their_kinds() {
        let one = "t(a TEXT DEFAULT 'x' CONSTRAINT n CHECK (a > 1) NOT NULL COLLATE nocase, b INT UNIQUE PRIMARY KEY DESC, \
                   CHECK (a = 'b, c'), UNIQUE (a), CONSTRAINT c PRIMARY KEY (b)) WITHOUT ROWID";
        let other = "t(a TEXT NOT NULL DEFAULT 'x' COLLATE nocase CONSTRAINT n CHECK (a > 1), b INT PRIMARY KEY DESC UNIQUE, \
                     CONSTRAINT c PRIMARY KEY (b), UNIQUE (a), CHECK (a = 'b, c')) WITHOUT ROWID";
        assert_eq!(ordered(one), ordered(other));
        assert_ne!(ordered(one), ordered(&other.replace("nocase", "rtrim")));
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        for text in [
            "t ( a DEFAULT 1 REFERENCES u ON DELETE SET NULL NOT NULL )",
            "t ( a DEFAULT 1 AS ( b ) NOT NULL )",
            "t ( a NOT NULL , \"check\" DEFAULT 1 , b )",
            "t",
            "t ( a",
        ] {
            assert_eq!(ordered(text), text);
        }
    }
}
