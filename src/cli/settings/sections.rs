//! The tables of `planctl.toml`: `[lint]` and `[audit]`; `[fleet]` is read beside.

use std::borrow::Cow;

use serde_json::{Value, json};
use toml::Spanned;
use toml::de::DeValue;

use super::fleet::{self, FLEET, FleetSection};
use super::values::{Item, Place, of_type, table, wrong};
use crate::audit::Others;
use crate::base::error::Result;
use crate::base::nearest::did_you_mean;
use crate::base::rule::{LintRule, RuleCode};
use crate::base::source::Location;
use crate::commands::audit::FailOn;
use crate::migrations::Version;
use crate::migrations::lint::{Allowed, Level, Policy, rule};

/// What the tables say.
#[derive(Clone, Default, Debug)]
pub(crate) struct Sections {
    /// `[lint]`
    pub lint: Policy,
    /// `[audit]`, `ignore`
    pub ignore: Option<Others>,
    /// `[audit]`, `fail-on`
    pub fail_on: Option<FailOn>,
    /// `[fleet]`
    pub fleet: Option<FleetSection>,
}

const LINT: &str = "lint";
const AUDIT: &str = "audit";
const FROM: &str = "from";
const RULES_KEY: &str = "rules";
const ALLOW: &str = "allow";
const IGNORE: &str = "ignore";
const FAIL_ON: &str = "fail-on";

/// Each table with its keys.
const TABLES: [(&str, &[&str]); 2] = [(LINT, &[FROM, RULES_KEY, ALLOW]), (AUDIT, &[IGNORE, FAIL_ON])];

const VERSION: &str = "version";
const RULE: &str = "rule";
const REASON: &str = "reason";

/// The keys of an entry of [`ALLOW`].
const OF_ALLOW: [&str; 3] = [VERSION, RULE, REASON];

/// The names of the tables.
pub(crate) const NAMES: [&str; 3] = [LINT, AUDIT, FLEET];

/// The table that a key belongs to.
pub(crate) fn of_key(key: &str) -> Option<&'static str> {
    TABLES.iter().find(|(_, keys)| keys.contains(&key)).map(|(name, _)| *name)
}

type Key<'a> = Spanned<Cow<'a, str>>;

impl Sections {
    /// What they say, and of what they do not speak what `others` say. Each rule counts for itself.
    pub(crate) fn over(&self, others: &Sections) -> Sections {
        let mut levels = others.lint.levels.clone();
        levels.extend(self.lint.levels.iter().map(|(rule, level)| (*rule, *level)));
        let allowed = [others.lint.allowed.as_slice(), &self.lint.allowed].concat();
        Sections {
            lint: Policy { from: self.lint.from.or(others.lint.from), levels, allowed },
            ignore: self.ignore.as_ref().or(others.ignore.as_ref()).cloned(),
            fail_on: self.fail_on.or(others.fail_on),
            fleet: self.fleet.as_ref().or(others.fleet.as_ref()).cloned(),
        }
    }

    /// Reads a table of the file; `false` when the key is none of them.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the place of what is not known or of another type.
    pub(crate) fn read(&mut self, key: &Key<'_>, value: &Item<'_>, place: &Place<'_>) -> Result<bool> {
        let name: &str = key.get_ref();
        if name == FLEET {
            let fleet = self.fleet.get_or_insert_default();
            for (key, value) in table("[fleet]", value, place)? {
                fleet.read((key.get_ref(), key.span()), value, place)?;
            }
            return Ok(true);
        }
        let Some((section, keys)) = TABLES.iter().find(|(known, _)| *known == name) else { return Ok(false) };
        let what = format!("[{section}]");
        for (key, value) in table(&what, value, place)? {
            let name: &str = key.get_ref();
            match (*section, name) {
                (LINT, FROM) => self.lint.from = Some(version(FROM, value, place)?),
                (LINT, RULES_KEY) => {
                    for (code, level) in table("`rules`", value, place)? {
                        let rule = lint_rule(code.get_ref(), || place(code.span()))?;
                        self.lint.levels.insert(rule, one_of(rule.as_str(), level, &Level::ALL, place)?);
                    }
                }
                (LINT, ALLOW) => self.lint.allowed = allowed(value, place)?,
                (AUDIT, IGNORE) => self.ignore = Some(others(value, place)?),
                (AUDIT, FAIL_ON) => self.fail_on = Some(one_of(FAIL_ON, value, &FailOn::ALL, place)?),
                _ => {
                    let message = format!("{what} has no key `{name}`");
                    let elsewhere =
                        of_key(name).map(|section| format!("it belongs in the table [{section}]"));
                    let help = elsewhere.unwrap_or_else(|| did_you_mean(name, keys.iter().copied()));
                    return Err(wrong(message, place(key.span())).help(help));
                }
            }
        }
        Ok(true)
    }
}

fn lint_rule(code: &str, place: impl Fn() -> Location) -> Result<LintRule> {
    match RuleCode::parse(code) {
        Some(RuleCode::Lint(rule)) => Ok(rule),
        _ => {
            let known = LintRule::all().map(LintRule::as_str);
            Err(wrong(format!("there is no lint rule `{code}`"), place()).help(did_you_mean(code, known)))
        }
    }
}

