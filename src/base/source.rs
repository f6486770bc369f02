//! Files of text and places in them, as messages show them.

use std::any::Any;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::{fmt, fs, io};

use memchr::arch::all::memchr::One;

pub use super::location::Location;

use super::error::{Error, ErrorKind};
use crate::sql::{Kind, Statement, Token, statements_in_turn, tokens_and_comments};

/// A text file that was read once, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: Arc<str>,
    /// Where each line but the first begins: a message with thousands of places does not count them from the start.
    lines: Arc<[usize]>,
    known: Known,
}

/// What was found out about a text. It says nothing that the text does not say.
#[derive(Clone, Default)]
struct Known(Arc<Mutex<Vec<Arc<dyn Any + Send + Sync>>>>);

/// Where each statement begins and ends.
#[derive(Default)]
struct Split(OnceLock<Vec<(usize, usize)>>);

impl PartialEq for Known {
    fn eq(&self, _: &Known) -> bool {
        true
    }
}

impl Eq for Known {}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The largest file that is read whole: no statement can be longer
/// (<https://www.sqlite.org/limits.html#max_sql_length>).
const LARGEST: u64 = 0x7FFF_FFFF;

/// The bytes of a file, or of what a shell hands over in the place of one: `/dev/stdin`, `<(…)`. Another named pipe would be
/// waited for, and a device has no end.
///
/// # Errors
/// As the system has it; for what is no regular file; for what is too large to be text.
pub(crate) fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let meta = fs::metadata(path)?;
    if !meta.is_file() && !meta.is_dir() && !is_handed_over(path) {
        return Err(io::Error::other("it is not a regular file"));
    }
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 2 GiB");
    if meta.is_file() && meta.len() > LARGEST {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    if meta.is_file() {
        bytes.try_reserve_exact(usize::try_from(meta.len()).unwrap_or(0))?;
    }
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(too_large()) } else { Ok(bytes) }
}

/// The same as text. The error does not show what is in it: it may be a secret.
///
/// # Errors
/// As [`bytes_of`]; `InvalidData` for what is not UTF-8.
pub(crate) fn text_of(path: &Path) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text");
    String::from_utf8(bytes_of(path)?).map_err(not_text)
}

/// Whether the path names a file that was open before planctl began, or the empty device.
fn is_handed_over(path: &Path) -> bool {
    let is_of_process = || {
        let mut parts = path.strip_prefix("/proc").into_iter().flatten().skip(1);
        parts.next().is_some_and(|part| part == "fd")
    };
    path.starts_with("/dev/fd")
        || path == Path::new("/dev/stdin")
        || is_of_process()
        || fs::canonicalize(path).is_ok_and(|path| path == Path::new("/dev/null"))
}

