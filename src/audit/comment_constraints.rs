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
//! the values. Where a comment can be read in two ways it promises nothing; one that begins like a list of values and
//! can't be read as one is told.

use std::collections::HashMap;

use crate::base::source::{Location, SourceFile};
use crate::ddl::{self, Comment, of_column};
use crate::row_checks::{Json, OneOf, Promise, TimeOfDay, Timestamp};
use crate::schema::Ident;
use crate::sql::{Kind, Nesting, Token, tokens, tokens_and_comments};

/// What a comment says of the values in its column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// What they are.
    Promise(Promise),
    /// Something that begins like a list of them, `'a' | 'b' or so`, and leaves open what else there is.
    OpenList,
}

/// What the comments of a spec say of values, by table and column, in the spec's names, each with the place of its
/// comment.
pub fn comment_constraints(spec: &SourceFile) -> HashMap<(Ident, Ident), (Said, Location)> {
    let mut found = HashMap::new();
    for statement in spec.statements() {
        if !matches!(ddl::created(statement.text), Some((ddl::Kind::Table, _))) {
            continue;
        }
        let Ok(table) = ddl::create_table(statement.text) else { continue };
        let all: Vec<Token<'_>> = tokens_and_comments(statement.text).collect();
        for column in &table.columns {
            let comments = of_column(statement.text, &all, column);
            if let Some((said, start)) = of_comments(&comments) {
                let place = spec.location(statement.start + start);
                // Of two statements that make the same table (IF NOT EXISTS) the first one counts.
                found.entry((table.name.clone(), column.name.clone())).or_insert((said, place));
            }
        }
    }
    found
}

/// The first of these that says something of values. Below a comment that stands beside the column and says something
/// else, only a list of literals does: it can't be the end of a sentence.
fn of_comments(comments: &[Comment<'_>]) -> Option<(Said, usize)> {
    for (i, comment) in comments.iter().enumerate() {
        let mut text = comment.text.to_owned();
        for next in comments.iter().skip(i + 1) {
            if !text.trim_end().ends_with('|') && !next.text.starts_with('|') {
                break;
            }
            text.push(' ');
            text.push_str(next.text);
        }
        let Some(said) = of_comment(&text) else { continue };
        let is_list = matches!(said, Said::OpenList | Said::Promise(Promise::OneOf(_)));
        if is_list || comment.beside || i == 0 {
            return Some((said, comment.start));
        }
    }
    None
}

/// What a comment says.
pub fn of_comment(text: &str) -> Option<Said> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | ':' | '>' | '!'));
    let text = text.strip_prefix("- ").unwrap_or(text).trim_start();
    let without_null = behind_null(text);
    let text = without_null.unwrap_or(text);
    let is_list = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\'' | '"' | '-' | '+' | '.'));
    if !is_list && text.get(..2).is_none_or(|start| !start.eq_ignore_ascii_case("x'")) {
        return format(text).map(Said::Promise);
    }
    let literals = match list(text)? {
        List::Open => return Some(Said::OpenList),
        // A value by itself is an example; with NULL beside it, it is a list.
        List::Value(value) => without_null.map(|_| vec![value])?,
        List::Closed(literals) => literals,
    };
    (!literals.is_empty()).then_some(Said::Promise(Promise::OneOf(OneOf { literals, collation: None })))
}

/// What stands behind `NULL |`.
fn behind_null(text: &str) -> Option<&str> {
    let (word, rest) = first_word(text);
    let rest = rest.trim_start().strip_prefix('|').filter(|rest| !rest.starts_with('|'));
    rest.filter(|_| word.eq_ignore_ascii_case("null")).map(str::trim_start)
}

/// The format that a comment names at its beginning.
fn format(text: &str) -> Option<Promise> {
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

/// What begins with a literal.
enum List {
    /// A value by itself.
    Value(String),
    /// `'a' | 'b' | NULL`, NULL left out. Prose may follow.
    Closed(Vec<String>),
    /// A list that goes on in a way that leaves open what else there is.
    Open,
}

/// The literals of a value or list; `None` for what is neither, and for a list that leaves open what else there is.
pub fn literals(text: &str) -> Option<Vec<String>> {
    match list(text)? {
        List::Value(value) => Some(vec![value]),
        List::Closed(literals) => Some(literals),
        List::Open => None,
    }
}

fn list(text: &str) -> Option<List> {
    let mut found = tokens(text);
    let mut list = Vec::new();
    let mut barred = false;
    loop {
        let Some(literal) = literal(&mut found) else { return barred.then_some(List::Open) };
        list.extend(literal);
        let mut behind = found.clone();
        match found.next() {
            Some(bar) if bar.is_punct("|") => barred = true,
            Some(_) if lists_more(behind.clone()) => return Some(List::Open),
            Some(next) if !is_closed(text, next, behind.nth(1)) => return barred.then_some(List::Open),
            _ if barred => return Some(List::Closed(list)),
            _ => return list.pop().map(List::Value),
        }
    }
}

/// The literal that these begin with; of NULL, nothing.
fn literal<'t>(found: &mut impl Iterator<Item = Token<'t>>) -> Option<Option<String>> {
    let mut token = found.next()?;
    let mut sign = "";
    if token.is_punct("-") || token.is_punct("+") {
        sign = token.text;
        token = found.next().filter(|number| number.kind == Kind::Number)?;
    }
    match token.kind {
        Kind::Number => Some(Some(format!("{sign}{}", token.text))),
        Kind::String | Kind::Blob => Some(Some(token.text.to_owned())),
        Kind::Quoted if token.is_double_quoted() => Some(Some(crate::sql::quote_string(&token.unquoted()))),
        Kind::Word if token.is_word("NULL") => Some(None),
        _ => None,
    }
}

