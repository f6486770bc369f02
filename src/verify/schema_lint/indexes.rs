//! Indexes that a file keeps up to date until it drops them.

use crate::base::rule::LintRule;
use crate::base::source::SourceFile;
use crate::migrations::lint::{ForNothing, Gone, Raised};

pub(crate) fn raised(found: &ForNothing, file: &SourceFile) -> Raised {
    let ForNothing { at, table, column, index, gone } = found;
    let (table, index) = (table.shown(), index.shown());
    let drop = format!("DROP INDEX {index};");
    let line = |at| file.location(at).line;
    let (goes, help, fix) = match *gone {
        Gone::WithTable(at) => (
            format!("goes with its table in line {}", line(at)),
            "drop the index above this step".to_owned(),
            Some(drop),
        ),
        Gone::ByItself(at) => (
            format!("is dropped in line {}", line(at)),
            format!("move `{drop}` from line {} above this step", line(at)),
            None,
        ),
    };
    let message = format!("filling {table}.{} updates the index {index}, which {goes}", column.shown());
    Raised::new(LintRule::IndexUpdatedForNothing, *at, message, help).fix(fix)
}
