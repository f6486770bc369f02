//! Names in Python for what a schema has.

use std::collections::BTreeMap;

use super::table::KeySaid;
use crate::models::facts::{Facts, Identity, Model};
use crate::models::names::{NamesTaken, camel, snake};
use crate::models::value::{Literal, Value};
use crate::schema::Ident;

/// Every name of a module.
pub(super) struct Names<'a> {
    /// In the order of the tables.
    pub(super) classes: Vec<Class<'a>>,
    /// Name and values of each enum.
    pub(super) enums: Vec<(String, &'a [Literal])>,
    /// What is taken in each class.
    pub(super) taken: Vec<NamesTaken>,
}

impl<'a> Names<'a> {
    pub(super) fn of(facts: &'a Facts<'a>) -> Names<'a> {
        let mut of_module = NamesTaken::new(OF_MODULE);
        let named: Vec<String> =
            facts.models.iter().map(|model| of_module.take(&camel(model.table.name.as_str()))).collect();
        let (mut enums, mut choices): (Vec<(String, &[Literal])>, Vec<_>) = (Vec::new(), Vec::new());
        for (model, name) in facts.models.iter().zip(&named) {
            let mut of_class = BTreeMap::new();
            for field in &model.fields {
                if let Value::OneOf(literals) = &field.value {
                    let choice = of_module.take(&format!("{name}{}", camel(field.column.name.as_str())));
                    enums.push((choice.clone(), literals));
                    of_class.insert(field.column.name.clone(), choice);
                }
            }
            choices.push(of_class);
        }
        let in_module = named.iter().chain(enums.iter().map(|(name, _)| name)).map(String::as_str);
        let reserved: Vec<&str> = OF_CLASS.into_iter().chain(in_module).collect();
        let (mut classes, mut taken) = (Vec::new(), Vec::new());
        for ((model, name), choices) in facts.models.iter().zip(&named).zip(choices) {
            let mut names = NamesTaken::new(reserved.iter().copied());
            let columns = model.fields.iter().map(|field| attribute(field.column.name.as_str()));
            let attributes = columns.map(|column| names.take(&column)).collect();
            let rowid = match model.identity {
                Identity::Rowid(rowid) => Some(names.take(rowid)),
                Identity::Key(_) => None,
            };
            let said = KeySaid::of(model);
            classes.push(Class { name: name.clone(), model, said, attributes, rowid, choices });
            taken.push(names);
        }
        Names { classes, enums, taken }
    }
}

/// Names that a module needs for itself.
const OF_MODULE: [&str; 14] = [
    "Any",
    "Base",
    "Choice",
    "Declared",
    "DeclarativeBase",
    "False",
    "Key",
    "Mapped",
    "None",
    "Stated",
    "Statement",
    "True",
    "TypeVar",
    "T",
];

/// Names that the body of a class needs, SQLAlchemy keeps, Python has for itself, or nobody can read (`l`, `O`, `I`).
const OF_CLASS: [&str; 60] = [
    "Any",
    "Base",
    "Choice",
    "Declared",
    "False",
    "I",
    "Key",
    "Mapped",
    "None",
    "O",
    "Stated",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "bool",
    "break",
    "bytes",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "float",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "int",
    "is",
    "l",
    "lambda",
    "list",
    "mapped_column",
    "metadata",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "registry",
    "relationship",
    "return",
    "sa",
    "str",
    "try",
    "type",
    "while",
    "with",
    "yield",
    "__debug__",
    "enum",
    "type_annotation_map",
];

/// A class to be.
pub(super) struct Class<'a> {
    pub(super) name: String,
    pub(super) model: &'a Model<'a>,
    pub(super) said: KeySaid,
    /// The attribute of each column, in their order.
    pub(super) attributes: Vec<String>,
    /// The attribute of the rowid, where that is the key.
    pub(super) rowid: Option<String>,
    /// The enum of each column whose values are listed.
    pub(super) choices: BTreeMap<Ident, String>,
}

impl Class<'_> {
    pub(super) fn attribute(&self, column: &Ident) -> &str {
        let at = self.model.fields.iter().position(|field| field.column.name == *column);
        at.and_then(|at| self.attributes.get(at)).map_or("", String::as_str)
    }
}

/// The name of an attribute for a column: its own, where it can be one.
fn attribute(column: &str) -> String {
    let simple = column.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !column.starts_with(|c: char| c.is_ascii_digit())
        && !column.starts_with("__")
        && !column.starts_with("_sa_")
        && !column.is_empty()
        && column != "_";
    if simple { column.to_owned() } else { snake(column) }
}
