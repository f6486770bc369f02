//! The facts of a page: names are the database's, texts are not escaped.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::rule::AuditRule;

/// A schema as its readers see it. Names are the database's; texts are not escaped.
#[derive(Clone, PartialEq, Eq, Default, Serialize, JsonSchema, Debug)]
pub struct SchemaPage {
    /// What is said of the whole, in paragraphs; an item of a list begins with `- `.
    pub about: Vec<String>,
    /// Settings of the file that are not SQLite's own: name, value.
    pub settings: Vec<Setting>,
    /// By name.
    pub tables: Vec<TablePage>,
    /// By name.
    pub views: Vec<ViewPage>,
}

/// A setting that lives in the database file.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct Setting {
    /// `user_version`, …
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A table.
#[derive(Clone, PartialEq, Eq, Default, Serialize, JsonSchema, Debug)]
pub struct TablePage {
    /// Its name.
    pub name: String,
    /// Its name in the specification, when that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Renamed")]
    pub spec_name: Option<Renamed>,
    /// What is said of it, in paragraphs.
    pub about: Vec<String>,
    /// STRICT, WITHOUT ROWID.
    pub options: Vec<&'static str>,
    /// The module of a virtual table, with its arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub module: Option<String>,
    /// In the order of declaration.
    pub columns: Vec<ColumnEntry>,
    /// PRIMARY KEY, UNIQUE and CHECK.
    pub constraints: Vec<Constraint>,
    /// By name.
    pub indexes: Vec<IndexEntry>,
    /// Its foreign keys.
    pub references: Vec<Reference>,
    /// The foreign keys that lead here.
    pub referenced_by: Vec<Reference>,
    /// By name.
    pub triggers: Vec<TriggerEntry>,
    /// Where it differs from the specification on purpose.
    pub deviations: Vec<DeviationEntry>,
    /// Its statement, where that says more than the fields above.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub sql: Option<String>,
}

/// Another name, and why.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct Renamed {
    /// The name in the specification.
    pub name: String,
    /// Why it is another one.
    pub reason: String,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Default, Serialize, JsonSchema, Debug)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// Its name in the specification, when that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Renamed")]
    pub spec_name: Option<Renamed>,
    /// The declared type; empty when there is none.
    #[serde(rename = "type")]
    pub declared_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// The default, as SQL.
    pub default: Option<String>,
    /// The keys that it is part of, strongest first.
    pub keys: Vec<KeyKind>,
    /// COLLATE
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub collation: Option<String>,
    /// The expression that it is generated from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub generated: Option<String>,
    /// What is said of its values.
    pub comment: Option<String>,
}

/// What kind of key a column is part of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, Debug)]
pub enum KeyKind {
    /// PRIMARY KEY
    #[serde(rename = "PK")]
    Primary,
    /// FOREIGN KEY
    #[serde(rename = "FK")]
    Foreign,
    /// UNIQUE, alone or with others.
    #[serde(rename = "UK")]
    Unique,
}

impl KeyKind {
    /// The two letters that diagrams have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::Primary => "PK",
            KeyKind::Foreign => "FK",
            KeyKind::Unique => "UK",
        }
    }
}

/// A constraint of a table.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct Constraint {
    /// PRIMARY KEY, UNIQUE, CHECK.
    pub kind: &'static str,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What stands in its parentheses, and behind them.
    pub definition: String,
}

/// An index.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct IndexEntry {
    /// Its name.
    pub name: String,
    /// Whether it is UNIQUE.
    pub unique: bool,
    /// Its columns and expressions.
    pub on: String,
    /// WHERE
    #[serde(rename = "where")]
    pub filter: Option<String>,
    /// What is said of it.
    pub about: Vec<String>,
}

/// A foreign key, from either side.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct Reference {
    /// The child's table.
    pub child: String,
    /// The child's columns.
    pub child_columns: Vec<String>,
    /// The parent's table.
    pub parent: String,
    /// The parent's columns.
    pub parent_columns: Vec<String>,
    /// Whether the parent is a table of this schema.
    pub parent_exists: bool,
    /// ON DELETE
    pub on_delete: &'static str,
    /// ON UPDATE
    pub on_update: &'static str,
    /// DEFERRABLE INITIALLY DEFERRED
    pub deferred: bool,
    /// Whether a child can be without a parent: one of its columns may be NULL.
    pub optional: bool,
    /// Whether a parent has one child at most: the child's columns are unique.
    pub unique: bool,
}

/// A trigger.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct TriggerEntry {
    /// Its name.
    pub name: String,
    /// `AFTER UPDATE OF a, b WHEN …`
    pub event: String,
    /// What is said of it.
    pub about: Vec<String>,
    /// Its statement.
    pub sql: String,
}

/// A difference that is meant.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema, Debug)]
pub struct DeviationEntry {
    /// The rule that would report it.
    pub rule: AuditRule,
    /// The column or object.
    pub name: Option<String>,
    /// What the specification says.
    pub expected: Option<String>,
    /// What is here.
    pub actual: Option<String>,
    /// Why.
    pub reason: String,
}

/// A view.
#[derive(Clone, PartialEq, Eq, Default, Serialize, JsonSchema, Debug)]
pub struct ViewPage {
    /// Its name.
    pub name: String,
    /// What is said of it, in paragraphs.
    pub about: Vec<String>,
    /// Its statement.
    pub sql: String,
    /// Its triggers.
    pub triggers: Vec<TriggerEntry>,
}
