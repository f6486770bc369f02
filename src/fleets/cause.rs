//! Why something failed, as far as it is the same for many databases.

use std::fmt;

use crate::base::error::{Error, ErrorKind};
use crate::engine::{Entry, FileChange, State};
use crate::migrations::Version;

/// Why something failed. What differs from one database to the next (its name, a number of rows, a time) is not in it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    /// The history does not fit the files: these versions do not.
    History(Vec<(Version, &'static str)>),
    /// Something at this place of a file.
    At(ErrorKind, String),
    /// Anything else, as it is said of one that is called `the database`.
    Said(ErrorKind, String),
}

impl Cause {
    /// The cause of an error.
    pub fn of(error: &Error) -> Cause {
        match error.location() {
            // What is wrong with a database itself, as a full disk, is no matter of the statement that met it.
            Some(at) if !matches!(error.kind(), ErrorKind::Database | ErrorKind::Locked) => {
                Cause::At(error.kind(), at.to_string())
            }
            _ => Cause::Said(error.kind(), error.general_message("the database")),
        }
    }

    /// Why a history does not fit; `None` when it does.
    pub fn of_history(entries: &[Entry<'_>]) -> Option<Cause> {
        let wrong = entries.iter().filter_map(|entry| {
            let what = match entry.state {
                State::Applied | State::Pending | State::Squashed => return None,
                State::Changed(FileChange::WhiteSpace(_)) => "its file differs in white space",
                State::Changed(FileChange::Text) => "its file was edited since it was applied",
                State::Changed(FileChange::Name) => "it was applied under another name",
                State::Missing => "it is applied, and has no file",
                State::OutOfOrder => "it was left out",
            };
            Some((entry.version, what))
        });
        let wrong: Vec<_> = wrong.collect();
        (!wrong.is_empty()).then_some(Cause::History(wrong))
    }

    /// The sentence for all of those whose first error is `error`.
    pub fn sentence(&self, error: &Error) -> String {
        match self {
            Cause::At(_, at) => format!("{at}: {}", error.general_message("the database")),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::History(wrong) => {
                for (number, (version, what)) in wrong.iter().enumerate() {
                    let between = if number > 0 { "; " } else { "" };
                    write!(f, "{between}version {version}: {what}")?;
                }
                Ok(())
            }
            Cause::At(_, text) | Cause::Said(_, text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_the_same_whatever_the_database_is_called() {
        let of = |message: &str, name: &str| {
            Cause::of(&Error::new(ErrorKind::Database, message.replace("{}", name)).about(name)).to_string()
        };
        for name in ["b", "tenants/b.db", "é/ü.db"] {
            assert_eq!(of("{} is damaged: a disk image", name), "the database is damaged: a disk image");
            assert_eq!(of("there is no database {}", name), "there is no database");
            assert_eq!(of("lock of {} was lost", name), "lock of the database was lost");
        }
        // A full disk is met by whatever statement comes just then.
        let full = Error::new(ErrorKind::Database, "b: the disk is full").about("b");
        let at = crate::base::source::SourceFile::new("V1__x.sql", "SELECT 1").whole();
        assert_eq!(
            Cause::of(&full),
            Cause::of(&Error::new(ErrorKind::Database, "b: the disk is full").about("b").at(at))
        );
        // A name that is only a part of words is not in it.
        assert_eq!(of("a database at hand", "and"), "a database at hand");
    }
}
