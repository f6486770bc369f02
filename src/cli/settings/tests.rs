use std::collections::BTreeMap;
use std::ffi::OsString;

use super::keys::{KEYS, KeyKind};
use super::*;

/// A project folder with a planctl.toml two levels above the working directory.
fn project(toml: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let cwd = dir.path().join("a/b");
    std::fs::create_dir_all(&cwd).unwrap();
    std::fs::write(dir.path().join("planctl.toml"), toml).unwrap();
    (dir, cwd)
}

fn env_of(values: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> + use<> {
    let values: BTreeMap<String, OsString> =
        values.iter().map(|&(key, value)| (key.to_owned(), value.into())).collect();
    move |name: &str| values.get(name).cloned()
}

#[derive(clap::Parser)]
#[command(no_binary_name = true)]
struct Flags {
    #[command(flatten)]
    flags: GlobalFlags,
}

/// The flags of a command line.
fn flags(line: &[String]) -> GlobalFlags {
    <Flags as clap::Parser>::try_parse_from(line).unwrap().flags
}

/// Law, for every setting: flag > environment > planctl.toml > default, and an empty variable is none.
#[test]
fn every_setting_has_the_same_precedence() {
    fn shown(path: Option<PathBuf>) -> String {
        path.map_or("none".to_owned(), |path| path.display().to_string())
    }
    type Get = fn(&Settings<'_>) -> String;
    let settings: [(&Key, Get, [&str; 4]); 9] = [
        (&DB, |s| s.db().unwrap().display().to_string(), ["f", "e", "../../t", "../../planctl.db"]),
        (&MIGRATIONS, |s| shown(s.migrations().ok()), ["f", "e", "../../t", "../../migrations"]),
        (&SPEC, |s| shown(s.spec().ok()), ["f", "e", "../../t", "../../spec/ddl.sql"]),
        (
            &DEVIATIONS,
            // Absolute: what lies beside the tests' working directory is none of its business.
            |s| shown(s.deviations(&std::env::temp_dir().join("no such folder/ddl.sql")).unwrap()),
            ["f", "e", "../../t", "none"],
        ),
        (&SQLITE_VERSION, |s| s.sqlite_version().unwrap().to_string(), ["3.41", "3.42", "3.43", "3.35"]),
        (&TARGET, |s| s.target().unwrap().to_string(), ["d1", "rqlite", "libsql", "sqlite"]),
        (&TESTS, |s| shown(s.tests().ok()), ["f", "e", "../../t", "../../tests/migrations"]),
        (
            &REPORTS,
            |s| shown(s.reports(&s.spec().unwrap()).ok()),
            ["f", "e", "../../t", "../../spec/reports"],
        ),
        (&DOCS, |s| shown(s.docs().unwrap()), ["f", "e", "../../t", "none"]),
    ];
    let texts = KEYS.iter().filter(|key| key.kind == KeyKind::Text).count();
    assert_eq!(settings.len(), texts, "every setting has its row");
    for (key, get, [by_flag, by_env, by_file, by_default]) in settings {
        let in_file = by_file.trim_start_matches("../");
        let toml = format!("{} = '{in_file}'", key.name);
        let resolved = |flag: Option<&str>, env: Option<&str>, toml: &str| {
            let (_dir, cwd) = project(toml);
            let env: Vec<(&str, &str)> = env.map(|value| (key.env, value)).into_iter().collect();
            let env = env_of(&env);
            let line: Vec<String> = flag.map(|value| format!("--{}={value}", key.name)).into_iter().collect();
            get(&Settings::load(flags(&line), &env, &cwd).unwrap())
        };
        let name = key.name;
        assert_eq!(resolved(Some(by_flag), Some(by_env), &toml), by_flag, "{name}: the flag wins");
        assert_eq!(resolved(None, Some(by_env), &toml), by_env, "{name}: then the environment");
        assert_eq!(resolved(None, Some(""), &toml), by_file, "{name}: an empty variable is none");
        assert_eq!(resolved(None, None, &toml), by_file, "{name}: then planctl.toml");
        assert_eq!(resolved(None, None, ""), by_default, "{name}: then the default");
    }
}

#[test]
fn a_list_has_the_same_precedence() {
    let resolved = |flag: &[PathBuf], env: &str, toml| {
        let (_dir, cwd) = project(toml);
        let env = env_of(&[("PLANCTL_MODELS", env)]);
        let found = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap().models(flag).unwrap();
        found.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ")
    };
    let two = std::env::join_paths(["a", "b"]).unwrap().into_string().unwrap();
    let in_file = "models = ['m.py', 'n.rs']";
    assert_eq!(resolved(&["f".into()], &two, in_file), "f", "the flag wins");
    assert_eq!(resolved(&[], &two, in_file), "a b", "then the environment");
    assert_eq!(resolved(&[], "", in_file), "../../m.py ../../n.rs", "then planctl.toml");
    assert_eq!(resolved(&[], "", "models = []\n[databases.d]\ndb = 'd'"), "");
    assert_eq!(resolved(&[], "", ""), "");
}

#[test]
fn a_switch_has_the_same_precedence() {
    let resolved = |flag, env: &str, toml| {
        let (_dir, cwd) = project(toml);
        let env = env_of(&[("PLANCTL_REQUIRE_CLEAN", env)]);
        let settings = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap();
        settings.clean(flag).map(|clean| clean.is_some())
    };
    let on = "require-clean = true";
    assert!(!resolved(Some(false), "1", on).unwrap(), "the flag wins");
    assert!(!resolved(None, "off", on).unwrap(), "then the environment");
    assert!(resolved(None, "", on).unwrap() && resolved(None, "Yes", "").unwrap());
    assert!(!resolved(None, "", "").unwrap());
    assert_eq!(resolved(None, "often", "").unwrap_err().message(), "`often` is neither true nor false");
}

const SEVERAL: &str = "\
spec = 'all.sql'
[audit]
ignore = ['x']
fail-on = 'error'
[lint]
rules = { missing-down = 'off', empty-up = 'error' }
[databases.one]
db = '1.db'
migrations = 'one'
[databases.one.lint]
rules = { empty-up = 'off' }
[databases.two]
spec = 'two.sql'
";

#[test]
fn a_database_takes_from_the_top_level_what_it_does_not_say() {
    use crate::base::rule::LintRule;
    use crate::migrations::lint::Level;
    let (_dir, cwd) = project(SEVERAL);
    let env = env_of(&[("PLANCTL_DB", "e.db"), ("PLANCTL_SPEC", "e.sql")]);
    let none = env_of(&[]);
    let load = |name: &str, env: &'static dyn Fn(&str) -> Option<OsString>| {
        let line = [format!("-d{name}")];
        Settings::load(flags(&line), env, &cwd)
    };
    let (env, none): (&'static _, &'static _) = (Box::leak(Box::new(env)), Box::leak(Box::new(none)));
    let one = load("one", none).unwrap();
    assert_eq!(one.db().unwrap(), "../../1.db".into());
    assert_eq!(one.migrations().unwrap(), Path::new("../../one"));
    assert_eq!(one.spec().unwrap(), Path::new("../../all.sql"));
    let lint = one.lint();
    let level = |rule| lint.levels.get(&rule).copied();
    assert_eq!(
        (level(LintRule::MissingDown), level(LintRule::EmptyUp)),
        (Some(Level::Off), Some(Level::Off))
    );
    assert_eq!(one.fail_on(None), FailOn::Error);
    // What the chosen table says itself beats the environment: `-d` is on the command line.
    let one = load("one", env).unwrap();
    assert_eq!((one.db().unwrap(), one.spec().unwrap()), ("../../1.db".into(), "e.sql".into()));
    assert_eq!(
        load("two", none).unwrap().db().unwrap_err().message(),
        "[databases.two] does not say which database it is"
    );
    let error = load("on", none).err().unwrap();
    assert_eq!(error.message(), "../../planctl.toml has no database `on`");
    assert_eq!(error.help_text(), Some("did you mean `one`?"));
}

#[test]
fn without_a_choice_only_what_depends_on_it_is_refused() {
    let (_dir, cwd) = project(SEVERAL);
    let env = env_of(&[]);
    let settings = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap();
    assert_eq!(settings.spec().unwrap(), Path::new("../../all.sql"));
    assert_eq!(settings.tests().unwrap(), Path::new("../../tests/migrations"));
    for error in [settings.db().unwrap_err(), settings.migrations().unwrap_err()] {
        assert_eq!(error.help_text(), Some("choose one with -d one or -d two"));
    }
    let names = |toml: &str| {
        let (_dir, cwd) = project(toml);
        let settings = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap();
        settings.of_each().into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(SEVERAL), [Some("one".to_owned()), Some("two".to_owned())]);
    assert_eq!(names("db = 'x'"), [None]);
    assert_eq!(names("db = 'x'\n[databases.one]"), [Some("(top level)".to_owned()), Some("one".to_owned())]);
}

#[test]
fn other_programs_variable_names_the_database_where_nothing_else_does() {
    let (dir, cwd) = project("");
    let db = |env: &[(&str, &str)], line: &[String]| {
        let env = env_of(env);
        Settings::load(flags(line), &env, &cwd).unwrap().db()
    };
    let url = ("DATABASE_URL", "sqlite://u.db?mode=rwc");
    assert_eq!(db(&[url], &[]).unwrap().file(), Some(Path::new("u.db")));
    assert_eq!(db(&[url, ("PLANCTL_DB", "e.db")], &[]).unwrap(), "e.db".into());
    assert_eq!(db(&[url], &["--db=f.db".to_owned()]).unwrap(), "f.db".into());
    std::fs::write(dir.path().join("planctl.toml"), "db = 't.db'").unwrap();
    assert_eq!(db(&[url], &[]).unwrap(), "../../t.db".into());
    std::fs::write(dir.path().join("planctl.toml"), "").unwrap();
    let error = db(&[("DATABASE_URL", "postgres://me:secret@host/d")], &[]).unwrap_err();
    assert_eq!(error.notes(), ["the value comes from the environment variable DATABASE_URL"]);
    assert!(!format!("{error} {:?}", error.help_text()).contains("secret"));
}

#[test]
fn a_target_is_where_the_database_is_and_nowhere_else() {
    let target = |env: &[(&str, &str)]| {
        let (_dir, cwd) = project("");
        let env = env_of(env);
        Settings::load(GlobalFlags::default(), &env, &cwd).unwrap().target()
    };
    let on = |db: &str| target(&[("PLANCTL_DB", db)]).unwrap();
    assert_eq!(on("rqlite://localhost"), Target::Rqlite);
    assert_eq!(on("libsql://localhost"), Target::Libsql);
    assert_eq!((on("a.db"), on("postgres://elsewhere")), (Target::Sqlite, Target::Sqlite));
    let both = |db, there| target(&[("PLANCTL_DB", db), ("PLANCTL_TARGET", there)]);
    assert_eq!(both("a.db", "d1").unwrap(), Target::D1, "a file may be a copy of what is there");
    let error = both("rqlite://u:secret@localhost", "d1").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert_eq!(error.message(), "the target is d1, and the database is rqlite://localhost");
    let error = target(&[("PLANCTL_TARGET", "mysql")]).unwrap_err();
    assert_eq!(error.message(), "`mysql` is not a target; the targets are sqlite, libsql, rqlite and d1");
}

#[test]
fn the_ledger_beside_the_spec_is_the_default_when_it_is_there() {
    let (dir, cwd) = project("");
    let spec = dir.path().join("ddl.sql");
    let env = env_of(&[]);
    let settings = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap();
    assert_eq!(settings.deviations(&spec).unwrap(), None);
    let ledger = dir.path().join("deviations.toml");
    std::fs::write(&ledger, "").unwrap();
    assert_eq!(settings.deviations(&spec).unwrap(), Some(ledger));
}

#[test]
fn a_file_that_is_named_must_exist_and_does_not_move_the_defaults() {
    let (dir, cwd) = project("db = 'found.db'");
    let env = env_of(&[]);
    let named = |path: PathBuf| GlobalFlags { config: Some(path), ..GlobalFlags::default() };
    let error = Settings::load(named(dir.path().join("missing.toml")), &env, &cwd).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::File);

    std::fs::write(dir.path().join("other.toml"), "spec = 'other.sql'").unwrap();
    let settings = Settings::load(named(dir.path().join("other.toml")), &env, &cwd).unwrap();
    assert_eq!(settings.spec().unwrap(), dir.path().join("other.sql"));
    assert_eq!(settings.db().unwrap().file().unwrap(), Path::new("planctl.db"), "the other file is not read");
}

