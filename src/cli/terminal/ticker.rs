//! Says that a long step still runs, and how far it is. SQLite tells nothing while a statement runs, so that only a clock
//! can; and the work itself only leaves a number, so that being looked at costs it nothing.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::base::progress::human;

/// When to speak, counted from the beginning of a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// For the first time.
    pub(crate) first: Duration,
    /// Each time, the pause is as much longer, up to this.
    pub(crate) longest_pause: Duration,
}

/// On a terminal one line that is written over and over.
pub(crate) const ON_TERMINAL: Times =
    Times { first: Duration::from_secs(1), longest_pause: Duration::from_secs(1) };
/// In a log: after 10 s, 20 s, 40 s, 80 s, then every minute.
pub(crate) const IN_LOG: Times =
    Times { first: Duration::from_secs(10), longest_pause: Duration::from_secs(60) };

/// What is shared with the thread that watches the clock.
struct Shared<W> {
    out: Arc<Mutex<W>>,
    state: Mutex<State>,
    changed: Condvar,
    times: Times,
    terminal: bool,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// Whether a line stands on the terminal that has to go.
    shown: bool,
    over: bool,
}

struct Running {
    what: String,
    since: Instant,
    next: Duration,
    pause: Duration,
    /// Units done, of how many.
    done: Option<(u64, u64)>,
    /// What else there is to say of them.
    besides: String,
}

impl Running {
    /// `reading plans: 45%, 8 s left`; `UPDATE … (12 s)` where nobody knows how far it is.
    fn line(&self, passed: Duration) -> String {
        // To the full second, from the first one on.
        let shown = if passed.as_secs() > 0 { Duration::from_secs(passed.as_secs()) } else { passed };
        match self.done {
            Some((done, total)) if done > 0 && total > 0 => {
                let share = (done as f64 / total as f64).min(1.0);
                let left =
                    Duration::from_secs_f64((passed.as_secs_f64() / share - passed.as_secs_f64()).ceil());
                let percent = (share * 100.0).floor();
                format!("{}: {percent:.0}%{}, {} left", self.what, self.besides, human(left))
            }
            _ => format!("{} ({})", self.what, human(shown)),
        }
    }
}

/// See the module. Ends its thread when it goes away.
pub(crate) struct Ticker<W> {
    shared: Arc<Shared<W>>,
    watching: bool,
}

impl<W: Write + Send + 'static> Ticker<W> {
    pub(crate) fn new(out: Arc<Mutex<W>>, terminal: bool, times: Times) -> Ticker<W> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Ticker { shared: Arc::new(Shared { out, state, changed, times, terminal }), watching: false }
    }

    /// `what` begins to run.
    pub(crate) fn start(&mut self, what: String) {
        self.begin(what, None);
    }

    fn begin(&mut self, what: String, done: Option<(u64, u64)>) {
        let pause = self.shared.times.first;
        let besides = String::new();
        let running = Running { what, since: Instant::now(), next: pause, pause, done, besides };
        self.shared.lock().running = Some(running);
        if !self.watching {
            let shared = Arc::clone(&self.shared);
            // Without a thread nothing is said: the work goes ahead anyway.
            self.watching =
                thread::Builder::new().name("ticker".into()).spawn(move || shared.watch()).is_ok();
        }
        self.shared.changed.notify_one();
    }

    /// How far `what` is; it begins with the first such word.
    pub(crate) fn progress(&mut self, what: &str, done: u64, total: Option<u64>) {
        let done = total.map(|total| (done, total));
        match &mut self.shared.lock().running {
            Some(running) if running.what == what => return running.done = done,
            _ => {}
        }
        self.begin(what.to_owned(), done);
    }

    /// The same of databases, some of which failed.
    pub(crate) fn databases(&mut self, what: &str, done: usize, failed: usize, total: usize) {
        let turns = done + failed;
        self.progress(what, turns as u64, Some(total as u64));
        if let Some(running) = &mut self.shared.lock().running {
            let remaining = total.saturating_sub(turns);
            running.besides = format!(" ({done} done, {failed} failed, {remaining} remaining)");
        }
    }

    /// Shows a line that stands until something else is to be said.
    pub(crate) fn show(&mut self, line: &str) {
        let mut state = self.shared.lock();
        state.shown = true;
        self.shared.write(&format!("\r\x1b[K{line}"));
    }

    /// It is over; what is shown may stay until something else is to be written.
    pub(crate) fn pause(&mut self) {
        self.shared.lock().running = None;
    }

    /// It is over, or something else is to be written.
    pub(crate) fn stop(&mut self) {
        let mut state = self.shared.lock();
        state.running = None;
        if std::mem::take(&mut state.shown) {
            self.shared.write("\r\x1b[K");
        }
    }
}

impl<W> Drop for Ticker<W> {
    fn drop(&mut self) {
        self.shared.lock().over = true;
        self.shared.changed.notify_one();
    }
}

impl<W> Shared<W> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Shared<W> {
    fn write(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody may be reading: that is no reason to stop the work.
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    fn watch(&self) {
        let mut state = self.lock();
        while !state.over {
            let Some(running) = &mut state.running else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let passed = running.since.elapsed();
            if passed < running.next {
                let left = running.next - passed;
                state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            let line = running.line(passed);
            self.write(&if self.terminal {
                format!("\r\x1b[K{line}")
            } else {
                format!("still running: {line}\n")
            });
            running.next += running.pause;
            running.pause = (running.pause * 2).min(self.times.longest_pause).max(self.times.first);
            state.shown = self.terminal;
        }
    }
}
