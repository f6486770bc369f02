//! Globs: which files a pattern names. No shell reads it: what it matches is taken as it is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::pattern::{CLOSE_IT, NotClosed, Pattern};

/// What SQLite keeps beside a database, by the ends of its name.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Whether a name is a pattern.
pub(super) fn is_glob(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

/// The files that `glob` matches, in the order of their bytes: `*`, `?` and `[…]` within a name, `**` for folders at any
/// depth, `{a,b}` for one or the other. As in a shell, a name that begins with a dot has to be asked for with one, and `**`
/// follows no links. Folders, and what SQLite keeps beside a database, are left out.
///
/// # Errors
/// `Usage` when a `[` or `{` is not closed; `File` when a folder cannot be read.
pub(super) fn files(glob: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for alternative in alternatives(glob).ok_or_else(|| not_closed(glob, '{'))? {
        let (root, rest) = match alternative.strip_prefix('/') {
            Some(rest) => (Path::new("/"), rest),
            None => (Path::new(""), alternative.as_str()),
        };
        let parts: Result<Vec<Part>> = rest.split('/').map(|part| Part::read(part, glob)).collect();
        walk(root, &parts?, &mut found)?;
    }
    found.sort_unstable_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    found.dedup();
    found.retain(|file| !is_beside_one(file));
    Ok(found)
}

fn not_closed(glob: &str, bracket: char) -> Error {
    let error =
        Error::new(ErrorKind::Usage, format!("the pattern `{glob}` has a {bracket} that is not closed"));
    error.help(if bracket == '[' { CLOSE_IT } else { "close it, or write [{] for the character itself" })
}

/// What stands between two slashes.
enum Part {
    Name(String),
    Like { pattern: Pattern, dotted: bool },
    AnyDepth,
}

impl Part {
    fn read(text: &str, glob: &str) -> Result<Part> {
        Ok(match text {
            "**" => Part::AnyDepth,
            _ if is_glob(text) => Part::Like {
                pattern: Pattern::read(text).map_err(|NotClosed| not_closed(glob, '['))?,
                dotted: text.starts_with('.'),
            },
            name => Part::Name(name.to_owned()),
        })
    }
}

/// The patterns that `{a,b}` stands for; `None` when a `{` is not closed.
fn alternatives(glob: &str) -> Option<Vec<String>> {
    let mut in_class = false;
    let open = glob.char_indices().find(|&(_, c)| {
        in_class = c == '[' || in_class && c != ']';
        c == '{' && !in_class
    });
    let Some((open, _)) = open else { return Some(vec![glob.to_owned()]) };
    let (before, inner) = (glob.get(..open)?, glob.get(open + 1..)?);
    let (mut depth, mut from, mut choices) = (0_usize, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                choices.push(inner.get(from..at)?);
                from = at + 1;
                if c == '}' {
                    let behind = inner.get(from..)?;
                    let each =
                        choices.iter().map(|choice| alternatives(&format!("{before}{choice}{behind}")));
                    return Some(each.collect::<Option<Vec<_>>>()?.concat());
                }
            }
            _ => {}
        }
    }
    None
}

fn walk(folder: &Path, parts: &[Part], found: &mut Vec<PathBuf>) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if let Part::Name(name) = part {
        let path = folder.join(name);
        if !rest.is_empty() {
            return walk(&path, rest, found);
        }
        if fs::symlink_metadata(&path).is_ok() && !path.is_dir() {
            found.push(path);
        }
        return Ok(());
    }
    if let (Part::AnyDepth, false) = (part, rest.is_empty()) {
        walk(folder, rest, found)?;
    }
    let shown = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    // What is no folder has nothing in it.
    if !shown.is_dir() {
        return Ok(());
    }
    let wrong = |error| Error::file(shown, error);
    for entry in fs::read_dir(shown).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let (name, kind) = (entry.file_name(), entry.file_type().map_err(wrong)?);
        let text = name.to_string_lossy();
        let path = folder.join(&name);
        let is_folder = || kind.is_dir() || kind.is_symlink() && path.is_dir();
        match part {
            Part::Like { pattern, dotted } => {
                if text.starts_with('.') != *dotted || !pattern.matches(&text) {
                } else if !rest.is_empty() {
                    walk(&path, rest, found)?;
                } else if !is_folder() {
                    found.push(path);
                }
            }
            _ if text.starts_with('.') => {}
            _ if kind.is_dir() => walk(&path, parts, found)?,
            _ if rest.is_empty() && !is_folder() => found.push(path),
            _ => {}
        }
    }
    Ok(())
}

/// Whether SQLite keeps the file beside a database that is there.
fn is_beside_one(file: &Path) -> bool {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return false };
    let database = BESIDE.iter().find_map(|end| name.strip_suffix(end));
    database.is_some_and(|database| !database.is_empty() && file.with_file_name(database).is_file())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn braces_stand_for_one_or_the_other() {
        let of = |glob: &str| alternatives(glob).map(|found| found.join(" "));
        assert_eq!(of("a{b,c{d,e}}f").as_deref(), Some("abf acdf acef"));
        assert_eq!(of("{a,}x").as_deref(), Some("ax x"));
        assert_eq!(of("a[{]b").as_deref(), Some("a[{]b"));
        assert_eq!(of("a{b,c"), None);
    }

    #[test]
    fn a_pattern_gives_files_in_the_order_of_their_bytes_and_neither_folders_nor_what_belongs_to_others() {
        let dir = tempfile::tempdir().unwrap();
        for file in
            ["b.db", "B.db", "a.db", "a.db-wal", "x-wal", ".hidden.db", "s/c.db", "s/t/d.db", "s/.t/e.db"]
        {
            let file = dir.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        fs::create_dir(dir.path().join("folder.db")).unwrap();
        let of = |glob: &str| {
            let found = files(&format!("{}/{glob}", dir.path().display())).unwrap();
            let names = found.iter().map(|file| file.strip_prefix(dir.path()).unwrap().display().to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("*.db"), "B.db a.db b.db");
        assert_eq!(of("*"), "B.db a.db b.db x-wal");
        assert_eq!(of(".*"), ".hidden.db");
        assert_eq!(of("**/*.db"), "B.db a.db b.db s/c.db s/t/d.db");
        assert_eq!(of("s/**"), "s/c.db s/t/d.db");
        assert_eq!(of("{b,[ac]}.db"), "a.db b.db");
        assert_eq!(of("?/*.db"), "s/c.db");
        assert_eq!((of("none*"), of("none/*"), of("a.db/*")), Default::default());
        for wrong in ["a[b", "a{b"] {
            assert!(files(wrong).unwrap_err().to_string().contains("not closed"), "{wrong}");
        }
    }
}
