//! A total tokenizer for SQLite's language: every text gives tokens, none is refused, every byte is covered.
//!
//! It follows <https://www.sqlite.org/src/file/src/tokenize.c>. What SQLite would call an illegal token becomes
//! [`Kind::Illegal`], so that the caller can still say where it stands; SQLite itself says what is wrong with it.

use std::iter::FusedIterator;

use memchr::arch::all::memchr::One;
use memchr::memchr;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A bare word: keyword or identifier. Which of the two depends on the grammar, not on the tokenizer.
    Word,
    /// `"x"`, `` `x` `` or `[x]`. A double-quoted one may still turn out to be a string (SQLite's DQS rule).
    Quoted,
    /// `'x'`
    String,
    /// `x'00ff'`
    Blob,
    /// Integer, hexadecimal integer or floating-point literal, without sign.
    Number,
    /// `?1`, `:a`, `@a`, `$a`
    Variable,
    /// An operator, or one of `( ) , ; .`
    Punct,
    /// `-- …` or `/* … */`; only [`tokens_and_comments`] yields it.
    Comment,
    /// A character that cannot start a token, or a literal that is not closed.
    Illegal,
}

/// One token and where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// The token exactly as written, quotes included.
    pub text: &'a str,
    /// Byte offset of its first byte.
    pub start: usize,
}

impl<'a> Token<'a> {
    /// Byte offset just behind the last byte.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether this is the bare word `keyword`, in any case.
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether this is the operator or separator `punct`.
    pub fn is_punct(&self, punct: &str) -> bool {
        self.kind == Kind::Punct && self.text == punct
    }

    /// Whether it stands in double quotes: a name, or a string where nothing has that name.
    pub fn is_double_quoted(&self) -> bool {
        self.kind == Kind::Quoted && self.text.starts_with('"')
    }

    /// Whether the grammar could take this token for a name: a word, a quoted name, or a string (which SQLite
    /// accepts wherever it wants a name).
    pub fn can_be_name(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted | Kind::String)
    }

    /// The name or string without its quotes.
    pub fn unquoted(&self) -> String {
        super::unquote(self.text)
    }
}

/// The tokens of `text`, comments and white space left out.
pub fn tokens(text: &str) -> impl FusedIterator<Item = Token<'_>> + Clone {
    Lexer { text, pos: 0 }.filter(|token| token.kind != Kind::Comment)
}

/// The tokens of `text`, in one piece: growing step by step would copy those of each statement five times over.
pub fn all_tokens(text: &str) -> Vec<Token<'_>> {
    let mut all = Vec::with_capacity(text.len() / 4 + 8);
    all.extend(tokens(text));
    all
}

/// The tokens of `text`, comments included.
pub fn tokens_and_comments(text: &str) -> impl FusedIterator<Item = Token<'_>> + Clone {
    Lexer { text, pos: 0 }
}

/// The tokens of `text` that begin at `from` or behind it, which is no place inside a token; comments left out.
pub(super) fn tokens_from(text: &str, from: usize) -> impl FusedIterator<Item = Token<'_>> + Clone {
    Lexer { text, pos: from }.filter(|token| token.kind != Kind::Comment)
}

/// Where the first semicolon ends that is a token at `from` or behind it; `from` is no place inside a token.
pub(super) fn behind_semicolon(text: &str, from: usize) -> Option<usize> {
    /// What neither is a semicolon nor can hide one: no literal, quoted name or comment begins with it.
    const PLAIN: [bool; 256] = {
        let mut plain = [true; 256];
        let others = b";'\"`[-/";
        let mut i = 0;
        while i < others.len() {
            plain[others[i] as usize] = false;
            i += 1;
        }
        plain
    };
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = run(bytes, at, |byte| PLAIN[usize::from(byte)]);
        match *bytes.get(at)? {
            b';' => return Some(at + 1),
            _ => at += scan(&bytes[at..]).1,
        }
    }
}

#[derive(Clone)]
struct Lexer<'a> {
    text: &'a str,
    pos: usize,
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        let mut start = self.pos;
        let first = loop {
            let Some(&byte) = bytes.get(start) else {
                self.pos = start;
                return None;
            };
            match FIRST[usize::from(byte)] {
                First::Space => start += 1,
                // A byte-order mark is white space to SQLite's tokenizer wherever a token could begin: files that were
                // joined have one in the middle.
                First::Word if byte == BOM[0] && bytes[start..].starts_with(&BOM) => start += BOM.len(),
                first => break first,
            }
        };
        let (kind, end) = match first {
            First::Word => (Kind::Word, run(bytes, start + 1, is_word_byte)),
            First::Separator => (Kind::Punct, start + 1),
            First::Space | First::Other => {
                let (kind, len) = scan(&bytes[start..]);
                let mut end = start + len;
                while !self.text.is_char_boundary(end) {
                    end += 1;
                }
                (kind, end)
            }
        };
        self.pos = end;
        Some(Token { kind, text: &self.text[start..end], start })
    }
}

impl FusedIterator for Lexer<'_> {}

