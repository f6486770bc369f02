//! `migrate lint --since REV`: what a branch adds, as git sees it.

use super::*;

const LINT: [&str; 2] = ["migrate", "lint"];

/// Whether git is there; a word when it is not.
fn has_git() -> bool {
    let found = harness::program("git").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no git on PATH");
    }
    found
}

impl Project {
    fn git(&self, line: &str) {
        let mut command = harness::program("git");
        command.current_dir(self.dir.path()).args(line.split(' '));
        for (name, value) in [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")] {
            command.env(name, value);
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "n").env(format!("GIT_{who}_EMAIL"), "e@example.com");
        }
        expect(&mut command, &[0]);
    }

    /// The files with findings.
    fn found(&self, since: &str) -> Vec<String> {
        let args = [&LINT[..], &["--since", since, "--format", "json"]].concat();
        let document: Value = serde_json::from_slice(&self.run(&args).stdout).unwrap();
        let findings = document["findings"].as_array().unwrap_or_else(|| panic!("{document}")).iter();
        let mut files: Vec<String> =
            findings.map(|finding| finding["spec"]["file"].as_str().unwrap().to_owned()).collect();
        files.dedup();
        files
    }
}

/// A repository whose main branch has gone on since a branch left it.
fn branched() -> Project {
    let project = Project::new();
    project.git("init -q -b main");
    project.write("V1__a.sql", "CREATE TABLE a(x);").write("V2__b.sql", "CREATE TABLE b(x);");
    project.git("add .");
    project.git("commit -q -m one");
    project.git("checkout -q -b feature");
    project.write("V3__c.sql", "CREATE TABLE c(x);");
    project.git("add .");
    project.git("commit -q -m two");
    project.git("checkout -q main");
    project.write("V2__b.sql", "CREATE TABLE b(x, y);");
    project.git("commit -q -a -m three");
    project.git("checkout -q feature");
    project
}

#[test]
fn only_files_that_are_new_since_the_branch_left_are_linted() {
    if !has_git() {
        return;
    }
    let project = branched();
    // What main has changed since is none of the branch's doing.
    assert_eq!(project.found("main"), ["migrations/V3__c.sql"]);
    project.write("V1__a.sql", "CREATE TABLE a(x, y);").write("V4 é.sql", "");
    fs::rename(project.path("migrations/V4 é.sql"), project.path("migrations/V4__d.sql")).unwrap();
    assert_eq!(
        project.found("main"),
        ["migrations/V1__a.sql", "migrations/V3__c.sql", "migrations/V4__d.sql"],
        "what is not committed and what is untracked count"
    );
    assert_eq!(project.found("HEAD"), ["migrations/V1__a.sql", "migrations/V4__d.sql"]);
    let text = project.expect(1, &[&LINT[..], &["--since", "main"]].concat());
    assert!(harness::stdout(&text).contains("linted what is new or changed since main: 3 migrations"));
    let mut in_hook = project.command(&["migrate", "lint", "--since", "HEAD"]);
    let in_hook = expect(in_hook.env("GIT_INDEX_FILE", ".git/index").env("GIT_DIR", ".git"), &[1]);
    assert!(harness::stdout(&in_hook).contains("since HEAD: 2 migrations"));
    fs::create_dir(project.path("sub")).unwrap();
    let mut below = project.command(&["migrate", "lint", "--since=main", "--migrations=../migrations"]);
    let below = expect(below.current_dir(project.path("sub")), &[1]);
    assert!(harness::stdout(&below).contains("../migrations/V3__c.sql:"), "{}", harness::stdout(&below));
    project.git("add .");
    project.git("commit -q -m four");
    project.git("checkout -q main");
    let clean = project.expect(0, &[&LINT[..], &["--since", "HEAD"]].concat());
    assert!(harness::stdout(&clean).contains("0 migrations"));
}

#[test]
fn what_git_cannot_tell_is_said() {
    if !has_git() {
        return;
    }
    let project = Project::two_tables();
    let since = |rev: &str| stderr(&project.expect(2, &[&LINT[..], &["--since", rev]].concat()));
    assert!(since("main").starts_with("error: migrations is in no working tree of git"), "{}", since("main"));
    project.git("init -q -b main");
    let said = since("main");
    assert!(said.starts_with("error: git knows no revision `main`"), "{said}");
    project.git("add .");
    project.git("commit -q -m one");
    for rev in ["mian", "--output=x", "main..main"] {
        let said = stderr(&project.expect(2, &[&LINT[..], &[&format!("--since={rev}")]].concat()));
        assert!(said.starts_with(&format!("error: git knows no revision `{rev}`")), "{said}");
    }
    assert!(!project.path("x").exists());
    project.git("checkout -q --orphan other");
    project.git("commit -q -m two");
    assert!(
        since("main").starts_with("error: `main` and HEAD have no commit in common"),
        "{}",
        since("main")
    );
    let mut without = project.command(&["migrate", "lint", "--since", "main"]);
    let said = stderr(&expect(without.env("PATH", project.dir.path()), &[2]));
    assert!(said.starts_with("error: git cannot be run") && said.contains("needs git on the PATH"), "{said}");
}

#[test]
fn a_shallow_clone_is_told_what_it_lacks() {
    if !has_git() {
        return;
    }
    let project = branched();
    let url = format!("file://{}", project.dir.path().display());
    project.git(&format!("clone -q --depth 1 --branch feature {url} clone"));
    let mut lint = project.command(&["migrate", "lint", "--since", "origin/main"]);
    let said = stderr(&expect(lint.current_dir(project.path("clone")), &[2]));
    assert!(said.contains("this clone is shallow") && said.contains("git fetch --unshallow"), "{said}");
    project.git("-C clone fetch -q --unshallow origin +refs/heads/*:refs/remotes/origin/*");
    let mut lint = project.command(&["migrate", "lint", "--since", "origin/main"]);
    expect(lint.current_dir(project.path("clone")), &[1]);
}
