//! An error on the wire.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::error::Error;

/// What went wrong.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Trouble {
    /// What is wrong, in one sentence.
    message: String,
    /// Where; null when no file is to blame.
    location: Option<Line>,
    /// What else there is to know.
    notes: Vec<String>,
    /// What to do about it; null when there is nothing to advise.
    help: Option<String>,
    /// The errors that this one sums up. The key is absent when it is a single one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Trouble>,
}

/// A place in a file, with its line.
#[derive(Serialize, JsonSchema, Debug)]
struct Line {
    /// The file, as it was named.
    file: String,
    /// The line, counted from 1.
    line: usize,
    /// The column in characters, counted from 1.
    column: usize,
    /// The text of the line.
    text: String,
}

impl Trouble {
    /// An error, with all that is known of it.
    pub fn of(error: &Error) -> Trouble {
        let line = error.location().map(|at| Line {
            file: at.file.to_string_lossy().into_owned(),
            line: at.line,
            column: at.column,
            text: at.text.clone(),
        });
        Trouble {
            message: error.message().to_owned(),
            location: line,
            notes: error.notes().to_vec(),
            help: error.help_text().map(str::to_owned),
            parts: error.parts().iter().map(Trouble::of).collect(),
        }
    }
}
