//! What a report says of two scripts.

use crate::generate::{ScriptPair, Warning, Way};
use crate::plan::{Counted, HAZARD, Hazard, Loss};
use crate::report::Report;
use crate::report::wire::audit::{self, ClosingScript, HazardKind, Known};

pub(super) const HAZARD_ON_DOWN: &str = "Hazard on down: ";

/// Says to readers what there is to know before either of the two is run.
pub(super) fn tell(report: &mut Report, scripts: &ScriptPair) {
    // Where the down stops is told with the columns that are to blame.
    let told = scripts.hazards.iter().filter(|warning| {
        !matches!(
            (&warning.hazard, warning.counted),
            // What costs time costs none where there are no rows.
            (Hazard::StopsAtAll { .. }, _)
                | (Hazard::Copies { .. } | Hazard::Reads { .. } | Hazard::Writes { .. }, Counted::Rows(0))
        )
    });
    for warning in told {
        let sentence = warning.hazard.sentence(warning.counted);
        report.document.line(match warning.way {
            Way::Up => format!("{HAZARD}{sentence}"),
            Way::Down => format!("{HAZARD_ON_DOWN}{sentence}"),
        });
    }
    if let Some(reason) = &scripts.irreversible {
        report.document.line(format!("It cannot be reverted: {reason}"));
    }
}

/// The same for programs.
pub(super) fn known(scripts: &ScriptPair) -> Known {
    Known {
        lost: scripts.lost.iter().map(|loss| loss.what(Counted::Unknown)).collect(),
        hazards: scripts.hazards.iter().map(wire).collect(),
    }
}

/// A script as the result of a command, with what there is to know of it; `None` when there is nothing to do.
pub(super) fn closing_script(command: &'static str, text: String, scripts: Option<&ScriptPair>) -> Report {
    let known = scripts.map(known).unwrap_or_default();
    let script = ClosingScript { sql: text.clone(), known };
    Report { body: Some(script.into()), text: Some(text), ..Report::new(command) }
}

fn wire(warning: &Warning) -> audit::Hazard {
    let Warning { way, hazard, counted } = warning;
    audit::Hazard {
        way: match way {
            Way::Up => audit::Way::Up,
            Way::Down => audit::Way::Down,
        },
        hazard: kind(hazard),
        table: hazard.table().map(|name| name.as_str().to_owned()),
        column: hazard.column().map(|name| name.as_str().to_owned()),
        rows: match counted {
            Counted::Rows(n) => Some(*n),
            Counted::Unknown => None,
        },
        message: hazard.sentence(*counted),
    }
}

fn kind(hazard: &Hazard) -> HazardKind {
    match hazard {
        Hazard::Copies { .. } => HazardKind::Copies,
        Hazard::Reads { .. } | Hazard::Indexes { .. } => HazardKind::Reads,
        Hazard::NotIndexed { .. } => HazardKind::NotIndexed,
        Hazard::Writes { .. } => HazardKind::Writes,
        Hazard::StopsAt { .. } => HazardKind::StopsAt,
        Hazard::StopsAtAll { .. } => HazardKind::StopsAtAll,
        Hazard::MakesUp { .. } => HazardKind::MakesUp,
        Hazard::Loses(Loss::Rows { .. }) => HazardKind::LosesRows,
        Hazard::Loses(Loss::Values { .. }) => HazardKind::LosesValues,
        Hazard::Loses(Loss::Computed { .. }) => HazardKind::OverwritesValues,
        Hazard::Loses(Loss::Converted { .. }) => HazardKind::ConvertsValues,
        Hazard::Loses(Loss::Nulls { .. }) => HazardKind::FillsNulls,
    }
}
