//! The law of `schema models --lang rust`: the structs compile with rusqlite alone, as rustfmt and clippy would have them,
//! and what they read they write again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::TRAPS;
use crate::generators::schema_gen::schema;
use crate::harness::{Project, Run, entries, folder, form, planctl, shared, write};

/// A program of the toolchain that these tests were built with, in its own environment.
fn toolchain(name: &str) -> Option<Command> {
    let program = Path::new(env!("CARGO")).with_file_name(name);
    if !program.exists() {
        println!("skipped: the toolchain has no {name}");
        return None;
    }
    Some(Command::new(program))
}

/// The newest build of a crate that these tests are linked with.
fn built(krate: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let of_crate = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(&format!("lib{krate}-")) && name.ends_with(".rlib")
    };
    let found = entries(&deps).into_iter().filter(of_crate);
    found.max_by_key(|path| path.metadata().unwrap().modified().unwrap()).unwrap()
}

fn with_crates(command: &mut Command) -> &mut Command {
    command.args(["--edition", "2024", "-L"]);
    command.arg(format!("dependency={}", built("rusqlite").parent().unwrap().display()));
    for krate in ["rusqlite", "serde_json", "ulid"] {
        command.arg("--extern").arg(format!("{krate}={}", built(krate).display()));
    }
    command
}

/// The structs of a module that have statements.
fn structs(module: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in module.lines() {
        if let Some(name) = line.strip_prefix("impl ").and_then(|line| line.strip_suffix(" {")) {
            found.push(name);
        }
    }
    found.retain(|name| module.contains(&format!("[`{name}::SELECT`]")));
    found
}

/// Takes each row of a database out through its struct and puts it in again: the same has to be there.
const ROUND: &str = "
fn rows<T>(
    db: &rusqlite::Connection,
    select: &str,
    from: fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    db.prepare(select).unwrap().query_map([], from).unwrap().map(|row| row.unwrap()).collect()
}