/// What single migrations are allowed.
fn allowed(value: &Item<'_>, place: &Place<'_>) -> Result<Vec<Allowed>> {
    const ENTRY: &str = "[[lint.allow]]";
    let DeValue::Array(entries) = value.get_ref() else {
        return Err(of_type("`allow`", "a list of tables", value, place)
            .help(format!("write each as {ENTRY} with `version`, `rule` and `reason`")));
    };
    let mut found = Vec::new();
    for entry in entries.iter() {
        let (mut migration, mut rule, mut reason) = (None, None, None);
        for (key, value) in table(ENTRY, entry, place)? {
            let text = || fleet::text(key.get_ref(), value, place);
            match key.get_ref().as_ref() {
                VERSION => migration = Some(version(VERSION, value, place)?),
                RULE => rule = Some(lint_rule(&text()?, || place(value.span()))?),
                REASON => reason = Some(text()?),
                other => {
                    let error = wrong(format!("{ENTRY} has no key `{other}`"), place(key.span()));
                    return Err(error.help(did_you_mean(other, OF_ALLOW)));
                }
            }
        }
        let at = place(entry.span());
        let (Some(version), Some(rule), Some(_)) = (migration, rule, reason) else {
            return Err(wrong(format!("{ENTRY} needs `version`, `rule` and `reason`"), at));
        };
        found.push(Allowed { version, rule, at });
    }
    Ok(found)
}

fn version(key: &str, value: &Item<'_>, place: &Place<'_>) -> Result<Version> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => Version::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => {
            let error = of_type(&format!("`{key}`"), "a version", value, place);
            return Err(error.help(format!("write it as {key} = 7")));
        }
    };
    number.filter(|number| *number >= 0).ok_or_else(|| {
        wrong(format!("`{key}` is not a version"), place(value.span()))
            .help(format!("a version is a whole number, as in {key} = 7"))
    })
}

/// A word with a meaning.
fn one_of<T: Copy>(what: &str, value: &Item<'_>, words: &[(&str, T)], place: &Place<'_>) -> Result<T> {
    let known = || words.iter().map(|(word, _)| *word);
    let wanted = known().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ");
    let DeValue::String(text) = value.get_ref() else {
        return Err(of_type(&format!("`{what}`"), &wanted, value, place));
    };
    let meant = words.iter().find(|(word, _)| *word == text.as_ref()).map(|(_, meaning)| *meaning);
    meant.ok_or_else(|| {
        wrong(format!("`{what}` cannot be `{text}`"), place(value.span())).help(did_you_mean(text, known()))
    })
}

fn others(value: &Item<'_>, place: &Place<'_>) -> Result<Others> {
    const WANTED: &str = "a list of names of tables";
    let DeValue::Array(items) = value.get_ref() else {
        return Err(of_type("`ignore`", WANTED, value, place).help("write it as ignore = [\"django_*\"]"));
    };
    let mut patterns = Vec::new();
    for item in items.iter() {
        let DeValue::String(pattern) = item.get_ref() else {
            return Err(of_type("`ignore`", WANTED, item, place));
        };
        Others::matching([pattern.as_ref()]).map_err(|error| error.at(place(item.span())))?;
        patterns.push(pattern.as_ref());
    }
    Others::matching(patterns)
}

/// What an editor is told of [`ALLOW`].
fn allow_schema() -> Value {
    let codes: Vec<&str> = LintRule::all().map(LintRule::as_str).collect();
    json!({
        "description": "Rules that a migration may break whose files can no longer be changed",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": OF_ALLOW,
            "properties": {
                VERSION: { "description": "Version of the migration", "type": "integer", "minimum": 0 },
                RULE: { "description": "The rule", "type": "string", "enum": codes },
                REASON: { "description": "Why", "type": "string", "minLength": 1 },
            },
        },
    })
}

