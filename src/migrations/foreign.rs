//! Files of other tools: what tells that a text holds both ways, and what a folder for each migration is named for.

use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind};
use crate::base::source::SourceFile;
use crate::sql::{Kind, statements, tokens_and_comments};

use super::name::{normalised, number};
use super::{Version, label};

/// What a marker begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Marker {
    /// The way there.
    Up,
    /// The way back. `alone`: no other marker is needed to know that it is one.
    Down { alone: bool },
}

/// What is wrong with a file that holds the way there and the way back, as goose, dbmate, sql-migrate, tern, MyBatis and
/// others write them: their markers are comments to SQLite, and all of it would run as one script.
pub fn both_ways(file: &SourceFile) -> Option<Error> {
    let text = file.text();
    let mut offset = 0;
    let (mut has_up, mut down) = (false, None);
    for line in text.split_inclusive('\n') {
        match marker(line) {
            Some(Marker::Up) => has_up = true,
            Some(Marker::Down { alone }) if down.is_none() => {
                down = Some((offset + (line.len() - line.trim_start().len()), line.trim(), alone));
            }
            _ => {}
        }
        offset += line.len();
    }
    let (start, line, alone) = down?;
    // Only now it pays to see whether it is a comment, and no part of a literal.
    let is_comment =
        tokens_and_comments(text).any(|token| token.kind == Kind::Comment && token.start == start);
    if !is_comment || !(alone || has_up) {
        return None;
    }
    let ends_with_it = statements(text).last().is_none_or(|last| last.start < start);
    if ends_with_it && !line.starts_with("--rollback") {
        return None;
    }
    let path = file.path();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let message = format!("the file holds both up and down: `{line}`");
    let error = Error::new(ErrorKind::Migration, message).at(file.location(start));
    Some(match name.strip_suffix(".down.sql") {
        Some(stem) => error
            .note("the marker is a comment to SQLite: both parts would run, one after the other")
            .help(format!(
                "keep here what reverts the migration, move the rest to {stem}.sql, and delete the markers"
            )),
        None => {
            let stem = name.strip_suffix(".sql").unwrap_or(&name);
            let (note, what) = if line.starts_with("--rollback") {
                (
                    "the rollback is in Liquibase comments, which nothing would run",
                    "the statements of these lines",
                )
            } else {
                (
                    "the marker is a comment to SQLite: both parts would run, one after the other",
                    "what reverts it",
                )
            };
            error.note(note).help(format!("move {what} to {stem}.down.sql, and delete the markers"))
        }
    })
}

/// What a line marks, when it is nothing but a marker.
fn marker(line: &str) -> Option<Marker> {
    let body = line.trim().strip_prefix("--")?;
    if body.starts_with("rollback ") {
        return Some(Marker::Down { alone: true });
    }
    if body.trim_matches(['-', ' ']).eq_ignore_ascii_case("create above / drop below") {
        return Some(Marker::Down { alone: true });
    }
    let sign = body.trim_start().trim_start_matches('-').trim_start();
    let words = sign.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    // A sign in front, or a tool's name, says more than the bare word.
    let signed = sign.starts_with(['+', '!', '@']) || sign.starts_with("//@");
    let mut words = words.split(|c: char| c.is_whitespace() || c == ':').filter(|word| !word.is_empty());
    let first = words.next()?;
    const TOOLS: [&str; 6] = ["goose", "migrate", "micrate", "rambler", "dbmate", "migration"];
    let is_tool = TOOLS.iter().any(|tool| first.eq_ignore_ascii_case(tool));
    let (word, named) = if is_tool { (words.next()?, true) } else { (first, false) };
    // dbmate writes options behind it: `migrate:down transaction:false`.
    if words.next().is_some_and(|more| !named || !more.starts_with("transaction")) {
        return None;
    }
    let is = |known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is(&["up", "ups"]) {
        Some(Marker::Up)
    } else if is(&["down", "downs"]) || ((signed || named) && is(&["undo", "rollback"])) {
        Some(Marker::Down { alone: signed || named })
    } else {
        None
    }
}

/// What a file in a sub-folder is, where the tool has a folder for each migration, and the name that it should have.
pub(super) fn in_folder(folder: &str, file: &str) -> Option<(&'static str, Option<String>)> {
    let (whose, ending) = match file {
        "up.sql" => ("a migration of Diesel's or rusqlite_migration's, which have a folder for each", ".sql"),
        "down.sql" => {
            ("a down file of Diesel's or rusqlite_migration's, which have a folder for each", ".down.sql")
        }
        "migration.sql" => ("a migration of Prisma's or Drizzle's, which have a folder for each", ".sql"),
        _ => return None,
    };
    let better = number(folder).and_then(|(version, rest)| {
        let name = normalised(rest.trim_start_matches(['_', '-', '.', ' ']));
        (!name.is_empty()).then(|| format!("{}{ending}", label(version, &name)))
    });
    Some((whose, better))
}

