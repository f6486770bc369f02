//! What the spec's comments promise of the values in a column.
//!
//! ```sql
//! plan_id TEXT PRIMARY KEY, -- ULID
//! tags TEXT, -- JSON: a list of names
//! state TEXT NOT NULL
//!     CHECK (state IN ('queued', 'done')),
//!     -- 'queued' | 'done'
//! ```
//!
//! A comment belongs to the column on whose line it stands, or below whose line it stands with no empty line between.
//! It is a promise when it *begins* as one: a comment that mentions JSON in the middle of a sentence says nothing of
//! the values. Where a comment can be read in two ways it promises nothing.

use std::collections::HashMap;

use crate::ddl::{self, Comment, of_column};
use crate::schema::Ident;
use crate::source::{Location, SourceFile};
use crate::sql::{Kind, Token, statements, tokens, tokens_and_comments};
use crate::values::{Json, OneOf, Promise, TimeOfDay, Timestamp};

/// The promises of a spec, by table and column, in the spec's names, each with the place of its comment.
pub fn promises(spec: &SourceFile) -> HashMap<(Ident, Ident), (Promise, Location)> {
    let mut found = HashMap::new();
    for statement in statements(spec.text()) {
        if !matches!(ddl::created(statement.text), Some((ddl::Kind::Table, _))) {
            continue;
        }
        let Ok(table) = ddl::create_table(statement.text) else { continue };
        let all: Vec<Token<'_>> = tokens_and_comments(statement.text).collect();
        for column in &table.columns {
            let comments = of_column(statement.text, &all, column);
            if let Some((promise, start)) = of_comments(&comments) {
                let place = spec.location(statement.start + start);
                // Of two statements that make the same table (IF NOT EXISTS) the first one counts.
                found.entry((table.name.clone(), column.name.clone())).or_insert((promise, place));
            }
        }
    }
    found
}

/// The first promise that one of these makes. Below a comment that stands beside the column and says something else,
/// only a list of literals is one: it can't be the end of a sentence.
fn of_comments(comments: &[Comment<'_>]) -> Option<(Promise, usize)> {
    for (i, comment) in comments.iter().enumerate() {
        let mut text = comment.text.to_owned();
        for next in comments.iter().skip(i + 1) {
            if !text.trim_end().ends_with('|') && !next.text.starts_with('|') {
                break;
            }
            text.push(' ');
            text.push_str(next.text);
        }
        let promise = match of_comment(&text) {
            Some(promise @ Promise::OneOf(_)) => Some(promise),
            promise if comment.beside || i == 0 => promise,
            _ => None,
        };
        if let Some(promise) = promise {
            return Some((promise, comment.start));
        }
    }
    None
}

/// What a comment promises.
pub fn of_comment(text: &str) -> Option<Promise> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | ':' | '>' | '!'));
    let text = text.strip_prefix("- ").unwrap_or(text).trim_start();
    let is_list = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\'' | '"' | '-' | '+' | '.'));
    if is_list || text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x'")) {
        return literals(text)
            .filter(|list| list.len() > 1)
            .map(|literals| Promise::OneOf(OneOf { literals, collation: None }));
    }
    let (mut word, mut rest) = first_word(text);
    while ["optional", "nullable", "a", "an"].iter().any(|lead| word.eq_ignore_ascii_case(lead)) {
        (word, rest) = first_word(rest.trim_start_matches([' ', '\t', ',', ';', ':']));
    }
    if word.eq_ignore_ascii_case("iso") {
        let (number, behind) = first_word(rest.strip_prefix(['-', ' ', '_']).unwrap_or(rest));
        return (number == "8601").then_some(behind).and_then(timestamp);
    }
    match word.to_ascii_lowercase().as_str() {
        "iso8601" => timestamp(rest),
        "ulid" if is_alone(rest, &["list", "array", "prefix"]) => Some(Promise::Ulid),
        "uuid" if is_alone(rest, &["list", "array", "prefix"]) => Some(Promise::Uuid),
        kind @ ("json" | "jsonb" | "json5") => {
            let rest = rest.strip_prefix("-encoded").unwrap_or(rest);
            let elsewhere = ["path", "pointer", "lines", "file", "filename", "key", "field", "url"];
            is_alone(rest, &elsewhere).then_some(Promise::Json(match kind {
                "json" => Json::Text,
                "jsonb" => Json::TextOrBinary,
                _ => Json::Json5,
            }))
        }
        _ => None,
    }
}

/// The word at the beginning, and what is behind it.
fn first_word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.split_at(end)
}

