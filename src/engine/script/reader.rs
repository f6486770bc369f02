//! How the `sqlite3` shell takes its input apart: a model of `process_input` in shell.c, line by line.
//!
//! The shell does not split its input as SQLite splits SQL. A line that holds nothing but `/` or `go` ends a statement, a
//! line that begins with `.` is a command where no statement is open, `#` begins a comment there, and the CR in front of
//! a line break is dropped. Whether a statement is complete is told by sqlite3_complete().

/// What the shell does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Input {
    /// SQL that it hands to SQLite, perhaps several statements.
    Sql(String),
    /// A command of its own, with the dot.
    Command(String),
}

/// The state between two lines.
#[derive(Default)]
pub(crate) struct Reader {
    /// The lines of the statement that is open.
    sql: String,
    scan: Scan,
    /// The line that was read last, counted from 1.
    pub(crate) line: usize,
}

/// What the lines of the open statement came to so far (`quickscan`).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Scan {
    /// What ends the literal or the comment (`*`) that is open.
    inside: Option<u8>,
    /// Whether there was anything but white space, comments and semicolons.
    dark: bool,
    /// Whether the last of it was a semicolon.
    ends: bool,
}

impl Reader {
    /// Reads a text that ends with a line.
    pub(crate) fn read(&mut self, text: &str, mut input: impl FnMut(usize, Input)) {
        for line in text.split_inclusive('\n') {
            let line = line.strip_suffix('\n').unwrap_or(line);
            self.line += 1;
            if let Some(found) = self.read_line(line.strip_suffix('\r').unwrap_or(line)) {
                input(self.line, found);
            }
        }
    }

    /// What is left when the input ends.
    pub(crate) fn rest(&self) -> &str {
        &self.sql
    }

    /// Whether the shell would take this line for the end of the statement that is open.
    fn ends_at(&self, line: &str) -> bool {
        self.scan.inside.is_none() && ends_statements(line) && is_complete(&format!("{};", self.sql))
    }

    fn read_line(&mut self, mut line: &str) -> Option<Input> {
        if self.ends_at(line) {
            line = ";";
        }
        self.scan.line(line);
        let blank = self.scan.inside.is_none() && !self.scan.dark;
        if self.sql.is_empty() {
            if blank || line.starts_with('#') {
                self.scan = Scan::default();
                return None;
            }
            if line.starts_with('.') {
                self.scan = Scan::default();
                return Some(Input::Command(line.to_owned()));
            }
            self.sql.push_str(line.trim_start_matches(SPACE));
        } else {
            self.sql.push('\n');
            self.sql.push_str(line);
        }
        let complete = self.scan.inside.is_none() && self.scan.ends && is_complete(&self.sql);
        if !complete && !blank {
            return None;
        }
        self.scan = Scan::default();
        let sql = std::mem::take(&mut self.sql);
        complete.then_some(Input::Sql(sql))
    }
}

/// A statement as it has to be written for the shell to read what it says: one more CR where a line ends with one, and an
/// empty comment in front of a line that would end the statement. `None` where it can be written as it is.
pub(crate) fn shielded(sql: &str) -> Option<String> {
    let mut reader = Reader::default();
    let mut text = String::with_capacity(sql.len());
    for (n, whole) in sql.split_inclusive('\n').enumerate() {
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let shield = if n > 0 && reader.ends_at(line) { SHIELD } else { "" };
        reader.read_line(&format!("{shield}{line}"));
        text.push_str(shield);
        text.push_str(line);
        if line.len() < whole.len() {
            text.push_str(if line.ends_with('\r') { "\r\n" } else { "\n" });
        }
    }
    (text != sql).then_some(text)
}

/// What keeps a line from being taken for the end of a statement. SQLite keeps it in the text of what is created.
pub(crate) const SHIELD: &str = "/**/ ";

/// What C calls space.
const SPACE: [char; 6] = [' ', '\t', '\n', '\x0B', '\x0C', '\r'];

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r')
}