#[test]
fn an_empty_flag_is_an_error() {
    let env = env_of(&[("PLANCTL_SPEC", "x")]);
    let settings = Settings::load(flags(&["--spec=".to_owned()]), &env, &std::env::temp_dir()).unwrap();
    assert_eq!(settings.spec().unwrap_err().message(), "the value of --spec is empty");
}

#[test]
fn a_bad_value_is_shown_where_it_stands() {
    let (_dir, cwd) = project("spec = 's'\ndb = 'mysql://h/d'\nsqlite-version = '4.0'\n");
    let env = env_of(&[]);
    let settings = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap();
    assert!(
        settings
            .db()
            .unwrap_err()
            .to_string()
            .starts_with("../../planctl.toml:2:6: planctl cannot open `mysql:`")
    );
    assert!(settings.sqlite_version().unwrap_err().to_string().starts_with("../../planctl.toml:3:18: `4.0`"));
}

#[test]
fn an_error_about_a_path_says_where_the_path_comes_from() {
    let (_dir, cwd) = project("spec = 's.sql'\n");
    let env = env_of(&[("PLANCTL_DB", "e.db")]);
    let flags = GlobalFlags { migrations: Some("m".into()), ..GlobalFlags::default() };
    let settings = Settings::load(flags, &env, &cwd).unwrap();
    let explained = |path: PathBuf| {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let error = settings.explain(Error::file(&path, missing));
        let help = error.help_text().map(str::to_owned);
        (error.notes().to_vec(), help)
    };
    let note = |text: &str| (vec![text.to_owned()], None);
    assert_eq!(explained(settings.spec().unwrap()), note("../../s.sql comes from ../../planctl.toml:1:8"));
    assert_eq!(
        explained(settings.db().unwrap().file().unwrap().to_path_buf()),
        note("e.db comes from the environment variable PLANCTL_DB")
    );
    assert_eq!(
        explained(settings.migrations().unwrap()),
        (vec![], Some("check the path that --migrations names".to_owned())),
        "where it comes from, whoever typed it knows"
    );
    let (notes, help) = explained(settings.tests().unwrap());
    assert_eq!(notes, ["../../tests/migrations is the default of --tests"]);
    assert_eq!(help.unwrap(), "name another with --tests, PLANCTL_TESTS or `tests` in planctl.toml");
    assert_eq!(explained("other.db".into()), (vec![], None), "another path is none of its business");
}

#[test]
fn an_error_is_about_the_path_that_it_knows_whatever_its_message_says() {
    let (_dir, cwd) = project("migrations = 'migrations'\n");
    let env = env_of(&[]);
    let settings = Settings::load(GlobalFlags::default(), &env, &cwd).unwrap();
    let dir = settings.migrations().unwrap();
    let notes = |error: Error| settings.explain(error).notes().len();
    let error = |message: String| Error::new(ErrorKind::Migration, message);
    assert_eq!(notes(error(format!("{}: there are none", dir.display()))), 0);
    assert_eq!(notes(error("there are none".to_owned()).about(&dir)), 1);
    assert_eq!(notes(error("there are none".to_owned()).about(dir.join("V1__a.sql"))), 0);
}
