//! What a person at the terminal sees of an operation while it runs: lines, and how far a long step is, all on stderr.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::stderr_width;
use super::ticker::{IN_LOG, ON_TERMINAL, Ticker, Times};
use crate::base::escape::visible;
use crate::base::progress::{Event, Observer, human};
use crate::base::words::{abridged, counted};
use crate::report::{Canvas, lines_of};
use crate::sql::one_line;

/// How much is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// Each migration.
    Normal,
    /// Each statement, its beginning.
    Statements,
    /// Each statement, whole.
    WholeStatements,
}

impl Verbosity {
    /// From `-q` and the number of `-v`.
    pub(crate) fn new(quiet: bool, verbose: u8) -> Verbosity {
        match (quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Statements,
            (false, _) => Verbosity::WholeStatements,
        }
    }
}

/// Characters of a statement that `-v` shows in a log.
const STATEMENT_WIDTH: usize = 100;
/// Columns in front of a statement and behind it, for its time.
const AROUND_STATEMENT: usize = 16;
/// Columns that the share and the time left of a step need beyond those.
const MORE_AROUND_STEP: usize = 16;

/// Writes events to `out` as lines; those of long steps go again where there is a terminal.
pub(crate) struct Progress<W: Write + Send + 'static> {
    out: Arc<Mutex<W>>,
    verbosity: Verbosity,
    terminal: bool,
    /// The terminal's columns, in which sentences are wrapped; a log keeps them whole.
    width: Option<usize>,
    ticker: Ticker<W>,
    /// The statement whose line waits for its time.
    statement: Option<Instant>,
    /// Files of which it was said that they have another name.
    linked: BTreeSet<PathBuf>,
}

impl Progress<io::Stderr> {
    /// To stderr.
    pub(crate) fn stderr(verbosity: Verbosity) -> Progress<io::Stderr> {
        let terminal = io::stderr().is_terminal();
        let mut progress = Progress::new(io::stderr(), verbosity, terminal);
        progress.width = stderr_width();
        progress
    }
}

impl<W: Write + Send + 'static> Progress<W> {
    /// To `out`; `terminal` says whether stderr is one where a line may be written over.
    pub(crate) fn new(out: W, verbosity: Verbosity, terminal: bool) -> Progress<W> {
        Progress::with_times(out, verbosity, terminal, if terminal { ON_TERMINAL } else { IN_LOG })
    }

    fn with_times(out: W, verbosity: Verbosity, terminal: bool, times: Times) -> Progress<W> {
        let out = Arc::new(Mutex::new(out));
        let ticker = Ticker::new(Arc::clone(&out), terminal, times);
        Progress { out, verbosity, terminal, width: None, ticker, statement: None, linked: BTreeSet::new() }
    }

    /// Characters of a statement that are shown.
    fn statement_width(&self) -> usize {
        self.width.map_or(STATEMENT_WIDTH, |width| width.saturating_sub(AROUND_STATEMENT).max(20))
    }

    fn write(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody may be reading: that is no reason to stop the work.
        let _ = out.write_all(text.as_bytes());
    }

    fn line(&mut self, text: &str) {
        self.finish();
        let lines = match self.width {
            Some(width) => {
                let canvas = Canvas { width, color: false, whole: true, wraps: true };
                lines_of(&[text.into()], 2, canvas).join("\n")
            }
            None => text.to_owned(),
        };
        self.write(&format!("{lines}\n"));
    }

    /// Ends the statement's line: with its time, or with the time until now of one that failed.
    fn end_statement(&mut self, took: Option<Duration>) {
        self.ticker.pause();
        if let Some(since) = self.statement.take() {
            self.write(&format!("  ({})\n", human(took.unwrap_or_else(|| since.elapsed()))));
        }
    }

    /// Ends the statement's line and clears what is shown of a step, before something else is written to stderr.
    pub(crate) fn finish(&mut self) {
        self.end_statement(None);
        self.ticker.stop();
    }

    /// What a migration begins with: a line in a log, which says where it stopped if it is killed; on a terminal one that
    /// goes when there is something else to say, for the result says it again.
    fn begins(&mut self, text: &str) {
        if self.terminal && self.verbosity < Verbosity::Statements {
            self.finish();
            let line = shown(text, Verbosity::Statements, self.statement_width());
            self.ticker.show(&line);
        } else {
            self.line(&visible(text));
        }
    }
}

