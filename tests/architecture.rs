//! Arrows between the parts point one way only: who may use whom is written down here, and every `use crate::…` and
//! `crate::…` path in `src` is held against it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands under everything: any part may use it.
const GROUND: [&str; 13] = [
    "directive",
    "error",
    "escape",
    "finding",
    "job",
    "nearest",
    "progress",
    "replacement",
    "rule",
    "severity",
    "source",
    "sql",
    "toml_error",
];

/// Part → the parts it may use besides the ground and itself.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("directive", vec![]),
        ("error", vec![]),
        ("finding", vec![]),
        ("job", vec![]),
        ("nearest", vec![]),
        ("progress", vec![]),
        ("replacement", vec![]),
        ("rule", vec![]),
        ("source", vec![]),
        ("severity", vec![]),
        ("sql", vec![]),
        ("escape", vec![]),
        ("toml_error", vec![]),
        ("schema", vec![]),
        ("ddl", vec!["schema"]),
        ("diff", vec!["schema"]),
        ("backfill", vec![]),
        ("queries", vec!["values"]),
        ("sample", vec![]),
        ("values", vec!["schema"]),
        ("migrations", vec!["backfill", "ddl", "schema"]),
        ("audit", vec!["ddl", "diff", "schema", "values"]),
        ("plan", vec!["ddl", "diff", "schema"]),
        (
            "engine",
            vec!["backfill", "ddl", "diff", "migrations", "plan", "queries", "sample", "schema", "values"],
        ),
        ("report", vec!["queries"]),
        (
            "commands",
            vec![
                "audit",
                "backfill",
                "ddl",
                "diff",
                "engine",
                "migrations",
                "plan",
                "queries",
                "report",
                "sample",
                "schema",
                "values",
            ],
        ),
        (
            "cli",
            vec![
                "audit",
                "backfill",
                "commands",
                "engine",
                "migrations",
                "queries",
                "report",
                "sample",
                "schema",
            ],
        ),
        // What an application embeds: like a command, it may use everything below the command line.
        (
            "embed",
            vec![
                "audit",
                "backfill",
                "commands",
                "ddl",
                "diff",
                "engine",
                "migrations",
                "plan",
                "schema",
                "values",
            ],
        ),
        ("lib", vec!["embed", "engine"]),
        ("main", vec!["cli"]),
    ])
}

fn source_files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The code of a file without its tests and its comments.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn is_test(name: &str) -> bool {
    name.contains("test") || name.ends_with("fixtures.rs")
}

fn parts_used(code: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for path in ["crate::", "planctl::"] {
        for (at, _) in code.match_indices(path) {
            let rest = &code[at + path.len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(group) => group.split('}').next().unwrap_or_default().split(',').collect(),
                None => vec![rest],
            };
            for name in names {
                let name: String =
                    name.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                parts.push(name);
            }
        }
    }
    parts
}

#[test]
fn no_part_uses_one_above_it() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        if is_test(&name) {
            continue;
        }
        let part = name.split(['/', '.']).next().unwrap();
        let may =
            allowed.get(part).unwrap_or_else(|| panic!("src/{name}: the part `{part}` is not in the list"));
        for used in parts_used(&code(&text)) {
            let known = allowed.contains_key(used.as_str());
            if known && used != part && !GROUND.contains(&used.as_str()) && !may.contains(&used.as_str()) {
                wrong.push(format!("src/{name} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rusqlite_and_refinery_live_in_the_sqlite_engine_alone() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let code = code(&text);
        for krate in ["rusqlite", "refinery", "refinery_core"] {
            let uses = code.contains(&format!("{krate}::")) || code.contains(&format!("use {krate}"));
            if uses && !name.starts_with("engine/sqlite") && !is_test(&name) {
                wrong.push(format!("src/{name} uses {krate}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| !is_test(name))
        .map(|(name, text)| (name, text.split("#[cfg(test)]").next().unwrap_or_default().lines().count()))
        .filter(|(_, lines)| *lines > 500)
        .map(|(name, lines)| format!("src/{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_checks_see_what_they_look_for() {
    assert_eq!(
        parts_used("use crate::{cli, engine::x};\nlet a = crate::audit::b();"),
        ["cli", "engine", "audit"]
    );
    assert_eq!(code("// crate::cli\nlet a = 1;\n#[cfg(test)]\nmod tests {\nuse crate::cli;"), "let a = 1;");
}

/// SQLite's messages in the code of a file: line by line, comments and tests left out.
fn messages_in(code: &str) -> Vec<String> {
    const MESSAGES: [&str; 20] = [
        "no such table",
        "no such column",
        "no such index",
        "no such view",
        "no such trigger",
        "no such function",
        "no such collation",
        "no such module",
        "no such tokenizer",
        "has no column named",
        "constraint failed:",
        "foreign key mismatch",
        "datatype mismatch",
        "already exists",
        "because it is a view",
        "error in view",
        "error in trigger",
        "malformed database",
        "syntax error",
        "should this be a string",
    ];
    let told = |line: &&str| MESSAGES.iter().any(|message| line.contains(message));
    code.lines().filter(told).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn what_sqlite_says_is_read_in_one_place() {
    // What is shown to users as an example of a message, or of a comment in a specification.
    let shown = ["audit/rules.rs", "migrations/testing/parse.rs"];
    let (mut read, mut seen) = (Vec::new(), 0);
    for (name, text) in sources() {
        let found = messages_in(&code(&text));
        match name.as_str() {
            "engine/sqlite/fault.rs" => seen = found.len(),
            name if is_test(name) || shown.contains(&name) => {}
            name => read.extend(found.into_iter().map(|line| format!("{name}: {line}"))),
        }
    }
    assert!(read.is_empty(), "ask `Fault` instead:\n{}", read.join("\n"));
    assert!(seen > 5, "the one place is not where it was");
}
