//! Parentheses that change nothing.
//!
//! SQLite's parser keeps no trace of parentheses around an expression: `(a = 1) AND (b)` gives the tree of `a = 1 AND b`. They
//! are left out here where it is certain that the tree stays the same, by the precedence of what stands inside and on both sides
//! (<https://www.sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes>). Wherever that is not certain they stay.

use super::{Kind, Token, same_token_sequence, same_tokens, tokens};

/// Whether `a` and `b` are the same tokens, as [`same_tokens`] has it, but for parentheses around expressions that change
/// nothing.
pub fn same_but_for_parentheses(a: &str, b: &str) -> bool {
    same_tokens(a, b) || {
        let [a, b] = [a, b].map(|text| bare(tokens(text).collect()));
        same_token_sequence(a.into_iter(), b.into_iter())
    }
}

/// An expression, or what else SQLite has accepted, without parentheses that change nothing.
pub fn bare(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    without(tokens, Level::default())
}

/// A CREATE statement from the name of what it makes on, without parentheses that change nothing: SQLite accepts both or
/// neither. Those around names, which it may refuse, stay.
pub fn bare_from_name(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    without(tokens, Level::within(0, Before::Other, false))
}

fn without(mut tokens: Vec<Token<'_>>, outermost: Level) -> Vec<Token<'_>> {
    // A column without a name of its own is called by its text, which an outer SELECT may know it by.
    let is_text = |token: &Token<'_>| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        token.kind == Kind::Quoted && !token.unquoted().bytes().all(is_part)
    };
    let has = |word| tokens.iter().any(|token| token.is_word(word));
    let is_unknown = || has("WITH") || has("SELECT") && tokens.iter().any(is_text);
    if !tokens.iter().any(|token| token.is_punct("(")) || is_unknown() {
        return tokens;
    }
    let mut reader = Reader { tokens: &tokens, levels: vec![outermost], dropped: Vec::new() };
    for at in 0..tokens.len() {
        if reader.read(at).is_none() {
            return tokens;
        }
    }
    if reader.levels.len() > 1 {
        return tokens;
    }
    let mut dropped = reader.dropped;
    dropped.sort_unstable();
    let (mut at, mut dropped) = (0, dropped.into_iter().peekable());
    tokens.retain(|_| {
        at += 1;
        dropped.next_if_eq(&(at - 1)).is_none()
    });
    tokens
}

/// Deeper ones are left to SQLite, which has its limits.
const DEEPEST: usize = 50;

/// What stands in front of a parenthesis.
#[derive(Clone, Copy, PartialEq, Default)]
enum Before {
    /// Something that an expression begins behind.
    #[default]
    Boundary,
    /// SELECT, DISTINCT, or a comma: what follows may be a column of a SELECT.
    Item,
    /// An operator, by its precedence.
    Operator(u8),
    /// Something that makes the parentheses a part of it, as a function's are.
    Other,
}

/// The precedence of operators, from the loosest on.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const EQUAL: u8 = 4;
const COLLATE: u8 = 11;
const SIGN: u8 = 12;
const NONE: u8 = u8::MAX;

/// What was read between a parenthesis and the one that closes it.
struct Level {
    /// Where it opens, and behind what.
    open: usize,
    before: Before,
    /// Whether an operand has to come next, and what it stands behind.
    wants: bool,
    behind: Before,
    /// The precedence of the loosest operator.
    loosest: u8,
    /// Whether all of it is one expression of the known forms.
    is_expression: bool,
    /// Whether what stands here are expressions, and not names; and whether commas separate them.
    holds: bool,
    lists: bool,
    /// Whether the last token may be the name of a function, and whether FROM has been read.
    may_call: bool,
    joins: bool,
    /// How many BETWEEN wait for their AND.
    betweens: usize,
}

impl Default for Level {
    fn default() -> Level {
        Level {
            open: 0,
            before: Before::Other,
            wants: true,
            behind: Before::Boundary,
            loosest: NONE,
            is_expression: true,
            holds: true,
            lists: false,
            may_call: false,
            joins: false,
            betweens: 0,
        }
    }
}

impl Level {
    /// What stands between two parentheses.
    fn within(open: usize, before: Before, holds: bool) -> Level {
        let behind = if holds { Before::Boundary } else { Before::Other };
        Level { open, before, behind, holds, lists: holds, ..Level::default() }
    }

