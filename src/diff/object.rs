//! Views, triggers, virtual tables and the pragmas of the file.

use super::change::{Change, Difference, Element, ObjectKind, ObjectName, ObjectRef};
use super::{Context, describe};
use crate::schema::{Ident, Table, TableKind, Trigger, TriggerEvent, View};
use crate::sql::{self, one_line, same_tokens};

/// The pragmas that the expected schema sets; of others it says nothing.
pub(super) fn pragmas(context: &mut Context<'_>) {
    let (expected, actual) = (context.expected, context.actual);
    for (&name, wanted) in &expected.pragmas.values {
        // A side that is no database may not state it.
        let Some(there) = actual.pragmas.values.get(name) else { continue };
        if there.eq_ignore_ascii_case(wanted) {
            continue;
        }
        let object = ObjectRef { table: None, kind: ObjectKind::Pragma, name: ObjectName::Own(name.into()) };
        let change = Change::new(Difference::Pragma, object, Element::Object);
        context.push(change.expected(wanted).actual(there));
    }
}

pub(super) fn views(context: &mut Context<'_>) {
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
        if !same_view(context, view, there) {
            let (wanted, there) = (describe::view(view), describe::view(there));
            context.push(change(Difference::ViewDefinition).expected(wanted).actual(there));
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
}

fn object(kind: ObjectKind, table: &Ident, name: &Ident) -> ObjectRef {
    ObjectRef::part(table, kind, ObjectName::Own(name.clone()))
}

fn same_view(context: &mut Context<'_>, expected: &View, actual: &View) -> bool {
    if expected.sql == actual.sql {
        return true;
    }
    if expected.unread.is_some() || actual.unread.is_some() {
        return same_tokens(&expected.sql, &actual.sql);
    }
    context.meaning.same_view(expected, actual)
}

pub(super) fn triggers(context: &mut Context<'_>) {
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
            // A missing table or view takes its triggers with it.
            if actual.tables.contains_key(&trigger.table) || actual.views.contains_key(&trigger.table) {
                context.push(change(Difference::MissingTrigger).expected(describe::trigger(trigger)));
            }
            continue;
        };
        if !same_trigger(context, trigger, there) {
            let (wanted, there) = (describe::trigger(trigger), describe::trigger(there));
            context.push(change(Difference::TriggerDefinition).expected(wanted).actual(there));
        }
    }
    for trigger in actual.triggers.values().filter(|trigger| !expected.triggers.contains_key(&trigger.name)) {
        if expected.tables.contains_key(&trigger.table) || expected.views.contains_key(&trigger.table) {
            let object = object(ObjectKind::Trigger, &trigger.table, &trigger.name);
            let change = Change::new(Difference::ExtraTrigger, object, Element::Nothing);
            context.push(change.actual(describe::trigger(trigger)));
        }
    }
}

fn same_trigger(context: &mut Context<'_>, expected: &Trigger, actual: &Trigger) -> bool {
    if expected.sql == actual.sql {
        return true;
    }
    if expected.unread.is_some() || actual.unread.is_some() {
        return same_tokens(&expected.sql, &actual.sql);
    }
    expected.table == actual.table
        && expected.timing == actual.timing
        && same_event(&expected.event, &actual.event)
        && expected.when.is_some() == actual.when.is_some()
        && context.meaning.same_trigger(expected, actual)
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
    if same_virtual(expected, actual) {
        return;
    }
    let text = |table: &Table| match &table.kind {
        TableKind::Virtual { module, arguments } => {
            format!(
                "USING {module}({})",
                arguments.iter().map(|a| one_line(a)).collect::<Vec<_>>().join(", ")
            )
        }
        TableKind::Ordinary => "an ordinary table".to_owned(),
    };
    let change = Change::new(Difference::VirtualTable, ObjectRef::of_table(&expected.name), Element::Object);
    context.push(change.expected(text(expected)).actual(text(actual)));
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
    if ["fts3", "fts4", "fts5"].iter().any(|fts| module.eq_ignore_ascii_case(fts)) {
        // Columns count in their order, options in any.
        let (wanted_options, wanted_columns) = full_text_arguments(wanted);
        let (options, columns) = full_text_arguments(there);
        return wanted_options == options
            && wanted_columns.len() == columns.len()
            && wanted_columns.iter().zip(&columns).all(|(a, b)| a == b);
    }
    wanted.iter().zip(there).all(|(a, b)| same_tokens(a, b))
}

/// The options (sorted) and the columns of a full-text table. Names fold; what an option is set to does not, except
/// where it names a table or column.
fn full_text_arguments(arguments: &[String]) -> (Vec<(String, String)>, Vec<String>) {
    let (mut options, mut columns) = (Vec::new(), Vec::new());
    for argument in arguments {
        let tokens: Vec<_> = sql::tokens(argument).collect();
        if let [key, equals, value @ ..] = tokens.as_slice()
            && equals.is_punct("=")
        {
            let key = key.unquoted().to_ascii_lowercase();
            let mut value = value.iter().map(sql::Token::unquoted).collect::<Vec<_>>().join(" ");
            value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            if ["content", "content_rowid", "languageid", "notindexed", "columnsize", "detail"]
                .contains(&key.as_str())
            {
                value.make_ascii_lowercase();
            }
            options.push((key, value));
        } else {
            let words: Vec<_> = tokens.iter().map(|token| token.unquoted().to_ascii_lowercase()).collect();
            columns.push(words.join(" "));
        }
    }
    options.sort();
    (options, columns)
}
