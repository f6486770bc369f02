//! `planctl.toml`: found, read, and each of its keys checked with its place in the file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{DATABASES, FILE_NAME, KEYS, Key, KeyKind};
use super::sections;
use super::sections::Sections;
use super::values::{self, Place};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::base::source::{Location, SourceFile};
use crate::base::toml_error;

/// A settings file, checked: every key is known and has a value of its type.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    /// The folder that relative paths in it start from; empty for the working directory.
    dir: PathBuf,
    top: Table,
    databases: BTreeMap<String, Table>,
}

/// What the file says, or one of its `[databases.NAME]`.
#[derive(Default, Debug)]
pub(crate) struct Table {
    values: BTreeMap<&'static str, (Vec<String>, Location)>,
    /// What its own tables say.
    pub(crate) sections: Sections,
}

impl Table {
    /// The values of a key, of which only a list has several, and where they stand.
    pub(crate) fn get(&self, key: &Key) -> Option<(&[String], &Location)> {
        self.values.get(key.name).map(|(values, at)| (values.as_slice(), at))
    }

    fn read(
        &mut self,
        key: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
    ) -> Result<()> {
        if self.sections.read(key, value, place)? {
            return Ok(());
        }
        let known = KEYS.iter().find(|known| known.name == key.get_ref().as_ref());
        let Some(known) = known else { return Err(unknown_key(key.get_ref()).at(place(key.span()))) };
        let at = place(value.span());
        let values = match (known.kind, value.get_ref()) {
            (KeyKind::List, DeValue::Array(items)) => {
                items.iter().map(|item| text(known, item, place)).collect::<Result<_>>()?
            }
            (KeyKind::Switch, DeValue::Boolean(on)) => vec![on.to_string()],
            (KeyKind::List, DeValue::String(text)) if !text.is_empty() => {
                return Err(wrong_type(known, value.get_ref()).at(at));
            }
            _ => vec![text(known, value, place)?],
        };
        self.values.insert(known.name, (values, at));
        Ok(())
    }
}

/// A text that is not empty.
fn text(key: &Key, value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<String> {
    let refused = match value.get_ref() {
        DeValue::String(text) if text.is_empty() => {
            Error::new(ErrorKind::Config, format!("`{}` is empty", key.name))
                .help("give it a value, or remove the line to have the default")
        }
        DeValue::String(text) if key.kind != KeyKind::Switch => match variable(text) {
            Some(variable) => unexpanded(key, variable),
            None => return Ok(text.as_ref().to_owned()),
        },
        other => wrong_type(key, other),
    };
    Err(refused.at(place(value.span())))
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
        let (mut top, mut databases) = (Table::default(), BTreeMap::new());
        for (key, value) in table.get_ref() {
            if key.get_ref() != DATABASES {
                top.read(key, value, &place)?;
                continue;
            }
            for (name, database) in values::table("[databases]", value, &place)? {
                let mut own = Table::default();
                let what = format!("[databases.{}]", name.get_ref());
                let inner = values::table(&what, database, &place).map_err(|error| {
                    error.help("write a table for each database: [databases.NAME], and its keys below it")
                })?;
                inner.iter().try_for_each(|(key, value)| own.read(key, value, &place))?;
                databases.insert(name.get_ref().to_string(), own);
            }
        }
        let dir = source.path().parent().map(Path::to_owned).unwrap_or_default();
        Ok(ConfigFile { dir, top, databases })
    }

    /// What it says of no database by name.
    pub(crate) fn top(&self) -> &Table {
        &self.top
    }

    /// The tables `[databases.NAME]`, by name.
    pub(crate) fn databases(&self) -> &BTreeMap<String, Table> {
        &self.databases
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

/// The environment variable that a shell would read in a value: `${NAME}` or `$NAME`.
pub(super) fn variable(text: &str) -> Option<&str> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        if let Some(braced) = rest.strip_prefix('{') {
            return braced.split_once('}').map(|(name, _)| name);
        }
        let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        let name = rest.get(..end.unwrap_or(rest.len()))?;
        name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_').then_some(name)
    })
}

fn unexpanded(key: &Key, variable: &str) -> Error {
    let message = format!("`{}` holds the variable {variable}, and planctl.toml expands none", key.name);
    Error::new(ErrorKind::Config, message).help(format!(
        "set {} in the environment, which beats the file: {}=\"…${variable}…\" planctl …",
        key.env, key.env
    ))
}

fn unknown_key(key: &str) -> Error {
    let known = KEYS.iter().map(|known| known.name).chain(sections::NAMES).chain([DATABASES]);
    Error::new(ErrorKind::Config, format!("there is no setting `{key}`")).help(match sections::of_key(key) {
        Some(section) => format!("it belongs in the table [{section}]"),
        None => did_you_mean(key, known),
    })
}

fn wrong_type(key: &Key, value: &DeValue<'_>) -> Error {
    let Key { name, kind, .. } = key;
    let wanted = match kind {
        KeyKind::Switch => "true or false",
        KeyKind::List => "an array of strings",
        KeyKind::Text => "a string",
    };
    let message = format!("`{name}` has to be {wanted}, but it is of type {}", value.type_str());
    Error::new(ErrorKind::Config, message).help(match value {
        _ if *kind == KeyKind::Switch => format!("write it as {name} = true"),
        _ if *kind == KeyKind::List => format!("write it as {name} = [\"…\"]"),
        DeValue::Float(number) => format!("write it in quotes: {name} = \"{}\"", number.as_str()),
        DeValue::Integer(number) => format!("write it in quotes: {name} = \"{}\"", number.as_str()),
        _ => format!("write it as {name} = \"…\""),
    })
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
            "known: `db`, `migrations`, `spec`, `deviations`, `sqlite-version`, `target`, `tests`, `reports`, `docs`, \
             `models`, `require-clean`, `lint`, `audit`, `fleet`, `databases`"
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
    fn variables_are_not_expanded_and_that_is_said() {
        assert_eq!(
            shown("[databases.a]\ndb = '${HOME}/a.db'"),
            "conf/planctl.toml:2:6: `db` holds the variable HOME, and planctl.toml expands none | db = '${HOME}/a.db' | \
             set PLANCTL_DB in the environment, which beats the file: PLANCTL_DB=\"…$HOME…\" planctl …"
        );
        assert!(shown("spec = 'x/$DIR/y.sql'").contains("the variable DIR"));
        assert!(ConfigFile::parse(SourceFile::new("planctl.toml", "db = 'a$b$.db'")).is_ok());
    }

    #[test]
    fn a_database_has_the_keys_of_the_top_level() {
        assert!(
            shown("[databases.a]\nspek = 'x'")
                .starts_with("conf/planctl.toml:2:1: there is no setting `spek`")
        );
        assert!(shown("[databases]\ndb = 'x'").contains("[databases.db] has to be a table"));
        assert!(shown("[database.a]\ndb = 'x'").ends_with("did you mean `databases`?"));
        assert!(shown("[databases.a.databases.b]").contains("there is no setting `databases`"));
        assert!(
            shown("models = 'm.py'")
                .ends_with("of type string | models = 'm.py' | write it as models = [\"…\"]")
        );
        assert!(
            shown("models = ['m.py', 7]")
                .contains("planctl.toml:1:19: `models` has to be an array of strings")
        );
        assert!(shown("models = ['']").contains("`models` is empty"));
        assert!(shown("require-clean = 'yes'").contains("`require-clean` has to be true or false"));
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
