//! `planctl migrate renumber`: a migration that is applied nowhere gets the next version, down and tests along.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::exists;
use crate::base::error::{Error, ErrorKind, Result};
use crate::commands::changing::{Resumed, change, resume};
use crate::commands::{Context, word};
use crate::engine::{self, Access, DatabaseName, OpenOptions};
use crate::migrations::{NamedFile, NewFile, Version, label, listed, next_version, testing};
use crate::report::wire::pair as wire;
use crate::report::{Report, Span, Style};

/// What `migrate renumber` is asked to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenumberRequest {
    /// The file that gets the next version: its path, or its name in the folder.
    pub file: PathBuf,
    /// The folder of migration files.
    pub migrations: PathBuf,
    /// The folder of migration tests; it need not exist.
    pub tests: PathBuf,
    /// The database, which must not have it; it need not exist.
    pub db: DatabaseName,
    /// How long to wait for another process's lock.
    pub lock_timeout: Duration,
}

const COMMAND: &str = "migrate renumber";

/// Renames the file, its down and its tests. The folder need not be in order otherwise: two files of one version are what
/// this is for.
///
/// # Errors
/// `File` and `Usage` when there is no such migration; `Migration` when the database has applied it. No file is renamed then.
pub fn run(ctx: &mut Context<'_>, request: &RenumberRequest) -> Result<Report> {
    if let Some(report) = finished(request)? {
        return Ok(report);
    }
    let path = located(request)?;
    let dir = path.parent().unwrap_or(Path::new(""));
    let all = listed(dir)?;
    let Some(file) = all.iter().find(|file| file.path == path && !file.is_down) else {
        let message = format!("{} is not a migration", path.display());
        return Err(Error::new(ErrorKind::Usage, message)
            .about(&path)
            .help("name the file of the way there, as in `V7__add_owner.sql`"));
    };
    must_not_be_applied(ctx, request, file, &all)?;
    let newest = all.iter().map(|file| file.version).max().unwrap_or_default();
    let others = || of_its_version(file, &all).filter(|other| !is_its_way_back(file, other));
    if file.version == newest && others().next().is_none() {
        let mut report = Report::new(COMMAND);
        report.body = Some(wire::Renumbered { version: file.version, ..wire::Renumbered::default() }.into());
        let line =
            format!("nothing to do: {} is the newest migration already", label(file.version, &file.name));
        report.document.line(Span::new(line, Style::Good));
        return Ok(report);
    }
    let version = next_version(newest, ctx.started)?;
    let renumbering = Renumbering::of(file, &all, &request.tests, version)?;
    let (files, gone) = renumbered(std::slice::from_ref(&renumbering))?;
    change(COMMAND, &[dir, &request.tests], &files, &gone, None)?.done();
    let mut report = report(version, &renumbering.moves, &renumbering.left);
    for test in &renumbering.left {
        let line = format!(
            "{} stays with version {}: if it tests {}, rename it, too",
            test.display(),
            file.version,
            label(version, &file.name)
        );
        report.document.line(Span::new(line, Style::Warning));
    }
    Ok(report)
}

/// What a killed run of the same command had begun; `None` where it had not, or was about another file.
fn finished(request: &RenumberRequest) -> Result<Option<Report>> {
    let named = request.file.parent().filter(|dir| !dir.as_os_str().is_empty());
    for dir in [request.migrations.as_path()].into_iter().chain(named) {
        let Resumed { new, old } = resume(COMMAND, &[dir, &request.tests], |_| Ok(true))?;
        let moves: Vec<Move> = old.into_iter().zip(new).map(|(from, to)| Move { from, to }).collect();
        let mine = moves.first().filter(|moved| moved.from.file_name() == request.file.file_name());
        if let Some(Move { to, .. }) = mine {
            let version = NamedFile::of(to.clone()).map(|file| file.version);
            return Ok(Some(report(version.unwrap_or_default(), &moves, &[])));
        }
    }
    Ok(None)
}

fn report(version: Version, moves: &[Move], left: &[PathBuf]) -> Report {
    let mut report = Report::new(COMMAND);
    let renamed = tell(&mut report, moves);
    let left = left.iter().map(|test| test.display().to_string()).collect();
    report.body = Some(wire::Renumbered { version, renamed, left }.into());
    report
}

/// How a migration gets another version.
pub(super) struct Renumbering {
    /// What it is called, and what it will be.
    labels: [String; 2],
    /// Its files, its way back and its tests along.
    moves: Vec<Move>,
    /// Tests of which it cannot be told whose they are.
    left: Vec<PathBuf>,
}

impl Renumbering {
    /// Of a file among `all` of its folder.
    ///
    /// # Errors
    /// Those of reading the folder of tests.
    pub(super) fn of(
        file: &NamedFile,
        all: &[NamedFile],
        tests: &Path,
        version: Version,
    ) -> Result<Renumbering> {
        let ways_back = || of_its_version(file, all).filter(|other| is_its_way_back(file, other));
        let alone = of_its_version(file, all).count() == ways_back().count();
        let mine = std::iter::once(file).chain(ways_back());
        let mut moves: Vec<Move> =
            mine.map(|file| Move { from: file.path.clone(), to: file.renumbered(version) }).collect();
        let (tests, left) = tests_of(tests, file, alone)?;
        moves.extend(tests.into_iter().map(|from| {
            let to = renumbered_test(&from, file.version, version);
            Move { from, to }
        }));
        let labels = [label(file.version, &file.name), label(version, &file.name)];
        Ok(Renumbering { labels, moves, left })
    }

