//! One finding per change, with a message, a place and, where the ledger has one, an excuse.

use std::borrow::Cow;
use std::collections::BTreeMap;

use time::Date;

use super::rules::rule;
use super::{Deviation, Kind, Ledger, Names, Places, Rename};
use crate::base::finding::{Excuse, Finding, Object};
use crate::base::rule::{AuditRule, LedgerRule, RuleCode};
use crate::base::severity::Severity;
use crate::base::source::{Location, SourceFile};
use crate::diff::{Change, Difference, Element, ObjectKind, ObjectName, ObjectRef};
use crate::schema::Ident;
use crate::sql::{display_name, shown};

/// What an audit found.
#[derive(Clone, Default, Debug)]
#[non_exhaustive]
pub struct Audit {
    /// Sorted; the same schemas and ledger always give the same list.
    pub findings: Vec<Finding>,
    /// Where the spec states the tables and views that the findings are about, by the spec's names.
    pub tables: BTreeMap<String, Location>,
}

impl Audit {
    /// Adds findings about the rows, each in its place.
    pub fn add(&mut self, findings: Vec<Finding>, spec: &SourceFile) {
        self.findings.extend(findings);
        self.sort(&Places::of(spec));
    }

    fn sort(&mut self, places: &Places<'_>) {
        self.findings.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        let named = self.findings.iter().filter_map(|finding| finding.object.table.as_deref());
        let place = |name: &str| places.find(Kind::Relation, &name.into(), &Element::Object);
        self.tables = named.filter_map(|name| Some((name.to_owned(), place(name)?))).collect();
    }
}

/// What is held against a spec.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The schema of a database.
    Database,
    /// That which the migrations produce: a deviation of one database is none of theirs.
    Migrations,
}

/// What an audit goes by.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Views and triggers that do not compile: what is found that no change closes by itself.
    pub broken: &'a [Change],
    /// The ledger.
    pub ledger: &'a Ledger,
    /// For each rename of the ledger, whether the database has the object under its live name.
    pub applied: &'a [bool],
    /// What is held against the spec.
    pub subject: Subject,
    /// Excuse nothing, and count renames, too.
    pub strict: bool,
    /// Decides which entries have expired.
    pub today: Date,
}

/// Turns changes into findings, and holds the ledger against them. Sorted: by table, rule, name.
pub fn audit(changes: &[Change], spec: &SourceFile, terms: Terms<'_>) -> Audit {
    let Terms { broken, ledger, applied, strict, .. } = terms;
    let all_applied = applied.iter().all(|&applied| applied);
    if changes.is_empty() && broken.is_empty() && ledger.deviations.is_empty() && all_applied && !strict {
        return Audit::default();
    }
    let places = Places::of(spec);
    let names = Names::of(ledger.renames_applied(applied));
    let mut findings = findings(changes, &names, &places, terms);
    findings.extend(rename_findings(ledger, applied, strict, &places));
    let mut audit = Audit { findings, ..Audit::default() };
    audit.sort(&places);
    audit
}

fn sort_key(finding: &Finding) -> impl Ord + '_ {
    let Finding { object, rule, expected, actual, message, .. } = finding;
    let table = object.table.as_deref().map(str::to_ascii_lowercase);
    let line = finding.location.as_ref().map(|location| (location.line, location.column));
    (table, *rule, &object.name, expected, actual, line, message)
}

