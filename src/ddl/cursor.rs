//! A cursor over the tokens of one statement, with the pieces of grammar that several statements share.

use std::ops::Range;

use crate::base::words::words;
use crate::schema::{Conflict, Expr, Ident};
use crate::sql::{Nesting, Token, all_tokens, bare, in_parentheses, leading, tokens};

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

pub(crate) type Read<T> = Result<T, Unread>;

/// A place in the tokens of a statement.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Cursor<'a> {
        let mut found = all_tokens(text);
        while found.last().is_some_and(|token: &Token<'_>| token.is_punct(";")) {
            found.pop();
        }
        Cursor { text, tokens: found, pos: 0 }
    }

    /// Over tokens that were read before.
    pub(super) fn over(tokens: &[Token<'a>]) -> Cursor<'a> {
        Cursor { text: "", tokens: tokens.to_vec(), pos: 0 }
    }

    /// Over the first tokens only: those of `CREATE TEMPORARY UNIQUE INDEX IF NOT EXISTS schema.name`.
    pub(super) fn of_head(text: &'a str) -> Cursor<'a> {
        const HEAD: usize = 10;
        let mut found = Vec::with_capacity(HEAD);
        found.extend(tokens(text).take(HEAD));
        Cursor { text, tokens: found, pos: 0 }
    }

    /// Over a text that has no more tokens than so many, without parentheses that change nothing.
    pub(super) fn of_short(text: &'a str, most: usize) -> Option<Cursor<'a>> {
        let mut found = Vec::with_capacity(text.len().min(4 * most) / 4 + 8);
        found.extend(tokens(text).take(most + 1));
        (found.len() <= most).then(|| Cursor { text, tokens: bare(found), pos: 0 })
    }

    /// How many tokens were read.
    pub(super) fn position(&self) -> usize {
        self.pos
    }

    /// Goes back, or on, to where so many tokens were read.
    pub(super) fn go_to(&mut self, position: usize) {
        self.pos = position;
    }

    /// Goes on to the first token that stands in no parentheses and ends what is passed over.
    pub(crate) fn skip_to(&mut self, is_end: impl Fn(&Cursor<'a>, &Token<'a>) -> bool) {
        let mut nesting = Nesting::default();
        while let Some(token) = self.peek() {
            if nesting.around(&token) == 0 && is_end(self, &token) {
                return;
            }
            self.pos += 1;
        }
    }

    pub(crate) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.pos).copied()
    }

    pub(crate) fn peek_at(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.pos + ahead).copied()
    }

    pub(crate) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.pos += 1;
        Some(token)
    }

    /// Where the cursor stands, in bytes.
    pub(crate) fn offset(&self) -> usize {
        self.peek().map_or(self.text.len(), |token| token.start)
    }

    /// The end of the token before the cursor, in bytes.
    pub(crate) fn previous_end(&self) -> usize {
        self.pos.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, Token::end)
    }

    pub(crate) fn unread(&self) -> Unread {
        Unread { at: self.offset() }
    }

    pub(crate) fn at_word(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(word))
    }

    pub(crate) fn at_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.peek_at(i).is_some_and(|token| token.is_word(word)))
    }

    pub(crate) fn at_punct(&self, punct: &str) -> bool {
        self.peek().is_some_and(|token| token.is_punct(punct))
    }

    pub(crate) fn at_end(&self) -> bool {
        self.pos >= self.tokens.len()
    }

    /// Takes `words` when they all come next, in this order.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        if found {
            self.pos += words.len();
        }
        found
    }

    /// Takes one of these words when it comes next.
    pub(crate) fn eat_one_of(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(&[word]))
    }

    /// Takes the words of one of `all`, which have to come next.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T], words: fn(T) -> &'static str) -> Read<T> {
        let mut found = all.iter().filter_map(|one| Some((*one, leading(self.ahead(), words(*one))?)));
        let (found, tokens) = found.next().ok_or_else(|| self.unread())?;
        self.pos += tokens;
        Ok(found)
    }

    /// `[ASC | DESC]`: whether it is DESC.
    pub(super) fn sort_order(&mut self) -> bool {
        let descending = self.at_word("DESC");
        self.eat_one_of(&["ASC", "DESC"]);
        descending
    }

    pub(crate) fn eat_punct(&mut self, punct: &str) -> bool {
        let found = self.at_punct(punct);
        self.pos += usize::from(found);
        found
    }

    pub(crate) fn expect(&mut self, words: &[&str]) -> Read<()> {
        if self.eat(words) { Ok(()) } else { Err(self.unread()) }
    }

    pub(crate) fn expect_punct(&mut self, punct: &str) -> Read<()> {
        if self.eat_punct(punct) { Ok(()) } else { Err(self.unread()) }
    }

    pub(super) fn expect_end(&self) -> Read<()> {
        if self.at_end() { Ok(()) } else { Err(self.unread()) }
    }

    pub(crate) fn name_token(&mut self) -> Read<Token<'a>> {
        match self.peek() {
            Some(token) if token.can_be_name() => {
                self.pos += 1;
                Ok(token)
            }
            _ => Err(self.unread()),
        }
    }

    pub(crate) fn name(&mut self) -> Read<Ident> {
        Ok(Ident::from(self.name_token()?.unquoted()))
    }

    /// `CREATE … TABLE|INDEX|VIEW|TRIGGER [IF NOT EXISTS]`
    pub(crate) fn create_head(&mut self) -> Read<Kind> {
        self.expect(&["CREATE"])?;
        self.eat_one_of(&["TEMP", "TEMPORARY"]);
        if self.at_words(&["UNIQUE", "INDEX"]) {
            self.next();
        }
        let kind = self.one_of(&Kind::ALL, Kind::as_str)?;
        self.eat(&["IF", "NOT", "EXISTS"]);
        Ok(kind)
    }

    /// The head of a statement that creates an object of that kind, and its name.
    pub(super) fn create(&mut self, kind: Kind) -> Read<Ident> {
        if self.create_head()? != kind {
            return Err(self.unread());
        }
        Ok(Ident::from(self.object_name()?.unquoted()))
    }

    /// `[schema .] name`
    pub(crate) fn object_name(&mut self) -> Read<Token<'a>> {
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
        let inner = in_parentheses(self.ahead()).ok_or_else(|| self.unread())?.len();
        let start = self.peek().as_ref().map_or(0, Token::end);
        self.pos += 1 + inner;
        let end = self.offset();
        self.expect_punct(")")?;
        Ok(start..end)
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
            self.sort_order();
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
        self.one_of(&Conflict::ALL, Conflict::as_str)
    }

    /// The tokens from the cursor on.
    pub(super) fn ahead(&self) -> &[Token<'a>] {
        self.tokens.get(self.pos..).unwrap_or_default()
    }

    /// The tokens between two positions.
    pub(super) fn between(&self, positions: Range<usize>) -> &[Token<'a>] {
        self.tokens.get(positions).unwrap_or_default()
    }

    /// All tokens of the statement.
    pub(crate) fn into_tokens(self) -> Vec<Token<'a>> {
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
    let all: Vec<Token<'_>> = tokens(text).collect();
    let inner = in_parentheses(&all)?;
    let (start, end) = (inner.first().map_or(0, |first| first.start), inner.last().map_or(0, Token::end));
    // Nothing but the parenthesis that closes it follows.
    if all.len() == inner.len() + 2 { text.get(start..end) } else { None }
}

impl Kind {
    /// Whether it has rows to read: what indexes and triggers are on, in one space of names.
    pub(crate) fn is_relation(self) -> bool {
        matches!(self, Kind::Table | Kind::VirtualTable | Kind::View)
    }
}

words! {
    /// What a CREATE statement makes.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    pub enum Kind, ALL {
        /// CREATE TABLE
        Table = "TABLE",
        /// CREATE VIRTUAL TABLE
        VirtualTable = "VIRTUAL TABLE",
        /// CREATE INDEX
        Index = "INDEX",
        /// CREATE VIEW
        View = "VIEW",
        /// CREATE TRIGGER
        Trigger = "TRIGGER",
    }
}
