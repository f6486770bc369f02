use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::error::ErrorKind::DisplayVersion;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches};

use super::deferred::reading;
use super::output::Output;
use super::settings::files;
use super::settings::files::Written;
use super::stream::Stream;
use super::task::{Run, Task};
use super::terminal::observer::{Progress, Verbosity};
use super::terminal::signals::Signals;
use super::terminal::stderr_width;
use super::{Cli, ColorArg, Settings, status};
use crate::base::error::write_error;
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::{Event, Interrupt};
use crate::commands::{Context, new_run_id};
use crate::report::{Envelope, Format, Outcome, Report, RowSink};

/// Parses the arguments, runs the command, gives the exit status.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(exit_status(&args))
}

/// The same for any arguments, the first of which is the name of the program.
pub fn exit_status(args: &[OsString]) -> u8 {
    run(args).unwrap_or_else(|error| {
        // Before there is a command there is no report either. Nobody may be reading: that changes nothing.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        status::TROUBLE
    })
}

/// What fails here fails before there is a command: the process could not even be set up.
fn run(args: &[OsString]) -> anyhow::Result<u8> {
    let hints = Hints::of(args);
    hints.color.choice().write_global();
    let of_named = reading(args, || parse(Cli::command(), args, &hints));
    // What else there is to show, help and errors, takes the complete definitions.
    let is_shown = |error: clap::Error| match error.kind() {
        DisplayVersion => Err(error),
        _ => parse(Cli::command(), args, &hints),
    };
    match of_named.or_else(is_shown) {
        Ok(cli) => cli.run(),
        Err(error) => Ok(refuse(&in_its_group(error), args, &hints)),
    }
}

fn parse(command: clap::Command, args: &[OsString], hints: &Hints) -> clap::error::Result<Cli> {
    // The process ends with it: to take it apart again, string by string, would take longer than most commands do.
    // Where no terminal says how wide it is, 80 columns fit everywhere.
    let is_unknown = terminal_size::terminal_size().is_none() && std::env::var_os("COLUMNS").is_none();
    let command = if is_unknown { command.term_width(80) } else { command };
    let mut command = ManuallyDrop::new(command.color(match hints.color {
        ColorArg::Auto => clap::ColorChoice::Auto,
        ColorArg::Always => clap::ColorChoice::Always,
        ColorArg::Never => clap::ColorChoice::Never,
    }));
    Cli::from_arg_matches_mut(&mut command.try_get_matches_from_mut(args)?)
}

impl Cli {
    fn run(self) -> anyhow::Result<u8> {
        let interrupt = Interrupt::new();
        let signals = Signals::install(&interrupt).context("signals cannot be handled")?;
        let Task { name, output, makes, writes, run } = self.command.task();
        let envelope = envelope(&output, self.verbose > 0);
        let quiet = self.quiet;
        let mut progress = Progress::stderr(Verbosity::new(quiet, self.verbose));
        let has_rows = matches!(run, Run::WithRows(_));
        let mut stream = has_rows.then(|| Stream::of(&output, &envelope)).flatten();
        let told = RefCell::new(&mut progress);
        let mut ctx =
            Context { job: Job::new(&told, &interrupt), run_id: envelope.run_id, started: envelope.started };
        let mut files_are_free = output.files().next().is_none();
        let mut cleared = |settings: &Settings<'_>| {
            let mut written = settings.written();
            written.extend(output.files().map(|(option, file)| Written {
                option,
                path: file.to_owned(),
                is: makes,
            }));
            if !written.is_empty() {
                files::check(&written, &settings.kept())?;
            }
            files_are_free = true;
            Ok(())
        };
        let env = |name: &str| std::env::var_os(name);
        let settings = || {
            let cwd = std::env::current_dir().map_err(|error| Error::file(".".as_ref(), error))?;
            Settings::load(self.flags, &env, &cwd)
        };
        let result = match run {
            Run::Alone(run) if output.files().next().is_none() => run(),
            Run::Alone(run) => settings().and_then(|settings| cleared(&settings)).and_then(|()| run()),
            Run::WithSettings(run) => settings().and_then(|settings| {
                warn(&settings, ctx.job);
                let result = run(&settings, &mut cleared, &mut ctx);
                explained(result, &settings, name)
            }),
            Run::WithRows(run) => settings().and_then(|settings| {
                warn(&settings, ctx.job);
                let sink = stream.as_mut().map(|stream| stream as &mut dyn RowSink);
                let result = run(&settings, &mut cleared, &mut ctx, sink);
                explained(result, &settings, name)
            }),
        };
        progress.finish();
        let result = if writes { result } else { result.map_err(Error::without_rollback) };
        if files_are_free {
            return Ok(finish(result, name, &output, &envelope, (quiet, stream), signals.last()));
        }
        // Whether they may be written is not known: what there is to say of it is said on the streams.
        Ok(finish(result, name, &output.without_files(), &envelope, (quiet, None), signals.last()))
    }
}

