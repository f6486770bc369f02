//! `planctl report …`: one file per subcommand.

pub mod list;
pub mod run;
pub mod show;

use std::path::PathBuf;

use clap::Subcommand;

use super::{Settings, Task};
use crate::commands;
use crate::error::Result;

/// Every subcommand of `report`.
#[derive(Subcommand, Debug)]
pub(super) enum ReportCommand {
    List(list::ListArgs),
    Run(run::RunArgs),
    Show(show::ShowArgs),
}

/// Where reports are.
#[derive(clap::Args, Clone, Debug)]
struct FolderArgs {
    /// Folder of reports, NAME.sql each [env: PLANCTL_REPORTS] [default: reports beside the spec]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    reports: Option<PathBuf>,
}

impl FolderArgs {
    fn resolve(&self, settings: &Settings<'_>) -> Result<PathBuf> {
        let spec = settings.spec(None)?;
        settings.reports(self.reports.as_deref(), &spec)
    }
}

impl ReportCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            ReportCommand::List(args) => Task::new(
                "report list",
                &args.output,
                |settings| args.resolve(settings),
                commands::report::list::run,
            ),
            ReportCommand::Run(args) => {
                let resolve = |settings: &Settings<'_>| args.resolve(settings);
                Task::of_rows("report run", &args.output, resolve, commands::report::run::run)
            }
            ReportCommand::Show(args) => Task::new(
                "report show",
                &args.output,
                |settings| args.resolve(settings),
                commands::report::show::run,
            ),
        }
    }
}
