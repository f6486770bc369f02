//! Reads a folder of migrations, and refuses it as a whole before anybody writes anything.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::base::error::{Advice, Error, ErrorKind, Result};
use crate::base::escape::shell_word;
use crate::base::source::SourceFile;

use super::change::refuse_half_changed;
use super::name::{FileName, classify, meant_as_down};
use super::{Migration, MigrationSet, Script, Version, foreign, label, squash};

impl MigrationSet {
    /// Reads every migration of a folder and checks names, versions, pairing, texts and directives. An empty folder is
    /// an empty set.
    ///
    /// # Errors
    /// When a killed process left it half changed; else one for all that is wrong with the folder, whose message lists every
    /// problem, and whose notes say what to do about each.
    pub fn load(dir: &Path) -> Result<MigrationSet> {
        refuse_half_changed(dir)?;
        MigrationSet::load_while_changing(dir)
    }

    /// The same for the process that is changing the folder.
    ///
    /// # Errors
    /// As [`MigrationSet::load`].
    pub fn load_while_changing(dir: &Path) -> Result<MigrationSet> {
        let mut loader = Loader::of(dir);
        loader.list()?;
        loader.finish(SourceFile::read)
    }

    /// The same of files that are part of a program (`include_str!`): names and texts. `dir` is what messages call their
    /// folder.
    ///
    /// # Errors
    /// As [`MigrationSet::load`].
    pub fn from_texts<'a>(
        dir: &Path,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<MigrationSet> {
        let texts: BTreeMap<&str, &str> = files.into_iter().collect();
        let mut loader = Loader::of(dir);
        for name in texts.keys() {
            loader.enter(name, dir.join(name));
        }
        loader.finish(|path: PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            SourceFile::of_text(path.clone(), *texts.get(name).unwrap_or(&""))
        })
    }
}

struct Loader<'a> {
    dir: &'a Path,
    problems: Vec<Error>,
    /// Names and paths of each version, in the order of the file names.
    ups: BTreeMap<Version, Vec<(String, PathBuf)>>,
    downs: BTreeMap<Version, Vec<(String, PathBuf)>>,
}

