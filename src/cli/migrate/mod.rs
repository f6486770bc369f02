//! `planctl migrate …`: one file per subcommand.

pub mod down;
pub mod lint;
pub mod new;
pub mod status;
pub mod up;

use clap::Subcommand;

use crate::cli::Task;
use crate::commands::migrate as commands;

/// Every subcommand of `migrate`.
#[derive(Subcommand, Debug)]
pub enum MigrateCommand {
    /// Write the next numbered pair of files from a template
    New(new::NewArgs),
    /// Run the lint rules over the migration files
    Lint(lint::LintArgs),
}

impl MigrateCommand {
    /// What the arguments ask for, ready to run.
    pub fn task(&self) -> Task<'_> {
        match self {
            MigrateCommand::New(args) => Task::new("migrate new", &args.output, move |settings, ctx| {
                commands::new::run(ctx, &args.resolve(settings)?)
            }),
            MigrateCommand::Lint(args) => Task::new("migrate lint", &args.output, move |settings, ctx| {
                commands::lint::run(ctx, &args.resolve(settings)?)
            }),
        }
    }
}
