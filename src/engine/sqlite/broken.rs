//! Views and triggers that do not compile: SQLite stores them as text, and looks at them when they are used.

use rusqlite::Connection;

use super::meaning::SqliteMeaning;
use super::{errors, inspect, missing};
use crate::diff::ObjectKind;
use crate::engine::Broken;

/// All of the database, in the order of their names, views first.
pub(super) fn objects(conn: &Connection) -> rusqlite::Result<Vec<Broken>> {
    let schema = inspect::inspect(conn)?;
    let judge = SqliteMeaning::new(conn);
    let views = schema.views.values().map(|view| (ObjectKind::View, &view.name, judge.compile_view(view)));
    // Of a trigger that could not be read nothing is known.
    let triggers = schema.triggers.values().filter(|trigger| trigger.unread.is_none());
    let triggers =
        triggers.map(|trigger| (ObjectKind::Trigger, &trigger.name, judge.compile_trigger(trigger)));
    let broken = views.chain(triggers).filter_map(|(kind, name, compiled)| {
        let error = compiled.err().filter(|error| !missing::is_module_trouble(error))?;
        Some(Broken { kind, name: name.clone(), message: errors::message(&error) })
    });
    Ok(broken.collect())
}
