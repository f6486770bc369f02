//! How a file of classes was made: the command in its head, with all that decides what is in the file.

use crate::base::escape::{shell_word, shell_words};
use crate::base::words::words;

words! {
    /// A language that classes are written in.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum Language, ALL {
        /// SQLAlchemy 2
        Python = "python",
    }
}

words! {
    /// Whose names the classes have.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub enum NamesFrom, ALL {
        /// The database's, with what the ledger excuses.
        Live = "live",
        /// The spec's.
        Spec = "spec",
    }
}

/// The options of `schema models`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made {
    /// `--lang`
    pub language: Language,
    /// `--names`
    pub names: NamesFrom,
    /// Files and folders that the command line named, each with its option: without one, the settings decide.
    pub named: Vec<(&'static str, String)>,
}

/// The options that name what is read.
pub const NAMED: [&str; 3] = ["--spec", "--deviations", "--migrations"];

/// What the command begins with.
const COMMAND: &str = "planctl schema models ";

impl Made {
    /// The command.
    pub fn command(&self) -> String {
        let mut command =
            format!("{COMMAND}--lang {} --names {}", self.language.as_str(), self.names.as_str());
        for (option, value) in &self.named {
            command.push_str(&format!(" {option} {}", shell_word(value)));
        }
        command
    }

    /// What the head of a file says; `None` when it says nothing of this.
    pub fn of_head(text: &str) -> Option<Made> {
        let line = text.lines().take(40).find_map(|line| {
            let start = line.find(COMMAND)?;
            line.get(start + COMMAND.len()..)
        })?;
        let mut words = shell_words(line)?.into_iter();
        let (mut language, mut names, mut named) = (None, None, Vec::new());
        while let (Some(option), Some(value)) = (words.next(), words.next()) {
            match option.as_str() {
                "--lang" => language = Language::ALL.into_iter().find(|known| known.as_str() == value),
                "--names" => names = NamesFrom::ALL.into_iter().find(|known| known.as_str() == value),
                other => named.push((*NAMED.iter().find(|known| **known == other)?, value)),
            }
        }
        Some(Made { language: language?, names: names?, named })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_how_its_file_was_made() {
        for named in [vec![], vec![("--spec", "it's here.sql".to_owned()), ("--migrations", "m".to_owned())]]
        {
            let made = Made { language: Language::Python, names: NamesFrom::Spec, named };
            let head = format!("# first\n//!     {}\n", made.command());
            assert_eq!(Made::of_head(&head), Some(made));
        }
        for head in [
            "",
            "planctl schema models --lang cobol --names live",
            "planctl schema models --lang python --x y",
        ] {
            assert_eq!(Made::of_head(head), None, "{head}");
        }
    }
}
