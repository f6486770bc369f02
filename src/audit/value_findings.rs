//! What the rows came to, as findings of the audit, and the ledger's entries about rows.

use time::Date;

use super::finding::{expired, new, stale, subject};
use super::values::Plan;
use super::{Ledger, Names};
use crate::base::finding::{Excuse, Finding, Object};
use crate::base::rule::RowRule;
use crate::base::words::counted;
use crate::row_checks::{Stated, ValueFinding};
use crate::schema::Ident;

/// Findings for what was found, the ledger's entries about rows held against them; with `strict` nothing is excused.
///
/// An entry stays in force while its rows come and go: it is stale only when the spec states nothing that it could
/// be about.
pub fn value_findings(
    plan: &Plan,
    found: &[ValueFinding],
    names: &Names,
    ledger: &Ledger,
    strict: bool,
    today: Date,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = found.iter().map(|found| finding(found, names)).collect();
    if strict {
        return findings;
    }
    let mut ledger_findings = Vec::new();
    for entry in ledger.deviations.iter().filter(|entry| entry.rule.is_about_rows()) {
        let speaks_of = |stated: &Stated, table: &Ident, actual: Option<&str>| {
            let object = object(stated, table, names);
            let table = object.table.as_deref().map(Ident::from);
            let actual = stated.meant.as_deref().or(actual);
            let mut expected = std::iter::once(&stated.expected).chain(&stated.written);
            expected.any(|expected| {
                let sides = [Some(expected.as_str()), actual];
                entry.excuses(stated.rule, table.as_ref(), object.name.as_deref(), sides)
            })
        };
        let lapsed = entry.expires.filter(|&last| last < today);
        for (found, finding) in found.iter().zip(&mut findings) {
            if !speaks_of(&found.stated, &found.table, finding.actual.as_deref()) {
                continue;
            }
            match lapsed {
                None => {
                    finding.excuse = Some(Excuse { reason: entry.reason.clone(), link: entry.link.clone() });
                }
                Some(last) => ledger_findings.push(expired(entry, last, finding.object.clone())),
            }
        }
        let is_stated = plan.stated.iter().any(|(table, stated)| {
            // Where no values are meant, `actual` is about what was found.
            let found_now = stated.meant.is_none() && stated.rule != RowRule::Enum;
            speaks_of(stated, table, entry.actual.as_deref().filter(|_| found_now))
        });
        if !is_stated {
            let message = format!("the spec says nothing that a {} could refer to", entry.rule);
            ledger_findings.push(stale(entry, format!("{message}: remove the entry")));
        }
    }
    findings.extend(ledger_findings);
    findings
}

fn finding(found: &ValueFinding, names: &Names) -> Finding {
    let stated = &found.stated;
    let object = object(stated, &found.table, names);
    let live = object_in(stated, found.table.as_str(), stated.columns.iter().map(Ident::as_str));
    let message = message(stated, found.rows, &object);
    Finding {
        note: stated.meant.as_ref().map(|meant| format!("these hold {meant}")),
        live_object: (live != object).then_some(live),
        expected: Some(stated.expected.clone()),
        actual: Some(actual(found)),
        location: stated.location.clone(),
        ..new(stated.rule, object, message)
    }
}

fn object(stated: &Stated, table: &Ident, names: &Names) -> Object {
    let columns: Vec<Ident> = stated.columns.iter().map(|column| names.column(table, column)).collect();
    object_in(stated, names.table(table).as_str(), columns.iter().map(Ident::as_str))
}

fn object_in<'a>(stated: &Stated, table: &str, columns: impl Iterator<Item = &'a str>) -> Object {
    let kind = match stated.rule {
        RowRule::Check => "check",
        RowRule::ForeignKey => "foreign-key",
        RowRule::Unique if stated.name.is_some() => "index",
        RowRule::Unique if stated.is_primary_key => "primary-key",
        RowRule::Unique => "unique",
        _ => "column",
    };
    let name = match &stated.name {
        Some(name) => name.as_str().to_owned(),
        None => columns.collect::<Vec<_>>().join(", "),
    };
    Object { kind, table: Some(table.to_owned()), name: (!name.is_empty()).then_some(name) }
}

/// `3 rows, first plan_id: '01A', '01B', …`
fn actual(found: &ValueFinding) -> String {
    let mut text = counted(found.rows, "row");
    if !found.first_keys.is_empty() {
        let what = if found.rows == 1 { ", " } else { ", first " };
        let keys = found.first_keys.join(", ");
        text.push_str(&format!("{what}{}: {keys}", found.key.join(", ")));
        if found.rows > found.first_keys.len() as u64 {
            text.push_str(", …");
        }
    }
    text
}

fn message(stated: &Stated, rows: u64, object: &Object) -> String {
    let (hold, have) = if rows == 1 { ("holds", "has") } else { ("hold", "have") };
    let what = match (stated.rule, &stated.meant) {
        (RowRule::Null, _) => format!("{hold} NULL"),
        (RowRule::Enum, Some(meant)) => format!("{hold} {meant}"),
        (RowRule::Enum, None) => format!("{hold} a value that the spec does not list"),
        (RowRule::Json, _) => format!("{hold} something that is not JSON"),
        (RowRule::Ulid, _) => format!("{hold} something that is not a ULID"),
        (RowRule::Uuid, _) => format!("{hold} something that is not a UUID"),
        (RowRule::Timestamp, _) => format!("{hold} something that is not {}", stated.expected),
        (RowRule::Type, _) => format!("{hold} a value that {} would change or refuse", stated.expected),
        (RowRule::ForeignKey, _) => format!("{have} no parent"),
        (RowRule::Unique, _) => format!("{have} the same values as another row"),
        (RowRule::Check, _) => if rows == 1 { "breaks it" } else { "break it" }.to_owned(),
    };
    format!("{}: {} {what}", subject(object), counted(rows, "row"))
}
