//! Runs the sessions of a document and compares what they print.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use regex::Regex;
use tempfile::TempDir;

use crate::harness::{allowed, entries, path, program};
use crate::markdown::{Block, Document};

/// Stands for any number of lines.
const ANY: &str = "...";
/// The width at which everything is shown.
const COLUMNS: &str = "96";

/// One command and what the document shows below it.
struct Exchange {
    command: String,
    shown: Vec<String>,
    /// The place of the first line shown, in the document.
    at: usize,
}

/// Runs a document in a clone of its own; gives what is wrong. With `bless`, blocks that differ are rewritten.
pub(crate) fn run(root: &Path, document: &Document, bless: bool) -> Vec<String> {
    if document.blocks.iter().all(|block| block.language != "console") {
        return Vec::new();
    }
    let shell = Shell::new(root);
    let before = contents(&shell.folder);
    let mut failures = run_in(&shell, root, document, bless);
    let after = contents(&shell.folder);
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let paths: BTreeSet<&PathBuf> = before.keys().chain(after.keys()).filter(differs).collect();
    if failures.is_empty() && !paths.is_empty() {
        failures.push(format!("{} does not leave the clone as it was: {paths:?}", document.path.display()));
    }
    failures
}

/// Runs all documents one after the other in one clone, as a reader does who goes through them.
pub(crate) fn run_all(root: &Path, documents: &[Document]) -> Vec<String> {
    let shell = Shell::new(root);
    let run = |document: &Document| {
        shell.enter(&shell.folder);
        run_in(&shell, root, document, false)
    };
    documents.iter().flat_map(run).collect()
}

/// Runs all sessions of a document in order.
fn run_in(shell: &Shell, root: &Path, document: &Document, bless: bool) -> Vec<String> {
    let exchanges: Vec<Exchange> = document
        .blocks
        .iter()
        .filter(|block| block.language == "console")
        .flat_map(|block| exchanges(block, &document.path))
        .collect();
    let mut failures = Vec::new();
    let mut lines = document.lines.clone();
    // Later lines move when earlier ones are replaced: what is to be replaced is kept until the end.
    let mut replacements = Vec::new();
    for exchange in &exchanges {
        let (status, printed) = shell.run(&exchange.command);
        let place = format!("{}:{}: $ {}", document.path.display(), exchange.at, exchange.command);
        if status != Some(0) {
            failures.push(format!("{place}\nended with {status:?}:\n{}", printed.join("\n")));
            return failures;
        }
        if matches(&exchange.shown, &printed) {
            continue;
        }
        if bless {
            replacements.push((exchange, with_gaps(&exchange.shown, &printed)));
        } else {
            let shown = exchange.shown.join("\n");
            failures.push(format!(
                "{place}\n--- the document shows\n{shown}\n--- it prints\n{}",
                printed.join("\n")
            ));
        }
    }
    let changed = !replacements.is_empty();
    for (exchange, printed) in replacements.into_iter().rev() {
        lines.splice(exchange.at..exchange.at + exchange.shown.len(), printed);
    }
    if changed {
        fs::write(root.join(&document.path), lines.join("\n") + "\n").unwrap();
    }
    failures
}

/// Runs an example of a help, in a copy of what the repository ships with a database at the newest version (one below it
/// for `migrate up`), and beside it `old.db`, which has the same schema and no history. For `migrate import`, there are the
/// folders of two other tools instead.
pub(crate) fn run_example(root: &Path, example: &str) -> Result<(), String> {
    static PREPARED: OnceLock<Shell> = OnceLock::new();
    let shell = Shell::copy_of(PREPARED.get_or_init(|| prepared(root)));
    let succeed = |command: &str| shell.succeed(command);
    if example.starts_with("planctl migrate up") || example.starts_with("planctl fleet up") {
        succeed("planctl -q migrate down")?;
    }
    // A fleet, named in each of the ways.
    succeed(
        "mkdir tenants && cp planctl.db tenants/1.db && cp planctl.db tenants/2.db && ls tenants/* > tenants.txt",
    )?;
    if example.starts_with("planctl init") {
        succeed("rm -r migrations spec planctl.db planctl.toml app.db old.db")?;
        // Beside a database it asks which one is meant.
        if !example.contains("--db shop.db") {
            succeed("rm shop.db")?;
        }
    }
    if example.contains("migrate import") {
        succeed("rm -r migrations && mkdir -p drizzle db/migrations")?;
        succeed(
            "echo 'CREATE TABLE shops (id INTEGER PRIMARY KEY);' | tee drizzle/0000_shops.sql db/migrations/1_shops.sql",
        )?;
    }
    succeed(example).map(drop)
}