    /// Says which files have other names.
    pub(super) fn tell(&self, report: &mut Report) -> Vec<wire::Renamed> {
        tell(report, &self.moves)
    }
}

/// The files of all of them under their new names, and the names that they have now.
///
/// # Errors
/// `File` when one cannot be read.
pub(super) fn renumbered(all: &[Renumbering]) -> Result<(Vec<NewFile>, Vec<PathBuf>)> {
    let (mut files, mut gone) = (Vec::new(), Vec::new());
    for Renumbering { labels: [old, new], moves, .. } in all {
        for Move { from, to } in moves {
            let text = std::fs::read_to_string(from).map_err(|error| Error::file(from, error))?;
            files.push(NewFile { path: to.clone(), text: relabelled(&text, old, new).unwrap_or(text) });
            gone.push(from.clone());
        }
    }
    Ok((files, gone))
}

/// A file that gets another name.
struct Move {
    from: PathBuf,
    to: PathBuf,
}

/// Says which files have other names.
fn tell(report: &mut Report, moves: &[Move]) -> Vec<wire::Renamed> {
    let shown = |path: &Path| path.display().to_string();
    for Move { from, to } in moves {
        let line = vec![
            "renamed ".into(),
            Span::new(shown(from), Style::Code),
            " to ".into(),
            Span::new(shown(to), Style::Code),
        ];
        report.document.spans(line);
    }
    moves.iter().map(|Move { from, to }| wire::Renamed { from: shown(from), to: shown(to) }).collect()
}

/// The other files of its version.
fn of_its_version<'a>(file: &'a NamedFile, all: &'a [NamedFile]) -> impl Iterator<Item = &'a NamedFile> {
    all.iter().filter(|other| other.version == file.version && other.path != file.path)
}

/// Whether another file of its version takes it back. `V01__a.sql` and `V1__a.sql` have a name in common, too.
fn is_its_way_back(file: &NamedFile, other: &NamedFile) -> bool {
    other.is_down && other.name == file.name && {
        let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
        let other_up = other.path.with_file_name(other.up_name());
        other.path.file_name().is_some_and(|name| *name == *format!("{stem}.down.sql")) || !other_up.exists()
    }
}

/// The file, wherever it was named from.
fn located(request: &RenumberRequest) -> Result<PathBuf> {
    let inside = request.migrations.join(&request.file);
    let found = [&request.file, &inside].into_iter().find(|path| path.is_file());
    found.cloned().ok_or_else(|| {
        let message = format!("there is no file {}", request.file.display());
        Error::new(ErrorKind::File, message)
            .about(&request.file)
            .help(format!("name one of {}, by its path or its name there", request.migrations.display()))
    })
}

/// A database that has applied it would miss it under its version, and run it again under another.
fn must_not_be_applied(
    ctx: &mut Context<'_>,
    request: &RenumberRequest,
    file: &NamedFile,
    all: &[NamedFile],
) -> Result<()> {
    if !exists(&request.db)? {
        return Ok(());
    }
    let open = OpenOptions { lock_timeout: request.lock_timeout };
    let history = engine::open(&request.db, Access::ReadOnly, open, ctx.job)?.history()?;
    let Some(applied) = history.get(file.version).filter(|applied| applied.name == file.name) else {
        return Ok(());
    };
    let message = format!("{} is applied to {}", applied.label(), request.db.display());
    let error = request.db.about(Error::new(ErrorKind::Migration, message));
    let other = of_its_version(file, all).find(|other| !other.is_down);
    Err(match other {
        Some(other) => {
            error.help(format!("`planctl migrate renumber {}` renames the other one", word(&other.path)))
        }
        None => error
            .help("it keeps its version; revert it first with `planctl migrate down`, if it is to come last"),
    })
}

/// The tests of a version: those that go along, and those of which it cannot be told whose they are.
fn tests_of(tests: &Path, file: &NamedFile, alone: bool) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    if !tests.exists() {
        return Ok(Default::default());
    }
    let tests = testing::by_version(tests)?.into_iter().filter(|(version, _)| *version == file.version);
    let is_its = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        alone || name.split_once("__").is_some_and(|(_, what)| what.starts_with(&file.name))
    };
    Ok(tests.map(|(_, path)| path).partition(is_its))
}

/// `V07__roots.test.sql` → `V12__roots.test.sql`
fn renumbered_test(path: &Path, from: Version, to: Version) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let what = name.split_once("__").map_or(name.as_ref(), |(_, what)| what);
    debug_assert!(from != to);
    path.with_file_name(format!("V{to}__{what}"))
}

/// The text of a file whose first line says what it is called.
fn relabelled(text: &str, old: &str, new: &str) -> Option<String> {
    let (first, rest) = text.split_at(text.find('\n')?);
    let is_head = first.starts_with("-- ")
        && first.split(|c: char| c.is_whitespace() || ".:".contains(c)).any(|word| word == old);
    is_head.then(|| format!("{}{rest}", first.replacen(old, new, 1)))
}
