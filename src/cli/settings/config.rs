//! `planctl.toml`: found, read, and each of its keys checked with its place in the file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::keys::{FILE_NAME, KEYS};
use super::sections;
use super::sections::Sections;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::base::source::{Location, SourceFile};
use crate::base::toml_error;

/// A settings file, checked: every key is known and has a value of its type.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// The folder that relative paths in it start from; empty for the working directory.
    dir: PathBuf,
    values: BTreeMap<&'static str, (String, Location)>,
    sections: Sections,
}

impl ConfigFile {
    /// Reads a settings file.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when it cannot be read; [`ErrorKind::Config`] with the place when it is not TOML, has a key
    /// that is not known, or a value of another type.
    pub(crate) fn read(path: &Path) -> Result<ConfigFile> {
        ConfigFile::parse(SourceFile::read(path)?)
    }

    /// Checks a settings file that was read.
    ///
    /// # Errors
    /// As [`ConfigFile::read`].
    pub(crate) fn parse(source: SourceFile) -> Result<ConfigFile> {
        // Windows editors write a byte order mark, which TOML allows and the positions have to skip.
        let (text, bom) = match source.text().strip_prefix('\u{feff}') {
            Some(rest) => (rest, '\u{feff}'.len_utf8()),
            None => (source.text(), 0),
        };
        let place = |span: Range<usize>| source.location(span.start + bom);
        let table = DeTable::parse(text).map_err(|error| toml_error::refused(&source, bom, &error))?;
        let mut values = BTreeMap::new();
        let mut sections = Sections::default();
        for (key, value) in table.get_ref() {
            if sections.read(key, value, &place)? {
                continue;
            }
            let known = KEYS.iter().find(|known| known.name == key.get_ref().as_ref());
            let Some(known) = known else { return Err(unknown_key(key.get_ref()).at(place(key.span()))) };
            let at = place(value.span());
            match value.get_ref() {
                DeValue::String(text) if text.is_empty() => {
                    return Err(Error::new(ErrorKind::Config, format!("`{}` is empty", known.name))
                        .at(at)
                        .help("give it a value, or remove the line to have the default"));
                }
                DeValue::String(text) => {
                    values.insert(known.name, (text.as_ref().to_owned(), at));
                }
                other => return Err(wrong_type(known.name, other).at(at)),
            }
        }
        let dir = source.path().parent().map(Path::to_owned).unwrap_or_default();
        Ok(ConfigFile { dir, values, sections })
    }

    /// The value of a key and where it stands.
    pub(crate) fn get(&self, key: &str) -> Option<(&str, &Location)> {
        self.values.get(key).map(|(value, at)| (value.as_str(), at))
    }

    /// What the tables of the file say.
    pub(crate) fn sections(&self) -> &Sections {
        &self.sections
    }

    /// The folder that relative paths in the file start from; empty for the working directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Looks for `planctl.toml` in `start` and the folders above it. The path that is returned is relative to `start`
/// (`../../planctl.toml`), so that every path built on it reads well in messages.
pub(crate) fn find(start: &Path) -> Option<PathBuf> {
    let mut up = PathBuf::new();
    for folder in start.ancestors() {
        if folder.join(FILE_NAME).is_file() {
            return Some(up.join(FILE_NAME));
        }
        up.push("..");
    }
    None
}

fn unknown_key(key: &str) -> Error {
    Error::new(ErrorKind::Config, format!("there is no setting `{key}`")).help(match sections::of_key(key) {
        Some(section) => format!("it belongs in the table [{section}]"),
        None => did_you_mean(key, KEYS.iter().map(|known| known.name).chain(sections::NAMES)),
    })
}

fn wrong_type(key: &str, value: &DeValue<'_>) -> Error {
    let error = Error::new(
        ErrorKind::Config,
        format!("`{key}` has to be a string, but it is of type {}", value.type_str()),
    );
    match value {
        DeValue::Float(number) => error.help(format!("write it in quotes: {key} = \"{}\"", number.as_str())),
        DeValue::Integer(number) => {
            error.help(format!("write it in quotes: {key} = \"{}\"", number.as_str()))
        }
        _ => error.help(format!("write it as {key} = \"…\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Error {
        ConfigFile::parse(SourceFile::new("conf/planctl.toml", text)).unwrap_err()
    }

    fn shown(text: &str) -> String {
        let error = error(text);
        format!("{error} | {} | {}", error.location().unwrap().text, error.help_text().unwrap_or_default())
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
        assert_eq!(
            shown("db = 'x'\n  migratons = 'y'\n"),
            "conf/planctl.toml:2:3: there is no setting `migratons` |   migratons = 'y' | did you mean `migrations`?"
        );
        assert!(shown("sqlite_version = '3.40'").ends_with("did you mean `sqlite-version`?"));
        assert!(shown("DB = 'x'").ends_with("did you mean `db`?"));
        assert!(shown("[migrate]\nto = 1").contains("there is no setting `migrate`"));
        assert!(shown("colour = 'x'").ends_with(
            "known: `db`, `migrations`, `spec`, `deviations`, `sqlite-version`, `tests`, `reports`, `docs`, \
             `lint`, `audit`, `fleet`"
        ));
    }

    #[test]
    fn a_value_of_another_type_is_refused_with_its_place() {
        assert_eq!(
            shown("sqlite-version = 3.40"),
            "conf/planctl.toml:1:18: `sqlite-version` has to be a string, but it is of type float | \
             sqlite-version = 3.40 | write it in quotes: sqlite-version = \"3.40\""
        );
        assert!(shown("db = ['x']").contains("of type array"));
        assert!(shown("\n\nspec = ''").starts_with("conf/planctl.toml:3:8: `spec` is empty"));
    }

    #[test]
    fn what_is_not_toml_is_refused_with_its_place() {
        assert!(shown("db = 'x'\nspec = oops\n").starts_with("conf/planctl.toml:2:8: not valid TOML: "));
        assert!(
            shown("db = 'x'\ndb = 'y'\n").starts_with("conf/planctl.toml:2:1: not valid TOML: duplicate key")
        );
        assert!(shown("\u{feff}db = 1").starts_with("conf/planctl.toml:1:"));
    }

    #[test]
    fn the_nearest_file_upwards_is_found_and_named_relatively() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(root.path().join(FILE_NAME), "").unwrap();
        assert_eq!(find(&deep).unwrap(), Path::new("../../planctl.toml"));
        std::fs::create_dir(deep.join(FILE_NAME)).unwrap();
        assert_eq!(find(&deep).unwrap(), Path::new("../../planctl.toml"), "a folder of that name is none");
        std::fs::write(root.path().join("a").join(FILE_NAME), "").unwrap();
        assert_eq!(find(&deep).unwrap(), Path::new("../planctl.toml"));
    }
}
