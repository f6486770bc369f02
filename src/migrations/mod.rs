//! Migration files: pairing, names and versions, directives. No connection.

use std::path::PathBuf;

use crate::backfill::BackfillSpec;
use crate::source::SourceFile;

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
