//! Runs a migration's script, statement by statement, and says where it stopped.

use std::sync::OnceLock;
use std::time::Instant;

use rusqlite::Connection;

use super::assertion::Found;
use super::guard;
use super::guard::Guard;
use super::loss::Tracer;
use super::unread_indexes;
use crate::backfill::{BackfillSpec, Id, Outcome, Refusal};
use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::job::Job;
use crate::base::progress::Event;
use crate::base::source::SourceFile;
use crate::base::words::counted;
use crate::engine::backfill;
use crate::engine::catalog::registered;
use crate::engine::catalog::statistics::Statistics;
use crate::engine::connection::StoodIn;
use crate::engine::connection::stubs;
use crate::engine::diagnosis::explain;
use crate::engine::diagnosis::{errors, fault, unknown};
use crate::engine::{Backfilled, StepDone};
use crate::migrations::Step;
use crate::sql::one_line;

/// How many ids and cycles a refused data step names.
const IDS_SHOWN: usize = 5;

/// How long a script may be whose statements are kept on one line each.
const SHORT: usize = 1 << 16;

/// The statements of a script on one line, by where they begin: the script may run on many databases.
#[derive(Default)]
struct OnOneLine(OnceLock<Vec<(usize, String)>>);

/// What running a script came to.
#[derive(Default, Debug)]
pub(crate) struct Ran {
    /// Statements, data steps included.
    pub(crate) steps: Vec<StepDone>,
    /// Rows that data steps wrote.
    pub(crate) rows_backfilled: u64,
    /// Which ones.
    pub(crate) backfilled: Vec<Backfilled>,
}

/// What is needed to run a script inside an open transaction.
pub(crate) struct MigrationScript<'a> {
    pub(crate) conn: &'a Connection,
    /// The database as messages name it.
    pub(crate) db: &'a str,
    pub(crate) guard: &'a Guard,
    /// Where functions that are not here are stood in for: those that are.
    pub(crate) stood_in: Option<&'a StoodIn>,
    /// Whether the rows are elsewhere that it is about.
    pub(crate) lacks_rows: bool,
    pub(crate) file: &'a SourceFile,
    pub(crate) steps: &'a [Step<'a>],
}

