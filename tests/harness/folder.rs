//! Folders: of the repository, of the corpus, and those that a test makes.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A file or folder of the repository; `""` is its root.
pub(crate) fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What the settings of the repository allow in its migrations.
pub(crate) fn allowed() -> String {
    let settings = std::fs::read_to_string(repository("planctl.toml")).unwrap();
    settings[settings.find("[[lint.allow]]").unwrap()..].to_owned()
}

/// A folder of the corpus of real schemas and chains; `None`, with a word about it, where it is not there.
/// `PLANCTL_SHARED` names the folder that it is in.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("PLANCTL_SHARED").map_or_else(|| repository("../shared"), PathBuf::from);
    let folder = shared.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {name} is not here");
    None
}

/// What a folder holds, sorted.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Writes a file below a folder, and the folders that it stands in.
pub(crate) fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A folder with these files.
pub(crate) fn folder<T: AsRef<[u8]>>(files: &[(&str, T)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in files {
        write(dir.path(), name, content);
    }
    dir
}

/// An empty folder, in memory where there is such a place: a disk adds nothing but waiting, and what a killed process
/// wrote is there, synchronised or not.
pub(crate) fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}
