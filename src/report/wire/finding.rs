//! A finding on the wire: the JSON contract of `audit`, `check`, `migrate lint` and `schema diff`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::finding;
use crate::base::rule::RuleCode;
use crate::base::severity::Severity;
use crate::base::source::Location;

/// One thing that is wrong.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Finding {
    /// The rule that it breaks.
    rule: RuleCode,
    severity: Severity,
    /// What it is about, by the names of the specification.
    object: Object,
    /// The same by the names of the database; null where they are the same.
    live_object: Option<Object>,
    /// What the specification says; null where it says nothing.
    expected: Option<String>,
    /// What the database has; null where it has nothing.
    actual: Option<String>,
    /// What is wrong and what to do, in one sentence.
    message: String,
    /// Where the specification, the ledger or the file speaks of it; null where none does.
    spec: Option<Place>,
    /// The ledger's entry that documents it; null when there is none.
    deviation: Option<Deviation>,
    /// Whether it is known drift: `--baseline` has it.
    baseline: bool,
    /// The SQL statements that put it right. The key is absent where it takes a decision, or more than one step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fix: Vec<String>,
    /// The database of planctl.toml that it is about, by its name. The key is absent where there is but one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    database: Option<String>,
}

/// What a finding is about.
#[derive(Serialize, JsonSchema, Debug)]
pub struct Object {
    /// `table`, `column`, `primary-key`, `unique`, `foreign-key`, `check`, `index`, `view`, `trigger`, `pragma`;
    /// `deviation` for an entry of the ledger; `file`, `migration` or `test`.
    kind: &'static str,
    /// The table that it belongs to; null where it belongs to none.
    table: Option<String>,
    /// Its name; of a constraint without one, its columns; null where there is neither.
    name: Option<String>,
}

/// A place in a file.
#[derive(Serialize, JsonSchema, Debug)]
struct Place {
    /// The file, as it was named.
    file: String,
    /// The line, counted from 1.
    line: usize,
    /// The column in characters, counted from 1.
    column: usize,
}

/// A difference that is meant.
#[derive(Serialize, JsonSchema, Debug)]
struct Deviation {
    /// Why it is meant.
    reason: String,
    /// Where to read more; null where the entry does not say.
    link: Option<String>,
}

impl From<&finding::Finding> for Finding {
    fn from(finding: &finding::Finding) -> Finding {
        let place = |at: &Location| Place {
            file: crate::report::finding::file(at),
            line: at.line,
            column: at.column,
        };
        let deviation =
            |excuse: &finding::Excuse| Deviation { reason: excuse.reason.clone(), link: excuse.link.clone() };
        Finding {
            rule: finding.rule,
            severity: finding.severity,
            object: Object::from(&finding.object),
            live_object: finding.live_object.as_ref().map(Object::from),
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            message: finding.sentence().into_owned(),
            spec: finding.location.as_ref().map(place),
            deviation: finding.excuse.as_ref().map(deviation),
            baseline: finding.in_baseline,
            fix: finding.fix.clone(),
            database: finding.database.clone(),
        }
    }
}

impl From<&finding::Object> for Object {
    fn from(object: &finding::Object) -> Object {
        Object { kind: object.kind, table: object.table.clone(), name: object.name.clone() }
    }
}
