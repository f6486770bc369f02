//! Liquibase: changelogs in SQL, `--changeset author:id` and `--rollback …` in files that begin with
//! `--liquibase formatted sql`; the files as the changelog at the root includes them, else by their paths.

mod changelog;

use std::collections::BTreeSet;
use std::ops::Range;

use super::Layout;
use crate::base::error::Result;
use crate::base::source::SourceFile;
use crate::import::folder::{File, Folder, problem_at as at};
use crate::import::placeholder::{self, Form};
use crate::import::section::{Found, Marker, Section, indented_markers as markers, statement_above};
use crate::import::tool::Tool;

pub(in crate::import) struct Liquibase;

const HEAD: &str = "liquibase formatted sql";

impl Layout for Liquibase {
    fn is_here(&self, folder: &Folder) -> bool {
        let mut all = folder.files.iter().chain(folder.folders.iter().flat_map(|(_, files)| files));
        all.any(|file| (file.name.ends_with(".sql") && is_changelog(file)) || changelog::is_changelog(file))
    }

    fn read(&self, folder: &Folder) -> Result<Vec<Found>> {
        let files = match changelog::listed(folder)? {
            Some(files) => files,
            None => folder.sql_files_below()?,
        };
        let mut all = Vec::new();
        for file in &files {
            if !is_changelog(file) {
                return Err(file
                    .problem("does not begin with `--liquibase formatted sql`")
                    .help("what it is to Liquibase, another changelog says: import a copy of the folder that is all SQL"));
            }
            let source = file.read()?;
            changesets(&source, &folder.place(&file.path), &mut all)?;
        }
        let mut seen = BTreeSet::new();
        match all.iter().find(|found| !seen.insert(&found.id)) {
            Some(twin) => Err(at(&twin.up.file, twin.up.range.start, &format!("{} is here again", twin.id))
                .help("Liquibase refuses that, too: give one of them an id of its own")),
            None => Ok(all),
        }
    }
}

/// A changeset as Liquibase itself calls it.
pub(in crate::import) fn id(file: &str, id: &str, author: &str) -> String {
    format!("{file}::{id}::{author}")
}

fn is_changelog(file: &File) -> bool {
    file.read().is_ok_and(|source| {
        markers(source.text(), HEAD).first().is_some_and(|head| {
            crate::sql::statements(source.text()).first().is_none_or(|first| head.range.start < first.start)
        })
    })
}

fn changesets(source: &SourceFile, place: &str, all: &mut Vec<Found>) -> Result<()> {
    let text = source.text();
    let heads = markers(text, HEAD);
    let of_head = heads.iter().flat_map(|head| head.says.split_whitespace()).find_map(logical);
    for block in crate::sql::tokens_and_comments(text).filter(|token| token.text.starts_with("/*")) {
        if block.text.trim_start_matches("/*").trim_start().starts_with("liquibase") {
            return Err(at(source, block.start, "the down is in a block of comment")
                .help("write it in lines that begin with `--rollback`, in a copy of the folder, and import that one"));
        }
    }
    let sets = markers(text, "changeset ");
    for (sign, why) in [
        ("precondition", "the changeset runs only under a condition"),
        ("ignoreLines", "Liquibase passes over some of the lines"),
        ("property ", "Liquibase fills a value in"),
    ] {
        if let Some(line) = markers(text, sign).first() {
            return Err(at(source, line.range.start, why)
                .help("decide it in a copy of the folder, without this line, and import that one"));
        }
    }
    let first = sets.first().map_or(text.len(), |set| set.range.start);
    if let Some(above) = statement_above(text, first) {
        return Err(at(source, above, "a statement is in no changeset, and Liquibase passes over it")
            .help("leave it out, or give it a changeset, in a copy of the folder, and import that one"));
    }
    let ends = sets.iter().skip(1).map(|next| next.range.start).chain([text.len()]);
    for (n, (set, end)) in sets.iter().zip(ends).enumerate() {
        let Some((author, name, attributes)) = head(set.says) else {
            return Err(at(source, set.range.start, "the changeset has no `author:id`")
                .help("Liquibase refuses that, too: write both, without a space between them"));
        };
        let mut file = of_head;
        for attribute in attributes.split_whitespace() {
            refuse_attribute(source, set, attribute)?;
            file = logical(attribute).or(file);
        }
        let start = if n == 0 { 0 } else { set.range.start };
        let (up, down) = ways(source, start..end, set)?;
        let id = id(file.unwrap_or(place), name, author);
        all.push(Found { id, number: name.parse().ok(), name: name.to_owned(), up, down });
    }
    Ok(())
}