/// Whether a line is one that ends a statement in Oracle's way (`/`) or in SQL Server's (`go`). Older shells take
/// comments behind it for something else.
fn ends_statements(line: &str) -> bool {
    let line = line.trim_start_matches(SPACE);
    let rest = match line.strip_prefix('/') {
        Some(rest) => rest,
        None => match line.split_at_checked(2) {
            Some((go, rest)) if go.eq_ignore_ascii_case("go") => rest,
            _ => return false,
        },
    };
    let mut scan = Scan::default();
    scan.line(rest);
    scan == Scan::default()
}

impl Scan {
    fn line(&mut self, line: &str) {
        let bytes = line.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied();
            at += 1;
            match self.inside {
                Some(b'*') => {
                    if byte == b'*' && next == Some(b'/') {
                        self.inside = None;
                        at += 1;
                    }
                }
                Some(close) => {
                    if byte != close {
                    } else if close != b']' && next == Some(close) {
                        at += 1;
                    } else {
                        self.inside = None;
                    }
                }
                None => match byte {
                    _ if is_space(byte) => {}
                    b'-' if next == Some(b'-') => return,
                    b'/' if next == Some(b'*') => {
                        self.inside = Some(b'*');
                        at += 1;
                    }
                    b';' => self.ends = true,
                    _ => {
                        (self.dark, self.ends) = (true, false);
                        self.inside = match byte {
                            b'[' => Some(b']'),
                            b'`' | b'\'' | b'"' => Some(byte),
                            _ => None,
                        };
                    }
                },
            }
        }
    }
}

/// sqlite3_complete(): whether a text ends with a semicolon that ends a statement
/// (<https://www.sqlite.org/src/file/src/complete.c>).
fn is_complete(sql: &str) -> bool {
    const INVALID: usize = 0;
    const START: usize = 1;
    // Semicolon, white space, anything else, EXPLAIN, CREATE, TEMP, TRIGGER, END.
    const NEXT: [[usize; 8]; 8] = [
        [1, 0, 2, 3, 4, 2, 2, 2],
        [1, 1, 2, 3, 4, 2, 2, 2],
        [1, 2, 2, 2, 2, 2, 2, 2],
        [1, 3, 3, 2, 4, 2, 2, 2],
        [1, 4, 2, 2, 2, 4, 5, 2],
        [6, 5, 5, 5, 5, 5, 5, 5],
        [6, 6, 5, 5, 5, 5, 5, 7],
        [1, 7, 5, 5, 5, 5, 5, 5],
    ];
    let bytes = sql.as_bytes();
    let mut state = INVALID;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let (token, length) = match byte {
            b';' => (0, 1),
            b' ' | b'\r' | b'\t' | b'\n' | 0x0C => (1, 1),
            b'/' if rest.first() == Some(&b'*') => {
                let close = rest.get(1..).unwrap_or_default().windows(2).position(|two| two == b"*/");
                let Some(close) = close else { return false };
                (1, close + 4)
            }
            b'-' if rest.first() == Some(&b'-') => {
                let Some(end) = memchr::memchr(b'\n', rest) else { return state == START };
                (1, end + 2)
            }
            b'[' | b'`' | b'"' | b'\'' => {
                let close = if byte == b'[' { b']' } else { byte };
                let Some(end) = memchr::memchr(close, rest) else { return false };
                (2, end + 2)
            }
            _ if is_id(byte) => {
                let length = 1 + rest.iter().take_while(|byte| is_id(**byte)).count();
                let word = bytes.get(at..at + length).unwrap_or_default();
                let is = |known: &str| word.eq_ignore_ascii_case(known.as_bytes());
                let token = match () {
                    () if is("EXPLAIN") => 3,
                    () if is("CREATE") => 4,
                    () if is("TEMP") || is("TEMPORARY") => 5,
                    () if is("TRIGGER") => 6,
                    () if is("END") => 7,
                    () => 2,
                };
                (token, length)
            }
            _ => (2, 1),
        };
        state = NEXT.get(state).and_then(|row| row.get(token)).copied().unwrap_or(INVALID);
        at += length;
    }
    state == START
}

