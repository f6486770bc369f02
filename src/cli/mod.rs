//! The command line: raw arguments, environment and `planctl.toml` → one validated request → its command → the report
//! in the form that was asked for → the exit status.
//!
//! # A new command
//! Its `Args` and `resolve` stand in a file of their own here, its request and `run` in [`crate::commands`]. Then it is
//! one variant and one arm of [`Command`]:
//!
//! ```text
//! Audit(Deferred<audit::AuditArgs>),
//!
//! Command::Audit(args) => {
//!     Task::new("audit", &args.output, |settings| args.resolve(settings), commands::audit::run)
//! }
//! ```
//! What `resolve` names by [`Settings::reads`] and [`Settings::writes`], besides what it asks of the settings, is held
//! against where the result goes, before the command runs.
//!
//! Subcommands of `migrate` and `schema` are the same one level down: an enum in `cli/migrate/mod.rs` with such a
//! `fn task(&self) -> Task<'_>`, and here
//!
//! ```text
//! /// Apply, revert, write, inspect and test migrations
//! #[command(subcommand)]
//! Migrate(Deferred<migrate::MigrateCommand>),
//!
//! Command::Migrate(command) => command.task(),
//! ```

pub mod audit;
pub mod backfill;
pub mod check;
mod clean;
pub mod completions;
mod deferred;
mod fleet;
pub mod init;
pub mod json_schema;
pub mod migrate;
pub mod output;
pub mod report;
mod run;
pub mod sample;
pub mod schema;
pub mod settings;
pub mod status;
mod stream;
mod task;
pub(crate) mod terminal;
#[cfg(test)]
mod testing;

use clap::{ArgAction, CommandFactory as _, Parser, Subcommand};

use self::deferred::Deferred;
use self::task::Run;
use self::task::Task;
use self::terminal::prompt;
use crate::commands::{self, Context};
pub use run::{exit_status, main};
use settings::keys::GLOBAL;
pub use settings::{GlobalFlags, Settings};

/// Migrate SQLite databases, find schema drift, and repair trees of rows
#[derive(Parser, Debug)]
#[command(
    name = "planctl",
    version,
    propagate_version = false,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100,
    after_help = "\
Examples:
  planctl migrate new add_owner    # the next pair of files
  planctl migrate up               # apply what is pending
  planctl audit                    # compare the live schema with spec/ddl.sql
  planctl check                    # everything, without a database: for CI

Exit status: 0 success, nothing found; 1 something was found; 2 error; 130 after Ctrl-C.
A flag beats the environment, which beats planctl.toml (in this folder or one above)."
)]
pub struct Cli {
    /// What settings are made from
    #[command(flatten)]
    flags: GlobalFlags,
    /// When to use colours (NO_COLOR is honoured)
    #[arg(long, global = true, hide_short_help = true, value_name = "WHEN", default_value = "auto", help_heading = GLOBAL)]
    color: ColorArg,
    /// Show only errors and findings; a result asked for with --format or -o is still written
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = GLOBAL)]
    quiet: bool,
    /// Show each statement and its time, and deviations; twice: whole statements, also on shadow databases
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = GLOBAL)]
    verbose: u8,
    /// The command
    #[command(subcommand)]
    command: Deferred<Command>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum ColorArg {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorArg {
    fn choice(self) -> anstream::ColorChoice {
        match self {
            ColorArg::Auto => anstream::ColorChoice::Auto,
            ColorArg::Always => anstream::ColorChoice::Always,
            ColorArg::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Every command.
#[derive(Subcommand, Debug)]
enum Command {
    Init(Deferred<init::InitArgs>),
    /// Apply, revert, write, inspect and test migrations
    #[command(
        subcommand,
        after_help = "\
Examples:
  planctl migrate status
  planctl migrate up
  planctl migrate down"
    )]
    Migrate(Deferred<migrate::MigrateCommand>),
    Audit(Deferred<audit::AuditArgs>),
    /// Migrate and inspect many databases with one folder of migrations
    #[command(
        subcommand,
        after_help = "\
Examples:
  planctl fleet status 'tenants/*.db'
  planctl fleet up 'tenants/*.db'
  planctl fleet audit 'tenants/*.db'"
    )]
    Fleet(Deferred<fleet::FleetCommand>),
    Check(Deferred<check::CheckArgs>),
    Backfill(Deferred<backfill::BackfillArgs>),
    /// Print, compare and document schemas
    #[command(
        subcommand,
        after_help = "\
Examples:
  planctl schema dump planctl.db
  planctl schema diff planctl.db migrations"
    )]
    Schema(Deferred<schema::SchemaCommand>),
    /// List and run reports: named, read-only queries
    #[command(
        subcommand,
        after_help = "\
Examples:
  planctl report list
  planctl report run failed-tasks"
    )]
    Report(Deferred<report::ReportCommand>),
    /// Load sample rows
    #[command(
        subcommand,
        after_help = "\
Examples:
  planctl sample load"
    )]
    Sample(Deferred<sample::SampleCommand>),
    Completions(Deferred<completions::CompletionsArgs>),
    Man(Deferred<completions::ManArgs>),
    JsonSchema(Deferred<json_schema::JsonSchemaArgs>),
}