/// Warns of what a command line should not hold.
fn warn(settings: &Settings<'_>, job: Job<'_>) {
    if settings.shows_secret() {
        job.tell(Event::SecretInArguments);
    }
}

/// Says of the errors in it where the paths that they name come from. A command that it advises names what the command line
/// named: it can be copied.
fn explained(result: Result<Report>, settings: &Settings<'_>, name: &str) -> Result<Report> {
    // What was named is in the settings file that it has written.
    let given = settings.given().filter(|_| name != "init");
    let completed = given.as_ref().map(|given| |text: &str| given.complete(text));
    let explained = |error: Error| match &completed {
        Some(completed) => settings.explain(error).with_commands(completed),
        None => settings.explain(error),
    };
    let mut report = result.map_err(explained)?;
    report.error = report.error.map(explained);
    if let Some(completed) = &completed {
        report.document.with_commands(completed);
    }
    Ok(report)
}

/// Writes what came of it and chooses the exit status.
fn finish(
    result: Result<Report>,
    name: &'static str,
    output: &Output,
    envelope: &Envelope,
    (quiet, stream): (bool, Option<Stream<'_>>),
    signal: Option<u8>,
) -> u8 {
    // The process ends with it, and need not take it apart.
    let mut report = ManuallyDrop::new(result.unwrap_or_else(|error| Report::trouble(name, error)));
    if let Some(error) = report.error.take() {
        report.outcome = Outcome::Trouble;
        report.error = Some(in_reach(error, name));
    }
    let written = match stream {
        Some(stream) => stream.end(&report),
        None => output.write(&report, envelope, quiet),
    };
    if output.shows_beside_errors(&report, quiet) {
        let told = report.told;
        report.error = report.error.take().map(|error| error.without_first_notes(told));
    }
    if let Some(error) = &report.error {
        complain(error);
    }
    match written {
        Ok(()) => status::of(&report, signal),
        Err(error) => {
            complain(&error);
            // The file cannot hold the document: whoever reads stdout gets one all the same.
            if output.format.name == "json" && output.file.is_some() {
                let stdout = Output::stdout(output.format);
                drop(stdout.write(&Report::trouble(name, error), envelope, false));
            }
            status::TROUBLE
        }
    }
}

/// The error with advice that the command can take: not each of them can be told how long to wait.
fn in_reach(error: Error, name: &str) -> Error {
    if error.advice() != Some(&Advice::WaitLonger) {
        return error;
    }
    let root = Cli::command();
    let command = name.split(' ').try_fold(&root, |command, word| command.find_subcommand(word));
    let can_wait =
        |command: &clap::Command| command.get_arguments().any(|arg| arg.get_id() == "lock_timeout");
    if command.is_some_and(can_wait) { error } else { error.help(Advice::TryAgain) }
}

fn envelope(output: &Output, whole: bool) -> Envelope {
    let started = time::OffsetDateTime::now_utc();
    Envelope {
        version: env!("CARGO_PKG_VERSION"),
        run_id: new_run_id(started),
        started,
        canvas: output.canvas(whole),
    }
}

/// Shows an error on stderr. Nobody may be reading: that changes nothing.
fn complain(error: &Error) -> u8 {
    let _ = write_error(error, stderr_width(), &mut anstream::stderr().lock());
    status::TROUBLE
}

/// Shows help or a usage error as clap has it; a program that asked for JSON gets its document.
fn refuse(error: &clap::Error, args: &[OsString], hints: &Hints) -> u8 {
    let _ = error.print();
    if !error.use_stderr() {
        return status::CLEAN;
    }
    if let Some(format) = hints.format.filter(|format| format.name == "json") {
        let text = error.to_string();
        let mut parts = text.splitn(2, "\n\n");
        let message = parts.next().unwrap_or_default().trim().trim_start_matches("error: ");
        let report = Report::trouble(named(args), Error::new(ErrorKind::Usage, message).help(HELP));
        let output = Output::stdout(format);
        drop(output.write(&report, &envelope(&output, false), false));
    }
    let _ = io::stdout().flush();
    status::TROUBLE
}

/// The error, with the commands that have this name in a group: `planctl up` may mean `planctl migrate up`.
fn in_its_group(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return error };
    let root = Cli::command();
    let named = root.get_subcommands().filter_map(|group| Some((group, group.find_subcommand(word)?)));
    let full = named.map(|(group, command)| format!("`planctl {} {}`", group.get_name(), command.get_name()));
    let full = full.collect::<Vec<_>>().join(" or ");
    if !full.is_empty() {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![format!("try {full}").into()]));
    }
    error
}

