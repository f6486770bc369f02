//! Migration files: pairing, names and versions, directives, lint rules. No connection.

pub mod change;
mod checksum;
mod directive;
mod foreign;
pub mod lint;
mod listed;
mod load;
mod name;
mod refused;
mod replaced;
mod script;
mod squash;
mod swept;
mod template;
pub mod testing;

use std::path::PathBuf;
use std::sync::OnceLock;

use time::OffsetDateTime;

use crate::backfill::BackfillSpec;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::{Location, SourceFile};

pub use checksum::{LineEnding, WhiteSpace};
pub use directive::{Directive, DirectiveKind};
pub use foreign::both_ways;
pub use listed::{NamedFile, listed};
pub use name::{as_name, no_look_alike};
pub use refused::{Unfit, refused_statement, unfit};
pub use replaced::Replaced;
pub use script::Script;
pub use squash::Squash;
pub use swept::{Swept, swept};
pub use template::{NewFile, new_pair};

/// A version number, from 0. refinery stores 32-bit versions unless an application was built with `int8-versions`; then,
/// time stamps can be versions.
pub type Version = i64;

/// One migration: an up file and, beside it, perhaps a down file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migration {
    /// From the file's name: `V7__…` is 7.
    pub version: Version,
    /// From the file's name: `V7__align_plans_schema.sql` is `align_plans_schema`.
    pub name: String,
    /// `V7__align_plans_schema.sql`
    pub up: SourceFile,
    /// `V7__align_plans_schema.down.sql`, when it is there.
    pub down: Option<SourceFile>,
}

/// The migrations of a folder: names and versions checked, sorted by version, each version once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MigrationSet {
    /// The folder, as it was named by the user.
    pub dir: PathBuf,
    /// Oldest first.
    pub migrations: Vec<Migration>,
}

/// How wide a history table's versions are; it decides the checksum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub enum VersionWidth {
    /// `int4`, refinery's default.
    #[default]
    Int4,
    /// `int8`, with refinery's feature `int8-versions`.
    Int8,
}

/// One step of a script, in the order in which it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step<'a> {
    /// A statement of SQL.
    Sql {
        /// From its first token to its semicolon.
        text: &'a str,
        /// Byte offset in the script.
        start: usize,
    },
    /// `-- planctl:backfill root-ancestor …`
    Backfill {
        /// What to fill.
        spec: BackfillSpec,
        /// Byte offset of the comment in the script.
        start: usize,
    },
    /// `-- planctl:assert REASON`, and its query.
    Assert {
        /// What is wrong where it finds something.
        reason: String,
        /// The query, from its first token to its semicolon.
        text: &'a str,
        /// Byte offset of the query in the script.
        start: usize,
    },
}

impl<'a> Step<'a> {
    /// The statement of SQL that it is, or is about.
    pub fn sql(&self) -> Option<&'a str> {
        match self {
            Step::Sql { text, .. } | Step::Assert { text, .. } => Some(text),
            Step::Backfill { .. } => None,
        }
    }
}

/// The steps of any script: a migration's file, or a down that was stored in the database.
///
/// # Errors
/// [`ErrorKind::Migration`] when a directive cannot be understood or is in the middle of a statement.
pub fn steps(file: &SourceFile) -> Result<Vec<Step<'_>>> {
    Script::read(file).into_steps()
}

/// Whether a script can run as a migration at all, as far as that can be seen before it runs.
///
/// # Errors
/// As `steps`, and the one of [`refused_statement`].
pub fn verify_runnable(file: &SourceFile) -> Result<()> {
    let known = file.known::<Runnable>();
    if known.0.get().is_some() {
        return Ok(());
    }
    let script = Script::read(file);
    match refused::refused_of(file, &script.statements) {
        Some(error) => Err(error),
        None => script.into_steps().map(|_| *known.0.get_or_init(|| ())),
    }
}

/// Whether a script was found to be one that can run.
#[derive(Default)]
struct Runnable(OnceLock<()>);

impl VersionWidth {
    /// The narrowest that holds a version.
    pub fn of(version: Version) -> VersionWidth {
        if i32::try_from(version).is_ok() { VersionWidth::Int4 } else { VersionWidth::Int8 }
    }
}

impl Migration {
    /// `V7__align_plans_schema`, as refinery shows it: without the file name's leading zeros.
    pub fn label(&self) -> String {
        label_of(if self.is_unordered() { 'U' } else { 'V' }, self.version, &self.name)
    }