impl Command {
    fn task(&self) -> Task<'_> {
        match self {
            Command::Audit(args) if args.explains() => Task {
                name: "audit",
                output: (&args.output).into(),
                makes: None,
                writes: false,
                run: Run::Alone(Box::new(|| args.explain())),
            },
            Command::Audit(args) if args.writes_script() => {
                let run = |ctx: &mut Context<'_>, request: &_| {
                    commands::audit::run_script(ctx, request, &mut prompt::ask)
                };
                Task::new("audit", &args.output, |settings| args.script(settings), run)
            }
            Command::Audit(args) => {
                Task::new("audit", &args.output, |settings| args.resolve(settings), commands::audit::run)
            }
            Command::Fleet(command) => command.task(),
            Command::Init(args) => Task::writing(
                "init",
                &args.output,
                |settings| args.resolve(settings),
                |ctx, request| commands::init::run(ctx, request, &mut prompt::ask),
            ),
            Command::Migrate(command) => command.task(),
            Command::Schema(command) => command.task(),
            Command::Report(command) => command.task(),
            Command::Sample(command) => command.task(),
            Command::Check(args) => {
                let run = |ctx: &mut Context<'_>, each: &Vec<_>| commands::check_each::run(ctx, each);
                Task::new("check", &args.output, |settings| args.resolve_each(settings), run)
            }
            Command::Backfill(args) => Task::writing(
                "backfill",
                &args.output,
                |settings| args.resolve(settings),
                commands::backfill::run,
            ),
            Command::Completions(args) => Task::without_settings("completions", || args.run(Cli::command())),
            Command::Man(args) => Task::without_settings("man", || args.run(Cli::command())),
            Command::JsonSchema(args) => Task::without_settings("json-schema", || args.run()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::{CommandFactory, FromArgMatches};

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    /// The examples of all help texts, without what the shell reads of them.
    fn examples(command: &clap::Command, found: &mut Vec<Vec<String>>) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines().filter_map(|line| line.strip_prefix("  planctl ")) {
            let words = line.split(['#', '>', '|']).next().unwrap_or_default().split_whitespace();
            let words = words.map(|word| word.trim_matches('\'').to_owned());
            found.push(std::iter::once("planctl".to_owned()).chain(words).collect());
        }
        command.get_subcommands().for_each(|command| examples(command, found));
    }

    #[test]
    fn definitions_that_are_made_when_needed_read_what_complete_ones_read() {
        let read = |command: clap::Command, line: &[String]| {
            let matches = command.try_get_matches_from(line);
            matches.and_then(|matches| Cli::from_arg_matches(&matches)).map(|cli| format!("{cli:?}")).ok()
        };
        let mut lines = Vec::new();
        examples(&Cli::command(), &mut lines);
        let count = lines.len();
        lines.extend(
            ["migrate up --nonsense", "audit up", "migrate", "nonsense"]
                .map(|line| std::iter::once("planctl").chain(line.split(' ')).map(str::to_owned).collect()),
        );
        let read: Vec<bool> = lines
            .iter()
            .map(|line| {
                let complete = read(Cli::command(), line);
                let args: Vec<OsString> = line.iter().map(OsString::from).collect();
                let named = deferred::reading(&args, || read(Cli::command(), line));
                assert_eq!(named, complete, "{line:?}");
                complete.is_some()
            })
            .collect();
        assert!(count > 50 && read[..count].iter().filter(|read| **read).count() * 10 > count * 9);
    }

    #[test]
    fn global_flags_may_stand_before_and_behind_the_command() {
        let read = |line: &[&str]| {
            let cli = Cli::try_parse_from(line).unwrap();
            format!("{:?} {} {} {:?}", cli.flags, cli.verbose, cli.quiet, cli.color)
        };
        for flags in [
            &["-vv", "--color=never", "--config=c"][..],
            &["--db=d", "--migrations=m", "--spec=s", "--deviations=l", "--sqlite-version=3.40"],
            &["--tests=t", "--reports=r", "--docs=p", "-q"],
        ] {
            for command in [&["audit"][..], &["migrate", "lint"], &["man"]] {
                let behind = [&["planctl"], command, flags].concat();
                for at in 1..behind.len() - flags.len() + 1 {
                    let line = [&behind[..at], flags, &behind[at..command.len() + 1]].concat();
                    assert_eq!(read(&line), read(&behind), "{line:?}");
                }
            }
        }
        assert!(Cli::try_parse_from(["planctl", "-q", "-v", "man"]).is_err());
    }
}
