//! What a person at the terminal sees of an operation while it runs: lines and a progress bar, all on stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::ticker::{IN_LOG, ON_TERMINAL, Ticker, Times};
use crate::base::escape::visible;
use crate::base::progress::{Event, Observer, human};
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

/// An operation that takes less time gets no progress bar.
const BAR_AFTER: Duration = Duration::from_secs(1);
/// Characters of a statement that `-v` shows in a log.
const STATEMENT_WIDTH: usize = 100;
/// Columns in front of a statement and behind it, for its time.
const AROUND_STATEMENT: usize = 16;

/// Writes events to `out` as lines, and long steps as a progress bar where there is a terminal.
pub(crate) struct Progress<W: Write + Send + 'static> {
    out: Arc<Mutex<W>>,
    verbosity: Verbosity,
    terminal: bool,
    /// Characters of a statement that are shown.
    statement_width: usize,
    ticker: Ticker<W>,
    /// The statement whose line waits for its time.
    statement: Option<Instant>,
    step: Option<Step>,
}

struct Step {
    what: String,
    since: Instant,
    /// When the next line is due, where there is no terminal.
    next: Duration,
    bar: Option<ProgressBar>,
}

impl Progress<io::Stderr> {
    /// To stderr.
    pub(crate) fn stderr(verbosity: Verbosity) -> Progress<io::Stderr> {
        let terminal = io::stderr().is_terminal();
        let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
        let statement_width =
            width.map_or(STATEMENT_WIDTH, |width| width.saturating_sub(AROUND_STATEMENT).max(20));
        let mut progress = Progress::new(io::stderr(), verbosity, terminal);
        progress.statement_width = statement_width;
        progress
    }
}

impl<W: Write + Send + 'static> Progress<W> {
    /// To `out`; `terminal` says whether stderr is one and a bar may be drawn there.
    pub(crate) fn new(out: W, verbosity: Verbosity, terminal: bool) -> Progress<W> {
        Progress::with_times(out, verbosity, terminal, if terminal { ON_TERMINAL } else { IN_LOG })
    }

    fn with_times(out: W, verbosity: Verbosity, terminal: bool, times: Times) -> Progress<W> {
        let out = Arc::new(Mutex::new(out));
        let ticker = Ticker::new(Arc::clone(&out), terminal, times);
        Progress {
            out,
            verbosity,
            terminal,
            statement_width: STATEMENT_WIDTH,
            ticker,
            statement: None,
            step: None,
        }
    }

    fn write(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody may be reading: that is no reason to stop the work.
        let _ = out.write_all(text.as_bytes());
    }

    fn line(&mut self, text: &str) {
        self.finish();
        self.write(&format!("{text}\n"));
    }

    /// Ends the statement's line: with its time, or with the time until now of one that failed.
    fn end_statement(&mut self, took: Option<Duration>) {
        self.ticker.stop();
        if let Some(since) = self.statement.take() {
            self.write(&format!("  ({})\n", human(took.unwrap_or_else(|| since.elapsed()))));
        }
    }

    /// Ends the statement's line and clears the bar, before something else is written to stderr.
    pub(crate) fn finish(&mut self) {
        self.end_statement(None);
        if let Some(Step { bar: Some(bar), .. }) = self.step.take() {
            bar.finish_and_clear();
        }
    }

    fn progress(&mut self, what: &str, done: u64, total: Option<u64>) {
        if self.step.as_ref().is_none_or(|step| step.what != what) {
            self.finish();
            self.step =
                Some(Step { what: what.to_owned(), since: Instant::now(), next: IN_LOG.first, bar: None });
        }
        let Some(step) = &mut self.step else { return };
        if !self.terminal {
            let passed = step.since.elapsed();
            if passed >= step.next {
                step.next = passed + IN_LOG.first;
                let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                let line = format!("{}: {done}{of} after {}\n", visible(what), human(passed));
                self.write(&line);
            }
            return;
        }
        if step.bar.is_none() && step.since.elapsed() >= BAR_AFTER {
            step.bar = Some(bar(what, total));
        }
        if let Some(bar) = &step.bar {
            bar.set_position(done);
        }
    }
}

fn bar(what: &str, total: Option<u64>) -> ProgressBar {
    let template = if total.is_some() {
        "{msg} [{bar:30}] {human_pos}/{human_len} {eta}"
    } else {
        "{spinner} {msg} {human_pos} {elapsed}"
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(visible(what).into_owned());
    bar
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
            Event::MigrationStarted { label, down } => {
                self.line(&format!("{} {} …", if down { "reverting" } else { "applying" }, visible(label)));
            }
            Event::TriedBack { label } => {
                self.line(&format!("trying what taking back {} destroys …", visible(label)));
            }
            Event::MigrationFinished { label, down, took } => {
                let verb = if down { "reverted" } else { "applied" };
                self.line(&format!("{verb} {} in {}", visible(label), human(took)));
            }
            Event::Statement { sql } if self.verbosity >= Verbosity::Statements => {
                self.finish();
                self.write(&format!("  {}", shown(sql, self.verbosity, self.statement_width)));
                self.statement = Some(Instant::now());
            }
            Event::Statement { sql } => {
                self.finish();
                self.ticker.start(shown(sql, Verbosity::Statements, self.statement_width));
            }
            Event::StatementFinished { took } => self.end_statement(Some(took)),
            Event::Progress { what, done, total } => self.progress(what, done, total),
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
    match line.char_indices().nth(width) {
        Some((end, _)) if verbosity == Verbosity::Statements => format!("{} …", visible(&line[..end])),
        _ => visible(&line).into_owned(),
    }
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
    fn a_long_statement_is_spoken_of_while_it_runs_and_not_afterwards() {
        let times = Times { first: Duration::from_millis(20), longest_pause: Duration::from_millis(20) };
        for (terminal, line) in [(false, "still running after "), (true, "\r\x1b[KUPDATE t (")] {
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
            assert!(said.ends_with("applied V1__t in < 1 ms\n"), "{said}");
            std::thread::sleep(Duration::from_millis(60));
            assert_eq!(text(), said);
        }
    }

    #[test]
    fn quiet_says_nothing() {
        assert_eq!(written(Verbosity::new(true, 0)), "");
    }

    #[test]
    fn each_migration_has_a_line_before_and_after() {
        assert_eq!(
            written(Verbosity::new(false, 0)),
            "another process holds the lock, waiting up to 30 s …\n\
             trying what taking back V8__y destroys …\napplying V7__x\\u{1b} …\n\
             applied V7__x\\u{1b} in 12 ms\nreverted V8__y in 12 ms\n"
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
