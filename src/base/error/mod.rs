//! Trouble: everything that ends a run with exit status 2 (or 130 after an interruption).
//!
//! What an audit or a check *finds* is data in a report, never an error.

mod advice;
mod rendered;

use std::fmt;
use std::path::{Path, PathBuf};

pub use self::advice::{Advice, ByHand, FrontEnd};
pub use self::rendered::write_error;
pub use super::location::Location;

/// What kind of trouble it is, for programs that call the library. The binary shows only the message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The command line or its combination of options makes no sense.
    Usage,
    /// A setting, `planctl.toml`, the ledger or a baseline is wrong.
    Config,
    /// A file or folder cannot be read or written.
    File,
    /// The database cannot be opened or is not one.
    Database,
    /// A server cannot be reached, refuses, or answers otherwise than its kind does.
    Server,
    /// Another process holds the lock.
    Locked,
    /// SQLite refused a statement.
    Sql,
    /// The migration files, or their relation to the history, are wrong.
    Migration,
    /// The database is at a version that only a newer program knows.
    Newer,
    /// The history table cannot be understood.
    History,
    /// A data step or a constraint refused the rows that are there.
    Data,
    /// What a migration asserts does not hold for the rows that are there.
    Assertion,
    /// The user asked to stop.
    Interrupted,
}

/// One piece of trouble: what is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    location: Option<Box<Location>>,
    about: Option<Box<PathBuf>>,
    notes: Vec<String>,
    /// Which of the notes says that nothing is left of the work. Small, for each result has room for an error.
    rolled_back: Option<u8>,
    help: Option<Box<Help>>,
    parts: Box<[Error]>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What to do, and how that is said.
#[derive(Clone, Debug)]
struct Help {
    advice: Advice,
    words: String,
}

/// ENFILE and EMFILE, for which there is no kind. Elsewhere nobody knows these numbers by these names.
#[cfg(unix)]
const TOO_MANY_FILES: [i32; 2] = [23, 24];
#[cfg(not(unix))]
const TOO_MANY_FILES: [i32; 0] = [];

/// What to do then.
pub(crate) const OPEN_FEWER: &str = "raise the limit on open files, `ulimit -n`, or do less at a time";

