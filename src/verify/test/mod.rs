//! Migration tests, and every migration up, down and up again on seeded rows.

pub mod bases;
pub mod common;
pub mod migration_tests;
pub mod reach;
pub mod round_trip;
pub mod rows;
pub mod rows_diff;
pub mod sentence;
pub mod trip;

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use crate::base::error::Error;
use crate::base::job::Job;
use crate::migrations::Version;

/// Why nothing could be run at a version.
pub(crate) fn unreached(broken: Option<&(Version, Error)>) -> String {
    match broken {
        Some((version, error)) => {
            format!("not run: version {version} cannot be applied to an empty database: {error}")
        }
        None => "not run: the version below it was not reached".to_owned(),
    }
}

/// An error's notes; that a shadow database is as it was is of no interest to anybody.
pub(crate) fn background(error: &Error) -> Option<String> {
    let notes: Vec<&str> = error.notes_on_cause().collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

/// Does `work` for each task, on as many threads as there are cores; the results are in the order of the tasks. Each thread
/// has a job of its own that ends with `job`.
pub(crate) fn in_parallel<T: Send, R: Send>(
    job: Job<'_>,
    tasks: Vec<T>,
    work: impl Fn(Job<'_>, T) -> R + Sync,
) -> Vec<R> {
    let interrupt = job.interrupt();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = cores.min(tasks.len());
    let queue = Mutex::new(tasks.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, task)) = next() {
            done.push((at, work(Job::stopped_by(&interrupt), task)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        // This thread is one of them; where the system gives no further one, there are fewer.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, worker).ok();
        let workers: Vec<_> = (1..threads).map_while(start).collect();
        let own = worker();
        let results = workers.into_iter().map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        own.into_iter().chain(results.flatten()).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::base::error::ErrorKind;
    use crate::base::progress::Interrupt;

    #[test]
    fn results_are_in_the_order_of_the_jobs_whoever_finishes_first() {
        let tasks: Vec<u64> = (0..40).collect();
        let results = in_parallel(Job::quiet(), tasks.clone(), |_, task| {
            std::thread::sleep(std::time::Duration::from_micros((task * 7919) % 300));
            task
        });
        assert_eq!(results, tasks);
        assert!(in_parallel(Job::quiet(), Vec::<u64>::new(), |_, task| task).is_empty());
    }

    #[test]
    fn an_interrupt_reaches_every_thread() {
        let interrupt = Interrupt::new();
        let results = in_parallel(Job::stopped_by(&interrupt), (0..40).collect(), |job, task| {
            if task == 0 {
                interrupt.raise();
            }
            while !job.is_stopped() {
                std::thread::yield_now();
            }
            job.check().map_err(|error| error.kind())
        });
        assert_eq!(results, [Err(ErrorKind::Interrupted); 40]);
    }
}
