//! Migration files: pairing, names and versions, directives, lint rules. No connection.

mod checksum;
mod directive;
pub mod lint;
mod load;
mod name;
mod refused;
mod script;
mod template;
pub mod testing;

use std::path::PathBuf;

use crate::backfill::BackfillSpec;
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Location, SourceFile};

pub use checksum::{LineEnding, WhiteSpace};
pub use directive::{Directive, DirectiveKind};
pub use refused::refused_statement;
pub use script::{Script, is_trigger};
pub use template::{NewFile, new_pair};

/// A version number. refinery stores 32-bit versions unless an application was built with `int8-versions`.
pub type Version = i32;

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

/// How wide an existing history table's versions are; it decides the checksum.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
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
}

/// The steps of any script: a migration's file, or a down that was stored in the database.
///
/// # Errors
/// [`ErrorKind::Migration`] when a directive cannot be understood or stands in the middle of a statement.
pub fn steps(file: &SourceFile) -> Result<Vec<Step<'_>>> {
    Script::read(file).into_steps()
}

/// Whether a script can run as a migration at all, as far as that can be seen before it runs.
///
/// # Errors
/// As [`steps`], and the one of [`refused_statement`].
pub fn verify_runnable(file: &SourceFile) -> Result<()> {
    let script = Script::read(file);
    match refused::refused_of(file, &script.statements) {
        Some(error) => Err(error),
        None => script.into_steps().map(drop),
    }
}

impl Migration {
    /// `V7__align_plans_schema`, as refinery shows it: without the file name's leading zeros.
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }

    /// The steps of the up file.
    ///
    /// # Errors
    /// As [`steps`]. A migration that [`MigrationSet::load`] gave has none.
    pub fn up_steps(&self) -> Result<Vec<Step<'_>>> {
        steps(&self.up)
    }

    /// The steps of the down file.
    ///
    /// # Errors
    /// As [`steps`], and when there is no down file.
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
                error.at(location).help(format!("its author says that it cannot be taken back: {reason}"))
            }
            None => error.help(format!(
                "write what takes it back into {}, or say why it cannot be taken back with \
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

    /// The version that a new migration gets: one more than the newest, 1 in an empty folder.
    ///
    /// # Errors
    /// [`ErrorKind::Migration`] when the newest has the largest number that a version can have.
    pub fn next_version(&self) -> Result<Version> {
        let newest = self.migrations.last().map_or(0, |newest| newest.version);
        newest.checked_add(1).ok_or_else(|| {
            Error::new(ErrorKind::Migration, format!("no version is left after {newest}"))
                .help("versions are whole numbers of 32 bits: number the migrations 1, 2, 3, …")
        })
    }
}

fn label(version: Version, name: &str) -> String {
    format!("V{version}__{name}")
}
