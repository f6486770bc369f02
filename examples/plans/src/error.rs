//! What can go wrong.

use std::fmt;

use rusqlite::ffi::{
    SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE,
};

use crate::models::{CorrectionAttemptsState, UlidText};

/// The result of a call to a repository.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call to a repository did nothing.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum Error {
    /// Nothing has this key.
    #[error("there is no {kind} {key}")]
    NotFound {
        /// What was looked for.
        kind: Kind,
        /// Its key.
        key: String,
    },
    /// Something has this key already, or two of its parts are the same.
    #[error("{kind} {key} is there already, or has a part twice")]
    Exists {
        /// What was to be made or changed.
        kind: Kind,
        /// Its key.
        key: String,
        /// The constraint, in SQLite's words.
        source: rusqlite::Error,
    },
    /// It names a plan, a decision or an action that is not there.
    #[error("{kind} {key} refers to something that is not there")]
    Dangling {
        /// What was to be made or changed.
        kind: Kind,
        /// Its key.
        key: String,
        /// The constraint, in SQLite's words.
        source: rusqlite::Error,
    },
    /// A plan would have another parent, and with it another root, as would all that are below it.
    #[error("plan {} stays below the parent that it has", id.0)]
    Moved {
        /// The plan.
        id: UlidText,
    },
    /// A correction attempt does not go this way.
    #[error("correction attempt {} is {}, and cannot become {}", id.0, from.as_str(), to.as_str())]
    Transition {
        /// The attempt.
        id: UlidText,
        /// How it stands.
        from: CorrectionAttemptsState,
        /// What it was to become.
        to: CorrectionAttemptsState,
    },
    /// Something else that SQLite refused, or a value that is none of its column's.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The database could not be brought up to date.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] planctl::error::Error),
}

/// What a repository keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "named as what they are")]
pub enum Kind {
    Action,
    Plan,
    Decision,
    CorrectionAttempt,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Action => "action",
            Kind::Plan => "plan",
            Kind::Decision => "decision",
            Kind::CorrectionAttempt => "correction attempt",
        })
    }
}

impl Error {
    /// That nothing has this key.
    pub(crate) fn not_found(kind: Kind, key: impl fmt::Display) -> Error {
        let key = key.to_string();
        Error::NotFound { kind, key }
    }

    /// What it means that SQLite refused to write this.
    pub(crate) fn of_write(error: rusqlite::Error, kind: Kind, key: impl fmt::Display) -> Error {
        let key = key.to_string();
        match error.sqlite_error().map(|error| error.extended_code) {
            Some(SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_UNIQUE) => Error::Exists {
                kind,
                key,
                source: error,
            },
            Some(SQLITE_CONSTRAINT_FOREIGNKEY) => Error::Dangling {
                kind,
                key,
                source: error,
            },
            _ => Error::Sqlite(error),
        }
    }
}