    /// Whether it is refinery's `U7__…`: one that is applied also where newer ones were applied before it, as it comes
    /// about when branches are merged. The file's name is what says so.
    pub fn is_unordered(&self) -> bool {
        self.up.path().file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"U"))
    }

    /// The steps of the up file.
    ///
    /// # Errors
    /// As `steps`. A migration that [`MigrationSet::load`] gave has none.
    pub fn up_steps(&self) -> Result<Vec<Step<'_>>> {
        steps(&self.up)
    }

    /// The steps of the down file.
    ///
    /// # Errors
    /// As `steps`, and when there is no down file.
    pub fn down_steps(&self) -> Result<Vec<Step<'_>>> {
        match &self.down {
            Some(down) => steps(down),
            None => Err(self.no_down()),
        }
    }

    fn no_down(&self) -> Error {
        let label = self.label();
        let error = Error::new(ErrorKind::Migration, format!("{label} has no down file"));
        match self.irreversible() {
            Some((reason, location)) => {
                error.at(location).help(format!("its author says that it cannot be reverted: {reason}"))
            }
            None => error.help(format!(
                "write the SQL that reverts it into {}, or say why it cannot be reverted with \
                 `-- planctl:irreversible REASON` in the up file",
                self.up.path().with_file_name(format!("{}.down.sql", self.file_stem())).display()
            )),
        }
    }

    /// The reason that `-- planctl:irreversible REASON` in the up file gives, and where it stands.
    pub fn irreversible(&self) -> Option<(String, Location)> {
        let script = Script::read(&self.up);
        script.directives().find_map(|directive| match &directive.kind {
            DirectiveKind::Irreversible { reason } => {
                Some((reason.clone(), self.up.location(directive.start)))
            }
            _ => None,
        })
    }

    /// The first statement of the up file, else of the down file, that cannot be part of a migration. See
    /// [`refused_statement`].
    pub fn refused_statement(&self) -> Option<Error> {
        refused_statement(&self.up).or_else(|| self.down.as_ref().and_then(refused_statement))
    }

    /// The up file's name without `.sql`.
    fn file_stem(&self) -> String {
        let stem = self.up.path().file_stem().map(|stem| stem.to_string_lossy().into_owned());
        stem.unwrap_or_else(|| self.label())
    }
}

impl MigrationSet {
    /// The migration of a version.
    pub fn get(&self, version: Version) -> Option<&Migration> {
        let at = self.migrations.binary_search_by_key(&version, |migration| migration.version).ok()?;
        self.migrations.get(at)
    }

    /// The version that a new migration gets: one more than the newest, 1 in an empty folder. Where the newest is a time
    /// stamp (`20261128093000`), it is the time `now`, or one more than a newest that lies ahead.
    ///
    /// # Errors
    /// [`ErrorKind::Migration`] when the newest has the largest number that a version can have.
    pub fn next_version(&self, now: OffsetDateTime) -> Result<Version> {
        next_version(self.migrations.last().map_or(0, |newest| newest.version), now)
    }

    /// How wide the versions of a history have to be for all of these.
    pub fn width(&self) -> VersionWidth {
        self.migrations.last().map_or(VersionWidth::Int4, |newest| VersionWidth::of(newest.version))
    }
}

/// The version behind `newest`: see [`MigrationSet::next_version`].
///
/// # Errors
/// As there.
pub fn next_version(newest: Version, now: OffsetDateTime) -> Result<Version> {
    let next = newest.checked_add(1).ok_or_else(|| {
        Error::new(ErrorKind::Migration, format!("no version is left after {newest}"))
            .help("versions are whole numbers of 64 bits: number the migrations 1, 2, 3, …, or by the time")
    })?;
    Ok(if is_time_stamp(newest) { next.max(time_stamp(now)) } else { next })
}

/// Whether a version says year, month, day, hour, minute and second, as many tools number migrations.
fn is_time_stamp(version: Version) -> bool {
    let part = |divisor: Version, modulus: Version| version / divisor % modulus;
    (1970..=9999).contains(&(version / 10_000_000_000))
        && (1..=12).contains(&part(100_000_000, 100))
        && (1..=31).contains(&part(1_000_000, 100))
        && part(10_000, 100) < 24
        && part(100, 100) < 60
        && part(1, 100) < 60
}

fn time_stamp(at: OffsetDateTime) -> Version {
    let at = at.to_offset(time::UtcOffset::UTC);
    let date = Version::from(at.year()) * 10_000
        + Version::from(u8::from(at.month())) * 100
        + Version::from(at.day());
    date * 1_000_000
        + Version::from(at.hour()) * 10_000
        + Version::from(at.minute()) * 100
        + Version::from(at.second())
}

/// `V7__align_plans_schema`
pub fn label(version: Version, name: &str) -> String {
    label_of('V', version, name)
}

fn label_of(letter: char, version: Version, name: &str) -> String {
    format!("{letter}{version}__{name}")
}
