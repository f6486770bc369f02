//! `planctl migrate new`: writes the next numbered pair of files from a template.

use std::path::{Path, PathBuf};

use crate::base::error::Result;
use crate::commands::Context;
use crate::commands::changing::{change, resume};
use crate::commands::scratch::own_migrations;
use crate::migrations::{MigrationSet, NamedFile, Version, as_name, new_pair};
use crate::report::wire::pair::New;
use crate::report::{Report, Span, Style};

/// What `migrate new` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest {
    /// The folder of migration files; created when it does not exist.
    pub migrations: PathBuf,
    /// The name between `V<n>__` and `.sql`, as it was typed.
    pub name: String,
}

const COMMAND: &str = "migrate new";

/// Writes the pair. A file that is there is never written over.
///
/// # Errors
/// When the folder's migrations are wrong, the name cannot be one, or a file cannot be written; then neither file is.
pub fn run(ctx: &mut Context<'_>, request: &NewRequest) -> Result<Report> {
    let dir = request.migrations.as_path();
    // A killed run of the same command has begun it.
    if let [up, down] = resume(COMMAND, &[dir], |_| Ok(true))?.new.as_slice()
        && let Some(file) = NamedFile::of(up.clone())
        && file.name == as_name(&request.name)
    {
        return Ok(report(file.version, up, down));
    }
    let set = if dir.exists() {
        own_migrations(dir)?
    } else {
        MigrationSet { dir: dir.to_owned(), migrations: Vec::new() }
    };
    let version = set.next_version(ctx.started)?;
    let [up, down] = new_pair(&set, &request.name, version)?;
    change(COMMAND, &[dir], [&up, &down], &[], None)?.done();
    Ok(report(version, &up.path, &down.path))
}

fn report(version: Version, up: &Path, down: &Path) -> Report {
    let [up, down] = [up, down].map(|path| path.display().to_string());
    let mut report = Report::new(COMMAND);
    for file in [&up, &down] {
        report.document.spans(vec!["created ".into(), Span::new(file.as_str(), Style::Code)]);
    }
    report.body = Some(New { version, up, down }.into());
    report
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::commands::testing::with_context;

    fn new(dir: &Path, name: &str) -> Result<Report> {
        let request = NewRequest { migrations: dir.to_owned(), name: name.to_owned() };
        with_context(|ctx| run(ctx, &request))
    }

    #[test]
    fn pairs_are_numbered_one_after_the_other_in_a_folder_that_need_not_exist() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        new(&folder, "first one").unwrap();
        new(&folder, "second").unwrap();
        let set = MigrationSet::load(&folder).unwrap();
        let labels: Vec<_> = set.migrations.iter().map(|m| (m.label(), m.down.is_some())).collect();
        assert_eq!(labels, [("V1__first_one".to_owned(), true), ("V2__second".to_owned(), true)]);
    }

    #[test]
    fn a_name_that_cannot_be_one_makes_no_folder() {
        let dir = tempfile::tempdir().unwrap();
        assert!(new(&dir.path().join("a"), "what: ever").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
