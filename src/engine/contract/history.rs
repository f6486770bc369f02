//! What a database says was applied, and how that compares with the files.

use std::collections::BTreeMap;
use std::time::Duration;

use time::OffsetDateTime;

use crate::migrations::{
    Migration, MigrationSet, Replaced, Squash, Version, VersionWidth, WhiteSpace, label,
};

/// What was applied to a database, as it recorded it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct History {
    /// How wide the table's versions are; it decides the checksums. `None` where there is no table yet.
    pub width: Option<VersionWidth>,
    /// Oldest version first, each version once.
    pub applied: Vec<Applied>,
}

/// What one look at a database tells: enough to know where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glance {
    /// What was applied, without planctl's own records.
    pub history: History,
    /// The fingerprint of the schema as it is, and the one that the newest migration left; empty where that is not known.
    pub schema: Option<[String; 2]>,
}

/// One applied migration.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Applied {
    /// Its version.
    pub version: Version,
    /// Its name: `align_plans_schema`.
    pub name: String,
    /// When it was committed.
    pub applied_on: OffsetDateTime,
    /// refinery's checksum of name, version and text.
    pub checksum: u64,
    /// What planctl recorded beside it; `None` when refinery applied it.
    pub record: Option<Record>,
}

/// What planctl records about a migration that it applied.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Record {
    /// The run that applied it: a ULID.
    pub run_id: String,
    /// From BEGIN to COMMIT; `None` on a server, which runs all of it before it says how long it took.
    pub took: Option<Duration>,
    /// Rows that its data steps wrote.
    pub rows_backfilled: u64,
    /// Which rows those are, one entry for each data step that wrote any.
    pub backfilled: Vec<Backfilled>,
    /// Its down script, when it had one.
    pub down: Option<StoredDown>,
    /// The checksum of its tokens ([`Migration::tokens_checksum`]); `None` where it was recorded without.
    pub tokens: Option<u64>,
    /// The schema's fingerprint just before it; empty where it is not known.
    pub schema_before: String,
    /// The schema's fingerprint just after it, or after the down that went back to it; empty where it is not known.
    pub schema_after: String,
}

impl Record {
    /// Whether the migration ran on this database; else it was recorded on one that had its schema already. A run knows the
    /// schema that it began on.
    pub fn ran_here(&self) -> bool {
        !self.schema_before.is_empty()
    }
}

/// Rows that one data step wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Backfilled {
    /// The table, as the step names it.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// The ids of the first of them, in storage order, as text.
    pub first: Vec<String>,
}

/// A down script as it was when its up was applied.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StoredDown {
    /// The script.
    pub sql: String,
    /// Its checksum, made like that of an up script: it tells whether the stored text was tampered with.
    pub checksum: u64,
}

impl Applied {
    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }
}

impl History {
    /// How wide versions are, or will be once `set` has made the table.
    pub fn width_with(&self, set: &MigrationSet) -> VersionWidth {
        self.width.unwrap_or_else(|| set.width())
    }

    /// The newest applied version.
    pub fn newest(&self) -> Option<Version> {
        self.applied.last().map(|applied| applied.version)
    }

    /// The fingerprint of the schema that the newest left, where it is recorded.
    pub fn left_schema(&self) -> Option<&str> {
        let schema = self.applied.last()?.record.as_ref()?.schema_after.as_str();
        (!schema.is_empty()).then_some(schema)
    }

    /// The entry of `version`.
    pub fn get(&self, version: Version) -> Option<&Applied> {
        let at = self.applied.binary_search_by_key(&version, |applied| applied.version).ok()?;
        self.applied.get(at)
    }
}

/// How a migration stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Applied, and the file is as it was then.
    Applied,
    /// Not applied, and newer than all that is, or one that may come late (refinery's `U7__…`).
    Pending,
    /// Applied, and the file is no longer what was applied.
    Changed(FileChange),
    /// Applied, and there is no file.
    Missing,
    /// Not applied, but older than the newest that is.
    OutOfOrder,
    /// Stands for migrations that are all applied, and is to be recorded in their place.
    Squashed,
}

/// In which way a file differs from what was applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileChange {
    /// The text differs.
    Text,
    /// Only white space differs: line endings, the last line break, a byte-order mark, or where the record shows it, any.
    WhiteSpace(WhiteSpace),
    /// The version was applied under another name.
    Name,
}

impl State {
    /// The word for it in JSON: `applied`, `pending`, `changed`, `missing`, `out-of-order`, `squashed`.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Pending => "pending",
            State::Changed(_) => "changed",
            State::Missing => "missing",
            State::OutOfOrder => "out-of-order",
            State::Squashed => "squashed",
        }
    }
}

/// One version: its file, its history row, and how the two compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// The version.
    pub version: Version,
    /// The file, when there is one.
    pub file: Option<&'a Migration>,
    /// The history row, when there is one.
    pub applied: Option<&'a Applied>,
    /// How the two compare.
    pub state: State,
}

impl Entry<'_> {
    /// Its name, by the file where there is one.
    pub fn name(&self) -> &str {
        let name = self.file.map(|file| file.name.as_str());
        name.or(self.applied.map(|applied| applied.name.as_str())).unwrap_or_default()
    }

    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        self.file.map_or_else(|| label(self.version, self.name()), Migration::label)
    }
}