fn findings(changes: &[Change], names: &Names, places: &Places<'_>, terms: Terms<'_>) -> Vec<Finding> {
    let Terms { broken, ledger, strict, today, .. } = terms;
    let mut findings: Vec<Finding> = changes
        .iter()
        .enumerate()
        .map(|(i, change)| Finding { change: Some(i), ..finding(change, names, places) })
        .collect();
    findings.extend(broken.iter().map(|change| finding(change, names, places)));
    if strict {
        return findings;
    }
    let mut ledger_findings = Vec::new();
    // Entries about rows are held against the rows, when those are looked at.
    for entry in ledger.deviations.iter().filter(|entry| !entry.rule.is_about_rows()) {
        let states = |finding: &Finding, expected: Option<&str>| {
            let table = finding.object.table.as_deref().map(Ident::from);
            let sides = [expected, finding.actual.as_deref()];
            entry.excuses(finding.rule, table.as_ref(), finding.object.name.as_deref(), sides)
        };
        let as_compared = |finding: &Finding| states(finding, finding.expected.as_deref());
        let as_written = |finding: &Finding| {
            let written = finding.change.and_then(|i| changes.get(i)?.written.as_deref());
            written.is_some_and(|text| states(finding, Some(&shown(text))))
        };
        let matched = findings.iter().position(as_compared).or_else(|| findings.iter().position(as_written));
        let whole_is_missing = findings.iter().any(|finding| is_missing_with(finding, entry));
        let matched = matched.and_then(|at| findings.get_mut(at));
        let lapsed = entry.expires.filter(|&last| last < today);
        match (matched, lapsed) {
            (Some(finding), None) => {
                finding.excuse = Some(Excuse { reason: entry.reason.clone(), link: entry.link.clone() });
            }
            (Some(finding), Some(last)) => {
                ledger_findings.push(expired(entry, last, finding.object.clone()));
            }
            // Nothing can be said of what is missing as a whole; that it is missing is a finding of its own.
            (None, _) if whole_is_missing => {}
            (None, _) => {
                let of = [entry.table.as_ref().map(Ident::as_str), entry.name.as_deref()];
                let of: Vec<String> = of.into_iter().flatten().map(display_name).collect();
                let of = if of.is_empty() { String::new() } else { format!(" of {}", of.join(".")) };
                let what = format!("{}{of}", entry.rule);
                let message = match terms.subject {
                    Subject::Database => format!("no {what} like this is left: remove the entry"),
                    Subject::Migrations => format!(
                        "the migrations produce no {what} like this: remove the entry; what only a database has is known \
                         drift (`planctl audit --write-baseline FILE`)"
                    ),
                };
                ledger_findings.push(stale(entry, message));
            }
        }
    }
    findings.extend(ledger_findings);
    findings
}

/// Whether `finding` says that the table or the column is missing that `entry` is about.
fn is_missing_with(finding: &Finding, entry: &Deviation) -> bool {
    let same = |name: &Option<String>, other: Option<&str>| match (name, other) {
        (Some(name), Some(other)) => name.eq_ignore_ascii_case(other),
        _ => false,
    };
    let table = entry.table.as_ref().map(Ident::as_str);
    finding.actual.is_none()
        && same(&finding.object.table, table)
        && match finding.rule {
            RuleCode::Audit(AuditRule::Schema(Difference::MissingTable)) => true,
            RuleCode::Audit(AuditRule::Schema(Difference::MissingColumn)) => {
                same(&finding.object.name, entry.name.as_deref())
            }
            _ => false,
        }
}

/// An entry that would excuse `object`, had its last day not passed.
pub(super) fn expired(entry: &Deviation, last: Date, object: Object) -> Finding {
    let message = format!("the ledger excused this {} until {last}: {}", entry.rule, entry.reason);
    ledger_finding(LedgerRule::Expired, object, message, &entry.location)
}

/// An entry that is about nothing.
pub(super) fn stale(entry: &Deviation, message: String) -> Finding {
    let object = Object {
        kind: "deviation",
        table: entry.table.as_ref().map(Ident::to_string),
        name: entry.name.clone(),
    };
    ledger_finding(LedgerRule::Stale, object, message, &entry.location)
}

fn ledger_finding(of: LedgerRule, object: Object, message: String, location: &Location) -> Finding {
    Finding { location: Some(location.clone()), ..new(of, object, message) }
}

/// A finding as severe as its rule.
pub(super) fn new(of: impl Into<AuditRule>, object: Object, message: String) -> Finding {
    let of = of.into();
    Finding::new(of, rule(of).severity, object, message)
}

