//! The texts of proven scripts.

use super::{Closing, DownStop};
use crate::ddl;
use crate::engine::{KeptStatistics, Rendered};
use crate::plan::{Action, Step};
use crate::schema::Ident;
use crate::sql::{display_name, unquote};

/// How a down file says what it cannot bring back, a line each.
const CANNOT_BRING_BACK: &str = "-- Cannot bring back ";

/// What a down file says that it cannot bring back.
pub(in crate::commands) fn cannot_bring_back(down: &str) -> impl Iterator<Item = &str> {
    down.lines()
        .filter_map(|line| line.strip_prefix(CANNOT_BRING_BACK))
        .map(|what| what.trim_end_matches('.'))
}

/// How a script says that it only works while a table is empty: what stands before the table's name, and behind it.
const STOPS: [&str; 2] = ["stops, and changes nothing, where rows of ", " lack what the table needs"];

/// The tables whose rows a down file says that it stops at.
pub(in crate::commands) fn stops_with_rows_of(down: &str) -> impl Iterator<Item = Ident> {
    down.lines().filter_map(|line| {
        let name = line.strip_prefix("-- Hazard: ")?.strip_prefix(STOPS[0])?.strip_suffix(STOPS[1])?;
        Some(Ident::from(unquote(name)))
    })
}

/// How an up file says that rows stop it.
const STOPS_AT: &str = "Hazard: stops at ";

/// Whether an up file says that rows of some kind stop it.
pub(in crate::commands) fn stops_at_rows(up: &str) -> bool {
    up.lines().filter_map(|line| line.strip_prefix("-- ")).any(|line| line.starts_with(STOPS_AT))
}

/// Whether a step says so.
pub(super) fn stops(step: &Rendered) -> bool {
    step.comments.iter().any(|comment| comment.starts_with(STOPS_AT))
}

/// The steps without those at the end that rows cannot stop: views and triggers, which come back last, and settings.
pub(super) fn before_views<'a>(steps: &[Step], rendered: &'a [Rendered]) -> &'a [Rendered] {
    let minds_rows = |step: &Step| match &step.action {
        Action::Create { sql, .. } => {
            !matches!(ddl::created(sql), Some((ddl::Kind::View | ddl::Kind::Trigger, _)))
        }
        Action::SetPragma { .. } => false,
        _ => true,
    };
    let end = steps.iter().rposition(minds_rows).map_or(0, |last| last + 1);
    rendered.get(..end).unwrap_or(rendered)
}

/// Says where it matters that the script only works while a table is empty, which is called `title` before the first step.
pub(super) fn only_without_rows(steps: &mut [Step], table: &Ident, title: &Ident) {
    let hazard = format!("{}{}{}", STOPS[0], display_name(title.as_str()), STOPS[1]);
    let about = |step: &&mut Step| match &step.action {
        Action::Rebuild(rebuild) => rebuild.table == *table,
        Action::AddColumn { table: of, .. } => of == table,
        _ => false,
    };
    if let Some(step) = steps.iter_mut().find(about) {
        step.hazards.push(hazard);
    } else if let Some(step) = steps.first_mut() {
        step.hazards.push(hazard);
    }
}

/// The tables whose rows had no part in the proof: a sentence each.
pub fn without_rows(closing: &Closing) -> impl Iterator<Item = String> {
    closing.untested.iter().map(|(table, reason)| {
        let (table, reason) = (display_name(table.as_str()), one_line(reason));
        format!("Of {table} it had none: no row could be made that both schemas take ({reason})")
    })
}

/// What stops the way back: a sentence for each table.
pub fn stops_back(closing: &Closing) -> impl Iterator<Item = String> {
    closing.down_stops.iter().map(|DownStop { table, columns }| {
        let table = display_name(table.as_str());
        let names: Vec<_> = columns.iter().map(|column| display_name(column.as_str())).collect();
        match names.as_slice() {
            [] => format!("{table} has rows that lack what the schema before asks for"),
            [name] => format!("{table} has rows: no value for {name} was found that every row takes"),
            names => {
                format!(
                    "{table} has rows: no values for {} were found that every row takes",
                    names.join(", ")
                )
            }
        }
    })
}