impl MigrationScript<'_> {
    /// Runs all steps, and sets the connection back behind them. A tracer follows what they destroy.
    pub(crate) fn run(&self, job: Job<'_>, mut tracer: Option<&mut Tracer>) -> Result<Ran> {
        let mut ran = Ran::default();
        let statistics = Statistics::before(self.conn, self.steps).map_err(|error| self.trouble(error))?;
        for (number, step) in self.steps.iter().enumerate() {
            job.check()?;
            let started = Instant::now();
            let changes = self.conn.total_changes();
            let (start, what) = match step {
                Step::Sql { text, start } => {
                    job.tell(Event::Statement { sql: text });
                    let run = |conn| match &mut tracer {
                        Some(tracer) => tracer.run(conn, self.guard, text),
                        None => self.execute(text),
                    };
                    stubs::providing_what(self.conn, run, |error| self.stands_in(error))
                        .map_err(|error| self.failed(error, text, *start))?;
                    job.tell(Event::StatementFinished { took: started.elapsed() });
                    (*start, self.on_one_line(text, *start))
                }
                Step::Assert { reason, text, start } => {
                    job.tell(Event::Statement { sql: text });
                    self.assert(reason, text, *start)?;
                    job.tell(Event::StatementFinished { took: started.elapsed() });
                    (*start, self.on_one_line(text, *start))
                }
                Step::Backfill { spec, start } => {
                    // What a tracer counts is what the script says.
                    let behind = self.steps.get(number + 1..).filter(|_| tracer.is_none());
                    let run = self.backfill(spec, behind.unwrap_or_default(), job);
                    let outcome = run.map_err(|error| match error.kind() {
                        ErrorKind::Interrupted => error,
                        _ => error.at(self.file.location(*start)),
                    })?;
                    let rows = outcome.filled + outcome.corrected;
                    ran.rows_backfilled += rows;
                    if rows > 0 {
                        let first = outcome.written.iter().map(Id::to_string).collect();
                        ran.backfilled.push(Backfilled { table: spec.table.clone(), rows, first });
                    }
                    (*start, format!("backfill root-ancestor of {}", spec.table))
                }
            };
            ran.steps.push(StepDone {
                line: self.file.location(start).line,
                what,
                took: started.elapsed(),
                rows: self.conn.total_changes() - changes,
            });
            if self.conn.is_autocommit() {
                // ROLLBACK as a conflict clause, or a trigger's RAISE, comes with an error; nothing else can get here.
                return Err(Error::new(
                    ErrorKind::Sql,
                    "the migration's transaction ended before its script did",
                ));
            }
        }
        if let Some(tracer) = &mut tracer {
            tracer.end(self.conn).map_err(|error| self.trouble(error))?;
        }
        self.guard.settle(self.conn).map_err(|error| self.trouble(error))?;
        if let Some(statistics) = statistics {
            self.put_back(statistics, job, &mut ran)?;
        }
        match self.guard.verify_schema(self.conn).map_err(|error| self.trouble(error))? {
            Some(refusal) => Err(refused_by(refusal).at(self.file.whole())),
            None => Ok(ran),
        }
    }

    /// A statement of the script on one line.
    fn on_one_line(&self, text: &str, start: usize) -> String {
        if self.file.text().len() > SHORT {
            return one_line(text);
        }
        let known = self.file.known::<OnOneLine>();
        let shown = |step: &Step<'_>| match step {
            Step::Sql { text, start } | Step::Assert { text, start, .. } => Some((*start, one_line(text))),
            Step::Backfill { .. } => None,
        };
        let lines = known.0.get_or_init(|| self.steps.iter().filter_map(shown).collect());
        let line = lines.binary_search_by_key(&start, |(known, _)| *known).ok().and_then(|at| lines.get(at));
        line.map_or_else(|| one_line(text), |(_, line)| line.clone())
    }

    /// Whether something is to stand in for the function that a statement lacks; then it is noted.
    fn stands_in(&self, error: &rusqlite::Error) -> bool {
        let Some((known, function)) = self.stood_in.zip(stubs::function(error)) else { return false };
        known.borrow_mut().insert(function.to_ascii_lowercase());
        true
    }

    /// Runs one statement to its end.
    fn execute(&self, text: &str) -> rusqlite::Result<()> {
        match self.guard.prepare(self.conn, text) {
            Ok(mut statement) => self.guard.run(&mut statement),
            Err(rusqlite::Error::MultipleStatement) => self.guard.run_batch(self.conn, text),
            Err(error) => Err(error),
        }
    }

    /// Runs a query that must find nothing.
    fn assert(&self, reason: &str, query: &str, start: usize) -> Result<()> {
        let find = |conn| Found::by(query, conn, self.guard);
        let found = stubs::providing_what(self.conn, find, |error| self.stands_in(error))
            .map_err(|error| self.failed(error, query, start))?;
        match found.error(reason).filter(|_| !self.lacks_rows) {
            Some(error) => Err(error.at(self.file.span(start, start + query.len()))),
            None => Ok(()),
        }
    }

    /// Puts back what ANALYZE found; what it has to find anew counts as a step at the script's end.
    fn put_back(&self, statistics: Statistics, job: Job<'_>, ran: &mut Ran) -> Result<()> {
        let renew = statistics.put_back(self.conn).map_err(|error| self.trouble(error))?;
        let line = ran.steps.last().map_or(1, |last| last.line);
        for sql in renew {
            let started = Instant::now();
            job.tell(Event::Statement { sql: &sql });
            self.conn.execute_batch(&sql).map_err(|error| self.trouble(error))?;
            job.tell(Event::StatementFinished { took: started.elapsed() });
            ran.steps.push(StepDone { line, what: sql, took: started.elapsed(), rows: 0 });
        }
        Ok(())
    }

    fn trouble(&self, error: rusqlite::Error) -> Error {
        errors::database(error, self.db)
    }

    /// Runs a data step that must not refuse; `behind` runs behind it.
    fn backfill(&self, spec: &BackfillSpec, behind: &[Step<'_>], job: Job<'_>) -> Result<Outcome> {
        // Under settings of the migration's own, statements may mean something else.
        if !self.lacks_rows && !self.guard.touched() {
            unread_indexes::drop_unread(self.conn, spec, behind).map_err(|error| self.trouble(error))?;
        }
        let run = || backfill::run(self.conn, spec, false, job);
        let outcome = self.guard.undisturbed(self.conn, run).map_err(|error| self.trouble(error))??;
        let Some(refusal) = outcome.refused else { return Ok(outcome) };
        Err(refused(spec, &outcome, refusal))
    }

    /// The error of a statement that SQLite refused.
    fn failed(&self, error: rusqlite::Error, text: &str, start: usize) -> Error {
        if errors::is_interrupt(&error) {
            return errors::interrupted();
        }
        let whole = self.file.span(start, start + text.len());
        if errors::is_about_the_file(&error) {
            return errors::database(error, self.db).at(whole);
        }
        if let Some(refusal) = self.guard.take_refusal() {
            return refused_by(refusal).at(whole);
        }
        // What explains it looks at the database by itself; where that fails, the statement's error counts.
        drop(self.guard.settle(self.conn));
        let rest = self.file.text().get(start + text.len()..).unwrap_or_default();
        let explained = explain::explain(self.conn, text, rest, &fault::of(&error));
        let said = explained.in_lasting_names(&error);
        let mut failed = Error::new(ErrorKind::Sql, said).at(unknown::place(self.file, text, start, &error));
        failed = explain::shown_lines(text).into_iter().fold(failed, Error::note);
        failed = explained.notes.into_iter().fold(failed, Error::note);
        if let Some(help) = explained.help {
            failed = failed.help(help);
        }
        if let Some(known) = self.stood_in.filter(|_| explained.data) {
            let called = registered::called(text).into_iter().filter(|name| known.borrow().contains(name));
            for name in called {
                failed = failed.note(format!("{name}() is not a SQLite function, and returns NULL here"));
            }
        }
        if explained.data {
            failed = failed.with_kind(ErrorKind::Data);
        }
        failed.caused_by(error)
    }
}