    fn operator(&mut self, precedence: u8) {
        self.loosest = self.loosest.min(precedence);
        self.wants = true;
        self.behind = if self.holds { Before::Operator(precedence) } else { Before::Other };
    }

    fn operand(&mut self, is_name: bool) {
        // Two in a row are none.
        self.is_expression &= self.wants;
        self.may_call = is_name && self.holds && self.wants && self.behind != Before::Other;
        (self.wants, self.behind) = (false, Before::Other);
    }

    /// Where another expression begins.
    fn boundary(&mut self, behind: Before) {
        self.is_expression = false;
        self.holds |= behind != Before::Other;
        (self.wants, self.behind, self.betweens) = (true, behind, 0);
    }

    fn punct(&mut self, text: &str) {
        match (text, self.wants) {
            (",", _) => self.boundary(if self.lists { Before::Item } else { Before::Other }),
            (";", _) => {
                self.boundary(Before::Other);
                (self.lists, self.joins) = (false, false);
            }
            // What follows is a part of the name.
            (".", false) => (self.wants, self.behind) = (true, Before::Other),
            ("-" | "+" | "~", true) => self.operator(SIGN),
            (_, true) => self.operand(false),
            (operator, false) => match precedence(operator) {
                Some(precedence) => self.operator(precedence),
                None => self.operand(false),
            },
        }
    }
}

struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    levels: Vec<Level>,
    dropped: Vec<usize>,
}

impl Reader<'_, '_> {
    /// `None` where parentheses do not match.
    fn read(&mut self, at: usize) -> Option<()> {
        let token = self.tokens.get(at)?;
        let level = self.levels.last_mut()?;
        match token.kind {
            Kind::Punct if token.text == "(" => {
                let before = if level.wants { level.behind } else { Before::Other };
                let is_of =
                    |word: &&str| self.tokens.get(at.wrapping_sub(1)).is_some_and(|of| of.is_word(word));
                let calls = !level.wants && level.may_call && !is_of(&"RAISE");
                let holds = calls || before != Before::Other || ["CHECK", "IN", "DEFAULT"].iter().any(is_of);
                self.levels.push(Level::within(at, before, holds));
                return (self.levels.len() <= DEEPEST).then_some(());
            }
            Kind::Punct if token.text == ")" => return self.close(at),
            // The sign of a number, and of nothing else.
            Kind::Punct if at > 0 && self.tokens.get(at - 1).is_some_and(|of| of.is_word("DEFAULT")) => {
                (level.wants, level.behind) = (true, Before::Other);
            }
            Kind::Punct => level.punct(token.text),
            Kind::Word => self.word(at)?,
            Kind::Illegal => return None,
            _ => level.operand(token.kind == Kind::Quoted),
        }
        Some(())
    }

    fn close(&mut self, at: usize) -> Option<()> {
        let inner = self.levels.pop()?;
        let drops = self.changes_nothing(&inner, at);
        let level = self.levels.last_mut()?;
        if drops {
            self.dropped.extend([inner.open, at]);
            level.loosest = level.loosest.min(inner.loosest);
        }
        // Behind a name they are the arguments of a call.
        if level.wants {
            level.operand(false);
        }
        level.may_call = false;
        Some(())
    }

    fn changes_nothing(&self, inner: &Level, close: usize) -> bool {
        let before = inner.open.checked_sub(1).and_then(|at| self.tokens.get(at));
        let within = self.tokens.get(inner.open + 1..close).unwrap_or_default();
        if before.is_some_and(|token| token.is_word("DEFAULT")) {
            return is_literal(within);
        }
        let outer = self.levels.last();
        let is_operand = inner.loosest == NONE || outer.is_some_and(|outer| outer.betweens == 0);
        if !inner.is_expression || inner.wants || inner.betweens > 0 || !is_operand {
            return false;
        }
        let next = self.tokens.get(close + 1);
        let names_itself = || {
            let is_named = next.is_some_and(|next| next.is_word("AS"));
            matches!(within, [word] if word.kind == Kind::Word) && !is_named
        };
        let before = match inner.before {
            Before::Other => return false,
            Before::Item if names_itself() => return false,
            Before::Operator(precedence) => precedence,
            Before::Item | Before::Boundary => 0,
        };
        inner.loosest > before && inner.loosest > next.map_or(0, behind)
    }