impl SourceFile {
    /// A text that did not come from a file, under a name that messages can show.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> SourceFile {
        let text = text.into();
        let lines = One::new(b'\n').iter(text.as_bytes()).map(|at| at + 1).collect();
        SourceFile { path: path.into(), text, lines, known: Known::default() }
    }

    /// What was found out about the text: one `T` for the file and its clones, on whatever thread. A script that runs on many
    /// databases is taken apart once.
    pub(crate) fn known<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut known = self.known.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.iter().find_map(|known| Arc::clone(known).downcast().ok()) {
            return found;
        }
        let new = Arc::new(T::default());
        known.push(Arc::clone(&new) as Arc<dyn Any + Send + Sync>);
        new
    }

    /// The statements of the text, in order: as [`statements`](crate::sql::statements) finds them, which is done once.
    pub(crate) fn statements(&self) -> impl Iterator<Item = Statement<'_>> {
        let split = self.known::<Split>();
        let find = || statements_in_turn(&self.text).map(|found| (found.start, found.end())).collect();
        let count = split.0.get_or_init(find).len();
        (0..count).filter_map(move |at| {
            let (start, end) = *split.0.get()?.get(at)?;
            Some(Statement { text: self.text.get(start..end)?, start })
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when it cannot be read, when it is not UTF-8 (with the line of the first bad byte), when it holds
    /// a NUL byte, at which SQLite would silently stop reading, and as [`SourceFile::of_text`].
    pub fn read(path: impl Into<PathBuf>) -> Result<SourceFile, Error> {
        let path = path.into();
        SourceFile::read_as(&path.clone(), path)
    }

    /// Reads `file`, which messages are to call `path`.
    ///
    /// # Errors
    /// As [`SourceFile::read`].
    pub fn read_as(file: &Path, path: PathBuf) -> Result<SourceFile, Error> {
        let bytes = bytes_of(file).map_err(|source| Error::file(&path, source))?;
        if bytes.contains(&0) {
            let nul = bytes.iter().take_while(|&&byte| byte != 0).count();
            return Err(nul_byte(&path, &bytes, nul));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let bad = error.utf8_error().valid_up_to();
            Error::new(ErrorKind::File, "the file is not UTF-8 text")
                .at(SourceFile::lossy(&path, error.as_bytes(), bad))
                .help("save it as UTF-8")
        })?;
        SourceFile::of_text(path, text)
    }

    /// The place of a byte that text cannot hold: with the part of its line in front of it, and as much behind it as a
    /// message shows.
    fn lossy(path: &Path, bytes: &[u8], offset: usize) -> Location {
        let (before, after) = bytes.split_at_checked(offset).unwrap_or((bytes, &[]));
        let line_end =
            after.iter().take(LINE_READ).position(|&b| b == b'\n').unwrap_or(after.len().min(LINE_READ));
        let before = String::from_utf8_lossy(before).into_owned();
        let at = before.len();
        let text = before + &String::from_utf8_lossy(after.get(..line_end).unwrap_or_default());
        Location { length: 1, ..SourceFile::new(path, text).location(at) }
    }

    /// A text that stands for a file of that path.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when it holds a NUL byte, or when its lines end with CR alone, so that a `--` comment goes on to
    /// the end of the file.
    pub fn of_text(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Result<SourceFile, Error> {
        let (path, text) = (path.into(), text.into());
        if let Some((before, _)) = text.split_once('\0') {
            return Err(nul_byte(&path, text.as_bytes(), before.len()));
        }
        match comment_over_lines(&text) {
            Some(start) => Err(Error::new(ErrorKind::File, "the lines of the file end with CR alone")
                // The place as an editor shows it that takes CR for a line break.
                .at(SourceFile::new(path, text.replace('\r', "\n")).location(start))
                .note("SQLite does not treat that as a line break: everything after this `--` would be part of the comment")
                .help("save it with LF or CRLF line breaks")),
            None => Ok(SourceFile::new(path, text)),
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a byte offset, with the word, the quoted text or the comment that begins there underlined. An
    /// offset behind the end is taken for the end.
    pub fn location(&self, offset: usize) -> Location {
        let offset = self.boundary(offset);
        let before = self.text.get(..offset).unwrap_or_default();
        let behind = self.text.get(offset..).unwrap_or_default();
        let above = self.lines.partition_point(|&start| start <= offset);
        let line_start = above.checked_sub(1).and_then(|last| self.lines.get(last)).copied().unwrap_or(0);
        let rest = behind.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let start = before.get(line_start..).unwrap_or_default();
        Location {
            file: self.path.clone(),
            line: 1 + above,
            column: 1 + start.chars().count(),
            length: word_length(rest),
            text: format!("{start}{rest}"),
        }
    }

    /// Whether nothing but white space stands before a byte offset on its line.
    pub fn begins_line(&self, offset: usize) -> bool {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_start_matches('\u{feff}').trim().is_empty()
    }

    /// The place of a stretch of text, of which the part on its first line is underlined.
    pub fn span(&self, start: usize, end: usize) -> Location {
        let (start, end) = (self.boundary(start), self.boundary(end));
        let text = self.text.get(start..end).unwrap_or_default();
        let line = text.split('\n').next().unwrap_or_default().trim_end();
        Location { length: line.chars().count().max(1), ..self.location(start) }
    }

    /// The file as a whole: its first character, of which nothing is shown.
    pub fn whole(&self) -> Location {
        Location { file: self.path.clone(), line: 1, column: 1, length: 1, text: String::new() }
    }

    /// The offset, or the nearest in front of it that is not inside a character.
    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// Bytes behind a bad one that a message can show.
const LINE_READ: usize = 1000;

/// How many characters of `rest` belong to what begins it: at least 1.
fn word_length(rest: &str) -> usize {
    let mut chars = rest.chars();
    let count = match chars.next() {
        Some('-') if rest.starts_with("--") => rest.trim_end().chars().count(),
        Some(quote @ ('"' | '\'' | '`')) => match chars.position(|c| c == quote) {
            Some(inside) => inside + 2,
            None => rest.trim_end().chars().count(),
        },
        Some('[') => {
            rest.chars().take_while(|&c| c != ']').count() + rest.chars().filter(|&c| c == ']').count().min(2)
        }
        Some(c) if is_word(c) => rest.chars().take_while(|&c| is_word(c)).count(),
        _ => 1,
    };
    count.clamp(1, rest.chars().count().max(1))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a `--` comment begins that has more behind a CR: to whoever wrote it a new line begins there.
fn comment_over_lines(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // Hardly any file has one, and `memchr` first asks the processor what it can do.
    if !bytes.contains(&b'\r') {
        return None;
    }
    memchr::memchr_iter(b'\r', bytes).find(|&at| bytes.get(at + 1).is_some_and(|next| *next != b'\n'))?;
    let goes_on = |token: &Token<'_>| {
        token.kind == Kind::Comment
            && token.text.starts_with("--")
            && token.text.trim_end_matches('\r').contains('\r')
    };
    tokens_and_comments(text).find(goes_on).map(|token| token.start)
}

fn nul_byte(path: &Path, bytes: &[u8], offset: usize) -> Error {
    Error::new(ErrorKind::File, "the file holds a NUL byte")
        .at(SourceFile::lossy(path, bytes, offset))
        .note("SQLite would silently stop reading there")
        .help("save it as UTF-8 text without NUL bytes; UTF-16 is full of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_count_lines_and_characters_from_one() {
        let file = SourceFile::new("a.sql", "é = 1;\r\nSELECT x\n");
        let at = |offset| file.location(offset);
        assert_eq!((at(0).line, at(0).column), (1, 1));
        assert_eq!((at(3).line, at(3).column, at(3).text.as_str()), (1, 3, "é = 1;"));
        assert_eq!((at(9).line, at(9).column, at(9).text.as_str()), (2, 1, "SELECT x"));
        assert_eq!((at(1000).line, at(1000).column), (3, 1));
        assert_eq!(at(1).to_string(), "a.sql:1:1", "an offset inside a character is its start");
    }

    #[test]
    fn statements_that_were_found_once_are_those_of_the_text() {
        let file =
            SourceFile::new("a.sql", "-- é\n;SELECT 1 ;\nCREATE TRIGGER r BEGIN SELECT 1; END; SELECT 'é'");
        for _ in 0..2 {
            assert_eq!(file.statements().collect::<Vec<_>>(), crate::sql::statements(file.text()));
        }
        assert_eq!(file.clone().statements().count(), 3);
        assert_eq!(SourceFile::new("a.sql", "").statements().count(), 0);
    }

    #[test]
    fn what_begins_at_the_place_is_underlined() {
        let marked = |text: &str, offset| {
            let at = SourceFile::new("a.sql", text).location(offset);
            at.text.chars().skip(at.column - 1).take(at.length).collect::<String>()
        };
        assert_eq!(marked("SELECT plan_計 FROM t", 7), "plan_計");
        assert_eq!(marked("SELECT 'it is' FROM t", 7), "'it is'");
        assert_eq!(marked("SELECT 'it is  \nnot'", 7), "'it is");
        assert_eq!(marked("x -- planctl:allow a  \nSELECT", 2), "-- planctl:allow a");
        assert_eq!(marked("[[deviation]] # [x]", 0), "[[deviation]]");
        assert_eq!(marked("(a, b)", 0), "(");
        assert_eq!((marked("a", 1).as_str(), SourceFile::new("a.sql", "a").location(1).length), ("", 1));
        let file = SourceFile::new("a.sql", "DROP TABLE t\r\n CASCADE;");
        assert_eq!((file.span(5, 24).length, file.span(5, 10).length, file.span(5, 0).length), (7, 5, 1));
    }

    /// Such a file lost everything behind its first comment, without a word.
    #[test]
    fn a_comment_that_swallows_lines_is_refused() {
        let read = |text: &str| SourceFile::of_text("a.sql", text);
        let error = read("CREATE TABLE a(x);\r  -- note\rCREATE TABLE b(x);\r").unwrap_err();
        let at = error.location().unwrap();
        assert_eq!((at.line, at.column, at.text.as_str()), (2, 3, "  -- note"), "{error}");
        assert!(read("-- a\rSELECT 1;\nSELECT 2;").is_err(), "in one place only");
        for fine in [
            "SELECT 1;\rSELECT 2;\r-- end\r",
            "-- a\r\nSELECT '\r--\r';",
            "-- a\r\r\nSELECT 1;",
            "/* a\r-- b\r*/",
        ] {
            assert!(read(fine).is_ok(), "{fine:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_shown_where_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.sql");
        for (bytes, message, shown) in [
            (
                &b"SELECT 1;\n-- caf\xe9 au lait\nSELECT 2;"[..],
                "the file is not UTF-8 text",
                "-- caf\u{fffd} au lait",
            ),
            (b"SELECT 1;\n-- caf\0 au lait\n", "the file holds a NUL byte", "-- caf\0 au lait"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = SourceFile::read(&path).unwrap_err();
            assert_eq!(error.message(), message);
            let at = error.location().unwrap();
            assert_eq!((at.line, at.column, at.length, at.text.as_str()), (2, 7, 1, shown));
        }
    }
}
