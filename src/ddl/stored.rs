//! What SQLite stores of a CREATE statement.

use super::Kind;
use super::clauses::in_order;
use super::cursor::Cursor;
use super::trigger::firing;
use crate::schema::{Ident, Index, Schema, Table, Trigger, View};
use crate::sql::{
    Affinity, Kind as TokenKind, Token, all_tokens, bare_from_name, same_token_sequence, tokens,
};

/// What SQLite keeps of a CREATE statement of the main schema: its kind, then everything from the name on, without what
/// is only for the moment (IF NOT EXISTS, the name of the database).
pub struct Stored<'a> {
    /// What it makes.
    pub kind: Kind,
    /// Its name.
    pub name: Ident,
    /// The table of an index or trigger.
    pub table: Option<Ident>,
    /// The tokens of the statement, without the semicolon at its end.
    pub tokens: Vec<Token<'a>>,
    prefix: &'static str,
    name_start: usize,
    /// From the name to where SQLite's text ends.
    rest: &'a str,
    /// From the name to the last token.
    bare: &'a str,
}

impl<'a> Stored<'a> {
    /// What is stored of `statement`; `None` when it is no CREATE statement of the main schema, or SQLite makes up the
    /// text itself (CREATE TABLE … AS SELECT).
    pub fn of(statement: &'a str) -> Option<Stored<'a>> {
        let mut cursor = Cursor::new(statement);
        if cursor.at_words(&["CREATE", "TEMP"]) || cursor.at_words(&["CREATE", "TEMPORARY"]) {
            return None;
        }
        let unique = cursor.at_words(&["CREATE", "UNIQUE"]);
        let kind = cursor.create_head().ok()?;
        let name = cursor.main_object_name().ok()?;
        let table = match kind {
            Kind::Index => {
                cursor.expect(&["ON"]).ok()?;
                Some(cursor.name().ok()?)
            }
            Kind::Trigger => {
                let (_, _, table) = firing(&mut cursor).ok()?;
                Some(Ident::from(table.unquoted()))
            }
            Kind::Table if !cursor.at_punct("(") => return None,
            _ => None,
        };
        let prefix = match kind {
            Kind::Table => "CREATE TABLE ",
            Kind::VirtualTable => "CREATE VIRTUAL TABLE ",
            Kind::Index if unique => "CREATE UNIQUE INDEX ",
            Kind::Index => "CREATE INDEX ",
            Kind::View => "CREATE VIEW ",
            Kind::Trigger => "CREATE TRIGGER ",
        };
        let all = cursor.into_tokens();
        let last = all.last()?;
        // The semicolon that ends a statement is its last byte, and no part of any other token that is closed.
        let whole = statement.strip_suffix(';').unwrap_or(statement);
        // How far the text goes, white space and comments included, is an accident of SQLite's parser: see pEnd in
        // sqlite3EndTable, sqlite3CreateIndex, sqlite3CreateView, and `cmd ::= createkw trigger_decl` in parse.y.
        let end = match kind {
            Kind::Table if last.is_punct(")") => last.end(),
            Kind::Table | Kind::Index => whole.len(),
            Kind::View => whole.trim_end_matches([' ', '\t', '\n', '\x0B', '\x0C', '\r']).len(),
            Kind::Trigger | Kind::VirtualTable => last.end(),
        };
        let rest = statement.get(name.start..end)?;
        let bare = statement.get(name.start..last.end())?;
        Some(Stored {
            kind,
            name: Ident::from(name.unquoted()),
            table,
            tokens: all,
            prefix,
            name_start: name.start,
            rest,
            bare,
        })
    }

    /// What `schema` has of this kind, under this name.
    pub fn there<'s>(&self, schema: &'s Schema) -> Option<There<'s>> {
        There::find(schema, self.kind, &self.name, self.table.as_ref())
    }

    /// The text as it stands in `sqlite_schema`.
    pub fn sql(&self) -> String {
        format!("{}{}", self.prefix, self.rest)
    }

    /// Whether `stored`, a text of `sqlite_schema`, has the same tokens in whatever spelling, parentheses and order of clauses,
    /// so that SQLite accepts both or neither.
    pub fn has_tokens_of<'s>(&'s self, stored: &'s str) -> bool {
        let name = self.tokens.partition_point(|token| token.start < self.name_start);
        let from_name = self.tokens.get(name..).unwrap_or_default();
        let Some(rest) = stored.strip_prefix(self.prefix) else { return false };
        let has_quotes = rest.contains('"');
        if are_accepted_alike(from_name.iter().copied(), tokens(rest), has_quotes) {
            return true;
        }
        // A module reads its arguments as they stand.
        if self.kind == Kind::VirtualTable {
            return false;
        }
        let stored = all_tokens(rest);
        // What may be left out are parentheses.
        let others = |tokens: &[Token<'_>]| {
            tokens.iter().filter(|token| !token.is_punct("(") && !token.is_punct(")")).count()
        };
        others(from_name) == others(&stored) && {
            let plain = |tokens: Vec<Token<'s>>| match self.kind {
                Kind::Table => in_order(&bare_from_name(tokens)),
                _ => bare_from_name(tokens),
            };
            let [stated, stored] = [plain(from_name.to_vec()), plain(stored)];
            are_accepted_alike(stated.iter().copied(), stored.iter().copied(), has_quotes)
        }
    }

    /// Whether a comment of this statement or of `stored`, one of the same tokens, may give a column another affinity: SQLite takes
    /// it from the text of the type, comments and all.
    pub fn may_have_comment_in_type(&self, statement: &str, stored: &str) -> bool {
        let has_comment = |text: &str| text.contains("--") || text.contains("/*");
        self.kind == Kind::Table
            && (has_comment(statement) && comment_in_type(statement, self.tokens.iter().copied())
                || has_comment(stored) && comment_in_type(stored, tokens(stored)))
    }

    /// The text without its beginning, and without white space and comments at its end.
    pub(super) fn parts(&self) -> (&'static str, &'a str) {
        (self.prefix, self.bare)
    }
}

