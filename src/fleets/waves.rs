//! Who has a turn when: canaries one by one, then the rest in parallel, those that were locked once more at the end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::base::progress::Interrupt;

/// How a run over a fleet is limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many go first, one by one; one failure among them is the end.
    pub canary: usize,
    /// How many have their turn at the same time.
    pub jobs: usize,
    /// How many may fail before no further one starts.
    pub failures: usize,
    /// How long to wait for a lock.
    pub patience: Duration,
}

/// What came of one turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// Somebody else holds the lock.
    Locked,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Everyone had a turn.
    Complete,
    /// A canary failed.
    Canary,
    /// Too many failed.
    Failures,
    /// The user asked to stop.
    Stopped,
}

/// How long a turn waits for a lock when another one comes later.
const SHORTLY: Duration = Duration::from_millis(500);

/// Between two turns of the same one.
const PAUSE: Duration = Duration::from_millis(20);

/// Gives each of `order` its turn. `work` has it: it is told how long to wait for a lock, and runs on threads of its own; so
/// many have `failed` before. What came of it is `heard` here, once for each who had a turn. Who has begun comes to an end.
pub fn turns<T: Send>(
    order: &[usize],
    limits: Limits,
    failed: usize,
    stop: &Interrupt,
    work: impl Fn(usize, Duration) -> (T, Verdict) + Sync,
    mut heard: impl FnMut(usize, T, Verdict),
) -> End {
    let failures = AtomicUsize::new(failed);
    let (canaries, rest) = order.split_at(limits.canary.min(order.len()));
    let end = || {
        if stop.is_raised() {
            Some(End::Stopped)
        } else if failures.load(Ordering::SeqCst) >= limits.failures {
            Some(End::Failures)
        } else {
            None
        }
    };
    for &canary in canaries {
        if let Some(end) = end() {
            return end;
        }
        let since = Instant::now();
        let (result, verdict) = loop {
            let (result, verdict) = work(canary, SHORTLY.min(limits.patience));
            if verdict != Verdict::Locked || since.elapsed() >= limits.patience || stop.is_raised() {
                break (result, verdict);
            }
            thread::sleep(PAUSE);
        };
        heard(canary, result, verdict);
        if verdict != Verdict::Done {
            return if stop.is_raised() { End::Stopped } else { End::Canary };
        }
    }
    let mut waiting = rest.to_vec();
    let mut since: Option<Instant> = None;
    while !waiting.is_empty() {
        let left = since.map_or(limits.patience, |since| limits.patience.saturating_sub(since.elapsed()));
        let is_last = since.is_some() && left.is_zero() || limits.patience.is_zero();
        let (mut begun, mut locked) = (0, Vec::new());
        let turn = |number| {
            let (result, verdict) = work(number, SHORTLY.min(left));
            if verdict == Verdict::Failed || verdict == Verdict::Locked && is_last {
                failures.fetch_add(1, Ordering::SeqCst);
            }
            (result, verdict)
        };
        side_by_side(&waiting, limits.jobs, &|| end().is_none(), &turn, |number, result, verdict| {
            begun += 1;
            if verdict == Verdict::Locked && !is_last {
                locked.push((number, result));
            } else {
                heard(number, result, verdict);
            }
        });
        if let Some(end) = end().filter(|_| begun < waiting.len() || !locked.is_empty()) {
            locked.into_iter().for_each(|(number, result)| heard(number, result, Verdict::Locked));
            return end;
        }
        since.get_or_insert_with(Instant::now);
        waiting = locked.into_iter().map(|(number, _)| number).collect();
        waiting.sort_unstable();
        if !waiting.is_empty() {
            thread::sleep(PAUSE);
        }
    }
    if stop.is_raised() { End::Stopped } else { End::Complete }
}

/// What threads have done that nobody has heard of yet.
struct Unheard<T> {
    came: Mutex<Came<T>>,
    ended: Condvar,
}

struct Came<T> {
    results: Vec<(usize, T, Verdict)>,
    /// How many threads still work.
    working: usize,
}

impl<T> Unheard<T> {
    fn locked(&self) -> MutexGuard<'_, Came<T>> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that works; also one that panics comes to an end.
struct Working<'a, T>(&'a Unheard<T>);

impl<T> Drop for Working<'_, T> {
    fn drop(&mut self) {
        self.0.locked().working -= 1;
        self.0.ended.notify_one();
    }
}

/// How often somebody hears of what came: to be woken for each would take longer than many a turn.
const HEARD: Duration = Duration::from_millis(20);

