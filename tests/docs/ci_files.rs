//! What other people's CI uses of this repository: the scripts behind `action.yml`, run as its steps run them, and the
//! files that refer to each other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::{Captures, Regex};

use crate::harness::{Project, Run, path, program, repository};

fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A run of `.ci/action/run` in `project`, with the binary under test, and what it left for the steps behind it.
struct Step {
    run: Run,
    outputs: String,
    summary: String,
    sarif: serde_json::Value,
}

impl Step {
    fn of(project: &Project, command: &str, arguments: &str) -> Step {
        Step::below(project.dir.path(), project.dir.path(), command, arguments)
    }

    /// With the checkout in `workspace`, and the project there or in a folder of it.
    fn below(workspace: &Path, folder: &Path, command: &str, arguments: &str) -> Step {
        let runner = tempfile::tempdir().unwrap();
        let file = |name: &str| runner.path().join(name);
        let run = Run::of(
            program(repository(".ci/action/run"))
                .current_dir(folder)
                .env("PATH", path())
                .env("PLANCTL_COMMAND", command)
                .env("PLANCTL_ARGUMENTS", arguments)
                .env("RUNNER_TEMP", runner.path())
                .env("GITHUB_WORKSPACE", workspace)
                .env("GITHUB_OUTPUT", file("output"))
                .env("GITHUB_STEP_SUMMARY", file("summary")),
        );
        let text = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
        let (outputs, summary) = (text(file("output")), text(file("summary")));
        let mut sarif = serde_json::Value::Null;
        if let Some(file) = outputs.lines().find_map(|line| line.strip_prefix("sarif=")) {
            sarif = serde_json::from_str(&text(file.into())).unwrap();
            assert_eq!(sarif["version"], "2.1.0");
        }
        Step { run, outputs, summary, sarif }
    }

    fn says(&self, status: &str, outcome: &str) {
        let expected = format!("status={status}\noutcome={outcome}\n");
        assert!(self.outputs.starts_with(&expected), "{}\n{}", self.outputs, self.run.stderr);
        assert_eq!(self.run.status, 0, "the steps behind it have to run");
    }
}

#[test]
fn the_action_passes_on_what_check_found() {
    let project = Project::shipped();
    let step = Step::of(&project, "check", "");
    step.says("0", "clean");
    assert!(step.run.stdout.contains("planctl check: nothing found"), "{}", step.run.stdout);
    assert!(step.summary.contains("**planctl check**: nothing found"), "{}", step.summary);

    project.write("migrations/V10__stray.sql", "CREATE TABLE stray (id INTEGER PRIMARY KEY);");
    project.write("migrations/V10__stray.down.sql", "DROP TABLE stray;");
    let step = Step::of(&project, "check", "");
    step.says("1", "findings");
    assert!(step.run.stdout.contains("::error"), "{}", step.run.stdout);
    assert!(step.summary.contains("extra-table"), "{}", step.summary);
}

#[test]
fn the_action_passes_arguments_on_as_they_stand_one_a_line() {
    let project = Project::shipped();
    project.ok(&["--db", "with a space.db", "migrate", "up"]);
    let step = Step::of(&project, "audit", "--db=with a space.db\n\n--strict\n");
    step.says("1", "findings");
    let step = Step::of(&project, "audit", "--db=$(touch forged).db");
    step.says("2", "trouble");
    assert!(step.run.stdout.contains("::error title=planctl::there is no database $(touch forged).db"));
    assert!(!project.path("forged").exists());
}

/// GitHub looks for them from the top of the repository: those of a project in a folder of it were found nowhere.
#[test]
fn annotations_and_sarif_of_a_working_directory_name_files_from_the_top_of_the_repository() {
    let project = Project::shipped();
    project.write("migrations/V10__stray.sql", "CREATE TABLE stray (id INTEGER PRIMARY KEY);");
    let places = |step: &Step| {
        let uri =
            &step.sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        let annotated = step.run.stdout.lines().find_map(|line| line.split_once(" file="));
        let annotated = annotated.map_or("", |(_, rest)| rest).split(',').next().unwrap().to_owned();
        (annotated, uri["uri"].as_str().unwrap_or_default().to_owned())
    };
    let (annotated, uri) = places(&Step::of(&project, "check", ""));
    assert!(annotated.starts_with("migrations/") && !uri.is_empty(), "{annotated}");
    let checkout = tempfile::tempdir().unwrap();
    let below = checkout.path().join("an app, 50% & more");
    std::fs::rename(project.dir.path(), &below).unwrap();
    let step = Step::below(checkout.path(), &below, "check", "");
    step.says("1", "findings");
    let expected =
        (format!("an app%2C 50%25 & more/{annotated}"), format!("an%20app,%2050%25%20&%20more/{uri}"));
    assert_eq!(places(&step), expected, "{}", step.run.stdout);
}

