//! `planctl report list`: the reports of a folder.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::commands::Context;
use crate::queries::{self, Query};
use crate::report::wire::rows::Reports;
use crate::report::{Cell, Report, Span, Style};

/// What `report list` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListRequest {
    /// The folder of reports.
    pub reports: PathBuf,
}

/// Lists the reports, sorted by name. One that cannot be read does not hide the others: they are listed, and the error
/// ends the run.
///
/// # Errors
/// When the folder cannot be read.
pub fn run(_: &mut Context<'_>, request: &ListRequest) -> Result<Report> {
    let mut report = Report::new("report list");
    let mut rows = Vec::new();
    let mut reports = Vec::new();
    for file in queries::files(&request.reports)? {
        match file.read() {
            Ok(query) => {
                rows.push(row(&query));
                reports.push(super::wire(&query));
            }
            Err(error) => {
                let broken = Span::new(format!("cannot be read: {}", error.message()), Style::Bad);
                rows.push(vec![Span::new(file.name, Style::Code).into(), broken.into(), "".into()]);
                report.error.get_or_insert(error);
            }
        }
    }
    if rows.is_empty() {
        let text =
            format!("{} holds no reports: a report is a file NAME.sql in it", request.reports.display());
        report.document.line(text);
    } else {
        report.document.table(&["Name", "Title", "Parameters"], rows);
    }
    report.body = Some(Reports { reports }.into());
    Ok(report)
}

fn row(query: &Query) -> Vec<Cell> {
    let parameters = query.parameters.iter().map(|parameter| match parameter.default_text() {
        Some(default) => format!("{}={default}", parameter.name),
        None => format!("{}=…", parameter.name),
    });
    vec![
        Span::new(query.name.as_str(), Style::Code).into(),
        query.title.as_str().into(),
        parameters.collect::<Vec<_>>().join(" ").into(),
    ]
}
