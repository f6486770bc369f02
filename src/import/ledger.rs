//! What a tool wrote down in the database: which of its migrations are applied.
//!
//! Each tool has one table, and rows of its own that say more than "this one": half of it, taken back, all before it. What
//! is taken over is the beginning of a chain and nothing else; any other history is a [`Refusal`].

use std::collections::{BTreeMap, BTreeSet};

use super::{Chain, Imported, Tool, layouts};
use crate::sql::others;

/// Where a tool writes down what it applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ledger {
    /// A table, and the columns that count.
    Table {
        /// Its name.
        name: &'static str,
        /// Those columns.
        columns: &'static [&'static str],
    },
    /// How many there are, in the number that the file keeps for its application.
    UserVersion,
}

/// A row, its values as text in the order of the columns.
type Row = Vec<Option<String>>;

/// Why a history says nothing that could be taken over. The migrations are named as the history names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A migration began, and did not come to its end.
    Unfinished(String),
    /// The same of a history that has the version to which it was to lead: from below, or from above.
    UnfinishedAt {
        /// Whose up leads there; nothing does to before the first.
        up: Option<String>,
        /// Whose down leads there.
        down: String,
    },
    /// No file has what is applied.
    Unknown(String),
    /// One is not applied, and a later one is.
    Gap {
        /// The one that is not.
        missing: String,
        /// The first later one that is.
        applied: String,
    },
}

impl Tool {
    /// The tool that keeps its history in a database; `has` says whether that has a table with these columns.
    pub fn with_history(has: impl Fn(&str, &[&str]) -> bool) -> Option<Tool> {
        Tool::ALL.into_iter().find(|tool| {
            [true, false].into_iter().any(|numbered| match tool.ledger(numbered) {
                Ledger::Table { name, columns } => has(name, columns),
                Ledger::UserVersion => false,
            })
        })
    }

    /// Where it writes down what it applied; `numbered` are its migrations when each has a number.
    fn ledger(self, numbered: bool) -> Ledger {
        let (name, columns): (_, &[_]) = match self {
            Tool::Sqlx => (others::SQLX, &["version", "success"]),
            Tool::Diesel => (others::DIESEL, &["version"]),
            Tool::GolangMigrate => (others::SCHEMA_MIGRATIONS, &["version", "dirty"]),
            Tool::Goose => (others::GOOSE, &["version_id", "is_applied", "id"]),
            Tool::Dbmate => (others::SCHEMA_MIGRATIONS, &["version"]),
            Tool::RusqliteMigration => return Ledger::UserVersion,
            Tool::Flyway => (others::FLYWAY, &["version", "type", "success", "installed_rank", "script"]),
            Tool::Prisma => (others::PRISMA, &["migration_name", "finished_at", "rolled_back_at"]),
            Tool::Drizzle if numbered => (others::DRIZZLE, &["created_at"]),
            Tool::Drizzle => (others::DRIZZLE, &["name"]),
            Tool::Atlas => (others::ATLAS, &["version", "type", "applied", "total", "error"]),
            Tool::Liquibase => (others::LIQUIBASE, &["AUTHOR", "ID", "EXECTYPE", "FILENAME"]),
            Tool::SqlMigrate => (others::SQL_MIGRATE, &["id", "applied_at"]),
            Tool::Wrangler => (others::D1, &["name", "applied_at"]),
        };
        Ledger::Table { name, columns }
    }
}

impl Chain {
    /// Where its tool writes down what it applied.
    pub fn ledger(&self) -> Ledger {
        // A journal says when each was made; without one, the folder's name is known.
        self.tool.ledger(self.migrations.iter().all(|one| one.id.parse::<i64>().is_ok()))
    }

    /// Those that the tool runs again whenever their files change: as planctl's they run once, behind all others.
    pub fn repeated(&self) -> impl Iterator<Item = &Imported> {
        let is = |one: &&Imported| self.tool == Tool::Flyway && layouts::flyway::repeats(&one.id);
        self.migrations.iter().filter(is)
    }

