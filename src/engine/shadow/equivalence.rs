//! Equality of meaning, asked of SQLite: both texts are compiled on the same shadow database, and the programs are
//! compared (<https://www.sqlite.org/opcode.html>).
//!
//! Same program on the same schema, same behaviour. What `EXPLAIN` does not print in full is compared in the text:
//! blobs, floating-point literals and long names of collations.

mod conflicts;

use std::borrow::Cow;
use std::collections::HashMap;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;

use crate::base::error::Result;
use crate::base::job::Job;
use crate::diff::{Compiled, DefaultOf, Equivalence};
use crate::engine::Fault;
use crate::engine::catalog::columns::columns;
use crate::engine::catalog::inspect::main_name;
use crate::engine::connection::connect;
use crate::engine::connection::stubs;
use crate::engine::diagnosis::{errors, fault};
use crate::schema::{Ident, Trigger, TriggerEvent, View};
use crate::sql::{Affinity, Kind, Token, quote, same_tokens, tokens};

/// Asks a shadow database that holds the expected schema.
pub(crate) struct SqliteEquivalence<'c> {
    scratch: &'c Connection,
    job: Job<'c>,
    /// The programs of expressions, of which each is compared with several; `None` of one that SQLite refuses.
    known: HashMap<String, Option<Vec<u8>>>,
}

/// More are not kept.
const MOST_PROGRAMS: usize = 500;

const PROBE: &str = "temp.planctl_probe";