    fn word(&mut self, at: usize) -> Option<()> {
        let is = |at: Option<usize>, words: &[&str]| {
            let token = at.and_then(|at| self.tokens.get(at));
            token.is_some_and(|token| words.iter().any(|word| token.is_word(word)))
        };
        let (here, before, next) = (Some(at), at.checked_sub(1), Some(at + 1));
        let level = self.levels.last_mut()?;
        let is_list = is(here, &["BY"]) && is(before, &["ORDER", "GROUP"]);
        if is(here, &["SELECT", "DISTINCT"]) {
            level.boundary(Before::Item);
            (level.lists, level.joins) = (true, false);
        } else if is(here, &["FROM", "VALUES", "SET", "INTO"]) {
            level.operand(false);
            let equals = self.tokens.get(at + 2).is_some_and(|token| token.is_punct("="));
            level.holds |= is(here, &["SET"]) && equals;
            (level.lists, level.joins) = (false, is(here, &["FROM"]));
        } else if is(here, &["WHERE", "WHEN", "THEN", "ELSE", "CASE", "HAVING", "LIMIT"])
            || is(here, &["ON"]) && level.joins
            || is_list
        {
            level.boundary(Before::Boundary);
            level.lists |= is_list;
        } else if level.wants {
            if is(here, &["NOT"]) {
                level.operator(if is(before, &["IS"]) { EQUAL } else { NOT });
            } else if is(here, &["EXISTS"]) {
                level.behind = Before::Other;
            } else {
                level.operand(true);
            }
        } else if is(here, &["AND"]) && level.betweens > 0 {
            level.betweens -= 1;
            // Nothing but an operand by itself goes without its parentheses there.
            (level.wants, level.behind) = (true, Before::Operator(NONE - 1));
        } else if is(here, &["AND"]) {
            level.operator(AND);
        } else if is(here, &["OR"]) {
            level.operator(OR);
        } else if is(here, &["IS", "LIKE", "GLOB", "REGEXP", "MATCH"]) {
            level.operator(EQUAL);
        } else if is(here, &["BETWEEN"]) {
            level.betweens += 1;
            level.operator(EQUAL);
            level.behind = Before::Operator(NONE - 1);
        } else if is(here, &["IN", "ESCAPE"]) {
            level.operator(if is(here, &["IN"]) { EQUAL } else { 0 });
            level.behind = Before::Other;
        } else if is(here, &["ISNULL", "NOTNULL"])
            || is(here, &["NULL"]) && is(before, &["NOT"])
            || is(here, &["NOT"]) && is(next, &["NULL", "LIKE", "GLOB", "REGEXP", "MATCH", "IN", "BETWEEN"])
        {
            level.loosest = level.loosest.min(NOT);
        } else if is(here, &["COLLATE"]) {
            level.operator(COLLATE);
            level.behind = Before::Other;
        } else {
            level.operand(true);
        }
        Some(())
    }
}

fn precedence(operator: &str) -> Option<u8> {
    Some(match operator {
        "=" | "==" | "<>" | "!=" => EQUAL,
        "<" | "<=" | ">" | ">=" => 5,
        "&" | "|" | "<<" | ">>" => 7,
        "+" | "-" => 8,
        "*" | "/" | "%" => 9,
        "||" | "->" | "->>" => 10,
        _ => return None,
    })
}

/// The precedence of what follows an expression; 0 for what ends it.
fn behind(token: &Token<'_>) -> u8 {
    let is = |words: &[&str]| words.iter().any(|word| token.is_word(word));
    match token.kind {
        // A call, or a part of a name.
        Kind::Punct if token.is_punct("(") || token.is_punct(".") => NONE,
        Kind::Punct => precedence(token.text).unwrap_or(0),
        _ if is(&["OR"]) => OR,
        // It may be that of BETWEEN, whose operands are told by what stands before them.
        _ if is(&["AND"]) => AND,
        _ if is(&["IS", "LIKE", "GLOB", "REGEXP", "MATCH", "IN", "ISNULL", "NOTNULL", "NOT"]) => EQUAL,
        _ if is(&["BETWEEN"]) => EQUAL,
        _ if is(&["COLLATE", "ESCAPE"]) => COLLATE,
        _ => 0,
    }
}

