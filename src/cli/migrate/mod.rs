//! `planctl migrate …`: one file per subcommand.

pub mod down;
pub mod generate;
pub mod lint;
pub mod new;
pub mod status;
pub mod test;
pub mod up;

use clap::Subcommand;

use super::{Task, prompt};
use crate::commands;

/// Every subcommand of `migrate`.
#[derive(Subcommand, Debug)]
pub(super) enum MigrateCommand {
    Up(up::UpArgs),
    Down(down::DownArgs),
    Status(status::StatusArgs),
    New(new::NewArgs),
    Generate(generate::GenerateArgs),
    Test(test::TestArgs),
    Lint(lint::LintArgs),
}

impl MigrateCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            MigrateCommand::Up(args) => Task::new("migrate up", &args.output, move |settings, ctx| {
                commands::migrate::up::run(ctx, &args.resolve(settings)?)
            }),
            MigrateCommand::Down(args) => Task::new("migrate down", &args.output, move |settings, ctx| {
                commands::migrate::down::run(ctx, &args.resolve(settings)?)
            }),
            MigrateCommand::Status(args) => {
                Task::new("migrate status", &args.output, move |settings, ctx| {
                    commands::migrate::status::run(ctx, &args.resolve(settings)?)
                })
            }
            MigrateCommand::New(args) => Task::new("migrate new", &args.output, move |settings, ctx| {
                commands::migrate::new::run(ctx, &args.resolve(settings)?)
            }),
            MigrateCommand::Generate(args) => {
                Task::new("migrate generate", &args.output, move |settings, ctx| {
                    commands::migrate::generate::run(ctx, &args.resolve(settings)?, &mut prompt::ask)
                })
            }
            MigrateCommand::Lint(args) => Task::new("migrate lint", &args.output, move |settings, ctx| {
                commands::migrate::lint::run(ctx, &args.resolve(settings)?)
            }),
            MigrateCommand::Test(args) => Task::new("migrate test", &args.output, move |settings, ctx| {
                commands::migrate::test::run(ctx, &args.resolve(settings)?)
            }),
        }
    }
}
