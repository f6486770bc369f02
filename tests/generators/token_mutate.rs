//! Changes one place of a script, token by token, whatever it says: also what no model foresees.

use planctl::internals::sql::{Kind, Token, tokens};

use super::dice::Dice;

/// Words of which one may stand for another.
const GROUPS: [&[&str]; 16] = [
    &["=", "<>", "<", "<=", ">", ">=", "==", "!="],
    &["+", "-", "*", "||", "%", "&", "|", "<<"],
    &["AND", "OR"],
    &["ASC", "DESC"],
    &["NOCASE", "RTRIM", "BINARY"],
    &["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"],
    &["CASCADE", "RESTRICT"],
    &["BEFORE", "AFTER"],
    &["INSERT", "DELETE", "UPDATE"],
    &["STORED", "VIRTUAL"],
    &["UNION", "EXCEPT", "INTERSECT"],
    &["LIKE", "GLOB", "IS"],
    &["JOIN", "LEFT JOIN", "CROSS JOIN"],
    &["INTEGER", "INT", "TEXT", "REAL", "BLOB", "NUMERIC", "ANY", "DATETIME", "VARCHAR"],
    &["lower", "upper", "length", "abs", "hex", "trim", "typeof", "max", "count"],
    &["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE"],
];

/// What may be put in anywhere.
const ADDED: [&str; 16] = [
    "NOT",
    "NULL",
    "DESC",
    "DISTINCT",
    "COLLATE NOCASE",
    "COLLATE BINARY",
    "ON CONFLICT IGNORE",
    "ON CONFLICT ABORT",
    "NOT NULL",
    "UNIQUE",
    "DEFAULT 1",
    "+",
    "-",
    "ALL",
    "WHERE 1",
    "LIMIT 1",
];

/// `script` with one change somewhere; it may be no valid SQL any more.
pub fn mutate(script: &str, dice: &mut Dice) -> String {
    let all: Vec<Token<'_>> = tokens(script).collect();
    let at = dice.below(all.len());
    let token = all[at];
    let (from, to, text) = match dice.below(10) {
        // Something is left out.
        0 | 1 => {
            let last = (at + dice.below(3)).min(all.len() - 1);
            (token.start, all[last].end(), String::new())
        }
        // Two neighbours change places.
        2 if at + 1 < all.len() => {
            let next = all[at + 1];
            (token.start, next.end(), format!("{} {}", next.text, token.text))
        }
        3 => (token.start, token.start, format!("{} ", dice.pick(&ADDED))),
        // A part from somewhere else.
        4 => (token.start, token.end(), dice.of(&all).text.to_owned()),
        _ => (token.start, token.end(), other(&token, dice)),
    };
    format!("{} {text} {}", &script[..from], &script[to..])
}

fn other(token: &Token<'_>, dice: &mut Dice) -> String {
    let text = token.text;
    match token.kind {
        Kind::Number => match dice.below(5) {
            0 => format!("{text}1"),
            1 => format!("'{text}'"),
            2 => format!("{text}.0"),
            3 => format!("-{text}"),
            _ => format!("{text}.5"),
        },
        Kind::String => {
            let inner = &text[1..text.len() - 1];
            match dice.below(6) {
                0 => format!("'{inner} '"),
                1 => format!("'{}'", inner.to_ascii_uppercase()),
                2 => format!("'{inner}z'"),
                3 => format!("x'{inner}'"),
                4 => format!("\"{}\"", inner.replace('"', "")),
                _ => "''".to_owned(),
            }
        }
        Kind::Blob => dice.pick(&["x''", "x'ab01'", "'ab'", "NULL"]).to_owned(),
        Kind::Quoted => {
            let name = token.unquoted();
            match dice.below(3) {
                0 => format!("\"{}z\"", name.replace('"', "\"\"")),
                1 => format!("'{}'", name.replace('\'', "''")),
                _ => format!("\"{}\"", name.to_ascii_uppercase().replace('"', "\"\"")),
            }
        }
        _ => {
            let group = GROUPS.iter().find(|group| group.iter().any(|word| text.eq_ignore_ascii_case(word)));
            group.map_or_else(String::new, |group| dice.pick(group).to_owned())
        }
    }
}