impl<'a> Loader<'a> {
    fn of(dir: &'a Path) -> Loader<'a> {
        Loader { dir, problems: Vec::new(), ups: BTreeMap::new(), downs: BTreeMap::new() }
    }

    fn finish(mut self, read: impl Fn(PathBuf) -> Result<SourceFile>) -> Result<MigrationSet> {
        self.check_versions();
        self.check_downs();
        let set = MigrationSet { dir: self.dir.to_owned(), migrations: self.read(read) };
        if self.problems.is_empty() {
            self.problems.extend(set.wrong_squashes());
        }
        match combined(self.dir, self.problems) {
            Some(error) => Err(error),
            None => Ok(set),
        }
    }

    /// Takes a file by its name.
    fn enter(&mut self, name: &str, path: PathBuf) {
        match classify(name) {
            FileName::Up { version, name } => self.ups.entry(version).or_default().push((name, path)),
            FileName::Down { version, name } => self.downs.entry(version).or_default().push((name, path)),
            FileName::Other => {}
            FileName::Refused(refusal) => self.problem(&path, &refusal.why, refusal.help),
        }
    }

    fn problem(&mut self, path: &Path, why: &str, help: impl Into<String>) {
        let message = format!("{} {why}", path.display());
        self.problems.push(Error::new(ErrorKind::Migration, message).help(help));
    }

    fn list(&mut self) -> Result<()> {
        let entries = entries(self.dir).map_err(|source| self.no_folder(source))?;
        for Entry { name, path, is_dir } in entries {
            let Some(name) = name.to_str() else {
                self.not_unicode(&path);
                continue;
            };
            if is_dir {
                self.folder(name, path);
                continue;
            }
            self.enter(name, path);
        }
        Ok(())
    }

    fn no_folder(&self, source: std::io::Error) -> Error {
        let dir = self.dir.display();
        match source.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(ErrorKind::File, format!("there is no migrations folder `{dir}`"))
                    .about(self.dir)
                    .help(Advice::MakeMigrations)
            }
            std::io::ErrorKind::NotADirectory => {
                Error::new(ErrorKind::File, format!("the migrations folder `{dir}` is a file"))
                    .about(self.dir)
                    .help(Advice::NameMigrations)
            }
            _ => Error::file(self.dir, source),
        }
    }

    fn not_unicode(&mut self, path: &Path) {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")) {
            let help = "rename it to `V<version>__<name>.sql`, or move it out of the folder";
            self.problem(path, "has a name that is not Unicode, and would be skipped", help);
        }
    }

    /// refinery reads sub-folders as well, and runs what it finds there; a version would depend on where its file lies.
    fn folder(&mut self, name: &str, path: PathBuf) {
        if !matches!(classify(name), FileName::Other) {
            self.problem(&path, "is a folder with a migration's name", "rename the folder");
        }
        let mut folders = vec![path];
        while let Some(folder) = folders.pop() {
            // refinery does not follow a link to a folder.
            if folder.is_symlink() {
                continue;
            }
            let entries = match entries(&folder) {
                Ok(entries) => entries,
                Err(source) => {
                    self.problems.push(Error::file(&folder, source));
                    continue;
                }
            };
            for Entry { name, path, is_dir } in entries {
                if is_dir {
                    folders.push(path);
                } else {
                    self.in_folder(&folder, &path, name.to_str());
                }
            }
        }
    }

    fn in_folder(&mut self, folder: &Path, path: &Path, name: Option<&str>) {
        let of = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let dir = self.dir.display().to_string();
        let elsewhere = format!("move it to {dir}, or out of the migrations folder");
        let known = name.map(|name| (classify(name), foreign::in_folder(of, name)));
        match known {
            Some((FileName::Other, _)) => {}
            Some((FileName::Up { .. }, _)) => {
                let why = "is in a subfolder, where refinery would run it and planctl would not";
                self.problem(path, why, elsewhere);
            }
            Some((_, Some((whose, Some(better))))) => {
                let better = self.dir.join(better);
                self.problem(path, &format!("is {whose}"), format!("move it to {}", better.display()));
            }
            Some((_, Some((whose, None)))) => {
                let help = format!(
                    "move it to {dir}, and name it `V<version>__<name>.sql`, in the order of the folders"
                );
                self.problem(path, &format!("is {whose}"), help);
            }
            _ => self.problem(path, "is in a subfolder, and would be skipped", elsewhere),
        }
    }

    fn check_versions(&mut self) {
        let mut problems = Vec::new();
        for (version, files) in &self.ups {
            let look_alike = files.iter().find_map(|(name, path)| Some((meant_as_down(name)?, path)));
            let [(_, first), others @ ..] = files.as_slice() else { continue };
            if others.is_empty() {
                // On its own, `V9__shut_down.sql` is a name like another, unless there is a `shut` to revert.
                let Some((base, path)) = look_alike else { continue };
                let Some((up, _)) =
                    self.ups.iter().find(|(_, files)| files.iter().any(|(name, _)| name == base))
                else {
                    continue;
                };
                problems.push(looks_like_down(path, *up, base));
                continue;
            }
            if let Some((base, path)) = look_alike
                && files.iter().any(|(name, _)| name == base)
            {
                problems.push(looks_like_down(path, *version, base));
                continue;
            }
            if let Some(error) = foreign::flyways_undo(*version, files) {
                problems.push(error);
                continue;
            }
            if let Some(error) = squash::unfinished(*version, files) {
                problems.push(error);
                continue;
            }
            for (_, other) in others {
                let message =
                    format!("{} and {} both have version {version}", first.display(), other.display());
                problems.push(Error::new(ErrorKind::Migration, message).about(other).help(format!(
                    "keep the number of the one that was applied anywhere: `planctl migrate renumber {}` gives this one the \
                     next, with its down and its tests",
                    shell_word(&other.display().to_string())
                )));
            }
        }
        self.problems.append(&mut problems);
    }

    fn check_downs(&mut self) {
        let mut problems = Vec::new();
        for (version, downs) in &self.downs {
            for (n, (name, path)) in downs.iter().enumerate() {
                let ups = self.ups.get(version).map_or(&[][..], Vec::as_slice);
                let pairs = ups.iter().any(|(up, _)| up == name);
                let twin = downs.iter().take(n).find(|(other, _)| other == name);
                let (message, help) = match (ups.first(), twin) {
                    (None, _) => (
                        format!("{} reverts version {version}, which has no up file", path.display()),
                        format!("add {}.sql, or delete the down file", label(*version, name)),
                    ),
                    (Some((up, up_path)), _) if !pairs => (
                        format!("{} does not have the name of {}", path.display(), up_path.display()),
                        format!("rename it to {}.down.sql", label(*version, up)),
                    ),
                    (_, Some((_, twin))) => (
                        format!("{} and {} both revert version {version}", twin.display(), path.display()),
                        "delete one of them".to_owned(),
                    ),
                    (Some(_), None) => continue,
                };
                problems.push(Error::new(ErrorKind::Migration, message).about(path).help(help));
            }
        }
        self.problems.append(&mut problems);
    }

    /// Reads the texts. What is read is of use only when there was no problem.
    fn read(&mut self, read: impl Fn(PathBuf) -> Result<SourceFile>) -> Vec<Migration> {
        let mut migrations = Vec::with_capacity(self.ups.len());
        for (version, files) in std::mem::take(&mut self.ups) {
            for (name, path) in files {
                let Some(up) = self.checked(read(path)) else { continue };
                migrations.push(Migration { version, name, up, down: None });
            }
        }
        for (version, files) in std::mem::take(&mut self.downs) {
            for (_, path) in files {
                let down = self.checked(read(path));
                if let Some(migration) = migrations.iter_mut().find(|migration| migration.version == version)
                {
                    migration.down = down;
                }
            }
        }
        migrations
    }

    fn checked(&mut self, read: Result<SourceFile>) -> Option<SourceFile> {
        match read {
            Ok(file) => {
                self.problems.extend(foreign::both_ways(&file));
                self.problems.extend(Script::wrong_directives(&file));
                Some(file)
            }
            Err(error) => {
                self.problems.push(error);
                None
            }
        }
    }
}

