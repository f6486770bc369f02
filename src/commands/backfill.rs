//! `planctl backfill`: gives every row its true root ancestor.

use std::time::Duration;

use super::Context;
use crate::backfill::{BackfillSpec, Cycle, Id, OnCycle, OnOrphan, Outcome};
use crate::base::error::Result;
use crate::base::words::{counted, thousands};
use crate::engine::{self, Access, DatabaseName, OpenOptions};
use crate::report::wire::rows::{Backfill, Cycles, Orphans, Refusal, Scalar};
use crate::report::{self, Cell, Report, Span, Style};

/// What `backfill` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackfillRequest {
    /// The database file.
    pub db: DatabaseName,
    /// What to fill, and what to do with cycles and orphans.
    pub spec: BackfillSpec,
    /// Only report what would be written.
    pub dry_run: bool,
    /// How long to wait for a lock that another process holds.
    pub lock_timeout: Duration,
}

/// Fills the roots. A refused run (a cycle or an orphan under `abort`) wrote nothing and counts as a finding; rows that
/// were skipped because that was asked for do not.
///
/// # Errors
/// Those of [`engine::Engine::backfill`], and of opening the database.
pub fn run(ctx: &mut Context<'_>, request: &BackfillRequest) -> Result<Report> {
    let access = if request.dry_run { Access::ReadOnly } else { Access::ReadWrite { create: false } };
    let mut engine =
        engine::open(&request.db, access, OpenOptions { lock_timeout: request.lock_timeout }, ctx.job)?;
    let outcome = engine.backfill(&request.spec, request.dry_run, ctx.job)?;
    let mut report = Report::new("backfill");
    report.body = Some(wire(&outcome, request).into());
    if outcome.refused.is_some() {
        report.outcome = report::Outcome::Findings;
    }
    show(&mut report, &outcome, request);
    Ok(report)
}

fn wire(outcome: &Outcome, request: &BackfillRequest) -> Backfill {
    let ids = |ids: &[Id]| ids.iter().map(scalar).collect::<Vec<Scalar>>();
    let Outcome { orphans, cycles, .. } = outcome;
    let refused = outcome.refused.map_or_else(Vec::new, |refusal| {
        let parts = [(refusal.cycles, Refusal::Cycles), (refusal.orphans, Refusal::Orphans)];
        parts.into_iter().filter_map(|(is, what)| is.then_some(what)).collect()
    });
    Backfill {
        rows: outcome.rows,
        roots: outcome.roots,
        filled: outcome.filled,
        corrected: outcome.corrected,
        wrong: outcome.wrong,
        unchanged: outcome.unchanged,
        max_depth: outcome.max_depth,
        orphans: Orphans { count: orphans.count, ids: ids(&orphans.ids), rows_below: orphans.rows_below },
        cycles: Cycles {
            count: cycles.count,
            rows: cycles.rows,
            examples: cycles.examples.iter().map(|cycle| ids(&cycle.ids)).collect(),
            examples_cut: cycles.count > cycles.examples.len() as u64
                || cycles.examples.iter().any(|cycle| cycle.cut),
            rows_below: cycles.rows_below,
        },
        refused,
        dry_run: request.dry_run,
        database: request.db.display().to_string(),
        table: request.spec.table.clone(),
    }
}

fn scalar(id: &Id) -> Scalar {
    match id {
        Id::Null => Scalar::Null,
        Id::Integer(value) => Scalar::Integer(*value),
        // JSON has no infinity.
        Id::Real(value) if value.is_finite() => Scalar::Real(*value),
        Id::Real(_) | Id::Text(_) | Id::Blob(_) => Scalar::Text(id.to_string()),
    }
}

fn show(report: &mut Report, outcome: &Outcome, request: &BackfillRequest) {
    let Outcome { orphans, cycles, .. } = outcome;
    let document = &mut report.document;
    let counts = [
        ("rows", outcome.rows),
        ("roots", outcome.roots),
        ("deepest row below its root", outcome.max_depth),
        ("filled", outcome.filled),
        ("corrected", outcome.corrected),
        ("left as they were", outcome.unchanged),
        ("with a wrong root", outcome.wrong),
    ];
    let row = |(what, count): (&str, u64)| vec![Cell::from(what), Cell::count(count)];
    document.table(&[request.spec.table.as_str(), "rows"], counts.into_iter().map(row).collect());

    if cycles.count > 0 {
        let verb = if request.spec.on_cycle == OnCycle::Skip { ", left alone" } else { "" };
        let below = below(cycles.rows_below);
        let text =
            format!("{} with {}{below}{verb}", counted(cycles.count, "cycle"), counted(cycles.rows, "row"));
        document.line(Span::new(text, Style::Bad));
        for cycle in &cycles.examples {
            document.line(Span::new(format!("  {}", path(cycle)), Style::Code));
        }
        cut(document, cycles.examples.len(), cycles.count, "cycles");
    }
    if orphans.count > 0 {
        let verb = match request.spec.on_orphan {
            OnOrphan::Abort => "",
            OnOrphan::SelfRoot if orphans.count == 1 => ", made a root",
            OnOrphan::SelfRoot => ", made roots",
            OnOrphan::Skip => ", left alone",
        };
        let below = below(orphans.rows_below);
        let noun = counted(orphans.count, "row");
        document.line(Span::new(format!("{noun} whose parent does not exist{below}{verb}"), Style::Bad));
        let ids: Vec<String> = orphans.ids.iter().map(Id::to_string).collect();
        document.line(Span::new(format!("  {}", ids.join(", ")), Style::Code));
        cut(document, orphans.ids.len(), orphans.count, "orphans");
    }
    let Some(refusal) = outcome.refused else {
        if outcome.wrong > outcome.corrected {
            let text = match outcome.wrong {
                1 => "1 row holds a wrong root and was left: --recompute corrects it".to_owned(),
                wrong => format!(
                    "{} hold a wrong root and were left: --recompute corrects them",
                    counted(wrong, "row")
                ),
            };
            document.line(Span::new(text, Style::Warning));
        }
        let done = match (request.dry_run, outcome.filled + outcome.corrected) {
            (true, 0) => "dry run: there is nothing to write".to_owned(),
            (true, rows) => format!("dry run: {} would be written", counted(rows, "row")),
            (false, 0) => "nothing to write".to_owned(),
            (false, rows) => format!("{} written", counted(rows, "row")),
        };
        document.line(Span::new(done, Style::Good));
        return;
    };
    document.line(Span::new("refused: nothing was written", Style::Bad));
    if refusal.cycles {
        document.line("repair the cycles, or leave their rows as they are with --on-cycle skip");
    }
    if refusal.orphans {
        document.line(
            "repair the orphans, make them roots with --on-orphan self, or leave them with --on-orphan skip",
        );
    }
}

/// `a → b → c → a`: each row, its parent, and so on round.
fn path(cycle: &Cycle) -> String {
    let mut steps: Vec<String> = cycle.ids.iter().map(Id::to_string).collect();
    if cycle.cut {
        steps.push("…".to_owned());
    }
    steps.extend(steps.first().cloned());
    steps.join(" → ")
}

fn below(rows: u64) -> String {
    if rows == 0 { String::new() } else { format!(", and {} below", counted(rows, "row")) }
}

fn cut(document: &mut report::Document, shown: usize, count: u64, what: &str) {
    if count > shown as u64 {
        document.line(Span::new(format!("  first {shown} of {} {what}", thousands(count)), Style::Dim));
    }
}