impl<W: Write + Send + 'static> Observer for Progress<W> {
    fn event(&mut self, event: Event<'_>) {
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        match event {
            Event::WaitingForLock { timeout } => {
                let timeout = human(timeout);
                self.line(&format!("another process holds the lock, waiting up to {timeout} …"));
            }
            Event::WaitingForServer { timeout } => {
                let timeout = human(timeout);
                self.line(&format!("no answer from the server, asking again for up to {timeout} …"));
            }
            Event::SecretInArguments => self.line(
                "warning: other users of this machine can read a password or token on the command line; \
                 name the server in the environment, as PLANCTL_DB",
            ),
            // A command may open its database more than once.
            Event::HardLinked { file, more } => {
                if self.linked.insert(file.to_owned()) {
                    let file = visible(&file.display().to_string()).into_owned();
                    let (have, one) = match more {
                        0 => (format!("{file} has more than one name"), "it"),
                        more => {
                            let others = counted(more, "other database");
                            (format!("{file} and {others} have more than one name each"), "each")
                        }
                    };
                    self.line(&format!(
                        "warning: {have} (hard links), and SQLite finds a write-ahead log or a journal only under the \
                         name by which it was opened; open {one} by one name, and make symbolic links of the others"
                    ));
                }
            }
            Event::LeftOut { names } => {
                self.line(&format!("left out, as tables of others: {}", names.join(", ")));
            }
            Event::MigrationStarted { label, down } => {
                self.begins(&format!("{} {label} …", if down { "reverting" } else { "applying" }));
            }
            Event::TriedBack { label } => {
                self.begins(&format!("counting what reverting {label} destroys …"));
            }
            // The result has its time.
            Event::MigrationFinished { .. } => self.finish(),
            Event::Statement { sql } if self.verbosity >= Verbosity::Statements => {
                self.finish();
                self.write(&format!("  {}", shown(sql, self.verbosity, self.statement_width())));
                self.statement = Some(Instant::now());
            }
            Event::Statement { sql } => {
                self.end_statement(None);
                self.ticker.start(shown(sql, Verbosity::Statements, self.statement_width()));
            }
            Event::StatementFinished { took } => self.end_statement(Some(took)),
            Event::Progress { what, done, total } => {
                if self.statement.is_some() {
                    self.end_statement(None);
                }
                let width = self.statement_width().saturating_sub(MORE_AROUND_STEP);
                self.ticker.progress(&visible(&abridged(what, width)), done, total);
            }
            Event::Fleet { what, done, failed, total } => {
                // What is over is not spoken of.
                if done < total {
                    self.ticker.databases(what, done - failed, failed, total)
                } else {
                    self.finish()
                }
            }
            Event::OnScratch(event) if self.verbosity >= Verbosity::WholeStatements => self.event(*event),
            Event::OnScratch(_) => {}
        }
    }
}