fn looks_like_down(path: &Path, version: Version, base: &str) -> Error {
    let message =
        format!("{} looks like a down file, but refinery would run it as an up migration", path.display());
    let up = label(version, base);
    Error::new(ErrorKind::Migration, message).help(format!(
        "rename it to {up}.down.sql if it reverts {up}; a migration of its own needs a name that does not end like that"
    ))
}

/// What a folder holds.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: OsString,
    path: PathBuf,
    /// Whether it is a folder, or a link to one.
    is_dir: bool,
}

/// The entries of a folder, sorted by name.
fn entries(dir: &Path) -> std::io::Result<Vec<Entry>> {
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry?;
        let path = entry.path();
        // Most systems say with the name what it is the name of; only behind a link somebody has to look.
        let is_dir = match entry.file_type() {
            Ok(kind) if !kind.is_symlink() => kind.is_dir(),
            _ => path.is_dir(),
        };
        Ok(Entry { name: entry.file_name(), path, is_dir })
    };
    let mut entries = std::fs::read_dir(dir)?.map(entry).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_unstable();
    Ok(entries)
}

/// So many problems are spelt out.
const SHOWN: usize = 20;

/// One error for all problems.
fn combined(dir: &Path, problems: Vec<Error>) -> Option<Error> {
    let (count, kind) = (problems.len(), problems.first()?.kind());
    if count == 1 {
        return problems.into_iter().next();
    }
    let cut = if count > SHOWN { format!("; these are the first {SHOWN}") } else { String::new() };
    let message = format!("{count} problems in the migrations folder {}{cut}", dir.display());
    let parts: Vec<Error> = problems.into_iter().take(SHOWN).collect();
    // Formats that know of one error only have them as notes.
    let told = parts.iter().map(|part| match part.help_text() {
        Some(help) => format!("{part}: {help}"),
        None => part.to_string(),
    });
    let error = told.fold(Error::new(kind, message).about(dir), Error::note);
    Some(error.help("fix all of them; nothing was changed").parts_of(parts))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    fn named(names: &[&str]) -> Result<MigrationSet> {
        let files: Vec<(&str, &str)> = names.iter().map(|&name| (name, "SELECT 1;")).collect();
        MigrationSet::load(folder(&files).path())
    }

    /// The error's message and help, all names without their folder.
    fn refusal(names: &[&str]) -> String {
        let error = named(names).unwrap_err();
        format!("{error} | {} | {}", error.help_text().unwrap_or_default(), error.notes().join(" | "))
    }

    #[test]
    fn a_folder_is_sorted_by_version_and_paired() {
        let set = named(&[
            "V10__c.sql",
            "V2__b.sql",
            "V2__b.down.sql",
            "V01__a.sql",
            "README.md",
            "V2__b.test.sql",
        ])
        .unwrap();
        let labels: Vec<_> = set.migrations.iter().map(|m| (m.label(), m.down.is_some())).collect();
        assert_eq!(
            labels,
            [("V1__a".to_owned(), false), ("V2__b".to_owned(), true), ("V10__c".to_owned(), false)]
        );
        assert_eq!(set.next_version(OffsetDateTime::UNIX_EPOCH).unwrap(), 11);
        assert_eq!(set.get(2).unwrap().name, "b");
        assert!(set.get(3).is_none());
    }

    #[test]
    fn an_empty_folder_is_an_empty_set() {
        let set = named(&[]).unwrap();
        assert!(set.migrations.is_empty());
        assert_eq!(set.next_version(OffsetDateTime::UNIX_EPOCH).unwrap(), 1);
    }

    #[test]
    fn after_a_time_stamp_comes_the_time() {
        let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
        let next = |name: &str| named(&[name]).unwrap().next_version(now).unwrap();
        assert_eq!(next("V20200229000000__a.sql"), 20_231_114_221_320);
        assert_eq!(next("V20991231235959__a.sql"), 20_991_231_235_960, "it lies ahead");
        assert_eq!(next("V20201329000000__a.sql"), 20_201_329_000_001, "a number like another");
        assert_eq!(next("V2147483647__a.sql"), 2_147_483_648);
    }

    #[test]
    fn after_the_largest_version_there_is_none() {
        let error = named(&["V9223372036854775807__a.sql"]).unwrap().next_version(OffsetDateTime::UNIX_EPOCH);
        assert!(error.unwrap_err().message().contains("9223372036854775807"));
    }

    #[test]
    fn duplicate_versions_are_refused_with_both_names_and_the_command_that_ends_it() {
        let text = refusal(&["V3__a.sql", "V03__b.sql", "V7__c.sql"]);
        for part in ["V3__a.sql", "V03__b.sql", "version 3", "V3__a.sql` gives this one the next"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let text = refusal(&["V1__a.sql", "V1__b.sql", "V1__c.sql"]);
        assert!(text.contains("V1__b.sql` gives this") && text.contains("V1__c.sql` gives this"), "{text}");
    }

    #[test]
    fn an_up_file_that_looks_like_a_down_is_refused_where_there_is_something_to_take_back() {
        assert!(refusal(&["V3__x.sql", "V3__x_down.sql"]).contains("rename it to V3__x.down.sql"));
        assert!(refusal(&["V3__x.sql", "V4__x_rollback.sql"]).contains("rename it to V3__x.down.sql"));
        assert!(named(&["V3__x.sql", "V4__shut_down.sql"]).is_ok(), "a name like another");
    }

    #[test]
    fn a_down_needs_its_up_under_the_same_name() {
        assert!(refusal(&["V3__x.down.sql"]).contains("no up file"));
        assert!(refusal(&["V3__x.sql", "V3__y.down.sql"]).contains("rename it to V3__x.down.sql"));
        assert!(
            refusal(&["V3__x.sql", "V3__x.down.sql", "V03__x.down.sql"]).contains("both revert version 3")
        );
    }

    #[test]
    fn files_in_sub_folders_are_refused_and_tests_there_are_not() {
        assert!(refusal(&["V1__a.sql", "old/deep/V2__b.sql"]).contains("subfolder"));
        assert!(named(&["V1__a.sql", "tests/V1__a.test.sql", "tests/notes.md"]).is_ok());
        assert!(refusal(&["V1__a.sql/notes.md"]).contains("folder with a migration's name"));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let dir = folder(&[
            ("V1__a.sql", "-- planctl:bakfill\nSELECT 1;"),
            ("v2__b.sql", ""),
            ("V3__c.sql", "a\0b"),
            ("V4__d.down.sql", ""),
        ]);
        std::fs::write(dir.path().join("V5__e.sql"), b"\n\xff").unwrap();
        let error = MigrationSet::load(dir.path()).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("5 problems in the migrations folder"), "{text}");
        for part in [
            "V1__a.sql:1:12",
            "v2__b.sql",
            "V3__c.sql:1:2: the file holds a NUL",
            "V4__d.down.sql",
            "V5__e.sql:2",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!((error.notes().len(), error.parts().len()), (5, 5));
    }

    #[test]
    fn a_folder_full_of_problems_gives_a_message_that_can_be_read() {
        let names: Vec<String> = (1..=25).map(|n| format!("V{n}-x.sql")).collect();
        let error = named(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap_err();
        assert!(
            error.message().starts_with("25 problems")
                && error.message().ends_with("; these are the first 20")
        );
        assert_eq!((error.notes().len(), error.parts().len()), (20, 20));
    }

    #[test]
    fn a_folder_that_is_missing_or_a_file_is_named() {
        let dir = folder(&[("file", "")]);
        let message = |path: &Path| MigrationSet::load(path).unwrap_err().to_string();
        assert!(message(&dir.path().join("none")).starts_with("there is no migrations folder"));
        assert!(message(&dir.path().join("file")).ends_with("is a file"));
    }
}
