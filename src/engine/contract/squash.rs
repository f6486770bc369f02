//! How a history stands to a migration that was squashed: recorded, not begun, to be taken over as a whole, or stuck.

use super::history::{History, Record, Standing, nearest_way};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::words::counted;
use crate::migrations::{MigrationSet, Squash, Version};

/// The squashed migration whose row is to come, where a history has all that it stands for.
pub fn to_record<'s>(set: &'s MigrationSet, history: &History) -> Option<Squash<'s>> {
    set.squash().filter(|squash| Standing::of(squash, history) == Standing::Whole)
}

/// What a database is told that has some of what was squashed: only its own files bring it to where all of it is applied.
///
/// # Errors
/// `Migration` where that is so.
pub fn verify(set: &MigrationSet, history: &History) -> Result<()> {
    match set.squash() {
        Some(squash) if Standing::of(&squash, history) == Standing::Stuck => Err(stuck(&squash, history)),
        _ => Ok(()),
    }
}

/// What a command is told that needs the history as the files have it.
///
/// # Errors
/// `Migration` where the history has what was squashed one by one, or some of it.
pub fn verify_recorded(set: &MigrationSet, history: &History) -> Result<()> {
    verify(set, history)?;
    match set.squash() {
        Some(squash) if Standing::of(&squash, history) == Standing::Whole => {
            let message = format!(
                "the database has recorded the {} that {} replaces one by one",
                counted(nearest_way(&squash, history).len(), "migration"),
                squash.file.up.path().display()
            );
            Err(Error::new(ErrorKind::Migration, message)
                .help("`planctl migrate up` records the squashed one in their place, and runs none of it"))
        }
        _ => Ok(()),
    }
}

fn stuck(squash: &Squash<'_>, history: &History) -> Error {
    let (path, version) = (squash.file.up.path().display(), squash.file.version);
    let width = history.width.unwrap_or_default();
    let way = nearest_way(squash, history);
    let missing = way.iter().filter(|one| history.get(one.version).is_none()).count();
    let differs = way.iter().find(|one| {
        history
            .get(one.version)
            .is_some_and(|applied| applied.name != one.name || Some(applied.checksum) != one.checksum(width))
    });
    let unknown = history
        .applied
        .iter()
        .take_while(|applied| applied.version <= version)
        .find(|applied| squash.replaced.iter().all(|one| one.version != applied.version));
    let before = "check out the project as it was before the squash";
    let trouble = |message: String| Error::new(ErrorKind::Migration, message);
    if let Some(unknown) = unknown {
        return trouble(format!(
            "{} was applied, which is not one of those that {path} replaces",
            unknown.label()
        ))
        .help(format!("{before}: `planctl migrate status` says there what to do about it"));
    }
    if let Some(differs) = differs {
        return trouble(format!(
            "{} was applied with another text or name than the one that {path} replaces",
            differs.label()
        ))
        .help(format!("{before}: `planctl migrate status` says there what differs"));
    }
    let all = counted(way.len(), "migration");
    let lacks = match missing {
        1 => "1 is".to_owned(),
        count => format!("{count} are"),
    };
    trouble(format!("{path} replaces {all}, of which {lacks} not applied to the database"))
        .help(format!("{before}, run `planctl migrate up --to {version}` there, and come back"))
}

/// A squashed migration that is recorded in the place of those that it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Followed {
    /// Its version.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// How many it stands for.
    pub replaced: usize,
}

impl Followed {
    pub(crate) fn of(squash: &Squash<'_>, history: &History) -> Followed {
        let (file, way) = (squash.file, nearest_way(squash, history));
        Followed { version: file.version, name: file.name.clone(), replaced: way.len() }
    }
}

/// What the record of the last one becomes. It is known by the run that applied it, and it ran here when all of them did.
pub(crate) fn merged(squash: &Squash<'_>, history: &History, fresh: Record) -> Option<Record> {
    let way = nearest_way(squash, history);
    let records: Vec<&Record> =
        way.iter().filter_map(|one| history.get(one.version)?.record.as_ref()).collect();
    let last = history.get(squash.file.version)?.record.as_ref()?;
    let all_ran = records.len() == way.len() && records.iter().all(|record| record.ran_here());
    Some(Record {
        run_id: last.run_id.clone(),
        took: records.iter().map(|record| record.took).sum(),
        rows_backfilled: records.iter().map(|record| record.rows_backfilled).sum(),
        backfilled: records.iter().flat_map(|record| record.backfilled.iter().cloned()).collect(),
        schema_before: records
            .first()
            .filter(|_| all_ran)
            .map(|first| first.schema_before.clone())
            .unwrap_or_default(),
        schema_after: last.schema_after.clone(),
        ..fresh
    })
}
