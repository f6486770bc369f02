//! Migrations that stand for others: what a squashed file says at its head, and whether a history has all of it.
//!
//! `-- planctl:replaces V1__plans int4=123 int8=456` names a migration and the checksums under which refinery records it.

use std::path::PathBuf;

use super::change::ASIDE;
use super::directive::DirectiveKind;
use super::replaced::Replaced;
use super::{Migration, MigrationSet, Script, Version};
use crate::base::error::{Error, ErrorKind};
use crate::base::source::SourceFile;

/// A migration that stands for all that came before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Squash<'a> {
    /// The file.
    pub file: &'a Migration,
    /// What it stands for, oldest first; behind a migration, the squashed one that stands for all up to that.
    pub replaced: Vec<Replaced>,
}

impl Squash<'_> {
    /// The histories that it can stand for: of all migrations one by one, and of each that was squashed before with those
    /// behind it.
    pub fn ways(&self) -> Vec<Vec<&Replaced>> {
        let mut ways: Vec<Vec<&Replaced>> = vec![Vec::new()];
        let mut before = None;
        for one in &self.replaced {
            match before.replace(one.version) == Some(one.version) {
                true => ways.push(vec![one]),
                // One that was squashed itself ends no other way.
                false => ways.iter_mut().for_each(|way| way.push(one)),
            }
        }
        ways
    }
}

impl Migration {
    /// What it stands for, oldest first; mostly nothing.
    pub fn replaced(&self) -> Vec<Replaced> {
        if memchr::memmem::find(self.up.text().as_bytes(), b"planctl:replaces").is_none() {
            return Vec::new();
        }
        let script = Script::read(&self.up);
        let replaced = script.directives().filter_map(|directive| match &directive.kind {
            DirectiveKind::Replaces(replaced) => Some(replaced.clone()),
            _ => None,
        });
        replaced.collect()
    }
}

impl MigrationSet {
    /// The migration that stands for others: it is the oldest.
    pub fn squash(&self) -> Option<Squash<'_>> {
        let file = self.migrations.first()?;
        let replaced = file.replaced();
        (!replaced.is_empty()).then_some(Squash { file, replaced })
    }

    /// What is wrong with what a file says that it stands for.
    pub(super) fn wrong_squashes(&self) -> Option<Error> {
        let (at, file, _) = self
            .migrations
            .iter()
            .enumerate()
            .map(|(at, file)| (at, file, file.replaced()))
            .find(|(at, file, replaced)| !fits(*at, file, replaced))?;
        let path = file.up.path().display();
        let message = match self.migrations.first().filter(|_| at > 0) {
            Some(first) => format!("{path} replaces others, and {} comes before it", first.label()),
            None => {
                format!("what {path} replaces is not in order, or does not end with version {}", file.version)
            }
        };
        Some(Error::new(ErrorKind::Migration, message).at(first_line(&file.up)).help(
            "restore the file as `planctl migrate squash` wrote it, or remove it where the migrations are back that it names",
        ))
    }
}

/// What to say of two files of a version, one of which stands for the other: a squash was interrupted.
pub(super) fn unfinished(version: Version, files: &[(String, PathBuf)]) -> Option<Error> {
    let stands_for_others = |(_, path): &&(String, PathBuf)| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.contains(&format!("-- planctl:replaces V{version}__"))
    };
    let (_, new) = files.iter().find(stands_for_others)?;
    let (_, old) = files.iter().find(|(_, path)| path != new)?;
    let (new, old) = (new.display(), old.display());
    let message = format!("{new} replaces {old}, which is still there: a squash was interrupted");
    Some(Error::new(ErrorKind::Migration, message).help(format!(
        "to finish it, remove all files up to version {version} except those of {new}; to undo it, remove those of {new}, and \
         take the dot and `{ASIDE}` off the names of the hidden files beside it, or restore the folder from version control"
    )))
}

fn first_line(file: &SourceFile) -> crate::base::source::Location {
    let at = file.text().find("planctl:replaces").unwrap_or_default();
    file.location(at)
}

fn fits(at: usize, file: &Migration, replaced: &[Replaced]) -> bool {
    let Some(last) = replaced.last() else { return true };
    // A migration, and the squashed one that stands for all up to it.
    let no_more = |these: &[Replaced]| !matches!(these, [one, _, third] if one.version == third.version);
    at == 0
        && last.version == file.version
        && replaced.is_sorted_by_key(|one| one.version)
        && replaced.windows(3).all(no_more)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_a_squashed_file_says_is_read_as_it_was_written() {
        let set = MigrationSet::from_texts(
            Path::new("m"),
            [("V1__a.sql", "CREATE TABLE a (x);"), ("V20260101000000__b.sql", "CREATE TABLE b (x);")],
        )
        .unwrap();
        let replaced: Vec<Replaced> = set.migrations.iter().map(Replaced::of).collect();
        let head: String = replaced.iter().map(|one| format!("{one}\n")).collect();
        let name = "V20260101000000__squashed.sql";
        let read = MigrationSet::from_texts(Path::new("m"), [(name, head.as_str())]).unwrap();
        let squash = read.squash().unwrap();
        assert_eq!((squash.file.version, &squash.replaced), (20_260_101_000_000, &replaced));
        assert_eq!(replaced[1].int4, None);
        assert_eq!(set.squash(), None);
    }

    #[test]
    fn a_squash_of_a_squash_stands_for_the_histories_of_both() {
        let names = ["V1__a", "V2__b", "V2__squashed", "V3__c", "V4__d", "V4__squashed_2", "V5__e"];
        let head: String =
            names.iter().map(|name| format!("-- planctl:replaces {name} int4=1 int8=2\n")).collect();
        let set = MigrationSet::from_texts(Path::new("m"), [("V5__squashed_3.sql", head.as_str())]).unwrap();
        let squash = set.squash().unwrap();
        let ways: Vec<Vec<String>> =
            squash.ways().iter().map(|way| way.iter().map(|one| one.label()).collect()).collect();
        assert_eq!(
            ways,
            [
                vec!["V1__a", "V2__b", "V3__c", "V4__d", "V5__e"],
                vec!["V2__squashed", "V3__c", "V4__d", "V5__e"],
                vec!["V4__squashed_2", "V5__e"],
            ]
        );
        let thrice = head.replace("V3__c", "V2__c");
        assert!(MigrationSet::from_texts(Path::new("m"), [("V5__squashed_3.sql", thrice.as_str())]).is_err());
    }

    #[test]
    fn only_the_oldest_migration_stands_for_others_and_for_all_up_to_itself() {
        let line = "-- planctl:replaces V1__a int4=1 int8=2\n";
        let wrong = |files: &[(&str, &str)]| {
            MigrationSet::from_texts(Path::new("m"), files.iter().copied()).unwrap_err().to_string()
        };
        let later = wrong(&[("V1__x.sql", "SELECT 1;"), ("V2__y.sql", line)]);
        assert!(later.contains("V2__y.sql replaces others, and V1__x comes before it"), "{later}");
        assert!(wrong(&[("V2__y.sql", line)]).contains("does not end with version 2"));
        for bad in ["V1__a", "V1__a int8=x", "V1__a int9=1 int8=2", "1__a int8=2", ""] {
            let error = wrong(&[("V1__y.sql", &format!("-- planctl:replaces {bad}\n"))]);
            assert!(error.contains("`replaces`"), "{bad}: {error}");
        }
    }
}
