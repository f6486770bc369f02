//! What to do about an error. The fact is the same whoever is told of it; the words are those of the front end that was
//! called: a flag on the command line, a method in an application.

use std::borrow::Cow;

use crate::base::escape::shell_word;

/// Who speaks to the user.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum FrontEnd {
    /// The program `planctl`.
    #[default]
    CommandLine,
    /// An application, through the type of this name: `Migrator`.
    Library(&'static str),
}

/// What has to be written by hand where no way could be made.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ByHand {
    /// A migration.
    Migration,
    /// A migration of what is there already, which is then recorded with this version.
    Adopted {
        /// The version.
        version: String,
    },
    /// A script.
    Script {
        /// The command that shows what it has to do: `planctl audit`.
        shown_by: String,
    },
}

impl ByHand {
    /// `first; write it by hand, or`
    fn sentence(&self, first: Option<&str>, or: Option<&str>) -> String {
        let write = "write this one by hand with `planctl migrate new NAME`";
        let write = match self {
            ByHand::Migration => write.to_owned(),
            ByHand::Adopted { version } => {
                format!("{write}, and record it with `planctl migrate baseline --to {version}`")
            }
            ByHand::Script { shown_by } => {
                format!("write the script by hand; `{shown_by}` shows what it has to do")
            }
        };
        let first = first.map_or(String::new(), |first| format!("{first}; "));
        let or = or.map_or(String::new(), |or| format!(", or {or}"));
        format!("{first}{write}{or}")
    }
}

/// What to do about an error.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Advice {
    /// A sentence that is right whoever says it.
    Text(String),
    /// Another connection holds a lock.
    WaitLonger,
    /// The same, for whoever cannot say how long to wait.
    TryAgain,
    /// The folder of the database is not there.
    MakeFolder,
    /// The database is not there.
    MakeDatabase,
    /// The database has no name.
    NameDatabase,
    /// A database in memory was named.
    NoMemory,
    /// A database was left in the middle of a write.
    RepairByWriting,
    /// The folder of migrations is not there.
    MakeMigrations,
    /// What was named as the folder of migrations is none.
    NameMigrations,
    /// Another process was faster.
    DecideAgain,
    /// The down script that the database keeps was edited there.
    UseFiles,
    /// The file is no longer what was applied, and so its down may not fit.
    RestoreOrUseFiles,
    /// Only white space of a file is no longer what was applied.
    AcceptWhiteSpace {
        /// What Git is to make of its line endings, so that they stay as they are: `lf`.
        eol: Option<&'static str>,
    },
    /// The database is at a version that only a newer program knows.
    NewerProgram {
        /// The newest version that this program knows.
        known: String,
    },
    /// No way from one schema to another could be made.
    WriteByHand {
        /// What is to be written.
        what: ByHand,
        /// What there is to say before.
        first: Option<&'static str>,
        /// What would do as well.
        or: Option<&'static str>,
    },
    /// Rows stand in the way of a data step.
    RepairRows {
        /// The table.
        table: String,
        /// Its columns: id, parent and root.
        columns: [String; 3],
        /// What the step could say to go on: `on-orphan=self`.
        ways: Vec<&'static str>,
    },
}

impl<T: Into<String>> From<T> for Advice {
    fn from(text: T) -> Advice {
        Advice::Text(text.into())
    }
}

impl Advice {
    /// Nothing can be generated: a migration has to be written by hand.
    pub const BY_HAND: Advice = Advice::WriteByHand { what: ByHand::Migration, first: None, or: None };

    /// The sentence, in the words of a front end.
    pub fn in_words_of(&self, front_end: FrontEnd) -> Cow<'_, str> {
        let api = match front_end {
            FrontEnd::CommandLine => None,
            FrontEnd::Library(api) => Some(api),
        };
        let either = |command_line: &'static str, library: &'static str| -> Cow<'_, str> {
            if api.is_some() { library } else { command_line }.into()
        };
        match self {
            Advice::Text(text) => text.as_str().into(),
            Advice::WaitLonger => {
                let how = api.map_or("--lock-timeout".to_owned(), |api| format!("`{api}::lock_timeout`"));
                format!("try again when it is done, or wait longer with {how}").into()
            }
            Advice::TryAgain => "try again when it is done".into(),
            Advice::MakeFolder => {
                either("check --db, or create the folder", "check the path, or create the folder")
            }
            Advice::MakeDatabase => either(
                "check --db; `planctl migrate up` creates the database, if there are migrations",
                "check the path; `Migrator::up` creates the database, if there are migrations",
            ),
            Advice::NameDatabase => either("name a file: --db PATH", "name a file, or hand over a connection"),
            Advice::NoMemory => either(
                "name a file; `planctl audit --scratch` and `planctl check` need no database at all",
                "name a file, or hand over the connection that has it open",
            ),
            Advice::RepairByWriting => either(
                "any program that opens it for writing repairs it: `planctl migrate up`, or `sqlite3 FILE .tables`",
                "any program that opens it for writing repairs it: `Migrator::up`, or `sqlite3 FILE .tables`",
            ),
            Advice::MakeMigrations => either(
                "create it with `planctl migrate new NAME`, or name the right one with --migrations",
                "create it with `planctl migrate new NAME`, or name the right one",
            ),
            Advice::NameMigrations => either(
                "name the folder that holds the migration files with --migrations",
                "name the folder that holds the migration files",
            ),
            Advice::DecideAgain => either(
                "look at `planctl migrate status`, and decide again",
                "look at `Migrator::history`, and decide again",
            ),
            Advice::UseFiles => either(
                "use --from-files to run the file's own",
                "use `Migrator::from_files` to run the file's own",
            ),
            Advice::RestoreOrUseFiles => either(
                "the down file may no longer fit what was applied: restore the file as it was, or insist with --from-files",
                "the down file may no longer fit what was applied: restore the file as it was, or insist with `Migrator::from_files`",
            ),
            Advice::AcceptWhiteSpace { eol } => {
                let what = either(
                    "`planctl migrate status --accept-whitespace` records the file as it is now",
                    "give the program the file as it was applied",
                );
                let keep = eol.map_or(String::new(), |eol| {
                    format!("; `*.sql text eol={eol}` in .gitattributes keeps its line endings")
                });
                format!("{what}{keep}").into()
            }
            Advice::NewerProgram { known } => match api {
                Some(_) => format!(
                    "run the program that migrated it, or revert the newer migrations with \
                     `Migrator::down` to `DownTarget::Above({known})`"
                ),
                None => format!(
                    "check out a version of the project that has the newer migrations, or revert them with `planctl migrate down --to {known}`"
                ),
            }
            .into(),
            Advice::WriteByHand { what, first, or } => what.sentence(*first, *or).into(),
            Advice::RepairRows { table, columns, ways } => repair_rows(api, table, columns, ways).into(),
        }
    }
}

/// With what lists the rows at which a data step stops.
fn repair_rows(api: Option<&str>, table: &str, [id, parent, root]: &[String; 3], ways: &[&str]) -> String {
    let listing = match api {
        Some(_) => "`Backfiller` with `dry_run`".to_owned(),
        None => format!(
            "`planctl backfill --table {} --id {} --parent {} --root {} --dry-run`",
            shell_word(table),
            shell_word(id),
            shell_word(parent),
            shell_word(root)
        ),
    };
    format!(
        "repair these rows first; {listing} lists them; a migration that was not released yet can say what to do with \
         them: {}",
        ways.join(", ")
    )
}