/// Whether it is a literal, which behind DEFAULT may stand in parentheses or not.
fn is_literal(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [sign, number] => number.kind == Kind::Number && (sign.is_punct("-") || sign.is_punct("+")),
        [token] => matches!(token.kind, Kind::String | Kind::Number | Kind::Blob) || token.is_word("NULL"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tokens: Vec<Token<'_>> = tokens(text).collect();
        let begins = ["CREATE", "INSERT", "UPDATE", "WITH"].iter().any(|word| tokens[0].is_word(word));
        let bare = if begins { bare_from_name(tokens) } else { bare(tokens) };
        bare.iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_changes_nothing_is_left_out() {
        for (text, wanted) in [
            ("((a = 1)) AND (b IN (2))", "a = 1 AND b IN ( 2 )"),
            ("(a) + (-1) * (f(b)) - (c * d)", "a + - 1 * f ( b ) - c * d"),
            ("(NOT a) AND NOT (b IS NOT NULL)", "NOT a AND NOT b IS NOT NULL"),
            ("x BETWEEN (1) AND (2) AND (y > 3)", "x BETWEEN 1 AND 2 AND y > 3"),
            ("a OR (x BETWEEN 1 AND 2)", "a OR x BETWEEN 1 AND 2"),
            ("CASE (a) WHEN (b = c) THEN (1 + 2) ELSE (3) END", "CASE a WHEN b = c THEN 1 + 2 ELSE 3 END"),
            ("f((a), (b + c))", "f ( a , b + c )"),
            ("a TEXT DEFAULT ('x') CHECK ((a > 'y'))", "a TEXT DEFAULT 'x' CHECK ( a > 'y' )"),
            ("CREATE INDEX i ON t (f((a))) WHERE (a > 0)", "CREATE INDEX i ON t ( f ( ( a ) ) ) WHERE a > 0"),
            (
                "SELECT (a.b), (c) AS d FROM a JOIN c ON (b = d) ORDER BY (b)",
                "SELECT a . b , c AS d FROM a JOIN c ON b = d ORDER BY b",
            ),
            ("UPDATE t SET a = (b) WHERE (id = (new.id));", "UPDATE t SET a = b WHERE id = new . id ;"),
            ("x = ((SELECT 1))", "x = ( SELECT 1 )"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn what_may_change_something_stays() {
        for text in [
            "a - ( b - c )",
            "( a OR b ) AND c",
            "NOT ( a AND b )",
            "a = ( b = c )",
            "( NOT a ) = b",
            "( NOT a ) NOT NULL",
            "a IS NOT ( b = c )",
            "- ( a + b )",
            "( a || b ) COLLATE c",
            "x BETWEEN ( a = b ) AND c",
            "x BETWEEN 1 AND ( a = b )",
            "x BETWEEN ( y BETWEEN 1 AND 2 ) AND 3",
            "x IN ( ( SELECT 1 ) )",
            "( a , b ) = ( 1 , 2 )",
            "x IN ( y )",
            "EXISTS ( SELECT 1 )",
            "a TEXT DEFAULT ( b )",
            "a VARCHAR ( 10 ) REFERENCES b ( c )",
            "SELECT ( NULL ) , ( current_timestamp ) FROM t",
            "SELECT \"(a)+1\" FROM ( SELECT ( a ) + 1 FROM t )",
            "INSERT INTO t ( a ) VALUES ( 1 )",
            "a LIKE ( b || c ) ESCAPE d",
            "( a ) )",
            "( ( a )",
            // Names, where nothing else may stand.
            "CREATE TABLE t ( a , ( b ) , FOREIGN KEY ( ( a ) ) REFERENCES u ( ( b ) ) )",
            "CREATE TABLE t ( a DECIMAL ( ( 10 ) , - ( 2 ) ) DEFAULT - ( 1 ) )",
            "CREATE INDEX i ON ( t ) ( a )",
            "CREATE VIEW v ( a , ( b ) ) AS SELECT 1 , 2",
            "INSERT INTO t ( ( a ) ) VALUES ( 1 ) , ( 2 ) ;",
            "SELECT RAISE ( ( ABORT ) , 'x' )",
            "WITH a ( n ) AS ( SELECT 1 ) , b ( ( m ) ) AS ( SELECT 2 ) SELECT 1",
            "SELECT a FROM b , ( c ) JOIN f ( ( d ) ) USING ( ( e ) )",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
