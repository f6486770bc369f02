//! Which files a run is given: what it writes must not take the place of one that it reads, of one of the project's own,
//! or of another result. Files are told apart by what they are, not by their names.

use std::fs;
use std::path::{Path, PathBuf};

use super::keys::FILE_NAME;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::replacement::Place;

/// A file or folder that no result may take the place of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// What it is to the run.
    pub what: What,
}

/// What a file is to a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The database. What SQLite keeps beside it is part of it.
    Database,
    /// The specification.
    Spec,
    /// The ledger of deviations.
    Ledger,
    /// The settings file.
    Settings,
    /// The rows that `sample load` loads.
    Sample,
    /// The page about the schema that `check` holds up to date.
    Page,
    /// A file of classes that `check` holds up to date.
    Models,
    /// The folder of migrations.
    Migrations,
    /// The folder of migration tests.
    Tests,
    /// The folder of reports.
    Reports,
    /// A file or folder that was named on the command line to be read.
    Input,
}

impl What {
    fn sentence(self) -> &'static str {
        match self {
            What::Database => "the database",
            What::Spec => "the spec",
            What::Ledger => "the ledger",
            What::Settings => "the settings file",
            What::Sample => "the file of sample rows",
            What::Page => "the page about the schema",
            What::Models => "a file of classes",
            What::Migrations => "a migration",
            What::Tests => "a migration test",
            What::Reports => "a report",
            What::Input => "a file that the command reads",
        }
    }
}

/// A file that a run writes, and the option that names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Written {
    /// `-o`, `--backup`
    pub option: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What it is of the run's own files, when that is what the option is for.
    pub is: Option<What>,
}

/// Refuses a run that would write over a file of its own.
///
/// # Errors
/// `Usage`, naming both.
pub(crate) fn check(written: &[Written], kept: &[Kept]) -> Result<()> {
    let mut others: Vec<(&Written, Identity)> = Vec::new();
    for file in written {
        // What cannot be looked at cannot be written either, and the error of that says more.
        let Some(identity) = Identity::of(&file.path) else { continue };
        let taken =
            kept.iter().find(|kept| !file.may_be(kept.what, &identity) && kept.holds(file, &identity));
        if let Some(kept) = taken {
            return Err(refused(file, kept));
        }
        if let Some((other, _)) = others.iter().find(|(_, there)| *there == identity) {
            return Err(both(other, file));
        }
        others.push((file, identity));
    }
    Ok(())
}

fn shown(file: &Written) -> String {
    format!("{} {}", file.option, file.path.display())
}

impl Written {
    /// Whether to write it is what the option is for. A specification is begun with a dump; one that is there has
    /// comments and an order of its own, which a dump does not have.
    fn may_be(&self, what: What, identity: &Identity) -> bool {
        self.is == Some(what) && (what != What::Spec || !matches!(identity, Identity::There(_)))
    }
}

fn refused(file: &Written, kept: &Kept) -> Error {
    let what = kept.what.sentence();
    let is_folder = kept.path.is_dir();
    let does = if is_folder && !file.path.exists() { "would become" } else { "would write over" };
    let error = Error::new(ErrorKind::Usage, format!("`{}` {does} {what}", shown(file)));
    let error = if file.path == kept.path {
        error
    } else if is_folder {
        error.note(format!("each SQL file of {} is {what}", kept.path.display()))
    } else {
        error.note(format!("{what} is {}", kept.path.display()))
    };
    error.help(match file.is {
        Some(is) if is == kept.what => "name another file, or move the old one away first",
        _ => "name another file for the result",
    })
}

/// Two results for one file.
fn both(a: &Written, b: &Written) -> Error {
    let message = format!("`{}` and `{}` name one file", shown(a), shown(b));
    let error = Error::new(ErrorKind::Usage, message).help("give each result a file of its own");
    match (a.path.file_name(), b.path.file_name()) {
        (Some(a), Some(b)) if a != b && a.eq_ignore_ascii_case(b) => {
            error.note("where case does not count in names, they are the same")
        }
        _ => error,
    }
}

