//! Every command and option that the source advises: somebody who is told of it takes it, and the situation ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::hint_list::{ELSEWHERE, NO_ADVICE, WALKS};
use super::hints::{project, sql};
use super::run;
use crate::harness::{stderr, stdout, write};

/// The columns exchange their names, which nothing but a statement by hand can say.
const EXCHANGED: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY,
  -- planctl:renamed-from name
  n TEXT,
  -- planctl:renamed-from n
  name INTEGER);
CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t;
";

const BY_HAND: &str =
    "DROP VIEW v; DROP INDEX i; ALTER TABLE t RENAME name TO other; ALTER TABLE t RENAME n TO name;
ALTER TABLE t RENAME other TO n; CREATE INDEX i ON t (name); CREATE VIEW v AS SELECT name FROM t;";

/// Runs planctl, and gives what it says.
fn said(dir: &Path, line: &str, status: i32) -> String {
    let args: Vec<String> = line.split(' ').map(|arg| arg.replace('\u{a0}', " ")).collect();
    let output = run(dir, &args.iter().map(String::as_str).collect::<Vec<_>>());
    let said = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(status), "{line}\n{said}");
    said
}

/// What was said, without the options that the commands in it repeat: those that the line itself gives.
fn without_given(said: &str, line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let given = words.windows(2).filter(|pair| {
        ["--config", "-d", "--db", "--spec", "--deviations", "--migrations"].contains(&pair[0])
    });
    given.fold(said.to_owned(), |said, pair| said.replace(&format!("{} {} ", pair[0], pair[1]), ""))
}

fn printed(dir: &Path, line: &str) -> String {
    let output = run(dir, &line.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{line}\n{}", stderr(&output));
    stdout(&output).lines().filter(|line| !line.starts_with('.')).map(|line| format!("{line}\n")).collect()
}

fn step(dir: &Path, hint: &str, step: &str) {
    let (verb, rest) = step.split_once(' ').unwrap_or((step, ""));
    let text = |rest: &str| rest.replace("\\n", "\n").replace("BY HAND", BY_HAND);
    let (status, what) = verb.split_at(verb.len() - 1);
    let status = || if status.is_empty() { 0 } else { status.parse().unwrap() };
    match (verb, what) {
        ("|?", _) => {
            let failed = rusqlite::Connection::open(dir.join("planctl.db")).unwrap();
            let error = failed.execute_batch(&printed(dir, rest)).unwrap_err().to_string();
            assert!(error.contains(hint), "{hint}\n{error}");
        }
        ("|", _) => sql(dir, &printed(dir, rest)),
        (_, "$") => drop(said(dir, rest, status())),
        (_, "?") => {
            let said = without_given(&said(dir, rest, status()), rest);
            assert!(said.contains(hint), "{hint}\n{rest}\n{said}");
        }
        (_, "!") => {
            let said = said(dir, rest, status());
            assert!(!said.contains(hint), "{hint}\n{rest}\n{said}");
        }
        ("write" | "add", _) => {
            let (name, more) = rest.split_once(' ').unwrap_or((rest, ""));
            let old = if verb == "add" {
                fs::read_to_string(dir.join(name)).unwrap() + "\n"
            } else {
                String::new()
            };
            write(dir, name, &(old + &text(more)));
        }
        ("mkdir", _) => fs::create_dir(dir.join(rest)).unwrap(),
        ("rm", _) => fs::remove_file(dir.join(rest)).unwrap(),
        ("mv", _) => {
            let (from, to) = rest.split_once(' ').unwrap();
            fs::rename(dir.join(from), dir.join(to)).unwrap();
        }
        ("sql", _) => sql(dir, &text(rest)),
        ("tables", _) => {
            let tables = (0..rest.parse().unwrap())
                .map(|i: usize| format!("CREATE TABLE t{i} (a INTEGER PRIMARY KEY, b REFERENCES t0);"));
            sql(dir, &tables.collect::<String>());
        }
        ("exchange", _) => write(dir, "spec/ddl.sql", EXCHANGED),
        ("exchanged", _) => {
            let lines = EXCHANGED.lines().filter(|line| !line.contains("--")).map(|line| format!("{line}\n"));
            write(dir, "spec/ddl.sql", lines.collect::<String>());
        }
        ("shipped", _) => {
            for folder in ["migrations", "spec"] {
                fs::remove_dir_all(dir.join(folder)).unwrap();
                for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
                    let path = entry.unwrap().path();
                    if path.is_file() {
                        let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                        write(dir, &name, fs::read_to_string(&path).unwrap());
                    }
                }
            }
        }
        _ => panic!("{step}"),
    }
}

