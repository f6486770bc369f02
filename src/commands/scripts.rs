//! What a report says of two scripts.

use serde_json::{Value, json};

use crate::generate::{ScriptPair, Warning, Way};
use crate::plan::{Counted, HAZARD, Hazard, Loss};
use crate::report::Report;

const HAZARD_OF_THE_DOWN: &str = "Hazard of the down: ";

/// Adds what is lost and what there is to know before either of the two is run, for programs and for readers.
pub(super) fn tell(report: &mut Report, scripts: &ScriptPair) {
    record(report, Some(scripts));
    // Where the way back stops is told with the columns that are to blame.
    let told = scripts.hazards.iter().filter(|warning| !matches!(warning.hazard, Hazard::StopsAtAll { .. }));
    for warning in told {
        let sentence = warning.hazard.sentence(warning.counted);
        report.document.line(match warning.way {
            Way::Up => format!("{HAZARD}{sentence}"),
            Way::Down => format!("{HAZARD_OF_THE_DOWN}{sentence}"),
        });
    }
    if let Some(reason) = &scripts.irreversible {
        report.document.line(format!("It cannot be reverted: {reason}"));
    }
}

/// Adds the same for programs alone; `None` when there is nothing to do.
pub(super) fn record(report: &mut Report, scripts: Option<&ScriptPair>) {
    let lost = scripts.map_or(&[][..], |scripts| &scripts.lost).iter();
    let lost: Vec<String> = lost.map(|loss: &Loss| loss.what(Counted::Unknown)).collect();
    let hazards = scripts.map_or(&[][..], |scripts| &scripts.hazards).iter();
    report.data.insert("lost".into(), lost.into());
    report.data.insert("hazards".into(), hazards.map(wire).collect());
}

fn wire(warning: &Warning) -> Value {
    let Warning { way, hazard, counted } = warning;
    json!({
        "way": way.as_str(),
        "hazard": hazard.kind(),
        "table": hazard.table().map(|name| name.as_str()),
        "column": hazard.column().map(|name| name.as_str()),
        "rows": match counted {
            Counted::Rows(n) => Some(*n),
            Counted::Unknown => None,
        },
        "message": hazard.sentence(*counted),
    })
}
