//! What a run would do, and everything that must be right before it may write. No connection.

use std::path::PathBuf;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::history::{Entry, FileChange, History, State, behind_applied, compare};
use super::squash;
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::escape::shell_word;
use crate::base::source::SourceFile;
use crate::migrations::{LineEnding, Migration, MigrationSet, Version, VersionWidth, label, verify_runnable};
use crate::sql::HISTORY;

/// How far down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DownTarget {
    /// That many applied migrations; all when there are fewer.
    Steps(u32),
    /// All applied migrations above this version; all there are above 0, a `V0` included.
    Above(Version),
}

/// One migration that is to be reverted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DownStep {
    /// Its version.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// What takes it back.
    pub script: SourceFile,
    /// Whether the script is the one that was stored when the migration was applied.
    pub stored: bool,
    /// Whether the migration was recorded as applied, and never ran here.
    pub recorded: bool,
    /// The down file, where the script is the stored one and that is another one.
    pub other: Option<PathBuf>,
}

impl DownStep {
    /// `V7__align_plans_schema`
    pub fn label(&self) -> String {
        label(self.version, &self.name)
    }
}

/// The migrations to apply, oldest first.
///
/// # Errors
/// `Usage` when no migration has the version `to`; `Newer` when the database is at a version above all files; `Migration`
/// when an applied migration was edited or is missing, when a pending one is older than an applied one, when a file that
/// would run holds a statement that cannot be part of a migration, or when the history table cannot hold its version.
pub fn plan_up<'a>(
    set: &'a MigrationSet,
    history: &History,
    to: Option<Version>,
) -> Result<Vec<&'a Migration>> {
    if let Some(to) = to
        && set.get(to).is_none()
    {
        return Err(unknown_version(set, to));
    }
    squash::verify(set, history)?;
    let behind = behind_applied(set, history);
    if behind.is_none() {
        let entries = compare(set, history);
        let is_well = |state| matches!(state, State::Applied | State::Pending | State::Squashed);
        let wrong = || entries.iter().filter(|entry| !is_well(entry.state));
        if let Some(known) = set.migrations.last()
            && let Some(newest) = wrong().next_back()
            && wrong().all(|entry| entry.state == State::Missing && entry.version > known.version)
        {
            return Err(newer(newest, known, set));
        }
        refuse(wrong(), set)?;
    }
    let wanted = |file: &&Migration| to.is_none_or(|to| file.version <= to);
    let pending: Vec<&Migration> = match behind {
        Some(behind) => behind.iter().take_while(wanted).collect(),
        None => {
            let files = set.migrations.iter().filter(|file| history.get(file.version).is_none());
            files.filter(wanted).collect()
        }
    };
    for file in &pending {
        verify_runnable(&file.up)?;
    }
    fits(&pending, history)?;
    Ok(pending)
}

/// The migrations to revert, newest first, each with the script that does it.
///
/// # Errors
/// `Usage` when no migration has the version to stop at; `Migration` when a migration that stays was edited or is
/// missing, when a down is missing, or when it would run a statement that cannot be part of a migration.
pub fn plan_down(
    set: &MigrationSet,
    history: &History,
    target: DownTarget,
    from_files: bool,
) -> Result<Vec<DownStep>> {
    if let DownTarget::Above(version) = target
        && version != 0
        && set.get(version).is_none()
        && history.get(version).is_none()
    {
        return Err(unknown_version(set, version));
    }
    squash::verify_recorded(set, history)?;
    let entries = compare(set, history);
    let mut applied: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.applied.is_some()).collect();
    applied.reverse();
    let count = match target {
        DownTarget::Steps(count) => usize::try_from(count).unwrap_or(usize::MAX).min(applied.len()),
        DownTarget::Above(0) => applied.len(),
        DownTarget::Above(version) => applied.partition_point(|entry| entry.version > version),
    };
    let (back, stay) = applied.split_at(count);
    // An older checkout does not know the newest migrations: that is why one goes down. And an old migration that is
    // pending does not hinder: going down is how it gets into its place.
    let known = set.migrations.last().map_or(Version::MIN, |newest| newest.version);
    let wrong = stay.iter().rev().copied().filter(|entry| {
        entry.state != State::Applied && !(entry.state == State::Missing && entry.version > known)
    });
    if !back.is_empty() {
        refuse(wrong, set)?;
    }
    let mut found = Vec::with_capacity(back.len());
    let mut lacking = Vec::new();
    for entry in back {
        match down_step(entry, set, from_files) {
            Ok(step) => found.push(step),
            Err(error) => lacking.push(error),
        }
    }
    if let Some(error) = several(lacking, "migrations cannot be reverted") {
        return Err(error);
    }
    for step in &found {
        verify_runnable(&step.script)?;
    }
    Ok(found)
}

