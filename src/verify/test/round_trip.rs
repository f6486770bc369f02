//! Every migration up, down and up again, on rows that the schema before it allows.

use std::collections::BTreeMap;
use std::time::Instant;

use super::background;
use super::bases::Base;
use super::common::{BothSchemas, remove_failing_rows};
use super::reach::Reach;
use super::rows::{Lost, lost};
use super::sentence::sentence;
use super::trip::{RoundTrip, TripFailure, TripOutcome};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::job::{Job, failure};
use crate::base::source::{Location, SourceFile};
use crate::diff::{Change, diff};
use crate::engine::{
    Common, DownOptions, DownTarget, OnLoss, Run, Scratch, SeedOptions, SeededTable, Snapshot, Tree,
    UpOptions,
};
use crate::generate::seeds;
use crate::migrations::testing::TestFile;
use crate::migrations::{Migration, MigrationSet, Step, steps};
use crate::plan::{Stops, hazards, stops_with_rows_of};
use crate::schema::{Ident, shown_list};
use crate::sql::{on_one_line, tokens};

/// Rows per table; more where most of them may have to go again.
const ROWS: usize = 12;
const GENERATED: &str = "generated rows";
const ROWS_TO_SIEVE: usize = 48;

/// How many differences of a schema a message names.
const CHANGES: usize = 8;

/// Takes a migration up, down and up again on the base below it, in which the tables that it can reach are filled with generated
/// rows. A migration that refuses them is tried again with values like those that its `tests` give it: what its tests call rows
/// is what rows look like. One that still refuses them, and says that rows stop it, asks for more than the schema before it did:
/// it is tried with rows that both schemas hold, of every table.
///
/// # Errors
/// `Interrupted`, and `Database` when a shadow database cannot be made. What a migration does wrong is part of its
/// result.
pub(crate) fn round_trip(
    migration: &Migration,
    set: &MigrationSet,
    Base { scratch: base, reach }: Base,
    tests: Vec<&TestFile>,
    (run_id, seed): (ulid::Ulid, u64),
    job: Job<'_>,
) -> Result<RoundTrip> {
    let started = Instant::now();
    let mut trip = RoundTrip::of(migration, TripOutcome::Passed);
    Stations { set, migration, base, tests, seed, job, run_id, reach }.run(&mut trip)?;
    trip.took = started.elapsed();
    Ok(trip)
}

struct Stations<'a> {
    set: &'a MigrationSet,
    migration: &'a Migration,
    base: Box<dyn Scratch>,
    tests: Vec<&'a TestFile>,
    seed: u64,
    job: Job<'a>,
    run_id: ulid::Ulid,
    reach: Reach,
}

/// What one way there, back and there again came to.
#[derive(Default)]
struct Way {
    tables: Vec<SeededTable>,
    lost: Vec<Lost>,
    failures: Vec<TripFailure>,
    /// Whether a statement failed, so that the schemas could not be compared to the end.
    stopped: bool,
    /// What an assertion of the migration found, where that stopped it: generated rows may well be wrong.
    asserted: Option<String>,
    /// The function in whose place there was NULL where rows stopped a statement.
    unknown: Option<String>,
    /// What else a reader should know.
    notes: Vec<String>,
}