impl<'c> SqliteEquivalence<'c> {
    /// One that compiles on `scratch`, an in-memory database that nothing else uses meanwhile.
    pub(crate) fn new(scratch: &'c Connection, job: Job<'c>) -> SqliteEquivalence<'c> {
        SqliteEquivalence { scratch, job, known: HashMap::new() }
    }

    /// What `work` gives, once what it misses is stood in for.
    fn attempt<T>(&self, work: impl FnMut(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        connect::check(self.job)?;
        stubs::providing(self.scratch, work)
    }

    /// Compiles reading a view of the shadow database.
    pub(crate) fn compile_view(&self, view: &View) -> rusqlite::Result<()> {
        let statement = format!("SELECT * FROM {}", main_name(&view.name));
        self.attempt(|scratch| scratch.prepare(&statement).map(drop))
    }

    /// Compiles what a trigger does, as a statement that fires it and no other would.
    pub(crate) fn compile_trigger(&self, trigger: &Trigger) -> rusqlite::Result<()> {
        // What a foreign key of the table misses is not the trigger's fault.
        self.with_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false, || {
            self.with_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false, || self.probe_trigger(trigger))
        })
        .map(drop)
    }

    /// The program of a statement, with those of the triggers that it fires, if it compiles.
    fn program(&self, statement: &str) -> rusqlite::Result<Vec<u8>> {
        self.programs(statement).map(|programs| programs.concat())
    }

    /// The program of a statement, and that of each trigger that it fires.
    fn programs(&self, statement: &str) -> rusqlite::Result<Vec<Vec<u8>>> {
        self.attempt(|scratch| {
            let mut explained = scratch.prepare(&format!("EXPLAIN {}", plain_literals(statement)))?;
            let mut rows = explained.query([])?;
            let mut programs: Vec<Vec<u8>> = Vec::new();
            while let Some(row) = rows.next()? {
                // addr, opcode, p1, p2, p3, p4, p5, comment.
                if row.get_ref(0)? == ValueRef::Integer(0) {
                    programs.push(Vec::new());
                }
                let Some(program) = programs.last_mut() else { continue };
                let opcode = row.get_ref(1)?.as_bytes()?;
                program.extend_from_slice(opcode);
                // What these print is the text of the statement or an alias in it, or counts changes of the schema.
                if matches!(opcode, b"Explain" | b"Init" | b"Trace" | b"Transaction") {
                    continue;
                }
                for column in 2..7 {
                    match row.get_ref(column)? {
                        ValueRef::Integer(n) => program.extend_from_slice(&n.to_le_bytes()),
                        ValueRef::Text(text) => program.extend_from_slice(text),
                        _ => {}
                    }
                    program.push(0);
                }
            }
            Ok(programs)
        })
    }

    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        let statement = plain_literals(statement);
        self.attempt(|scratch| scratch.execute_batch(&statement))
    }

    /// The program of reading every column of a view made of `columns` and `select`, and its column names.
    fn view_program(&self, view: &View) -> rusqlite::Result<(Vec<String>, Vec<u8>)> {
        let columns = view.columns.as_ref().map_or(String::new(), |columns| {
            let names: Vec<_> = columns.iter().map(|name| quote(name.as_str())).collect();
            format!("({})", names.join(", "))
        });
        self.run(&format!("CREATE TEMP VIEW planctl_probe{columns} AS {}", view.select.text))?;
        let names = self.attempt(|scratch| {
            let statement = scratch.prepare(&format!("SELECT * FROM {PROBE}"))?;
            Ok(statement.column_names().map(str::to_owned).collect::<Vec<String>>())
        });
        let program = names.and_then(|names| {
            // A comparison of each column shows its affinity and collation, which reading alone does not.
            let compared: String = names.iter().map(|name| format!(", {0} < ''", quote(name))).collect();
            let program = self.program(&format!("SELECT *{compared} FROM {PROBE}"))?;
            Ok((names, program))
        });
        self.run(&format!("DROP VIEW {PROBE}"))?;
        program
    }

    /// The program of a statement that fires a trigger. With `others`, also what its body fires in turn, for that is part
    /// of what it does. Without, no other trigger fires, so that what those need and do not have is not in the way: with
    /// triggers off, those of the temporary schema still fire
    /// (<https://www.sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenabletrigger>).
    fn trigger_program(&self, trigger: &Trigger, others: bool) -> rusqlite::Result<Vec<u8>> {
        self.with_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, others, || self.probe_trigger(trigger))
    }

    fn with_config<T>(&self, config: DbConfig, value: bool, work: impl FnOnce() -> T) -> T {
        let before = self.scratch.db_config(config);
        let set = self.scratch.set_db_config(config, value);
        let result = work();
        if let (Ok(before), Ok(_)) = (before, set) {
            // It worked a moment ago; were it to fail, later answers would err on the safe side.
            let _ = self.scratch.set_db_config(config, before);
        }
        result
    }

    fn probe_trigger(&self, trigger: &Trigger) -> rusqlite::Result<Vec<u8>> {
        let (create, firing) = self.firing(trigger)?;
        self.attempt(|scratch| scratch.execute_batch(&create))?;
        let program = self.program(&firing);
        self.run(&format!("DROP TRIGGER {PROBE}"))?;
        program
    }

    /// What makes a temporary copy of a trigger, and what fires it.
    fn firing(&self, trigger: &Trigger) -> rusqlite::Result<(String, String)> {
        let table = main_name(&trigger.table);
        let (event, firing) = match &trigger.event {
            TriggerEvent::Insert => ("INSERT", format!("INSERT INTO {table} DEFAULT VALUES")),
            TriggerEvent::Delete => ("DELETE", format!("DELETE FROM {table}")),
            TriggerEvent::Update(_) => ("UPDATE", self.update_all(&trigger.table)?),
        };
        let when = trigger.when.as_ref().map_or(String::new(), |when| format!("WHEN {}", when.text));
        let create = format!(
            "CREATE TEMP TRIGGER planctl_probe {} {event} ON {table} FOR EACH ROW {when} {}",
            trigger.timing.as_str(),
            trigger.body.text
        );
        Ok((create, firing))
    }

    /// `UPDATE t SET a = a, b = b, …` over all columns that can be written.
    fn update_all(&self, table: &Ident) -> rusqlite::Result<String> {
        let columns = self.attempt(|scratch| columns(scratch, "main", table.as_str()))?;
        let written = columns.iter().filter(|column| !column.is_generated());
        let sets: Vec<_> = written.map(|column| format!("{0} = {0}", quote(&column.name))).collect();
        Ok(format!("UPDATE {} SET {}", main_name(table), sets.join(", ")))
    }
}

