//! `planctl schema docs`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::base::error::Result;
use crate::cli::Settings;
use crate::cli::output::Output;
use crate::commands::schema::docs::{DocsRequest, SpecOfDocs, format_of};
use crate::engine::DatabaseName;
use crate::report::schema_page::PageFormat;

/// Write a page about a schema, with a diagram
///
/// Takes descriptions from the comments in the spec. The same schema always gives the same page, so you can commit it;
/// `planctl check --docs FILE` fails when it is out of date.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  planctl schema docs -o schema.md
  planctl schema docs migrations -o schema.html    # no database needed")]
pub struct DocsArgs {
    /// Database, DDL file or migrations folder [default: the database of --db; if there is none, the migrations or the
    /// spec]
    #[arg(value_name = "FROM", value_hint = clap::ValueHint::AnyPath)]
    from: Option<OsString>,
    /// Form of the page [default: by the name of the output file, else markdown]
    #[arg(long, value_name = "FORMAT")]
    format: Option<FormatArg>,
    /// Write the page to FILE instead of stdout (-); FILE is replaced as a whole
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum FormatArg {
    /// For a repository, with a Mermaid diagram
    Markdown,
    /// One page without network access, with an SVG diagram
    Html,
    /// One JSON document
    Json,
}

impl DocsArgs {
    /// Where the page goes: a page is written as it is, data as every command writes it.
    pub fn output(&self) -> Output {
        let is_json = match self.format {
            Some(format) => format == FormatArg::Json,
            None => self.output.as_deref().and_then(Path::extension).is_some_and(|ext| ext == "json"),
        };
        Output::named(if is_json { "json" } else { "table" }, self.output.as_deref())
    }

    /// Arguments and settings → request.
    ///
    /// # Errors
    /// Those of the settings.
    pub fn resolve(&self, settings: &Settings<'_>) -> Result<DocsRequest> {
        let spec = settings.spec_if_any()?;
        let source = match &self.from {
            Some(from) => settings.reads_schema(DatabaseName::parse(from)?)?,
            None => self.default_source(settings, spec.as_deref())?,
        };
        let spec = match spec {
            Some(file) => {
                let deviations = settings.deviations(&file)?;
                Some(SpecOfDocs { file, deviations, even_for_ddl: settings.spec_is_named() })
            }
            None => None,
        };
        let format = match self.format {
            Some(FormatArg::Html) => PageFormat::Html,
            Some(FormatArg::Markdown | FormatArg::Json) => PageFormat::Markdown,
            None => self.output.as_deref().map_or(PageFormat::Markdown, format_of),
        };
        Ok(DocsRequest { source, others: settings.others(), spec, format })
    }

    /// The database that is named or there; in a project without one, what it would be made from.
    fn default_source(&self, settings: &Settings<'_>, spec: Option<&Path>) -> Result<DatabaseName> {
        if let Some(db) = settings.db_if_any()? {
            return Ok(db);
        }
        match (settings.migrations_if_any()?, spec) {
            (Some(migrations), _) => Ok(migrations.into()),
            (None, Some(spec)) => Ok(spec.into()),
            // The message is about the database that is not there.
            (None, None) => settings.db(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{parse, with_settings};

    fn resolve(line: &str, env: &[(&'static str, &'static str)]) -> DocsRequest {
        let (args, settings) = with_settings::<DocsArgs>(line, env);
        args.resolve(&settings).unwrap()
    }

    #[test]
    fn the_form_is_named_or_told_by_the_file() {
        let form = |line: &str| {
            let args = parse::<DocsArgs>(line);
            (resolve(line, &[]).format, args.output().format.name)
        };
        assert_eq!(form(""), (PageFormat::Markdown, "table"));
        assert_eq!(form("-o schema.html"), (PageFormat::Html, "table"));
        assert_eq!(form("-o schema.html --format markdown"), (PageFormat::Markdown, "table"));
        assert_eq!(form("--format html"), (PageFormat::Html, "table"));
        assert_eq!(form("--format json").1, "json");
        assert_eq!(form("-o schema.json").1, "json");
    }

    #[test]
    fn what_is_named_is_used_and_what_is_there_is_used_by_default() {
        // The tests run in the repository: no database, but migrations and a specification.
        assert_eq!(resolve("", &[]).source, "migrations".into());
        assert_eq!(resolve("", &[("PLANCTL_DB", "p.db")]).source, "p.db".into());
        assert_eq!(resolve("x.sql", &[("PLANCTL_DB", "p.db")]).source, "x.sql".into());
        let spec = |line: &str| resolve(line, &[]).spec.unwrap();
        assert_eq!(spec("x.sql").file, Path::new("spec/ddl.sql"));
        assert!(!spec("x.sql").even_for_ddl && spec("x.sql --spec s.sql").even_for_ddl);
        assert_eq!(spec("").deviations, Some("spec/deviations.toml".into()));
    }
}