impl Entry<'_> {
    /// Whether nothing but white space outside of literals was changed, so that the file as it is now can be recorded.
    pub fn is_acceptable(&self) -> bool {
        matches!(self.state, State::Changed(FileChange::WhiteSpace(since)) if !since.in_literals)
    }

    /// Whether the way back that the database has stored is another one than the file's.
    pub fn down_differs(&self) -> bool {
        let stored = self.applied.and_then(|applied| applied.record.as_ref()?.down.as_ref());
        let file = self.file.and_then(|file| file.down.as_ref());
        let plain =
            |text: &str| text.trim_start_matches('\u{feff}').replace("\r\n", "\n").trim_end().to_owned();
        self.state != State::Squashed
            && matches!((stored, file), (Some(stored), Some(file)) if plain(&stored.sql) != plain(file.text()))
    }
}

/// Every version that the files or the history know, oldest first.
pub fn compare<'a>(set: &'a MigrationSet, history: &'a History) -> Vec<Entry<'a>> {
    let mut sides: BTreeMap<Version, (Option<&Migration>, Option<&Applied>)> = BTreeMap::new();
    for file in &set.migrations {
        sides.entry(file.version).or_default().0 = Some(file);
    }
    let squashed = set.squash().filter(|squash| Standing::of(squash, history) == Standing::Whole);
    let squashed = squashed.map(|squash| squash.file.version);
    for applied in history.applied.iter().filter(|applied| squashed.is_none_or(|at| applied.version >= at)) {
        sides.entry(applied.version).or_default().1 = Some(applied);
    }
    let newest = history.newest();
    sides
        .into_iter()
        .map(|(version, (file, applied))| {
            let state = match (file, applied) {
                (Some(_), Some(_)) if squashed == Some(version) => State::Squashed,
                (Some(file), Some(applied)) => {
                    match difference(file, applied, history.width.unwrap_or_default()) {
                        Some(difference) => State::Changed(difference),
                        None => State::Applied,
                    }
                }
                (None, _) => State::Missing,
                (Some(file), None)
                    if newest.is_some_and(|newest| version < newest) && !file.is_unordered() =>
                {
                    State::OutOfOrder
                }
                (Some(_), None) => State::Pending,
            };
            Entry { version, file, applied, state }
        })
        .collect()
}

/// The files behind those that were applied, in the usual case that what was applied are the first of them, as they are.
pub(crate) fn behind_applied<'a>(set: &'a MigrationSet, history: &History) -> Option<&'a [Migration]> {
    let (applied, behind) = set.migrations.split_at_checked(history.applied.len())?;
    let width = history.width.unwrap_or_default();
    let is_it = |(file, applied): (&Migration, &Applied)| {
        file.version == applied.version && difference(file, applied, width).is_none()
    };
    applied.iter().zip(&history.applied).all(is_it).then_some(behind)
}

/// How a history stands to a squashed migration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// None of what it stands for is applied, or it is recorded itself.
    Settled,
    /// All that it stands for is applied, as it was then, and nothing else below its version.
    Whole,
    /// Some of it is applied, or something else.
    Stuck,
}

impl Standing {
    pub(crate) fn of(squash: &Squash<'_>, history: &History) -> Standing {
        let version = squash.file.version;
        let below: Vec<_> = history.applied.iter().take_while(|applied| applied.version <= version).collect();
        // A file of this name that was changed is told like any other.
        let is_it = |name: &str| name == squash.file.name;
        match below.as_slice() {
            [] => return Standing::Settled,
            [only] if only.version == version && is_it(&only.name) => return Standing::Settled,
            _ => {}
        }
        let width = history.width.unwrap_or_default();
        let way = nearest_way(squash, history);
        let same = below.len() == way.len()
            && below.iter().zip(way).all(|(applied, replaced)| {
                applied.is(replaced) && replaced.checksum(width) == Some(applied.checksum)
            });
        if same { Standing::Whole } else { Standing::Stuck }
    }
}

impl Applied {
    fn is(&self, replaced: &Replaced) -> bool {
        (self.version, &self.name) == (replaced.version, &replaced.name)
    }
}

/// The way to what was squashed that a history has gone, or that it has gone most of.
pub(crate) fn nearest_way<'s>(squash: &'s Squash<'_>, history: &History) -> Vec<&'s Replaced> {
    let gone = |way: &Vec<&Replaced>| {
        way.iter().filter(|one| history.get(one.version).is_some_and(|applied| applied.is(one))).count()
    };
    squash.ways().into_iter().min_by_key(|way| std::cmp::Reverse(gone(way))).unwrap_or_default()
}

/// In which way `file` is not what was applied.
fn difference(file: &Migration, applied: &Applied, width: VersionWidth) -> Option<FileChange> {
    if file.name != applied.name {
        return Some(FileChange::Name);
    }
    if file.checksum(width) == applied.checksum {
        return None;
    }
    let tokens = applied.record.as_ref().and_then(|record| record.tokens);
    let white_space = file.white_space_since(applied.checksum, tokens);
    Some(white_space.map_or(FileChange::Text, FileChange::WhiteSpace))
}