/// What both sides compile to is the same. What SQLite refuses is the same as nothing.
fn same_programs<T: PartialEq>(
    expected: rusqlite::Result<T>,
    actual: impl FnOnce() -> rusqlite::Result<T>,
) -> Result<bool> {
    let Some(expected) = compiled(expected)? else { return Ok(false) };
    Ok(compiled(actual())?.is_some_and(|actual| actual == expected))
}

/// What came of it, unless SQLite refuses it. To be stopped is no refusal.
fn compiled<T>(result: rusqlite::Result<T>) -> Result<Option<T>> {
    errors::answer(result).map_err(|_| errors::interrupted())
}

impl Equivalence for SqliteEquivalence<'_> {
    fn same_expression(&mut self, table: &Ident, expected: &str, actual: &str) -> Result<bool> {
        if !same_unprinted(expected, actual) {
            return Ok(false);
        }
        let table = main_name(table);
        if self.known.len() > MOST_PROGRAMS {
            self.known.clear();
        }
        let mut programs = [expected, actual].map(|expr| {
            // An index on the very expression would be read instead of computing it.
            (format!("SELECT ({expr}), ({expr}) < '' FROM {table} NOT INDEXED"), None)
        });
        for (statement, found) in &mut programs {
            if !self.known.contains_key(statement) {
                let program = compiled(self.program(statement))?;
                self.known.insert(statement.clone(), program);
            }
            *found = self.known.get(statement).cloned().flatten();
            if found.is_none() {
                return Ok(false);
            }
        }
        let [(_, expected), (_, actual)] = programs;
        Ok(expected == actual)
    }

    fn same_default(
        &mut self,
        column: DefaultOf<'_>,
        expected: Option<&str>,
        actual: Option<&str>,
    ) -> Result<bool> {
        let (expected, actual) = (expected.unwrap_or("NULL"), actual.unwrap_or("NULL"));
        if let (Some(expected), Some(actual)) = (literal(expected), literal(actual)) {
            let affinity = Affinity::of(column.declared_type, column.strict);
            // A number may be what some text is stored as.
            if !affinity.is_numeric() || expected.is_none() || actual.is_none() {
                return Ok(expected == actual);
            }
        }
        if is_constant(expected) && is_constant(actual) {
            let same = compiled(self.same_stored_value(column, expected, actual))?;
            return Ok(same.unwrap_or(false));
        }
        if !same_unprinted(expected, actual) {
            return Ok(false);
        }
        let probe = |expr: &str| self.program(&format!("SELECT {expr}"));
        same_programs(probe(expected), || probe(actual))
    }

    fn same_view(&mut self, expected: &View, actual: &View) -> Result<bool> {
        let (expected_text, actual_text) = (&expected.select.text, &actual.select.text);
        if !same_unprinted(expected_text, actual_text) || !same_clauses(expected_text, actual_text) {
            return Ok(false);
        }
        // A list names the columns whatever the expressions say.
        let unnamed = expected.columns.is_none() && actual.columns.is_none();
        let Some((expected_names, expected)) = compiled(self.view_program(expected))? else {
            return Ok(false);
        };
        let Some((actual_names, actual)) = compiled(self.view_program(actual))? else { return Ok(false) };
        Ok(expected == actual
            && expected_names.len() == actual_names.len()
            && expected_names.iter().zip(&actual_names).all(|(a, b)| {
                a.eq_ignore_ascii_case(b)
                    || (unnamed
                        && is_spelled_out(a, expected_text)
                        && is_spelled_out(b, actual_text)
                        && same_spelling(a, b))
            }))
    }

    fn same_trigger(&mut self, expected: &Trigger, actual: &Trigger) -> Result<bool> {
        let when = |trigger: &Trigger| trigger.when.as_ref().map_or(String::new(), |when| when.text.clone());
        let text = |trigger: &Trigger| format!("{} {}", when(trigger), trigger.body.text);
        let (expected_text, actual_text) = (text(expected), text(actual));
        if !same_unprinted(&expected_text, &actual_text) || !same_clauses(&expected_text, &actual_text) {
            return Ok(false);
        }
        let Some(actual) = self.with_clauses(expected, actual)? else { return Ok(false) };
        match compiled(self.trigger_program(expected, true))? {
            Some(program) => {
                let other = compiled(self.trigger_program(&actual, true))?;
                Ok(other.is_some_and(|other| other == program))
            }
            None => {
                same_programs(self.trigger_program(expected, false), || self.trigger_program(&actual, false))
            }
        }
    }

    fn string_in_double_quotes(&mut self, text: Compiled<'_>) -> Result<Option<String>> {
        self.with_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false, || {
            self.with_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false, || {
                self.with_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false, || self.refused_name(text))
            })
        })
    }
}