macro_rules! round {
    ($db:expr, $t:ty) => {
        let before = rows($db, <$t>::SELECT, <$t>::from_row);
        for row in &before {
            assert!(row.delete($db).unwrap() && !row.delete($db).unwrap(), \"{row:?}\");
        }
        assert!(rows($db, <$t>::SELECT, <$t>::from_row).is_empty());
        for row in &before {
            row.insert($db).unwrap();
        }
        assert_eq!(rows($db, <$t>::SELECT, <$t>::from_row), before);
        println!(\"{} {}\", stringify!($t), before.len());
    };
}
";

const ROWS_OF_TRAPS: &str = r#"
    INSERT INTO class (class, metadata, "a b", "%(x)s") VALUES (7, 'm', 1, 2), (8, NULL, NULL, NULL);
    INSERT INTO base VALUES ('a', 'b'), (NULL, NULL);
    INSERT INTO "odd.name" VALUES (1, 'x');
    INSERT INTO choices VALUES (1, 'in work', 2, '1', 'a', 2, 1, 'A', 1.5),
        (2, '', -3, NULL, NULL, NULL, 'x', 'b', NULL), (3, 'it''s "done"', 1, 2, 'b', 1, x'00', 'a', 2);
    INSERT INTO documents VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', '{"a":[1,null,"é"]}', NULL, '5', NULL, NULL, 1.5, 2.5, NULL),
        ('01ARZ3NDEKTSV4RRFFQ69G5FAW', '[]', '{}', '"x"', 'y', 1, '2026-01-01', 3, x'00ff');
    INSERT INTO together VALUES ('b', 1, 2), ('c', 1, NULL);
    INSERT INTO in_order VALUES ('b', 1), ('c', 1);
    INSERT INTO counted (a) VALUES ('x'), ('y');
    INSERT INTO columns (id, named, fails, folded, odd, negative) VALUES (1, 'A', 'b', 'c', 3, -1);
    INSERT INTO trees (tree_id, root_tree_id) VALUES ('a', 'a'), ('b', 'a');
"#;

/// A row that begins with what it needs is the one that SQLite makes when the rest is left out.
const DEFAULTS: &str = r#"
    use traps::*;
    db.execute("INSERT INTO choices (id) VALUES (50)", []).unwrap();
    let made = Choices { id: Some(50), ..NewChoices.into() };
    assert_eq!(Choices::select(&db, "WHERE id = ?1", [50]).unwrap(), [made]);
    let id = UlidText(ulid::Ulid::nil());
    db.execute("INSERT INTO documents (id, extra, moment, raw) VALUES (?1, NULL, ?2, NULL)", (id, "now")).unwrap();
    let moment = Some(rusqlite::types::Value::Text("now".to_owned()));
    let made = Documents::from(NewDocuments { id, extra: None, moment, raw: None });
    assert_eq!(Documents::get(&db, id).unwrap(), Some(made));
    db.execute("INSERT INTO defaults (id, computed) VALUES (1, 'a')", []).unwrap();
    let [read] = &Defaults::select(&db, "", []).unwrap()[..] else { panic!() };
    let needed = NewDefaults {
        pi: Some(3.14),
        text_in_number: Some(7),
        hexadecimal: Some(16),
        thousand: Some(1000),
        computed: Some("a".to_owned()),
        word: Some("x".to_owned()),
    };
    let made = Defaults { id: Some(1), ..needed.into() };
    assert_eq!(made.made, None);
    assert_eq!(Defaults { made: Some("1x".to_owned()), ..made }, *read);
"#;

#[test]
fn structs_compile_and_give_back_the_rows_that_they_read() {
    let (Some(mut rustc), Some(mut rustfmt), Some(mut clippy)) =
        (toolchain("rustc"), toolchain("rustfmt"), toolchain("clippy-driver"))
    else {
        return;
    };
    let dir = folder::<&str>(&[]);
    let project = Project::shipped();
    project.ok(&["migrate", "up"]);
    project.ok(&["sample", "load"]);
    let live = project.ok(&["schema", "models", "--lang", "rust"]).stdout;
    let mut modules = vec![("live".to_owned(), live)];
    let mut add = |name: String, ddl: &str| {
        write(dir.path(), "ddl.sql", ddl);
        let arguments = ["schema", "models", "--lang", "rust", "--names", "spec", "--spec", "ddl.sql"];
        let run = Run::of(&mut planctl(dir.path(), &arguments));
        assert_eq!(run.status, 0, "{name}: {}", run.stderr);
        modules.push((name, run.stdout));
    };
    add("traps".to_owned(), TRAPS);
    for file in shared("corpus/schemas").map(|folder| entries(&folder)).unwrap_or_default() {
        if file.extension().is_some_and(|extension| extension == "sql") && form(false, true) {
            let name = file.file_stem().unwrap().to_str().unwrap().replace('-', "_");
            add(name, &fs::read_to_string(&file).unwrap());
        }
    }
    for seed in 0..form(4, 60) {
        add(format!("random_{seed:03}"), &schema(seed).write(None));
    }
    for (name, module) in &modules {
        write(dir.path(), &format!("{name}.rs"), module);
    }
    let mut library: Vec<String> = modules.iter().map(|(name, _)| format!("pub mod {name};\n")).collect();
    library.sort();
    write(dir.path(), "lib.rs", library.concat());
    let file = |name: &str| dir.path().join(name);
    let run = Run::of(rustfmt.args(["--edition", "2024", "--check"]).arg(file("lib.rs")));
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    clippy.env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__").args([
        "--crate-type",
        "lib",
        "--emit",
        "metadata",
        "-o",
    ]);
    let run = Run::of(with_crates(clippy.arg(file("lib.rmeta"))).arg(file("lib.rs")));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "clippy");

    // With the rows of the shipped sample, and with some that are traps.
    let database = file("traps.db");
    rusqlite::Connection::open(&database)
        .unwrap()
        .execute_batch(&format!("PRAGMA foreign_keys = OFF;{TRAPS}{ROWS_OF_TRAPS}"))
        .unwrap();
    let mut program =
        format!("#[allow(dead_code)]\nmod live;\n#[allow(dead_code)]\nmod traps;\n{ROUND}\nfn main() {{\n");
    for ((name, module), database) in modules.iter().zip([project.path("planctl.db"), database]) {
        program.push_str(&format!(
            "let db = rusqlite::Connection::open({:?}).unwrap();\n\
             db.execute_batch(\"PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON\").unwrap();\n",
            database.to_str().unwrap()
        ));
        for name_of_struct in structs(module) {
            program.push_str(&format!("round!(&db, {name}::{name_of_struct});\n"));
        }
        if name == "traps" {
            program.push_str(DEFAULTS);
        }
        if name == "live" {
            program.push_str(
                "let plan = rows(&db, live::V3Plans::SELECT, live::V3Plans::from_row).remove(0);\n\
                 let changed = live::V3Plans { phase: live::V3PlansPhase::Applied, ..plan.clone() };\n\
                 assert!(changed.update(&db).unwrap());\n\
                 assert_eq!(live::V3Plans::get(&db, plan.plan_id).unwrap().unwrap(), changed);\n\
                 db.execute(\"UPDATE v3_plans SET phase = 'lost'\", []).unwrap();\n\
                 let error = live::V3Plans::get(&db, plan.plan_id).unwrap_err();\n\
                 println!(\"{error}\");\n",
            );
        }
    }
    program.push_str("}\n");
    write(dir.path(), "main.rs", &program);
    let run = Run::of(with_crates(rustc.arg("-o").arg(file("main"))).arg(file("main.rs")));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "rustc");
    let run = Run::of(&mut Command::new(file("main")));
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.contains("v3_plans.phase holds \"lost\", which is none of its values"),
        "{}",
        run.stdout
    );
    for (name, least) in
        [("live::V3Plans", 10), ("live::PlanArguments", 5), ("traps::Documents", 2), ("traps::Together", 2)]
    {
        let line = run.stdout.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        assert!(line.is_some_and(|rows| rows.parse::<usize>().unwrap() >= least), "{name}\n{}", run.stdout);
    }
}