/// The findings that renames are: with `strict` each counts; without, one that matches nothing is stale.
fn rename_findings(ledger: &Ledger, applied: &[bool], strict: bool, places: &Places<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (rename, &applied) in ledger.renames.iter().zip(applied) {
        let object = |table: &Ident, column: Option<&Ident>| Object {
            kind: if column.is_some() { "column" } else { "table" },
            table: Some(table.to_string()),
            name: Some(column.unwrap_or(table).to_string()),
        };
        let own = object(&rename.table, rename.column.as_ref());
        if !applied && !strict {
            let name = own.name.as_deref().unwrap_or_default();
            let message =
                format!("nothing is named {} instead of {} any more", rename.live, display_name(name));
            findings.push(ledger_finding(LedgerRule::Stale, own, message, &rename.location));
        } else if applied && strict {
            let missing = match rename.column {
                Some(_) => Difference::MissingColumn,
                None => Difference::MissingTable,
            };
            let live_table = live_table(ledger, &rename.table);
            let live = match &rename.column {
                Some(_) => object(&live_table, Some(&rename.live)),
                None => object(&rename.live, None),
            };
            let element = rename.column.clone().map_or(Element::Object, Element::Column);
            let (expected, actual) = (own.name.clone(), live.name.clone());
            let is_named = rename.live.shown();
            let message = format!("{} is named {is_named} in the database", subject(&own));
            findings.push(Finding {
                location: places.find(Kind::Relation, &rename.table, &element),
                live_object: Some(live),
                expected,
                actual,
                ..new(missing, own, message)
            });
        }
    }
    findings
}

fn live_table(ledger: &Ledger, table: &Ident) -> Ident {
    let rename =
        ledger.renames.iter().find(|rename: &&Rename| rename.column.is_none() && rename.table == *table);
    rename.map_or(table, |rename| &rename.live).clone()
}

fn finding(change: &Change, names: &Names, places: &Places<'_>) -> Finding {
    let live = live_object(&change.object);
    let (object, table) = spec_object(&change.object, names);
    let location = match change.object.kind {
        ObjectKind::Pragma => object.name.as_deref().and_then(|name| places.pragma(name)),
        ObjectKind::Index | ObjectKind::Trigger => {
            let kind = if change.object.kind == ObjectKind::Index { Kind::Index } else { Kind::Trigger };
            object.name.as_deref().and_then(|name| places.find(kind, &name.into(), &change.element))
        }
        _ => table.as_ref().and_then(|table| {
            let element = match (&change.element, &change.object.table) {
                (Element::Column(column), Some(live)) => Element::Column(names.column(live, column)),
                (element, _) => element.clone(),
            };
            places.find(Kind::Relation, table, &element)
        }),
    };
    let readable = |text: &Option<String>| text.as_deref().map(|text| shown(text).into_owned());
    let message = shown(&message(change, &object)).into_owned();
    let live_object = (live != object).then_some(live);
    let finding = new(change.difference, object, message);
    Finding {
        severity: if change.cosmetic { Severity::Warning } else { finding.severity },
        note: readable(&change.note()),
        live_object,
        expected: readable(&change.expected),
        actual: readable(&change.actual),
        location,
        ..finding
    }
}

fn live_object(object: &ObjectRef) -> Object {
    readable(Object {
        kind: object.kind.as_str(),
        table: object.table.as_ref().map(Ident::to_string),
        name: object.name.shown(),
    })
}

/// Names, too, may hold bytes that are not UTF-8.
fn readable(mut object: Object) -> Object {
    for name in [&mut object.table, &mut object.name].into_iter().flatten() {
        if let Cow::Owned(readable) = shown(name) {
            *name = readable;
        }
    }
    object
}

fn spec_object(object: &ObjectRef, names: &Names) -> (Object, Option<Ident>) {
    let table = object.table.as_ref().map(|table| names.table(table));
    let name = match (&object.name, &object.table) {
        (ObjectName::Columns(columns), Some(live)) => {
            join(&columns.iter().map(|column| names.column(live, column)).collect::<Vec<_>>())
        }
        (ObjectName::Columns(columns), None) => join(columns),
        (ObjectName::Own(_), _) if object.kind == ObjectKind::Table => table.as_ref().map(Ident::to_string),
        (ObjectName::Own(name), _) => Some(name.to_string()),
        (ObjectName::None, _) => None,
    };
    let of = table.as_ref().map(Ident::to_string);
    (readable(Object { kind: object.kind.as_str(), table: of, name }), table)
}

fn join(columns: &[Ident]) -> Option<String> {
    (!columns.is_empty()).then(|| columns.iter().map(Ident::as_str).collect::<Vec<_>>().join(", "))
}

/// What a change is about, in words and in the database's names: `column v3_plans.phase`.
pub fn subject_of(change: &Change) -> String {
    subject(&live_object(&change.object))
}

