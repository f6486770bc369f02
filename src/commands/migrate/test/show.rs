//! Results as findings, as JSON and as a document.

use super::Results;
use crate::base::finding::{Finding, Object};
use crate::base::progress::human;
use crate::base::rule::GateRule;
use crate::base::severity::Severity;
use crate::base::source::Location;
use crate::base::words::counted;
use crate::commands::migrate::millis;
use crate::engine::SeededTable;
use crate::report::wire::testing as wire;
use crate::report::{Block, Cell, Document, Report, Span, Style};
use crate::verify::test::migration_tests::{Failure, TestResult};
use crate::verify::test::rows::{Loss, Lost};
use crate::verify::test::trip::{RoundTrip, TripFailure, TripOutcome};

impl Results {
    /// What is wrong, as findings of the rules `migration-test` and `round-trip`.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for test in &self.tests {
            findings.extend(test.failures.iter().map(|failure| Finding {
                expected: failure.expected.clone(),
                actual: failure.actual.clone(),
                ..finding(
                    GateRule::MigrationTest,
                    "test",
                    test.name.clone(),
                    &failure.location,
                    &failure.message,
                )
            }));
        }
        for trip in &self.trips {
            findings.extend(trip.failures().iter().map(|failure| {
                finding(GateRule::RoundTrip, "migration", trip.label(), &failure.location, &failure.message)
            }));
        }
        findings
    }

    /// Adds to a report the JSON keys `tests` and `round_trips`, and to its document the details of what failed, the two
    /// tables and the counts, `none` with them, which says why there are none. Findings, rules and outcome are the caller's.
    pub fn fill(&self, report: &mut Report, none: Option<String>) {
        let tests = self.tests.iter().map(test_on_wire).collect();
        let round_trips = self.trips.iter().map(trip_on_wire).collect();
        report.body = Some(wire::Tests { tests, round_trips }.into());
        self.details(&mut report.document);
        self.test_table(report);
        self.trip_table(report);
        self.remarks(report);
        report.document.line(self.counts(none));
    }

    /// What was expected and what was found, for each failure: more than a finding's message has room for.
    pub fn details(&self, document: &mut Document) {
        for test in &self.tests {
            for failure in &test.failures {
                test_failure(document, failure);
            }
        }
        for trip in &self.trips {
            for failure in trip.failures() {
                if let Some(detail) = &failure.detail {
                    document.heading(format!("{}: {}", failure.location, trip.label()));
                    code(document, "text", detail);
                }
            }
        }
    }

    fn test_table(&self, report: &mut Report) {
        if self.tests.is_empty() {
            return;
        }
        let rows = self.tests.iter().map(|test| {
            let (word, style) = if test.passed() { ("passed", Style::Good) } else { ("failed", Style::Bad) };
            vec![
                Span::new(test.name.as_str(), Style::Strong).into(),
                Span::new(word, style).into(),
                Cell::count(test.expectations),
                Cell::number(human(test.took)),
            ]
        });
        report.document.table(&["test", "result", "expectations", "took"], rows.collect());
    }

    fn trip_table(&self, report: &mut Report) {
        if self.trips.is_empty() {
            return;
        }
        let rows = self.trips.iter().map(|trip| {
            let (word, style) = match &trip.outcome {
                TripOutcome::Passed => ("passed", Style::Good),
                TripOutcome::UpOnly(_) => ("up only", Style::Warning),
                TripOutcome::NotRun(_) => ("not run", Style::Warning),
                TripOutcome::Failed(_) => ("failed", Style::Bad),
            };
            let seeded = trip.tables.iter().filter(|table| table.not_seeded.is_none()).count();
            vec![
                Span::new(trip.label(), Style::Strong).into(),
                Span::new(word, style).into(),
                Cell::number(format!("{seeded} of {}", trip.tables.len())),
                Cell::count(trip.tables.iter().map(|table| table.rows).sum::<u64>()),
                Cell::number(human(trip.took)),
            ]
        });
        report.document.table(&["round trip", "result", "tables seeded", "rows", "took"], rows.collect());
    }

    /// What is no failure, and must not go unsaid.
    fn remarks(&self, report: &mut Report) {
        for trip in &self.trips {
            let label = trip.label();
            if let TripOutcome::UpOnly(reason) | TripOutcome::NotRun(reason) = &trip.outcome {
                report.document.line(format!("{label}: {reason}"));
            }
            for note in &trip.notes {
                report.document.blocks.push(Block::Remark(format!("{label}: {note}")));
            }
            for table in &trip.tables {
                if let Some(reason) = &table.not_seeded {
                    report.document.line(format!("{label}: {} not seeded: {reason}", table.table.as_str()));
                }
            }
            let lost: Vec<String> = trip
                .lost
                .iter()
                .map(|lost| {
                    let table = lost.table.as_str();
                    let what = lost
                        .column
                        .as_ref()
                        .map_or_else(|| table.to_owned(), |column| format!("{table}.{}", column.as_str()));
                    format!("{what} ({} {})", counted(lost.rows, "row"), lost.loss.as_str())
                })
                .collect();
            if !lost.is_empty() {
                report.document.line(format!("{label}: its down does not restore {}", lost.join(", ")));
            }
        }
    }

    /// `none` says why there are none of a kind.
    fn counts(&self, none: Option<String>) -> Span {
        let failed = self.tests.iter().filter(|test| !test.passed()).count();
        let broken = self.trips.iter().filter(|trip| !trip.failures().is_empty()).count();
        let passed = self.trips.iter().filter(|trip| trip.outcome == TripOutcome::Passed).count();
        let not_run = self.trips.iter().filter(|trip| matches!(trip.outcome, TripOutcome::NotRun(_))).count();
        let up_only = self.trips.len() - passed - broken - not_run;
        let style = if failed + broken == 0 { Style::Good } else { Style::Bad };
        let tests = outcomes("test", [(self.tests.len() - failed, "passed"), (failed, "failed")]);
        let kinds = [(passed, "passed"), (broken, "failed"), (up_only, "up only"), (not_run, "not run")];
        let parts = [tests, outcomes("round trip", kinds), none.unwrap_or_default()];
        let said = parts.iter().map(String::as_str).filter(|part| !part.is_empty());
        Span::new(said.collect::<Vec<_>>().join("; "), style)
    }
}

