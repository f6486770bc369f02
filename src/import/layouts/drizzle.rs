//! Drizzle: the files that `meta/_journal.json` lists, in its order; or a folder for each with `migration.sql` and
//! `snapshot.json`, in the order of the folders' names. No way back. `--> statement-breakpoint` parts the statements.

use serde_json::Value;

use super::Layout;
use super::prisma::stamped;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::source::SourceFile;
use crate::import::folder::{File, Folder, find};
use crate::import::script::comments_with;
use crate::import::section::{Found, Section};

pub(in crate::import) struct Drizzle;

impl Layout for Drizzle {
    fn is_here(&self, folder: &Folder) -> bool {
        journal(folder).is_some()
            || folder.folders_with("migration.sql").any(|(_, files)| find(files, "snapshot.json").is_some())
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        match journal(folder) {
            Some(journal) => listed(folder, journal),
            None => folder
                .folders_with("migration.sql")
                .filter_map(|(name, files)| Some((name, find(files, "migration.sql")?)))
                .map(|(folder, file)| {
                    let (number, name) = stamped(folder);
                    Ok(Found {
                        id: folder.clone(),
                        number,
                        name: name.to_owned(),
                        up: section(file.read()?),
                        down: None,
                    })
                })
                .collect(),
        }
    }
}

fn journal(folder: &Folder) -> Option<&File> {
    let (_, files) = folder.folders.iter().find(|(name, _)| name == "meta")?;
    find(files, "_journal.json")
}

fn listed(folder: &Folder, journal: &File) -> Result<Vec<Found>> {
    let source = journal.read()?;
    let wrong = |what: &str| {
        Error::new(ErrorKind::Migration, format!("the journal of Drizzle {what}"))
            .at(source.whole())
            .help("`drizzle-kit generate` writes it: take it from version control")
    };
    let journal: Value =
        serde_json::from_str(source.text()).map_err(|error| wrong(&format!("is not JSON: {error}")))?;
    let dialect = journal.get("dialect").and_then(Value::as_str);
    if let Some(dialect) = dialect.filter(|dialect| !matches!(*dialect, "sqlite" | "turso")) {
        return Err(wrong(&format!("is for {dialect}")).help("planctl runs migrations for SQLite"));
    }
    let entries = journal.get("entries").and_then(Value::as_array).ok_or_else(|| wrong("has no entries"))?;
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        let tag =
            entry.get("tag").and_then(Value::as_str).ok_or_else(|| wrong("has an entry without a tag"))?;
        let when = entry.get("when").and_then(Value::as_i64);
        let when = when.ok_or_else(|| wrong(&format!("does not say when {tag} was made")))?;
        let file = folder.file(&format!("{tag}.sql"));
        let file = file.ok_or_else(|| wrong(&format!("lists {tag}.sql, which is not there")))?;
        let (number, name) = stamped(tag);
        found.push(Found {
            id: when.to_string(),
            number,
            name: name.to_owned(),
            up: section(file.read()?),
            down: None,
        });
    }
    Ok(found)
}

fn section(file: SourceFile) -> Section {
    let breaks = comments_with(file.text(), "--> statement-breakpoint");
    Section { breaks, ..Section::whole(file) }
}