/// Whether what stands behind a name of a format leaves it at that: no alternative, no part of it, no other word that
/// it is only the first half of.
fn is_alone(rest: &str, elsewhere: &[&str]) -> bool {
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        (Some('-' | '/' | '?' | '[' | '\'' | '’'), _) => return false,
        (Some('.'), Some(next)) if next.is_alphanumeric() => return false,
        _ => {}
    }
    let clause = rest.split([';', '(']).next().unwrap_or_default().trim_start();
    let (word, behind) = first_word(clause);
    let or = word.eq_ignore_ascii_case("or").then_some(behind);
    if let Some(alternative) = or.or_else(|| clause.split_once('|').map(|(_, behind)| behind)) {
        return first_word(alternative.trim_start()).0.eq_ignore_ascii_case("null");
    }
    let says_more = ["and", "is", "was", "are", "not", "no"];
    !clause.starts_with('/')
        && !says_more.iter().chain(elsewhere).any(|other| word.eq_ignore_ascii_case(other))
}

/// What is promised by "ISO-8601" and these words behind it.
fn timestamp(rest: &str) -> Option<Promise> {
    if !is_alone(rest, &["duration", "interval", "period", "week", "year", "weekday"]) {
        return None;
    }
    let clause = rest.split([';', ',', '.', '(']).next().unwrap_or_default().to_ascii_lowercase();
    let mut words = clause.split(|c: char| !c.is_alphanumeric());
    let utc = words.clone().any(|word| word == "utc");
    let word = words.find(|word| !word.is_empty() && *word != "utc").unwrap_or_default();
    let time = match word {
        // A time of day, or a point in time? Where it is a date, too, it says so.
        "time" if !clause.contains("stamp") => return None,
        "date" if !clause.contains("time") => TimeOfDay::Absent,
        "date" | "datetime" | "timestamp" | "time" => TimeOfDay::Required,
        _ if utc => TimeOfDay::Required,
        _ => TimeOfDay::Optional,
    };
    Some(Promise::Timestamp(Timestamp { time, utc }))
}

/// The literals of a list `'a' | 'b' | NULL`, NULL left out. Prose may follow; `None` when the list goes on in a way
/// that leaves open what else there is.
pub fn literals(text: &str) -> Option<Vec<String>> {
    let mut found = tokens(text);
    let mut list = Vec::new();
    loop {
        let mut token = found.next()?;
        let mut sign = "";
        if token.is_punct("-") || token.is_punct("+") {
            sign = token.text;
            token = found.next().filter(|number| number.kind == Kind::Number)?;
        }
        match token.kind {
            Kind::Number => list.push(format!("{sign}{}", token.text)),
            Kind::String | Kind::Blob => list.push(token.text.to_owned()),
            Kind::Quoted if token.text.starts_with('"') => {
                list.push(crate::sql::quote_string(&token.unquoted()));
            }
            Kind::Word if token.is_word("NULL") => {}
            _ => return None,
        }
        match found.next() {
            Some(bar) if bar.is_punct("|") => {}
            Some(next) => return is_closed(next, found.next()).then_some(list),
            None => return Some(list),
        }
    }
}

