//! A cursor over the tokens of one statement, with the pieces of grammar that several statements share.

use std::ops::Range;

use crate::schema::{Conflict, Expr, Ident};
use crate::sql::{self, Token, tokens};

/// A statement that the reader does not understand: the byte offset at which it stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread {
    /// Byte offset in the statement.
    pub at: usize,
}

impl Unread {
    /// What the model keeps of it.
    pub fn reason(self, statement: &str) -> String {
        match tokens(statement).find(|token| token.start >= self.at) {
            Some(token) => format!("near {}", token.text),
            None => "at its end".to_owned(),
        }
    }
}

pub(super) type Read<T> = Result<T, Unread>;

pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        // Growing step by step would copy the tokens of each statement five times over.
        let mut found = Vec::with_capacity(text.len() / 4 + 8);
        found.extend(tokens(text));
        while found.last().is_some_and(|token: &Token<'_>| token.is_punct(";")) {
            found.pop();
        }
        Cursor { text, tokens: found, pos: 0 }
    }

    /// Over the first tokens only: `CREATE TEMPORARY VIRTUAL TABLE IF NOT EXISTS schema.name` and something to spare.
    pub(super) fn of_head(text: &'a str) -> Cursor<'a> {
        Cursor { text, tokens: tokens(text).take(16).collect(), pos: 0 }
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.pos).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.pos + ahead).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.pos += 1;
        Some(token)
    }

    /// Where the cursor stands, in bytes.
    pub(super) fn offset(&self) -> usize {
        self.peek().map_or(self.text.len(), |token| token.start)
    }

    /// The end of the token before the cursor, in bytes.
    pub(super) fn previous_end(&self) -> usize {
        self.pos.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, Token::end)
    }

    pub(super) fn unread(&self) -> Unread {
        Unread { at: self.offset() }
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(word))
    }

    pub(super) fn at_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.peek_at(i).is_some_and(|token| token.is_word(word)))
    }

    pub(super) fn at_punct(&self, punct: &str) -> bool {
        self.peek().is_some_and(|token| token.is_punct(punct))
    }

    pub(super) fn at_end(&self) -> bool {
        self.pos >= self.tokens.len()
    }

    /// Takes `words` when they all come next, in this order.
    pub(super) fn eat(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        if found {
            self.pos += words.len();
        }
        found
    }

    pub(super) fn eat_punct(&mut self, punct: &str) -> bool {
        let found = self.at_punct(punct);
        self.pos += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, words: &[&str]) -> Read<()> {
        if self.eat(words) { Ok(()) } else { Err(self.unread()) }
    }

    pub(super) fn expect_punct(&mut self, punct: &str) -> Read<()> {
        if self.eat_punct(punct) { Ok(()) } else { Err(self.unread()) }
    }

    pub(super) fn expect_end(&self) -> Read<()> {
        if self.at_end() { Ok(()) } else { Err(self.unread()) }
    }

    pub(super) fn name_token(&mut self) -> Read<Token<'a>> {
        match self.peek() {
            Some(token) if token.can_be_name() => {
                self.pos += 1;
                Ok(token)
            }
            _ => Err(self.unread()),
        }
    }

    pub(super) fn name(&mut self) -> Read<Ident> {
        Ok(Ident::from(self.name_token()?.unquoted()))
    }

    /// `CREATE … TABLE|INDEX|VIEW|TRIGGER [IF NOT EXISTS]`
    pub(super) fn create_head(&mut self) -> Read<Kind> {
        self.expect(&["CREATE"])?;
        if !self.eat(&["TEMP"]) {
            self.eat(&["TEMPORARY"]);
        }
        let kind = if self.eat(&["TABLE"]) {
            Kind::Table
        } else if self.eat(&["VIRTUAL", "TABLE"]) {
            Kind::VirtualTable
        } else if self.eat(&["INDEX"]) || self.eat(&["UNIQUE", "INDEX"]) {
            Kind::Index
        } else if self.eat(&["VIEW"]) {
            Kind::View
        } else if self.eat(&["TRIGGER"]) {
            Kind::Trigger
        } else {
            return Err(self.unread());
        };
        self.eat(&["IF", "NOT", "EXISTS"]);
        Ok(kind)
    }

    /// `[schema .] name`
    pub(super) fn object_name(&mut self) -> Read<Token<'a>> {
        let name = self.name_token()?;
        if self.eat_punct(".") { self.name_token() } else { Ok(name) }
    }

    /// `[main .] name`
    pub(super) fn main_object_name(&mut self) -> Read<Token<'a>> {
        let schema = self.peek();
        let name = self.object_name()?;
        match schema {
            Some(schema) if schema.start != name.start && !schema.unquoted().eq_ignore_ascii_case("main") => {
                Err(self.unread())
            }
            _ => Ok(name),
        }
    }

    /// `( … )`, whatever it holds: the bytes between the parentheses, outer white space trimmed.
    pub(super) fn group(&mut self) -> Read<Range<usize>> {
        self.expect_punct("(")?;
        let start = self.previous_end();
        let mut depth = 0usize;
        while let Some(token) = self.next() {
            if token.is_punct("(") {
                depth += 1;
            } else if token.is_punct(")") {
                if depth == 0 {
                    return Ok(start..token.start);
                }
                depth -= 1;
            }
        }
        Err(self.unread())
    }

    pub(super) fn group_expr(&mut self) -> Read<Expr> {
        let range = self.group()?;
        Ok(self.expr(range))
    }

    /// The expression that stands at `range`, without what surrounds it: a comment at its end would swallow whatever
    /// is written behind it.
    pub(super) fn expr(&self, range: Range<usize>) -> Expr {
        let first = self.tokens.partition_point(|token| token.start < range.start);
        let behind = self.tokens.partition_point(|token| token.end() <= range.end);
        let tokens = self.tokens.get(first..behind).unwrap_or_default();
        let (start, end) = match tokens {
            [only] => (only.start, only.end()),
            [first, .., last] => (first.start, last.end()),
            [] => (range.start, range.start),
        };
        Expr { text: self.text[start..end].to_owned(), start }
    }

    /// Everything from the cursor to the end of the statement.
    pub(super) fn rest(&mut self) -> Expr {
        let end = self.tokens.last().map_or(self.text.len(), Token::end);
        let start = self.offset().min(end);
        self.pos = self.tokens.len();
        self.expr(start..end)
    }

    /// `(a, b COLLATE c DESC, …)` where each item is a name.
    pub(super) fn name_list(&mut self) -> Read<Vec<Ident>> {
        self.expect_punct("(")?;
        let mut names = Vec::new();
        loop {
            names.push(self.name()?);
            // A column list may carry COLLATE and a sort order, which SQLite reads and ignores.
            if self.eat(&["COLLATE"]) {
                self.name()?;
            }
            if !self.eat(&["ASC"]) {
                self.eat(&["DESC"]);
            }
            if self.eat_punct(")") {
                return Ok(names);
            }
            self.expect_punct(",")?;
        }
    }

    /// `[ON CONFLICT …]`
    pub(super) fn conflict(&mut self) -> Read<Conflict> {
        if !self.eat(&["ON", "CONFLICT"]) {
            return Ok(Conflict::Abort);
        }
        for conflict in
            [Conflict::Abort, Conflict::Rollback, Conflict::Fail, Conflict::Ignore, Conflict::Replace]
        {
            if self.eat(&[conflict.as_str()]) {
                return Ok(conflict);
            }
        }
        Err(self.unread())
    }

    /// All tokens of the statement.
    pub(super) fn into_tokens(self) -> Vec<Token<'a>> {
        self.tokens
    }

    /// The text between two byte offsets.
    pub(super) fn slice(&self, range: Range<usize>) -> &'a str {
        &self.text[range]
    }
}

/// Takes away parentheses that enclose all of `text`, and comments before and behind it.
pub(super) fn without_outer_parentheses(mut text: &str) -> &str {
    while let Some(inner) = enclosed(text) {
        text = inner;
    }
    text
}

fn enclosed(text: &str) -> Option<&str> {
    let mut depth = 0usize;
    let mut found = sql::tokens(text).peekable();
    if !found.peek()?.is_punct("(") {
        return None;
    }
    found.next();
    let open = found.peek()?.start;
    let mut end = open;
    depth += 1;
    while let Some(token) = found.next() {
        if token.is_punct("(") {
            depth += 1;
        } else if token.is_punct(")") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return found.next().is_none().then(|| &text[open..end]);
            }
        }
        end = token.end();
    }
    None
}

/// What a CREATE statement makes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// CREATE TABLE
    Table,
    /// CREATE VIRTUAL TABLE
    VirtualTable,
    /// CREATE INDEX
    Index,
    /// CREATE VIEW
    View,
    /// CREATE TRIGGER
    Trigger,
}