    /// How many of the first migrations are applied, by the rows of its [`Ledger`]; the number of the file is one row.
    ///
    /// # Errors
    /// Anything but the beginning of the chain.
    pub fn applied(&self, rows: &[Vec<Option<String>>]) -> Result<usize, Refusal> {
        let ids = match self.tool {
            Tool::Sqlx => finished(rows, |row| is_true(cell(row, 1)))?,
            Tool::GolangMigrate => {
                return rows.first().map_or(Ok(0), |row| {
                    let version = cell(row, 0);
                    let at = if version == BEFORE_THE_FIRST { Ok(0) } else { self.up_to(version) };
                    if is_true(cell(row, 1)) { Err(self.unfinished_at(version, at.ok())) } else { at }
                });
            }
            Tool::RusqliteMigration => {
                let count = rows.first().map_or("0", |row| cell(row, 0));
                return if count == "0" { Ok(0) } else { self.up_to(count) };
            }
            Tool::Diesel | Tool::Dbmate | Tool::Drizzle | Tool::SqlMigrate | Tool::Wrangler => {
                finished(rows, |_| true)?
            }
            Tool::Goose => goose(rows),
            Tool::Flyway => self.flyway(rows)?,
            Tool::Prisma => {
                let standing: Vec<Row> = rows.iter().filter(|row| cell(row, 2).is_empty()).cloned().collect();
                finished(&standing, |row| !cell(row, 1).is_empty())?
            }
            Tool::Atlas => self.atlas(rows)?,
            Tool::Liquibase => self.liquibase(rows)?,
        };
        self.beginning(&ids)
    }

    /// A history that names the newest alone.
    fn up_to(&self, id: &str) -> Result<usize, Refusal> {
        let at = self.migrations.iter().position(|one| one.id == id);
        at.map(|at| at + 1).ok_or_else(|| Refusal::Unknown(id.to_owned()))
    }

    /// What began with the version to which it was to lead, which is behind `at` migrations.
    fn unfinished_at(&self, version: &str, at: Option<usize>) -> Refusal {
        match at.and_then(|at| self.migrations.get(at)) {
            Some(down) => Refusal::UnfinishedAt {
                up: Some(version.to_owned()).filter(|version| version != BEFORE_THE_FIRST),
                down: down.id.clone(),
            },
            None => Refusal::Unfinished(version.to_owned()),
        }
    }

    /// A history that names each.
    fn beginning(&self, ids: &BTreeSet<String>) -> Result<usize, Refusal> {
        let known: BTreeSet<&str> = self.migrations.iter().map(|one| one.id.as_str()).collect();
        if let Some(unknown) = ids.iter().find(|id| !known.contains(id.as_str())) {
            return Err(Refusal::Unknown(unknown.clone()));
        }
        let mut rest = self.migrations.iter().skip_while(|one| ids.contains(&one.id));
        let missing = rest.next();
        let later = rest.find(|one| ids.contains(&one.id));
        match (missing, later) {
            (Some(missing), Some(later)) => {
                Err(Refusal::Gap { missing: missing.id.clone(), applied: later.id.clone() })
            }
            _ => Ok(self.migrations.iter().take_while(|one| ids.contains(&one.id)).count()),
        }
    }

    /// Versions have parts; a baseline stands for all up to it; what was undone has a row that says so. A row without a
    /// version is of a file that runs whenever it changes: the script's place tells which, and the last row of it counts.
    fn flyway(&self, rows: &[Row]) -> Result<BTreeSet<String>, Refusal> {
        let mut ids = BTreeSet::new();
        for row in by_number(rows, 3) {
            let (version, kind) = (cell(row, 0), cell(row, 1));
            let parts = parts(version);
            let id = if version.is_empty() {
                cell(row, 4).rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
            } else {
                parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
            };
            if !is_true(cell(row, 2)) {
                return Err(Refusal::Unfinished(if version.is_empty() { id } else { version.to_owned() }));
            }
            if kind.starts_with("BASELINE") || kind.ends_with("BASELINE") {
                let versions = self.migrations.iter().filter(|one| !layouts::flyway::repeats(&one.id));
                let before = versions.filter(|one| self::parts(&one.id) <= parts);
                ids.extend(before.map(|one| one.id.clone()));
            } else if kind.starts_with("UNDO") || kind == "DELETE" {
                ids.remove(&id);
            } else if kind != "SCHEMA" {
                ids.insert(id);
            }
        }
        Ok(ids)
    }