impl SqliteEquivalence<'_> {
    /// The name that SQLite refuses as soon as it takes nothing in double quotes for a string.
    fn refused_name(&self, text: Compiled<'_>) -> Result<Option<String>> {
        let attempt = || -> rusqlite::Result<()> {
            connect::check(self.job)?;
            match text {
                Compiled::Expression(table, expr) => {
                    self.scratch.prepare(&format!("SELECT {expr} FROM {}", main_name(table))).map(drop)
                }
                Compiled::View(view) => self.scratch.prepare(&view.select.text).map(drop),
                Compiled::Trigger(trigger) => {
                    let (create, firing) = self.firing(trigger)?;
                    self.scratch.execute_batch(&create)?;
                    let fired = self.scratch.prepare(&firing).map(drop);
                    self.scratch.execute_batch(&format!("DROP TRIGGER {PROBE}"))?;
                    fired
                }
            }
        };
        let Err(error) = attempt() else { return Ok(None) };
        if errors::is_interrupt(&error) {
            return Err(errors::interrupted());
        }
        Ok(match fault::of(&error) {
            Fault::StringInQuotes(name) => Some(name),
            _ => None,
        })
    }

    /// Lets SQLite store both defaults in a column of that type, and compares what is there.
    fn same_stored_value(
        &self,
        column: DefaultOf<'_>,
        expected: &str,
        actual: &str,
    ) -> rusqlite::Result<bool> {
        let declared = Affinity::of(column.declared_type, column.strict).as_str();
        let create = format!(
            "CREATE TEMP TABLE planctl_probe(a {declared} DEFAULT {expected}, b {declared} DEFAULT {actual})"
        );
        self.run(&create)?;
        let same = self.attempt(|scratch| {
            scratch.execute_batch(&format!("INSERT INTO {PROBE} DEFAULT VALUES"))?;
            let same =
                format!("SELECT a IS b AND typeof(a) = typeof(b) AND quote(a) = quote(b) FROM {PROBE}");
            scratch.query_row(&same, [], |row| row.get(0))
        });
        self.run(&format!("DROP TABLE {PROBE}"))?;
        same
    }
}

/// The statement with all blobs, numbers and types of CAST in lower case: to see whether two expressions are the same one
/// (an index's, a term of GROUP BY), SQLite compares them by their letters.
fn plain_literals(statement: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(statement);
    let mut lower = |token: &Token<'_>| {
        if token.text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            plain.to_mut().replace_range(token.start..token.end(), &token.text.to_ascii_lowercase());
        }
    };
    // For each parenthesis that is open: whether it is a CAST's, and whether its AS has come.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut behind_cast = false;
    for token in tokens(statement) {
        match token.kind {
            Kind::Blob | Kind::Number => lower(&token),
            Kind::Word if open.last() == Some(&(true, true)) => lower(&token),
            Kind::Word if token.is_word("AS") => {
                if let Some(group) = open.last_mut() {
                    group.1 = true;
                }
            }
            _ if token.is_punct("(") => open.push((behind_cast, false)),
            _ if token.is_punct(")") => drop(open.pop()),
            _ => {}
        }
        behind_cast = token.is_word("CAST");
    }
    plain
}

