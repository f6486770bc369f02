//! The texts of proven scripts.

use std::collections::BTreeSet;

use super::ends::Ends;
use super::pair::{DownStop, ScriptPair, Way};
use super::proof::{Snapshot, pairs_of, seeds, stated};
use super::unproven::still_differs;
use crate::base::error::Result;
use crate::base::job::Job;
use crate::engine::{self, Rendered};
use crate::plan::had_none;
use crate::sql::on_one_line;

/// The tables whose rows had no part in the proof: a sentence each.
pub fn without_rows(scripts: &ScriptPair) -> impl Iterator<Item = String> {
    scripts.untested.iter().map(|(table, reason)| {
        let reason = on_one_line(reason);
        format!("{}no row could be generated that both schemas accept ({reason})", had_none(table))
    })
}

/// What stops the way back: a sentence for each table.
pub fn stops_back(scripts: &ScriptPair) -> impl Iterator<Item = String> {
    scripts.down_stops.iter().map(|DownStop { table, columns }| {
        let table = table.shown();
        let names: Vec<_> = columns.iter().map(|column| column.shown()).collect();
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
pub fn up_text(label: &str, scripts: &ScriptPair) -> String {
    let rows = if scripts.with_rows { " with rows" } else { "" };
    let mut text = format!("-- {label}\n-- Generated, and proven on a shadow database{rows}.\n");
    for sentence in without_rows(scripts) {
        comment(&mut text, &format!("{sentence}."));
    }
    if let Some(hazard) = &scripts.stops {
        comment(&mut text, &hazard.comment());
    }
    if let Some(reason) = &scripts.irreversible {
        comment(&mut text, &format!("planctl:irreversible {reason}"));
    }
    body(&mut text, &scripts.up, true);
    text
}

/// The down file of a migration that has one.
pub fn down_text(label: &str, scripts: &ScriptPair) -> String {
    let mut text = format!("-- Reverts {label}.\n");
    for sentence in stops_back(scripts) {
        comment(&mut text, &format!("Stops, and changes nothing, where {sentence}."));
    }
    for loss in &scripts.lost {
        comment(&mut text, &loss.comment());
    }
    body(&mut text, &scripts.down, false);
    text
}

/// A script that plain `sqlite3` runs on any connection to a database with the schema that it leads from. It is one
/// transaction, stops at the first error, and then leaves nothing behind. The very text was run, with rows.
///
/// # Errors
/// `Migration` where the shell would not get to the same end.
pub fn standalone(from: &str, to: &str, scripts: &ScriptPair, job: Job<'_>) -> Result<String> {
    let (from, to) = (on_one_line(from), on_one_line(to));
    let [run, _] = engine::how_to_run(scripts.claim.target);
    let about = [
        format!("Takes a database from the schema of {from} to that of {to}, and keeps its rows."),
        run.to_owned(),
        "It is one transaction: all of it happens, or nothing. If the schema is not that one, nothing does:"
            .to_owned(),
        "generate the script again from that database.".to_owned(),
    ];
    let claim = &scripts.claim;
    let ends = Ends::new(&claim.from, &claim.goal, claim.target, job)?;
    let pairs = pairs_of(&claim.names, &claim.from, &claim.goal, &claim.plan);
    let mut rehearsal = ends.rehearsal(&seeds(&pairs), claim.db.as_deref())?;
    let before = Snapshot::before(&mut *rehearsal, &pairs)?;
    let text = rehearsal.script(&about, &scripts.up)?;
    let left = ends.goal.differences(&stated(&rehearsal.schema()?, &claim.from))?;
    if !left.is_empty() {
        return Err(still_differs(Way::Up, &left));
    }
    before.compare(&mut *rehearsal, Way::Up, &BTreeSet::new())?;
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
