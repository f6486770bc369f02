//! Views, triggers, virtual tables and the pragmas of the file.

use super::change::{Change, Element, ObjectKind, ObjectName, ObjectRef};
use super::context::Context;
use super::describe;
use super::equivalence::Compiled;
use crate::base::error::Result;
use crate::base::rule::Difference;
use crate::schema::{Ident, Table, TableKind, Trigger, TriggerEvent, View};
use crate::sql::{self, identical_tokens, one_line, same_tokens};

/// The pragmas that the expected schema sets; of others it says nothing.
pub(super) fn pragmas(context: &mut Context<'_>) {
    let (expected, actual) = (context.expected, context.actual);
    for (&name, wanted) in &expected.pragmas.values {
        // A side that is no database may not state it.
        let Some(there) = actual.pragmas.values.get(name) else { continue };
        if there.eq_ignore_ascii_case(wanted) || name == "journal_mode" && same_journal(wanted, there) {
            continue;
        }
        let object = ObjectRef { table: None, kind: ObjectKind::Pragma, name: ObjectName::Own(name.into()) };
        let change = Change::new(Difference::Pragma, object, Element::Object);
        context.push(change.expected(wanted).actual(there));
    }
}

/// Only whether it is WAL is kept in the file (<https://www.sqlite.org/wal.html#persistence_of_wal_mode>); a database in
/// memory has no journal to speak of.
fn same_journal(wanted: &str, there: &str) -> bool {
    let is_wal = |mode: &str| mode.eq_ignore_ascii_case("wal");
    let in_memory = |mode: &str| mode.eq_ignore_ascii_case("memory");
    (in_memory(there) && !in_memory(wanted)) || is_wal(wanted) == is_wal(there)
}

pub(super) fn views(context: &mut Context<'_>) -> Result<()> {
    let (expected, actual) = (context.expected, context.actual);
    for view in expected.views.values() {
        let change = |difference| {
            Change::new(difference, object(ObjectKind::View, &view.name, &view.name), Element::Object)
        };
        let Some(there) = actual.views.get(&view.name) else {
            let mut change = change(Difference::MissingView).expected(describe::view(view));
            if actual.tables.contains_key(&view.name) {
                change = change.actual("a table");
            }
            context.push(change);
            continue;
        };
        if !same_view(context, view, there)? {
            let note = context.quoting_note(&[Compiled::View(view), Compiled::View(there)])?;
            let (wanted, there) = (describe::view(view), describe::view(there));
            context.push(change(Difference::ViewDefinition).expected(wanted).actual(there).noted(note));
        }
    }
    for view in actual.views.values() {
        // A view where the spec has a table is told with the table.
        if expected.views.contains_key(&view.name) || expected.tables.contains_key(&view.name) {
            continue;
        }
        let object = object(ObjectKind::View, &view.name, &view.name);
        let change = Change::new(Difference::ExtraView, object, Element::Nothing);
        context.push(change.actual(describe::view(view)));
    }
    Ok(())
}

fn object(kind: ObjectKind, table: &Ident, name: &Ident) -> ObjectRef {
    ObjectRef::part(table, kind, ObjectName::Own(name.clone()))
}

fn same_view(context: &mut Context<'_>, expected: &View, actual: &View) -> Result<bool> {
    if expected.sql == actual.sql {
        return Ok(true);
    }
    if expected.unread.is_some() || actual.unread.is_some() {
        return Ok(same_tokens(&expected.sql, &actual.sql));
    }
    context.same_view(expected, actual)
}

pub(super) fn triggers(context: &mut Context<'_>) -> Result<()> {
    let (expected, actual) = (context.expected, context.actual);
    for trigger in expected.triggers.values() {
        let change = |difference| {
            Change::new(
                difference,
                object(ObjectKind::Trigger, &trigger.table, &trigger.name),
                Element::Object,
            )
        };
        let Some(there) = actual.triggers.get(&trigger.name) else {
            if comparable(context, &trigger.table) {
                context.push(change(Difference::MissingTrigger).expected(describe::trigger(trigger)));
            }
            continue;
        };
        if !same_trigger(context, trigger, there)? {
            let note = context.quoting_note(&[Compiled::Trigger(trigger), Compiled::Trigger(there)])?;
            let (wanted, there) = (describe::trigger(trigger), describe::trigger(there));
            context.push(change(Difference::TriggerDefinition).expected(wanted).actual(there).noted(note));
        }
    }
    for trigger in actual.triggers.values().filter(|trigger| !expected.triggers.contains_key(&trigger.name)) {
        if comparable(context, &trigger.table) {
            let object = object(ObjectKind::Trigger, &trigger.table, &trigger.name);
            let change = Change::new(Difference::ExtraTrigger, object, Element::Nothing);
            context.push(change.actual(describe::trigger(trigger)));
        }
    }
    Ok(())
}

/// Whether both sides have a table of that name, or both a view: what is missing, extra or something else takes its
/// triggers with it.
fn comparable(context: &Context<'_>, name: &Ident) -> bool {
    let (expected, actual) = (context.expected, context.actual);
    let both_tables = match (expected.tables.get(name), actual.tables.get(name)) {
        (Some(a), Some(b)) => a.is_virtual() == b.is_virtual(),
        _ => false,
    };
    both_tables || (expected.views.contains_key(name) && actual.views.contains_key(name))
}

