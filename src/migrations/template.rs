//! The files that `migrate new` writes.

use std::path::PathBuf;

use crate::base::error::{Error, ErrorKind, Result};

use super::name::{is_word, normalised};
use super::{MigrationSet, Version, label};

/// A file that is to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    /// In the folder of the set.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// The pair of files of a new migration, up first; `version` is [`MigrationSet::next_version`]. Nothing is written. Spaces and dashes in `name` become `_`; a version is
/// padded with zeros as far as the newest one is.
///
/// # Errors
/// [`ErrorKind::Usage`] when the name holds what cannot stand in a migration's name.
pub fn new_pair(set: &MigrationSet, name: &str, version: Version) -> Result<[NewFile; 2]> {
    let name = checked_name(name)?;
    let width = set
        .migrations
        .last()
        .map_or(0, |newest| newest.file_stem().bytes().skip(1).take_while(u8::is_ascii_digit).count());
    let stem = format!("V{version:0width$}__{name}");
    let label = label(version, &name);
    Ok([
        NewFile { path: set.dir.join(format!("{stem}.sql")), text: up_text(&label) },
        NewFile { path: set.dir.join(format!("{stem}.down.sql")), text: down_text(&label) },
    ])
}

fn checked_name(name: &str) -> Result<String> {
    let joined: String = name.trim().chars().map(|c| if matches!(c, ' ' | '-') { '_' } else { c }).collect();
    if !joined.is_empty() && joined.chars().all(is_word) {
        return Ok(joined);
    }
    let better = normalised(name);
    let error = Error::new(ErrorKind::Usage, format!("{name:?} cannot be a migration's name"));
    Err(error.help(match better.as_str() {
        "" => "use letters, digits and `_`, as in `add_plan_owner`".to_owned(),
        better => format!("use letters, digits and `_`, as in `{better}`"),
    }))
}

fn up_text(label: &str) -> String {
    format!(
        "\
-- {label}
-- Runs in one transaction, foreign keys off and checked before the commit: no BEGIN or COMMIT here.
-- Rebuilding a table: CREATE t_new; INSERT INTO t_new (…) SELECT … FROM t; DROP t; RENAME t_new TO t; indexes, triggers.

"
    )
}

fn down_text(label: &str) -> String {
    format!(
        "\
-- Reverts {label}: undo its statements, the last one first. Say here what cannot be restored.

"
    )
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::base::source::SourceFile;
    use crate::migrations::{Migration, Script};

    fn set(newest: Option<&str>) -> MigrationSet {
        let migrations = newest.map(|file| Migration {
            version: 7,
            name: "x".to_owned(),
            up: SourceFile::new(file, ""),
            down: None,
        });
        MigrationSet { dir: PathBuf::from("m"), migrations: migrations.into_iter().collect() }
    }

    fn names(set: &MigrationSet, name: &str) -> [String; 2] {
        let version = set.next_version(OffsetDateTime::UNIX_EPOCH).unwrap();
        new_pair(set, name, version).unwrap().map(|file| file.path.display().to_string())
    }

    #[test]
    fn the_next_number_is_used_and_padded_like_the_newest() {
        assert_eq!(names(&set(None), "first"), ["m/V1__first.sql", "m/V1__first.down.sql"]);
        assert_eq!(names(&set(Some("m/V7__x.sql")), "b c-d")[0], "m/V8__b_c_d.sql");
        assert_eq!(names(&set(Some("m/V007__x.sql")), "é")[1], "m/V008__é.down.sql");
    }

    #[test]
    fn a_name_that_refinery_would_pass_over_is_refused_with_a_better_one() {
        let help =
            |name| new_pair(&set(None), name, 1).unwrap_err().help_text().unwrap_or_default().to_owned();
        assert!(help("plans: add owner!").contains("`plans_add_owner`"));
        assert!(help("a/b").contains("`a_b`"));
        assert!(help("../x").contains("`x`"));
        assert!(help(" ").contains("as in"));
    }

    #[test]
    fn the_templates_hold_no_statement_and_no_directive() {
        for file in new_pair(&set(None), "x", 1).unwrap() {
            let source = SourceFile::new(file.path, file.text);
            let script = Script::read(&source);
            assert!(script.statements.is_empty());
            assert_eq!(script.directives().count(), 0);
            assert!(Script::wrong_directives(&source).is_empty());
        }
    }
}
