//! Directives: what a migration says to planctl in comment lines of their own.
//!
//! ```sql
//! -- planctl:backfill root-ancestor table=plans id=plan_id parent=parent_plan_id root=root_plan_id on-orphan=self
//! -- planctl:assert every plan has an owner
//! -- planctl:irreversible the dropped column cannot be restored
//! -- planctl:allow destructive-statement the table was never used
//! ```

use super::replaced::Replaced;
use crate::backfill::{BackfillSpec, OnCycle, OnOrphan};
use crate::base::directive;
use crate::base::directive::{Body, OF_MIGRATIONS, OF_SPECS, split_word};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::nearest::did_you_mean;
use crate::base::source::SourceFile;

/// One directive and where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// What it says.
    pub kind: DirectiveKind,
    /// Byte offset of its comment in the script.
    pub start: usize,
}

/// What a directive says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DirectiveKind {
    /// `backfill root-ancestor …`: a data step.
    Backfill(BackfillSpec),
    /// `assert REASON`: the query below must find nothing.
    Assert {
        /// What is wrong where it finds something, in the author's words.
        reason: String,
    },
    /// `irreversible REASON`: the migration cannot be reverted.
    Irreversible {
        /// Why, in the author's words.
        reason: String,
    },
    /// `replaces V7__name int4=… int8=…`: the migration stands for that one, too.
    Replaces(Replaced),
    /// `allow RULE REASON`: the statement below may do what the lint rule warns of.
    Allow {
        /// The rule's name as written.
        rule: String,
        /// Why, in the author's words; a lint asks for it when it is missing.
        reason: Option<String>,
    },
}

/// Reads the directive of the comment at `start`.
pub(super) fn parse(file: &SourceFile, start: usize, body: Body<'_>) -> Result<Directive> {
    let reader = Reader { file, start: start + body.offset };
    let (word, rest) = body.split();
    let rest_at = body.text.len() - rest.len();
    let kind = match word {
        "backfill" => DirectiveKind::Backfill(reader.backfill(rest, rest_at)?),
        "assert" if rest.is_empty() => {
            return Err(reader
                .error(0, "`assert` does not say what it is about")
                .help("write the reason after it: `-- planctl:assert every plan has an owner`"));
        }
        "assert" => DirectiveKind::Assert { reason: rest.to_owned() },
        "irreversible" if rest.is_empty() => {
            return Err(reader.error(0, "`irreversible` does not say why").help(
                "write the reason after it: `-- planctl:irreversible the dropped rows cannot be restored`",
            ));
        }
        "irreversible" => DirectiveKind::Irreversible { reason: rest.to_owned() },
        "allow" if rest.is_empty() => {
            return Err(reader
                .error(0, "`allow` does not say which rule")
                .help("write `-- planctl:allow RULE REASON` above the statement"));
        }
        "allow" => {
            let (rule, reason) = split_word(rest);
            let reason = (!reason.is_empty()).then(|| reason.to_owned());
            DirectiveKind::Allow { rule: rule.to_owned(), reason }
        }
        "replaces" => match Replaced::parse(rest) {
            Some(replaced) => DirectiveKind::Replaces(replaced),
            None => {
                return Err(reader
                    .error(0, "`replaces` does not name a migration and its checksums")
                    .help("restore the file as `planctl migrate squash` wrote it"));
            }
        },
        known if OF_SPECS.contains(&known) => {
            return Err(reader
                .error(0, format!("`{known}` belongs in the spec, not in a migration"))
                .help("`planctl migrate generate` reads it there; remove it from this file"));
        }
        unknown => {
            return Err(reader
                .error(0, format!("there is no directive `{unknown}`"))
                .help(did_you_mean(unknown, OF_MIGRATIONS)));
        }
    };
    Ok(Directive { kind, start })
}

struct Reader<'a> {
    file: &'a SourceFile,
    /// Byte offset of the directive's first word in the file.
    start: usize,
}

/// One `key=value`.
struct Setting<'a> {
    key: &'a str,
    value: String,
    at: usize,
    value_at: usize,
}

const KEYS: [&str; 7] = ["table", "id", "parent", "root", "on-orphan", "on-cycle", "recompute"];

