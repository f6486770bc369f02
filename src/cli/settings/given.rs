//! What is said of settings in errors and hints: where a path comes from that nobody typed, and in commands that are advised
//! what the command line named. A hint is pasted where it was read, and has to act on the same database, migrations and spec.

use std::fs;
use std::path::PathBuf;

use super::files::What;
use super::keys::{DEVIATIONS, KEYS, MIGRATIONS, SPEC};
use super::said::Origin;
use super::{Setting, Settings};
use crate::base::error::{Error, ErrorKind};
use crate::base::escape::shell_word;

/// What begins a command that a text advises.
const COMMAND: &str = "`planctl ";

/// Options of the command line that the commands of a hint need, too.
pub struct Given(Vec<(&'static str, String)>);

impl Settings<'_> {
    /// What the command line itself names of spec, ledger and migrations, each with its option.
    pub fn sources_on_the_command_line(&self) -> Vec<(&'static str, String)> {
        let keys = [("--spec", &SPEC), ("--deviations", &DEVIATIONS), ("--migrations", &MIGRATIONS)];
        let shown = |(option, key)| Some((option, self.said.flags.of(key)?.to_string_lossy().into_owned()));
        keys.into_iter().filter_map(shown).collect()
    }

    /// What a hint has to repeat; `None` where nothing was named. A database with its password is not repeated.
    pub fn given(&self) -> Option<Given> {
        let config = self.said.flags.config.as_ref().map(|file| ("--config", file.display().to_string()));
        let db = self.db_if_flagged().ok().flatten().filter(|_| !self.shows_secret());
        let db = db.map(|db| ("--db", db.display().to_string()));
        let chosen = self.chosen().map(|name| ("-d", name.to_owned()));
        let sources = self.sources_on_the_command_line();
        let given: Vec<_> = config.into_iter().chain(chosen).chain(db).chain(sources).collect();
        (!given.is_empty()).then_some(Given(given))
    }

    /// Adds to an error about a path that was not typed on this command line where the path comes from.
    #[must_use]
    pub fn explain(&self, error: Error) -> Error {
        let paths = self.asked.paths.borrow();
        let is_about = |setting: &&Setting<PathBuf>| error.path() == Some(setting.value.as_path());
        let Some((what, setting)) = paths.iter().rev().find(|(_, setting)| is_about(&setting)) else {
            return error;
        };
        // Of a database that is there, it helps nobody to know where its path was said.
        if *what == What::Database && !matches!(error.kind(), ErrorKind::File | ErrorKind::Database) {
            return error;
        }
        let path = setting.value.display();
        let error = match &setting.origin {
            Origin::Flag(name) if error.help_text().is_none() => {
                error.help(format!("check the path that --{name} names"))
            }
            Origin::Flag(_) => error,
            Origin::Default(name) if error.help_text().is_none() => {
                let note = format!("{path} is {}", setting.origin);
                let env = KEYS.iter().find(|key| key.name == *name).map_or("", |key| key.env);
                error
                    .note(note)
                    .help(format!("name another with --{name}, {env} or `{name}` in planctl.toml"))
            }
            Origin::Default(_) => error.note(format!("{path} is {}", setting.origin)),
            origin => error.note(format!("{path} comes from {origin}")),
        };
        // Whoever tries a command in a folder that is no project yet is told what makes it one.
        let makes = matches!(what, What::Migrations | What::Spec)
            && matches!(setting.origin, Origin::Default(_))
            && !self.said.has_file()
            && fs::symlink_metadata(&setting.value).is_err();
        match error.help_text().filter(|_| makes) {
            Some(help) => {
                let help = format!("{help}; `planctl init` starts a project in this folder");
                error.help(help)
            }
            None => error,
        }
    }
}

impl Given {
    /// The text with the options in each command that takes them, and does not name its own.
    pub fn complete(&self, text: &str) -> String {
        let mut parts = text.split(COMMAND);
        let mut completed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let command = part.split('`').next().unwrap_or(part);
            completed.push_str(COMMAND);
            for (option, value) in self.0.iter().filter(|(option, _)| takes(command, option)) {
                completed.push_str(&format!("{option} {} ", shell_word(value)));
            }
            completed.push_str(part);
        }
        completed
    }
}

/// Whether a command has a use for an option that it does not have yet.
fn takes(command: &str, option: &str) -> bool {
    let mut words: Vec<&str> = command.split(' ').collect();
    if words.contains(&option) {
        return false;
    }
    if words.first() == Some(&"-d") {
        words.drain(..words.len().min(2));
    }
    let (first, second) =
        (words.first().copied().unwrap_or_default(), words.get(1).copied().unwrap_or_default());
    let has = |word: &str| words.contains(&word);
    if option == "-d" {
        return true;
    }
    if has("--explain")
        || matches!(first, "init" | "json-schema" | "completions" | "man")
        || first.starts_with('-')
    {
        return false;
    }
    match option {
        "--db" => match first {
            "audit" => !has("--scratch"),
            "migrate" => !matches!(second, "lint" | "new" | "test"),
            "report" => second == "run",
            // Without a name they are about the database of --db.
            "schema" => {
                matches!(second, "dump" | "docs") && words.get(2).is_none_or(|word| word.starts_with('-'))
            }
            first => matches!(first, "backfill" | "sample"),
        },
        "--migrations" => matches!(first, "audit" | "check" | "fleet" | "migrate"),
        "--spec" | "--deviations" => {
            matches!(first, "audit" | "check" | "sample")
                || matches!(
                    (first, second),
                    ("migrate", "generate" | "adopt") | ("fleet", "audit") | ("schema", "models")
                )
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_of_a_hint_repeats_what_was_named_where_it_takes_it() {
        let given = Given(vec![
            ("-d", "plans".to_owned()),
            ("--db", "my app.db".to_owned()),
            ("--spec", "s.sql".to_owned()),
        ]);
        for (hint, completed) in [
            ("nothing to run", "nothing to run"),
            ("`planctl migrate up`", "`planctl -d plans --db 'my app.db' migrate up`"),
            (
                "try `planctl audit --sql`, or `planctl check`: no `x`",
                "try `planctl -d plans --db 'my app.db' --spec s.sql audit --sql`, or `planctl -d plans --spec s.sql check`: no `x`",
            ),
            ("`planctl -d a migrate up --db b.db`", "`planctl -d a migrate up --db b.db`"),
            ("`planctl audit --scratch`", "`planctl -d plans --spec s.sql audit --scratch`"),
            ("`planctl audit --explain RULE`", "`planctl -d plans audit --explain RULE`"),
            ("`planctl fleet status` shows", "`planctl -d plans fleet status` shows"),
            ("`planctl schema dump`", "`planctl -d plans --db 'my app.db' schema dump`"),
            ("`planctl schema dump other.db`", "`planctl -d plans schema dump other.db`"),
            ("`planctl schema models -o m.py`", "`planctl -d plans --spec s.sql schema models -o m.py`"),
        ] {
            assert_eq!(given.complete(hint), completed);
        }
    }
}