fn same_trigger(context: &mut Context<'_>, expected: &Trigger, actual: &Trigger) -> Result<bool> {
    if expected.sql == actual.sql {
        return Ok(true);
    }
    if expected.unread.is_some() || actual.unread.is_some() {
        return Ok(same_tokens(&expected.sql, &actual.sql));
    }
    Ok(expected.table == actual.table
        && expected.timing == actual.timing
        && same_event(&expected.event, &actual.event)
        && expected.when.is_some() == actual.when.is_some()
        && context.same_trigger(expected, actual)?)
}

fn same_event(a: &TriggerEvent, b: &TriggerEvent) -> bool {
    match (a, b) {
        (TriggerEvent::Update(a), TriggerEvent::Update(b)) => {
            let sorted = |columns: &[Ident]| {
                let mut columns = columns.to_vec();
                columns.sort();
                columns.dedup();
                columns
            };
            sorted(a) == sorted(b)
        }
        (a, b) => a == b,
    }
}

pub(super) fn virtual_table(context: &mut Context<'_>, expected: &Table, actual: &Table) {
    if expected.sql == actual.sql || same_virtual(expected, actual) {
        return;
    }
    let change = Change::new(Difference::VirtualTable, ObjectRef::of_table(&expected.name), Element::Object);
    context.push(change.expected(virtual_text(expected)).actual(virtual_text(actual)));
}

/// What makes a table virtual.
pub(super) fn virtual_text(table: &Table) -> String {
    match &table.kind {
        TableKind::Virtual { module, arguments } => {
            format!(
                "USING {module}({})",
                arguments.iter().map(|a| one_line(a)).collect::<Vec<_>>().join(", ")
            )
        }
        TableKind::Ordinary => "an ordinary table".to_owned(),
    }
}

fn same_virtual(expected: &Table, actual: &Table) -> bool {
    let (
        TableKind::Virtual { module: wanted_module, arguments: wanted },
        TableKind::Virtual { module, arguments: there },
    ) = (&expected.kind, &actual.kind)
    else {
        return false;
    };
    if !wanted_module.eq_ignore_ascii_case(module) || wanted.len() != there.len() {
        return false;
    }
    let is_one_of = |modules: &[&str]| modules.iter().any(|known| module.eq_ignore_ascii_case(known));
    if is_one_of(&["fts3", "fts4", "fts5"]) {
        // Columns count in their order, options in any.
        let (wanted_options, wanted_columns) = full_text_arguments(wanted);
        let (options, columns) = full_text_arguments(there);
        return wanted_options == options
            && wanted_columns.len() == columns.len()
            && wanted_columns.iter().zip(&columns).all(|(a, b)| a == b);
    }
    // These read their arguments as names, in whatever quotes; what another module makes of a word's case is its own
    // business.
    let same: fn(&str, &str) -> bool =
        if is_one_of(&["rtree", "rtree_i32", "geopoly", "fts5vocab", "fts4aux"]) {
            same_names
        } else if is_one_of(&["fts3tokenize"]) {
            same_tokens
        } else {
            identical_tokens
        };
    wanted.iter().zip(there).all(|(a, b)| same(a, b))
}

/// Whether two arguments are the same when a text in quotes is the name inside them.
fn same_names(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (sql::tokens(a), sql::tokens(b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a.text.eq_ignore_ascii_case(b.text) => {}
            (Some(a), Some(b)) if a.can_be_name() && b.can_be_name() => {
                if !a.unquoted().eq_ignore_ascii_case(&b.unquoted()) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// The name of an option, and what it is set to.
type FullTextOption = (String, Vec<String>);

/// The words of a column's definition.
type FullTextColumn = Vec<String>;

/// The options (sorted) and the columns of a full-text table.
fn full_text_arguments(arguments: &[String]) -> (Vec<FullTextOption>, Vec<FullTextColumn>) {
    let (mut options, mut columns) = (Vec::new(), Vec::new());
    for argument in arguments {
        let tokens: Vec<_> = sql::tokens(argument).collect();
        if let [key, equals, value @ ..] = tokens.as_slice()
            && equals.is_punct("=")
        {
            let key = key.unquoted().to_ascii_lowercase();
            let is_name =
                ["content", "content_rowid", "languageid", "notindexed", "detail"].contains(&key.as_str());
            let value = value.iter().flat_map(|token| option_value(token, is_name)).collect();
            options.push((key, value));
        } else {
            columns.push(tokens.iter().map(|token| token.unquoted().to_ascii_lowercase()).collect());
        }
    }
    options.sort();
    (options, columns)
}

/// What an option is set to: words fold, and so do names of tables and columns however they are quoted. A string in
/// quotes may hold such a value itself, as a tokenizer with its arguments; what is quoted inside it counts
/// to the letter.
fn option_value(token: &sql::Token<'_>, is_name: bool) -> Vec<String> {
    if is_name || token.kind == sql::Kind::Word {
        return vec![token.unquoted().to_ascii_lowercase()];
    }
    let value = token.unquoted();
    let inner = sql::tokens(&value).map(|token| match token.kind {
        sql::Kind::Word => token.text.to_ascii_lowercase(),
        _ => token.unquoted(),
    });
    inner.collect()
}