/// Who wrote a changeset, what it is called, and what else its line says. An author may have spaces; in quotes, an id too.
fn head(says: &str) -> Option<(&str, &str, &str)> {
    let (author, rest) = match says.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\":")?,
        None => says.split_once(':')?,
    };
    let (name, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
    };
    let is_said = !author.trim().is_empty() && !name.is_empty();
    is_said.then_some((author.trim(), name, rest))
}

/// The path that the history has in the place of the file's own.
fn logical(attribute: &str) -> Option<&str> {
    let (name, value) = attribute.split_once(':')?;
    name.eq_ignore_ascii_case("logicalFilePath").then_some(value)
}

/// Refuses what makes a changeset run again, or only somewhere, or otherwise than its text says.
fn refuse_attribute(source: &SourceFile, set: &Marker<'_>, attribute: &str) -> Result<()> {
    let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    let why = if is("dbms") && !is_for_sqlite(value) {
        "is for another database"
    } else if (is("runAlways") || is("runOnChange")) && value.eq_ignore_ascii_case("true") {
        "runs more than once"
    } else if is("context") || is("contextFilter") || is("labels") {
        "runs in some places only"
    } else if is("ignore") && value.eq_ignore_ascii_case("true") {
        "is passed over"
    } else if is("endDelimiter") && value != ";" {
        "parts its statements by another sign than the semicolon"
    } else {
        return Ok(());
    };
    let message = format!("the changeset {why}: `{attribute}`");
    Err(at(source, set.range.start, &message).help("decide it in a copy of the folder, and import that one"))
}

/// Whether a list of databases has SQLite: by its name, as one of all, or by leaving out others alone.
fn is_for_sqlite(list: &str) -> bool {
    let has = |wanted: &str| list.split(',').any(|dbms| dbms.eq_ignore_ascii_case(wanted));
    let leaves_out_others = list.split(',').all(|dbms| dbms.starts_with('!'));
    !has("!sqlite") && (has("sqlite") || has("all") || leaves_out_others)
}

/// What of a changeset leads there, and what its `--rollback` lines say.
fn ways(source: &SourceFile, range: Range<usize>, set: &Marker<'_>) -> Result<(Section, Option<Section>)> {
    let text = source.text();
    if let Some(error) = placeholder::refused(Tool::Liquibase, source, &range, Form::Braced) {
        return Err(error);
    }
    let back: Vec<Marker<'_>> =
        markers(text, "rollback ").into_iter().filter(|back| range.contains(&back.range.start)).collect();
    let heads = markers(text, HEAD);
    let mut all: Vec<Marker<'_>> =
        heads.into_iter().chain([set.clone()]).chain(back.iter().cloned()).collect();
    all.sort_by_key(|marker| marker.range.start);
    let up = Section::part(source, range, &all);
    let says_nothing = |back: &Marker<'_>| back.is("empty") || back.is("not required");
    let Some(first) = back.iter().find(|back| !says_nothing(back)) else { return Ok((up, None)) };
    if first.says.get(.."changesetId:".len()).is_some_and(|word| word.eq_ignore_ascii_case("changesetId:")) {
        return Err(at(source, first.range.start, "the down is the up of another changeset").help(
            "write its statements in lines that begin with `--rollback`, in a copy of the folder, and import that one",
        ));
    }
    // The lines at their places, and nothing around them.
    let mut lines = "\n".repeat(text.get(..first.range.start).unwrap_or_default().matches('\n').count());
    let mut done = first.range.start;
    for line in back.iter().filter(|back| !says_nothing(back)) {
        let between = text.get(done..line.range.start).unwrap_or_default();
        lines.push_str(&"\n".repeat(between.matches('\n').count()));
        lines.push_str(line.says);
        done = line.range.end;
    }
    lines.push('\n');
    let start = lines.len() - lines.trim_start_matches('\n').len();
    let file = SourceFile::new(source.path(), lines);
    let range = start..file.text().len();
    if let Some(error) = placeholder::refused(Tool::Liquibase, &file, &range, Form::Braced) {
        return Err(error);
    }
    Ok((up, Some(Section { file, range, markers: Vec::new(), breaks: Vec::new() })))
}
