//! Views and triggers that plainly compile: each name in them is a column of what they read.
//!
//! An audit asks this of every view and trigger, and asks SQLite only about the others. So it knows the plain forms alone
//! (columns, literals, operators, joins of tables by their names), and whatever else it meets is not plain: an answer of
//! `true` is certain, one of `false` says nothing.

use std::borrow::Cow;

use crate::schema::{Ident, Schema, Table, Trigger, TriggerEvent, View};
use crate::sql::{Kind, Token, is_keyword, tokens};

/// Whether `view` is a SELECT over tables of `schema` that is certain to compile.
pub fn plainly_compiles(schema: &Schema, view: &View) -> bool {
    view.unread.is_none()
        && view.columns.is_none()
        && Reader::new(schema, &view.select.text).is_some_and(|mut reader| reader.select().is_some())
}

/// Whether `trigger` is on a table of `schema`, and everything that it does is certain to compile.
pub fn plainly_fires(schema: &Schema, trigger: &Trigger) -> bool {
    fires(schema, trigger).is_some()
}

fn fires(schema: &Schema, trigger: &Trigger) -> Option<()> {
    let table = ordinary(schema, trigger.table.as_str())?;
    let (new, old) = match &trigger.event {
        TriggerEvent::Insert => (true, false),
        TriggerEvent::Delete => (false, true),
        TriggerEvent::Update(columns) => {
            if columns.iter().any(|column| table.column(column).is_none()) {
                return None;
            }
            (true, true)
        }
    };
    let rows = [("new", new), ("old", old)].into_iter().filter(|(_, there)| *there);
    let rows: Vec<Source<'_>> =
        rows.map(|(name, _)| Source { name: Cow::Borrowed(name), table, is_row: true }).collect();
    if let Some(when) = &trigger.when {
        let mut reader = Reader::new(schema, &when.text)?;
        reader.sources.clone_from(&rows);
        reader.expression()?;
        reader.end()?;
    }
    let mut reader = Reader::new(schema, &trigger.body.text)?;
    reader.word("BEGIN")?;
    while !reader.eat_word("END") {
        reader.sources.clone_from(&rows);
        reader.statement()?;
        reader.punct(";")?;
    }
    reader.end()
}

/// More tokens than this are not plain: what SQLite limits (the depth of an expression, the tables of a join) is far away.
const MOST_TOKENS: usize = 400;

/// Likewise for the columns that `*` comes to.
const MOST_COLUMNS: usize = 500;

struct Reader<'a> {
    schema: &'a Schema,
    tokens: Vec<Token<'a>>,
    at: usize,
    /// What columns are looked up in.
    sources: Vec<Source<'a>>,
    /// Names that the result gives to its columns, once they count.
    aliases: Vec<Cow<'a, str>>,
}

#[derive(Clone)]
struct Source<'a> {
    name: Cow<'a, str>,
    table: &'a Table,
    /// Whether it is the row of a trigger, whose columns need its name in front.
    is_row: bool,
}

/// A table whose columns are known.
fn ordinary<'a>(schema: &'a Schema, name: &str) -> Option<&'a Table> {
    schema.tables.get(&Ident::from(name)).filter(|table| !table.is_virtual() && table.unread.is_none())
}

