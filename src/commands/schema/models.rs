//! `planctl schema models`: classes for the spec's tables, and whether a file of them is up to date.

use std::path::{Path, PathBuf};

use super::outdated::Outdated;
use crate::audit::comparison::Sides;
use crate::audit::ledger::read_ledger;
use crate::audit::values::{Spec, plan};
use crate::audit::{Deviation, Names};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::finding::Finding;
use crate::base::rule::GateRule;
use crate::base::source::{SourceFile, bytes_of};
use crate::commands::audit::of_schema;
use crate::commands::schema::source::refuse_stray_bytes;
use crate::commands::{Context, scratch, word};
use crate::engine;
use crate::generate::own_goal_of;
use crate::models::{self, Made, NamesFrom, Promises, Source};
use crate::report::Report;
use crate::row_checks::Test;
use crate::schema::Schema;

/// The ledger that is beside a spec where nothing else is said.
const LEDGER: &str = "deviations.toml";

/// What `schema models` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelsRequest {
    /// What the classes are made from.
    pub files: ModelFiles,
    /// The options that decide what is written.
    pub made: Made,
}

/// What classes are made from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelFiles {
    /// The spec's DDL file.
    pub spec: PathBuf,
    /// The ledger of documented deviations, when there is one.
    pub deviations: Option<PathBuf>,
    /// The folder of migration files, when there is one: they say what the database has where the ledger excuses it.
    pub migrations: Option<PathBuf>,
}

/// Writes classes.
///
/// # Errors
/// When spec, ledger or migrations cannot be read.
pub fn run(ctx: &mut Context<'_>, request: &ModelsRequest) -> Result<Report> {
    let mut report = Report::new("schema models");
    report.text = Some(text(ctx, &request.files, &request.made)?);
    Ok(report)
}

/// What is found when a file of classes is not what would be written today.
///
/// # Errors
/// When the file is not there or does not say how it was made, and those of [`run`].
pub(in crate::commands) fn outdated(
    ctx: &mut Context<'_>,
    file: &Path,
    project: &ModelFiles,
    live: &Schema,
) -> Result<Option<Finding>> {
    let written = bytes_of(file).map_err(|error| {
        Error::file(file, error)
            .help(format!("`planctl schema models --lang LANGUAGE -o {}` writes it", word(file)))
    })?;
    let written = String::from_utf8_lossy(&written);
    let Some(made) = Made::of_head(&written) else {
        let message = format!("{} does not say how it was made", file.display());
        return Err(Error::new(ErrorKind::File, message).about(file).help(format!(
            "--models takes what `planctl schema models` wrote, with its head; `planctl schema models --lang LANGUAGE -o {}` \
             writes it again",
            word(file)
        )));
    };
    let now = match made.names {
        NamesFrom::Live if made.named.is_empty() => of_files(ctx, project, &made, Some(live))?,
        _ => text(ctx, &project.but(&made.named), &made)?,
    };
    let command = format!("{} -o {}", made.command(), word(file));
    let found = Outdated::of(&written, &now);
    Ok(found.map(|found| found.finding(GateRule::OutdatedModels, file, &command)))
}

impl ModelFiles {
    /// The same, but for what a command line named.
    fn but(&self, named: &[(&str, String)]) -> ModelFiles {
        let of = |option: &str| {
            named.iter().find(|(known, _)| *known == option).map(|(_, value)| PathBuf::from(value))
        };
        let beside = |spec: &PathBuf| Some(spec.with_file_name(LEDGER)).filter(|ledger| ledger.is_file());
        let spec = of("--spec");
        ModelFiles {
            deviations: of("--deviations")
                .or_else(|| spec.as_ref().map_or_else(|| self.deviations.clone(), beside)),
            migrations: of("--migrations").or_else(|| self.migrations.clone()),
            spec: spec.unwrap_or_else(|| self.spec.clone()),
        }
    }
}

fn text(ctx: &mut Context<'_>, files: &ModelFiles, made: &Made) -> Result<String> {
    let live = match &files.migrations {
        Some(folder) if made.names == NamesFrom::Live => {
            let set = scratch::read_migrations(folder)?;
            let is_empty = set.migrations.is_empty();
            if is_empty { None } else { Some(of_schema(&scratch::all_applied(ctx, &set)?.inspect()?)) }
        }
        _ => None,
    };
    of_files(ctx, files, made, live.as_ref())
}

/// The classes, where `live` is what the migrations produce.
fn of_files(ctx: &Context<'_>, files: &ModelFiles, made: &Made, live: Option<&Schema>) -> Result<String> {
    let spec = SourceFile::read(&files.spec)?;
    let mut left_out = Vec::new();
    let (mut schema, promises) = match made.names {
        NamesFrom::Spec => {
            let schema = engine::spec_database(&spec, ctx.job)?.schema()?;
            let names = Names::default();
            let sides = Spec { source: &spec, schema: &schema, written: None, names: &names };
            let promises = promises(sides, &schema, &[]);
            (schema, promises)
        }
        NamesFrom::Live => {
            let ledger = read_ledger(files.deviations.as_deref())?;
            if live.is_none() && !ledger.deviations.is_empty() {
                left_out.push(
                    "what the ledger excuses: there are no migrations that say what the database has instead"
                        .to_owned(),
                );
            }
            let nothing = Schema::default();
            let sides = Sides::of(&spec, &ledger, live.unwrap_or(&nothing), ctx.job)?;
            // An entry counts until it is gone: the same files make the same classes on any day.
            let schema = own_goal_of(&sides, time::Date::MIN)?;
            let names = Names::of(sides.renames());
            let spelled = sides.stated()?;
            let stated =
                Spec { source: &spec, schema: &spelled, written: sides.written.as_ref(), names: &names };
            let promises = promises(stated, &schema, &ledger.deviations);
            (schema, promises)
        }
    };
    refuse_stray_bytes(&schema, &files.spec)?;
    let of_the_file = schema.pragmas.take_out_those_of_the_file();
    left_out.extend(of_the_file.iter().map(|name| {
        format!("the setting {name}: it is the file's, and has to be set before there is a table")
    }));
    let needs = engine::needs_of_application(&schema, ctx.job)?.registered();
    let registered = (needs.collations.iter().map(|name| format!("the collation {name}")))
        .chain(needs.functions.iter().map(|name| format!("the function {name}()")));
    let name = files.spec.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = Source {
        schema: &schema,
        promises: &promises,
        spec: name,
        registered: registered.collect(),
        left_out,
    };
    Ok(models::text(&source, made))
}

/// What comments promise of single columns, those values included that the ledger means to be there.
fn promises(spec: Spec<'_>, schema: &Schema, deviations: &[Deviation]) -> Promises {
    let mut found = Promises::new();
    for table in plan(spec, schema, deviations).checks.tables {
        for check in table.checks {
            if let (Test::Promise(promise), [column]) = (check.test, check.stated.columns.as_slice()) {
                found.insert((table.table.clone(), column.clone()), promise);
            }
        }
    }
    found
}
