//! What becomes of a conflict in what a trigger's statement does, and in all that it fires.
//!
//! The conflict clause of a statement holds for the triggers that it fires, too
//! (<https://www.sqlite.org/lang_createtrigger.html>). Where the table itself has no constraint, nothing of it is in the
//! statement's own program.

use rusqlite::config::DbConfig;

use super::{PROBE, SqliteEquivalence, compiled};
use crate::base::error::Result;
use crate::engine::catalog::columns::columns;
use crate::schema::{Expr, Trigger, TriggerEvent};
use crate::sql::{Affinity, Token, quote, replaced, tokens};

/// A table that fires a statement and nothing else.
const FIRED: &str = "temp.planctl_fired";
const ABORT: &str = "ABORT";

/// The head of an INSERT or UPDATE: where it is, its verb, and what it says of conflicts.
struct Head {
    start: usize,
    end: usize,
    verb: &'static str,
    clause: Option<String>,
}

impl Head {
    /// The heads of a body, in their order.
    fn all(body: &str) -> Vec<Head> {
        let all: Vec<Token<'_>> = tokens(body).collect();
        let is_first = |at: usize| {
            at.checked_sub(1)
                .and_then(|at| all.get(at))
                .is_none_or(|before| before.is_punct(";") || before.is_word("BEGIN"))
        };
        let heads = all.iter().enumerate().filter(|(at, _)| is_first(*at)).filter_map(|(at, first)| {
            let head = |verb, last: &Token<'_>, clause| {
                Some(Head { start: first.start, end: last.end(), verb, clause })
            };
            if first.is_word("REPLACE") {
                return head("INSERT", first, Some("REPLACE".to_owned()));
            }
            let verb = ["INSERT", "UPDATE"].into_iter().find(|verb| first.is_word(verb))?;
            match (all.get(at + 1), all.get(at + 2)) {
                (Some(or), Some(what)) if or.is_word("OR") => {
                    head(verb, what, Some(what.text.to_ascii_uppercase()))
                }
                _ => head(verb, first, None),
            }
        });
        heads.collect()
    }

    fn with(&self, clause: Option<&str>) -> String {
        clause.map_or(self.verb.to_owned(), |clause| format!("{} OR {clause}", self.verb))
    }
}

impl SqliteEquivalence<'_> {
    /// The actual trigger with the conflict clauses of the expected one; `None` where that is another trigger.
    pub(super) fn with_clauses(&self, expected: &Trigger, actual: &Trigger) -> Result<Option<Trigger>> {
        let (wanted, found) = (Head::all(&expected.body.text), Head::all(&actual.body.text));
        if wanted.len() != found.len() {
            return Ok(None);
        }
        for (wanted, found) in wanted.iter().zip(&found).filter(|(a, b)| a.clause != b.clause) {
            if !self.is_idle(actual, found, [wanted.clause.as_deref(), found.clause.as_deref()])? {
                return Ok(None);
            }
        }
        let clauses = wanted.iter().map(|head| head.clause.as_deref());
        let parts = found.iter().zip(clauses).map(|(head, clause)| (head.start..head.end, head.with(clause)));
        let text = replaced(&actual.body.text, parts);
        Ok(Some(Trigger { body: Expr { text, ..actual.body.clone() }, ..actual.clone() }))
    }

    /// Whether the statement does the same with either clause.
    fn is_idle(&self, trigger: &Trigger, head: &Head, clauses: [Option<&str>; 2]) -> Result<bool> {
        let rest = trigger.body.text.get(head.end..).unwrap_or_default();
        let end = tokens(rest).find(|token| token.is_punct(";")).map_or(rest.len(), |token| token.start);
        let rest = rest.get(..end).unwrap_or_default();
        let [one, other] = clauses.map(|clause| {
            let statement = format!("{}{rest}", head.with(clause));
            compiled(self.alone(trigger, &statement))
        });
        match (one?, other?) {
            (Some(one), Some(other)) => Ok(one == other),
            // What it fires does not compile. Nothing is said more often than what holds anyway.
            _ => Ok(clauses.iter().all(|clause| clause.is_none_or(|clause| clause == ABORT))),
        }
    }

    /// The programs of a statement, and of all that it fires in turn, each once.
    fn alone(&self, trigger: &Trigger, statement: &str) -> rusqlite::Result<Vec<Vec<u8>>> {
        let columns = self.attempt(|scratch| columns(scratch, "main", trigger.table.as_str()))?;
        let columns: Vec<String> = (columns.iter())
            .map(|column| {
                format!("{} {}", quote(&column.name), Affinity::of(&column.declared, false).as_str())
            })
            .collect();
        let (event, firing) = match &trigger.event {
            TriggerEvent::Insert => ("INSERT", format!("INSERT INTO {FIRED} DEFAULT VALUES")),
            TriggerEvent::Delete => ("DELETE", format!("DELETE FROM {FIRED}")),
            TriggerEvent::Update(_) => ("UPDATE", format!("UPDATE {FIRED} SET rowid = 1")),
        };
        self.run(&format!("CREATE TABLE {FIRED} ({})", columns.join(", ")))?;
        let create = format!("CREATE TRIGGER {PROBE} AFTER {event} ON planctl_fired BEGIN {statement}; END");
        let programs = self.with_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true, || {
            self.run(&create)?;
            self.programs(&firing)
        });
        self.run(&format!("DROP TABLE {FIRED}"))?;
        let mut once: Vec<Vec<u8>> = Vec::new();
        for program in programs? {
            if !once.contains(&program) {
                once.push(program);
            }
        }
        Ok(once)
    }
}
