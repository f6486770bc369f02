//! Running a command in this process, to its last byte of output.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use planctl::error::{Error, Result};
use planctl::internals::base::job::Job;
use planctl::internals::commands::{Context, new_run_id};
use planctl::internals::report::{Canvas, Envelope, FORMATS, Report, write_error};
use planctl::progress::Interrupt;
use time::OffsetDateTime;

/// How long the SQL of an input may run before Ctrl-C: a statement without an end is the user's, and must end then.
const PATIENCE: Duration = Duration::from_secs(2);

static RUNNING: Mutex<Vec<(Instant, Arc<AtomicBool>)>> = Mutex::new(Vec::new());
static WATCH: Once = Once::new();

/// Runs a command and writes what came of it in every format, or its error. Gives the report, if there is one.
pub(super) fn command(run: impl FnOnce(&mut Context<'_>) -> Result<Report>) -> Option<Report> {
    let started = OffsetDateTime::UNIX_EPOCH;
    let run_id = new_run_id(started);
    let interrupt = Interrupt::new();
    let flag = interrupt.flag();
    watch(Arc::clone(&flag));
    let result = run(&mut Context { job: Job::stopped_by(&interrupt), run_id, started });
    RUNNING.lock().unwrap().retain(|(_, other)| !Arc::ptr_eq(&flag, other));
    let (report, done) = match result {
        Ok(report) => (report, true),
        Err(error) => (Report::trouble("fuzz", error), false),
    };
    let canvas = Canvas { width: 80, color: true, wraps: true, whole: true };
    let envelope = Envelope { version: "0", run_id, started, canvas };
    for format in FORMATS {
        format.renderer.render(&report, &envelope, &mut io::sink()).unwrap();
    }
    report.error.iter().for_each(shown);
    done.then_some(report)
}

/// Writes an error as the terminal has it.
pub(super) fn shown(error: &Error) {
    write_error(error, Some(80), &mut io::sink()).unwrap();
}

/// Shows the error of a result; gives what there is without one.
pub(super) fn well<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(shown).ok()
}

fn watch(flag: Arc<AtomicBool>) {
    RUNNING.lock().unwrap().push((Instant::now(), flag));
    WATCH.call_once(|| {
        thread::spawn(|| {
            loop {
                thread::sleep(PATIENCE / 4);
                let running = RUNNING.lock().unwrap();
                for (_, flag) in running.iter().filter(|(since, _)| since.elapsed() > PATIENCE) {
                    flag.store(true, Ordering::Relaxed);
                }
            }
        });
    });
}
