//! A picture of a folder: whatever changes in it is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Everything below a folder: what is there, of which kind, and each file's bytes.
#[derive(PartialEq, Eq)]
pub(crate) struct Picture(BTreeMap<PathBuf, Entry>);

#[derive(PartialEq, Eq, Debug)]
enum Entry {
    Folder,
    Link(PathBuf),
    File(Vec<u8>),
}

impl Picture {
    pub(crate) fn of(dir: &Path) -> Picture {
        let mut entries = BTreeMap::new();
        let mut open = vec![dir.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = path.symlink_metadata().unwrap().file_type();
                let entry = if kind.is_dir() {
                    open.push(path.clone());
                    Entry::Folder
                } else if kind.is_symlink() {
                    Entry::Link(std::fs::read_link(&path).unwrap())
                } else {
                    Entry::File(std::fs::read(&path).unwrap())
                };
                entries.insert(path.strip_prefix(dir).unwrap().to_owned(), entry);
            }
        }
        Picture(entries)
    }

    /// What was changed, made or removed since, by name.
    pub(crate) fn changes(&self, after: &Picture) -> Vec<String> {
        let names: BTreeSet<&PathBuf> = self.0.keys().chain(after.0.keys()).collect();
        names
            .into_iter()
            .filter(|&name| self.0.get(name) != after.0.get(name))
            .map(|name| match (self.0.contains_key(name), after.0.contains_key(name)) {
                (true, true) => format!("{} was changed", name.display()),
                (true, false) => format!("{} was removed", name.display()),
                _ => format!("{} was made", name.display()),
            })
            .collect()
    }

    pub(crate) fn assert_same(&self, after: &Picture, what: &str) {
        assert_eq!(self.changes(after), Vec::<String>::new(), "{what}");
    }
}
