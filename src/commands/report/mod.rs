//! `planctl report …`: named read-only queries.

pub mod list;
pub mod run;
pub mod show;

use crate::queries;
use crate::queries::Query;
use crate::report::wire::rows::{Parameter, Report};

/// A query as JSON has it.
fn wire(query: &Query) -> Report {
    Report {
        name: query.name.clone(),
        title: query.title.clone(),
        description: query.description.clone(),
        file: query.file().path().display().to_string(),
        parameters: query.parameters.iter().map(parameter).collect(),
    }
}

fn parameter(parameter: &queries::Parameter) -> Parameter {
    Parameter {
        name: parameter.name.clone(),
        kind: parameter.kind,
        required: parameter.default.is_none(),
        default: parameter.default_text(),
        description: parameter.description.clone(),
    }
}
