//! `planctl migrate down`: takes applied migrations back, newest first.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::{end, fill, stands_at, table, trouble};
use crate::commands::Context;
use crate::engine::{self, Access, DownOptions, OpenOptions, plan_down};
use crate::error::Result;
use crate::migrations::{MigrationSet, Version};
use crate::progress::Silent;
use crate::report::{Block, Report};

/// What `migrate down` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownRequest {
    /// The database file.
    pub db: PathBuf,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// How far down.
    pub target: DownTarget,
    /// Only show what would run.
    pub dry_run: bool,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
    /// Run the down scripts of the files rather than those stored when the migrations were applied.
    pub from_files: bool,
}

/// How far down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DownTarget {
    /// That many applied migrations.
    Steps(NonZeroU32),
    /// All applied migrations above this version; 0 takes back all.
    Version(Version),
}

const COMMAND: &str = "migrate down";

impl DownRequest {
    fn options(&self) -> DownOptions {
        let target = match self.target {
            DownTarget::Steps(steps) => engine::DownTarget::Steps(steps.get()),
            DownTarget::Version(version) => engine::DownTarget::Above(version),
        };
        DownOptions { target, from_files: self.from_files }
    }
}

/// Takes migrations back. The keys of the JSON document are those of [`super::fill`]; `migrations` also have `script`:
/// `stored` or `file`; and of a dry run `sql`, the script itself.
///
/// # Errors
/// What is wrong before anything is written. A run that stops midway gives a report that holds the error.
pub fn run(ctx: &mut Context<'_>, request: &DownRequest) -> Result<Report> {
    let set = MigrationSet::load(&request.migrations)?;
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let options = request.options();
    let mut engine = if request.dry_run {
        engine::open(&request.db, Access::ReadOnly, open)?.schema_copy()?
    } else {
        engine::open(&request.db, Access::ReadWrite { create: false }, open)?
    };
    let plan = plan_down(&set, &engine.history()?, options.target, options.from_files)?;
    let run = if request.dry_run {
        engine.migrate_down(&set, &options, &mut Silent, &ctx.interrupt)
    } else {
        engine.migrate_down(&set, &options, ctx.observer, &ctx.interrupt)
    };
    let mut report = Report::new(COMMAND);
    fill(&mut report, &run, &request.db, request.dry_run, |done| {
        let step = plan.iter().find(|step| step.version == done.version);
        let script = step.map(|step| if step.stored { "stored" } else { "file" });
        let mut more = vec![("script".to_owned(), json!(script))];
        if request.dry_run {
            more.push(("sql".to_owned(), json!(step.map(|step| step.script.text()))));
        }
        more
    });
    if request.dry_run && run.error.is_some() {
        // What fails on the copy would not be taken back: then only the error speaks.
        trouble(&mut report, run.error);
    } else if request.dry_run {
        for step in &plan {
            report.document.heading(step.label());
            let text = step.script.text().trim_end().to_owned();
            report.document.blocks.push(Block::Code { language: "sql", text });
        }
        report.document.line(match plan.len() {
            0 => format!("nothing to take back: {}", stands_at(&request.db, run.before)),
            1 => "1 migration would be taken back; it ran on a copy of the schema without rows, nothing was written".into(),
            n => format!(
                "{n} migrations would be taken back; they ran on a copy of the schema without rows, nothing was written"
            ),
        });
    } else {
        table(&mut report, &run.done, "taken back");
        end(&mut report, run, &request.db, "nothing to take back");
    }
    Ok(report)
}