/// `2 round trips passed, 1 failed`; nothing where there are none.
fn outcomes<const N: usize>(what: &str, counts: [(usize, &str); N]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (count, outcome) in counts.into_iter().filter(|(count, _)| *count > 0) {
        let number = if parts.is_empty() { counted(count, what) } else { count.to_string() };
        parts.push(format!("{number} {outcome}"));
    }
    parts.join(", ")
}

fn finding(rule: GateRule, kind: &'static str, name: String, location: &Location, message: &str) -> Finding {
    let object = Object { kind, table: None, name: Some(name) };
    let finding = Finding::new(rule, Severity::Error, object, message.to_owned());
    Finding { location: Some(location.clone()), ..finding }
}

fn test_failure(document: &mut Document, failure: &Failure) {
    // The finding says the message.
    document.heading(failure.location.to_string());
    if let Some(sql) = &failure.sql {
        code(document, "sql", sql);
    }
    match (&failure.detail, &failure.expected, &failure.actual) {
        (Some(detail), Some(_), _) => code(document, "diff", detail),
        (Some(detail), None, _) => code(document, "text", detail),
        (None, Some(expected), Some(actual)) => code(document, "diff", &format!("- {expected}\n+ {actual}")),
        _ => {}
    }
}

fn code(document: &mut Document, language: &'static str, text: &str) {
    document.blocks.push(Block::Code { language, text: text.to_owned() });
}

fn test_on_wire(test: &TestResult) -> wire::Test {
    let failure = |failure: &Failure| wire::TestFailure {
        line: failure.location.line,
        column: failure.location.column,
        message: failure.message.clone(),
        sql: failure.sql.clone(),
        expected: failure.expected.clone(),
        actual: failure.actual.clone(),
    };
    wire::Test {
        file: test.file.clone(),
        version: test.version,
        outcome: if test.passed() { wire::TestOutcome::Passed } else { wire::TestOutcome::Failed },
        took_ms: millis(test.took),
        expectations: test.expectations,
        failures: test.failures.iter().map(failure).collect(),
    }
}

fn trip_on_wire(trip: &RoundTrip) -> wire::RoundTrip {
    let (outcome, reason) = match &trip.outcome {
        TripOutcome::Passed => (wire::TripOutcome::Passed, None),
        TripOutcome::UpOnly(reason) => (wire::TripOutcome::UpOnly, Some(reason.clone())),
        TripOutcome::NotRun(reason) => (wire::TripOutcome::NotRun, Some(reason.clone())),
        TripOutcome::Failed(_) => (wire::TripOutcome::Failed, None),
    };
    let failure = |failure: &TripFailure| wire::TripFailure {
        file: failure.location.file.display().to_string(),
        line: failure.location.line,
        column: failure.location.column,
        message: failure.message.clone(),
        detail: failure.detail.clone(),
    };
    let not_seeded = |table: &SeededTable| {
        let reason = table.not_seeded.clone()?;
        Some(wire::NotSeeded { table: table.table.as_str().to_owned(), reason })
    };
    let lost = |lost: &Lost| wire::TripLoss {
        table: lost.table.as_str().to_owned(),
        column: lost.column.as_ref().map(|column| column.as_str().to_owned()),
        rows: lost.rows,
        what: match lost.loss {
            Loss::Changed => wire::RowChange::Changed,
            Loss::Missing => wire::RowChange::Missing,
            Loss::Extra => wire::RowChange::Extra,
        },
    };
    wire::RoundTrip {
        version: trip.version,
        name: trip.name.clone(),
        outcome,
        reason,
        took_ms: millis(trip.took),
        tables: trip.tables.len(),
        rows: trip.tables.iter().map(|table| table.rows).sum::<u64>(),
        failures: trip.failures().iter().map(failure).collect(),
        not_seeded: trip.tables.iter().filter_map(not_seeded).collect(),
        lost: trip.lost.iter().map(lost).collect(),
        notes: trip.notes.clone(),
    }
}
