//! How the house is built: which room may use which, and that each of them can be read. docs/architecture.md says why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use source::{Module, Source, circles, parse};

static SOURCE: LazyLock<Source> =
    LazyLock::new(|| Source::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));

/// Room → the rooms that it may use besides itself and the ground, as the map in docs/architecture.md has it. A room of the
/// engine is a folder below it; `engine` is what the others see of it.
static MAP: LazyLock<BTreeMap<String, BTreeSet<String>>> = LazyLock::new(|| {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `src/")?.split_once("/` | "));
    rows.map(|(room, row)| {
        let may = row.trim_end_matches('|').rsplit_once('|').unwrap().1;
        let may = may.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        (room.to_owned(), may.collect())
    })
    .collect()
});

/// What every room stands on.
const GROUND: [&str; 2] = ["base", "sql"];

/// Files that pass on what others have, and are no room.
const DOORS: [&str; 2] = ["lib", "internals"];

/// The rooms of SQLite's language.
const LANGUAGE: [&str; 5] = ["ddl", "diff", "plan", "schema", "sql"];

/// The room that a module is in.
fn room(module: &Module) -> String {
    match module.as_slice() {
        [] => "lib".to_owned(),
        [engine, room, ..] if engine == "engine" && is_folder(&module[..2]) => format!("engine/{room}"),
        [room, ..] => room.clone(),
    }
}

/// The room that `from` sees a module in: to those outside, the engine is one thing with its contract.
fn room_seen(from: &str, module: &Module) -> String {
    match room(module) {
        contract if contract == "engine/contract" && !from.starts_with("engine") => "engine".to_owned(),
        room => room,
    }
}

/// Whether a module has others below it.
fn is_folder(module: &[String]) -> bool {
    SOURCE.files.keys().any(|other| other.len() > module.len() && other.starts_with(module))
}

fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let mut rooms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in SOURCE.files.keys().filter(|file| !DOORS.contains(&room(file).as_str())) {
        let from = room(file);
        let uses = rooms.entry(from.clone()).or_default();
        uses.extend(
            SOURCE.used_by(file).iter().map(|used| room_seen(&from, used)).filter(|used| *used != from),
        );
    }
    rooms
}

/// Fails with a line for each of `wrong`.
#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_room_uses_one_that_it_may_not() {
    let mut wrong = Vec::new();
    for file in SOURCE.files.keys() {
        let from = room(file);
        if DOORS.contains(&from.as_str()) {
            continue;
        }
        let may = MAP.get(&from).unwrap_or_else(|| panic!("the room `{from}` is not on the map"));
        for used in SOURCE.used_by(file) {
            let to = room_seen(&from, &used);
            if to != from && !GROUND.contains(&to.as_str()) && !may.contains(&to) {
                wrong.push(format!("src/{} uses src/{}", SOURCE.files[file].name, SOURCE.files[&used].name));
            }
        }
    }
    none(&wrong);
}

#[test]
fn what_a_room_may_use_it_does_use() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (from, may) in &*MAP {
        let uses = rooms.get(from).unwrap_or_else(|| panic!("there is no room `{from}`"));
        wrong.extend(may.difference(uses).map(|to| format!("{from} does not use {to}")));
    }
    none(&wrong);
}

#[test]
fn no_two_rooms_use_each_other() {
    let wrong: Vec<String> = circles(&rooms()).iter().map(|circle| circle.join(", ")).collect();
    none(&wrong);
}

#[test]
fn no_two_files_use_each_other() {
    let named = |circle: &Vec<Module>| {
        circle.iter().map(|file| format!("src/{}", SOURCE.files[file].name)).collect::<Vec<_>>().join(", ")
    };
    none(&SOURCE.circles().iter().map(named).collect::<Vec<_>>());
}