/// An object of a schema.
#[derive(Clone, Copy)]
pub enum There<'s> {
    /// A table, ordinary or virtual.
    Table(&'s Table),
    /// An index.
    Index(&'s Index),
    /// A view.
    View(&'s View),
    /// A trigger.
    Trigger(&'s Trigger),
}

impl<'s> There<'s> {
    /// The object of that kind and name; of an index, `table` is what it is on.
    pub fn find(schema: &'s Schema, kind: Kind, name: &Ident, table: Option<&Ident>) -> Option<There<'s>> {
        match kind {
            Kind::Table | Kind::VirtualTable => schema.tables.get(name).map(There::Table),
            Kind::View => schema.views.get(name).map(There::View),
            Kind::Trigger => schema.triggers.get(name).map(There::Trigger),
            Kind::Index => schema.tables.get(table?)?.indexes.get(name).map(There::Index),
        }
    }

    /// Its statement.
    pub fn sql(self) -> &'s str {
        match self {
            There::Table(table) => &table.sql,
            There::Index(index) => &index.sql,
            There::View(view) => &view.sql,
            There::Trigger(trigger) => &trigger.sql,
        }
    }
}

/// Whether a comment that would count for the affinity stands where it may be inside a type, which is some words and perhaps
/// numbers in parentheses.
fn comment_in_type<'a>(text: &str, tokens: impl Iterator<Item = Token<'a>>) -> bool {
    let is_one_of = |token: &Token<'_>, all: &[u8]| token.text.bytes().all(|byte| all.contains(&byte));
    let may_be_part = |token: &Token<'_>, puncts| token.kind != TokenKind::Punct || is_one_of(token, puncts);
    let counts = |comment: &str| {
        // Its words have three letters or four.
        comment.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word.len() >= 3)
            && Affinity::of(comment, false) != Affinity::Numeric
    };
    let mut last: Option<Token<'_>> = None;
    for token in tokens {
        if let Some(last) = last.replace(token) {
            let between = text.get(last.end()..token.start).unwrap_or_default();
            // A definition begins or ends there.
            let is_outside =
                is_one_of(&last, b"(,") && token.can_be_name() || last.can_be_name() && token.is_punct(",");
            if !between.bytes().all(|byte| byte.is_ascii_whitespace())
                && may_be_part(&last, b"(,+-")
                && may_be_part(&token, b"(),+-")
                && !is_outside
                && counts(between)
            {
                return true;
            }
        }
    }
    false
}

/// Whether they are the same tokens, so that SQLite accepts both or neither. What is no column is a string in double quotes,
/// and nothing without them.
fn are_accepted_alike<'a>(
    stated: impl Iterator<Item = Token<'a>> + Clone,
    stored: impl Iterator<Item = Token<'a>> + Clone,
    has_quotes: bool,
) -> bool {
    let may_be_string =
        |(stated, stored): (Token<'_>, Token<'_>)| stored.is_double_quoted() && !stated.is_double_quoted();
    same_token_sequence(stated.clone(), stored.clone())
        && !(has_quotes && stated.zip(stored).any(may_be_string))
}
