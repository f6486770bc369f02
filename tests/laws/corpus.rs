//! The laws of the audit on schemas of known applications: each is clean against itself, against its dump and against a
//! re-spelling; single changes are found. Skipped, with a word, where the corpus is not there.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use planctl::error::Result;
use planctl::internals::audit::Ledger;
use planctl::internals::audit::compare;
use planctl::internals::base::job::Job;
use planctl::internals::base::source::SourceFile;
use planctl::internals::ddl;
use planctl::internals::engine;
use planctl::internals::schema::Schema;
use planctl::internals::sql::{Kind, quote, statements, tokens};

use crate::generators::dice::Dice;
use crate::generators::respell::respell;
use crate::harness::{entries, form, shared};

/// Name and script of each schema, and of each chain of migrations written one behind the other.
fn corpus() -> Vec<SourceFile> {
    let (Some(schemas), Some(chains)) = (shared("corpus/schemas"), shared("corpus/chains")) else {
        return Vec::new();
    };
    let mut found: Vec<SourceFile> = entries(&schemas)
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| SourceFile::new(path.file_name().unwrap(), fs::read_to_string(path).unwrap()))
        .collect();
    for chain in entries(&chains) {
        found.push(SourceFile::new(chain.file_name().unwrap(), chain_script(&chain)));
    }
    found.sort_by(|a, b| a.path().cmp(b.path()));
    found
}

fn chain_script(chain: &Path) -> String {
    let mut files: Vec<(u64, String)> = fs::read_dir(chain)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            let is_up = name.starts_with('V') && name.ends_with(".sql") && !name.ends_with(".down.sql");
            let version = name[1..].split("__").next()?.parse().ok()?;
            is_up.then(|| (version, fs::read_to_string(path).unwrap()))
        })
        .collect();
    files.sort();
    files.into_iter().map(|(_, text)| format!("{}\n;\n", text.trim_start_matches('\u{feff}'))).collect()
}

fn load(source: &SourceFile) -> Result<Schema> {
    engine::spec_database(source, Job::quiet())?.schema()
}

fn audit(spec: &SourceFile, live: &Schema) -> Vec<String> {
    let today = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    let audit = compare(spec, &Ledger::default(), live, false, today).unwrap();
    audit.findings.iter().map(|f| format!("{} [{:?} / {:?}]", f.message, f.expected, f.actual)).collect()
}

fn names(schema: &Schema) -> HashSet<String> {
    let columns =
        schema.tables.values().flat_map(|table| table.columns.iter().map(|column| column.name.folded()));
    columns.chain(schema.tables.keys().map(|name| name.folded())).collect()
}

#[test]
fn each_schema_is_clean_against_itself_its_dump_and_any_spelling() {
    let mut wrong = Vec::new();
    for source in corpus() {
        let name = source.path().display().to_string();
        let schema = load(&source).unwrap_or_else(|error| panic!("{name}: {error} {:?}", error.location()));
        for table in schema.tables.values().filter(|table| table.unread.is_some()) {
            wrong.push(format!("{name}: {} is not read: {:?}", table.name, table.unread));
        }
        let mut clean = |how: &str, findings: Vec<String>| {
            wrong.extend(findings.into_iter().map(|finding| format!("{name}, {how}: {finding}")));
        };
        clean("itself", audit(&source, &schema));
        let dump = SourceFile::new("dump.sql", ddl::dump(&schema));
        clean("its dump", audit(&dump, &schema));
        for seed in 0..form(1, 3) {
            let text = respell(source.text(), &names(&schema), &mut Dice::new(seed));
            let respelled = SourceFile::new("respelled.sql", text);
            match load(&respelled) {
                Ok(other) => {
                    clean("another spelling", audit(&source, &other));
                    clean("another spelling, back", audit(&respelled, &schema));
                }
                Err(error) => clean("another spelling", vec![format!("{error} {:?}", error.location())]),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_single_change_is_found() {
    let (mut wrong, mut changes) = (Vec::new(), 0);
    for source in corpus() {
        let schema = load(&source).unwrap();
        // On the dump: there each statement is one that counts.
        let dump = ddl::dump(&schema);
        let spec = SourceFile::new("spec.sql", dump.clone());
        let mut check =
            |what: String, text: String, may_be_refused: bool| match load(&SourceFile::new("live.sql", text))
            {
                Ok(live) => {
                    changes += 1;
                    if audit(&spec, &live).is_empty() {
                        wrong.push(format!("{}: {what}", source.path().display()));
                    }
                }
                Err(error) if !may_be_refused => {
                    wrong.push(format!("{}: {what}: {error}", source.path().display()))
                }
                Err(_) => {}
            };
        let objects = schema.views.keys().map(|name| ("VIEW", name));
        let objects = objects.chain(schema.triggers.keys().map(|name| ("TRIGGER", name)));
        let indexes = schema.tables.values().flat_map(|table| table.indexes.keys());
        for (kind, name) in objects.chain(indexes.map(|name| ("INDEX", name))).step_by(form(21, 7)) {
            let drop = format!("DROP {kind} {};", quote(name.as_str()));
            check(drop.clone(), format!("{dump}\n{drop}"), false);
        }
        for table in schema.tables.values().filter(|table| !table.is_virtual()).step_by(form(21, 7)) {
            let add = format!("ALTER TABLE {} ADD COLUMN planctl_added INT;", quote(table.name.as_str()));
            check(add.clone(), format!("{dump}\n{add}"), false);
        }
        for (n, (range, text)) in literals(&dump).into_iter().enumerate() {
            if n % form(87, 29) == 0 {
                let mut changed = dump.clone();
                changed.replace_range(range.clone(), &text);
                check(format!("{} → {text} at {}", &dump[range.clone()], range.start), changed, true);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {changes}\n{}", wrong.len(), wrong.join("\n"));
    eprintln!("{changes} single changes");
}

/// Each literal in a CREATE statement, and another one to stand in its place.
fn literals(script: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = Vec::new();
    for statement in statements(script) {
        if ddl::created(statement.text).is_none() {
            continue;
        }
        for token in tokens(statement.text) {
            let other = match token.kind {
                Kind::String => format!("'{}~'", &token.text[1..token.text.len() - 1]),
                Kind::Number => {
                    token.text.parse::<i64>().map_or(token.text.to_owned(), |n| (n + 1).to_string())
                }
                _ => continue,
            };
            if other != token.text {
                let start = statement.start + token.start;
                found.push((start..start + token.text.len(), other));
            }
        }
    }
    found
}
