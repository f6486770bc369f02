//! The texts of proven scripts.

use std::collections::BTreeSet;

use super::{Closing, DownStop, Sides, proof, still_differs, unproven};
use crate::base::error::Result;
use crate::base::job::Job;
use crate::ddl;
use crate::diff::diff;
use crate::engine;
use crate::engine::Rendered;
use crate::plan::{Action, Hazard, Step, had_none};
use crate::schema::Ident;
use crate::sql::{display_name, on_one_line};

/// The steps without those at the end that rows cannot stop: views and triggers, which come back last, and settings.
pub(crate) fn before_views<'a>(steps: &[Step], rendered: &'a [Rendered]) -> &'a [Rendered] {
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

/// Says where it matters that the script only works while a table is empty, which is called `here` before the first step
/// and `then` once names have changed.
pub(crate) fn only_without_rows(steps: &mut [Step], here: &Ident, then: &Ident) {
    let hazard = Hazard::StopsAtAll { table: here.clone() };
    let about = |step: &&mut Step| match &step.action {
        Action::Rebuild(rebuild) => rebuild.table == *then,
        Action::AddColumn { table, .. } => table == then,
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
        let reason = on_one_line(reason);
        format!("{}no row could be made that both schemas take ({reason})", had_none(table))
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
        comment(&mut text, &format!("{sentence}."));
    }
    if let Some(hazard) = &closing.stops {
        comment(&mut text, &hazard.comment());
    }
    if let Some(reason) = &closing.irreversible {
        comment(&mut text, &format!("planctl:irreversible {reason}"));
    }
    body(&mut text, &closing.up, true);
    text
}

/// The down file of a migration that has one.
pub fn down_text(label: &str, closing: &Closing) -> String {
    let mut text = format!("-- Takes back {label}.\n");
    for sentence in stops_back(closing) {
        comment(&mut text, &format!("Stops, and changes nothing, where {sentence}."));
    }
    for loss in &closing.lost {
        comment(&mut text, &loss.comment());
    }
    body(&mut text, &closing.down, false);
    text
}

/// A script that plain `sqlite3` runs on any connection to a database with the schema that it leads from. It is one
/// transaction, stops at the first error, and then leaves nothing behind. The very text was run, with rows.
///
/// # Errors
/// `Migration` where the shell would not get to the same end.
pub fn standalone(from: &str, to: &str, closing: &Closing, job: Job<'_>) -> Result<String> {
    let (from, to) = (on_one_line(from), on_one_line(to));
    let about = [
        format!("Takes a database from the schema of {from} to that of {to}, and keeps its rows."),
        "Run it with the sqlite3 shell: sqlite3 -batch DATABASE < FILE".to_owned(),
        "It is one transaction: all of it happens, or nothing. Where the schema is another one to begin with, nothing does:"
            .to_owned(),
        "then make the script again, with that database as its beginning.".to_owned(),
    ];
    let ends = &closing.ends;
    let sides = Sides::new(ends.from.clone(), &ends.goal, job)?;
    let mut pairs = proof::pairs(&ends.names.all(), &ends.from, &ends.goal, &ends.plan);
    pairs.carry(&ends.names.carried);
    let mut rehearsal = engine::rehearsal(
        &sides.from_source,
        &sides.goal_tables,
        &proof::seeds(&pairs),
        ends.db.as_deref(),
        job,
    )?;
    let before = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::From)?;
    let text = rehearsal.script(&about, &closing.up)?;
    let made = proof::stated(&rehearsal.schema()?, &ends.from);
    let left = diff(&ends.goal, &made, &mut *sides.goal_reference.meaning())?;
    if !left.is_empty() {
        return Err(still_differs("up", &left));
    }
    let after = proof::Snapshot::take(&mut *rehearsal, &pairs, proof::Side::Goal)?;
    before.compare(&after, &pairs, &BTreeSet::new()).map_err(|what| unproven(&what))?;
    Ok(text)
}

/// A comment of one line, whatever names are in it.
fn comment(text: &mut String, line: &str) {
    text.push_str(&format!("-- {}\n", on_one_line(line)));
}

fn body(text: &mut String, steps: &[Rendered], allow: bool) {
    for step in steps {
        text.push('\n');
        step.comments.iter().for_each(|line| comment(text, line));
        for statement in &step.statements {
            if step.destructive && allow {
                text.push_str("-- planctl:allow destructive-statement generated with --allow-destructive\n");
            }
            text.push_str(statement);
            text.push('\n');
        }
    }
}