/// Which rows are on the way.
#[derive(Clone, Copy)]
enum Load<'a> {
    /// None but the migrations' own.
    Nothing,
    /// Generated ones, like these examples.
    Like(&'a Snapshot),
    /// Of generated rows, the ones of which all holds that the migration asserts.
    Asserted,
    /// Generated ones that another schema can hold as well.
    Both(Common<'a>),
    /// Of rows that were made with a look at another schema, the ones at which the migration does not stop.
    Passing(Common<'a>),
}

impl Stations<'_> {
    fn run(&mut self, trip: &mut RoundTrip) -> Result<()> {
        let mut way = self.way(Load::Like(&Snapshot::default()))?;
        if way.stopped {
            let examples = self.examples()?;
            if !examples.tables.is_empty() {
                let like_tests = self.way(Load::Like(&examples))?;
                if !like_tests.stopped {
                    trip.notes.extend(way.failures.iter().map(|failure| {
                        format!(
                            "passes with rows like those of its tests, but not with others: {}",
                            failure.message
                        )
                    }));
                    way = like_tests;
                }
            }
        }
        if way.asserted.is_some() {
            way = self.with_rows_as_asserted(way)?;
        }
        if way.stopped && self.says_that_rows_stop_it() {
            self.with_rows_of_both_schemas(&mut way)?;
        }
        if way.stopped {
            // Without rows, what is wrong with the schemas is seen all the same.
            let empty = self.way(Load::Nothing)?;
            // What the application's function gives these rows may well be right.
            if way.unknown.is_some() && empty.failures.is_empty() {
                way.failures.clear();
            }
            for failure in empty.failures {
                if !way.failures.iter().any(|known| known.location == failure.location) {
                    way.failures.push(failure);
                }
            }
        }
        trip.tables = way.tables;
        trip.lost = way.lost;
        trip.notes.extend(way.notes);
        trip.outcome = match self.no_way_back() {
            _ if !way.failures.is_empty() => TripOutcome::Failed(way.failures),
            _ if way.stopped => TripOutcome::NotRun(format!(
                "it stops at generated rows for which {}() gives NULL here, and only the application knows what it gives",
                way.unknown.unwrap_or_default()
            )),
            Some(reason) => TripOutcome::UpOnly(reason),
            None => TripOutcome::Passed,
        };
        Ok(())
    }

    /// Tries a migration that an assertion stops once more, with the generated rows of which it holds. Which rows are right
    /// only its author knows: where none is left, it runs without any.
    fn with_rows_as_asserted(&mut self, way: Way) -> Result<Way> {
        let asserted = way.asserted.unwrap_or_default();
        let mut again = self.way(Load::Asserted)?;
        let left: u64 = again.tables.iter().map(|table| table.rows).sum();
        again.notes.push(match left {
            0 => format!(
                "it was tried without generated rows, of none of which holds what it asserts: {asserted}"
            ),
            _ => format!("it was tried with the generated rows of which holds what it asserts: {asserted}"),
        });
        Ok(again)
    }

    fn no_way_back(&self) -> Option<String> {
        match (self.migration.irreversible(), &self.migration.down) {
            (Some((reason, _)), _) => Some(format!("only the up ran: it is irreversible: {reason}")),
            (None, None) => Some("only the up ran: there is no down file".to_owned()),
            (None, Some(_)) => None,
        }
    }

    fn says_that_rows_stop_it(&self) -> bool {
        let down = self.migration.down.as_ref();
        let files = std::iter::once(&self.migration.up).chain(down);
        files.flat_map(|file| hazards(file.text())).any(|(_, stops)| stops == Stops::AtSome)
    }

    /// Tries a migration that says that rows stop it once more, with rows that the schema after it can hold as well. What a
    /// constraint that is new refuses is no fault of the migration's, unless no row of a table gets past it.
    fn with_rows_of_both_schemas(&mut self, way: &mut Way) -> Result<()> {
        let (set, migration, job) = (self.set, self.migration, self.job);
        let Some(both) = BothSchemas::of(&mut *self.base, set, migration, self.run_id, job)? else {
            return Ok(());
        };
        let pairs = both.pairs();
        let pairs = seeds(&pairs);
        let common = Common { goal: &both.goal, pairs: &pairs, binding: true };
        let loose = Common { binding: false, ..common };
        let mut again = self.way(Load::Both(common))?;
        // A value that it works out may not fit: which one does, only the migration can tell.
        for load in [Load::Passing(common), Load::Passing(loose)] {
            let [emptied, _] = both.emptied(migration, &way.tables, &again.tables);
            if again.stopped || !emptied.is_empty() {
                again = self.way(load)?;
            }
        }
        let [emptied, told] = both.emptied(migration, &way.tables, &again.tables);
        let failures = way.failures.iter_mut();
        if let Some(table) = emptied.first() {
            let name = table.table.shown();
            let reason = table.not_seeded.as_deref().unwrap_or("it stops at each generated row");
            failures.for_each(|failure| {
                failure.message.push_str(&format!(
                    "; and no row of {name} could be generated that the schema after it accepts, too: {reason}"
                ));
            });
        } else if !again.stopped {
            again.notes.extend(told.into_iter().map(|table| {
                format!(
                    "no row of {} could be generated that the schema after it accepts, too, as its file says: what happens to such rows is not tested",
                    table.table.shown()
                )
            }));
            again.notes.extend(failures.map(|failure| {
                let failure = failure.message.replacen(&format!(" on {GENERATED}"), "", 1);
                format!("passes on rows that fit the schemas before and after it; on others, {failure}")
            }));
            *way = again;
        }
        Ok(())
    }

    /// What its data steps read: one that stops at orphans and at cycles is no worse for rows that nobody has.
    fn trees(&self) -> Result<Vec<Tree>> {
        let read = |step: &Step<'_>| match step {
            Step::Backfill { spec, .. } if spec.stops_at_rows() => Some(Tree {
                table: spec.table.as_str().into(),
                id: spec.id.as_str().into(),
                parent: spec.parent.as_str().into(),
            }),
            _ => None,
        };
        Ok(steps(&self.migration.up)?.iter().filter_map(read).collect())
    }

    /// Up, down and up.
    fn way(&mut self, load: Load<'_>) -> Result<Way> {
        let mut scratch = self.base.copy()?;
        let mut way = Way::default();
        let none = Snapshot::default();
        let reach = self.reach.as_ref();
        let (examples, common) = match load {
            Load::Nothing => (None, None),
            Load::Like(examples) => (Some(examples), None),
            Load::Asserted => (Some(&none), None),
            Load::Both(common) | Load::Passing(common) => (Some(&none), Some(common)),
        };
        if let Some(examples) = examples {
            let loose = common.is_some_and(|common| !common.binding);
            let rows = if loose { ROWS_TO_SIEVE } else { ROWS };
            // A row of an example may refer to any table, without a foreign key.
            let only = reach.filter(|_| examples.tables.is_empty());
            let trees = self.trees()?;
            let options = SeedOptions { seed: self.seed, rows, examples, common, only, trees: &trees };
            way.tables = scratch.seed(&options)?;
        }
        if let Load::Passing(_) | Load::Asserted = load {
            let own = self.base.rows(reach)?;
            // A down that says that it stops at all rows of a table is tried without them.
            let down = self.migration.down.as_ref().map_or("", SourceFile::text);
            let way_back = self.no_way_back().is_none() && stops_with_rows_of(down).is_empty();
            // What else is wrong with it has to be seen.
            let passes = |run: Run| match load {
                Load::Asserted => run.error.is_none_or(|error| error.kind() != ErrorKind::Assertion),
                _ => run.error.is_none(),
            };
            remove_failing_rows(&mut *scratch, &own, reach, |scratch| {
                Ok(passes(self.climb(scratch)) && (!way_back || passes(self.descend(scratch))))
            })?;
            let left = scratch.rows(reach)?;
            for table in &mut way.tables {
                table.rows = left.tables.get(&table.table).map_or(0, |table| table.rows.len() as u64);
            }
        }
        let rows = if examples.is_some() { GENERATED } else { "an empty database" };
        let start = scratch.schema_fingerprint()?;
        let rows_before = scratch.rows(reach)?;
        if !self.up(&mut *scratch, &mut way, &format!("the up fails on {rows}"))?
            || self.no_way_back().is_some()
        {
            return Ok(way);
        }
        let there = scratch.schema_fingerprint()?;
        let mut first_up = scratch.copy()?;
        let down_fails = format!("the down fails on {rows}");
        if !self.down(&mut *scratch, &mut way, &down_fails)?
            && !self.down_without_rows(&mut scratch, &mut *first_up, &mut way, &down_fails)?
        {
            return Ok(way);
        }
        if scratch.schema_fingerprint()? != start {
            let changes = changes(&mut *self.base, &mut *scratch)?;
            let place = self.migration.down.as_ref().unwrap_or(&self.migration.up).location(0);
            differs(&mut way, place, "the down does not restore the schema that was there before", changes);
        }
        way.lost = lost(&rows_before, &scratch.rows(reach)?);
        // From another schema than the first time, nothing follows.
        if !way.failures.is_empty() {
            return Ok(way);
        }
        let second = format!("the second up, after the down, fails on {rows}");
        if self.up(&mut *scratch, &mut way, &second)? && scratch.schema_fingerprint()? != there {
            let changes = changes(&mut *first_up, &mut *scratch)?;
            let place = self.migration.up.location(0);
            differs(
                &mut way,
                place,
                "the second up does not give the schema that the first one gave",
                changes,
            );
        }
        Ok(way)
    }

    fn up(&self, scratch: &mut dyn Scratch, way: &mut Way, what: &str) -> Result<bool> {
        let error = self.climb(scratch).error;
        let place = self.migration.up.location(0);
        if error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Data) {
            let functions = scratch.of_application()?.functions;
            way.unknown = functions.into_iter().find(|name| calls(self.migration.up.text(), name));
        }
        self.went(error, way, what, place)
    }

    fn climb(&self, scratch: &mut dyn Scratch) -> Run {
        let options = UpOptions { to: Some(self.migration.version), ..UpOptions::of(self.run_id) };
        scratch.migrate_up(self.set, &options, self.job.quietly())
    }

    fn descend(&self, scratch: &mut dyn Scratch) -> Run {
        let options = DownOptions {
            target: DownTarget::Steps(1),
            from_files: false,
            on_loss: OnLoss::Allow,
            backup: None,
        };
        scratch.migrate_down(self.set, &options, self.job.quietly())
    }

    fn down(&self, scratch: &mut dyn Scratch, way: &mut Way, what: &str) -> Result<bool> {
        let run = self.descend(scratch);
        let place = self.migration.down.as_ref().unwrap_or(&self.migration.up).location(0);
        self.went(run.error, way, what, place)
    }

    /// Goes down once more, without the rows of the tables that the down file says it stops at.
    fn down_without_rows(
        &self,
        scratch: &mut Box<dyn Scratch>,
        there: &mut dyn Scratch,
        way: &mut Way,
        what: &str,
    ) -> Result<bool> {
        let text = self.migration.down.as_ref().map_or("", SourceFile::text);
        let tables = stops_with_rows_of(text);
        if tables.is_empty() {
            return Ok(false);
        }
        *scratch = there.copy()?;
        let known = scratch.inspect()?;
        let is_meant = |name: &&Ident| tables.contains(&on_one_line(name.as_str()).into());
        let there = known.tables.keys().filter(is_meant);
        let deletes: Vec<String> =
            there.map(|table| format!("DELETE FROM main.{}", table.quoted())).collect();
        scratch.delete(&mut deletes.iter().map(String::as_str))?;
        let failures = std::mem::take(&mut way.failures);
        way.stopped = false;
        if self.down(&mut **scratch, way, what)? {
            let names = shown_list(&tables);
            way.notes
                .push(format!("its down says that it stops at rows of {names}: it was tried without them"));
            return Ok(true);
        }
        way.failures = failures;
        Ok(false)
    }

    fn went(&self, error: Option<Error>, way: &mut Way, what: &str, place: Location) -> Result<bool> {
        let Some(error) = failure(error)? else { return Ok(true) };
        way.stopped = true;
        if error.kind() == ErrorKind::Assertion {
            way.asserted = Some(error.message().to_owned());
        }
        // A down that was stored in the database has no file of its own; its lines are those of the file.
        let location = match (error.location(), &self.migration.down) {
            (Some(at), Some(down)) if at.file != self.migration.up.path() => {
                Location { file: down.path().to_owned(), ..at.clone() }
            }
            (Some(at), _) => at.clone(),
            (None, _) => place,
        };
        way.failures.push(TripFailure {
            location,
            message: format!("{what}: {}", error.message()),
            detail: background(&error),
        });
        Ok(false)
    }

    /// The rows that the migration's tests give.
    fn examples(&mut self) -> Result<Snapshot> {
        let none = self.base.rows(None)?;
        let mut examples = Snapshot { tables: BTreeMap::new() };
        for test in &self.tests {
            let mut scratch = self.base.copy()?;
            scratch.begin_section()?;
            // What is wrong with a test is told where it is run.
            let given = test.given.iter().map(|statement| scratch.run(&statement.sql, 0));
            let complete = given.into_iter().all(|result| result.is_ok());
            if !complete || scratch.in_transaction() {
                continue;
            }
            for (name, mut table) in scratch.rows(None)?.tables {
                if let Some(old) = none.tables.get(&name) {
                    table.rows.retain(|key, _| !old.rows.contains_key(key));
                }
                if !table.rows.is_empty() {
                    let known = examples.tables.entry(name).or_insert_with(|| table.clone());
                    known.rows.extend(table.rows);
                }
            }
        }
        Ok(examples)
    }
}

/// Whether a script calls a function.
fn calls(script: &str, function: &str) -> bool {
    let mut words = tokens(script).zip(tokens(script).skip(1));
    words.any(|(word, open)| open.is_punct("(") && word.unquoted().eq_ignore_ascii_case(function))
}

/// What must change for `actual` to be `expected`, where that changes what a statement does.
fn changes(expected: &mut dyn Scratch, actual: &mut dyn Scratch) -> Result<Vec<Change>> {
    let (expected, found) = (expected.inspect()?, actual.inspect()?);
    let mut changes = diff(&expected, &found, &mut *actual.equivalence())?;
    changes.retain(|change| !change.cosmetic);
    Ok(changes)
}

fn differs(way: &mut Way, location: Location, message: &str, changes: Vec<Change>) {
    if changes.is_empty() {
        return;
    }
    let mut lines: Vec<String> = changes.iter().take(CHANGES).map(sentence).collect();
    if changes.len() > CHANGES {
        lines.push(format!("… {} more", changes.len() - CHANGES));
    }
    way.failures.push(TripFailure {
        location,
        message: format!("{message}: {}", lines.first().map_or("", String::as_str)),
        detail: (lines.len() > 1).then(|| lines.join("\n")),
    });
}