/// Whether a token can be the beginning of another value.
fn begins_value(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::String | Kind::Number | Kind::Blob | Kind::Quoted | Kind::Illegal)
        || token.is_punct("-")
}

/// Whether what stands behind a value has another one behind a bar, in the same sentence and outside of parentheses:
/// `'a' (the default) | 'b'`.
fn lists_more<'t>(behind: impl Iterator<Item = Token<'t>>) -> bool {
    let (mut nesting, mut bar) = (Nesting::default(), false);
    for token in behind {
        if bar && begins_value(&token) {
            return true;
        }
        let is_outside = nesting.around(&token) == 0;
        if is_outside && matches!(token.text, ";" | ".") {
            return false;
        }
        bar = is_outside && token.is_punct("|");
    }
    false
}

/// Whether a list is complete before `next`, a token of `text`.
fn is_closed(text: &str, next: Token<'_>, after: Option<Token<'_>>) -> bool {
    // A dash that stands by itself is no sign of a number.
    let by_itself = text.get(next.end()..).is_none_or(|rest| !rest.starts_with(|c: char| !c.is_whitespace()));
    if next.text.starts_with([':', '–', '—']) || (next.is_punct("-") && by_itself) {
        return true;
    }
    if next.is_word("or") || next.is_word("and") {
        return after.is_some_and(|token| token.is_word("NULL"));
    }
    let goes_on = next.text.starts_with(['…', '/', '|'])
        || next.is_word("etc")
        || begins_value(&next)
        || (next.is_punct(".") && after.is_some_and(|token| token.is_punct(".")))
        || (next.is_punct(",")
            && after.is_some_and(|t| begins_value(&t) || t.text.starts_with('…') || t.is_word("etc")));
    !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(comment: &str) -> String {
        match of_comment(comment) {
            None => "-".to_owned(),
            Some(Said::OpenList) => "?".to_owned(),
            Some(Said::Promise(promise)) => promise.text(),
        }
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
            ("'a' | NULL", "'a'"),
            ("NULL | 'a'", "'a'"),
            ("NULL | 'a' | 'b'", "'a' | 'b'"),
            ("NULL | ULID", "ULID"),
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
            "'a' || 'b'",
            "'a",
            "see 'a' | 'b'",
            "NULL | NULL",
        ] {
            assert_eq!(said(comment), "-", "{comment}");
        }
    }

    #[test]
    fn a_list_with_a_colon_or_a_dash_behind_it_is_the_list() {
        for behind in [
            ": what it is",
            " : what it is",
            ":what it is",
            ": 'a' is the default",
            " - what it is",
            " - 2 kinds",
            "- what it is",
            " -",
            " -- what it is",
            " – what it is",
            " — what it is",
            ": one or the other (not 'c' | 'd')",
            ": x. Once 'c' | 'd'",
            ": x; 'c' | 'd' are gone",
            ": flags x | y",
        ] {
            assert_eq!(said(&format!("'a' | 'b'{behind}")), "'a' | 'b'", "{behind}");
            assert_eq!(said(&format!("0 | NULL | 1{behind}")), "0 | 1", "{behind}");
        }
        assert_eq!(said("'a' | 'b'—what it is"), "'a' | 'b'");
    }

    #[test]
    fn what_begins_like_a_list_and_is_none_is_told() {
        for comment in [
            "'a' | 'b' | …",
            "'a' | 'b' | others",
            "'a' | 'b' ...",
            "'a' | 'b', etc",
            "'a' | 'b' or 'c'",
            "'a' | 'b' -1",
            "'a' | 'b' |",
            "'a' | b",
            "'a': one | 'b': two",
            "'a' | 'b': two | 'c': three",
            "'a' - one | 'b' - two",
            "'a' (the default) | 'b'",
            "'a' | 'b' (rare) | 'c'",
            "0 = no | 1 = yes",
            "NULL | 'a' or 'b'| 'c'",
        ] {
            assert_eq!(said(comment), "?", "{comment}");
        }
    }

    fn of_spec(text: &str) -> Vec<(String, String, usize)> {
        let found = comment_constraints(&SourceFile::new("spec.sql", text));
        let mut lines: Vec<_> = found
            .into_iter()
            .map(|((table, column), (said, at))| match said {
                Said::Promise(promise) => (format!("{table}.{column}"), promise.text(), at.line),
                Said::OpenList => (format!("{table}.{column}"), "?".to_owned(), at.line),
            })
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
        let found = comment_constraints(&spec);
        // Every comment of the file that is not on a line of its own before the tables is a promise.
        let comments = spec.text().lines().filter(|line| {
            line.starts_with(' ') && tokens_and_comments(line).any(|token| token.kind == Kind::Comment)
        });
        assert_eq!(found.len(), comments.count());
        let of = |table: &str, column: &str| match &found[&(table.into(), column.into())].0 {
            Said::Promise(promise) => promise.text(),
            Said::OpenList => "?".to_owned(),
        };
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
            comment_constraints(&SourceFile::new("s", format!("CREATE TABLE t (a TEXT, {inside}\n b TEXT --{text}\n, c -- {inside}\n)")));
        }
    }
}
