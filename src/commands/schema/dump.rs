//! `planctl schema dump`: the canonical DDL of a database.

use std::path::PathBuf;

use super::source::{Loaded, refuse_stray_bytes};
use crate::audit::Others;
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
    /// Which tables of a database are somebody else's, and left out.
    pub others: Others,
    /// The specification, when there is one: what it has is not left out.
    pub spec: Option<PathBuf>,
}

/// Writes the schema as DDL.
///
/// # Errors
/// When the source cannot be read.
pub fn run(ctx: &mut Context<'_>, request: &DumpRequest) -> Result<Report> {
    let loaded = Loaded::read(ctx, &request.source)?.but(ctx, &request.others, request.spec.as_deref());
    refuse_stray_bytes(&loaded.schema, loaded.source.path())?;
    let mut report = Report::new("schema dump");
    report.text = Some(ddl::dump(&loaded.schema));
    Ok(report)
}
