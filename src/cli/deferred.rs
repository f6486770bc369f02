//! Definitions that are made when they are needed: each run needs those of one command.

use std::cell::RefCell;
use std::ffi::OsString;
use std::ops::Deref;

use clap::error::Result;
use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};

thread_local! {
    /// The arguments that definitions are made for; `None` while all are made.
    static WANTED: RefCell<Option<Vec<OsString>>> = const { RefCell::new(None) };
}

/// Reads `args` by definitions of nothing but the commands that they name, each made once it is found among them. What is
/// read is what complete definitions read. They cannot show the help, which says what each command is for.
pub(super) fn reading<T>(args: &[OsString], read: impl FnOnce() -> T) -> T {
    WANTED.set(Some(args.to_vec()));
    let result = read();
    WANTED.set(None);
    result
}

fn defers() -> bool {
    WANTED.with_borrow(Option::is_some)
}

/// The arguments of a command, or its subcommands.
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
        if defers() { command.defer(T::augment_args) } else { T::augment_args(command) }
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::augment_args_for_update(command)
    }
}

impl<T: Subcommand> Subcommand for Deferred<T> {
    fn augment_subcommands(command: Command) -> Command {
        if defers() { command.defer(with_named::<T>) } else { T::augment_subcommands(command) }
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        T::augment_subcommands_for_update(command)
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

/// Adds those subcommands whose names are among the arguments. To each, clap gives a copy of every global option.
fn with_named<T: Subcommand>(command: Command) -> Command {
    let all = T::augment_subcommands(Command::default());
    let is_named = |command: &&Command| {
        let mut names = command.get_all_aliases().chain([command.get_name()]);
        WANTED.with_borrow(|wanted| names.any(|name| wanted.iter().flatten().any(|arg| arg == name)))
    };
    command.subcommands(all.get_subcommands().filter(is_named).cloned())
}

impl<T: FromArgMatches> FromArgMatches for Deferred<T> {
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