impl Reader<'_> {
    fn error(&self, at: usize, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Migration, message).at(self.file.location(self.start + at))
    }

    fn backfill(&self, text: &str, at: usize) -> Result<BackfillSpec> {
        const KINDS: [&str; 1] = ["root-ancestor"];
        let (kind, rest) = split_word(text);
        if kind != KINDS[0] {
            let message = match kind {
                "" => "`backfill` does not say what to fill".to_owned(),
                _ => format!("there is no backfill `{kind}`"),
            };
            return Err(self.error(at, message).help(did_you_mean(kind, KINDS)));
        }
        let settings = self.settings(rest, at + (text.len() - rest.len()))?;
        let find = |key: &str| settings.iter().find(|setting| setting.key == key);
        let required = |key: &str| match find(key) {
            Some(setting) if setting.value.is_empty() => {
                Err(self.error(setting.value_at, format!("`{key}` is empty")))
            }
            Some(setting) => Ok(setting.value.clone()),
            None => Err(self
                .error(0, format!("`backfill root-ancestor` does not say `{key}`"))
                .help(format!("add `{key}=…`; `table`, `id`, `parent` and `root` are needed"))),
        };
        Ok(BackfillSpec {
            table: required("table")?,
            id: required("id")?,
            parent: required("parent")?,
            root: required("root")?,
            on_cycle: self.choice(find("on-cycle"), &[("abort", OnCycle::Abort), ("skip", OnCycle::Skip)])?,
            on_orphan: self.choice(
                find("on-orphan"),
                &[("abort", OnOrphan::Abort), ("self", OnOrphan::SelfRoot), ("skip", OnOrphan::Skip)],
            )?,
            recompute: self.choice(find("recompute"), &[("true", true), ("false", false)])?,
        })
    }

    /// The choice that a setting names, or the default when it is not given.
    fn choice<T: Copy + Default>(&self, setting: Option<&Setting<'_>>, choices: &[(&str, T)]) -> Result<T> {
        let Some(setting) = setting else { return Ok(T::default()) };
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == setting.value) {
            return Ok(*choice);
        }
        Err(self
            .error(setting.value_at, format!("`{}` cannot be `{}`", setting.key, setting.value))
            .help(did_you_mean(&setting.value, choices.iter().map(|(name, _)| *name))))
    }

    /// Reads `key=value key="a value" …`, each key at most once.
    fn settings<'t>(&self, text: &'t str, at: usize) -> Result<Vec<Setting<'t>>> {
        let mut settings: Vec<Setting<'t>> = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let here = at + (text.len() - rest.len());
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (key, behind) = rest.split_at(end);
            let Some(value) = behind.strip_prefix('=') else {
                return Err(self
                    .error(here, format!("`{key}` has no value"))
                    .help("settings are written `key=value`, without spaces around the `=`"));
            };
            if !KEYS.contains(&key) {
                return Err(self
                    .error(here, format!("`backfill root-ancestor` knows no `{key}`"))
                    .help(did_you_mean(key, KEYS)));
            }
            if settings.iter().any(|setting| setting.key == key) {
                return Err(self.error(here, format!("`{key}` is given twice")).help("keep one of them"));
            }
            let value_at = here + end + 1;
            let Some((plain, len)) = directive::value(value) else {
                return Err(self
                    .error(value_at, format!("the value of `{key}` has no closing quote"))
                    .help("a quote inside a quoted value is written twice"));
            };
            let behind = value.get(len..).unwrap_or_default();
            settings.push(Setting { key, value: plain, at: here, value_at });
            rest = behind.trim_start();
            if rest.len() == behind.len() && !rest.is_empty() {
                let at = settings.last().map_or(here, |setting| setting.at);
                return Err(self
                    .error(at, format!("something follows the closing quote of `{key}`"))
                    .help("leave a space between two settings"));
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::directive::{Spoken, spoken};

    fn read(comment: &str) -> Result<DirectiveKind, Error> {
        let file = SourceFile::new("V1__a.sql", comment);
        let Spoken::Said(bodies) = spoken(file.text()) else { panic!("a directive") };
        parse(&file, 0, bodies[0]).map(|directive| directive.kind)
    }

    fn place_and_help(comment: &str) -> (usize, String) {
        let error = read(comment).unwrap_err();
        let column = error.location().map_or(0, |location| location.column);
        (column, format!("{} | {}", error.message(), error.help_text().unwrap_or_default()))
    }

    #[test]
    fn a_backfill_is_read_with_all_its_settings() {
        let spec = BackfillSpec {
            table: "my plans".to_owned(),
            id: "i\"d".to_owned(),
            parent: "it's".to_owned(),
            root: "r=1".to_owned(),
            on_cycle: OnCycle::Skip,
            on_orphan: OnOrphan::SelfRoot,
            recompute: true,
        };
        let line = "--planctl:backfill  root-ancestor table=\"my plans\" id=\"i\"\"d\" parent='it''s' root=r=1 \
                    on-cycle=skip on-orphan=self recompute=true\r";
        assert_eq!(read(line).unwrap(), DirectiveKind::Backfill(spec));
    }

    #[test]
    fn defaults_are_the_careful_ones() {
        let DirectiveKind::Backfill(spec) =
            read("-- planctl:backfill root-ancestor table=t id=i parent=p root=r").unwrap()
        else {
            panic!("a backfill")
        };
        assert_eq!((spec.on_cycle, spec.on_orphan, spec.recompute), (OnCycle::Abort, OnOrphan::Abort, false));
    }

    #[test]
    fn reasons_are_kept_as_written() {
        assert_eq!(
            read("-- planctl:irreversible  rows are gone ").unwrap(),
            DirectiveKind::Irreversible { reason: "rows are gone".to_owned() }
        );
        assert_eq!(
            read("-- planctl:assert no plan is lost").unwrap(),
            DirectiveKind::Assert { reason: "no plan is lost".to_owned() }
        );
        assert_eq!(
            read("-- planctl:allow missing-down later  on").unwrap(),
            DirectiveKind::Allow { rule: "missing-down".to_owned(), reason: Some("later  on".to_owned()) }
        );
        assert_eq!(
            read("-- planctl:allow missing-down").unwrap(),
            DirectiveKind::Allow { rule: "missing-down".to_owned(), reason: None }
        );
    }

    #[test]
    fn every_slip_is_named_at_its_column_with_the_nearest_known_word() {
        let (column, text) = place_and_help("-- planctl:backfil root-ancestor");
        assert_eq!(
            (column, text.as_str()),
            (12, "there is no directive `backfil` | did you mean `backfill`?")
        );
        let (column, text) = place_and_help("-- planctl: Backfill root-ancestor");
        assert_eq!(
            (column, text.as_str()),
            (13, "there is no directive `Backfill` | did you mean `backfill`?")
        );
        let (column, text) = place_and_help("-- planctl:backfill root-ancester table=t");
        assert_eq!((column, text.contains("did you mean `root-ancestor`?")), (21, true), "{text}");
        let line = "-- planctl:backfill root-ancestor table=t id=i parent=p ";
        for (rest, at, part) in [
            ("", 12, "does not say `root`"),
            ("rot=r", 57, "did you mean `root`?"),
            ("root=r on-orphan=selv", 74, "did you mean `self`?"),
            ("root=r id=j", 64, "given twice"),
            ("root", 57, "no value"),
            ("root=\"r", 62, "no closing quote"),
            ("root='r'x", 57, "follows the closing quote"),
            ("root=''", 62, "`root` is empty"),
            ("root=r recompute=yes", 74, "known: `true`, `false`"),
        ] {
            let (column, text) = place_and_help(&format!("{line}{rest}"));
            assert!(column == at && text.contains(part), "{rest}: {column} {text}");
        }
        let (_, text) = place_and_help("-- planctl:renamed_from a");
        assert!(text.contains("there is no directive `renamed_from`"), "{text}");
        let (_, text) = place_and_help("-- planctl:fill value=7");
        assert!(text.contains("in the spec"), "{text}");
        assert_eq!(place_and_help("-- planctl:irreversible").0, 12);
        assert_eq!(place_and_help("-- planctl:allow").0, 12);
        assert_eq!(place_and_help("-- planctl:assert").0, 12);
    }

    proptest::proptest! {
        #[test]
        fn any_text_behind_the_prefix_is_read_without_a_panic(text in "\\PC*|(backfill root-ancestor|allow) [a-z=\"' -é]*") {
            let file = SourceFile::new("a", format!("-- planctl:{text}"));
            if let Spoken::Said(bodies) = spoken(file.text()) {
                for body in bodies {
                    let _ = parse(&file, 0, body);
                }
            }
        }
    }
}