/// What each example finds.
fn prepared(root: &Path) -> Shell {
    let shell = Shell::new(root);
    let succeed = |command: &str| shell.succeed(command).unwrap_or_else(|why| panic!("{command}: {why}"));
    succeed("planctl -q migrate up");
    let schema = succeed("planctl schema dump planctl.db").join("\n");
    let database = |name: &str, sql: &str| {
        rusqlite::Connection::open(shell.folder.join(name)).unwrap().execute_batch(sql).unwrap();
    };
    database("old.db", &schema);
    // A folder of another tool, and a database that it has migrated.
    let shops = "CREATE TABLE shops (id INTEGER PRIMARY KEY);\n";
    fs::create_dir(shell.folder.join("theirs")).unwrap();
    fs::write(shell.folder.join("theirs/1_shops.up.sql"), shops).unwrap();
    let history = "CREATE TABLE schema_migrations (version uint64,dirty bool);
                   INSERT INTO schema_migrations VALUES (1, 0);";
    database("shop.db", &format!("{shops}{history}"));
    database("app.db", "CREATE TABLE tenants (path); INSERT INTO tenants VALUES ('tenants/1.db')");
    shell
}

fn exchanges(block: &Block, path: &Path) -> Vec<Exchange> {
    let mut found: Vec<Exchange> = Vec::new();
    for (number, line) in block.lines.iter().enumerate() {
        let at = block.start + number;
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => {
                found.push(Exchange { command: command.to_owned(), shown: Vec::new(), at: at + 1 });
            }
            (None, Some(last)) if last.shown.is_empty() && goes_on(&last.command) => {
                last.command.push('\n');
                last.command.push_str(line);
                last.at += 1;
            }
            (None, Some(last)) => last.shown.push(line.clone()),
            (None, None) => panic!("{}:{}: a session begins with a command", path.display(), at + 1),
        }
    }
    found
}

/// Whether a command goes on on the next line: behind a backslash, and inside a here document that `EOF` ends.
fn goes_on(command: &str) -> bool {
    command.ends_with('\\') || command.contains("<<'EOF'") && !command.ends_with("\nEOF")
}

/// A folder with what the repository ships, and a shell in it.
struct Shell {
    temporary: TempDir,
    folder: PathBuf,
    /// Where the last command ended: `cd` holds for the next one.
    cwd_file: PathBuf,
}

impl Shell {
    fn new(root: &Path) -> Shell {
        let temporary = tempfile::tempdir().unwrap();
        let base = temporary.path().canonicalize().unwrap();
        let folder = base.join("planctl");
        for part in ["migrations", "spec", "spec/reports", "tests/migrations"] {
            copy(&root.join(part), &folder.join(part));
        }
        fs::write(folder.join("planctl.toml"), allowed()).unwrap();
        Shell::within(temporary, &base)
    }

    /// A shell in a folder of its own that holds what the folder of another does.
    fn copy_of(other: &Shell) -> Shell {
        let temporary = tempfile::tempdir().unwrap();
        let base = temporary.path().canonicalize().unwrap();
        let mut waiting = vec![other.folder.clone()];
        while let Some(from) = waiting.pop() {
            copy(&from, &base.join("planctl").join(from.strip_prefix(&other.folder).unwrap()));
            waiting.extend(entries(&from).into_iter().filter(|path| path.is_dir()));
        }
        Shell::within(temporary, &base)
    }

    fn within(temporary: TempDir, base: &Path) -> Shell {
        let shell = Shell { temporary, folder: base.join("planctl"), cwd_file: base.join("cwd") };
        shell.enter(&shell.folder);
        shell
    }

    /// What a command prints that has to succeed.
    fn succeed(&self, command: &str) -> Result<Vec<String>, String> {
        match self.run(command) {
            (Some(0), printed) => Ok(printed),
            (status, printed) => Err(format!("ended with {status:?}:\n{}", printed.join("\n"))),
        }
    }

    /// The next command runs there.
    fn enter(&self, folder: &Path) {
        fs::write(&self.cwd_file, folder.as_os_str().as_encoded_bytes()).unwrap();
    }

