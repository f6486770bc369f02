//! The documents are true: every command in them is run and gives what they show, every link, file, flag, setting and
//! test that they name exists.
//!
//! A block marked `console` is a session: lines that begin with `$ ` are run by `sh`, one after the other, in a clone per
//! document: a folder with a copy of the shipped migrations, spec and tests. Each has to exit with 0 and to print what
//! stands below it; the document has to leave the clone as it was. `PLANCTL_DOCUMENTS=all` also runs all documents one
//! after the other in one clone. A line `...` stands for any number of lines. Ids, times, durations, versions and the
//! width of columns may differ. A block marked `sh` holds what is not run here: commands of cargo and git.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes what is printed today into the blocks that differ.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../harness/mod.rs"]
mod harness;

mod ci_files;
mod markdown;
mod session;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use markdown::Document;
use planctl::internals::base::rule::LintRule;
use planctl::internals::migrations::lint::rule;
use regex::Regex;

/// Tests run at the same time, and two of them write documents when they are asked to.
static WRITING: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn documents() -> Vec<Document> {
    let mut paths: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].into_iter().map(PathBuf::from).collect();
    let docs = fs::read_dir(root().join("docs")).unwrap();
    paths.extend(docs.map(|entry| Path::new("docs").join(entry.unwrap().file_name())));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.sort();
    paths.into_iter().map(|path| Document::read(root(), path)).collect()
}

fn assert_none(wrong: &BTreeSet<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.iter().cloned().collect::<Vec<_>>().join("\n"));
}