const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// What the first byte tells of a token, where it tells all: most tokens are words and separators.
#[derive(Clone, Copy)]
enum First {
    Space,
    /// Nothing but a word begins so.
    Word,
    /// A token of its own, whatever follows.
    Separator,
    /// For [`scan`] to find out.
    Other,
}

const FIRST: [First; 256] = {
    let mut first = [First::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        first[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\x0C' | b'\r' => First::Space,
            // `x'00'` is a blob.
            b'x' | b'X' => First::Other,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => First::Word,
            b'(' | b')' | b';' | b'+' | b'*' | b'%' | b',' | b'&' | b'~' => First::Separator,
            _ => First::Other,
        };
        byte += 1;
    }
    first
};

/// Whether a bare word may have this byte behind its first one.
pub fn is_word_byte(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut word = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            let b = byte as u8;
            word[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80;
            byte += 1;
        }
        word
    };
    WORD[usize::from(byte)]
}

/// Where the run of bytes ends that begins at `from` and passes `test`. Every byte of every statement comes by here.
#[inline]
fn run(bytes: &[u8], from: usize, test: impl Fn(u8) -> bool) -> usize {
    let mut end = from.min(bytes.len());
    while end < bytes.len() && test(bytes[end]) {
        end += 1;
    }
    end
}

/// Where `byte` is, from `from` on. What is near is looked for eight bytes at a time: most literals, comments and names are
/// short, and [`memchr`] first asks the processor what it can do, which a virtual machine answers slowly.
pub(super) fn find(byte: u8, bytes: &[u8], from: usize) -> Option<usize> {
    const NEAR: usize = 256;
    let rest = bytes.get(from..)?;
    let (near, far) = rest.split_at(rest.len().min(NEAR));
    if let Some(at) = One::new(byte).find(near) {
        return Some(from + at);
    }
    // It would ask before it sees that nothing is left.
    let at = if far.is_empty() { None } else { memchr(byte, far) };
    at.map(|at| from + NEAR + at)
}

/// The kind and length of the token that `bytes` begins with, the first of which is [`First::Other`].
fn scan(bytes: &[u8]) -> (Kind, usize) {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    match bytes[0] {
        b'-' if at(1) == b'-' => (Kind::Comment, find(b'\n', bytes, 0).unwrap_or(bytes.len())),
        b'-' if at(1) == b'>' => (Kind::Punct, if at(2) == b'>' { 3 } else { 2 }),
        b'/' if at(1) == b'*' && bytes.len() > 2 => {
            // SQLite closes an unterminated comment at the end of the text.
            // `successors` would look for the one behind the last, and so far beyond the comment.
            let mut from = 3;
            let mut slashes = std::iter::from_fn(|| {
                let at = find(b'/', bytes, from)?;
                from = at + 1;
                Some(at)
            });
            let close = slashes.find(|&at| bytes[at - 1] == b'*');
            (Kind::Comment, close.map_or(bytes.len(), |at| at + 1))
        }
        b'=' => (Kind::Punct, if at(1) == b'=' { 2 } else { 1 }),
        b'<' => (Kind::Punct, if matches!(at(1), b'=' | b'>' | b'<') { 2 } else { 1 }),
        b'>' => (Kind::Punct, if matches!(at(1), b'=' | b'>') { 2 } else { 1 }),
        b'!' => {
            if at(1) == b'=' {
                (Kind::Punct, 2)
            } else {
                (Kind::Illegal, 1)
            }
        }
        b'|' => (Kind::Punct, if at(1) == b'|' { 2 } else { 1 }),
        quote @ (b'\'' | b'"' | b'`') => {
            let kind = if quote == b'\'' { Kind::String } else { Kind::Quoted };
            quoted(bytes, quote).map_or((Kind::Illegal, bytes.len()), |len| (kind, len))
        }
        b'[' => {
            let close = find(b']', bytes, 0);
            close.map_or((Kind::Illegal, bytes.len()), |n| (Kind::Quoted, n + 1))
        }
        b'.' if at(1).is_ascii_digit() => number(bytes),
        b'0'..=b'9' => number(bytes),
        b'?' => (Kind::Variable, run(bytes, 1, |b| b.is_ascii_digit())),
        b'$' | b'@' | b'#' | b':' => match run(bytes, 1, is_word_byte) {
            1 => (Kind::Illegal, 1),
            len => (Kind::Variable, len),
        },
        b'x' | b'X' if at(1) == b'\'' => {
            let close = run(bytes, 2, |b| b.is_ascii_hexdigit());
            if at(close) == b'\'' && close % 2 == 0 {
                (Kind::Blob, close + 1)
            } else {
                (Kind::Illegal, run(bytes, 2, |b| b != b'\'').saturating_add(1).min(bytes.len()))
            }
        }
        b'-' | b'/' | b'.' => (Kind::Punct, 1),
        b'x' | b'X' => (Kind::Word, run(bytes, 1, is_word_byte)),
        _ => (Kind::Illegal, 1),
    }
}

fn quoted(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut from = 1;
    loop {
        let end = find(quote, bytes, from)? + 1;
        if bytes.get(end) != Some(&quote) {
            return Some(end);
        }
        from = end + 1;
    }
}

