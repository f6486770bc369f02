//! `planctl check` where a repository has several databases: the gate of each, in one report.

use super::check::{self, CheckRequest};
use super::{Context, on_database};
use crate::base::error::{Error, ErrorKind, Result};
use crate::report::wire::Body;
use crate::report::wire::check::Check;
use crate::report::{Document, Outcome, Report};

/// Runs the gate for each database; one without a name is alone. Trouble with one does not keep the others from being
/// checked.
///
/// # Errors
/// Those of [`check::run`] where there is one; `Interrupted`.
pub fn run(ctx: &mut Context<'_>, requests: &[(Option<String>, CheckRequest)]) -> Result<Report> {
    let mut all = Report::new("check");
    let mut body = Check { ignored: Vec::new(), steps: Vec::new(), notes: Vec::new() };
    let mut troubles = Vec::new();
    for (name, request) in requests {
        let Some(name) = name else { return check::run(ctx, request) };
        all.is_about("Database", name);
        // Which database is meant, its advice has to say.
        let completed = on_database(name);
        match check::run(ctx, request).map_err(|error| error.with_commands(&completed)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                all.document.heading(name.as_str());
                all.document.line("could not be checked");
                troubles.push((name, error));
            }
            Ok(mut report) => {
                report.document.with_commands(&completed);
                let error = add(&mut all, &mut body, name, report);
                troubles.extend(error.map(|error| (name, error.with_commands(&completed))));
            }
        }
    }
    all.body = Some(body.into());
    all.error = one(troubles);
    if all.error.is_some() {
        all.outcome = Outcome::Trouble;
    }
    Ok(all)
}

/// Adds the report of one database; gives its trouble.
fn add(all: &mut Report, body: &mut Check, name: &str, report: Report) -> Option<Error> {
    all.document.heading(name);
    let Document { blocks } = report.document;
    all.document.blocks.extend(blocks);
    all.subjects.extend(report.subjects);
    let own = report.findings.into_iter();
    all.findings.extend(own.map(|mut finding| {
        finding.database = Some(name.to_owned());
        finding
    }));
    all.files.extend(report.files.into_iter().map(|(_, file)| (Some(name.to_owned()), file)));
    all.ignored.extend(report.ignored);
    all.rules = all.rules.take().or(report.rules);
    if report.outcome == Outcome::Findings {
        all.outcome = Outcome::Findings;
    }
    if let Some(Body::Check(Check { ignored, steps, notes })) = report.body {
        body.ignored.extend(ignored);
        body.notes.extend(notes.into_iter().map(|note| format!("{name}: {note}")));
        body.steps.extend(steps.into_iter().map(|mut step| {
            step.database = Some(name.to_owned());
            step
        }));
    }
    report.error
}

/// The trouble of several databases as one.
fn one(mut troubles: Vec<(&String, Error)>) -> Option<Error> {
    let about = |(name, error): (&String, Error)| error.note(format!("it is about the database {name}"));
    if troubles.len() < 2 {
        return troubles.pop().map(about);
    }
    let message = format!("the check failed for {} databases", troubles.len());
    let said = troubles.iter().map(|(name, error)| format!("{name}: {error}"));
    let error = said.fold(Error::new(ErrorKind::File, message), Error::note);
    Some(error.parts_of(troubles.into_iter().map(about).collect()))
}
