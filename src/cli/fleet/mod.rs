//! `planctl fleet …`: one file per subcommand.

mod args;
mod audit;
mod down;
mod status;
mod up;

use clap::Subcommand;

use super::deferred::Deferred;
use super::task::Task;
use super::terminal::prompt;
use crate::commands;

/// Every subcommand of `fleet`.
#[derive(Subcommand, Debug)]
pub(super) enum FleetCommand {
    Status(Deferred<status::StatusArgs>),
    Up(Deferred<up::UpArgs>),
    Down(Deferred<down::DownArgs>),
    Audit(Deferred<audit::AuditArgs>),
}

impl FleetCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            FleetCommand::Status(args) => Task::new(
                "fleet status",
                &args.output,
                |settings| args.resolve(settings),
                commands::fleet::status::run,
            ),
            FleetCommand::Up(args) => Task::writing(
                "fleet up",
                &args.output,
                |settings| args.resolve(settings),
                commands::fleet::up::run,
            ),
            FleetCommand::Down(args) => Task::writing(
                "fleet down",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::fleet::down::run(ctx, request, &mut prompt::consent),
            ),
            FleetCommand::Audit(args) => Task::new(
                "fleet audit",
                &args.output,
                |settings| args.resolve(settings),
                commands::fleet::audit::run,
            ),
        }
    }
}
