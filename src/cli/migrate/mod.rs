//! `planctl migrate …`: one file per subcommand.

pub mod adopt;
pub mod baseline;
pub mod down;
pub mod generate;
pub mod lint;
pub mod new;
pub mod redo;
pub mod status;
pub mod test;
pub mod up;

use std::path::PathBuf;

use clap::Subcommand;

use super::{Settings, Task, number, prompt};
use crate::commands;
use crate::commands::migrate::Mode;
use crate::migrations::Version;

/// How `up` and `down` run.
#[derive(clap::Args, Clone, Debug)]
struct ModeArgs {
    /// Show what would run, on a copy of the schema without rows, and change nothing
    #[arg(long, conflicts_with_all = ["rehearse", "backup"])]
    dry_run: bool,
    /// Run for real on a temporary copy of the database, in DIR or beside it, and report times and rows
    #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true, conflicts_with = "backup",
        value_hint = clap::ValueHint::DirPath)]
    rehearse: Option<Option<PathBuf>>,
    /// Leave a copy of the database as it was just before in FILE, which must not exist
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    backup: Option<PathBuf>,
    /// Print a script for the sqlite3 shell that does the same; no database is needed
    #[arg(long, conflicts_with_all = ["dry_run", "rehearse", "backup"])]
    sql: bool,
    /// With --sql: the version at which the database will be [default: 0 for up, the newest for down]
    #[arg(long, value_name = "V", requires = "sql", value_parser = number::version, allow_negative_numbers = true)]
    from: Option<Version>,
}

impl ModeArgs {
    fn resolve(&self, settings: &Settings<'_>) -> Mode {
        match &self.rehearse {
            _ if self.sql => Mode::Sql { from: self.from },
            _ if self.dry_run => Mode::DryRun,
            Some(place) => Mode::Rehearse { place: place.clone() },
            None => {
                Mode::Run { backup: self.backup.clone().map(|file| settings.writes("--backup", file, None)) }
            }
        }
    }
}

/// Every subcommand of `migrate`.
#[derive(Subcommand, Debug)]
pub(super) enum MigrateCommand {
    Up(up::UpArgs),
    Down(down::DownArgs),
    Redo(redo::RedoArgs),
    Baseline(baseline::BaselineArgs),
    Status(status::StatusArgs),
    New(new::NewArgs),
    Generate(generate::GenerateArgs),
    Adopt(adopt::AdoptArgs),
    Test(test::TestArgs),
    Lint(lint::LintArgs),
}

impl MigrateCommand {
    pub(super) fn task(&self) -> Task<'_> {
        match self {
            MigrateCommand::Up(args) => Task::new(
                "migrate up",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::up::run,
            ),
            MigrateCommand::Down(args) => Task::new(
                "migrate down",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::down::run(ctx, request, &mut prompt::ask),
            ),
            MigrateCommand::Redo(args) => Task::new(
                "migrate redo",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::redo::run(ctx, request, &mut prompt::ask),
            ),
            MigrateCommand::Baseline(args) => Task::new(
                "migrate baseline",
                &args.output,
                |settings| args.resolve(settings),
                commands::migrate::baseline::run,
            ),
            MigrateCommand::Status(args) => Task::new(
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
            MigrateCommand::Adopt(args) => Task::new(
                "migrate adopt",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::migrate::adopt::run(ctx, request, &mut prompt::ask),
            ),
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
