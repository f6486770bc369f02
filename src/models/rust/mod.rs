//! Structs and enums for rusqlite.

mod helpers;
mod item;
mod names;
mod sql;

use self::helpers::{JSON, NOT_LISTED, ULID};
use self::names::{Item, items};
use super::facts::{Facts, Source};
use super::made::{Made, NamesFrom};
use super::value::Value;
use crate::base::escape::visible;
use crate::sql::shown;

/// The module.
pub(super) fn module(source: &Source<'_>, facts: &Facts<'_>, made: &Made) -> String {
    let (items, enums) = items(facts);
    let mut out = head(source, facts, made);
    let has = |wanted: &Value| items.iter().flat_map(Item::values).any(|value| value == wanted);
    let listed = !enums.is_empty();
    let converts = listed || has(&Value::Json) || has(&Value::Ulid);
    if converts {
        let error =
            "use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};\n";
        out.push_str(error);
    }
    if !items.is_empty() {
        out.push_str("use rusqlite::{Connection, Params, Result, Row};\n");
    }
    for (text, used) in [(JSON, has(&Value::Json)), (ULID, has(&Value::Ulid)), (NOT_LISTED, listed)] {
        if used {
            out.push_str(text);
        }
    }
    for listed in &enums {
        item::write_enum(&mut out, listed);
    }
    for item in &items {
        item::write_struct(&mut out, item);
    }
    out
}

fn head(source: &Source<'_>, facts: &Facts<'_>, made: &Made) -> String {
    let names = match made.names {
        NamesFrom::Live => "in the names of the database",
        NamesFrom::Spec => "in the names of the spec",
    };
    let mut lines = vec![
        format!("Rows of the tables of {}, {names}, for rusqlite.", source.spec),
        String::new(),
        "Do not edit. Made by, and made again with:".to_owned(),
        String::new(),
        // Indented, it would be a test of the documentation.
        "```text".to_owned(),
        made.command(),
        "```".to_owned(),
    ];
    let without =
        facts.without.iter().map(|without| format!("- {}: {}", without.table.name.shown(), without.why));
    let without: Vec<String> = without.collect();
    if !without.is_empty() {
        lines.extend([String::new(), "Tables without a struct:".to_owned(), String::new()]);
        lines.extend(without);
    }
    let prose = |line: &String| format!("//! {}", shown(&visible(line))).trim_end().to_owned() + "\n";
    lines.iter().map(prose).collect::<String>() + "\n"
}