/// What an editor is told of a table.
pub(crate) fn json_schema() -> [(&'static str, Value); 3] {
    let words = |words: Vec<&str>| json!({ "type": "string", "enum": words });
    let levels = words(Level::ALL.iter().map(|(word, _)| *word).collect());
    let rules: serde_json::Map<String, Value> = LintRule::all()
        .map(|code| {
            let mut level = levels.clone();
            level["description"] = rule(code).summary.into();
            (code.to_string(), level)
        })
        .collect();
    let section = |about: &str, properties: Value| json!({ "description": about, "type": "object", "additionalProperties": false, "properties": properties });
    let mut fail_on = words(FailOn::ALL.iter().map(|(word, _)| *word).collect());
    fail_on["description"] = "Lowest severity that gives exit status 1 (flag: --fail-on)".into();
    fail_on["default"] = "warning".into();
    [
        (
            LINT,
            section(
                "Which files are linted, and the severity of each rule",
                json!({
                    FROM: {
                        "description": "The oldest version whose files are linted, and tried up and down by check",
                        "type": "integer",
                        "minimum": 0,
                    },
                    RULES_KEY: section("Severity of a rule, in place of its default", rules.into()),
                    ALLOW: allow_schema(),
                }),
            ),
        ),
        (
            AUDIT,
            section(
                "What the audit looks at",
                json!({
                    IGNORE: {
                        "description": "Tables and views that belong to others and are not drift; names may contain * and ?",
                        "type": "array",
                        "items": { "type": "string", "minLength": 1 },
                    },
                    FAIL_ON: fail_on,
                }),
            ),
        ),
        (FLEET, section("Many databases with one folder of migrations", fleet::properties())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::severity::Severity;
    use crate::base::source::SourceFile;
    use crate::cli::settings::config::ConfigFile;
    use crate::cli::settings::keys::DB;
    use crate::schema::Ident;

    fn read(text: &str) -> Result<ConfigFile> {
        ConfigFile::parse(SourceFile::new("planctl.toml", text))
    }

    #[test]
    fn tables_say_what_the_project_makes_of_lint_and_audit() {
        let file = read(
            "db = 'x'\n[lint]\nfrom = 7\nrules = { missing-down = 'off', empty-up = 'warning' }\n\
             [audit]\nignore = ['django_*', 'x']\nfail-on = 'error'\n",
        )
        .unwrap();
        let Sections { lint, ignore, fail_on, .. } = &file.top().sections;
        let theirs = |name| ignore.as_ref().unwrap().are(&Ident::from(name));
        assert_eq!((lint.from, *fail_on), (Some(7), Some(FailOn::Error)));
        let level = |rule| lint.levels.get(&rule).copied();
        assert_eq!(level(LintRule::MissingDown), Some(Level::Off));
        assert_eq!(level(LintRule::EmptyUp), Some(Level::As(Severity::Warning)));
        assert!(theirs("django_log") && !theirs("y"));
        assert_eq!(file.top().get(&DB).map(|(values, _)| values), Some(&["x".to_owned()][..]));
    }

    #[test]
    fn what_is_not_known_is_named_with_its_place_and_the_nearest() {
        for (text, place, message, help) in [
            ("[lint]\nform = 1", "2:1", "[lint] has no key `form`", "did you mean `from`?"),
            ("[lint]\nignore = []", "2:1", "[lint] has no key `ignore`", "it belongs in the table [audit]"),
            ("fail-on = 'error'", "1:1", "there is no setting `fail-on`", "it belongs in the table [audit]"),
            ("[lnt]\nfrom = 1", "1:2", "there is no setting `lnt`", "did you mean `lint`?"),
            (
                "[lint.rules]\nmissing-dwon = 'off'",
                "2:1",
                "there is no lint rule `missing-dwon`",
                "did you mean `missing-down`?",
            ),
            (
                "[lint]\nrules = { missing-down = 'of' }",
                "2:26",
                "`missing-down` cannot be `of`",
                "did you mean `off`?",
            ),
            ("[audit]\nfail-on = 'errors'", "2:11", "`fail-on` cannot be `errors`", "did you mean `error`?"),
            (
                "[lint]\nfrom = -1",
                "2:8",
                "`from` is not a version",
                "a version is a whole number, as in from = 7",
            ),
            (
                "[lint]\nfrom = 99999999999999999999",
                "2:8",
                "`from` is not a version",
                "a version is a whole number, as in from = 7",
            ),
            (
                "[lint]\nfrom = '7'",
                "2:8",
                "`from` has to be a version, but it is of type string",
                "write it as from = 7",
            ),
            (
                "[audit]\nignore = 'x'",
                "2:10",
                "`ignore` has to be a list of names of tables, but it is of type string",
                "write it as ignore = [\"django_*\"]",
            ),
            (
                "[audit]\nignore = ['a', 'b[']",
                "2:16",
                "the pattern `b[` has a [ that is not closed",
                "close it, or write [[] for the character itself",
            ),
            ("lint = 7", "1:8", "[lint] has to be a table, but it is of type integer", ""),
            (
                "[lint]\nallow = { version = 7 }",
                "2:9",
                "`allow` has to be a list of tables, but it is of type table",
                "write each as [[lint.allow]] with `version`, `rule` and `reason`",
            ),
            (
                "[[lint.allow]]\nversion = 7\nrule = 'empty-up'",
                "1:1",
                "[[lint.allow]] needs `version`, `rule` and `reason`",
                "",
            ),
            (
                "[[lint.allow]]\nversion = 7\nrule = 'empty-pu'\nreason = 'x'",
                "3:8",
                "there is no lint rule `empty-pu`",
                "did you mean `empty-up`?",
            ),
            (
                "[[lint.allow]]\nversoin = 7",
                "2:1",
                "[[lint.allow]] has no key `versoin`",
                "did you mean `version`?",
            ),
            (
                "[[lint.allow]]\nversion = 'V7'",
                "2:11",
                "`version` has to be a version, but it is of type string",
                "write it as version = 7",
            ),
            ("[[lint.allow]]\nreason = ''", "2:10", "`reason` is empty", ""),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.to_string(), format!("planctl.toml:{place}: {message}"), "{text}");
            assert_eq!(error.help_text().unwrap_or_default(), help, "{text}");
        }
        assert!(read("[lint]\nfrom = 0x10").is_ok());
    }
}