/// The migrations up to `to` that are not recorded yet, oldest first, to be recorded without running.
///
/// # Errors
/// `Usage` when no migration has the version `to`; `Migration` when what is recorded was edited or is missing, or is
/// newer than `to`.
pub fn plan_baseline<'a>(
    set: &'a MigrationSet,
    history: &History,
    to: Version,
) -> Result<Vec<&'a Migration>> {
    if set.get(to).is_none() {
        return Err(unknown_version(set, to));
    }
    if let Some(newest) = history.applied.last()
        && newest.version > to
    {
        let message = format!("{} is applied already, which is newer than version {to}", newest.label());
        return Err(Error::new(ErrorKind::Migration, message)
            .help(format!("name {} or a newer version", newest.version)));
    }
    squash::verify_recorded(set, history)?;
    let entries = compare(set, history);
    refuse(entries.iter().filter(|entry| matches!(entry.state, State::Changed(_) | State::Missing)), set)?;
    let new: Vec<&Migration> = set
        .migrations
        .iter()
        .filter(|file| file.version <= to && history.get(file.version).is_none())
        .collect();
    fits(&new, history)?;
    Ok(new)
}

/// Whether the history table can hold what is to be recorded in it.
fn fits(files: &[&Migration], history: &History) -> Result<()> {
    let wide = files.iter().find(|file| VersionWidth::of(file.version) == VersionWidth::Int8);
    let Some(file) = wide.filter(|_| history.width == Some(VersionWidth::Int4)) else { return Ok(()) };
    let message = format!(
        "{} has a version above {}, and the database's history table has no room for larger ones",
        file.up.path().display(),
        i32::MAX
    );
    let way_out = match history.newest().and_then(|newest| newest.checked_add(1)) {
        Some(next) if VersionWidth::of(next) == VersionWidth::Int4 => {
            let down = if file.down.is_some() { ", with its down file" } else { "" };
            format!("rename it to V{next}__{}.sql{down}, and number on from there; or ", file.name)
        }
        _ => String::new(),
    };
    let record = match history.newest() {
        Some(newest) => {
            format!(" and record what is applied again with `planctl migrate baseline --to {newest}`, which")
        }
        None => ": the next run".to_owned(),
    };
    Err(Error::new(ErrorKind::Migration, message)
        .note("refinery records 32-bit versions, or 64-bit ones with its feature `int8-versions`, with other checksums")
        .help(format!(
            "{way_out}once no application without `int8-versions` uses the table, have it created again: `DROP TABLE {HISTORY}`{record} creates it for 64-bit versions"
        )))
}

fn down_step(entry: &Entry<'_>, set: &MigrationSet, from_files: bool) -> Result<DownStep> {
    let label = entry.label();
    let trouble = |message: String| Error::new(ErrorKind::Migration, message);
    let record = entry.applied.and_then(|applied| applied.record.as_ref());
    let step = |script: SourceFile, stored: bool| {
        // The name in the history is the one that counts: the file may have been renamed since.
        let name = entry.applied.map(|applied| applied.name.clone()).unwrap_or_default();
        let recorded = record.is_some_and(|record| !record.ran_here());
        let file = entry.file.and_then(|file| file.down.as_ref());
        let other = file.filter(|_| stored && entry.down_differs()).map(|file| file.path().to_path_buf());
        DownStep { version: entry.version, name, script, stored, recorded, other }
    };
    if !from_files && let Some(down) = record.and_then(|record| record.down.as_ref()) {
        let name = format!("{label}.down.sql (as stored in the database)");
        let script = SourceFile::new(name, down.sql.as_str());
        if down_checksum(entry, &script) != down.checksum {
            return Err(trouble(format!(
                "the down script of {label} that is stored in the database was edited there"
            ))
            .help(Advice::UseFiles));
        }
        return Ok(step(script, true));
    }
    let Some(file) = entry.file else {
        return Err(trouble(format!(
            "{label} cannot be reverted: its file is missing from {}, and {}",
            set.dir.display(),
            if from_files { "only files may be used" } else { "the database has no down script for it" }
        ))
        .help("check out a version of the project that has its down file"));
    };
    let down = match &file.down {
        Some(down) => down.clone(),
        // This says whether the author declared it irreversible, and where to put a down file.
        None => {
            return Err(file
                .down_steps()
                .err()
                .unwrap_or_else(|| trouble(format!("{label} has no down file"))));
        }
    };
    match entry.state {
        State::Changed(difference @ (FileChange::Text | FileChange::Name)) if !from_files => {
            Err(wrong(entry, set, State::Changed(difference)).help(Advice::RestoreOrUseFiles))
        }
        _ => Ok(step(down, false)),
    }
}

