//! Known drift: what a file says of findings that are not fixed yet.

use std::path::Path;

use crate::audit::{Audit, Baseline};
use crate::base::error::Result;
use crate::base::replacement::Replacement;
use crate::base::source::SourceFile;
use crate::commands::{counted, word};

/// Marks the findings that `file` has; gives what there is to say of its other entries. Those about rows are left alone where
/// nobody has looked at rows (`data`).
pub(super) fn apply(audit: &mut Audit, file: &Path, data: bool) -> Result<Vec<String>> {
    let source = SourceFile::read(file).map_err(|error| {
        let record = || format!("`planctl audit --write-baseline {}` records what is found now", word(file));
        if file.exists() { error } else { error.help(record()) }
    })?;
    let baseline = Baseline::parse(&source)?;
    let unlooked = if data { 0 } else { baseline.rows() };
    let stale = baseline.len() - unlooked - mark(audit, &baseline);
    let file = file.display();
    let mut notes = Vec::new();
    if stale > 0 {
        let entries = match stale {
            1 => "1 entry no longer matches",
            more => &format!("{more} entries no longer match"),
        };
        notes.push(format!("{file}: {entries} anything; --write-baseline {file} removes what was fixed"));
    }
    if unlooked > 0 {
        notes.push(match unlooked {
            1 => format!("{file}: 1 entry is about rows; add --data to check it"),
            more => format!("{file}: {more} entries are about rows; add --data to check them"),
        });
    }
    Ok(notes)
}

/// Marks what the baseline has; gives the number of its entries that match something.
fn mark(audit: &mut Audit, baseline: &Baseline) -> usize {
    for finding in &mut audit.findings {
        finding.in_baseline = finding.excuse.is_none() && baseline.has(finding);
    }
    Baseline::of(audit.findings.iter().filter(|finding| finding.in_baseline)).len()
}

/// Records what is open. An existing file only shrinks, unless new findings are accepted; its entries about rows stay where
/// nobody has looked at rows (`data`).
pub(super) fn write(audit: &mut Audit, file: &Path, accept_new: bool, data: bool) -> Result<String> {
    let before = if file.exists() { Some(Baseline::parse(&SourceFile::read(file)?)?) } else { None };
    let mut found = Baseline::of(audit.findings.iter().filter(|finding| finding.excuse.is_none()));
    if let Some(before) = before.as_ref().filter(|_| !data) {
        found = found.with_rows_of(before);
    }
    let baseline = match &before {
        Some(before) if !accept_new => before.shrunk_to(&found),
        _ => found,
    };
    Replacement::write(file, baseline.text()?.as_bytes())?;
    mark(audit, &baseline);
    let left = audit.findings.iter().filter(|finding| finding.is_open()).count();
    let mut note = format!("{}: {} recorded", file.display(), counted(baseline.len(), "finding"));
    if left > 0 {
        note.push_str(&format!(
            ", {} left out because the file only shrinks; --accept-new adds them",
            counted(left, "finding")
        ));
    }
    Ok(note)
}