#[test]
fn the_action_refuses_another_command() {
    let step = Step::of(&Project::shipped(), "migrate", "up");
    assert_eq!(step.run.status, 2);
    assert!(step.run.stdout.starts_with("::error title=planctl::"), "{}", step.run.stdout);
}

/// Law: what `action.yml` refers to is there: its inputs, the outputs of its steps, its scripts.
#[test]
fn the_action_refers_to_nothing_that_is_not_there() {
    let action = read("action.yml");
    let found = |pattern: &str| -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        pattern.captures_iter(&action).map(|found| found[1].to_owned()).collect()
    };
    let (inputs, rest) = action.split_once("\noutputs:").unwrap();
    let declared = Regex::new(r"(?m)^  ([a-z-]+):$").unwrap();
    let declared: BTreeSet<String> =
        declared.captures_iter(inputs).map(|found| found[1].to_owned()).collect();
    assert_eq!(found(r"inputs\.([a-z-]+)"), declared);
    for script in found(r"\$GITHUB_ACTION_PATH/([^\x22]+)") {
        assert!(repository(&script).is_file(), "{script}");
    }
    let written = read(".ci/action/run");
    for output in found(r"steps\.run\.outputs\.([a-z]+)") {
        assert!(written.contains(&format!("printf '{output}=")), "{output}");
    }
    assert!(rest.contains("id: run") && rest.contains("id: cache"));
}

/// Law: a hook's entry is a command that there is.
#[test]
fn the_hooks_run_commands_that_there_are() {
    let entries = Regex::new(r"(?m)^  entry: planctl (.+)$").unwrap();
    let hooks = read(".pre-commit-hooks.yaml");
    let project = Project::shipped();
    let entries: Vec<_> = entries.captures_iter(&hooks).map(|entry| entry[1].to_owned()).collect();
    assert_eq!(entries.len(), hooks.matches("- id:").count());
    for entry in entries {
        project.ok(&entry.split(' ').collect::<Vec<_>>());
    }
}

/// What stands behind `field = ` in Cargo.toml.
fn manifest(field: &str) -> String {
    let pattern = Regex::new(&format!(r#"(?m)^{field} = "(.+)"$"#)).unwrap();
    pattern.captures(&read("Cargo.toml")).unwrap()[1].to_owned()
}

/// Law: the documents name the repository and the version that Cargo.toml does, wherever they say where planctl is from.
#[test]
fn where_planctl_is_from_is_said_by_the_manifest_alone() {
    let (repository_url, version) = (manifest("repository"), manifest("version"));
    assert_eq!(manifest("homepage"), repository_url);
    let path = repository_url.split('/').skip(3).collect::<Vec<_>>().join("/");
    let place = Regex::new(r"(uses: |repo: |rev: |--git |--repo )([^\s`_]+)").unwrap();
    let mut count = 0;
    for document in ["README.md", "docs/ci.md", "docs/install.md"] {
        let text = read(document);
        let told = place.replace_all(&text, |found: &Captures| {
            let said = match &found[1] {
                "uses: " if found[2].starts_with("actions/") => return found[0].to_owned(),
                "uses: " => format!("{path}@v{version}"),
                "repo: " | "--git " => repository_url.clone(),
                "rev: " => format!("v{version}"),
                _ => path.clone(),
            };
            count += 1;
            format!("{}{said}", &found[1])
        });
        if told != text && std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(repository(document), told.as_ref()).unwrap();
        } else {
            assert_eq!(told, text, "{document}: UPDATE_DOCS=1 cargo test --test docs writes it");
        }
        assert!(!text.contains("OWNER"), "{document}");
    }
    assert!(count >= 6, "{count} places");
}

/// Law: the packages are built for the platforms that the workflow names, and each platform has its npm package.
#[test]
fn every_platform_of_a_release_has_its_packages() {
    let targets = |pattern: &str, text: &str| -> BTreeSet<String> {
        Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
    };
    let released = targets(r"target: ([a-z0-9_]+-[a-z0-9_-]+),", &read(".github/workflows/release.yml"));
    assert_eq!(released.len(), 5);
    assert_eq!(released, targets(r#""([a-z0-9_]+-[a-z0-9_-]+)": \["#, &read("packaging/npm/pack.mjs")));
    let fetched = targets(r"echo ([a-z0-9_]+-[a-z0-9_-]+) ;;", &read(".ci/action/install"));
    assert!(fetched.is_subset(&released), "{fetched:?}");
}
