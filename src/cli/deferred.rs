//! Definitions that are made when they are needed: each run needs those of one command.

use std::cell::Cell;
use std::ops::Deref;

use clap::error::Result;
use clap::{ArgMatches, Args, Command, FromArgMatches};

thread_local! {
    static DEFERS: Cell<bool> = const { Cell::new(false) };
}

/// The definitions that `define` gives, in which a command has no more than its name until it is found in the arguments.
/// They read what complete definitions read; they cannot show the help, which says what each command is for.
pub(super) fn deferring(define: impl FnOnce() -> Command) -> Command {
    DEFERS.set(true);
    let command = define();
    DEFERS.set(false);
    command
}

/// The arguments of a command.
#[derive(Debug)]
pub(super) struct Deferred<T>(T);

impl<T> Deref for Deferred<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: Command) -> Command {
        if DEFERS.get() { command.defer(T::augment_args) } else { T::augment_args(command) }
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: Args> FromArgMatches for Deferred<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self> {
        T::from_arg_matches(matches).map(Deferred)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self> {
        T::from_arg_matches_mut(matches).map(Deferred)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<()> {
        self.0.update_from_arg_matches(matches)
    }
}