fn is_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(text: &str) -> Vec<String> {
        let mut reader = Reader::default();
        let mut found = Vec::new();
        reader.read(text, |_, input| {
            found.push(match input {
                Input::Sql(sql) | Input::Command(sql) => sql,
            });
        });
        if !reader.rest().is_empty() {
            found.push(format!("left: {}", reader.rest()));
        }
        found
    }

    #[test]
    fn lines_are_taken_as_the_shell_takes_them() {
        assert_eq!(inputs(".bail on\n# x\n-- y\n\nSELECT 1;\n"), [".bail on", "SELECT 1;"]);
        assert_eq!(inputs("SELECT '\n.x\n#y\ngo\n/\n';\n"), ["SELECT '\n.x\n#y\ngo\n/\n';"]);
        assert_eq!(inputs("SELECT\n go -- x\nFROM t;\n"), ["SELECT\n;", "FROM t;"]);
        assert_eq!(inputs("SELECT 6\n/ \n2;\n"), ["SELECT 6\n;", "2;"]);
        assert_eq!(inputs("SELECT 'a\r\nb\r\r\n';\r\n"), ["SELECT 'a\nb\r\n';"]);
        assert_eq!(inputs("/* a\n.b; */ SELECT 1; SELECT\n2;\n"), ["/* a\n.b; */ SELECT 1; SELECT\n2;"]);
        assert_eq!(
            inputs("CREATE TRIGGER r AFTER INSERT ON t BEGIN\nSELECT\ngo\n;\nEND;\nSELECT 2"),
            ["CREATE TRIGGER r AFTER INSERT ON t BEGIN\nSELECT\ngo\n;\nEND;", "left: SELECT 2"]
        );
        assert_eq!(inputs("SELECT [a]]; -- ;\n;\n"), ["SELECT [a]]; -- ;"]);
    }

    #[test]
    fn only_what_the_shell_would_misread_is_shielded() {
        for fine in
            ["SELECT go\nFROM t", "SELECT '\ngo\n/\n'", "SELECT 6 /\n2", "SELECT\ngo FROM t", "SELECT 'a\rb'"]
        {
            assert_eq!(shielded(fine), None, "{fine}");
        }
        let trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT\ngo\nFROM t; END;";
        assert_eq!(shielded(trigger), None, "no statement ends inside a trigger");
        assert_eq!(shielded("SELECT 6\n/\n2, '\ngo\n'").unwrap(), "SELECT 6\n/**/ /\n2, '\ngo\n'");
        assert_eq!(shielded("SELECT\n\tGo -- x\nFROM t").unwrap(), "SELECT\n/**/ \tGo -- x\nFROM t");
        assert_eq!(shielded("SELECT '\r\n';").unwrap(), "SELECT '\r\r\n';");
    }

    proptest::proptest! {
        /// Whatever a statement holds, the shell hands it on as it is, but for the comments.
        #[test]
        fn the_shell_reads_what_the_statement_says(
            body in "(go|/|GO |'|\"|\\[|\\]|--|/\\*|\\*/|\r\n|\n|\r|\\.x|#|a| )*"
        ) {
            // At the very end, `/*` is a slash and a star to SQLite.
            let sql = format!("SELECT {body}x");
            let statements = crate::sql::statements(&sql);
            proptest::prop_assume!(statements.len() == 1 && crate::sql::tokens(&sql).all(|t| t.kind != crate::sql::Kind::Illegal));
            let sql = statements[0].text;
            let text = shielded(sql).unwrap_or_else(|| sql.to_owned());
            proptest::prop_assert_eq!(inputs(&format!("{text};\n")).join("|").replace(SHIELD, ""), format!("{sql};").replace(SHIELD, ""));
        }
    }
}
