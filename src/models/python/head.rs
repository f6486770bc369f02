//! The head of a module: how it was made, what it does not carry, what it brings along.

use super::helpers::{CHOICE, DECLARED, KEY, STATED, STATEMENT};
use super::layout::{Lines, escaped};
use super::statements::is_foreign;
use crate::base::escape::visible;
use crate::models::facts::{Facts, Source};
use crate::models::made::{Made, NamesFrom};
use crate::models::value::Value;
use crate::sql::shown;

/// Puts the head before the classes.
pub(super) fn module(
    source: &Source<'_>,
    facts: &Facts<'_>,
    made: &Made,
    orderless: &[String],
    body: &str,
) -> String {
    let mut lines = Lines::default();
    let names = match made.names {
        NamesFrom::Live => "in the names of the database",
        NamesFrom::Spec => "in the names of the spec",
    };
    lines.line(0, &format!("\"\"\"SQLAlchemy 2 classes for the tables of {}, {names}.", prose(&source.spec)));
    lines.line(0, "");
    lines.line(0, "Do not edit. Made by, and made again with:");
    lines.line(0, "");
    lines.line(4, &prose(&made.command()));
    for (title, items) in [
        ("Without a class, and made by statements below:", by_statement(source, facts)),
        ("Not carried:", not_carried(source, facts)),
        (
            "Rows that SQLAlchemy refuses to delete (CircularDependencyError), where SQL does:",
            orderless.to_vec(),
        ),
        ("Needed from the application before the tables are made:", needed(source)),
    ] {
        if items.is_empty() {
            continue;
        }
        lines.line(0, "");
        lines.line(0, title);
        lines.line(0, "");
        for item in items {
            lines.line(0, &prose(&format!("- {item}")));
        }
    }
    lines.line(0, "\"\"\"");
    imports(&mut lines, facts, body);
    let mut out = lines.out;
    out.push_str(body);
    out
}

/// Text inside of the docstring, on one line.
fn prose(text: &str) -> String {
    escaped(shown(&visible(text)).trim_end())
}

fn by_statement(source: &Source<'_>, facts: &Facts<'_>) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for without in facts.without.iter().filter(|without| !is_foreign(without.table)) {
        items.push(format!("table {}: {}", without.table.name.shown(), without.why));
    }
    items.extend(source.schema.views.keys().map(|name| format!("view {}", name.shown())));
    items.extend(source.schema.triggers.keys().map(|name| format!("trigger {}", name.shown())));
    items
}

fn not_carried(source: &Source<'_>, facts: &Facts<'_>) -> Vec<String> {
    let foreign = facts.without.iter().filter(|without| is_foreign(without.table));
    let foreign = foreign.map(|without| {
        format!("table {}: a virtual one of a module that not every SQLite has", without.table.name.shown())
    });
    foreign.chain(source.left_out.iter().cloned()).collect()
}

fn needed(source: &Source<'_>) -> Vec<String> {
    source.registered.iter().cloned().collect()
}

fn imports(lines: &mut Lines, facts: &Facts<'_>, body: &str) {
    let uses = |words: &str| body.contains(words);
    let values = facts.models.iter().flat_map(|model| &model.fields).map(|field| &field.value);
    let choice = values.clone().any(|value| matches!(value, Value::OneOf(_)));
    let (key, stated) = (uses("Key("), uses("Stated("));
    let declared = choice || uses("Declared(");
    let statement = uses("Statement(_sql)");
    let classes = !facts.models.is_empty();
    lines.line(0, "");
    lines.line(0, "from __future__ import annotations");
    lines.line(0, "");
    if choice {
        lines.line(0, "import enum");
    }
    let any = declared
        || key
        || stated
        || statement
        || values.clone().any(|value| matches!(value, Value::Any | Value::Json));
    let typing: Vec<&str> = [("Any", any), ("TypeVar", declared)]
        .into_iter()
        .filter_map(|(name, used)| used.then_some(name))
        .collect();
    if !typing.is_empty() {
        lines.line(0, &format!("from typing import {}", typing.join(", ")));
    }
    if choice || !typing.is_empty() {
        lines.line(0, "");
    }
    if classes || statement {
        lines.line(0, "import sqlalchemy as sa");
    }
    if key || stated || statement {
        lines.line(0, "from sqlalchemy.ext.compiler import compiles");
    }
    let mut orm = vec!["DeclarativeBase"];
    orm.extend(classes.then_some(["Mapped", "mapped_column"]).into_iter().flatten());
    orm.extend(uses(" = relationship(").then_some("relationship"));
    lines.line(0, &format!("from sqlalchemy.orm import {}", orm.join(", ")));
    if declared {
        lines.line(0, "");
        lines.line(0, "_T = TypeVar(\"_T\")");
    }
    if choice {
        lines.line(0, "_E = TypeVar(\"_E\", bound=enum.Enum)");
    }
    for (text, used) in
        [(DECLARED, declared), (CHOICE, choice), (KEY, key), (STATED, stated), (STATEMENT, statement)]
    {
        if used {
            lines.out.push('\n');
            lines.out.push_str(text);
        }
    }
    lines.line(0, "");
    lines.line(0, "");
    lines.line(0, "class Base(DeclarativeBase):");
    lines.line(4, "\"\"\"What all classes of this module have in common.\"\"\"");
}
