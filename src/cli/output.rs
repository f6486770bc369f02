//! `--format` and `-o`: in which form a result is written, and where to.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::replacement::Replacement;
use crate::error::{Error, ErrorKind, Result};
use crate::report::{About, Canvas, Envelope, FORMATS, Format, Report, visible_text};

/// `--format` and `-o` of a command whose result is not about findings.
#[derive(clap::Args, Clone, Debug)]
pub struct OutputArgs {
    /// Form of the result
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = formats(About::Itself))]
    format: &'static Format,
    /// Write the result to FILE, replaced as a whole, instead of stdout (-)
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// `--format` and `-o` of a command that reports findings: it offers every format.
#[derive(clap::Args, Clone, Debug)]
pub struct FindingsOutputArgs {
    /// Form of the result
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = formats(About::Findings))]
    format: &'static Format,
    /// Write the result to FILE, replaced as a whole, instead of stdout (-)
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Write the same result to FILE in another form as well (repeatable), as in --also sarif=planctl.sarif
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    also: Vec<(&'static Format, PathBuf)>,
}

fn also(value: &str) -> std::result::Result<(&'static Format, PathBuf), String> {
    let Some((name, file)) = value.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err("write it as FORMAT=FILE, as in sarif=planctl.sarif".to_owned());
    };
    let offered = |format: &&Format| format.offered.contains(&About::Findings);
    let Some(format) = Format::named(name).filter(offered) else {
        let names: Vec<&str> = FORMATS.iter().filter(offered).map(|format| format.name).collect();
        return Err(format!("there is no format `{name}`; the formats are {}", names.join(", ")));
    };
    Ok((format, PathBuf::from(file)))
}

/// `--format` and `-o` of a command whose result is rows.
#[derive(clap::Args, Clone, Debug)]
pub struct RowsOutputArgs {
    /// Form of the result
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = formats(About::Rows))]
    format: &'static Format,
    /// Write the result to FILE, replaced as a whole, instead of stdout (-)
    #[arg(short, long = "output", value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

fn formats(about: About) -> impl TypedValueParser<Value = &'static Format> {
    let offered = FORMATS.iter().filter(move |format| format.offered.contains(&about));
    PossibleValuesParser::new(offered.map(|format| PossibleValue::new(format.name).help(format.summary)))
        .try_map(|name| Format::named(&name).ok_or("no such format"))
}

/// In which form a result is written, and where to.
#[derive(Clone, Debug)]
pub struct Output {
    /// The form.
    pub format: &'static Format,
    /// The file; stdout when absent.
    pub file: Option<PathBuf>,
    /// Further forms of the same result, each with its file.
    pub also: Vec<(&'static Format, PathBuf)>,
}

impl From<&OutputArgs> for Output {
    fn from(args: &OutputArgs) -> Output {
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
        Output::new(args.format, args.output.as_deref())
    }
}

impl Output {
    /// `-` is stdout, as everywhere.
    fn new(format: &'static Format, file: Option<&Path>) -> Output {
        let file = file.filter(|file| *file != Path::new("-")).map(Path::to_owned);
        Output { format, file, also: Vec::new() }
    }

    /// The form of that name, or the default one.
    pub fn named(format: &str, file: Option<&Path>) -> Output {
        Output::new(Format::named(format).unwrap_or(&FORMATS[0]), file)
    }

    /// The default form on stdout, for commands without these options.
    pub fn plain() -> Output {
        Output::new(&FORMATS[0], None)
    }

    /// The result on stdout, in a form.
    pub fn stdout(format: &'static Format) -> Output {
        Output::new(format, None)
    }

    /// Writes a report in each of its forms. A closed pipe is no error.
    ///
    /// # Errors
    /// [`ErrorKind::File`] for the first file, or stdout, that cannot be written; the others are written all the same.
    pub fn write(&self, report: &Report, envelope: &Envelope) -> Result<()> {
        let main = rendered(self.format, report, envelope).and_then(|bytes| match &self.file {
            Some(path) => replace(path, &bytes),
            // SQL keeps the names as they are, for SQLite to read; a person is shown what they are made of.
            None if report.text.is_some()
                && self.format.name == FORMATS[0].name
                && io::stdout().is_terminal() =>
            {
                write_stdout(visible_text(&String::from_utf8_lossy(&bytes)).as_bytes())
            }
            None => write_stdout(&bytes),
        });
        self.also.iter().fold(main, |result, (format, path)| {
            result.and(rendered(format, report, envelope).and_then(|bytes| replace(path, &bytes)))
        })
    }

    /// The canvas that the output is: its width in columns, and whether colours are wanted on it.
    pub fn canvas(&self) -> Canvas {
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

/// Replaces a file as a whole.
fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut replacement = Replacement::begin(path)?;
    let written = replacement.write_all(bytes);
    replacement.finish(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.json");
        replace(&path, b"first, and longer").unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = replace(dir.path(), b"x").unwrap_err();
        assert!(error.message().ends_with("it is a folder"), "{error}");
        let error = replace(&dir.path().join("missing/out.json"), b"x").unwrap_err();
        assert!(error.message().ends_with("no such file or folder"), "{error}");
    }
}
