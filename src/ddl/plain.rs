//! Views and triggers that plainly compile: each name in them is a column of what they read.
//!
//! An audit asks this of every view and trigger, and asks SQLite only about the others. So it knows the plain forms alone
//! (columns, literals, operators, joins of tables by their names), and whatever else it meets is not plain: an answer of
//! `true` is certain, one of `false` says nothing.

use std::borrow::Cow;

use super::cursor::Cursor;
use crate::schema::{Ident, Schema, Table, Trigger, TriggerEvent, View};
use crate::sql::{Kind, Token, is_keyword};

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
        reader.cursor.expect_end().ok()?;
    }
    let mut reader = Reader::new(schema, &trigger.body.text)?;
    reader.cursor.expect(&["BEGIN"]).ok()?;
    while !reader.cursor.eat(&["END"]) {
        reader.sources.clone_from(&rows);
        reader.statement()?;
        reader.cursor.expect_punct(";").ok()?;
    }
    reader.cursor.expect_end().ok()
}

/// More tokens than this are not plain: what SQLite limits (the depth of an expression, the tables of a join) is far away.
const MOST_TOKENS: usize = 400;

/// Likewise for the columns that `*` comes to.
const MOST_COLUMNS: usize = 500;

struct Reader<'a> {
    schema: &'a Schema,
    cursor: Cursor<'a>,
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
        let cursor = Cursor::of_short(text, MOST_TOKENS)?;
        Some(Reader { schema, cursor, sources: Vec::new(), aliases: Vec::new() })
    }

    /// A name where nothing but a name can stand, or where only one that is known will do.
    fn name(&mut self) -> Option<Cow<'a, str>> {
        let token = self.cursor.peek()?;
        let name = match token.kind {
            Kind::Word => Cow::Borrowed(token.text),
            Kind::Quoted => Cow::Owned(token.unquoted()),
            _ => return None,
        };
        self.cursor.next();
        Some(name)
    }

    /// A name where a keyword may stand as well.
    fn optional_name(&mut self) -> Option<Cow<'a, str>> {
        let token = self.cursor.peek()?;
        if token.kind == Kind::Word && is_keyword(token.text) { None } else { self.name() }
    }

    fn table(&mut self) -> Option<(Cow<'a, str>, &'a Table)> {
        let name = self.name()?;
        let table = ordinary(self.schema, &name)?;
        Some((name, table))
    }

    fn select(&mut self) -> Option<()> {
        self.cursor.expect(&["SELECT"]).ok()?;
        self.cursor.eat(&["DISTINCT"]);
        let items = self.cursor.position();
        self.cursor.skip_to(|_, token| token.is_word("FROM"));
        let from = self.cursor.position();
        self.from(true)?;
        self.cursor.go_to(items);
        self.items()?;
        if self.cursor.position() != from {
            return None;
        }
        self.from(false)?;
        if self.cursor.eat(&["WHERE"]) {
            self.expression()?;
        }
        if self.cursor.eat(&["ORDER"]) {
            self.cursor.expect(&["BY"]).ok()?;
            self.aliases_count(items, from);
            loop {
                // A number is the place of a column.
                let is_name =
                    self.cursor.peek().is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted));
                is_name.then_some(())?;
                self.expression()?;
                if !self.cursor.eat(&["ASC"]) {
                    self.cursor.eat(&["DESC"]);
                }
                if !self.cursor.eat_punct(",") {
                    break;
                }
            }
        }
        if self.cursor.eat(&["LIMIT"]) {
            (self.cursor.next()?.kind == Kind::Number).then_some(())?;
        }
        self.cursor.expect_end().ok()
    }

    /// FROM and its tables. What stands behind ON is read once all tables are known.
    fn from(&mut self, first: bool) -> Option<()> {
        self.cursor.expect(&["FROM"]).ok()?;
        loop {
            let name = self.name()?;
            let alias = if self.cursor.eat(&["AS"]) { Some(self.name()?) } else { self.optional_name() };
            if first {
                let table = ordinary(self.schema, &name)?;
                let name = alias.unwrap_or(name);
                let is_new = self.sources.iter().all(|source| !source.name.eq_ignore_ascii_case(&name));
                is_new.then_some(())?;
                self.sources.push(Source { name, table, is_row: false });
            }
            if self.cursor.eat(&["ON"]) {
                if first {
                    let words = ["JOIN", "INNER", "CROSS", "LEFT", "WHERE", "ORDER", "LIMIT"];
                    self.cursor.skip_to(|_, token| {
                        token.is_punct(",") || words.iter().any(|word| token.is_word(word))
                    });
                } else {
                    self.expression()?;
                }
            }
            if self.cursor.eat_punct(",") {
                continue;
            }
            let joined = if self.cursor.eat(&["LEFT"]) {
                self.cursor.eat(&["OUTER"]);
                true
            } else {
                self.cursor.eat(&["INNER"]) || self.cursor.eat(&["CROSS"])
            };
            if !self.cursor.eat(&["JOIN"]) {
                return (!joined).then_some(());
            }
        }
    }

    fn items(&mut self) -> Option<()> {
        let mut columns = 0;
        loop {
            if let Some([name, dot, star]) = self.cursor.ahead().first_chunk()
                && dot.is_punct(".")
                && star.is_punct("*")
            {
                let name = name.unquoted();
                let source = self.sources.iter().find(|source| source.name.eq_ignore_ascii_case(&name))?;
                columns += source.table.columns.len();
                self.cursor.go_to(self.cursor.position() + 3);
            } else if self.cursor.eat_punct("*") {
                columns += self.sources.iter().map(|source| source.table.columns.len()).sum::<usize>();
            } else {
                columns += 1;
                self.expression()?;
                if self.cursor.eat(&["AS"]) {
                    self.cursor.next().filter(Token::can_be_name)?;
                } else if !self.cursor.peek().is_some_and(|token| token.is_word("FROM")) {
                    self.optional_name();
                }
            }
            if !self.cursor.eat_punct(",") {
                return (columns <= MOST_COLUMNS).then_some(());
            }
        }
    }

    /// From now on the names behind AS count.
    fn aliases_count(&mut self, items: usize, from: usize) {
        let all = self.cursor.between(items..from);
        let named = all.iter().zip(all.iter().skip(1)).filter(|(word, _)| word.is_word("AS"));
        self.aliases = named.map(|(_, name)| Cow::Owned(name.unquoted())).collect();
    }

    /// Up to the first token that continues no expression.
    fn expression(&mut self) -> Option<()> {
        loop {
            while self.cursor.eat(&["NOT"])
                || self.cursor.eat_punct("-")
                || self.cursor.eat_punct("+")
                || self.cursor.eat_punct("~")
            {}
            if self.cursor.eat_punct("(") {
                self.expression()?;
                self.cursor.expect_punct(")").ok()?;
            } else {
                self.operand()?;
            }
            while self.tests_null() || self.tests_list()? {}
            if !self.operator()? {
                return Some(());
            }
        }
    }

    /// Behind an operand.
    fn tests_null(&mut self) -> bool {
        let is_word = self.cursor.peek().is_some_and(|token| token.kind == Kind::Word);
        is_word
            && (self.cursor.eat(&["NOT", "NULL"])
                || self.cursor.eat(&["ISNULL"])
                || self.cursor.eat(&["NOTNULL"]))
    }

    /// `IN (…)`, behind an operand.
    fn tests_list(&mut self) -> Option<bool> {
        if !self.cursor.eat(&["IN"]) && !self.cursor.eat(&["NOT", "IN"]) {
            return Some(false);
        }
        self.cursor.expect_punct("(").ok()?;
        while !self.cursor.eat_punct(")") {
            self.expression()?;
            self.cursor.eat_punct(",");
        }
        Some(true)
    }

    /// What another operand follows, if it comes next.
    fn operator(&mut self) -> Option<bool> {
        const OPERATORS: [&str; 17] =
            ["=", "<>", "!=", "<", "<=", ">", ">=", "==", "+", "-", "*", "/", "%", "||", "&", "|", "<<"];
        let Some(token) = self.cursor.peek() else { return Some(false) };
        if token.kind != Kind::Word {
            let found = token.kind == Kind::Punct && OPERATORS.contains(&token.text);
            return Some(found && self.cursor.next().is_some());
        }
        let is_comparison =
            |word: &Token<'_>| ["LIKE", "GLOB", "BETWEEN"].iter().any(|known| word.is_word(known));
        if self.cursor.eat(&["NOT"]) {
            return self.cursor.next().filter(is_comparison).map(|_| true);
        }
        if self.cursor.eat(&["IS"]) {
            self.cursor.eat(&["NOT"]);
            return Some(true);
        }
        let found = token.is_word("AND") || token.is_word("OR") || is_comparison(&token);
        Some(found && self.cursor.next().is_some())
    }

    fn operand(&mut self) -> Option<()> {
        const CONSTANTS: [&str; 6] =
            ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"];
        let token = self.cursor.peek()?;
        let is_constant = match token.kind {
            Kind::String | Kind::Number | Kind::Blob => true,
            Kind::Word => CONSTANTS.iter().any(|constant| token.is_word(constant)),
            _ => false,
        };
        if is_constant {
            self.cursor.next();
            return Some(());
        }
        // A keyword that begins an operand of another kind (CASE, CAST, EXISTS) may be called like a column: what follows
        // it continues no expression.
        let name = self.name()?;
        if !self.cursor.eat_punct(".") {
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
        if self.cursor.eat(&["UPDATE"]) {
            let table = self.target()?;
            self.cursor.expect(&["SET"]).ok()?;
            loop {
                let column = self.name()?;
                can_be_written(table, &column).then_some(())?;
                self.cursor.expect_punct("=").ok()?;
                self.expression()?;
                if !self.cursor.eat_punct(",") {
                    break;
                }
            }
        } else if self.cursor.eat(&["DELETE"]) {
            self.cursor.expect(&["FROM"]).ok()?;
            self.target()?;
        } else if self.cursor.eat(&["INSERT"]) {
            self.cursor.expect(&["INTO"]).ok()?;
            return self.insert();
        } else {
            self.cursor.expect(&["SELECT"]).ok()?;
            self.cursor.expect(&["RAISE"]).ok()?;
            self.cursor.expect_punct("(").ok()?;
            if !self.cursor.eat(&["IGNORE"]) {
                (self.cursor.eat(&["ABORT"]) || self.cursor.eat(&["FAIL"]) || self.cursor.eat(&["ROLLBACK"]))
                    .then_some(())?;
                self.cursor.expect_punct(",").ok()?;
                (self.cursor.next()?.kind == Kind::String).then_some(())?;
            }
            self.cursor.expect_punct(")").ok()?;
        }
        if self.cursor.eat(&["WHERE"]) {
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
        if self.cursor.eat_punct("(") {
            loop {
                let column = self.name()?;
                can_be_written(table, &column).then_some(())?;
                columns += 1;
                if !self.cursor.eat_punct(",") {
                    break;
                }
            }
            self.cursor.expect_punct(")").ok()?;
        } else {
            columns = table.columns.iter().filter(|column| column.generated.is_none()).count();
        }
        self.cursor.expect(&["VALUES"]).ok()?;
        self.cursor.expect_punct("(").ok()?;
        loop {
            self.expression()?;
            columns = columns.checked_sub(1)?;
            if !self.cursor.eat_punct(",") {
                break;
            }
        }
        self.cursor.expect_punct(")").ok()?;
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
