//! `--format` and `-o`: in which form a result is written, and where to.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::escape::visible_text;
use crate::base::nearest::did_you_mean;
use crate::base::replacement::Replacement;
use crate::report::{About, Block, Canvas, Envelope, FORMATS, Format, Outcome, Report};

/// `--format` and `-o` of a command whose result is not about findings.
#[derive(clap::Args, Clone, Debug)]
pub struct OutputArgs {
    /// Output format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = formats(About::Itself))]
    format: Option<&'static Format>,
    /// Write the result to FILE instead of stdout (-); FILE is replaced as a whole
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// `--format` and `-o` of a command whose result is a text: DDL, code.
#[derive(clap::Args, Clone, Debug)]
pub struct TextOutputArgs {
    /// Output format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = formats(About::Text))]
    format: Option<&'static Format>,
    /// Write the result to FILE instead of stdout (-); FILE is replaced as a whole
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// `--format` and `-o` of a command that reports findings: it offers every format.
#[derive(clap::Args, Clone, Debug)]
pub struct FindingsOutputArgs {
    /// Output format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = formats(About::Findings))]
    format: Option<&'static Format>,
    /// Write the result to FILE instead of stdout (-); FILE is replaced as a whole
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Also write the result to FILE in another format, as in --also sarif=planctl.sarif (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    also: Vec<(&'static Format, PathBuf)>,
}

fn also(value: &str) -> std::result::Result<(&'static Format, PathBuf), String> {
    let Some((name, file)) = value.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("write it as FORMAT=FILE, as in sarif=planctl.sarif".to_owned());
    };
    let offered = |format: &&Format| format.offered.contains(&About::Findings);
    let Some(format) = Format::named(name).filter(offered) else {
        let known = FORMATS.iter().filter(offered).map(|format| format.name);
        return Err(format!("there is no format `{name}`: {}", did_you_mean(name, known)));
    };
    Ok((format, PathBuf::from(file)))
}

/// `--format` and `-o` of a command whose result is rows.
#[derive(clap::Args, Clone, Debug)]
pub struct RowsOutputArgs {
    /// With csv: put ' before a text that begins like a formula (= + - @), so that a spreadsheet keeps it as text
    #[arg(long)]
    escape_formulas: bool,
    /// Output format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = formats(About::Rows))]
    format: Option<&'static Format>,
    /// Write the result to FILE instead of stdout (-); FILE is replaced as a whole
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// `--format` and `-o` of a command that is about many things of the same kind.
#[derive(clap::Args, Clone, Debug)]
pub struct ManyOutputArgs {
    /// Output format [default: table]
    #[arg(long, value_name = "FORMAT", value_parser = formats(About::Many))]
    format: Option<&'static Format>,
    /// Write the result to FILE instead of stdout (-); FILE is replaced as a whole
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

fn formats(about: About) -> impl TypedValueParser<Value = &'static Format> {
    let offered = FORMATS.iter().filter(move |format| format.offered.contains(&about));
    let summary = move |format: &Format| match (about, format.name) {
        (About::Text, "table") => "The text itself",
        _ => format.summary,
    };
    PossibleValuesParser::new(
        offered.map(move |format| PossibleValue::new(format.name).help(summary(format))),
    )
    .try_map(|name| Format::named(&name).ok_or("no such format"))
}

/// In which form a result is written, and where to.
#[derive(Clone, Debug)]
pub struct Output {
    /// The form.
    pub format: &'static Format,
    /// The file; stdout when absent.
    pub file: Option<PathBuf>,
    /// Whether form or place was asked for: then the result is written even with `-q`.
    pub asked_for: bool,
    /// Further forms of the same result, each with its file.
    pub also: Vec<(&'static Format, PathBuf)>,
}

impl From<&OutputArgs> for Output {
    fn from(args: &OutputArgs) -> Output {
        Output::new(args.format, args.output.as_deref())
    }
}

impl From<&TextOutputArgs> for Output {
    fn from(args: &TextOutputArgs) -> Output {
        Output::new(args.format, args.output.as_deref())
    }
}

impl From<&FindingsOutputArgs> for Output {
    fn from(args: &FindingsOutputArgs) -> Output {
        Output { also: args.also.clone(), ..Output::new(args.format, args.output.as_deref()) }
    }
}

impl From<&RowsOutputArgs> for Output {
    fn from(args: &RowsOutputArgs) -> Output {
        let escaping = args.format.filter(|_| args.escape_formulas).and_then(Format::escaping_formulas);
        Output::new(escaping.or(args.format), args.output.as_deref())
    }
}

impl From<&ManyOutputArgs> for Output {
    fn from(args: &ManyOutputArgs) -> Output {
        Output::new(args.format, args.output.as_deref())
    }
}

impl RowsOutputArgs {
    /// Refuses options that say nothing of the format that was asked for.
    ///
    /// # Errors
    /// `Usage`.
    pub fn check(&self) -> Result<()> {
        if self.escape_formulas && self.format.and_then(Format::escaping_formulas).is_none() {
            return Err(Error::new(ErrorKind::Usage, "--escape-formulas is about --format csv")
                .help("other formats hold texts that nothing takes for formulas: leave it out"));
        }
        Ok(())
    }
}

impl Output {
    /// `-` is stdout, as everywhere.
    fn new(format: Option<&'static Format>, file: Option<&Path>) -> Output {
        Output {
            format: format.unwrap_or(&FORMATS[0]),
            file: file.filter(|file| *file != Path::new("-")).map(Path::to_owned),
            asked_for: format.is_some() || file.is_some(),
            also: Vec::new(),
        }
    }