impl Kept {
    /// Whether a result in `file` would take its place, or become one of its files.
    fn holds(&self, file: &Written, identity: &Identity) -> bool {
        if Identity::of(&self.path).as_ref() == Some(identity) {
            return true;
        }
        match self.what {
            What::Database | What::Input if beside(&self.path).iter().any(|path| is(path, identity)) => true,
            _ if !self.path.is_dir() => false,
            _ => is_sql(&file.path) && in_folder(&file.path, &self.path) || is_in(&self.path, identity),
        }
    }
}

fn is(path: &Path, identity: &Identity) -> bool {
    Identity::of(path).as_ref() == Some(identity)
}

/// What SQLite keeps beside a database: by the name that it has once its links are followed, and by that which it was
/// given.
fn beside(database: &Path) -> Vec<PathBuf> {
    let mut names = vec![database.to_owned()];
    if let Ok(Place::Named(target)) = Place::of(database) {
        names.push(target);
    }
    let sides = |name: PathBuf| {
        ["-wal", "-shm", "-journal"].map(|end| {
            let mut side = name.clone().into_os_string();
            side.push(end);
            PathBuf::from(side)
        })
    };
    names.into_iter().flat_map(sides).collect()
}

fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"))
}

/// Whether the name is one of the folder's, there or not: a file of that name would be read from then on.
fn in_folder(path: &Path, folder: &Path) -> bool {
    let Ok(Place::Named(target)) = Place::of(path) else { return false };
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    FileId::of(parent.unwrap_or(Path::new("."))).is_some_and(|parent| FileId::of(folder) == Some(parent))
}

/// Whether it is a SQL file of the folder, under whatever name.
fn is_in(folder: &Path, identity: &Identity) -> bool {
    let Identity::There(id) = identity else { return false };
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .any(|path| is_sql(&path) && FileId::of(&path).as_ref() == Some(id))
}

/// What makes a file that file.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Identity {
    There(FileId),
    /// A free name in a folder. Letters of another case may be the same name, and until there is a file nobody can tell.
    Free(FileId, String),
    /// A free name in a folder that is not there.
    Nowhere(PathBuf),
}

impl Identity {
    /// `None` for devices, pipes, folders and what is open already: nothing in them is lost.
    fn of(path: &Path) -> Option<Identity> {
        let Ok(Place::Named(target)) = Place::of(path) else { return None };
        if let Ok(metadata) = fs::metadata(&target) {
            return if metadata.is_file() { FileId::of(&target).map(Identity::There) } else { None };
        }
        let name = target.file_name()?.to_string_lossy().to_lowercase();
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        match FileId::of(folder.unwrap_or(Path::new("."))) {
            Some(folder) => Some(Identity::Free(folder, name)),
            None => std::path::absolute(&target).ok().map(Identity::Nowhere),
        }
    }
}

/// What the operating system tells files apart by.
#[cfg(unix)]
#[derive(Clone, PartialEq, Eq, Debug)]
struct FileId(u64, u64);

#[cfg(unix)]
impl FileId {
    fn of(path: &Path) -> Option<FileId> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|metadata| FileId(metadata.dev(), metadata.ino()))
    }
}

#[cfg(not(unix))]
#[derive(Clone, PartialEq, Eq, Debug)]
struct FileId(PathBuf);

#[cfg(not(unix))]
impl FileId {
    fn of(path: &Path) -> Option<FileId> {
        fs::canonicalize(path).ok().map(FileId)
    }
}

/// The settings file that a run in `root` reads or would read.
pub(crate) fn settings_file(named: Option<&Path>, root: &Path) -> Kept {
    let path = named.map_or_else(|| root.join(FILE_NAME), Path::to_owned);
    Kept { path, what: What::Settings }
}