/// The checksum under which the down script of a migration is stored.
pub(crate) fn checksum_of_down(version: Version, name: &str, script: &SourceFile) -> u64 {
    let as_up = Migration { version, name: name.to_owned(), up: script.clone(), down: None };
    as_up.checksum(Default::default())
}

fn down_checksum(entry: &Entry<'_>, script: &SourceFile) -> u64 {
    let name = entry.applied.map_or("", |applied| applied.name.as_str());
    checksum_of_down(entry.version, name, script)
}

/// An older program, or an older checkout, on a database that a newer one migrated.
fn newer(newest: &Entry<'_>, known: &Migration, set: &MigrationSet) -> Error {
    let (at, dir) = (newest.label(), set.dir.display());
    let message =
        format!("the database is at {at}, newer than {}, the newest migration in {dir}", known.label());
    Error::new(ErrorKind::Newer, message).help(Advice::NewerProgram { known: known.version.to_string() })
}

fn refuse<'a>(wrong_ones: impl Iterator<Item = &'a Entry<'a>>, set: &MigrationSet) -> Result<()> {
    let errors = wrong_ones.map(|entry| wrong(entry, set, entry.state)).collect();
    match several(errors, "migrations do not match what was applied to the database") {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// One sentence on an entry whose state forbids to go on.
fn wrong(entry: &Entry<'_>, set: &MigrationSet, state: State) -> Error {
    let label = entry.label();
    let path = entry.file.map_or_else(|| set.dir.clone(), |file| file.up.path().to_path_buf());
    let path = path.display();
    let when = entry.applied.map(|applied| moment(applied.applied_on)).unwrap_or_default();
    let trouble = |message: String| Error::new(ErrorKind::Migration, message);
    match state {
        State::Changed(FileChange::WhiteSpace(since)) => {
            let error = trouble(format!("{path} {}: it was applied on {when}", since.sentence()));
            if since.in_literals {
                return error
                    .note("a literal in it spans lines, so that the migration would write something else")
                    .help("restore the file as it was");
            }
            error.help(Advice::AcceptWhiteSpace {
                eol: match since.line_endings {
                    Some([_, LineEnding::Lf]) => Some("lf"),
                    Some([_, LineEnding::CrLf]) => Some("crlf"),
                    _ => None,
                },
            })
        }
        State::Changed(FileChange::Name) => {
            let recorded = entry.applied.map(|applied| applied.label()).unwrap_or_default();
            trouble(format!("{path}: version {} was applied as {recorded} on {when}", entry.version))
                .help("restore the file of that name, or give this one a new version")
        }
        State::Changed(FileChange::Text) => {
            trouble(format!("{path} was edited after it was applied on {when}"))
                .help("restore the file as it was, and put the change into a new migration")
        }
        State::Missing => trouble(format!("{label} was applied on {when}, but its file is missing from {path}"))
            .help(
                "check out a version of the project that has it; a migration that exists only in an application's code must be run by that application",
            ),
        State::OutOfOrder | State::Pending | State::Applied | State::Squashed => {
            trouble(format!("{path} was never applied, but newer migrations were"))
                .help(format!("`planctl migrate renumber {}` gives it the next version, with its down and its tests; or revert the newer ones first", shell_word(&path.to_string())))
        }
    }
}

/// One error out of many: the first one's when it is alone, else a summary with a note for each.
fn several(mut errors: Vec<Error>, what: &str) -> Option<Error> {
    if errors.len() < 2 {
        return errors.pop();
    }
    let mut all = Error::new(ErrorKind::Migration, format!("{} {what}", errors.len()));
    for error in &errors {
        all = all.note(error.to_string());
    }
    match errors.first().and_then(Error::advice).cloned() {
        Some(help) => Some(all.help(help)),
        None => Some(all),
    }
}

fn unknown_version(set: &MigrationSet, version: Version) -> Error {
    let error =
        Error::new(ErrorKind::Usage, format!("no migration in {} has version {version}", set.dir.display()));
    let nearest = set.migrations.iter().min_by_key(|file| file.version.abs_diff(version));
    match nearest {
        Some(file) => error.help(format!("the nearest is {}", file.label())),
        None => error.help("the folder has no migrations; `planctl migrate new NAME` writes one"),
    }
}

fn moment(at: OffsetDateTime) -> String {
    let at = at.replace_nanosecond(0).unwrap_or(at);
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}
