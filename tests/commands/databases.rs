//! Several databases in one repository, and databases that other programs' settings name.

use crate::harness::Project;

const TOML: &str = "\
sqlite-version = '3.40'
[databases.alpha]
db = 'alpha.db'
migrations = 'a'
spec = 'a.sql'
[databases.beta]
db = 'beta.db'
migrations = 'b'
spec = 'b.sql'
lint = { rules = { missing-down = 'error' } }
";

fn several() -> Project {
    let project = Project::empty();
    project.write("planctl.toml", TOML);
    project.write("a.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY);");
    project.write("a/V1__a.sql", "CREATE TABLE t(id INTEGER PRIMARY KEY);");
    project.write("a/V1__a.down.sql", "DROP TABLE t;");
    project.write("b.sql", "CREATE TABLE u(id INTEGER PRIMARY KEY, x);");
    project.write("b/V1__b.sql", "CREATE TABLE u(id INTEGER PRIMARY KEY);");
    project
}

#[test]
fn a_command_works_on_the_database_that_it_is_told() {
    let project = several();
    let said = project.run(&["migrate", "up"]);
    assert_eq!(said.status, 2);
    assert_eq!(
        said.stderr,
        "error: planctl.toml has several databases, and none was chosen for `db`\n \
         = help: choose one with -d alpha or -d beta\n"
    );
    project.ok(&["-d", "alpha", "migrate", "up"]);
    project.ok(&["migrate", "up", "--database=beta"]);
    assert!(project.path("alpha.db").exists() && project.path("beta.db").exists());
    std::fs::create_dir(project.path("sub")).unwrap();
    let mut below = project.command(&["migrate", "status", "--check", "-d", "beta"]);
    assert_eq!(below.current_dir(project.path("sub")).status().unwrap().code(), Some(0));
    assert_eq!(project.ok(&["audit", "-dalpha"]).stdout, "no drift\n");
    assert_eq!(project.run(&["audit", "-d", "beta"]).status, 1);
    let unknown = project.run(&["-d", "alhpa", "migrate", "up"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("did you mean `alpha`?"), "{}", unknown.stderr);
    // What names its files needs no database.
    project.ok(&["schema", "dump", "alpha.db"]);
    let protected = project.run(&["check", "-o", "b.sql"]);
    assert!(protected.status == 2 && protected.stderr.contains("would write over the spec"));
}

/// The commands that a text advises, each as its words.
fn advised(text: &str) -> Vec<Vec<&str>> {
    let commands = text.split("`planctl ").skip(1).map(|rest| rest.split('`').next().unwrap());
    commands.map(|command| command.split(' ').collect()).collect()
}

/// Law: advice that is copied acts on the database that was chosen, in results as in errors.
#[test]
fn what_is_advised_names_the_database_that_was_chosen() {
    let project = several();
    project.ok(&["-d", "alpha", "migrate", "up"]);
    rusqlite::Connection::open(project.path("alpha.db"))
        .unwrap()
        .execute_batch("CREATE TABLE hot(x)")
        .unwrap();
    let found = project.run(&["audit", "-d", "alpha"]);
    let refused = project.run(&["-d", "alpha", "migrate", "up", "--require-clean"]);
    let (document, _) = project.json(&["-d", "alpha", "migrate", "up", "--require-clean"]);
    for text in [found.stdout.as_str(), &refused.stderr, document["error"]["help"].as_str().unwrap()] {
        let all = advised(text);
        assert!(all.len() > 1 && all.iter().all(|words| words.starts_with(&["-d", "alpha"])), "{text}");
        let script = all.iter().find(|words| words.contains(&"--sql")).unwrap();
        assert!(project.ok(script).stdout.contains("hot"));
    }
    // Where each is checked, the advice says which one it is for.
    std::fs::remove_file(project.path("b/V1__b.sql")).unwrap();
    project.write("b/1_u.up.sql", "CREATE TABLE u(id INTEGER PRIMARY KEY, x);");
    let said = project.run(&["check"]);
    let all = advised(&said.stderr);
    assert!(!all.is_empty() && all.iter().all(|words| words.starts_with(&["-d", "beta"])), "{}", said.stderr);
}

/// Law: a command that is advised acts on what the command line named, and not on the project's own database.
#[test]
fn what_is_advised_names_what_the_command_line_named() {
    let project = several();
    project.write("other.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);");
    rusqlite::Connection::open(project.path("other.db"))
        .unwrap()
        .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE hot (x)")
        .unwrap();
    let named = ["--db", "other.db", "--migrations", "none", "--spec", "other.sql"];
    std::fs::create_dir(project.path("none")).unwrap();
    let found = project.run(&[&named[..], &["audit"]].concat());
    let all = advised(&found.stdout);
    let script = all.iter().find(|words| words.contains(&"--sql")).unwrap();

    assert!(project.ok(script).stdout.contains("DROP TABLE hot"), "{}", found.stdout);
    // Not with what lets one in.
    let refused = project.run(&["--db", "rqlite://me:secret@127.0.0.1:1", "--lock-timeout", "1ms", "audit"]);
    assert!(refused.status == 2 && !refused.stderr.contains("secret"), "{}", refused.stderr);
}

#[test]
fn check_checks_each_of_them_and_says_which() {
    let project = several();
    let (document, status) = project.json(&["check"]);
    assert_eq!((status, &document["outcome"]), (1, &"findings".into()));
    let steps = document["steps"].as_array().unwrap();
    let of = |name: &str| steps.iter().filter(|step| step["database"] == name).count();
    assert_eq!((of("alpha"), of("beta")), (5, 5));
    let found: Vec<_> =
        document["findings"].as_array().unwrap().iter().map(|f| (&f["rule"], &f["database"])).collect();
    assert_eq!(found, [(&"missing-down".into(), &"beta".into()), (&"missing-column".into(), &"beta".into())]);
    let text = project.run(&["check"]).stdout;
    let (alpha, beta) = text.split_once("\nbeta\n").unwrap();
    assert!(
        alpha.starts_with("alpha\n") && !alpha.contains("finding") && beta.contains("missing-column"),
        "{text}"
    );
    let sarif = project.run(&["check", "--format", "sarif"]).stdout;
    assert!(sarif.contains("\"database\": \"beta\"") && !sarif.contains("\"database\": \"alpha\""));
    assert!(project.run(&["check", "--format", "junit"]).stdout.contains("classname=\"planctl.check.beta\""));
    assert!(project.run(&["check", "--format", "github"]).stdout.contains("title=beta%3A missing-column::"));
    assert_eq!(
        project.ok(&["check", "-d", "alpha"]).stdout.lines().next().unwrap().split(' ').next(),
        Some("step")
    );
    // Trouble with one does not keep the others from being checked.
    std::fs::remove_dir_all(project.path("a")).unwrap();
    let (document, status) = project.json(&["check"]);
    assert_eq!((status, document["findings"].as_array().unwrap().len()), (2, 2));
    assert_eq!(document["error"]["notes"][0], "it is about the database alpha");
    std::fs::remove_dir_all(project.path("b")).unwrap();
    let both = project.run(&["check"]).stderr;
    assert!(
        both.contains("the check failed for 2 databases")
            && both.contains("it is about the database alpha")
            && both.contains("the database beta"),
        "{both}"
    );
}

#[test]
fn database_url_names_the_database_in_the_environment_and_in_a_file() {
    let project = Project::empty();
    project.write("migrations/V1__t.sql", "CREATE TABLE t(a);");
    project.write(".env", "SECRET=it's \"\nDATABASE_URL=\"sqlite://env.db?mode=rwc&cache=shared\" # main\n");
    let at = project.ok(&["migrate", "up"]).stdout;
    assert!(at.contains("env.db is at version 1"), "{at}");
    let mut command = project.command(&["migrate", "up"]);
    command.env("DATABASE_URL", "sqlite:other.db").status().unwrap();
    assert!(project.path("other.db").exists());
    // Beside planctl.toml, from a folder below it.
    project.write("planctl.toml", "");
    std::fs::create_dir(project.path("sub")).unwrap();
    let run =
        crate::harness::Run::of(project.command(&["migrate", "status"]).current_dir(project.path("sub")));
    assert!(run.stdout.contains("../env.db is at version 1"), "{}", run.stdout);
    project.write("prisma/schema.prisma", "");
    project.write(".env", "DATABASE_URL=file:./dev.db?connection_limit=1");
    project.ok(&["migrate", "up"]);
    assert!(project.path("prisma/dev.db").exists());
    project.write("planctl.toml", "db = 'app.db'");
    assert!(project.ok(&["migrate", "up"]).stdout.contains("app.db is at version 1"));
}

#[test]
fn a_url_of_another_program_is_refused_with_its_place_and_without_its_password() {
    let project = Project::empty();
    project.write("migrations/V1__t.sql", "CREATE TABLE t(a);");
    for url in
        ["postgres://me:secret@host/d", "mysql://me:secret@host/d", "postgresql://me:${PW}secret@host/d"]
    {
        project.write(".env", format!("X=1\nDATABASE_URL={url}\n"));
        let run = project.run(&["migrate", "up"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains(".env:2:14") && !run.stderr.contains("secret"), "{}", run.stderr);
    }
    let mut command = project.command(&["migrate", "up"]);
    let run = crate::harness::Run::of(command.env("DATABASE_URL", "postgres://me:secret@host/d"));
    assert!(
        run.stderr.contains("environment variable DATABASE_URL") && !run.stderr.contains("secret"),
        "{}",
        run.stderr
    );
    project.write("planctl.toml", "spec = 's.sql'\ndb = \"${DB_DIR}/a.db\"\n");
    let run = project.run(&["migrate", "up"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("planctl.toml:2:6") && run.stderr.contains("PLANCTL_DB="), "{}", run.stderr);
}
