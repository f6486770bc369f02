//! `planctl report …`: one file per subcommand.

pub mod list;
pub mod run;
pub mod show;

use clap::Subcommand;

use super::Settings;
use super::deferred::Deferred;
use super::task::Task;
use crate::commands;

/// Every subcommand of `report`.
#[derive(Subcommand, Debug)]
pub(super) enum ReportCommand {
    List(Deferred<list::ListArgs>),
    Run(Deferred<run::RunArgs>),
    Show(Deferred<show::ShowArgs>),
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
