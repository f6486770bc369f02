//! For the tests of single commands: their arguments alone, without the rest of the command line.

use std::ffi::OsString;

use clap::{Args, CommandFactory, FromArgMatches, Parser};

use super::Settings;
use super::settings::{Env, GlobalFlags};

#[derive(Parser, Debug)]
#[command(no_binary_name = true)]
struct Alone<T: Args> {
    #[command(flatten)]
    args: T,
    #[command(flatten)]
    flags: GlobalFlags,
}

fn try_parse<T: Args>(line: &str) -> Result<Alone<T>, clap::Error> {
    let words = line.split_whitespace().map(OsString::from);
    let matches = Alone::<T>::command().try_get_matches_from(words)?;
    Alone::from_arg_matches(&matches)
}

/// The arguments of a line that is split at spaces.
pub(crate) fn parse<T: Args>(line: &str) -> T {
    try_parse(line).unwrap().args
}

/// The message with which a line is refused.
pub(crate) fn refused<T: Args>(line: &str) -> String {
    match try_parse::<T>(line) {
        Ok(_) => panic!("`{line}` was accepted"),
        Err(error) => error.to_string(),
    }
}

/// The arguments of a line, and the settings that it and an environment make.
pub(crate) fn with_settings<T: Args>(line: &str, env: &[(&str, &str)]) -> (T, Settings<'static>) {
    let Alone { args, flags } = try_parse(line).unwrap();
    (args, settings_of(flags, env))
}

/// Settings from an environment alone.
pub(crate) fn settings(env: &[(&str, &str)]) -> Settings<'static> {
    settings_of(GlobalFlags::default(), env)
}

fn settings_of(flags: GlobalFlags, env: &[(&str, &str)]) -> Settings<'static> {
    let env: Vec<(String, String)> =
        env.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
    // Not this project's own folder: its planctl.toml is none of the tests' business.
    // Tests end with the process: what they leak is gone with it.
    let env: &'static Env<'static> = Box::leak(Box::new(move |name: &str| {
        env.iter().find(|(key, _)| key == name).map(|(_, value)| OsString::from(value))
    }));
    Settings::load(flags, env, &std::env::temp_dir()).unwrap()
}
