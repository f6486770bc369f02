//! What a run destroys, as `up`, `down` and `redo` put it.

use crate::base::error::Error;
use crate::commands::Context;
use crate::engine::{Loss, LossKind, Lost, OnLoss, Run};
use crate::generate::Ask;
use crate::report::wire::run as wire;
use crate::report::{Report, Span, Style};

/// What is said when the answer was no.
pub(in crate::commands) const NOT_REVERTED: &str = "not reverted";

/// How a run is spoken of that would destroy something.
#[derive(Clone, Copy)]
pub(in crate::commands) struct Words {
    /// What is asked.
    pub(in crate::commands) question: &'static str,
    /// What is said when the answer was no.
    pub(in crate::commands) no: &'static str,
    /// What --allow-destructive does.
    pub(in crate::commands) anyway: &'static str,
    /// What tries it out on a copy.
    pub(in crate::commands) rehearsed_by: &'static str,
}

impl Words {
    /// Of `migrate down`, and of whatever else reverts.
    pub(in crate::commands) const DOWN: Words = Words {
        question: "Revert anyway?",
        no: NOT_REVERTED,
        anyway: "reverts anyway",
        rehearsed_by: "--rehearse",
    };
    /// Of `migrate up`.
    pub(in crate::commands) const UP: Words =
        Words { question: "Apply anyway?", no: "not applied", anyway: "applies anyway", ..Words::DOWN };
}

/// What a run may do: as it was asked for.
pub(in crate::commands) fn rule(allow_destructive: bool) -> OnLoss {
    if allow_destructive { OnLoss::Allow } else { OnLoss::Refuse }
}

/// Runs, and once more when nothing was done since something would be lost, and whoever sits at the terminal says so.
pub(in crate::commands) fn run(
    ctx: &mut Context<'_>,
    allow_destructive: bool,
    words: Words,
    ask: &mut Ask<'_>,
    mut run: impl FnMut(&mut Context<'_>, OnLoss) -> crate::base::error::Result<Run>,
) -> crate::base::error::Result<Run> {
    let mut first = run(ctx, rule(allow_destructive))?;
    if !first.refused {
        return Ok(first);
    }
    let question = format!("{}\n{}", sentences(&first.lost).join("\n"), words.question);
    match ask(&question) {
        Some(true) => run(ctx, OnLoss::Allow),
        answer => {
            first.error = first.error.map(|error| match answer {
                // Whoever was asked has just read what would be lost.
                Some(_) => Error::new(error.kind(), words.no),
                None => error.help(format!(
                    "--allow-destructive {}, --backup FILE makes a copy first; {} tries it out on a copy",
                    words.anyway, words.rehearsed_by
                )),
            });
            Ok(first)
        }
    }
}

fn sentences(lost: &[Lost]) -> Vec<String> {
    lost.iter().flat_map(Lost::sentences).collect()
}

/// What was lost, or would be, on the wire.
pub(in crate::commands) fn wire(lost: &[Lost]) -> Vec<wire::Lost> {
    lost.iter().map(of_migration).collect()
}

/// A line for each.
pub(in crate::commands) fn show(report: &mut Report, lost: &[Lost]) {
    for sentence in sentences(lost) {
        report.document.line(Span::new(sentence, Style::Warning));
    }
}

/// The line behind those of what did not run for real.
pub(in crate::commands) fn show_what_it_needs(report: &mut Report, lost: &[Lost]) {
    show(report, lost);
    if !lost.is_empty() {
        report.document.line(Span::new("for real, this needs --allow-destructive", Style::Warning));
    }
}

fn of_migration(lost: &Lost) -> wire::Lost {
    let loss = |loss: &Loss| wire::Loss {
        kind: match loss.kind {
            LossKind::Rows => wire::LossKind::Rows,
            LossKind::Values => wire::LossKind::Values,
            LossKind::DeletedRows => wire::LossKind::DeletedRows,
            LossKind::OverwrittenValues => wire::LossKind::OverwrittenValues,
            LossKind::Column => wire::LossKind::Column,
            LossKind::Index => wire::LossKind::Index,
            LossKind::Trigger => wire::LossKind::Trigger,
        },
        table: loss.table.as_str().to_owned(),
        column: loss.column.as_ref().map(|column| column.as_str().to_owned()),
        object: loss.object.as_ref().map(|object| object.as_str().to_owned()),
        count: loss.count,
    };
    wire::Lost {
        version: lost.version,
        name: lost.name.clone(),
        recorded: lost.recorded,
        losses: lost.losses.iter().map(loss).collect(),
    }
}