impl<'a> Reader<'a> {
    fn new(schema: &'a Schema, text: &'a str) -> Option<Reader<'a>> {
        let mut found = Vec::with_capacity(text.len() / 4 + 8);
        found.extend(tokens(text).take(MOST_TOKENS + 1));
        let is_short = found.len() <= MOST_TOKENS;
        is_short.then(|| Reader { schema, tokens: found, at: 0, sources: Vec::new(), aliases: Vec::new() })
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_word(word));
        self.at += usize::from(found);
        found
    }

    fn eat_punct(&mut self, punct: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_punct(punct));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.eat_word(word).then_some(())
    }

    fn punct(&mut self, punct: &str) -> Option<()> {
        self.eat_punct(punct).then_some(())
    }

    fn end(&self) -> Option<()> {
        (self.at == self.tokens.len()).then_some(())
    }

    /// A name where nothing but a name can stand, or where only one that is known will do.
    fn name(&mut self) -> Option<Cow<'a, str>> {
        let token = self.peek()?;
        let name = match token.kind {
            Kind::Word => Cow::Borrowed(token.text),
            Kind::Quoted => Cow::Owned(token.unquoted()),
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    /// A name where a keyword may stand as well.
    fn optional_name(&mut self) -> Option<Cow<'a, str>> {
        let token = self.peek()?;
        if token.kind == Kind::Word && is_keyword(token.text) { None } else { self.name() }
    }

    fn table(&mut self) -> Option<(Cow<'a, str>, &'a Table)> {
        let name = self.name()?;
        let table = ordinary(self.schema, &name)?;
        Some((name, table))
    }

    fn select(&mut self) -> Option<()> {
        self.word("SELECT")?;
        self.eat_word("DISTINCT");
        let items = self.at;
        self.skip_to(|token| token.is_word("FROM"));
        let from = self.at;
        self.from(true)?;
        self.at = items;
        self.items()?;
        if self.at != from {
            return None;
        }
        self.from(false)?;
        if self.eat_word("WHERE") {
            self.expression()?;
        }
        if self.eat_word("ORDER") {
            self.word("BY")?;
            self.aliases_count(items, from);
            loop {
                // A number is the place of a column.
                let is_name =
                    self.peek().is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted));
                is_name.then_some(())?;
                self.expression()?;
                if !self.eat_word("ASC") {
                    self.eat_word("DESC");
                }
                if !self.eat_punct(",") {
                    break;
                }
            }
        }
        if self.eat_word("LIMIT") {
            (self.next()?.kind == Kind::Number).then_some(())?;
        }
        self.end()
    }

    /// Goes on to the first token that stands in no parentheses and ends what is passed over.
    fn skip_to(&mut self, is_end: impl Fn(&Token<'_>) -> bool) {
        let mut depth = 0usize;
        while let Some(token) = self.peek() {
            if depth == 0 && is_end(&token) {
                return;
            }
            if token.is_punct("(") {
                depth += 1;
            } else if token.is_punct(")") {
                depth = depth.saturating_sub(1);
            }
            self.at += 1;
        }
    }

    /// FROM and its tables. What stands behind ON is read once all tables are known.
    fn from(&mut self, first: bool) -> Option<()> {
        self.word("FROM")?;
        loop {
            let name = self.name()?;
            let alias = if self.eat_word("AS") { Some(self.name()?) } else { self.optional_name() };
            if first {
                let table = ordinary(self.schema, &name)?;
                let name = alias.unwrap_or(name);
                let is_new = self.sources.iter().all(|source| !source.name.eq_ignore_ascii_case(&name));
                is_new.then_some(())?;
                self.sources.push(Source { name, table, is_row: false });
            }
            if self.eat_word("ON") {
                if first {
                    let words = ["JOIN", "INNER", "CROSS", "LEFT", "WHERE", "ORDER", "LIMIT"];
                    self.skip_to(|token| token.is_punct(",") || words.iter().any(|word| token.is_word(word)));
                } else {
                    self.expression()?;
                }
            }
            if self.eat_punct(",") {
                continue;
            }
            let joined = if self.eat_word("LEFT") {
                self.eat_word("OUTER");
                true
            } else {
                self.eat_word("INNER") || self.eat_word("CROSS")
            };
            if !self.eat_word("JOIN") {
                return (!joined).then_some(());
            }
        }
    }

    fn items(&mut self) -> Option<()> {
        let mut columns = 0;
        loop {
            let of_one = match self.tokens.get(self.at..self.at + 3) {
                Some([name, dot, star]) if dot.is_punct(".") && star.is_punct("*") => Some(name.unquoted()),
                _ => None,
            };
            if let Some(name) = of_one {
                let source = self.sources.iter().find(|source| source.name.eq_ignore_ascii_case(&name))?;
                columns += source.table.columns.len();
                self.at += 3;
            } else if self.eat_punct("*") {
                columns += self.sources.iter().map(|source| source.table.columns.len()).sum::<usize>();
            } else {
                columns += 1;
                self.expression()?;
                if self.eat_word("AS") {
                    self.next().filter(Token::can_be_name)?;
                } else if !self.peek().is_some_and(|token| token.is_word("FROM")) {
                    self.optional_name();
                }
            }
            if !self.eat_punct(",") {
                return (columns <= MOST_COLUMNS).then_some(());
            }
        }
    }

    /// From now on the names behind AS count.
    fn aliases_count(&mut self, items: usize, from: usize) {
        let all = self.tokens.get(items..from).unwrap_or_default();
        let named = all.iter().zip(all.iter().skip(1)).filter(|(word, _)| word.is_word("AS"));
        self.aliases = named.map(|(_, name)| Cow::Owned(name.unquoted())).collect();
    }

    /// Up to the first token that continues no expression.
    fn expression(&mut self) -> Option<()> {
        loop {
            while self.eat_word("NOT") || self.eat_punct("-") || self.eat_punct("+") || self.eat_punct("~") {}
            if self.eat_punct("(") {
                self.expression()?;
                self.punct(")")?;
            } else {
                self.operand()?;
            }
            while self.tests_null() || self.tests_list()? {}
            if !self.operator()? {
                return Some(());
            }
        }
    }

    fn at_words(&self, words: &[&str]) -> bool {
        let found = self.tokens.get(self.at..self.at + words.len());
        found.is_some_and(|found| found.iter().zip(words).all(|(token, word)| token.is_word(word)))
    }

    fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        self.at += if found { words.len() } else { 0 };
        found
    }

    /// Behind an operand.
    fn tests_null(&mut self) -> bool {
        let is_word = self.peek().is_some_and(|token| token.kind == Kind::Word);
        is_word && (self.eat_words(&["NOT", "NULL"]) || self.eat_word("ISNULL") || self.eat_word("NOTNULL"))
    }

    /// `IN (…)`, behind an operand.
    fn tests_list(&mut self) -> Option<bool> {
        if !self.eat_word("IN") && !self.eat_words(&["NOT", "IN"]) {
            return Some(false);
        }
        self.punct("(")?;
        while !self.eat_punct(")") {
            self.expression()?;
            self.eat_punct(",");
        }
        Some(true)
    }

    /// What another operand follows, if it comes next.
    fn operator(&mut self) -> Option<bool> {
        const OPERATORS: [&str; 17] =
            ["=", "<>", "!=", "<", "<=", ">", ">=", "==", "+", "-", "*", "/", "%", "||", "&", "|", "<<"];
        let Some(token) = self.peek() else { return Some(false) };
        if token.kind != Kind::Word {
            let found = token.kind == Kind::Punct && OPERATORS.contains(&token.text);
            self.at += usize::from(found);
            return Some(found);
        }
        let is_comparison =
            |word: &Token<'_>| ["LIKE", "GLOB", "BETWEEN"].iter().any(|known| word.is_word(known));
        if token.is_word("NOT") {
            self.at += 1;
            return self.next().filter(is_comparison).map(|_| true);
        }
        if self.eat_word("IS") {
            self.eat_word("NOT");
            return Some(true);
        }
        let found = token.is_word("AND") || token.is_word("OR") || is_comparison(&token);
        self.at += usize::from(found);
        Some(found)
    }

    fn operand(&mut self) -> Option<()> {
        const CONSTANTS: [&str; 6] =
            ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
        let token = self.peek()?;
        let is_constant = match token.kind {
            Kind::String | Kind::Number | Kind::Blob => true,
            Kind::Word => CONSTANTS.iter().any(|constant| token.is_word(constant)),
            _ => false,
        };
        if is_constant {
            self.at += 1;
            return Some(());
        }
        // A keyword that begins an operand of another kind (CASE, CAST, EXISTS) may be called like a column: what follows
        // it continues no expression.
        let name = self.name()?;
        if !self.eat_punct(".") {
            return self.is_column(&name).then_some(());
        }
        let column = self.name()?;
        let named = self.sources.iter().find(|source| source.name.eq_ignore_ascii_case(&name))?;
        has(named.table, &column).then_some(())
    }

    fn is_column(&self, name: &str) -> bool {
        let tables = self.sources.iter().filter(|source| !source.is_row);
        match tables.filter(|source| has(source.table, name)).count() {
            1 => true,
            0 => self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name)),
            _ => false,
        }
    }

    /// A statement of a trigger.
    fn statement(&mut self) -> Option<()> {
        if self.eat_word("UPDATE") {
            let table = self.target()?;
            self.word("SET")?;
            loop {
                let column = self.name()?;
                can_be_written(table, &column).then_some(())?;
                self.punct("=")?;
                self.expression()?;
                if !self.eat_punct(",") {
                    break;
                }
            }
        } else if self.eat_word("DELETE") {
            self.word("FROM")?;
            self.target()?;
        } else if self.eat_word("INSERT") {
            self.word("INTO")?;
            return self.insert();
        } else {
            self.word("SELECT")?;
            self.word("RAISE")?;
            self.punct("(")?;
            if !self.eat_word("IGNORE") {
                (self.eat_word("ABORT") || self.eat_word("FAIL") || self.eat_word("ROLLBACK"))
                    .then_some(())?;
                self.punct(",")?;
                (self.next()?.kind == Kind::String).then_some(())?;
            }
            self.punct(")")?;
        }
        if self.eat_word("WHERE") {
            self.expression()?;
        }
        Some(())
    }

    /// The table that a statement writes to, in which it also looks up columns.
    fn target(&mut self) -> Option<&'a Table> {
        let (name, table) = self.table()?;
        // `new` and `old` are rows of the trigger.
        let is_new = self.sources.iter().all(|source| !source.name.eq_ignore_ascii_case(&name));
        is_new.then_some(())?;
        self.sources.push(Source { name, table, is_row: false });
        Some(table)
    }

    fn insert(&mut self) -> Option<()> {
        let (_, table) = self.table()?;
        let mut columns = 0;
        if self.eat_punct("(") {
            loop {
                let column = self.name()?;
                can_be_written(table, &column).then_some(())?;
                columns += 1;
                if !self.eat_punct(",") {
                    break;
                }
            }
            self.punct(")")?;
        } else {
            columns = table.columns.iter().filter(|column| column.generated.is_none()).count();
        }
        self.word("VALUES")?;
        self.punct("(")?;
        loop {
            self.expression()?;
            columns = columns.checked_sub(1)?;
            if !self.eat_punct(",") {
                break;
            }
        }
        self.punct(")")?;
        (columns == 0).then_some(())
    }
}

fn has(table: &Table, name: &str) -> bool {
    table.columns.iter().any(|column| column.name == *name)
}

fn can_be_written(table: &Table, name: &str) -> bool {
    let column = table.columns.iter().find(|column| column.name == *name);
    column.is_some_and(|column| column.generated.is_none())
}