/// The problem of a `V` and a `U` file with one version: to Flyway the second takes the first back; refinery runs both, and
/// can record only one.
pub(super) fn flyways_undo(version: Version, files: &[(String, PathBuf)]) -> Option<Error> {
    let starts = |path: &Path, letter: &[u8]| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(letter))
    };
    let [(one, first), (other, second)] = files else { return None };
    let (v, v_name, u) = match (starts(first, b"U"), starts(second, b"U")) {
        (true, false) => (second, other, first),
        (false, true) => (first, one, second),
        _ => return None,
    };
    let message = format!("{} and {} both have version {version}", v.display(), u.display());
    Some(
        Error::new(ErrorKind::Migration, message)
            .note("to Flyway the U file undoes the V file; to refinery it is a migration of its own")
            .help(format!(
                "if it reverts {v_name}, rename {} to {}.down.sql; if it is a migration of its own, give it a version that \
                 no other has",
                u.display(),
                label(version, v_name)
            )),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> Option<String> {
        let error = both_ways(&SourceFile::new(name, text))?;
        let place = error.location().map_or(0, |location| location.line);
        Some(format!("{place}: {} | {}", error.message(), error.help_text().unwrap_or_default()))
    }

    #[test]
    fn every_tools_file_with_both_ways_is_known() {
        for (up, down) in [
            ("-- +goose Up", "-- +goose Down"),
            ("--+goose up", "  --+goose   DOWN"),
            ("-- migrate:up", "-- migrate:down"),
            ("-- migrate:up transaction:false", "--migrate:down transaction:false"),
            ("-- +migrate Up", "-- +migrate Down"),
            ("-- +micrate Up", "-- +micrate Down"),
            ("-- rambler up", "-- rambler down"),
            ("-- Up", "-- Down"),
            ("--- UP ---", "--------- DOWN ---------"),
            ("-- !Ups", "-- !Downs"),
            ("-- // create a table", "-- //@UNDO"),
            ("-- anything", "---- create above / drop below ----"),
            ("--liquibase formatted sql\n--changeset a:1", "--rollback DROP TABLE a;"),
            ("-- @up", "-- @down"),
        ] {
            let text = format!("{up}\r\nCREATE TABLE a(x);\r\n{down}\r\nDROP TABLE a;\n");
            let line = text.lines().position(|line| line.trim() == down.trim()).unwrap() + 1;
            let said = told("m/V1__a.sql", &text).unwrap_or_else(|| panic!("{down}"));
            assert!(said.starts_with(&format!("{line}: ")) && said.contains("V1__a.down.sql"), "{said}");
            let said = told("m/V1__a.down.sql", &text).unwrap();
            assert!(said.contains("keep here") && said.contains("V1__a.sql"), "{said}");
        }
    }

    #[test]
    fn a_file_with_one_way_is_a_file_like_another() {
        for text in [
            "-- +goose Up\nCREATE TABLE a(x);",
            "-- migrate:up\nCREATE TABLE a(x);\n-- migrate:down\n",
            "-- +goose Up\nCREATE TABLE a(x);\n-- +goose Down\n-- nothing\n",
            "CREATE TABLE a(x); -- down\n-- down\nDROP TABLE b;",
            "-- step up\nSELECT 1;\n-- down the road\nSELECT 2;",
            "-- Up\nSELECT '\n-- Down\n'; SELECT 1;",
            "/*\n-- migrate:down\n*/ SELECT 1;",
            "-- rollback\nSELECT 1;",
            "-- Reverts V1__a.\nDROP TABLE a;",
        ] {
            assert_eq!(told("V1__a.sql", text), None, "{text}");
        }
    }

    #[test]
    fn folders_that_stand_for_migrations_say_what_they_should_be_called() {
        for (folder, file, better) in [
            ("2026-01-31-093000_create_plans", "up.sql", Some("V20260131093000__create_plans.sql")),
            ("2026-01-31-093000_create_plans", "down.sql", Some("V20260131093000__create_plans.down.sql")),
            ("00000000000000_diesel_initial_setup", "up.sql", Some("V0__diesel_initial_setup.sql")),
            ("01-friend_car", "down.sql", Some("V1__friend_car.down.sql")),
            ("20210313140442_init", "migration.sql", Some("V20210313140442__init.sql")),
            ("init", "migration.sql", None),
        ] {
            assert_eq!(in_folder(folder, file).unwrap().1.as_deref(), better, "{folder}");
        }
        assert!(in_folder("01_x", "V1__a.sql").is_none());
    }
}