/// Why a data step was refused: which rows stand in the way, and what to do about them.
fn refused(spec: &BackfillSpec, outcome: &Outcome, refusal: Refusal) -> Error {
    let table = &spec.table;
    let mut error = Error::new(ErrorKind::Data, format!("the roots of {table} cannot be filled"));
    let mut ways = Vec::new();
    if refusal.cycles {
        let cycles = &outcome.cycles;
        let are = if cycles.rows == 1 { "is" } else { "are" };
        let (rows, cycles_of) = (counted(cycles.rows, "row"), counted(cycles.count, "cycle"));
        let note = format!("{rows} of {table} {are} on {cycles_of} of parents");
        error = error.note(note);
        for cycle in cycles.examples.iter().take(IDS_SHOWN) {
            let mut ids: Vec<String> = cycle.ids.iter().take(IDS_SHOWN).map(Id::to_string).collect();
            if cycle.cut || cycle.ids.len() > IDS_SHOWN {
                ids.push("…".to_owned());
            }
            ids.extend(cycle.ids.first().map(Id::to_string));
            error = error.note(format!("a cycle: {}", ids.join(" → ")));
        }
        ways.push("on-cycle=skip");
    }
    if refusal.orphans {
        let orphans = &outcome.orphans;
        let mut ids: Vec<String> = orphans.ids.iter().take(IDS_SHOWN).map(Id::to_string).collect();
        if orphans.count > ids.len() as u64 {
            ids.push("…".to_owned());
        }
        let name = if orphans.count == 1 { "names" } else { "name" };
        let (rows, ids) = (counted(orphans.count, "row"), ids.join(", "));
        let note = format!("{rows} of {table} {name} a parent that does not exist: {ids}");
        error = error.note(note);
        ways.extend(["on-orphan=self", "on-orphan=skip"]);
    }
    let BackfillSpec { id, parent, root, .. } = spec;
    let columns = [id.clone(), parent.clone(), root.clone()];
    error.help(Advice::RepairRows { table: table.clone(), columns, ways })
}

fn refused_by(refusal: guard::Refusal) -> Error {
    Error::new(ErrorKind::Migration, refusal.message).help(refusal.help)
}