/// Gives each of `waiting` its turn on one of `jobs` threads, as long as it `goes_on`.
fn side_by_side<T: Send>(
    waiting: &[usize],
    jobs: usize,
    goes_on: &(dyn Fn() -> bool + Sync),
    turn: &(dyn Fn(usize) -> (T, Verdict) + Sync),
    mut heard: impl FnMut(usize, T, Verdict),
) {
    let next = &AtomicUsize::new(0);
    let threads = jobs.min(waiting.len());
    let came = Mutex::new(Came { results: Vec::new(), working: threads });
    let unheard = &Unheard { came, ended: Condvar::new() };
    let next = || {
        let begins = goes_on();
        begins.then(|| waiting.get(next.fetch_add(1, Ordering::SeqCst)).copied()).flatten()
    };
    let next = &next;
    thread::scope(|scope| {
        for begun in 0..threads {
            let work = move || {
                let working = Working(unheard);
                while let Some(number) = next() {
                    let (result, verdict) = turn(number);
                    working.0.locked().results.push((number, result, verdict));
                }
            };
            // Where the system gives no further thread, those that there are do the work.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                unheard.locked().working -= threads - begun;
                break;
            }
        }
        loop {
            let came = unheard.locked();
            let waited = unheard.ended.wait_timeout_while(came, HEARD, |came| came.working > 0);
            let (mut came, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let (results, working) = (std::mem::take(&mut came.results), came.working);
            drop(came);
            results.into_iter().for_each(|(number, result, verdict)| heard(number, result, verdict));
            if working == 0 {
                break;
            }
        }
        // What is left where there is not a single one.
        while let Some(number) = next() {
            let (result, verdict) = turn(number);
            heard(number, result, verdict);
        }
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const LIMITS: Limits = Limits { canary: 1, jobs: 2, failures: 2, patience: Duration::from_secs(5) };

    /// Who had a turn, and how it ended.
    fn run(count: usize, limits: Limits, verdict: impl Fn(usize) -> Verdict + Sync) -> (Vec<usize>, End) {
        let order: Vec<usize> = (0..count).collect();
        let mut had = Vec::new();
        let end =
            turns(&order, limits, 0, &Interrupt::new(), |n, _| ((), verdict(n)), |n, (), _| had.push(n));
        had.sort_unstable();
        (had, end)
    }

    #[test]
    fn a_canary_that_fails_is_the_end() {
        let failing = |at| move |n| if n == at { Verdict::Failed } else { Verdict::Done };
        assert_eq!(run(9, LIMITS, failing(0)), (vec![0], End::Canary));
        assert_eq!(run(9, Limits { canary: 3, ..LIMITS }, failing(2)), (vec![0, 1, 2], End::Canary));
        assert_eq!(run(9, LIMITS, failing(5)), ((0..9).collect(), End::Complete));
        assert_eq!(run(2, Limits { canary: 5, ..LIMITS }, |_| Verdict::Done), (vec![0, 1], End::Complete));
    }

    #[test]
    fn once_so_many_have_failed_no_further_one_begins() {
        let (had, end) = run(50, LIMITS, |n| if n > 0 { Verdict::Failed } else { Verdict::Done });
        assert_eq!(end, End::Failures);
        // Two were begun when the second failed.
        assert!((3..=4).contains(&had.len()), "{had:?}");
        let one = Limits { jobs: 1, failures: 1, ..LIMITS };
        assert_eq!(run(9, one, |n| if n == 8 { Verdict::Failed } else { Verdict::Done }).1, End::Complete);
    }

    #[test]
    fn who_was_locked_has_another_turn_at_the_end_until_it_has_waited_long_enough() {
        let tries = Mutex::new(Vec::new());
        let locked = |n: usize| {
            tries.lock().unwrap().push(n);
            let so_far = tries.lock().unwrap().iter().filter(|tried| **tried == n).count();
            if n == 2 && so_far < 3 { Verdict::Locked } else { Verdict::Done }
        };
        assert_eq!(run(5, LIMITS, locked), ((0..5).collect(), End::Complete));
        assert_eq!(tries.lock().unwrap().iter().filter(|tried| **tried == 2).count(), 3);
        let never = |n| if n == 1 { Verdict::Locked } else { Verdict::Done };
        let impatient = Limits { patience: Duration::from_millis(20), ..LIMITS };
        assert_eq!(run(3, impatient, never), ((0..3).collect(), End::Complete));
    }

    #[test]
    fn a_turn_that_panics_ends_the_run_with_its_panic() {
        let turn = |n| if n == 5 { std::panic::resume_unwind(Box::new(n)) } else { Verdict::Done };
        let panicked = std::panic::catch_unwind(|| run(9, LIMITS, turn));
        assert!(panicked.is_err());
    }

    #[test]
    fn who_has_begun_comes_to_an_end_and_no_other_begins() {
        let stop = Interrupt::new();
        let mut had = 0;
        let work = |n, _| {
            if n == 3 {
                stop.raise();
            }
            ((), Verdict::Done)
        };
        let order: Vec<usize> = (0..100).collect();
        let end = turns(&order, LIMITS, 0, &stop, work, |_, (), _| had += 1);
        assert_eq!(end, End::Stopped);
        assert!((4..=5).contains(&had), "{had}");
    }
}
