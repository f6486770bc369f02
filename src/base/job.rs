//! What a piece of work is given besides what it works on: who hears of it, and what stops it.

use std::cell::RefCell;
use std::fmt;

use super::error::{Error, ErrorKind, Result};
use super::progress::{Event, Interrupt, Observer};

/// Somebody who hears of the work, and a flag that ends it. Copies are of the same job.
///
/// A thread of its own is given the flag ([`Job::interrupt`]) and makes a job of it ([`Job::stopped_by`]): observers are
/// called on the thread that the job came from.
#[derive(Clone, Copy, Default)]
pub struct Job<'a> {
    listener: Option<&'a dyn Listener>,
    interrupt: Option<&'a Interrupt>,
    on_scratch: bool,
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("interrupt", &self.interrupt).finish_non_exhaustive()
    }
}

/// An observer that is shared by the copies of a job.
trait Listener {
    fn hear(&self, event: Event<'_>);
}

impl<O: Observer> Listener for RefCell<O> {
    fn hear(&self, event: Event<'_>) {
        // An observer that is being told of something has no job that it could tell more of.
        if let Ok(mut observer) = self.try_borrow_mut() {
            observer.event(event);
        }
    }
}

impl<'a> Job<'a> {
    /// Tells `observer`, and ends when `interrupt` is raised.
    pub fn new<O: Observer + 'a>(observer: &'a RefCell<O>, interrupt: &'a Interrupt) -> Job<'a> {
        Job { listener: Some(observer), interrupt: Some(interrupt), on_scratch: false }
    }

    /// Nobody hears of it, and nothing stops it.
    pub fn quiet() -> Job<'a> {
        Job::default()
    }

    /// Nobody hears of it; it ends when `interrupt` is raised.
    pub fn stopped_by(interrupt: &'a Interrupt) -> Job<'a> {
        Job { interrupt: Some(interrupt), ..Job::default() }
    }

    /// A part of the job of which nobody hears.
    #[must_use]
    pub fn quietly(self) -> Job<'a> {
        Job { listener: None, ..self }
    }

    /// A part of the job on a shadow database: what happens is told as [`Event::OnScratch`].
    #[must_use]
    pub fn on_scratch(self) -> Job<'a> {
        Job { on_scratch: true, ..self }
    }

    /// Tells whoever listens.
    pub fn tell(self, event: Event<'_>) {
        let Some(listener) = self.listener else { return };
        listener.hear(if self.on_scratch { Event::OnScratch(&event) } else { event });
    }

    /// Whether the user asked to stop.
    pub fn is_stopped(self) -> bool {
        self.interrupt.is_some_and(Interrupt::is_raised)
    }

    /// Ends the work when the user asked to stop.
    ///
    /// # Errors
    /// `Interrupted` then.
    pub fn check(self) -> Result<()> {
        if self.is_stopped() { Err(stopped()) } else { Ok(()) }
    }

    /// The flag, for what outlives the job: a thread, a connection.
    pub fn interrupt(self) -> Interrupt {
        self.interrupt.cloned().unwrap_or_default()
    }
}

/// What came of it, nothing where it failed. To be stopped is no answer, and stays an error.
pub(crate) fn answer<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
        other => Ok(other.ok()),
    }
}

/// The same of a database. That somebody else holds its lock is no answer either: whoever takes it for one goes on without
/// having looked once the lock is free, and waits for it again before.
pub(crate) fn answer_unlocked<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::Locked => Err(error),
        other => answer(other),
    }
}

/// Why something failed, if it did. To be stopped is no failure, and stays an error.
pub(crate) fn failure(error: Option<Error>) -> Result<Option<Error>> {
    match error {
        Some(error) if error.kind() == ErrorKind::Interrupted => Err(error),
        other => Ok(other),
    }
}

/// The error that ends what the user stopped.
pub(crate) fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted").rolled_back("unfinished changes were rolled back")
}
