//! The JSON Schema of `deviations.toml`, for editors that complete and check TOML by one.

use serde_json::{Value, json};

use crate::base::rule::AuditRule;

/// A key of an entry: name, whether an entry must have it, what it means.
type Key = (&'static str, bool, &'static str);

const RENAME: &[Key] = &[
    ("table", true, "The table, by its name in the spec"),
    ("column", false, "The column, by its name in the spec; leave it out if the table itself is renamed"),
    ("live", true, "Its name in the database"),
    ("reason", true, "Why the difference is intended"),
    ("link", false, "Where to read more"),
];

const DEVIATION: &[Key] = &[
    ("rule", true, "The rule that reports the difference"),
    ("table", false, "The table, by its name in the spec"),
    ("name", false, "The column, constraint, index, view or trigger, by its name in the spec"),
    ("expected", false, "What the spec says; leave it out if it says nothing"),
    ("actual", false, "What the database has; leave it out if it has nothing"),
    ("reason", true, "Why the difference is intended"),
    ("link", false, "Where to read more"),
    ("expires", false, "The last day on which the entry holds, as in 2027-06-30"),
];

const FILL: &[Key] = &[
    ("table", true, "The table, by its name in the spec"),
    ("column", true, "The column, by its name in the spec"),
    ("value", true, "The value that existing rows get: an SQL expression over the old row"),
    ("reason", true, "Why rows get this value"),
    ("link", false, "Where to read more"),
];

/// The schema (JSON Schema draft 7, which the TOML editors understand).
pub fn ledger_json_schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "deviations.toml",
        "description": "Intended differences between spec and database, each with its reason",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "rename": entries("Objects that have another name in the database", RENAME),
            "deviation": entries("Intended differences; each entry excuses exactly what it states", DEVIATION),
            "fill": entries("Values that existing rows get when a generated migration needs one", FILL),
        },
    })
}

fn entries(description: &str, keys: &[Key]) -> Value {
    let properties: serde_json::Map<String, Value> =
        keys.iter().map(|&(name, _, about)| (name.to_owned(), property(name, about))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.1).map(|key| key.0).collect();
    json!({
        "description": description,
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "required": required,
        },
    })
}

fn property(name: &str, about: &str) -> Value {
    match name {
        "rule" => {
            let codes: Vec<&str> = AuditRule::all().map(AuditRule::as_str).collect();
            json!({ "description": about, "type": "string", "enum": codes })
        }
        // Editors hand a TOML date over as a string of this format.
        "expires" => json!({ "description": about, "type": "string", "format": "date" }),
        "reason" => json!({ "description": about, "type": "string", "pattern": "\\S" }),
        _ => json!({ "description": about, "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Ledger;
    use crate::base::source::SourceFile;

    fn accepted(text: &str) -> bool {
        Ledger::parse(&SourceFile::new("deviations.toml", text)).is_ok()
    }

    fn entry(kind: &str, keys: &[Key], left_out: &str) -> String {
        let line = |name: &str| match name {
            "rule" => "rule = \"column-default\"\n".to_owned(),
            "expires" => "expires = 2027-06-30\n".to_owned(),
            _ => format!("{name} = \"x\"\n"),
        };
        let keys = keys.iter().filter(|key| key.0 != left_out);
        format!("[[{kind}]]\n{}", keys.map(|key| line(key.0)).collect::<String>())
    }

    /// Law: the reader takes each key that the schema names, needs those that it requires, and knows no others.
    #[test]
    fn the_schema_says_what_the_reader_takes() {
        for (kind, keys) in [("rename", RENAME), ("deviation", DEVIATION), ("fill", FILL)] {
            assert!(accepted(&entry(kind, keys, "")), "{kind}");
            for &(name, required, _) in keys {
                assert_eq!(accepted(&entry(kind, keys, name)), !required, "{kind} without {name}");
            }
            let unknown = format!("[[{kind}]]\nnonsense = 1\n");
            let error = Ledger::parse(&SourceFile::new("deviations.toml", unknown)).unwrap_err();
            let known = error.help_text().unwrap().strip_prefix("known: ").unwrap();
            let known: Vec<&str> = known.split(", ").map(|name| name.trim_matches('`')).collect();
            assert_eq!(known, keys.iter().map(|key| key.0).collect::<Vec<_>>());
        }
    }
}
