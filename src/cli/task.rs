//! A command that is ready to run.

use super::output::Output;
use super::settings::Settings;
use super::settings::files::What;
use crate::base::error::Result;
use crate::commands::Context;
use crate::report::{Report, RowSink};

/// A command that is ready to run.
pub(super) struct Task<'a> {
    /// The command as typed: `migrate up`.
    pub(super) name: &'static str,
    /// Form and place of its result.
    pub(super) output: Output,
    /// What its result may be of the project's own files.
    pub(super) makes: Option<What>,
    /// Whether it may write to a database.
    pub(super) writes: bool,
    pub(super) run: Run<'a>,
}

impl<'a> Task<'a> {
    /// A command of `name`, as it is typed, whose result goes where `output` says: what its arguments and the settings
    /// ask for, and what does it.
    pub(super) fn new<R>(
        name: &'static str,
        output: impl Into<Output>,
        resolve: impl FnOnce(&Settings<'_>) -> Result<R> + 'a,
        run: impl FnOnce(&mut Context<'_>, &R) -> Result<Report> + 'a,
    ) -> Task<'a> {
        let run = Run::WithSettings(Box::new(move |settings, cleared, ctx| {
            let request = resolve(settings)?;
            cleared(settings)?;
            run(ctx, &request)
        }));
        Task { name, output: output.into(), makes: None, writes: false, run }
    }

    /// The same, and its rows go where they can be written as they come.
    pub(super) fn of_rows<R>(
        name: &'static str,
        output: impl Into<Output>,
        resolve: impl FnOnce(&Settings<'_>) -> Result<R> + 'a,
        run: impl FnOnce(&mut Context<'_>, &R, Option<&mut dyn RowSink>) -> Result<Report> + 'a,
    ) -> Task<'a> {
        let run = Run::WithRows(Box::new(move |settings, cleared, ctx, rows| {
            let request = resolve(settings)?;
            cleared(settings)?;
            run(ctx, &request, rows)
        }));
        Task { name, output: output.into(), makes: None, writes: false, run }
    }

    /// Its result may be that file of the project.
    pub(super) fn making(self, what: What) -> Task<'a> {
        Task { makes: Some(what), ..self }
    }

    /// The same for one that may write to a database.
    pub(super) fn writing<R>(
        name: &'static str,
        output: impl Into<Output>,
        resolve: impl FnOnce(&Settings<'_>) -> Result<R> + 'a,
        run: impl FnOnce(&mut Context<'_>, &R) -> Result<Report> + 'a,
    ) -> Task<'a> {
        Task { writes: true, ..Task::new(name, output, resolve, run) }
    }

    /// A command whose result is a text on stdout.
    pub(super) fn without_settings(
        name: &'static str,
        run: impl FnOnce() -> Result<Report> + 'a,
    ) -> Task<'a> {
        Task { name, output: Output::plain(), makes: None, writes: false, run: Run::Alone(Box::new(run)) }
    }
}

/// What a command needs to run.
pub(super) enum Run<'a> {
    /// Reads `planctl.toml`, environment and global flags.
    WithSettings(Box<RunWithSettings<'a>>),
    /// The same, and its rows are written as they come, in the formats that can be.
    WithRows(Box<RunWithRows<'a>>),
    /// Works wherever it is called, next to a broken `planctl.toml` as well: shells call `completions` when they start.
    Alone(Box<dyn FnOnce() -> Result<Report> + 'a>),
}

/// Looks at the files that a run reads and writes, once they are known.
pub(super) type Cleared<'a> = dyn FnMut(&Settings<'_>) -> Result<()> + 'a;

/// Settings, the look at the files and context → report.
pub(super) type RunWithSettings<'a> =
    dyn FnOnce(&Settings<'_>, &mut Cleared<'_>, &mut Context<'_>) -> Result<Report> + 'a;

/// The same and, where rows are written as they come, the place for them.
pub(super) type RunWithRows<'a> = dyn FnOnce(&Settings<'_>, &mut Cleared<'_>, &mut Context<'_>, Option<&mut dyn RowSink>) -> Result<Report>
    + 'a;
