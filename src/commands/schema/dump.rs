//! `planctl schema dump`: the canonical DDL of a database.

use super::source::{Loaded, refuse_stray_bytes};
use crate::base::error::Result;
use crate::commands::Context;
use crate::ddl;
use crate::engine::DatabaseName;
use crate::report::Report;

/// What `schema dump` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DumpRequest {
    /// The database, DDL file or migrations folder whose schema is written.
    pub source: DatabaseName,
}

/// Writes the schema as DDL.
///
/// # Errors
/// When the source cannot be read.
pub fn run(ctx: &mut Context<'_>, request: &DumpRequest) -> Result<Report> {
    let loaded = Loaded::read(ctx, &request.source)?;
    refuse_stray_bytes(&loaded.schema, loaded.source.path())?;
    let mut report = Report::new("schema dump");
    report.text = Some(ddl::dump(&loaded.schema));
    Ok(report)
}