/// Whether the name of a view's column is the text of its expression, for want of a name: then it is no single token of
/// the SELECT. How that text is spelled makes no difference.
fn is_spelled_out(name: &str, select: &str) -> bool {
    tokens(select).all(|token| !token.can_be_name() || !token.unquoted().eq_ignore_ascii_case(name))
}

/// Whether two expressions that compile to the same program are written alike, parentheses apart.
fn same_spelling(a: &str, b: &str) -> bool {
    let bare = |text: &str| -> String {
        let parts = tokens(text).filter(|token| !token.is_punct("(") && !token.is_punct(")"));
        parts.map(|token| token.text).collect::<Vec<_>>().join(" ")
    };
    same_tokens(&bare(a), &bare(b))
}

/// The text of a default that is a string, and nothing of one that is NULL; `None` of any other.
fn literal(default: &str) -> Option<Option<String>> {
    let mut within = tokens(default).filter(|token| !token.is_punct("(") && !token.is_punct(")"));
    let token = within.next().filter(|_| within.next().is_none())?;
    match token.kind {
        Kind::String => Some(Some(token.unquoted())),
        Kind::Word if token.is_word("NULL") => Some(None),
        _ => None,
    }
}

/// Whether a default is the same each time: it calls nothing and asks for no time.
fn is_constant(default: &str) -> bool {
    let mut found = tokens(default).peekable();
    while let Some(token) = found.next() {
        let calls = found.peek().is_some_and(|next| next.is_punct("(")) && token.can_be_name();
        let asks_time = token.kind == Kind::Word
            && ["current_time", "current_date", "current_timestamp"]
                .iter()
                .any(|word| token.text.eq_ignore_ascii_case(word));
        if calls || asks_time {
            return false;
        }
    }
    true
}

/// Whether what a printed program abbreviates is the same in both texts: it shows 16 digits of a floating-point number,
/// 18 letters of a collation and nothing of a blob.
fn same_unprinted(a: &str, b: &str) -> bool {
    let unprinted = |text| {
        let mut behind_collate = false;
        tokens(text).filter_map(move |token| {
            let is_collation = behind_collate;
            behind_collate = token.is_word("COLLATE");
            match token.kind {
                Kind::Blob => Some(Unprinted::Text(token.text.to_ascii_lowercase())),
                Kind::Number => float(token.text).map(Unprinted::Float),
                _ if is_collation && token.text.len() > 18 => {
                    Some(Unprinted::Text(token.unquoted().to_ascii_lowercase()))
                }
                _ => None,
            }
        })
    };
    unprinted(a).eq(unprinted(b))
}

/// Whether both texts have the same clauses. On a database without statistics a plan may make one superfluous, so that
/// it leaves no trace in the program: rows come in the order of the rowid without ORDER BY, too, as long as no index
/// looks cheaper.
fn same_clauses(a: &str, b: &str) -> bool {
    const CLAUSES: [&str; 12] = [
        "CROSS", "DESC", "DISTINCT", "FULL", "GROUP", "HAVING", "LEFT", "LIMIT", "NULLS", "OFFSET", "ORDER",
        "RIGHT",
    ];
    let clauses = |text| {
        tokens(text)
            .filter(|token| token.kind == Kind::Word)
            .filter_map(|token| CLAUSES.into_iter().find(|clause| token.text.eq_ignore_ascii_case(clause)))
    };
    clauses(a).eq(clauses(b))
}

#[derive(PartialEq)]
enum Unprinted {
    Text(String),
    Float(u64),
}

/// The bits of a numeric literal that is no 64-bit integer.
fn float(literal: &str) -> Option<u64> {
    let digits = literal.replace('_', "");
    let is_hexadecimal = digits.len() > 1 && digits.as_bytes()[1].eq_ignore_ascii_case(&b'x');
    if is_hexadecimal || digits.parse::<i64>().is_ok() {
        return None;
    }
    digits.parse::<f64>().ok().map(f64::to_bits)
}