/// All files below `folders`, as one text.
fn text_of(folders: &[&str]) -> String {
    let mut text = String::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

/// `--help` of every command, by its words: "", "migrate", "migrate up", …
fn helps() -> BTreeMap<String, String> {
    let mut helps = BTreeMap::new();
    let mut waiting = vec![Vec::<String>::new()];
    let command = Regex::new(r"^  ([a-z][a-z-]*)(?:  .*)?$").unwrap();
    while let Some(words) = waiting.pop() {
        let output = harness::planctl(root(), &words).arg("--help").output().unwrap();
        assert!(output.status.success(), "{words:?}");
        let help = String::from_utf8(output.stdout).unwrap();
        let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        for line in list.take_while(|line| !line.is_empty()) {
            // `help` repeats what the others say.
            let Some(found) = command.captures(line).filter(|found| &found[1] != "help") else { continue };
            waiting.push(words.iter().cloned().chain([found[1].to_owned()]).collect());
        }
        helps.insert(words.join(" "), help);
    }
    assert!(helps.len() > 8, "the commands were not found: {:?}", helps.keys());
    helps
}

fn flags(text: &str) -> impl Iterator<Item = &str> {
    let flag = |word: &&str| word.len() > 1 && word.starts_with('-') && !word.starts_with("-- ");
    let words = text.split([' ', '\n', '=', '[', ']', '|', ',']).filter(flag);
    words.filter(|word| word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn has_flag(help: &str, flag: &str) -> bool {
    help.split([' ', '\n', ',', '.', '[']).any(|word| word == flag)
}

#[test]
fn every_command_gives_what_the_documents_show() {
    let bless = std::env::var_os("UPDATE_DOCS").is_some();
    let _writing = WRITING.lock();
    let mut documents = documents();
    if Command::new("sqlite3").arg("--version").output().is_err() {
        documents.retain(|document| {
            let calls = document
                .blocks
                .iter()
                .flat_map(|block| &block.lines)
                .any(|line| line.starts_with("$ sqlite3 "));
            if calls {
                eprintln!("skipped: {} calls sqlite3, which is not installed", document.path.display());
            }
            !calls
        });
    }
    let run = |document: &Document| session::run(root(), document, bless);
    let mut failures: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = documents.iter().map(|document| scope.spawn(move || run(document))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    if failures.is_empty() && std::env::var_os("PLANCTL_DOCUMENTS").is_some_and(|form| form == "all") {
        failures = session::run_all(root(), &documents);
    }
    assert!(
        failures.is_empty(),
        "\n{}\n\nUPDATE_DOCS=1 cargo test --test docs writes what is printed today",
        failures.join("\n\n")
    );
}

/// What takes long, or needs cargo, is run elsewhere: by `.ci/run`, as it stands in the documents.
#[test]
fn what_is_not_run_here_is_run_by_the_gate() {
    let gate = read(".ci/run").replace(" --locked", "");
    let gate: BTreeSet<&str> = gate.lines().map(str::trim).collect();
    let manifest = read("Cargo.toml") + &read("examples/plans/Cargo.toml");
    // Needs a container engine, which no test may assume; docs/ci.md and the file it builds from say the same.
    let container = read("Dockerfile");
    // They need a release, or tools for packages; this one says which of them it tries, and how.
    let packages = read(".ci/try-packages");
    let (fuzz, seeds) = (read("fuzz/Cargo.toml"), read("tests/hostile/fuzz.rs"));
    let mut wrong = BTreeSet::new();
    let mut in_readme = BTreeSet::new();
    for document in documents() {
        for block in document.blocks.iter().filter(|block| block.language == "sh") {
            for line in &block.lines {
                let fuzzing = line
                    .strip_prefix("cargo +nightly fuzz run -O ")
                    .and_then(|rest| rest.split(' ').next())
                    .map(str::to_owned);
                let bench = line.strip_prefix("cargo bench --bench ").and_then(|rest| rest.split(' ').next());
                // The gate tests several packages at once.
                let package = line.strip_prefix("cargo test -p ").map(|name| format!(" -p {name} "));
                let is_tested = |name: &String| {
                    gate.iter()
                        .any(|tests| tests.starts_with("cargo test ") && format!("{tests} ").contains(name))
                };
                let known = gate.contains(line.as_str())
                    || package.as_ref().is_some_and(is_tested)
                    || line.starts_with("UPDATE_DOCS=1 cargo test --test docs")
                    || line == "cargo install --path ."
                    // Where `cargo run` leaves the program.
                    || line == "export PATH=\"$PWD/target/debug:$PATH\""
                    || line == "./.ci/run"
                    // The form that takes hours: of a target that there is.
                    || fuzzing.as_deref().is_some_and(|name| fuzz.contains(&format!("name = \"{name}\"")))
                    || (line == "PLANCTL_FUZZ_SEEDS=fuzz/corpus cargo test --test hostile fuzz::"
                        && seeds.contains("PLANCTL_FUZZ_SEEDS"))
                    || (line.starts_with("docker ") && container.contains(&format!("#   {line}\n")))
                    || packages.contains(&format!("# {line}\n"))
                    // From where: ci_files.rs. Without a release only the fields that it reads can be looked at.
                    || line.starts_with("cargo install --locked --git ")
                    || (line.starts_with("cargo binstall --git ")
                        && manifest.contains("[package.metadata.binstall]"))
                    || (line.starts_with("gh attestation verify ")
                        && read(".github/workflows/release.yml").contains("actions/attest-build-provenance@"))
                    || bench.is_some_and(|name| manifest.contains(&format!("name = \"{name}\"")));
                if !known {
                    wrong.insert(format!("{}: nothing shows that `{line}` works", document.path.display()));
                }
                if document.path == Path::new("README.md") {
                    in_readme.insert(line.clone());
                }
            }
        }
    }
    assert_none(&wrong);
    for command in ["cargo run -- check", "cargo test"] {
        assert!(in_readme.contains(command), "the README does not show `{command}`");
        assert!(gate.contains(command), ".ci/run does not run `{command}`");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    let mut wrong = BTreeSet::new();
    for document in &documents {
        for link in document.links() {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = document.path.parent().unwrap();
            let target = if file.is_empty() { document.path.clone() } else { folder.join(file) };
            let Ok(text) = fs::read_to_string(root().join(&target)) else {
                if !root().join(&target).is_dir() {
                    wrong.insert(format!("{}: there is no {link}", document.path.display()));
                }
                continue;
            };
            if !anchor.is_empty() && !markdown::anchors(&text).contains(anchor) {
                wrong.insert(format!("{}: {link} has no such heading", document.path.display()));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_flag_and_command_exists() {
    let helps = helps();
    let mut wrong = BTreeSet::new();
    for document in documents() {
        for code in document.code_spans() {
            let mut miss = |what: &str| {
                wrong.insert(format!("{}: `{code}`: {what}", document.path.display()));
            };
            if let Some(line) = code.strip_prefix("planctl ") {
                let mut command = String::new();
                for word in line.split(' ') {
                    let longer = format!("{command} {word}").trim_start().to_owned();
                    if !helps.contains_key(&longer) {
                        break;
                    }
                    command = longer;
                }
                if command.is_empty() && !line.starts_with('-') {
                    miss("there is no such command");
                }
                let help = &helps[&command];
                flags(line).filter(|flag| !has_flag(help, flag)).for_each(&mut miss);
            } else if code.starts_with('-') && !code.starts_with("-- ") {
                let known = |flag: &&str| !helps.values().any(|help| has_flag(help, flag));
                flags(&code).filter(known).for_each(&mut miss);
            }
        }
    }
    assert_none(&wrong);
}

/// The audit's rules have a page of their own, `docs/rules.md`; this is the list of the other ones.
#[test]
fn every_lint_rule_is_listed() {
    let path = "docs/migrations.md";
    let _writing = WRITING.lock();
    let page = read(path);
    let head = "| lint rule | severity | what it finds |\n|---|---|---|\n";
    let start = page.find(head).expect("the table of lint rules") + head.len();
    let end = start + page[start..].find("\n\n").map_or(page.len() - start, |end| end + 1);
    let row = |of: LintRule| {
        let severity = format!("{:?}", rule(of).severity).to_lowercase();
        format!("| {of} | {severity} | {} |\n", rule(of).summary)
    };
    let rows: String = LintRule::all().map(row).collect();
    if std::env::var_os("UPDATE_DOCS").is_some() && page[start..end] != rows {
        fs::write(root().join(path), format!("{}{rows}{}", &page[..start], &page[end..])).unwrap();
        return;
    }
    assert_eq!(page[start..end], rows, "UPDATE_DOCS=1 cargo test --test docs writes it anew");
}

#[test]
fn every_file_test_setting_and_rule_exists() {
    let source = text_of(&["src", "tests", "benches"]);
    let file = Regex::new(r"^(\.ci|src|tests|benches|examples|docs|spec|migrations)/[\w./-]*$").unwrap();
    let test = Regex::new(r"^[a-z0-9]+(_[a-z0-9]+){3,}$").unwrap();
    let setting = Regex::new(r"^PLANCTL_[A-Z_]+$").unwrap();
    // Rules, states, values of settings.
    let word = Regex::new(r"^[a-z0-9]+(-[a-z0-9]+)+$").unwrap();
    let mut wrong = BTreeSet::new();
    for document in documents() {
        // What it makes itself it may name.
        let own: String = document.blocks.iter().flat_map(|block| &block.lines).cloned().collect();
        for code in document.code_spans() {
            let missing = if file.is_match(&code) {
                !root().join(&code).exists() && !own.contains(&code)
            } else if test.is_match(&code) {
                !source.contains(&format!("fn {code}("))
            } else {
                (setting.is_match(&code) || word.is_match(&code)) && !source.contains(&code)
            };
            if missing {
                wrong.insert(format!("{}: there is no `{code}`", document.path.display()));
            }
        }
    }
    assert_none(&wrong);
}

/// The lines of a help below `Examples:`, those that end with `\` joined with the next.
fn examples(help: &str) -> Vec<String> {
    let section = help.split_once("\nExamples:\n").map_or("", |(_, rest)| rest);
    let lines: Vec<&str> = section.lines().take_while(|line| line.starts_with("  ")).collect();
    let joined = lines.join("\n").replace("\\\n", "");
    joined.lines().map(|line| line.trim().to_owned()).collect()
}

/// Each runs as it stands there, in a copy of the shipped project: on a database that is one migration behind, and beside
/// one that has its schema without a history and what another tool keeps.
#[test]
fn every_help_has_examples_and_they_work() {
    let helps = helps();
    let wrong = Mutex::new(BTreeSet::new());
    let note = |what: String| {
        wrong.lock().unwrap().insert(what);
    };
    let check = |command: &str, help: &str| {
        let examples = examples(help);
        if examples.is_empty() {
            note(format!("`planctl {command} --help` has no examples"));
        }
        for example in examples {
            if !example.starts_with(format!("planctl {command}").trim_end())
                && !example.starts_with("planctl --db ")
                && !example.starts_with("planctl --migrations ")
            {
                note(format!("`planctl {command} --help`: `{example}` shows another command"));
            }
            if let Err(why) = session::run_example(root(), &example) {
                note(format!("`planctl {command} --help`: `{example}`: {why}"));
            }
        }
        for line in help.lines().filter(|line| line.starts_with("  planctl ") && line.chars().count() > 80) {
            note(format!("`planctl {command} --help`: wider than 80 columns: {line}"));
        }
    };
    std::thread::scope(|scope| {
        for (command, help) in &helps {
            scope.spawn(|| check(command, help));
        }
    });
    assert_none(&wrong.into_inner().unwrap());
}

/// Completions of every shell and the pages know every command and each of its flags.
#[test]
fn completions_and_pages_cover_every_command() {
    let output = |args: &[&str]| {
        let output = harness::planctl(root(), args).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let scripts =
        ["bash", "elvish", "fish", "powershell", "zsh"].map(|shell| (shell, output(&["completions", shell])));
    let mut wrong = BTreeSet::new();
    // Texts are indented further.
    let option = Regex::new(r"(?m)^(?:  -\w, |      )(--[a-z-]+)").unwrap();
    for (command, help) in helps() {
        let words: Vec<&str> = command.split_whitespace().collect();
        let page = output(&[&["man"], &words[..]].concat()).replace("\\-", "-");
        let name = [&["planctl"], &words[..]].concat().join("-");
        if !page.contains(&format!(".TH {name} 1")) {
            wrong.insert(format!("`planctl man {command}` is not the page of {name}"));
        }
        let options: Vec<String> = option.captures_iter(&help).map(|found| found[1].to_owned()).collect();
        assert!(options.len() > 5, "{command}");
        for flag in options {
            if !page.contains(&flag) {
                wrong.insert(format!("`planctl man {command}` does not have {flag}"));
            }
            for (shell, script) in &scripts {
                if !script.contains(flag.trim_start_matches('-')) {
                    wrong.insert(format!("the completions of {shell} do not have {flag} of `{command}`"));
                }
            }
        }
        for (shell, script) in &scripts {
            let last = words.last().copied().unwrap_or("planctl");
            if !script.contains(last) {
                wrong.insert(format!("the completions of {shell} do not know `{command}`"));
            }
        }
    }
    assert_none(&wrong);
}
