//! Applying one migration under the lock.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::time::Instant;

use serde::Serialize;
use time::OffsetDateTime;

use super::loss::Tracer;
use super::runner::{Locked, Runner, Work};
use super::session::Session;
use super::statements::MigrationScript;
use super::{history, records};
use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::catalog::fingerprint::Fingerprint;
use crate::engine::contract::history::{Applied, History, Record};
use crate::engine::contract::plan::plan_up;
use crate::engine::contract::run::rolled_back;
use crate::engine::{Lost, Run, UpOptions};
use crate::migrations::{Migration, MigrationSet, Version, VersionWidth};

/// A migration in refinery's terms, as its feature `serde` writes one. `refinery::Migration::unapplied` takes names apart with
/// a regular expression, whose engine and tables of characters were a tenth of what each start of the program touches.
#[derive(Serialize)]
struct Unapplied<'a> {
    state: &'a str,
    prefix: &'a str,
    version: i32,
    name: &'a str,
    checksum: u64,
    sql: &'a str,
    applied_on: Option<&'a str>,
}

/// A migration as refinery is told of it: with its place in the folder for its version, which this build of refinery may be
/// too narrow for. Its order is the same, and so is whether it may come late.
fn for_refinery(file: &Migration, place: i32) -> Result<refinery::Migration> {
    let unapplied = Unapplied {
        state: "Unapplied",
        prefix: if file.is_unordered() { "Unversioned" } else { "Versioned" },
        version: place,
        name: &file.name,
        checksum: file.checksum(VersionWidth::default()),
        sql: file.up.text(),
        applied_on: None,
    };
    serde_json::to_value(unapplied).and_then(serde_json::from_value).map_err(|error| {
        Error::new(ErrorKind::Migration, format!("refinery: {}: {error}", file.up.path().display()))
    })
}

/// What applies migrations.
pub(super) struct Up<'a> {
    set: &'a MigrationSet,
    options: &'a UpOptions<'a>,
    /// All of `set`, in the same order, those that refinery is told of.
    files: Vec<OnceCell<refinery::Migration>>,
    /// Follows what could be lost, where that is to be foreseen.
    tracer: Option<RefCell<Tracer>>,
}

/// What is known of the database between two migrations, as long as nobody else writes to it.
pub(super) struct Known {
    /// What SQLite counted of the commits of others when this was read.
    pub(super) seen: Option<i64>,
    pub(super) history: History,
    /// Whether refinery has made its table and compared all of the history with the files; then what comes next is enough.
    pub(super) compared: bool,
    /// The fingerprint of the schema.
    pub(super) schema: Option<Fingerprint>,
}