#[test]
fn a_folder_can_be_seen_at_one_look() {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for file in SOURCE.files.values() {
        *files.entry(file.name.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default() += 1;
    }
    let full = files.iter().filter(|(_, count)| **count > 16);
    none(&full.map(|(folder, count)| format!("src/{folder}: {count} files")).collect::<Vec<_>>());
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let long = SOURCE.files.values().filter(|file| file.lines > 500);
    none(&long.map(|file| format!("src/{}: {} lines", file.name, file.lines)).collect::<Vec<_>>());
    let mut lines: Vec<usize> = SOURCE.files.values().map(|file| file.lines).collect();
    lines.sort_unstable();
    assert!(lines[lines.len() / 2] < 150, "half of the files have {} lines or more", lines[lines.len() / 2]);
}

#[test]
fn a_function_can_be_seen_at_one_look() {
    let mut wrong = Vec::new();
    for file in SOURCE.files.values() {
        let long = file.functions.iter().filter(|(_, _, lines)| *lines > 80);
        wrong.extend(long.map(|(name, at, lines)| format!("src/{}:{at}: {name}: {lines} lines", file.name)));
    }
    none(&wrong);
}

#[test]
fn rusqlite_and_refinery_are_the_engines_alone() {
    let mut wrong = Vec::new();
    for (module, file) in &SOURCE.files {
        let theirs = ["rusqlite", "refinery", "refinery_core"];
        if !module.is_empty() && !room(module).starts_with("engine") {
            let used = theirs.iter().filter(|name| file.crates.contains(**name));
            wrong.extend(used.map(|name| format!("src/{} uses {name}", file.name)));
        }
    }
    none(&wrong);
}

#[test]
fn only_language_and_engine_use_the_words_of_sqlite() {
    const MESSAGES: [&str; 8] = [
        "no such table",
        "no such column",
        "no such function",
        "constraint failed",
        "foreign key mismatch",
        "database is locked",
        "is not a database",
        "error in ",
    ];
    // What tells people about a rule shows what breaks it.
    // What a test can expect is shown to its author by an example.
    let explains = |name: &str| {
        name == "audit/rules.rs"
            || name.starts_with("migrations/lint/")
            || name == "migrations/testing/parse.rs"
    };
    let mut wrong = Vec::new();
    for (module, file) in &SOURCE.files {
        let room = room(module);
        if room.starts_with("engine") || LANGUAGE.contains(&room.as_str()) {
            continue;
        }
        for (line, text) in &file.texts {
            let is_rowid = ["rowid", "_rowid_", "oid"].contains(&text.as_str());
            let is_spoken =
                text.starts_with("PRAGMA ") || MESSAGES.iter().any(|message| text.contains(message));
            if is_rowid || is_spoken && !explains(&file.name) {
                wrong.push(format!("src/{}:{line}: {text:?}", file.name));
            }
        }
    }
    none(&wrong);
}

#[test]
fn the_reader_sees_what_there_is_to_see() {
    let text = r#"
        use super::{sibling, other::{self, Thing as Renamed}};
        pub use self::below::Passed;
        mod below;
        mod inline { use super::super::up::X; }
        #[cfg(test)]
        mod tests { use crate::never::Seen; }
        #[cfg(all(test, feature = "cli"))]
        mod more_tests { use crate::never::Seen; }
        fn call() { crate::far::away::call(); println!("{}", crate::inside::MACRO); below::direct(); rusqlite::x(); }
    "#;
    let file = parse("room/file.rs", text, &["room".to_owned(), "file".to_owned()]);
    let source = Source { files: [(vec!["room".to_owned(), "file".to_owned()], file)].into() };
    let file = source.files.values().next().unwrap();
    let paths: Vec<String> = file.paths().iter().map(|path| path.join("::")).collect();
    let expected = [
        "far::away::call",
        "inside::MACRO",
        "room::file::below::direct",
        "room::other",
        "room::other::Thing",
        "room::sibling",
        "room::up::X",
    ];
    assert_eq!(paths, expected);
    assert!(file.crates.contains("rusqlite") && !file.crates.contains("crate"));
    assert_eq!(file.lines, 11 - 4, "tests do not count");
    let arrows = [("a", ["b"]), ("b", ["c"]), ("c", ["b"])];
    let arrows = arrows.into_iter().map(|(from, to)| (from, to.into_iter().collect())).collect();
    assert_eq!(circles(&arrows), [["b", "c"]]);
}
