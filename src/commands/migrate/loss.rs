//! What a way back destroys, as `down` and `redo` put it.

use serde_json::{Value, json};

use crate::commands::Context;
use crate::engine::{Loss, Lost, OnLoss, Run};
use crate::generate::Ask;
use crate::report::{Report, Span, Style};

/// What a run may do: as it was asked for.
pub(super) fn rule(allow_destructive: bool) -> OnLoss {
    if allow_destructive { OnLoss::Allow } else { OnLoss::Refuse }
}

/// Runs, and once more when nothing was done since something would be lost, and whoever sits at the terminal says so.
/// `rehearsed_by` is what tries it out on a copy.
pub(super) fn run(
    ctx: &mut Context<'_>,
    allow_destructive: bool,
    rehearsed_by: &str,
    ask: &mut Ask<'_>,
    mut run: impl FnMut(&mut Context<'_>, OnLoss) -> crate::base::error::Result<Run>,
) -> crate::base::error::Result<Run> {
    let mut first = run(ctx, rule(allow_destructive))?;
    if !first.refused {
        return Ok(first);
    }
    let question = format!("{}\nRevert anyway?", sentences(&first.lost).join("\n"));
    match ask(&question) {
        Some(true) => run(ctx, OnLoss::Allow),
        answer => {
            let help = match answer {
                Some(_) => "nothing was changed".to_owned(),
                None => format!(
                    "--allow-destructive reverts anyway, --backup FILE makes a copy first; {rehearsed_by} tries it \
                     out on a copy"
                ),
            };
            first.error = first.error.map(|error| error.help(help));
            Ok(first)
        }
    }
}

fn sentences(lost: &[Lost]) -> Vec<String> {
    lost.iter().flat_map(Lost::sentences).collect()
}

/// Shows what was lost, or would be, and puts it on the wire.
///
/// JSON: `lost`, of each migration whose way back destroys something `version`, `name`, `recorded` (whether it was recorded
/// as applied and never ran here) and `losses`, each `kind` (`rows`, `values`, `deleted-rows`, `overwritten-values`), `table`,
/// `column` (null for rows) and `count` (null where only the rows can tell).
pub(super) fn report(report: &mut Report, lost: &[Lost]) {
    report.data.insert("lost".into(), lost.iter().map(wire).collect());
}

/// A line for each.
pub(super) fn show(report: &mut Report, lost: &[Lost]) {
    for sentence in sentences(lost) {
        report.document.line(Span::new(sentence, Style::Warning));
    }
}

/// The line behind those of what did not run for real.
pub(super) fn show_what_it_needs(report: &mut Report, lost: &[Lost]) {
    show(report, lost);
    if !lost.is_empty() {
        report.document.line(Span::new("for real, this needs --allow-destructive", Style::Warning));
    }
}

fn wire(lost: &Lost) -> Value {
    let loss = |loss: &Loss| {
        json!({
            "kind": loss.kind.as_str(),
            "table": loss.table.as_str(),
            "column": loss.column.as_ref().map(|column| column.as_str()),
            "count": loss.count,
        })
    };
    json!({
        "version": lost.version,
        "name": lost.name,
        "recorded": lost.recorded,
        "losses": lost.losses.iter().map(loss).collect::<Value>(),
    })
}
