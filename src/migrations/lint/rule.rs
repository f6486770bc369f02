//! What a rule is, and what it reads and reports.

use std::collections::BTreeSet;

use crate::base::rule::LintRule;
use crate::base::severity::Severity;
use crate::migrations::Version;
use crate::schema::Ident;
use crate::sql::{SqliteVersion, Target, is_rowid_name};

use super::shape::Stmt;
use super::view::{Names, View};

/// What the rules are measured against.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LintOptions {
    /// The oldest SQLite that must be able to run the migrations.
    pub sqlite_version: SqliteVersion,
    /// Where the migrations must run.
    pub target: Target,
    /// The versions that have a migration test, as `super::tested_versions` finds them.
    pub tested: BTreeSet<Version>,
}

/// One lint rule.
pub struct Rule {
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that is wrong and what to do, in a few sentences.
    pub explanation: &'static str,
    pub(super) check: Check,
}

/// Who finds what breaks a rule.
pub(super) enum Check {
    /// The rule itself, in the text.
    Text(fn(&View<'_>, &Context<'_>, &mut Sink<'_>)),
    /// Whoever has the schemas before and after.
    Schema,
    /// The reading of the directives.
    Directive,
}

impl Rule {
    /// Whether the text alone does not show what breaks the rule. An `allow` of such a rule is for its whole file.
    pub fn needs_schema(&self) -> bool {
        matches!(self.check, Check::Schema)
    }
}

/// What a rule may know besides the script.
pub(super) struct Context<'a> {
    pub(super) options: &'a LintOptions,
    pub(super) names: &'a Names,
}

impl Context<'_> {
    /// Whether `name` can be a column in a statement: one of the set, or one that the files do not tell of.
    pub(super) fn may_be_column(&self, name: &Ident, stmt: &Stmt<'_>) -> bool {
        // SQLite's own besides the rowid: the columns of sqlite_schema, sqlite_sequence, json_each and the pragmas' functions.
        const BUILT_IN: &str = "type name tbl_name rootpage sql seq key value atom id parent fullkey path json root rank \
            cid notnull dflt_value pk hidden unique origin partial seqno table from to";
        let knows_table = || {
            let mut words = stmt.tokens.iter().filter(|token| token.can_be_name());
            words.any(|token| self.names.tables.contains(&Ident::new(token.unquoted())))
        };
        self.names.columns.contains(name)
            || is_rowid_name(name.as_str())
            || BUILT_IN.split(' ').any(|own| *name == *own)
            || !knows_table()
    }
}

/// What a rule reports goes here.
pub(super) struct Sink<'a> {
    pub(super) rule: LintRule,
    pub(super) raised: &'a mut Vec<Raised>,
}

/// What breaks a rule: a finding before its place is looked up.
#[derive(Clone)]
pub struct Raised {
    /// The rule.
    pub rule: LintRule,
    /// Where it is not the rule's.
    pub(super) severity: Option<Severity>,
    /// Byte offset in the script.
    pub(super) at: usize,
    /// What is wrong, in one sentence.
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
    /// The statement that closes it, where it takes one and no decision.
    pub(super) fix: Option<String>,
}

impl Sink<'_> {
    /// Reports what stands at a byte offset of the script.
    pub(super) fn report(&mut self, at: usize, message: impl Into<String>, help: impl Into<String>) {
        self.raised.push(Raised::new(self.rule, at, message, help));
    }

    /// The same, where it is not as bad as the rule says, or worse.
    pub(super) fn report_as(
        &mut self,
        severity: Severity,
        at: usize,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let severity = Some(severity);
        self.raised.push(Raised { severity, ..Raised::new(self.rule, at, message, help) });
    }
}

impl Raised {
    /// At a byte offset of the script.
    pub fn new(rule: LintRule, at: usize, message: impl Into<String>, help: impl Into<String>) -> Raised {
        Raised { rule, severity: None, at, message: message.into(), help: help.into(), fix: None }
    }

    /// With the statement that closes it.
    #[must_use]
    pub fn fix(self, statement: Option<String>) -> Raised {
        Raised { fix: statement, ..self }
    }
}