    /// Exit status and the lines of stdout and stderr, in the order in which they were written.
    fn run(&self, command: &str) -> (Option<i32>, Vec<String>) {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let cwd = fs::read_to_string(&self.cwd_file).unwrap();
        let mut shell = program("sh");
        shell
            .arg("-c")
            .arg(format!("trap 'pwd > \"$DOCS_CWD\"' EXIT\n{command}"))
            .current_dir(cwd.trim_end())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .env("DOCS_CWD", &self.cwd_file)
            .env("PATH", path())
            .env("COLUMNS", COLUMNS)
            .env("LC_ALL", "C");
        let mut child = shell.spawn().unwrap();
        // Its ends of the pipe have to be closed here, or reading never ends.
        drop(shell);
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        let status = child.wait().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let text = text.replace(&*self.folder.to_string_lossy(), "/home/you/planctl");
        let text = text.replace(&*self.temporary.path().to_string_lossy(), "/home/you");
        (status.code(), text.lines().map(|line| line.trim_end().to_owned()).collect())
    }
}

/// All files below a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(entries(&path));
        } else {
            files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in entries(from).iter().filter(|file| file.is_file()) {
        fs::copy(file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// Whether what is printed is what is shown, but for what is another at each run.
fn matches(shown: &[String], printed: &[String]) -> bool {
    let redacted = |lines: &[String]| -> Vec<String> {
        let text = redact(&lines.join("\n"));
        // An empty line at the end of a block reads better before the next command.
        text.trim_end().lines().map(str::to_owned).collect()
    };
    fits(&redacted(shown), &redacted(printed))
}

fn fits(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == ANY => (0..=printed.len()).any(|skip| fits(rest, &printed[skip..])),
        Some((first, rest)) => printed.first() == Some(first) && fits(rest, &printed[1..]),
    }
}

fn redact(text: &str) -> String {
    const UNSTABLE: [(&str, &str); 7] = [
        (r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b", "ULID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r"(< )?\b\d+(\.\d+)? (ms|µs|s)\b", "TOOK"),
        (r#""took_ms": \d+"#, "TOOK"),
        (r#"(planctl"?:? "?)\d+\.\d+\.\d+"#, "${1}VERSION"),
        // Columns are as wide as their widest cell, which may be one of the above.
        (r"─+", "─"),
        (r"[ \t]+", " "),
    ];
    UNSTABLE.iter().fold(text.to_owned(), |text, (unstable, stable)| {
        Regex::new(unstable).unwrap().replace_all(&text, *stable).into_owned()
    })
}

/// What is printed, with the document's first gap at the same distance from the beginning, its end as long as before.
fn with_gaps(shown: &[String], printed: &[String]) -> Vec<String> {
    let first = shown.iter().position(|line| line == ANY);
    let last = shown.iter().rposition(|line| line == ANY);
    let (Some(head), Some(last)) = (first, last) else { return separated(shown, printed) };
    let tail = shown[last + 1..].iter().rev().skip_while(|line| line.is_empty()).count();
    if head + tail >= printed.len() {
        return separated(shown, printed);
    }
    let mut lines = printed[..head].to_vec();
    lines.push(ANY.to_owned());
    lines.extend_from_slice(&printed[printed.len() - tail..]);
    separated(shown, &lines)
}

/// With an empty line before the next command where there was one.
fn separated(shown: &[String], printed: &[String]) -> Vec<String> {
    let blank = shown.last().is_some_and(String::is_empty);
    let end = if blank { Some(String::new()) } else { None };
    let printed: Vec<String> = match printed.iter().rposition(|line| !line.is_empty()) {
        Some(last) => printed[..=last].to_vec(),
        None => Vec::new(),
    };
    printed.into_iter().chain(end).collect()
}

#[test]
fn only_what_is_another_at_each_run_may_differ() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&lines("a    12 ms\n──"), &lines("a  < 1 ms\n───")));
    assert!(matches(&lines("first\n...\nlast\n"), &lines("first\n2\n3\nlast")));
    assert!(!matches(&lines("first\n...\nlast\n"), &lines("first\n2\n3")));
    assert!(!matches(&lines("9 applied"), &lines("8 applied")));
    assert!(!matches(&lines("a"), &lines("a\nb")));
}

#[test]
fn what_is_written_back_keeps_the_gaps() {
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(with_gaps(&lines("a ... y z"), &lines("1 2 3 4 5")), lines("1 ... 4 5"));
    assert_eq!(with_gaps(&lines("a ... z "), &lines("1 2 3")), lines("1 ... 3 "));
    assert_eq!(with_gaps(&lines("a"), &lines("1 2")), lines("1 2"));
}
