//! `planctl migrate …`: one file per subcommand.

pub mod adopt;
pub mod baseline;
pub mod down;
pub mod generate;
pub mod import;
pub mod lint;
mod mode;
pub mod new;
pub mod redo;
pub mod renumber;
pub mod squash;
pub mod status;
pub mod test;
pub mod up;

use clap::Subcommand;

use super::deferred::Deferred;
use super::task::{Run, Task};
use super::terminal::prompt;
use crate::commands;

/// Every subcommand of `migrate`.
#[derive(Subcommand, Debug)]
pub(super) enum MigrateCommand {
    Up(Deferred<up::UpArgs>),
    Down(Deferred<down::DownArgs>),
    Redo(Deferred<redo::RedoArgs>),
    Baseline(Deferred<baseline::BaselineArgs>),
    Status(Deferred<status::StatusArgs>),
    New(Deferred<new::NewArgs>),
    Generate(Deferred<generate::GenerateArgs>),
    Adopt(Deferred<adopt::AdoptArgs>),
    Import(Deferred<import::ImportArgs>),
    Squash(Deferred<squash::SquashArgs>),
    Renumber(Deferred<renumber::RenumberArgs>),
    Test(Deferred<test::TestArgs>),
    Lint(Deferred<lint::LintArgs>),
}

impl MigrateCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            MigrateCommand::Up(args) => Task::writing(
                "migrate up",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::up::run(ctx, request, &mut prompt::consent),
            ),
            MigrateCommand::Down(args) => Task::writing(
                "migrate down",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::down::run(ctx, request, &mut prompt::consent),
            ),
            MigrateCommand::Redo(args) => Task::writing(
                "migrate redo",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::redo::run(ctx, request, &mut prompt::consent),
            ),
            MigrateCommand::Baseline(args) => Task::writing(
                "migrate baseline",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::baseline::run,
            ),
            MigrateCommand::Status(args) => Task::writing(
                "migrate status",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::status::run,
            ),
            MigrateCommand::New(args) => Task::new(
                "migrate new",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::new::run,
            ),
            MigrateCommand::Generate(args) => Task::new(
                "migrate generate",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::generate::run(ctx, request, &mut prompt::ask),
            ),
            MigrateCommand::Adopt(args) => Task::writing(
                "migrate adopt",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::adopt::run(ctx, request, &mut prompt::ask),
            ),
            MigrateCommand::Lint(args) if args.explains() => Task {
                name: "migrate lint",
                output: (&args.output).into(),
                makes: None,
                writes: false,
                run: Run::Alone(Box::new(|| args.explain())),
            },
            MigrateCommand::Import(args) => Task::writing(
                "migrate import",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::import::run,
            ),
            MigrateCommand::Squash(args) => args.task(),
            MigrateCommand::Renumber(args) => args.task(),
            MigrateCommand::Lint(args) => Task::new(
                "migrate lint",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::lint::run,
            ),
            MigrateCommand::Test(args) => Task::new(
                "migrate test",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::test::run,
            ),
        }
    }
}