/// The up file of a migration.
pub fn up_text(label: &str, closing: &Closing) -> String {
    let rows = if closing.with_rows { " with rows" } else { "" };
    let mut text = format!("-- {label}\n-- Generated, and proven on a scratch database{rows}.\n");
    for sentence in without_rows(closing) {
        text.push_str(&format!("-- {sentence}.\n"));
    }
    if let Some(message) = &closing.stops {
        let message = one_line(message);
        text.push_str(&format!("-- {STOPS_AT}rows that the schema after it does not allow: {message}\n"));
    }
    if let Some(reason) = &closing.irreversible {
        text.push_str(&format!("-- planctl:irreversible {}\n", one_line(reason)));
    }
    body(&mut text, &closing.up, true);
    text
}

/// The down file of a migration that has one.
pub fn down_text(label: &str, closing: &Closing) -> String {
    let mut text = format!("-- Takes back {label}.\n");
    for sentence in stops_back(closing) {
        text.push_str(&format!("-- Stops, and changes nothing, where {sentence}.\n"));
    }
    for what in &closing.lost {
        text.push_str(&format!("{CANNOT_BRING_BACK}{}.\n", one_line(what)));
    }
    body(&mut text, &closing.down, false);
    text
}

/// A script that plain `sqlite3` runs on any connection. It is one transaction, stops at the first error, and then
/// leaves nothing behind.
pub fn standalone(from: &str, to: &str, closing: &Closing, statistics: &KeptStatistics) -> String {
    let (from, to) = (one_line(from), one_line(to));
    let mut text = format!(
        "-- Takes a database from the schema of {from} to that of {to}, and keeps its rows.\n\
         -- Run it with: sqlite3 FILE < this-script. It is one transaction: all of it happens, or nothing.\n\
         .bail on\n\
         -- A rebuilt table is away for a moment: with foreign keys on, dropping it would delete rows that refer to it.\n\
         PRAGMA foreign_keys = OFF;\n\
         PRAGMA legacy_alter_table = OFF;\n\
         {}BEGIN IMMEDIATE;\n",
        statistics.begin
    );
    if closing.keys_can_be_checked {
        text.push_str(
            "\n-- Rows that have no parent before are not blamed on what follows.\n\
             CREATE TEMP TABLE planctl_orphans AS SELECT count(*) AS before FROM pragma_foreign_key_check;\n",
        );
    }
    text.push_str(&statistics.before);
    body(&mut text, &closing.up, false);
    text.push_str(&statistics.after);
    if closing.keys_can_be_checked {
        text.push_str(
            "\n-- Stops here, and takes everything back, if rows have lost their parents.\n\
             CREATE TEMP TABLE planctl_check (\n    \
                 orphans INTEGER CONSTRAINT \"a foreign key is violated\" CHECK (orphans = 0)\n\
             );\n\
             INSERT INTO temp.planctl_check\n\
             SELECT max(0, (SELECT count(*) FROM pragma_foreign_key_check) - before) FROM temp.planctl_orphans;\n\
             DROP TABLE temp.planctl_check;\n\
             DROP TABLE temp.planctl_orphans;\n",
        );
    }
    text.push_str("\nCOMMIT;\n");
    text.push_str(&statistics.end);
    text
}

fn body(text: &mut String, steps: &[Rendered], allow: bool) {
    for step in steps {
        text.push('\n');
        for comment in &step.comments {
            text.push_str(&format!("-- {comment}\n"));
        }
        for statement in &step.statements {
            if step.destructive && allow {
                text.push_str("-- planctl:allow destructive-statement generated with --allow-destructive\n");
            }
            text.push_str(statement);
            text.push('\n');
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