/// Whether a file cannot be opened since too many are.
pub(crate) fn is_out_of_files(error: &std::io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| TOO_MANY_FILES.contains(&code))
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Trouble of `kind`; `message` is one sentence without a full stop that says what is wrong.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        let message = message.into();
        Error {
            kind,
            message,
            location: None,
            about: None,
            notes: Vec::new(),
            rolled_back: None,
            help: None,
            parts: Box::default(),
            source: None,
        }
    }

    /// Trouble with a file or folder, in the operating system's words.
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Error {
        let why = match source.kind() {
            std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            std::io::ErrorKind::StorageFull => "the disk is full".to_owned(),
            _ if is_out_of_files(&source) => "too many files are open".to_owned(),
            _ => source.to_string(),
        };
        let help = match source.kind() {
            std::io::ErrorKind::StorageFull => Some("free some space, and try again"),
            std::io::ErrorKind::FileTooLarge => Some("raise the limit on the size of files: `ulimit -f`"),
            _ if is_out_of_files(&source) => Some(OPEN_FEWER),
            _ => None,
        };
        let error = Error::new(ErrorKind::File, format!("{}: {why}", path.display())).about(path);
        let error = help.into_iter().fold(error, Error::help);
        error.caused_by(source)
    }

    /// The same trouble, seen as another kind.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Error {
        self.kind = kind;
        self
    }

    /// Adds the place where it happened.
    #[must_use]
    pub(crate) fn at(mut self, location: Location) -> Error {
        self.location = Some(Box::new(location));
        self
    }

    /// The same, where the place is known.
    #[must_use]
    pub(crate) fn at_place(self, location: Option<Location>) -> Error {
        match location {
            Some(location) => self.at(location),
            None => self,
        }
    }

    /// Says which file, folder or database it is about, where the message names one.
    #[must_use]
    pub(crate) fn about(mut self, path: impl AsRef<Path>) -> Error {
        self.about = Some(Box::new(path.as_ref().to_owned()));
        self
    }

    /// Adds a line of background.
    #[must_use]
    pub(crate) fn note(mut self, note: impl Into<String>) -> Error {
        self.notes.push(note.into());
        self
    }

    /// The same without the first `count` lines of background: they were told already.
    #[must_use]
    pub(crate) fn without_first_notes(mut self, count: usize) -> Error {
        let count = count.min(self.notes.len());
        self.notes.drain(..count);
        let rolled_back = self.rolled_back.and_then(|at| usize::from(at).checked_sub(count));
        self.rolled_back = rolled_back.and_then(|at| u8::try_from(at).ok());
        self
    }

    /// Adds the line of background that nothing is left of the work.
    #[must_use]
    pub(crate) fn rolled_back(mut self, note: impl Into<String>) -> Error {
        self.rolled_back = u8::try_from(self.notes.len()).ok();
        self.note(note)
    }

    /// The same without that line: nothing was to be written.
    #[must_use]
    pub(crate) fn without_rollback(mut self) -> Error {
        if let Some(at) = self.rolled_back.take() {
            self.notes.remove(usize::from(at));
        }
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub(crate) fn help(mut self, advice: impl Into<Advice>) -> Error {
        let advice = advice.into();
        let words = advice.in_words_of(FrontEnd::CommandLine).into_owned();
        self.help = Some(Box::new(Help { advice, words }));
        self
    }

    /// The same trouble, told by `front_end`: what to do is said in its words. Without this it is the command line's.
    #[must_use]
    pub(crate) fn told_by(mut self, front_end: FrontEnd) -> Error {
        if let Some(help) = &mut self.help {
            help.words = help.advice.in_words_of(front_end).into_owned();
        }
        let parts = std::mem::take(&mut self.parts).into_vec();
        self.parts = parts.into_iter().map(|part| part.told_by(front_end)).collect();
        self
    }

    /// The same trouble, where `what` is to be written by hand if anything is.
    #[must_use]
    pub(crate) fn by_hand(self, what: ByHand) -> Error {
        match self.advice() {
            Some(&Advice::WriteByHand { first, or, .. }) => {
                self.help(Advice::WriteByHand { what, first, or })
            }
            _ => self,
        }
    }

    /// Keeps the error underneath.
    #[must_use]
    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// Adds the single problems that this error sums up.
    #[must_use]
    pub(crate) fn parts_of(mut self, parts: Vec<Error>) -> Error {
        self.parts = parts.into();
        self
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The message as it is said of any database: of one that is called `it` ("the database") instead of the name that it has.
    pub(crate) fn general_message(&self, it: &str) -> String {
        let Some(name) = self.about.as_ref().map(|about| about.display().to_string()) else {
            return self.message.clone();
        };
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let named = self.message.match_indices(&name).find(|(at, _)| {
            let (before, rest) = self.message.split_at_checked(*at).unwrap_or_default();
            let behind = rest.strip_prefix(&name).unwrap_or_default();
            !name.is_empty() && !is_part(before.chars().next_back()) && !is_part(behind.chars().next())
        });
        match named {
            Some((at, name)) => {
                let (before, behind) = (self.message.get(..at), self.message.get(at + name.len()..));
                let (before, behind) = (before.unwrap_or_default(), behind.unwrap_or_default());
                // "there is no database x.db"
                let noun = it.rsplit(' ').next().unwrap_or_default();
                match before.strip_suffix(' ').filter(|before| before.ends_with(noun)) {
                    Some(before) => format!("{before}{behind}"),
                    None => format!("{before}{it}{behind}"),
                }
            }
            None => self.message.clone(),
        }
    }

    /// Where, when there is a file.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_deref()
    }

    /// The file, folder or database that it is about: the one that the message names, or the one that cannot be read.
    pub fn path(&self) -> Option<&Path> {
        let unreadable = self.location().filter(|_| self.kind == ErrorKind::File);
        self.about.as_ref().map(|path| path.as_path()).or(unreadable.map(|at| at.file.as_path()))
    }

    /// Lines of background.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The same without that of [`Error::rolled_back`].
    pub(crate) fn notes_on_cause(&self) -> impl Iterator<Item = &str> {
        let undone = self.rolled_back.map(usize::from);
        let notes = self.notes.iter().enumerate();
        notes.filter(move |(at, _)| Some(*at) != undone).map(|(_, note)| note.as_str())
    }

    /// What to do, in the words of the front end that tells it (`told_by`).
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_ref().map(|help| help.words.as_str())
    }

    /// The same with the commands that its help names `completed`.
    #[must_use]
    pub(crate) fn with_commands(mut self, completed: &dyn Fn(&str) -> String) -> Error {
        if let Some(help) = &mut self.help {
            help.words = completed(&help.words);
        }
        self.parts = self.parts.into_iter().map(|part| part.with_commands(completed)).collect();
        self
    }

    /// What to do, as a fact.
    pub(crate) fn advice(&self) -> Option<&Advice> {
        self.help.as_ref().map(|help| &help.advice)
    }

    /// Whether another process kept its lock for as long as somebody was to wait.
    pub(crate) fn has_waited(&self) -> bool {
        self.kind == ErrorKind::Locked && matches!(self.advice(), Some(Advice::WaitLonger))
    }

    /// The single problems that this error sums up; empty for one that stands for itself.
    pub fn parts(&self) -> &[Error] {
        &self.parts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Some(location) => write!(f, "{location}: {}", self.message)?,
            None => f.write_str(&self.message)?,
        }
        for (n, part) in self.parts.iter().enumerate() {
            write!(f, "{} {part}", if n == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}