#[test]
fn a_hint_is_taken_where_it_is_given_and_the_situation_ends() {
    let (next, dead_ends) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((hint, walk)) = WALKS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let walked = std::panic::catch_unwind(|| {
                let dir = project();
                let lines = walk.lines().map(str::trim_start).filter(|line| !line.is_empty());
                lines.for_each(|line| step(dir.path(), hint, line));
            });
            if walked.is_err() {
                dead_ends.lock().unwrap().push(*hint);
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let dead_ends = dead_ends.into_inner().unwrap();
    assert!(dead_ends.is_empty(), "{dead_ends:#?}");
}

/// The string literals of a source file, without those of comments and of its own tests.
fn literals(text: &str) -> Vec<String> {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap().split("\n#[cfg(all(test").next().unwrap();
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        rest = &rest[at..];
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if rest.starts_with("'\"'") {
            rest = &rest[3..];
        } else if let Some(inner) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = inner.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let (literal, behind) = inner.split_at(end.unwrap());
            let lines = literal.split("\\\n").enumerate();
            found.push(lines.map(|(i, line)| if i == 0 { line } else { line.trim_start() }).collect());
            rest = &behind[1..];
        } else {
            rest = &rest[1..];
        }
    }
    found
}

/// Whether a text names a command of planctl or an option, and is more than the name of one.
fn advises(literal: &str) -> bool {
    let of_option = |c: char| c.is_ascii_lowercase() || "-{}".contains(c);
    let names_option = literal.match_indices("--").any(|(at, _)| {
        let before = literal[..at].chars().next_back();
        let behind = literal[at + 2..].chars().next();
        before.is_none_or(|c| " (`;=".contains(c))
            && behind.is_some_and(|c| c.is_ascii_lowercase() || c == '{')
    });
    let is_example = ["Examples:", "planctl "].iter().any(|start| literal.starts_with(start));
    (literal.contains("`planctl ") || names_option) && !literal.trim().chars().all(of_option) && !is_example
}

/// The parts of a text that stand in its source as they are printed.
fn fixed(text: &str) -> Vec<&str> {
    let parts = text.split('{').enumerate();
    parts.filter_map(|(i, part)| if i == 0 { Some(part) } else { Some(part.split_once('}')?.1) }).collect()
}

fn is_of(literal: &str, known: &str) -> bool {
    let known = fixed(known).into_iter().max_by_key(|part| part.len()).unwrap_or_default();
    fixed(literal)
        .into_iter()
        .any(|part| part.contains(known) || (part.trim().len() >= 7 && known.contains(part.trim())))
}

/// The source files below a folder of the repository, by their paths there.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    found
}

#[test]
fn whoever_adds_a_hint_says_which_test_takes_it() {
    let sources = files("src");
    let is_test = |path: &Path| {
        path.ancestors()
            .any(|part| part.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests")))
    };
    let all = sources.iter().filter(|(path, _)| !is_test(path)).flat_map(|(_, text)| literals(text));
    let all: Vec<String> = all.collect();
    let advice: Vec<&String> = all.iter().filter(|text| advises(text)).collect();
    assert!(advice.len() > 80, "{advice:#?}");
    let walked = WALKS.iter().map(|(hint, _)| *hint);
    let known: Vec<&str> =
        walked.chain(ELSEWHERE.iter().map(|(hint, _)| *hint)).chain(NO_ADVICE.iter().copied()).collect();
    let unknown: Vec<_> =
        advice.into_iter().filter(|text| !known.iter().any(|known| is_of(text, known))).collect();
    assert!(unknown.is_empty(), "no test takes what these advise: {unknown:#?}");
    let gone: Vec<_> = known.iter().filter(|known| !all.iter().any(|text| is_of(text, known))).collect();
    assert!(gone.is_empty(), "nothing in the source says this any more: {gone:#?}");
    let tests: String = files("tests").into_iter().chain(sources).map(|(_, text)| text).collect();
    for (hint, test) in ELSEWHERE {
        assert!(tests.contains(&format!("fn {test}()")), "there is no test {test} for: {hint}");
    }
}

#[test]
fn a_lock_is_waited_for_as_long_as_the_help_says() {
    const HINT: &str = "try again when it is done, or wait longer with --lock-timeout";
    let dir = project();
    let dir = dir.path();
    said(dir, "migrate up", 0);
    let other = rusqlite::Connection::open(dir.join("planctl.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for args in [
        "audit",
        "audit --sql",
        "migrate status",
        "migrate up",
        "migrate up --rehearse",
        "migrate down",
        "migrate redo",
        "migrate adopt x",
        "migrate baseline --to 2",
        "sample load --plans 3",
        "backfill --table t --id id --parent n --root name",
    ] {
        assert!(said(dir, &format!("{args} --lock-timeout 1ms"), 2).contains(HINT), "{args}");
    }
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| said(dir, "migrate down --lock-timeout 10m", 0));
        std::thread::sleep(std::time::Duration::from_millis(200));
        other.execute_batch("COMMIT").unwrap();
        waiting.join().unwrap();
    });
}
