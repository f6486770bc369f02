//! `planctl report show`: one report, its parameters and its statement.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::commands::Context;
use crate::queries;
use crate::report::wire::rows::ShownReport;
use crate::report::{Block, Cell, Report, Span, Style};

/// What `report show` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShowRequest {
    /// The folder of reports.
    pub reports: PathBuf,
    /// The report's name.
    pub name: String,
}

/// Shows a report.
///
/// JSON: as in `report list`, with the statement as `sql`.
///
/// # Errors
/// When there is no such report, or it cannot be read.
pub fn run(_: &mut Context<'_>, request: &ShowRequest) -> Result<Report> {
    let query = queries::find(&request.reports, &request.name)?;
    let mut report = Report::new("report show");
    let document = &mut report.document;
    document.heading(query.title.as_str());
    if let Some(description) = &query.description {
        document.blocks.push(Block::Paragraph(description.clone()));
    }
    if !query.parameters.is_empty() {
        let rows = query.parameters.iter().map(|parameter| {
            let default = match parameter.default_text() {
                Some(default) => Cell::from(default),
                None => Span::new("required", Style::Warning).into(),
            };
            vec![
                Span::new(parameter.name.as_str(), Style::Code).into(),
                parameter.kind.as_str().into(),
                default,
                parameter.description.as_deref().unwrap_or_default().into(),
            ]
        });
        document.table(&["Parameter", "Type", "Default", "Meaning"], rows.collect());
    }
    document.blocks.push(Block::Code { language: "sql", text: query.sql().to_owned() });
    document.line(Span::new(query.file().path().display().to_string(), Style::Dim));
    report.body = Some(ShownReport { report: super::wire(&query), sql: query.sql().to_owned() }.into());
    Ok(report)
}
