//! Migration tests, and every migration up, down and up again on seeded rows.

pub mod bases;
pub mod common;
pub mod migration_tests;
pub mod reach;
pub mod round_trip;
pub mod rows;
pub mod rows_diff;
pub mod sentence;
pub mod tried;
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
/// has a job of its own that ends with `job`, and asks for a task when it is done with the one before.
pub(crate) fn in_parallel<T: Send, R: Send>(
    job: Job<'_>,
    tasks: impl Iterator<Item = T> + Send,
    work: impl Fn(Job<'_>, T) -> R + Sync,
) -> Vec<R> {
    let interrupt = job.interrupt();
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = tasks.size_hint().1.map_or(cores, |most| cores.min(most));
    let queue = Mutex::new(tasks.enumerate());
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::base::error::ErrorKind;
    use crate::base::progress::Interrupt;

    #[test]
    fn results_are_in_the_order_of_the_jobs_whoever_finishes_first() {
        let tasks: Vec<u64> = (0..40).collect();
        let results = in_parallel(Job::quiet(), tasks.iter().copied(), |_, task| {
            std::thread::sleep(std::time::Duration::from_micros((task * 7919) % 300));
            task
        });
        assert_eq!(results, tasks);
        assert!(in_parallel(Job::quiet(), std::iter::empty::<u64>(), |_, task| task).is_empty());
    }

    /// A task may hold a whole database.
    #[test]
    fn no_task_is_made_before_a_thread_is_there_to_do_it() {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (made, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let tasks = (0..200).inspect(|_| {
            let at_once = made.fetch_add(1, Ordering::SeqCst) + 1 - done.load(Ordering::SeqCst);
            assert!(at_once <= cores, "{at_once} tasks for {cores} threads");
        });
        let results = in_parallel(Job::quiet(), tasks, |_, task| {
            std::thread::yield_now();
            done.fetch_add(1, Ordering::SeqCst);
            task
        });
        assert_eq!(results.len(), 200);
    }

    #[test]
    fn an_interrupt_reaches_every_thread() {
        let interrupt = Interrupt::new();
        let results = in_parallel(Job::stopped_by(&interrupt), 0..40, |job, task| {
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