impl<W: Write + Send + 'static> Drop for Progress<W> {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A statement on one line, cut unless all of it is wanted.
fn shown(sql: &str, verbosity: Verbosity, width: usize) -> String {
    let line = one_line(sql);
    let line = if verbosity == Verbosity::Statements { abridged(&line, width) } else { line.into() };
    visible(&line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::job::Job;
    use crate::base::progress::Interrupt;
    use std::cell::RefCell;

    fn written(verbosity: Verbosity) -> String {
        let mut progress = Progress::new(Vec::new(), verbosity, false);
        let out = Arc::clone(&progress.out);
        let took = Duration::from_millis(12);
        progress.event(Event::WaitingForLock { timeout: Duration::from_secs(30) });
        progress.event(Event::TriedBack { label: "V8__y" });
        progress.event(Event::MigrationStarted { label: "V7__x\u{1b}", down: false });
        progress.event(Event::Statement { sql: "CREATE TABLE\n  t (a);" });
        progress.event(Event::StatementFinished { took: Duration::from_millis(5) });
        progress.event(Event::Progress { what: "reading t", done: 5, total: None });
        progress.event(Event::MigrationFinished { label: "V7__x\u{1b}", down: false, took });
        progress.event(Event::MigrationFinished { label: "V8__y", down: true, took });
        drop(progress);
        String::from_utf8(out.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_warning_is_wrapped_on_a_terminal_and_whole_in_a_log() {
        for (width, longest) in [(Some(60), 60), (None, usize::MAX)] {
            let mut progress = Progress::new(Vec::new(), Verbosity::Normal, width.is_some());
            progress.width = width;
            let out = Arc::clone(&progress.out);
            progress.event(Event::HardLinked { file: "a.db".as_ref(), more: 2 });
            progress.event(Event::HardLinked { file: "a.db".as_ref(), more: 2 });
            drop(progress);
            let said = String::from_utf8(out.lock().unwrap().clone()).unwrap().replace("\r\u{1b}[K", "");
            assert!(said.lines().all(|line| line.chars().count() <= longest), "{said}");
            assert_eq!(said.lines().count() > 1, width.is_some(), "{said}");
            assert!(said.starts_with("warning: a.db and 2 other databases have"), "{said}");
            assert_eq!(said.matches("warning").count(), 1, "{said}");
        }
    }

    #[test]
    fn a_long_statement_is_spoken_of_while_it_runs_and_not_afterwards() {
        let times = Times { first: Duration::from_millis(20), longest_pause: Duration::from_millis(20) };
        for (terminal, line) in [(false, "still running: UPDATE t ("), (true, "\r\x1b[KUPDATE t (")] {
            let mut progress = Progress::with_times(Vec::new(), Verbosity::Normal, terminal, times);
            let out = Arc::clone(&progress.out);
            let text = || String::from_utf8(out.lock().unwrap().clone()).unwrap();
            progress.event(Event::Statement { sql: "UPDATE\nt" });
            let started = Instant::now();
            while text().matches(line).count() < 2 {
                assert!(started.elapsed() < Duration::from_secs(900), "{}", text());
                std::thread::sleep(Duration::from_millis(5));
            }
            progress.event(Event::MigrationFinished { label: "V1__t", down: false, took: Duration::ZERO });
            let said = text();
            assert!(said.contains("UPDATE t"), "{said}");
            assert!(said.ends_with(if terminal { "\r\x1b[K" } else { ")\n" }), "{said:?}");
            std::thread::sleep(Duration::from_millis(60));
            assert_eq!(text(), said);
        }
    }

    #[test]
    fn how_far_a_step_is_is_said_with_the_time_that_is_left() {
        let times = Times { first: Duration::from_millis(1), longest_pause: Duration::from_millis(1) };
        let mut progress = Progress::with_times(Vec::new(), Verbosity::Normal, true, times);
        let out = Arc::clone(&progress.out);
        progress.event(Event::Progress { what: "reading t", done: 1, total: Some(4) });
        let text = || String::from_utf8(out.lock().unwrap().clone()).unwrap();
        let started = Instant::now();
        while !text().contains("\r\x1b[Kreading t: 25%, 1 s left") {
            assert!(started.elapsed() < Duration::from_secs(900), "{}", text());
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(progress);
        assert!(text().ends_with("\r\x1b[K"), "it goes when it is over");
    }

    #[test]
    fn a_step_of_a_table_with_a_long_name_stays_on_one_line() {
        let times = Times { first: Duration::from_millis(1), longest_pause: Duration::from_millis(1) };
        let mut progress = Progress::with_times(Vec::new(), Verbosity::Normal, true, times);
        progress.width = Some(80);
        let out = Arc::clone(&progress.out);
        let what = format!("reading {}", "t".repeat(200));
        progress.event(Event::Progress { what: &what, done: 1, total: Some(4) });
        let text = || String::from_utf8(out.lock().unwrap().clone()).unwrap();
        let started = Instant::now();
        while !text().contains(" left") {
            assert!(started.elapsed() < Duration::from_secs(900), "{}", text());
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(progress);
        let text = text();
        for line in text.split("\r\x1b[K") {
            assert!(line.chars().count() < 80, "{line}");
        }
    }

    #[test]
    fn quiet_says_nothing() {
        assert_eq!(written(Verbosity::new(true, 0)), "");
    }

    #[test]
    fn each_migration_has_a_line_before_it() {
        assert_eq!(
            written(Verbosity::new(false, 0)),
            "another process holds the lock, waiting up to 30 s …\n\
             counting what reverting V8__y destroys …\napplying V7__x\\u{1b} …\n"
        );
    }

    #[test]
    fn verbose_shows_each_statement_with_its_time_on_one_line() {
        let written = written(Verbosity::new(false, 1));
        let line = written.lines().find(|line| line.contains("CREATE")).unwrap();
        assert_eq!(line, "  CREATE TABLE t (a);  (5 ms)", "what comes behind it is not its time");
    }

    #[test]
    fn what_happens_on_scratch_is_shown_to_those_who_want_everything() {
        for (verbose, shown) in [(0, false), (1, false), (2, true)] {
            let mut progress = Progress::new(Vec::new(), Verbosity::new(false, verbose), false);
            let out = Arc::clone(&progress.out);
            let (told, interrupt) = (RefCell::new(&mut progress), Interrupt::new());
            Job::new(&told, &interrupt).on_scratch().tell(Event::Statement { sql: "CREATE TABLE t (a)" });
            drop(progress);
            let text = String::from_utf8(out.lock().unwrap().clone()).unwrap();
            assert_eq!(text.starts_with("  CREATE TABLE t (a)  ("), shown, "{text}");
        }
    }

    #[test]
    fn a_long_statement_is_cut_unless_it_is_wanted_whole() {
        let sql = format!("SELECT '{}'", "é".repeat(200));
        assert!(shown(&sql, Verbosity::Statements, 100).chars().count() < 110);
        assert_eq!(shown(&sql, Verbosity::WholeStatements, 100), sql);
    }
}