impl<'a> Up<'a> {
    pub(super) fn new(set: &'a MigrationSet, options: &'a UpOptions<'a>) -> Up<'a> {
        let tracer = options.foresees.then(|| RefCell::new(Tracer::foreseeing_schema()));
        Up { set, options, files: vec![OnceCell::new(); set.migrations.len()], tracer }
    }

    pub(super) fn run(
        &self,
        runner: &mut Runner<'_>,
        known: &mut Known,
        plan: Vec<&'a Migration>,
        run: &mut Run,
    ) -> Result<()> {
        let mut plan = VecDeque::from(plan);
        loop {
            let mut schema_after = None;
            let executed = runner.transaction(|runner| {
                let sqlite = runner.sqlite;
                let seen = history::commits_of_others(&sqlite.conn).map_err(|error| sqlite.trouble(error))?;
                // To a shadow database that was compared before nobody else has come since.
                if known.seen.is_none() && known.compared {
                    known.seen = Some(seen);
                }
                if known.seen != Some(seen) {
                    let now = sqlite.plain_history()?;
                    // Somebody else was at it: then everything that was checked before has to be checked again.
                    if key(&now) != key(&known.history) {
                        let planned = |history: &History| plan_up(self.set, history, self.options.to);
                        let told = |error| sqlite.told_by_records(error, planned);
                        plan = planned(&now).map_err(told)?.into();
                    }
                    *known = Known { seen: Some(seen), history: now, compared: false, schema: None };
                }
                match plan.front() {
                    Some(file) => {
                        let (locked, schema) = self.apply(runner, file, known)?;
                        schema_after = Some(schema);
                        Ok(locked)
                    }
                    None => Ok(Locked::Nothing),
                }
            })?;
            let (Some(executed), Some(file)) = (executed, plan.pop_front()) else { return Ok(()) };
            run.done.push(executed);
            run.lost.extend(self.found(file));
            known.schema = schema_after;
            known.compared = true;
            let width = known.history.width_with(self.set);
            let applied = Applied {
                version: file.version,
                name: file.name.clone(),
                applied_on: OffsetDateTime::now_utc(),
                checksum: file.checksum(width),
                record: None,
            };
            // Mostly at the end; one that came late has its place before others.
            let place = known.history.applied.partition_point(|other| other.version < file.version);
            known.history.applied.insert(place, applied);
            known.history.width = Some(width);
            if plan.is_empty() {
                return Ok(());
            }
        }
    }

    /// What the migration could lose, by the tracer.
    fn found(&self, file: &Migration) -> Option<Lost> {
        let losses = self.tracer.as_ref()?.borrow_mut().take();
        let lost = Lost { version: file.version, name: file.name.clone(), recorded: false, losses };
        (!lost.is_harmless()).then_some(lost)
    }

    /// Applies one migration inside the open transaction. With what came of it the fingerprint of the schema.
    fn apply(
        &self,
        runner: &mut Runner<'_>,
        file: &Migration,
        known: &Known,
    ) -> Result<(Locked, Fingerprint)> {
        runner.back_up()?;
        let started = Instant::now();
        let sqlite = runner.sqlite;
        let trouble = |error| sqlite.trouble(error);
        let conn = &sqlite.conn;
        let history = &known.history;
        let label = file.label();
        let steps = file.up_steps()?;
        let before = runner.violations_before()?;
        let schema_before = match known.schema {
            Some(schema) => schema,
            None => {
                let now = Fingerprint::read(conn).map_err(trouble)?;
                let found = sqlite.clean.as_ref();
                found.map_or(Ok(()), |found| {
                    history::verify_as_found(sqlite, found, (history.newest(), now))
                })?;
                now
            }
        };
        runner.announce(&label, false);

        let width = history.width_with(self.set);
        if !known.compared {
            // Before the script: then no migration can have the name.
            history::ensure_records(conn, &sqlite.name, self.set, width)?;
        }
        let (applied, files) = self.for_refinery_to_see(known, file)?;
        let script =
            MigrationScript { stood_in: sqlite.stood_in.as_ref(), ..runner.script(&file.up, &steps) };
        // Where a table was read, one is there.
        let has_table = known.compared || history.width.is_some();
        let mut tracer = self.tracer.as_ref().map(RefCell::borrow_mut);
        let followed = (has_table, tracer.as_deref_mut());
        let session =
            Session::new(script, self.as_refinery_sees(applied), (file, width), followed, runner.job);
        let ran =
            session.apply(&files, self.refinerys(file.version)?).map_err(|error| match error.kind() {
                ErrorKind::Interrupted => error,
                _ => rolled_back(error, &label),
            })?;

        let schema_after = runner.guard.fingerprint(schema_before, conn).map_err(trouble)?;
        let Some(unchecked) = runner.foreign_keys_hold(&label, &file.up, before)? else {
            return Ok((Locked::Suspect, schema_after));
        };
        let took = started.elapsed();
        let record = Record {
            took: Some(took),
            rows_backfilled: ran.rows_backfilled,
            backfilled: ran.backfilled.clone(),
            schema_before: schema_before.to_string(),
            schema_after: schema_after.to_string(),
            ..records::record_of(file, self.options.run_id)
        };
        history::insert_record(conn, file.version, &record).map_err(trouble)?;
        let work = Work { version: file.version, name: file.name.clone(), down: false, took, ran, unchecked };
        Ok((Locked::Done(work), schema_after))
    }

    /// The part of the history and of the files that refinery is to look at: it copies and compares all that it gets.
    /// Once it has seen everything, the newest applied one and the one to come are enough.
    fn for_refinery_to_see<'s>(
        &self,
        known: &'s Known,
        file: &Migration,
    ) -> Result<(&'s [Applied], Vec<refinery::Migration>)> {
        let end = known.history.newest().map_or(file.version, |newest| newest.max(file.version));
        let upto = self.set.migrations.partition_point(|known| known.version <= end);
        let (mut from, mut applied) = (0, known.history.applied.as_slice());
        if known.compared
            && end == file.version
            && let [.., last] = applied
            && let [newest, _] = self.set.migrations.get(upto.saturating_sub(2)..upto).unwrap_or_default()
            && newest.version == last.version
        {
            (from, applied) = (upto.saturating_sub(2), std::slice::from_ref(last));
        }
        let files = self.set.migrations.get(from..upto).unwrap_or_default();
        let files = files.iter().map(|file| self.refinerys(file.version).cloned());
        Ok((applied, files.collect::<Result<_>>()?))
    }

    /// refinery's own of the file with that version.
    fn refinerys(&self, version: Version) -> Result<&refinery::Migration> {
        let unknown = || {
            let message = format!("version {version} is not in {}", self.set.dir.display());
            Error::new(ErrorKind::Migration, message)
        };
        let place = self.set.migrations.binary_search_by_key(&version, |file| file.version);
        let place = place.map_err(|_| unknown())?;
        let (file, cell) = self.set.migrations.get(place).zip(self.files.get(place)).ok_or_else(unknown)?;
        if let Some(known) = cell.get() {
            return Ok(known);
        }
        let number = i32::try_from(place + 1).map_err(|_| unknown())?;
        let made = for_refinery(file, number)?;
        Ok(cell.get_or_init(|| made))
    }

    /// The history in refinery's terms. It is checked already, with the checksums that the database has.
    fn as_refinery_sees(&self, applied: &[Applied]) -> Vec<refinery::Migration> {
        let seen = |applied: &Applied| {
            let file = self.refinerys(applied.version).ok()?;
            let (name, sum) = (applied.name.clone(), file.checksum());
            Some(refinery::Migration::applied(file.version(), name, applied.applied_on, sum))
        };
        applied.iter().filter_map(seen).collect()
    }
}

/// What tells one history from another.
fn key(history: &History) -> Vec<(Version, u64)> {
    history.applied.iter().map(|applied| (applied.version, applied.checksum)).collect()
}