const HELP: &str = "`planctl --help` shows the commands, `planctl COMMAND --help` their options";

/// What can be seen of arguments that may not parse.
struct Hints {
    format: Option<&'static Format>,
    color: ColorArg,
}

impl Hints {
    fn of(args: &[OsString]) -> Hints {
        let color = match value_of(args, "--color").and_then(OsStr::to_str) {
            Some("always") => ColorArg::Always,
            Some("never") => ColorArg::Never,
            _ => ColorArg::Auto,
        };
        let format = value_of(args, "--format").and_then(OsStr::to_str).and_then(Format::named);
        Hints { format, color }
    }
}

/// The words that name a command: `migrate up`.
fn named(args: &[OsString]) -> String {
    let root = Cli::command();
    let mut at = &root;
    let mut names = Vec::new();
    for arg in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        if let Some(next) = at.find_subcommand(arg) {
            names.push(next.get_name());
            at = next;
        }
    }
    names.join(" ")
}

/// The value of the last `--flag value` or `--flag=value`.
fn value_of<'a>(args: &'a [OsString], flag: &str) -> Option<&'a OsStr> {
    let before_separator = args.split(|arg| arg == "--").next().unwrap_or_default();
    let mut found = None;
    for (at, arg) in before_separator.iter().enumerate() {
        if arg == flag {
            found = before_separator.get(at + 1).map(OsString::as_os_str);
        } else if let Some(value) = arg.to_str().and_then(|arg| arg.strip_prefix(flag)?.strip_prefix('=')) {
            found = Some(OsStr::new(value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_colour_and_command_are_seen_in_arguments_that_do_not_parse() {
        let args = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        let hints = |line| Hints::of(&args(line));
        let seen = hints("planctl --format json --color=never man --nonsense");
        assert_eq!(seen.format.map(|format| format.name), Some("json"));
        assert_eq!(seen.color.choice(), anstream::ColorChoice::Never);
        assert_eq!(named(&args("planctl --format json migrate up --nonsense")), "migrate up");
        assert!(hints("planctl --format").format.is_none());
        assert!(hints("planctl man -- --format json").format.is_none());
    }

    fn outcomes() -> [(Result<Report>, u8); 5] {
        let interrupted = Error::new(ErrorKind::Interrupted, "stopped");
        let partly = Report { error: Some(Error::new(ErrorKind::Sql, "bad")), ..Report::new("x") };
        [
            (Ok(Report::new("x")), 0),
            (Ok(Report { outcome: Outcome::Findings, rules: Some(Vec::new()), ..Report::new("x") }), 1),
            (Err(Error::new(ErrorKind::Database, "not a database")), 2),
            (Ok(partly), 2),
            (Err(interrupted), 130),
        ]
    }

    /// Law: the exit status does not depend on the format.
    #[test]
    fn every_format_gives_the_same_exit_status_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        for format in crate::report::FORMATS {
            for (result, status) in outcomes() {
                let path = dir.path().join(format.name);
                let output = Output { file: Some(path.clone()), ..Output::stdout(format) };
                let trouble = status >= 2;
                assert_eq!(
                    finish(result, "x", &output, &envelope(&output, false), (false, None), Some(2)),
                    status,
                    "{}",
                    format.name
                );
                let written = std::fs::read_to_string(path).unwrap();
                if format.name == "json" {
                    let document: serde_json::Value = serde_json::from_str(&written).unwrap();
                    assert_eq!(document.get("error").is_some(), trouble);
                    assert_eq!(document["outcome"] == "trouble", trouble);
                }
            }
        }
    }

    #[test]
    fn a_result_that_cannot_be_written_is_trouble_whatever_it_was() {
        let dir = tempfile::tempdir().unwrap();
        for (result, _) in outcomes() {
            // A form that tells of every trouble is always written.
            let output = Output { file: Some(dir.path().to_owned()), ..Output::named("json", None) };
            assert_eq!(
                finish(result, "x", &output, &envelope(&output, false), (false, None), None),
                status::TROUBLE
            );
        }
    }

    #[test]
    fn a_command_that_cannot_be_told_how_long_to_wait_is_not_told_to_say_so() {
        let locked = || Error::new(ErrorKind::Locked, "x is locked").help(Advice::WaitLonger);
        let help =
            |name: &str| in_reach(locked(), name).help_text().unwrap_or_default().contains("--lock-timeout");
        let can = ["audit", "migrate up", "migrate redo", "backfill", "report run", "sample load"];
        assert!(can.into_iter().all(help));
        let cannot = ["schema dump", "schema docs", "schema diff", "migrate generate", "check"];
        assert!(!cannot.into_iter().any(help));
    }
}