    /// What an id is one of is its file, whose path begins where the tool was told to look: above the folder, or in it.
    fn liquibase(&self, rows: &[Row]) -> Result<BTreeSet<String>, Refusal> {
        let behind_file = |id: &str| id.find("::").and_then(|at| id.get(at..)).unwrap_or_default().to_owned();
        let mut known: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for one in &self.migrations {
            known.entry(behind_file(&one.id)).or_default().push(&one.id);
        }
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('/'));
        let ids = rows.iter().filter(|row| cell(row, 2) != "SKIPPED").map(|row| {
            let file = cell(row, 3).trim_start_matches("classpath:");
            let own = layouts::liquibase::id(file, cell(row, 1), cell(row, 0));
            if cell(row, 2) == "FAILED" {
                return Err(Refusal::Unfinished(own));
            }
            let known = known.get(&behind_file(&own)).map_or(&[][..], Vec::as_slice);
            let mut like = known.iter().filter(|id| ends(id, &own) || ends(&own, id));
            Ok(match (known.contains(&own.as_str()), like.next(), like.next()) {
                (false, Some(only), None) => (*only).to_owned(),
                _ => own,
            })
        });
        ids.collect()
    }

    /// A baseline stands for all up to it; a version that begins with a dot is a note of Atlas's own.
    fn atlas(&self, rows: &[Row]) -> Result<BTreeSet<String>, Refusal> {
        const BASELINE: i64 = 1;
        let mut ids = BTreeSet::new();
        for row in rows.iter().filter(|row| !cell(row, 0).starts_with('.')) {
            let (id, number) = (cell(row, 0), |column| cell(row, column).parse::<i64>().unwrap_or_default());
            if number(1) & BASELINE != 0 {
                let before = self.migrations.iter().filter(|one| one.id.as_str() <= id);
                ids.extend(before.map(|one| one.id.clone()));
            } else if number(2) < number(3) || !cell(row, 4).is_empty() {
                return Err(Refusal::Unfinished(id.to_owned()));
            } else {
                ids.insert(id.to_owned());
            }
        }
        Ok(ids)
    }
}

/// `NilVersion` of golang-migrate, to which only the down of the first leads.
const BEFORE_THE_FIRST: &str = "-1";

/// The ids in the first column, unless one of them is not `done`.
fn finished(rows: &[Row], done: impl Fn(&Row) -> bool) -> Result<BTreeSet<String>, Refusal> {
    let id = |row: &Row| cell(row, 0).to_owned();
    match rows.iter().find(|row| !done(row)) {
        Some(row) => Err(Refusal::Unfinished(id(row))),
        None => Ok(rows.iter().map(id).collect()),
    }
}

/// The last row of a version counts; 0 is a version of goose's own.
fn goose(rows: &[Row]) -> BTreeSet<String> {
    let last: BTreeMap<&str, bool> =
        by_number(rows, 2).into_iter().map(|row| (cell(row, 0), is_true(cell(row, 1)))).collect();
    last.into_iter().filter(|(id, applied)| *applied && *id != "0").map(|(id, _)| id.to_owned()).collect()
}

fn by_number(rows: &[Row], column: usize) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| cell(row, column).parse::<i64>().unwrap_or_default());
    rows
}

/// The parts of a version of Flyway's; zeros at the end count for nothing.
fn parts(version: &str) -> Vec<u64> {
    let mut parts: Vec<u64> =
        version.split(['.', '_']).map(|part| part.parse().unwrap_or_default()).collect();
    while parts.len() > 1 && parts.last() == Some(&0) {
        parts.pop();
    }
    parts
}

/// The text of a value; NULL has none.
fn cell(row: &Row, column: usize) -> &str {
    row.get(column).and_then(Option::as_deref).unwrap_or_default()
}

fn is_true(value: &str) -> bool {
    !matches!(value, "" | "0") && !value.eq_ignore_ascii_case("false")
}
