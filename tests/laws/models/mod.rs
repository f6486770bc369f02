//! The law of `schema models`: the classes say all that the spec says, and what they do not say their head does.
//!
//! On the shipped spec, on schemas of known applications, on random ones and on one that is made of traps: the real
//! SQLAlchemy imports the module, makes its database, and writes and reads rows; the audit holds that database against the
//! spec; ruff and mypy read the module. `.ci/run` installs them below `target/models`; without them, the test says that it
//! was skipped.

mod rust;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;

use crate::generators::schema_gen::schema;
use crate::harness::{Project, Run, entries, form, in_memory, planctl, program, repository, shared, write};

/// A program of the Python that has SQLAlchemy, ruff and mypy.
fn tool(name: &str) -> Option<PathBuf> {
    let folder = repository("target/models");
    let found = ["bin", "Scripts"].iter().map(|bin| folder.join(bin).join(name)).find(|path| path.exists());
    if found.is_none() {
        println!("skipped: {} has no {name}; .ci/run installs it", folder.display());
    }
    found
}

/// Modules, and the databases that they are to make.
struct Proof {
    dir: TempDir,
    names: Vec<String>,
}

impl Proof {
    fn new() -> Proof {
        Proof { dir: in_memory(), names: Vec::new() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn spec(&self, name: &str) -> String {
        format!("specs/{name}/ddl.sql")
    }

    fn add(&mut self, name: &str, ddl: &str) {
        let spec = self.spec(name);
        write(self.dir.path(), &spec, ddl);
        let run = Run::of(&mut planctl(
            self.dir.path(),
            &["schema", "models", "--lang", "python", "--names", "spec", "--spec", &spec],
        ));
        assert_eq!(run.status, 0, "{name}: {}\n{ddl}", run.stderr);
        self.add_module(name, &run.stdout);
    }

    fn add_module(&mut self, name: &str, module: &str) {
        write(self.dir.path(), &format!("modules/{name}.py"), module);
        self.names.push(name.to_owned());
    }

    /// What Python, ruff and mypy find.
    fn run(&self, python: &Path, ruff: &Path, mypy: &Path) -> Vec<String> {
        let modules = self.file("modules");
        let mut lines = String::new();
        for name in &self.names {
            let files = [self.file(&format!("modules/{name}.py")), self.file(&format!("{name}.db"))];
            lines.push_str(&(serde_json::to_string(&files).unwrap() + "\n"));
        }
        let mut child = program(python)
            .arg(repository("tests/laws/models/proof.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let mut wrong = all_said(Run::from(child.wait_with_output().unwrap()));
        for arguments in
            [&["format", "--isolated", "--no-cache", "--diff"][..], &["check", "--isolated", "--no-cache"]]
        {
            wrong.extend(all_said(Run::of(program(ruff).args(arguments).arg(&modules))));
        }
        let cache = repository("target/models/mypy_cache");
        let mut mypy = program(mypy);
        mypy.args(["--strict", "--config-file=", "--no-error-summary", "--cache-dir"])
            .arg(cache)
            .arg(&modules);
        wrong.extend(all_said(Run::of(&mut mypy)));
        wrong
    }

    /// What the audit finds between a spec and the database that was made from its classes, but for what their head names.
    fn drift(&self, name: &str, also: &[&str]) -> Option<String> {
        let (database, spec) = (format!("{name}.db"), self.spec(name));
        let mut arguments = vec!["audit", "--db", &database, "--spec", &spec, "--format", "json"];
        arguments.extend(also);
        let run = Run::of(&mut planctl(self.dir.path(), &arguments));
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let module = fs::read_to_string(self.file(&format!("modules/{name}.py"))).unwrap();
        let not_carried = section(&module, "Not carried:");
        let is_named = |finding: &serde_json::Value| {
            let object = &finding["object"];
            let name = object["table"].as_str().or(object["name"].as_str()).unwrap_or_default();
            not_carried.iter().any(|line| line.contains(name))
        };
        let Some(findings) = document["findings"].as_array() else {
            return Some(format!("{name}: {}", run.stdout));
        };
        let open = findings.iter().filter(|finding| finding["deviation"].is_null() && !is_named(finding));
        let messages: Vec<String> = open.map(|finding| finding["message"].to_string()).collect();
        (!messages.is_empty()).then(|| {
            let ddl = fs::read_to_string(self.file(&spec)).unwrap_or_default();
            format!("{name}: {}\n{ddl}\n{module}", messages.join("\n"))
        })
    }
}

/// The items below a title in the head of a module.
fn section<'m>(module: &'m str, title: &str) -> Vec<&'m str> {
    let behind = module.lines().skip_while(|line| *line != title).skip(2);
    behind.take_while(|line| line.starts_with("- ")).collect()
}

fn all_said(run: Run) -> Vec<String> {
    let said = format!("{}{}", run.stdout, run.stderr);
    if run.status == 0 && said.lines().all(|line| line.contains("formatted") || line.contains("passed")) {
        Vec::new()
    } else {
        vec![said]
    }
}

/// What has bitten generators of classes.
const TRAPS: &str = include_str!("traps.sql");

#[test]
fn classes_say_what_the_spec_says_and_their_head_says_the_rest() {
    let (Some(python), Some(ruff), Some(mypy)) = (tool("python"), tool("ruff"), tool("mypy")) else { return };
    let mut proof = Proof::new();
    proof.add("shipped", &fs::read_to_string(repository("spec/ddl.sql")).unwrap());
    proof.add("traps", TRAPS);
    for file in shared("corpus/schemas").map(|folder| entries(&folder)).unwrap_or_default() {
        if file.extension().is_some_and(|extension| extension == "sql") {
            let name = file.file_stem().unwrap().to_str().unwrap().replace('-', "_");
            proof.add(&name, &fs::read_to_string(&file).unwrap());
        }
    }
    for seed in 0..form(24, 300) {
        proof.add(&format!("random_{seed}"), &schema(seed).write(None));
    }
    let mut wrong = proof.run(&python, &ruff, &mypy);
    wrong.extend(proof.names.iter().filter_map(|name| proof.drift(name, &["--strict"])));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// In the names of the database, the classes make what the ledger says that the database has.
#[test]
fn classes_in_live_names_make_the_database_that_the_ledger_documents() {
    let (Some(python), Some(ruff), Some(mypy)) = (tool("python"), tool("ruff"), tool("mypy")) else { return };
    let project = Project::shipped();
    let module = project.ok(&["schema", "models", "--lang", "python"]).stdout;
    let mut proof = Proof::new();
    for file in ["ddl.sql", "deviations.toml"] {
        let text = fs::read_to_string(repository("spec").join(file)).unwrap();
        write(proof.dir.path(), &format!("specs/live/{file}"), text);
    }
    proof.add_module("live", &module);
    let mut wrong = proof.run(&python, &ruff, &mypy);
    wrong.extend(proof.drift("live", &[]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(module.contains("class V3Plans(Base):") && module.contains("processing_state: Mapped["));
}

/// A parent with children of each kind of key.
const PARENTS: &str = "
    CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE cascades (id INTEGER PRIMARY KEY, parent_id INT REFERENCES parents ON DELETE CASCADE);
    CREATE TABLE nulls (
        id INTEGER PRIMARY KEY,
        parent_id INT REFERENCES parents (id) ON DELETE SET NULL,
        state TEXT, -- 'found' | 'kept'
        note TEXT DEFAULT 'none',
        tags TEXT DEFAULT '[]' -- JSON
    );
    CREATE TABLE keeps (id INTEGER PRIMARY KEY, parent_id INT NOT NULL REFERENCES parents (id));
    CREATE TABLE nodes (
        id INTEGER PRIMARY KEY,
        parent_node_id INT REFERENCES nodes (id) ON DELETE CASCADE,
        root_node_id INT REFERENCES nodes (id) DEFERRABLE INITIALLY DEFERRED
    );";

#[test]
fn deleting_a_parent_does_what_sqlite_does_and_none_is_null() {
    let Some(python) = tool("python") else { return };
    let mut proof = Proof::new();
    proof.add("parents", PARENTS);
    let script = repository("tests/laws/models/deletes.py");
    let said = all_said(Run::of(program(python).arg(script).arg(proof.file("modules/parents.py"))));
    assert!(said.is_empty(), "{}", said.join("\n"));
}

/// Keys to the own table, of each kind: a row may be its own parent, or the parent of its parent.
#[test]
fn deleting_rows_that_refer_to_themselves_does_what_sqlite_does_or_the_head_says_so() {
    let Some(python) = tool("python") else { return };
    let actions = ["NO ACTION", "RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE"];
    let mut ddl = String::new();
    for action in actions {
        for (column, null) in [("parent_id", ""), ("parent_id", "NOT NULL"), ("root_id", "")] {
            for deferred in ["", "DEFERRABLE INITIALLY DEFERRED"] {
                let table = format!("{action} {column} {null} {deferred}").replace(' ', "_").to_lowercase();
                ddl.push_str(&format!(
                    "CREATE TABLE {table} (id INTEGER PRIMARY KEY, \
                     {column} INT {null} DEFAULT 9 REFERENCES {table} (id) ON DELETE {action} {deferred});\n"
                ));
            }
        }
    }
    let mut proof = Proof::new();
    proof.add("loops", &ddl);
    let script = repository("tests/laws/models/loops.py");
    let run = Run::of(program(python).arg(script).arg(proof.file("modules/loops.py")));
    assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (1, ""), "{}", run.stdout);
    // Whoever finds a way to delete those as well takes the section out of the head.
    assert!(!run.stdout.ends_with("without an order 0\n"), "{}", run.stdout);
}
