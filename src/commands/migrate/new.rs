//! `planctl migrate new`: writes the next numbered pair of files from a template.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::commands::Context;
use crate::commands::scratch::own_migrations;
use crate::migrations::{MigrationSet, NewFile, new_pair};
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

/// Writes the pair. A file that is there is never written over.
///
/// # Errors
/// When the folder's migrations are wrong, the name cannot be one, or a file cannot be written; then neither file is.
pub fn run(ctx: &mut Context<'_>, request: &NewRequest) -> Result<Report> {
    let dir = request.migrations.as_path();
    let set = if dir.exists() {
        own_migrations(dir)?
    } else {
        MigrationSet { dir: dir.to_owned(), migrations: Vec::new() }
    };
    let version = set.next_version(ctx.started)?;
    let [up, down] = new_pair(&set, &request.name, version)?;
    create_pair(dir, &up, Some(&down))?;

    let [up, down] = [&up, &down].map(|file| file.path.display().to_string());
    let mut report = Report::new("migrate new");
    for file in [&up, &down] {
        report.document.spans(vec!["created ".into(), Span::new(file.as_str(), Style::Code)]);
    }
    report.body = Some(New { version, up, down }.into());
    Ok(report)
}

/// Writes all files of a migration, or none.
pub(super) fn create_pair(dir: &Path, up: &NewFile, down: Option<&NewFile>) -> Result<()> {
    create_all(dir, std::iter::once(up).chain(down))
}

/// Writes all these files, or none.
pub(super) fn create_all<'f>(dir: &Path, files: impl IntoIterator<Item = &'f NewFile>) -> Result<()> {
    fs::create_dir_all(dir).map_err(|error| Error::file(dir, error))?;
    let mut made = Vec::new();
    for file in files {
        if let Err(error) = create(file) {
            // Half a pair would be a migration that nothing reverts. What cannot be removed is named.
            return Err(made.into_iter().fold(error, removed));
        }
        made.push(file);
    }
    Ok(())
}

/// Removes a file that was made, and adds to the error when it is left.
pub(super) fn removed(error: Error, file: &NewFile) -> Error {
    match fs::remove_file(&file.path) {
        Ok(()) => error,
        Err(_) => error.note(format!("{} is left, and applied nowhere: remove it", file.path.display())),
    }
}

/// Writes a file that must not be there yet.
fn create(file: &NewFile) -> Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).open(&file.path);
    let written = written.and_then(|mut open| {
        open.write_all(file.text.as_bytes()).inspect_err(|_| {
            // What was written of it is of no use; the error that stopped it is the one to report.
            let _ = fs::remove_file(&file.path);
        })
    });
    written.map_err(|error| refused(&file.path, error))
}

fn refused(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Error::new(ErrorKind::File, format!("{} already exists", path.display()))
                .help("nothing was overwritten; choose another name, or move the file away")
        }
        _ => Error::file(path, error),
    }
}

#[cfg(test)]
mod tests {
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
    fn nothing_is_written_over_and_no_half_pair_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let file = NewFile { path: dir.path().join("V1__a.sql"), text: "new".to_owned() };
        fs::write(&file.path, "old").unwrap();
        assert!(create(&file).unwrap_err().message().ends_with("already exists"));
        assert_eq!(fs::read_to_string(&file.path).unwrap(), "old");
        assert!(new(dir.path(), "what: ever").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
