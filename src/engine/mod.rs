//! Databases: opening one, reading its history, running migrations on it.
//!
//! [`Engine`] is what the rest of the program sees of a database. There is one place where they live, a file: `connection`
//! opens it, `file` implements the trait.

pub mod backfill;
mod by_hand;
pub(crate) mod catalog;
pub(crate) mod connection;
pub(crate) mod contract;
pub(crate) mod diagnosis;
pub mod file;
pub(crate) mod migrate;
#[cfg(feature = "servers")]
pub(crate) mod remote;
pub(crate) mod row_checks;
pub(crate) mod sample;
pub(crate) mod script;
pub(crate) mod shadow;
#[cfg(test)]
mod tests;

use std::path::Path;

use self::connection::Sqlite;
use self::contract::server_name::ServerName;
use crate::base::error::Result;
#[cfg(not(feature = "servers"))]
use crate::base::error::{Error, ErrorKind};
use crate::base::job::Job;
use crate::base::source::SourceFile;
use crate::diff::Broken;
use crate::plan::Step;
use crate::schema::Schema;
use crate::sql::Target;

pub use self::by_hand::{ByHand, refused, up};
pub(crate) use self::connection::connect::changed_meanwhile;
pub use self::contract::application::{Call, OfApplication, Registered};
pub use self::contract::database::Engine;
pub use self::contract::database_name::DatabaseName;
pub use self::contract::database_name::Identity as FileIdentity;
pub use self::contract::fault::{Columns, Fault, Thing, Within, parts};
pub use self::contract::history::{
    Applied, Backfilled, Entry, FileChange, Glance, History, Record, State, StoredDown, compare,
};
pub(crate) use self::contract::loss::refusal_of_up;
pub use self::contract::loss::{Loss, LossKind, Lost};
pub use self::contract::options::{Access, Clean, DownOptions, Growth, OnLoss, OpenOptions, UpOptions};
pub use self::contract::plan::{DownStep, DownTarget, plan_baseline, plan_down, plan_up};
pub use self::contract::rehearsal::{
    Asked, BrokenKey, OffendingRows, Question, Rehearsal, Rendered, Stopped, StoredRow,
};
pub use self::contract::run::{Baseline, Executed, Run, StepDone, UncheckedKey};
pub use self::contract::sample::{LoadOptions, Loaded, SampleRows};
pub use self::contract::scratch::{
    Answer, Common, Refused, Scratch, SeedOptions, SeedPair, SeededTable, Snapshot, TableRows, Tree,
};
pub use self::contract::server_name::{Secret, ServerKind};
pub use self::contract::spec_database::{RenamedSpec, Renaming, SpecDatabase};
pub use self::contract::squash::{
    Followed, to_record as squash_to_record, verify as verify_squash, verify_recorded,
};
pub(crate) use self::script::text::how_to_run;
pub use self::script::{ScriptOptions, down as script_down, up as script_up};

/// Opens the database `db`.
///
/// # Errors
/// `Usage` when its name permits reading only (`DatabaseName::permitted`); `File` when it is missing, a folder or not
/// readable; `Database` when it is no SQLite database or is damaged; `Locked` when another process holds it.
pub fn open(
    db: impl Into<DatabaseName>,
    access: Access,
    options: OpenOptions,
    job: Job<'_>,
) -> Result<Box<dyn Engine>> {
    let name = db.into();
    let permitted = name.permitted(access)?;
    let file = match &name {
        DatabaseName::File(file) => file,
        DatabaseName::Server(server) => return on_server(server, options, job),
    };
    let opened = Sqlite::open(file.path(), permitted, options, job).map_err(|error| {
        // What is advised for a missing database has just been tried.
        if permitted != access && !name.exists() {
            error.help("`mode=rw` makes no database, `mode=rwc` does")
        } else {
            error
        }
    });
    Ok(Box::new(opened?))
}

/// Opens the database `db` for reading, and has `read` look at it at once. Nobody else in this process may have it open: what
/// costs most of a short look is making sure that no lock of theirs is lost.
///
/// # Errors
/// As [`open`], and those of `read`.
pub fn look<T>(
    db: &DatabaseName,
    access: Access,
    options: OpenOptions,
    job: Job<'_>,
    read: impl FnOnce(&mut dyn Engine) -> Result<T>,
) -> Result<(Box<dyn Engine>, T)> {
    let Some(file) = db.file() else {
        let mut engine = open(db, access, options, job)?;
        let read = read(&mut *engine)?;
        return Ok((engine, read));
    };
    let (sqlite, read) =
        Sqlite::open_and_read(file, db.permitted(access)?, options, job, |sqlite| read(sqlite))?;
    Ok((Box::new(sqlite), read))
}

#[cfg(feature = "servers")]
fn on_server(server: &ServerName, options: OpenOptions, job: Job<'_>) -> Result<Box<dyn Engine>> {
    Ok(Box::new(remote::Remote::open(server, options, job)?))
}

