//! The short form of the fuzz targets in `fuzz/`: each law on its first inputs, on what fuzzing has found, and on inputs
//! that chance makes of both. docs/safety.md says how the long form is run and what came of it.
//!
//! `PLANCTL_FUZZ=N` tries N inputs of each target; `PLANCTL_FUZZ_SEEDS=DIR` writes the first inputs for the long form.

#[path = "../../fuzz/laws/mod.rs"]
mod laws;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use laws::TARGETS;

use crate::generators::dice::Dice;
use crate::harness::form;

/// The inputs that fuzzing found worth keeping: what once broke a law, and what reaches code that the seeds do not.
fn found(target: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found").join(target);
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

fn check(name: &str, hold: fn(&[u8]), input: &[u8]) {
    if let Err(cause) = catch_unwind(AssertUnwindSafe(|| hold(input))) {
        let file = std::env::temp_dir().join(format!("planctl-fuzz-{name}"));
        fs::write(&file, input).unwrap();
        let message = cause.downcast_ref::<String>().map(String::as_str);
        let message = message.or(cause.downcast_ref::<&str>().copied()).unwrap_or_default();
        panic!("{name}: {message}; the input is {}", file.display());
    }
}

/// An input with a few places changed, or with parts of another.
fn mutated(dice: &mut Dice, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut input = dice.of(inputs).clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(input.len() + 1);
        let len = dice.below(9).min(input.len() - at);
        match dice.below(6) {
            0 if at < input.len() => input[at] ^= 1 << dice.below(8),
            1 if at < input.len() => {
                input[at] = *dice.of(&[0, 0xFF, b'\'', b'"', b';', b'(', b'-', b'\n', 0x80])
            }
            2 => drop(input.drain(at..at + len)),
            3 => {
                let again = input[at..at + len].to_vec();
                input.splice(at..at, again);
            }
            4 => input.truncate(at),
            _ => {
                let other = dice.of(inputs);
                let from = dice.below(other.len() + 1);
                let to = (from + dice.below(64)).min(other.len());
                input.splice(at..at + len, other[from..to].iter().copied());
            }
        }
    }
    input
}

/// The law of a target, on its inputs and on as many that chance makes of them as the form has it.
fn hold(target: &str, short: usize, long: usize) {
    let target = TARGETS.into_iter().find(|known| known.name == target).unwrap();
    let (name, law, seeds) = (target.name, target.hold, (target.seeds)());
    if let Some(dir) = std::env::var_os("PLANCTL_FUZZ_SEEDS") {
        let dir = Path::new(&dir).join(name);
        fs::create_dir_all(&dir).unwrap();
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(dir.join(format!("seed-{at:03}")), seed).unwrap();
        }
        return;
    }
    let inputs = [seeds, found(name)].concat();
    inputs.iter().for_each(|input| check(name, law, input));
    let count =
        std::env::var("PLANCTL_FUZZ").map_or_else(|_| form(short, long), |count| count.parse().unwrap());
    let mut dice = Dice::new(1);
    for _ in 0..count {
        check(name, law, &mutated(&mut dice, &inputs));
    }
}

#[test]
fn any_text_has_tokens_and_statements() {
    hold("tokens", 1_500, 3_000);
}

#[test]
fn any_migration_files_are_judged() {
    hold("migrations", 100, 300);
}

#[test]
fn any_spec_audits_clean_against_itself() {
    hold("spec", 80, 300);
}

#[test]
fn any_settings_and_ledger_are_read() {
    hold("settings", 150, 400);
}

#[test]
fn no_report_writes() {
    hold("query", 100, 300);
}

#[test]
fn any_bytes_as_a_database_are_only_read() {
    hold("database", 100, 300);
}
