//! `planctl schema docs`: a page about a schema, for people; and whether such a page is up to date.

use std::io;
use std::path::{Path, PathBuf};

use super::outdated::Outdated;
use super::page::{Said, page};
use super::source::Loaded;
use crate::audit::ledger::read_ledger;
use crate::audit::{Ledger, Others};
use crate::base::error::{Error, Result};
use crate::base::finding::Finding;
use crate::base::rule::GateRule;
use crate::base::source::{SourceFile, bytes_of};
use crate::commands::{Context, word};
use crate::ddl::Notes;
use crate::engine::DatabaseName;
use crate::report::schema_page::{PageFormat, SchemaPage};
use crate::report::{Report, wire};
use crate::schema::Schema;
use crate::sql::shown;

/// What `schema docs` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocsRequest {
    /// The database, DDL file or migrations folder that the page is about.
    pub source: DatabaseName,
    /// Which tables of a database are somebody else's, and left out.
    pub others: Others,
    /// The specification whose comments are taken over, with the ledger.
    pub spec: Option<SpecOfDocs>,
    /// The form of the page.
    pub format: PageFormat,
}

/// Where comments are taken from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpecOfDocs {
    /// The specification's DDL file.
    pub file: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// Whether it is to be used for a DDL file, too, which has comments of its own.
    pub even_for_ddl: bool,
}

/// Writes a page about a schema.
///
/// # Errors
/// When the source, the specification or the ledger cannot be read.
pub fn run(ctx: &mut Context<'_>, request: &DocsRequest) -> Result<Report> {
    let of_spec = request.spec.as_ref().map(|spec| spec.file.as_path());
    let loaded = Loaded::read(ctx, &request.source)?.but(ctx, &request.others, of_spec);
    let is_ddl = !loaded.is_database && !request.source.file().is_some_and(Path::is_dir);
    let spec = request.spec.as_ref().filter(|spec| !is_ddl || spec.even_for_ddl);
    let read = match spec {
        Some(spec) => Some((SourceFile::read(&spec.file)?, read_ledger(spec.deviations.as_deref())?)),
        None => None,
    };
    let own = if is_ddl { Notes::of_script(loaded.source.text()) } else { Notes::of_schema(&loaded.schema) };
    let of_spec = read.as_ref().map(|(file, ledger)| (Notes::of_script(file.text()), ledger));
    let page = page(&loaded.schema, &Said { own, spec: of_spec });
    let mut report = Report::new("schema docs");
    report.text = Some(shown(&page.text(request.format)).into_owned());
    report.body = Some(wire::docs::Docs { schema: page }.into());
    Ok(report)
}

/// The page about a schema that migrations produce.
fn page_of(live: &Schema, spec: &SourceFile, ledger: &Ledger) -> SchemaPage {
    let said = Said { own: Notes::of_schema(live), spec: Some((Notes::of_script(spec.text()), ledger)) };
    page(live, &said)
}

/// A page that is held against the schema that it is about.
pub(in crate::commands) struct Checked<'a> {
    /// The page.
    pub(in crate::commands) file: &'a Path,
    /// The migrations that make the schema, for the command that renews the page.
    pub(in crate::commands) migrations: &'a Path,
    /// The specification.
    pub(in crate::commands) spec: &'a SourceFile,
    /// What the ledger says, and where it stands.
    pub(in crate::commands) ledger: (&'a Ledger, Option<&'a Path>),
}

/// What is found when a page is not what would be written today.
///
/// # Errors
/// When the page is there and cannot be read.
pub(in crate::commands) fn outdated(page: &Checked<'_>, live: &Schema) -> Result<Option<Finding>> {
    let found = match bytes_of(page.file) {
        Ok(bytes) => {
            let now = page_of(live, page.spec, page.ledger.0).text(format_of(page.file));
            Outdated::of(&String::from_utf8_lossy(&bytes), &now)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Outdated::MISSING),
        Err(error) => return Err(Error::file(page.file, error)),
    };
    Ok(found.map(|found| found.finding(GateRule::OutdatedDocs, page.file, &renewal(page))))
}

/// The command that writes the page anew, whatever the settings are.
fn renewal(page: &Checked<'_>) -> String {
    let spec = page.spec.path();
    let mut command = format!("planctl schema docs {} --spec {}", word(page.migrations), word(spec));
    if let Some(ledger) = page.ledger.1.filter(|ledger| **ledger != *spec.with_file_name("deviations.toml")) {
        command.push_str(&format!(" --deviations {}", word(ledger)));
    }
    format!("{command} -o {}", word(page.file))
}

/// The form of a page that is written to a file of this name.
pub fn format_of(file: &Path) -> PageFormat {
    let extension = file.extension().map(|extension| extension.to_ascii_lowercase());
    match extension.as_deref().and_then(|extension| extension.to_str()) {
        Some("html" | "htm") => PageFormat::Html,
        _ => PageFormat::Markdown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_its_form() {
        for (name, format) in [
            ("a.html", PageFormat::Html),
            ("A.HTM", PageFormat::Html),
            ("a.md", PageFormat::Markdown),
            ("html", PageFormat::Markdown),
        ] {
            assert_eq!(format_of(Path::new(name)), format, "{name}");
        }
    }
}
