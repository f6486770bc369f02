//! SQLAlchemy 2 declarative classes.

mod class;
mod head;
mod helpers;
mod layout;
mod names;
mod relationship;
mod statements;
mod table;

use self::layout::{Code, Lines};
use self::names::Names;
use self::relationship::relationships;
use super::facts::{Facts, Source};
use super::made::Made;
use super::names::{NamesTaken, capitals};
use super::value::Literal;

/// The module.
pub(super) fn module(source: &Source<'_>, facts: &Facts<'_>, made: &Made) -> String {
    let Names { classes, enums, mut taken } = Names::of(facts);
    let relationships = relationships(source, facts, &classes, &mut taken);
    let mut body = Lines::default();
    for (name, literals) in &enums {
        write_enum(&mut body, name, literals);
    }
    for class in &classes {
        class::write(&mut body, source, facts, class, &classes, &relationships);
    }
    statements::write(&mut body, source, facts);
    head::module(source, facts, made, &relationship::orderless(&classes, &relationships), &body.out)
}

fn write_enum(lines: &mut Lines, name: &str, literals: &[Literal]) {
    let is_text = literals.iter().any(|literal| matches!(literal, Literal::Text(_)));
    let base = if is_text { "str, enum.Enum" } else { "enum.IntEnum" };
    lines.line(0, "");
    lines.line(0, "");
    lines.line(0, &format!("class {name}({base}):"));
    // A member of this name would be a method's.
    let mut names = NamesTaken::new(["I", "O"]);
    for literal in literals {
        let (member, value) = match literal {
            Literal::Text(text) if text.is_empty() => ("EMPTY".to_owned(), Code::text("")),
            Literal::Text(text) => (capitals(text), Code::text(text)),
            Literal::Integer(value) if *value < 0 => {
                (format!("MINUS_{}", value.unsigned_abs()), Code::plain(value.to_string()))
            }
            Literal::Integer(value) => (format!("V{value}"), Code::plain(value.to_string())),
        };
        let member = names.take(&member);
        lines.assigned(4, &member, &value);
    }
}