fn number(bytes: &[u8]) -> (Kind, usize) {
    let digits = |mut i: usize, test: fn(&u8) -> bool| {
        while bytes.get(i).is_some_and(|b| test(b) || *b == b'_') {
            i += 1;
        }
        i
    };
    let mut i;
    if bytes[0] == b'0'
        && matches!(bytes.get(1), Some(b'x' | b'X'))
        && bytes.get(2).is_some_and(u8::is_ascii_hexdigit)
    {
        i = digits(2, u8::is_ascii_hexdigit);
    } else {
        i = digits(0, u8::is_ascii_digit);
        if bytes.get(i) == Some(&b'.') {
            i = digits(i + 1, u8::is_ascii_digit);
        }
        if matches!(bytes.get(i), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(i + 1), Some(b'+' | b'-')));
            if bytes.get(i + 1 + sign).is_some_and(u8::is_ascii_digit) {
                i = digits(i + 1 + sign, u8::is_ascii_digit);
            }
        }
    }
    // `12abc` is one illegal token to SQLite, not a number and a word.
    let end = bytes[i..].iter().position(|&b| !is_word_byte(b)).map_or(bytes.len(), |n| i + n);
    if end > i { (Kind::Illegal, end) } else { (Kind::Number, i) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        tokens_and_comments(text).map(|t| (t.kind, t.text)).collect()
    }

    #[test]
    fn each_kind_is_told_apart() {
        use Kind::*;
        assert_eq!(
            kinds(
                "SELECT \"a\"\"b\", [c d], `e`, 'f''g', x'0aFF', 0x1F, 1.5e-3, ?1, :n -- end\n<> != -> ->> /* x */ ;"
            ),
            [
                (Word, "SELECT"),
                (Quoted, "\"a\"\"b\""),
                (Punct, ","),
                (Quoted, "[c d]"),
                (Punct, ","),
                (Quoted, "`e`"),
                (Punct, ","),
                (String, "'f''g'"),
                (Punct, ","),
                (Blob, "x'0aFF'"),
                (Punct, ","),
                (Number, "0x1F"),
                (Punct, ","),
                (Number, "1.5e-3"),
                (Punct, ","),
                (Variable, "?1"),
                (Punct, ","),
                (Variable, ":n"),
                (Comment, "-- end"),
                (Punct, "<>"),
                (Punct, "!="),
                (Punct, "->"),
                (Punct, "->>"),
                (Comment, "/* x */"),
                (Punct, ";"),
            ]
        );
    }

    /// Found by fuzzing: a statement behind one was taken for a word that SQLite does not see.
    #[test]
    fn a_byte_order_mark_is_space_where_a_token_begins_and_part_of_a_name_inside_one() {
        let bom = '\u{feff}';
        let inside = format!("a{bom}b");
        let text = format!("{bom}SELECT 1;{bom}{bom} SELECT{bom} 2 AS {inside}");
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let second = format!("{bom} SELECT 2 {bom}AS {inside}");
        let names: Vec<String> = conn.prepare(&second).unwrap().column_names().map(str::to_owned).collect();
        assert_eq!(names, [inside.as_str()], "as SQLite has it");
        let words: Vec<&str> = tokens(&text).map(|token| token.text).collect();
        let select = format!("SELECT{bom}");
        assert_eq!(words, ["SELECT", "1", ";", select.as_str(), "2", "AS", inside.as_str()]);
    }

    #[test]
    fn unclosed_literals_and_comments_end_with_the_text() {
        assert_eq!(kinds("'abc"), [(Kind::Illegal, "'abc")]);
        assert_eq!(kinds("[abc"), [(Kind::Illegal, "[abc")]);
        assert_eq!(kinds("a /* b"), [(Kind::Word, "a"), (Kind::Comment, "/* b")]);
        assert_eq!(kinds("x'0"), [(Kind::Illegal, "x'0")]);
        assert_eq!(kinds("12ab"), [(Kind::Illegal, "12ab")]);
    }

    /// What is near is looked for in another way than what is far.
    #[test]
    fn literals_and_comments_of_any_length_end_where_they_are_closed() {
        for length in 0..600 {
            let inner = "x".repeat(length);
            for (kind, text) in [
                (Kind::String, format!("'{inner}'")),
                (Kind::String, format!("'{inner}''{inner}'")),
                (Kind::Quoted, format!("[{inner}]")),
                (Kind::Comment, format!("/*{inner}/{inner}*/")),
                (Kind::Comment, format!("--{inner}")),
            ] {
                let script = format!("{text}\n/ x /* y */");
                let first = tokens_and_comments(&script).next().map(|token| (token.kind, token.text.len()));
                assert_eq!(first, Some((kind, text.len())), "{text}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_covered_in_order_without_a_panic(text in "\\PC*|[-'\"`\\[\\]x/*.0-9eE;()é \n]*") {
            let mut last = 0;
            for token in tokens_and_comments(&text) {
                proptest::prop_assert!(token.start >= last && !token.text.is_empty());
                proptest::prop_assert_eq!(&text[token.start..token.end()], token.text);
                last = token.end();
            }
        }
    }
}