/// Whether a list is complete before `next`.
fn is_closed(next: Token<'_>, after: Option<Token<'_>>) -> bool {
    let literal = |token: Token<'_>| {
        matches!(token.kind, Kind::String | Kind::Number | Kind::Blob | Kind::Quoted | Kind::Illegal)
            || token.is_punct("-")
    };
    if next.is_word("or") || next.is_word("and") {
        return after.is_some_and(|token| token.is_word("NULL"));
    }
    let goes_on = next.text.starts_with(['…', '/', '|'])
        || next.is_word("etc")
        || literal(next)
        || (next.is_punct(".") && after.is_some_and(|token| token.is_punct(".")))
        || (next.is_punct(",")
            && after.is_some_and(|t| literal(t) || t.text.starts_with('…') || t.is_word("etc")));
    !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(comment: &str) -> String {
        of_comment(comment).map_or("-".to_owned(), |promise| promise.text())
    }

    #[test]
    fn a_comment_is_a_promise_by_how_it_begins() {
        for (comment, promise) in [
            ("ULID", "ULID"),
            ("ULID; references plans", "ULID"),
            ("ulid of the plan", "ULID"),
            ("optional ULID", "ULID"),
            ("ULID | NULL", "ULID"),
            ("UUID v4", "UUID"),
            ("JSON", "JSON"),
            ("JSON: model, tokens, cost", "JSON"),
            ("JSON-encoded list", "JSON"),
            ("a JSON document", "JSON"),
            ("JSONB", "JSON or JSONB"),
            ("ISO-8601 UTC", "ISO-8601 UTC"),
            ("ISO 8601", "ISO-8601"),
            ("iso8601 timestamp, set by the writer", "ISO-8601"),
            ("ISO-8601 date", "ISO-8601 date"),
            ("'a' | 'b' | 'c'", "'a' | 'b' | 'c'"),
            ("'a'|'b'; default 'a'", "'a' | 'b'"),
            ("'a' | 'b' (default 'a')", "'a' | 'b'"),
            ("'it''s' | 'b', isn't it", "'it''s' | 'b'"),
            ("\"a\" | \"b\"", "'a' | 'b'"),
            ("0 | 1 | NULL", "0 | 1"),
            ("-1 | 1.5 | x'00'", "-1 | 1.5 | x'00'"),
        ] {
            assert_eq!(said(comment), promise, "{comment}");
        }
    }

    #[test]
    fn prose_promises_nothing() {
        for comment in [
            "",
            "optional",
            "the plan as JSON",
            "holds JSON or text",
            "JSON or plain text",
            "JSON path of the setting",
            "JSON is not allowed",
            "JSON/YAML",
            "JSON.stringify is what wrote it",
            "JSONL",
            "ULIDs, separated by commas",
            "ULID-like",
            "ULID of a plan | 'none'",
            "ULID | 'none'",
            "UUID or name",
            "ISO-8601 duration",
            "ISO-3166 country",
            "isolation level",
            "not JSON",
            "'a'",
            "'a', 'b'",
            "'a' | 'b' | …",
            "'a' | 'b' | others",
            "'a' | 'b' ...",
            "'a' | 'b', etc",
            "'a' | 'b' or 'c'",
            "'a' || 'b'",
            "'a",
            "see 'a' | 'b'",
            "NULL | NULL",
        ] {
            assert_eq!(said(comment), "-", "{comment}");
        }
    }

    fn of_spec(text: &str) -> Vec<(String, String, usize)> {
        let found = promises(&SourceFile::new("spec.sql", text));
        let mut lines: Vec<_> = found
            .into_iter()
            .map(|((table, column), (promise, at))| (format!("{table}.{column}"), promise.text(), at.line))
            .collect();
        lines.sort_by(|a, b| (a.2, &a.0).cmp(&(b.2, &b.0)));
        lines
    }

    fn strings(found: &[(String, String, usize)]) -> Vec<(&str, &str, usize)> {
        found.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), *c)).collect()
    }

    #[test]
    fn a_comment_belongs_to_the_column_beside_or_above_it() {
        let found = of_spec(
            "CREATE TABLE t ( -- JSON\n  -- UUID\n  a TEXT, -- ULID\n  -- JSON\n  b TEXT DEFAULT 'x' -- JSON\n    CHECK (b <> '' -- ULID\n    ),\n  \
             c TEXT,\n  -- 'a' |\n  -- 'b'\n  d TEXT, -- the state\n  -- 'x'\n  --  | 'y'\n\n  -- JSON from here on\n  e TEXT,\n\n  -- UUID\n  f TEXT, /* ULID */ g TEXT /* UUID */, h TEXT -- JSON\n  \
             -- ULID\n, i TEXT\n -- ISO-8601\n , UNIQUE (a) -- JSON\n); -- JSON",
        );
        assert_eq!(
            strings(&found),
            [
                ("t.a", "ULID", 3),
                ("t.b", "JSON", 5),
                ("t.c", "'a' | 'b'", 9),
                ("t.d", "'x' | 'y'", 12),
                ("t.g", "UUID", 19),
                ("t.h", "JSON", 19),
                ("t.i", "ISO-8601", 22),
            ]
        );
    }

    #[test]
    fn the_shipped_spec_is_read_in_full() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/ddl.sql");
        let spec = SourceFile::read(path).unwrap();
        let found = promises(&spec);
        // Every comment of the file that is not on a line of its own before the tables is a promise.
        let comments = spec.text().lines().filter(|line| {
            line.starts_with(' ') && tokens_and_comments(line).any(|token| token.kind == Kind::Comment)
        });
        assert_eq!(found.len(), comments.count());
        let of = |table: &str, column: &str| found[&(table.into(), column.into())].0.text();
        assert_eq!(of("plans", "phase"), "'strategize' | 'execute' | 'apply' | 'applied'");
        assert_eq!(of("action_arguments", "arg_type"), "'string' | 'integer' | 'float' | 'boolean' | 'list'");
        assert_eq!(of("tasks", "external_ai_used"), "JSON");
        assert_eq!(of("plans", "applied_at"), "ISO-8601 UTC");
    }

    proptest! {
        #[test]
        fn no_comment_panics(text in "\\PC*|[-'\"|a-c .,…0-9|xJSONULID-]*", inside in "(--|/\\*)?[-'\"|a-c \n,()…0-9*/]*") {
            of_comment(&text);
            literals(&text);
            promises(&SourceFile::new("s", format!("CREATE TABLE t (a TEXT, {inside}\n b TEXT --{text}\n, c -- {inside}\n)")));
        }
    }
}