    /// Whether `-q` leaves the result out: it says only that all is well, in a form that nobody asked for.
    fn is_chatter(&self, report: &Report) -> bool {
        let found = report.outcome == Outcome::Findings || report.summary().is_some_and(|s| s.open() > 0);
        let rows = report.document.blocks.iter().any(|block| matches!(block, Block::Rows { .. }));
        !self.asked_for && !found && !rows && report.text.is_none()
    }

    /// The form of that name, or the default one.
    pub fn named(format: &str, file: Option<&Path>) -> Output {
        Output::new(Format::named(format), file)
    }

    /// The default form on stdout, for commands without these options.
    pub fn plain() -> Output {
        Output::new(None, None)
    }

    /// The result on stdout, in a form.
    pub fn stdout(format: &'static Format) -> Output {
        Output::new(Some(format), None)
    }

    /// The files that a run may write, each with the option that names it.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let main = self.file.iter().map(|file| ("-o", file.as_path()));
        main.chain(self.also.iter().map(|(_, file)| ("--also", file.as_path())))
    }

    /// The same form, on stdout alone.
    pub fn without_files(&self) -> Output {
        Output { file: None, also: Vec::new(), ..self.clone() }
    }

    /// Writes a report in each of its forms; with `quiet` not on stdout when it says only that all is well. A file that
    /// would not even tell what went wrong stays as it was. A closed pipe is no error.
    ///
    /// # Errors
    /// [`ErrorKind::File`] for the first file, or stdout, that cannot be written; the others are written all the same.
    pub fn write(&self, report: &Report, envelope: &Envelope, quiet: bool) -> Result<()> {
        let left_out = quiet && self.is_chatter(report);
        let main = if left_out { Ok(()) } else { self.write_main(report, envelope) };
        self.also.iter().fold(main, |result, (format, path)| {
            result.and(write_file("--also", path, format, report, envelope))
        })
    }

    /// Whether who reads errors reads the document of a report, too: it is not written into a file, by this program or by
    /// the shell.
    pub fn shows_beside_errors(&self, report: &Report, quiet: bool) -> bool {
        self.file.is_none()
            && self.format.name == FORMATS[0].name
            && report.text.is_none()
            && !(quiet && self.is_chatter(report))
            && (io::stdout().is_terminal() || !io::stderr().is_terminal())
    }

    fn write_main(&self, report: &Report, envelope: &Envelope) -> Result<()> {
        if let Some(path) = &self.file {
            return write_file("-o", path, self.format, report, envelope);
        }
        let bytes = rendered(self.format, report, envelope)?;
        // SQL keeps the names as they are, for SQLite to read; a person is shown what they are made of.
        let is_shown = report.text.is_some() && self.format.name == FORMATS[0].name;
        if is_shown && io::stdout().is_terminal() {
            return write_stdout(visible_text(&String::from_utf8_lossy(&bytes)).as_bytes());
        }
        write_stdout(&bytes)
    }

    /// The canvas that the output is: its width in columns, whether colours are wanted on it, and whether the `whole`
    /// result.
    pub fn canvas(&self, whole: bool) -> Canvas {
        let stdout = io::stdout();
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || {
            let is_terminal = self.file.is_none() && stdout.is_terminal();
            is_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0))
        };
        let width = columns.or_else(terminal).filter(|&width| width > 0).unwrap_or(80);
        let choice = match self.file {
            Some(_) => anstream::ColorChoice::global(),
            None => anstream::AutoStream::choice(&stdout),
        };
        Canvas {
            width,
            color: matches!(choice, anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi),
            whole,
            wraps: columns.is_some() || self.file.is_none() && stdout.is_terminal(),
        }
    }
}

fn rendered(format: &Format, report: &Report, envelope: &Envelope) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // Writing to memory fails only if a renderer does.
    format.renderer.render(report, envelope, &mut bytes).map_err(|error| {
        Error::new(ErrorKind::File, format!("the result cannot be written as {}: {error}", format.name))
    })?;
    Ok(bytes)
}

fn write_stdout(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(ErrorKind::File, format!("stdout: {error}")).caused_by(error))
        }
        _ => Ok(()),
    }
}

fn write_file(
    option: &str,
    path: &Path,
    format: &Format,
    report: &Report,
    envelope: &Envelope,
) -> Result<()> {
    if !format.renderer.is_result(report) {
        return Ok(());
    }
    let bytes = rendered(format, report, envelope)?;
    Replacement::write(path, &bytes).map_err(|error| meant_for(option, error))
}

/// Says of an error what was to be written there.
pub(super) fn meant_for(option: &str, error: Error) -> Error {
    error.note(format!("the result was to be written there ({option})"))
}
