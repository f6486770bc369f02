//! Folders of migrations that other tools keep: read as the tool reads them, and given as planctl's.
//!
//! [`Chain::read`] goes the whole way: `folder` lists what is there; a *layout* of `layouts/`, one file a tool, recognises
//! its own, pairs ways there and back, orders them by the tool's rule and cuts files that hold both at the tool's markers,
//! which gives *sections* (`section`): a stretch of a file, and which of its comments are markers. `script` makes of a
//! section what planctl runs. It keeps the text byte for byte, but for three things, each of which becomes a comment that
//! says so: markers, which would speak to the tool; transaction control, since planctl begins and commits; and what only
//! works outside a transaction. What a tool would fill in before it runs a text (placeholders, the environment) is refused,
//! with its place. `ledger` judges what the tool wrote down of what it applied.
//!
//! All of SQL is read with the tokenizer: a marker in a literal is none. Places are those of the tool's own files, also of a
//! part of one, so that a folder can be a source for commands that only read ([`Chain::as_set`]), without being imported.
//! Nothing is written here, and no connection is known: what was left out and what a history says are facts, and
//! `commands/migrate/import` says them, proves that the text still does what it did, and writes.

mod folder;
mod layouts;
mod ledger;
mod placeholder;
mod script;
mod section;
mod tool;

use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::migrations::{Migration, MigrationSet, NewFile, Version, as_name, label};

pub use ledger::{Ledger, Refusal};
pub use script::{LeftOut, Script, Why};
pub use tool::Tool;

use folder::Folder;
use section::Found;

/// The migrations of another tool, in its order.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Whose they are.
    pub tool: Tool,
    /// Their folder, as it was named by the user.
    pub dir: PathBuf,
    /// Oldest first; never empty.
    pub migrations: Vec<Imported>,
    /// Whether the versions are the tool's own; else they are counted from 1.
    pub keeps_versions: bool,
}

/// One migration of another tool.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What the tool's history calls it.
    pub id: String,
    /// Its version as planctl's.
    pub version: Version,
    /// Its name as planctl's.
    pub name: String,
    /// The way there.
    pub up: Script,
    /// The way back.
    pub down: Option<Script>,
}

impl Chain {
    /// Reads a folder: of the tool that is named, else of the one whose folder it is.
    ///
    /// # Errors
    /// `File` when it cannot be read; `Migration` when it is no tool's, holds no migration, or holds what cannot be taken
    /// over: each with its place.
    pub fn read(dir: &Path, from: Option<Tool>) -> Result<Chain> {
        let folder = Folder::read(dir)?;
        let tool = from.or_else(|| Tool::whose(&folder)).ok_or_else(|| unknown(dir))?;
        Chain::of(tool, &folder)
    }

    fn of(tool: Tool, folder: &Folder) -> Result<Chain> {
        let found = tool.layout().read(folder)?;
        if found.is_empty() {
            let message = format!("{} holds no migration of {}", folder.dir.display(), tool.title());
            return Err(Error::new(ErrorKind::Migration, message)
                .about(&folder.dir)
                .help(format!("{}; --from names another tool", tool.form())));
        }
        let (versions, keeps_versions) = versions(&found);
        let names = names(&found);
        let migrations = found
            .into_iter()
            .zip(versions)
            .zip(names)
            .map(|((found, version), name)| {
                let up = Script::of(tool, &found.up)?;
                let down = found.down.map(|down| Script::of(tool, &down)).transpose()?;
                Ok(Imported { id: found.id, version, name, up, down })
            })
            .collect::<Result<_>>()?;
        Ok(Chain { tool, dir: folder.dir.clone(), migrations, keeps_versions })
    }

    /// The migrations as planctl runs them, each at its place in the tool's folder.
    pub fn as_set(&self) -> MigrationSet {
        let migration = |imported: &Imported| Migration {
            version: imported.version,
            name: imported.name.clone(),
            up: imported.up.file().clone(),
            down: imported.down.as_ref().map(|down| down.file().clone()),
        };
        MigrationSet { dir: self.dir.clone(), migrations: self.migrations.iter().map(migration).collect() }
    }

    /// The files that the import writes into the folder `to`, a way back behind its way there.
    pub fn files(&self, to: &Path) -> Vec<NewFile> {
        let files = |imported: &Imported| {
            let stem = label(imported.version, &imported.name);
            let file = |script: &Script, ending: &str| NewFile {
                path: to.join(format!("{stem}{ending}")),
                text: script.written(self.head(imported, script)),
            };
            let down = imported.down.as_ref().map(|down| file(down, ".down.sql"));
            std::iter::once(file(&imported.up, ".sql")).chain(down)
        };
        self.migrations.iter().flat_map(files).collect()
    }

    /// What a file says at its head, where its version does not say what it was.
    fn head(&self, imported: &Imported, script: &Script) -> Option<String> {
        let from = script.file().path().strip_prefix(&self.dir).unwrap_or(script.file().path());
        (!self.keeps_versions).then(|| {
            let tool = self.tool.title();
            crate::sql::on_one_line(&format!("-- {tool} knew it as {}: {}", imported.id, from.display()))
        })
    }
}

/// The versions of migrations in their order, and whether they are the tool's: whole numbers above 0 that grow.
fn versions(found: &[Found]) -> (Vec<Version>, bool) {
    let own: Option<Vec<Version>> =
        found.iter().map(|found| found.number.filter(|number| *number > 0)).collect();
    match own.filter(|own| own.is_sorted_by(|a, b| a < b)) {
        Some(own) => (own, true),
        None => ((1..).take(found.len()).collect(), false),
    }
}

/// Names that planctl takes. One that looks like the way back of another would be refused.
fn names(found: &[Found]) -> Vec<String> {
    let names: Vec<String> = found.iter().map(|found| as_name(&found.name)).collect();
    names.iter().map(|name| crate::migrations::no_look_alike(name, &names)).collect()
}

fn unknown(dir: &Path) -> Error {
    if is_code(dir) {
        let message = format!("the migrations in {} are code: planctl converts only SQL", dir.display());
        return Error::new(ErrorKind::Migration, message)
            .about(dir)
            .help("`planctl init --db DB` starts from a database that they have made");
    }
    let known: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
    let message = format!("{} does not look like any tool's folder of migrations", dir.display());
    Error::new(ErrorKind::Migration, message)
        .about(dir)
        .help(format!("name the tool with --from: {}", known.join(", ")))
}

/// Languages in which other tools have their migrations: Alembic and Django, Knex and Sequelize, Rails, Ecto, Laravel, EF
/// Core. Not Go: a file of it that embeds the SQL beside it is in many a folder.
const CODE: [&str; 9] = ["py", "js", "cjs", "mjs", "ts", "rb", "exs", "php", "cs"];

/// Whether the files in a folder are a program's.
pub fn is_code(dir: &Path) -> bool {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let extensions = entries.filter_map(|entry| Some(entry.path().extension()?.to_owned()));
    extensions.into_iter().any(|extension| CODE.iter().any(|code| extension == *code))
}

#[cfg(test)]
mod tests;