/// `column plans.phase`, `foreign key (plan_id) of plan_projects`, `index idx_plans_state`
pub(super) fn subject(object: &Object) -> String {
    let name = object.name.as_deref().unwrap_or_default();
    let table = object.table.as_deref().map(display_name).unwrap_or_default();
    match object.kind {
        "column" => format!("column {table}.{}", display_name(name)),
        "primary-key" => format!("primary key of {table}"),
        "unique" => format!("UNIQUE ({name}) of {table}"),
        "foreign-key" => format!("foreign key ({name}) of {table}"),
        "check" if name.is_empty() => format!("a CHECK of {table}"),
        "check" => format!("CHECK {name} of {table}"),
        "index" => format!("index {} on {table}", display_name(name)),
        "trigger" => format!("trigger {} on {table}", display_name(name)),
        kind => format!("{kind} {}", display_name(name)),
    }
}

fn message(change: &Change, object: &Object) -> String {
    let subject = subject(object);
    let mut message = match change.difference {
        Difference::MissingTable | Difference::MissingView if change.actual.is_some() => {
            format!("{subject} is {} in the database", change.actual.as_deref().unwrap_or_default())
        }
        Difference::MissingCheck | Difference::MissingForeignKey | Difference::MissingUnique
            if change.actual.is_some() =>
        {
            format!("{subject} is not what the spec says")
        }
        Difference::MissingTable
        | Difference::MissingColumn
        | Difference::MissingUnique
        | Difference::MissingForeignKey
        | Difference::MissingCheck
        | Difference::MissingIndex
        | Difference::MissingView
        | Difference::MissingTrigger => format!("{subject} is missing"),
        Difference::ExtraTable
        | Difference::ExtraColumn
        | Difference::ExtraUnique
        | Difference::ExtraForeignKey
        | Difference::ExtraCheck
        | Difference::ExtraIndex
        | Difference::ExtraView
        | Difference::ExtraTrigger => format!("{subject} is not in the spec"),
        Difference::ColumnOrder => format!("{subject} has its columns in a different order"),
        Difference::ColumnType => format!("{subject} has a different type"),
        Difference::ColumnNullability if change.allows_null => {
            format!("{subject} refuses NULL, the spec allows it")
        }
        Difference::ColumnNullability => format!("{subject} allows NULL, the spec does not"),
        Difference::ColumnDefault => match (&change.expected, &change.actual) {
            (None, _) => format!("{subject} has a default, the spec has none"),
            (_, None) => format!("{subject} has no default, the spec has one"),
            _ => format!("{subject} has a different default"),
        },
        Difference::ColumnCollation => format!("{subject} has a different collation"),
        Difference::ColumnGenerated => format!("{subject} is generated differently"),
        Difference::TableOption => format!("{subject} has different options"),
        Difference::PrimaryKey => format!("the {subject} differs"),
        Difference::Autoincrement => format!("the {subject} differs in AUTOINCREMENT"),
        Difference::ForeignKeyAction => format!("the {subject} acts differently"),
        Difference::ConflictClause => format!("{subject} has a different ON CONFLICT"),
        Difference::ConstraintName => format!("{subject} has a different constraint name"),
        Difference::IndexDefinition | Difference::ViewDefinition | Difference::TriggerDefinition => {
            format!("{subject} is defined differently")
        }
        Difference::BrokenView | Difference::BrokenTrigger => match (&change.expected, &change.actual) {
            (Some(spec), Some(live)) if spec == live => format!("{subject} does not compile: {spec}"),
            (Some(spec), Some(live)) => {
                format!("{subject} does not compile: {spec} in the spec, {live} in the database")
            }
            (Some(spec), None) => format!("{subject} of the spec does not compile: {spec}"),
            (None, live) => {
                format!("{subject} does not compile in the database: {}", live.as_deref().unwrap_or_default())
            }
        },
        Difference::VirtualTable => format!("virtual {subject} is defined differently"),
        Difference::Pragma => format!("{subject} has a different value"),
        Difference::Unmodelled => format!("{subject} differs in something that planctl can't interpret"),
    };
    if let Some(note) = change.note() {
        message.push_str(": ");
        message.push_str(&note);
    }
    message
}