#[cfg(not(feature = "servers"))]
fn on_server(server: &ServerName, _: OpenOptions, _: Job<'_>) -> Result<Box<dyn Engine>> {
    let message = format!("{server} is on a server, and this build knows files alone");
    Err(Error::new(ErrorKind::Usage, message).help("build it with the feature `servers`"))
}

/// An empty in-memory database, to see what migrations make of it. A collation of the application's is stood in for
/// (`Engine::collations`).
///
/// # Errors
/// `Database` when SQLite cannot make one.
pub fn scratch(job: Job<'_>) -> Result<Box<dyn Scratch>> {
    Ok(Box::new(Sqlite::scratch_with_stand_ins(job)?))
}

/// The same at another time, and by another `chance`: what differs there depends on when it is made, or on luck.
///
/// # Errors
/// As [`scratch`].
pub fn scratch_at_another_time(chance: bool, job: Job<'_>) -> Result<Box<dyn Scratch>> {
    let scratch = Sqlite::scratch_with_stand_ins(job)?;
    shadow::clock::shift(&scratch.conn, chance).map_err(|error| scratch.trouble(error))?;
    Ok(Box::new(scratch))
}

/// An empty in-memory database on which a statement fails that fails on a new file.
///
/// # Errors
/// `Database` when SQLite cannot make one.
pub fn like_a_new_file(job: Job<'_>) -> Result<Box<dyn Engine>> {
    Ok(Box::new(Sqlite::scratch(job)?))
}

/// The schema that a script of DDL makes.
///
/// # Errors
/// `Sql` with the place of the statement that the engine refuses.
pub fn spec_database(source: &SourceFile, job: Job<'_>) -> Result<Box<dyn SpecDatabase>> {
    Ok(Box::new(shadow::spec::spec_database(source, job)?))
}

/// The schema that a script of DDL states, for comparing it with `accepted`: as [`spec_database`], and much faster for a
/// large schema, where most statements are those of `accepted` in whatever spelling. `None` when it takes running the
/// script to know.
pub fn fast_load(source: &SourceFile, accepted: &Schema, job: Job<'_>) -> Option<Box<dyn SpecDatabase>> {
    shadow::stated::StatedSpec::of(source, accepted, job).map(|spec| Box::new(spec) as Box<dyn SpecDatabase>)
}

/// The schema that a script of DDL makes, for comparing it with `accepted`: by [`fast_load`] where that will do.
///
/// # Errors
/// As [`spec_database`].
pub fn spec_database_beside(
    source: &SourceFile,
    accepted: &Schema,
    job: Job<'_>,
) -> Result<Box<dyn SpecDatabase>> {
    fast_load(source, accepted, job).map_or_else(|| spec_database(source, job), Ok)
}

/// The schema that a script of DDL states, under the names of `renamings`, for comparing it with `accepted`. `None` when it takes
/// `spec_database_beside` and [`SpecDatabase::rename`] to know.
pub fn renamed_beside(
    source: &SourceFile,
    renamings: &[Renaming],
    accepted: &Schema,
    job: Job<'_>,
) -> Option<RenamedSpec> {
    shadow::stated::StatedSpec::renamed(source, renamings, accepted, job)
}

/// The views and triggers of a schema that do not compile. Functions, collations and modules that only the application has
/// are no reason.
///
/// # Errors
/// `Interrupted`.
pub fn broken(schema: &Schema, job: Job<'_>) -> Result<Vec<Broken>> {
    shadow::broken::of(schema, job)
}

/// The steps as statements.
pub fn render(steps: &[Step]) -> Vec<Rendered> {
    script::render::render(steps)
}

/// An in-memory database with the schema of `from` and seeded rows, on which steps are tried. Each row is one that the
/// schema `goal` can hold as well, as far as `pairs` say what becomes of it. Steps run as they do at `target`. Where there is a database file `db`, some of
/// its rows are among them; it is opened for reading only.
///
/// # Errors
/// `Sql` when the engine refuses one of the schemas; as [`open`].
pub fn rehearsal(
    from: &SourceFile,
    goal: &SourceFile,
    pairs: &[SeedPair<'_>],
    target: Target,
    db: Option<&Path>,
    job: Job<'_>,
) -> Result<Box<dyn Rehearsal>> {
    Ok(Box::new(shadow::rehearsal::rehearsal(from, goal, pairs, target, db, job)?))
}

/// Counts rows of the database file `db`, which is opened for reading only. A question that makes no sense there (the
/// table or a column is missing) has no answer.
///
/// # Errors
/// As [`open`].
pub fn ask_rows(db: &Path, questions: &[Question], job: Job<'_>) -> Result<Vec<Option<OffendingRows>>> {
    let opened = Sqlite::open(db, Access::ReadOnly, OpenOptions::default(), job)?;
    questions.iter().map(|question| opened.ask_rows(question)).collect()
}

/// What the tables and indexes of a schema need that only its application has.
///
/// # Errors
/// `Interrupted`; `Database` when SQLite cannot make a shadow database.
pub fn needs_of_application(schema: &Schema, job: Job<'_>) -> Result<OfApplication> {
    shadow::application::needs(schema, job)
}
