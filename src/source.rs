//! Files of text and places in them, as messages show them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind};

/// A text file that was read once, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    path: PathBuf,
    text: Arc<str>,
    /// Where each line but the first begins: a message with thousands of places does not count them from the start.
    lines: Arc<[usize]>,
}

impl SourceFile {
    /// A text that did not come from a file, under a name that messages can show.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> SourceFile {
        let text = text.into();
        let lines = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        SourceFile { path: path.into(), text, lines }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when it cannot be read, when it is not UTF-8 (with the line of the first bad byte), or
    /// when it holds a NUL byte, at which SQLite would silently stop reading.
    pub fn read(path: impl Into<PathBuf>) -> Result<SourceFile, Error> {
        let path = path.into();
        SourceFile::read_as(&path.clone(), path)
    }

    /// Reads `file`, which messages are to call `path`.
    ///
    /// # Errors
    /// As [`SourceFile::read`].
    pub fn read_as(file: &Path, path: PathBuf) -> Result<SourceFile, Error> {
        let bytes = std::fs::read(file).map_err(|source| Error::file(&path, source))?;
        let line_of = |offset: usize| 1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count();
        if let Some(nul) = bytes.iter().position(|&b| b == 0) {
            return Err(nul_byte(&path, line_of(nul)));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(SourceFile::new(path, text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = 1 + error.as_bytes()[..valid].iter().filter(|&&b| b == b'\n').count();
                let message = format!("{}:{line}: the file is not UTF-8 text", path.display());
                Err(Error::new(ErrorKind::File, message).help("save it as UTF-8"))
            }
        }
    }

    /// A text that stands for a file of that path.
    ///
    /// # Errors
    /// [`ErrorKind::File`] when it holds a NUL byte.
    pub fn of_text(path: impl Into<PathBuf>, text: &str) -> Result<SourceFile, Error> {
        let path = path.into();
        match text.split_once('\0') {
            Some((before, _)) => Err(nul_byte(&path, 1 + before.matches('\n').count())),
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

    /// The place of a byte offset. An offset behind the end is taken for the end.
    pub fn location(&self, offset: usize) -> Location {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let above = self.lines.partition_point(|&start| start <= offset);
        let line_start = above.checked_sub(1).and_then(|last| self.lines.get(last)).copied().unwrap_or(0);
        let line_end = self.text[offset..].find('\n').map_or(self.text.len(), |n| offset + n);
        Location {
            file: self.path.clone(),
            line: 1 + above,
            column: 1 + self.text[line_start..offset].chars().count(),
            text: self.text[line_start..line_end].trim_end_matches('\r').to_owned(),
        }
    }
}

fn nul_byte(path: &Path, line: usize) -> Error {
    let message = format!("{}:{line}: the file holds a NUL byte", path.display());
    Error::new(ErrorKind::File, message)
        .help("save it as UTF-8 text without NUL bytes; UTF-16 is full of them")
}

/// A place in a file, with the line that stands there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// The file, as it was named by the user.
    pub file: PathBuf,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// The line itself, without its line break.
    pub text: String,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
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
}
